"""Training a pretrained model on practice: resumable, and watched on held-out names, relations and wordings."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import torch

from obverse.costs import model_shape
from obverse.files import write_text
from obverse.models.loading import Pretrained, computes_bfloat16
from obverse.models.merging import base_of
from obverse.practice.measuring import read_scenes
from obverse.practice.scenes import Plan
from obverse.practice.stream import Practice, PracticeStream
from obverse.training.adapters import load_taught, make_trainable, save_taught
from obverse.training.finetuning_options import Adapter
from obverse.training.loop import train
from obverse.training.loss import batch_loss
from obverse.training.optimizers import Training
from obverse.training.rehearsal import Rehearsal, Rehearser, Texts, rehearsed_texts
from obverse.training.retention import perplexity, retained, untouched_retention
from obverse.types import Ledger, Retained

# Asked now and then while a model practises: few, since they cost time.
_WATCHED_FACTS = (5, 20)
_WATCHED_SCENES = 8
_LEARNING_RATES: dict[Adapter, float] = {"lora": 1e-3, "full": 2e-4}
_HELD_WEIGHT, _HELD_TEXTS = 2.0, 256
# Of a hundred: single facts, and documents as long as they become.
_TIMED_STEPS = (0, 10, 90)


@dataclass(frozen=True)
class Practising:
    """How a model practises.

    Args:
        practice: what.
        adapter: ``lora`` or ``full``.
        rank: of the adapters.
        learning_rate: at the peak; ``None`` for one that fits the adapter.
        rehearsal: what keeps the model what it was otherwise; ``None`` for nothing.
    """

    practice: Practice
    adapter: Adapter = "lora"
    rank: int = 32
    learning_rate: float | None = None
    rehearsal: Rehearsal | None = field(default_factory=Rehearsal)

    @property
    def training(self) -> Training:
        """How weights are changed."""
        return Training(self.learning_rate or _LEARNING_RATES[self.adapter])


@dataclass(frozen=True)
class Practised:
    """What practising took and brought.

    Args:
        ledger: its cost, interruptions left out.
        before, after: what there is to retain.
    """

    ledger: Ledger
    before: Retained
    after: Retained


def practise(
    pretrained: Pretrained,
    practising: Practising,
    folder: Path,
    progress: Callable[[int, int, str], None] = lambda *_: None,
    *,
    evaluations: int = 5,
    untouched: Path | None = None,
) -> tuple[Pretrained, Practised]:
    """Let a copy of the model practise; the model itself stays as it is.

    Args:
        folder: where the checkpoint and, in ``model``, the result lie; a run that was interrupted goes on there, one
            that is done is loaded.
        progress: told of the steps done, the steps in all, and the loss with the last reading of held-out scenes.
        evaluations: how often these are read meanwhile.
        untouched: folder where what the untouched model wrote and retains is kept, for all that begin with it; by
            default ``folder``.

    Raises:
        InputError: the loss is no longer a number.
    """
    result, cost = folder / "model", folder / "practised.json"
    if cost.exists():
        kept = json.loads(cost.read_text())
        before, after = Retained(**kept["before"]), Retained(**kept["after"])
        return load_taught(pretrained, result), Practised(Ledger(**kept["ledger"]), before, after)
    folder.mkdir(parents=True, exist_ok=True)
    untouched = untouched or folder
    before = untouched_retention(pretrained, untouched)
    rehearsal, seed = practising.rehearsal, practising.practice.seed
    texts, written = Texts(), Ledger()
    if rehearsal:
        texts, written = rehearsed_texts(pretrained, rehearsal.texts, untouched / "rehearsed")
    dtype = pretrained.model.dtype
    model = make_trainable(pretrained, practising.adapter, practising.rank, seed)
    rehearser = Rehearser(model, rehearsal, texts) if rehearsal else None
    watched, meanwhile = "", replace(pretrained, model=base_of(model))

    def watch() -> list[dict[str, object]]:
        nonlocal watched
        plans = held_out_plans(*_WATCHED_FACTS)
        rows = read_scenes(meanwhile, plans, _WATCHED_SCENES, seed=1, greedy=False)
        watched = ", ".join(f"{row.kind} among {row.facts}: {row.accuracy:.0%}" for row in rows)
        now = perplexity(meanwhile.model, meanwhile.tokenizer)
        return [*map(asdict, rows), {"perplexity": now}]

    stream = PracticeStream(pretrained.tokenizer, practising.practice)
    spent = train(
        model,
        stream,
        practising.training,
        folder,
        # Trained weights stay in float32; the multiplications go in bfloat16 where that pays.
        mixed=computes_bfloat16(pretrained.model.device.type),
        rehearser=rehearser,
        evaluate=watch,
        evaluations=evaluations,
        progress=lambda done, of, loss: progress(done, of, f"loss {loss:.2f}  {watched}".rstrip()),
    )
    shape = model_shape(model)
    ledger = spent.ledger(shape)
    if rehearser:
        ledger += written + rehearser.ledger(shape, len(stream))
    # An adapter is handed on, so it is kept in half the room; what is measured is what is kept.
    if practising.adapter == "lora":
        _round([parameter for parameter in model.parameters() if parameter.requires_grad])
    taught = save_taught(pretrained, model, result, dtype)
    practised = Practised(ledger, before, retained(taught))
    write_text(cost, json.dumps(asdict(practised), indent=1))
    spent.checkpoint.remove()
    return taught, practised


def rehearsal_beside(practice: Practice) -> Rehearsal:
    """Rehearsal of a sixteenth of what a step practises, heavier and of more texts than beside a short training.

    Held at a weight of 1 and among 64 texts, adapters of rank 32 drifted by 5% in perplexity (docs/log.md).
    """
    at_once = max(1, practice.step_tokens // 16 // Rehearsal.tokens)
    return Rehearsal(tokens=at_once * Rehearsal.tokens, weight=_HELD_WEIGHT, texts=at_once * _HELD_TEXTS)


def held_out_plans(*facts: int) -> list[Plan]:
    """Single facts, in documents of one sentence, of names, relations and wordings that are never practised."""
    return [
        Plan(
            count,
            form="sentences",
            names="held out",
            relations="held out",
            phrasings="held out",
        )
        for count in facts
    ]


def steps_in(minutes: float, pretrained: Pretrained, practising: Practising) -> int:
    """How many steps so many minutes hold on this machine, by the time that a few take; the model stays as it is."""
    model = pretrained.model
    stream = PracticeStream(pretrained.tokenizer, replace(practising.practice, steps=100))
    model.requires_grad_(True)
    began, tokens = time.perf_counter(), 0
    for number, step in enumerate(_TIMED_STEPS):
        if number == 1:  # the first one is slower
            began, tokens = time.perf_counter(), 0
        batch = stream[step]
        batch_loss(model, batch, model.device).backward()
        model.zero_grad(set_to_none=True)
        tokens += batch.size
    seconds = (time.perf_counter() - began) / tokens
    model.requires_grad_(False)
    rehearsed = practising.rehearsal.tokens if practising.rehearsal else 0
    mean = sum(stream[step].size for step in range(0, 100, 10)) / 10 + rehearsed
    return max(1, int(60 * minutes / seconds / mean))


def _round(parameters: Sequence[torch.Tensor]) -> None:
    for parameter in parameters:
        parameter.data = parameter.data.to(torch.bfloat16)
