"""The word tokenizer: a token for each word, in order, and nothing that ends a text."""

from __future__ import annotations

from pathlib import Path

import pytest
from transformers import AutoTokenizer, PreTrainedTokenizerFast

from obverse.models.vocabulary import MASK, PADDING, UNKNOWN, word_tokenizer
from obverse.types import InputError

WORDS = ("zinc", "e1", "Alpha", "'s", ".", "naïve")


def test_words_are_numbered_in_their_order_after_the_tokenizers_own() -> None:
    tokenizer = word_tokenizer(WORDS)
    assert [tokenizer.pad_token_id, tokenizer.unk_token_id, tokenizer.mask_token_id] == [0, 1, 2]
    assert tokenizer.convert_ids_to_tokens(list(range(9))) == [PADDING, UNKNOWN, MASK, *WORDS]
    assert len(tokenizer) == 9


def test_texts_come_back_and_nothing_ends_them() -> None:
    tokenizer = word_tokenizer(WORDS)
    text = "Alpha 's e1 . naïve . zinc"
    assert tokenizer(text).input_ids == [5, 6, 4, 7, 8, 7, 3]
    assert tokenizer.decode(tokenizer(text).input_ids) == text
    assert tokenizer.eos_token_id is None
    assert tokenizer.bos_token_id is None


def test_a_word_that_is_not_there_is_unknown() -> None:
    assert word_tokenizer(WORDS)("alpha e1  e12\n<mask>").input_ids == [1, 4, 1, 2]


@pytest.mark.parametrize("words", [("a", "b", "a"), ("a b",), ("a", ""), (" a",), (MASK,), ("a", PADDING)])
def test_words_that_no_text_could_say_or_two_of_a_kind_are_refused(words: tuple[str, ...]) -> None:
    with pytest.raises(InputError, match="give each word once"):
        word_tokenizer(words)


@pytest.mark.parametrize("kind", [AutoTokenizer, PreTrainedTokenizerFast])
def test_what_is_saved_is_what_is_loaded(kind: type[PreTrainedTokenizerFast], tmp_path: Path) -> None:
    tokenizer = word_tokenizer(WORDS)
    tokenizer.save_pretrained(tmp_path)
    again = kind.from_pretrained(tmp_path)
    text = "zinc Alpha <mask> . nothing"
    assert again(text).input_ids == tokenizer(text).input_ids == [3, 5, 2, 7, 1]
    assert again.decode([5, 6, 7]) == "Alpha 's ."
    assert again.get_vocab() == tokenizer.get_vocab()
    assert (again.pad_token_id, again.mask_token_id, again.eos_token_id) == (0, 2, None)
