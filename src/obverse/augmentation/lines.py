"""A generator's text taken apart into lines, each of which is checked, counted and trained on by itself.

What a generator writes around them goes: numbers and bullets, quotation marks, labels, what it says to the user, what
it thought first.  A line that repeats a sentence of its source word for word says nothing new, and what breaks off or
asks says nothing; they are counted instead.  Whatever comes, nothing is raised: a text of which nothing is left has a
fault, which says why.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import regex

from obverse.augmentation.proper_names import names_of, occurs
from obverse.augmentation.writing import Assignment, Written
from obverse.text.labels import ANSWER, COLON, CONCLUSION, HENCE, QUESTION
from obverse.text.scripts import CLAUSED, TERMINATORS
from obverse.text.segmentation import (
    CLOSERS,
    asks,
    ends_sentence,
    normalise,
    sentences,
    split_sentences,
    words,
)
from obverse.types import Document, content_hash

_STOP = rf"(?:[.!?\u2026][{CLOSERS}]*(?=\s|\Z)|[{TERMINATORS}\uff0e][{CLOSERS}]*)"
_ENDED = re.compile(rf".*(?:\n|{_STOP})", re.DOTALL)
# A script whose sentences have no mark is cut at a space.
_ENDED_UNMARKED = regex.compile(rf".*[{CLAUSED}]\p{{M}}*\s", re.DOTALL)
_UNMARKED = regex.compile(rf"[{CLAUSED}]\p{{M}}*[{CLOSERS}]*\s*\Z")
# Behind a line that has not ended, one that goes on with it.
_GOING_ON = re.compile(r"\W*(\w)")
_ITEM = re.compile(
    r"\s*(?:>\s+)?(?:[-*+\u2022\u2023\u25e6\u2013\u2014]\s+|\(?\d{1,3}[.):]\s+|\(?[a-z]\)\s+"
    r"|[\uff08(]?\d{1,3}[\u3001\uff0e\uff09\uff1a]\s*|[\u2460-\u2473\u30fb\u25cf\u25aa\u25c6\u25a0]\s*)"
)
_LABEL = re.compile(
    r"(?:re(?:phrased?|phrasing|versed?|versal|written|stated)|paraphrased?|sentence|statement|conclusion|version|fact"
    r"|inference|answer)(?:\s+(?:sentence|statement|fact|version))?\s*\d*\s*:\s+",
    re.IGNORECASE,
)
_QUOTES = {'"': '"', "'": "'", "\u201c": "\u201d", "\u2018": "\u2019", "\u00ab": "\u00bb", "`": "`"} | dict(
    zip("\u300c\u300e\u201e\uff02", "\u300d\u300f\u201c\uff02", strict=True)
)
# What is said to the user, before something else in the same line, or as all of a line.
_ADDRESS = re.compile(
    r"(?:(?:sure|certainly|of course|absolutely|okay|ok|gladly)\s*[,.!:\u2014\u2013-]+\s*)?"
    r"(?:(?:here|below)(?:['\u2019]s|\s+is|\s+are)\b[^:]*:(?:\s+|$))?",
    re.IGNORECASE,
)
_ADDRESSED = re.compile(
    r"(?:sure|certainly|of course|absolutely|okay|ok|gladly)\W*"
    r"|as an ai\b.*|i(?:['\u2019]m sorry|\s+cannot|\s+can['\u2019]t)\b.*"
    r"|.*\b(?:let me know|feel free to|hope (?:this|that|these|it) helps?)\b.*"
    r"|(?:here|below)(?:['\u2019]s|\s+is|\s+are)\b.*"
    r"\b(?:sentence|statement|version|question|conclusion|fact|re(?:phras|vers|writ))\w*\W*",
    re.IGNORECASE,
)
_ASKS, _ANSWERS = (rf"(?:{label})\s*\d*\s*{COLON}" for label in (QUESTION, ANSWER))
_PAIR = re.compile(
    rf"{_ASKS}\s*(?P<question>(?:(?!{_ASKS}).)+?)"
    rf"\s*{_ANSWERS}\s*(?P<answer>[^\n]+?)\s*(?=\n|\Z|(?:\(?\d{{1,3}}[.)\u3001]\s*)?{_ASKS})",
    re.DOTALL | re.IGNORECASE,
)
_HEADING = re.compile(
    r"\W*(?:(?:final|the|my|our|overall|main|logical|new|in)\s+)*"
    rf"(?:conclusions?|inferences?|what follows|{CONCLUSION})(?:\s+\d+)?\s*(?:{COLON}\W*(?P<said>.*)|\W*)",
    re.IGNORECASE,
)
_CONCLUDING = re.compile(
    r"(?:therefore|thus|hence|so|consequently|as a result|in conclusion),\s+|therefore\s+"
    r"|(?:so |thus |hence )?(?:it follows|this means|this implies|we (?:can )?(?:conclude|infer)) that\s+"
    rf"|{HENCE}",
    re.IGNORECASE,
)
_BRACKETS = re.compile(
    r"\s*(?:[\[\u3010\uff3b]([^\[\]\u3011\uff3d]*\d[^\[\]\u3011\uff3d]*)[\]\u3011\uff3d]"
    r"|[(\uff08]([^()\uff09]*\d[^()\uff09]*)[)\uff09])"
)
_BRACKET_BEHIND = re.compile(
    rf"([.!?{TERMINATORS}])(\s*[\[\u3010\uff3b][^\[\]\u3011\uff3d]*[\]\u3011\uff3d])"
)
_NUMBER = re.compile(r"(\d+)(?:\s*[-\u2013]\s*(\d+))?")
_CITING = re.compile(
    r"\b(?:documents?|docs?|sources?|from|see|based|on|and|by|nos?|numbers?)\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Line:
    """Something written that can be true or false by itself.

    Args:
        text: a sentence, a list item, or a question with its answer, in two lines.
        kind, target, sample: of the assignment that it was written for.
        sources: ids of the documents that it claims to follow from.
        answer_key: of the text that it stood in.
        tokens: how many of that text's tokens it took, by its share of the characters.
    """

    text: str
    kind: str
    target: str
    sources: tuple[str, ...]
    sample: int
    answer_key: str
    tokens: int

    @cached_property
    def id(self) -> str:
        """Hash of the text and the sources (64 hexadecimal digits)."""
        return content_hash({"text": self.text, "sources": self.sources})


@dataclass(frozen=True)
class TakenApart:
    """What a generator's text holds.

    Args:
        lines: each once.
        repeats: how many others repeated a sentence of their sources word for word.
        fragments: how many others broke off, asked, or answered a question with the question.
        fault: why there are no lines; empty where there are.
    """

    lines: tuple[Line, ...] = ()
    repeats: int = 0
    fragments: int = 0
    fault: str = ""


def lines_of(assignment: Assignment, key: str, written: Written, documents: Sequence[Document]) -> TakenApart:
    """The lines of a text.

    A rephrasing or a reversal is a line for each whole sentence or list item; questions are one for each
    ``Question: ... Answer: ...``; an inference is one for each conclusion: what stands behind the heading
    ``Conclusions:``, or else the list items.  A conclusion may name its sources in brackets, ``[2, 5]``, by their
    places in ``assignment.sources`` counted from 1; if it names none, its sources are the documents in view that share
    a name with it, or else all.

    Args:
        key: of the text in the store.
        documents: the whole set; those in view are looked up there.
    """
    if written.fault:
        return TakenApart(fault=written.fault)
    text = visible(written.text).replace("**", "").replace("__", "")
    if not written.ended:
        found = _ENDED.match(text) or _ENDED_UNMARKED.match(text)
        text = found.group() if found else ""
    if not text.strip():
        return TakenApart(
            fault="the text is empty" if written.ended else "the text was cut in its first sentence"
        )
    by_id = {document.id: document for document in documents}
    in_view = {id: by_id[id].text for id in assignment.sources if id in by_id}
    said = frozenset[str]().union(*map(_said, in_view.values()))
    lines: dict[str, Line] = {}
    repeats = fragments = 0
    for piece, whole in _PIECES[assignment.kind](text):
        own, sources = piece, assignment.sources
        if assignment.kind == "inference":
            own, cited = _cited(piece, assignment.sources)
            own = _concluded(own)
            sources = cited or _sharing(own, in_view, documents) or assignment.sources
        plain = normalise(own)
        if plain in said:
            repeats += 1
        elif not whole:
            fragments += 1
        elif len(words(own)) > 1 and plain not in lines:
            share = len(own) / max(1, len(written.text))
            lines[plain] = Line(
                own,
                assignment.kind,
                assignment.target,
                sources,
                assignment.sample,
                key,
                round(min(1.0, share) * written.generated_tokens),
            )
    if lines:
        return TakenApart(tuple(lines.values()), repeats, fragments)
    return TakenApart(
        (), repeats, fragments, "it only repeats its sources" if repeats else _NOTHING[assignment.kind]
    )


def visible(text: str) -> str:
    """The text without what a model thought first, between ``<think>`` and ``</think>``."""
    return text.rpartition("</think>")[2].partition("<think>")[0]


def _sentences(text: str) -> Iterator[tuple[str, bool]]:
    """Each list item and each sentence of other lines, and whether it is a whole statement; a colon ends a heading."""
    for row in _unbroken(text):
        is_item = _ITEM.match(row) is not None
        own = _bare(row)
        if own.startswith("#") or own.endswith((":", "\uff1a")):
            continue
        for piece in [own] if is_item else map(_bare, split_sentences(own)):
            if not _ADDRESSED.fullmatch(piece):
                yield " ".join(piece.split()), (is_item or _is_whole(piece)) and not asks(piece)


def _unbroken(text: str) -> list[str]:
    """The lines, those put together that were broken within a sentence because they were full."""
    rows: list[str] = []
    for row in text.splitlines():
        first = _GOING_ON.match(row)
        goes_on = (
            first is not None
            and (first[1].islower() or first[1].isdigit())
            and not _ITEM.match(row)
            and rows
            and rows[-1].strip()
            and not _is_whole(rows[-1])
        )
        if goes_on:
            rows[-1] += f" {row}"
        else:
            rows.append(row)
    return rows


def question_answers(text: str) -> Iterator[tuple[str, str]]:
    """Each ``Question: ... Answer: ...`` of a text, in any language's labels; neither part is without words."""
    for pair in _PAIR.finditer(text):
        question, answer = (_unquoted(" ".join(pair[part].split())) for part in ("question", "answer"))
        if words(question) and words(answer):
            yield question, answer


def _pairs(text: str) -> Iterator[tuple[str, bool]]:
    """Each question with its answer, and whether that is another than the question itself."""
    for question, answer in question_answers(text):
        yield f"Question: {question}\nAnswer: {answer}", normalise(question) != normalise(answer)


def _conclusions(text: str) -> Iterator[tuple[str, bool]]:
    """What stands behind the last heading, or behind the same words within lines; or else the list items."""
    # A bracket behind the full stop belongs to the sentence before it.
    rows = [_BRACKET_BEHIND.sub(r"\2\1", row) for row in _unbroken(text)]
    found = {
        place: heading["said"] or "" for place, row in enumerate(rows) if (heading := _HEADING.fullmatch(row))
    }
    bare = [place for place, said in found.items() if not said]
    behind = rows[max(bare or found, default=-1) + 1 :]
    items = [row for row in behind if _ITEM.match(row)]
    concluded = [said for said in found.values() if said] if found and not bare else []
    rest = items or (behind if found else [])
    yield from _sentences("\n".join((*concluded, *rest)))


_PIECES = {"rephrase": _sentences, "reverse": _sentences, "question": _pairs, "inference": _conclusions}
_NOTHING = {
    "rephrase": "there is no sentence in it",
    "reverse": "there is no sentence in it",
    "question": "there is no question with its answer in it",
    "inference": "there are no conclusions in it",
}


def _is_whole(text: str) -> bool:
    """Whether a sentence has its end, or a colon to lead to what follows; Thai and Lao ones need no mark."""
    return ends_sentence(text) or text.rstrip()[-1:] in (":", "\uff1a") or _UNMARKED.search(text) is not None


def _bare(row: str) -> str:
    """A line without what stands around it."""
    row = row.strip()
    while True:
        before = row
        row = row[found.end() :] if (found := _ITEM.match(row)) else row
        row = row[found.end() :] if (found := _LABEL.match(row)) else row
        row = row[found.end() :] if (found := _ADDRESS.match(row)) else row
        row = _unquoted(row.strip())
        if row == before:
            return row


def _unquoted(text: str) -> str:
    """The text without quotation marks around all of it."""
    if len(text) > 1 and _QUOTES.get(text[0]) == text[-1] and text[0] not in text[1:-1]:
        return text[1:-1].strip()
    return text


def _concluded(text: str) -> str:
    """A conclusion without the words that say that it is one."""
    own = text
    while found := _CONCLUDING.match(own):
        own = own[found.end() :]
    return own[:1].upper() + own[1:] if own != text and text[0].isupper() else own


def _cited(text: str, sources: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """The text without the brackets that name sources, and these sources, in their order."""
    named: set[int] = set()

    def take(found: re.Match[str]) -> str:
        square, rounded = found.groups()
        inside = square or rounded
        others = _CITING.sub("", _NUMBER.sub("", inside))
        # Round brackets with a number alone are part of the text.
        if re.search(r"\w", others) or (rounded and others == _NUMBER.sub("", inside)):
            return found.group()
        for first, last in _NUMBER.findall(inside):
            named.update(range(int(first[:9]), min(int((last or first)[:9]), len(sources)) + 1))
        return ""

    own = _BRACKETS.sub(take, text).strip()
    return own, tuple(id for place, id in enumerate(sources, start=1) if place in named)


def _sharing(text: str, in_view: Mapping[str, str], documents: Sequence[Document]) -> tuple[str, ...]:
    """The documents in view that share a name with the text."""
    keys = names_of(tuple(documents)).keys(text)
    return tuple(id for id, source in in_view.items() if any(occurs(key, source) for key in keys))


@lru_cache(maxsize=1 << 14)
def _said(text: str) -> frozenset[str]:
    """A document's sentences, and all of it, in normal form."""
    return frozenset(map(normalise, (*sentences(text), text)))
