"""What do falsehoods in self-augmentation do, and what do verifiers take out of them?

    obverse study run experiments/hallucination.py

A decoder from scratch learns facts, writes five lines about the reversal of each, with its document and two others in
view, and learns these.  A share of the lines, the dose, is made false on purpose, in one of three ways:

- *independent*: false lines lie anywhere, and each says a wrong choice of its own;
- *consistent*: the same lines are false, but those of one fact all say the same wrong choice.  That is the fair
  contrast: each fact has as many false lines as before, and the falsehoods differ in nothing but agreeing;
- *whole facts*: all five lines of so large a share of the facts say the same wrong choice, as where a model misreads
  a document the same way each time.  Prototypes with a single line for each fact were of this sort.

Each of them is learned as it is, after agreement of the five lines, and after entailment by likelihood under the
model that wrote.  Both thresholds are set on lines about a task of another seed, which another decoder learned in the
same way.  Beside these stand errors of the model's own, from writing at so high a temperature that about a sixth of
its lines are false, and the model before it learned any line.

Expected, written down before the first run: as it is, a model says what most of its lines about a fact say.  Of whole
facts it scores one minus the dose, to the point, as the prototypes did (.60 of the lines right: .60).  Of consistent
falsehoods three suffice, of five lines: .94 of the facts come out right at a dose of .2, .68 at .4, .50 at .5, .32 at
.6, .06 at .8.  Independent ones wash out longer, .99, .88, .78, .63 and .27 with ties broken by chance, since wrong
choices seldom outnumber the right one before most lines of a fact are false.  Agreement helps against independent
ones alone, and lets whole facts pass.  Entailment does not count lines and holds against all three, .95 or more at
every dose.  What is stored in the documents' own direction stays at 1; reversals that the documents themselves say
may suffer from lines that deny them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import get_args

from obverse.augmentation.from_cues import Falsehoods, Verified, Writing
from obverse.engine.study import Study, Sweep
from obverse.learners.from_scratch import FromScratch
from obverse.models.architecture import Architecture
from obverse.tasks.drawn.simple_reversals import (
    FORWARD,
    HELD_OUT_REVERSAL,
    TINY,
    TRAINED_REVERSAL,
    SimpleReversals,
)
from obverse.training.experience import Recipe
from obverse.training.optimizers import Training

READER = Recipe(Architecture(heads=2), Training(3e-3), steps=700, row_tokens=96)
# Nothing is asked in context here, so the second training goes without practice, which makes it four times as fast.
LINES = replace(READER, steps=120, documents=500, practice=0, row_tokens=32)
LEARNER = FromScratch(READER, others={"augmented": LINES}, evaluations=2)
# Half of the reversals that are held out are asked.
TASK = SimpleReversals(reversals_trained=0.8, filler_share=0.1)
DOSES = (0.0, 0.2, 0.4, 0.5, 0.6, 0.8)
SAMPLES = 5
HOT = 1.5
BEFORE = "before its lines"
PANELS: Mapping[Verified, str] = {
    "none": "not verified",
    "agreement": "verified by agreement",
    "entailment": "verified by entailment",
}

ABOUT = (
    "A small decoder learns facts such as 'e5 f0 e9', writes five lines about the reversal of each, 'e9 b0 ...', with "
    "its document among two others in view, and learns these too. A share of the lines is made false: independent "
    "falsehoods each say a wrong entity of their own, consistent ones stand in the same lines and agree within a fact, "
    "and whole facts are false in all five lines. Held-out reversals are answered from such lines alone.\n\n"
    "Verified lines are those that the same model writes often enough (agreement), or that are likelier with their "
    "document than with a false one, and likelier than what contradicts them (entailment). The thresholds come from "
    "another task."
)


def study(learner: FromScratch, task: SimpleReversals, doses: Sequence[float]) -> Study:
    """Every sort of falsehoods at every dose, learned as it is and verified; and the model's own errors."""
    models = {
        f"own errors, {panel}": replace(
            learner, writing=Writing(temperature=HOT, samples=SAMPLES, verified=verified)
        )
        for verified, panel in PANELS.items()
    }
    places = {}
    for falsehoods in get_args(Falsehoods):
        for verified, panel in PANELS.items():
            for dose in doses:
                writing = Writing(samples=SAMPLES, verified=verified)
                if dose:  # without one, all sorts are one training
                    writing = replace(writing, dose=dose, falsehoods=falsehoods)
                name = f"{falsehoods}, {dose:.0%}, {panel}"
                models[name] = replace(learner, writing=writing)
                places["reversals", name] = (panel, falsehoods, dose)
    return Study(
        name="hallucination",
        title="Falsehoods in self-augmentation, and what verifiers take out of them",
        about=ABOUT,
        tasks={"reversals": task},
        models={BEFORE: learner, **models},
        routes=("finetune", "augment"),
        only={BEFORE: ("finetune",), **dict.fromkeys(models, ("augment",))},
        sweep=Sweep("share of false lines", (HELD_OUT_REVERSAL, TRAINED_REVERSAL, FORWARD), places),
    )


FEW = replace(READER, steps=5, documents=16, practice=4)  # nothing is learned: it shows that everything runs
STUDY = replace(
    study(LEARNER, TASK, DOSES),
    small=replace(
        study(
            FromScratch(FEW, others={"augmented": FEW}, evaluations=1),
            replace(TINY, entities=32, facts_per_relation=32),
            DOSES[2:3],
        ),
        seeds=1,
    ),
)
