"""A learner for studies: a pretrained model, fine-tuned on a task's documents or shown them, and asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from obverse.learners.learner import TASK_SEED, Outcome, Teaching, teaching_lock
from obverse.types import TOP_K, AnsweredRow, InputError, Ledger, Task, content_hash

if TYPE_CHECKING:
    from obverse.models import Pretrained
    from obverse.practice.practising import Practised, Practising
    from obverse.training.rehearsal import Rehearsal


@dataclass(frozen=True)
class FromPretrained:
    """A pretrained model as `obverse compare` teaches and asks it; a `obverse.learners.learner.Learner`.

    Tasks are to be in their natural form, and answers are compared by the likelihood of the choices.

    Args:
        model: name or folder; ``None`` for the default model.
        practised: whether the default model is the one that practised to read its context.
        practising: what the model practises before anything else; once for all that it is taught in a study.
        adapter: ``lora`` or ``full``, of fine-tuning.
        epochs: of fine-tuning; ``None`` derives them from the corpus.
        rehearsal: what keeps the fine-tuned model what it was otherwise; ``None`` for nothing.
        retention: whether what the fine-tuned model retains is measured, which takes as long as a short training.
        dtype, device: ``auto``, or as PyTorch names them.
    """

    model: str | None = None
    practised: bool = False
    practising: Practising | None = None
    adapter: Literal["lora", "full"] = "lora"
    epochs: int | None = None
    rehearsal: Rehearsal | None = None
    retention: bool = True
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    device: str = "auto"

    @property
    def content(self) -> dict[str, object]:
        """The model by its weights and template, not by its name, and what computes, in place of ``auto``."""
        from obverse.models.fingerprint import computing, fingerprint_of
        from obverse.retrieval.template import template_of

        found = computing(self.device, self.dtype)
        try:
            model = fingerprint_of(self.model, practised=self.practised)
            return {**found, "model": model, "practised": None, "template": template_of(self.model, model)}
        except InputError:  # it cannot be had, which the teaching tells
            return found

    def run(self, teaching: Teaching, folder: Path, progress: Callable[[int, int, str], None]) -> Outcome:
        """Teach, or load what was taught, and ask; see `obverse.learners.learner.Learner.run`."""
        from obverse.answering.asking import Asker
        from obverse.learners.evaluation import Evaluator
        from obverse.models import load
        from obverse.runs.run_folder import RunFolder
        from obverse.tasks.completions import completions
        from obverse.training.finetuning import TAUGHT
        from obverse.training.retention import kept_retention, untouched_retention

        if teaching.parameters not in TAUGHT:
            raise InputError(
                f"{teaching.parameters!r} is for models from scratch; a pretrained model takes finetune, augment, "
                "reversed, masked-copy, contexts, and these joined"
            )
        key = teaching.key(self)
        kept = RunFolder(folder / key, key)
        task = teaching.task.build(TASK_SEED)
        pretrained = load(self.model, practised=self.practised, dtype=self.dtype, device=self.device)
        taught, before, after = Ledger(), None, None
        if self.practising:
            pretrained, came = self._practise(pretrained, folder, progress)
            taught, before, after = came.ledger, came.before, came.after
        parameters, dtype = pretrained.model.num_parameters(), str(pretrained.model.dtype)
        if teaching.parameters != "none":
            if self.retention:
                before = before or untouched_retention(pretrained, folder)
            pretrained, finetuning = self._finetune(pretrained, task, teaching, folder, progress)
            taught += finetuning
            if self.retention:
                after = kept_retention(pretrained, kept.path / "retained.json")
        asker = Asker(pretrained)
        evaluator = Evaluator(task, completions(task), kept, TOP_K)
        rows: dict[str, tuple[AnsweredRow, ...]] = {}
        for route in teaching.routes:
            for arm in route.arms:
                cell = evaluator.cell(arm, teaching.seed)
                progress(0, 1, arm.label)
                evaluator.ask(arm, asker, teaching.seed, cell, progress)
                rows[arm.label] = tuple(cell.rows)
        form, prompt, dtype = asker.form, asker.rendered, dtype.removeprefix("torch.")
        retained = (before, after) if before and after else None
        return Outcome(rows, taught, parameters, form=form, prompt=prompt, dtype=dtype, retained=retained)

    def _practise(
        self, pretrained: Pretrained, folder: Path, progress: Callable[[int, int, str], None]
    ) -> tuple[Pretrained, Practised]:
        """The model that has practised, loaded as a user would, and what that took."""
        from obverse.models import load
        from obverse.models.fingerprint import identity
        from obverse.practice.practising import practise

        assert self.practising
        code = "obverse.practice.practising"
        key = content_hash({**identity(pretrained, code), "practising": asdict(self.practising)})
        with teaching_lock(folder, key):
            _, came = practise(
                pretrained, self.practising, folder / key, progress, evaluations=0, untouched=folder
            )
        return load(str(folder / key / "model"), dtype=self.dtype, device=self.device), came

    def _finetune(
        self,
        pretrained: Pretrained,
        task: Task,
        teaching: Teaching,
        folder: Path,
        progress: Callable[[int, int, str], None],
    ) -> tuple[Pretrained, Ledger]:
        from obverse.augmentation.for_routes import write_lines
        from obverse.models import load
        from obverse.models.fingerprint import identity
        from obverse.runs.progress import Progress
        from obverse.training.finetuning import derive_finetuning, finetune
        from obverse.training.objectives import OBJECTIVES, tokenise

        tokens = sum(len(text.tokens) for text in tokenise(pretrained.tokenizer, task.documents))
        documents, written = task.documents, Ledger()
        if teaching.parameters == "augmented":
            of = content_hash([task.fingerprint, identity(pretrained, "obverse.augmentation.for_routes")])
            with teaching_lock(folder, of):
                model = pretrained
                if self.practising or (self.practised and self.model is None):
                    model = load(self.model, dtype=self.dtype, device=self.device)
                lines = write_lines(model, pretrained, task.documents, folder / of, Progress())
            documents, written = documents + lines.kept, lines.ledger
        settings = derive_finetuning(
            tokens,
            adapter=self.adapter,
            epochs=self.epochs,
            objective=OBJECTIVES[teaching.parameters],
            rehearsal=self.rehearsal,
        )
        # Tasks that only ask otherwise share what was taught.
        key = content_hash(
            {
                "documents": [document.text for document in documents],
                **identity(pretrained, "obverse.training.finetuning"),
                "finetuning": asdict(settings),
                "seed": teaching.seed,
            }
        )
        with teaching_lock(folder, key):
            taught, finetuning = finetune(
                pretrained,
                documents,
                settings,
                teaching.seed,
                folder / key,
                lambda done, of, loss: progress(done, of, f"loss {loss:.2f}"),
                rehearsed=folder / "rehearsed",
            )
        return taught, written + finetuning
