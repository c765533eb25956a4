"""A run folder as a comparison leaves it, made up but plausible, with text that tries to break a page."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest

from obverse.reports.page import write_page

HOSTILE = '<script>window.pwned=1</script></script><img src=x onerror="window.pwned=1">'
RIGHT_TO_LEFT = "מי מחזיק במפתח של המגדלור?"

ROUTES = ("untouched", "finetune", "context", "retrieve", "oracle", "finetune+retrieve")
CONTROLLED = ("context", "retrieve", "oracle")
TRAINED = ("finetune", "finetune+retrieve")
# kind -> (latent, accuracy of each route).
KINDS: dict[str, tuple[bool, tuple[float, ...]]] = {
    "completion": (False, (0.25, 0.95, 0, 0, 0, 0)),
    "recall": (False, (0.27, 0.7, 0.55, 0.85, 0.95, 0.9)),
    "recall reworded": (False, (0.25, 0.6, 0.52, 0.8, 0.93, 0.86)),
    "reversal": (True, (0.24, 0.22, 0.36, 0.7, 0.97, 0.66)),
    "chain": (True, (0.26, 0.3, 0.3, 0.4, 0.5, 0.42)),
    "syllogism": (True, (0.5, 0.5, 0.48, 0.52, 0.6, 0.55)),
}
PER_KIND = 12
SECONDS = {  # route -> to teach, to ask one question
    "untouched": (0, 0.05),
    "finetune": (180, 0.05),
    "context": (0, 2.4),
    "retrieve": (0.2, 0.31),
    "oracle": (0.2, 0.29),
    "finetune+retrieve": (181, 0.3),
}


def written_page(temporary: pytest.TempPathFactory) -> Path:
    """The page of this run, written once for all tests that only read it."""
    folder = temporary.getbasetemp() / "made-up-run"
    return folder / "report.html" if folder.exists() else write_page(write_run(folder))


def write_run(folder: Path) -> Path:
    """Write the files that a report reads; the same ones each time."""
    rng = random.Random(7)
    documents = [
        {
            "id": f"note-{number}",
            "text": f"In the year {1700 + number} keeper {number} took the lamp.",
            "group": None,
        }
        for number in range(20)
    ]
    documents[3]["text"] = f"The inspector wrote: {HOSTILE} & 'nothing' more."
    documents[4]["text"] = RIGHT_TO_LEFT
    answers = [row for kind in KINDS for number in range(PER_KIND) for row in _rows(kind, number, rng)]
    (folder / "task").mkdir(parents=True)
    lines = "".join(json.dumps(document, ensure_ascii=False) + "\n" for document in documents)
    (folder / "task" / "documents.jsonl").write_text(lines, encoding="utf-8")
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(answers), folder / "answers.parquet")
    (folder / "results.json").write_text(json.dumps(_results(answers)), encoding="utf-8")
    return folder


def _rows(kind: str, number: int, rng: random.Random) -> list[dict[str, Any]]:
    """One question's answers by every route and every false-context twin."""
    latent, accuracies = KINDS[kind]
    prompt = f"Who took the lamp in {1700 + number} ({kind})?"
    if kind == "reversal" and number < 2:
        prompt = (HOSTILE, RIGHT_TO_LEFT)[number]
    choices = (
        ["yes", "no"] if kind == "syllogism" else [f"keeper {(number + step) % 20}" for step in range(4)]
    )
    rows = []
    for route, accuracy in zip(ROUTES, accuracies, strict=True):
        if not accuracy:
            continue
        for control in (False, True) if route in CONTROLLED else (False,):
            correct = rng.random() < (1.2 / len(choices) if control else accuracy)
            logs = [-2 - 3 * rng.random() for _ in choices]
            logs[0 if correct else 1] = -1.5
            retrieved = {"context": range(20), "untouched": (), "finetune": ()}.get(route, (number, 3, 4))
            rows.append(
                {
                    "question": f"{kind}-{number}",
                    "prompt": prompt,
                    "answer": choices[0],
                    "kind": kind,
                    "latent": latent,
                    "needs": [f"note-{number}"],
                    "group": f"note-{number}",
                    "choices": choices,
                    "route": route,
                    "control": control,
                    "seed": 0,
                    "log_likelihoods": logs,
                    "token_counts": [2 + len(choice) // 5 for choice in choices],
                    "chosen": choices[0 if correct else 1],
                    "correct": correct,
                    "correct_per_token": correct,
                    "generated": choices[0] if correct else f"It was {HOSTILE}.",
                    "strict": correct,
                    "lenient": correct,
                    "retrieved": [f"note-{number}" for number in retrieved],
                    "verdict": _verdict(route, rng) if latent and not correct and not control else None,
                }
            )
    return rows


def _verdict(route: str, rng: random.Random) -> str:
    return {
        "untouched": "never stored",
        "finetune": "stored, not usable" if rng.random() < 0.7 else "never stored",
        "context": "not usable even in context",
        "oracle": "not usable even in context",
    }.get(route, "not retrieved" if rng.random() < 0.5 else "not usable even in context")


def made_up_counts(estimates: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What counting words would have reached on the questions of each row."""
    rows = dict.fromkeys((row["kind"], row["latent"], row["questions"]) for row in estimates)
    return [
        {"kind": kind, "latent": latent, "mean": 0.37, "questions": questions}
        for kind, latent, questions in rows
    ]


def _results(answers: list[dict[str, Any]]) -> dict[str, Any]:
    estimates = _estimates(answers)
    return {
        "task": {"name": "lighthouse <notes>", "fingerprint": "5f" * 32, "documents": 20, "questions": 72},
        "model": "SmolLM2-135M-Instruct",
        "metric": "accuracy",
        "margin": 0.05,
        "command": "obverse compare notes questions.jsonl --routes untouched,finetune,context,retrieve,oracle",
        "date": "2026-05-04T10:11:12+00:00",
        "estimates": estimates,
        "co_occurrence": made_up_counts(estimates),
        "differences": _differences(estimates),
        "costs": [cost for route in ROUTES for cost in _costs(route)],
        "crossings": [
            _crossing(route, reference, unit, scale)
            for unit, scale in (("flops", 3e10), ("seconds", 1.0))
            for route in ROUTES
            for reference in ROUTES
            if route != reference
        ],
        "diagnosis": _diagnosis(answers),
        "retention": [
            {
                "route": route,
                "seed": 0,
                "perplexity_before": 18.4,
                "perplexity_after": 21.7,
                "knowledge_before": 0.61,
                "knowledge_after": 0.55,
            }
            for route in TRAINED
        ],
        "refused": [
            {
                "route": "masked",
                "reason": "the documents take 9,214 tokens and the window of the model holds 8,192",
            }
        ],
        "curves": made_up_curves(TRAINED[:1], ("", "oracle:2"), {kind: KINDS[kind][0] for kind in KINDS}),
        "augmentation": [{"seed": 0, "written": 40, "right": 31}],
        "recommendation": {
            "route": "oracle",
            "sentence": "Recommended: oracle, which answers 79% [70, 87] of 60 questions right (chance 29%, "
            "untouched 30% [21, 40]; 95% intervals in brackets) at 0.2 s to teach and 0.29 s per question.",
        },
        "latent_recommendation": {
            "route": None,
            "sentence": "The data do not decide: no route answers better than chance and the untouched model; "
            "highest is oracle with 69% [52, 83].",
        },
        "notes": ["A model of 135M parameters hardly uses long contexts; a larger one would be expected to."],
        "checks": {
            "leaks": [
                {
                    "question": "reversal-0",
                    "document": "note-3",
                    "sentence": HOSTILE,
                    "reason": "subject and object stand in one sentence",
                }
            ],
            "drawn_choices": 12,
            "scorer": {"max_difference": 3.1e-6, "texts": 8, "unshared": None, "dtype": "float32"},
            "prompt_form": "chat",
            "false_context": {"exchanged": 18, "shuffled": 2},
        },
        "settings": {
            "seeds": 1,
            "finetune": {"rank": 16, "learning_rate": 2e-4, "epochs": 30},
            "retrieve": {"k": 3},
        },
        "environment": {
            "python": "3.11.7",
            "torch": "2.13.0",
            "platform": "Linux-6.1-x86_64",
            "processors": 2,
        },
    }


def made_up_curves(
    routes: Sequence[str], contexts: Sequence[str], kinds: Mapping[str, bool], seeds: int = 1
) -> list[dict[str, Any]]:
    """Abilities that appear one after the other, latent ones late, and with a context earlier."""
    rng = random.Random(11)
    curves = []
    for route in routes:
        for context in contexts:
            for number, (kind, latent) in enumerate(kinds.items()):
                appears = (4 if latent else 1.5) + 0.7 * number - (2 if context else 0)
                for seed in range(seeds):
                    for step in range(0, 2001, 200):
                        share = 1 / (1 + math.exp(-2 * (step / 200 - appears - seed / 2)))
                        curves.append(
                            {
                                "route": route,
                                "seed": seed,
                                "step": step,
                                "tokens": 8192 * step,
                                "context": context,
                                "kind": kind,
                                "latent": latent,
                                "mean": min(max(share + rng.uniform(-0.06, 0.06), 0), 1),
                                "questions": 50,
                            }
                        )
    return curves


def _estimates(answers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    fields = {
        "accuracy": "correct",
        "accuracy_per_token": "correct_per_token",
        "strict": "strict",
        "lenient": "lenient",
    }
    rows = [(kind, latent) for kind, (latent, _) in KINDS.items()]
    estimates = []
    for route in ROUTES:
        for kind, latent in [*rows, ("*", False), ("*", True), ("*", None)]:
            for control in (False, True):
                chosen = [
                    row
                    for row in answers
                    if (row["route"], row["control"]) == (route, control)
                    and (row["kind"] == kind if kind != "*" else row["kind"] != "completion")
                    and (latent is None or row["latent"] == latent)
                ]
                for metric in tuple(fields)[: 2 if control else 4] if chosen else ():
                    mean = sum(row[fields[metric]] for row in chosen) / len(chosen)
                    half = 1.2 / math.sqrt(len(chosen))
                    estimates.append(
                        {
                            "task": "lighthouse <notes>",
                            "model": "SmolLM2-135M-Instruct",
                            "route": route,
                            "kind": kind,
                            "latent": latent,
                            "control": control,
                            "metric": metric,
                            "mean": mean,
                            "low": max(mean - half, 0),
                            "high": min(mean + half, 1),
                            "questions": len(chosen),
                            "seeds": 1,
                            "chance": sum(1 / len(row["choices"]) for row in chosen) / len(chosen),
                        }
                    )
    return estimates


def _differences(estimates: list[dict[str, Any]]) -> list[dict[str, Any]]:
    of = {
        (entry["route"], entry["kind"], entry["latent"]): entry
        for entry in estimates
        if entry["metric"] == "accuracy" and not entry["control"]
    }
    differences = []
    for (route, kind, latent), entry in of.items():
        for reference in ROUTES[ROUTES.index(route) + 1 :]:
            if other := of.get((reference, kind, latent)):
                mean = entry["mean"] - other["mean"]
                low, high = max(mean - 0.25, -1), min(mean + 0.25, 1)
                verdict = "higher" if low > 0 else "lower" if high < 0 else "no significant difference"
                differences.append(
                    {
                        "route": route,
                        "reference": reference,
                        "kind": kind,
                        "latent": latent,
                        "mean": mean,
                        "low": low,
                        "high": high,
                        "verdict": verdict,
                        "more_questions": 40 if verdict == "no significant difference" else 0,
                    }
                )
    return differences


def _costs(route: str) -> list[dict[str, Any]]:
    teach, ask = SECONDS[route]
    phases = (("teach", 0, teach), ("ask", 72, 72 * ask))
    return [
        {
            "route": route,
            "phase": phase,
            "questions": questions,
            "tokens_forward": 200 * questions,
            "tokens_trained": 54_000 if phase == "teach" and route in TRAINED else 0,
            "tokens_generated": 9 * questions,
            "flops": int(seconds * 3e10),
            "seconds": seconds,
            "peak_memory_bytes": 1_400_000_000 if seconds else 0,
        }
        for phase, questions, seconds in phases
    ]


def _crossing(route: str, reference: str, unit: str, scale: float) -> dict[str, Any]:
    """``scale`` FLOPs or seconds a second: it drops out, as prices are proportional here."""
    (teach, ask), (other_teach, other_ask) = SECONDS[route], SECONDS[reference]
    questions: float | None = None
    if ask < other_ask:
        questions = max(0.0, (teach - other_teach) * scale / ((other_ask - ask) * scale))
    elif ask == other_ask and teach < other_teach:
        questions = 0
    return {"route": route, "reference": reference, "unit": unit, "questions": questions}


def _diagnosis(answers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    counts: dict[tuple[str, str, str], int] = {}
    for row in answers:
        if row["verdict"]:
            key = (row["route"], row["kind"], row["verdict"])
            counts[key] = counts.get(key, 0) + 1
    return [
        {"route": route, "kind": kind, "verdict": verdict, "count": number}
        for (route, kind, verdict), number in counts.items()
    ]
