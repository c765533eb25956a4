"""The training loop, for models from scratch and for fine-tuning alike.

Batches come from a *stream* that can be asked for any step, and the learning rate follows from the step, so a
checkpoint holds weights, moments and a number, and an interrupted run ends where an uninterrupted one does.
"""

from __future__ import annotations

import json
import math
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from obverse.costs import Meter, ModelShape
from obverse.training.adapters import without_casts
from obverse.training.checkpoint import Checkpoint
from obverse.training.layout import laid_out
from obverse.training.loss import batch_loss
from obverse.training.optimizers import Training, make_optimizers, schedule
from obverse.training.packing import Batch
from obverse.training.rehearsal import Rehearser
from obverse.types import InputError, Ledger

if TYPE_CHECKING:
    import torch

METRICS = "metrics.jsonl"
# Losses wait on an accelerator until so many steps are done, for each look at one waits for it to be idle.
_STEPS_BETWEEN_LOOKS = 20
# Threads that draw batches ahead for an accelerator, and how many; on a processor they would take the cores that train.
_DRAWING_THREADS, _DRAWN_AHEAD = 2, 8

Measurements = Sequence[Mapping[str, object]]


@dataclass(frozen=True)
class Spent:
    """What training took, interruptions and evaluations left out.

    Args:
        tokens, pairs, predicted: of all batches, as `Batch` counts them.
        seconds: wall-clock time.
        peak_memory_bytes: since the last interruption.
        checkpoint: to be removed by whoever has written the result.
    """

    tokens: int
    pairs: int
    predicted: int
    seconds: float
    peak_memory_bytes: int
    checkpoint: Checkpoint

    def ledger(self, shape: ModelShape) -> Ledger:
        """The cost of the training for a model of this shape."""
        return Ledger(
            tokens_trained=self.tokens,
            flops=shape.training_flops(self.tokens, self.pairs, self.predicted),
            seconds=self.seconds,
            peak_memory_bytes=self.peak_memory_bytes,
        )


class Stream(Protocol):
    """Batches by step; the same step always gives the same batch."""

    def __len__(self) -> int: ...

    def __getitem__(self, step: int, /) -> Batch: ...


def train(
    model: Any,
    stream: Stream,
    training: Training,
    folder: Path,
    *,
    mixed: bool = False,
    rehearser: Rehearser | None = None,
    evaluate: Callable[[], Measurements] | None = None,
    evaluations: int = 0,
    tracker: str | None = None,
    progress: Callable[[int, int, float], None] = lambda *_: None,
) -> Spent:
    """Train those parameters of ``model`` that require gradients, in place.

    Args:
        stream: a batch for each step.
        folder: where ``checkpoint.safetensors`` and ``metrics.jsonl`` lie; an interrupted run goes on from there.
        mixed: whether multiplications are done in bfloat16.
        rehearser: adds its term to the loss of each step; the losses that are recorded are without it.
        evaluate: asks validation questions and returns what goes into the metrics, one row each.
        evaluations: how often it is called, at even distances, the last time after the last step.
        tracker: an experiment tracker that accelerate knows by name, for example ``trackio``.
        progress: called after each step with steps done, steps in all, and the latest known loss.

    Raises:
        InputError: the loss is no longer a number, or there is no such tracker.
    """
    import torch
    from accelerate import Accelerator

    steps = len(stream)
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    device = trained[0].device
    folder.mkdir(parents=True, exist_ok=True)
    accelerator = Accelerator(cpu=device.type == "cpu", log_with=_known_tracker(tracker), project_dir=folder)
    if tracker:
        accelerator.init_trackers("obverse", config=vars(training) | {"steps": steps})
    optimizers = make_optimizers(model, training)
    peaks = [[float(group["lr"]) for group in optimizer.param_groups] for optimizer in optimizers]
    prepared, *wrapped = accelerator.prepare(model, *optimizers)
    checkpoint = Checkpoint(folder / "checkpoint.safetensors", trained, optimizers)
    totals = dict.fromkeys(("steps", "tokens", "pairs", "predicted", "seconds"), 0.0) | checkpoint.read()
    done = int(totals["steps"])
    metrics = _Metrics(folder / METRICS, done, lambda row, step: accelerator.log(row, step=step))
    patience = 1 if device.type == "cpu" else _STEPS_BETWEEN_LOOKS
    measured = {round(steps * part / evaluations) for part in range(1, evaluations + 1)}
    waiting: list[torch.Tensor] = []
    loss = math.nan
    model.train()
    with Meter() as meter:
        began = time.perf_counter()
        for step, drawn in zip(range(done, steps), _batches(stream, done, device), strict=True):
            batch = laid_out(prepared, drawn)
            share = schedule(training.schedule, step, steps)
            for optimizer, rates in zip(optimizers, peaks, strict=True):
                for group, peak in zip(optimizer.param_groups, rates, strict=True):
                    group["lr"] = peak * share
            with torch.autocast(device.type, torch.bfloat16, enabled=mixed), without_casts(prepared, mixed):
                value = batch_loss(prepared, batch, device)
                term = rehearser.loss(prepared, step, device) if rehearser else 0.0
            accelerator.backward(value + term)
            accelerator.clip_grad_norm_(trained, 1.0)
            for optimizer in wrapped:
                optimizer.step()
                optimizer.zero_grad()
            waiting.append(value.detach())
            for name, count in (
                ("tokens", batch.size),
                ("pairs", batch.pairs),
                ("predicted", batch.predicted),
            ):
                totals[name] += count
            last, evaluated = step + 1 == steps, step + 1 in measured
            if len(waiting) >= patience or last or evaluated:
                losses = torch.stack(waiting).tolist()
                loss = metrics.losses(step + 1 - len(waiting), losses, training, steps)
                waiting.clear()
                now = time.perf_counter()
                totals |= {"steps": step + 1, "seconds": totals["seconds"] + now - began}
                began = now
            if evaluated and evaluate:
                model.eval()
                about = {"step": step + 1, "tokens": int(totals["tokens"])}
                metrics.add(about | dict(row) for row in evaluate())
                model.train()
                began = time.perf_counter()
            progress(step + 1, steps, loss)
            if not last and not waiting:
                checkpoint.write(totals)
    model.eval()
    if tracker:
        accelerator.end_training()
    counts = {name: int(totals[name]) for name in ("tokens", "pairs", "predicted")}
    return Spent(
        **counts, seconds=totals["seconds"], peak_memory_bytes=meter.peak_memory_bytes, checkpoint=checkpoint
    )


def read_metrics(folder: Path) -> list[dict[str, Any]]:
    """The rows of a training's ``metrics.jsonl``: losses by step, and what was measured in between."""
    path = folder / METRICS
    if not path.exists():
        return []
    whole, _, _ = path.read_text().rpartition("\n")  # behind it may stand a row that was cut off
    return [json.loads(line) for line in whole.splitlines()]


class _Metrics:
    """Rows of ``metrics.jsonl``; on resuming, those of steps that are done again are dropped."""

    def __init__(self, path: Path, done: int, log: Callable[[dict[str, float], int], None]) -> None:
        kept = [row for row in read_metrics(path.parent) if row["step"] <= done]
        self._path, self._log = path, log
        path.write_text("".join(json.dumps(row) + "\n" for row in kept))

    def add(self, rows: Iterator[dict[str, Any]]) -> None:
        with self._path.open("a") as stream:
            stream.writelines(json.dumps(row) + "\n" for row in rows)

    def losses(self, done: int, losses: Sequence[float], training: Training, steps: int) -> float:
        """Record the losses of the steps after ``done``; return the last.

        Raises:
            InputError: one is not a number.
        """
        rows = []
        for step, loss in enumerate(losses, start=done + 1):
            if not math.isfinite(loss):
                raise InputError(
                    f"training diverged (the loss became {loss}); set a lower learning rate, with --learning-rate or "
                    "in the recipe"
                )
            rate = training.learning_rate * schedule(training.schedule, step - 1, steps)
            rows.append({"step": step, "loss": loss, "learning_rate": rate})
            self._log({"loss": loss, "learning_rate": rate}, step)
        self.add(iter(rows))
        return losses[-1]


def _batches(stream: Stream, done: int, device: torch.device) -> Iterator[Batch]:
    """Those from a step on; for an accelerator drawn ahead, since it would wait for them."""
    steps = range(done, len(stream))
    if device.type == "cpu":
        return (stream[step] for step in steps)
    return _drawn_ahead(stream, steps)


def _drawn_ahead(stream: Stream, steps: Iterable[int]) -> Iterator[Batch]:
    # Threads: processes that are forked from one in which a tokenizer has run wait for its threads for ever.
    with ThreadPoolExecutor(_DRAWING_THREADS) as pool:
        waiting: deque[Future[Batch]] = deque()
        for step in steps:
            waiting.append(pool.submit(stream.__getitem__, step))
            if len(waiting) > _DRAWN_AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _known_tracker(name: str | None) -> str | None:
    if name is None:
        return None
    from accelerate.tracking import LOGGER_TYPE_TO_CLASS, get_available_trackers
    from accelerate.utils import LoggerType

    # Those whose package is installed, and those that were registered with accelerate.
    installed = [str(tracker) for tracker in get_available_trackers()]
    known = [*installed, *(other for other in LOGGER_TYPE_TO_CLASS if other not in LoggerType.list())]
    if name not in known:
        raise InputError(
            f"there is no tracker {name!r} here; install it, or take one of: {', '.join(known) or 'none is installed'}"
        )
    return name
