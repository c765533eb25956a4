"""Latent answers that the documents say after all.

A latent question is only latent if its answer is not said.  For each one this looks for *offenders*:
sentences, in any document, that state the answer in the asked direction or in the reverse one.  Texts are
compared as in ``text``: by whole words, without case, punctuation and compatibility forms.  Articles at
the start of a term do not count, and a term inside a longer one ("Olm" in "Olm Bridge") is no mention of its
own.  A sentence offends if any of these rules says so:

1. **The answer sentence.**  The answer is itself a sentence (three words or more, with a mark at its end),
   and its words stand in the sentence in a row.
2. **The statement**, for questions that have one.  Subject and object each stand in the sentence, their
   words in a row, and so does every word of the relation that is not a function word, anywhere.
3. **The terms**, for questions that have neither a statement nor a sentence as answer.  The answer stands
   in the sentence, and so does every term of the question.  Terms are its numbers, its quoted spans and
   its capitalised spans of more than one character; function words before a span do not count, nor does a
   span that is only the first word of a sentence there; nor does a term each of whose words stands in more
   than half of the documents, since it tells no statement from another.  If there is no term, or the question is
   in a script without capitals: at least two thirds of the question's content words, and every term.

**Where the fact itself must stand.**  A latent question that needs *one* document (or pieces of one file)
is a reversal of something said there.  In that document only the asked direction offends under rules 2 and
3: what the question names comes first and the answer after it.  (Under rule 2 this takes an answer that is
the subject or the object; with any other answer nothing there offends.)  All other documents, and all
documents of a question that needs several or does not say what it needs, offend in either direction.

What this cannot see: other words for the same relation or the same thing, statements spread over several
sentences, and answers such as "yes" that no sentence would name.  Function words are English ones and those of the
commonest languages without capitals; of others, all words count.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil

import regex

from obverse.tasks.documents import source
from obverse.text.scripts import ARTICLES
from obverse.text.segmentation import FUNCTION_WORDS, content_words, ends_sentence, sentences, words
from obverse.types import Document, Question, Task

# Below this many documents a word of more than half of them may still be what tells one from another.
_FEW_DOCUMENTS = 10
_QUOTED = re.compile(
    r"[\"\u201c\u201e\u00ab]([^\"\u201c\u201d\u00bb]+)[\"\u201c\u201d\u00bb]|(?<!\w)['\u2018]([^'\u2018\u2019]+)['\u2019](?!\w)"
    r"|[\u300c\u300e\u300a\u3008]([^\u300d\u300f\u300b\u3009]+)[\u300d\u300f\u300b\u3009]"
)
_POSSESSIVE = re.compile(r"['\u2019]s\b")
_CAPITAL_OR_SMALL = regex.compile(r"(?V1)[\p{Lu}\p{Ll}--\p{Georgian}]")
_NEITHER = regex.compile(r"(?V1)[\p{Lo}\p{Georgian}--\p{Latin}]")


@dataclass(frozen=True)
class Leak:
    """A sentence that says what a latent question asks for.

    Args:
        question: id of the question.
        document: id of the document.
        sentence: as it stands there, white space collapsed.
        reason: which rule it broke.
    """

    question: str
    document: str
    sentence: str
    reason: str


@dataclass(frozen=True)
class _Sentence:
    """A sentence of a document, and its words as one padded string that phrases are sought in."""

    document: str
    text: str
    padded: str


@dataclass(frozen=True)
class _Search:
    """What a sentence must hold to offend; all strings are padded as ``_padded`` does.

    Args:
        named: what the question names.
        at_least: how many of ``named`` must be there.
        answer: the answer; ``None`` if none of the phrases is it.
        relation: words that must be there as well, anywhere.
        directed: whether the fact itself, in the stated direction, is no offence in the needed document.
    """

    reason: str
    named: tuple[str, ...]
    at_least: int
    answer: str | None
    relation: tuple[str, ...] = ()
    directed: bool = True

    @property
    def required(self) -> tuple[str, ...]:
        """The phrases that no offending sentence lacks."""
        named = self.named if self.at_least == len(self.named) else ()
        return (*named, *self.relation, *([self.answer] if self.answer else []))


def find_leaks(task: Task) -> tuple[Leak, ...]:
    """The sentences of the task's documents that say what a latent question asks for.

    They come in the order of the questions, for each in the order of the documents, and each once a question.
    The rules are those of this module's text.
    """
    general = _general_words(task.documents)
    searches = [(question, _searches(question, general)) for question in task.questions if question.latent]
    wanted = {
        word
        for _, found in searches
        for search in found
        for phrase in search.required
        for word in phrase.split()
    }
    stock = [
        _Sentence(document.id, sentence, _padded(words(sentence)))
        for document in task.documents
        for sentence in sentences(document.text)
    ]
    index: dict[str, list[int]] = defaultdict(list)
    for number, sentence in enumerate(stock):
        for word in wanted.intersection(sentence.padded.split()):
            index[word].append(number)
    leaks: list[Leak] = []
    for question, found in searches:
        home = _home(question)
        offenders: dict[int, str] = {}
        for search in found:
            # The rarest word leaves the fewest sentences to look at.
            rarest = min(
                (word for phrase in search.required for word in phrase.split()),
                key=lambda word: len(index[word]),
            )
            for number in index[rarest]:
                if _offends(search, stock[number].padded, stock[number].document in home):
                    offenders.setdefault(number, search.reason)
        leaks.extend(
            Leak(question.id, stock[number].document, stock[number].text, offenders[number])
            for number in sorted(offenders)
        )
    return tuple(leaks)


def _general_words(documents: Sequence[Document]) -> frozenset[str]:
    """Words of more than half of the documents, where there are enough to tell."""
    if len(documents) < _FEW_DOCUMENTS:
        return frozenset()
    count = Counter(word for document in documents for word in set(words(document.text)))
    return frozenset(word for word, found in count.items() if found * 2 > len(documents))


def _home(question: Question) -> frozenset[str]:
    """The needed document of a question that needs one (or the pieces of one file); else nothing."""
    return frozenset(question.needs if len({source(need) for need in question.needs}) == 1 else ())


def _offends(search: _Search, sentence: str, at_home: bool) -> bool:
    """Whether the sentence holds what is sought; at home, whether the answer comes after what is named."""
    if not all(word in sentence for word in search.relation):
        return False
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    rest = sentence
    # A phrase inside a longer one that was found is not another mention: found phrases are blanked out.
    for phrase in sorted({*search.named, *([search.answer] if search.answer else [])}, key=len, reverse=True):
        if phrase in rest:
            first[phrase], last[phrase] = rest.find(phrase), rest.rfind(phrase)
            rest = rest.replace(phrase, "_" * len(phrase))
    if search.answer and search.answer not in first:
        return False
    starts = [first[phrase] for phrase in search.named if phrase in first]
    if at_home and search.directed:
        answer_start = last[search.answer] if search.answer else 0
        starts = [start for start in starts if start < answer_start]
    return len(starts) >= search.at_least


def _searches(question: Question, general: frozenset[str]) -> list[_Search]:
    """What to look for, by the three rules."""
    answer = _phrase(question.answer)
    is_sentence = ends_sentence(question.answer) and len(words(question.answer)) >= 3
    searches = []
    if is_sentence:
        searches.append(_Search("the answer stands there as a sentence", (), 0, answer, directed=False))
    if question.statement:
        searches.extend(_statement_search(question.statement, answer))
    elif not is_sentence:
        searches.extend(_term_search(question, answer, general))
    return searches


def _statement_search(statement: tuple[str, str, str], answer: str | None) -> Iterator[_Search]:
    subject, object_ = _phrase(statement[0]), _phrase(statement[2])
    if not subject or not object_:
        return
    relation = tuple(_padded(word.split()) for word in content_words(statement[1]))
    reason = "subject, relation and object stand in one sentence"
    asked = _which(answer, subject, object_)
    if asked is None:
        yield _Search(reason, (subject, object_), 2, None, relation)
    else:
        yield _Search(reason, (object_ if asked == subject else subject,), 1, asked, relation)


def _which(answer: str | None, subject: str, object_: str) -> str | None:
    """Subject or object, whichever the answer is, or else is part of or has as part."""
    if not answer:
        return None
    for part in (subject, object_):
        if part == answer:
            return part
    for part in (subject, object_):
        if part in answer or answer in part:
            return part
    return None


def _term_search(question: Question, answer: str | None, general: frozenset[str]) -> Iterator[_Search]:
    if not answer:
        return
    reason = "the question's terms and the answer stand in one sentence"
    terms = tuple(
        term for term in _terms(question.prompt) if term != answer and not general.issuperset(term.split())
    )
    caseless = len(_NEITHER.findall(question.prompt)) > len(_CAPITAL_OR_SMALL.findall(question.prompt))
    if terms and not caseless:
        yield _Search(reason, terms, len(terms), answer)
        return
    known = set(answer.split())
    content = tuple(
        dict.fromkeys(
            _padded(word.split())
            for word in content_words(question.prompt)
            if not known.issuperset(word.split())
        )
    )
    if content:
        yield _Search(reason, content, ceil(len(content) * 2 / 3), answer, terms)


def _terms(prompt: str) -> tuple[str, ...]:
    """The numbers, quoted spans and capitalised spans of a question, each once."""
    text = _POSSESSIVE.sub("", prompt)
    spans = [words(quoted.group()) for quoted in _QUOTED.finditer(text)]
    for sentence in sentences(_QUOTED.sub(" , ", text)):
        spans.extend(_capitalised(sentence.split()))
    phrases = (
        _padded(_without_articles(span))
        for span in spans
        if len("".join(span)) > 1 or "".join(span).isdigit()
    )
    return tuple(dict.fromkeys(phrases))


def _capitalised(tokens: Sequence[str]) -> Iterator[list[str]]:
    """The words of each run of capitalised or numeric tokens of a sentence, but for its mere first word."""
    run: list[str] = []
    begin = 0
    for number, token in enumerate([*tokens, ""]):
        found = words(token)
        initial = next((character for character in token if character.isalnum()), "")
        leads = initial.isupper() or initial.isdigit()
        if leads and (run or not FUNCTION_WORDS.issuperset(found)):
            begin = begin if run else number
            run = [*run, *found]
        if run and (not leads or token.endswith((",", ";", ":"))):
            if begin > 0 or len(run) > 1 or run[0].isdigit():
                yield run
            run = []


def _phrase(text: str) -> str | None:
    """The words of a term as one string to seek; ``None`` if it has none."""
    found = words(text)
    return _padded(_without_articles(found)) if found else None


def _without_articles(found: list[str]) -> list[str]:
    return found[1:] if len(found) > 1 and found[0] in ARTICLES else found


def _padded(found: Sequence[str]) -> str:
    """Each word with a space on both its sides, so that phrases are found at word boundaries only."""
    return "".join(f" {word} " for word in found)
