"""The results of an experiment on recall, pooled over its worlds: tables, figures and thoughts.

    python experiments/analysis/recall.py runs/learned-recall OUT
    python experiments/analysis/recall.py runs/three-step-recall OUT
    python experiments/analysis/recall.py runs/listed-recall OUT

A world has few questions and a training of its own.  Here the questions of all worlds stand together, in intervals
with worlds as their outer level.  ``OUT/results.json`` has the figures of the pages on recall in docs/experiments,
``OUT/overview.svg`` is their picture.

Of drawn thoughts *likelihood* is the mean probability that the right answer has behind one of them, which is what a
single drawn thought scores.
"""

from __future__ import annotations

import json
import math
import random
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from statistics import mean
from typing import Any

import pyarrow.parquet

from obverse.engine.study import Study
from obverse.engine.study_file import load_study, small_form
from obverse.judging.statistics import estimate_pooled
from obverse.learners.learner import TASK_SEED, Teaching
from obverse.reinforcement.rollouts import read_rollouts
from obverse.routes import route as named_route
from obverse.tasks.drawn.recall import Recall
from obverse.tasks.drawn.recall_thoughts import needed_thought
from obverse.types import derive_seed

STUDIES = Path(__file__).parent.parent

# Shares of one world, and how many questions each rests on.
Rows = Sequence[Mapping[str, Any]]

# All facts that are asked, of whatever set.
FACTS = "facts"
# How many thoughts are shown, by structure and route, of what was reinforced.
THOUGHTS = (
    ("chains", "recall+think", 7),
    ("chains", "recall+think:16", 7),
    ("reversals", "recall+think:16", 6),
)
REINFORCED = ("reinforced", "room for 8 facts")
# What is drawn, by task, model and route.
WAYS = {
    ("chains", "reinforced", "finetune"): "at once",
    ("chains", "reinforced", "finetune+think"): "thinking, before",
    ("chains", "reinforced", "finetune+force-think"): "not allowed to stop, before",
    ("chains", "reinforced", "recall+think"): "reinforced on A",
    ("chains", "thoughts shown", "recall+think"): "thoughts shown on A",
    ("chains", "rewards shuffled", "recall+think"): "rewards at random",
    ("chains, A told", "reinforced", "finetune"): "A's conclusions told",
    ("chains, no thoughts in practice", "reinforced", "recall+think"): "no thoughts in practice",
}
LONGER = " of three steps"
# Of reversals: thoughts list facts of any.
SETS = 2


def main(run: Path, out: Path) -> None:
    """Write the results and the figure of a finished run."""
    results = json.loads((run / "results.json").read_text(encoding="utf-8"))
    study = _study_of(results["study"])
    answers = [row for part in results["parts"] for row in _answers(run, part, study)]
    found = {
        "study": study.name,
        "date": results["date"],
        "command": results["command"],
        "environment": results["environment"],
        "parameters": [part["results"]["environment"]["parameters"] for part in results["parts"][:1]],
        "estimates": list(_estimates(answers)),
        "thoughts": _shown(answers),
        "rounds": list(_rounds(run, study)),
        "costs": list(_costs(results)),
    }
    out.mkdir(parents=True, exist_ok=True)
    (out / "results.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    _draw(found["estimates"], out)


def _study_of(name: str) -> Study:
    """The study of that name, in its full or its small form."""
    whole = [load_study(STUDIES / f"{file}_recall.py") for file in ("learned", "three_step", "listed")]
    return next(study for one in whole for study in (one, small_form(one)) if study.name == name)


def _answers(run: Path, part: Mapping[str, Any], study: Study) -> Iterable[dict[str, Any]]:
    """The answers of a part, with what their thoughts say."""
    name, model = part["results"]["task"]["name"], part["results"]["model"]
    settings: Any = study.tasks[name]
    assert isinstance(settings, Recall)
    task = settings.build(TASK_SEED)
    questions = {question.id: question for question in task.questions}
    group, _, world = name.rpartition(" ")
    for row in pyarrow.parquet.read_table(run / "parts" / part["slug"] / "answers.parquet").to_pylist():
        right = row["choices"].index(row["answer"])
        yield {
            "task": group,
            "world": int(world),
            "model": model,
            "route": replace(named_route(row["route"]), control=row["control"]).label,
            "kind": row["kind"],
            "group": row["group"],
            "prompt": row["prompt"],
            "answer": row["answer"],
            "said": row["generated"],
            "thoughts": row["thoughts"],
            "exact": float(row["strict"]),
            "likelihood": math.exp(row["log_likelihoods"][right]),
            **_told(settings, needed_thought(task, questions[row["question"]]), row["thoughts"]),
        }


def _told(settings: Recall, needed: str, thoughts: Sequence[str]) -> dict[str, float]:
    """What thoughts say, as means over them; nothing of answers without a thought."""
    if not thoughts:
        return {}
    facts = [settings.recollect(TASK_SEED, thought) for thought in thoughts]
    said = [fact for some in facts for fact in some]
    required = {part.removesuffix(" .").strip() for part in needed.split(" . ")}
    entities = {name for name in settings.vocabulary if name[1:].isdigit()}
    return {
        "says something": mean(bool(some) for some in facts),
        "true": mean(is_true for _, is_true in said) if said else math.nan,
        "needed": mean(required <= {fact for fact, _ in some} for some in facts),
        "distinct facts": mean(len({fact for fact, is_true in some if is_true}) for some in facts),
        "entities named": mean(len(entities.intersection(thought.split())) for thought in thoughts),
        "length": mean(len(thought.split()) for thought in thoughts),
    }


def _estimates(answers: Rows) -> Iterable[dict[str, Any]]:
    """Means by task, model, route and kind, with intervals where they lie between 0 and 1."""
    alike: dict[tuple[str, ...], list[Mapping[str, Any]]] = defaultdict(list)
    for row in answers:
        alike[row["task"], row["model"], row["route"], row["kind"]].append(row)
        if row["kind"].startswith("fact"):
            alike[row["task"], row["model"], row["route"], FACTS].append(row)
    for names, rows in alike.items():
        entry: dict[str, Any] = dict(zip(("task", "model", "route", "kind"), names, strict=True))
        entry |= {"questions": len(rows), "worlds": len({row["world"] for row in rows})}
        for measure in ("exact", "likelihood", "true", "needed", "says something"):
            if kept := [row for row in rows if not math.isnan(row.get(measure, math.nan))]:
                found = estimate_pooled(
                    [min(1.0, row[measure]) for row in kept],
                    [row["group"] for row in kept],
                    [str(row["world"]) for row in kept],
                    derive_seed(*names, measure),
                )
                entry[measure] = {key: round(value, 4) for key, value in asdict(found).items()}
        for measure in ("distinct facts", "entities named", "length"):
            if kept := [row for row in rows if measure in row]:
                entry[measure] = round(mean(row[measure] for row in kept), 3)
        yield entry


def _shown(answers: Rows) -> list[dict[str, Any]]:
    """Thoughts about latent questions after reinforcement, drawn at random: some likeliest, some drawn, some lists."""
    kept = ("task", "world", "route", "kind", "prompt", "answer")
    found = []
    for structure, route, count in THOUGHTS:
        rng = random.Random(derive_seed("thoughts shown", structure, route))
        pool = [
            row
            for row in answers
            if row["task"].startswith(structure)
            and row["model"] in REINFORCED
            and row["route"] == route
            and row["kind"].startswith("held-out")
        ]
        for row in rng.sample(pool, min(count, len(pool))):
            said = row["said"] if len(row["thoughts"]) == 1 else None
            found.append({**{name: row[name] for name in kept}, "said": said, "thought": row["thoughts"][0]})
    return found


def _rounds(run: Path, study: Study) -> Iterable[dict[str, Any]]:
    """What rounds of reinforcement looked like: means over worlds, by structure and model."""
    seen: dict[tuple[str, str, int], list[Mapping[str, Any]]] = defaultdict(list)
    for name, settings in study.tasks.items():
        for model, learner in study.models_of(name).items():
            key = Teaching(name, settings, "recalled", 0, ()).key(learner)
            for row in read_rollouts(run / "taught" / key):
                seen[name.rpartition(" ")[0], model, row["step"]].append(row)
    for (task, model, step), rows in seen.items():
        said = [is_true for row in rows for _, is_true in row["facts"]]
        yield {
            "task": task,
            "model": model,
            "step": step,
            "reward": round(mean(row["reward"] for row in rows), 4),
            "true": round(mean(said), 4) if said else None,
            "length": round(mean(len(row["thought"].split()) for row in rows), 3),
        }


def _costs(results: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    """What teaching cost and what a question costs, by task, model and route: means over worlds."""
    alike: dict[tuple[str, str, str], dict[str, list[Mapping[str, Any]]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for part in results["parts"]:
        name = part["results"]["task"]["name"].rpartition(" ")[0]
        for cost in part["results"]["costs"]:
            alike[name, part["results"]["model"], cost["route"]][cost["phase"]].append(cost)
    for (task, model, route), phases in alike.items():
        taught, asked = phases["teach"], phases["ask"]
        questions = sum(cost["questions"] for cost in asked)
        yield {
            "task": task,
            "model": model,
            "route": route,
            "tokens trained": round(mean(cost["tokens_trained"] for cost in taught)),
            "tokens generated": round(mean(cost["tokens_generated"] for cost in taught)),
            "seconds": round(mean(cost["seconds"] for cost in taught), 2),
            "flops": round(mean(cost["flops"] for cost in taught)),
            **{
                f"{name} a question": round(sum(cost[key] for cost in asked) / questions, 2)
                for name, key in (
                    ("tokens read", "tokens_forward"),
                    ("tokens generated", "tokens_generated"),
                    ("flops", "flops"),
                )
            },
        }


def _draw(estimates: Rows, out: Path) -> None:
    """Chains by way of learning, or reversals against the share of facts that thoughts list."""
    listed = [
        {
            "share": row["distinct facts"] / (SETS * int(row["task"].split()[-1])),
            "entities": row["task"].split()[-1],
            "measure": name,
            **{key: row[measure][key] for key in ("mean", "low", "high")},
        }
        for row in estimates
        if row["task"].startswith("reversals")
        and row["route"] == "finetune+force-think:16"
        and row["kind"] == "held-out B"
        for name, measure in (("lists the needed fact", "needed"), ("answers right", "likelihood"))
    ]
    if listed:
        _draw_reversals(listed, out)
    else:
        _draw_chains(estimates, out)


def _draw_chains(estimates: Rows, out: Path) -> None:
    """Each way of learning, set by set."""
    import altair

    from obverse.reports.charts import share_axis
    from obverse.reports.figures import PANEL_WIDTH, SPACING, figure_title, write_figure

    bars = [
        {
            "way": WAYS[names],
            "set": f"set {row['kind'][-1]}",
            **{key: row["exact"][key] for key in ("mean", "low", "high")},
        }
        for row in estimates
        if (names := (row["task"].removesuffix(LONGER), row["model"], row["route"])) in WAYS
        and row["kind"].startswith("held-out")
    ]
    ways = [way for way in WAYS.values() if any(bar["way"] == way for bar in bars)]
    share = altair.X("mean:Q", title=None).scale(domain=[0, 1]).axis(share_axis())
    chart = altair.Chart(altair.InlineData(bars)).encode(
        y=altair.Y("way:N", sort=ways, title=None).axis(
            domain=False, ticks=False, labelLimit=220, labelPadding=10
        )
    )
    panels = [
        altair.layer(
            chart.mark_rule(strokeWidth=3, opacity=0.5).encode(x=altair.X("low:Q", title=None), x2="high:Q"),
            chart.mark_point(filled=True, size=80, opacity=1).encode(x=share),
        )
        .transform_filter(f"datum.set === 'set {name}'")
        .properties(width=PANEL_WIDTH, height=24 * len(ways), title=f"Chains, held out of {name}")
        for name in "ABC"
    ]
    figure = altair.concat(*panels, columns=2, spacing=SPACING).properties(
        title=figure_title(
            "Recall that is learned", "Exact match after thinking, with 95% intervals over worlds."
        )
    )
    write_figure(figure, out / "overview", {"disable": True})


def _draw_reversals(listed: Rows, out: Path) -> None:
    """How often a drawn thought lists what is needed, and leads to it, against the share of facts that it lists."""
    import altair

    from obverse.reports.figures import PANEL_WIDTH, SPACING, figure_title, write_figure

    marks = [0.0005, 0.002, 0.01, 0.05, 0.2]
    ends = altair.Scale(type="log", domain=[0.0002, 0.6], clamp=True)
    axis = altair.Axis(values=marks, format="~%")
    x = altair.X("share:Q", title="share of all facts that a thought lists", axis=axis, scale=ends)
    y = altair.Y("mean:Q", title=None, axis=axis, scale=ends)
    points = altair.Chart(altair.InlineData(listed)).encode(
        x=x, color=altair.Color("entities:N", title="entities of a set", sort=None)
    )
    law = altair.Chart(altair.InlineData([{"share": end, "mean": end} for end in (marks[0], marks[-1])]))
    panels = []
    for measure in dict.fromkeys(row["measure"] for row in listed):
        own = points.transform_filter(f"datum.measure === '{measure}'")
        rule = own.mark_rule(strokeWidth=2, opacity=0.4)
        panel = altair.layer(
            law.mark_line(strokeDash=[4, 4], color="#59616b").encode(x=x, y=y),
            rule.encode(y=altair.Y("low:Q", title=None, scale=ends), y2="high:Q"),
            own.mark_point(filled=True, size=70, opacity=1).encode(y=y),
        )
        panels.append(panel.properties(width=PANEL_WIDTH, height=220, title=f"A thought {measure}"))
    figure = altair.concat(*panels, spacing=SPACING).properties(
        title=figure_title(
            "Recall without a cue",
            "Drawn thoughts about reversals held out of B, 95% intervals over worlds. Dashed: what listing reaches.",
        )
    )
    write_figure(figure, out / "overview", {"orient": "right", "symbolOpacity": 1})


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
