"""The three arms with a pretrained model, on two processor cores: as it is, fine-tuned, and with the documents in view.

    obverse study run experiments/pretrained.py

After arXiv 2309.12288, 2505.00661 and 2509.16189, at a size that a laptop carries.  The default model has practised to
read its context (`experiments/practice.py` measures that); beside it stands the same model without practice.
"""

from collections.abc import Mapping
from dataclasses import replace

from obverse.engine.study import Study
from obverse.learners.pretrained import FromPretrained
from obverse.tasks.drawn import DrawnTask, comparatives, people
from obverse.tasks.drawn.comparatives import Comparatives
from obverse.tasks.drawn.people import People
from obverse.tasks.drawn.syllogisms import Syllogisms
from obverse.training.finetuning_options import FinetuningOptions

OTHER_POOL = "people, trained names beside"
PEOPLE = People(people=6, templates=2, test_templates=3)
TASKS: dict[str, DrawnTask] = {
    "people and works": PEOPLE,
    # Asked among names that fine-tuning has trained as completions; the documents are the same.
    OTHER_POOL: replace(PEOPLE, pool="trained completions"),
    "nonsense comparatives": Comparatives(
        form="natural", facts=40, documents_per_fact=1, reversals_trained=0.0, questions=24
    ),
    "syllogisms": Syllogisms(form="natural", triples=30, idle=False, conclusions_trained=0.2, questions=24),
}
AS_IT_IS, AS_IT_CAME = "practised", "not practised"
LORA, FULL, OTHER = "low-rank, fine-tuned", "all weights, fine-tuned", "not practised, fine-tuned"
MODELS: dict[str, FromPretrained] = {
    AS_IT_IS: FromPretrained(practised=True),
    AS_IT_CAME: FromPretrained(),
    LORA: FromPretrained(practised=True, retention=False),
    FULL: FromPretrained(practised=True, finetuning=FinetuningOptions(adapter="full"), retention=False),
    OTHER: FromPretrained(retention=False),
}
IN_VIEW = ("context", "oracle:0", "oracle:3", "oracle:10", "retrieve")
ROUTES = ("untouched", "finetune", *IN_VIEW)


def study(tasks: Mapping[str, DrawnTask], models: Mapping[str, FromPretrained]) -> Study:
    """Every task as it is and in view, once, and fine-tuned in three ways, several times."""
    return Study(
        name="pretrained",
        title="Parameters recite, context reasons: a pretrained model",
        about=(
            "People and their works, told in one order and asked in the other; comparisons of nonsense things; "
            "syllogisms. Asked of a pretrained model as it is, fine-tuned on the documents, with all of them in its "
            "context, and with those that are needed, alone or among others."
        ),
        tasks=tasks,
        models=dict(models),
        routes=ROUTES,
        metric="accuracy",
        only={
            **dict.fromkeys((AS_IT_IS, AS_IT_CAME), ("untouched", *IN_VIEW)),
            **dict.fromkeys((LORA, FULL, OTHER), ("finetune",)),
            **({OTHER_POOL: ("untouched", "finetune")} if OTHER_POOL in tasks else {}),
        },
        # What practice changes is asked of people alone.
        learners={
            task: (AS_IT_IS, LORA) if task == OTHER_POOL else (AS_IT_IS, LORA, FULL)
            for task in tasks
            if task != "people and works"
        },
        once=(AS_IT_IS, AS_IT_CAME),
    )


SHORT = {
    name: replace(learner, finetuning=replace(learner.finetuning, epochs=1))
    for name, learner in MODELS.items()
}
BRIEF: dict[str, DrawnTask] = {
    "people and works": people.TINY,
    "nonsense comparatives": replace(comparatives.TINY, form="natural"),
}
STUDY = replace(
    study(TASKS, MODELS),
    small=replace(study(BRIEF, SHORT), seeds=1, learners=dict.fromkeys(BRIEF, (AS_IT_IS, LORA, FULL))),
)
