"""HTML as it is to be read: what nobody sees and what only surrounds the text are out, tables are plain grids.

Works on a parsed page of BeautifulSoup, in place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

_UNSEEN = (
    *(
        "script",
        "style",
        "template",
        "noscript",
        "head",
        "svg",
        "iframe",
        "object",
        "embed",
        "canvas",
        "audio",
        "video",
    ),
    *("button", "select", "input", "textarea", "datalist", "link", "meta"),
    *("del", "annotation", "annotation-xml"),
)
_HIDING = re.compile(
    r"(?:^|[;{\s])(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*0(?:\.0*)?\s*(?:;|!|$)"
    r"|font-size\s*:\s*0(?![\d.])|(?:left|top|right|bottom|text-indent)\s*:\s*-(?:9\d\d|\d{4,})"
    r"|clip\s*:\s*rect\(\s*[01](?:px)?[\s,]|clip-path\s*:\s*inset\(\s*(?:50|100)%"
    r"|(?:max-)?(?:height|width)\s*:\s*0(?:px)?\s*(?:;[^{}]*overflow\s*:\s*hidden))",
    re.I,
)
# What well-known style sheets hide by: texts for readers aloud, and parts that no screen shows.
_HIDDEN_CLASSES = frozenset(
    ("sr-only", "visually-hidden", "visuallyhidden", "screen-reader-text", "screen-reader-only", "d-none")
)
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_AROUND = ("nav", "aside", "header", "footer", "menu")
_ROLES = (
    "navigation",
    "banner",
    "contentinfo",
    "search",
    "complementary",
    "dialog",
    "alertdialog",
    "menu",
    "menubar",
)
_NAMES = """
ads advert advertisement backlink breadcrumb breadcrumbs comments consent cookie cookies disqus editsection footer gdpr
headerlink menu modal nav navbar
navigation newsletter pagination popup promo related share sharing sidebar skip social sponsored subscribe
"""
_NAMED = frozenset(_NAMES.split())
_BLOCKS = (
    *(
        "p",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "li",
        "td",
        "th",
        "dt",
        "dd",
        "pre",
        "blockquote",
        "figcaption",
    ),
    *("caption", "div", "section", "article"),
)
_ORDINAL = re.compile(r"(?:st|nd|rd|th|er|re|e|o|a|ª|º|tm|sm|®|©|™)", re.I)
# A mark behind a longer word, or behind punctuation, is a footnote's; behind a unit it is a power.
_POWER_BEHIND = re.compile(r"(?:[\d)\]}]|(?<![^\W\d_])[^\W\d_]{1,3})$")
_MOST = 0.5
_TRUSTED_BLOCKS = 4
_PARTS = ("div", "section", "aside", "ul", "ol", "form", "center")
# Shorter texts stand in many places.
_TELLING_CHARACTERS = 20


def remove_unseen(soup: Any) -> None:
    """Take out scripts, comments, what was deleted, and what is hidden by an attribute, a class or the page's style."""
    from bs4.element import PreformattedString

    for remark in soup.find_all(string=lambda string: isinstance(string, PreformattedString)):
        remark.extract()
    hidden = list(_hidden_by_rule(soup))
    _drop(soup.find_all(_UNSEEN))
    _drop(soup.find_all(_is_hidden))
    _drop_lesser(soup, hidden)
    _drop_lesser(soup, soup.find_all(attrs={"aria-hidden": "true"}))


def _is_hidden(element: Any) -> bool:
    if element.has_attr("hidden") or (element.name == "dialog" and not element.has_attr("open")):
        return True
    if not _HIDDEN_CLASSES.isdisjoint(element.get("class", ())):
        return True
    return bool(_HIDING.search(str(element.get("style", ""))))


def _hidden_by_rule(soup: Any) -> Iterator[Any]:
    """What a rule of the page's own style hides on any screen; selectors that are not understood hide nothing."""
    for style in soup.find_all("style"):
        text = re.sub(
            r"/\*.*?\*/|@[^{;]*(?:;|\{(?:[^{}]|\{[^{}]*\})*\})", " ", style.get_text(), flags=re.DOTALL
        )
        for selector, rule in _RULE.findall(text):
            if _HIDING.search(rule):
                try:
                    yield from soup.select(selector.strip())
                except Exception:  # soupsieve and its parser have errors of their own
                    continue


def mark_raised(soup: Any) -> None:
    """Write superscripts so that they stay apart from what is before them: ``10^6``, ``Ann[2]``, but ``1st``.

    Formulas in MathML likewise: ``r^2``, ``1/2``.
    """
    _mark_formulas(soup)
    for raised in soup.find_all("sup"):
        said = " ".join(raised.get_text().split())
        before = _text_before(raised)
        if not said or _ORDINAL.fullmatch(said) or (said.startswith("[") and said.endswith("]")):
            written = said
        elif raised.find("a") is not None or (said.isdecimal() and not _POWER_BEHIND.search(before)):
            written = f"[{said}]"
        elif re.fullmatch(r"[-+\u2212]?\w+", said) or not before:
            written = f"^{said}" if before else said
        else:
            written = f"^({said})"
        raised.replace_with(written)
    for lowered in soup.find_all("sub"):
        said = " ".join(lowered.get_text().split())
        lowered.replace_with(
            f"_{said}" if said[:1].isdigit() and _text_before(lowered)[-1:].isdigit() else said
        )
    for reading in soup.find_all("rt"):  # what is said above a character
        if reading.find_previous_sibling("rp") is None:
            reading.replace_with(f"({reading.get_text().strip()})")
    soup.smooth()


def _mark_formulas(soup: Any) -> None:
    """Write the powers, indices, fractions and roots of MathML in a line, the innermost first."""
    written = {
        "msup": "{0}^{1}",
        "mover": "{0}^{1}",
        "msub": "{0}_{1}",
        "munder": "{0}_{1}",
        "msubsup": "{0}_{1}^{2}",
        "munderover": "{0}_{1}^{2}",
        "mfrac": "{0}/{1}",
        "mroot": "root_{1}({0})",
    }
    for formula in reversed(soup.find_all([*written, "msqrt"])):
        parts = ["".join(part.get_text().split()) for part in formula.find_all(True, recursive=False)]
        pattern = written.get(formula.name, "")
        if not pattern:
            formula.string = f"sqrt({''.join(parts)})"
        elif len(parts) == pattern.count("{"):
            whole = [part if re.fullmatch(r"[-+\u2212]?[\w.]+", part) else f"({part})" for part in parts]
            formula.string = pattern.format(*whole)


def _text_before(element: Any) -> str:
    """The end of the text right before an element in the same line; empty where a space or nothing is there."""
    before = element.find_previous(string=True)
    block = element.find_parent(_BLOCKS)
    if before is None or (block is not None and block not in before.parents):
        return ""
    return "" if str(before)[-1:].isspace() else str(before)[-12:]


def level_tables(soup: Any) -> None:
    """Make each table a grid with one head row, its cells single lines; a table that only lays out a page is none.

    One column alone lays out, and so does what has a table in a cell.
    """
    for table in reversed(soup.find_all("table")):  # those inside others first
        rows = [row for row in table.find_all("tr") if row.find_parent("table") is table]
        grid = _grid(rows)
        wide = max(map(len, grid), default=0)
        if wide < 2 or table.get("role") in ("presentation", "none") or table.find("table"):
            for part in table.find_all(["thead", "tbody", "tfoot", "tr", "td", "th", "caption"]):
                if part.find_parent("table") is table:
                    part.name = "div"
            table.name = "div"
            continue
        level = soup.new_tag("table")
        for number, cells in enumerate(grid):
            row = soup.new_tag("tr")
            for text in cells + [""] * (wide - len(cells)):
                cell = soup.new_tag("td" if number else "th")
                cell.string = text
                row.append(cell)
            level.append(row)
        if caption := table.find("caption"):
            paragraph = soup.new_tag("p")
            paragraph.string = " ".join(caption.get_text(" ").split())
            table.insert_before(paragraph)
        table.replace_with(level)


def _grid(rows: Iterable[Any]) -> list[list[str]]:
    """The texts of cells by row and column; a cell over several rows stands in each, over several columns in one."""
    grid: list[list[str]] = []
    lasting: dict[int, tuple[int, str]] = {}  # column -> further rows, text
    for row in rows:
        cells: list[str] = []

        def fill(cells: list[str] = cells) -> None:
            while len(cells) in lasting:
                left, text = lasting.pop(len(cells))
                if left > 1:
                    lasting[len(cells)] = (left - 1, text)
                cells.append(text)

        for cell in row.find_all(["td", "th"], recursive=False):
            fill()
            text = _cell_text(cell)
            for number in range(min(_span(cell, "colspan"), 100)):
                if (down := _span(cell, "rowspan")) > 1:
                    lasting[len(cells)] = (down - 1, text if not number else "")
                cells.append(text if not number else "")
        fill()
        if any(cells):
            grid.append(cells)
    return grid


def _cell_text(cell: Any) -> str:
    for item in cell.find_all(["li", "p", "div", "br", "tr"]):
        item.insert_before(" ")
        if item.name == "br":
            item.decompose()
        elif item.find_next_sibling(item.name) is not None:
            item.append("; " if item.name == "li" else " ")
    return " ".join(cell.get_text().split()).replace("|", "\\|")


def _span(cell: Any, name: str) -> int:
    value = str(cell.get(name, "1"))
    return int(value) if value.isdecimal() and len(value) < 4 else 1


def main_content(soup: Any, extract: Callable[[str], str | None]) -> Any:
    """The element that holds what a page is about; what surrounds it, and what interrupts it, is taken out.

    Menus, banners and the like go by their elements, roles and names, but nothing that the extractor takes for content,
    and never more than half of the text.  Of a page that is long enough for its verdict to be believed, all parts
    beside the smallest element that holds the content go too.  What is inside that element stays: a list or a table,
    which extractors pass over.

    Args:
        extract: finds the content of a page and gives it as HTML; nothing where it finds none.
    """
    from bs4 import BeautifulSoup

    body = soup.body or soup
    around = [
        element for element in body.find_all(_AROUND) if element.find_parent(["main", "article"]) is None
    ]
    _drop_lesser(body, [*around, *body.find_all(attrs={"role": _ROLES})])
    found = BeautifulSoup(extract(str(soup)) or "", "html.parser")
    kept = _plain(found)
    telling = [
        block
        for block in body.find_all(_BLOCKS)
        if block.find(_BLOCKS) is None and len(text := _plain(block)) >= _TELLING_CHARACTERS and text in kept
    ]
    inside = {id(one) for block in telling for one in (block, *block.parents)}
    _drop_lesser(body, [one for one in body.find_all(True) if _is_named(one) and id(one) not in inside])
    mains = body.find_all("main")
    content = mains[0] if len(mains) == 1 and mains[0].get_text(strip=True) else body
    # Where it finds no structure it took everything, and of a short page too little.
    length = sum(len(_plain(block)) for block in telling)
    if len(found.find_all(_BLOCKS)) >= _TRUSTED_BLOCKS <= len(telling) and length > _MOST * len(
        _plain(content)
    ):
        smallest = _smallest(telling)
        for parent in [smallest, *smallest.parents]:
            if parent is content:
                break
            for part in [*parent.find_previous_siblings(_PARTS), *parent.find_next_siblings(_PARTS)]:
                if part.find("h1") is None:
                    part.decompose()
    return content


def _smallest(blocks: list[Any]) -> Any:
    """The smallest element around all of them."""
    common = [blocks[0], *blocks[0].parents]
    for block in blocks[1:]:
        around = {id(one) for one in (block, *block.parents)}
        common = [one for one in common if id(one) in around]
    return common[0]


def _is_named(element: Any) -> bool:
    """Whether its class or its id says that it surrounds the text."""
    names = " ".join([*element.get("class", ()), str(element.get("id", ""))])
    return not _NAMED.isdisjoint(
        re.sub(r"([a-z])([A-Z])", r"\1 \2", names).lower().replace("_", " ").replace("-", " ").split()
    )


def _drop(elements: Iterable[Any]) -> None:
    for element in elements:
        if not element.decomposed:
            element.decompose()


def _drop_lesser(whole: Any, elements: Iterable[Any]) -> None:
    """Take out those that are less than half of the text; what is in links counts only where little else is there."""
    measure = _unlinked if _unlinked(whole) >= _TELLING_CHARACTERS else _length
    most = _MOST * measure(whole)
    for element in elements:
        if not element.decomposed and (length := measure(element)) < most:
            element.decompose()
            most -= _MOST * length


def _length(element: Any) -> int:
    """How many characters, without spaces."""
    return len("".join(element.get_text().split()))


def _unlinked(element: Any) -> int:
    """How many of these are in no link."""
    return _length(element) - sum(map(_length, element.find_all("a", href=True)))


def _plain(element: Any) -> str:
    return " ".join(element.get_text(" ").split())
