"""Operations equal what they are composed of, and their gradients are right, also over stacked weights."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from obverse.models.operations import add_earlier, rotate, squared_relu


def draw(*shape: int, seed: int = 0, learned: bool = True) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, dtype=torch.float64, generator=generator).requires_grad_(learned)


def angles(*shape: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Cosines and sines of drawn angles, as `rotate` takes them."""
    drawn = draw(*shape, learned=False)
    return torch.cat((drawn.cos(), drawn.cos()), dim=-1), torch.cat((-drawn.sin(), drawn.sin()), dim=-1)


WITHIN = torch.tensor([[[0, 1, 1, 1, 0, 1]], [[0, 0, 1, 1, 0, 0]]], dtype=torch.float64)

OPERATIONS: dict[str, tuple[Callable[..., torch.Tensor], tuple[torch.Tensor, ...]]] = {
    "squared_relu": (squared_relu, (draw(3, 4),)),
    "rotate": (rotate, (draw(2, 3, 5, 4), *angles(2, 1, 5, 2))),
    "add_earlier": (add_earlier, (draw(1, 6, 4), draw(2, 4, seed=1), WITHIN)),
}


def test_squared_relu_of_a_few_numbers() -> None:
    assert squared_relu(torch.tensor([-2.0, 0.0, 0.5, 3.0])).tolist() == [0, 0, 0.25, 9]


def test_rotation_turns_pairs_as_complex_numbers_turn() -> None:
    x, (cosines, sines) = draw(2, 3, 5, 4), angles(2, 1, 5, 2)
    turned = torch.complex(*x.chunk(2, dim=-1)) * torch.complex(cosines[..., :2], sines[..., 2:])
    torch.testing.assert_close(rotate(x, cosines, sines), torch.cat((turned.real, turned.imag), dim=-1))


def test_only_steps_back_that_count_are_added() -> None:
    x = torch.tensor([[[1.0], [10.0], [100.0], [1000.0]]])
    within = torch.tensor([[[0.0, 1, 1, 0]], [[0.0, 0, 1, 0]]])
    shifted = add_earlier(x, torch.tensor([[2.0], [3.0]]), within)
    assert shifted.flatten().tolist() == [1, 12, 100 + 2 * 10 + 3 * 1, 1000]


@pytest.mark.parametrize("time", [1, 2])
def test_a_reach_beyond_the_beginning_adds_what_there_is(time: int) -> None:
    x = torch.ones(1, time, 1)
    within = (torch.arange(time) >= torch.arange(1, 4)[:, None, None]).float()
    assert add_earlier(x, torch.ones(3, 1), within).flatten().tolist() == list(range(1, time + 1))


@pytest.mark.parametrize("name", OPERATIONS)
def test_gradients_are_those_of_finite_differences(name: str) -> None:
    operation, inputs = OPERATIONS[name]
    assert torch.autograd.gradcheck(operation, inputs)


@pytest.mark.parametrize("name", OPERATIONS)
def test_mapped_over_a_stack_each_is_as_it_is_alone(name: str) -> None:
    operation, inputs = OPERATIONS[name]
    stacked = [torch.stack((one, 2 * one)).detach().requires_grad_(one.requires_grad) for one in inputs]
    together = torch.vmap(operation)(*stacked)
    together.square().sum().backward()
    for index in range(2):
        alone = [one[index].detach().requires_grad_(one.requires_grad) for one in stacked]
        expected = operation(*alone)
        expected.square().sum().backward()
        torch.testing.assert_close(together[index], expected)
        for one, all_ in zip(alone, stacked, strict=True):
            if one.requires_grad:
                assert all_.grad is not None
                torch.testing.assert_close(all_.grad[index], one.grad)
