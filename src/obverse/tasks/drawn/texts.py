"""Texts of drawn tasks: put together of passages with their answers, and read back.

A part of a text is a document itself, with answers of its own.

>>> parts = [say_triple(("e1", "f0", "e5"), answered=False), say_triple(("e5", "b0", "e1"))]
>>> join_documents("d", parts, " ")
Document(id='d', text='e1 f0 e5 . e5 b0 e1 .', group=None, answers=((17, 19),))
>>> read_triples("e1 f0 e5 . e5 b0 e1 .")
(('e1', 'f0', 'e5'), ('e5', 'b0', 'e1'))
>>> template_pattern("{name} lives in {town}.", name=".+", town=".+").fullmatch("Ada lives in Oslo.")["town"]
'Oslo'
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import accumulate

from obverse.types import Document, Statement

STOP = "."
"""Ends a statement of the formal form."""

QUESTION, ANSWER = "Question: ", "Answer: "
"""What stands in front of a question, and of its answer, in a natural practice document."""


def write_document(
    id: str, words: Sequence[str], answers: Iterable[int], group: str | None = None
) -> Document:
    """The words as a document.

    Args:
        answers: places among the words, counted from 0, of those that the words before them determine.
    """
    ends = list(accumulate(len(word) + 1 for word in words))  # each with the space behind it
    spans = tuple((ends[place] - 1 - len(words[place]), ends[place] - 1) for place in answers)
    return Document(id, " ".join(words), group, spans)


def passage(text: str, answer: str = "", id: str = "passage", group: str | None = None) -> Document:
    """A part of a text, or a document, with the answer that stands last in it, if there is one."""
    start = text.rindex(answer)
    return Document(id, text, group, ((start, start + len(answer)),) if answer else ())


def solved(prompt: str, answer: str) -> Document:
    """A question and its answer, as a model without a chat template is asked."""
    return passage(f"{QUESTION}{prompt}\n{ANSWER}{answer}", answer)


def say_triple(statement: Statement, *, answered: bool = True) -> Document:
    """A statement in words of the formal form, with its object as the answer where that is determined."""
    return passage(" ".join((*statement, STOP)), statement[2] if answered else "")


def join_documents(
    id: str, documents: Iterable[Document], separator: str, group: str | None = None
) -> Document:
    """The texts of the documents with the separator between them, and all of their answers."""
    text = ""
    answers: list[tuple[int, int]] = []
    for number, document in enumerate(documents):
        text += separator if number else ""
        answers += ((start + len(text), end + len(text)) for start, end in document.answers)
        text += document.text
    return Document(id, text, group, tuple(answers))


def statement_id(statement: Statement) -> str:
    """The id of the document that says a statement and no more: its relation and its subject, ``f0:e5``."""
    return f"{statement[1]}:{statement[0]}"


def read_triples(text: str) -> tuple[Statement, ...]:
    """The statements of a formal text, which are three words and a full stop each."""
    words = text.split()
    return tuple(zip(words[0::4], words[1::4], words[2::4], strict=True))


@lru_cache
def template_pattern(template: str, **slots: str) -> re.Pattern[str]:
    """What a text that fits the template looks like, in which ``{name}`` and the like are named groups.

    Args:
        slots: for each name a regular expression.
    """
    pattern = re.escape(template)
    for name, sort in slots.items():
        pattern = pattern.replace(rf"\{{{name}\}}", f"(?P<{name}>{sort})")
    return re.compile(pattern)
