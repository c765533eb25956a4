"""An answerer: says the first choice that stands in the documents, without any model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from obverse.answering.answerer import Answerer, Asked, Reading
from obverse.types import Ledger


class Quoting(Answerer):
    """Generates text alone, as an endpoint does: its answers are compared by exact match."""

    gives_likelihoods = False

    def __init__(self) -> None:
        self.ledger = Ledger()

    @property
    def identity(self) -> Mapping[str, object]:
        """There is nothing to set."""
        return {}

    def answer(self, asked: Sequence[Asked]) -> Iterator[list[Reading]]:
        """One question after the other, so that each answer is kept as soon as it is there."""
        for index, one in enumerate(asked):
            if one.wanted:
                text = " ".join(document.text for document in one.documents)
                said = next((choice for choice in one.question.choices if choice in text), "unknown")
                self.ledger += Ledger(tokens_forward=len(text.split()), tokens_generated=len(said.split()))
                yield [Reading(generated=said, index=index)]
