"""What `training.py` times: the workload that all contestants share, and each of them.

A contestant is a function of the workload that trains from beginning to end and returns its rate in tokens per second,
the tokens trained, its parameters and its losses.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median
from typing import Any

import torch
from stacked import train_stacked
from torch import nn
from torch.nn import functional
from training_plain import PlainDecoder

from obverse.costs import model_shape
from obverse.models.architecture import Architecture
from obverse.models.decoder import Decoder
from obverse.models.decoder_config import DecoderConfig
from obverse.models.vocabulary import word_tokenizer
from obverse.tasks.drawn.simple_reversals import TINY, SimpleReversals
from obverse.training.experience import Experience, Recipe
from obverse.training.loop import read_metrics, train
from obverse.training.optimizers import Training, schedule
from obverse.training.packing import IGNORED, Batch

# Steps between two looks at the clock of an accelerator, which each have to wait for it.
_ACCELERATOR_STRETCH = 20


@dataclass(frozen=True)
class Size:
    """What is trained, and how long.

    Args:
        steps: in one round.
        stretch: steps between two looks at the clock.
    """

    recipe: Recipe
    steps: int
    stretch: int
    task: SimpleReversals = field(default_factory=lambda: SimpleReversals(filler_share=0.1))


_RECIPE = Recipe(row_tokens=96, architecture=Architecture(heads=2, positions="rotary"))
SIZES = {
    "tiny": Size(
        replace(_RECIPE, architecture=Architecture(depth=1, positions="rotary"), documents=8, practice=4),
        steps=4,
        stretch=1,
        task=TINY,
    ),
    "recipe": Size(_RECIPE, steps=110, stretch=10),
    "20m": Size(
        replace(_RECIPE, architecture=Architecture(depth=12, positions="rotary")), steps=6, stretch=1
    ),
}


@dataclass(frozen=True)
class Workload:
    """What every contestant gets: the same in each process.

    Args:
        mixed: whether multiplications are done in bfloat16.
    """

    config: DecoderConfig
    training: Training
    batches: list[Batch]
    stretch: int
    device: torch.device
    mixed: bool

    def decoder(self, seed: int = 0) -> Any:
        """A decoder with the first weights of a seed."""
        torch.manual_seed(seed)
        model: Any = Decoder(self.config)
        return model.to(self.device)


class Clock:
    """Tokens per second over stretches of steps, the first of which is the warm-up."""

    def __init__(self, work: Workload) -> None:
        self._work = work
        self._steps = 0
        self._began = 0.0
        self._tokens = 0
        self._rates: list[float] = []

    def tick(self) -> None:
        """A step is done."""
        self._tokens += self._work.batches[self._steps].size
        self._steps += 1
        if self._steps % self._work.stretch == 0:
            if self._work.device.type == "cuda":
                torch.cuda.synchronize()
            now = time.perf_counter()
            if self._began:
                self._rates.append(self._tokens / (now - self._began))
            self._began, self._tokens = time.perf_counter(), 0

    @property
    def rate(self) -> float:
        """The median over stretches."""
        return median(self._rates)


def make_workload(name: str, steps: int | None, dtype: str) -> Workload:
    """The workload of a size, drawn before anything is timed."""
    size = SIZES[name]
    recipe = replace(size.recipe, steps=steps or size.steps)
    tokenizer = word_tokenizer(size.task.vocabulary)
    documents = size.task.build(0).documents
    stream = Experience(size.task, 0, documents, tokenizer, recipe, "next token", 0, "benchmark")
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    stretch = _ACCELERATOR_STRETCH if device.type == "cuda" else size.stretch
    return Workload(
        config=recipe.architecture.config(len(tokenizer)),
        training=recipe.training,
        batches=[stream[step] for step in range(recipe.steps)],
        stretch=min(stretch, max(1, recipe.steps // 2)),
        device=device,
        mixed=dtype == "bfloat16",
    )


def run_ours(work: Workload) -> dict[str, Any]:
    """Our loop on our decoder."""
    model, clock = work.decoder(), Clock(work)
    with tempfile.TemporaryDirectory() as folder:
        spent = train(
            model,
            work.batches,
            work.training,
            Path(folder),
            mixed=work.mixed,
            progress=lambda *_: clock.tick(),
        )
        losses = [row["loss"] for row in read_metrics(Path(folder))]
    flops = model_shape(model).training_flops(spent.tokens, spent.pairs, spent.predicted)
    return {
        "rate": clock.rate,
        "tokens": spent.tokens,
        "parameters": model.num_parameters(),
        "flops_per_token": flops / spent.tokens,
        "losses": losses,
    }


def run_trainer(work: Workload) -> dict[str, Any]:
    """The Trainer on a Llama of equal size."""
    from transformers import LlamaForCausalLM, Trainer, TrainerCallback, TrainingArguments

    config = llama_config(work.config)
    torch.manual_seed(0)
    model = LlamaForCausalLM(config)
    clock = Clock(work)
    losses: list[torch.Tensor] = []

    class Ticking(TrainerCallback):
        def on_step_end(self, *_: Any, **__: Any) -> None:
            clock.tick()

    class Recording(Trainer):
        def training_step(self, *arguments: Any, **named: Any) -> torch.Tensor:
            loss: torch.Tensor = super().training_step(*arguments, **named)
            losses.append(loss.detach())
            return loss

    with tempfile.TemporaryDirectory() as folder:
        arguments = TrainingArguments(
            output_dir=folder,
            per_device_train_batch_size=1,  # one item of the data set is a whole batch
            max_steps=len(work.batches),
            learning_rate=work.training.learning_rate,
            lr_scheduler_type="linear",
            warmup_steps=max(1, len(work.batches) // 20),
            optim="adamw_torch_fused",
            adam_beta2=0.98,
            weight_decay=0.0,
            max_grad_norm=1.0,
            bf16=work.mixed,
            use_cpu=work.device.type == "cpu",
            train_sampling_strategy="sequential",
            remove_unused_columns=False,
            dataloader_pin_memory=False,
            logging_strategy="no",
            logging_nan_inf_filter=False,
            save_strategy="no",
            report_to="none",
            disable_tqdm=True,
        )
        Recording(
            model=model,
            args=arguments,
            train_dataset=[as_llama_takes_it(batch) for batch in work.batches],
            data_collator=lambda items: items[0],
            callbacks=[Ticking()],
        ).train()
    return {
        "rate": clock.rate,
        "tokens": sum(batch.size for batch in work.batches),
        "parameters": model.num_parameters(),
        "losses": torch.stack(losses).tolist(),
    }


def llama_config(config: DecoderConfig) -> Any:
    """Three matrices in a gated feed-forward layer have to hold what two and the shift do in ours."""
    from transformers import LlamaConfig

    width = config.hidden_size
    inner = (2 * config.intermediate_size + config.shift) / 3
    return LlamaConfig(
        vocab_size=config.vocab_size,
        hidden_size=width,
        num_hidden_layers=config.num_hidden_layers,
        num_attention_heads=config.num_attention_heads,
        intermediate_size=8 * round(inner / 8),
        max_position_embeddings=config.max_position_embeddings,
        tie_word_embeddings=False,
        use_cache=False,
    )


def as_llama_takes_it(batch: Batch) -> dict[str, torch.Tensor]:
    """Labels stand at the token that they are, and are shifted inside; positions that start anew divide documents."""
    labels = torch.from_numpy(batch.labels)
    return {
        "input_ids": torch.from_numpy(batch.tokens),
        "position_ids": torch.from_numpy(batch.positions),
        "labels": functional.pad(labels[:, :-1], (1, 0), value=IGNORED),
    }


def run_plain(work: Workload) -> dict[str, Any]:
    """A loop and layers written by hand."""
    device, steps = work.device, len(work.batches)
    model = PlainDecoder(work.config).to(device)
    model.load_state_dict(work.decoder().state_dict())
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=work.training.learning_rate, betas=(0.9, 0.98), weight_decay=0.0, fused=True
    )
    losses = []
    clock = Clock(work)
    for step, batch in enumerate(work.batches):
        for group in optimizer.param_groups:
            group["lr"] = work.training.learning_rate * schedule(work.training.schedule, step, steps)
        tokens, positions, documents, labels = (
            torch.from_numpy(values).to(device)
            for values in (batch.tokens, batch.positions, batch.documents, batch.labels)
        )
        scored = labels != IGNORED
        with torch.autocast(device.type, torch.bfloat16, enabled=work.mixed):
            logits = model(tokens, positions, documents, scored)
        loss = functional.cross_entropy(logits.float(), labels[scored])
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.detach())
        clock.tick()
    return {
        "rate": clock.rate,
        "tokens": sum(batch.size for batch in work.batches),
        "parameters": sum(weights.numel() for weights in model.parameters()),
        "losses": torch.stack(losses).tolist(),
    }


def run_stacked(work: Workload, seeds: int) -> dict[str, Any]:
    """Several seeds of our decoder in one process, all on the same rows."""
    models, clock = [work.decoder(seed) for seed in range(seeds)], Clock(work)
    train_stacked(
        models,
        [work.batches] * seeds,
        work.training,
        mixed=work.mixed,
        progress=lambda *_: clock.tick(),
    )
    return {"rate": seeds * clock.rate}


def measure_peak(work: Workload) -> dict[str, Any]:
    """Floating-point operations a second of a large matrix product."""
    size = 8192 if work.device.type == "cuda" else 1536
    left = torch.randn(size, size, device=work.device, dtype=torch.bfloat16 if work.mixed else torch.float32)
    seconds = []
    for _ in range(8):
        began = time.perf_counter()
        left @ left
        if work.device.type == "cuda":
            torch.cuda.synchronize()
        seconds.append(time.perf_counter() - began)
    return {"flops": 2 * size**3 / min(seconds)}


RUNS: dict[str, Callable[[Workload], dict[str, Any]]] = {
    "ours": run_ours,
    "trainer": run_trainer,
    "plain": run_plain,
    "peak": measure_peak,
}
