"""Plans: every text once, equal beginnings together, and what is in view where not everything fits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

import pytest

from obverse.augmentation.planning import Planned, Room, plan
from obverse.augmentation.prompts import Prompt
from obverse.augmentation.sentences import Splitting
from obverse.augmentation.writing import Assignment, Kind
from obverse.types import Document, InputError

PROMPTS = {
    "rephrase": Prompt("Rephrase: ", "", ""),
    "reverse": Prompt("Reverse: ", "", " Now."),
    "inference": Prompt("Documents: ", " Target: ", " Go."),
}
DOCUMENTS = [
    Document("clock", "Ilka winds the clock. The clock is loud."),
    Document("bell", "Olwen rings the bell."),
    Document("blank", " \n"),
    Document("ilka", "Ilka lives in Corvane."),
]


def words(text: str) -> int:
    return len(text.split())


def planned(
    kinds: Sequence[Kind],
    samples: int = 1,
    splitting: Splitting = "none",
    room: int | None = None,
    documents: Sequence[Document] = DOCUMENTS,
) -> Planned:
    return plan(documents, kinds, samples, splitting, PROMPTS, None if room is None else Room(room, words))


def test_of_one_document_each_piece_is_asked_about_in_each_sample() -> None:
    found = planned(["rephrase", "reverse"], 2, "cumulative")
    assert found.assignments[:4] == (
        Assignment("rephrase", "clock", ("clock",), "Rephrase: ", "Ilka winds the clock.", 0),
        Assignment("rephrase", "clock", ("clock",), "Rephrase: ", "Ilka winds the clock.", 1),
        Assignment(
            "rephrase", "clock", ("clock",), "Rephrase: ", "Ilka winds the clock. The clock is loud.", 0
        ),
        Assignment(
            "rephrase", "clock", ("clock",), "Rephrase: ", "Ilka winds the clock. The clock is loud.", 1
        ),
    )
    assert len(found.assignments) == 2 * 2 * 4
    assert found.assignments[-1].prompt == "Reverse: Ilka lives in Corvane. Now."
    assert (found.whole, found.in_view) == (True, 0)
    assert len(planned(["rephrase"]).assignments) == 3


def test_with_all_in_view_all_targets_share_the_documents() -> None:
    found = planned(["inference"], room=100)
    assert found == replace(planned(["inference"]), whole=True, in_view=3)
    (shared,) = {assignment.shared for assignment in found.assignments}
    assert shared == (
        "Documents: [1] Ilka winds the clock. The clock is loud.\n\n[2] Olwen rings the bell.\n\n"
        "[3] Ilka lives in Corvane. Target: "
    )
    assert [assignment.own for assignment in found.assignments] == [
        "[1] Ilka winds the clock. The clock is loud. Go.",
        "[2] Olwen rings the bell. Go.",
        "[3] Ilka lives in Corvane. Go.",
    ]
    assert [assignment.target for assignment in found.assignments] == ["clock", "bell", "ilka"]
    assert {assignment.sources for assignment in found.assignments} == {("clock", "bell", "ilka")}


def chain(length: int) -> list[Document]:
    """Each document shares a name with the next alone."""
    return [
        Document(f"d{place:02}", f"name{place} precedes name{place + 1} today.") for place in range(length)
    ]


@pytest.mark.parametrize("room", [13, 18, 23, 28, 40])
def test_what_does_not_fit_is_left_out_from_the_farthest_on(room: int) -> None:
    documents = [
        Document(one.id, one.text.replace(" precedes", "").replace(" today", "")) for one in chain(30)
    ]
    found = planned(["inference"], room=room, documents=documents)
    fitting = (room - 3 - 3) // 3  # instruction, target, and three words each
    assert not found.whole
    assert found.in_view == fitting < 30
    for assignment in found.assignments:
        assert words(assignment.prompt) <= room
        places = [int(source[1:]) for source in assignment.sources]
        # Its nearest neighbours, then theirs, in the order of the set.
        assert places == list(range(places[0], places[0] + fitting))
        assert int(assignment.target[1:]) in places
        number = assignment.sources.index(assignment.target) + 1
        assert assignment.own.startswith(f"[{number}] ")
    shared = [assignment.shared for assignment in found.assignments]
    assert len([key for key, _ in groupby(shared)]) == len(set(shared))
    assert sorted(assignment.target for assignment in found.assignments) == [one.id for one in documents]


def test_targets_with_equal_neighbours_share_their_beginning() -> None:
    documents = [
        Document(f"{family}{number}", f"{family} owns {family[0]}{number}.")
        for number in range(3)
        for family in ("venning", "tolley")
    ]
    found = planned(["inference"], samples=2, room=3 + 4 * 4, documents=documents)
    assert (found.whole, found.in_view) == (False, 3)
    assert [(len(list(group)), key) for key, group in groupby(one.sources for one in found.assignments)] == [
        (6, ("venning0", "venning1", "venning2")),
        (6, ("tolley0", "tolley1", "tolley2")),
    ]


def test_a_document_that_shares_nothing_stands_alone() -> None:
    found = planned(["inference"], room=24, documents=[*chain(12), Document("alone", "Unheard.")])
    assert found.in_view == 1
    (alone,) = [assignment for assignment in found.assignments if assignment.target == "alone"]
    assert alone.prompt == "Documents: [1] Unheard. Target: [1] Unheard. Go."


@pytest.mark.parametrize(("kind", "needed"), [("rephrase", 9), ("inference", 21)])
def test_a_document_that_does_not_fit_alone_is_refused(kind: Kind, needed: int) -> None:
    assert planned([kind], room=needed).assignments
    with pytest.raises(
        InputError, match=f"'clock': a prompt about it takes {needed} tokens and {needed - 1} fit; split"
    ):
        planned([kind], room=needed - 1)


def test_without_documents_there_is_nothing_to_write() -> None:
    assert planned(["rephrase", "inference"], room=10, documents=DOCUMENTS[2:3]) == Planned((), True, 0)
