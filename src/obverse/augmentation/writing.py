"""What a generator is asked to write, and what comes back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Literal, Protocol

from obverse.types import content_hash

Kind = Literal["rephrase", "reverse", "question", "inference"]
"""Of one document: said otherwise, said the other way round, as questions with answers; of several: what follows."""


@dataclass(frozen=True)
class Assignment:
    """One text that is to be written.

    Args:
        kind: of text: a `Kind`, or another room's.
        target: id of the document that it is about.
        sources: ids of all documents in view, the target among them.
        shared: beginning of the prompt, the same for many assignments; it is encoded once for them.
        own: rest of the prompt.
        sample: which of several independent texts for the same prompt, from 0.
    """

    kind: str
    target: str
    sources: tuple[str, ...]
    shared: str
    own: str
    sample: int = 0

    @property
    def prompt(self) -> str:
        """All of it, as the text of a user's turn."""
        return self.shared + self.own


@dataclass(frozen=True)
class Sampling:
    """How texts are drawn.

    Args:
        temperature: 0 takes the likeliest token each time.
        most_tokens: of a text; a longer one is cut there.
        seed: what is drawn follows from it and the assignment, where the generator can do that.
    """

    temperature: float = 0.0
    most_tokens: int = 256
    seed: int = 0


@dataclass(frozen=True)
class Written:
    """What a generator wrote.

    Args:
        text: as it came; empty where nothing usable did.
        ended: whether the text came to its end before it was cut.
        prompt_tokens: of the prompt.
        cached_tokens: those among them that had been encoded for an earlier assignment.
        generated_tokens: of the text.
        seconds: this text's share of the wall-clock time.
        fault: why nothing usable came; empty where it did.
    """

    text: str
    ended: bool
    prompt_tokens: int
    cached_tokens: int
    generated_tokens: int
    seconds: float
    fault: str = ""


class Generator(Protocol):
    """Writes texts: a model in this process, or an endpoint."""

    @property
    def identity(self) -> Mapping[str, object]:
        """Everything about it that decides what it writes, as plain values; no secret and no address."""
        ...

    def write(
        self, assignments: Sequence[Assignment], sampling: Sampling
    ) -> Iterator[tuple[Assignment, Written]]:
        """Each assignment with what was written for it, as soon as it is there, in an order of its own."""
        ...


def key_of(identity: Mapping[str, object], assignment: Assignment, sampling: Sampling) -> str:
    """Hash of everything that decides a text: it is paid for once (64 hexadecimal digits)."""
    said = {"prompt": assignment.prompt, "kind": assignment.kind, "sample": assignment.sample}
    return content_hash({"generator": dict(identity), "sampling": asdict(sampling), **said})
