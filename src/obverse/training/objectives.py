"""Training objectives: what a model reads of a document, and what it is to predict there.

- *next token*: each token from those before it.
- *reversed*: the same on the document's words in the opposite order, beside the document itself (arXiv 2403.13799).
- *masked*: words hidden at random, filled in by a model that sees both sides, at a rate drawn evenly between 5% and
  95% for each document (arXiv 2406.05183).
- *masked copy*: the document after a copy of itself with words hidden; the loss is on the copy that is whole
  (arXiv 2604.04943).  The model stays causal.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from obverse.models.control_tokens import ControlTokens, opening_tokens
from obverse.text.segmentation import segments, unspaced
from obverse.training.packing import IGNORED, Example, Integers
from obverse.types import Document, ParametersChoice

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

Flags = npt.NDArray[np.bool_]

Objective = Literal["next token", "reversed", "masked", "masked copy"]

OBJECTIVES: Mapping[ParametersChoice, Objective] = {
    "documents": "next token",
    "augmented": "next token",
    "reversed": "reversed",
    "masked": "masked",
    "masked copy": "masked copy",
    "recalled": "next token",
}
"""With which objective each choice is trained in."""

BOUNDARY = -1
"""Number of no word: what begins or ends a text."""

_LEAST_MASKED, _MOST_MASKED = 0.05, 0.95
# What is moved and masked as a whole, whatever the tokenizer takes for a word: some take a whole text for one, others
# each digit.
_WORD = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True)
class Tokenised:
    """A document in tokens.

    Args:
        tokens: ``[time]``.
        scored: ``[time]``, true for tokens that a loss is taken on.
        words: ``[time]``, which word each token belongs to, from 0 without gaps; a word is masked and moved as a whole.
            `BOUNDARY` for the tokens that begin and end a text, which are neither masked nor moved.
    """

    tokens: Integers
    scored: Flags
    words: Integers

    def pieces(self, longest: int) -> Iterator[Tokenised]:
        """The document cut into parts of at most ``longest`` tokens."""
        for start in range(0, len(self.tokens), longest):
            part = slice(start, start + longest)
            words = self.words[part]
            first = words[words != BOUNDARY].min(initial=words.max())
            numbers = np.where(words == BOUNDARY, BOUNDARY, words - first)
            yield Tokenised(self.tokens[part], self.scored[part], numbers)


def tokenise(
    tokenizer: PreTrainedTokenizerBase, documents: Sequence[Document], *, answers_only: bool = False
) -> list[Tokenised]:
    """Documents as they are trained: their text, and the token that ends a text where the tokenizer has one.

    Control tokens in a document are broken up, as where it stands in a prompt.

    Args:
        answers_only: whether the loss is taken on `Document.answers` alone; a document that names none is scored
            throughout.
    """
    if not documents:
        return []
    controls, opening = ControlTokens(tokenizer), opening_tokens(tokenizer)
    end = [] if tokenizer.eos_token_id is None else [tokenizer.eos_token_id]
    read = [controls.as_data(document.text) for document in documents]
    encoded = tokenizer(
        read,
        add_special_tokens=False,
        return_offsets_mapping=True,
        return_attention_mask=False,
        verbose=False,
    )
    texts = []
    for index, document in enumerate(documents):
        tokens = opening + list(encoded.input_ids[index])
        scored = [True] * (len(tokens) + len(end))
        if answers_only and document.answers:
            spans = document.answers
            if read[index] != document.text:  # what follows a broken token stands further on
                spans = tuple(
                    (
                        len(controls.as_data(document.text[:start])),
                        len(controls.as_data(document.text[:stop])),
                    )
                    for start, stop in spans
                )
            inside = _inside(encoded.offset_mapping[index], spans)
            scored = [*(False for _ in opening), *inside, *(False for _ in end)]
        words = [
            *(BOUNDARY for _ in opening),
            *_words(read[index], encoded.offset_mapping[index]),
            *(BOUNDARY for _ in end),
        ]
        texts.append(
            Tokenised(np.array(tokens + end, np.int64), np.array(scored, bool), np.array(words, np.int64))
        )
    return texts


def _words(text: str, offsets: Sequence[tuple[int, int]]) -> list[int]:
    """The word that each token belongs to: that of its last character, which no white space in front of it is."""
    ends = [
        end
        for found in _WORD.finditer(text)
        for end in accumulate(
            map(len, segments(found[0]) if unspaced(found[0]) else [found[0]]), initial=found.start()
        )
        if end > found.start()
    ]
    numbers: dict[int, int] = {}
    return [
        numbers.setdefault(bisect_left(ends, min(stop, ends[-1])) if ends else 0, len(numbers))
        for _, stop in offsets
    ]


def _inside(offsets: Sequence[tuple[int, int]], spans: Sequence[tuple[int, int]]) -> Iterator[bool]:
    """Whether each token shares a character with one of the spans, both being in the order of the text."""
    place = 0
    for start, stop in offsets:
        while place < len(spans) and spans[place][1] <= start:
            place += 1
        yield place < len(spans) and spans[place][0] < stop


def next_token(text: Tokenised) -> Example:
    """Each scored token is predicted at the place before it."""
    labels = np.full(len(text.tokens), IGNORED, dtype=np.int64)
    labels[:-1] = np.where(text.scored[1:], text.tokens[1:], IGNORED)
    return Example(text.tokens, labels)


def reversed_words(text: Tokenised) -> Tokenised:
    """The words in the opposite order, the tokens of a word in their own; what begins and ends a text stays there.

    Scored is what stands, in this order, after the first scored word: what one side of the document says of the other.
    """
    (inner,) = np.nonzero(text.words != BOUNDARY)
    if not len(inner):
        return text
    first, last = inner[0], inner[-1] + 1
    backwards = dict.fromkeys(text.words[inner][::-1].tolist())
    moved = [inner[text.words[inner] == word] for word in backwards]
    order = np.concatenate([np.arange(first), *moved, np.arange(last, len(text.words))])
    words, scored = text.words[order], text.scored[order]
    known = np.flatnonzero(scored & (words != BOUNDARY))
    after = np.zeros(len(order), dtype=bool)
    if len(known):
        after[words != words[known[0]]] = True
        after[: known[0]] = False
    return Tokenised(text.tokens[order], after & (scored | (words != BOUNDARY)), words)


def mask_token(tokenizer: PreTrainedTokenizerBase) -> int:
    """What stands for a hidden token: the tokenizer's own mask, or an underscore where it has none."""
    own = tokenizer.mask_token_id
    found: list[int] = [own] if own is not None else tokenizer("_", add_special_tokens=False).input_ids
    return int(found[-1])


def masked(text: Tokenised, mask: int, rng: np.random.Generator) -> Example:
    """Hidden words are predicted where they stood; at least one is hidden."""
    hidden = _hidden(text, rng)
    return Example(np.where(hidden, mask, text.tokens), np.where(hidden, text.tokens, IGNORED))


def masked_copy(text: Tokenised, mask: int, rng: np.random.Generator) -> Example:
    """A copy with words hidden, then the document, each token of which is predicted at the place before it."""
    copy = np.where(_hidden(text, rng), mask, text.tokens)
    labels = np.concatenate([np.full(len(copy) - 1, IGNORED, dtype=np.int64), text.tokens, [IGNORED]])
    return Example(np.concatenate([copy, text.tokens]), labels)


def _hidden(text: Tokenised, rng: np.random.Generator) -> Flags:
    words = int(text.words.max()) + 1
    chosen: Flags = rng.random(words) < rng.uniform(_LEAST_MASKED, _MOST_MASKED)
    if words and not chosen.any():
        chosen[rng.integers(words)] = True
    return np.append(chosen, False)[text.words]  # the last one is that of a boundary
