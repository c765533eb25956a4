"""Is it what the lines say, or only the training on them, and is it more than answering as often in context?

    obverse study run experiments/matched.py

A decoder from scratch learns facts, writes 0, 1, 2 or 5 lines about the reversal of each with its document among two
others in view, and is trained for as many steps on as many tokens in each case: with 0 on its documents once more,
which is the control.  At a high temperature, where about a sixth of its lines are false, more lines of each fact could
outvote those; at a low one there is nothing to outvote.

Beside it the same decoder, which has learned the documents alone, answers as often at the same temperature, and its
most frequent answer counts: with the document among two others in view, as it writes its lines, and without any.

Expected, written down before the first run: the documents once more give nothing (held-out reversals 0); at the low
temperature one line is enough; at the high one a single line gives as much as its share of right ones, and five nearly
all.  Of votes: in context as many samples reach what as many lines do, within the intervals; without documents none do.
"""

from dataclasses import replace

from obverse.answering.voting import Voting
from obverse.augmentation.from_cues import Writing
from obverse.engine.study import Study, Sweep
from obverse.learners.from_scratch import FromScratch
from obverse.learners.learner import Learner
from obverse.learners.voted import VotingFromScratch
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
LINES = replace(READER, steps=120, documents=500, practice=0, row_tokens=32)
LEARNER = FromScratch(READER, others={"augmented": LINES}, evaluations=2)
TASK = SimpleReversals(reversals_trained=0.8, filler_share=0.1)
SAMPLES = (0, 1, 2, 5)
TEMPERATURES = (0.3, 1.5)

ABOUT = (
    "A small decoder learns facts such as 'e5 f0 e9', writes lines about the reversal of each with its document among "
    "two others in view, and is then trained on documents and lines together, for as many steps on as many tokens "
    "however many lines there are. Without any it learns its documents once more: what training alone does. Beside it "
    "the same decoder, taught the documents alone, gives as many answers as there are lines, with the document among "
    "two others in view (finetune+oracle:2) or without (finetune), and the most frequent one counts."
)


def study(learner: FromScratch, task: SimpleReversals) -> Study:
    """Every number of lines at each temperature, and as many answers."""
    models: dict[str, Learner] = {}
    places: dict[tuple[str, str], tuple[str, str, float]] = {}
    only: dict[str, tuple[str, ...]] = {}
    for temperature in TEMPERATURES:
        line = f"temperature {temperature:g}"
        for samples in SAMPLES:
            name = f"{samples} lines, {line}"
            models[name] = replace(learner, writing=Writing(temperature=temperature, samples=samples))
            places["reversals", name] = ("", line, float(samples))
            only[name] = ("augment",)
            if samples:
                name = f"{samples} answers, {line}"
                models[name] = VotingFromScratch(learner, Voting(samples, temperature))
                places["reversals", name] = ("", line, float(samples))
                only[name] = ("finetune", "finetune+oracle:2")
    return Study(
        name="matched",
        title="Lines about facts, against as much training and as many answers without them",
        about=ABOUT,
        tasks={"reversals": task},
        models=models,
        routes=("augment", "finetune", "finetune+oracle:2"),
        sweep=Sweep("lines or answers for each fact", (HELD_OUT_REVERSAL, TRAINED_REVERSAL, FORWARD), places),
        only=only,
    )


FEW = replace(READER, steps=5, documents=16, practice=4)  # nothing is learned: it shows that everything runs
STUDY = replace(
    study(LEARNER, TASK),
    small=replace(
        study(
            FromScratch(FEW, others={"augmented": FEW}, evaluations=1),
            replace(TINY, entities=32, facts_per_relation=32),
        ),
        seeds=1,
    ),
)
