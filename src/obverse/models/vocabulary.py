"""A tokenizer whose tokens are the words of a task."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from obverse.types import InputError

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

PADDING, UNKNOWN, MASK = "<padding>", "<unknown>", "<mask>"


def word_tokenizer(words: Sequence[str]) -> PreTrainedTokenizerFast:
    """A token for each word, in the order given, after three of the tokenizer's own.

    Texts are divided at white space.  No token ends a text.

    Raises:
        InputError: a word occurs twice, holds white space, or is one of the tokenizer's own.
    """
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    tokens = [PADDING, UNKNOWN, MASK, *words]
    if len(set(tokens)) < len(tokens) or any(word.split() != [word] for word in words):
        raise InputError("the vocabulary holds a word twice, or one with white space; give each word once")
    tokenizer: Any = Tokenizer(
        models.WordLevel({token: id for id, token in enumerate(tokens)}, unk_token=UNKNOWN)
    )
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token=PADDING,
        unk_token=UNKNOWN,
        mask_token=MASK,
        clean_up_tokenization_spaces=False,
    )
