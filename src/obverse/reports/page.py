"""The page of a comparison: one HTML file with everything in it, that opens offline, and the figures beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from obverse.reports.charts import accuracy_panel, diagnosis_panel, growth_panel, price_panel
from obverse.reports.curves import curve_kinds, curve_panels, learning_curves
from obverse.reports.figures import write_figures
from obverse.reports.page_folder import Run, read_run
from obverse.reports.palette import VERDICT_COLOURS, Look, looks
from obverse.reports.question_rows import packed_questions
from obverse.reports.rendering import embedded, write_html
from obverse.reports.tables import Summary, Unit

if TYPE_CHECKING:
    from obverse.reports.charts import Panel

SHOWN_APART = ("leaks", "drawn_choices", "nested_choices", "scorer")


def write_page(folder: Path, out: Path | None = None) -> Path:
    """Write ``report.html`` and ``figures/`` from the files of a run, and return the page's path.

    Args:
        folder: holds ``results.json``, ``answers.parquet`` and ``task/documents.jsonl``.
        out: where to write; ``None`` for ``folder``.

    Raises:
        OSError: a file is missing, or the page cannot be written.
    """
    run = read_run(folder)
    summary = Summary(run.results)
    look = looks(summary.routes)
    curves = learning_curves(run.results)
    kinds = curve_kinds(curves)
    out = out or folder
    out.mkdir(parents=True, exist_ok=True)
    write_figures(summary, look, out / "figures")
    page = out / "report.html"
    write_html(
        page,
        "page.html.j2",
        _panels(summary, look) | curve_panels("curves", curves, kinds),
        scripts=["filters.js", "questions.js"],
        results=run.results,
        summary=summary,
        looks=look,
        curves=curves,
        curve_kinds=kinds,
        augmentation=run.results.get("augmentation", ()),
        augmented=run.results.get("augmented"),
        verdict_colours=VERDICT_COLOURS,
        latent_outcomes=_latent_outcomes(run, summary.routes),
        further_checks={
            name: check for name, check in run.results["checks"].items() if name not in SHOWN_APART
        },
        view=view,
        questions=embedded(packed_questions(run, {route: look.colour for route, look in look.items()})),
    )
    return page


def view(**filters: str) -> str:
    """A link to the questions that these filters leave (``kind``, ``route``, ``verdict``, ``result``)."""
    return f"#{urlencode(filters)}"


def _panels(summary: Summary, look: dict[str, Look]) -> dict[str, Panel]:
    """Each chart by the name that the template gives its place."""
    units: tuple[Unit, ...] = ("seconds", "flops")
    panels: dict[str, Panel] = {
        f"accuracy-{number}": accuracy_panel(summary, look, row)
        for number, row in enumerate(summary.totals + summary.kinds)
    }
    for unit in units:
        panels[f"growth-{unit}"] = growth_panel(summary, look, unit)
        panels |= {
            f"price-{unit}-{number}": price_panel(summary, look, row, unit)
            for number, row in enumerate(summary.parts)
        }
    counts = [
        {"route": route, "verdict": verdict, "count": count}
        for (route, verdict), count in summary.verdicts.items()
    ]
    if counts:
        panels["diagnosis"] = diagnosis_panel(summary, counts)
    return panels


def _latent_outcomes(run: Run, routes: Iterable[str]) -> dict[str, tuple[int, int]]:
    """Route -> latent questions answered, and those of them answered right; each seed counts."""
    answers = [row for row in run.answers if row["latent"] and not row["control"]]
    asked = Counter(row["route"] for row in answers)
    right = Counter(row["route"] for row in answers if run.is_right(row))
    return {route: (asked[route], right[route]) for route in routes if asked[route]}
