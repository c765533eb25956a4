"""Remarks in plain words that stand beside the figures, each of which follows from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from obverse.judging import wording
from obverse.judging.recommendation import more_needed, points
from obverse.models.default import DEFAULT_MODEL, PRACTISED_MODEL

# Below this many parameters the published effects of context are not to be expected.
_SMALL_MODEL = 1_000_000_000


def notes(results: Mapping[str, Any], parameters: int) -> list[str]:
    """What a reader who sees only the table would miss.

    Args:
        results: as in ``results.json``.
        parameters: of the model.
    """
    return [remark for remark in _remarks(_Figures(results), results, parameters) if remark]


def about_scoring(scorer: Mapping[str, Any]) -> Iterable[str]:
    """What the way in which answers were read means for the figures.

    Args:
        scorer: as in ``results.json``.
    """
    if reason := scorer["unshared"]:
        yield read_by_itself(reason)
    if not scorer.get("likelihoods", True):  # runs from before there were such answerers do not say
        yield (
            "This model gives no likelihoods of the choices: answers count as right where what it says matches exactly."
        )


def read_by_itself(reason: str) -> str:
    """What it means that a model shares nothing between texts."""
    return (
        f"This model reads each text by itself, from its beginning ({reason}): the likelihoods are right, and asking "
        "takes longer and costs more than with a model that reads once what texts begin with."
    )


class _Figures:
    """Accuracies and verdicts by what they are about."""

    def __init__(self, results: Mapping[str, Any]) -> None:
        self._accuracy = {
            (row["route"], row["control"], row["kind"], row["latent"]): row
            for row in results["estimates"]
            if row["metric"] == "accuracy"
        }
        self._difference = {
            (row["route"], row["reference"], row["kind"], row["latent"]): row
            for row in results["differences"]
        }

    def accuracy(
        self, route: str, kind: str = "*", latent: bool | None = None, *, control: bool = False
    ) -> Mapping[str, Any] | None:
        return self._accuracy.get((route, control, kind, latent))

    def difference(self, route: str, reference: str, latent: bool | None = None) -> Mapping[str, Any] | None:
        return self._difference.get((route, reference, "*", latent))


def _remarks(figures: _Figures, results: Mapping[str, Any], parameters: int) -> Iterable[str | None]:
    yield _false_enough(results)
    yield _stored_and_used(figures)
    for route in ("context", "retrieve", "oracle"):
        yield _read_or_not(figures, route, results["margin"])
    yield _crowd(figures)
    yield _nested(results["checks"]["nested_choices"])
    yield _price_of_context(results)
    yield from about_scoring(results["checks"]["scorer"])
    if any(row["seeds"] == 1 for row in results["estimates"] if row["route"].startswith("finetune")):
        yield (
            "Fine-tuning ran once, so its intervals speak of these questions and not of the spread between "
            "trainings; --seeds 3 measures that."
        )
    if results["model"] == PRACTISED_MODEL:
        yield (
            f"{DEFAULT_MODEL} has practised to read its context here, on documents about made-up names; "
            "--no-practice leaves that out."
        )
    if parameters < _SMALL_MODEL:
        yield (
            f"This model has {parameters / 1e6:,.3g} million parameters. Published work with large models found much "
            "better answers with context and retrieval (99% on reversals with the whole data set in context, arXiv "
            "2505.00661) and, on reversals, none after plain fine-tuning (near 0 by exact match)."
        )


def _false_enough(results: Mapping[str, Any]) -> str | None:
    control = results["checks"].get("control")
    if not control or not control["still_said"]:
        return None
    return (
        "In the false documents the answer still stands beside what is asked about, for "
        f"{len(control['still_said'])} of the {control['said']} questions whose answer stands in the true ones: there "
        "false context is no control. "
        "Choices that are names in the documents can be exchanged."
    )


def _stored_and_used(figures: _Figures) -> str | None:
    stored = figures.accuracy("finetune", "completion", False)
    used = figures.accuracy("finetune", "*", False)
    if stored is None or used is None or stored["low"] <= used["high"]:
        return None
    unsure = (
        ""
        if used["low"] > used["chance"]
        else " Whether it answers better than chance is not shown by these questions."
    )
    return (
        f"After fine-tuning the model rightly continues {stored['mean']:.0%} of the documents that are broken off "
        f"before an answer, and rightly answers {used['mean']:.0%} of the questions about what they say (chance "
        f"{used['chance']:.0%}): it has stored more than it answers.{unsure}"
    )


def _read_or_not(figures: _Figures, route: str, margin: float) -> str | None:
    """Where true documents are not shown to help: whether they do not, or how many more questions it takes."""
    own, false = figures.accuracy(route), figures.accuracy(route, control=True)
    found = figures.difference(route, f"{route} (false context)")
    if own is None or false is None or found is None or found["verdict"] == "higher":
        return None
    counted = "1 question is" if own["questions"] == 1 else f"{own['questions']:,} questions are"
    said = (
        f"With true documents in the prompt ({route}) {own['mean']:.0%} of {counted} answered rightly, with false ones "
        f"{false['mean']:.0%}:"
    )
    if found["high"] < margin:
        return f"{said} what the documents say adds less than {points(margin)}."
    needed = f"; {more_needed(found['more_questions'])}" if found["more_questions"] != 0 else ""
    return f"{said} these are too few questions to say whether the model reads them{needed}."


def _crowd(figures: _Figures) -> str | None:
    needed, whole = figures.accuracy("oracle", latent=True), figures.accuracy("context", latent=True)
    found = figures.difference("oracle", "context", True)
    if needed is None or whole is None or found is None or found["verdict"] != "higher":
        return None
    false = figures.accuracy("oracle", latent=True, control=True)
    beside = f" (with false ones {false['mean']:.0%})" if false else ""
    step = (
        " The model can take the step, and takes it less often among so many documents."
        if wording.shows_reading(needed, false)
        else ""
    )
    return (
        f"Latent questions: {needed['mean']:.0%} right with only the needed documents in the prompt{beside}, "
        f"{whole['mean']:.0%} with all of them.{step}"
    )


def _nested(found: Sequence[Mapping[str, Any]]) -> str | None:
    if not found:
        return None
    first, (shorter, longer) = found[0]["question"], found[0]["choices"]
    return (
        f"In {len(found)} {'question' if len(found) == 1 else 'questions'} one choice stands in another ({first}: "
        f"{shorter!r} in {longer!r}). Likelihoods tell them apart by the end of the answer; in a generated answer that "
        "names both, the longer one counts."
    )


def _price_of_context(results: Mapping[str, Any]) -> str | None:
    for row in results["costs"]:
        if row["route"] == "context" and row["phase"] == "teach" and row["flops"]:
            return (
                f"The price of context counts on the {row['tokens_forward']:,} tokens of the documents being encoded "
                f"once and kept in memory; read anew for each question they cost {row['flops']:.2g} FLOPs and "
                f"{row['seconds']:.2g} s every time."
            )
    return None
