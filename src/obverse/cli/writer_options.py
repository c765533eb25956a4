"""Options of commands that have texts written by a model, here or behind an endpoint, and what they mean."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from obverse.types import InputError

if TYPE_CHECKING:
    from obverse.augmentation.budget import Spending
    from obverse.augmentation.checking import Writer

GeneratorOption = Annotated[
    str | None,
    typer.Option(
        "--generator",
        help="Address of an OpenAI-compatible endpoint that writes, instead of the model here; its key is taken from "
        "OBVERSE_API_KEY.",
        metavar="URL",
    ),
]
GeneratorModelOption = Annotated[
    str | None, typer.Option("--generator-model", help="Name of the model there.", metavar="NAME")
]
WindowOption = Annotated[
    int | None, typer.Option("--window", help="Tokens that the model there reads at once.", min=1)
]
TextTokensOption = Annotated[int, typer.Option("--text-tokens", help="Tokens of a text at most.", min=1)]
MaxTokensOption = Annotated[
    int | None, typer.Option("--max-tokens", help="Stop before so many tokens are spent.", min=1)
]
MaxUsdOption = Annotated[
    float | None, typer.Option("--max-usd", help="Stop before so much is spent; needs --prices.", min=0)
]
PricesOption = Annotated[
    Path | None,
    typer.Option("--prices", help='JSON: {"NAME": {"prompt": 0.5, "generated": 1.5}}, USD a million.'),
]
EstimateOption = Annotated[bool, typer.Option("--estimate", help="Only say what it would cost at most.")]


def spending_of(max_tokens: int | None, max_usd: float | None, prices: Path | None) -> Spending:
    """The budget, with nothing spent of it yet.

    Raises:
        InputError: the prices cannot be read.
    """
    from obverse.augmentation.budget import Budget, Spending, read_prices

    return Spending(Budget(max_tokens, max_usd), read_prices(prices) if prices else None)


def names_in(listed: str) -> tuple[str, ...]:
    """The names of a comma-separated list; none for ``none``."""
    return () if listed == "none" else tuple(name.strip() for name in listed.split(","))


def endpoint_writer(role: str, url: str | None, model: str | None, room: int | None) -> Writer | None:
    """Who writes or judges behind an address; nothing where none is given.

    Args:
        role: the option's name.
        room: tokens of a prompt at most.

    Raises:
        InputError: only one of address and name is given, or they cannot be used.
    """
    from obverse.augmentation.budget import about_tokens
    from obverse.augmentation.checking import Writer
    from obverse.augmentation.endpoint import Endpoint
    from obverse.augmentation.planning import Room

    if url is None and model is None:
        return None
    if url is None or model is None:
        raise InputError(f"--{role} URL and --{role}-model NAME: give both")
    return Writer(Endpoint(url, model), model, Room(room, about_tokens) if room else None)


def remark_of(writer: Writer | None) -> str:
    """What an endpoint was not asked for, since it does not take that; empty where it takes all."""
    from obverse.augmentation.endpoint import Endpoint

    return writer.generator.remark if writer and isinstance(writer.generator, Endpoint) else ""
