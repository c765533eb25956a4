"""The results on the terminal: a table of accuracies, what they cost, why routes failed, and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from obverse.judging import wording
from obverse.reports.sweeps import SweepPanel, read_sweep
from obverse.reports.tables import Figures, Results, Row, Summary

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

LONGEST_LABEL = 32
EXPLANATION = """\
explicit: a document says the answer; latent: the documents only imply it
* best, or no significant difference from the best; 95% intervals in brackets
f: with false context; where the two intervals overlap, reading is not shown
"""


def print_results(results: Results, console: Console) -> None:
    """Print the results of a run; the recommendation comes last, where it is seen.

    Args:
        results: the content of ``results.json``.
        console: its width decides how the tables are laid out.
    """
    summary = Summary(results)
    for table in _accuracy_tables(summary, console):
        console.print(table, "")
    _say(console, wording.counted(summary.counted))
    _say(console, EXPLANATION, style="dim")
    for table in (_routes_table(summary), _diagnosis_table(summary)):
        if table.row_count:
            console.print(table, "")
    for leak in results["checks"]["leaks"]:
        _say(
            console,
            f"Leak: document {leak['document']} says the answer of {leak['question']}: {leak['sentence']}",
        )
    if results["checks"]["leaks"]:
        _say(console, "--leave-out-leaks asks without these questions.")
    if drawn := results["checks"]["drawn_choices"]:
        _say(console, f"{drawn} questions had no choices; answers of other questions of their kind serve.")
    for refused in results["refused"]:
        _say(console, f"Not run: {refused['route']}: {refused['reason']}")
    if "augmented" in results:
        _say(console, wording.augmented(results["augmented"]))
    for note in results["notes"]:
        _say(console, note)
    for subject, recommendation in (
        ("All questions", results["recommendation"]),
        ("Latent questions", results["latent_recommendation"]),
    ):
        if recommendation:
            console.print()
            _say(console, f"{subject}. {recommendation['sentence']}", style="bold")


def print_study(results: Results, console: Console) -> None:
    """Print the results of a study: a table for each part, or the sweep where there is one, and what failed.

    Args:
        results: the content of the study's ``results.json``.
        console: its width decides how the tables are laid out.
    """
    sweep = read_sweep(results)
    if sweep:
        for panel in sweep.panels:
            _say(
                console, f"{panel.title}: {wording.METRICS[results['metric']]} by {sweep.axis}", style="bold"
            )
            console.print(_sweep_table(panel), "")
    for part in () if sweep else results["parts"]:
        summary = Summary(part["results"])
        _say(console, f"{part['results']['task']['name']}, {part['results']['model']}", style="bold")
        for table in _accuracy_tables(summary, console) if summary.routes else ():
            console.print(table, "")
        _say(console, wording.counted(summary.counted))
        for entry in part["results"].get("augmentation", ()):
            _say(console, wording.augmentation(entry))
        for refused in part["results"]["refused"]:
            _say(console, f"Not run: {refused['route']}: {refused['reason']}")
        for note in part["results"]["notes"]:
            _say(console, note)
        _say(console, part["results"]["recommendation"]["sentence"], style="bold")
    _say(console, "95% intervals in brackets" if sweep else EXPLANATION, style="dim")
    for cell in results["failed"]:
        _say(
            console,
            f"Failed: {cell['task']}, {cell['model']}, {cell['route']}, seed {cell['seed']}: {cell['reason']}",
        )


def _sweep_table(panel: SweepPanel) -> Table:
    """A row for each line, a column for each value on the axis."""
    from rich.text import Text

    table = _table()
    table.add_column(Text("line"), max_width=LONGEST_LABEL, overflow="fold")
    for value in panel.values:
        table.add_column(Text(wording.value(value)), justify="right")
    for line in panel.lines:
        cells = [panel.points.get((line, value)) for value in panel.values]
        table.add_row(
            Text(line),
            *(Text(wording.accuracy(cell) + _twin(cell.get("false") if cell else None)) for cell in cells),
        )
    return table


def _say(console: Console, text: str, style: str = "") -> None:
    """Print text as it is: brackets in it are not markup."""
    from rich.text import Text

    console.print(Text(text, style=style))


def _accuracy_tables(summary: Summary, console: Console) -> list[Table]:
    """One table where it fits: with cells of one line, else of two, else the routes in several tables."""
    for separator in (" ", "\n"):
        table = _accuracy_table(summary, summary.routes, separator)
        if _fits(table, console):
            return [table]
    tables: list[Table] = []
    remaining = list(summary.routes)
    while remaining:
        held = next(
            count
            for count in range(len(remaining), 0, -1)
            if count == 1 or _fits(_accuracy_table(summary, remaining[:count], "\n"), console)
        )
        tables.append(_accuracy_table(summary, remaining[:held], "\n"))
        remaining = remaining[held:]
    return tables


def _fits(table: Table, console: Console) -> bool:
    from rich.measure import Measurement

    # Measured without a limit, for a table that is too wide would be squeezed.
    return Measurement.get(console, console.options.update(max_width=10_000), table).maximum <= console.width


def _accuracy_table(summary: Summary, routes: Sequence[str], separator: str) -> Table:
    from rich.text import Text

    table = _table()
    heading = "accuracy" if summary.has_chance else wording.METRICS[summary.metric]
    table.add_column(Text(heading), max_width=LONGEST_LABEL, overflow="fold")
    for route in routes:
        table.add_column(_broken(route), justify="right", no_wrap=True)
    if summary.has_chance:
        table.add_column(Text("chance"), justify="right", no_wrap=True)
    groups = [
        ("explicit", [row for row in summary.kinds if not row.latent]),
        ("latent", [row for row in summary.kinds if row.latent]),
        ("together", summary.totals),
    ]
    for heading, rows in groups:
        if not rows:
            continue
        table.add_section()
        table.add_row(Text(heading, style="dim"))
        for row in rows:
            best = summary.best(row)
            cells = [_accuracy_cell(summary, route, row, separator, route in best) for route in routes]
            chance = [Text(wording.percent(summary.chance(row)))] if summary.has_chance else []
            table.add_row(Text(f" {row.label}"), *cells, *chance)
    return table


def _accuracy_cell(summary: Summary, route: str, row: Row, separator: str, best: bool) -> Text:
    from rich.text import Text

    estimate = summary.estimate(route, row)
    if estimate is None:
        return Text("–", style="dim")
    mean = f"{wording.percent(estimate['mean'])}{'*' if best else ''}"
    shown = Text.assemble((mean, "bold" if best else ""), separator, (wording.bounds(estimate), "dim"))
    return shown.append(_twin(summary.estimate(route, row, control=True), separator), style="dim")


def _twin(false: Figures | None, separator: str = " ") -> str:
    """The figure with false context below that with true."""
    return f"\nf {wording.percent(false['mean'])}{separator}{wording.bounds(false)}" if false else ""


def _routes_table(summary: Summary) -> Table:
    """What each route cost, and its two controls: false context, and ordinary text after training."""
    from rich.text import Text

    table = _table()
    for name in ("route", "to teach", "per question", "false context", "perplexity of other text"):
        table.add_column(Text(name), justify="left" if name == "route" else "right")
    everything = Row("*", None)
    for route in summary.routes:
        kept = [entry for entry in summary.results["retention"] if entry["route"] == route]
        before, after = (
            sum(entry[f"perplexity_{when}"] for entry in kept) / max(len(kept), 1)
            for when in ("before", "after")
        )
        table.add_row(
            _broken(route),
            Text(_price(summary.teaching(route, "seconds"), summary.teaching(route, "flops"))),
            Text(_price(summary.asking(route, "seconds"), summary.asking(route, "flops"))),
            Text(wording.accuracy(summary.estimate(route, everything, control=True))),
            Text(f"{before:.1f} → {after:.1f}" if kept else "–"),
        )
    return table


def _price(seconds: float, flops: float) -> str:
    return f"{wording.duration(seconds)}, {wording.operations(flops)}" if seconds else "–"


def _diagnosis_table(summary: Summary) -> Table:
    """How many latent questions each route failed, by verdict; verdicts that never occur are left out."""
    from rich.text import Text

    found = summary.verdicts
    verdicts = [
        verdict for verdict in wording.VERDICTS if any(found[route, verdict] for route in summary.routes)
    ]
    table = _table()
    table.add_column(Text("failed latent questions"))
    for verdict in verdicts:
        table.add_column(Text(verdict), justify="right")
    for route in summary.routes if verdicts else ():
        table.add_row(Text(route), *(Text(str(found[route, verdict])) for verdict in verdicts))
    return table


def _table() -> Table:
    from rich import box
    from rich.table import Table

    return Table(box=box.SIMPLE_HEAD, collapse_padding=True, show_edge=False, header_style="bold")


def _broken(route: str) -> Text:
    """A joined route on a line for each part, so that its column stays narrow."""
    from rich.text import Text

    return Text(route.replace("+", "+\n"))
