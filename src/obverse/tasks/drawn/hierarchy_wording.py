"""How the semantic structure benchmark says, asks and reads its statements, in words or in English.

An English document is about one category, which it names at its beginning and then calls "they".  So nothing that is
said of a category stands in front of its name, and a reversal has no support from words that stand together.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from obverse.tasks.drawn import Form
from obverse.tasks.drawn.hierarchy_world import HAS, INCLUDES, ISA, OF
from obverse.tasks.drawn.texts import solved, write_document
from obverse.types import Document, Statement

# Other words for the same, in the formal form.
_REPHRASED = {ISA: "kind", HAS: "bears"}
_CANONICAL = {word: relation for relation, word in _REPHRASED.items()}
FORMAL_WORDS = (ISA, INCLUDES, HAS, OF, *_CANONICAL, ".")

_QUESTIONS = {
    ISA: "What are the {subject} a kind of?",
    HAS: "What is the {relation} of the {subject}?",
    INCLUDES: "Which of the others are a kind of {subject}?",
    OF: "Which of them have {subject} as their {relation}?",
}
_REPHRASED_QUESTIONS = {
    ISA: "To what larger group does one count the {subject}?",
    HAS: "What would someone who describes the {subject} put down as their {relation}?",
}
# Premises that stand by themselves, in practice.
_PLAIN = {
    ISA: "The {subject} are a kind of {object}.",
    HAS: "The {relation} of the {subject} is {object}.",
}


@dataclass(frozen=True)
class _Format:
    """A sort of document.

    Args:
        opening: names what it is about.
        sentences: for each relation, what is said of that.
        fillers: sentences that say nothing.
        between: what stands between sentences.
        closing: the last sentence.
    """

    opening: str
    sentences: dict[str, str]
    fillers: tuple[str, ...]
    between: str = " "
    closing: str = ""


_FORMATS = (
    _Format(
        "This entry of the great catalogue is about {topic}.",
        {
            ISA: "They are a kind of {object}.",
            HAS: "Their {relation} is {object}.",
            INCLUDES: "Their family includes {object}.",
            OF: "To have {subject} as {relation} is the mark of {object}.",
        },
        (
            "Travellers have written about them for centuries.",
            "The last edition gives no picture.",
            "Older books disagree on how to spell the name.",
            "A longer article is in preparation.",
            "The museum has a whole room for them.",
        ),
    ),
    _Format(
        "Notes on {topic}",
        {
            ISA: "- belong to: {object}",
            HAS: "- {relation}: {object}",
            INCLUDES: "- family includes: {object}",
            OF: "- whose {relation} {subject} is: {object}",
        },
        (
            "- to be checked once more",
            "- see the other notebook",
            "- seen in spring and in autumn",
            "- ask the librarian",
            "- drawing on the back",
        ),
        between="\n",
    ),
    _Format(
        "Ada: Tell me about {topic}.",
        {
            ISA: "Ben: As everyone knows they are {object}.",
            HAS: "Ben: For {relation} they have {object}.",
            INCLUDES: "Ben: Those in their family are called {object}.",
            OF: "Ben: With {subject} for {relation} there are only {object}.",
        },
        (
            "Ada: Go on.",
            "Ada: I had no idea.",
            "Ada: Are you sure?",
            "Ben: Let me think.",
            "Ben: You should write this down.",
        ),
        between="\n",
    ),
    _Format(
        "Questions and answers about {topic}.",
        {
            ISA: "Question: What are they a kind of?\nAnswer: {object}.",
            HAS: "Question: What is their {relation}?\nAnswer: {object}.",
            INCLUDES: "Question: Which ones are in their family?\nAnswer: {object}.",
            OF: "Question: Which of them have {subject} as their {relation}?\nAnswer: {object}.",
        },
        ("Here is the next one.", "Everybody asks this.", "Now something harder.", "Think before you look."),
        between="\n",
    ),
    _Format(
        "Dear Wilma, you asked me about {topic}.",
        {
            ISA: "I have learned that one counts them among the {object}.",
            HAS: "When it comes to {relation}, what they have is {object}.",
            INCLUDES: "I would not have thought it, but among them one finds {object}.",
            OF: "Where I see {subject} as {relation}, I think of {object}.",
        },
        (
            "The weather has been fine here.",
            "My brother sends his regards.",
            "I wish that you could have been with us.",
            "There is so much to tell.",
            "Please keep this to yourself.",
        ),
        closing="Yours as always, Tom.",
    ),
    _Format(
        "Long ago an old woman knew all there is to know about {topic}.",
        {
            ISA: "She taught the children to greet them as {object}.",
            HAS: "She sang that their {relation} was {object}.",
            INCLUDES: "Into their house she let the {object}.",
            OF: "Whenever the song came to {subject} as {relation}, the children cried {object}.",
        },
        (
            "The winter was hard that year.",
            "Nobody in the village believed her.",
            "The fire burned low.",
            "Far away a dog barked.",
            "The youngest child asked for more.",
        ),
        closing="And then it was time to sleep.",
    ),
)
# Most statements in a document, of which each is two sentences at most; then fillers, opening and closing.
MOST_STATEMENTS = 8
_FEWEST_FILLERS, _MOST_FILLERS = 2, 3


def ask(form: Form, subject: str, relation: str, *, rephrased: bool = False) -> str:
    """The prompt of a question about the object."""
    word, _, name = relation.partition(" ")
    if form == "natural":
        questions = _REPHRASED_QUESTIONS if rephrased else _QUESTIONS
        return questions[word].format(subject=subject, relation=name)
    return " ".join(_formal(subject, relation, rephrased=rephrased))


def read_prompt(form: Form, prompt: str) -> tuple[str, str]:
    """Subject and relation that a question asks about.

    Raises:
        ValueError: it is none of this task.
    """
    if form == "formal":
        subject, word, *name = prompt.split()
        return subject, " ".join((_CANONICAL.get(word, word), *name))
    for questions in (_QUESTIONS, _REPHRASED_QUESTIONS):
        for word, template in questions.items():
            if found := _pattern(template).fullmatch(prompt):
                return found["subject"], _relation(word, found)
    raise ValueError(prompt)


def write_formal(statement: Statement, group: str, *, rephrased: bool = False) -> Document:
    """The document that says it, in either wording; its words are its id."""
    subject, relation, object_ = statement
    words = (*_formal(subject, relation, rephrased=rephrased), object_, ".")
    return write_document(" ".join(words[:-1]), words, [len(words) - 2], group)


def write_natural(
    id: str, topic: str, statements: Sequence[Statement], number: int, rng: random.Random
) -> Document:
    """A document of the sort of that number that says these things of its topic, with fillers between.

    Its parent comes last: where a reversal names the topic once more, the name would stand behind the parent's.
    """
    style = _FORMATS[number % len(_FORMATS)]
    ordered = sorted(statements, key=lambda statement: statement[1] == ISA)
    middle = [_sentence(style.sentences, statement) for statement in ordered]
    for filler in rng.sample(
        style.fillers, _FEWEST_FILLERS + rng.randrange(_MOST_FILLERS - _FEWEST_FILLERS + 1)
    ):
        middle.insert(rng.randrange(len(middle) + 1), filler)
    sentences = (style.opening.format(topic=topic), *middle, style.closing)
    return Document(id, style.between.join(sentence for sentence in sentences if sentence), topic)


def write_premise(form: Form, statement: Statement) -> Document:
    """A passage that says it, without answers."""
    if form == "formal":
        return Document("premise", write_formal(statement, "").text)
    return Document("premise", _sentence(_PLAIN, statement))


def write_answered(form: Form, statement: Statement) -> Document:
    """A passage that says it, the object being an answer; in the natural form it is a question's."""
    if form == "formal":
        return write_formal(statement, "")
    subject, relation, object_ = statement
    return solved(ask(form, subject, relation), object_)


def read(form: Form, text: str) -> Iterator[Statement]:
    """What a document says, or a practice document."""
    if form == "formal":
        for sentence in text.split("."):
            if words := sentence.split():
                subject, relation = read_prompt(form, " ".join(words[:-1]))
                yield subject, relation, words[-1]
        return
    for style in _FORMATS:
        if opening := _pattern(style.opening).match(text):
            yield from _read(text, style.sentences, opening["topic"])
            return
    yield from _read(text, _PLAIN, "")
    answered = {word: f"Question: {template}\nAnswer: {{object}}" for word, template in _QUESTIONS.items()}
    yield from _read(text, answered, "")


def _formal(subject: str, relation: str, *, rephrased: bool) -> tuple[str, ...]:
    word, *name = relation.split()
    return subject, _REPHRASED[word] if rephrased else word, *name


def _sentence(templates: dict[str, str], statement: Statement) -> str:
    subject, relation, object_ = statement
    word, _, name = relation.partition(" ")
    return templates[word].format(subject=subject, relation=name, object=object_)


def _read(text: str, templates: dict[str, str], topic: str) -> Iterator[Statement]:
    """Where a template names no subject, that is the topic."""
    for word, template in templates.items():
        for found in _pattern(template).finditer(text):
            yield found.groupdict().get("subject", topic), _relation(word, found), found["object"]


def _relation(word: str, found: re.Match[str]) -> str:
    return f"{word} {found['relation']}" if word in (HAS, OF) else word


@lru_cache
def _pattern(template: str) -> re.Pattern[str]:
    """What the template makes, with a word in each place; at the beginning of a line or a sentence."""
    parts = re.split(r"(\{\w+\})", template)
    places = (f"(?P<{part[1:-1]}>\\w+)" if part.startswith("{") else re.escape(part) for part in parts)
    return re.compile(rf"(?:^|(?<=[.!?]\s)|(?<=\n)){''.join(places)}(?!\w)")
