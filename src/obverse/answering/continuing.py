"""Texts that go on side by side, each step a token of each.

Where attention is plain, the texts are rows of a batch with keys and values of their own, and all of them are compared
with those of the shared root in one matrix product; with a root of thousands of tokens that is several times as fast as
a row whose mask hides the texts from each other.  Any other attention gets such a row, which it can always read where
texts share what they begin with; where they do not, each goes on by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import torch
from transformers import AttentionInterface
from transformers.cache_utils import Cache, CacheLayerMixin

from obverse.answering.plain import Apart, PlainReader, alike, once_for_each_model, plain_logits, tried_tokens
from obverse.answering.sharing import RowReader
from obverse.answering.tree import Tree, TreeReader
from obverse.costs import Counts

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from transformers import PreTrainedModel

_NAME = "obverse_branches"
# Texts that have ended go along until they are so large a share: to leave them out copies all others.
_ENDED_SHARE = 0.25

States = tuple[torch.Tensor, torch.Tensor]


class Continuing(Protocol):
    """Texts that go on from prompts which a reader has read."""

    def take(self, visible: NDArray[np.bool_], positions: Sequence[int]) -> None:
        """Take over the prompts of the row that was just read.

        Args:
            visible: ``[prompts, row]``: what the last token of each sees besides the root.
            positions: of these tokens.
        """

    def step(self, texts: Sequence[int], tokens: Sequence[int]) -> torch.Tensor:
        """Read one more token of some texts.

        Args:
            texts: by the order in which their prompts were taken, increasing; those left out have ended.

        Returns:
            logits of what follows each, ``[texts, vocabulary]``.
        """


def continuing(reader: RowReader, longest: int) -> Continuing:
    """The fastest way that the model allows.

    Args:
        longest: tokens that any text may go on for.
    """
    if isinstance(reader, PlainReader):
        return Apart(reader)
    assert isinstance(reader, TreeReader)
    return Branches(reader, longest) if can_branch(reader.model) else MaskedRow(reader)


def can_branch(model: PreTrainedModel) -> bool:
    """Whether the model calls an attention function that it is given, and sees everything from each token."""
    base: Any = getattr(model, "get_base_model", lambda: model)()  # under an adapter of peft
    config = base.config.get_text_config(decoder=True)
    return (
        bool(getattr(base, "_supports_attention_backend", False))
        and config._attn_implementation == "sdpa"
        and TreeReader(model, ()).kinds == {"full_attention": None}
        and _branches_rightly(model)
    )


@once_for_each_model
def _branches_rightly(model: PreTrainedModel) -> bool:
    """Whether two texts that go on as branches get what each gets by itself.

    Attention may take more than scores and masks (a cap, sinks), or work on keys before it attends to them.
    """
    tokens = tried_tokens(model)
    root, prompts, steps = tokens[:6], [tokens[6:9], tokens[9:11]], [tokens[11:13], tokens[13:15]]
    tree = Tree(len(root))
    ends = [tree.add(prompt)[-1] for prompt in prompts]
    visible = tree.visible()
    try:
        reader = TreeReader(model, root)
        branches = Branches(reader, len(steps))
        reader.read(tree.tokens, tree.positions, visible, ends)
        branches.take(visible[ends], [tree.positions[end] for end in ends])
        found = [branches.step([0, 1], step) for step in steps]
    except torch.OutOfMemoryError:
        raise
    except Exception:  # whatever a model finds wrong with such keys
        return False
    return all(
        alike(
            torch.stack([logits[text] for logits in found]),
            plain_logits(
                model,
                root + prompt + [step[text] for step in steps],
                [len(root) + len(prompt) + done for done in range(len(steps))],
            ),
        )
        for text, prompt in enumerate(prompts)
    )


class MaskedRow:
    """Each step is one more row of the tree; prompts are taken over from a single row."""

    def __init__(self, reader: TreeReader) -> None:
        self._reader = reader
        self._seen = np.zeros((0, 0), dtype=np.bool_)  # [texts, nodes read since the root]
        self._positions: list[int] = []

    def take(self, visible: NDArray[np.bool_], positions: Sequence[int]) -> None:
        """See `Continuing`."""
        self._seen, self._positions = visible, list(positions)

    def step(self, texts: Sequence[int], tokens: Sequence[int]) -> torch.Tensor:
        """See `Continuing`."""
        # Each new token sees what its prompt saw and itself.
        own = np.zeros((len(self._seen), len(texts)), dtype=np.bool_)
        own[texts, range(len(texts))] = True
        self._seen = np.concatenate((self._seen, own), axis=1)
        for text in texts:
            self._positions[text] += 1
        positions = [self._positions[text] for text in texts]
        return self._reader.read(tokens, positions, self._seen[texts], range(len(texts)))


class Branches:
    """Each text is a row of a batch, which keeps what it has read by itself; the root is kept once.

    Args:
        longest: tokens that any text may go on for.
    """

    def __init__(self, reader: TreeReader, longest: int) -> None:
        self._reader, self._longest = reader, longest
        # Of each row the positions of the next tokens, and what its prompts have read, by layer.
        self._taken: list[tuple[list[int], list[States]]] = []
        self._layers: list[_BranchLayer] = []
        self._texts: list[int] = []  # those in the batch
        self._visible = torch.zeros(0)  # [texts in the batch, columns]
        self._positions = torch.zeros(0)  # of the next token of each

    def take(self, visible: NDArray[np.bool_], positions: Sequence[int]) -> None:
        """See `Continuing`."""
        paths = [np.flatnonzero(seen) for seen in visible]
        width = max(map(len, paths))
        # All end in the same column, so that a step writes into one.
        index = np.stack([np.pad(path, (width - len(path), 0)) for path in paths])
        places = torch.from_numpy(index).to(self._reader.model.device)
        own = [
            (keys[0][:, places].transpose(0, 1), values[0][:, places].transpose(0, 1))
            for keys, values in self._reader.states(since_root=True)
        ]  # [texts, heads, columns, size]
        self._taken.append(([position + 1 for position in positions], own))

    def step(self, texts: Sequence[int], tokens: Sequence[int]) -> torch.Tensor:
        """See `Continuing`."""
        if self._taken:
            self._begin()
        if len(texts) <= len(self._texts) * (1 - _ENDED_SHARE):
            self._leave_only(texts)
        model, reader = self._reader.model, self._reader
        place = {text: row for row, text in enumerate(self._texts)}
        rows = [place[text] for text in texts]
        ids = torch.zeros((len(self._texts), 1), dtype=torch.long, device=model.device)
        ids[rows, 0] = torch.tensor(tokens, device=model.device)
        columns = self._layers[0].get_seq_length() + 1
        reader.counts += Counts(len(texts), int((self._positions[rows] + 1).sum()), len(texts))
        with torch.inference_mode(), _in_branches(model):
            logits: torch.Tensor = model(
                input_ids=ids,
                position_ids=self._positions[:, None],
                attention_mask=self._visible[:, None, None, :columns],
                past_key_values=Cache(layers=list(self._layers)),
                use_cache=True,
            ).logits[:, 0]
        self._positions = self._positions + 1
        return logits[rows]

    def _begin(self) -> None:
        """Lay out what was taken, with room for what is to come."""
        device, root_length = self._reader.model.device, self._reader.root_length
        self._positions = torch.tensor([at for row, _ in self._taken for at in row], device=device)
        self._texts = list(range(len(self._positions)))
        own_lengths = self._positions - root_length
        width = int(own_lengths.max())
        self._visible = torch.arange(width + self._longest, device=device) >= (width - own_lengths)[:, None]

        def laid_out(parts: Sequence[torch.Tensor]) -> torch.Tensor:
            return torch.cat(
                [torch.nn.functional.pad(one, (0, 0, width - one.shape[2], self._longest)) for one in parts]
            )

        for root in self._reader.states(since_root=False):
            layer = [states.pop(0) for _, states in self._taken]  # so that not all of them lie there twice
            own = (laid_out([keys for keys, _ in layer]), laid_out([values for _, values in layer]))
            self._layers.append(_BranchLayer(root, own, width))
        self._taken = []

    def _leave_only(self, texts: Sequence[int]) -> None:
        rows = torch.tensor([self._texts.index(text) for text in texts], device=self._visible.device)
        for layer in self._layers:
            layer.choose(rows)
        self._texts = list(texts)
        self._visible, self._positions = self._visible[rows], self._positions[rows]


class _BranchLayer(CacheLayerMixin):
    """Keys and values ``[texts, heads, columns, size]`` of texts; what it hands out leads to those of the root."""

    is_sliding = False

    def __init__(self, root: States, own: States, length: int) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # the library is untyped here
        self._root = root
        self.keys, self.values = own
        self._length = length
        self.is_initialized = True

    def lazy_initialization(self, key_states: torch.Tensor, value_states: torch.Tensor) -> None:
        """Nothing is left to be done."""

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, *_: Any, **__: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        assert self.keys is not None and self.values is not None  # noqa: PT018 (for the type checker)
        self.keys[:, :, self._length] = key_states[:, :, 0]
        self.values[:, :, self._length] = value_states[:, :, 0]
        self._length += 1
        keys: Any = self.keys[:, :, : self._length]
        keys.root = self._root
        return keys, self.values[:, :, : self._length]

    def choose(self, texts: torch.Tensor) -> None:
        """Keep these texts alone."""
        assert self.keys is not None and self.values is not None  # noqa: PT018 (likewise)
        self.keys, self.values = self.keys[texts], self.values[texts]

    def get_mask_sizes(self, query_length: int) -> tuple[int, int]:
        return self._length + query_length, 0

    def get_seq_length(self) -> int:
        return self._length

    def get_max_length(self) -> int:
        return -1


@contextmanager
def _in_branches(model: PreTrainedModel) -> Iterator[None]:
    config = model.config.get_text_config(decoder=True)
    config._attn_implementation = _NAME
    try:
        yield
    finally:
        config._attn_implementation = "sdpa"


def _attend(
    _: torch.nn.Module,
    query: torch.Tensor,
    key: Any,
    value: torch.Tensor,
    attention_mask: torch.Tensor,
    scaling: float | None = None,
    **__: Any,
) -> tuple[torch.Tensor, None]:
    """As the library's functions, for one token of each text: to ``[texts, 1, heads, size]``.

    The softmax over the root and that over a text's own keys are brought together at their common maximum.
    """
    (root_keys,), (root_values,) = key.root  # [heads with keys, root, size]
    texts, heads, one, size = query.shape
    value_size = value.shape[-1]  # latent attention has others for values than for keys
    shared = key.shape[1]
    asking = (query * (size**-0.5 if scaling is None else scaling)).view(texts, shared, heads // shared, size)
    in_turn = asking.transpose(0, 1).reshape(shared, -1, size)  # [heads with keys, texts of each head, size]
    far = torch.bmm(in_turn, root_keys.transpose(1, 2)).float()
    near = torch.matmul(asking, key.transpose(2, 3)).float()
    near = near.masked_fill(~attention_mask, -torch.inf).transpose(0, 1).reshape(*in_turn.shape[:2], -1)
    top = near.amax(dim=-1, keepdim=True)
    if root_keys.shape[1]:
        top = torch.maximum(top, far.amax(dim=-1, keepdim=True))
    far, near = far.sub_(top).exp_(), near.sub_(top).exp_()
    total = far.sum(dim=-1, keepdim=True) + near.sum(dim=-1, keepdim=True)
    weights = near.to(value.dtype).view(shared, texts, heads // shared, -1).transpose(0, 1)
    own = torch.matmul(weights, value).transpose(0, 1).reshape(shared, -1, value_size)
    said = (torch.bmm(far.to(value.dtype), root_values) + own) / total
    said = said.to(query.dtype).view(shared, texts, heads // shared, value_size).transpose(0, 1)
    return said.reshape(texts, one, heads, value_size), None


AttentionInterface.register(_NAME, _attend)
