"""A learner for studies: a decoder that is trained from scratch on a drawn task, by any objective, and asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from obverse.augmentation.from_cues import Writing
from obverse.engine.study import Brought, Teaching
from obverse.learners.recalling import Recalling
from obverse.learners.school import School, Steps
from obverse.training.experience import Recipe
from obverse.types import ParametersChoice

if TYPE_CHECKING:
    from obverse.answering.asking import AnsweredRow


@dataclass(frozen=True)
class FromScratch:
    """A decoder and how it learns; a `obverse.engine.study.Learner`.

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

    def run(self, teaching: Teaching, folder: Path, progress: Steps) -> Brought:
        """Teach, or load what was taught, and ask; see `obverse.engine.study.Learner.run`."""
        from obverse.costs import model_shape

        school = School(self, teaching, folder, progress)
        model, taught = school.teach()
        rows: dict[str, tuple[AnsweredRow, ...]] = {}
        for route in teaching.routes:
            for arm in route.arms:
                rows[arm.label] = (school.oral.ask(model, model_shape(model), arm),)
        return Brought(rows, taught.ledger, model.num_parameters(), taught.curves, taught.lines)
