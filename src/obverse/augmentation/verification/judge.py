"""A judge: a generator is asked whether a line follows from its sources."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from obverse.augmentation.lines import Line, visible
from obverse.augmentation.prompts import Prompt
from obverse.augmentation.writing import Assignment, Written
from obverse.text.segmentation import words
from obverse.types import Document

Write = Callable[[Sequence[Assignment]], Sequence[Written | None]]
"""Has texts written, each paid for once; nothing in the place of those that the budget leaves out."""

_VERDICTS = {"yes": 1.0, "no": 0.0}
_UNTOLD = 0.5


class Judge:
    """Scores 1 where the judge's first word is yes, 0 where it is no, and 0.5 where it is neither or none came.

    Args:
        write: who is asked, and where the answers are kept, for example `store.write_all` with a generator, a sampling
            of temperature 0 and a store.
        prompt: the one for a judge, from `obverse.augmentation.prompts.read_prompts`.
    """

    name = "judge"
    threshold = 1.0
    by_itself = True

    def __init__(self, write: Write, prompt: Prompt) -> None:
        self._write, self._prompt = write, prompt

    def score(self, lines: Sequence[Line], documents: Sequence[Document]) -> list[float]:
        """See `obverse.augmentation.verification.Verifier`; a line that comes twice is judged once."""
        texts = {document.id: document.text for document in documents}
        # Those with the same sources stand together, so that these are encoded once.
        asked = {line.id: self._ask(line, texts) for line in sorted(lines, key=lambda line: line.sources)}
        written = dict(zip(asked, self._write(list(asked.values())), strict=True))
        return [_read(written[line.id]) for line in lines]

    def _ask(self, line: Line, texts: Mapping[str, str]) -> Assignment:
        """What is asked about a line; a source that is not among the texts is left out."""
        sources = [texts[source] for source in line.sources if source in texts]
        return Assignment(
            kind=line.kind,
            target=line.target,
            sources=line.sources,
            shared=self._prompt.shared(sources),
            own=self._prompt.own(line.text),
        )


def _read(written: Written | None) -> float:
    first = words(visible(written.text))[:1] if written and not written.fault else []
    return _VERDICTS.get("".join(first), _UNTOLD)
