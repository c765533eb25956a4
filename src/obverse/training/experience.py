"""Training a decoder from scratch on a drawn task: documents mixed with practice over fresh bindings.

Facts are learned from the documents, reading from practice: what its context does not determine, a practice document
is not scored on.  Where bindings were not fresh, facts would be memorised before reading them pays.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from obverse.models.architecture import Architecture
from obverse.tasks.drawn import DrawnTask
from obverse.training.objectives import (
    Objective,
    Tokenised,
    masked,
    masked_copy,
    next_token,
    reversed_words,
    tokenise,
)
from obverse.training.optimizers import Training
from obverse.training.packing import Batch, Example, Integers, pack
from obverse.types import Document, derive_seed

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


@dataclass(frozen=True)
class Recipe:
    """How a decoder is trained from scratch.

    Args:
        architecture: what it is made of.
        training: how its weights are changed.
        steps: training steps; more where the documents are so many that it takes more to learn each ``passes`` times.
        passes: least number of times that each document is learned.
        documents: of the task, in each step.
        practice: documents over fresh bindings, in each step.
        row_tokens: width of the rows that documents are packed into.
        answers_only: whether the loss is taken on the answers in a document, or on all its tokens.
    """

    architecture: Architecture = field(default_factory=Architecture)
    training: Training = field(default_factory=lambda: Training(5e-3))
    steps: int = 600
    passes: int = 0
    documents: int = 150
    practice: int = 75
    row_tokens: int = 128
    answers_only: bool = True


class Experience:
    """The batches of a training: a stream in which each document comes once before any comes again.

    Args:
        task, task_seed: what practice documents are drawn from.
        documents: what is learned.
        seed: of the order and of the practice, beside the name of what is trained.
        purpose: tells trainings of one seed apart.
    """

    def __init__(
        self,
        task: DrawnTask,
        task_seed: int,
        documents: Sequence[Document],
        tokenizer: PreTrainedTokenizerBase,
        recipe: Recipe,
        objective: Objective,
        seed: int,
        purpose: str,
    ) -> None:
        self._task, self._task_seed, self._recipe = task, task_seed, recipe
        self._tokenizer, self._objective = tokenizer, objective
        self._seed = (type(task).__name__, task_seed, seed, purpose)
        texts = tokenise(tokenizer, documents, answers_only=recipe.answers_only)
        # Beside each document in its own order stands what the objective makes of it.
        self._plain = [] if objective == "masked" else [next_token(text) for text in texts]
        if objective == "reversed":
            self._plain += [next_token(reversed_words(text)) for text in texts]
        self._masked = texts if objective in ("masked", "masked copy") else []
        self._order = lru_cache(maxsize=2)(self._shuffled)

    def __len__(self) -> int:
        learned = self._recipe.passes * (len(self._plain) + len(self._masked))
        return max(self._recipe.steps, -(-learned // self._recipe.documents))

    def __getitem__(self, step: int) -> Batch:
        if step >= len(self):
            raise IndexError(step)
        rng = np.random.default_rng(derive_seed(*self._seed, "masks", step))
        first = step * self._recipe.documents
        examples = [self._example(place, rng) for place in range(first, first + self._recipe.documents)]
        examples += self._practice(step, rng)
        return pack(examples, max(self._recipe.row_tokens, *(len(example.tokens) for example in examples)))

    def _example(self, place: int, rng: np.random.Generator) -> Example:
        epoch, place = divmod(place, len(self._plain) + len(self._masked))
        index = int(self._order(epoch)[place])
        if index < len(self._plain):
            return self._plain[index]
        return self._hide(self._masked[index - len(self._plain)], rng)

    def _hide(self, text: Tokenised, rng: np.random.Generator) -> Example:
        hide = masked if self._objective == "masked" else masked_copy
        return hide(text, self._tokenizer.mask_token_id, rng)

    def _practice(self, step: int, rng: np.random.Generator) -> list[Example]:
        drawn = random.Random(derive_seed(*self._seed, "practice", step))
        documents = [self._task.practice(self._task_seed, drawn) for _ in range(self._recipe.practice)]
        texts = tokenise(self._tokenizer, documents, answers_only=self._recipe.answers_only)
        if self._objective == "masked":
            return [self._hide(text, rng) for text in texts]
        return [next_token(text) for text in texts]

    def _shuffled(self, epoch: int) -> Integers:
        rng = np.random.default_rng(derive_seed(*self._seed, "order", epoch))
        return rng.permutation(len(self._plain) + len(self._masked))
