"""What is practised when: matching first, then breadth, then length and form.

A model learns to match a question with its fact where there is little else to go by: a few facts of one relation,
and two relations in all.  What it can do there it then does for more relations and facts, and at last in all formats,
among as many facts as there is room for, and where the documents do not answer.  Begun with all of it, the model learns
to answer in the right form and picks at random; widened in every way at once, it loses what it could (docs/log.md).
"""

from __future__ import annotations

import math
import random

from obverse.practice.formats import Format
from obverse.practice.relations import relations
from obverse.practice.scenes import Plan, Structure

# Shares of the steps: few facts of few relations until the first, all relations from the second, all lengths from the
# last.
_NARROW, _WIDE, _LONG = 0.05, 0.3, 0.6
_FEWEST_FACTS, _FIRST_FACTS, _MANY_FACTS = 2, 6, 30
_FIRST_BREADTH = 2
# With its share of a question.
_TOKENS_A_FACT = 33
# Each fact is asked for while there are few: only answers teach, and a question takes fewer tokens than a fact.
_MOST_QUESTIONS = 24
# Of the questions about single facts.
_NOT_STATED_SHARE = 0.05
# Of the scenes, once they become long: facts by number, not by its logarithm.
_EVEN_SHARE = 0.2

# Chains and kinds are few, and come when facts are found: they are answered by other means (docs/log.md).
_STRUCTURES: dict[Structure, float] = {"look-up": 0.85, "chains": 0.08, "kinds": 0.07}
_SENTENCES_SHARE = 0.5
_NONSENSE_SHARE = 0.5
# Of the scenes, once there are more relations than two.
_COINED_SHARE = 0.25


def draw_plan(rng: random.Random, progress: float, scene_tokens: int) -> Plan:
    """What a scene is like.

    Args:
        progress: share of the steps that are done.
        scene_tokens: of the longest, about.
    """
    last = max(_FIRST_FACTS, scene_tokens // _TOKENS_A_FACT)
    many = min(_MANY_FACTS, last)
    widened, lengthened = _share(progress, _NARROW, _WIDE), _share(progress, _WIDE, _LONG)
    most = _between(many, last, lengthened) if lengthened else _between(_FIRST_FACTS, many, widened)
    # Scenes of many facts take most of the room: drawn by their logarithm alone, they would hardly ever be met.
    evenly = lengthened > 0 and rng.random() < _EVEN_SHARE
    facts = (
        rng.randint(_FEWEST_FACTS, most)
        if evenly
        else int(math.exp(rng.uniform(math.log(_FEWEST_FACTS), math.log(most + 1))))
    )
    questions = min(facts, _MOST_QUESTIONS)
    nonsense = rng.random() < _NONSENSE_SHARE
    coined = widened > 0 and rng.random() < _COINED_SHARE
    if progress < _WIDE:
        return Plan(
            facts,
            questions=questions,
            form="sentences",
            nonsense=nonsense,
            breadth=_between(_FIRST_BREADTH, len(relations("practice")), widened),
            mixed=1 if progress < _NARROW else Plan.mixed,
            coined=coined,
            not_stated=0.0,
        )
    (structure,) = rng.choices(list(_STRUCTURES), list(_STRUCTURES.values()))
    form: Format | None = "sentences" if rng.random() < _SENTENCES_SHARE else None
    return Plan(
        facts,
        structure,
        questions,
        form,
        nonsense=nonsense,
        coined=coined,
        not_stated=_NOT_STATED_SHARE,
    )


def _share(progress: float, first: float, last: float) -> float:
    return min(1.0, max(0.0, (progress - first) / (last - first)))


def _between(first: int, last: int, share: float) -> int:
    """From the first number to the last, by equal factors."""
    return round(first * math.pow(last / first, share))
