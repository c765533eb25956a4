"""Every question with every route's answer, packed small for the page's browser of questions.

A thousand questions by six routes are written into the page once, as JSON: routes, verdicts and lists of
retrieved documents, which repeat, are stored once each and named by number.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from obverse.reports.page_folder import Run


def packed_questions(run: Run, colours: dict[str, str]) -> dict[str, Any]:
    """The content of the page's browser of questions.

    Args:
        run: its answers and documents.
        colours: route -> colour; the order of the routes is kept.

    Returns:
        ``documents`` as [id, text]; ``prompts``: lists of documents that stood in a prompt, by number;
        ``routes`` as name, control and colour; ``questions``, each with its ``answers``.
    """
    names = sorted(
        {(row["route"], row["control"]) for row in run.answers},
        key=lambda name: (list(colours).index(name[0]), name[1]),
    )
    route_number = {name: number for number, name in enumerate(names)}
    document_number = {id: number for number, id in enumerate(run.documents)}
    prompts: dict[tuple[int, ...], int] = {}
    questions: dict[str, dict[str, Any]] = {}

    for row in sorted(run.answers, key=lambda row: (route_number[row["route"], row["control"]], row["seed"])):
        question = questions.setdefault(row["question"], _question(row))
        retrieved = tuple(document_number[id] for id in row["retrieved"])
        question["answers"].append(
            {
                "route": route_number[row["route"], row["control"]],
                "seed": row["seed"],
                "logs": [_finite(value) for value in row["log_likelihoods"]],
                "shares": _shares(row["log_likelihoods"]),
                "tokens": row["token_counts"],
                "chosen": None if row["chosen"] is None else row["choices"].index(row["chosen"]),
                "right": run.is_right(row),
                "perToken": row["correct_per_token"],
                "generated": row["generated"],
                "strict": row["strict"],
                "lenient": row["lenient"],
                "prompt": prompts.setdefault(retrieved, len(prompts)),
                "verdict": row["verdict"],
            }
        )
    order = {id: number for number, id in enumerate(dict.fromkeys(row["question"] for row in run.answers))}
    return {
        "documents": list(run.documents.items()),
        "prompts": list(prompts),
        "routes": [{"name": route, "control": control, "colour": colours[route]} for route, control in names],
        "questions": sorted(questions.values(), key=lambda question: order[question["id"]]),
    }


def _question(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": row["question"],
        "prompt": row["prompt"],
        "answer": row["choices"].index(row["answer"]),
        "kind": row["kind"],
        "latent": row["latent"],
        "needs": row["needs"],
        "choices": row["choices"],
        "answers": [],
    }


def _shares(log_likelihoods: Sequence[float]) -> list[float]:
    """Probability of each choice where only these choices are possible."""
    highest = max(log_likelihoods, default=-math.inf)
    if not math.isfinite(highest):
        return [0.0] * len(log_likelihoods)
    weights = [math.exp(value - highest) for value in log_likelihoods]
    return [round(weight / sum(weights), 4) for weight in weights]


def _finite(value: float) -> float | None:
    """JSON has no infinity."""
    return round(value, 3) if math.isfinite(value) else None
