"""The policy gradient: advantages and the gradient of REINFORCE by hand, and no divergence at first."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from obverse.answering.thinking import Thought
from obverse.models.decoder import Decoder
from obverse.models.decoder_config import DecoderConfig
from obverse.reinforcement.policy import (
    divergence,
    group_advantages,
    surrogate,
    thought_log_probabilities,
)

THOUGHTS = [
    Thought((3, 4), (5, 6, 7), "", True),
    Thought((8,), (2,), "", True),
    Thought((3, 4), (9, 9), "", False),
]


def decoder() -> Any:
    torch.manual_seed(0)
    model: Any = Decoder(DecoderConfig(vocab_size=12, hidden_size=16, num_hidden_layers=1))
    return model.eval()


class Other(torch.nn.Module):
    """The same model, without the ability to project only some places."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.inner = model
        self.device = model.device

    def forward(self, **about: Any) -> Any:
        return self.inner(**about)


def test_advantages_are_rewards_less_the_mean_of_their_group() -> None:
    rewards = torch.tensor([[1.0, 0, 0, 0], [1, 1, 1, 1], [1, 1, 0, 0]])
    plain = group_advantages(rewards, scaled=False)
    assert torch.equal(
        plain, torch.tensor([[0.75, -0.25, -0.25, -0.25], [0, 0, 0, 0], [0.5, 0.5, -0.5, -0.5]])
    )
    scaled = group_advantages(rewards, scaled=True)
    assert scaled[2].tolist() == pytest.approx([1, 1, -1, -1], abs=1e-4)
    assert scaled[0, 0].item() == pytest.approx(3**0.5, abs=1e-4)
    assert scaled[1].tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize("other", [False, True])
def test_log_probabilities_are_those_of_thoughts_read_alone(other: bool) -> None:
    model = decoder()
    everything, chosen, owners = thought_log_probabilities(Other(model) if other else model, THOUGHTS, 0.7)
    assert owners.tolist() == [0, 0, 0, 1, 2, 2]
    place = 0
    for thought in THOUGHTS:
        text = thought.prompt + thought.tokens
        logits = model(input_ids=torch.tensor([text]), use_cache=False).logits[0] / 0.7
        for step, token in enumerate(thought.tokens, start=len(thought.prompt)):
            expected = logits[step - 1].log_softmax(dim=-1)
            torch.testing.assert_close(everything[place], expected)
            torch.testing.assert_close(chosen[place], expected[token])
            place += 1


@pytest.mark.parametrize("clip", [None, 0.2])
def test_at_first_the_gradient_is_that_of_reinforce(clip: float | None) -> None:
    model, by_hand = decoder(), decoder()
    advantages = torch.tensor([0.5, -1.0, 2.0])
    _, chosen, owners = thought_log_probabilities(model, THOUGHTS, 1.0)
    surrogate(chosen, chosen.detach(), advantages[owners], clip).backward()
    # The sum over thoughts of the advantage times the gradient of the log-probability of the thought.
    for advantage, thought in zip(advantages.tolist(), THOUGHTS, strict=True):
        text = torch.tensor([thought.prompt + thought.tokens])
        scores = by_hand(input_ids=text, use_cache=False).logits[0].log_softmax(dim=-1)
        first = len(thought.prompt) - 1
        picked = scores[first:-1].gather(1, text[0, first + 1 :, None])
        (-advantage * picked.sum()).backward()
    for one, other in zip(model.parameters(), by_hand.parameters(), strict=True):
        torch.testing.assert_close(one.grad, other.grad, atol=1e-5, rtol=1e-4)


def test_a_clipped_ratio_earns_no_more() -> None:
    before = torch.zeros(4)
    now = torch.tensor([0.1, 0.5, -0.5, -0.5]).requires_grad_()
    advantages = torch.tensor([1.0, 1.0, -1.0, 1.0])
    loss = surrogate(now, before, advantages, 0.2)
    ratios = now.detach().exp()
    assert loss.item() == pytest.approx(-(ratios[0] + 1.2 - 0.8 + ratios[3]).item(), abs=1e-6)
    loss.backward()
    assert now.grad is not None
    assert now.grad.tolist() == pytest.approx([-ratios[0].item(), 0, 0, -ratios[3].item()])


def test_the_divergence_is_nothing_from_itself_and_by_hand_from_another() -> None:
    everything, _, _ = thought_log_probabilities(decoder(), THOUGHTS, 1.0)
    assert not divergence(everything, everything.detach()).any()
    now, start = torch.tensor([[0.5, 0.5]] * 2).log(), torch.tensor([[0.25, 0.75], [0.5, 0.5]]).log()
    expected = 0.5 * torch.tensor(2.0).log() + 0.5 * torch.tensor(2 / 3).log()
    assert divergence(now, start).tolist() == pytest.approx([expected.item(), 0.0])
