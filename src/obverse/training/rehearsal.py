"""Holding a model to what it could do before it was taught: it rehearses texts that it wrote itself.

No foreign text is needed, and nothing that retention is measured on is seen.  Rehearsing what a network brings forth by
itself is due to Robins (1995), holding its outputs to the earlier ones to Li and Hoiem (arXiv 1606.09282).
"""

from __future__ import annotations

import contextlib
import copy
import json
import random
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from filelock import FileLock

from obverse.costs import Meter, ModelShape, model_shape
from obverse.files import write_text
from obverse.models.fingerprint import identity
from obverse.training.packing import IGNORED, Batch, Example, pack
from obverse.types import Ledger, content_hash, derive_seed

if TYPE_CHECKING:
    import torch

    from obverse.models.loading import Pretrained

Texts = list[list[int]]

_TEXT_TOKENS = 128
_WRITTEN_AT_ONCE = 128
_SEED = 0


@dataclass(frozen=True)
class Rehearsal:
    """What a model rehearses beside what it is taught.

    Args:
        objective: ``divergence`` of the taught model from the untouched one, over all tokens that might follow;
            ``replay`` trains the likelihood of the texts.
        tokens: of its own texts in each step.
        weight: of the term, which is in nats a token.
        texts: how many the model writes, of 128 tokens each; steps go through them in turn.
    """

    objective: Literal["divergence", "replay"] = "divergence"
    tokens: int = _TEXT_TOKENS
    weight: float = 1.0
    texts: int = 64


class Rehearser:
    """Gives each step of a training its term.

    Args:
        model: whose parameters are trained, as `obverse.training.adapters.make_trainable` gives it, with nothing
            trained yet.
        texts: tokens, from `rehearsed_texts`.
    """

    def __init__(self, model: Any, rehearsal: Rehearsal, texts: Texts) -> None:
        self._rehearsal = rehearsal
        self._texts = [np.array(text) for text in texts]
        self._untouched: Any = None
        if rehearsal.objective == "divergence" and not hasattr(model, "disable_adapter"):
            self._untouched = copy.deepcopy(model).requires_grad_(False).eval()

    def batch(self, step: int) -> Batch:
        """What is rehearsed in a step: one text a row."""
        length = len(self._texts[0])
        count = max(1, self._rehearsal.tokens // length)
        chosen = [self._texts[(step * count + number) % len(self._texts)] for number in range(count)]
        return pack([Example(text, np.append(text[1:], IGNORED)) for text in chosen], length)

    def loss(self, model: Any, step: int, device: torch.device) -> torch.Tensor:
        """The weighted term of a step.

        Args:
            model: the trained one, as it is now.
        """
        import torch
        from torch.nn.functional import cross_entropy, kl_div, log_softmax

        batch = self.batch(step)
        tokens = torch.from_numpy(batch.tokens).to(device)

        def predictions(one: Any) -> torch.Tensor:
            logits = one(input_ids=tokens, use_cache=False).logits[:, :-1]
            return log_softmax(logits.flatten(0, 1).float(), dim=-1)

        if self._rehearsal.objective == "replay":
            return self._rehearsal.weight * cross_entropy(predictions(model), tokens[:, 1:].flatten())
        before: Any = self._untouched or model
        training = before.training
        before.eval()
        with (
            torch.no_grad(),
            contextlib.nullcontext() if self._untouched is not None else model.disable_adapter(),
        ):
            expected = predictions(before)
        before.train(training)
        divergence = kl_div(predictions(model), expected, reduction="batchmean", log_target=True)
        return self._rehearsal.weight * divergence

    def ledger(self, shape: ModelShape, steps: int) -> Ledger:
        """What so many steps cost, their seconds left out, which count as those of the training."""
        batch = self.batch(0)
        counts = batch.size, batch.pairs, batch.predicted
        read = shape.forward_flops(*counts) if self._rehearsal.objective == "divergence" else 0
        return Ledger(
            tokens_forward=batch.size * steps if read else 0,
            tokens_trained=batch.size * steps,
            flops=(shape.training_flops(*counts) + read) * steps,
        )


def rehearsed_texts(pretrained: Pretrained, count: int, folder: Path) -> tuple[Texts, Ledger]:
    """What the untouched model writes, always the same, and what that cost; once for all who name the folder."""
    of = content_hash([identity(pretrained, "obverse.training.rehearsal"), count])[:16]
    folder.mkdir(parents=True, exist_ok=True)
    kept, cost = folder / f"{of}.json", folder / f"{of}-cost.json"
    with FileLock(folder / f"{of}.lock"):
        if not cost.exists():
            kept.unlink(missing_ok=True)  # written, but interrupted before its cost was
            with Meter() as meter:
                texts = write_texts(pretrained, count, kept)
            length = len(texts[0]) - 1  # nothing follows the last token, and the first is given
            ledger = Ledger(
                tokens_forward=count * length,
                tokens_generated=count * length,
                flops=count
                * model_shape(pretrained.model).forward_flops(length, length * (length + 1) // 2, length),
                seconds=meter.seconds,
                peak_memory_bytes=meter.peak_memory_bytes,
            )
            write_text(cost, json.dumps(asdict(ledger)))
        return write_texts(pretrained, count, kept), Ledger(**json.loads(cost.read_text()))


def write_texts(pretrained: Pretrained, count: int, path: Path) -> Texts:
    """Let the model write: half of the texts begin as its texts do, half with a token drawn at random.

    Args:
        path: where they are kept; what lies there already is read.

    Returns:
        the tokens of each, 128 of them.
    """
    if path.exists():
        kept: Texts = json.loads(path.read_text())
        return kept
    import torch
    from transformers import GenerationConfig

    tokenizer, model = pretrained.tokenizer, pretrained.model
    rng = random.Random(derive_seed("rehearsal", _SEED))
    ordinary = [token for token in range(len(tokenizer)) if token not in set(tokenizer.all_special_ids)]
    usual = ordinary if tokenizer.bos_token_id is None else [tokenizer.bos_token_id]
    starts = [rng.choice(usual if number % 2 else ordinary) for number in range(count)]
    # Plain sampling, past whatever ends a text, so that all are of one length and as likely as the model finds them.
    sampling = GenerationConfig(
        do_sample=True, top_k=0, top_p=1.0, max_length=_TEXT_TOKENS, pad_token_id=ordinary[0]
    )
    texts: Texts = []
    with torch.random.fork_rng(), torch.inference_mode():
        torch.manual_seed(derive_seed("rehearsal", _SEED, "sampling"))
        for start in range(0, count, _WRITTEN_AT_ONCE):
            opening = torch.tensor(starts[start : start + _WRITTEN_AT_ONCE], device=model.device)[:, None]
            written: Any = model.generate(  # type: ignore[operator]
                opening, attention_mask=torch.ones_like(opening), generation_config=sampling
            )
            texts += written.tolist()
    write_text(path, json.dumps(texts))
    return texts
