"""The tables about reinforced recall, from the files that experiments/analysis/recall.py writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matrices import has_context

Found = Mapping[str, Any]

THREE_STEPS = "chains of three steps"
# What stands in a row: how it is called, and of which task, model and route.
CHAINS = (
    ("before: at once", "chains", "reinforced", "finetune"),
    ("before: thinking", "chains", "reinforced", "finetune+think"),
    ("before: not allowed to stop", "chains", "reinforced", "finetune+force-think"),
    ("before: given the needed thought", "chains", "reinforced", "finetune+oracle-think"),
    ("before: needed documents among 2 others in the prompt", "chains", "reinforced", "finetune+oracle:2"),
    ("**reinforced on A: thinking**", "chains", "reinforced", "recall+think"),
    ("reinforced on A: at once", "chains", "reinforced", "recall"),
    ("needed thoughts shown on A: thinking", "chains", "thoughts shown", "recall+think"),
    ("rewards at random: thinking", "chains", "rewards shuffled", "recall+think"),
    ("A's conclusions told: at once", "chains, A told", "reinforced", "finetune"),
    ("A's conclusions told: thinking", "chains, A told", "reinforced", "finetune+think"),
    (
        "no thoughts in practice, reinforced: thinking",
        "chains, no thoughts in practice",
        "reinforced",
        "recall+think",
    ),
    (
        "no thoughts in practice: given the needed thought",
        "chains, no thoughts in practice",
        "reinforced",
        "finetune+oracle-think",
    ),
)
DRAWN = (
    ("before", "chains", "reinforced", "finetune+think:16"),
    ("reinforced on A", "chains", "reinforced", "recall+think:16"),
    ("needed thoughts shown on A", "chains", "thoughts shown", "recall+think:16"),
    ("rewards at random", "chains", "rewards shuffled", "recall+think:16"),
)
SETS = ("held-out A", "held-out B", "held-out C")
# Of reversals: thoughts list facts of any.
LISTED_SETS = 2


def chains_table(results: Found, chains: str = "chains") -> str:
    """Exact match by the likeliest thought, set by set, and what became of stored facts.

    Args:
        chains: the task that is reinforced on.
    """
    found = _by_name(results, chains)
    heads = ("", *SETS, "exercises of A", "tokens of a thought")
    rows = []
    for name, *names in CHAINS:
        asked = [found.get((*names, kind)) for kind in (*SETS, "exercise A")]
        if any(asked):
            false = [
                found.get((*names[:2], f"{names[2]} (false context)", kind)) for kind in (*SETS, "exercise A")
            ]
            cells = [
                _cell(row, "exact") + _beside(names[2], twin) for row, twin in zip(asked, false, strict=True)
            ]
            rows.append([name, *cells, _length(asked[1])])
    reinforced = [row for kind in SETS if (row := found.get(("chains", "reinforced", "recall+think", kind)))]
    counted = ", ".join(f"{row['questions']} of {row['kind'][-1]}" for row in reinforced)
    facts = [
        f"{name} {_cell(row, 'exact')}"
        for name, model, route in (
            ("before", "reinforced", "finetune"),
            ("reinforced", "reinforced", "recall"),
            ("thoughts shown", "thoughts shown", "recall"),
            ("rewards at random", "rewards shuffled", "recall"),
        )
        if (row := found.get(("chains", model, route, "facts")))
    ]
    return "\n".join(
        [
            *_table(heads, rows),
            "",
            f"{reinforced[0]['worlds']} worlds, each with a training of its own; held-out questions: {counted}. "
            "Stored facts, asked at once: " + "; ".join(facts) + ".",
        ]
    )


def drawn_table(results: Found, chains: str = "chains") -> str:
    """Drawn thoughts about held-out questions: how often the answer is right, and what they say."""
    found = _by_name(results, chains)
    heads = (
        "",
        "set",
        "right behind one",
        "the answer of most of 16",
        "true among facts said",
        "all that is needed said",
        "tokens",
    )
    rows = []
    for name, *names in DRAWN:
        for kind in ("exercise A", *SETS):
            row = found.get((*names, kind))
            if row:
                measures = ("likelihood", "exact", "true", "needed")
                rows.append(
                    [name, kind, *(_cell(row, measure) for measure in measures), f"{row['length']:.1f}"]
                )
    return "\n".join(_table(heads, rows))


def lists_table(results: Found) -> str:
    """Reversals held out of B by the number of entities: what thoughts list, and what is answered behind them."""
    found = _by_name(results)
    tasks = sorted(
        {row["task"] for row in results["estimates"] if row["task"].startswith("reversals")}, key=_size
    )
    ways = (
        ("before, free", "room for 8 facts", "finetune+think:16"),
        ("before, 2 facts", "room for 2 facts", "finetune+force-think:16"),
        ("before, 4 facts", "room for 4 facts", "finetune+force-think:16"),
        ("before, 8 facts", "room for 8 facts", "finetune+force-think:16"),
        ("reinforced on A, 8 facts", "room for 8 facts", "recall+force-think:16"),
        ("reinforced on A, free", "room for 8 facts", "recall+think:16"),
    )
    heads = (
        "entities of a set",
        "thoughts",
        "distinct facts listed / all facts",
        "needed fact listed",
        "right behind a drawn thought",
        "right at its best guess",
    )
    rows = []
    for task in tasks:
        for name, model, route in ways:
            row = found.get((task, model, route, "held-out B"))
            if row:
                share = row["distinct facts"] / (LISTED_SETS * _size(task))
                cells = (_cell(row, one, 2) for one in ("needed", "likelihood", "exact"))
                rows.append([f"{_size(task):,}", name, f"{share:.2%}", *cells])
    given = ", ".join(
        f"{_size(task)}: {_cell(found[task, 'room for 8 facts', 'finetune+oracle-think', 'held-out B'], 'exact')}"
        for task in tasks
    )
    rests = [found[task, "room for 8 facts", "finetune", "held-out B"] for task in tasks]
    asked = ", ".join(f"{row['questions']} of {_size(row['task'])} ({row['worlds']})" for row in rests)
    return "\n".join(
        [
            *_table(heads, rows),
            "",
            f"Questions, all held out of B, by entities (worlds): {asked}. Right behind the needed thought, by "
            f"entities: {given}.",
        ]
    )


def recall_said(chains: Found, listed: Found) -> str:
    """What reinforcing recall on one set does for another, where a cue leads to the fact and where none does."""
    found, lists = _by_name(chains), _by_name(listed)
    before, after = (
        _cell(found["chains", "reinforced", route, "held-out B"], "exact")
        for route in ("finetune+think", "recall+think")
    )
    few, many = (
        _cell(
            lists[f"reversals of {size}", "room for 8 facts", "recall+force-think:16", "held-out B"],
            "likelihood",
        )
        for size in (20, 1000)
    )
    return (
        "A small decoder whose thoughts were reinforced on one set of facts answers "
        f"{after} of two-step questions about another set; before, {before}. Where no cue leads to the fact, all that "
        f"a thought can do is list facts: "
        f"{few} of answers are right with room for 8 of {20 * LISTED_SETS} facts, {many} with 8 of "
        f"{1000 * LISTED_SETS:,}."
    )


def prices_table(results: Found) -> str:
    """What each way costs once and for a question."""
    ways = (
        ("documents alone", "chains", "reinforced", "finetune"),
        ("A's conclusions told as well", "chains, A told", "reinforced", "finetune"),
        ("needed documents among 2 others", "chains", "reinforced", "finetune+oracle:2"),
        ("thoughts shown on A", "chains", "thoughts shown", "recall+think"),
        ("reinforced on A, likeliest thought", "chains", "reinforced", "recall+think"),
        ("reinforced on A, 16 thoughts", "chains", "reinforced", "recall+think:16"),
    )
    costs = {(row["task"], row["model"], row["route"]): row for row in results["costs"]}
    heads = (
        "",
        "tokens trained",
        "tokens drawn in teaching",
        "seconds",
        "tokens read a question",
        "drawn a question",
        "FLOPs a question",
    )
    rows = []
    for name, task, model, route in ways:
        row = costs[task, model, route]
        rows.append(
            [
                name,
                f"{row['tokens trained']:,}",
                f"{row['tokens generated']:,}",
                f"{row['seconds']:.0f}",
                f"{row['tokens read a question']:.1f}",
                f"{row['tokens generated a question']:.1f}",
                f"{row['flops a question']:,.0f}",
            ]
        )
    return "\n".join(_table(heads, rows))


def thoughts_list(results: Found, places: Sequence[int]) -> str:
    """Some thoughts, as they were thought."""
    lines = []
    for row in (results["thoughts"][place] for place in places):
        set_ = row["kind"].removeprefix("held-out ")
        said = f" → `{row['said']}`" if row["said"] is not None else " (drawn)"
        lines.append(
            f"- {row['task']}, {set_}, `{row['prompt']}` (`{row['answer']}`): `{row['thought'] or ' '}`{said}"
        )
    return "\n".join(lines)


def _by_name(results: Found, chains: str = "chains") -> dict[tuple[str, ...], Found]:
    """The estimates, the task that is reinforced on under the name of the shortest."""
    return {
        (
            "chains" if row["task"] == chains else row["task"],
            row["model"],
            row["route"],
            row["kind"],
        ): row
        for row in results["estimates"]
    }


def _size(task: str) -> int:
    return int(task.rsplit(maxsplit=1)[-1])


def _cell(row: Found | None, measure: str, digits: int = 1) -> str:
    found = row.get(measure) if row else None
    if not found:
        return ""
    mean, low, high = (f"{found[one]:.{digits}%}" for one in ("mean", "low", "high"))
    return f"{mean} [{low}, {high}]"


def _beside(route: str, false: Found | None) -> str:
    """The figure with false context below that of a context; older files did not keep it."""
    return f"<br>false: {_cell(false, 'exact') or 'not kept'}" if has_context(route) else ""


def _length(row: Found | None) -> str:
    return f"{row['length']:.1f}" if row and "length" in row else ""


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [
        f"| {' | '.join(heads)} |",
        "|---" * len(heads) + "|",
        *(f"| {' | '.join(row)} |" for row in rows),
    ]
