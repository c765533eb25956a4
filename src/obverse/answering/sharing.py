"""Whether what texts begin with can be read once for all of them: for each model, by its make and by trying.

A model whose layers keep more than keys and values, or that does not take the mask and the positions of
`obverse.answering.tree`, reads each text by itself: slower, and right.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol
from weakref import WeakKeyDictionary

import torch

from obverse.answering.plain import (
    PlainReader,
    alike,
    once_for_each_model,
    parameters,
    plain_logits,
    tried_tokens,
)
from obverse.answering.tree import Tree, TreeReader

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from transformers import PreTrainedModel

    from obverse.costs import Counts

_KINDS = {"full_attention", "sliding_attention", "chunked_attention"}


class RowReader(Protocol):
    """Reads rows of texts that begin alike, and counts what that takes; see `obverse.answering.tree.TreeReader`."""

    model: PreTrainedModel
    root_length: int
    counts: Counts

    def rewind(self) -> None:
        """Forget all that was read after the root."""

    def read(
        self,
        tokens: Sequence[int],
        positions: Sequence[int],
        visible: NDArray[np.bool_],
        keep: Sequence[int],
        /,
    ) -> torch.Tensor:
        """Encode a row and return the next-token logits at the nodes ``keep``, ``[len(keep), vocabulary]``."""


# Models that proved wrong on texts which are longer than those that they are tried with.
_doubted: WeakKeyDictionary[PreTrainedModel, str] = WeakKeyDictionary()


def row_reader(model: PreTrainedModel, root: Sequence[int], longest: int) -> RowReader:
    """The fastest reader that is right for the model.

    Args:
        longest: tokens of the longest text.
    """
    return PlainReader(model, root) if unshared(model, longest) else TreeReader(model, root)


def unshared(model: PreTrainedModel, longest: int = 0) -> str | None:
    """Why the model has to read each text by itself; ``None`` where texts share what they begin with."""
    return _doubted.get(model) or _by_make(model, longest) or _by_trying(model)


def doubt(model: PreTrainedModel, reason: str) -> None:
    """From now on the model reads each text by itself."""
    _doubted[model] = reason


def _by_make(model: PreTrainedModel, longest: int) -> str | None:
    config = model.config.get_text_config(decoder=True)
    # Some models name each layer's kind in a list of their own.
    kinds = set(getattr(config, "layer_types", None) or getattr(config, "attention_layers", None) or ())
    if special := sorted(kinds - _KINDS):
        return f"its {' and '.join(special)} layers keep no plain keys and values"
    if getattr(model, "_is_stateful", False):
        return "it keeps no keys and values"
    if getattr(getattr(model, "active_peft_config", None), "is_prompt_learning", False):
        return "its adapter puts virtual tokens into the prompt"
    if config._attn_implementation not in ("sdpa", "eager"):
        return f"its attention is {config._attn_implementation}, which takes no mask"
    if "position_ids" not in parameters(model):
        return "it takes no positions"
    ropes = getattr(config, "rope_parameters", None) or {}
    for rope in (ropes, *(one for one in ropes.values() if isinstance(one, dict))):
        if rope.get("rope_type") in ("dynamic", "longrope"):
            reach = rope.get("original_max_position_embeddings") or config.max_position_embeddings
            if longest > reach:
                return f"its positions are scaled by the length of a text beyond {reach:,} tokens"
    return None


@once_for_each_model
def _by_trying(model: PreTrainedModel) -> str | None:
    tokens = tried_tokens(model)
    root, beginning = tokens[:6], tokens[6:9]
    texts = [beginning + tokens[9:11], beginning + tokens[11:13], tokens[13:]]
    tree = Tree(len(root))
    nodes = [tree.add(text) for text in texts]
    try:
        reader = TreeReader(model, root)
        found = reader.read(tree.tokens, tree.positions, tree.visible(), range(len(tree.tokens)))
    except (torch.OutOfMemoryError, MemoryError):
        raise
    except Exception:  # whatever a model finds wrong with a mask, with positions, or with the cache
        return "it takes no keys and values of several texts in one row"
    for text, own in zip(texts, nodes, strict=True):
        plain = plain_logits(model, root + text, range(len(root), len(root) + len(text)))
        if not alike(found[own], plain):
            return "behind a shared beginning its likelihoods differ"
    return None
