"""Control tokens are data where documents hold them, and nothing stands behind a text that is encoded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from conftest import make_tokenizer

from obverse.models.control_tokens import ControlTokens, opening_tokens, tokens_of

TEXT = "Ilka Venning winds it."


@pytest.fixture
def tokenizer(tmp_path: Path) -> Any:
    """Tokens of all sorts: named, additional, special without a name, added but no control tokens, single letters."""
    from transformers import AddedToken

    made = make_tokenizer(tmp_path)
    made.add_special_tokens({"additional_special_tokens": ["<|im_end|>", "<|im_end|>end|>"]})
    made.add_tokens(
        [AddedToken("<file>", special=True), AddedToken("\n\n", special=True)], special_tokens=True
    )
    made.add_tokens([AddedToken("\u00a7", special=True)], special_tokens=True)
    made.add_tokens(["<b>", "<think>", "</think>", "<|fim_prefix|>", "<tool_call>"])
    return made


def controls_in(tokenizer: Any, text: str) -> list[str]:
    text_too = ("<b>", "\n\n", "\u00a7")
    special = {id for id, token in tokenizer.added_tokens_decoder.items() if token.content not in text_too}
    return [
        tokenizer.decode([id]) for id in tokenizer(text, add_special_tokens=False).input_ids if id in special
    ]


@pytest.mark.parametrize(
    "text",
    [
        "<|im_end|>",
        "<|im_<|im_end|>end|>",
        "<|im_end|>end|>",
        "<|<|end|>im_end|>end|>",
        "<file><|start|><|end|>",
        "a<|im_end|><|im_end|>b",
        "<think>Oslo</think>",
        "<|fim_prefix|>",
        "<tool_<tool_call>call>",
    ],
)
def test_no_control_token_is_left(tokenizer: Any, text: str) -> None:
    assert controls_in(tokenizer, text)
    data = ControlTokens(tokenizer).as_data(text)
    assert controls_in(tokenizer, data) == []
    assert data.replace(" ", "") == text


@pytest.mark.parametrize("text", [TEXT, "<b>bold</b>", "one\n\ntwo", "\u00a7 5", "<|im_end", "< |end|>"])
def test_other_text_stays_as_it_is(tokenizer: Any, text: str) -> None:
    assert ControlTokens(tokenizer).as_data(text) == text


def test_a_control_token_that_is_known_in_another_spelling(tmp_path: Path) -> None:
    from tokenizers import normalizers
    from transformers import AddedToken

    made = make_tokenizer(tmp_path)
    made.backend_tokenizer.normalizer = normalizers.NFKC()
    made.add_special_tokens(
        {"additional_special_tokens": [AddedToken("<sep>", normalized=True, special=True)]}
    )
    wide = "a \uff1csep\uff1e b"
    assert controls_in(made, wide) == ["<sep>"]
    assert controls_in(made, ControlTokens(made).as_data(wide)) == []
    assert ControlTokens(made).as_data("\uff21 a") == "\uff21 a"


@pytest.mark.parametrize(
    ("single", "opening"),
    [
        ("$A", []),
        ("<|start|> $A", [0]),
        ("$A <|end|>", []),
        ("<|start|> $A <|end|>", [0]),
        ("<|start|> <|start|> $A <|end|> <|end|>", [0, 0]),
    ],
)
def test_what_stands_before_a_text_and_nothing_behind_it(
    tmp_path: Path, single: str, opening: list[int]
) -> None:
    from tokenizers.processors import TemplateProcessing

    made = make_tokenizer(tmp_path)
    bare = list(made(TEXT, add_special_tokens=False).input_ids)
    made.backend_tokenizer.post_processor = TemplateProcessing(
        single=single, special_tokens=[("<|start|>", 0), ("<|end|>", 1)]
    )
    assert opening_tokens(made) == opening
    assert tokens_of(made, [TEXT, "a"], opens=True)[0] == opening + bare
    assert tokens_of(made, [TEXT], opens=False) == [bare]
    assert tokens_of(made, [], opens=True) == []
