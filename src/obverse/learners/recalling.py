"""Recall in studies from scratch: how a taught decoder learns it on a task's exercises, and how it then is asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from obverse.answering.thinking import Thinker, Thinking, read_after_thinking
from obverse.costs import model_shape
from obverse.reinforcement.reinforcing import Reinforcement, reinforce
from obverse.tasks.drawn import DrawnTask
from obverse.training.checkpoint import Checkpoint
from obverse.training.loop import Stream, train
from obverse.training.objectives import next_token, tokenise
from obverse.training.packing import pack
from obverse.types import Document, InputError, Ledger, Question, Route, Task, derive_seed

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

    from obverse.answering.short import ShortReader, ShortReading


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


def read_thinking(
    thinker: Thinker,
    reader: ShortReader,
    task: Task,
    questions: Sequence[Question],
    prompts: Sequence[str],
    route: Route,
    recalling: Recalling,
    seed: int,
) -> tuple[list[ShortReading], list[tuple[str, ...]]]:
    """What a model makes of each question after thinking, and its thoughts.

    Args:
        prompts: of the questions, with whatever stands in front of them.
        route: says behind which thoughts an answer is read.
        seed: of thoughts that are drawn.
    """
    thoughts: list[tuple[str, ...]]
    if route.answer == "needed thought":
        thoughts = [
            (" ".join(task.document(need).text for need in question.needs),) for question in questions
        ]
    else:
        groups = thinker.think(
            prompts,
            max(1, route.thoughts),
            temperature=recalling.reinforcement.temperature if route.thoughts else 0.0,
            seed=derive_seed("recalling", seed, route.name),
            least=recalling.thinking.most if route.answer == "forced thinking" else 0,
        )
        thoughts = [tuple(thought.text for thought in group) for group in groups]
    choices = [question.choices for question in questions]
    return read_after_thinking(reader, recalling.thinking, prompts, choices, thoughts), thoughts


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
