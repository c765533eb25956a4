"""Every task of the catalogue, taught to a decoder from scratch and to a pretrained model.

    obverse study run experiments/tasks.py

The small presets: the formal ones from scratch with three seeds, the natural ones with the default pretrained model
and one seed.  Answers are compared by the likelihood of the choices, since some formal questions have several right
endings ("n9 includes" one for each child), of which only one is a choice.
"""

from collections.abc import Mapping
from dataclasses import replace

from obverse.engine.study import Study
from obverse.learners.from_scratch import FromScratch
from obverse.learners.learner import Learner
from obverse.learners.pretrained import FromPretrained
from obverse.models.architecture import Architecture
from obverse.tasks.drawn import Form, ProvenTask, bilingual, codebooks, kinship
from obverse.tasks.drawn.catalogue import CATALOGUE
from obverse.training.experience import Recipe
from obverse.training.finetuning_options import FinetuningOptions
from obverse.training.optimizers import Training

READER = Recipe(Architecture(heads=2), Training(3e-3), steps=700, documents=150, practice=75, row_tokens=192)
# What has to be put together from two places of the context, or weighed against what was learned, takes a third layer
# and more practice.
THINKER = Recipe(
    Architecture(depth=3, heads=1), Training(3e-3), steps=1000, documents=60, practice=100, row_tokens=192
)
MODELS: dict[str, Learner] = {
    "decoder": FromScratch(READER, others={"augmented": replace(READER, steps=250)}, evaluations=7),
    "deeper decoder": FromScratch(THINKER, others={"augmented": replace(THINKER, steps=250)}, evaluations=7),
    "SmolLM2 135M": FromPretrained(),
}
DEEP = ("syllogisms", "conflict", "updates")
# Two hops: told at once, or with the bridge written before the answer.
FAMILIES = kinship.Kinship(families=60, depth=2, chains=2, easy_share=0.5, known_share=0.2)
TWO_HOPS = {
    "kinship, two generations": FAMILIES,
    "kinship, bridge written first": replace(FAMILIES, steps=True),
}

SCRATCH = ("finetune", "finetune+context:8", "finetune+oracle:2", "finetune+retrieve", "augment")
PRETRAINED = ("untouched", "finetune", "context", "retrieve")
# Its documents do not fit the window of the pretrained model.
PART = {"hierarchy, in English": ("untouched", "finetune", "oracle:3", "retrieve")}

ABOUT = (
    "Every task of the catalogue. Formal tasks are learned from nothing by a small decoder, which also practises to "
    "read its context over fresh bindings; tasks in English by a pretrained model, as obverse compare teaches it. "
    "Explicit questions ask what a document says, latent ones what the documents only imply."
)


def shortened(recipe: Recipe) -> FromScratch:
    """So few steps that nothing is learned: it shows that everything runs."""
    few = replace(recipe, steps=20, documents=16, practice=5)
    return FromScratch(few, others={"augmented": few}, evaluations=1)


def tasks_of(form: Form) -> dict[str, ProvenTask]:
    """The small preset of every task that has this form."""
    return {name: entry.settings[form, "small"] for name, entry in CATALOGUE.items() if form in entry.forms}


def study(
    formal: Mapping[str, ProvenTask], natural: Mapping[str, ProvenTask], models: Mapping[str, Learner]
) -> Study:
    """Formal tasks for the decoder or, some of them, the deeper one, and natural ones for the pretrained model.

    Args:
        models: the three, in this order.
    """
    decoder, deeper, pretrained = models
    english = {f"{name}, in English": task for name, task in natural.items()}
    thinking = {*DEEP, *TWO_HOPS}
    return Study(
        name="tasks",
        title="Every task, by every route",
        about=ABOUT,
        tasks={**formal, **english},
        models=models,
        routes=tuple(dict.fromkeys((*PRETRAINED, "oracle:3", *SCRATCH))),
        metric="accuracy",
        only={task: PART.get(task, PRETRAINED) for task in english} | dict.fromkeys(formal, SCRATCH),
        learners={task: (deeper if task in thinking else decoder,) for task in formal}
        | dict.fromkeys(english, (pretrained,)),
        once=(pretrained,),
    )


SHORT: dict[str, Learner] = {
    "decoder": shortened(READER),
    "deeper decoder": shortened(THINKER),
    "SmolLM2 135M": FromPretrained(finetuning=FinetuningOptions(epochs=1)),
}
STUDY = replace(
    study({**tasks_of("formal"), **TWO_HOPS}, tasks_of("natural"), MODELS),
    small=replace(
        study(
            {"codebooks": codebooks.TINY, "kinship, two generations": kinship.TINY},
            {"bilingual": replace(bilingual.TINY, form="natural")},
            SHORT,
        ),
        seeds=1,
    ),
)
