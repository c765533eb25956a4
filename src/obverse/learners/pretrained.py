"""The learner of pretrained models: fine-tuned on a task's documents or shown them, and asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from obverse.judging.summary import teaching_name
from obverse.learners.evaluation import SHOWN, documents_key, index_folder
from obverse.learners.learner import TASK_SEED, Outcome, Teaching, teaching_lock
from obverse.training.finetuning_options import FinetuningOptions
from obverse.types import (
    TOP_K,
    UNTOUCHED,
    AnsweredRow,
    Document,
    InputError,
    Ledger,
    Retained,
    Task,
    content_hash,
)

if TYPE_CHECKING:
    from obverse.answering.asking import Asker
    from obverse.augmentation.for_routes import Lines
    from obverse.models import Pretrained
    from obverse.practice.practising import Practised, Practising
    from obverse.runs.progress import Progress

_loaded: dict[str, Pretrained] = {}
"""The model that was loaded last; the next job takes it over."""


@dataclass(frozen=True)
class FromPretrained:
    """A pretrained model that is fine-tuned and asked; a `obverse.learners.learner.Learner`.

    Tasks are to be in their natural form, and answers are compared by the likelihood of the choices.  What was taught
    is kept by the documents, the options of fine-tuning, the model and the seed, and answers by what was asked: other
    questions, routes or tasks take over all that is the same.

    Args:
        model: name or folder; ``None`` for the default model.
        practised: whether the default model is the one that practised to read its context.
        practising: what the model practises before anything else; once for all that it is taught in a study.
        finetuning: how it is fine-tuned; what is left open is derived from the documents.
        augmented: the lines that the route augment trains beside the documents; ``None`` lets the model write them.
        top_k: documents that a search returns.
        retention: whether what the fine-tuned model retains is measured, which takes as long as a short training.
        dtype, device: ``auto``, or as PyTorch names them.
    """

    model: str | None = None
    practised: bool = False
    practising: Practising | None = None
    finetuning: FinetuningOptions = FinetuningOptions()
    augmented: Lines | None = None
    top_k: int = TOP_K
    retention: bool = True
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    device: str = "auto"

    @property
    def content(self) -> dict[str, object]:
        """The model by its weights and template, not by its name, and what computes, in place of ``auto``."""
        from obverse.models.fingerprint import computing, fingerprint_of
        from obverse.retrieval.template import template_of

        found = computing(self.device, self.dtype)
        if self.augmented:
            found["augmented"] = [line.text for line in self.augmented.kept]
        try:
            model = fingerprint_of(self.model, practised=self.practised)
            return {**found, "model": model, "practised": None, "template": template_of(self.model, model)}
        except InputError:  # it cannot be loaded, which the teaching reports
            return found

    def load(self, progress: Progress) -> Pretrained:
        """The model before anything is taught; it is kept until another is loaded."""
        from obverse.models import load
        from obverse.models.fingerprint import fingerprint_of

        with progress.stage("Loading the model"):
            model = fingerprint_of(self.model, practised=self.practised)
            key = content_hash([self.model, model, self.dtype, self.device])
            if key not in _loaded:
                _loaded.clear()  # before there are two
                _loaded[key] = load(
                    self.model, practised=self.practised, dtype=self.dtype, device=self.device
                )
            return _loaded[key]

    def options(self, pretrained: Pretrained, documents: Sequence[Document]) -> FinetuningOptions:
        """How the documents are trained in, with everything derived from their size that was not given."""
        from obverse.training.objectives import tokenise

        texts = tokenise(pretrained.tokenizer, documents)
        return self.finetuning.for_corpus(sum(len(text.tokens) for text in texts))

    def run(self, teaching: Teaching, folder: Path, progress: Progress) -> Outcome:
        """Teach, or load what was taught, and ask; see `obverse.learners.learner.Learner.run`."""
        from obverse.answering.asking import Asker
        from obverse.training.finetuning import TAUGHT, finetune
        from obverse.training.objectives import OBJECTIVES
        from obverse.training.retention import untouched_retention

        if teaching.parameters not in TAUGHT:
            raise InputError(
                f"{teaching.parameters!r} is for models from scratch; a pretrained model takes finetune, augment, "
                "reversed, masked-copy, contexts, and these joined"
            )
        task = teaching.task.build(TASK_SEED)
        pretrained = self.load(progress)
        taught, before, after = Ledger(), None, None
        if self.practising:
            pretrained, practised = self._practise(pretrained, folder, progress)
            taught, before, after = practised.ledger, practised.before, practised.after
        parameters, dtype = pretrained.model.num_parameters(), str(pretrained.model.dtype)
        trains = teaching.parameters != "none"
        lines, documents = None, task.documents
        if teaching.parameters == "augmented":
            lines = self.augmented or self._write_lines(pretrained, documents, folder, progress)
            documents, taught = documents + lines.kept, taught + lines.ledger
        if trains and self.retention and before is None:
            with progress.stage("Measuring what there is to retain"):
                before = untouched_retention(pretrained, folder)
        name, options = self._named(teaching, pretrained, task, documents)
        # Tasks that only ask otherwise share what was taught, and what was asked.
        with teaching_lock(folder, name):
            if trains:
                _loaded.clear()  # there is memory for one
                short = name.rpartition("-")[0]
                with progress.steps(f"Training on the documents ({short})") as advance:
                    pretrained, cost = finetune(
                        pretrained,
                        documents,
                        options,
                        teaching.seed,
                        folder / name,
                        lambda done, of, loss: advance(done, of, f"loss {loss:.2f}"),
                        objective=OBJECTIVES[teaching.parameters],
                        rehearsed=folder / "rehearsed",
                    )
                taught += cost
                if self.retention:
                    with progress.stage("Measuring what was retained"):
                        after = _retention(pretrained, folder / name)
            asker = Asker(pretrained)
            rows, refused = self._ask(teaching, task, pretrained, asker, folder / name, progress)
        return Outcome(
            rows,
            taught,
            parameters,
            form=asker.form,
            prompt=asker.rendered,
            dtype=dtype.removeprefix("torch."),
            retained=(before, after) if before and after else None,
            refused=refused,
            augmented=lines,
            model=name if trains else "",
        )

    def _named(
        self, teaching: Teaching, pretrained: Pretrained, task: Task, documents: Sequence[Document]
    ) -> tuple[str, FinetuningOptions]:
        """The folder of what is taught, by all that decides it and nothing that is asked, and how it is trained in."""
        from obverse.models.fingerprint import identity
        from obverse.training.objectives import OBJECTIVES

        # With lines beside the documents too the options are those for the documents.
        options = self.options(pretrained, task.documents)
        if teaching.parameters == "none":
            return f"{UNTOUCHED}-{content_hash(identity(pretrained))[:SHOWN]}", options
        key = content_hash(
            {
                "documents": [document.text for document in documents],
                **identity(pretrained, "obverse.training.finetuning"),
                "finetuning": asdict(options),
                "objective": OBJECTIVES[teaching.parameters],
                "seed": teaching.seed,
            }
        )
        return f"{teaching_name(teaching.routes[0])}.{teaching.seed}-{key[:SHOWN]}", options

    def _ask(
        self,
        teaching: Teaching,
        task: Task,
        pretrained: Pretrained,
        asker: Asker,
        folder: Path,
        progress: Progress,
    ) -> tuple[dict[str, tuple[AnsweredRow, ...]], dict[str, str]]:
        """The answers by the label of each route, and why a route was refused."""
        from obverse.learners.evaluation import Evaluator
        from obverse.models.fingerprint import identity
        from obverse.retrieval.template import template_fingerprint
        from obverse.tasks.completions import completions

        indexes = index_folder(folder.parent, task.documents)
        evaluator = Evaluator(task, completions(task), indexes, self.top_k)
        decided_by = {
            "documents": documents_key(task.documents),
            "template": template_fingerprint(pretrained.tokenizer),
            **identity(pretrained, "obverse.learners.evaluation"),
        }
        answers = folder / f"answers-{content_hash(decided_by)[:SHOWN]}"
        return evaluator.ask_all(teaching.routes, asker, teaching.seed, answers, progress)

    def _practise(
        self, pretrained: Pretrained, folder: Path, progress: Progress
    ) -> tuple[Pretrained, Practised]:
        """The model that has practised, loaded as a user would, and what that took."""
        from obverse.models import load
        from obverse.models.fingerprint import identity
        from obverse.practice.practising import practise

        assert self.practising
        code = "obverse.practice.practising"
        key = content_hash({**identity(pretrained, code), "practising": asdict(self.practising)})
        with teaching_lock(folder, key), progress.steps("Practising") as advance:
            _, practised = practise(
                pretrained, self.practising, folder / key, advance, evaluations=0, untouched=folder
            )
        return load(str(folder / key / "model"), dtype=self.dtype, device=self.device), practised

    def _write_lines(
        self, pretrained: Pretrained, documents: Sequence[Document], folder: Path, progress: Progress
    ) -> Lines:
        """What the model itself writes about the documents, without practice, and checks; once for all questions."""
        from obverse.augmentation.for_routes import write_lines
        from obverse.models import load
        from obverse.models.fingerprint import identity

        code = "obverse.augmentation.for_routes"
        key = content_hash([documents_key(documents), identity(pretrained, code)])
        name = f"lines-{key[:SHOWN]}"
        with teaching_lock(folder, name):
            model = pretrained
            if self.practising or (self.practised and self.model is None):
                model = load(self.model, dtype=self.dtype, device=self.device)
            return write_lines(model, pretrained, documents, folder / name, progress)


def forget_loaded() -> None:
    """Give back the memory of the model that was loaded last."""
    _loaded.clear()


def _retention(pretrained: Pretrained, folder: Path) -> Retained:
    """What a taught model retains, measured once by the same code."""
    from obverse.models.fingerprint import identity
    from obverse.training.retention import kept_retention

    key = content_hash(identity(pretrained, "obverse.training.retention"))
    return kept_retention(pretrained, folder / f"retained-{key[:SHOWN]}.json")
