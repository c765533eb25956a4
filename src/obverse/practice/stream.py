"""Practice as batches: scenes drawn for each step, their documents read once for all their questions.

The loss is taken on the answers alone, and on what ends them: all else a context does not determine.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from obverse.answering.encoding import Request, common_length, encode
from obverse.practice.curriculum import draw_plan
from obverse.practice.scenes import draw_scene
from obverse.retrieval.assembly import Assembler, PromptForm
from obverse.training.packing import IGNORED, Batch, Example, pack
from obverse.types import InputError, Task, derive_seed

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

_PLAIN_SHARE = 0.2
# A row costs the square of its length: rows are of this width, or as wide as the longest scene.
_ROW_TOKENS = 512
# Scenes that are too long, one after the other, until they are taken for all that there are.
_MOST_REFUSED = 500


@dataclass(frozen=True)
class Practice:
    """What is practised.

    Args:
        steps: training steps.
        step_tokens: in a step at least; its last scene may reach beyond them, so that long ones come as often as short.
        scene_tokens: of the longest scene.
        seed: of everything that is drawn.
        shuffled: whether answers are exchanged for others of their sort, which the context does not determine: a
            control that leaves the form and takes away what is to be learned.
    """

    steps: int
    step_tokens: int = 1024
    scene_tokens: int = 3328
    seed: int = 0
    shuffled: bool = False


class PracticeStream:
    """Batches by step: scenes until it is full.

    Args:
        tokenizer: of the model, which tells in which form it is asked.
    """

    def __init__(self, tokenizer: PreTrainedTokenizerBase, practice: Practice) -> None:
        self._tokenizer, self._practice = tokenizer, practice
        own = Assembler(tokenizer)
        self._forms = {form: Assembler(tokenizer, form) for form in ("plain", own.form)}
        self._form = own.form

    def __len__(self) -> int:
        return self._practice.steps

    def __getitem__(self, step: int) -> Batch:
        if step >= len(self):
            raise IndexError(step)
        practice = self._practice
        rng = random.Random(derive_seed("practice", practice.seed, step))
        examples: list[Example] = []
        progress = step / len(self)
        tokens = refused = 0
        while tokens < practice.step_tokens:
            example = self._draw(rng, progress)
            if len(example.tokens) <= practice.scene_tokens:
                examples.append(example)
                tokens += len(example.tokens)
                refused = 0
                continue
            refused += 1
            if refused == _MOST_REFUSED:
                raise InputError(
                    f"practice documents hardly ever fit {practice.scene_tokens} tokens of this model; set more "
                    "scene tokens"
                )
        return pack(examples, max(_ROW_TOKENS, *(len(example.tokens) for example in examples)))

    def _draw(self, rng: random.Random, progress: float) -> Example:
        scene = draw_scene(rng, draw_plan(rng, progress, self._practice.scene_tokens))
        answers = [question.answer for question in scene.questions]
        if self._practice.shuffled:
            # Drawn apart, so that the scenes are the same.
            exchange = random.Random(derive_seed("shuffled", self._practice.seed, scene.fingerprint))
            answers = [exchange.choice(question.choices) for question in scene.questions]
        form: PromptForm = "plain" if rng.random() < _PLAIN_SHARE else self._form
        return branched(self._tokenizer, self._forms[form], scene, answers)


def branched(
    tokenizer: PreTrainedTokenizerBase, assembler: Assembler, scene: Task, answers: Sequence[str]
) -> Example:
    """The documents of a scene once, and behind them each question with an answer as a branch.

    Tokens are those that are scored when the question is asked (`obverse.answering.encoding`).
    """
    requests = [
        Request(assembler.prompt(question.prompt), (assembler.answer(answer),))
        for question, answer in zip(scene.questions, answers, strict=True)
    ]
    encoded = encode(
        tokenizer, assembler.prefix(scene.documents), requests, special_tokens=assembler.form == "plain"
    )
    texts = [one.texts[0] for one in encoded]
    starts = [one.starts[0] for one in encoded]
    # The token before an answer predicts it, and so must stand in the branch.
    shared = min(common_length(texts), min(starts) - 1)
    tokens, labels, branches = list(texts[0][:shared]), [IGNORED] * shared, [0] * shared
    for number, (text, start) in enumerate(zip(texts, starts, strict=True), 1):
        tokens += text[shared:]
        labels += [
            text[place + 1] if start <= place + 1 < len(text) else IGNORED
            for place in range(shared, len(text))
        ]
        branches += [number] * (len(text) - shared)
    return Example(np.array(tokens), np.array(labels), np.array(branches))
