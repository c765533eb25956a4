"""A school for decoders from scratch: one teaching of a task, those that it builds on, and its questions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from obverse.parameters.augmentation.from_cues import CueWriter, Writing, as_document
from obverse.parameters.from_scratch import Experience, Recipe
from obverse.parameters.objectives import OBJECTIVES
from obverse.studies.record import Record
from obverse.studies.settings import Settings
from obverse.studies.study import TASK_SEED, CurvePoint, Lines, Teaching, teaching_lock
from obverse.types import (
    Answer,
    Document,
    InputError,
    Ledger,
    Question,
    Route,
    Task,
    derive_seed,
)

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

    from obverse.answers.asking import AnsweredRow
    from obverse.answers.short import ShortReader
    from obverse.answers.voting import Voting
    from obverse.costs import Meter, ModelShape
    from obverse.parameters.training import Spent
    from obverse.studies.from_scratch import FromScratch

Steps = Callable[[int, int, str], None]

# What validation questions are asked with, besides nothing: the needed documents among two others.
_CURVE_DISTRACTORS = 2

# Thresholds are set on another task than the one that is asked.
_CALIBRATION_SEED = TASK_SEED + 1


class School:
    """One teaching: its task, its tokenizer, and the folder of all taught models."""

    def __init__(
        self,
        learner: FromScratch,
        teaching: Teaching,
        folder: Path,
        progress: Steps,
        task_seed: int = TASK_SEED,
    ) -> None:
        from transformers.utils import logging

        from obverse.models.vocabulary import word_tokenizer

        logging.disable_progress_bar()  # our own progress is on the screen
        self._learner, self._teaching, self._folder, self._progress = learner, teaching, folder, progress
        self._task_seed = task_seed
        if not teaching.task.vocabulary:
            raise InputError(
                f"{teaching.task_name}: a decoder from scratch knows no words that its task does not list; give the "
                "task in its formal form"
            )
        self._task: Task = teaching.task.build(task_seed)
        self._tokenizer: PreTrainedTokenizerBase = word_tokenizer(teaching.task.vocabulary)

    def teach(self) -> tuple[Any, Record]:
        """The taught model, loaded where it is finished, and the record of its teaching."""
        from obverse.costs import model_shape
        from obverse.models.decoder import Decoder
        from obverse.parameters.training import read_metrics

        teaching = self._teaching
        folder = self._folder / teaching.key(self._learner)
        record = Record.read(folder)
        if record is not None:
            kept: Any = Decoder.from_pretrained(folder / "model", use_safetensors=True)
            return kept.to(self._device).eval(), record
        if teaching.parameters == "none":
            return self._begin().eval(), Record(Ledger(), (), None)
        documents, before, lines = self._task.documents, Ledger(), None
        if teaching.parameters == "augmented":
            model, earlier = self._base(self._folder, TASK_SEED).teach_alone()
            written, lines, writing = self._write(model)
            documents += written
            before = earlier.ledger + writing
        else:
            model = self._begin()
        spent = self._train(model, documents, folder)
        curves = tuple(CurvePoint(seed=teaching.seed, **row) for row in read_metrics(folder) if "kind" in row)
        record = Record(before + spent.ledger(model_shape(model)), curves, lines)
        model.save_pretrained(folder / "model")
        self._tokenizer.save_pretrained(folder / "model")
        record.write(folder)
        spent.checkpoint.remove()
        return model, record

    def teach_alone(self) -> tuple[Any, Record]:
        """As `teach`, while no other process does the same."""
        with teaching_lock(self._folder, self._teaching.key(self._learner)):
            return self.teach()

    def writer(self, model: Any, writing: Writing) -> CueWriter:
        """The model, to write about the documents with these and some others in front of it."""
        from obverse.answers.short import ShortReader

        teaching = self._teaching
        cues = teaching.task.cues(self._task_seed)
        beside = Route("augment", context="oracle", distractors=writing.distractors)
        return CueWriter(
            ShortReader(model, self._tokenizer),
            cues,
            self._lengths(cues),
            self._episodes(cues, beside),
            self._task.documents,
            (teaching.task_name, teaching.seed),
        )

    def ask(self, model: Any, shape: ModelShape, route: Route, voting: Voting | None = None) -> AnsweredRow:
        """The answers of one route to all questions that it has episodes for, by vote if that is asked for."""
        from obverse.answers.asking import AnsweredRow
        from obverse.answers.matching import matches_leniently, matches_strictly
        from obverse.answers.short import ShortReader
        from obverse.answers.voting import vote
        from obverse.costs import Meter

        reader = ShortReader(model, self._tokenizer)
        with Meter() as meter:
            questions, episodes, prompts = self._prompts(reader, self._task.questions, route)
            readings = reader.read(prompts, [question.choices for question in questions])
            generated = [reading.generated for reading in readings]
            if voting is not None:
                seed = derive_seed(self._teaching.task_name, self._teaching.seed, "votes", route.label)
                generated = vote(reader, prompts, self._lengths(questions), voting, seed)
        answers = tuple(
            Answer(
                question=question.id,
                route=route.name,
                control=route.control,
                seed=self._teaching.seed,
                log_likelihoods=reading.log_likelihoods,
                token_counts=reading.token_counts,
                generated=said,
                strict=matches_strictly(said, question.answer),
                lenient=matches_leniently(said, question.answer, question.choices),
                retrieved=tuple(document.id for document in episodes[question.id]),
            )
            for question, reading, said in zip(questions, readings, generated, strict=True)
        )
        return AnsweredRow(answers, Ledger(), _reading_cost(reader, shape, meter), None)

    def _base(self, folder: Path, task_seed: int) -> School:
        """The documents alone, which the same model learns before it writes, however it will write."""
        learner = replace(self._learner, writing=Writing())
        return School(
            learner, replace(self._teaching, parameters="documents"), folder, self._progress, task_seed
        )

    def _begin(self) -> Any:
        """A decoder with the weights that it starts from: the same for every objective of a seed and shape."""
        import torch

        from obverse.models.decoder import Decoder

        teaching, architecture = self._teaching, self._recipe.architecture
        if (teaching.parameters == "masked") is architecture.causal:
            reads = "in both directions" if architecture.causal is False else "from left to right"
            raise InputError(
                f"{teaching.parameters!r} cannot be taught to a model that reads {reads}; give the learner a recipe "
                "for it in 'others' with another 'causal'"
            )
        torch.manual_seed(derive_seed(teaching.task_name, teaching.seed, "weights"))
        begun: Any = Decoder(architecture.config(len(self._tokenizer)))
        begun.lm_head.weight.requires_grad_(architecture.outputs_trained)
        return begun.to(self._device)

    def _train(self, model: Any, documents: Sequence[Document], folder: Path) -> Spent:
        from obverse.models.pretrained import computes_bfloat16
        from obverse.parameters.training import train

        teaching, recipe = self._teaching, self._recipe
        stream = Experience(
            teaching.task,
            self._task_seed,
            documents,
            self._tokenizer,
            recipe,
            OBJECTIVES[teaching.parameters],
            derive_seed(teaching.task_name, teaching.seed, "experience"),
            teaching.parameters,
        )
        return train(
            model,
            stream,
            recipe.training,
            folder,
            mixed=computes_bfloat16(self._device),  # which pays at every size: 1.9 times as fast at 0.2M
            evaluate=lambda: self._validate(model, reads=recipe.practice > 0),
            evaluations=self._learner.evaluations,
            tracker=self._learner.tracker,
            progress=lambda done, of, loss: self._progress(done, of, f"loss {loss:.2f}"),
        )

    def _validate(self, model: Any, reads: bool) -> list[dict[str, object]]:
        """Shares of validation questions answered exactly, by kind; with documents in the context if it ``reads``."""
        from obverse.answers.short import ShortReader

        reader = ShortReader(model, self._tokenizer)
        rows: list[dict[str, object]] = []
        beside = Route(f"oracle:{_CURVE_DISTRACTORS}", context="oracle", distractors=_CURVE_DISTRACTORS)
        for route in (Route(""), beside) if reads else (Route(""),):
            questions, _, prompts = self._prompts(reader, self._task.validation, route)
            right: dict[tuple[str, bool], list[bool]] = {}
            for question, answer in zip(
                questions, reader.answer(prompts, self._lengths(questions)), strict=True
            ):
                right.setdefault((question.kind, question.latent), []).append(answer == question.answer)
            rows += [
                {
                    "context": route.name,
                    "kind": kind,
                    "latent": latent,
                    "mean": sum(found) / len(found),
                    "questions": len(found),
                }
                for (kind, latent), found in right.items()
            ]
        return rows

    def _write(self, model: Any) -> tuple[tuple[Document, ...], Lines, Ledger]:
        """The lines about the documents that are learned, how many there were, and what they cost.

        What the threshold cost is not in it: it is found once, and serves other tasks.
        """
        from obverse.costs import Meter, model_shape

        writing, threshold = self._learner.writing, None
        if writing.verified != "none":
            other = self._base(self._folder / "calibration", _CALIBRATION_SEED)
            threshold = other.writer(other.teach_alone()[0], writing).threshold(writing)
        writer = self.writer(model, writing)
        with Meter() as meter:
            lines = kept = writer.write(writing)
            if threshold is not None:
                scores = writer.score(lines, writing)
                kept = [line for line, score in zip(lines, scores, strict=True) if score >= threshold]
        found = Lines(len(lines), sum(map(writer.is_right, lines)))
        if threshold is not None:
            right_kept = sum(map(writer.is_right, kept))
            found = replace(found, kept=len(kept), right_kept=right_kept, threshold=threshold)
        cost = replace(
            _reading_cost(writer.reader, model_shape(model), meter), tokens_generated=writer.generated
        )
        return tuple(as_document(line, writer.cues[line.answer_key]) for line in kept), found, cost

    def _lengths(self, questions: Iterable[Question]) -> list[int]:
        """Tokens of each answer."""
        return [len(self._tokenizer(question.answer).input_ids) for question in questions]

    def _prompts(
        self, reader: ShortReader, questions: Sequence[Question], route: Route
    ) -> tuple[list[Question], Mapping[str, tuple[Document, ...]], list[str]]:
        """Those questions that the route has episodes for, the episodes, and the prompts."""
        episodes = self._episodes(questions, route)
        asked = [question for question in questions if question.id in episodes]
        prompts = [_prompt(episodes[question.id], question) for question in asked]
        window = int(reader.window)
        longest = max((len(prompt.split()) for prompt in prompts), default=0)
        if longest > window:
            raise InputError(
                f"{route.label}: a prompt of {longest} tokens does not fit the model's window of {window}; "
                "put fewer documents into it, for example with context:8"
            )
        return asked, episodes, prompts

    def _episodes(self, questions: Iterable[Question], route: Route) -> dict[str, tuple[Document, ...]]:
        from obverse.context.episodes import choose_episodes

        chosen = choose_episodes(
            route.context,
            replace(self._task, questions=tuple(questions)),
            self._memory if route.context == "lexical" else None,
            episodes=Settings.episodes,
            distractors=route.distractors,
            seed=0,  # the same for every training, so that seeds differ in training alone
        )
        if not route.control:
            return chosen
        return {id: tuple(self._false[found.id] for found in documents) for id, documents in chosen.items()}

    @cached_property
    def _false(self) -> dict[str, Document]:
        from obverse.context.exchange import exchange_facts

        return {document.id: document for document in exchange_facts(self._task, seed=0)}

    @cached_property
    def _memory(self) -> Any:
        from obverse.context.memory import Memory

        memory = Memory(self._folder / self._teaching.key(self._learner) / "memory")
        memory.store(self._task.documents)
        return memory

    @cached_property
    def _device(self) -> str:
        import torch

        if self._learner.device != "auto":
            return self._learner.device
        return "cuda" if torch.cuda.is_available() else "cpu"

    @property
    def _recipe(self) -> Recipe:
        return self._learner.others.get(self._teaching.parameters, self._learner.recipe)


def _prompt(episodes: Sequence[Document], question: Question) -> str:
    return " ".join([*(document.text for document in episodes), question.prompt])


def _reading_cost(reader: ShortReader, shape: ModelShape, meter: Meter) -> Ledger:
    """What a reader has read so far, for a model of this shape."""
    return Ledger(
        tokens_forward=reader.tokens,
        flops=shape.forward_flops(reader.tokens, reader.pairs, reader.projected),
        seconds=meter.seconds,
        peak_memory_bytes=meter.peak_memory_bytes,
    )
