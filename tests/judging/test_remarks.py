"""Remarks: none turns a wide interval into a finding, and none calls reading what false context reaches as well."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from obverse.judging import wording
from obverse.judging.remarks import notes

RESULTS = Path(__file__).parents[2] / "docs" / "results"
# What a run without remarks on its questions and its reading has.
CHECKS: dict[str, Any] = {"nested_choices": [], "scorer": {"unshared": None}}
# What would say of a model that it reads.
READING = re.compile(r"\b(reads|can take the step|takes the step|is read)\b")


def estimate(
    route: str,
    mean: float,
    low: float,
    high: float,
    *,
    control: bool = False,
    kind: str = "*",
    latent: bool | None = None,
) -> dict[str, Any]:
    return {
        **{"route": route, "control": control, "kind": kind, "latent": latent, "metric": "accuracy"},
        **{"mean": mean, "low": low, "high": high, "chance": 0.25, "questions": 12, "seeds": 1},
    }


def difference(
    route: str, reference: str, low: float, high: float, more: int | None, latent: bool | None = None
) -> dict[str, Any]:
    verdict = "higher" if low > 0 else "lower" if high < 0 else "no significant difference"
    return {
        **{"route": route, "reference": reference, "kind": "*", "latent": latent, "verdict": verdict},
        **{"mean": (low + high) / 2, "low": low, "high": high, "more_questions": more},
    }


def results(estimates: list[dict[str, Any]], differences: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        **{
            "estimates": estimates,
            "differences": differences,
            "costs": [],
            "checks": CHECKS,
            "margin": 0.05,
            "model": "made up",
        }
    }


def remarks(estimates: list[dict[str, Any]], differences: list[dict[str, Any]]) -> list[str]:
    return notes(results(estimates, differences), parameters=2_000_000_000)


TRUE_AND_FALSE = [estimate("retrieve", 0.83, 0.5, 0.98), estimate("retrieve", 0.08, 0, 0.4, control=True)]


def test_too_few_questions_are_called_that_with_how_many_it_takes() -> None:
    (said,) = remarks(TRUE_AND_FALSE, [difference("retrieve", "retrieve (false context)", -0.05, 1, 12)])
    assert said == (
        "With true documents in the prompt (retrieve) 83% of 12 questions are answered rightly, with false ones "
        "8%: these are too few questions to say whether the model reads them; about 12 more questions about other "
        "facts would tell."
    )


def test_a_gain_that_is_shown_to_be_small_is_called_that() -> None:
    (said,) = remarks(TRUE_AND_FALSE, [difference("retrieve", "retrieve (false context)", -0.03, 0.04, 0)])
    assert said.endswith("what the documents say adds less than 5 points.")


def test_what_is_shown_to_help_needs_no_remark() -> None:
    assert remarks(TRUE_AND_FALSE, [difference("retrieve", "retrieve (false context)", 0.1, 1, 0)]) == []


@pytest.mark.parametrize(("low", "unsure"), [(0.2, True), (0.3, False)])
def test_answers_about_chance_are_not_called_useless(low: float, unsure: bool) -> None:
    (said, _) = remarks(
        [
            estimate("finetune", 1.0, 0.9, 1.0, kind="completion", latent=False),
            estimate("finetune", 0.4, low, 0.6, latent=False),
        ],
        [],
    )
    assert "it has stored more than it answers" in said
    assert ("not shown by these questions" in said) is unsure


@pytest.mark.parametrize(("false_high", "reading"), [(0.5, True), (0.8, False)])
def test_the_step_is_taken_only_where_false_documents_do_not_reach_as_much(
    false_high: float, reading: bool
) -> None:
    (said,) = remarks(
        [
            estimate("oracle", 0.9, 0.7, 1.0, latent=True),
            estimate("oracle", 0.4, 0.2, false_high, latent=True, control=True),
            estimate("context", 0.5, 0.3, 0.6, latent=True),
        ],
        [difference("oracle", "context", 0.1, 0.6, 0, latent=True)],
    )
    assert "(with false ones 40%)" in said
    assert bool(READING.search(said)) is reading


def committed() -> list[tuple[str, dict[str, Any]]]:
    """Every comparison, and every part of a study, that is committed with its differences."""
    found: list[tuple[str, dict[str, Any]]] = []
    for path in sorted(RESULTS.glob("*/*.json")):
        content = json.loads(path.read_text(encoding="utf-8"))
        parts = [(part["slug"], part["results"]) for part in content.get("parts", ())]
        if "recommendation" in content:
            parts.append(("", content))
        found += [(f"{path.parent.name} {slug}", part) for slug, part in parts if "differences" in part]
    return found


@pytest.mark.parametrize("part", [pytest.param(part, id=name) for name, part in committed()])
def test_no_sentence_from_a_committed_result_calls_overlapping_intervals_reading(
    part: dict[str, Any],
) -> None:
    # Files from before these were counted.
    part = {
        "margin": 0.05,
        **part,
        "checks": {**part.get("checks", {}), **CHECKS},
        "differences": [{"more_questions": 1, **row} for row in part["differences"]],
    }
    figures = {
        (row["route"], row["latent"], row["control"]): row
        for row in part["estimates"]
        if row["kind"] == "*" and row["metric"] == part["metric"]
    }
    read = {
        (route, latent)
        for route, latent, control in figures
        if not control
        and wording.shows_reading(figures[route, latent, False], figures.get((route, latent, True)))
    }
    for sentence in (*notes(part, 10**6), *part["notes"]):
        claimed = READING.search(sentence.replace("whether the model reads them", ""))
        assert not claimed or ("oracle", True) in read, sentence


def test_a_control_whose_documents_still_say_the_answers_is_remarked() -> None:
    def said(**checks: Any) -> list[str]:
        found = {**results([], []), "checks": {**CHECKS, **checks}}
        return notes(found, 2_000_000_000)

    (remark,) = said(control={"said": 8, "still_said": ["a", "b", "c"]})
    assert "3 of the 8 questions" in remark
    assert said(control={"said": 8, "still_said": []}) == []
    assert said() == []
