"""A learner for studies: a pretrained model, fine-tuned on a task's documents or shown them, and asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from obverse.studies.study import TASK_SEED, Brought, Teaching
from obverse.types import InputError, Ledger

if TYPE_CHECKING:
    from obverse.answers.asking import AnsweredRow
    from obverse.models import Pretrained
    from obverse.types import Task


@dataclass(frozen=True)
class FromPretrained:
    """A pretrained model as `obverse compare` teaches and asks it; a `obverse.studies.study.Learner`.

    Tasks are to be in their natural form, and answers are compared by the likelihood of the choices.

    Args:
        model: name or folder; ``None`` for the default model.
        adapter: ``lora`` or ``full``, of fine-tuning.
        epochs: of fine-tuning; ``None`` derives them from the corpus.
        dtype, device: ``auto``, or as PyTorch names them.
    """

    model: str | None = None
    adapter: Literal["lora", "full"] = "lora"
    epochs: int | None = None
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    device: str = "auto"

    def run(self, teaching: Teaching, folder: Path, progress: Callable[[int, int, str], None]) -> Brought:
        """Teach, or load what was taught, and ask; see `obverse.studies.study.Learner.run`."""
        from obverse.answers.asking import Asker
        from obverse.models import load
        from obverse.studies.examining import Examination
        from obverse.studies.run_folder import RunFolder
        from obverse.studies.settings import Settings
        from obverse.tasks.completions import completions

        if teaching.parameters not in ("none", "documents"):
            raise InputError(
                f"{teaching.parameters!r} is for models from scratch; a pretrained model takes finetune, contexts, "
                "and these joined"
            )
        key = teaching.key(self)
        kept = RunFolder(folder / key, key)
        task = teaching.task.build(TASK_SEED)
        pretrained = load(self.model, dtype=self.dtype, device=self.device)
        parameters, dtype = pretrained.model.num_parameters(), str(pretrained.model.dtype)
        taught = Ledger()
        if teaching.parameters == "documents":
            pretrained, taught = self._finetune(pretrained, task, teaching.seed, kept.path, progress)
        asker = Asker(pretrained)
        examination = Examination(task, completions(task), kept, Settings.episodes)
        rows: dict[str, tuple[AnsweredRow, ...]] = {}
        for route in teaching.routes:
            for arm in route.arms:
                cell = examination.cell(arm, teaching.seed)
                progress(0, 1, arm.label)
                examination.ask(arm, asker, teaching.seed, cell, progress)
                rows[arm.label] = tuple(cell.rows)
        return Brought(rows, taught, parameters, form=asker.form, dtype=dtype.removeprefix("torch."))

    def _finetune(
        self,
        pretrained: Pretrained,
        task: Task,
        seed: int,
        folder: Path,
        progress: Callable[[int, int, str], None],
    ) -> tuple[Pretrained, Ledger]:
        from obverse.parameters.finetuning import derive_finetuning, finetune
        from obverse.parameters.objectives import tokenise

        tokens = sum(len(text.tokens) for text in tokenise(pretrained.tokenizer, task.documents))
        return finetune(
            pretrained,
            task.documents,
            derive_finetuning(tokens, adapter=self.adapter, epochs=self.epochs),
            seed,
            folder / "taught",
            lambda done, of, loss: progress(done, of, f"loss {loss:.2f}"),
        )
