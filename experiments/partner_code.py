"""Why tied embeddings let held-out reversals creep up: five ways to hold input and output embeddings.

    obverse study run experiments/partner_code.py
    python experiments/analysis/partners.py runs/partner-code

The likely cause is a symmetric partner code: with one matrix for reading and writing, a fact can be stored by making
its two entities alike, and alike they are in both directions.  The second command looks for it in the taught models.
All of them practise reading over fresh bindings: without, nothing creeps up at all (`reversal_share.py`).
"""

from dataclasses import replace

from obverse.engine.study import Study
from obverse.learners.from_scratch import FromScratch
from obverse.models.architecture import Architecture
from obverse.tasks.drawn.simple_reversals import TINY, SimpleReversals
from obverse.training.experience import Recipe

RECIPE = Recipe(steps=900, documents=150, practice=75, row_tokens=96)
TASKS = {
    "one cycle": SimpleReversals(filler_share=0.0),
    "disjoint pairs": SimpleReversals(facts_per_relation=500, structure="pairs", filler_share=0.0),
}
EMBEDDINGS = {
    "tied": Architecture(tied=True),
    "tied, never trained": Architecture(tied=True, outputs_trained=False),
    "untied": Architecture(),
    "untied, outputs never trained": Architecture(outputs_trained=False),
    "untied, apart from the start": Architecture(outputs_start_at_inputs=False),
}


def models(recipe: Recipe, *names: str) -> dict[str, FromScratch]:
    """A learner for each way to hold the embeddings."""
    return {name: FromScratch(replace(recipe, architecture=EMBEDDINGS[name])) for name in names}


STUDY = Study(
    name="partner-code",
    title="Embeddings and held-out reversals",
    about=(
        "Nine in ten reversals are trained, the others are asked without context. The models also practise reading "
        "over fresh bindings. The embeddings of the words are held in five ways."
    ),
    tasks=TASKS,
    models=models(RECIPE, *EMBEDDINGS),
    routes=("finetune",),
    small=Study(
        name="partner-code",
        title="Embeddings and held-out reversals",
        about="Too short to learn anything.",
        tasks={"one cycle": replace(TINY, filler_share=0.0)},
        models=models(replace(RECIPE, steps=20, documents=16, practice=5), "tied", "untied"),
        routes=("finetune",),
        seeds=1,
    ),
)
