"""Passages: texts put one behind the other, each with answers of its own."""

from __future__ import annotations

from collections.abc import Iterable

from obverse.types import Document


def write_passage(id: str, parts: Iterable[tuple[str, str]], gap: str, group: str | None = None) -> Document:
    """Texts one behind the other.

    Args:
        parts: each text with the answer that stands last in it, or with nothing.
        gap: what stands between two.
    """
    text, spans = "", []
    for said, answer in parts:
        text += gap * bool(text)
        if answer:
            start = len(text) + said.rindex(answer)
            spans.append((start, start + len(answer)))
        text += said
    return Document(id, text, group, tuple(spans))


def solved(prompt: str, answer: str) -> Document:
    """A question and its answer, as a model without a chat template is asked."""
    text = f"Question: {prompt}\nAnswer: {answer}"
    return Document("solved", text, answers=((len(text) - len(answer), len(text)),))


def join_documents(id: str, documents: Iterable[Document], separator: str) -> Document:
    """The texts of the documents with the separator between them, and all of their answers."""
    text = ""
    answers: list[tuple[int, int]] = []
    for number, document in enumerate(documents):
        text += separator if number else ""
        answers += ((start + len(text), end + len(text)) for start, end in document.answers)
        text += document.text
    return Document(id, text, answers=tuple(answers))
