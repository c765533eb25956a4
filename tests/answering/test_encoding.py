"""Prompt and choice are tokenised as one text, whatever the tokenizer does at their boundary."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from conftest import TEXT, make_tokenizer
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

from obverse.answering.encoding import Encoded, PromptTooLongError, Request, common_length, encode
from obverse.types import InputError

LINES = "".join(f"Line {number}: Ilka Venning keeps lens {number * 37}.\n" for number in range(80))
REQUESTS = [
    Request(f"Question: Who keeps lens {number}?\nAnswer:", (" Ilka Venning", " Bahram"))
    for number in range(12)
]


def byte_level() -> Tokenizer:
    """As of GPT-2 and SmolLM2: words with the space before them, then byte pairs."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    return tokenizer


def line_breaks_together() -> Tokenizer:
    """As of Llama 3: line breaks stay with the white space before them, digits in threes."""
    tokenizer = Tokenizer(models.BPE())
    pattern = Regex(r"[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(pattern, behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    return tokenizer


def unsplit() -> Tokenizer:
    """Nothing is split before pairs are merged, so that a token can reach across a line break."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True))
    tokenizer.normalizer = normalizers.Replace(" ", "\u2581")
    return tokenizer


def space_before_text() -> Tokenizer:
    """As of Llama 2: a space is put before each text, so that a text cannot be cut."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always", split=False)
    return tokenizer


KINDS: list[Callable[[], Tokenizer]] = [byte_level, line_breaks_together, unsplit, space_before_text]


@cache
def trained(kind: Callable[[], Tokenizer]) -> Any:
    """That kind of tokenizer, trained on a few lines; it marks the beginning of a text."""
    tokenizer = kind()
    tokenizer.train_from_iterator(
        [TEXT + LINES + "a\n\n\n  b\n    c 1234567 ... \n \n" + "x\n  \r" * 9 + "x\n  \t\r" * 9],
        trainers.BpeTrainer(
            vocab_size=450,
            special_tokens=["<unk>", "<s>"],
            initial_alphabet=[]
            if kind in (unsplit, space_before_text)
            else pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        ),
    )
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="<unk>", bos_token="<s>")


class Counting:
    """A tokenizer that counts the characters it is given."""

    def __init__(self, tokenizer: Any) -> None:
        self.tokenizer, self.characters = tokenizer, 0

    def __call__(self, texts: Sequence[str], **arguments: Any) -> Any:
        self.characters += sum(map(len, texts))
        return self.tokenizer(texts, **arguments)


def whole(tokenizer: Any, text: str) -> tuple[int, ...]:
    return tuple(tokenizer(text).input_ids)


def assert_as_if_together(
    tokenizer: Any, prefix: str, requests: Sequence[Request], encoded: Sequence[Encoded]
) -> None:
    for request, one in zip(requests, encoded, strict=True):
        assert one.prompt == whole(tokenizer, prefix + request.prompt)
        assert one.texts == tuple(
            whole(tokenizer, prefix + request.prompt + choice) for choice in request.choices
        )
        assert one.starts == tuple(common_length((one.prompt, text)) for text in one.texts)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("prefix", ["", "Documents:\n\n", LINES])
def test_every_text_is_tokenised_as_if_in_one_piece(kind: Callable[[], Tokenizer], prefix: str) -> None:
    tokenizer = trained(kind)
    assert_as_if_together(tokenizer, prefix, REQUESTS, encode(tokenizer, prefix, REQUESTS))


@pytest.mark.parametrize("kind", KINDS)
def test_a_long_prefix_is_tokenised_a_few_times_where_it_can_be_cut(kind: Callable[[], Tokenizer]) -> None:
    counting = Counting(trained(kind))
    encode(counting, LINES, REQUESTS)  # type: ignore[arg-type]
    times = counting.characters / len(LINES)
    texts = sum(1 + len(request.choices) for request in REQUESTS)
    if kind in (byte_level, line_breaks_together):
        assert times < texts / 4
    else:
        assert times > texts


pieces = st.text(st.sampled_from("ab1\u00e9\u4e00\U0001f600. \t\n\r\u2028"), max_size=8) | st.text(max_size=8)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=60, deadline=None)
@example([("Ilka\n", 1), (" ", 220)], ["x", " x", "  x", "\n\nx", "1"])
@example([("a\n", 3), ("\n", 230)], ["x", "\n", " \n x", "\n\nx", "x"])
@example([("1\n", 4), ("123", 90)], ["x", "4", "45", "456", "4567"])
@given(st.lists(st.tuples(pieces, st.integers(1, 80)), max_size=5), st.lists(pieces, min_size=3, max_size=6))
def test_joined_is_whole_for_any_text(
    kind: Callable[[], Tokenizer], repeated: list[tuple[str, int]], ends: list[str]
) -> None:
    prefix = "".join(text * times for text, times in repeated)
    requests = [Request(f"{end}?", ("!", "a b")) for end in ends]
    tokenizer = trained(kind)
    try:
        encoded = encode(tokenizer, prefix, requests)
    except InputError:
        assume(False)  # what this tokenizer does not know leaves nothing to score
    assert_as_if_together(tokenizer, prefix, requests, encoded)


def letters() -> Any:
    """A tokenizer of four tokens: a, b, c and ab."""
    model = models.BPE(vocab={"a": 0, "b": 1, "c": 2, "ab": 3}, merges=[("a", "b")])
    return PreTrainedTokenizerFast(tokenizer_object=Tokenizer(model))


def test_a_token_across_the_boundary_counts_as_the_choices() -> None:
    (one,) = encode(letters(), "", [Request("ca", ("b", "c", "bc"))])
    assert one.prompt == (2, 0)
    assert one.texts == ((2, 3), (2, 0, 2), (2, 3, 2))
    assert one.starts == (1, 2, 1)
    assert one.longest == 3


def test_byte_counts_are_those_of_the_choice_alone() -> None:
    (one,) = encode(trained(byte_level), "Answer", [Request(":", (" Oslo", " \u00c5s", "\U0001f600"))])
    assert one.byte_counts == (5, 4, 4)


@pytest.mark.parametrize("choice", ["", "z"])  # nothing, and what this tokenizer drops
def test_a_choice_that_adds_no_token_is_refused(choice: str) -> None:
    with pytest.raises(InputError, match=f"the choice '{choice}' adds no token to its prompt; "):
        encode(letters(), "", [Request("ca", ("b", choice))])


@pytest.mark.parametrize(("prompt", "choice"), [("", "b"), ("a", "b")])
def test_a_choice_with_no_token_before_it_is_refused(prompt: str, choice: str) -> None:
    with pytest.raises(InputError, match=r"nothing stands before the choices .*; give the prompt some words"):
        encode(letters(), "", [Request(prompt, (choice,))])


def test_a_prompt_that_is_too_long_says_by_how_much() -> None:
    error = PromptTooLongError(12, 10)
    assert (error.tokens, error.window) == (12, 10)
    assert str(error) == (
        "12 tokens are needed for the longest prompt and the model's window holds 10: 2 too many; "
        "use a model with a longer window or fewer documents"
    )


def test_common_length() -> None:
    assert common_length([(1, 2, 3), (1, 2), (1, 2, 4)]) == 2
    assert common_length([(1,), (2,)]) == 0
    assert common_length([(), (1,)]) == 0
    assert common_length([(5, 6)]) == 2


@pytest.mark.parametrize(
    ("single", "opening"), [("$A <|end|>", ()), ("<|start|> $A <|end|>", (0,)), ("<|start|> $A", (0,))]
)
def test_what_a_tokenizer_appends_stands_neither_in_prompts_nor_in_choices(
    tmp_path: Path, single: str, opening: tuple[int, ...]
) -> None:
    tokenizer = make_tokenizer(tmp_path)
    plain, without_prefix = encode(tokenizer, LINES, REQUESTS), encode(tokenizer, "", REQUESTS)
    tokenizer.backend_tokenizer.post_processor = processors.TemplateProcessing(
        single=single, special_tokens=[("<|start|>", 0), ("<|end|>", 1)]
    )
    opened = encode(tokenizer, LINES, REQUESTS) + encode(tokenizer, "", REQUESTS)
    for bare, found in zip(plain + without_prefix, opened, strict=True):
        assert found.prompt == opening + bare.prompt
        assert found.texts == tuple(opening + text for text in bare.texts)
        assert found.starts == tuple(len(opening) + start for start in bare.starts)
    assert encode(tokenizer, LINES, REQUESTS, special_tokens=False) == plain
    counting = Counting(tokenizer)
    encode(counting, LINES, REQUESTS)  # type: ignore[arg-type]
    assert counting.characters < 10 * len(LINES)  # the prefix is shared all the same
