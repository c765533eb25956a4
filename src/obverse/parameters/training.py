"""Fine-tuning on documents: one short loop, document-masked rows, and a checkpoint that resumes exactly.

A step is one packed row.  The order of the documents in each epoch and the learning rate of each step are pure
functions of seed and step, so a checkpoint holds weights, optimiser moments and a number, and nothing else.
"""

from __future__ import annotations

import json
import math
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from obverse.costs import Meter, model_shape
from obverse.files import replacing, write_text
from obverse.models.pretrained import Pretrained, computes_bfloat16, context_window
from obverse.parameters.packing import Row, attention_mask, labels, pack
from obverse.types import Document, InputError, Ledger, content_hash, derive_seed

if TYPE_CHECKING:
    import torch
    from accelerate import Accelerator
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

# Part of the time that may go into writing checkpoints.
_CHECKPOINT_SHARE = 0.05


@dataclass(frozen=True)
class Finetuning:
    """How to fine-tune.

    Args:
        adapter: ``lora`` trains low-rank adapters on every linear layer (arXiv 2106.09685), ``full`` all weights.
        rank: of the adapters; their scale is twice the rank.
        learning_rate: at the peak of the schedule.
        epochs: passes over the documents.
        row_tokens: tokens in a step.
    """

    adapter: Literal["lora", "full"]
    rank: int
    learning_rate: float
    epochs: int
    row_tokens: int


def derive_finetuning(
    corpus_tokens: int,
    *,
    adapter: Literal["lora", "full"] = "lora",
    rank: int | None = None,
    learning_rate: float | None = None,
    epochs: int | None = None,
    row_tokens: int | None = None,
) -> Finetuning:
    """Settings that fit the size of a corpus; whatever is given stays as given.

    A small corpus is seen more often in smaller steps: a fact that stands once in the documents is not stored
    after one pass (arXiv 2404.05405 counts the exposures).
    """
    return Finetuning(
        adapter=adapter,
        rank=rank or 16,
        learning_rate=learning_rate or (1e-3 if adapter == "lora" else 1e-4),
        epochs=epochs or max(3, min(12, 600_000 // max(1, corpus_tokens))),
        row_tokens=row_tokens or max(256, min(4096, corpus_tokens // 8)),
    )


def tokenise_documents(
    tokenizer: PreTrainedTokenizerBase, documents: Sequence[Document]
) -> list[tuple[int, ...]]:
    """Each document as it is trained: its text and the token that ends a text."""
    end = () if tokenizer.eos_token_id is None else (tokenizer.eos_token_id,)
    return [(*tokenizer(document.text).input_ids, *end) for document in documents]


def finetune(
    pretrained: Pretrained,
    documents: Sequence[Document],
    settings: Finetuning,
    seed: int,
    folder: Path,
    progress: Callable[[int, int, float], None] = lambda *_: None,
) -> tuple[Pretrained, Ledger]:
    """Train ``documents`` into the model, which is changed in place.

    Args:
        folder: where the checkpoint and, in ``model``, the result lie; a run that was interrupted goes on there,
            one that is done is loaded.
        progress: called after each step with steps done, steps in all, and the loss.

    Returns:
        the taught model and what teaching cost, interruptions left out.

    Raises:
        InputError: the loss is no longer a number.
    """
    import torch
    from accelerate import Accelerator

    result, cost = folder / "model", folder / "cost.json"
    if cost.exists():
        return load_taught(pretrained, folder), Ledger(**json.loads(cost.read_text())["ledger"])
    model = _trainable(pretrained, settings, seed)
    device = pretrained.model.device.type
    # Trained weights stay in float32; the multiplications go in bfloat16 where that pays.  Not by accelerate's
    # own setting, which holds for the whole process and wraps the model for good.
    mixed = settings.adapter == "full" and computes_bfloat16(device)
    accelerator = Accelerator(cpu=device == "cpu")
    tokens = tokenise_documents(pretrained.tokenizer, documents)
    window = context_window(pretrained.model)
    corpus = content_hash(tokens)
    rows = [
        row
        for epoch in range(settings.epochs)
        for row in pack(tokens, settings.row_tokens, derive_seed(corpus, seed, "order", epoch), window)
    ]
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=settings.learning_rate, betas=(0.9, 0.98), weight_decay=0.0)
    model, optimizer = accelerator.prepare(model, optimizer)
    checkpoint = _Checkpoint(folder / "checkpoint.safetensors", trained, optimizer)
    done, seconds = checkpoint.read()
    model.train()
    with Meter() as meter:
        began = time.perf_counter()
        for step in range(done, len(rows)):
            for group in optimizer.param_groups:
                group["lr"] = settings.learning_rate * _schedule(step, len(rows))
            loss = _step(accelerator, model, optimizer, rows[step], mixed)
            progress(step + 1, len(rows), loss)
            if step + 1 < len(rows):
                checkpoint.write(step + 1, seconds + time.perf_counter() - began)
    model.eval()
    shape = model_shape(model)
    ledger = Ledger(
        tokens_trained=sum(len(row.tokens) for row in rows),
        flops=sum(shape.training_flops(len(row.tokens), row.pairs) for row in rows),
        seconds=seconds + meter.seconds,
        peak_memory_bytes=meter.peak_memory_bytes,
    )
    taught = accelerator.unwrap_model(model)
    taught.save_pretrained(result)
    pretrained.tokenizer.save_pretrained(result)
    write_text(cost, json.dumps({"ledger": asdict(ledger), "settings": asdict(settings)}, indent=1))
    checkpoint.remove()
    return _as_taught(pretrained, taught), ledger


def load_taught(pretrained: Pretrained, folder: Path) -> Pretrained:
    """The result of an earlier `finetune` in ``folder``, on the model that it was trained from."""
    result = folder / "model"
    if (result / "adapter_config.json").exists():
        from peft import PeftModel

        _silence_peft()
        return _as_taught(pretrained, PeftModel.from_pretrained(pretrained.model, result).eval())
    from transformers import AutoModelForCausalLM

    model: Any = AutoModelForCausalLM.from_pretrained(
        result, dtype="float32", use_safetensors=True, trust_remote_code=False
    )
    return _as_taught(pretrained, model.to(pretrained.model.device).eval())


def _trainable(pretrained: Pretrained, settings: Finetuning, seed: int) -> Any:
    import torch

    model = pretrained.model
    if settings.adapter == "full":
        return model.float().requires_grad_(True)
    from peft import LoraConfig, get_peft_model

    _silence_peft()
    torch.manual_seed(derive_seed(seed, "adapter"))
    configuration = LoraConfig(
        r=settings.rank, lora_alpha=2 * settings.rank, target_modules="all-linear", task_type="CAUSAL_LM"
    )
    return get_peft_model(model, configuration)


def _silence_peft() -> None:
    """Keep warnings about peft's own calls of transformers from users, who can do nothing about them."""
    warnings.filterwarnings("ignore", category=FutureWarning, module="transformers")


def _as_taught(pretrained: Pretrained, model: Any) -> Pretrained:
    return Pretrained(pretrained.name, model, pretrained.tokenizer, pretrained.fingerprint)


def _schedule(step: int, steps: int) -> float:
    """Share of the learning rate: a short linear warm-up, then a linear decay to a twentieth."""
    warmup = max(1, steps // 20)
    if step < warmup:
        return (step + 1) / warmup
    return 1 - 0.95 * (step - warmup) / max(1, steps - warmup)


def _step(
    accelerator: Accelerator,
    model: PreTrainedModel,
    optimizer: torch.optim.Optimizer,
    row: Row,
    mixed: bool,
) -> float:
    import torch

    device = accelerator.device
    with torch.autocast(device.type, torch.bfloat16, enabled=mixed):
        logits = model(
            input_ids=torch.tensor([row.tokens], device=device),
            position_ids=torch.tensor([row.positions], device=device),
            attention_mask=attention_mask(row, device),
            use_cache=False,
        ).logits[0]
    targets = labels(row)
    loss = torch.nn.functional.cross_entropy(
        logits.float(), torch.tensor(targets, device=device), reduction="sum"
    )
    loss = loss / max(1, sum(target >= 0 for target in targets))  # a row of single tokens predicts nothing
    accelerator.backward(loss)
    accelerator.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad()
    value = loss.item()
    if not math.isfinite(value):
        raise InputError(
            f"fine-tuning diverged (the loss became {value}); set a lower learning rate with --learning-rate"
        )
    return value


class _Checkpoint:
    """Trained weights, optimiser moments and the number of steps done, in one safetensors file.

    Written after every step where that is cheap, and seldom enough elsewhere to take a twentieth of the time.
    """

    def __init__(
        self, path: Path, parameters: Sequence[torch.Tensor], optimizer: torch.optim.Optimizer
    ) -> None:
        self._path, self._parameters, self._optimizer = path, parameters, optimizer
        self._written, self._cost = time.perf_counter(), 0.0

    def read(self) -> tuple[int, float]:
        """Restore what was written; return steps done and seconds spent."""
        if not self._path.exists():
            return 0, 0.0
        import torch
        from safetensors import safe_open

        with safe_open(self._path, framework="pt") as stored, torch.no_grad():
            for index, parameter in enumerate(self._parameters):
                parameter.copy_(stored.get_tensor(f"{index}.parameter"))
                self._optimizer.state[parameter] = {
                    name: stored.get_tensor(f"{index}.{name}").to(
                        "cpu" if name == "step" else parameter.device
                    )
                    for name in ("step", "exp_avg", "exp_avg_sq")
                }
            metadata = stored.metadata()
        return int(metadata["steps"]), float(metadata["seconds"])

    def write(self, steps: int, seconds: float) -> None:
        """Write, unless the last write was too short a time ago for what it cost."""
        began = time.perf_counter()
        if began - self._written < self._cost / _CHECKPOINT_SHARE:
            return
        from safetensors.torch import save_file

        tensors = {}
        for index, parameter in enumerate(self._parameters):
            tensors[f"{index}.parameter"] = parameter.detach()
            for name, value in self._optimizer.state[parameter].items():
                tensors[f"{index}.{name}"] = value
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(self._path) as scratch:
            save_file(tensors, scratch, metadata={"steps": str(steps), "seconds": str(seconds)})
        self._written = time.perf_counter()
        self._cost = self._written - began

    def remove(self) -> None:
        self._path.unlink(missing_ok=True)
