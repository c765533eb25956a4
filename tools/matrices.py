"""The tables that any comparison or experiment can fill: kind by route, and a sweep.

Beside each figure of a route with documents in its prompt stands that of its false-context control.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any


def matrix(
    results: Mapping[str, Any], *, exact: bool = False, kinds: Collection[str] | None = None
) -> list[str]:
    """The lines of a table of the run's metric, kind by route, with what teaching and asking took.

    Args:
        exact: whether the share of exact answers stands beside each figure.
        kinds: of the rows; without it all, and ``*`` are the totals.
    """
    metric = results["metric"]
    accuracy, strict = estimates(results, metric), estimates(results, "strict")
    false = estimates(results, metric, control=True)
    routes = list(dict.fromkeys(route for route, _, _ in accuracy))
    rows = list(dict.fromkeys((kind, latent) for _, kind, latent in accuracy if not kinds or kind in kinds))
    totals = {False: "all explicit", True: "all latent", None: "all"}
    by_choice = metric == "accuracy"
    if not by_choice:  # a total means nothing where each kind is a test of its own
        rows = [(kind, latent) for kind, latent in rows if kind != "*"]
    counted = {(row["kind"], row["latent"]): row["mean"] for row in results["co_occurrence"]}
    lines = [
        f"| | {' | '.join(f'`{route}`' for route in routes)} |{' chance |' if by_choice else ''} co-occurrence |",
        "|---" * (len(routes) + 2 + by_choice) + "|",
    ]
    for kind, latent in rows:
        name = totals[latent] if kind == "*" else f"{kind} ({'latent' if latent else 'explicit'})"
        cells = [accuracy.get((route, kind, latent)) for route in routes]
        shown = []
        for route, one in zip(routes, cells, strict=True):
            own = f" · {strict[route, kind, latent]['mean']:.0%}" if exact and one else ""
            shown.append(cell(one, own) + beside(route, one, false.get((route, kind, latent))))
        chance = next(one["chance"] for one in cells if one)
        guessed = f" {chance:.0%} |" if by_choice else ""
        lines.append(f"| {name} | {' | '.join(shown)} |{guessed} {counted[kind, latent]:.0%} |")
    costs = {(row["route"], row["phase"]): row for row in results["costs"]}
    taught = [f"{costs[route, 'teach']['seconds']:.3g} s" for route in routes]
    lines.append(f"| to teach | {' | '.join(taught)} |{' |' if by_choice else ''} |")
    if by_choice:
        asked = [
            f"{costs[route, 'ask']['seconds'] / max(1, costs[route, 'ask']['questions']):.2g} s"
            for route in routes
        ]
        lines.append(f"| per question | {' | '.join(asked)} | | |")
    return lines


def parts_table(results: Mapping[str, Any]) -> str:
    """Every task with every model of a study, likelihood and exact answers."""
    said = []
    for part in results["parts"]:
        found = part["results"]
        said += [f"### {found['task']['name']}: {found['model']}", "", *matrix(found, exact=True), ""]
    return "\n".join(said)


def sweep_table(results: Mapping[str, Any], kinds: Sequence[str], value: str = "{:g}") -> str:
    """The results of a sweep: a table for each kind, a row for each line of each panel, a column for each value.

    Args:
        value: how a value on the axis is written.
    """
    tables = []
    for kind in kinds:
        points = [
            _with_false(results, point) for point in results["sweep"]["points"] if point["kind"] == kind
        ]
        several = len({point["route"] for point in points}) > 1
        values = sorted({point["x"] for point in points})
        heads = [kind, *(value.format(x) for x in values)]
        rows = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
        by_line: dict[str, dict[float, Any]] = {}
        for point in points:
            name = ", ".join(filter(None, (point["line"], point["panel"], point["route"] if several else "")))
            by_line.setdefault(name, {})[point["x"]] = point
        for name, found in by_line.items():
            rows.append(f"| {name} | {' | '.join(_point(found.get(x)) for x in values)} |")
        tables.append("\n".join(rows))
    return "\n\n".join(tables)


def _with_false(results: Mapping[str, Any], point: Mapping[str, Any]) -> Mapping[str, Any]:
    """The point with its false-context figure, which older files hold in the part alone."""
    if "false" in point:
        return point
    found = [
        row
        for part in results.get("parts", ())
        for row in part["results"]["estimates"]
        if row["control"]
        and row["metric"] == results["metric"]
        and all(row[name] == point[name] for name in ("task", "model", "route", "kind"))
    ]
    return {**point, "false": found[0] if found else None}


def _point(point: Mapping[str, Any] | None) -> str:
    return cell(point) + beside(point["route"], point, point["false"]) if point else ""


def estimates(
    results: Mapping[str, Any], metric: str, *, control: bool = False
) -> dict[tuple[str, str, bool | None], Mapping[str, Any]]:
    """The rows of a metric by route, kind and whether it is latent: of the routes, or of their controls."""
    return {
        (row["route"], row["kind"], row["latent"]): row
        for row in results["estimates"]
        if row["metric"] == metric and row["control"] is control
    }


def cell(row: Mapping[str, Any] | None, more: str = "") -> str:
    """A mean and its interval, with ``more`` behind them; nothing where there is no figure."""
    return f"{row['mean']:.0%} [{row['low']:.0%}, {row['high']:.0%}]{more}" if row else ""


def beside(route: str, row: Mapping[str, Any] | None, false: Mapping[str, Any] | None) -> str:
    """What stands below a figure: that with false context; that it was not kept, where the file does not have it."""
    if not row or not has_context(route):
        return ""
    return f"<br>false: {cell(false) or 'not kept'}"


def has_context(route: str) -> bool:
    """Whether documents stand in the prompt of a route."""
    return any(part.partition(":")[0] in ("context", "retrieve", "oracle") for part in route.split("+"))
