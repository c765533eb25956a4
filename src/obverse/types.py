"""What moves through the house: documents, questions, tasks, routes, answers, costs and estimates.

Everything here is frozen data and imports nothing else of the package.  Behaviour lives in the rooms that
make or use these.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Literal

ParametersChoice = Literal["none", "documents", "augmented", "reversed", "masked", "masked copy", "recalled"]
ContextChoice = Literal["none", "all", "part", "search", "oracle", "custom"]
AnswerChoice = Literal["direct", "thinking", "forced thinking", "needed thought"]

Statement = tuple[str, str, str]
"""Subject, relation words and object of something said."""

UNTOUCHED = "untouched"
"""The route of a model as it came: nothing trained in, nothing in its context."""

MARGIN = 0.05
"""A difference below this, five points, is of no importance where no other margin is named."""


BM25 = "bm25"
"""The retriever that searches where no other is named."""


TOP_K = 3
"""Documents that a search returns where no other number is named."""


class InputError(Exception):
    """Something that the user gave cannot be used.

    The message is one line: what is wrong, where (file and line where there is one), and what to do; where several
    things are wrong with an input, each has its line.  The command line prints them and ends with exit code 2.
    """

    @property
    def faults(self) -> tuple[str, ...]:
        """The lines, each of which is an argument of the error."""
        return tuple(map(str, self.args))

    def __str__(self) -> str:
        return "\n".join(self.faults)


@dataclass(frozen=True)
class Document:
    """One learning experience.

    Args:
        id: unique in its task; for a piece of a long file it tells where it came from (``guide.md#3``).
        text: the words, as they are trained and as they stand in a context.
        group: what belongs together, where the user says so.
        answers: where in the text, as ``(start, end)`` in characters, stands what the words before it determine;
            a loss on answers alone is taken there.
    """

    id: str
    text: str
    group: str | None = None
    answers: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Question:
    """One thing to ask.

    Args:
        id: unique in its task.
        prompt: the question as asked.
        answer: the right answer; one of ``choices``.
        choices: what the answer is compared with, the answer among them.
        kind: the sort of question (``recall``, ``reversal``, ...); tables have a row for each.
        latent: whether the documents only imply the answer (``True``) or say it (``False``).
        needs: ids of the documents that together entail the answer.
        group: what statistics resample together; questions about one fact share it.
        statement: subject, relation words and object of the fact behind the question, where known; the leak
            check then looks for just these.
        drawn: whether the choices other than the answer were drawn from other questions' answers.
    """

    id: str
    prompt: str
    answer: str
    choices: tuple[str, ...]
    kind: str = "question"
    latent: bool = False
    needs: tuple[str, ...] = ()
    group: str | None = None
    statement: Statement | None = None
    drawn: bool = False

    @property
    def chance(self) -> float:
        """The accuracy of guessing among the choices."""
        return 1.0 / len(self.choices)

    @property
    def cluster(self) -> str:
        """What statistics resample: the group, else the documents needed, else the question alone."""
        return self.group or " ".join(self.needs) or self.id


@dataclass(frozen=True)
class Task:
    """What there is to know, and what is asked about it.

    Args:
        name: what tables call it.
        documents: what is learned.
        questions: what is asked in the end.
        validation: questions of the same kinds about other facts; only these are asked while a model is trained.
    """

    name: str
    documents: tuple[Document, ...]
    questions: tuple[Question, ...]
    validation: tuple[Question, ...] = ()

    @cached_property
    def fingerprint(self) -> str:
        """Hash of everything in the task but its name (64 hexadecimal digits)."""
        return content_hash(
            [list(map(asdict, part)) for part in (self.documents, self.questions, self.validation)]
        )

    def document(self, id: str) -> Document:
        """The document of that id; ``KeyError`` where there is none."""
        return self._by_id[id]

    @cached_property
    def _by_id(self) -> dict[str, Document]:
        return {document.id: document for document in self.documents}


@dataclass(frozen=True)
class Route:
    """How knowledge reaches an answer: three choices.

    Args:
        name: what tables call it.
        parameters: what is trained in, and with which objective: nothing; the documents, word after word; these
            and what the model itself wrote about them; each document also from its end to its beginning; with
            words masked, by a model that reads in both directions; after a masked copy of itself; the documents, and
            then how to recall them, by reinforcing thoughts that served.
        context: what stands in the prompt: nothing; all documents; a part of them, the needed ones and others of
            their kind; those that a search finds; the needed documents among any others; those that a function of the
            user's own chooses.
        answer: how the answer is read off: at once; behind a thought; behind one that takes all the room there is;
            behind the needed documents as a thought.
        thoughts: how many are drawn, for the answer to be their average; 0 for the likeliest alone.
        distractors: how many documents stand beside the needed ones, for a part or an oracle.
        plugin: name of the retriever that searches, or of the function that chooses the context.
        control: ``True`` for the false-context twin: the same episodes, with their facts exchanged.
    """

    name: str
    parameters: ParametersChoice = "none"
    context: ContextChoice = "none"
    answer: AnswerChoice = "direct"
    thoughts: int = 0
    distractors: int = 0
    plugin: str = ""
    control: bool = False

    @property
    def twin(self) -> Route:
        """The false-context control of this route."""
        return replace(self, control=True)

    @property
    def arms(self) -> tuple[Route, ...]:
        """What is asked for this route: itself, and its control where something stands in the context."""
        return (self,) if self.context == "none" else (self, self.twin)

    @property
    def label(self) -> str:
        """The name, with the control marked."""
        return f"{self.name} (false context)" if self.control else self.name


@dataclass(frozen=True)
class Answer:
    """What one route said to one question.

    Args:
        log_likelihoods: of each choice given the prompt, summed over its tokens, in nats; in the order of
            the question's choices.
        token_counts: scored tokens of each choice.
        generated: the greedy answer.
        strict, lenient: whether the greedy answer matches (see ``answers.matching``).
        retrieved: ids of the documents that stood in the prompt, in their order there.
        thoughts: what was thought before the answer.
    """

    question: str
    route: str
    control: bool
    seed: int
    log_likelihoods: tuple[float, ...]
    token_counts: tuple[int, ...]
    generated: str
    strict: bool
    lenient: bool
    retrieved: tuple[str, ...] = ()
    thoughts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ledger:
    """What something cost.

    Args:
        tokens_forward: tokens encoded without training on them, those generated and then read on from among them.
        tokens_trained: tokens that went through a training step, each time they did.
        tokens_generated: tokens sampled one after the other.
        flops: floating-point operations by the formula in ``costs``.
        seconds: wall-clock time.
        peak_memory_bytes: highest memory of the process (or of the accelerator) meanwhile.
    """

    tokens_forward: int = 0
    tokens_trained: int = 0
    tokens_generated: int = 0
    flops: int = 0
    seconds: float = 0.0
    peak_memory_bytes: int = 0

    def __add__(self, other: Ledger) -> Ledger:
        """Sums, and the higher of the two memory peaks."""
        return Ledger(
            self.tokens_forward + other.tokens_forward,
            self.tokens_trained + other.tokens_trained,
            self.tokens_generated + other.tokens_generated,
            self.flops + other.flops,
            self.seconds + other.seconds,
            max(self.peak_memory_bytes, other.peak_memory_bytes),
        )

    def __sub__(self, earlier: Ledger) -> Ledger:
        """What was added since; the peak is that of now."""
        return Ledger(
            self.tokens_forward - earlier.tokens_forward,
            self.tokens_trained - earlier.tokens_trained,
            self.tokens_generated - earlier.tokens_generated,
            self.flops - earlier.flops,
            self.seconds - earlier.seconds,
            self.peak_memory_bytes,
        )

    def part(self, share: float) -> Ledger:
        """A share of the cost, from 0 to 1; the peak is the same."""
        return Ledger(
            round(self.tokens_forward * share),
            round(self.tokens_trained * share),
            round(self.tokens_generated * share),
            round(self.flops * share),
            self.seconds * share,
            self.peak_memory_bytes,
        )


@dataclass(frozen=True)
class AnsweredRow:
    """The answers to one row of questions and their cost, written to disk as a whole.

    Args:
        taught: the cost of encoding what all questions share, with the first row; nothing after.
        asked: the cost of the row itself.
        difference: how far the checked likelihood is from that of a plain forward pass, with the first row.
        unshared: why each text was read by itself; ``None`` where what they share was read once.
    """

    answers: tuple[Answer, ...]
    taught: Ledger
    asked: Ledger
    difference: float | None
    unshared: str | None = None


@dataclass(frozen=True)
class Retained:
    """What of a model teaching may spoil.

    Args:
        perplexity: per token, on general text.
        knowledge: share of the knowledge probes that are answered.
    """

    perplexity: float
    knowledge: float


@dataclass(frozen=True)
class Estimate:
    """A mean with its 95% interval.  ``questions`` and ``seeds`` say what it rests on."""

    mean: float
    low: float
    high: float
    questions: int
    seeds: int


def content_hash(content: object) -> str:
    """SHA-256 of the canonical JSON form of ``content`` (64 hexadecimal digits)."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def derive_seed(*parts: object) -> int:
    """A generator seed from what it is for, for example task, seed, purpose and index.

    Neighbouring indices share nothing, unlike ``seed + index``.
    """
    return int(content_hash([str(part) for part in parts])[:15], 16)
