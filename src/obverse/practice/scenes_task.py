"""Scenes as a task, so that studies can ask them by any route."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from obverse.practice.scenes import Plan, draw_scene
from obverse.types import Document, InputError, Question, Task, derive_seed


@dataclass(frozen=True)
class Scenes:
    """So many scenes of one plan, each of whose questions needs all documents of its scene; a ``DrawnTask``.

    By the route ``oracle`` a question is asked with its own scene, by ``oracle:3`` with three documents of others
    beside it, by ``untouched`` with nothing.  There is nothing in it for a model from scratch.

    Args:
        plan: of each scene.
        count: how many there are.
    """

    plan: Plan
    count: int

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """None: the texts are English."""
        return ()

    def build(self, seed: int) -> Task:
        """The task.  Ids begin with the number of the scene, which is also the group of its documents."""
        rng = random.Random(derive_seed("scenes", seed))
        documents: list[Document] = []
        questions: list[Question] = []
        for number in range(self.count):
            scene = draw_scene(rng, self.plan)
            own = [replace(one, id=f"{number}/{one.id}", group=str(number)) for one in scene.documents]
            documents += own
            questions += [
                replace(
                    question,
                    id=f"{number}/{question.id}",
                    needs=tuple(document.id for document in own),
                    group=str(number),
                )
                for question in scene.questions
            ]
        return Task("scenes", tuple(documents), tuple(questions))

    def practice(self, seed: int, rng: random.Random) -> Document:  # noqa: ARG002 - as the protocol has it
        """Refused: practice for pretrained models is `PracticeStream`.

        Raises:
            InputError: always.
        """
        raise InputError("scenes are for pretrained models, which practise with: obverse practice")

    def cues(self, seed: int) -> tuple[Question, ...]:  # noqa: ARG002
        """None."""
        return ()


def facts_a_question(plan: Plan) -> int:
    """How many statements one question rests on."""
    return {"look-up": 1, "chains": plan.steps, "kinds": 2}[plan.structure]


def scenes(plan: Plan, questions: int) -> Scenes:
    """Enough scenes of a plan for about so many questions."""
    asked = min(plan.questions, plan.facts // facts_a_question(plan))
    return Scenes(plan, -(-questions // asked))
