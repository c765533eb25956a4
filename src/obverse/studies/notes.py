"""Remarks in plain words that stand beside the figures, each of which follows from them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# Below this many parameters the published effects of context are not to be expected.
_SMALL_MODEL = 1_000_000_000


def notes(results: Mapping[str, Any]) -> list[str]:
    """What a reader who sees only the table would miss."""
    accuracy = {
        (row["route"], row["control"], row["kind"], row["latent"]): row["mean"]
        for row in results["estimates"]
        if row["metric"] == "accuracy"
    }
    verdicts = {
        (row["route"], row["reference"], row["kind"], row["latent"]): row["verdict"]
        for row in results["differences"]
    }
    said: list[str] = []
    trained, questions = (
        accuracy.get(("finetune", False, "completion", False)),
        accuracy.get(("finetune", False, "*", False)),
    )
    if trained is not None and questions is not None:
        said.append(
            f"After fine-tuning the model picks the right continuation of {trained:.0%} of the broken-off documents "
            f"and the right answer to {questions:.0%} of the questions about what they say: storing a text and "
            "being able to use it are two things."
        )
    for route in ("context", "oracle"):
        verdict = verdicts.get((route, f"{route} (false context)", "*", None))
        own, false = accuracy.get((route, False, "*", None)), accuracy.get((route, True, "*", None))
        if verdict == "not distinguishable" and own is not None and false is not None:
            said.append(
                f"With the true documents in front of it ({route}) the model is right in {own:.0%}, with false ones "
                f"in {false:.0%}: the data do not show that it reads them."
            )
    whole, needed = accuracy.get(("context", False, "*", True)), accuracy.get(("oracle", False, "*", True))
    if (
        whole is not None
        and needed is not None
        and verdicts.get(("oracle", "context", "*", True)) == "higher"
    ):
        said.append(
            f"Latent questions: right in {needed:.0%} with only the needed documents in front of the model, in "
            f"{whole:.0%} with all of them. What stands between the model and the answer is the crowd, not the step."
        )
    if any(row["seeds"] == 1 for row in results["estimates"] if row["route"].startswith("finetune")):
        said.append(
            "Fine-tuning ran once, so its intervals speak of these questions and not of the spread between "
            "trainings; --seeds 3 measures that."
        )
    return said


def small_model_note(parameters: int) -> str | None:
    """What a larger model would be expected to change; ``None`` where the model is not small."""
    if parameters >= _SMALL_MODEL:
        return None
    return (
        f"This model has {parameters / 1e6:.0f} million parameters. Models of this size read one fact in context well "
        "and several badly. Of a large model expect much better answers from context and retrieval (99% on "
        "reversals with the whole data set in context, arXiv 2505.00661), and, for reversals, no better ones "
        "after plain fine-tuning (near 0 by exact match)."
    )
