"""How well a model reads its context: scenes asked with all their documents in the prompt."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from obverse.answering.answerer import answered_rows
from obverse.answering.asking import Asker
from obverse.answering.encoding import PromptTooLongError
from obverse.models.loading import Pretrained
from obverse.practice.scenes import Plan, draw_scene
from obverse.types import Route, Task, derive_seed

_WHOLE = Route("context", context="all")


@dataclass(frozen=True)
class ReadingScore:
    """What became of the questions of one kind among so many facts.

    Args:
        accuracy: share whose right choice was likeliest.
        exact: share whose greedy answer was right; ``None`` where it was not asked for.
        chance: accuracy of guessing.
    """

    facts: int
    kind: str
    accuracy: float
    exact: float | None
    chance: float
    questions: int


def read_scenes(
    pretrained: Pretrained, plans: Iterable[Plan], scenes: int, seed: int, *, greedy: bool = True
) -> list[ReadingScore]:
    """Ask what is asked in so many scenes of each plan, and count by facts and kind.

    A plan of which a scene does not fit the model's window is left out.

    Args:
        seed: of the scenes; each plan has the same ones whatever others there are.
        greedy: whether greedy answers are asked for too, which take most of the time.
    """
    asker = Asker(pretrained)
    found: dict[tuple[int, str], list[tuple[float, ...]]] = defaultdict(list)
    for plan in plans:
        with suppress(PromptTooLongError):
            rows = [row for scene in _scenes(plan, scenes, seed) for row in _ask(asker, scene, greedy)]
            for kind, *row in rows:
                found[plan.facts, kind].append(tuple(row))
    readings = []
    for (facts, kind), answered in found.items():
        accuracy, exact, chance = (sum(column) / len(answered) for column in zip(*answered, strict=True))
        readings.append(ReadingScore(facts, kind, accuracy, exact if greedy else None, chance, len(answered)))
    return readings


def _scenes(plan: Plan, count: int, seed: int) -> Iterator[Task]:
    rng = random.Random(derive_seed("reading", seed, repr(plan)))
    return (draw_scene(rng, plan) for _ in range(count))


def _ask(asker: Asker, scene: Task, greedy: bool) -> Iterator[tuple[str, bool, bool, float]]:
    """For each question its kind, whether the right choice was likeliest and the answer exact, and chance."""
    by_id = {question.id: question for question in scene.questions}
    episodes = dict.fromkeys(by_id, scene.documents)
    for row in answered_rows(asker, _WHOLE, 0, scene.questions, episodes, greedy=greedy):
        for answer in row.answers:
            question = by_id[answer.question]
            best = max(zip(answer.log_likelihoods, question.choices, strict=True))[1]
            yield question.kind, best == question.answer, answer.strict, 1 / len(question.choices)
