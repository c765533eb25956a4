"""What ends a generated text, and what it says without its thoughts."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from bigrams import bigram_model
from conftest import make_tokenizer

from obverse.answering.answerer import read_one
from obverse.answering.asking import Asker
from obverse.answering.generated import end_tokens, said
from obverse.answering.thinking import Thinker, Thinking
from obverse.answering.thoughtful import CLOSES, ThoughtfulAsker
from obverse.routes import route

TURN, STOP = "<|turn|>", "<|stop|>"


@pytest.fixture
def tokenizer(tmp_path: Path) -> Any:
    """A chat's turn ends with another token than a text, and the model's file names a third."""
    made = make_tokenizer(tmp_path)
    made.add_special_tokens({"additional_special_tokens": [TURN, STOP, "<|channel|>", "<|message|>"]})
    made.add_tokens(["<think>", "</think>"])
    made.chat_template = (
        "{% for m in messages %}<|start|>{{ m.role }}\n{{ m.content }}<|turn|>\n{% endfor %}"
        "{% if add_generation_prompt %}<|start|>assistant\n{% endif %}"
    )
    return made


@pytest.mark.parametrize("configured", [None, STOP, [STOP, "Ilka"]])
def test_the_ends_of_model_tokenizer_and_template(tokenizer: Any, configured: str | list[str] | None) -> None:
    ids = None if configured is None else tokenizer.convert_tokens_to_ids(configured)
    model = SimpleNamespace(generation_config=SimpleNamespace(eos_token_id=ids))
    named = [configured] if isinstance(configured, str) else configured or []
    expected = {tokenizer.convert_tokens_to_ids(token) for token in ("<|end|>", TURN, *named)}
    assert end_tokens(model, tokenizer) == expected
    tokenizer.chat_template = None
    assert end_tokens(model, tokenizer) == expected - {tokenizer.convert_tokens_to_ids(TURN)}
    tokenizer.chat_template = "{{ 1 // 0 }}"
    assert end_tokens(model, tokenizer) == expected - {tokenizer.convert_tokens_to_ids(TURN)}
    tokenizer.eos_token = None
    assert end_tokens(SimpleNamespace(), tokenizer) == frozenset()


def test_an_answer_ends_with_the_turn_and_is_freed_of_thoughts(tokenizer: Any) -> None:
    """Behind the line end of ``assistant`` comes a thought of two lines, then the answer."""
    table = chain(tokenizer, ["Ċ", "<think>", "x", "</think>", "O", "k", TURN]) | {
        TURN: {"Z": 1.0},
        "Z": {"Z": 1.0},
    }
    assert read_one(Asker(bigram_model(tokenizer, table)), "Who?", ()).generated == "Ok"
    table = chain(tokenizer, ["Ċ", "<think>", "x", "y"]) | {"y": {"x": 1.0}}
    assert read_one(Asker(bigram_model(tokenizer, table)), "Who?", ()).generated == ""


def test_a_thought_ends_with_the_turn(tokenizer: Any) -> None:
    table = chain(tokenizer, ["Ċ", "x", "y", TURN]) | {TURN: {"Z": 1.0}, "Z": {"Z": 1.0}}
    pretrained = bigram_model(tokenizer, table)
    asker = ThoughtfulAsker(Asker(pretrained), route("untouched+think"), 0, {}, 9)
    assert read_one(asker, "Who?", ()).thoughts == ("xy",)
    thinking = Thinking(opens="", closes=CLOSES, most=9)
    prompt = "\n"
    ((one,),) = Thinker(pretrained.model, tokenizer, thinking).think([prompt])
    assert (one.text, one.ended) == ("xy", True)
    assert one.tokens[-1] == tokenizer.convert_tokens_to_ids(TURN)
    # Forced, it goes on for as long as it must.
    ((one,),) = Thinker(pretrained.model, tokenizer, thinking).think([prompt], least=9)
    assert not one.ended
    assert len(one.tokens) == 9
    assert TURN not in one.text


def test_what_tokens_say(tokenizer: Any) -> None:
    def ids(text: str) -> list[int]:
        return list(tokenizer(text, add_special_tokens=False).input_ids)

    assert said(tokenizer, ids("Oslo<|turn|>")) == "Oslo"
    assert said(tokenizer, ids("<think>Bergen\n</think>Oslo<|turn|>")) == "Oslo"
    channels = "<|channel|>analysis<|message|>Bergen<|end|><|start|>assistant<|channel|>final<|message|>Oslo"
    assert said(tokenizer, ids(channels)) == "Oslo"


def chain(tokenizer: Any, tokens: list[str]) -> dict[str, dict[str, float]]:
    assert all(isinstance(id, int) for id in tokenizer.convert_tokens_to_ids(tokens))
    return {token: {following: 1.0} for token, following in pairwise(tokens)}
