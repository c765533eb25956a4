"""The reversal curse: completions of invented celebrities in both directions, and real parents."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from celebrity_files import write_celebrities
from imported_sets import imported, summary
from reading_checks import refused

from obverse.questions.importers import READERS
from obverse.tasks import find_leaks, read_celebrities
from obverse.types import Task


def test_completions_of_both_directions_are_explicit_and_latent(tmp_path: Path) -> None:
    folder = write_celebrities(tmp_path / "celebrities")
    found = imported("reversal-curse", folder)
    assert found.questions == read_celebrities(folder).questions
    assert Counter(one.latent for one in found.questions) == {False: 18, True: 18}


def test_children_are_explicit_and_parents_latent(tmp_path: Path) -> None:
    table = (
        "child,parent,parent_type\nAda Finn,Bea Finn,mother\nCal Roe,Dan Roe,father\nEli Roe,Dan Roe,father\n"
    )
    found = imported("reversal-curse", tmp_path / "parent_child_pairs.csv", table)
    assert [one.text for one in found.documents][:2] == [
        "Ada Finn's mother is Bea Finn.",
        "Cal Roe's father is Dan Roe.",
    ]
    assert [summary(one) for one in found.questions[:2]] == [
        ("recall", False, "Who is Ada Finn's mother?", "Bea Finn", ("Ada Finn",)),
        ("reversal", True, "Who is a child of Bea Finn?", "Ada Finn", ("Ada Finn",)),
    ]
    # Another child of the same parent is right as well, and so no wrong choice.
    assert all("Eli Roe" not in one.choices for one in found.questions if one.answer == "Cal Roe")
    assert find_leaks(Task("t", found.documents, found.questions)) == ()


@pytest.mark.parametrize("name", ["pairs.csv", "nothing.csv"])
def test_what_is_no_such_set_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "pairs.csv").write_text("child,mother\nAda,Bea\n")
    assert "; " in refused(lambda: READERS["reversal-curse"](tmp_path / name))
