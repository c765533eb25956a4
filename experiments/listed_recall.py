"""How far does listing what one knows reach, where no cue leads to the fact that is needed?

    obverse study run experiments/listed_recall.py
    python experiments/analysis/recall.py runs/listed-recall OUT  # the figures, pooled over worlds

After arXiv 2604.01430, where recall that is learned helps chains much and reversals little.  ``e5 leads e9`` is stored
and ``e9 follows`` is asked; no cue leads from e9 to the fact, so a thought can only list facts.  Sets A and B of 20 to
2,500 entities each, several worlds of every size but the largest, each with a training of its own, longer where there
is more to store; at 160 there are 150 held-out questions of A and 300 of B.  Thoughts have room for 2, 4 or 8 facts;
with 8, thoughts about the exercises of A are reinforced.  Behind a thought the question is said again, and most of
what stands beside the needed fact in practice is fresh as it is: otherwise a decoder that small takes any name from
a list.  Chains are in experiments/learned_recall.py.

Expected, written down before the first run: reversals on B never exceed what listing reaches, the share of all facts
that a thought lists, so they fall as length over number of entities; reinforcement does not raise them; and with the
needed fact as the thought .95 or more are right.
"""

from collections.abc import Mapping
from dataclasses import replace

from obverse.answering.thinking import Thinking
from obverse.engine.study import Study, Sweep
from obverse.learners.from_scratch import FromScratch
from obverse.learners.recalling import Recalling
from obverse.models.architecture import Architecture
from obverse.reinforcement.reinforcing import Reinforcement
from obverse.tasks.drawn.recall import REVERSALS, Recall
from obverse.training.experience import Recipe
from obverse.training.optimizers import Training

LISTS = "reversals of {}"
ROOM = "room for {} facts"

# How many worlds there are, by the entities of a set.
WORLDS = {20: 5, 40: 5, 80: 5, 160: 5, 500: 3, 1000: 2, 2500: 1}
ROOMS = (2, 4, 8)
# Tokens of a fact with its stop, and of a question.
FACT, QUESTION = 4, 2

# After 500 steps three of the twenty decoders up to 160 had not learned to read a thought.
RECIPE = Recipe(
    Architecture(heads=1, tied=True),
    Training(3e-3, optimizer="muon"),
    steps=1500,
    passes=40,
    documents=32,
    practice=128,
    row_tokens=96,
)

ABOUT = (
    "A small decoder learns two sets of facts that share nothing but their form: e5 leads e9. Asked e9 follows, it has "
    "no cue for the fact, but may list what it knows before it answers, with room for 2, 4 or 8 facts. Thoughts about "
    "some questions of set A that led to right answers are reinforced; then both sets are asked.\n\n"
    "Each number behind a task is a world of its own with a training of its own."
)

LISTING = ("finetune+force-think:16", "recall+force-think:16")
ROUTES = (
    "finetune",
    "finetune+think",
    "finetune+think:16",
    "finetune+force-think:16",
    "finetune+oracle-think",
    "recall",
    "recall+think",
    "recall+think:16",
    "recall+force-think:16",
)


def listing(learner: FromScratch, facts: int) -> FromScratch:
    """The same with room for so many facts in a thought, and twice as long reinforced, since rewards are rare."""
    reinforcement = replace(
        learner.recalling.reinforcement, updates=2 * learner.recalling.reinforcement.updates
    )
    return replace(
        learner, recalling=Recalling(Thinking(most=FACT * facts, repeated=QUESTION), reinforcement)
    )


def study(learner: FromScratch, reversals: Recall, worlds: Mapping[int, int]) -> Study:
    """Every size with every room; only with the most room is there anything to reinforce."""
    tasks: dict[str, Recall] = {}
    places: dict[tuple[str, str], tuple[str, str, float]] = {}
    for size, count in worlds.items():
        for world in range(1, count + 1):
            name = f"{LISTS.format(size)} {world}"
            tasks[name] = replace(reversals, size=size, world=world)
            for facts in ROOMS:
                places[name, ROOM.format(facts)] = (f"world {world}", ROOM.format(facts), float(size))
    return Study(
        name="listed-recall",
        title="Recall without a cue",
        about=ABOUT,
        tasks=tasks,
        models={ROOM.format(facts): listing(learner, facts) for facts in ROOMS},
        routes=ROUTES,
        seeds=1,
        only={ROOM.format(facts): ("finetune+force-think:16",) for facts in ROOMS[:-1]},
        sweep=Sweep("entities of a set", ("held-out B",), places),
    )


# More of practice shows how an answer follows; with less, the needed thought gave too few (another world's validation).
LISTED = replace(REVERSALS, sets=2, solved_share=0.85)
LEARNER = FromScratch(RECIPE, recalling=Recalling(reinforcement=Reinforcement()), evaluations=1)
# So few steps that nothing is learned: it shows that everything runs.
FEW = replace(
    LEARNER,
    recipe=replace(RECIPE, steps=3, passes=0, documents=8, practice=8),
    recalling=Recalling(reinforcement=Reinforcement(updates=2, questions=4, samples=4)),
)
STUDY = replace(study(LEARNER, LISTED, WORLDS), small=study(FEW, LISTED, {20: 2}))
