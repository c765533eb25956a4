"""Can a model learn to bring back what it knows before it answers, and does that carry over to what it never practised?

    obverse study run studies/learned_recall.py
    python studies/analysis/recall.py runs/learned-recall      # the figures, pooled over worlds

After arXiv 2604.01430, whose data are not released.  A decoder from scratch learns several sets of facts that share
nothing but their form.  Practice over fresh bindings shows it what thinking looks like: mostly a thought stops at once
or says nothing to the point.  Then thoughts about the exercises of set A that led to a right answer are reinforced, and
all sets are asked.

*Chains*: a person is a member of a club, the club has its seat in a town; latent is the town of the person.  Sets A, B
and C in each of twelve worlds, since one holds 18 held-out questions of A and 36 of B and C each (216, 432 and 432 in
all); every world has a training of its own, so that intervals over worlds are intervals over trainings too.

*Reversals*: ``e5 leads e9`` is stored and ``e9 follows`` is asked; no cue leads from e9 to the fact, so a thought can
only list facts.  Sets A and B of 20 to 160 entities each, five worlds of every size; at 160 there are 150 held-out
questions of A and 300 of B, fewer below.

Controls: everything that follows in A told by documents, as after a faultless augmentation; the thoughts that A needs
shown and learned; rewards dealt out at random; thoughts that may not end early, before reinforcement; practice without
any thoughts (six worlds); and the needed documents as the thought, without which nothing else could be read off.

Expected, written down before the first run of this study:

- Chains on B, by the likeliest thought, from under .05 before reinforcement on A to .8 or more after it, and C as B.
- Telling A's conclusions does nothing for B (under .05), nor do random rewards; without thoughts in practice
  reinforcement finds nothing to reinforce.
- Thoughts shown on A carry over as well as reinforced ones (they did with one seed).
- Forbidden to end before reinforcement: under .1.
- Facts that are stored stay at .98 or more everywhere, and the needed thought gives .95 or more.
- Drawn thoughts are right on B about half as often as the likeliest one, and more often on what was exercised: part of
  the gain is rote.
- Reversals on B never exceed what listing reaches: the share of all facts that a thought lists, so they fall as length
  over number of entities; reinforcement does not raise them.
"""

from dataclasses import replace

from obverse.answers.thinking import Thinking
from obverse.models.architecture import Architecture
from obverse.parameters.from_scratch import Recipe
from obverse.parameters.reinforcement.reinforcing import Reinforcement
from obverse.parameters.training import Training
from obverse.studies.from_scratch import FromScratch
from obverse.studies.recalling import Recalling
from obverse.studies.study import Study, Sweep
from obverse.tasks.drawn.recall import REVERSALS, SMALL, TINY, Recall

CHAINS = "chains"
TOLD = "chains, A told"
SILENT = "chains, no thoughts in practice"
LISTS = "reversals of {}"

REINFORCED = "reinforced"
SHUFFLED = "rewards shuffled"
SHOWN = "thoughts shown"
ROOM = "room for {} facts"

WORLDS, LIST_WORLDS = 12, 5
SIZES = (20, 40, 80, 160)
ROOMS = (2, 4, 8)
# Tokens of a fact with its stop.
FACT = 4

RECIPE = Recipe(
    Architecture(heads=1, tied=True),
    Training(3e-3, optimizer="muon"),
    steps=500,
    documents=32,
    practice=128,
    row_tokens=96,
)

ABOUT = (
    "A small decoder learns several sets of facts that share nothing but their form: p5 is a member of c3, c3 has its "
    "seat in t8. That p5 meets in t8 is never said. Thoughts about some questions of set A that led to right answers "
    "are reinforced; then all sets are asked, at once and after thinking. Reversals are asked in the same way, of sets "
    "of 20 to 160 entities and with room for 2, 4 or 8 facts in a thought.\n\n"
    "Each number behind a task is a world of its own with a training of its own."
)

THINKING = ("finetune+think", "finetune+think:16", "recall", "recall+think", "recall+think:16")
LISTING = ("finetune+force-think:16", "recall+force-think:16")
ROUTES = (
    "finetune",
    "finetune+oracle:2",
    "finetune+think",
    "finetune+think:16",
    "finetune+force-think",
    "finetune+force-think:16",
    "finetune+oracle-think",
    "recall",
    "recall+think",
    "recall+think:16",
    "recall+force-think:16",
    "recall+oracle-think",
)
ASKED_OF = {
    CHAINS: tuple(route for route in ROUTES if route not in LISTING),
    TOLD: ("finetune", "finetune+think"),
    SILENT: ("finetune", "finetune+think", "finetune+oracle-think", "recall+think"),
}
ASKED_OF_LISTS = ("finetune", "finetune+oracle-think", *THINKING, *LISTING)


def listing(learner: FromScratch, facts: int) -> FromScratch:
    """The same with room for so many facts in a thought, and twice as long reinforced, since rewards are rare."""
    reinforcement = replace(
        learner.recalling.reinforcement, updates=2 * learner.recalling.reinforcement.updates
    )
    return replace(learner, recalling=Recalling(Thinking(most=FACT * facts), reinforcement))


def study(
    learner: FromScratch,
    chains: Recall,
    reversals: Recall,
    worlds: int,
    list_worlds: int,
    sizes: tuple[int, ...],
    shown_steps: int,
) -> Study:
    """Both structures with their controls."""
    told, silent = replace(chains, told="A"), replace(chains, thinking=False)
    recalling = learner.recalling
    shuffled = replace(recalling, reinforcement=replace(recalling.reinforcement, shuffled=True))
    models = {
        REINFORCED: learner,
        SHUFFLED: replace(learner, recalling=shuffled),
        SHOWN: replace(learner, recalling=replace(recalling, demonstrations=shown_steps)),
        **{ROOM.format(facts): listing(learner, facts) for facts in ROOMS},
    }
    tasks: dict[str, Recall] = {}
    only: dict[str, tuple[str, ...]] = {}
    learners: dict[str, tuple[str, ...]] = {}
    places: dict[tuple[str, str], tuple[str, str, float]] = {}
    for world in range(1, worlds + 1):
        of_world = {CHAINS: chains, TOLD: told}
        if world <= (worlds + 1) // 2:
            of_world[SILENT] = silent
        for name, task in of_world.items():
            tasks[f"{name} {world}"] = replace(task, world=world)
            learners[f"{name} {world}"] = (REINFORCED,)
            only[f"{name} {world}"] = ASKED_OF[name]
        learners[f"{CHAINS} {world}"] = (REINFORCED, SHUFFLED, SHOWN)
    for size in sizes:
        for world in range(1, list_worlds + 1):
            name = f"{LISTS.format(size)} {world}"
            tasks[name] = replace(reversals, size=size, world=world)
            learners[name] = tuple(ROOM.format(facts) for facts in ROOMS)
            only[name] = ASKED_OF_LISTS
            for facts in ROOMS:
                places[name, ROOM.format(facts)] = (ROOM.format(facts), f"world {world}", float(size))
    only |= dict.fromkeys((SHUFFLED, SHOWN), ("recall", "recall+think", "recall+think:16"))
    # Only with the most room is there anything to reinforce.
    only |= {ROOM.format(facts): ("finetune+force-think:16",) for facts in ROOMS[:-1]}
    return Study(
        name="learned-recall",
        title="Recall that is learned",
        about=ABOUT,
        tasks=tasks,
        models=models,
        routes=ROUTES,
        seeds=1,
        only=only,
        learners=learners,
        sweep=Sweep("entities of a set", ("held-out B",), places),
    )


# More of practice shows how an answer follows; with less, the needed thought gave too few (another world's validation).
LISTED = replace(REVERSALS, sets=2, solved_share=0.85)
LEARNER = FromScratch(RECIPE, recalling=Recalling(reinforcement=Reinforcement()), evaluations=1)
# So few steps that nothing is learned: it shows that everything runs.
FEW = replace(
    LEARNER,
    recipe=replace(RECIPE, steps=3, documents=8, practice=8),
    recalling=Recalling(reinforcement=Reinforcement(updates=2, questions=4, samples=4)),
)
STUDY = replace(
    study(LEARNER, SMALL, LISTED, WORLDS, LIST_WORLDS, SIZES, 60),
    small=study(FEW, TINY, LISTED, 2, 2, (20,), 2),
)
