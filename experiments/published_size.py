"""The published size: 20,000 facts, a hundredth of their reversals held out, a decoder of 21M parameters.

    obverse study run experiments/published_size.py

After arXiv 2509.16189, simple reversals, with a plain transformer and with the shift in front of attention.  Made for
one GPU; without one its small form shows that it runs.
"""

from dataclasses import replace

from obverse.engine.study import Study
from obverse.learners.from_scratch import FromScratch
from obverse.models.architecture import Architecture
from obverse.tasks.drawn.simple_reversals import PUBLISHED, TINY, SimpleReversals
from obverse.training.experience import Recipe
from obverse.training.optimizers import Training

SHIFTED = Architecture(depth=12, positions="rotary")
PLAIN = replace(SHIFTED, shift=0, keys_start_at_queries=False, outputs_start_at_inputs=False)


def study(task: SimpleReversals, depth: int, recipe: Recipe, small: Study | None = None) -> Study:
    """Both models by the same recipe."""
    return Study(
        name="published-size",
        title="Simple reversals at the published size",
        about=(
            "1,000 entities, 20 relations with an inverse each, 20,000 facts; 200 of the reversals are never trained. "
            "A plain transformer, and one with a short convolution in front of attention."
        ),
        tasks={"reversals": task},
        models={
            name: FromScratch(replace(recipe, architecture=replace(architecture, depth=depth)))
            for name, architecture in (("plain", PLAIN), ("shifted", SHIFTED))
        },
        routes=("finetune", "finetune+oracle", "finetune+oracle:2", "finetune+oracle:8"),
        seeds=1,
        small=small,
    )


STUDY = study(
    PUBLISHED,
    12,
    Recipe(
        training=Training(1e-3, optimizer="muon", matrix_learning_rate=0.02),
        steps=6000,
        documents=4000,
        practice=1500,
        row_tokens=512,
    ),
    small=study(TINY, 2, Recipe(steps=20, documents=8, practice=4)),
)
