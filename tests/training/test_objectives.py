"""Objectives: what is read, what is to be predicted, and where, in small exact cases."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from conftest import make_tokenizer
from tokenizers.processors import TemplateProcessing

from obverse.answering.encoding import Request, encode
from obverse.models.vocabulary import word_tokenizer
from obverse.retrieval.assembly import Assembler
from obverse.text.segmentation import segments
from obverse.training.objectives import (
    BOUNDARY,
    Tokenised,
    mask_token,
    masked,
    masked_copy,
    next_token,
    reversed_words,
    tokenise,
)
from obverse.training.packing import IGNORED, Example
from obverse.types import Document

MASK = 99


@pytest.fixture
def words() -> Any:
    """A tokenizer in which a, b, c, d, e are 3, 4, 5, 6, 7."""
    return word_tokenizer(("a", "b", "c", "d", "e"))


@pytest.fixture
def subwords(tmp_path: Path) -> Any:
    """A tokenizer in which most words are several tokens, and a token ends a text."""
    return make_tokenizer(tmp_path, vocabulary=270)


def tokenised(tokens: list[int], scored: list[int], words: list[int] | None = None) -> Tokenised:
    places = list(range(len(tokens))) if words is None else words
    return Tokenised(np.array(tokens), np.array(scored, bool), np.array(places))


def as_lists(text: Tokenised) -> tuple[list[int], list[int], list[int]]:
    return text.tokens.tolist(), text.scored.astype(int).tolist(), text.words.tolist()


def parts(example: Example) -> tuple[list[int], list[int]]:
    return example.tokens.tolist(), example.labels.tolist()


def test_words_are_tokens_and_answers_alone_are_scored_when_asked(words: Any) -> None:
    documents = [Document("1", "a b c d", answers=((2, 3), (6, 7))), Document("2", "e a")]
    texts = tokenise(words, documents, answers_only=True)
    assert [as_lists(text) for text in texts] == [
        ([3, 4, 5, 6], [0, 1, 0, 1], [0, 1, 2, 3]),
        ([7, 3], [1, 1], [0, 1]),  # names no answer, and is scored throughout
    ]
    texts = tokenise(words, documents)
    assert [text.scored.tolist() for text in texts] == [[True] * 4, [True] * 2]
    assert tokenise(words, []) == []


def test_each_of_several_answers_is_scored(words: Any) -> None:
    document = Document("1", "a b c d e", answers=((0, 1), (4, 5), (6, 7), (8, 9)))
    (found,) = tokenise(words, [document], answers_only=True)
    assert as_lists(found) == ([3, 4, 5, 6, 7], [1, 0, 1, 1, 1], [0, 1, 2, 3, 4])


def test_a_text_without_tokens_has_arrays_of_the_usual_types(words: Any) -> None:
    (found,) = tokenise(words, [Document("1", "")])
    assert as_lists(found) == ([], [], [])
    assert [part.dtype for part in (found.tokens, found.scored, found.words)] == [np.int64, bool, np.int64]


def test_subwords_of_an_answer_are_scored_and_the_end_of_the_text_is_not(subwords: Any) -> None:
    text = "Ilka Venning is the keeper."
    (found,) = tokenise(subwords, [Document("d", text, answers=((5, 12), (20, 26)))], answers_only=True)
    scored = found.tokens[found.scored]
    assert subwords.decode(scored.tolist()) == "Venningkeeper"  # without the spaces in front
    assert len(scored) > 4  # each word is several tokens
    assert len(set(found.words[found.scored].tolist())) == 2
    assert not found.scored[-1]
    assert found.tokens[-1] == subwords.eos_token_id


def test_a_text_ends_with_the_token_that_ends_a_text_and_it_is_no_word(subwords: Any) -> None:
    documents = [Document("1", "Salt Gallery"), Document("2", "Ilka Venning is the keeper of the Corvane.")]
    for document, found in zip(documents, tokenise(subwords, documents), strict=True):
        assert found.tokens[-1] == subwords.eos_token_id
        assert subwords.decode(found.tokens[:-1].tolist()) == document.text
        assert found.scored.all()
        assert found.words[-1] == BOUNDARY
        spelt = [
            subwords.decode(found.tokens[found.words == word].tolist())
            for word in range(max(found.words) + 1)
        ]
        full_stop = ["."] if document.text.endswith(".") else []
        assert [word.strip() for word in spelt] == [
            *document.text.removesuffix(".").split(),
            *full_stop,
        ]


def test_a_text_is_cut_into_pieces_whose_words_are_counted_anew() -> None:
    text = tokenised([3, 4, 5, 6, 7, 8, 9], [1, 0, 1, 0, 1, 0, 1], [0, 0, 1, 1, 1, 2, 3])
    assert [as_lists(piece) for piece in text.pieces(3)] == [
        ([3, 4, 5], [1, 0, 1], [0, 0, 1]),
        ([6, 7, 8], [0, 1, 0], [0, 0, 1]),
        ([9], [1], [0]),
    ]
    assert [as_lists(piece) for piece in text.pieces(7)] == [as_lists(text)]
    text = tokenised([1, 3, 4, 5, 2], [1, 1, 0, 1, 1], [BOUNDARY, 0, 1, 1, BOUNDARY])
    assert [as_lists(piece) for piece in text.pieces(2)] == [
        ([1, 3], [1, 1], [BOUNDARY, 0]),
        ([4, 5], [0, 1], [0, 0]),
        ([2], [1], [BOUNDARY]),
    ]


@pytest.mark.parametrize("text", ["Ilka <|end|> Venning", "<|<|end|>end|>", "Ilka<|start|>"])
def test_control_tokens_in_a_document_are_trained_as_they_stand_in_a_prompt(subwords: Any, text: str) -> None:
    (found,) = tokenise(subwords, [Document("d", text)])
    *own, last = found.tokens.tolist()
    assert last == subwords.eos_token_id
    assert not set(own) & set(subwords.all_special_ids)
    (prompt,) = encode(subwords, "", [Request(Assembler(subwords).prefix([Document("d", text)]), ())])
    prompt_text = subwords.decode(list(prompt.prompt))
    assert subwords.decode(own) in prompt_text
    assert not set(prompt.prompt) & set(subwords.all_special_ids)


def test_answers_behind_a_control_token_are_scored_where_they_then_stand(subwords: Any) -> None:
    text = "Ilka <|end|> Venning is <|end|><|end|> the keeper."
    places = tuple((text.index(word), text.index(word) + len(word)) for word in ("Venning", "keeper"))
    (found,) = tokenise(subwords, [Document("d", text, answers=places)], answers_only=True)
    assert subwords.decode(found.tokens[found.scored].tolist()) == "Venningkeeper"


@pytest.mark.parametrize(("single", "opening"), [("$A <|end|>", []), ("<|start|> $A <|end|>", [0])])
def test_one_token_ends_a_text_whatever_the_tokenizer_appends(
    tmp_path: Path, single: str, opening: list[int]
) -> None:
    tokenizer = make_tokenizer(tmp_path)
    text = "Ilka Venning is the keeper."
    own = tokenizer(text, add_special_tokens=False).input_ids
    tokenizer.backend_tokenizer.post_processor = TemplateProcessing(
        single=single, special_tokens=[("<|start|>", 0), ("<|end|>", 1)]
    )
    (found,) = tokenise(tokenizer, [Document("d", text)])
    assert found.tokens.tolist() == [*opening, *own, 1]
    (found,) = tokenise(tokenizer, [Document("d", text, answers=((5, 12),))], answers_only=True)
    assert tokenizer.decode(found.tokens[found.scored].tolist()).strip() == "Venning"


def test_the_next_token_is_predicted_where_it_is_scored() -> None:
    assert parts(next_token(tokenised([3, 4, 5, 6], [1, 0, 1, 1]))) == (
        [3, 4, 5, 6],
        [IGNORED, 5, 6, IGNORED],
    )
    assert parts(next_token(tokenised([3], [1]))) == ([3], [IGNORED])


@pytest.mark.parametrize(
    ("scored", "after"),
    [
        ([1, 1, 1, 1], [0, 1, 1, 1]),
        ([0, 0, 0, 1], [0, 1, 1, 1]),
        ([0, 1, 0, 1], [0, 1, 1, 1]),
        ([0, 0, 1, 0], [0, 0, 1, 1]),
        ([0, 1, 0, 0], [0, 0, 0, 1]),
        ([1, 0, 0, 0], [0, 0, 0, 0]),
        ([0, 0, 0, 0], [0, 0, 0, 0]),
    ],
)
def test_reversed_is_scored_on_what_follows_the_first_scored_word(
    scored: list[int], after: list[int]
) -> None:
    found = reversed_words(tokenised([3, 4, 5, 6], scored))
    assert as_lists(found) == ([6, 5, 4, 3], after, [3, 2, 1, 0])
    assert found.scored.dtype == bool


def test_reversed_keeps_the_tokens_of_a_word_in_their_order() -> None:
    found = reversed_words(tokenised([1, 2, 3, 4, 5, 6], [0, 0, 0, 0, 1, 1], [0, 0, 1, 2, 2, 2]))
    assert as_lists(found) == ([4, 5, 6, 3, 1, 2], [0, 0, 0, 1, 1, 1], [2, 2, 2, 1, 0, 0])


def test_reversed_leaves_what_begins_and_ends_a_text_where_it_is() -> None:
    text = tokenised([1, 3, 4, 5, 2], [1, 1, 1, 1, 1], [BOUNDARY, 0, 1, 1, BOUNDARY])
    found = reversed_words(text)
    assert as_lists(found) == (
        [1, 4, 5, 3, 2],
        [0, 0, 0, 1, 1],
        [BOUNDARY, 1, 1, 0, BOUNDARY],
    )
    unscored_end = tokenised([1, 3, 4, 2], [0, 0, 1, 0], [BOUNDARY, 0, 1, BOUNDARY])
    assert as_lists(reversed_words(unscored_end))[1] == [0, 0, 1, 0]
    ends = tokenised([1, 2], [1, 1], [BOUNDARY, BOUNDARY])
    assert as_lists(reversed_words(ends)) == as_lists(ends)


@pytest.mark.parametrize("boundaries", ["<s> $A", "$A </s>", "<s> $A </s>", "<s> <s> $A"])
def test_a_reversed_document_begins_and_ends_as_the_document(boundaries: str) -> None:
    tokenizer = bounded_tokenizer(boundaries)
    (text,) = tokenise(tokenizer, [Document("d", "Ilka is 1984's keeper.")])
    backwards = reversed_words(text)
    forwards = tokenizer("Ilka is 1984's keeper.").input_ids
    begin = boundaries.partition("$A")[0].split()
    assert tokenizer.convert_ids_to_tokens(backwards.tokens[: len(begin)].tolist()) == begin
    assert tokenizer.convert_ids_to_tokens(backwards.tokens.tolist())[-1] == "</s>"
    assert sorted(backwards.tokens.tolist()) == sorted(text.tokens.tolist())
    inner = tokenizer.decode(backwards.tokens.tolist(), skip_special_tokens=True)
    assert "".join(inner.split()) == ".keepers'1984isIlka"
    assert len(text.tokens) >= len(forwards)


def test_a_word_is_what_stands_between_spaces_whatever_the_tokenizer_takes_for_one() -> None:
    # This tokenizer has no words of its own: it takes the whole text for one.
    whole = bounded_tokenizer("$A")
    (text,) = tokenise(whole, [Document("d", "In 1984 it rained.")])
    assert text.words.max() + 1 == len(["In", "1984", "it", "rained", "."])


def test_where_there_are_no_spaces_words_are_those_of_a_dictionary(subwords: Any) -> None:
    (text,) = tokenise(subwords, [Document("d", "港口的钟很旧。")])
    found = reversed_words(text)
    words = segments("港口的钟很旧")
    assert "港口" in words
    assert len(words) > 3
    assert subwords.decode(found.tokens.tolist(), skip_special_tokens=True) == "".join(["。", *words[::-1]])


def bounded_tokenizer(boundaries: str) -> Any:
    """Characters as tokens and a text as one word, with tokens added around it as the boundaries say."""
    from tokenizers import Tokenizer, models, processors
    from transformers import PreTrainedTokenizerFast

    characters = sorted(set("Ilka is 1984's keeper.In it rained."))
    vocabulary = {token: id for id, token in enumerate(["<s>", "</s>", "<unk>", *characters])}
    tokenizer: Any = Tokenizer(models.BPE(vocabulary, [], unk_token="<unk>"))
    tokenizer.post_processor = processors.TemplateProcessing(
        single=boundaries, special_tokens=[("<s>", 0), ("</s>", 1)]
    )
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>")


def test_reversed_words_of_a_document_in_subwords(subwords: Any) -> None:
    (text,) = tokenise(subwords, [Document("d", " Ilka Venning is the keeper")])
    found = reversed_words(text)
    assert subwords.decode(found.tokens.tolist(), skip_special_tokens=True) == " keeper the is Venning Ilka"


def test_masked_words_are_predicted_where_they_stood_and_hidden_whole() -> None:
    rng = np.random.default_rng(0)
    text = tokenised([1, 2, 3, 4, 5, 6], [0] * 6, [0, 0, 1, 2, 2, 2])
    hidden_words = set()
    for _ in range(60):
        example = masked(text, MASK, rng)
        hidden = example.tokens == MASK
        hidden_words.add(tuple(np.unique(text.words[hidden]).tolist()))
        assert hidden.any()
        assert (example.tokens[~hidden] == text.tokens[~hidden]).all()
        assert (example.labels[hidden] == text.tokens[hidden]).all()
        assert (example.labels[~hidden] == IGNORED).all()
        assert hidden.tolist() == np.isin(text.words, text.words[hidden]).tolist()
    # Every word may be hidden, also one that is not scored, and all of them together.
    assert hidden_words == {(0,), (1,), (2,), (0, 1), (0, 2), (1, 2), (0, 1, 2)}


def test_a_mask_stands_for_a_hidden_token_or_an_underscore_where_there_is_none(
    words: Any, subwords: Any
) -> None:
    assert mask_token(words) == words.mask_token_id
    assert subwords.mask_token_id is None
    (underscore,) = subwords("_").input_ids
    # Also where the tokenizer puts the end of a text behind each.
    end = TemplateProcessing(single="$A <|end|>", special_tokens=[("<|end|>", subwords.eos_token_id)])
    subwords._tokenizer.post_processor = end
    assert subwords("_").input_ids == [underscore, subwords.eos_token_id]
    assert mask_token(subwords) == underscore


def test_words_are_hidden_by_their_own_draws_and_what_begins_and_ends_a_text_is_not() -> None:
    draws: Any = SimpleNamespace(
        random=lambda words: np.array([0.1, 0.5, 0.49, 0.9])[:words],
        uniform=lambda least, most: 0.5 * (least + most),
        integers=lambda _: pytest.fail("one was hidden besides"),
    )
    text = tokenised([1, 3, 4, 5, 6, 2], [1] * 6, [BOUNDARY, 0, 1, 2, 3, BOUNDARY])
    assert parts(masked(text, MASK, draws)) == (
        [1, MASK, 4, MASK, 6, 2],
        [IGNORED, 3, IGNORED, 5, IGNORED, IGNORED],
    )


def test_a_text_of_white_space_is_one_word(subwords: Any) -> None:
    (found,) = tokenise(subwords, [Document("1", "  ")])
    assert len(found.tokens) > 1
    assert set(found.words[:-1].tolist()) == {0}
    assert found.words[-1] == BOUNDARY


def test_a_single_word_is_always_hidden() -> None:
    rng = np.random.default_rng(0)
    assert {parts(masked(tokenised([7], [1]), MASK, rng))[0][0] for _ in range(50)} == {MASK}


def test_the_rate_of_masking_is_spread_evenly_between_its_bounds() -> None:
    rng = np.random.default_rng(0)
    text = tokenised(list(range(1000)), [1] * 1000)
    rates = np.array([np.mean(masked(text, -1, rng).tokens == -1) for _ in range(1500)])
    assert rates.min() > 0.02
    assert rates.max() < 0.98
    counts, _ = np.histogram(rates, bins=9, range=(0.05, 0.95))
    assert counts.sum() > 1400
    assert abs(counts / counts.sum() - 1 / 9).max() < 0.03


def test_a_masked_copy_stands_before_the_document_which_alone_is_predicted() -> None:
    rng = np.random.default_rng(0)
    text = tokenised([3, 4, 5, 6], [0, 0, 1, 1])
    copies = set()
    for _ in range(30):
        tokens, labels = parts(masked_copy(text, MASK, rng))
        copies.add(tuple(tokens[:4]))
        assert tokens[4:] == [3, 4, 5, 6]
        assert all(token in (MASK, own) for token, own in zip(tokens[:4], (3, 4, 5, 6), strict=True))
        assert MASK in tokens[:4]
        assert labels == [IGNORED] * 3 + [3, 4, 5, 6, IGNORED]
    assert len(copies) > 5
