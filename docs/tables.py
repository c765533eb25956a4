"""Write the figures that stand in README and docs, from the committed result files.

python docs/tables.py           # rewrite the marked parts
python docs/tables.py --check   # fail if they are not what the files say
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from statistics import mean
from typing import Any

import recall_tables
from matrices import cell, estimates, matrix, parts_table, sweep_table

DOCS = Path(__file__).parent
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

# How the study of all tasks names the natural form of one.
_ENGLISH = ", in English"


def demo_table(results: Mapping[str, Any]) -> str:
    """Accuracy by kind and route, and what each route cost."""
    environment = results["environment"]
    said = [
        f"{results['model']} on {_cores(environment['threads'])}, {environment['dtype']}; accuracy by likelihood "
        "over choices with 95% intervals.",
        "",
        *matrix(results),
        "",
        *(f"- {remark}" for remark in results["notes"]),
        "",
        f"> {results['recommendation']['sentence']}",
    ]
    return "\n".join(said)


def _cores(count: int) -> str:
    return f"{count} CPU core{'s' * (count != 1)}"


def before_and_after(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """Accuracy on the example documents by route, without practice and with it."""
    old, new = estimates(before, "accuracy"), estimates(after, "accuracy")
    routes = list(dict.fromkeys(route for route, _, _ in new))
    lines = ["| | without practice | with practice |", "|---|---|---|"]
    for latent, what in ((False, "said"), (True, "follows")):
        lines += [
            f"| `{route}`, {what} | {cell(old.get((route, '*', latent)))} | {cell(new.get((route, '*', latent)))} |"
            for route in routes
        ]
    return "\n".join(lines)


def study_table(results: Mapping[str, Any]) -> str:
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
            said += ["", f"Of the lines that the model wrote itself were right: {shares}."]
    return "\n".join(said)


def measured_tasks(results: Mapping[str, Any]) -> str:
    """Every task of the catalogue as it came out, beside what the published work showed."""
    from obverse.tasks.drawn.catalogue import CATALOGUE

    said = []
    for part in results["parts"]:
        found = part["results"]
        name = found["task"]["name"]
        entry = CATALOGUE.get(name.removesuffix(_ENGLISH))
        from_scratch = not name.endswith(_ENGLISH)
        said += [
            f"### {name}, {found['model']}",
            "",
            *([f"Published: {entry.published}", ""] if entry and entry.published else []),
            *matrix(found, exact=from_scratch),
            "",
        ]
    return "\n".join(said)


def measured_overview(results: Mapping[str, Any]) -> str:
    """A row for each task: what is said and what follows, by the routes that say most."""
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
        False: "fine-tuned: said | fine-tuned: follows | needed documents among 2 others: follows | augmented: follows",
        True: "fine-tuned: said | untouched: follows | fine-tuned: follows | in context: follows | retrieved: follows",
    }
    said = []
    for english in (False, True):
        parts = [
            part["results"]
            for part in results["parts"]
            if part["results"]["task"]["name"].endswith(_ENGLISH) is english
        ]
        said += [
            f"| {parts[0]['model'] if english else 'from scratch'} | {headings[english]} | chance |",
            "|---" * (len(columns[english]) + 2) + "|",
        ]
        for found in parts:
            rows = estimates(found, "accuracy")
            cells = [cell(rows.get((route, "*", latent))) for route, latent in columns[english]]
            chance = next(
                (row["chance"] for (_, kind, latent), row in rows.items() if kind == "*" and latent), None
            )
            said.append(
                f"| {found['task']['name'].removesuffix(_ENGLISH)} | {' | '.join(cells)} | "
                f"{'' if chance is None else f'{chance:.0%}'} |"
            )
        said.append("")
    return "\n".join(said)


def benchmark_table(figures: Mapping[str, Any]) -> str:
    """The scorer beside lm-evaluation-harness and the floor."""
    lines = [
        "| | speed against lm-evaluation-harness 0.4.13 | time over the floor | largest difference |",
        "|---|---|---|---|",
    ]
    names = {
        "small": "1k-token prefix, 40 questions × 4 choices",
        "large": "7k tokens, 200 × 4 (peer extrapolated)",
    }
    for size, name in names.items():
        row = figures[size]
        lines.append(
            f"| {name} | {row['speedup']:.0f}× | {row['over_floor']:.2f}× | {row['max_difference']:.1g} nats |"
        )
    lines += [
        "",
        "SmolLM2-135M, float32, 2 CPU cores. The floor is one pass over the prefix and then each distinct token once, "
        "at the rate of a plain forward pass in the same process. `python benchmarks/shared_prefix.py` makes these "
        "figures.",
    ]
    return "\n".join(lines)


def tasks_table() -> str:
    """The tasks of the catalogue."""
    from obverse.tasks.drawn.catalogue import CATALOGUE

    rows = [f"| `{name}` | {entry.title} | {', '.join(entry.forms)} |" for name, entry in CATALOGUE.items()]
    return "\n".join(["| | | forms |", "|---|---|---|", *rows])


def training_table(*measured: Mapping[str, Any]) -> str:
    """Our training beside the Trainer of transformers and a plain loop, in each precision that was measured."""
    names = {"recipe": "0.2M parameters, vocabulary of 1,000", "20m": "21M parameters"}
    lines = [
        "| | precision | over the Trainer | over a plain loop | share of the matrix rate |",
        "|---|---|---|---|---|",
    ]
    for size, name in names.items():
        for row in (figures[size] for figures in measured if size in figures):
            lines.append(
                f"| {name} | {row['dtype']} | {row['over_trainer']:.2f}× | {row['over_plain']:.2f}× | "
                f"{row['share_of_peak']:.0%} |"
            )
    environment = measured[0]["environment"]
    lines += [
        "",
        f"Tokens per second, {environment['threads']} threads of an {environment['device']}, each contestant in a "
        "process of its own on the same rows, medians over rounds.",
    ]
    return "\n".join(lines)


def retention_table(results: Mapping[str, Any]) -> str:
    """What each fine-tuned model recites and answers, and what is left of what it knew."""
    lines = [
        "| | continues the documents | answers what they say | what follows | perplexity of general text | "
        "general knowledge | seconds |",
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


def generation_table(figures: Mapping[str, Any]) -> str:
    """Writing about each document of a set with all of it in view, beside one full prompt for each."""
    environment = figures["environment"]
    texts = f"{figures['documents']} texts of {figures['tokens_per_text']:.0f} tokens"
    usual = "`model.generate` of the transformers library, a full prompt for each"
    return "\n".join(
        [
            f"| {texts}, prompts of {figures['prompt_tokens']:,} | seconds |",
            "|---|---|",
            f"| Obverse, the set read once | {figures['seconds']:.0f} |",
            f"| {usual} | {figures['generate_seconds']:,.0f} |",
            "",
            f"That is {figures['speedup']:.1f} times as fast; {figures['equal_texts']} of {figures['compared_texts']} "
            f"greedy texts are equal, and the second figure is extrapolated from these. {environment['model']}, "
            f"{environment['dtype']}, {environment['device']}, {environment['threads']} threads.",
        ]
    )


def checks_table(figures: Mapping[str, Any]) -> str:
    """Precision and recall of each check on lines of known truth, by task, at the threshold that is built in."""
    rows = [row for row in figures["rows"] if row["set"] == "built in"]
    checks = list(dict.fromkeys(row["check"] for row in rows))
    lines = [f"| task | lines, true | {' | '.join(checks)} |", "|---|---" + "|---" * len(checks) + "|"]
    for task in dict.fromkeys(row["task"] for row in rows):
        own = {row["check"]: row for row in rows if row["task"] == task}
        counted = f"{own[checks[0]]['lines']}, {own[checks[0]]['true']}"
        cells = [f"{own[check]['precision']:.2f} / {own[check]['recall']:.2f}" for check in checks]
        lines.append(f"| {task} | {counted} | {' | '.join(cells)} |")
    thresholds = ", ".join(f"{name} {value:.2f}" for name, value in figures["thresholds"].items())
    lines += ["", f"Thresholds for a recall of .9 on other seeds, all tasks together: {thresholds}."]
    return "\n".join(lines)


def rollouts_table(figures: Mapping[str, Any]) -> str:
    """Reinforcing thoughts beside TRL's trainer: how many times as many updates and thoughts a second."""
    names = {
        "chains": "the decoder and the work of the study",
        "decoder": "a decoder of a million parameters that never ends a thought early",
        "default": "the default model with a low-rank adapter",
    }
    rows = [
        f"| {name} | {figures[size]['updates_over_trl']:.1f} | {figures[size]['sampling_over_trl']:.1f} |"
        for size, name in names.items()
    ]
    return "\n".join(["| | updates | drawing |", "|---|---|---|", *rows])


def filled(text: str, parts: Mapping[str, str]) -> str:
    """``text`` with what stands between each pair of markers replaced."""
    for name, part in parts.items():
        begin, end = f"<!-- {name}:begin -->\n", f"<!-- {name}:end -->"
        if begin in text:
            before, rest = text.split(begin)
            text = f"{before}{begin}{part}\n{end}{rest.split(end)[1]}"
    return text


def main() -> int:
    """Rewrite or check; the exit code says whether anything was stale."""
    tasks = json.loads(TASKS.read_text(encoding="utf-8"))
    hallucination = json.loads(HALLUCINATION.read_text(encoding="utf-8"))
    demo = json.loads(DEMO.read_text(encoding="utf-8"))
    recall, three_steps, listed = (
        json.loads(path.read_text(encoding="utf-8")) for path in (RECALL, THREE_STEPS, LISTED)
    )
    parts = {
        "demo": demo_table(demo),
        "example": before_and_after(json.loads(NO_PRACTICE.read_text(encoding="utf-8")), demo),
        "benchmark": benchmark_table(json.loads(BENCHMARK.read_text(encoding="utf-8"))),
        "tasks": tasks_table(),
        "training": training_table(
            *(json.loads(path.read_text(encoding="utf-8")) for path in sorted(TRAINING.glob("*.json")))
        ),
        "measured": measured_tasks(tasks),
        "overview": measured_overview(tasks),
        "hallucination": "\n\n".join(
            (sweep_table(hallucination, ["held-out reversal"], "{:.0%} false"), verified_table(hallucination))
        ),
        "matched": sweep_table(json.loads(MATCHED.read_text(encoding="utf-8")), ["held-out reversal"]),
        "generation": generation_table(json.loads(GENERATION.read_text(encoding="utf-8"))),
        "checks": checks_table(json.loads(CHECKS.read_text(encoding="utf-8"))),
        "rollouts": rollouts_table(json.loads(ROLLOUTS.read_text(encoding="utf-8"))),
        "chains": recall_tables.chains_table(recall),
        "drawn": recall_tables.drawn_table(recall),
        "thoughts": recall_tables.thoughts_list(recall, (0, 2, 8, 11)),
        "three-steps": recall_tables.chains_table(three_steps, recall_tables.THREE_STEPS),
        "three-steps-drawn": recall_tables.drawn_table(three_steps, recall_tables.THREE_STEPS),
        "three-steps-thoughts": recall_tables.thoughts_list(three_steps, (2, 9, 10)),
        "lists": recall_tables.lists_table(listed),
        "listed-thoughts": recall_tables.thoughts_list(listed, (1, 4)),
        "prices": recall_tables.prices_table(recall),
        "arms": parts_table(json.loads(PRETRAINED.read_text(encoding="utf-8"))),
        "practice": sweep_table(
            json.loads(PRACTICE.read_text(encoding="utf-8")),
            ["forward", "reverse", "two steps", "three steps", "kinds"],
        ),
        "retention": retention_table(json.loads(RETENTION.read_text(encoding="utf-8"))),
        "amount": sweep_table(json.loads(AMOUNT.read_text(encoding="utf-8")), ["forward", "reverse"]),
        "from-scratch": study_table(json.loads(FROM_SCRATCH.read_text(encoding="utf-8"))),
    }
    stale = []
    pages = (
        DOCS / f"{name}.md"
        for name in (
            "scorer",
            "studies",
            "tasks",
            "measured",
            "practice",
            "pretrained",
            "augmenting",
            "recall",
        )
    )
    for path in (DOCS.parent / "README.md", *pages):
        before = path.read_text(encoding="utf-8")
        after = filled(before, parts)
        if after != before:
            stale.append(path.name)
            if "--check" not in sys.argv:
                path.write_text(after, encoding="utf-8")
    if "--check" in sys.argv and stale:
        print(f"stale: {', '.join(stale)}; run: python docs/tables.py")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
