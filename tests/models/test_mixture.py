"""The mixture: each token passes through just the experts picked for it, and uneven use has its price."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
import torch
from torch import nn

from obverse.models.mixture import Mixture

WIDTH, EXPERTS = 6, 4


def network() -> Any:
    return nn.Sequential(nn.Linear(WIDTH, 8), nn.Tanh(), nn.Linear(8, WIDTH))


def routed(chosen: int, sharpness: float = 100.0) -> Mixture:
    """A mixture in which the first places of a token's vector say how much each expert is wanted."""
    mixture = Mixture([network() for _ in range(EXPERTS)], WIDTH, chosen)
    with torch.no_grad():
        mixture.router.weight.copy_(sharpness * torch.eye(EXPERTS, WIDTH))
    return mixture


@pytest.mark.parametrize("chosen", [1, 2, 4])
def test_experts_that_are_alike_are_one_network(chosen: int) -> None:
    torch.manual_seed(0)
    alone = network()
    mixture = Mixture([deepcopy(alone) for _ in range(EXPERTS)], WIDTH, chosen)
    x = torch.randn(3, 5, WIDTH)
    torch.testing.assert_close(mixture(x), alone(x))


@pytest.mark.parametrize("chosen", [1, 2, 3])
def test_each_token_is_the_weighted_sum_of_the_likeliest_experts(chosen: int) -> None:
    torch.manual_seed(0)
    mixture, x = routed(chosen, sharpness=1.0), torch.randn(7, WIDTH)
    passed = [0] * EXPERTS
    for index, expert in enumerate(mixture.experts):

        def count(_: nn.Module, inputs: tuple[torch.Tensor], index: int = index) -> None:
            passed[index] += len(inputs[0])

        expert.register_forward_pre_hook(count)
    found = mixture(x)
    assert sum(passed) == chosen * len(x)
    for token, out in zip(x, found, strict=True):
        wanted = token[:EXPERTS].softmax(dim=0)
        picked = wanted.argsort(descending=True)[:chosen].tolist()
        total = sum(float(wanted[index]) for index in picked)
        expected = sum(float(wanted[index]) / total * mixture.experts[index](token) for index in picked)
        torch.testing.assert_close(out, expected, rtol=1e-4, atol=1e-5)


def test_tokens_spread_evenly_have_an_imbalance_of_one() -> None:
    mixture = routed(1)
    mixture(torch.eye(EXPERTS, WIDTH).repeat(3, 1))
    assert mixture.imbalance.item() == pytest.approx(1)


def test_one_expert_that_takes_all_has_an_imbalance_of_their_number() -> None:
    mixture = routed(1)
    mixture(torch.eye(EXPERTS, WIDTH)[[2, 2, 2]])
    assert mixture.imbalance.item() == pytest.approx(EXPERTS)


def test_two_experts_that_share_all_have_an_imbalance_of_half_their_number() -> None:
    mixture = routed(2)
    mixture(torch.tensor([[1.0, 1, 0, 0, 0, 0]] * 3))
    assert mixture.imbalance.item() == pytest.approx(EXPERTS / 2)


def test_gradients_reach_the_router_and_the_experts_that_were_picked() -> None:
    torch.manual_seed(0)
    mixture = routed(2, sharpness=1.0)
    mixture(torch.tensor([[2.0, 1, 0, 0, 0, 0], [1.0, 2, 0, 0, 0, 0]])).square().sum().backward()
    reached = {
        name for name, weight in mixture.named_parameters() if weight.grad is not None and weight.grad.any()
    }
    picked = (
        f"experts.{expert}.{part}"
        for expert in (0, 1)
        for part in ("0.weight", "0.bias", "2.weight", "2.bias")
    )
    assert reached == {"router.weight", *picked}


def test_the_imbalance_moves_the_router_alone() -> None:
    torch.manual_seed(0)
    mixture = routed(1, sharpness=1.0)
    mixture(torch.randn(5, WIDTH))
    mixture.imbalance.backward()
    moved = {
        name for name, weight in mixture.named_parameters() if weight.grad is not None and weight.grad.any()
    }
    assert moved == {"router.weight"}


@pytest.mark.parametrize("chosen", [0, 5])
def test_no_more_experts_can_be_chosen_than_there_are(chosen: int) -> None:
    with pytest.raises(ValueError, match=f"{chosen} of 4 experts cannot be chosen"):
        routed(chosen)
