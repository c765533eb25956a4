"""What practice does: reading the context before and after, among one fact and a hundred, practised or never seen.

    obverse study run experiments/practice.py

Each scene is about names drawn afresh.  `oracle` puts the documents of the scene into the prompt, `untouched` nothing.
"""

from dataclasses import replace

from obverse.engine.study import Study, Sweep
from obverse.learners.learner import Learner
from obverse.learners.pretrained import FromPretrained
from obverse.practice.scenes import Plan
from obverse.practice.scenes_task import facts_a_question, scenes
from obverse.tasks.drawn import DrawnTask

SEEN = Plan(1, form="sentences")
NEW = replace(SEEN, names="held out", relations="held out", phrasings="held out")
PANELS = {
    "what was practised": SEEN,
    "new names": replace(SEEN, names="held out"),
    "new names, relations and wordings": NEW,
    "the same in nonsense": replace(NEW, nonsense=True),
    "two steps": replace(NEW, structure="chains"),
    "three steps, never practised": replace(NEW, structure="chains", steps=3),
    "every, no, some": replace(NEW, structure="kinds"),
}
FACTS = (1, 2, 5, 10, 20, 50, 100, 200)
# Before practice little is read among twenty facts; and two hundred take as long as all the smaller numbers together.
MOST_UNTOUCHED = 20
WITH_MOST = ("what was practised", "new names, relations and wordings", "two steps", "every, no, some")
QUESTIONS = 32
KINDS = ("forward", "reverse", "two steps", "three steps", "kinds")


def study(facts: tuple[int, ...], questions: int) -> Study:
    """Scenes of each panel among so many facts, read by the model before and after practice."""
    models: dict[str, Learner] = {"untouched": FromPretrained(), "practised": FromPretrained(practised=True)}
    places: dict[tuple[str, str], tuple[str, str, float]] = {}
    tasks: dict[str, DrawnTask] = {}
    learners: dict[str, tuple[str, ...]] = {}
    for panel, plan in PANELS.items():
        for count in facts:
            if count < facts_a_question(plan) or (count == FACTS[-1] and panel not in WITH_MOST):
                continue
            name = f"{panel}: {count}"
            tasks[name] = scenes(replace(plan, facts=count), questions)
            learners[name] = tuple(models) if count <= MOST_UNTOUCHED else ("practised",)
            places |= {(name, model): (panel, model, float(count)) for model in learners[name]}
    return Study(
        name="practice",
        title="What practice does",
        about=(
            "Single facts asked forwards and in reverse, conclusions of two and three steps, and of every, no and "
            "some, among more and more facts in the prompt. No fact was ever trained."
        ),
        tasks=tasks,
        models=models,
        routes=("oracle",),
        seeds=1,
        metric="accuracy",
        sweep=Sweep("facts in the prompt", KINDS, places),
        learners=learners,
    )


STUDY = replace(study(FACTS, QUESTIONS), small=study((1, 5), 4))
