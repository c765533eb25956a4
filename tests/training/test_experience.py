"""The batches of a training from scratch: the same for a step whenever it is asked for, each document once an epoch."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from obverse.models.architecture import Architecture
from obverse.models.decoder import Decoder
from obverse.models.vocabulary import word_tokenizer
from obverse.tasks.drawn.texts import write_document
from obverse.training import checkpoint
from obverse.training.experience import Experience, Recipe
from obverse.training.loop import train
from obverse.training.objectives import Objective
from obverse.training.optimizers import Training
from obverse.training.packing import IGNORED, Batch
from obverse.types import Document, Question, Task

NAMES = tuple(f"n{number}" for number in range(8))
OTHERS = tuple(f"m{number}" for number in range(8))
FIRST_NAME, FIRST_OTHER, MASK = 3, 11, 2
OBJECTIVES: tuple[Objective, ...] = ("next token", "reversed", "masked", "masked copy")
every_objective = pytest.mark.parametrize("objective", OBJECTIVES)


@dataclass(frozen=True)
class Pairs:
    """A drawn task: ``n3 is m3 .`` to learn, and any ``n`` with any ``m`` to practise on."""

    @property
    def vocabulary(self) -> tuple[str, ...]:
        return (*NAMES, *OTHERS, "is", ".")

    def build(self, seed: int) -> Task:
        documents = (
            write_document(name, [name, "is", other, "."], [2])
            for name, other in zip(NAMES, OTHERS, strict=True)
        )
        return Task(f"pairs-{seed}", tuple(documents), ())

    def practice(self, seed: int, rng: random.Random) -> Document:
        return write_document(f"practice-{seed}", [rng.choice(NAMES), rng.choice(OTHERS), "."], [1])

    def cues(self, seed: int) -> tuple[Question, ...]:
        raise NotImplementedError(seed)


RECIPE = Recipe(
    architecture=Architecture(depth=1),
    training=Training(1e-2, optimizer="muon"),
    steps=8,
    documents=4,
    practice=3,
    row_tokens=10,
)


def experience(
    objective: Objective = "next token", recipe: Recipe = RECIPE, seed: int = 0, purpose: str = "documents"
) -> Experience:
    task = Pairs()
    tokenizer = word_tokenizer(task.vocabulary)
    return Experience(task, 0, task.build(0).documents, tokenizer, recipe, objective, seed, purpose)


def documents_of(batch: Batch) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Tokens and labels of each document of a batch."""
    found = []
    for row, owners in enumerate(batch.documents):
        for document in range(owners.max() + 1):
            own = owners == document
            found.append((tuple(batch.tokens[row, own].tolist()), tuple(batch.labels[row, own].tolist())))
    return found


def as_lists(batch: Batch) -> list[Any]:
    return [part.tolist() for part in (batch.tokens, batch.positions, batch.documents, batch.labels)]


def learned(batch: Batch) -> list[tuple[int, ...]]:
    """The documents of the task in a batch, which are longer than those of the practice."""
    return [tokens for tokens, _ in documents_of(batch) if len(tokens) == 4]


def practised(batch: Batch) -> list[tuple[int, ...]]:
    return sorted(tokens for tokens, _ in documents_of(batch) if len(tokens) == 3)


@every_objective
def test_a_step_has_the_same_batch_in_whichever_order_steps_are_asked_for(objective: Objective) -> None:
    stream = experience(objective)
    forward = [as_lists(stream[step]) for step in range(len(stream))]
    assert len(forward) == RECIPE.steps
    assert [as_lists(stream[step]) for step in reversed(range(len(stream)))] == forward[::-1]
    assert as_lists(experience(objective)[5]) == forward[5]
    with pytest.raises(IndexError):
        stream[RECIPE.steps]


def test_steps_are_as_many_as_the_passes_over_the_documents_take() -> None:
    assert len(experience(recipe=replace(RECIPE, passes=4))) == RECIPE.steps
    assert len(experience(recipe=replace(RECIPE, passes=5))) == 10
    assert len(experience("reversed", replace(RECIPE, passes=5))) == 20
    stream = experience(recipe=replace(RECIPE, documents=3, passes=5))
    assert len(stream) == 14
    found = Counter(document for step in range(len(stream)) for document in learned(stream[step]))
    assert min(found.values()) == 5


def test_each_document_comes_once_before_any_comes_again() -> None:
    stream = experience()
    everything = {(FIRST_NAME + place, 19, FIRST_OTHER + place, 20) for place in range(8)}
    epochs = [learned(stream[step]) + learned(stream[step + 1]) for step in range(0, 8, 2)]
    assert all(sorted(epoch) == sorted(everything) for epoch in epochs)
    firsts = [frozenset(learned(stream[step])) for step in range(0, 8, 2)]
    assert len(set(firsts)) > 1  # the order is drawn anew for each


def test_epochs_need_not_end_with_a_step() -> None:
    stream = experience(recipe=replace(RECIPE, documents=3))
    found = [tokens for step in range(8) for tokens in learned(stream[step])]
    assert Counter(Counter(found).values()) == {3: 8}


@pytest.mark.parametrize(
    ("seed", "purpose"),
    [(0, "documents"), (1, "documents"), (0, "augmented")],
    ids=["same", "seed", "purpose"],
)
def test_practice_and_order_follow_from_seed_and_purpose(seed: int, purpose: str) -> None:
    first, second = experience(), experience(seed=seed, purpose=purpose)
    alike = (seed, purpose) == (0, "documents")
    steps = range(RECIPE.steps)
    practice = [[practised(stream[step]) for step in steps] for stream in (first, second)]
    order = [[frozenset(learned(stream[step])) for step in steps] for stream in (first, second)]
    assert (practice[0] == practice[1]) is alike
    assert (order[0] == order[1]) is alike
    assert len({str(found) for found in practice[0]}) == RECIPE.steps  # and from the step
    assert all(len(found) == RECIPE.practice for found in practice[0])


def test_the_next_token_is_scored_on_answers_alone_or_throughout() -> None:
    for tokens, labels in documents_of(experience()[0]):
        answer = 2 if len(tokens) == 4 else 1
        assert labels == tuple(
            tokens[answer] if place + 1 == answer else IGNORED for place in range(len(tokens))
        )
    for tokens, labels in documents_of(experience(recipe=replace(RECIPE, answers_only=False))[0]):
        assert labels == (*tokens[1:], IGNORED)


def test_reversed_has_each_document_in_both_orders_and_practice_in_its_own() -> None:
    stream = experience("reversed")
    found = [document for step in range(4) for document in documents_of(stream[step])]
    plain = [tokens for tokens, _ in found if tokens[-1] == 20 and len(tokens) == 4]
    turned = [(tokens, labels) for tokens, labels in found if tokens[0] == 20]
    assert sorted(plain) == sorted(tokens[::-1] for tokens, _ in turned)
    assert len(set(plain)) == len(plain) == 8
    assert len(found) == 16 + 4 * RECIPE.practice
    for tokens, labels in turned:
        assert labels == (IGNORED, *tokens[2:], IGNORED)  # what stands after the first scored word


def test_masked_hides_words_of_documents_and_practice_and_predicts_them_in_place() -> None:
    found = [document for step in range(8) for document in documents_of(experience("masked")[step])]
    assert Counter(len(tokens) for tokens, _ in found) == {4: 8 * RECIPE.documents, 3: 8 * RECIPE.practice}
    for tokens, labels in found:
        assert MASK in tokens
        assert all((token == MASK) is (label != IGNORED) for token, label in zip(tokens, labels, strict=True))
    assert len({tokens for tokens, _ in found if len(tokens) == 4}) > 20  # hidden anew each time


def test_a_masked_copy_stands_before_the_document_beside_the_document_alone() -> None:
    stream = experience("masked copy")
    found = [document for step in range(4) for document in documents_of(stream[step])]
    copies = [(tokens, labels) for tokens, labels in found if len(tokens) == 8]
    assert sorted(tokens[4:] for tokens, _ in copies) == sorted(
        tokens for tokens, _ in found if len(tokens) == 4
    )
    assert len(copies) == len(NAMES)
    for tokens, labels in copies:
        assert MASK in tokens[:4]
        assert labels == (IGNORED, IGNORED, IGNORED, *tokens[4:], IGNORED)


@every_objective
def test_rows_are_as_wide_as_the_recipe_says_and_wider_for_what_is_longer(objective: Objective) -> None:
    batch = experience(objective)[0]
    assert batch.tokens.shape[1] <= RECIPE.row_tokens
    narrow = experience(objective, replace(RECIPE, row_tokens=2))[0]
    longest = max(len(tokens) for tokens, _ in documents_of(narrow))
    assert narrow.tokens.shape[1] == longest
    assert sorted(documents_of(narrow)) == sorted(documents_of(batch))


@every_objective
def test_a_training_that_was_interrupted_ends_with_equal_weights(
    objective: Objective, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoint, "_SHARE", np.inf)  # a checkpoint after each step
    recipe = replace(RECIPE, architecture=Architecture(depth=1, causal=objective != "masked"))

    def trained(folder: str, stop: int | None = None) -> dict[str, torch.Tensor]:
        def progress(done: int, *_: object) -> None:
            if done == stop:
                raise KeyboardInterrupt

        torch.manual_seed(0)
        model = Decoder(recipe.architecture.config(len(word_tokenizer(Pairs().vocabulary))))
        train(model, experience(objective, recipe), recipe.training, tmp_path / folder, progress=progress)
        return dict(model.named_parameters())

    whole = trained("whole")
    with pytest.raises(KeyboardInterrupt):
        trained("parts", stop=5)
    parts = trained("parts")
    assert all(torch.equal(weight, parts[name]) for name, weight in whole.items())
