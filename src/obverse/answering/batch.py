"""Texts as rows of a batch, each with a cache of its own: for short prompts, whatever attention there is.

The prompt of each group of texts is encoded once; its texts go on from copies of its cache.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import torch

from obverse.answering.plain import alike, keep_only, once_for_each_model, plain_logits, tried_tokens
from obverse.costs import Counts

if TYPE_CHECKING:
    from transformers import PreTrainedModel


class PromptBatch:
    """Texts that go on side by side; see `obverse.answering.continuing.Continuing`.

    Args:
        prompts: as tokens; there may be short ones among long ones.
        copies: texts that go on from each prompt, one behind the other.
        longest: tokens that any text may go on for.

    Attributes:
        logits: of what follows the prompts, ``[prompts * copies, vocabulary]``.
        counts: what was computed so far.
    """

    def __init__(
        self, model: PreTrainedModel, prompts: Sequence[Sequence[int]], copies: int, longest: int
    ) -> None:
        from transformers import StaticCache

        self._model = model
        device = model.device
        most = max(map(len, prompts))
        self._cache = StaticCache(config=model.config, max_cache_len=most + longest)
        padded = [[0] * (most - len(prompt)) + list(prompt) for prompt in prompts]
        lengths = torch.tensor([len(prompt) for prompt in prompts], device=device)
        self._uneven = len(set(map(len, prompts))) > 1
        places = torch.arange(most, device=device)
        # Prompts end together, so that all texts go on from one place of the cache.
        mask = (places >= (most - lengths)[:, None]).long()
        positions = (places - (most - lengths)[:, None]).clamp(min=0)
        logits = self._read(torch.tensor(padded, device=device), mask, positions)
        self.counts = sum((Counts.text(len(prompt), 1) for prompt in prompts), Counts())
        rows = torch.arange(len(prompts), device=device).repeat_interleave(copies)
        self._cache.reorder_cache(rows)  # type: ignore[arg-type]  # an index of any kind
        self._mask, self._lengths, self._rows = mask[rows], lengths[rows], list(range(len(rows)))
        self.logits = logits[rows]

    def step(self, texts: Sequence[int], tokens: Sequence[int]) -> torch.Tensor:
        """Read one more token of some texts; those left out have ended."""
        if len(texts) < len(self._rows):
            place = {text: row for row, text in enumerate(self._rows)}
            left = torch.tensor([place[text] for text in texts], device=self._model.device)
            self._cache.reorder_cache(left)  # type: ignore[arg-type]  # likewise
            self._mask, self._lengths, self._rows = self._mask[left], self._lengths[left], list(texts)
        self._mask = torch.cat((self._mask, self._mask.new_ones(len(texts), 1)), dim=1)
        ids = torch.tensor(tokens, device=self._model.device)[:, None]
        logits = self._read(ids, self._mask, self._lengths[:, None])
        self._lengths = self._lengths + 1
        self.counts += Counts(len(texts), int(self._lengths.sum()), len(texts))
        return logits

    def _read(self, ids: torch.Tensor, mask: torch.Tensor, positions: torch.Tensor) -> torch.Tensor:
        with torch.inference_mode():
            logits: torch.Tensor = self._model(
                input_ids=ids,
                attention_mask=mask if self._uneven else None,
                position_ids=positions,
                past_key_values=self._cache,
                use_cache=True,
                **({"logits_to_keep": 1} if keep_only(self._model, ()) else {}),
            ).logits[:, -1]
        return logits

    @property
    def bytes_of_a_token(self) -> int:
        """What the cache holds of one token of one text."""
        kept = [getattr(layer, name, None) for layer in self._cache.layers for name in ("keys", "values")]
        rows = max(1, len(self._rows))
        return sum(
            states.nbytes // (rows * states.shape[2]) for states in kept if isinstance(states, torch.Tensor)
        )


@once_for_each_model
def batch_bytes(model: PreTrainedModel) -> int | None:
    """What a batch holds of one token of one text; ``None`` where its texts get other than what each gets by itself."""
    tokens = tried_tokens(model)
    prompts, steps = [tokens[:7], tokens[7:12]], [tokens[12:14], tokens[14:16]]
    try:
        batch = PromptBatch(model, prompts, 1, len(steps))
        found = [batch.logits, *(batch.step([0, 1], step) for step in steps)]
    except torch.OutOfMemoryError:
        raise
    except Exception:  # whatever a model finds wrong with such a cache or such a mask
        return None
    for text, prompt in enumerate(prompts):
        whole: list[Any] = prompt + [step[text] for step in steps]
        plain = plain_logits(model, whole, range(len(prompt) - 1, len(whole)))
        if not alike(torch.stack([logits[text] for logits in found]), plain):
            return None
    return batch.bytes_of_a_token
