"""Remarks in plain words that stand beside the figures, each of which follows from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

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


class _Figures:
    """Accuracies and verdicts by what they are about."""

    def __init__(self, results: Mapping[str, Any]) -> None:
        self._accuracy = {
            (row["route"], row["control"], row["kind"], row["latent"]): row
            for row in results["estimates"]
            if row["metric"] == "accuracy"
        }
        self._verdict = {
            (row["route"], row["reference"], row["kind"], row["latent"]): row["verdict"]
            for row in results["differences"]
        }

    def accuracy(
        self, route: str, kind: str = "*", latent: bool | None = None, *, control: bool = False
    ) -> Mapping[str, Any] | None:
        return self._accuracy.get((route, control, kind, latent))

    def verdict(self, route: str, reference: str, latent: bool | None = None) -> str | None:
        return self._verdict.get((route, reference, "*", latent))


def _remarks(figures: _Figures, results: Mapping[str, Any], parameters: int) -> Iterable[str | None]:
    yield _false_enough(results)
    yield _stored_and_used(figures)
    for route in ("context", "retrieve", "oracle"):
        yield _read_or_not(figures, route)
    yield _crowd(figures)
    yield _nested(results["checks"]["nested_choices"])
    yield _price_of_context(results)
    if any(row["seeds"] == 1 for row in results["estimates"] if row["route"].startswith("finetune")):
        yield (
            "Fine-tuning ran once, so its intervals speak of these questions and not of the spread between "
            "trainings; --seeds 3 measures that."
        )
    if results["model"] == PRACTISED_MODEL:
        yield (
            f"{DEFAULT_MODEL} has practised to read its context here, on documents about made-up names; "
            "--no-practice takes it as it came."
        )
    if parameters < _SMALL_MODEL:
        yield (
            f"This model has {parameters / 1e6:,.3g} million parameters. Models of this size, as they come, read one "
            "fact in context well and several badly. From a large model expect much better answers with context and "
            "retrieval (99% on reversals with the whole data set in context, arXiv 2505.00661) and, on "
            "reversals, none after plain fine-tuning (near 0 by exact match)."
        )


def _false_enough(results: Mapping[str, Any]) -> str | None:
    control = results["checks"].get("control")
    if not control or not control["still_said"]:
        return None
    return (
        f"The false documents still say the answer of {len(control['still_said'])} of the {control['said']} questions "
        "whose answer the true ones state, so that false context looks better than it is; give these questions other "
        "choices, of names that the documents have."
    )


def _stored_and_used(figures: _Figures) -> str | None:
    stored = figures.accuracy("finetune", "completion", False)
    used = figures.accuracy("finetune", "*", False)
    if stored is None or used is None or stored["low"] <= used["high"]:
        return None
    return (
        f"After fine-tuning the model rightly continues {stored['mean']:.0%} of the documents that are broken off "
        f"before an answer, and rightly answers {used['mean']:.0%} of the questions about what they say (chance "
        f"{used['chance']:.0%}): it has stored the texts and cannot use them."
    )


def _read_or_not(figures: _Figures, route: str) -> str | None:
    own, false = figures.accuracy(route), figures.accuracy(route, control=True)
    if (
        own is None
        or false is None
        or figures.verdict(route, f"{route} (false context)") != "not distinguishable"
    ):
        return None
    return (
        f"With true documents in the prompt ({route}) {own['mean']:.0%} of the answers are right, with false ones "
        f"{false['mean']:.0%}: the data do not show that the model reads them."
    )


def _crowd(figures: _Figures) -> str | None:
    needed, whole = figures.accuracy("oracle", latent=True), figures.accuracy("context", latent=True)
    if needed is None or whole is None or figures.verdict("oracle", "context", True) != "higher":
        return None
    return (
        f"Latent questions: {needed['mean']:.0%} right with only the needed documents in the prompt, "
        f"{whole['mean']:.0%} with all of them. The model can take the step; it does not find the documents "
        "among so many."
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
