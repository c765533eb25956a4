"""Retention: does a taught model still model ordinary text?"""

from __future__ import annotations

import math
from importlib.resources import files
from typing import TYPE_CHECKING

import torch

from obverse.models import context_window

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


def general_text() -> list[str]:
    """Paragraphs of ordinary prose that ship with the package and have nothing to do with any task."""
    text = files("obverse.parameters").joinpath("general_text.txt").read_text(encoding="utf-8")
    return [paragraph for paragraph in text.split("\n\n") if paragraph.strip()]


def perplexity(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> float:
    """Perplexity per token over the general text, each paragraph on its own, as far as it fits the window."""
    window = context_window(model)
    total, count = 0.0, 0
    for paragraph in general_text():
        tokens = tokenizer(paragraph, return_tensors="pt").input_ids[:, :window].to(model.device)
        with torch.inference_mode():
            logits = model(input_ids=tokens, use_cache=False).logits[0, :-1].float()
        total += torch.nn.functional.cross_entropy(logits, tokens[0, 1:], reduction="sum").item()
        count += tokens.shape[1] - 1
    return math.exp(total / count)
