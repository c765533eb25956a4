"""Numbers in plain words, at the edges where they change unit."""

from __future__ import annotations

import pytest

from obverse.judging import wording
from obverse.judging.diagnosis import CAUSES
from obverse.reports.palette import VERDICT_COLOURS


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


@pytest.mark.parametrize(
    "part",
    [
        *("finetune", "augment", "reversed", "masked", "masked-copy", "recall", "retrieve"),
        *("think", "force-think", "oracle-think"),
    ],
)
def test_every_part_has_words_of_its_own(part: str) -> None:
    words = wording.about_route(part)
    assert words
    assert list(wording.ROUTE_PARTS.values()).count(words) == 1


def test_what_a_part_of_the_users_own_does_is_said_without_loading_it() -> None:
    assert wording.about_route("retrieve:my.module:Dense").startswith(
        "a search by my.module:Dense finds a few"
    )
    assert wording.about_route("retrieve:dense").startswith("a search by dense finds")
    assert wording.about_route("finetune+my_module:newest").endswith(
        "documents that my_module:newest chooses for each question stand in the prompt"
    )
    assert wording.about_route("untouched:newest") == ""


def test_distractors_are_counted() -> None:
    assert wording.about_route("context:2") == (
        "the documents that the question needs and 2 others of their kind stand in the prompt"
    )
    assert wording.about_route("finetune+oracle:1").endswith("needs and 1 other stand in the prompt")
    assert wording.about_route("recall+think:16").endswith(
        "16 thoughts are drawn, and the answer is their average"
    )
    for wrong in ("oracle:", "oracle:many", "retrieve:3", "oracle-think:3"):
        assert wording.about_route(wrong) == ""


def test_what_is_taught_and_shown() -> None:
    assert wording.parameters_part("masked-copy+oracle:8") == "masked-copy"
    assert wording.parameters_part("oracle:8") == ""
    assert wording.taught_and_shown("finetune", "") == "finetune, nothing in the prompt"
    assert wording.kind("chain", True) == "chain (latent)"


def test_augmentation() -> None:
    words = "Seed 1: the model itself wrote 1,000 lines for augment, 930 of them right"
    assert wording.augmentation({"seed": 1, "written": 1000, "right": 930}) == f"{words} (93%)."
    assert "%" not in wording.augmentation({"seed": 1, "written": 0, "right": 0})
    verified = {"seed": 1, "written": 1000, "right": 930, "kept": 900, "right_kept": 891, "threshold": 0.5}
    assert wording.augmentation(verified) == (
        f"{words} (93%). The verifier kept 900, 891 of them right (99%): 891 of 930 that are right (96%)."
    )
    assert wording.augmentation(verified | {"kept": None, "right_kept": None}) == f"{words} (93%)."
    nothing = {"right": 0, "kept": 0, "right_kept": 0}
    assert wording.augmentation(verified | nothing).endswith(
        "kept 0, 0 of them right: 0 of 0 that are right."
    )


@pytest.mark.parametrize(("number", "words"), [(0.99, "0.99"), (20000.0, "20,000"), (0.0, "0")])
def test_value(number: float, words: str) -> None:
    assert wording.value(number) == words


def test_every_cause_has_words_and_a_colour() -> None:
    assert set(wording.VERDICTS) == set(VERDICT_COLOURS) == set(CAUSES)
