"""Looks of routes: told apart, of one family where the same is trained, and seen on both pages."""

from __future__ import annotations

import colorsys
from itertools import combinations

import pytest
from made_up_study import ROUTES

from obverse.reports.palette import BASELINE_COLOUR, FULL, HUES, PAGES, line_looks, looks, theme

INK = {name: theme(dark=name == "dark")["title"]["color"] for name in PAGES}


def channels(colour: str) -> list[float]:
    return [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]


def contrast(one: str, other: str) -> float:
    """The ratio of the Web Content Accessibility Guidelines, from 1 to 21."""

    def luminance(colour: str) -> float:
        linear = [
            value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
            for value in channels(colour)
        ]
        return sum(weight * value for weight, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def mixed(share: float, page: str) -> str:
    parts = zip(channels(FULL[page]), channels(PAGES[page]), strict=True)
    return "#" + "".join(f"{round(255 * (share * full + (1 - share) * paper)):02x}" for full, paper in parts)


def test_routes_look_different() -> None:
    found = looks(["untouched", "finetune", "context", "retrieve", "oracle", "finetune+retrieve"])
    assert len({look.colour for look in found.values()}) == 6
    assert len({look.shape for look in found.values()}) == 6
    assert found["untouched"].colour == BASELINE_COLOUR


def test_many_routes_look_different_and_families_alike() -> None:
    found = looks(["untouched", *ROUTES, "context:2", "oracle:8"])
    assert len(found) == 15
    assert len(set(found.values())) == 15
    families: dict[str, set[str]] = {}
    for route, look in found.items():
        if route != "untouched":
            family = "" if route in ("context:2", "oracle:8") else route.split("+")[0]
            families.setdefault(family, set()).add(look.colour)
    assert len(families) == 6
    for one, other in combinations(families.values(), 2):
        assert not one & other
    assert all(any(colours <= set(shades) for shades in HUES) for colours in families.values())


def test_lines_look_different() -> None:
    found = line_looks(map(str, range(18)))
    assert len({look.colour for look in found.values()}) == 18
    hues = [colorsys.rgb_to_hsv(*channels(look.colour))[0] for look in found.values()]
    assert min(abs(one - other) for one, other in combinations(hues[:6], 2)) > 0.04


@pytest.mark.parametrize("page", list(PAGES))
def test_all_is_seen_on_both_pages(page: str) -> None:
    for colour in (BASELINE_COLOUR, *(colour for shades in HUES for colour in shades)):
        assert contrast(colour, PAGES[page]) >= 3
    # Text is read on every colour of a cell.
    for percent in range(0, 101, 10):
        assert contrast(INK[page], mixed(percent / 100, page)) >= 4.5
