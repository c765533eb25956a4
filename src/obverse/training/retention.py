"""Retention: does a taught model still model ordinary text, and does it still know what it knew?"""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from filelock import FileLock

from obverse.answering.answerer import answered_rows
from obverse.answering.asking import Asker
from obverse.answering.scoring import is_correct
from obverse.files import write_text
from obverse.models import Pretrained, context_window
from obverse.models.control_tokens import tokens_of
from obverse.models.fingerprint import identity
from obverse.types import UNTOUCHED, Question, Retained, Route, content_hash

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


def retained(pretrained: Pretrained) -> Retained:
    """Both, measured."""
    return Retained(perplexity(pretrained.model, pretrained.tokenizer), knowledge(pretrained))


def kept_retention(pretrained: Pretrained, path: Path) -> Retained:
    """Both, measured once and kept.

    Args:
        path: a JSON file; what lies there already is read, and other processes wait while it is measured.
    """
    with FileLock(path.with_suffix(".lock")):
        if not path.exists():
            write_text(path, json.dumps(asdict(retained(pretrained))))
    return Retained(**json.loads(path.read_text()))


def untouched_retention(pretrained: Pretrained, folder: Path) -> Retained:
    """What there is to retain in a model that was taught nothing; once for all who name the folder."""
    kept = content_hash(identity(pretrained, "obverse.training.retention"))
    return kept_retention(pretrained, folder / f"untouched-{kept}.json")


def general_text() -> list[str]:
    """Paragraphs of ordinary prose that ship with the package and have nothing to do with any task."""
    return [paragraph for paragraph in _read("general_text.txt").split("\n\n") if paragraph.strip()]


def perplexity(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> float:
    """Perplexity per token over the general text, each paragraph on its own, as far as it fits the window."""
    window = context_window(model)
    total, count = 0.0, 0
    for paragraph in general_text():
        tokens = torch.tensor(tokens_of(tokenizer, [paragraph], opens=True), device=model.device)[:, :window]
        with torch.inference_mode():
            logits = model(input_ids=tokens, use_cache=False).logits[0, :-1].float()
        total += torch.nn.functional.cross_entropy(logits, tokens[0, 1:], reduction="sum").item()
        count += tokens.shape[1] - 1
    return math.exp(total / count)


def knowledge_probes() -> tuple[Question, ...]:
    """Questions of general knowledge that ship with the package, four choices each, about nothing in any task."""
    rows = map(json.loads, _read("knowledge.jsonl").splitlines())
    return tuple(
        Question(f"knowledge-{number}", row["prompt"], row["answer"], tuple(row["choices"]), kind="knowledge")
        for number, row in enumerate(rows, start=1)
    )


def knowledge(pretrained: Pretrained) -> float:
    """Share of the knowledge probes whose right choice is likeliest, asked with nothing in the prompt.

    Raises:
        PromptTooLongError: a probe does not fit the model's window.
    """
    probes = {probe.id: probe for probe in knowledge_probes()}
    # With no context, the twin is asked the same, but without greedy answers, which take time.
    route = Route(UNTOUCHED).twin
    rows = answered_rows(Asker(pretrained), route, 0, tuple(probes.values()), dict.fromkeys(probes, ()))
    right = sum(is_correct(probes[answer.question], answer) for row in rows for answer in row.answers)
    return right / len(probes)


def _read(name: str) -> str:
    return files("obverse.training").joinpath(name).read_text(encoding="utf-8")
