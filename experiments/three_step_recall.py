"""Does recall that is learned carry over where three facts have to be brought back, one leading to the next?

    obverse study run experiments/three_step_recall.py
    python experiments/analysis/recall.py runs/three-step-recall OUT      # the figures, pooled over worlds

The chains of experiments/learned_recall.py with one step more: a person's club, its town, and the province of that,
``t8 lies r2``.  What practice shows is as rare, each further fact is half as likely again, and thoughts have room for
four statements.  Twelve worlds, each with a training of its own.

Expected, written down before the first run:

- Before reinforcement .02 of B or less are right; given the needed thought .95 or more.
- Reinforced on A, thoughts find the way on B as well, .6 or more, in twice as many rounds as two steps take: the first
  rewards are five times as rare.
- Stored facts stay at .98 or more.
"""

from dataclasses import replace

from learned_recall import FEW, LEARNER, REINFORCED, WORLDS

from obverse.answering.thinking import Thinking
from obverse.engine.study import Study
from obverse.learners.from_scratch import FromScratch
from obverse.learners.recalling import Recalling
from obverse.tasks.drawn.recall import SMALL, TINY, Recall
from obverse.tasks.drawn.recall_thoughts import Habit

CHAINS = "chains of three steps"

ABOUT = (
    "A small decoder learns several sets of facts that share nothing but their form: p5 is a member of c3, c3 has its "
    "seat in t8, t8 lies in r2. That p5 meets in r2 is never said. Thoughts about some questions of set A that led to "
    "right answers are reinforced; then all sets are asked, at once and after thinking.\n\n"
    "Each number behind a task is a world of its own with a training of its own."
)

ROUTES = (
    "finetune",
    "finetune+think",
    "finetune+think:16",
    "finetune+force-think",
    "finetune+oracle-think",
    "recall",
    "recall+think",
    "recall+think:16",
)


def longer(learner: FromScratch) -> FromScratch:
    """The same with room for four statements, and twice as long reinforced."""
    reinforcement = learner.recalling.reinforcement
    return replace(
        learner,
        recalling=Recalling(Thinking(most=16), replace(reinforcement, updates=2 * reinforcement.updates)),
    )


def study(learner: FromScratch, chains: Recall, worlds: int) -> Study:
    """The same chains in each world."""
    return Study(
        name="three-step-recall",
        title="Recall of three steps that is learned",
        about=ABOUT,
        tasks={f"{CHAINS} {world}": replace(chains, world=world) for world in range(1, worlds + 1)},
        models={REINFORCED: longer(learner)},
        routes=ROUTES,
        seeds=1,
    )


LONG = Habit(longest=4)
STUDY = replace(
    study(LEARNER, replace(SMALL, steps=3, habit=LONG, longest=5), WORLDS),
    small=study(FEW, replace(TINY, steps=3), 2),
)
