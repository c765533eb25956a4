"""Thinking: thoughts are those of a plain forward pass, whoever shares a prompt, and end where they say."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
import torch
from conftest import TEXT, make_model, make_tokenizer

from obverse.answering import thinking
from obverse.answering.short import ShortReader
from obverse.answering.thinking import Thinker, Thinking, Thought, read_after_thinking
from obverse.costs import model_shape
from obverse.models import load
from obverse.models.decoder import Decoder
from obverse.models.decoder_config import DecoderConfig
from obverse.models.vocabulary import word_tokenizer
from obverse.types import Ledger

TOKENIZER: Any = word_tokenizer((*"abcdefghij", "think", "so", "no"))
THINKING = Thinking(most=9)
TWO_WORDS = Thinking(closes=" so no", most=9)
# Of different lengths, two of them alike.
PROMPTS = ("a b c", "d", "e f g h", "d")


def decoder(**changes: Any) -> Any:
    torch.manual_seed(3)
    sizes: dict[str, Any] = {"vocab_size": len(TOKENIZER), "hidden_size": 32, "embedding_std": 0.4}
    model: Any = Decoder(DecoderConfig(**sizes, **changes))
    return model.eval()


def plain_thought(model: Any, tokenizer: Any, prompt: str, thinking: Thinking, least: int = 0) -> list[int]:
    """The likeliest tokens, each by a pass over all before it."""
    before = tokenizer(thinking.before(prompt), add_special_tokens=False).input_ids
    end = tokenizer(thinking.closes, add_special_tokens=False).input_ids
    chosen: list[int] = []
    while len(chosen) < thinking.most + len(end):
        with torch.no_grad():
            logits = model(input_ids=torch.tensor([before + chosen]), use_cache=False).logits[0, -1]
        if len(chosen) < least:
            logits[end[0]] = -math.inf
        chosen.append(int(logits.argmax()))
        if chosen[-len(end) :] == end:
            return chosen
    return chosen[: thinking.most]


@pytest.mark.parametrize("changes", [{}, {"positions": "rotary"}, {"positions": "learned", "shift": 0}])
@pytest.mark.parametrize("thinking", [THINKING, TWO_WORDS], ids=["one word", "two words"])
def test_the_likeliest_thoughts_are_those_of_separate_passes(
    changes: dict[str, Any], thinking: Thinking
) -> None:
    model = decoder(**changes)
    for least in (0, 4, 9):
        groups = Thinker(model, TOKENIZER, thinking).think(PROMPTS, 3, least=least)
        for prompt, thoughts in zip(PROMPTS, groups, strict=True):
            expected = plain_thought(model, TOKENIZER, prompt, thinking, least)
            assert [list(thought.tokens) for thought in thoughts] == [expected] * 3


def test_the_question_can_be_said_again_behind_a_thought() -> None:
    assert Thinking(repeated=2).after("a b . c d", "e f .") == "a b . c d think e f . so c d"
    assert Thinking().after("a b . c d", "e f .") == "a b . c d think e f . so"


def test_a_pretrained_model_thinks_as_by_separate_passes(tiny_folder: Path) -> None:
    pretrained = load(str(tiny_folder), dtype="float32", device="cpu")
    thinking = Thinking(opens="\nThought:", closes="\n", most=7)
    prompts = ["Who is the keeper of the compass?", "Who paid?"]
    groups = Thinker(pretrained.model, pretrained.tokenizer, thinking).think(prompts, 2)
    for prompt, thoughts in zip(prompts, groups, strict=True):
        expected = plain_thought(pretrained.model, pretrained.tokenizer, prompt, thinking)
        assert [list(thought.tokens) for thought in thoughts] == [expected] * 2


def test_a_group_is_drawn_as_from_separate_prompts() -> None:
    model = decoder()
    together, apart = (Thinker(model, TOKENIZER, THINKING) for _ in range(2))
    (group,) = together.think(PROMPTS[:1], 6, temperature=1.0, seed=4)
    singles = apart.think(PROMPTS[:1] * 6, 1, temperature=1.0, seed=4)
    assert group == [thought for (thought,) in singles]
    assert len({thought.tokens for thought in group}) > 1
    # The prompt of four tokens is read once for the group.
    assert apart.counts.tokens - together.counts.tokens == 5 * 4
    # Whoever may think no longer has chosen one token more, which was no end.
    chosen = sum(len(thought.tokens) + (not thought.ended) for thought in group)
    assert apart.counts.generated == together.counts.generated == chosen
    # Rows read on until half of them have ended; all places but those of the prompt are projected.
    shape = model_shape(model)
    lengths = [len(thought.tokens) + (not thought.ended) for thought in group]
    rows, kept = 6, []
    for done in range(1, max(lengths)):
        going = sum(length > done for length in lengths)
        rows = going if 2 * going <= rows else rows
        kept.append(rows)
    assert kept[-1] < 6
    read = 4 + sum(kept)
    pairs = 4 * 5 // 2 + sum(rows * (5 + place) for place, rows in enumerate(kept))
    flops = shape.forward_flops(read, pairs, 1 + sum(kept))
    assert together.counts.ledger(shape) == Ledger(tokens_forward=read, tokens_generated=chosen, flops=flops)


@pytest.mark.parametrize("changes", [{}, {"positions": "rotary"}, {"positions": "learned", "shift": 0}])
def test_whoever_goes_on_draws_as_if_nobody_had_ended(changes: dict[str, Any]) -> None:
    model = decoder(**changes)
    prompts = PROMPTS * 6
    groups = Thinker(model, TOKENIZER, Thinking(most=30)).think(prompts, 1, temperature=2.5, seed=2)
    lengths = sorted(len(thought.tokens) for (thought,) in groups)
    assert lengths[len(prompts) // 2] < lengths[-1] - 2  # so that some were left out and others went on
    generator = torch.Generator().manual_seed(2)
    for place in range(lengths[-1]):
        numbers = torch.rand((len(prompts), 1), generator=generator, dtype=torch.double)
        for (thought,), number in zip(groups, numbers, strict=True):
            if place < len(thought.tokens):
                before = torch.tensor([thought.prompt + thought.tokens[:place]])
                with torch.no_grad():
                    logits = model(input_ids=before, use_cache=False).logits[:, -1]
                drawn = thinking._draw(logits / 2.5, number[None])
                assert drawn.item() == thought.tokens[place]


@pytest.mark.parametrize("kept", [16, 16384])
@pytest.mark.parametrize("kind", ["llama", "mistral", "bloom"])  # branches, one row, each by itself
def test_however_they_are_kept_thoughts_are_the_same(
    kind: str, kept: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokenizer = make_tokenizer(tmp_path)
    model = make_model(tmp_path, kind=kind)
    prompts = [TEXT + "Question: Who?", TEXT + "Question: What is it?", TEXT + "Question: Who?"]
    settings = Thinking(opens="\nThought:", closes="\n", most=5)
    batch, shared = (Thinker(model, tokenizer, settings) for _ in range(2))
    together = batch.think(prompts, 3, temperature=1.0, seed=5) if kind != "bloom" else None
    monkeypatch.setattr(thinking, "_BATCH_BYTES", 0)
    monkeypatch.setattr(thinking, "_KEPT_TOKENS", kept)
    groups = shared.think(prompts, 3, temperature=1.0, seed=5)
    assert len({thought.tokens for group in groups for thought in group}) > 6
    if together is not None:
        assert groups == together
    lengths = [len(group[0].prompt) for group in groups]
    if kind == "bloom":  # nothing is shared but by the thoughts of one question
        assert shared.counts.tokens > 2 * sum(lengths)
    elif kept > 16:  # what the prompts share is read once
        assert shared.counts.tokens < batch.counts.tokens - 1.9 * len(tokenizer(TEXT).input_ids)


def test_thoughts_are_drawn_as_often_as_they_are_likely() -> None:
    model = decoder()
    (group,) = Thinker(model, TOKENIZER, Thinking(most=1)).think(["a"], 4000, temperature=2.0, seed=0)
    with torch.no_grad():
        logits = model(input_ids=torch.tensor([TOKENIZER("a think").input_ids])).logits[0, -1]
    found = torch.bincount(torch.tensor([thought.tokens[0] for thought in group]), minlength=len(logits))
    expected = (logits / 2).softmax(dim=-1)
    error = (expected * (1 - expected) / 4000).sqrt()
    assert ((found / 4000 - expected).abs() < 4 * error + 1e-4).all()


def test_the_text_of_a_thought_stops_before_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    thinker = Thinker(decoder(), TOKENIZER, TWO_WORDS)
    prompt = (1, 2)

    def tokens(text: str) -> list[int]:
        found: list[int] = TOKENIZER(text).input_ids
        return found

    ended = thinker._cut(prompt, tokens("a b so no c d"))
    assert ended == Thought(prompt, tuple(tokens("a b so no")), "a b", True)
    at_last = thinker._cut(prompt, tokens("a b c d e f g h i so no"))
    assert at_last == Thought(prompt, tuple(tokens("a b c d e f g h i so no")), "a b c d e f g h i", True)
    cut_off = thinker._cut(prompt, tokens("a b c d e f g h i so a"))
    assert cut_off == Thought(prompt, tuple(tokens("a b c d e f g h i")), "a b c d e f g h i", False)
    # However many are drawn at once.
    whole = thinker.think(PROMPTS, 2)
    monkeypatch.setattr(thinking, "_AT_ONCE", 4)
    assert thinker.think(PROMPTS, 2) == whole


def test_no_thought_ends_before_it_may() -> None:
    thinker = Thinker(decoder(), TOKENIZER, THINKING)
    (free,) = thinker.think(["a"], 300, temperature=3.0, seed=1)
    (held,) = thinker.think(["a"], 300, temperature=3.0, seed=1, least=6)
    assert min(len(thought.tokens) for thought in free) == 1
    assert min(len(thought.tokens) for thought in held) == 7


def test_what_is_read_behind_thoughts_is_averaged_in_probability() -> None:
    reader = ShortReader(decoder(), TOKENIZER)
    prompts, choices = ["a b", "c"], [("d", "e"), ("f", "g", "h")]
    thoughts = [["", "i j"], ["a", "b", "a"]]
    found = read_after_thinking(reader, THINKING, prompts, choices, thoughts)
    for prompt, options, some, reading in zip(prompts, choices, thoughts, found, strict=True):
        alone = reader.read([f"{prompt} think {text} so" for text in some], [options] * len(some))
        for place, likelihood in enumerate(reading.log_likelihoods):
            mean = sum(math.exp(one.log_likelihoods[place]) for one in alone) / len(some)
            assert likelihood == pytest.approx(math.log(mean))
    last = reader.read([f"c think {text} so" for text in thoughts[1]], [choices[1]] * 3)
    assert found[1].generated == last[0].generated
