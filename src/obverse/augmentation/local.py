"""A loaded model as a generator: what prompts share is encoded once, and many texts are written side by side."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Mapping, Sequence

import torch

from obverse.answering.answerer import Reading
from obverse.answering.encoding import Encoded, Request, encode
from obverse.answering.plain import check_reads_from_left_to_right
from obverse.answering.reading import Reader
from obverse.augmentation.planning import Room
from obverse.augmentation.writing import Assignment, Sampling, Written, key_of
from obverse.models import Pretrained, context_window
from obverse.models.control_tokens import tokens_of
from obverse.models.fingerprint import identity
from obverse.retrieval.assembly import Assembler
from obverse.types import derive_seed


class Local:
    """Writes with a model in this process, one greedy or sampled text for each assignment.

    Prompts are a user's turn where the tokenizer has a chat template, else raw text.  Control tokens in them are broken
    up, so that no document can end the turn.

    Raises:
        InputError: the model does not read from left to right.
    """

    def __init__(self, pretrained: Pretrained) -> None:
        check_reads_from_left_to_right(
            pretrained.model
        )  # a model that it refuses is refused before anything is asked
        self._model, self._tokenizer = pretrained.model, pretrained.tokenizer
        self._identity = identity(pretrained, __name__)
        self._assembler = Assembler(self._tokenizer)
        self._before, self._after = self._assembler.turn
        self._chat = self._assembler.form == "chat"

    @property
    def identity(self) -> Mapping[str, object]:
        """The model by its fingerprint, what it computes with, and the code that writes."""
        return self._identity

    def room(self, sampling: Sampling) -> Room | None:
        """How long prompts may be with texts of that length behind them; ``None`` where the model sets no bound."""
        window = context_window(self._model)
        if window is None:
            return None
        (frame,) = tokens_of(self._tokenizer, [self._before + self._after], opens=not self._chat)
        return Room(window - sampling.most_tokens - len(frame), self.count)

    def write(
        self, assignments: Sequence[Assignment], sampling: Sampling
    ) -> Iterator[tuple[Assignment, Written]]:
        """Write the texts, those together whose prompts begin alike; each comes as soon as its row is done.

        A prompt that does not fit the model's window gets a fault; one that nearly fills it a shorter text.
        """
        groups: dict[str, list[Assignment]] = {}
        for assignment in assignments:
            groups.setdefault(assignment.shared, []).append(assignment)
        for group in groups.values():
            yield from self._write_alike(group, sampling)

    def _write_alike(
        self, group: Sequence[Assignment], sampling: Sampling
    ) -> Iterator[tuple[Assignment, Written]]:
        began = time.perf_counter()
        window = context_window(self._model)
        fitting: list[Assignment] = []
        encoded: list[Encoded] = []
        limits: list[int] = []
        for assignment, one in zip(group, self._encode(group), strict=True):
            limit = sampling.most_tokens
            if window is not None:
                limit = min(limit, window - one.longest)
            if limit <= 0:
                fault = f"the prompt takes {one.longest} tokens and the model's window holds {window}"
                yield assignment, Written("", False, one.longest, 0, 0, 0.0, fault)
                continue
            fitting.append(assignment)
            encoded.append(one)
            limits.append(limit)
        choose = None
        if sampling.temperature > 0:
            # Of the model alone: another device or a later version draws with the same numbers.
            drawn_by = {"model weights": self._identity["model weights"]}
            keys = [key_of(drawn_by, assignment, sampling) for assignment in fitting]
            choose = _Draws([derive_seed(sampling.seed, key) for key in keys], sampling.temperature)
        reader = Reader(
            self._model, self._tokenizer, encoded, new_tokens=limits, choose=choose, whole_texts=True
        )
        cached = 0
        for row in reader.read():
            now = time.perf_counter()
            share, began = (now - began) / len(row), now
            for reading in row:
                prompt_tokens = len(encoded[reading.index].prompt)
                yield fitting[reading.index], _written(reading, prompt_tokens, cached, share)
                cached = 0 if reader.unshared else len(reader.root)
            began = time.perf_counter()  # what the caller did meanwhile is not ours

    def _encode(self, group: Sequence[Assignment]) -> list[Encoded]:
        texts = [
            self._before + self._assembler.as_data(assignment.prompt) + self._after for assignment in group
        ]
        prefix = self._before + self._assembler.as_data(group[0].shared)
        if not all(text.startswith(prefix) for text in texts):  # a token was broken up where the parts meet
            prefix = ""
        requests = [Request(text[len(prefix) :], ()) for text in texts]
        return encode(self._tokenizer, prefix, requests, special_tokens=not self._chat)

    def count(self, text: str) -> int:
        """Tokens of a text by itself."""
        return len(self._tokenizer(text, add_special_tokens=False, verbose=False).input_ids)


class _Draws:
    """Draws tokens, for each request by numbers of its own, whatever else is drawn for.

    Args:
        seeds: of each request.
    """

    def __init__(self, seeds: Sequence[int], temperature: float) -> None:
        self._numbers = [random.Random(seed) for seed in seeds]
        self._temperature = temperature

    def __call__(self, requests: Sequence[int], logits: torch.Tensor) -> list[int]:
        # In double precision a draw hardly ever falls between two roundings of the same likelihoods.
        reached = (logits.cpu().double() / self._temperature).softmax(dim=-1).cumsum(dim=-1)
        drawn = torch.tensor([[self._numbers[request].random()] for request in requests], dtype=torch.float64)
        chosen = torch.searchsorted(reached, drawn * reached[:, -1:], right=True)
        tokens: list[int] = chosen.clamp(max=logits.shape[-1] - 1)[:, 0].tolist()
        return tokens


def _written(reading: Reading, prompt_tokens: int, cached_tokens: int, seconds: float) -> Written:
    return Written(
        text=reading.generated,
        ended=reading.ended,
        prompt_tokens=prompt_tokens,
        cached_tokens=cached_tokens,
        generated_tokens=reading.generated_tokens,
        seconds=seconds,
    )
