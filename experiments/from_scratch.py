"""What parameters keep and what context gives: a decoder that learns two tasks from nothing, by every route.

    obverse study run experiments/from_scratch.py

After arXiv 2509.16189 and, for the other objectives, 2403.13799, 2406.05183 and 2604.04943, at a size that two
processor cores carry in minutes.
"""

from dataclasses import replace

from obverse.engine.study import Study
from obverse.learners.from_scratch import FromScratch
from obverse.models.architecture import Architecture
from obverse.tasks.drawn.codebooks import TINY as TINY_CODEBOOKS
from obverse.tasks.drawn.codebooks import Codebooks
from obverse.tasks.drawn.simple_reversals import TINY as TINY_REVERSALS
from obverse.tasks.drawn.simple_reversals import SimpleReversals
from obverse.training.experience import Recipe
from obverse.training.optimizers import Training

# Learns the documents and, from practice over fresh bindings, to read its context.
READER = Recipe(Architecture(heads=2), Training(3e-3), steps=700, row_tokens=96)
# The other objectives change what the parameters keep; they are taught without practice, on fewer facts.  Weight decay
# makes it cheaper to store a fact once than once for each direction; without it some seeds keep the directions apart.
RECITER = Recipe(steps=600, documents=600, practice=0, row_tokens=32)
BOTH_WAYS = Architecture(heads=2, positions="learned", shift=0, causal=False)

ABOUT = (
    "A small decoder learns from nothing. Simple reversals: facts such as 'e5 f0 e9', most of them in the other "
    "direction too, 'e9 b0 e5', some not; these are asked the other way round. Codebooks: definitions give each symbol "
    "a letter, encodings use only some of the symbols; the others are asked for. What was never said in the form in "
    "which it is asked is latent."
)
LEARNER = FromScratch(
    recipe=READER,
    others={
        "augmented": replace(READER, steps=250),
        "reversed": replace(RECITER, training=Training(5e-3, weight_decay=2.0), steps=700),
        "masked": replace(
            RECITER,
            architecture=BOTH_WAYS,
            training=Training(5e-3, schedule="cosine", weight_decay=0.5),
            steps=900,
        ),
        "masked copy": replace(RECITER, training=Training(5e-3, weight_decay=0.5)),
    },
    evaluations=7,
)
READING = (
    "finetune",
    "finetune+context:0",
    "finetune+context:2",
    "finetune+context:8",
    "finetune+oracle:2",
    "augment",
)
DECODING = (
    "finetune",
    "finetune+context:0",
    "finetune+oracle:0",
    "finetune+oracle:3",
    "finetune+oracle:7",
    "augment",
)
OBJECTIVES = ("finetune", "reversed", "masked", "masked-copy")


def study(
    learner: FromScratch, reversals: SimpleReversals, fewer: SimpleReversals, codebooks: Codebooks
) -> Study:
    """Both tasks, and reversals of fewer facts for the other objectives."""
    return Study(
        name="from-scratch",
        title="What parameters keep and what context gives",
        about=ABOUT,
        tasks={"reversals": reversals, "reversals, other objectives": fewer, "codebooks": codebooks},
        models={"decoder": learner},
        routes=tuple(dict.fromkeys(READING + DECODING + OBJECTIVES)),
        only={"reversals": READING, "reversals, other objectives": OBJECTIVES, "codebooks": DECODING},
    )


def shortened(learner: FromScratch, steps: int) -> FromScratch:
    """The same with so few steps that nothing is learned: it shows that everything runs."""
    few = {
        name: replace(recipe, steps=steps, documents=16, practice=min(recipe.practice, 8))
        for name, recipe in learner.others.items()
    }
    return replace(
        learner,
        recipe=replace(learner.recipe, steps=steps, documents=16, practice=8),
        others=few,
        evaluations=2,
    )


STUDY = replace(
    study(
        LEARNER,
        SimpleReversals(filler_share=0.1),
        SimpleReversals(entities=400, facts_per_relation=400, filler_share=0.0),
        Codebooks(),
    ),
    small=replace(
        study(
            shortened(LEARNER, 30), TINY_REVERSALS, replace(TINY_REVERSALS, filler_share=0.0), TINY_CODEBOOKS
        ),
        seeds=1,
    ),
)
