"""Can a model learn to bring back what it knows before it answers, and does that carry over to what it never practised?

    obverse study run experiments/learned_recall.py
    python experiments/analysis/recall.py runs/learned-recall      # the figures, pooled over worlds

After arXiv 2604.01430, whose data are not released.  A decoder from scratch learns several sets of facts that share
nothing but their form.  Practice over fresh bindings shows it what thinking looks like: mostly a thought stops at once
or says nothing to the point.  Then thoughts about the exercises of set A that led to a right answer are reinforced, and
all sets are asked.

*Chains*: a person is a member of a club, the club has its seat in a town; latent is the town of the person.  Sets A, B
and C in each of twelve worlds, since one holds 18 held-out questions of A and 36 of B and C each (216, 432 and 432 in
all); every world has a training of its own, so that intervals over worlds are intervals over trainings too.

Reversals, where no cue leads to what is needed, have a study of their own: experiments/listed_recall.py.

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
"""

from dataclasses import replace

from obverse.engine.study import Study
from obverse.learners.from_scratch import FromScratch
from obverse.learners.recalling import Recalling
from obverse.models.architecture import Architecture
from obverse.reinforcement.reinforcing import Reinforcement
from obverse.tasks.drawn.recall import SMALL, TINY, Recall
from obverse.training.experience import Recipe
from obverse.training.optimizers import Training

CHAINS = "chains"
TOLD = "chains, A told"
SILENT = "chains, no thoughts in practice"

REINFORCED = "reinforced"
SHUFFLED = "rewards shuffled"
SHOWN = "thoughts shown"

WORLDS = 12

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
    "are reinforced; then all sets are asked, at once and after thinking.\n\n"
    "Each number behind a task is a world of its own with a training of its own."
)

ROUTES = (
    "finetune",
    "finetune+oracle:2",
    "finetune+think",
    "finetune+think:16",
    "finetune+force-think",
    "finetune+oracle-think",
    "recall",
    "recall+think",
    "recall+think:16",
    "recall+oracle-think",
)
ASKED_OF = {
    CHAINS: ROUTES,
    TOLD: ("finetune", "finetune+think"),
    SILENT: ("finetune", "finetune+think", "finetune+oracle-think", "recall+think"),
}


def study(learner: FromScratch, chains: Recall, worlds: int, shown_steps: int) -> Study:
    """Chains with their controls."""
    told, silent = replace(chains, told="A"), replace(chains, thinking=False)
    recalling = learner.recalling
    shuffled = replace(recalling, reinforcement=replace(recalling.reinforcement, shuffled=True))
    tasks: dict[str, Recall] = {}
    only: dict[str, tuple[str, ...]] = dict.fromkeys(
        (SHUFFLED, SHOWN), ("recall", "recall+think", "recall+think:16")
    )
    learners: dict[str, tuple[str, ...]] = {}
    for world in range(1, worlds + 1):
        of_world = {CHAINS: chains, TOLD: told}
        if world <= (worlds + 1) // 2:
            of_world[SILENT] = silent
        for name, task in of_world.items():
            tasks[f"{name} {world}"] = replace(task, world=world)
            learners[f"{name} {world}"] = (REINFORCED,)
            only[f"{name} {world}"] = ASKED_OF[name]
        learners[f"{CHAINS} {world}"] = (REINFORCED, SHUFFLED, SHOWN)
    return Study(
        name="learned-recall",
        title="Recall that is learned",
        about=ABOUT,
        tasks=tasks,
        models={
            REINFORCED: learner,
            SHUFFLED: replace(learner, recalling=shuffled),
            SHOWN: replace(learner, recalling=replace(recalling, demonstrations=shown_steps)),
        },
        routes=ROUTES,
        seeds=1,
        only=only,
        learners=learners,
    )


LEARNER = FromScratch(RECIPE, recalling=Recalling(reinforcement=Reinforcement()), evaluations=1)
# So few steps that nothing is learned: it shows that everything runs.
FEW = replace(
    LEARNER,
    recipe=replace(RECIPE, steps=3, documents=8, practice=8),
    recalling=Recalling(reinforcement=Reinforcement(updates=2, questions=4, samples=4)),
)
STUDY = replace(study(LEARNER, SMALL, WORLDS, 60), small=study(FEW, TINY, 2, 2))
