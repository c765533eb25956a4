"""The folder of a study as the engine leaves it, made up but plausible, with text that tries to break a page."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
from made_up_run import HOSTILE, made_up_counts, made_up_curves

from obverse.reports.tables import Results

ROUTES = (
    "finetune",
    "finetune+context:2",
    "finetune+oracle:8",
    "finetune+context",
    "reversed",
    "reversed+oracle:8",
    "masked",
    "masked+oracle:8",
    "masked-copy",
    "masked-copy+oracle:8",
    "augment",
    "augment+oracle:8",
)
TAUGHT = tuple(dict.fromkeys(route.split("+")[0] for route in ROUTES))
KINDS = {
    "forward recall": False,
    "recall after filler": False,
    "trained reversal": False,
    "held-out reversal": True,
    f"wrong frame {HOSTILE}": True,
}
PER_KIND = 10
NOT_SEARCHED = "Not searched for among so many documents."
SEEDS = 2
METRICS = {
    "accuracy": "correct",
    "accuracy_per_token": "correct_per_token",
    "strict": "strict",
    "lenient": "lenient",
}


def write_study_folder(folder: Path, *, sweep: bool) -> Path:
    """Write what the page of a study is made from; the same each time."""
    parts = []
    for number, task in enumerate(("simple reversals", f"codebooks {HOSTILE}")):
        routes = ROUTES if number == 0 else (f"reversed {HOSTILE}", *ROUTES[:3], "augment")
        answers = _answers(routes, random.Random(number))
        results = _results(task, routes, answers)
        slug = f"part {number}"
        part = folder / "parts" / slug
        (part / "task").mkdir(parents=True)
        lines = "".join(
            json.dumps({"id": f"f{fact}", "text": f"e{fact} f0 e{fact + 1} ."}) + "\n" for fact in range(20)
        )
        (part / "task" / "documents.jsonl").write_text(lines, encoding="utf-8")
        (part / "results.json").write_text(json.dumps(results), encoding="utf-8")
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(answers), part / "answers.parquet")
        parts.append({"slug": slug, "results": results})
    results = {
        "study": "reversals",
        "title": f"Which routes answer backwards? {HOSTILE}",
        "about": "Facts are taught in one direction and asked in the other.\n\nThe second paragraph says why: a model "
        "that was taught that A is B does not know that B is A.",
        "metric": "strict",
        "seeds": SEEDS,
        "command": "obverse study run studies/reversals.py",
        "date": "2026-05-04T10:11:12+00:00",
        "environment": {"python": "3.11.7", "torch": "2.13.0", "processors": 2},
        "parts": parts,
        "sweep": _sweep() if sweep else None,
        "failed": [
            {
                "task": "simple reversals",
                "model": "decoder",
                "route": "masked",
                "seed": 1,
                "reason": f"RuntimeError: out of memory {HOSTILE}",
            }
        ],
    }
    (folder / "results.json").write_text(json.dumps(results), encoding="utf-8")
    return folder


def study_results(folder: Path) -> dict[str, Any]:
    """The content of the study's ``results.json``."""
    content: dict[str, Any] = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    return content


def _share(route: str, latent: bool, control: bool) -> float:
    if control:
        return 0.05
    if "+" in route:
        return 0.9
    return {"augment": 0.8, "reversed": 0.95, "masked": 0.7}.get(route, 0.03) if latent else 0.97


def _answers(routes: tuple[str, ...], rng: random.Random) -> list[dict[str, Any]]:
    rows = []
    for route in routes:
        for control in (False, True) if "+" in route else (False,):
            for kind, latent in KINDS.items():
                for seed in range(SEEDS):
                    for number in range(PER_KIND):
                        strict = rng.random() < _share(route, latent, control)
                        chosen = strict or rng.random() < 0.3
                        rows.append(
                            {
                                "question": f"{kind}-{number}",
                                "prompt": f"e{number} b0",
                                "answer": "e1",
                                "kind": kind,
                                "latent": latent,
                                "needs": [f"f{number}"],
                                "group": f"f{number}",
                                "choices": ["e1", "e2", "e3"],
                                "route": route,
                                "control": control,
                                "seed": seed,
                                "log_likelihoods": [-1.0, -3.0, -4.0] if chosen else [-3.0, -1.0, -4.0],
                                "token_counts": [1, 1, 1],
                                "chosen": "e1" if chosen else "e2",
                                "correct": chosen,
                                "correct_per_token": chosen,
                                "generated": "e1" if strict else "e9",
                                "strict": strict,
                                "lenient": strict,
                                "retrieved": [f"f{number}", "f12"] if "+" in route else [],
                                "verdict": None if strict or control or not latent else "stored, not usable",
                            }
                        )
    return rows


def _results(task: str, routes: tuple[str, ...], answers: list[dict[str, Any]]) -> Results:
    estimates = _estimates(routes, answers)
    return {
        "task": {"name": task, "fingerprint": "5f" * 32, "documents": 20, "questions": PER_KIND * len(KINDS)},
        "model": "decoder 8M",
        "margin": 0.05,
        "metric": "strict",
        "command": "obverse study run studies/reversals.py",
        "date": "2026-05-04T10:11:12+00:00",
        "estimates": estimates,
        "co_occurrence": made_up_counts(estimates),
        "differences": [],
        "costs": [
            {
                "route": route,
                "phase": phase,
                "questions": PER_KIND * len(KINDS) if phase == "ask" else 0,
                "tokens_forward": 100,
                "tokens_trained": 9_000_000 if phase == "teach" else 0,
                "tokens_generated": 10,
                "flops": 4e14 if phase == "teach" else 1e10,
                "seconds": 900 + 40 * number if phase == "teach" else 2.5,
                "peak_memory_bytes": 10**9,
            }
            for number, route in enumerate(routes)
            for phase in ("teach", "ask")
        ],
        "crossings": [],
        "diagnosis": [
            {"route": "finetune", "kind": "held-out reversal", "verdict": "stored, not usable", "count": 19}
        ],
        "retention": [],
        "refused": [],
        "recommendation": {"route": "augment", "sentence": "Recommended: augment."},
        "latent_recommendation": None,
        "notes": [],
        "checks": {
            "leaks": NOT_SEARCHED,
            "drawn_choices": 0,
            "scorer": {"max_difference": None, "texts": 0, "unshared": None},
        },
        "settings": {"seeds": SEEDS},
        "environment": {"python": "3.11.7"},
        "curves": made_up_curves(TAUGHT[:4], ("", "oracle:8"), KINDS, SEEDS),
        "augmentation": [
            {
                "seed": seed,
                "written": 1000,
                "right": 930 - 20 * seed,
                "kept": 880,
                "right_kept": 871,
                "threshold": -0.0425,
            }
            for seed in range(SEEDS)
        ],
    }


def _estimates(routes: tuple[str, ...], answers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    estimates = []
    for route in routes:
        for control in (False, True):
            for kind, latent in [*KINDS.items(), ("*", False), ("*", True), ("*", None)]:
                chosen = [
                    row
                    for row in answers
                    if (row["route"], row["control"]) == (route, control)
                    and kind in ("*", row["kind"])
                    and latent in (None, row["latent"])
                ]
                for metric, column in METRICS.items() if chosen else ():
                    mean = sum(row[column] for row in chosen) / len(chosen)
                    estimates.append(
                        {
                            "route": route,
                            "kind": kind,
                            "latent": latent,
                            "control": control,
                            "metric": metric,
                            "mean": mean,
                            "low": max(mean - 0.1, 0),
                            "high": min(mean + 0.08, 1),
                            "questions": len(chosen) // SEEDS,
                            "seeds": SEEDS,
                            "chance": 1 / 3,
                        }
                    )
    return estimates


def _sweep() -> dict[str, Any]:
    points = [
        {
            "panel": panel,
            "line": line,
            "x": x,
            "task": "simple reversals",
            "model": "decoder 8M",
            "route": "finetune",
            "kind": kind,
            "mean": mean,
            "low": max(mean - 0.08, 0),
            "high": min(mean + 0.08, 1),
            "false": {"mean": mean / 2, "low": 0.0, "high": mean},
            "questions": 100,
            "seeds": SEEDS,
        }
        for panel in ("cycle", f"permutation {HOSTILE}")
        for kind in ("held-out reversal", "wrong frame")
        for number, line in enumerate(("100 facts", "1,000 facts", f"20,000 facts {HOSTILE}"))
        for x in (0.0, 0.25, 0.5, 0.75, 0.99)
        for mean in [
            min(x * (0.3 + 0.35 * number), 1) if kind == "held-out reversal" else 1 - x * 0.2 * number
        ]
    ]
    return {
        "axis": "share of reversals trained",
        "kinds": ["held-out reversal", "wrong frame"],
        "points": points,
    }
