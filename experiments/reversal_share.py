"""How large a share of the reversals must be trained until the others follow?

    obverse study run experiments/reversal_share.py

Held-out reversals without context, against the share of reversals that are trained, for tied and untied embeddings,
with and without practice in reading a context, and for three ways in which facts can lie among entities.  A listener
asked this of the work behind arXiv 2509.16189, where 99% are trained.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from obverse.engine.study import Study, Sweep
from obverse.learners.from_scratch import FromScratch
from obverse.models.architecture import Architecture
from obverse.tasks.drawn.simple_reversals import SimpleReversals
from obverse.training.experience import Recipe

SHARES = (0.0, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99)
FEWER_SHARES = (0.1, 0.5, 0.9, 0.99)
STRUCTURES = {
    "one cycle": SimpleReversals(filler_share=0.0),
    "four relations": SimpleReversals(
        entities=250, relation_pairs=4, facts_per_relation=250, structure="permutation", filler_share=0.0
    ),
    "disjoint pairs": SimpleReversals(facts_per_relation=500, structure="pairs", filler_share=0.0),
}
EMBEDDINGS = {"tied": Architecture(tied=True), "untied": Architecture()}
ALONE = Recipe(steps=600, documents=500, practice=0)
PRACTISED = Recipe(steps=600, documents=150, practice=75, row_tokens=96)


def models(alone: Recipe, practised: Recipe) -> dict[str, FromScratch]:
    """Both embeddings by both recipes."""
    return {
        name + suffix: FromScratch(replace(recipe, architecture=architecture), evaluations=evaluations)
        for suffix, recipe, evaluations in (("", alone, 12), (", practised", practised, 6))
        for name, architecture in EMBEDDINGS.items()
    }


def study(
    shares: Mapping[str, Sequence[float]],
    learners: Mapping[str, FromScratch],
    seeds: int,
    small: Study | None = None,
) -> Study:
    """The sweep over these shares of each structure."""
    tasks = {
        f"{structure}, {share:.0%}": (structure, share, replace(settings, reversals_trained=share))
        for structure, settings in STRUCTURES.items()
        for share in shares[structure]
    }
    return Study(
        name="reversal-share",
        title="The share of reversals that must be trained until the others follow",
        about=(
            "A small decoder learns facts in one direction and a share of them in the other direction too, and is "
            "asked the others. Nothing stands in its context: what it answers comes from its parameters. Tied "
            "embeddings use one matrix for reading and writing a word, untied ones two that start equal. Practised "
            "models also see documents over fresh bindings, in which a reversal follows its fact."
        ),
        tasks={name: settings for name, (_, _, settings) in tasks.items()},
        models=learners,
        routes=("finetune",),
        seeds=seeds,
        sweep=Sweep(
            axis="share of reversals trained",
            kinds=("held-out reversal", "forward recall"),
            places={
                (task, model): (structure, model, share)
                for task, (structure, share, _) in tasks.items()
                for model in learners
            },
        ),
        small=small,
    )


STUDY = study(
    {structure: SHARES if structure == "one cycle" else FEWER_SHARES for structure in STRUCTURES},
    models(ALONE, PRACTISED),
    seeds=3,
    small=study(
        dict.fromkeys(STRUCTURES, (0.0, 0.5)),
        models(
            replace(ALONE, steps=20, documents=50), replace(PRACTISED, steps=20, documents=20, practice=5)
        ),
        seeds=1,
    ),
)
