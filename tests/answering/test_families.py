"""Every family that the transformers library registers answers as by one plain pass over each text."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from families import BEGIN, END, FAST, LEFT_OUT, REFUSED, VOCABULARY, names, tiny

from obverse.answering.answerer import answered_rows
from obverse.answering.asking import Asker
from obverse.answering.encoding import Encoded
from obverse.answering.plain import check_reads_from_left_to_right, plain_log_likelihood, plain_logits
from obverse.answering.reading import Reader
from obverse.answering.thinking import Thinker, Thinking
from obverse.models import Pretrained
from obverse.models.vocabulary import word_tokenizer
from obverse.routes import route
from obverse.types import Document, InputError, Question

# `generate` gives other positions than a pass over the text (the first seven), adds a token, asks for a cache that the
# model does not take, or starts another decoder.
GENERATES_OTHERWISE = {
    *(
        "camembert",
        "data2vec-text",
        "roberta",
        "roberta-prelayernorm",
        "xlm-roberta",
        "xlm-roberta-xl",
        "xmod",
    ),
    *("xlm", "blt", "moshi"),
}
WORDS = tuple(f"w{number}" for number in range(VOCABULARY - 8))
TOKENIZER: Any = word_tokenizer([*WORDS, "think", "so", ".", "<begin>", "<end>"])
TOKENIZER.eos_token = "<end>"
TOKENS = 6


def requests() -> list[Encoded]:
    """Prompts of unequal length that begin alike, with choices that do and one that goes on from another."""
    numbers = random.Random(0)

    def drawn(count: int) -> tuple[int, ...]:
        return tuple(numbers.randrange(3, VOCABULARY - 8) for _ in range(count))

    root = drawn(14)  # longer than any window
    found = []
    for own in range(3):
        prompt = root + drawn(3 + own)
        choices = [drawn(2), drawn(3)]
        texts = tuple(prompt + choice for choice in [*choices, choices[1] + drawn(2)])
        found.append(Encoded(prompt, texts, (len(prompt),) * 3, (1,) * 3))
    return found


REQUESTS = requests()


def likeliest(model: Any, prompt: Sequence[int], stop: int, most: int) -> list[int]:
    """Tokens up to and with the stop, each by a pass over all before it."""
    chosen: list[int] = []
    while len(chosen) < most and chosen[-1:] != [stop]:
        logits = plain_logits(model, [*prompt, *chosen], [len(prompt) + len(chosen) - 1])
        chosen.append(int(logits.argmax()))
    return chosen


def before_padding(tokens: Sequence[int]) -> list[int]:
    """Some models take no position for a padding token, and none of their own states tells that from any other."""
    return list(tokens[: tokens.index(0)]) if 0 in tokens else list(tokens)


def said(tokens: Sequence[int]) -> str:
    words = [token for token in before_padding(tokens) if token != END]
    return str(TOKENIZER.decode(words, skip_special_tokens=True))


def check(family: str) -> None:
    model = tiny(family)
    if family in REFUSED:
        with pytest.raises(InputError, match="sees the tokens that it is asked for"):
            check_reads_from_left_to_right(model)
        return
    check_reads_from_left_to_right(model)
    check_likelihoods_and_answers(model, family not in GENERATES_OTHERWISE)
    check_thoughts(model)
    check_asking(model)


def check_likelihoods_and_answers(model: Any, generates: bool) -> None:
    import torch
    from transformers import GenerationConfig

    reader = Reader(model, TOKENIZER, REQUESTS, new_tokens=TOKENS)
    readings = {one.index: one for row in reader.read() for one in row}
    alone = Reader(model, TOKENIZER, REQUESTS)
    scored = {one.index: one for row in alone.read() for one in row}
    for index, one in enumerate(REQUESTS):
        expected = [
            plain_log_likelihood(model, text, start)
            for text, start in zip(one.texts, one.starts, strict=True)
        ]
        assert readings[index].log_likelihoods == pytest.approx(expected, abs=1e-4)
        assert scored[index].log_likelihoods == pytest.approx(expected, abs=1e-4)
        tokens = likeliest(model, one.prompt, END, TOKENS)
        assert readings[index].generated.startswith(said(tokens))
        if 0 not in tokens:
            assert readings[index].generated == said(tokens)
        if generates:
            settings = GenerationConfig(
                max_new_tokens=TOKENS, do_sample=False, eos_token_id=END, pad_token_id=0, bos_token_id=BEGIN
            )
            model.generation_config = settings
            ids = torch.tensor([one.prompt])
            whole = model.generate(
                ids, attention_mask=torch.ones_like(ids), generation_config=settings, use_cache=False
            )
            assert whole[0, len(one.prompt) :].tolist() == tokens
    # Of what all begin with, each token is counted once where it is shared, and for each text where it is not.
    texts = sum(len(one.prompt) for one in REQUESTS)
    assert (alone.encode_root().counts.tokens > texts) == (alone.unshared is not None)


def check_thoughts(model: Any) -> None:
    thinking = Thinking(opens=" think", closes=" so", most=TOKENS)
    prompts = [" ".join(WORDS[3:20]), "w5 w7"]
    (end,) = TOKENIZER("so").input_ids
    thinker = Thinker(model, TOKENIZER, thinking)
    for prompt, thoughts in zip(prompts, thinker.think(prompts, 2), strict=True):
        expected = likeliest(model, TOKENIZER(prompt + " think").input_ids, end, TOKENS + 1)
        if END in expected:
            expected = expected[: expected.index(END) + 1]
        elif expected[-1] != end:
            expected = expected[:TOKENS]
        expected = before_padding(expected)
        assert [list(thought.tokens[: len(expected)]) for thought in thoughts] == [expected] * 2
    drawn = thinker.think(prompts, 3, temperature=1.0, seed=1)
    assert [len(group) for group in drawn] == [3, 3]


def check_asking(model: Any) -> None:
    documents = tuple(Document(word, f"{word} w11 w12 .") for word in WORDS[:2])
    questions = [Question(f"q{own}", f"w2{own} w30", "w31", ("w31", "w32 w33"), "recall") for own in range(2)]
    asker = Asker(Pretrained("tiny", model, TOKENIZER, "tiny"))
    rows = list(answered_rows(asker, route("context"), 0, questions, dict.fromkeys(("q0", "q1"), documents)))
    assert {answer.question for row in rows for answer in row.answers} == {"q0", "q1"}
    if rows[0].unshared is None:
        assert rows[0].difference is not None
        assert rows[0].difference < 1e-4


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    from transformers.utils import logging

    before = logging.get_verbosity()
    logging.set_verbosity_error()
    yield
    logging.set_verbosity(before)


@pytest.mark.parametrize("family", FAST)
def test_a_family_answers_as_by_plain_passes(family: str) -> None:
    check(family)


@pytest.mark.slow
@pytest.mark.parametrize("family", sorted(set(names()) - set(LEFT_OUT) - set(FAST)))
def test_any_other_family_answers_as_by_plain_passes(family: str) -> None:
    check(family)


def test_nine_in_ten_of_the_registered_families_are_tried() -> None:
    assert set(LEFT_OUT) <= set(names())
    assert len(LEFT_OUT) + len(REFUSED) <= len(names()) // 10
