"""Entailment by likelihood for completed cues, by a small decoder that reads short prompts.

As `obverse.augmentation.verification.entailment`, with two differences.  Only the words behind the cue are
scored, since a decoder that was trained on answers alone gives no meaning to the likelihood of others.  And the sources
stand among the documents that were in view when the line was written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from obverse.augmentation.lines import Line
from obverse.augmentation.proper_names import names_of
from obverse.augmentation.verification import UNCHECKED
from obverse.augmentation.verification.entailment import corruptions, exchange_names
from obverse.types import Document, Question

if TYPE_CHECKING:
    from obverse.answering.short import ShortReader


class ShortEntailment:
    """Scores the smaller of two margins, in nats: to false documents, and to the likeliest corruption.

    Args:
        reader: of the model that judges.
        cues: by the lines' ``answer_key``.
        episodes: by the same, the documents in view.
    """

    name = "entailment"
    threshold = 0.0
    by_itself = True

    def __init__(
        self,
        reader: ShortReader,
        cues: Mapping[str, Question],
        episodes: Mapping[str, Sequence[Document]],
    ) -> None:
        self._reader, self._cues, self._episodes = reader, cues, episodes

    def score(self, lines: Sequence[Line], documents: Sequence[Document]) -> list[float]:
        """See `obverse.augmentation.verification.Verifier`."""
        names = names_of(tuple(documents))
        distinct = {(line.answer_key, line.text): line for line in lines}
        prompts: list[str] = []
        endings: list[tuple[str, ...]] = []
        places: dict[tuple[str, str], tuple[int, int | None]] = {}
        for key, line in distinct.items():
            cue, episode = self._cues[line.answer_key], self._episodes[line.answer_key]
            sources = [document for document in episode if document.id in line.sources]
            false = exchange_names(episode, names, names.keys(line.text))
            begun = f"{cue.prompt} "
            texts = (line.text, *corruptions(line.text, sources, names))
            own, *others = (text.removeprefix(begun) for text in texts if text.startswith(begun))
            places[key] = (len(prompts), len(prompts) + 1 if false else None)
            prompts.append(behind(episode, cue))
            endings.append((own, *others))
            if false:
                prompts.append(behind(false, cue))
                endings.append((own,))
        likelihoods = [reading.log_likelihoods for reading in self._reader.read(prompts, endings)]
        scores = {}
        for key, (given, falsely) in places.items():
            own_likelihood, *corrupted = likelihoods[given]
            margins = [own_likelihood - likelihoods[falsely][0]] if falsely is not None else []
            margins += [own_likelihood - max(corrupted)] if corrupted else []
            scores[key] = min(margins, default=UNCHECKED)
        return [scores[line.answer_key, line.text] for line in lines]


def behind(documents: Sequence[Document], cue: Question) -> str:
    """The prompt that asks for the end of a cue."""
    return " ".join([*(document.text for document in documents), cue.prompt])
