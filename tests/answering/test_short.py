"""Short prompts: the likelihoods are those of a plain forward pass, the greedy answer that of `generate`."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from obverse.answering import short
from obverse.answering.answerer import Reading
from obverse.answering.short import ShortReader
from obverse.costs import Counts
from obverse.models.decoder import Decoder
from obverse.models.decoder_config import DecoderConfig
from obverse.models.vocabulary import word_tokenizer

WORDS = tuple("abcdefghijklmnop")
TOKENIZER: Any = word_tokenizer(WORDS)
MASK = 2

PROMPTS = ("a b c", "d", "e f g", "a b c", "h i j k l m")
CHOICES = (("d", "e", "f"), ("a b", "a c", "g"), ("b c d", "b", "b c e f"), ("d", "o p"), ("p",))
either_direction = pytest.mark.parametrize("causal", [True, False], ids=["causal", "bidirectional"])


def decoder(causal: bool = True, **changes: Any) -> Any:
    torch.manual_seed(0)
    sizes: dict[str, Any] = {"vocab_size": len(TOKENIZER), "hidden_size": 32, "embedding_std": 0.4}
    model: Any = Decoder(DecoderConfig(is_causal=causal, **sizes, **changes))
    return model.eval()


def encode(text: str) -> list[int]:
    tokens: list[int] = TOKENIZER(text).input_ids
    return tokens


def following(model: Any, tokens: list[int]) -> torch.Tensor:
    """Log-probabilities of the token after these, by a pass over them alone."""
    asked = tokens if model.config.is_causal else [*tokens, MASK]
    with torch.no_grad():
        logits = model(input_ids=torch.tensor([asked]), use_cache=False).logits
    found: torch.Tensor = logits[0, -1].log_softmax(dim=-1)
    return found


def plainly(model: Any, prompt: str, choices: tuple[str, ...]) -> Reading:
    """The same reading, one prefix after the other."""
    likelihoods = []
    for choice in choices:
        known, total = encode(prompt), 0.0
        for token in encode(choice):
            total += following(model, known)[token].item()
            known = [*known, token]
        likelihoods.append(total)
    counts = tuple(len(encode(choice)) for choice in choices)
    answer: list[int] = []
    for _ in range(max(counts)):
        answer.append(int(following(model, encode(prompt) + answer).argmax()))
    return Reading(tuple(likelihoods), counts, TOKENIZER.decode(answer))


def check_equal(found: list[Reading], expected: list[Reading]) -> None:
    assert [(one.token_counts, one.generated) for one in found] == [
        (one.token_counts, one.generated) for one in expected
    ]
    for one, other in zip(found, expected, strict=True):
        assert one.log_likelihoods == pytest.approx(other.log_likelihoods, abs=1e-5)


@either_direction
@pytest.mark.parametrize("batch_tokens", [1, 7, 1 << 14])
def test_readings_are_those_of_plain_passes_whatever_the_size_of_a_batch(
    causal: bool, batch_tokens: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(short, "_BATCH_TOKENS", batch_tokens)
    model = decoder(causal)
    found = ShortReader(model, TOKENIZER).read(PROMPTS, CHOICES)
    check_equal(found, [plainly(model, *asked) for asked in zip(PROMPTS, CHOICES, strict=True)])
    assert len({one.generated for one in found}) > 2


@pytest.mark.parametrize("positions", ["none", "rotary", "learned"])
def test_the_greedy_answer_is_what_the_model_generates(positions: str) -> None:
    model = decoder(positions=positions)
    for prompt, choices, reading in zip(
        PROMPTS, CHOICES, ShortReader(model, TOKENIZER).read(PROMPTS, CHOICES), strict=True
    ):
        length = max(len(encode(choice)) for choice in choices)
        ids = torch.tensor([encode(prompt)])
        generated = model.generate(ids, max_new_tokens=length, do_sample=False, pad_token_id=0)
        assert reading.generated == TOKENIZER.decode(generated[0, ids.shape[1] :])


def test_a_choice_of_several_tokens_is_not_known_before_it_is_read() -> None:
    # A model that reads in both directions sees of a choice what stands before the mask, and no more.
    model = decoder(causal=False)
    (one,) = ShortReader(model, TOKENIZER).read(["a b"], [["c d"]])
    (other,) = ShortReader(model, TOKENIZER).read(["a b"], [["c"]])
    expected = other.log_likelihoods[0] + following(model, encode("a b c"))[encode("d")[0]].item()
    assert one.log_likelihoods[0] == pytest.approx(expected, abs=1e-5)


def prefixes_read(prompt: str, choices: tuple[str, ...], answer: str) -> set[tuple[int, ...]]:
    """What has to be read for the choices and, beyond that, for the greedy answer."""
    ends = [*map(encode, choices), encode(answer)]
    return {tuple(encode(prompt) + end[:known]) for end in ends for known in range(len(end))}


@either_direction
def test_what_is_counted_is_each_prefix_once(causal: bool) -> None:
    reader = ShortReader(decoder(causal), TOKENIZER)
    found = reader.read(PROMPTS, CHOICES)
    prefixes = {
        prefix
        for prompt, choices, reading in zip(PROMPTS, CHOICES, found, strict=True)
        for prefix in prefixes_read(prompt, choices, reading.generated)
    }
    lengths = [len(prefix) + (not causal) for prefix in prefixes]
    pairs = sum(length * (length + 1) // 2 if causal else length**2 for length in lengths)
    assert reader.counts == Counts(sum(lengths), pairs, len(prefixes))


def test_counts_of_a_small_case() -> None:
    reader = ShortReader(decoder(), TOKENIZER)
    reader.read(["a b c", "a b c"], [["d", "e"], ["f"]])
    assert reader.counts == Counts(3, 6, 1)
    reader.read(["a"], [["b"]])  # counted on
    assert reader.counts == Counts(4, 7, 2)


@either_direction
def test_at_temperature_zero_the_likeliest_token_is_drawn(causal: bool) -> None:
    model = decoder(causal)
    found = ShortReader(model, TOKENIZER).sample(PROMPTS, [1] * len(PROMPTS), 0, seed=0)
    assert found == [TOKENIZER.decode([int(following(model, encode(prompt)).argmax())]) for prompt in PROMPTS]
    assert len(set(found)) > 1


@pytest.mark.parametrize("temperature", [1.0, 0.5])
def test_draws_follow_the_probabilities(temperature: float) -> None:
    model, draws = decoder(), 600
    expected = (following(model, encode("a b c")) / temperature).softmax(dim=-1)
    reader = ShortReader(model, TOKENIZER)
    drawn = [reader.sample(["a b c"], [1], temperature, seed)[0] for seed in range(draws)]
    counts = torch.bincount(torch.tensor([encode(word)[0] for word in drawn]), minlength=len(expected))
    spread = (expected * (1 - expected) / draws).sqrt()
    assert ((counts / draws - expected).abs() < 4 * spread + 2 / draws).all()
    assert (expected > 0.1).sum() > 1  # there is something to draw


def test_equal_prompts_are_drawn_for_apart_and_each_as_long_as_told() -> None:
    reader = ShortReader(decoder(), TOKENIZER)
    drawn = reader.sample(["a b c"] * 40, [3] * 39 + [1], 1.0, seed=0)
    assert len(set(drawn)) > 10
    assert [len(words.split()) for words in drawn] == [3] * 39 + [1]
    nearly = reader.sample(PROMPTS, [3] * len(PROMPTS), 1e-6, seed=0)
    assert nearly == reader.answer(PROMPTS, [3] * len(PROMPTS))


def test_draws_follow_from_the_seed() -> None:
    reader = ShortReader(decoder(), TOKENIZER)
    drawn = [reader.sample(PROMPTS, [2] * len(PROMPTS), 2.0, seed) for seed in (0, 0, 1, 2)]
    assert drawn[0] == drawn[1]
    assert len({tuple(words) for words in drawn}) == 3


def test_nothing_to_read() -> None:
    reader = ShortReader(decoder(), TOKENIZER)
    assert (reader.read([], []), reader.sample([], [], 1.0, 0)) == ([], [])
    assert reader.counts == Counts()
