"""What all pages have in common: one self-contained file, charts in both themes, and a policy that loads nothing.

What users wrote reaches a page in two ways only: through a template, which escapes it, and as JSON that scripts put
into text nodes.  Should that ever fail, a content security policy lets only the page's own scripts run, known by
their hashes, and lets nothing be loaded.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from obverse.files import write_text
from obverse.judging import wording
from obverse.reports.charts import panel_title
from obverse.reports.palette import FULL, theme

if TYPE_CHECKING:
    from obverse.reports.charts import Panel


def write_html(
    page: Path, template: str, panels: Mapping[str, Panel], scripts: Sequence[str] = (), **values: Any
) -> None:
    """Write a page.

    Args:
        page: where to.
        template: one that extends ``base.html.j2``.
        panels: each chart by the name that the template gives its place; the page of none has no scripts for them.
        scripts: sources of scripts that the page has beside the charts' own.
        values: what the template shows.  Those that hold JSON for scripts are made with `embedded`.

    Raises:
        OSError: the page cannot be written.
    """
    import jinja2
    from markupsafe import Markup

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("obverse", "reports"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"wording": wording, "panel_title": panel_title, "full": FULL}
    sources = [*([_drawing_script(), _source("charts.js")] if panels else []), *map(_source, scripts)]
    text = environment.get_template(template).render(
        style=Markup(_source("page.css")),
        # The hashes are of these very characters, so nothing may be added between the tags.
        scripts=[Markup(source) for source in sources],
        script_hashes=[_hash(source) for source in sources],
        charts=embedded(_charts(panels)),
        **values,
    )
    # A lone surrogate, which JSON can hold and UTF-8 cannot, becomes a question mark.
    write_text(page, text.encode("utf-8", "replace").decode("utf-8"))


def embedded(content: object) -> Any:
    """JSON that can stand inside a script element: nothing in it can end the element or begin a comment."""
    from markupsafe import Markup

    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)


def _charts(panels: Mapping[str, Panel]) -> dict[str, Any]:
    """The specification of each panel, and both themes."""
    # A page has one legend for all panels.
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


@cache
def _drawing_script() -> str:
    """The libraries that draw charts, as one script; a second to put together."""
    import vl_convert

    script: str = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    return script


def _source(name: str) -> str:
    return files("obverse.reports").joinpath(name).read_text(encoding="utf-8")


def _hash(script: str) -> str:
    digest = hashlib.sha256(script.encode("utf-8")).digest()
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"
