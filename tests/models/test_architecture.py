"""The dial of the decoder's size: the table that describes it is right, and what does not fit is told."""

from __future__ import annotations

import pytest

from obverse.models import architecture
from obverse.models.architecture import Architecture
from obverse.types import InputError

VOCABULARY = 1000


def inside(depth: int) -> int:
    """Parameters without embeddings, by formula."""
    found = Architecture(depth)
    return found.config(VOCABULARY).parameters - 2 * VOCABULARY * found.width


def table() -> list[list[str]]:
    """The rows of the table in the module's description, without its head."""
    lines = [line for line in (architecture.__doc__ or "").splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_the_table_is_what_the_formula_gives() -> None:
    assert len(table()) == 6
    for depth, width, heads, parameters in table():
        config = Architecture(int(depth)).config(VOCABULARY)
        assert (config.num_hidden_layers, config.hidden_size) == (int(depth), int(width))
        assert config.num_attention_heads == int(heads)
        millions = inside(int(depth)) / 1e6
        assert parameters in (f"{millions:.1f}M", f"{millions:.0f}M")


def test_two_depths_are_of_20_and_of_100_million_parameters() -> None:
    assert inside(12) == pytest.approx(20e6, rel=0.1)
    assert inside(20) == pytest.approx(100e6, rel=0.05)


def test_the_switches_reach_the_configuration() -> None:
    found = Architecture(
        depth=4,
        heads=4,
        positions="learned",
        shift=1,
        causal=False,
        keys_start_at_queries=False,
        outputs_start_at_inputs=False,
        tied=True,
        experts=3,
    ).config(17)
    assert (found.vocab_size, found.hidden_size, found.num_attention_heads) == (17, 128, 4)
    assert (found.positions, found.shift, found.experts) == ("learned", 1, 3)
    assert found.tie_word_embeddings
    assert not any((found.is_causal, found.keys_start_at_queries, found.outputs_start_at_inputs))


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (Architecture(heads=3), "a width of 64 cannot be divided into 3 heads"),
        (Architecture(shift=5), "the shift reaches 0 to 4 positions back, not 5"),
        (Architecture(shift=-1), "the shift reaches 0 to 4 positions back, not -1"),
        (Architecture(experts=1), "2 of 1 experts cannot be chosen"),
        (Architecture(experts=-1), "2 of -1 experts cannot be chosen"),
        (Architecture(heads=0), "a width of 64 cannot be divided into 0 heads"),
        (Architecture(depth=0), "a width of 0 cannot be divided into 1 heads"),
        (Architecture(positions="absolute"), "positions are rotary, learned, none"),  # type: ignore[arg-type]
    ],
)
def test_parts_that_do_not_fit_are_told_in_one_line(wrong: Architecture, told: str) -> None:
    with pytest.raises(InputError, match=told) as refused:
        wrong.config(VOCABULARY)
    assert "\n" not in str(refused.value)
