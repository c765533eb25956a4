"""Training a pretrained model on practice: resumable, and watched on held-out names, relations and wordings."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from obverse.costs import model_shape
from obverse.files import write_text
from obverse.models.pretrained import Pretrained, computes_bfloat16
from obverse.parameters.adapters import Adapter, load_taught, make_trainable, save_taught
from obverse.parameters.practice.measuring import read_scenes
from obverse.parameters.practice.scenes import Plan
from obverse.parameters.practice.stream import Practice, PracticeStream
from obverse.parameters.rehearsal import Rehearsal, Rehearser, write_texts
from obverse.parameters.retention import perplexity
from obverse.parameters.training import Training, batch_loss, train
from obverse.types import Ledger

_EVALUATIONS = 5
# Asked now and then while a model practises: few, since they cost time.
_WATCHED_FACTS = (5, 20)
_WATCHED_SCENES = 3
_LEARNING_RATES: dict[Adapter, float] = {"lora": 1e-3, "full": 2e-4}
_TIMED_STEPS = 2


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
    rank: int = 16
    learning_rate: float | None = None
    rehearsal: Rehearsal | None = Rehearsal()

    @property
    def training(self) -> Training:
        """How weights are changed."""
        return Training(self.learning_rate or _LEARNING_RATES[self.adapter])


@dataclass(frozen=True)
class Practised:
    """What practising took and brought.

    Args:
        ledger: its cost, interruptions left out.
        perplexity: on general text, before and after.
    """

    ledger: Ledger
    perplexity: tuple[float, float]


def practise(
    pretrained: Pretrained,
    practising: Practising,
    folder: Path,
    progress: Callable[[int, int, str], None] = lambda *_: None,
) -> tuple[Pretrained, Practised]:
    """Let the model practise; it is changed in place.

    Args:
        folder: where the checkpoint and, in ``model``, the result lie; a run that was interrupted goes on there, one
            that is done is loaded.
        progress: told of the steps done, the steps in all, and the loss with the last reading of held-out scenes.

    Raises:
        InputError: the loss is no longer a number.
    """
    result, cost = folder / "model", folder / "practised.json"
    if cost.exists():
        kept = json.loads(cost.read_text())
        return load_taught(pretrained, result), Practised(Ledger(**kept["ledger"]), tuple(kept["perplexity"]))
    folder.mkdir(parents=True, exist_ok=True)
    before = _perplexity_before(pretrained, folder / "before.json")
    rehearsal, seed = practising.rehearsal, practising.practice.seed
    texts = write_texts(pretrained, rehearsal.texts, seed, folder / "texts.json") if rehearsal else []
    model = make_trainable(pretrained, practising.adapter, practising.rank, seed)
    rehearser = Rehearser(model, rehearsal, texts) if rehearsal else None
    watched = ""

    def watch() -> list[dict[str, object]]:
        nonlocal watched
        rows = read_scenes(pretrained, held_out_plans(*_WATCHED_FACTS), _WATCHED_SCENES, seed=1)
        watched = ", ".join(f"{row.kind} among {row.facts}: {row.accuracy:.0%}" for row in rows)
        return [asdict(row) for row in rows]

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
        evaluations=_EVALUATIONS,
        progress=lambda done, of, loss: progress(done, of, f"loss {loss:.2f}  {watched}".rstrip()),
    )
    shape = model_shape(model)
    ledger = spent.ledger(shape)
    if rehearser:
        ledger += rehearser.ledger(shape, len(stream))
    taught = save_taught(pretrained, model, result)
    practised = Practised(ledger, (before, perplexity(taught.model, taught.tokenizer)))
    write_text(cost, json.dumps(asdict(practised), indent=1))
    spent.checkpoint.remove()
    return taught, practised


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
    stream = PracticeStream(pretrained.tokenizer, practising.practice)
    model = pretrained.model
    model.requires_grad_(True)
    began = time.perf_counter()
    for step in range(_TIMED_STEPS):
        if step == _TIMED_STEPS - 1:
            began = time.perf_counter()  # the first one is slower
        batch_loss(model, stream[step], model.device).backward()
        model.zero_grad(set_to_none=True)
    seconds = time.perf_counter() - began
    model.requires_grad_(False)
    return max(1, int(60 * minutes / seconds))


def _perplexity_before(pretrained: Pretrained, path: Path) -> float:
    """Of the model that has not practised, measured once and kept."""
    if not path.exists():
        write_text(path, json.dumps(perplexity(pretrained.model, pretrained.tokenizer)))
    return float(json.loads(path.read_text()))
