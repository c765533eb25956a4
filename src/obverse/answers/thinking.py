"""Thinking before answering: thoughts are sampled behind a question, and the answer is read behind each.

For any causal model of the transformers library.  The prompt is encoded once for all thoughts about it, which go on
from copies of its cache; those that have ended are left out as soon as they are half of the rest.  How an answer is
read behind a thought is left to a reader, for which the thought is part of the prompt.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

from obverse.answers.generated import end_tokens
from obverse.costs import ModelShape
from obverse.models.control_tokens import tokens_of
from obverse.types import Ledger

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

    from obverse.answers.short import ShortReader, ShortReading

Tokens = tuple[int, ...]

# Thoughts that are sampled side by side.
_AT_ONCE = 512


@dataclass(frozen=True)
class Thinking:
    """Where thoughts stand, and how long they get.

    Args:
        opens: text between the question and a thought.
        closes: text that ends a thought; the answer follows.  What ends a text or a turn ends a thought too.
        most: tokens of a thought, its end not counted; who has not ended it by then is made to.
        repeated: last words of the prompt, the question, that are said again behind a thought.
    """

    opens: str = " think "
    closes: str = " so"
    most: int = 12
    repeated: int = 0

    def before(self, prompt: str) -> str:
        """The prompt behind which a thought is sampled."""
        return prompt + self.opens

    def after(self, prompt: str, thought: str) -> str:
        """The prompt behind which the answer is read."""
        question = prompt.split()[-self.repeated :] if self.repeated else []
        return " ".join([prompt + self.opens + thought + self.closes, *question])


@dataclass(frozen=True)
class Thought:
    """One thought.

    Args:
        prompt: tokens in front of it.
        tokens: what the model chose, with the end where it chose that.
        text: without its end.
        ended: whether the model ended it itself.
    """

    prompt: Tokens
    tokens: Tokens
    text: str
    ended: bool


class Thinker:
    """Samples thoughts and counts what that takes.

    Args:
        special_tokens: whether the tokenizer adds its special tokens to prompts.

    Attributes:
        tokens, pairs, projected: read so far, as `obverse.costs.ModelShape.forward_flops` wants them.
        generated: tokens chosen so far.
    """

    def __init__(
        self,
        model: Any,
        tokenizer: PreTrainedTokenizerBase,
        thinking: Thinking,
        *,
        special_tokens: bool = False,
    ) -> None:
        self._model, self._tokenizer, self.thinking = model, tokenizer, thinking
        self._special_tokens = special_tokens
        self._end = self._encode(thinking.closes)
        self._stops = end_tokens(model, tokenizer)
        self.tokens = self.pairs = self.projected = self.generated = 0

    def think(
        self,
        prompts: Sequence[str],
        samples: int = 1,
        *,
        temperature: float = 0.0,
        seed: int = 0,
        least: int = 0,
    ) -> list[list[Thought]]:
        """So many thoughts about each question.

        Args:
            temperature: that they are drawn at; 0 takes the likeliest token each time.
            least: tokens before which no thought may end.  (An end of several tokens is kept from beginning.)
        """
        device = self._model.device
        generator = torch.Generator(device).manual_seed(seed)
        encoded = [self._encode(self.thinking.before(prompt), self._special_tokens) for prompt in prompts]
        size = max(1, _AT_ONCE // samples)
        thoughts: list[list[Thought]] = []
        for start in range(0, len(encoded), size):
            some = encoded[start : start + size]
            chosen = self._sample(some, samples, temperature, least, generator).tolist()
            thoughts += [
                [self._cut(prompt, row) for row in chosen[place * samples : (place + 1) * samples]]
                for place, prompt in enumerate(some)
            ]
        return thoughts

    def ledger(self, shape: ModelShape) -> Ledger:
        """What thinking took so far, its seconds left out."""
        return Ledger(
            tokens_forward=self.tokens,
            tokens_generated=self.generated,
            flops=shape.forward_flops(self.tokens, self.pairs, self.projected),
        )

    def length(self, text: str) -> int:
        """Tokens of a text, an answer for example."""
        return len(self._encode(text))

    @torch.inference_mode()
    def _sample(
        self,
        prompts: Sequence[Tokens],
        samples: int,
        temperature: float,
        least: int,
        generator: torch.Generator,
    ) -> torch.Tensor:
        """What is chosen, ``[prompts * samples, time]``; what stands behind an end has no meaning."""
        end = torch.tensor(self._end, device=self._model.device)
        chosen = torch.empty((len(prompts) * samples, 0), dtype=torch.long, device=end.device)
        ended = torch.zeros(len(chosen), dtype=torch.bool, device=end.device)
        stops = torch.tensor(sorted(self._stops), dtype=torch.long, device=end.device)
        states = self._states(prompts, samples)
        logits = next(states)
        rows = torch.arange(len(chosen), device=end.device)
        for done in range(self.thinking.most + len(end)):
            scores = logits.float()
            if done < least:
                scores[:, end[0]] = -math.inf
                scores[:, stops] = -math.inf
            numbers = torch.rand((len(chosen), 1), generator=generator, dtype=torch.double, device=end.device)
            token = torch.zeros((len(chosen), 1), dtype=torch.long, device=end.device)
            token[rows] = (
                _draw(scores / temperature, numbers[rows])
                if temperature
                else scores.argmax(dim=-1, keepdim=True)
            )
            self.generated += int((~ended).sum())
            chosen = torch.cat((chosen, token), dim=1)
            ended |= torch.isin(token[:, 0], stops)
            if done + 1 >= len(end):
                ended |= (chosen[:, -len(end) :] == end).all(dim=1)
            going = (~ended[rows]).nonzero()[:, 0]
            if not len(going) or done + 1 == self.thinking.most + len(end):
                break
            some = going if 2 * len(going) <= len(rows) else None
            rows = rows if some is None else rows[some]
            logits = states.send((token[rows], some))
        return chosen

    def _states(self, prompts: Sequence[Tokens], samples: int) -> Any:
        """A generator that gives what may follow, ``[rows, vocabulary]``, and takes what does.

        It takes the next tokens, ``[rows, 1]``, and which of the rows these are, ``None`` for all; others are left.
        """
        from transformers import StaticCache

        model, device = self._model, self._model.device
        longest = max(map(len, prompts))
        room = longest + self.thinking.most + len(self._end)
        cache = StaticCache(config=model.config, max_cache_len=room)
        padded = [(0,) * (longest - len(prompt)) + prompt for prompt in prompts]
        lengths = torch.tensor([len(prompt) for prompt in prompts], device=device)
        uneven = len(set(map(len, prompts))) > 1
        places = torch.arange(longest, device=device)
        # Prompts end together, so that all thoughts begin at one place of the cache.
        mask = (places >= (longest - lengths)[:, None]).long()
        positions = (places - (longest - lengths)[:, None]).clamp(min=0)
        logits = model(
            input_ids=torch.tensor(padded, device=device),
            attention_mask=mask if uneven else None,
            position_ids=positions,
            past_key_values=cache,
            use_cache=True,
            logits_to_keep=1,
        ).logits[:, -1]
        self._count(int(lengths.sum()), int((lengths * (lengths + 1) // 2).sum()), len(prompts))
        rows = torch.arange(len(prompts), device=device).repeat_interleave(samples)
        cache.reorder_cache(rows)  # type: ignore[arg-type]  # an index of any kind
        mask, lengths = mask[rows], lengths[rows]
        token, some = yield logits[rows]
        while True:
            if some is not None:
                cache.reorder_cache(some)
                mask, lengths = mask[some], lengths[some]
            mask = torch.cat((mask, mask.new_ones(len(mask), 1)), dim=1)
            logits = model(
                input_ids=token,
                attention_mask=mask if uneven else None,
                position_ids=lengths[:, None],
                past_key_values=cache,
                use_cache=True,
                logits_to_keep=1,
            ).logits[:, -1]
            lengths = lengths + 1
            self._count(len(lengths), int(lengths.sum()), len(lengths))
            token, some = yield logits

    def _cut(self, prompt: Tokens, chosen: list[int]) -> Thought:
        """The thought up to its first end, or as far as it may go."""
        end, most = list(self._end), self.thinking.most
        for stop, token in enumerate(chosen):
            length = 1 if token in self._stops else len(end)
            if token in self._stops or chosen[stop : stop + length] == end:
                return Thought(prompt, tuple(chosen[: stop + length]), self._decode(chosen[:stop]), True)
        return Thought(prompt, tuple(chosen[:most]), self._decode(chosen[:most]), False)

    def _count(self, tokens: int, pairs: int, projected: int) -> None:
        self.tokens += tokens
        self.pairs += pairs
        self.projected += projected

    def _encode(self, text: str, special_tokens: bool = False) -> Tokens:
        (tokens,) = tokens_of(self._tokenizer, [text], opens=special_tokens)
        return tuple(tokens)

    def _decode(self, tokens: Sequence[int]) -> str:
        return str(self._tokenizer.decode(list(tokens)))


def _draw(scores: torch.Tensor, numbers: torch.Tensor) -> torch.Tensor:
    """One token for each row of scores ``[rows, vocabulary]``, by a single uniform number, both ``[rows, 1]``.

    A draw that takes a number for each token of the vocabulary costs as much as a layer of a small model.
    """
    reached = scores.softmax(dim=-1).cumsum(dim=-1, dtype=torch.double)
    found = torch.searchsorted(reached, numbers * reached[:, -1:], right=True)
    return found.clamp(max=scores.shape[-1] - 1)


def read_after_thinking(
    reader: ShortReader,
    thinking: Thinking,
    prompts: Sequence[str],
    choices: Sequence[Sequence[str]],
    thoughts: Sequence[Sequence[str]],
) -> list[ShortReading]:
    """Each question with its choices, averaged over its thoughts.

    The likelihood of a choice is its mean over thoughts; generated is the answer that most thoughts lead to, the
    earliest of several.

    Args:
        thoughts: some about each question, as texts: a sampled one, the likeliest, the one that is needed.
    """
    from obverse.answers.short import ShortReading

    behind = [
        thinking.after(prompt, thought)
        for prompt, some in zip(prompts, thoughts, strict=True)
        for thought in some
    ]
    found: Iterator[ShortReading] = iter(
        reader.read(behind, [choices[place] for place, some in enumerate(thoughts) for _ in some])
    )
    readings = []
    for some in thoughts:
        alike = [next(found) for _ in some]
        answers = [one.generated for one in alike]
        likelihoods = torch.tensor([one.log_likelihoods for one in alike], dtype=torch.double)
        readings.append(
            ShortReading(
                tuple((likelihoods.logsumexp(dim=0) - math.log(len(some))).tolist()),
                alike[0].token_counts,
                max(answers, key=answers.count),
            )
        )
    return readings
