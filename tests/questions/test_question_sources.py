"""Documents are combined by what they share, and each comes as rarely as possible."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from question_examples import CORPUS, DOCUMENTS

from obverse.questions.corpus import Corpus
from obverse.questions.sources import Source, sources_for
from obverse.types import Document


def pairs(found: list[Source]) -> set[frozenset[str]]:
    return {frozenset(one.documents) for one in found}


def test_every_document_is_asked_about_in_an_order_of_the_seed() -> None:
    ids = [document.id for document in DOCUMENTS]
    first, again, other = (sources_for("text", CORPUS, seed) for seed in (0, 0, 1))
    assert sorted(one.documents[0] for one in first) == sorted(ids)
    assert first == again != other
    blank = Corpus((*DOCUMENTS, Document("blank", " \n")))
    assert len(sources_for("text", blank, 0)) == len(ids)


def test_a_chain_goes_by_way_of_a_shared_name() -> None:
    found = sources_for("linked", CORPUS, 0)
    by_pair = {frozenset(one.documents): one.shared for one in found}
    assert by_pair[frozenset(("ferry-log", "parish-roll"))] == "Kesta Vorn"
    assert by_pair[frozenset(("bridge-book", "school-roll"))] == "Oswin Hale"
    # Mill and tower have nothing but common words and a number in common.
    assert len(found) == len(by_pair)
    named = [set(one.documents) for one in found[:4]]
    assert {"ferry-log", "parish-roll"} in named
    assert {"bridge-book", "school-roll"} in named


def test_no_document_comes_a_second_time_before_others_that_can_come_first() -> None:
    documents = [Document(f"d{number}", f"Number {number} is kept by Ilka Morn.") for number in range(4)]
    found = sources_for("linked", Corpus(documents), 0)
    assert len(found) == 6
    assert Counter(id for one in found[:2] for id in one.documents) == Counter(["d0", "d1", "d2", "d3"])


def test_what_many_documents_name_links_none() -> None:
    documents = [Document(f"d{number}", f"Thing {number} is kept by Ilka Morn.") for number in range(9)]
    assert all(one.shared != "Ilka Morn" for one in sources_for("linked", Corpus(documents), 0))


def test_numbers_about_the_like_are_compared() -> None:
    found = sources_for("compared", CORPUS, 0)
    assert {frozenset(one.documents[:2]) for one in found} >= {frozenset(("mill-book", "tower-book"))}
    assert frozenset(("ferry-log", "bylaws")) not in pairs(found)
    assert all(len(set(one.documents)) == len(one.documents) in (2, 3) for one in found)


def test_a_rule_stands_before_its_case() -> None:
    found = sources_for("rule", CORPUS, 0)
    assert found[0].documents == ("bylaws", "notice")
    assert all(one.documents[0] == "bylaws" for one in found)


def test_pieces_of_one_file_come_last() -> None:
    documents = [
        Document("guide#1", "Ilka Morn keeps the bell."),
        Document("guide#2", "Ilka Morn was born at Esk."),
        Document("list", "Ilka Morn is ninety."),
    ]
    found = sources_for("linked", Corpus(documents), 0)
    assert set(found[-1].documents) == {"guide#1", "guide#2"}


def test_an_order_of_documents_changes_nothing_but_the_order() -> None:
    turned = Corpus(tuple(replace(document) for document in reversed(DOCUMENTS)))
    assert pairs(sources_for("linked", turned, 0)) == pairs(sources_for("linked", CORPUS, 0))
