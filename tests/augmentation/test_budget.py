"""Costs by hand, estimates that are never exceeded, and price files that are none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from loopback import assignment

from obverse.augmentation.budget import (
    FREE,
    UNLIMITED,
    Budget,
    Cost,
    Prices,
    Spending,
    about_tokens,
    cost_of,
    estimate,
    read_prices,
)
from obverse.augmentation.writing import Sampling, Written
from obverse.types import InputError

PRICES = Prices(prompt=1.0, cached=0.1, generated=4.0)
SAMPLING = Sampling(most_tokens=10)
# Shared beginnings of 3 and of 1 word, and 2 words of their own.
ASSIGNMENTS = [assignment("d e", "a b c "), assignment("f g", "a b c "), assignment("h i", "z ")]


def words(text: str) -> int:
    return len(text.split())


def refusal(content: str, path: Path) -> str:
    path.write_text(content)
    with pytest.raises(InputError) as caught:
        read_prices(path)
    message = str(caught.value)
    assert "\n" not in message
    assert str(path) in message
    return message


def test_what_is_shared_is_encoded_once() -> None:
    cost = estimate(ASSIGNMENTS, words, SAMPLING, PRICES)
    assert (cost.prompt_tokens, cost.cached_tokens, cost.generated_tokens) == (13, 3, 30)
    assert cost.tokens == 43
    assert cost.usd == pytest.approx((10 * 1.0 + 3 * 0.1 + 30 * 4.0) / 1e6)
    uncached = estimate(ASSIGNMENTS, words, SAMPLING, PRICES, caches=False)
    assert (uncached.tokens, uncached.cached_tokens) == (43, 0)
    assert uncached.usd == pytest.approx((13 * 1.0 + 30 * 4.0) / 1e6)
    assert estimate([], words, SAMPLING, PRICES) == Cost()


def test_the_estimate_is_what_texts_of_full_length_cost() -> None:
    texts = [Written("x", False, 5, cached, 10, 0.0) for cached in (0, 3)] + [
        Written("x", False, 3, 0, 10, 0.0)
    ]
    costs = [cost_of(text, PRICES) for text in texts]
    expected = estimate(ASSIGNMENTS, words, SAMPLING, PRICES)
    total = costs[0] + costs[1] + costs[2]
    assert total.usd == pytest.approx(expected.usd)
    assert (total.tokens, total.cached_tokens) == (expected.tokens, expected.cached_tokens)


def test_an_unknown_price_stays_unknown() -> None:
    cost = Cost(1, 0, 1, 2.0) + cost_of(Written("x", True, 1, 0, 1, 0.0), None)
    assert cost == Cost(2, 0, 2, None)
    assert str(cost) == "4 tokens"
    assert str(Cost(1000, 0, 1, 2.0)) == "1,001 tokens, 2.00 USD"


def test_a_budget_may_be_spent_and_not_exceeded() -> None:
    spending = Spending(Budget(most_tokens=10))
    assert not spending.would_exceed(Cost(6, 0, 4))
    assert spending.would_exceed(Cost(6, 5, 5))
    spending.add(Cost(6, 0, 4, 3.0))
    assert not spending.would_exceed(Cost())
    assert spending.would_exceed(Cost(generated_tokens=1))
    dear = Spending(Budget(most_usd=1.0))
    assert not dear.would_exceed(Cost(10**9, 0, 0, 1.0))
    assert dear.would_exceed(Cost(1, 0, 0, 1.001))
    assert not Spending(UNLIMITED).would_exceed(Cost(10**12, 0, 0, 1e9))


def test_only_endpoints_have_prices() -> None:
    local, ours, other = {"model": "abc"}, {"endpoint model": "m"}, {"endpoint model": "n"}
    spending = Spending(Budget(most_tokens=1), {"m": PRICES})
    assert [spending.prices_of(one) for one in (local, ours, other)] == [FREE, PRICES, None]
    with pytest.raises(InputError, match="the prices of the model 'n' are not known"):
        Spending(Budget(most_usd=1.0), {"m": PRICES}).prices_of(other)


@pytest.mark.parametrize(("text", "tokens"), [("", 0), ("a", 1), ("abcd", 1), ("äbcd", 2), ("\ud800", 1)])
def test_a_quarter_of_the_bytes(text: str, tokens: int) -> None:
    assert about_tokens(text) == tokens


def test_prices_are_read(tmp_path: Path) -> None:
    path = tmp_path / "prices.json"
    path.write_text(
        json.dumps({"m": {"prompt": 1, "generated": 4.0, "cached": 0.1}, "n": {"prompt": 2, "generated": 0}})
    )
    assert read_prices(path) == {"m": PRICES, "n": Prices(2, 2, 0)}


def test_prices_that_are_none(tmp_path: Path) -> None:
    path = tmp_path / "prices.json"
    with pytest.raises(InputError, match="cannot be read as JSON"):
        read_prices(path)
    assert "cannot be read as JSON" in refusal("{", path)
    assert "is not an object" in refusal("[]", path)
    listed = [3, {"prompt": 1}, {"prompt": 1, "generated": 1, "output": 1}]
    listed += [
        {"prompt": value, "generated": 1} for value in ("1", True, -1, float("inf"), float("nan"), None)
    ]
    for one in listed:
        assert "m: " in refusal(json.dumps({"m": one}), path)


def test_all_prices_that_are_none_are_told(tmp_path: Path) -> None:
    path = tmp_path / "prices.json"
    path.write_text(json.dumps({"m": 3, "n": {"prompt": 1, "generated": 1}, "o": {"prompt": 1}}))
    with pytest.raises(InputError) as caught:
        read_prices(path)
    assert [fault.split(": ")[1] for fault in caught.value.faults] == ["m", "o"]
