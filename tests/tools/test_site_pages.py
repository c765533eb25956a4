"""The pages of the site that are made while it is built: links of copied pages, and every command with its options."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

TOOLS = Path(__file__).parents[2] / "tools"


@pytest.fixture(scope="module")
def site_pages() -> Iterator[ModuleType]:
    """The hook."""
    sys.path.insert(0, str(TOOLS))
    import site_pages

    yield site_pages
    sys.path.remove(str(TOOLS))


@pytest.mark.parametrize(
    ("link", "inside"),
    [
        ("docs/guides/export.md", "guides/export.md"),
        ("docs/guides/export.md#trl", "guides/export.md#trl"),
        ("docs/results/demo/accuracy.png", "results/demo/accuracy.png"),
        ("CONTRIBUTING.md", "contributing.md"),
        ("README.md#python", "index.md#python"),
        ("https://example.org/docs/x", "https://example.org/docs/x"),
        ("#python", "#python"),
    ],
)
def test_links_of_a_page_at_the_root_lead_on_inside_docs(
    site_pages: ModuleType, link: str, inside: str
) -> None:
    assert site_pages.inside_docs(f"See [this]({link}).") == f"See [this]({inside})."


def test_every_command_is_there_with_its_options(site_pages: ModuleType) -> None:
    page = site_pages.command_line()
    for command in ("compare", "augment", "practice", "study run", "tasks export", "export rl"):
        assert f"## `obverse {command}`" in page
    compare = page.partition("## `obverse compare`")[2].partition("\n## ")[0]
    assert "| <code>--top-k &lt;" in compare
    assert "--help" not in compare
    rows = [line for line in page.splitlines() if line.startswith("| ")]
    assert all(line.count("|") == 3 for line in rows)


def test_cells_of_figures_are_marked(site_pages: ModuleType) -> None:
    html = "<td>22% [13%, 35%]</td><td>100% · 9%</td><td>some words</td><td>25%</td>"
    shown = site_pages.on_page_content(html)
    assert shown.count('<td class="figure">') == 2
    assert site_pages.on_page_content(":class:<code>x</code>") == "<code>x</code>"
