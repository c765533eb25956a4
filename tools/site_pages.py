"""What the site has beside the pages in ``docs``; MkDocs runs this file as a hook (mkdocs.yml).

Home is README.md and contributing is CONTRIBUTING.md, with links as they are from ``docs``; the page on the command
line is read from the commands.  So none of the three has a second copy that could grow stale.
"""

from __future__ import annotations

import re
from html import escape
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parent.parent
AT_ROOT = {"README.md": "index.md", "CONTRIBUTING.md": "contributing.md"}
COMMANDS = "reference/command-line.md"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the two pages that lie at the root of the repository."""
    for name, page in AT_ROOT.items():
        files.append(
            File.generated(config, page, content=inside_docs((ROOT / name).read_text(encoding="utf-8")))
        )
    return files


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Lead links to the two to their place on the site, and put the commands where they belong."""
    if page.file.src_uri == COMMANDS:
        return command_line()
    up = "../" * page.file.src_uri.count("/")
    for name, place in AT_ROOT.items():
        markdown = re.sub(rf"\]\({re.escape(up)}\.\./{re.escape(name)}", f"]({up}{place}", markdown)
    return markdown


def on_page_content(html: str, **_: Any) -> str:
    """Show Sphinx roles of docstrings as the code that they name, and mark cells of figures for the style sheet."""
    html = re.sub(r":(?:class|func|meth|mod):(?=<code)", "", html)
    return re.sub(r"<td>(?=[\d.]+[%×]? [\[·])", '<td class="figure">', html)


def inside_docs(text: str) -> str:
    """A page of the repository's root with its links as they are from ``docs``."""

    def moved(link: re.Match[str]) -> str:
        target, hash_, anchor = link[1].partition("#")
        return f"]({AT_ROOT.get(target) or target.removeprefix('docs/')}{hash_}{anchor})"

    return re.sub(r"\]\((?!https?:)([^)#][^)]*)\)", moved, text)


def command_line() -> str:
    """Every command with its arguments and options, from their declarations."""
    import typer

    from obverse.cli import app

    group = typer.main.get_command(app)
    lines = [
        "# Command line",
        "",
        "This page is made from the commands; `obverse COMMAND --help` prints the same.",
        "",
    ]
    return "\n".join([*lines, *_described(group, "obverse", None)])


def _described(command: Any, name: str, parent: Any) -> list[str]:
    """The sections of a command and of those below it.  Commands are Click's, which Typer keeps to itself."""
    context = command.context_class(command, info_name=name.rsplit(maxsplit=1)[-1], parent=parent)
    below = getattr(command, "commands", {})
    lines = []
    if not below:
        usage = " ".join(command.collect_usage_pieces(context))
        lines += [f"## `{name}` {{ #{name.replace(' ', '-')} }}", "", command.help or "", ""]
        lines += ["```text", f"{name} {usage}", "```", ""]
        records = [one.get_help_record(context) for one in command.get_params(context)]
        rows = [(form, said) for form, said in filter(None, records) if "--help" not in form]
        if rows:
            lines += ["| Name | Meaning |", "|---|---|"]
            lines += [f"| {_code(form)} | {_cell(said)} |" for form, said in rows]
            lines.append("")
    for one, child in below.items():
        lines += _described(child, f"{name} {one}", context)
    return lines


def _code(text: str) -> str:
    return f"<code>{_cell(escape(text))}</code>"


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "&#124;").split())
