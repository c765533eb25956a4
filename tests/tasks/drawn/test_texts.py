"""How texts are put together: where answers stand in them, and how they are read back."""

from __future__ import annotations

import doctest

from obverse.tasks.drawn import texts
from obverse.tasks.drawn.texts import (
    join_documents,
    passage,
    read_triples,
    say_triple,
    solved,
    write_document,
)
from obverse.types import Document


def test_the_worked_example() -> None:
    results = doctest.testmod(texts)
    assert results.attempted > 0
    assert results.failed == 0


def test_answers_stand_where_the_words_do() -> None:
    document = write_document("d", ["w1", "e5", "f0", "e10", "."], [3, 1], "g")
    assert document == Document("d", "w1 e5 f0 e10 .", "g", ((9, 12), (3, 5)))
    assert [document.text[start:end] for start, end in document.answers] == ["e10", "e5"]


def test_the_answer_of_a_passage_is_what_stands_last_in_it() -> None:
    assert passage("e1 = e1 .", "e1").answers == ((5, 7),)
    assert passage("e1 = e1 .").answers == ()
    document = solved("Who is it?", "Ada")
    assert document.text == "Question: Who is it?\nAnswer: Ada"
    assert [document.text[start:end] for start, end in document.answers] == ["Ada"]


def test_parts_keep_their_answers_where_they_are_joined() -> None:
    said = [("e1", "f0", "e2"), ("e2", "b0", "e1")]
    parts = [say_triple(said[0], answered=False), say_triple(said[1])]
    document = join_documents("d", parts, " ", "g")
    assert document == Document("d", "e1 f0 e2 . e2 b0 e1 .", "g", ((17, 19),))
    assert read_triples(document.text) == tuple(said)
