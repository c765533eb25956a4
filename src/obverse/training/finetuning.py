"""Fine-tuning on documents: adapters or all weights, document-masked rows, resumed exactly."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from obverse.costs import model_shape
from obverse.files import write_text
from obverse.models.loading import Pretrained, computes_bfloat16, context_window
from obverse.training.adapters import adapted, load_taught, make_trainable, save_taught
from obverse.training.finetuning_options import FinetuningOptions
from obverse.training.layout import layout
from obverse.training.loop import train
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
from obverse.training.rehearsal import Rehearser, Texts, rehearsed_texts
from obverse.types import Document, Ledger, ParametersChoice, content_hash, derive_seed

TAUGHT: tuple[ParametersChoice, ...] = ("none", "documents", "augmented", "reversed", "masked copy")
"""What a pretrained model can be taught; ``masked`` wants one that sees both sides."""


def training_remarks(pretrained: Pretrained, options: FinetuningOptions) -> list[str]:
    """What a reader should know of how this model is trained, as sentences; nothing where it is as usual."""
    remarks = []
    if layout(pretrained.model) != "packed":
        remarks.append(
            "This model reads over the end of a document into the next one in a row, so it was trained on a document "
            "a row."
        )
    if options.adapter == "lora" and (experts := adapted(pretrained.model)[1]):
        remarks.append(
            f"Adapters were trained on the linear layers and on {len(experts)} fused weights of experts; what picks "
            "the experts stayed as it was."
        )
    return remarks


def finetune(
    pretrained: Pretrained,
    documents: Sequence[Document],
    options: FinetuningOptions,
    seed: int,
    folder: Path,
    progress: Callable[[int, int, float], None] = lambda *_: None,
    *,
    objective: Objective = "next token",
    rehearsed: Path | None = None,
) -> tuple[Pretrained, Ledger]:
    """Train ``documents`` into a copy of the model, which itself stays as it is.  A step is one packed row.

    Args:
        options: what they leave open is derived from these documents.
        folder: where the checkpoint and, in ``model``, the result lie; a run that was interrupted goes on there,
            one that is done is loaded.
        progress: called after each step with steps done, steps in all, and the loss.
        objective: what is predicted of the documents; beside each stands, in its own order, the document itself.
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
    rehearsal, own, written = options.rehearsal, Texts(), Ledger()
    if rehearsal:
        own, written = rehearsed_texts(pretrained, rehearsal.texts, rehearsed or folder / "rehearsed")
    model = make_trainable(pretrained, options.adapter, options.rank, seed)
    rehearser = Rehearser(model, rehearsal, own) if rehearsal else None
    texts = tokenise(pretrained.tokenizer, documents)
    options = options.for_corpus(sum(len(text.tokens) for text in texts))
    assert options.epochs is not None
    assert options.row_tokens is not None
    corpus = content_hash([text.tokens.tolist() for text in texts])
    window = context_window(pretrained.model)
    batches = [
        batch
        for epoch in range(options.epochs)
        for batch in pack_epoch(
            _examples(
                pretrained, texts, objective, options.row_tokens, derive_seed(corpus, seed, "masks", epoch)
            ),
            options.row_tokens,
            derive_seed(corpus, seed, "order", epoch),
            window,
        )
    ]
    spent = train(
        model,
        batches,
        options.training,
        folder,
        # Trained weights stay in float32; the multiplications go in bfloat16 where that pays.
        mixed=options.adapter == "full" and computes_bfloat16(pretrained.model.device.type),
        rehearser=rehearser,
        progress=progress,
    )
    shape = model_shape(model)
    ledger = spent.ledger(shape)
    if rehearser:
        ledger += written + rehearser.ledger(shape, len(batches))
    taught = save_taught(pretrained, model, result, dtype)
    record = {"ledger": asdict(ledger), "options": asdict(options), "objective": objective}
    write_text(cost, json.dumps(record, indent=1))
    spent.checkpoint.remove()
    return taught, ledger


def _examples(
    pretrained: Pretrained, texts: Sequence[Tokenised], objective: Objective, row_tokens: int, seed: int
) -> list[Example]:
    """What is read in an epoch: the documents, and what the objective makes of them."""
    examples = [next_token(text) for text in texts]
    if objective == "reversed":
        examples += [next_token(reversed_words(text)) for text in texts]
    elif objective == "masked copy":
        rng, mask = np.random.default_rng(seed), mask_token(pretrained.tokenizer)
        # A copy and its original stand in one row.
        room = min(row_tokens, context_window(pretrained.model) or row_tokens) // 2
        examples += [masked_copy(piece, mask, rng) for text in texts for piece in text.pieces(room)]
    return examples
