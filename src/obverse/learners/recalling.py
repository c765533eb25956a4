"""Recall in studies from scratch: how a taught decoder learns it on a task's exercises, and how it then is asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from obverse.answering.answerer import Asked, Reading
from obverse.answering.decoder_answerer import DecoderAnswerer
from obverse.answering.thinking import Thinker, Thinking, read_after_thinking
from obverse.costs import Counts, model_shape
from obverse.reinforcement.reinforcing import Reinforcement, reinforce
from obverse.tasks.drawn import DrawnTask
from obverse.training.checkpoint import Checkpoint
from obverse.training.loop import Stream, train
from obverse.training.objectives import next_token, tokenise
from obverse.training.packing import pack
from obverse.types import Document, InputError, Ledger, Question, Route, Task, derive_seed

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


class Exercised(DrawnTask, Protocol):
    """A drawn task on which recall can be learned."""

    def exercises(self, seed: int) -> tuple[Question, ...]:
        """What thinking is reinforced on."""
        ...

    def demonstrations(self, seed: int) -> tuple[Document, ...]:
        """The exercises with the thoughts that they need, for supervised learning."""
        ...

    def recollect(self, seed: int, thought: str) -> tuple[tuple[str, bool], ...]:
        """What a thought says, and whether it is a fact."""
        ...


@dataclass(frozen=True)
class Recalling:
    """How recall is learned and asked for.

    Args:
        thinking: where thoughts stand, and how long they get.
        reinforcement: of thoughts about the exercises.
        demonstrations: steps of supervised learning on the exercises with the thoughts that they need, by the training
            of the reinforcement; if there are any, nothing is reinforced.
    """

    thinking: Thinking = field(default_factory=Thinking)
    reinforcement: Reinforcement = field(default_factory=Reinforcement)
    demonstrations: int = 0


def learn_recall(
    model: Any,
    tokenizer: PreTrainedTokenizerBase,
    drawn: DrawnTask,
    task_seed: int,
    recalling: Recalling,
    folder: Path,
    *,
    seed: int,
    stored: Stream | None = None,
    progress: Callable[[int, int, str], None] = lambda *_: None,
) -> tuple[Ledger, Checkpoint]:
    """Teach recall to a model that knows the documents, in place; an interrupted one is gone on with.

    Args:
        stored: batches of the documents, where retention has a weight.
        progress: told of the steps done, the steps in all, and a word about the last.

    Returns:
        what it cost, and the checkpoint, to be removed by whoever has written the result.

    Raises:
        InputError: the task has no exercises.
    """
    from obverse.answering.short import ShortReader

    task, reinforcement = exercised(drawn), recalling.reinforcement
    shape = model_shape(model)
    if recalling.demonstrations:
        shown = tokenise(tokenizer, task.demonstrations(task_seed), answers_only=True)
        batch = pack([next_token(text) for text in shown], max(len(text.tokens) for text in shown))
        spent = train(
            model,
            [batch] * recalling.demonstrations,
            reinforcement.training,
            folder,
            progress=lambda done, of, loss: progress(done, of, f"loss {loss:.2f}"),
        )
        return spent.ledger(shape), spent.checkpoint
    reinforced = reinforce(
        model,
        Thinker(model, tokenizer, recalling.thinking),
        ShortReader(model, tokenizer),
        task.exercises(task_seed),
        reinforcement,
        folder,
        seed=seed,
        recollect=lambda thought: task.recollect(task_seed, thought),
        stored=stored,
        progress=lambda done, of, last: progress(done, of, last.told),
    )
    return reinforced.ledger(shape), reinforced.checkpoint


class RecallingAnswerer(DecoderAnswerer):
    """A decoder that thinks before it answers.

    Args:
        route: says behind which thoughts an answer is read.
        seed: of thoughts that are drawn.
    """

    def __init__(
        self,
        model: Any,
        tokenizer: PreTrainedTokenizerBase,
        task: Task,
        route: Route,
        recalling: Recalling,
        seed: int,
    ) -> None:
        super().__init__(model, tokenizer)
        self._thinker = Thinker(model, tokenizer, recalling.thinking)
        self._task, self._route, self._recalling = task, route, recalling
        self._drawn_by = derive_seed("recalling", seed, route.name)

    @property
    def _counts(self) -> Counts:
        return self.reader.counts + self._thinker.counts

    def _read(self, asked: Sequence[Asked], prompts: Sequence[str]) -> list[Reading]:
        questions = [one.question for one in asked]
        thoughts = self._thoughts(questions, prompts)
        choices = [question.choices for question in questions]
        return read_after_thinking(self.reader, self._recalling.thinking, prompts, choices, thoughts)

    def _thoughts(self, questions: Sequence[Question], prompts: Sequence[str]) -> list[tuple[str, ...]]:
        """The needed documents, or what the model thinks."""
        route, recalling = self._route, self._recalling
        if route.answer == "needed thought":
            return [
                (" ".join(self._task.document(need).text for need in question.needs),)
                for question in questions
            ]
        groups = self._thinker.think(
            prompts,
            max(1, route.thoughts),
            temperature=recalling.reinforcement.temperature if route.thoughts else 0.0,
            seed=self._drawn_by,
            least=recalling.thinking.most if route.answer == "forced thinking" else 0,
        )
        return [tuple(thought.text for thought in group) for group in groups]


def exercised(drawn: DrawnTask) -> Exercised:
    """The task, as one on which recall can be learned.

    Raises:
        InputError: it has no exercises.
    """
    if not hasattr(drawn, "exercises"):
        raise InputError(
            f"{type(drawn).__name__}: recall cannot be learned on a task without exercises; take one that has some, "
            "for example recall"
        )
    return cast(Exercised, drawn)
