"""Perplexity over the general text."""

from __future__ import annotations

import math
from pathlib import Path

import torch
from conftest import make_model, make_tokenizer

from obverse.models import load
from obverse.parameters.retention import general_text, perplexity


def test_the_general_text_is_paragraphs_of_prose() -> None:
    paragraphs = general_text()
    assert len(paragraphs) >= 8
    assert len(set(paragraphs)) == len(paragraphs)
    assert all(len(paragraph.split()) >= 20 for paragraph in paragraphs)


def test_perplexity_is_that_of_each_token_after_those_before_it(tiny_folder: Path) -> None:
    pretrained = load(str(tiny_folder), dtype="float32", device="cpu")
    scores = []
    for paragraph in general_text():
        tokens = pretrained.tokenizer(paragraph).input_ids[:1024]
        with torch.no_grad():
            probabilities = pretrained.model(input_ids=torch.tensor([tokens])).logits[0].softmax(-1)
        scores += [
            math.log(probabilities[position, token]) for position, token in enumerate(tokens[1:])
        ]  # position is that of the token before
    expected = math.exp(-sum(scores) / len(scores))
    assert math.isclose(perplexity(pretrained.model, pretrained.tokenizer), expected, rel_tol=1e-4)


def test_a_paragraph_longer_than_the_window_is_read_as_far_as_it_fits(tmp_path: Path) -> None:
    # Learned positions: a token beyond the window would be an error.
    make_tokenizer(tmp_path)
    changes = {"n_positions": 32, "n_embd": 32, "n_layer": 1, "n_head": 2}
    make_model(tmp_path, kind="gpt2", **changes)
    pretrained = load(str(tmp_path), dtype="float32", device="cpu")
    assert 1 < perplexity(pretrained.model, pretrained.tokenizer) < 1e4
