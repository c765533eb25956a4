"""What texts cost at most, what they have cost, and where to stop.

A budget holds for all that a command asks for: what of it lies there from earlier commands counts too.  It is never
exceeded as far as tokens can be counted beforehand, since a text is asked for only where it would fit at its
longest and with nothing of its prompt cached.
"""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from obverse.augmentation.writing import Assignment, Sampling, Written
from obverse.tasks.places import Faults
from obverse.types import InputError

CountTokens = Callable[[str], int]

# In English, for vocabularies of today's size; only what is told beforehand, or by nobody, rests on it.
_BYTES_PER_TOKEN = 4


@dataclass(frozen=True)
class Prices:
    """USD per million tokens.

    Args:
        prompt: of prompts.
        cached: of what had been encoded for an earlier prompt.
        generated: of texts.
    """

    prompt: float = 0.0
    cached: float = 0.0
    generated: float = 0.0


FREE = Prices()


@dataclass(frozen=True)
class Cost:
    """Tokens, and what they are sold for.

    Args:
        prompt_tokens: of prompts.
        cached_tokens: those among them that had been encoded for an earlier prompt.
        generated_tokens: of texts.
        usd: the price; nothing where prices are not known.
    """

    prompt_tokens: int = 0
    cached_tokens: int = 0
    generated_tokens: int = 0
    usd: float | None = 0.0

    @property
    def tokens(self) -> int:
        """All of them, cached or not, as providers count."""
        return self.prompt_tokens + self.generated_tokens

    def __add__(self, other: Cost) -> Cost:
        """Sums; the price is unknown where one of the two is."""
        return Cost(
            self.prompt_tokens + other.prompt_tokens,
            self.cached_tokens + other.cached_tokens,
            self.generated_tokens + other.generated_tokens,
            None if self.usd is None or other.usd is None else self.usd + other.usd,
        )

    def __sub__(self, other: Cost) -> Cost:
        """What was added since."""
        return self + Cost(
            -other.prompt_tokens,
            -other.cached_tokens,
            -other.generated_tokens,
            None if other.usd is None else -other.usd,
        )

    def __str__(self) -> str:
        """In a few words, as lines of progress have it."""
        return f"{self.tokens:,} tokens" + (f", {self.usd:.2f} USD" if self.usd else "")


@dataclass(frozen=True)
class Budget:
    """What may be spent.

    Args:
        most_tokens: of prompts and texts together.
        most_usd: by the prices that the user gave.
    """

    most_tokens: int | None = None
    most_usd: float | None = None


UNLIMITED = Budget()


class Spending:
    """What has been spent of a budget.  One serves for all generators that write into a folder.

    Args:
        prices: of the models of endpoints, by name; a generator on this machine costs nothing.
    """

    def __init__(self, budget: Budget = UNLIMITED, prices: Mapping[str, Prices] | None = None) -> None:
        self.budget = budget
        self.cost = Cost()
        self._prices = prices or {}

    def prices_of(self, identity: Mapping[str, object]) -> Prices | None:
        """The prices of a generator; nothing where they are not known.

        Raises:
            InputError: they are not known, and the budget is in USD.
        """
        if "endpoint model" not in identity:
            return FREE
        model = str(identity["endpoint model"])
        prices = self._prices.get(model)
        if prices is None and self.budget.most_usd is not None:
            raise InputError(
                f"the prices of the model {model!r} are not known; give them in a file, "
                "or limit the tokens instead of the USD"
            )
        return prices

    def add(self, cost: Cost) -> None:
        """Count what was spent."""
        self.cost += cost

    def would_exceed(self, further: Cost) -> bool:
        """Whether the budget would not do for that too."""
        cost, budget = self.cost + further, self.budget
        return (budget.most_tokens is not None and cost.tokens > budget.most_tokens) or (
            budget.most_usd is not None and cost.usd is not None and cost.usd > budget.most_usd
        )


def about_tokens(text: str) -> int:
    """Tokens of a text whose tokenizer is not at hand: a quarter of its bytes."""
    return math.ceil(len(text.encode("utf-8", "surrogatepass")) / _BYTES_PER_TOKEN)


def price(prompt: int, cached: int, generated: int, prices: Prices | None) -> Cost:
    """What so many tokens cost, those cached counted among the prompt's."""
    usd = None
    if prices is not None:
        usd = (
            (prompt - cached) * prices.prompt + cached * prices.cached + generated * prices.generated
        ) / 1e6
    return Cost(prompt, cached, generated, usd)


def cost_of(written: Written, prices: Prices | None) -> Cost:
    """What a text has cost."""
    return price(written.prompt_tokens, written.cached_tokens, written.generated_tokens, prices)


def estimate(
    assignments: Iterable[Assignment],
    count_tokens: CountTokens,
    sampling: Sampling,
    prices: Prices | None,
    *,
    caches: bool = True,
) -> Cost:
    """What texts cost at most: each at its full length.

    The words that a chat template puts around a prompt are not counted.

    Args:
        caches: whether a shared beginning is encoded once, and found again by every later prompt.
    """
    count = functools.cache(count_tokens)
    seen: set[str] = set()
    total = Cost()
    for assignment in assignments:
        shared = count(assignment.shared)
        cached = shared if caches and assignment.shared in seen else 0
        total += price(shared + count(assignment.own), cached, sampling.most_tokens, prices)
        seen.add(assignment.shared)
    return total


def read_prices(path: Path) -> dict[str, Prices]:
    """Read ``{"model name": {"prompt": 0.5, "cached": 0.05, "generated": 1.5}}``, in USD per million tokens.

    A price for what is cached may be left out; it is then that of prompts.

    Raises:
        InputError: the file cannot be read, or holds something else.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise InputError(f"{path}: cannot be read as JSON ({problem}); give a file of prices") from None
    if not isinstance(content, dict):
        raise InputError(f"{path}: is not an object; give prices by the name of the model")
    prices = {}
    with Faults() as faults:
        for model, listed in content.items():
            with faults.kept():
                prices[model] = _prices(listed, f"{path}: {model}")
    return prices


def _prices(listed: object, where: str) -> Prices:
    expected = "give prompt, generated and, if it differs, cached, in USD per million tokens"
    names = {field.name for field in fields(Prices)}
    if not isinstance(listed, dict) or not {"prompt", "generated"} <= listed.keys() <= names:
        raise InputError(f"{where}: {expected}")
    for name, value in listed.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
            raise InputError(f"{where}: {name} is {value!r}; {expected}")
    return Prices(**{"cached": listed["prompt"], **listed})
