"""Likelihoods of lines behind their sources, and what reading them costs: what several verifiers go by."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from obverse.augmentation.lines import Line
from obverse.augmentation.proper_names import Names, names_of, occurs
from obverse.costs import Meter, model_shape
from obverse.retrieval.assembly import Assembler
from obverse.types import Document, Ledger

if TYPE_CHECKING:
    from obverse.answering.answerer import Reading
    from obverse.models import Pretrained

QUESTION = "What follows from the documents?"
"""What a line is the answer to."""

ScoreAlike = Callable[[Sequence[str], Sequence[Document], Names], list[float]]
"""Scores texts that have the same sources."""


class LikelihoodReader:
    """Reads texts in the place of an answer behind documents; ``ledger`` is what that has cost so far."""

    def __init__(self, pretrained: Pretrained) -> None:
        self._pretrained = pretrained
        self._assembler = Assembler(pretrained.tokenizer)
        self._shape = model_shape(pretrained.model)
        self.ledger = Ledger()

    def read(self, documents: Sequence[Document], choices: Sequence[Sequence[str]]) -> list[Reading]:
        """The likelihoods of each group of texts, in nats; what they share is read once.

        Raises:
            PromptTooLongError: they do not fit the model's window.
        """
        from obverse.answering.encoding import Request, encode
        from obverse.answering.reading import Reader

        assembler, tokenizer = self._assembler, self._pretrained.tokenizer
        prompt = assembler.prompt(QUESTION)
        requests = [Request(prompt, tuple(map(assembler.choice, texts))) for texts in choices]
        with Meter() as meter:
            encoded = encode(
                tokenizer,
                assembler.prefix(documents),
                requests,
                special_tokens=assembler.form == "plain",
            )
            reader = Reader(self._pretrained.model, tokenizer, encoded)
            readings = [reading for row in reader.read() for reading in row]
        self.ledger += reader.encode_root().counts.ledger(self._shape, meter)
        return sorted(readings, key=lambda reading: reading.index)


class LikelihoodVerifier(ABC):
    """Scores lines by the likelihoods of a causal model, those with the same sources together."""

    by_itself = True

    def __init__(self, pretrained: Pretrained) -> None:
        self._reader = LikelihoodReader(pretrained)

    @property
    def ledger(self) -> Ledger:
        """What scoring has cost so far."""
        return self._reader.ledger

    def score(self, lines: Sequence[Line], documents: Sequence[Document]) -> list[float]:
        """See `obverse.augmentation.verification.Verifier`.

        Raises:
            PromptTooLongError: a single document does not fit.
        """
        return score_alike(lines, documents, self._score)

    @abstractmethod
    def _score(self, texts: Sequence[str], sources: Sequence[Document], names: Names) -> list[float]:
        """Scores of texts that have the same sources."""


def score_alike(lines: Sequence[Line], documents: Sequence[Document], score: ScoreAlike) -> list[float]:
    """Score lines, those with the same sources together.

    Where sources do not fit into the window, those stand for them that share most names with the line.

    Raises:
        PromptTooLongError: a single document does not fit.
    """
    names = names_of(tuple(documents))
    by_id = {document.id: document for document in documents}
    alike: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for place, line in enumerate(lines):
        alike[line.sources].append(place)
    scores = [0.0] * len(lines)
    for ids, places in alike.items():
        sources = [by_id[id] for id in ids if id in by_id]
        texts = [lines[place].text for place in places]
        for place, found in zip(places, _score_fitting(texts, sources, names, score), strict=True):
            scores[place] = found
    return scores


def _score_fitting(
    texts: Sequence[str], sources: Sequence[Document], names: Names, score: ScoreAlike
) -> list[float]:
    from obverse.answering.encoding import PromptTooLongError

    try:
        return score(texts, sources, names)
    except PromptTooLongError:
        if len(sources) < 2:
            raise
        halves = [_nearer_half(text, sources, names) for text in texts]
        return [
            _score_fitting([text], half, names, score)[0] for text, half in zip(texts, halves, strict=True)
        ]


def _nearer_half(text: str, sources: Sequence[Document], names: Names) -> list[Document]:
    """The half of the documents that share most names with the text, in their order."""
    keys = names.keys(text)
    shared = [sum(occurs(key, source.text) for key in keys) for source in sources]
    nearest = sorted(range(len(sources)), key=lambda place: -shared[place])[: len(sources) // 2]
    return [sources[place] for place in sorted(nearest)]
