"""The sentences of README and docs about results, made from the committed result files.

What is called above chance has an interval above it; what is called reading
has an interval above that of false context (`obverse.judging.wording.shows_reading`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from matrices import beside, cell, estimates, has_context

from obverse.judging import wording

Found = Mapping[str, Any]
Counts = Mapping[str, tuple[int, int]]

# How the study of all tasks names the natural form of one.
ENGLISH = ", in English"
TOTALS = (("completion", False), ("*", False), ("*", True))


def share(route: str, row: Found | None, false: Found | None = None) -> str:
    """A mean in words, with that of false context behind it where documents stand in the prompt of the route."""
    if row is None:
        return "–"
    beside_it = f"{false['mean']:.0%}" if false else "not kept"
    return f"{row['mean']:.0%}" + (f" (false: {beside_it})" if has_context(route) else "")


def listed(names: Iterable[str]) -> str:
    """Names in a row, ``none`` where there are none."""
    return "; ".join(names) or "none"


def upper_bounds(counts: Counts) -> str:
    """The caption of figures of augment: how many latent test questions the writer completed itself."""
    said = ", ".join(f"{name} {cued} of {latent}" for name, (cued, latent) in counts.items() if latent)
    return (
        "*Augmented is an upper bound*: some of the cues that the model completed with the needed documents in its "
        f"prompt, and then learned, are test prompts word for word. Latent questions that are such cues: {said}."
    )


def from_scratch_said(results: Found, counts: Counts) -> str:
    """Accuracy on held-out reversals, in the experiment from scratch."""
    by_task = {part["results"]["task"]["name"]: part["results"] for part in results["parts"]}

    def right(task: str, route: str) -> str:
        place = (route, "held-out reversal", True)
        found = by_task[task]
        own, false = (estimates(found, results["metric"], control=control) for control in (False, True))
        return share(route, own.get(place), false.get(place))

    cued, latent = counts["reversals"]
    other = "reversals, other objectives"
    return (
        f"Exact match on held-out reversals: fine-tuned {right('reversals', 'finetune')}; with the needed document "
        f"and two others in the prompt {right('reversals', 'finetune+oracle:2')}; also trained on lines that the model "
        f"wrote about its own documents {right('reversals', 'augment')}, an upper bound ({cued} of {latent} test "
        "prompts are cues that it completed with the needed document in its prompt); with other objectives "
        f"{right(other, 'reversed')} (`reversed`), {right(other, 'masked')} (`masked`), "
        f"{right(other, 'masked-copy')} (`masked-copy`)."
    )


def demo_brief(results: Found) -> str:
    """The example in two sentences: fine-tuned, and with retrieved documents."""
    own, false = (estimates(results, "accuracy", control=control) for control in (False, True))
    tuned = [own.get(("finetune", *place)) for place in TOTALS]
    completed, *answered = (share("finetune", row) for row in tuned)
    chance = " and ".join(f"{row['chance']:.0%}" for row in tuned[1:] if row)
    found, exchanged = (
        " and ".join(share("untouched", rows.get(("retrieve", *place))) for place in TOTALS[1:])
        for rows in (own, false)
    )
    return (
        f"In this run, the fine-tuned model completes {completed} of its training documents, and answers {answered[0]} "
        f"of the explicit and {answered[1]} of the latent questions (guessing: {chance}). With retrieved documents in "
        f"the prompt and no fine-tuning, it answers {found}; with false documents of the same form, {exchanged}."
    )


def arms_totals(results: Found) -> str:
    """Completions, explicit and latent questions, by task, model and route."""
    lines = [
        "| | route | completions | explicit | latent | chance, explicit and latent |",
        "|---" * 6 + "|",
    ]
    for part in results["parts"]:
        found = part["results"]
        own, false = (estimates(found, "accuracy", control=control) for control in (False, True))
        for route in dict.fromkeys(route for route, _, _ in own):
            rows = [(own.get((route, *place)), false.get((route, *place))) for place in TOTALS]
            cells = [cell(row) + beside(route, row, control) for row, control in rows]
            chance = " and ".join(f"{row['chance']:.0%}" for row, _ in rows[1:] if row)
            name = f"{found['task']['name']}: {found['model']}"
            lines.append(f"| {name} | `{route}` | {' | '.join(cells)} | {chance} |")
    return "\n".join(lines)


def arms_sizes(results: Found) -> str:
    """How large the sets of the three arms are."""
    lines = ["| | documents | tokens | explicit questions | latent questions | choices |", "|---" * 6 + "|"]
    for part in results["parts"]:
        found = part["results"]
        costs = {(row["route"], row["phase"]): row for row in found["costs"]}
        encoded = costs.get(("context", "teach"))
        if encoded is None or "not practised" in found["model"]:
            continue
        own = estimates(found, "accuracy")
        explicit, latent = (own["context", "*", which] for which in (False, True))
        lines.append(
            f"| {found['task']['name']} | {found['task']['documents']} | {encoded['tokens_forward']:,} | "
            f"{explicit['questions']} | {latent['questions']} | {round(1 / latent['chance'])} |"
        )
    return "\n".join([*lines, "", "Tokens count all documents as they appear in the prompt."])


def arms_brief(results: Found) -> str:
    """The three arms on people, in a sentence."""
    tuned = estimates(_part(results, "people and works", "low-rank, fine-tuned"), "accuracy")
    told, explicit, latent = (tuned.get(("finetune", *place)) for place in TOTALS)
    chance = f" (chance {latent['chance']:.0%})" if latent else ""
    shown = []
    for model in ("practised", "not practised"):
        found = _part(results, "people and works", model)
        own, false = (estimates(found, "accuracy", control=control) for control in (False, True))
        shown.append(
            [
                share("context", *(rows.get(("context", *place)) for rows in (own, false)))
                for place in TOTALS[1:]
            ]
        )
    tuned_shares = [share("finetune", row) for row in (told, explicit, latent)]
    return (
        f"*People and works*: after fine-tuning, the model completes {tuned_shares[0]} of the documents, answers "
        f"{tuned_shares[1]} of the explicit questions and {tuned_shares[2]} of the latent questions{chance}. With all "
        f"documents in the prompt, the practised model answers {shown[0][0]} of the explicit and {shown[0][1]} of the "
        f"latent questions, and the model without practice {shown[1][0]} and {shown[1][1]}."
    )


def arms_said(results: Found) -> str:
    """What the intervals of the three arms show."""
    above: dict[bool, list[str]] = {True: [], False: []}
    reading: dict[bool | None, list[str]] = {True: [], False: [], None: []}
    for part in results["parts"]:
        found = part["results"]
        own, false = (estimates(found, "accuracy", control=control) for control in (False, True))
        read: dict[bool | None, list[str]] = {True: [], False: [], None: []}
        for (route, kind, latent), row in own.items():
            if kind != "*" or not latent:
                continue
            if route == "finetune":
                above[row["low"] > row["chance"]].append(f"{found['task']['name']} ({found['model']})")
            if has_context(route):
                read[_shows_reading(row, false.get((route, kind, latent)))].append(f"`{route}`")
        for shown, routes in read.items():
            if routes:
                reading[shown].append(f"{found['task']['name']} ({found['model']}: {', '.join(routes)})")
    without = (
        [f"- No figure with false documents was kept: {listed(reading[None])}."] if reading[None] else []
    )
    return "\n".join(
        [
            f"- Fine-tuned, latent questions answered above chance: {listed(above[True])}. Not shown to be: "
            f"{listed(above[False])}.",
            "- With documents in the prompt, latent questions answered by reading (the interval lies above that with "
            f"false documents): {listed(reading[True])}.",
            "- Not shown to be reading (the interval does not lie above that with false documents): "
            f"{listed(reading[False])}.",
            *without,
        ]
    )


def measured_said(results: Found) -> str:
    """For each route, the tasks whose latent questions are answered above chance, and by reading."""
    lines = []
    for english, ways in (
        (False, ("finetune", "augment", "finetune+oracle:2", "finetune+context:8", "finetune+retrieve")),
        (True, ("untouched", "finetune", "context", "retrieve")),
    ):
        parts = [
            part["results"]
            for part in results["parts"]
            if part["results"]["task"]["name"].endswith(ENGLISH) is english
        ]
        lines += [f"**{'In English' if english else 'From scratch'}**, latent questions:", ""]
        lines += [_way(parts, way) for way in ways]
        lines.append("")
    return "\n".join(lines).rstrip()


def _way(parts: Sequence[Found], route: str) -> str:
    place = (route, "*", True)
    above: list[str] = []
    not_shown: list[str] = []
    reading: dict[bool | None, list[str]] = {True: [], False: [], None: []}
    for found in parts:
        own, false = (estimates(found, "accuracy", control=control).get(place) for control in (False, True))
        name = found["task"]["name"].removesuffix(ENGLISH)
        if own is None:
            continue
        (above if own["low"] > own["chance"] else not_shown).append(name)
        if has_context(route):
            reading[_shows_reading(own, false)].append(name)
    said = f"- `{route}`. Above chance: {listed(above)}. Not shown to be: {listed(not_shown)}."
    if reading[False]:
        said += (
            " Not shown to be reading (the interval does not lie above that with false documents): "
            f"{listed(reading[False])}."
        )
    if reading[None]:
        said += f" No figure with false documents was kept: {listed(reading[None])}."
    return said


def _shows_reading(own: Found, false: Found | None) -> bool | None:
    """Whether a figure may be called reading; ``None`` where that with false documents is not known."""
    return wording.shows_reading(own, false) if false else None


def practice_said(results: Found) -> str:
    """What practice changes, by kind of question and number of facts."""
    lines = []
    for kind in dict.fromkeys(point["kind"] for point in results["sweep"]["points"]):
        for facts in (5, 20, 100):
            points = [
                point for point in results["sweep"]["points"] if (point["kind"], point["x"]) == (kind, facts)
            ]
            own = {
                line: [point["mean"] for point in points if point["line"] == line]
                for line in ("untouched", "practised")
            }
            if not own["practised"]:
                continue
            false = [
                row["mean"]
                for part in results["parts"]
                for row in part["results"]["estimates"]
                if row["control"]
                and row["metric"] == results["metric"]
                and row["kind"] == kind
                and row["model"] == "practised"
                and row["task"] in {point["task"] for point in points}
            ]
            before = f", before {_range(own['untouched'])}" if own["untouched"] else ""
            beside_it = f" (with false documents {_range(false) if false else 'not kept'})"
            lines.append(f"- {kind}, among {facts} facts: {_range(own['practised'])}{beside_it}{before}.")
    return "\n".join(lines)


def partners_said(results: Found) -> str:
    """Where held-out reversals come from: the partner analysis."""
    names = (
        ("held-out reversals answered", "held-out reversal"),
        ("place of a held-out partner among all entities (chance 50%)", "inputs, rank, held out"),
        ("of a trained one", "inputs, rank, trained"),
        ("answered with the two embeddings exchanged", "exchanged"),
    )
    lines = [f"| | {' | '.join(name for name, _ in names)} |", "|---" * (len(names) + 1) + "|"]
    for model, row in results["partners"].items():
        lines.append(f"| {model} | {' | '.join(f'{row[key]:.0%}' for _, key in names)} |")
    return "\n".join(lines)


def _part(results: Found, task: str, model: str) -> Found:
    """The part of a study with this task and model."""
    return next(
        part["results"]
        for part in results["parts"]
        if (part["results"]["task"]["name"], part["results"]["model"]) == (task, model)
    )


def _range(means: Sequence[float]) -> str:
    low, high = f"{min(means):.0%}", f"{max(means):.0%}"
    return low if low == high else f"{low} to {high}"
