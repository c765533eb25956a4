"""Scoring and generating from a shared prefix: the whole-data-set arm at a price that can be paid.

Asking hundreds of questions with several choices each against one context of thousands of tokens costs, the
plain way, a pass over the whole context for every choice.  Here the context is encoded once, then each
question's own words once, then each choice; only the positions that predict a choice's token are projected to
the vocabulary; and the greedy answer goes on from the question's words that the scoring has just encoded.

Models that share nothing between texts are asked the plain way; see `obverse.answering.sharing`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import torch

from obverse.answering.answerer import Reading
from obverse.answering.continuing import Continuing, can_branch, continuing
from obverse.answering.encoding import Encoded, PromptTooLongError, Request, common_length, encode
from obverse.answering.generated import end_tokens, said
from obverse.answering.plain import PlainReader
from obverse.answering.sharing import RowReader, row_reader, unshared
from obverse.answering.tree import Tree
from obverse.models import context_window
from obverse.retrieval.thoughts import without_thoughts

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

# Tokens in a packed row, besides the beginning that all of it share. Longer rows waste attention on what is masked,
# shorter ones waste matrix multiplication and read shared beginnings again.
_ROW_TOKENS = 512
# Where answers are generated, a step costs about the same for ten prompts and for thirty, so these go on together.
_ANSWERING_TOKENS = 1536
# Whole texts are as long as their limits; keys and values of so many tokens are kept (0.75 GB for the default model).
_WRITING_TOKENS = 16384
# Where they lie in one row, each step attends to all that the row has written.
_WRITING_ROW_TOKENS = 4096

Choose = Callable[[Sequence[int], torch.Tensor], list[int]]
"""Given requests and the logits of what follows each, ``[requests, vocabulary]``, names a token for each."""


def score_choices(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    prefix: str,
    questions: Sequence[tuple[str, Sequence[str]]],
    *,
    special_tokens: bool = True,
) -> list[Reading]:
    """Log-likelihoods of every question's choices after one shared prefix.

    Equal, up to rounding, to a forward pass over each ``prefix + question + choice``, at a small part of the price.

    Args:
        prefix: what all questions share, for example a set of documents; may be empty.
        questions: for each the words after the prefix, and the choices that could follow them, as they are scored:
            where one begins another, give each with what ends it, a line end or the token that ends a turn.
        special_tokens: whether the tokenizer's own tokens stand before each text (``False`` after a chat template).

    Returns:
        a :class:`Reading` for each question, in order.

    Raises:
        PromptTooLongError: a text does not fit the model's window.
    """
    requests = [Request(prompt, tuple(choices)) for prompt, choices in questions]
    reader = Reader(model, tokenizer, encode(tokenizer, prefix, requests, special_tokens=special_tokens))
    readings = [reading for row in reader.read() for reading in row]
    return sorted(readings, key=lambda reading: reading.index)


class Reader:
    """Reads encoded requests row by row, so that a caller can keep what is done.

    Args:
        encoded: the requests; those whose index is in ``done`` count for what is shared, and are not read.
        new_tokens: longest continuation of each request, or of every one, in tokens; 0 for none.
        choose: how a token is chosen; the likeliest where nothing is said.
        whole_texts: whether a continuation goes on to its end token; an answer is one line and ends with it.
    """

    def __init__(
        self,
        model: PreTrainedModel,
        tokenizer: PreTrainedTokenizerBase,
        encoded: Sequence[Encoded],
        *,
        new_tokens: int | Sequence[int] = 0,
        done: frozenset[int] = frozenset(),
        choose: Choose | None = None,
        whole_texts: bool = False,
    ) -> None:
        self._model, self._tokenizer = model, tokenizer
        self._choose: Choose = choose or _likeliest
        self._whole_texts = whole_texts
        self._encoded = encoded
        self._limits = [new_tokens] * len(encoded) if isinstance(new_tokens, int) else list(new_tokens)
        self._generates = any(self._limits)
        # Neighbours in token order share the most: episodes that two questions have in common stand side by side.
        self._order = sorted(set(range(len(encoded))) - done, key=lambda index: encoded[index].prompt)
        self._check_window()
        # The root ends before any token that predicts something, so that its logits are never needed.
        sequences = [tokens for one in encoded for tokens in (one.prompt, *one.texts)]
        lasts = [min((len(one.prompt), *one.starts)) - 1 for one in encoded]
        self.root: tuple[int, ...] = (
            sequences[0][: max(0, min(common_length(sequences), *lasts))] if sequences else ()
        )
        self._reader: RowReader | None = None

    def _check_window(self) -> None:
        window = context_window(self._model)
        needed = (one.longest + limit for one, limit in zip(self._encoded, self._limits, strict=True))
        self._longest = max(needed, default=0)
        if window is not None and self._longest > window:
            raise PromptTooLongError(self._longest, window)

    @property
    def unshared(self) -> str | None:
        """Why each text is read by itself; ``None`` where they share what they begin with."""
        return unshared(self._model, self._longest)

    def encode_root(self) -> RowReader:
        """Encode what all requests share (once), and return the reader with its counts."""
        if self._reader is None:
            self._reader = row_reader(self._model, self.root, self._longest)
        return self._reader

    def read(self) -> Iterator[list[Reading]]:
        """Yield readings, those together that are read together, in an order of the reader's own."""
        for rows in self._batches():
            yield self._read_rows(rows)

    def _batches(self) -> Iterator[list[list[int]]]:
        """Rows of requests, those together that are continued side by side."""
        if not self._generates:
            yield from ([row] for row in self._grouped(self._order, self._size, _ROW_TOKENS))
            return
        if isinstance(self.encode_root(), PlainReader):  # nothing is gained by going on together
            yield from ([[index]] for index in self._order)
            return
        branching = can_branch(self._model)
        if not self._whole_texts:
            batches = self._grouped(self._order, self._size, _ANSWERING_TOKENS)
        else:
            most = _WRITING_TOKENS if branching else _WRITING_ROW_TOKENS
            batches = self._grouped(self._order, lambda index: self._size(index) + self._limits[index], most)
        for batch in batches:
            yield list(self._grouped(batch, self._size, _ROW_TOKENS)) if branching else [batch]

    def _grouped(self, indices: Sequence[int], size: Callable[[int], int], most: int) -> Iterator[list[int]]:
        """Neighbours that add at most so many tokens to what all of them begin with; others by themselves.

        What two neighbours begin with is read once, so that questions about the same long documents belong together.
        """
        group: list[int] = []
        held = beginning = 0
        for index in indices:
            prompt = self._encoded[index].prompt
            shared = common_length((self._encoded[group[-1]].prompt, prompt)) - len(self.root) if group else 0
            if group and held + size(index) - shared - min(beginning, shared) <= most:
                held += size(index) - shared
                beginning = min(beginning, shared)
                group.append(index)
                continue
            if group:
                yield group
            group, held, beginning = [index], size(index), len(prompt) - len(self.root)
        if group:
            yield group

    def _size(self, index: int) -> int:
        """Tokens of a request that are not shared."""
        one = self._encoded[index]
        return len(one.prompt) + sum(len(text) - len(one.prompt) for text in one.texts) - len(self.root)

    def _read_rows(self, rows: Sequence[Sequence[int]]) -> list[Reading]:
        reader = self.encode_root()
        going_on = continuing(reader, max(self._limits)) if self._generates else None
        scores: list[list[float]] = []
        logits = []  # at the end of each prompt
        for row in rows:
            row_scores, at_ends = self._read_row(reader, row, going_on)
            scores += row_scores
            logits.append(at_ends)
        indices = [index for row in rows for index in row]
        continuations: list[list[int]] = [[] for _ in indices]
        ended: set[int] = set()
        if going_on is not None:
            continuations, ended = self._generate(going_on, indices, torch.cat(logits))
        return [
            Reading(
                tuple(found),
                tuple(len(text) - start for text, start in zip(one.texts, one.starts, strict=True)),
                said(self._tokenizer, continuation),
                index,
                one.byte_counts,
                len(continuation),
                index in ended,
                unshared=self.unshared,
            )
            for index, one, found, continuation in zip(
                indices, (self._encoded[index] for index in indices), scores, continuations, strict=True
            )
        ]

    def _read_row(
        self, reader: RowReader, indices: Sequence[int], going_on: Continuing | None
    ) -> tuple[list[list[float]], torch.Tensor]:
        """The log-likelihood of each choice of each request, and the logits at the ends of prompts that go on."""
        reader.rewind()
        root = len(self.root)
        tree = Tree(root)
        ends: list[int] = []  # the last node of each prompt
        # request, choice: (node that predicts, token predicted)
        targets: list[list[list[tuple[int, int]]]] = []
        for index in indices:
            one = self._encoded[index]
            if going_on is not None:
                ends.append(tree.add(one.prompt[root:])[-1])
            pairs: list[list[tuple[int, int]]] = []
            for text, start in zip(one.texts, one.starts, strict=True):
                nodes = tree.add(text[root:-1])  # the last token predicts nothing
                pairs.append([(nodes[at - 1 - root], text[at]) for at in range(start, len(text))])
            targets.append(pairs)
        keep = sorted({node for pairs in targets for pair in pairs for node, _ in pair} | set(ends))
        place = {node: position for position, node in enumerate(keep)}
        visible = tree.visible()
        logits = reader.read(tree.tokens, tree.positions, visible, keep).float()
        if going_on is not None:
            going_on.take(visible[ends], [tree.positions[end] for end in ends])
        normaliser = logits.logsumexp(dim=-1)
        flat = [(place[node], token) for pairs in targets for pair in pairs for node, token in pair]
        scores = iter(_gather(logits, normaliser, flat))
        summed = [[sum(next(scores) for _ in pair) for pair in pairs] for pairs in targets]
        return summed, logits[[place[end] for end in ends]]

    def _generate(
        self, going_on: Continuing, indices: Sequence[int], logits: torch.Tensor
    ) -> tuple[list[list[int]], set[int]]:
        """Continue prompts, a token of each a step.

        Args:
            logits: at the end of each prompt.

        Returns:
            the continuation of each, and which of the requests ``indices`` came to their end.
        """
        limits = [self._limits[index] for index in indices]
        ended: set[int] = set()
        continuations: list[list[int]] = [[] for _ in indices]
        active = list(range(len(indices)))
        while True:
            chosen = self._choose([indices[prompt] for prompt in active], logits)
            going = []
            for prompt, token in zip(active, chosen, strict=True):
                if limits[prompt] == 0:
                    continue
                if token not in self._stops:
                    continuations[prompt].append(token)
                if token in self._stops or self._line_ended(continuations[prompt]):
                    ended.add(indices[prompt])
                elif len(continuations[prompt]) < limits[prompt]:
                    going.append(prompt)
            active = going
            if not active:
                return continuations, ended
            logits = going_on.step(active, [continuations[prompt][-1] for prompt in active])

    @cached_property
    def _stops(self) -> frozenset[int]:
        return end_tokens(self._model, self._tokenizer)

    def _line_ended(self, tokens: Sequence[int]) -> bool:
        """Whether an answer has gone on to a second line; answers are one line, thoughts before them are not."""
        if self._whole_texts:
            return False
        return "\n" in without_thoughts(str(self._tokenizer.decode(list(tokens)))).lstrip()


def _likeliest(_: Sequence[int], logits: torch.Tensor) -> list[int]:
    chosen: list[int] = logits.argmax(dim=-1).tolist()
    return chosen


def _gather(logits: torch.Tensor, normaliser: torch.Tensor, pairs: Sequence[tuple[int, int]]) -> list[float]:
    if not pairs:
        return []
    rows, tokens = (torch.tensor(part, device=logits.device) for part in zip(*pairs, strict=True))
    scores: list[float] = (logits[rows, tokens] - normaliser[rows]).tolist()
    return scores
