"""Questions with the verdict of every check, and the rows of a file that they become."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from obverse.augmentation.store import Advance
from obverse.questions.asking import Answerer
from obverse.questions.checks import CHECKS, leaks, sameness
from obverse.questions.corpus import Corpus
from obverse.questions.trying import NOT_ASKED, Tried, try_questions
from obverse.tasks.places import quote
from obverse.tasks.task import question_record
from obverse.types import Question

PASSED = "passed"


@dataclass(frozen=True)
class Checked:
    """A question and what checks say of it.

    Args:
        checks: by the name of each check, `PASSED`, `NOT_ASKED`, or why it failed.
        known: whether the model answers it with nothing in view; nothing where it was not asked.
    """

    question: Question
    checks: Mapping[str, str] = field(default_factory=dict)
    known: bool | None = None

    @property
    def failed(self) -> dict[str, str]:
        """The checks that it failed, and why."""
        return {name: said for name, said in self.checks.items() if said not in (PASSED, NOT_ASKED)}


def check_questions(
    questions: Sequence[Question],
    corpus: Corpus,
    answerer: Answerer | None,
    before: Sequence[Question] = (),
    progress: Advance = lambda *_: None,
) -> list[Checked]:
    """Check questions by words, and those that pass by a model.

    Args:
        answerer: the model; without one, what it would say is `NOT_ASKED`.
        before: questions that stand before these; one that asks the same is a duplicate.
    """
    stated = leaks(questions, corpus)
    seen = {key: question.prompt for question in before for key in sameness(question)}
    verdicts: list[dict[str, str]] = []
    for question in questions:
        said = {name: check(question, corpus) for name, check in CHECKS.items()}
        said["leak"] = stated.get(question.id, "")
        first = next((seen[key] for key in sameness(question) if key in seen), "")
        said["duplicate"] = f"it asks the same as {quote(first)}" if first else ""
        if not any(said.values()):
            seen.update(dict.fromkeys(sameness(question), question.prompt))
        verdicts.append(said)
    passed = [question for question, said in zip(questions, verdicts, strict=True) if not any(said.values())]
    tried = (
        dict(zip(passed, try_questions(passed, corpus, answerer, progress), strict=True)) if answerer else {}
    )
    return [
        _checked(question, said, tried.get(question, Tried()))
        for question, said in zip(questions, verdicts, strict=True)
    ]


def row_of(
    checked: Checked, corpus: Corpus, written_by: str | None, checked_by: str | None
) -> dict[str, object]:
    """The row of a question in a file, with what it rests on and the verdicts, which readers pass over.

    Args:
        written_by, checked_by: names of models; nothing where there is none.
    """
    row = question_record(checked.question)
    row |= {"rests_on": rests_on(checked.question, corpus), "checks": dict(checked.checks)}
    told = {"known": checked.known, "written_by": written_by, "checked_by": checked_by}
    return row | {name: value for name, value in told.items() if value is not None}


def rests_on(question: Question, corpus: Corpus) -> list[str]:
    """The sentences that a question rests on: that of its answer, and of every other document what names the same."""
    answered = corpus.sentence_behind(question.prompt, question.answer, question.needs)
    if answered is None:
        return [one.text for one in corpus.naming(question.prompt, question.needs)]
    others = corpus.naming(question.prompt, [id for id in question.needs if id != answered.document])
    return [answered.text, *(one.text for one in others)]


def _checked(question: Question, said: Mapping[str, str], tried: Tried) -> Checked:
    heard = {"answered": tried.answered, "missing": tried.missing}
    return Checked(question, {name: why or PASSED for name, why in {**said, **heard}.items()}, tried.known)
