"""Reading many short prompts at once: the likelihood of every choice, and the greedy answer.

For small models, whose prompts share nothing that is worth keeping.  Prompts of equal length form a batch, so there is
no padding; a prefix that several choices share is read once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import torch

from obverse.answering.answerer import Reading
from obverse.costs import Counts

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

Tokens = tuple[int, ...]

# Tokens in a batch: enough to keep a processor busy, few enough for its caches.
_BATCH_TOKENS = 1 << 14


class ShortReader:
    """Reads short prompts and counts what that takes.

    A model that reads in both directions is asked for the token behind a mask at the end of the prompt.

    Attributes:
        window: most tokens of a prompt.
        counts: what was computed so far.
    """

    def __init__(self, model: Any, tokenizer: PreTrainedTokenizerBase) -> None:
        self._model, self._tokenizer = model, tokenizer
        self._causal = bool(getattr(model.config, "is_causal", True))
        self._device = next(model.parameters()).device
        self.window = int(model.config.max_position_embeddings)
        self.counts = Counts()

    def read(self, prompts: Sequence[str], choices: Sequence[Sequence[str]]) -> list[Reading]:
        """Read each prompt, with its choices as they would follow it; the greedy answer is as long as the longest."""
        texts = [self._encode(prompt) for prompt in prompts]
        ends = [[self._encode(choice) for choice in found] for found in choices]
        prefixes = dict.fromkeys(
            text + end[:known]
            for text, found in zip(texts, ends, strict=True)
            for end in found
            for known in range(len(end))
        )
        followers: dict[Tokens, dict[int, None]] = defaultdict(dict)
        for text, found in zip(texts, ends, strict=True):
            for end in found:
                for known, token in enumerate(end):
                    followers[text + end[:known]][token] = None
        likelihoods: dict[tuple[Tokens, int], float] = {}
        greedy: dict[Tokens, int] = {}
        for prefix, scores in self._after(prefixes):
            wanted = list(followers[prefix])
            likelihoods |= {
                (prefix, token): value for token, value in zip(wanted, scores[wanted].tolist(), strict=True)
            }
            greedy[prefix] = int(scores.argmax())
        readings = []
        answers = self._continue(texts, [max(map(len, found)) for found in ends], greedy)
        for text, found, answer in zip(texts, ends, answers, strict=True):
            readings.append(
                Reading(
                    tuple(
                        sum(likelihoods[text + end[:known], token] for known, token in enumerate(end))
                        for end in found
                    ),
                    tuple(map(len, found)),
                    str(self._tokenizer.decode(list(answer))),
                )
            )
        return readings

    def answer(self, prompts: Sequence[str], tokens: Sequence[int]) -> list[str]:
        """The greedy answer to each prompt, of so many tokens."""
        answers = self._continue([self._encode(prompt) for prompt in prompts], tokens, {})
        return [str(self._tokenizer.decode(list(answer))) for answer in answers]

    def sample(
        self, prompts: Sequence[str], tokens: Sequence[int], temperature: float, seed: int
    ) -> list[str]:
        """How each prompt goes on, so many tokens drawn at a temperature; 0 takes the likeliest."""
        if not temperature:
            return self.answer(prompts, tokens)
        texts = [self._encode(prompt) for prompt in prompts]
        generator = torch.Generator().manual_seed(seed)
        answers: list[Tokens] = [() for _ in texts]
        for done in range(max(tokens, default=0)):
            open_: dict[Tokens, list[int]] = defaultdict(list)
            for index, text in enumerate(texts):
                if tokens[index] > done:
                    open_[text + answers[index]].append(index)
            for prefix, scores in self._after(open_):
                weights = (scores.double() / temperature).softmax(dim=-1)
                alike = open_[prefix]  # equal prompts have each a draw of their own
                drawn = torch.multinomial(weights, len(alike), replacement=True, generator=generator)
                for index, token in zip(alike, drawn.tolist(), strict=True):
                    answers[index] += (token,)
        return [str(self._tokenizer.decode(list(answer))) for answer in answers]

    def _encode(self, text: str) -> Tokens:
        return tuple(self._tokenizer(text, add_special_tokens=False, verbose=False).input_ids)

    def _continue(
        self, texts: Sequence[Tokens], lengths: Sequence[int], greedy: dict[Tokens, int]
    ) -> list[Tokens]:
        """The greedy answers, of so many tokens each; ``greedy`` holds first tokens that are known already."""
        answers: list[Tokens] = [() for _ in texts]
        for done in range(max(lengths, default=0)):
            open_ = [index for index, length in enumerate(lengths) if length > done]
            unknown = {texts[index] + answers[index]: None for index in open_}
            for prefix, scores in self._after(prefix for prefix in unknown if prefix not in greedy):
                greedy[prefix] = int(scores.argmax())
            for index in open_:
                answers[index] += (greedy[texts[index] + answers[index]],)
        return answers

    @torch.inference_mode()
    def _after(self, prefixes: Iterable[Tokens]) -> Iterable[tuple[Tokens, torch.Tensor]]:
        """Each prefix with the log-probabilities of what comes next, ``[vocabulary]``, the shortest first."""
        by_length: dict[int, list[Tokens]] = defaultdict(list)
        for prefix in prefixes:
            by_length[len(prefix)].append(prefix)
        mask = () if self._causal else (self._tokenizer.mask_token_id,)
        for length, alike in sorted(by_length.items()):
            time = length + len(mask)
            size = max(1, _BATCH_TOKENS // time)
            for start in range(0, len(alike), size):
                batch = alike[start : start + size]
                ids = torch.tensor([prefix + mask for prefix in batch], device=self._device)
                logits = self._model(input_ids=ids, use_cache=False, logits_to_keep=1).logits[:, -1]
                one = Counts.text(time, 1) if self._causal else Counts(time, time * time, 1)
                self.counts += one * len(batch)
                yield from zip(batch, logits.float().log_softmax(dim=-1).cpu(), strict=True)
