"""Options of commands that have texts written by a model, here or behind an endpoint, and what they mean."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from obverse.options import check_options, option
from obverse.types import InputError

if TYPE_CHECKING:
    from obverse.augmentation.budget import Spending
    from obverse.augmentation.checking import Writer


@dataclass(frozen=True)
class WriterOptions:
    """Who writes, how long, and for how much; a command takes those that it has a use for.

    Raises:
        InputError: a value makes no sense.
    """

    generator: str | None = option(
        None,
        "Address of an OpenAI-compatible endpoint that writes, instead of the model here; its key is taken from "
        "OBVERSE_API_KEY.",
        metavar="URL",
    )
    generator_model: str | None = option(None, "Name of the model there.", metavar="NAME")
    window: int | None = option(None, "Tokens that the model there reads at once.", least=1)
    text_tokens: int = option(256, "Tokens of a text at most.", least=1)
    max_tokens: int | None = option(None, "Stop before so many tokens are spent.", least=1)
    max_usd: float | None = option(None, "Stop before so much is spent; needs --prices.", least=0)
    prices: str | None = option(
        None, 'JSON: {"NAME": {"prompt": 0.5, "generated": 1.5}}, USD a million.', metavar="PATH"
    )
    estimate: bool = option(False, "Only say what it would cost at most.")

    def __post_init__(self) -> None:
        check_options(self)

    def spending(self) -> Spending:
        """The budget, with nothing spent of it yet.

        Raises:
            InputError: the prices cannot be read.
        """
        from obverse.augmentation.budget import Budget, Spending, read_prices

        prices = read_prices(Path(self.prices)) if self.prices else None
        return Spending(Budget(self.max_tokens, self.max_usd), prices)

    def writer(self) -> Writer | None:
        """Who writes behind the address; nothing where none is given.

        Raises:
            InputError: see `endpoint_writer`.
        """
        room = self.window and self.window - self.text_tokens
        return endpoint_writer("generator", self.generator, self.generator_model, room)


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
