"""The plain way to read: one pass over each text, from its beginning, whatever the model is made of.

What a faster way finds is compared with this.  Where no faster way is right for a model, its texts are read so.
"""

from __future__ import annotations

import copy
import inspect
import math
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary

import numpy as np
import torch

from obverse.costs import Counts
from obverse.models.precision import in_float32
from obverse.types import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from transformers import PreTrainedModel

Found = TypeVar("Found")

# Tokens that a model is tried with.
_TRIED_TOKENS = 16


def parameters(model: PreTrainedModel) -> frozenset[str]:
    """What the model can be called with."""
    base: Any = getattr(model, "get_base_model", lambda: model)()  # under an adapter of peft
    return frozenset(inspect.signature(base.forward).parameters)


def keep_only(model: PreTrainedModel, nodes: Sequence[int]) -> dict[str, torch.Tensor]:
    """Ask for the logits of ``nodes`` alone, where the model can."""
    virtual = getattr(getattr(model, "active_peft_config", None), "is_prompt_learning", False)
    if "logits_to_keep" not in parameters(model) or virtual:  # tokens of the adapter's own shift the others
        return {}
    return {"logits_to_keep": torch.tensor(list(nodes), device=model.device)}


def plain_logits(model: PreTrainedModel, text: Sequence[int], keep: Sequence[int]) -> torch.Tensor:
    """The next-token logits at the places ``keep`` of a text, ``[len(keep), vocabulary]``, by one pass over it."""
    arguments = keep_only(model, keep)
    with torch.inference_mode():
        logits: torch.Tensor = model(
            input_ids=torch.tensor([list(text)], device=model.device), use_cache=False, **arguments
        ).logits[0]
    return logits if arguments else logits[-len(text) :][list(keep)]


def plain_log_likelihood(model: Any, text: Sequence[int], start: int) -> float:
    """Log-likelihood of ``text[start:]`` after ``text[:start]`` by one pass over it all, in nats."""
    logits = plain_logits(model, text, range(start - 1, len(text) - 1)).float()
    told = torch.tensor(list(text[start:]), device=logits.device)
    return float(logits.log_softmax(dim=-1).gather(1, told[:, None]).sum())


def alike(found: torch.Tensor, plain: torch.Tensor) -> bool:
    """Whether logits ``[..., vocabulary]`` differ by rounding alone: in the latter half of their digits."""
    allowed = math.sqrt(torch.finfo(plain.dtype).eps)
    found, plain = found.float(), plain.float()
    apart = torch.where(found == plain, 0.0, found - plain).norm(dim=-1)  # some say -inf for what is no token
    spread = (plain - plain.mean(dim=-1, keepdim=True)).nan_to_num(0.0, 0.0, 0.0).norm(dim=-1)
    return bool((apart <= allowed * spread).all())


def tried_tokens(model: PreTrainedModel) -> list[int]:
    """Some tokens of the vocabulary, all different."""
    vocabulary = int(model.config.get_text_config(decoder=True).vocab_size)
    return [(place * vocabulary + vocabulary // 2) // _TRIED_TOKENS for place in range(_TRIED_TOKENS)]


def once_for_each_model(find: Callable[[PreTrainedModel], Found]) -> Callable[[PreTrainedModel], Found]:
    """Keep what ``find`` finds out about a model, in full precision, for as long as there is the model."""
    known: WeakKeyDictionary[PreTrainedModel, Found] = WeakKeyDictionary()

    @wraps(find)
    def found(model: PreTrainedModel) -> Found:
        if model not in known:
            with in_float32(model):
                known[model] = find(model)
        return known[model]

    return found


@once_for_each_model
def _sees_only_the_past(model: PreTrainedModel) -> bool:
    tokens = tried_tokens(model)
    places = range(len(tokens) - 1)
    with_last = plain_logits(model, tokens, places)
    return alike(plain_logits(model, tokens[:-1], places), with_last)


def check_reads_from_left_to_right(model: PreTrainedModel) -> None:
    """Refuse a model for which likelihoods of a text's tokens mean nothing.

    Raises:
        InputError: what the model says of a token depends on those that follow.
    """
    if not _sees_only_the_past(model):
        raise InputError(
            f"the {model.config.model_type} model sees the tokens that it is asked for: it reads in both directions; "
            "name a causal model, or set is_decoder in its config.json where it is one"
        )


class PlainReader:
    """Reads rows as `obverse.answering.tree.TreeReader` does, but each text by a pass of its own.

    Attributes:
        root_length: tokens that all texts begin with.
        counts: what was computed so far.
    """

    def __init__(self, model: PreTrainedModel, root: Sequence[int]) -> None:
        self.model = model
        self.root_length = len(root)
        self._root = list(root)
        self._nodes: list[int] = []  # the tokens read since the root
        self.counts = Counts()

    def rewind(self) -> None:
        """Forget all that was read after the root."""
        self._nodes = []

    def text(self, seen: NDArray[np.bool_]) -> list[int]:
        """The text that consists of the root and what is seen of the tokens since."""
        return self._root + [self._nodes[node] for node in np.flatnonzero(seen)]

    def read(
        self, tokens: Sequence[int], _: Sequence[int], visible: NDArray[np.bool_], keep: Sequence[int]
    ) -> torch.Tensor:
        """See `obverse.answering.tree.TreeReader.read`; positions are left to the model."""
        first = len(self._nodes)
        self._nodes += tokens
        found: dict[int, torch.Tensor] = {}
        for node in sorted(keep, key=lambda node: -visible[node].sum()):
            if node in found:
                continue
            path = np.flatnonzero(visible[node]).tolist()
            # Where a text continues another, both are read in one pass.
            places = {one - first: self.root_length + place for place, one in enumerate(path)}
            wanted = [one for one in keep if one in places and one not in found]
            text = self.text(visible[node])
            found |= zip(wanted, plain_logits(self.model, text, [places[one] for one in wanted]), strict=True)
            self.count(len(text), len(text), len(wanted))
        return torch.stack([found[node] for node in keep])

    def count(self, tokens: int, seen: int, kept: int) -> None:
        """Count the reading of the last ``tokens`` of ``seen``."""
        projected = kept if keep_only(self.model, ()) else tokens
        self.counts += Counts.text(tokens, projected, behind=seen - tokens)


class Apart:
    """Texts that go on each by itself, with the model's own memory of it where that is right.

    See `obverse.answering.continuing.Continuing`.
    """

    def __init__(self, reader: PlainReader) -> None:
        self._reader = reader
        self._texts: list[list[int]] = []
        self._states: dict[int, dict[str, Any]] = {}
        self._begun: dict[tuple[int, ...], dict[str, Any]] = {}  # the states after prompts

    def take(self, visible: NDArray[np.bool_], _: Sequence[int]) -> None:
        """Take over the prompts of the row that was just read."""
        self._texts += [self._reader.text(seen) for seen in visible]

    def step(self, texts: Sequence[int], tokens: Sequence[int]) -> torch.Tensor:
        """Read one more token of some texts."""
        self._states = {text: state for text, state in self._states.items() if text in set(texts)}
        found = []
        for text, token in zip(texts, tokens, strict=True):
            own = self._texts[text]
            own.append(token)
            if not _remembers(self._reader.model):
                self._reader.count(len(own), len(own), 1)
                found.append(plain_logits(self._reader.model, own, [len(own) - 1])[0])
                continue
            state = self._states.get(text) or copy.deepcopy(self._begin(tuple(own[:-1])))
            self._reader.count(1, len(own), 1)
            logits, self._states[text] = _go_on(self._reader.model, [token], state)
            found.append(logits)
        return torch.stack(found)

    def _begin(self, prompt: tuple[int, ...]) -> dict[str, Any]:
        if prompt not in self._begun:
            self._reader.count(len(prompt), len(prompt), 1)
            _, self._begun[prompt] = _go_on(self._reader.model, prompt, {})
        return self._begun[prompt]


def _go_on(
    model: PreTrainedModel, tokens: Sequence[int], state: Mapping[str, Any]
) -> tuple[torch.Tensor, dict[str, Any]]:
    """What follows ``[vocabulary]`` after more tokens, and the model's own state then."""
    from transformers.generation.utils import ALL_CACHE_NAMES

    with torch.inference_mode():
        outputs = model(
            input_ids=torch.tensor([list(tokens)], device=model.device),
            use_cache=True,
            **state,
            **keep_only(model, [len(tokens) - 1]),
        )
    return outputs.logits[0, -1], {name: outputs[name] for name in ALL_CACHE_NAMES if name in outputs}


@once_for_each_model
def _remembers(model: PreTrainedModel) -> bool:
    """Whether the model goes on from its own state as if it read the whole text."""
    tokens = tried_tokens(model)
    begun = len(tokens) - 3
    try:
        _, state = _go_on(model, tokens[:begun], {})
        state = copy.deepcopy(state)
        steps = []
        for place in range(begun, len(tokens)):
            logits, state = _go_on(model, [tokens[place]], state)
            steps.append(logits)
    except torch.OutOfMemoryError:
        raise
    except Exception:  # whatever a model finds wrong that keeps no state, or another kind of it
        return False
    return bool(state) and alike(torch.stack(steps), plain_logits(model, tokens, range(begun, len(tokens))))
