"""Thinking before answering: thoughts are sampled behind a question, and the answer is read behind each.

For any causal model of the transformers library.  Short prompts are encoded as a batch and their thoughts go on from
copies of its cache; what thoughts about long prompts share is kept once.  Those that have ended are left out as soon as
they are half of the rest.  How an answer is read behind a thought is left to a reader, for which the thought is part of
the prompt.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import torch

from obverse.answering.answerer import Reading
from obverse.answering.batch import PromptBatch, batch_bytes
from obverse.answering.encoding import common_length
from obverse.answering.generated import end_tokens
from obverse.costs import Counts
from obverse.models.control_tokens import tokens_of

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

    from obverse.answering.continuing import Continuing
    from obverse.answering.sharing import RowReader
    from obverse.answering.short import ShortReader

Tokens = tuple[int, ...]

# Thoughts that are sampled side by side.
_AT_ONCE = 512
# What a batch may keep, in bytes; where it would be more, what thoughts share is kept once.
_BATCH_BYTES = 1 << 30
# Tokens then, besides what all share: that are read in one row, and that are kept.
_ROW_TOKENS = 1536
_KEPT_TOKENS = 16384


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
        counts: what was computed so far.
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
        self.counts = Counts()

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
            numbers = _Numbers(generator, len(some) * samples)
            done = 0
            for group in self._groups(some, samples):
                chosen = self._sample(group, samples, temperature, least, numbers, done * samples)
                thoughts += [
                    [self._cut(prompt, row) for row in chosen[place * samples : (place + 1) * samples]]
                    for place, prompt in enumerate(group)
                ]
                done += len(group)
        return thoughts

    def length(self, text: str) -> int:
        """Tokens of a text, an answer for example."""
        return len(self._encode(text))

    def _groups(self, prompts: Sequence[Tokens], samples: int) -> Iterator[Sequence[Tokens]]:
        """Neighbours whose thoughts are sampled side by side."""
        if self._batched(prompts, samples):
            yield prompts
            return
        group: list[Tokens] = []
        for prompt in prompts:
            if group and not self._fits([*group, prompt], samples):
                yield group
                group = []
            group.append(prompt)
        yield group

    def _fits(self, prompts: Sequence[Tokens], samples: int) -> bool:
        from obverse.answering.sharing import unshared

        if unshared(self._model):
            return self._batched(prompts, samples)
        root = len(_shared(prompts))
        own = sum(len(prompt) - root for prompt in prompts)
        kept = (own + len(prompts) * self._room) * samples
        return own <= _ROW_TOKENS and kept <= _KEPT_TOKENS

    def _batched(self, prompts: Sequence[Tokens], samples: int) -> bool:
        """Whether a batch keeps little enough, of a model for which it is right."""
        kept = batch_bytes(self._model)
        rows = len(prompts) * samples
        return kept is not None and rows * (max(map(len, prompts)) + self._room) * kept <= _BATCH_BYTES

    @property
    def _room(self) -> int:
        """Tokens of the longest thought with its end."""
        return self.thinking.most + len(self._end)

    @torch.inference_mode()
    def _sample(
        self,
        prompts: Sequence[Tokens],
        samples: int,
        temperature: float,
        least: int,
        numbers: _Numbers,
        first: int,
    ) -> list[list[int]]:
        """What is chosen, by thought; what stands behind an end has no meaning.

        Args:
            first: of these thoughts among those that the numbers are for.
        """
        end = torch.tensor(self._end, device=self._model.device)
        chosen = torch.empty((len(prompts) * samples, 0), dtype=torch.long, device=end.device)
        ended = torch.zeros(len(chosen), dtype=torch.bool, device=end.device)
        stops = torch.tensor(sorted(self._stops), dtype=torch.long, device=end.device)
        reader, going_on, logits = self._begin(prompts, samples)
        rows = torch.arange(len(chosen), device=end.device)
        for done in range(self._room):
            scores = logits.float()
            if done < least:
                scores[:, end[0]] = -math.inf
                scores[:, stops] = -math.inf
            token = torch.zeros((len(chosen), 1), dtype=torch.long, device=end.device)
            token[rows] = (
                _draw(scores / temperature, numbers(done)[first + rows])
                if temperature
                else scores.argmax(dim=-1, keepdim=True)
            )
            self.counts += Counts(generated=int((~ended).sum()))
            chosen = torch.cat((chosen, token), dim=1)
            ended |= torch.isin(token[:, 0], stops)
            if done + 1 >= len(end):
                ended |= (chosen[:, -len(end) :] == end).all(dim=1)
            going = (~ended[rows]).nonzero()[:, 0]
            if not len(going) or done + 1 == self._room:
                break
            if 2 * len(going) <= len(rows):
                rows = rows[going]
            logits = going_on.step(rows.tolist(), token[rows, 0].tolist())
        self.counts += reader.counts
        return chosen.tolist()

    def _begin(
        self, prompts: Sequence[Tokens], samples: int
    ) -> tuple[PromptBatch | RowReader, PromptBatch | Continuing, torch.Tensor]:
        """Read the prompts: what counts, what goes on, and logits of what follows, ``[thoughts, vocabulary]``."""
        from obverse.answering.continuing import continuing
        from obverse.answering.sharing import row_reader, unshared
        from obverse.answering.tree import Tree

        # A model that shares nothing is right in a batch, however large, or reads each thought by itself.
        if self._batched(prompts, samples) or (unshared(self._model) and batch_bytes(self._model)):
            batch = PromptBatch(self._model, prompts, samples, self._room)
            return batch, batch, batch.logits
        root = _shared(prompts)
        reader = row_reader(self._model, root, max(map(len, prompts)) + self._room)
        going_on = continuing(reader, self._room)
        tree = Tree(len(root))
        ends = [tree.add(prompt[len(root) :])[-1] for prompt in prompts]
        visible = tree.visible()
        keep = sorted(set(ends))
        logits = reader.read(tree.tokens, tree.positions, visible, keep)
        thoughts = [end for end in ends for _ in range(samples)]
        going_on.take(visible[thoughts], [tree.positions[end] for end in thoughts])
        return reader, going_on, logits[[keep.index(end) for end in thoughts]]

    def _cut(self, prompt: Tokens, chosen: list[int]) -> Thought:
        """The thought up to its first end, or as far as it may go."""
        end, most = list(self._end), self.thinking.most
        for stop, token in enumerate(chosen):
            length = 1 if token in self._stops else len(end)
            if token in self._stops or chosen[stop : stop + length] == end:
                return Thought(prompt, tuple(chosen[: stop + length]), self._decode(chosen[:stop]), True)
        return Thought(prompt, tuple(chosen[:most]), self._decode(chosen[:most]), False)

    def _encode(self, text: str, special_tokens: bool = False) -> Tokens:
        (tokens,) = tokens_of(self._tokenizer, [text], opens=special_tokens)
        return tuple(tokens)

    def _decode(self, tokens: Sequence[int]) -> str:
        return str(self._tokenizer.decode(list(tokens)))


class _Numbers:
    """Uniform numbers for each step, the same however thoughts are grouped: ``[thoughts, 1]``."""

    def __init__(self, generator: torch.Generator, thoughts: int) -> None:
        self._generator, self._thoughts = generator, thoughts
        self._drawn: list[torch.Tensor] = []

    def __call__(self, step: int) -> torch.Tensor:
        while len(self._drawn) <= step:
            self._drawn.append(
                torch.rand(
                    (self._thoughts, 1),
                    generator=self._generator,
                    dtype=torch.double,
                    device=self._generator.device,
                )
            )
        return self._drawn[step]


def _shared(prompts: Sequence[Tokens]) -> Tokens:
    """What all prompts begin with, short of the last token of the shortest."""
    return prompts[0][: min(common_length(prompts), min(map(len, prompts)) - 1)]


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
) -> list[Reading]:
    """Each question with its choices, averaged over its thoughts.

    The likelihood of a choice is its mean over thoughts; generated is the answer that most thoughts lead to, the
    earliest of several.

    Args:
        thoughts: some about each question, as texts: a sampled one, the likeliest, the one that is needed.
    """
    behind = [
        thinking.after(prompt, thought)
        for prompt, some in zip(prompts, thoughts, strict=True)
        for thought in some
    ]
    found = iter(reader.read(behind, [choices[place] for place, some in enumerate(thoughts) for _ in some]))
    return [averaged([next(found) for _ in some], some) for some in thoughts]


def averaged(readings: Sequence[Reading], thoughts: Sequence[str]) -> Reading:
    """Readings of one question behind these thoughts, as one: mean likelihoods, and the answer that most lead to."""
    columns = zip(*(reading.log_likelihoods for reading in readings), strict=True)
    answers = Counter(reading.generated.strip() for reading in readings)
    likeliest, _ = answers.most_common(1)[0]  # the earliest of several
    return replace(
        readings[0],
        log_likelihoods=tuple(_log_mean(column) for column in columns),
        generated=likeliest,
        generated_tokens=sum(reading.generated_tokens for reading in readings),
        thoughts=tuple(thoughts),
    )


def _log_mean(logs: Sequence[float]) -> float:
    """The logarithm of the mean of what these are the logarithms of."""
    highest = max(logs)
    if highest == -math.inf:
        return highest
    return highest + math.log(sum(math.exp(log - highest) for log in logs) / len(logs))
