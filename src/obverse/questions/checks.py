"""Checks of a question by words alone: no model is needed, and hand-written questions are checked the same way.

Each check is a function of a question and its documents that says what is wrong, or nothing.  What a check has nothing
to go by for passes it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from obverse.augmentation.proper_names import WORDS, occurs
from obverse.questions.corpus import Corpus, place_of, says
from obverse.questions.kinds import ABSENT
from obverse.questions.languages import language_of, script_of
from obverse.tasks.choices import first_equal, nested
from obverse.tasks.documents import source
from obverse.tasks.leaks import find_leaks
from obverse.tasks.places import quote
from obverse.text.comparable import compared
from obverse.text.segmentation import content_words, normalise
from obverse.types import Question, Task

Check = Callable[[Question, Corpus], str]

_MOST_SAME_WORDS = 0.5
_LEAST_ALIKE = 2 / 3
# In so large a part of the documents a name stands that tells none from another.
_GENERAL = 0.3
_FEW_DOCUMENTS = 10
_FILE_NAME = re.compile(r"[\w-]+\.(?:md|txt|pdf|docx?|html?|rst|jsonl?|csv)\b|\[\d+\]", re.IGNORECASE)


def grounded(question: Question, corpus: Corpus) -> str:
    """The needed documents name what the question names, and say its answer; of a latent one, all words of it."""
    if not question.needs:
        return ""
    texts = corpus.texts(question.needs)
    for mention in corpus.mentions(question.prompt):
        if mention.sort not in WORDS and not any(occurs(mention.key, text) for text in texts):
            return f"the needed documents do not name {quote(mention.text)}"
    if question.kind == ABSENT or any(says(text, question.answer) for text in texts):
        return ""
    if not question.latent:
        return "no needed document says the answer"
    known = {word for text in (*texts, question.prompt) for word in content_words(text)}
    missing = [word for word in content_words(question.answer) if not _known(word, known)]
    return f"the answer's word {quote(missing[0])} stands in no needed document" if missing else ""


def needed(question: Question, corpus: Corpus) -> str:
    """Of several needed documents none alone names something of the question and says its answer.

    Where the answer is one of the things that are compared, none alone names all that the question names.
    """
    texts = {id: corpus.by_id[id].text for id in question.needs}
    if not question.latent or len(set(map(source, texts))) < 2:
        return ""
    keys = [key for key in corpus.keys(question.prompt) if not is_general(key, corpus)]
    for id, text in texts.items():
        named = [key for key in keys if occurs(key, text)]
        enough = len(named) == len(keys) if says(question.prompt, question.answer) else bool(named)
        if keys and enough and says(text, question.answer):
            return f"{quote(id)} alone names {quote(named[0])} and says the answer"
    return ""


def direction(question: Question, corpus: Corpus) -> str:
    """What a reversal names stands behind its answer in the document, of a recall question before it."""
    if question.kind not in ("recall", "reworded", "reversal"):
        return ""
    names = [mention.text for mention in corpus.mentions(question.prompt)]
    reverse = question.kind == "reversal"
    found = False
    for text in corpus.texts(question.needs):
        answered = place_of(question.answer, text, last=not reverse)
        named = [place for name in names if (place := place_of(name, text, last=reverse)) is not None]
        if answered is None or not named:
            continue
        found = True
        if (answered < max(named)) if reverse else (min(named) < answered):
            return ""
    if not found:
        return ""
    return f"the document has what it names {'before' if reverse else 'behind'} the answer"


def reworded(question: Question, corpus: Corpus) -> str:
    """Of the words of a reworded question, names aside, at most half stand in the sentence that says the answer."""
    if question.kind != "reworded":
        return ""
    found = corpus.sentence_behind(question.prompt, question.answer, question.needs)
    if found is None:
        return ""
    named = {word for mention in corpus.mentions(question.prompt) for word in normalise(mention.text).split()}
    rare = {mention.key for mention in corpus.mentions(question.prompt) if mention.sort in WORDS}
    own = [word for word in content_words(question.prompt) if word not in named or word in rare]
    same = [word for word in own if occurs(word, found.text)]
    if own and len(same) / len(own) > _MOST_SAME_WORDS:
        return f"its words are those of the document ({', '.join(same[:3])})"
    return ""


def unsaid(question: Question, corpus: Corpus) -> str:
    """Of what is not in the documents, no sentence has the names of the question and most of its other words."""
    if question.kind != ABSENT:
        return ""
    asked = set(content_words(question.prompt))
    for sentence in corpus.saying_all(corpus.keys(question.prompt)):
        if sum(occurs(word, sentence.text) for word in asked) > _LEAST_ALIKE * len(asked):
            return f"a document may say it: {quote(sentence.text)}"
    return ""


def wording(question: Question, corpus: Corpus) -> str:
    """It speaks of no text and no file, and its pronouns have something before them that they can stand for."""
    prompt = question.prompt
    language = language_of(prompt) or corpus.spoken
    if said := language.speaks_of_a_text(prompt):
        return f"it speaks of a text ({quote(said)})"
    file = _FILE_NAME.search(prompt)
    ids = (id for id in question.needs if not id.isalpha() and id in prompt)
    if named := (file.group() if file else next(ids, "")):
        return f"it speaks of a file ({quote(named)})"
    pronoun = language.first_pronoun(prompt)
    if pronoun and not any(mention.end <= pronoun[0] for mention in corpus.mentions(prompt)):
        return f"{quote(pronoun[1])} stands for nothing that it names"
    return ""


def language(question: Question, corpus: Corpus) -> str:
    """It is in the language of its documents, or of all, where that is known."""
    texts = " ".join(corpus.texts(question.needs)) or " ".join(one.text for one in corpus.documents[:9])
    asked, told = language_of(question.prompt), language_of(texts)
    if asked and told and asked is not told:
        return f"it is in {asked.name.capitalize()}, and its documents in {told.name.capitalize()}"
    scripts = script_of(question.prompt), script_of(texts)
    if all(scripts) and scripts[0] != scripts[1]:
        return f"it is in the script {scripts[0]}, and its documents in {scripts[1]}"
    return ""


def choices(question: Question, _: Corpus) -> str:
    """Its choices differ in more than dress, none stands in another, and it does not name the right one alone."""
    if len(question.choices) < 2:
        return "there are no wrong choices"
    if equal := first_equal(question.choices):
        return f"the choices {quote(equal[0])} and {quote(equal[1])} say the same"
    if inside := next(nested(question.choices), None):
        return f"the choice {quote(inside[0])} stands in {quote(inside[1])}"
    named = [choice for choice in question.choices if says(question.prompt, choice)]
    return "it names its answer" if named == [question.answer] else ""


CHECKS: Mapping[str, Check] = {
    "wording": wording,
    "language": language,
    "grounded": grounded,
    "needed": needed,
    "direction": direction,
    "reworded": reworded,
    "unsaid": unsaid,
    "choices": choices,
}
"""The checks of single questions, in the order in which a reason is looked for."""


def leaks(questions: Sequence[Question], corpus: Corpus) -> dict[str, str]:
    """For each latent question whose answer a document says, the first sentence that does, by its id."""
    asked = tuple(question for question in questions if question.kind != ABSENT)
    found: dict[str, str] = {}
    for leak in find_leaks(Task("questions", corpus.documents, asked)):
        found.setdefault(leak.question, f"{quote(leak.document)} says it: {quote(leak.sentence)}")
    return found


def sameness(question: Question) -> tuple[tuple[str, ...], ...]:
    """Two keys, either of which a question shares with one that asks the same."""
    asked = tuple(sorted(set(content_words(question.prompt))))
    return (
        ("words", *normalise(question.prompt).split()),
        ("asked", *asked, "answer", *compared(question.answer)),
    )


def is_general(key: str, corpus: Corpus) -> bool:
    """Whether a name stands in so many documents that it tells none from another."""
    return len(corpus.documents) >= _FEW_DOCUMENTS and corpus.naming_count[key] > _GENERAL * len(
        corpus.documents
    )


def _known(word: str, known: set[str]) -> bool:
    """Whether a word, or one with another ending, is among those known."""
    return word in known or any(
        len(other) >= 4 and len(word) >= 4 and word[:4] == other[:4] and abs(len(word) - len(other)) <= 3
        for other in known
    )
