"""A learner for studies: a decoder that is trained from scratch on a drawn task, by any objective, and asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from obverse.augmentation.from_cues import CueWriter, Writing, as_document
from obverse.files import sync
from obverse.learners.decoder_evaluation import DecoderEvaluator
from obverse.learners.learner import TASK_SEED, CurvePoint, LineCounts, Outcome, Teaching, teaching_lock
from obverse.learners.recalling import Recalling, learn_recall
from obverse.learners.record import Record
from obverse.training.experience import Experience, Recipe
from obverse.training.objectives import OBJECTIVES
from obverse.types import (
    AnsweredRow,
    Document,
    InputError,
    Ledger,
    ParametersChoice,
    Route,
    Task,
    derive_seed,
)

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

    from obverse.runs.progress import Progress
    from obverse.training.checkpoint import Checkpoint

Steps = Callable[[int, int, str], None]

# Thresholds are set on another task than the one that is asked.
_CALIBRATION_SEED = TASK_SEED + 1


@dataclass(frozen=True)
class FromScratch:
    """A decoder and how it learns; a `obverse.learners.learner.Learner`.

    Args:
        recipe: for the documents, and for whatever has no recipe of its own.
        others: recipes by what is trained in, for example ``{"masked": Recipe(...)}``; that of ``augmented`` says how
            the trained model is trained on with what it wrote.
        writing: how the model writes about its documents, for ``augmented``.
        recalling: how it thinks, and how it learns to recall, for ``recalled``.
        evaluations: how often validation questions are asked during a training.
        device: ``auto`` takes cuda where there is one.
        tracker: an experiment tracker that accelerate knows by name.
    """

    recipe: Recipe = field(default_factory=Recipe)
    others: Mapping[ParametersChoice, Recipe] = field(default_factory=dict)
    writing: Writing = field(default_factory=Writing)
    recalling: Recalling = field(default_factory=Recalling)
    evaluations: int = 12
    device: str = "auto"
    tracker: str | None = None

    @property
    def content(self) -> dict[str, object]:
        """The kind of device that computes, in place of ``auto``."""
        from obverse.models.fingerprint import computing

        return computing(self.device, "float32")

    @property
    def plain(self) -> FromScratch:
        """As far as what it learns from documents goes, the same learner."""
        return replace(self, writing=Writing(), recalling=Recalling())

    def run(self, teaching: Teaching, folder: Path, progress: Progress) -> Outcome:
        """Teach, or load what was taught, and ask; see `obverse.learners.learner.Learner.run`."""
        with progress.steps("Teaching") as advance:
            teacher = Teacher(self, teaching, folder, advance)
            model, taught = teacher.teach()
        rows: dict[str, tuple[AnsweredRow, ...]] = {}
        for route in teaching.routes:
            for arm in route.arms:
                rows[arm.label] = (teacher.evaluator.ask(model, arm),)
        return Outcome(rows, taught.ledger, model.num_parameters(), taught.curves, taught.lines)


class Teacher:
    """One teaching: its task, its tokenizer, and the folder of all taught models.

    Attributes:
        evaluator: asks what was taught.
    """

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
        self.evaluator = DecoderEvaluator(
            self._task, self._tokenizer, learner.recalling, folder / teaching.key(learner), teaching
        )

    def teach(self) -> tuple[Any, Record]:
        """The taught model, loaded where it is finished, and the record of its teaching."""
        from obverse.models.decoder import Decoder
        from obverse.training.loop import read_metrics

        teaching = self._teaching
        folder = self._folder / teaching.key(self._learner)
        record = Record.read(folder)
        if record is not None:
            kept: Any = Decoder.from_pretrained(folder / "model", use_safetensors=True)
            return kept.to(self._device).eval(), record
        if teaching.parameters == "none":
            return self._begin().eval(), Record(Ledger(), (), None)
        if teaching.parameters == "documents" and self._learner != self._learner.plain:
            return self._base(self._folder, self._task_seed).teach_alone()
        documents, before, lines = self._task.documents, Ledger(), None
        if teaching.parameters in ("augmented", "recalled"):
            model, earlier = self._base(self._folder, TASK_SEED).teach_alone()
            before = earlier.ledger
        else:
            model = self._begin()
        if teaching.parameters == "augmented":
            written, lines, writing = self._write(model)
            documents, before = documents + written, before + writing
        if teaching.parameters == "recalled":
            spent, checkpoint = self._learn_recall(model, folder)
        else:
            spent, checkpoint = self._train(model, documents, folder)
        curves = tuple(CurvePoint(seed=teaching.seed, **row) for row in read_metrics(folder) if "kind" in row)
        record = Record(before + spent, curves, lines)
        model.save_pretrained(folder / "model")
        self._tokenizer.save_pretrained(folder / "model")
        sync(folder / "model")  # before the record, which says that it is there
        record.write(folder)
        checkpoint.remove()
        return model, record

    def teach_alone(self) -> tuple[Any, Record]:
        """As `teach`, while no other process does the same."""
        with teaching_lock(self._folder, self._teaching.key(self._learner)):
            return self.teach()

    def writer(self, model: Any, writing: Writing) -> CueWriter:
        """The model, to write about the documents with these and some others in front of it."""
        from obverse.answering.short import ShortReader

        teaching = self._teaching
        cues = teaching.task.cues(self._task_seed)
        beside = Route("augment", context="oracle", distractors=writing.distractors)
        return CueWriter(
            ShortReader(model, self._tokenizer),
            cues,
            self.evaluator.lengths(cues),
            self.evaluator.episodes(cues, beside),
            self._task.documents,
            (teaching.task_name, teaching.seed),
        )

    def _base(self, folder: Path, task_seed: int) -> Teacher:
        """The documents alone, which the same model learns before it writes or recalls, however it will."""
        teaching = replace(self._teaching, parameters="documents")
        return Teacher(self._learner.plain, teaching, folder, self._progress, task_seed)

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

    def _experience(self, documents: Sequence[Document]) -> Experience:
        """What a training consists of."""
        teaching = self._teaching
        return Experience(
            teaching.task,
            self._task_seed,
            documents,
            self._tokenizer,
            self._recipe,
            OBJECTIVES[teaching.parameters],
            derive_seed(teaching.task_name, teaching.seed, "experience"),
            teaching.parameters,
        )

    def _train(self, model: Any, documents: Sequence[Document], folder: Path) -> tuple[Ledger, Checkpoint]:
        from obverse.costs import model_shape
        from obverse.models.loading import computes_bfloat16
        from obverse.training.loop import train

        recipe = self._recipe
        spent = train(
            model,
            self._experience(documents),
            recipe.training,
            folder,
            mixed=computes_bfloat16(self._device),  # which pays at every size: 1.9 times as fast at 0.2M
            evaluate=lambda: self.evaluator.validate(model, reads=recipe.practice > 0),
            evaluations=self._learner.evaluations,
            tracker=self._learner.tracker,
            progress=lambda done, of, loss: self._progress(done, of, f"loss {loss:.2f}"),
        )
        return spent.ledger(model_shape(model)), spent.checkpoint

    def _learn_recall(self, model: Any, folder: Path) -> tuple[Ledger, Checkpoint]:
        teaching, recalling = self._teaching, self._learner.recalling
        retained = recalling.reinforcement.retention > 0
        return learn_recall(
            model,
            self._tokenizer,
            teaching.task,
            self._task_seed,
            recalling,
            folder,
            seed=derive_seed(teaching.task_name, teaching.seed, "recall"),
            stored=self._experience(self._task.documents) if retained else None,
            progress=self._progress,
        )

    def _write(self, model: Any) -> tuple[tuple[Document, ...], LineCounts, Ledger]:
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
        found = LineCounts(len(lines), sum(map(writer.is_right, lines)))
        if threshold is not None:
            right_kept = sum(map(writer.is_right, kept))
            found = replace(found, kept=len(kept), right_kept=right_kept, threshold=threshold)
        cost = writer.counts.ledger(model_shape(model), meter)
        return tuple(as_document(line, writer.cues[line.answer_key]) for line in kept), found, cost

    @cached_property
    def _device(self) -> str:
        import torch

        if self._learner.device != "auto":
            return self._learner.device
        return "cuda" if torch.cuda.is_available() else "cpu"

    @property
    def _recipe(self) -> Recipe:
        return self._learner.others.get(self._teaching.parameters, self._learner.recipe)
