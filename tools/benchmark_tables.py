"""The tables of docs that benchmarks fill: the scorer, training, writing, checking, reinforcing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


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
