"""What rehearsal buys: a fine-tuned model held to what it was, by a divergence or by replay, or not held at all.

    obverse study run experiments/retention.py

The default model is fine-tuned on people and their works, with low-rank adapters and with all weights.  Beside the
documents it rehearses nothing; or texts that it wrote before, whose likelihood is trained (replay); or the same texts,
where it is held to all that it might have said there (divergence).  To be compared: recall in the trained form and
explicit questions, perplexity of general text and the knowledge probes before and after, and seconds.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from obverse.engine.study import Study
from obverse.learners.learner import Learner
from obverse.learners.pretrained import FromPretrained
from obverse.tasks.drawn import DrawnTask
from obverse.tasks.drawn.people import TINY, People
from obverse.training.finetuning_options import FinetuningOptions

# The task of experiments/pretrained.py, with fewer people.
PEOPLE = People(people=4, templates=4, test_templates=4)
ADAPTERS = {"low-rank": FinetuningOptions(), "all weights": FinetuningOptions(adapter="full")}
REHEARSALS: dict[str, Literal["divergence", "replay"] | None] = {
    "no rehearsal": None,
    "divergence": "divergence",
    "replay": "replay",
}


def learners(adapters: Mapping[str, FinetuningOptions]) -> dict[str, Learner]:
    """Each adapter with each rehearsal, by name."""
    return {
        f"{adapter}, {name}": FromPretrained(practised=True, finetuning=replace(options, rehearse=rehearse))
        for adapter, options in adapters.items()
        for name, rehearse in REHEARSALS.items()
    }


def study(task: DrawnTask, models: Mapping[str, Learner]) -> Study:
    """Each model fine-tuned; the first is asked untouched, too, which is the same for all."""
    return Study(
        name="retention",
        title="What rehearsal buys",
        about=(
            "A pretrained model, fine-tuned on documents about people and their works: what it recites and answers "
            "then, and what is left of what it knew. It rehearses nothing, texts that it wrote before (replay), or is "
            "held to what it would have said on these (divergence)."
        ),
        tasks={"people and works": task},
        models=models,
        routes=("untouched", "finetune"),
        seeds=1,
        metric="accuracy",
        only=dict.fromkeys(list(models)[1:], ("finetune",)),
    )


SHORT = {name: replace(options, epochs=1, rehearsed_texts=2) for name, options in ADAPTERS.items()}
SOME = ("low-rank, no rehearsal", "low-rank, replay", "all weights, divergence")
STUDY = replace(
    study(PEOPLE, learners(ADAPTERS)),
    small=study(TINY, {name: learner for name, learner in learners(SHORT).items() if name in SOME}),
)
