"""The page: one HTML file with everything in it, that opens offline, and the figures beside it.

What users wrote (documents, questions, answers) reaches the page in two ways only: through the template, which
escapes it, and as JSON that scripts put into text nodes.  Should that ever fail, a content security policy lets
only the page's own scripts run, known by their hashes, and lets nothing be loaded.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from obverse.files import write_text
from obverse.reports import wording
from obverse.reports.charts import accuracy_panel, diagnosis_panel, growth_panel, panel_title, price_panel
from obverse.reports.figures import write_figures
from obverse.reports.folder import Run, read_run
from obverse.reports.palette import VERDICT_COLOURS, Look, looks, theme
from obverse.reports.questions import packed_questions
from obverse.reports.summary import Summary, Unit

SHOWN_APART = ("leaks", "drawn_choices", "scorer")


def write_page(folder: Path) -> Path:
    """Write ``report.html`` and ``figures/`` from the files of a run, and return the page's path.

    Args:
        folder: holds ``results.json``, ``answers.parquet`` and ``task/documents.jsonl``.

    Raises:
        OSError: a file is missing, or the page cannot be written.
    """
    run = read_run(folder)
    summary = Summary(run.results)
    look = looks(summary.routes)
    write_figures(summary, look, folder / "figures")
    page = folder / "report.html"
    # A lone surrogate, which JSON can hold and UTF-8 cannot, becomes a question mark.
    write_text(page, _render(run, summary, look).encode("utf-8", "replace").decode("utf-8"))
    return page


def _render(run: Run, summary: Summary, look: dict[str, Look]) -> str:
    import jinja2
    import vl_convert
    from markupsafe import Markup

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("obverse", "reports"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"wording": wording, "view": view, "panel_title": panel_title}
    scripts = [
        vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;"),
        _source("charts.js"),
        _source("questions.js"),
    ]
    colours = {route: look.colour for route, look in look.items()}
    return environment.get_template("page.html.j2").render(
        results=run.results,
        summary=summary,
        looks=look,
        verdict_colours=VERDICT_COLOURS,
        latent_outcomes=_latent_outcomes(run, summary.routes),
        further_checks={
            name: check for name, check in run.results["checks"].items() if name not in SHOWN_APART
        },
        style=Markup(_source("page.css")),
        # The hashes are of these very characters, so nothing may be added between the tags.
        scripts=[Markup(script) for script in scripts],
        script_hashes=[_hash(script) for script in scripts],
        charts=Markup(_json(_charts(summary, look))),
        questions=Markup(_json(packed_questions(run, colours))),
    )


def view(**filters: str) -> str:
    """A link to the questions that these filters leave (``kind``, ``route``, ``verdict``, ``result``)."""
    return f"#{urlencode(filters)}"


def _charts(summary: Summary, look: dict[str, Look]) -> dict[str, Any]:
    """The specification of each panel by the name that the template gives its place, and both themes."""
    units: tuple[Unit, ...] = ("seconds", "flops")
    panels = {
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
    # The page has one legend for all panels.
    themes = {name: theme(dark=name == "dark") | {"legend": {"disable": True}} for name in ("light", "dark")}
    return {"themes": themes, "panels": {name: _fitted(panel.to_dict()) for name, panel in panels.items()}}


def _fitted(specification: dict[str, Any]) -> dict[str, Any]:
    """As wide as its place on the page; a schema's address is of no use offline."""
    del specification["$schema"]
    return {
        **specification,
        "width": "container",
        "autosize": {"type": "fit-x", "contains": "padding"},
        "config": {},
    }


def _latent_outcomes(run: Run, routes: Iterable[str]) -> dict[str, tuple[int, int]]:
    """Route -> latent questions answered, and those of them answered right; each seed counts."""
    answers = [row for row in run.answers if row["latent"] and not row["control"]]
    asked = Counter(row["route"] for row in answers)
    right = Counter(row["route"] for row in answers if row["correct"])
    return {route: (asked[route], right[route]) for route in routes if asked[route]}


def _source(name: str) -> str:
    return files("obverse.reports").joinpath(name).read_text(encoding="utf-8")


def _hash(script: str) -> str:
    digest = hashlib.sha256(script.encode("utf-8")).digest()
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"


def _json(content: object) -> str:
    """JSON that can stand inside a script element: nothing in it can end the element or begin a comment."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text
