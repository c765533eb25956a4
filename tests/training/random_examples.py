"""A decoder and examples of random tokens, for tests that need no meaning."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from obverse.models.decoder import Decoder
from obverse.models.decoder_config import DecoderConfig
from obverse.training.packing import IGNORED, Example

VOCABULARY = 20


def decoder(**changes: Any) -> Any:
    torch.manual_seed(0)
    return Decoder(DecoderConfig(**{"vocab_size": VOCABULARY, "hidden_size": 32, **changes}))


def examples(seed: int, lengths: tuple[int, ...] = (5, 3, 7, 2)) -> list[Example]:
    """Random tokens, of which about half are labelled."""
    rng = np.random.default_rng(seed)
    found = []
    for length in lengths:
        tokens = rng.integers(VOCABULARY, size=length)
        labels = np.where(rng.random(length) < 0.5, rng.integers(VOCABULARY, size=length), IGNORED)
        labels[0] = tokens[-1]
        found.append(Example(tokens, labels))
    return found
