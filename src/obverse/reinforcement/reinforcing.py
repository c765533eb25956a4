"""The loop: questions are drawn, thought about in groups and answered, and thoughts that served are made likelier."""

from __future__ import annotations

import copy
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from obverse.answering.thinking import Thinker
from obverse.costs import Meter, ModelShape
from obverse.reinforcement.policy import (
    divergence,
    group_advantages,
    surrogate,
    thought_log_probabilities,
)
from obverse.reinforcement.rollouts import Recollection, Rollout, RolloutLog, Round, summarise
from obverse.training.checkpoint import Checkpoint
from obverse.training.loop import Stream
from obverse.training.loss import batch_loss
from obverse.training.optimizers import Training, make_optimizers, schedule
from obverse.types import InputError, Ledger, Question, derive_seed

if TYPE_CHECKING:
    from obverse.answering.short import ShortReader

# Tokens of thoughts and their prompts that go through the model at once.
_TOKENS_AT_ONCE = 1 << 14


@dataclass(frozen=True)
class Reinforcement:
    """How thoughts are reinforced.

    Args:
        training: how the weights are changed; gentle, or stored facts are lost.
        updates: rounds of rollouts.
        questions: in each round.
        samples: thoughts about each of them, drawn at ``temperature``.
        scaled: whether advantages are divided by the standard deviation of their group.
        clip: bound of the ratios; ``None`` for none.
        passes: over the rollouts of a round.
        divergence: weight of the divergence from the model before, in rewards a nat of a whole thought.
        retention: weight of the loss on stored facts, where there is a stream of them.
        shuffled: whether rewards are dealt out at random among the rollouts of a round, as a control.
    """

    training: Training = field(default_factory=lambda: Training(3e-4, schedule="constant"))
    updates: int = 30
    questions: int = 32
    samples: int = 8
    temperature: float = 1.0
    scaled: bool = True
    clip: float | None = None
    passes: int = 1
    divergence: float = 0.0
    retention: float = 0.0
    shuffled: bool = False


@dataclass(frozen=True)
class Reinforced:
    """What reinforcement took, interruptions left out.

    Args:
        totals: counts of tokens, pairs and projected places, those ``trained`` and those ``read``.
        seconds: wall-clock time.
        peak_memory_bytes: since the last interruption.
        checkpoint: to be removed by whoever has written the result.
    """

    totals: dict[str, float]
    seconds: float
    peak_memory_bytes: int
    checkpoint: Checkpoint

    def ledger(self, shape: ModelShape) -> Ledger:
        """The cost for a model of this shape."""
        trained, read = (
            [int(self.totals[f"{how} {what}"]) for what in ("tokens", "pairs", "projected")]
            for how in ("trained", "read")
        )
        return Ledger(
            tokens_forward=read[0],
            tokens_trained=trained[0],
            tokens_generated=int(self.totals["generated"]),
            flops=shape.training_flops(*trained) + shape.forward_flops(*read),
            seconds=self.seconds,
            peak_memory_bytes=self.peak_memory_bytes,
        )


def reinforce(
    model: Any,
    thinker: Thinker,
    reader: ShortReader,
    questions: Sequence[Question],
    reinforcement: Reinforcement,
    folder: Path,
    *,
    seed: int,
    recollect: Recollection = lambda _: (),
    stored: Stream | None = None,
    progress: Callable[[int, int, Round], None] = lambda *_: None,
) -> Reinforced:
    """Reinforce the thoughts of ``model`` about these questions, in place.

    Args:
        model: those of its parameters that require gradients are trained; with an adapter, the model without it is
            what it started as.
        thinker, reader: over the same model.
        folder: where ``checkpoint.safetensors`` and ``rollouts.jsonl`` lie; an interrupted run goes on from there.
        seed: of the questions that are drawn and of the thoughts.
        recollect: tells what a thought says and whether that is true, for the log.
        stored: batches of what the model is to keep, one for each pass.
        progress: called after each round with rounds done, rounds in all, and what the last was like.

    Raises:
        InputError: there are no questions, or retention is asked for without anything stored.
    """
    if not questions:
        raise InputError("there are no questions to reinforce thinking on; give some")
    if reinforcement.retention and stored is None:
        raise InputError("retention has a weight, but nothing is stored; give a stream of stored facts")
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    folder.mkdir(parents=True, exist_ok=True)
    start = _Start(model) if reinforcement.divergence else None
    optimizers = make_optimizers(model, reinforcement.training)
    peaks = [[float(group["lr"]) for group in optimizer.param_groups] for optimizer in optimizers]
    checkpoint = Checkpoint(folder / "checkpoint.safetensors", trained, optimizers)
    counted = [f"{how} {what}" for how in ("trained", "read") for what in ("tokens", "pairs", "projected")]
    totals = dict.fromkeys(("steps", "seconds", "generated", *counted), 0.0) | checkpoint.read()
    log = RolloutLog(folder, int(totals["steps"]))
    model.eval()  # thoughts are drawn from the model that is trained, without dropout
    with Meter() as meter:
        for step in range(int(totals["steps"]), reinforcement.updates):
            began = time.perf_counter()
            share = schedule(reinforcement.training.schedule, step, reinforcement.updates)
            for optimizer, rates in zip(optimizers, peaks, strict=True):
                for group, peak in zip(optimizer.param_groups, rates, strict=True):
                    group["lr"] = peak * share
            with _counting(thinker, reader, totals):
                rollouts = roll_out(thinker, reader, questions, reinforcement, (seed, step), recollect)
            rewards = deal_rewards(rollouts, reinforcement, (seed, step))
            advantages = group_advantages(rewards, scaled=reinforcement.scaled).flatten()
            before: list[torch.Tensor] = []
            for index in range(reinforcement.passes):
                _accumulate(model, rollouts, advantages, reinforcement, start, before, totals)
                if reinforcement.retention and stored is not None:
                    batch = stored[step * reinforcement.passes + index]
                    (reinforcement.retention * batch_loss(model, batch, model.device)).backward()
                    for name, count in zip(counted, (batch.size, batch.pairs, batch.predicted), strict=False):
                        totals[name] += count
                torch.nn.utils.clip_grad_norm_(trained, 1.0)
                for optimizer in optimizers:
                    optimizer.step()
                    optimizer.zero_grad()
            log.add(rollouts, step + 1)
            totals |= {"steps": step + 1, "seconds": totals["seconds"] + time.perf_counter() - began}
            progress(step + 1, reinforcement.updates, summarise(rollouts))
            if step + 1 < reinforcement.updates:
                checkpoint.write(totals)
    return Reinforced(totals, totals["seconds"], meter.peak_memory_bytes, checkpoint)


def roll_out(
    thinker: Thinker,
    reader: ShortReader,
    questions: Sequence[Question],
    reinforcement: Reinforcement,
    place: tuple[int, int],
    recollect: Recollection = lambda _: (),
) -> list[Rollout]:
    """The rollouts of a round, those about one question side by side.

    Args:
        place: seed and step.
    """
    rng = random.Random(derive_seed("reinforcement", *place, "questions"))
    asked = rng.sample(list(questions), min(reinforcement.questions, len(questions)))
    groups = thinker.think(
        [question.prompt for question in asked],
        reinforcement.samples,
        temperature=reinforcement.temperature,
        seed=derive_seed("reinforcement", *place, "thoughts"),
    )
    pairs = [(question, thought) for question, some in zip(asked, groups, strict=True) for thought in some]
    lengths = {question.id: thinker.length(question.answer) for question in asked}
    answers = reader.answer(
        [thinker.thinking.after(question.prompt, thought.text) for question, thought in pairs],
        [lengths[question.id] for question, _ in pairs],
    )
    return [
        Rollout(question, thought, answer, float(answer == question.answer), recollect(thought.text))
        for (question, thought), answer in zip(pairs, answers, strict=True)
    ]


def deal_rewards(
    rollouts: Sequence[Rollout], reinforcement: Reinforcement, place: tuple[int, int]
) -> torch.Tensor:
    """What each rollout is told that it earned, ``[questions, samples]``: its own, or in the control anyone's.

    Args:
        place: seed and step.
    """
    rewards = [rollout.reward for rollout in rollouts]
    if reinforcement.shuffled:
        random.Random(derive_seed("reinforcement", *place, "shuffled")).shuffle(rewards)
    return torch.tensor(rewards).view(-1, reinforcement.samples)


def _accumulate(
    model: Any,
    rollouts: Sequence[Rollout],
    advantages: torch.Tensor,
    reinforcement: Reinforcement,
    start: _Start | None,
    before: list[torch.Tensor],
    totals: dict[str, float],
) -> None:
    """Add the gradient of a pass, a part of the rollouts at a time.

    Equal thoughts that earned alike are read once and count as often as they were drawn; what earned neither more nor
    less than its group has no gradient, and is read only where the divergence is wanted.

    Args:
        before: log-probabilities of the parts as the first pass found them; that pass fills it.
    """
    drawn = Counter(zip((one.thought for one in rollouts), advantages.tolist(), strict=True))
    kept = [(*alike, count) for alike, count in drawn.items() if alike[1] or start is not None]
    if not kept:  # momentum goes on as if the gradient of nothing had been taken
        for parameter in model.parameters():
            if parameter.requires_grad and parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
        return
    longest = max(len(thought.prompt) + len(thought.tokens) for thought, _, _ in kept)
    size = max(1, _TOKENS_AT_ONCE // longest)
    for number, first in enumerate(range(0, len(kept), size)):
        thoughts, earned, counts = zip(*kept[first : first + size], strict=True)
        everything, chosen, owners = thought_log_probabilities(model, thoughts, reinforcement.temperature)
        if number == len(before):
            before.append(chosen.detach())
        times = torch.tensor(counts, device=chosen.device)[owners]
        gains = torch.tensor(earned, device=chosen.device)[owners] * times
        loss = surrogate(chosen, before[number], gains, reinforcement.clip)
        if start is not None:
            with start.model(model) as earlier, torch.no_grad():
                expected, _, _ = thought_log_probabilities(earlier, thoughts, reinforcement.temperature)
            loss = loss + reinforcement.divergence * (divergence(everything, expected) * times).sum()
        (loss / len(rollouts)).backward()
        lengths = [len(thought.prompt) + len(thought.tokens) for thought in thoughts]
        pairs = sum(length * (length + 1) // 2 for length in lengths)
        for how in ("trained", "read") if start is not None else ("trained",):
            for what, count in (("tokens", sum(lengths)), ("pairs", pairs), ("projected", len(chosen))):
                totals[f"{how} {what}"] += count


class _Start:
    """The model as it was: a copy, or with an adapter the model without it."""

    def __init__(self, model: Any) -> None:
        has_adapter = hasattr(model, "disable_adapter")
        self._copy = None if has_adapter else copy.deepcopy(model).requires_grad_(False).eval()

    @contextmanager
    def model(self, model: Any) -> Iterator[Any]:
        with nullcontext() if self._copy is not None else model.disable_adapter():
            yield model if self._copy is None else self._copy


@contextmanager
def _counting(thinker: Thinker, reader: ShortReader, totals: dict[str, float]) -> Iterator[None]:
    """Add to the totals what thinker and reader do meanwhile."""
    earlier = thinker.counts + reader.counts
    yield
    done = thinker.counts + reader.counts - earlier
    for what in ("tokens", "pairs", "projected"):
        totals[f"read {what}"] += getattr(done, what)
    totals["generated"] += done.generated
