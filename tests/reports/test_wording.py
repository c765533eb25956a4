"""Numbers in plain words, at the edges where they change unit."""

from __future__ import annotations

import pytest

from obverse.diagnosis import CAUSES
from obverse.reports import wording
from obverse.reports.palette import VERDICT_COLOURS, looks


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (0.0512, "0.051 s"),
        (9.4, "9.4 s"),
        (9.6, "10 s"),
        (119, "119 s"),
        (180, "3.0 min"),
        (5000, "83 min"),
        (9000, "2.5 h"),
    ],
)
def test_duration(seconds: float, words: str) -> None:
    assert wording.duration(seconds) == words


@pytest.mark.parametrize(
    ("flops", "words"),
    [(0, "0 FLOP"), (999, "999 FLOP"), (999.6, "1 KFLOP"), (5.4e12, "5.4 TFLOP"), (72e9, "72 GFLOP")],
)
def test_operations(flops: float, words: str) -> None:
    assert wording.operations(flops) == words


def test_memory() -> None:
    assert wording.memory(1.4e9) == "1.4 GB"
    assert wording.memory(0) == "–"


@pytest.mark.parametrize(
    ("questions", "words"),
    [
        (None, "never"),
        (0, "always"),
        (0.4, "from the first question on"),
        (1, "from 2 questions on"),
        (1234.5, "from 1,235 questions on"),
    ],
)
def test_crossing(questions: float | None, words: str) -> None:
    assert wording.crossing(questions) == words


def test_a_joined_route_does_what_its_parts_do() -> None:
    assert wording.about_route("finetune+retrieve") == (
        f"{wording.ROUTE_PARTS['finetune']}; {wording.ROUTE_PARTS['retrieve']}"
    )
    assert wording.about_route("finetune+something") == ""


def test_every_cause_has_words_and_a_colour() -> None:
    assert set(wording.VERDICTS) == set(VERDICT_COLOURS) == set(CAUSES)


def test_routes_look_different() -> None:
    found = looks(["untouched", "finetune", "context", "retrieve", "oracle", "finetune+retrieve"])
    assert len({look.colour for look in found.values()}) == 6
    assert len({look.shape for look in found.values()}) == 6
