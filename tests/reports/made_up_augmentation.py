"""The results of an augmentation, made up but plausible, with text that tries to break a page."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from made_up_run import HOSTILE, RIGHT_TO_LEFT

THRESHOLDS = {"grounding": 0.6, "entailment": 0.0}
KINDS = ("rephrase", "reverse", "question", "inference")


def small_results() -> dict[str, Any]:
    """Three documents and six lines, one of which says nothing that a page may run."""
    documents = [
        {"id": "note-0", "text": "Ada kept the lamp in 1700."},
        {"id": f"note-1 {HOSTILE}", "text": f"Bo wrote: {HOSTILE} & 'nothing' more."},
        {"id": "note-2", "text": RIGHT_TO_LEFT},
    ]
    first, second, third = (document["id"] for document in documents)
    lines = [
        _line("The lamp was kept by Ada.", "reverse", [first], {"grounding": 1.0, "entailment": 0.5}, 7),
        _line("Ada kept a light.", "rephrase", [first], {"grounding": 1.0, "entailment": 0.25}, 5),
        _line("Who kept it?\nAda.", "question", [first], {"grounding": 0.6, "entailment": 0.0}, 4),
        _line(f"Bo said {HOSTILE}.", "rephrase", [second], {"grounding": 0.5, "entailment": 2.0}, 9),
        _line("Bo knew Ada.", "inference", [first, second], {"grounding": 1.0, "entailment": -1.5}, 6),
        _line("Zed knew Ada.", "inference", [third, first], {"grounding": 0.25, "entailment": -2.0}, 6),
    ]
    lines[3]["reason"] += f" {HOSTILE}"
    lines[4]["target"] = second
    results = _results(documents, lines)
    return results | {
        "name": "lighthouse <notes>",
        "figures": {
            "texts": 9,
            "missing": 2,
            "faults": {"the text is empty": 2, f"the server said {HOSTILE}": 1},
            "repeats": 1,
            "fragments": 2,
            "kept": 3,
            "rejected": 3,
        },
        "whole": False,
        "in_view": 2,
    }


def large_results(documents: int = 40, lines: int = 300) -> dict[str, Any]:
    """As many documents and lines; the last document has no lines, the last but one is long."""
    rng = random.Random(5)
    texts = [
        f"In {1700 + number} the keeper of lighthouse {number} was keeper {number % 7}. The lamp burned whale oil, and "
        f"the log names ship {number % 11} as the first that passed it. Keeper {number % 7} wrote it down each night."
        for number in range(documents)
    ]
    texts[-2] = " ".join(texts[:12])
    written = []
    for number in range(lines):
        kind = KINDS[number % 4]
        about = number % (documents - 1)
        others = [place for place in range(documents) if place != about]
        cited = range(documents) if number % 44 == 3 else [about, *rng.sample(others, rng.randrange(4))]
        sources = [f"note-{place}" for place in (cited if kind == "inference" else [about])]
        text = {
            "rephrase": f"The lighthouse numbered {about} was kept in {1700 + about} by keeper {about % 7}.",
            "reverse": f"Keeper {about % 7} kept lighthouse {about} in {1700 + about}.",
            "question": f"Question: Who kept lighthouse {about}?\nAnswer: Keeper {about % 7}.",
            "inference": f"Ship {about % 11} passed by keeper {about % 7} before it passed lighthouse {about + 1}.",
        }[kind]
        score = {"grounding": rng.choice((0.2, 0.5, 0.75, 1, 1, 1)), "entailment": rng.gauss(0.4, 0.6)}
        written.append(_line(text, kind, sources, score, len(text) // 4) | {"target": f"note-{about}"})
    return _results([{"id": f"note-{place}", "text": text} for place, text in enumerate(texts)], written)


def write_results(folder: Path, results: Mapping[str, Any]) -> Path:
    """Write the file that the page reads."""
    folder.mkdir()
    (folder / "results.json").write_text(json.dumps(results), encoding="utf-8")
    return folder


def _line(
    text: str, kind: str, sources: Sequence[str], scores: Mapping[str, float], tokens: int
) -> dict[str, Any]:
    failed = next((name for name, score in scores.items() if score < THRESHOLDS[name]), None)
    return {
        "text": text,
        "kind": kind,
        "target": sources[0],
        "sources": list(sources),
        "kept": failed is None,
        "reason": f"{failed} is {scores[failed]:.4g}, and {THRESHOLDS[failed]:.4g} is needed"
        if failed
        else "",
        "scores": [{"verifier": name, "score": score} for name, score in scores.items()],
        "generator": "SmolLM2-135M-Instruct",
        "tokens": tokens,
    }


def _results(documents: list[dict[str, str]], lines: list[dict[str, Any]]) -> dict[str, Any]:
    kept = sum(line["kept"] for line in lines)
    return {
        "name": "lighthouses",
        "documents": documents,
        "lines": sorted(lines, key=lambda line: not line["kept"]),
        "figures": {
            "texts": len(lines) // 2,
            "missing": 0,
            "faults": {"the text is empty": 4, "the text was cut in its first sentence": 2},
            "repeats": 17,
            "fragments": 5,
            "kept": kept,
            "rejected": len(lines) - kept,
        },
        "cost": {
            "prompt_tokens": 41_200,
            "cached_tokens": 30_000,
            "generated_tokens": 8_100,
            "usd": 0.0,
            "seconds": 312.0,
        },
        "checking": {
            "prompt_tokens": 12_000,
            "cached_tokens": 9_000,
            "generated_tokens": 300,
            "usd": 0.034,
            "seconds": 48.0,
        },
        "generator": "SmolLM2-135M-Instruct",
        "verifiers": THRESHOLDS,
        "settings": {
            "kinds": list(KINDS),
            "samples": 3,
            "splitting": "none",
            "temperature": 0.7,
            "most_tokens": 256,
            "seed": 0,
        },
        "whole": True,
        "in_view": len(documents),
        "command": "obverse augment notes --out augmented --verify grounding,entailment",
        "date": "2026-05-04T10:11:12+00:00",
        "environment": {"python": "3.11.7", "torch": "2.13.0", "platform": "Linux-6.1-x86_64"},
    }
