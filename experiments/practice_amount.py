"""How much practice it takes, what of it is the reading, and what rehearsal saves.

    obverse study run experiments/practice_amount.py

The default model practises for so many steps, each time from the beginning and through the whole curriculum.  Beside
it: practice whose answers are exchanged for others of their sort, so that the context does not determine them and only
the form can be learned; and practice without rehearsal, or with replay in its place.
"""

from collections.abc import Mapping
from dataclasses import replace

from obverse.engine.study import Study, Sweep
from obverse.learners.learner import Learner
from obverse.learners.pretrained import FromPretrained
from obverse.practice.practising import Practising
from obverse.practice.scenes import Plan
from obverse.practice.scenes_task import scenes
from obverse.practice.stream import Practice
from obverse.tasks.drawn import DrawnTask
from obverse.training.rehearsal import Rehearsal

NEW = Plan(1, form="sentences", names="held out", relations="held out", phrasings="held out")
FACTS = (5, 20)
UNTOUCHED, USUAL = "untouched", "practice"
STEPS, COMPARED = (20, 40, 80, 160), 80


def practising(steps: int) -> Practising:
    """Shorter documents than those of the adapter that ships: up to 38 facts."""
    return Practising(Practice(steps, scene_tokens=1280))


ONE = practising(COMPARED)
LINES: dict[str, dict[int, Practising]] = {
    USUAL: {steps: practising(steps) for steps in STEPS},
    "answers exchanged": {COMPARED: replace(ONE, practice=replace(ONE.practice, shuffled=True))},
    "without rehearsal": {COMPARED: replace(ONE, rehearsal=None)},
    "with replay": {COMPARED: replace(ONE, rehearsal=Rehearsal("replay"))},
}


def study(lines: Mapping[str, Mapping[int, Practising]], questions: int) -> Study:
    """Held-out scenes, read after each kind and amount of practice.

    Args:
        lines: by name, and by the steps where they have a point.
    """
    tasks: dict[str, DrawnTask] = {
        f"among {count} facts": scenes(replace(NEW, facts=count), questions) for count in FACTS
    }
    models: dict[str, Learner] = {UNTOUCHED: FromPretrained()}
    places = {(task, UNTOUCHED): (task, USUAL, 0.0) for task in tasks}
    for line, amounts in lines.items():
        for steps, practised in amounts.items():
            model = f"{line}, {steps} steps"
            models[model] = FromPretrained(practising=practised)
            places |= {(task, model): (task, line, float(steps)) for task in tasks}
    return Study(
        name="practice-amount",
        title="How much practice it takes",
        about=(
            "Single facts about made-up names in the prompt, asked forwards and in reverse after more and more "
            "practice on other names, relations and wordings. No fact was ever trained."
        ),
        tasks=tasks,
        models=models,
        routes=("oracle",),
        seeds=1,
        metric="accuracy",
        sweep=Sweep("steps of practice", ("forward", "reverse"), places),
    )


SHORT = {
    USUAL: {20: Practising(Practice(1, step_tokens=400, scene_tokens=400), rehearsal=None)},
    "answers exchanged": {
        COMPARED: Practising(Practice(1, step_tokens=400, scene_tokens=400, shuffled=True), rehearsal=None)
    },
}
STUDY = replace(study(LINES, 48), small=study(SHORT, 4))
