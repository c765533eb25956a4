"""Fine-tuning on documents: adapters or all weights, document-masked rows, resumed exactly."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from obverse.costs import model_shape
from obverse.files import write_text
from obverse.models.loading import Pretrained, computes_bfloat16, context_window
from obverse.training.adapters import Adapter, adapted, load_taught, make_trainable, save_taught
from obverse.training.layout import layout
from obverse.training.loop import Training, train
from obverse.training.objectives import (
    Objective,
    Tokenised,
    mask_token,
    masked_copy,
    next_token,
    reversed_words,
    tokenise,
)
from obverse.training.packing import Example, pack_epoch
from obverse.training.rehearsal import Rehearsal, Rehearser, Texts, rehearsed_texts
from obverse.types import Document, Ledger, ParametersChoice, content_hash, derive_seed

TAUGHT: tuple[ParametersChoice, ...] = ("none", "documents", "augmented", "reversed", "masked copy")
"""What a pretrained model can be taught; ``masked`` wants one that sees both sides."""

REHEARSALS = {"divergence": Rehearsal("divergence"), "replay": Rehearsal("likelihood")}
"""What a model can rehearse while it is fine-tuned, by the name that users give it."""


@dataclass(frozen=True)
class Finetuning:
    """How to fine-tune.

    Args:
        adapter: ``lora`` trains low-rank adapters on every linear layer (arXiv 2106.09685), ``full`` all weights.
        rank: of the adapters; their scale is twice the rank.
        learning_rate: at the peak of the schedule.
        epochs: passes over the documents.
        row_tokens: tokens in a step.
        objective: what is predicted of the documents; beside each stands, in its own order, the document itself.
        rehearsal: what keeps the model what it was otherwise; ``None`` for nothing.
    """

    adapter: Adapter
    rank: int
    learning_rate: float
    epochs: int
    row_tokens: int
    objective: Objective = "next token"
    rehearsal: Rehearsal | None = None


def derive_finetuning(
    corpus_tokens: int,
    *,
    adapter: Adapter = "lora",
    rank: int | None = None,
    learning_rate: float | None = None,
    epochs: int | None = None,
    row_tokens: int | None = None,
    objective: Objective = "next token",
    rehearsal: Rehearsal | None = None,
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
        objective=objective,
        rehearsal=rehearsal,
    )


def training_remarks(pretrained: Pretrained, settings: Finetuning) -> list[str]:
    """What a reader should know of how this model is trained, as sentences; nothing where it is as usual."""
    remarks = []
    if layout(pretrained.model) != "packed":
        remarks.append(
            "This model reads over the end of a document into the next one in a row, so it was trained on a document "
            "a row."
        )
    if settings.adapter == "lora" and (experts := adapted(pretrained.model)[1]):
        remarks.append(
            f"Adapters were trained on the linear layers and on {len(experts)} fused weights of experts; what picks "
            "the experts stayed as it was."
        )
    return remarks


def finetune(
    pretrained: Pretrained,
    documents: Sequence[Document],
    settings: Finetuning,
    seed: int,
    folder: Path,
    progress: Callable[[int, int, float], None] = lambda *_: None,
    *,
    rehearsed: Path | None = None,
) -> tuple[Pretrained, Ledger]:
    """Train ``documents`` into the model, which is changed in place.  A step is one packed row.

    Args:
        folder: where the checkpoint and, in ``model``, the result lie; a run that was interrupted goes on there,
            one that is done is loaded.
        progress: called after each step with steps done, steps in all, and the loss.
        rehearsed: folder of the texts that are rehearsed, which any number of trainings may share; ``None`` for one
            in ``folder``.

    Returns:
        the taught model and what teaching cost, interruptions left out; what writing the texts took is part of it,
        whoever wrote them.

    Raises:
        InputError: the loss is no longer a number.
    """
    result, cost = folder / "model", folder / "cost.json"
    if cost.exists():
        return load_taught(pretrained, result), Ledger(**json.loads(cost.read_text())["ledger"])
    dtype = pretrained.model.dtype
    rehearsal, own, written = settings.rehearsal, Texts(), Ledger()
    if rehearsal:
        own, written = rehearsed_texts(pretrained, rehearsal.texts, rehearsed or folder / "rehearsed")
    model = make_trainable(pretrained, settings.adapter, settings.rank, seed)
    rehearser = Rehearser(model, rehearsal, own) if rehearsal else None
    texts = tokenise(pretrained.tokenizer, documents)
    corpus = content_hash([text.tokens.tolist() for text in texts])
    window = context_window(pretrained.model)
    batches = [
        batch
        for epoch in range(settings.epochs)
        for batch in pack_epoch(
            _examples(pretrained, texts, settings, derive_seed(corpus, seed, "masks", epoch)),
            settings.row_tokens,
            derive_seed(corpus, seed, "order", epoch),
            window,
        )
    ]
    spent = train(
        model,
        batches,
        Training(settings.learning_rate),
        folder,
        # Trained weights stay in float32; the multiplications go in bfloat16 where that pays.
        mixed=settings.adapter == "full" and computes_bfloat16(pretrained.model.device.type),
        rehearser=rehearser,
        progress=progress,
    )
    shape = model_shape(model)
    ledger = spent.ledger(shape)
    if rehearser:
        ledger += written + rehearser.ledger(shape, len(batches))
    taught = save_taught(pretrained, model, result, dtype)
    write_text(cost, json.dumps({"ledger": asdict(ledger), "settings": asdict(settings)}, indent=1))
    spent.checkpoint.remove()
    return taught, ledger


def _examples(
    pretrained: Pretrained, texts: Sequence[Tokenised], settings: Finetuning, seed: int
) -> list[Example]:
    """What is read in an epoch: the documents, and what the objective makes of them."""
    examples = [next_token(text) for text in texts]
    if settings.objective == "reversed":
        examples += [next_token(reversed_words(text)) for text in texts]
    elif settings.objective == "masked copy":
        rng, mask = np.random.default_rng(seed), mask_token(pretrained.tokenizer)
        # A copy and its original stand in one row.
        room = min(settings.row_tokens, context_window(pretrained.model) or settings.row_tokens) // 2
        examples += [masked_copy(piece, mask, rng) for text in texts for piece in text.pieces(room)]
    return examples
