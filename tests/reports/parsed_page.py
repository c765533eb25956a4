"""A page as a browser would see it."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import Any


class Parsed(HTMLParser):
    """What a browser would see: elements with their attributes, and the content of scripts by their id."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: dict[str | None, str] = {}
        self.text = ""
        self._inside: tuple[str, str | None] = ("", None)
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._inside = (tag, dict(attrs).get("id"))

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002
        self._inside = ("", None)

    def handle_data(self, data: str) -> None:
        tag, id = self._inside
        if tag == "script":
            self.scripts[id] = self.scripts.get(id, "") + data
        elif tag != "style":
            self.text += data

    @property
    def places(self) -> list[str]:
        """Where charts are drawn."""
        return [
            attributes["data-chart"] or "" for _, attributes in self.elements if "data-chart" in attributes
        ]

    @property
    def panels(self) -> dict[str, Any]:
        """The specification of each chart."""
        panels: dict[str, Any] = json.loads(self.scripts["charts"])["panels"]
        return panels


def assert_nothing_is_loaded(parsed: Parsed, own: str) -> None:
    """No element fetches anything, and the policy would not let it.

    Args:
        own: the page's data, which scripts read.
    """
    for tag, attributes in parsed.elements:
        assert tag not in ("link", "iframe", "object", "embed", "base", "img")
        assert "src" not in attributes
        assert not re.match(r"[a-z]+:|//", attributes.get("href") or "")
    assert "http://" not in own
    assert "https://" not in own
    policy = next(
        attributes["content"]
        for _, attributes in parsed.elements
        if attributes.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe-eval" not in policy
