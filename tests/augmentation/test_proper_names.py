"""Names, numbers and rare words, and other names in their places."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from line_examples import DOCUMENTS

from obverse.augmentation.proper_names import Names, names_of, occurs, replace_names
from obverse.tasks.drawn import comparatives, simple_reversals
from obverse.types import Document

NAMES = Names(DOCUMENTS)


def found(names: Names, text: str) -> list[tuple[str, str]]:
    return [(mention.text, mention.sort) for mention in names.find(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The keeper is Ilka Venning.", [("Ilka Venning", "name")]),
        ("Ilka Venning is it.", [("Ilka Venning", "name")]),
        ("In 1,990 Bahram had 3.5.", [("1,990", "number"), ("Bahram", "name"), ("3.5", "number")]),
        # Not capitalised only because a sentence begins there.
        ("Custodians? Nobody knows. Question: Where?", []),
        ("The Salt barometer. Keeper it is.", [("Salt", "name"), ("barometer", "word")]),
        # What no document has is no rare word, unless it is capitalised or has a digit.
        ("the custodian of Xanadu and x9", [("Xanadu", "name"), ("x9", "x")]),
        ("What does this do?", []),
        ("", []),
    ],
)
def test_what_is_a_name(text: str, expected: list[tuple[str, str]]) -> None:
    assert found(NAMES, text) == expected


def test_keys_are_the_same_for_all_forms_and_rare_words_count_where_there_is_nothing_else() -> None:
    assert NAMES.keys("ILKA VENNING'S 1,990 compasses, Ilka Venning.") == ("ilka venning", "1990")
    assert NAMES.keys("Compasses and a telescope") == ("compass", "telescope")
    assert NAMES.keys("nothing of it") == ()


def test_entities_of_formal_texts_are_names_and_relations_are_not() -> None:
    task = simple_reversals.SMALL.build(0)
    names = names_of(task.documents)
    assert names is names_of(task.documents)
    assert names.keys("e7 b0 e1 . e7 f0 e999 .") == ("e7", "e1", "e999")
    assert {text[0] for text in names.by_sort["e"].values()} == {"e"}


def test_nonsense_in_lower_case_is_a_name() -> None:
    task = comparatives.SMALL_NATURAL.build(0)
    (first, _, second), *_ = comparatives.SMALL_NATURAL.says(task.documents[0])
    text = f"{first.capitalize()} are more than {second}"
    assert [mention.text.lower() for mention in names_of(task.documents).find(text)] == [first, second]


def test_a_name_occurs_as_whole_words_in_a_row() -> None:
    assert occurs("ilka venning", "Of Ilka  Venning's")
    assert not occurs("ilka venning", "Ilka and Venning")
    assert not occurs("ilka", "Ilkas2")
    assert occurs("vram", "Vrams are")


def test_other_names_take_their_place_and_their_capital() -> None:
    task = comparatives.SMALL_NATURAL.build(0)
    (first, _, second), *_ = comparatives.SMALL_NATURAL.says(task.documents[0])
    names = names_of(task.documents)
    text = f"{first.capitalize()} are above {second}."
    exchange = {first[:-1]: second, second[:-1]: first}
    assert replace_names(text, names.find(text), exchange) == f"{second.capitalize()} are above {first}."
    text = "Ilka Venning is no Ilka Tolley."
    assert replace_names(text, NAMES.find(text), {"ilka venning": "Ada"}) == "Ada is no Ilka Tolley."


def test_no_documents_and_one_document() -> None:
    assert found(Names(()), "e5 is Ada's in 7") == [("e5", "e"), ("Ada", "name"), ("7", "number")]
    assert found(Names([Document("a", "all of it is known")]), "all of it is known") == []


@given(st.text(alphabet="Ilka Vening.,:5-'\n"))
def test_mentions_stand_where_they_say_and_replacing_nothing_changes_nothing(text: str) -> None:
    mentions = NAMES.find(text)
    assert all(text[mention.start : mention.end] == mention.text for mention in mentions)
    assert all(one.end <= other.start for one, other in pairwise(mentions))
    assert replace_names(text, mentions, {}) == text
    assert all(occurs(mention.key, text) for mention in mentions)
