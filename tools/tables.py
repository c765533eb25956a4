"""Write the figures that stand in README and docs, from the committed result files.

python tools/tables.py           # rewrite the marked parts
python tools/tables.py --check   # fail if they are not what the files say
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from statistics import mean
from typing import Any

import benchmark_tables
import claims
import recall_tables
from matrices import beside, cell, estimates, matrix, parts_table, sweep_table

from obverse.judging import wording

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
DEMO = DOCS / "results" / "demo" / "results.json"
NO_PRACTICE = DEMO.with_name("no-practice.json")
BENCHMARK = DOCS / "results" / "shared_prefix.json"
TRAINING = DOCS / "results" / "training"
TASKS = DOCS / "results" / "tasks" / "results.json"
CHECKS = DOCS / "results" / "checks.json"
GENERATION = DOCS / "results" / "generation.json"
ROLLOUTS = DOCS / "results" / "rollouts.json"
MATCHED = DOCS / "results" / "matched" / "results.json"
HALLUCINATION = DOCS / "results" / "hallucination" / "results.json"
RECALL = DOCS / "results" / "learned-recall" / "results.json"
LISTED = DOCS / "results" / "listed-recall" / "results.json"
THREE_STEPS = DOCS / "results" / "three-step-recall" / "results.json"
PRETRAINED = DOCS / "results" / "pretrained" / "results.json"
RETENTION = DOCS / "results" / "retention" / "results.json"
PRACTICE = DOCS / "results" / "practice" / "results.json"
AMOUNT = DOCS / "results" / "practice-amount" / "results.json"
FROM_SCRATCH = DOCS / "results" / "from-scratch" / "results.json"
PARTNERS = DOCS / "results" / "partner-code" / "results.json"
EXPERIMENTS = ROOT / "experiments"


def demo_table(results: Mapping[str, Any]) -> str:
    """Accuracy of completions and in total by route, what each route cost, and the recommendation."""
    environment = results["environment"]
    said = [
        f"{results['model']}, on {_cores(environment['threads'])} in {environment['dtype']}. Accuracy by likelihood "
        "over choices; brackets are 95% intervals.",
        "",
        *matrix(results, kinds=("completion", "*")),
        "",
        f"> {results['recommendation']['sentence']}",
    ]
    return "\n".join(said)


def remarks_list(results: Mapping[str, Any]) -> str:
    """The remarks that the run printed below its table."""
    return "\n".join(f"- {remark}" for remark in results["notes"])


def _cores(count: int) -> str:
    return f"{count} CPU core{'s' * (count != 1)}"


def before_and_after(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """Accuracy on the example documents by route, without practice and with it."""
    old, new = estimates(before, "accuracy"), estimates(after, "accuracy")
    false = [estimates(found, "accuracy", control=True) for found in (before, after)]

    def both(route: str, latent: bool) -> str:
        place = (route, "*", latent)
        return " | ".join(
            cell(found.get(place)) + beside(route, found.get(place), control.get(place))
            for found, control in zip((old, new), false, strict=True)
        )

    routes = list(dict.fromkeys(route for route, _, _ in new))
    lines = ["| | without practice | with practice |", "|---|---|---|"]
    for latent, what in ((False, "explicit"), (True, "latent")):
        lines += [f"| `{route}`, {what} | {both(route, latent)} |" for route in routes]
    return "\n".join(lines)


def study_table(results: Mapping[str, Any], counts: claims.Counts) -> str:
    """Exact match by kind and route for each task of a study, and what each route cost to teach."""
    said = [
        f"Exact match with 95% intervals, {results['seeds']} trainings each, on a CPU; a decoder of "
        f"{results['parts'][0]['results']['environment']['parameters']:,} parameters.",
    ]
    for part in results["parts"]:
        found = part["results"]
        said += [
            "",
            f"**{found['task']['name']}** ({found['task']['documents']:,} documents)",
            "",
            *matrix(found),
        ]
        if found["augmentation"]:
            shares = ", ".join(f"{row['right'] / row['written']:.0%}" for row in found["augmentation"])
            cued, latent = counts[found["task"]["name"]]
            said += [
                "",
                f"Share of right lines among those that the model wrote: {shares}. {wording.upper_bound(cued, latent)}",
            ]
    return "\n".join(said)


def cue_counts(study: str, results: Mapping[str, Any]) -> claims.Counts:
    """By task in a study's results: the latent questions that are cues for augment too, and all latent ones.

    The study may have tasks that were not run yet.
    """
    from obverse.engine.study_file import load_study
    from obverse.learners.learner import TASK_SEED
    from obverse.tasks.drawn.cued import cued

    run = {part["results"]["task"]["name"] for part in results["parts"]}
    tasks = load_study(EXPERIMENTS / f"{study}.py").tasks
    return {
        name: cued(task, TASK_SEED)
        for name, task in tasks.items()
        if name in run and not name.endswith(claims.ENGLISH)
    }


def measured_tasks(results: Mapping[str, Any], counts: claims.Counts) -> str:
    """The results of every task of the catalogue, beside those of published work."""
    from obverse.tasks.drawn.catalogue import CATALOGUE

    said = []
    for part in results["parts"]:
        found = part["results"]
        name = found["task"]["name"]
        entry = CATALOGUE.get(name.removesuffix(claims.ENGLISH))
        from_scratch = not name.endswith(claims.ENGLISH)
        said += [
            f"### {name}, {found['model']}",
            "",
            *([f"Published: {entry.published}", ""] if entry and entry.published else []),
            *matrix(found, exact=from_scratch),
            "",
            *([wording.upper_bound(*counts[name]), ""] if from_scratch and counts[name][1] else []),
        ]
    return "\n".join(said)


def measured_overview(results: Mapping[str, Any], counts: claims.Counts) -> str:
    """A row for each task: explicit and latent questions by the main routes."""
    columns = {
        False: (("finetune", False), ("finetune", True), ("finetune+oracle:2", True), ("augment", True)),
        True: (
            ("finetune", False),
            ("untouched", True),
            ("finetune", True),
            ("context", True),
            ("retrieve", True),
        ),
    }
    headings = {
        False: "fine-tuned: explicit | fine-tuned: latent | needed documents among 2 others: latent | "
        "augmented: latent",
        True: "fine-tuned: explicit | untouched: latent | fine-tuned: latent | in context: latent | retrieved: latent",
    }
    said = []
    for english in (False, True):
        parts = [
            part["results"]
            for part in results["parts"]
            if part["results"]["task"]["name"].endswith(claims.ENGLISH) is english
        ]
        said += [
            f"| {parts[0]['model'] if english else 'from scratch'} | {headings[english]} | chance |",
            "|---" * (len(columns[english]) + 2) + "|",
        ]
        for found in parts:
            rows = estimates(found, "accuracy")
            false = estimates(found, "accuracy", control=True)
            cells = [
                cell(rows.get((route, "*", latent)))
                + beside(route, rows.get((route, "*", latent)), false.get((route, "*", latent)))
                for route, latent in columns[english]
            ]
            chance = next(
                (row["chance"] for (_, kind, latent), row in rows.items() if kind == "*" and latent), None
            )
            said.append(
                f"| {found['task']['name'].removesuffix(claims.ENGLISH)} | {' | '.join(cells)} | "
                f"{'' if chance is None else f'{chance:.0%}'} |"
            )
        said += [""] if english else ["", claims.upper_bounds(counts), ""]
    return "\n".join(said)


def tasks_table() -> str:
    """The tasks of the catalogue."""
    from obverse.tasks.drawn.catalogue import CATALOGUE

    rows = [f"| `{name}` | {entry.title} | {', '.join(entry.forms)} |" for name, entry in CATALOGUE.items()]
    return "\n".join(["| | | forms |", "|---|---|---|", *rows])


def retention_table(results: Mapping[str, Any]) -> str:
    """What each fine-tuned model completes and answers, and how much of its earlier knowledge is left."""
    lines = [
        "| | completions | explicit | latent | perplexity of general text | general knowledge | seconds |",
        "|---" * 7 + "|",
    ]
    for part in results["parts"]:
        found = part["results"]
        rows = estimates(found, "accuracy")
        asked = [("completion", False), ("*", False), ("*", True)]
        cells = [cell(rows.get(("finetune", *names))) for names in asked]
        kept = [row for row in found["retention"] if row["route"] == "finetune"]
        for name in ("perplexity", "knowledge"):
            form = ".1f" if name == "perplexity" else ".0%"
            before, after = (mean(row[f"{name}_{when}"] for row in kept) for when in ("before", "after"))
            cells.append(f"{before:{form}} → {after:{form}}")
        seconds = next(
            row["seconds"] for row in found["costs"] if (row["route"], row["phase"]) == ("finetune", "teach")
        )
        lines.append(f"| {found['model']} | {' | '.join(cells)} | {seconds:.0f} |")
    return "\n".join(lines)


def verified_table(results: Mapping[str, Any]) -> str:
    """What the verifiers of a study kept of lines that are known to be right or wrong."""
    lines = ["| lines | right | kept | right among the kept | kept of the right |", "|---|---|---|---|---|"]
    for model in dict.fromkeys(row["model"] for row in results["augmentation"] if row["kept"] is not None):
        rows = [row for row in results["augmentation"] if row["model"] == model]
        written, right, kept, right_kept = (
            sum(row[name] for row in rows) for name in ("written", "right", "kept", "right_kept")
        )
        lines.append(
            f"| {model} | {right / written:.1%} | {kept / written:.1%} | {right_kept / max(1, kept):.1%} | "
            f"{right_kept / max(1, right):.1%} |"
        )
    return "\n".join(lines)


def filled(text: str, parts: Mapping[str, str]) -> str:
    """``text`` with what stands between each pair of markers replaced."""
    for name, part in parts.items():
        begin, end = f"<!-- {name}:begin -->\n", f"<!-- {name}:end -->"
        if begin in text:
            before, rest = text.split(begin)
            text = f"{before}{begin}{part}\n{end}{rest.split(end)[1]}"
    return text


@cache
def parts() -> Mapping[str, str]:
    """Every generated part by the name of its markers."""
    tasks = json.loads(TASKS.read_text(encoding="utf-8"))
    hallucination = json.loads(HALLUCINATION.read_text(encoding="utf-8"))
    demo = json.loads(DEMO.read_text(encoding="utf-8"))
    recall, three_steps, listed = (
        json.loads(path.read_text(encoding="utf-8")) for path in (RECALL, THREE_STEPS, LISTED)
    )
    pretrained, practice = (json.loads(path.read_text(encoding="utf-8")) for path in (PRETRAINED, PRACTICE))
    from_scratch = json.loads(FROM_SCRATCH.read_text(encoding="utf-8"))
    measured, scratch = cue_counts("tasks", tasks), cue_counts("from_scratch", from_scratch)
    return {
        "demo": demo_table(demo),
        "demo-brief": claims.demo_brief(demo),
        "demo-kinds": "\n".join(matrix(demo)),
        "demo-remarks": remarks_list(demo),
        "example": before_and_after(json.loads(NO_PRACTICE.read_text(encoding="utf-8")), demo),
        "benchmark": benchmark_tables.benchmark_table(json.loads(BENCHMARK.read_text(encoding="utf-8"))),
        "tasks": tasks_table(),
        "training": benchmark_tables.training_table(
            *(json.loads(path.read_text(encoding="utf-8")) for path in sorted(TRAINING.glob("*.json")))
        ),
        "measured": measured_tasks(tasks, measured),
        "overview": measured_overview(tasks, measured),
        "hallucination": "\n\n".join(
            (sweep_table(hallucination, ["held-out reversal"], "{:.0%} false"), verified_table(hallucination))
        ),
        "matched": sweep_table(json.loads(MATCHED.read_text(encoding="utf-8")), ["held-out reversal"]),
        "generation": benchmark_tables.generation_table(json.loads(GENERATION.read_text(encoding="utf-8"))),
        "checks": benchmark_tables.checks_table(json.loads(CHECKS.read_text(encoding="utf-8"))),
        "rollouts": benchmark_tables.rollouts_table(json.loads(ROLLOUTS.read_text(encoding="utf-8"))),
        "chains": recall_tables.chains_table(recall),
        "drawn": recall_tables.drawn_table(recall),
        "thoughts": recall_tables.thoughts_list(recall, (0, 2, 8, 11)),
        "three-steps": recall_tables.chains_table(three_steps, recall_tables.THREE_STEPS),
        "three-steps-drawn": recall_tables.drawn_table(three_steps, recall_tables.THREE_STEPS),
        "three-steps-thoughts": recall_tables.thoughts_list(three_steps, (2, 9, 10)),
        "lists": recall_tables.lists_table(listed),
        "listed-thoughts": recall_tables.thoughts_list(listed, (1, 4)),
        "prices": recall_tables.prices_table(recall),
        "arms": parts_table(pretrained),
        "arms-brief": claims.arms_brief(pretrained),
        "arms-sizes": claims.arms_sizes(pretrained),
        "arms-totals": claims.arms_totals(pretrained),
        "arms-said": claims.arms_said(pretrained),
        "measured-said": claims.measured_said(tasks),
        "practice-said": claims.practice_said(practice),
        "recall-said": recall_tables.recall_said(recall, listed),
        "partners-said": claims.partners_said(json.loads(PARTNERS.read_text(encoding="utf-8"))),
        "from-scratch-said": claims.from_scratch_said(from_scratch, scratch),
        "practice": sweep_table(
            practice,
            ["forward", "reverse", "two steps", "three steps", "kinds"],
        ),
        "retention": retention_table(json.loads(RETENTION.read_text(encoding="utf-8"))),
        "amount": sweep_table(json.loads(AMOUNT.read_text(encoding="utf-8")), ["forward", "reverse"]),
        "from-scratch": study_table(from_scratch, scratch),
    }


def main() -> int:
    """Rewrite or check; the exit code says whether anything was stale."""
    parser = argparse.ArgumentParser(description="Write the figures that stand in README and docs.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a figure is stale")
    check = parser.parse_args().check
    stale = []
    pages = (path for path in sorted(DOCS.rglob("*.md")) if path.name != "log.md")  # which is history
    for path in (ROOT / "README.md", *pages):
        before = path.read_text(encoding="utf-8")
        after = filled(before, parts())
        if after != before:
            stale.append(path.name)
            if not check:
                path.write_text(after, encoding="utf-8")
    if check and stale:
        print(f"stale: {', '.join(stale)}; run: python tools/tables.py")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
