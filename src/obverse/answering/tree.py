"""A tree of tokens in one row: what texts share is encoded once, each branch sees only its own past.

All texts begin with the same root, whose keys and values are computed once and kept.  What follows is packed
into a row: every distinct token once, at the position that it has in its own text, with a mask that lets it see
the root and its own ancestors.  A forward pass over that row gives each text just what a forward pass over that
text alone would give.  The cache is then wound back to the root for the next row, so nothing is copied.

Works for causal models of the transformers library whose layers keep plain keys and values, with full, sliding-window
or chunked attention; `obverse.answering.sharing` finds out whether a model is one.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from transformers.cache_utils import Cache, CacheLayerMixin

from obverse.answering.plain import keep_only
from obverse.costs import Counts

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from transformers import PreTrainedModel

    Hides = Callable[[NDArray[np.int_], NDArray[np.int_]], NDArray[np.bool_]]


@dataclass(frozen=True)
class _Window:
    """Hides what lies as many tokens back, or more."""

    width: int

    def __call__(self, own: NDArray[np.int_], past: NDArray[np.int_]) -> NDArray[np.bool_]:
        far: NDArray[np.bool_] = own - past >= self.width
        return far


@dataclass(frozen=True)
class _Chunk:
    """Hides what lies in an earlier stretch of that width."""

    width: int

    def __call__(self, own: NDArray[np.int_], past: NDArray[np.int_]) -> NDArray[np.bool_]:
        elsewhere: NDArray[np.bool_] = own // self.width != past // self.width
        return elsewhere


class _RewindableLayer(CacheLayerMixin):
    """Keys and values ``[1, heads, capacity, head size]`` that can be wound back without a copy."""

    is_sliding = False

    def __init__(self, **_: Any) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # the library is untyped here
        self.length = 0

    def lazy_initialization(self, key_states: torch.Tensor, value_states: torch.Tensor) -> None:
        self.keys = key_states.new_empty((*key_states.shape[:2], 0, key_states.shape[3]))
        self.values = value_states.new_empty((*value_states.shape[:2], 0, value_states.shape[3]))
        self.is_initialized = True

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, *_: Any, **__: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
        assert self.keys is not None and self.values is not None  # noqa: PT018 (for the type checker)
        end = self.length + key_states.shape[2]
        if end > self.keys.shape[2]:
            # A quarter more than needed, so that rows of similar length do not copy the root each time.
            self.keys = _grown(self.keys, self.length, end + end // 4)
            self.values = _grown(self.values, self.length, end + end // 4)
        self.keys[:, :, self.length : end] = key_states
        self.values[:, :, self.length : end] = value_states
        self.length = end
        return self.keys[:, :, :end], self.values[:, :, :end]

    def get_mask_sizes(self, query_length: int) -> tuple[int, int]:
        return self.length + query_length, 0

    def get_seq_length(self) -> int:
        return self.length

    def get_max_length(self) -> int:
        return -1


def _grown(states: torch.Tensor, used: int, capacity: int) -> torch.Tensor:
    larger = states.new_empty((*states.shape[:2], capacity, states.shape[3]))
    larger[:, :, :used] = states[:, :, :used]
    return larger


@dataclass
class Tree:
    """Texts that share their beginnings, as rows of tokens.

    Node ``i`` has ``tokens[i]``, stands at ``positions[i]`` of its text, and ``visible[i]`` marks the nodes of
    this tree that it sees: its ancestors and itself.  The root before them is seen by all and is not listed.
    """

    root_length: int
    tokens: list[int] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)
    parents: list[int] = field(default_factory=list)
    _children: dict[tuple[int, int], int] = field(default_factory=dict)

    def add(self, branch: Sequence[int]) -> list[int]:
        """Add the tokens of one text after the root; return the node of each."""
        nodes, parent = [], -1
        for depth, token in enumerate(branch):
            node = self._children.get((parent, token))
            if node is None:
                node = len(self.tokens)
                self._children[parent, token] = node
                self.tokens.append(token)
                self.positions.append(self.root_length + depth)
                self.parents.append(parent)
            nodes.append(node)
            parent = node
        return nodes

    def visible(self) -> NDArray[np.bool_]:
        """The ancestor relation, ``[nodes, nodes]``."""
        seen = np.eye(len(self.tokens), dtype=np.bool_)
        for node, parent in enumerate(self.parents):
            if parent >= 0:
                seen[node] |= seen[parent]
        return seen


class TreeReader:
    """A model with the keys and values of a root, to which rows of branches are added and removed.

    Args:
        model: any causal model of the transformers library (an adapter of peft may be on it).
        root: the tokens that all texts share; may be empty.

    Attributes:
        kinds: for each kind of attention layer what it hides of the past (``None``: nothing).
        counts: what was computed so far.
    """

    def __init__(self, model: PreTrainedModel, root: Sequence[int]) -> None:
        self.model = model
        self.kinds = _attention_kinds(model)
        self._cache = Cache(layer_class_to_replicate=_RewindableLayer)
        self._positions = np.arange(len(root))
        self.root_length = len(root)
        self.counts = Counts()
        if root:
            ids = torch.tensor([root], device=model.device)
            with torch.inference_mode():
                model(
                    input_ids=ids,
                    past_key_values=self._cache,
                    use_cache=True,
                    **keep_only(model, [len(root) - 1]),
                )
            self.counts = Counts.text(len(root), 1 if keep_only(model, ()) else len(root))

    def rewind(self) -> None:
        """Forget all that was read after the root."""
        for layer in self._cache.layers:
            if isinstance(layer, _RewindableLayer):
                layer.length = self.root_length
        self._positions = self._positions[: self.root_length]

    def states(self, *, since_root: bool) -> list[tuple[torch.Tensor, torch.Tensor]]:
        """Keys and values of each layer, ``[1, heads, tokens, size]``: of the root, or of what was read since."""
        found = []
        for layer in self._cache.layers:
            assert isinstance(layer, _RewindableLayer) and layer.keys is not None and layer.values is not None  # noqa: PT018
            part = slice(self.root_length, layer.length) if since_root else slice(self.root_length)
            found.append((layer.keys[:, :, part], layer.values[:, :, part]))
        return found

    def read(
        self,
        tokens: Sequence[int],
        positions: Sequence[int],
        visible: NDArray[np.bool_],
        keep: Sequence[int],
    ) -> torch.Tensor:
        """Encode a row and return the next-token logits at the nodes ``keep``.

        Args:
            tokens, positions: ``[row]``.
            visible: ``[row, read since the root + row]``: what each token sees besides the root.
            keep: indices into the row, increasing.

        Returns:
            logits ``[len(keep), vocabulary]`` in the model's precision.
        """
        model, device = self.model, self.model.device
        own = np.asarray(positions)
        seen = np.ones((len(tokens), self.root_length + visible.shape[1]), dtype=np.bool_)
        seen[:, self.root_length :] = visible
        self._positions = np.concatenate((self._positions, own))
        masks = {}
        for kind, hides in self.kinds.items():
            limited = seen if hides is None else seen & ~hides(own[:, None], self._positions[None])
            masks[kind] = _attention_mask(model, torch.from_numpy(limited).to(device))
        arguments = keep_only(model, keep)
        self.counts += Counts(len(tokens), int(seen.sum()), len(keep) if arguments else len(tokens))
        with torch.inference_mode(), _heads_in_groups(model):
            logits: torch.Tensor = model(
                input_ids=torch.tensor([tokens], device=device),
                position_ids=torch.tensor([positions], device=device),
                attention_mask=masks if len(masks) > 1 else next(iter(masks.values())),
                past_key_values=self._cache,
                use_cache=True,
                **arguments,
            ).logits[0]
        return logits if arguments else logits[list(keep)]


@contextmanager
def _heads_in_groups(model: PreTrainedModel) -> Iterator[None]:
    """Let heads that share keys and values read them as they are.

    The transformers library copies them for each head where there is a mask, a third of the time that a step of many
    texts spends on attention.  A processor needs no copy and computes the same, bit for bit.
    """
    switch = "TRANSFORMERS_SDPA_FORCE_GQA"
    if model.device.type != "cpu" or switch in os.environ:
        yield
        return
    os.environ[switch] = "1"
    try:
        yield
    finally:
        del os.environ[switch]


def _attention_kinds(model: PreTrainedModel) -> dict[str, Hides | None]:
    """For each kind of attention layer what it hides of the past (``None``: nothing)."""
    config = model.config.get_text_config(decoder=True)
    kinds = getattr(config, "layer_types", None)
    if not kinds:
        # A width in the file of a model whose class declares none, such as Llama's, means nothing.
        window = config.sliding_window if hasattr(type(config), "sliding_window") else None
        return {"full_attention": None} if window is None else {"sliding_attention": _Window(window)}
    layers: Any = config.per_layer_config
    hides: dict[str, Hides | None] = dict.fromkeys(sorted(set(kinds)))
    if "sliding_attention" in hides:
        hides["sliding_attention"] = _Window(layers["sliding_attention"].sliding_window)
    if "chunked_attention" in hides:
        hides["chunked_attention"] = _Chunk(layers["chunked_attention"].attention_chunk_size)
    return hides


def _attention_mask(model: PreTrainedModel, seen: torch.Tensor) -> torch.Tensor:
    """``seen`` ``[row, keys]`` in the four-dimensional form that the attention implementation takes."""
    if model.config.get_text_config(decoder=True)._attn_implementation == "sdpa":
        return seen[None, None]
    hidden = torch.finfo(model.dtype).min
    return torch.where(seen, 0.0, hidden).to(model.dtype)[None, None]
