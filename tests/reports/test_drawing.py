"""Drawn inferences: the shortest chain, neighbours beside each other, what follows below."""

from __future__ import annotations

import pytest

from obverse.reports.drawing import draw_inference
from obverse.types import Statement

PARENT: list[Statement] = [
    ("a", "parent", "b"),
    ("x", "parent", "y"),
    ("b", "parent", "c"),
    ("a", "knows", "z"),
]


def test_a_chain_is_drawn_without_what_it_does_not_need() -> None:
    drawing = draw_inference(PARENT, ("a", "grandparent", "c"))
    assert [name.text for name in drawing.names] == ["a", "b", "c"]
    assert [(arc.label, arc.latent) for arc in drawing.arcs] == [
        ("parent", False),
        ("parent", False),
        ("grandparent", True),
    ]
    places = [name.x for name in drawing.names]
    assert places == sorted(places)
    assert places[-1] < drawing.width
    assert all(0 < arc.y < drawing.height for arc in drawing.arcs)


def test_a_statement_is_taken_in_either_direction() -> None:
    drawing = draw_inference([("a", "f0", "b")], ("b", "b0", "a"))
    assert [name.text for name in drawing.names] == ["b", "a"]
    said, latent = drawing.arcs
    assert said.y < drawing.base < latent.y
    assert (said.x, said.latent, latent.latent) == (latent.x, False, True)


def test_ends_that_nothing_joins_are_drawn_all_the_same() -> None:
    drawing = draw_inference([("a", "r", "b")], ("a", "s", "c"))
    assert [name.text for name in drawing.names] == ["a", "b", "c"]
    assert len(drawing.arcs) == 2


@pytest.mark.parametrize("said", [[], [("a", "r", "a")]])
def test_nothing_said(said: list[Statement]) -> None:
    assert [name.text for name in draw_inference(said, ("a", "s", "c")).names] == ["a", "c"]
