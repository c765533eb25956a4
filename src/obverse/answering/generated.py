"""Generated tokens: which end a text, and what the others say."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from obverse.models.control_tokens import ControlTokens
from obverse.retrieval.chat import ChatTemplate
from obverse.retrieval.thoughts import without_thoughts
from obverse.types import InputError

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


def end_tokens(model: Any, tokenizer: PreTrainedTokenizerBase) -> frozenset[int]:
    """The tokens that end a text or a turn: the model's own, the tokenizer's, and that of its chat template."""
    configured = getattr(getattr(model, "generation_config", None), "eos_token_id", None)
    ends = [*(configured if isinstance(configured, list) else [configured]), tokenizer.eos_token_id]
    if tokenizer.chat_template:
        controls = ControlTokens(tokenizer)
        with suppress(InputError):  # a model whose template cannot be used may still be asked without it
            end = ChatTemplate(tokenizer, controls).end
            if controls.first_end(end):
                ends.append(tokenizer(end, add_special_tokens=False).input_ids[-1])
    return frozenset(int(end) for end in ends if end is not None)


def said(tokenizer: PreTrainedTokenizerBase, tokens: Sequence[int]) -> str:
    """Tokens as text, without thoughts and control tokens."""
    whole = str(tokenizer.decode(list(tokens)))
    text = without_thoughts(whole)
    if text == whole:
        return str(tokenizer.decode(list(tokens), skip_special_tokens=True))
    return ControlTokens(tokenizer).without(text)
