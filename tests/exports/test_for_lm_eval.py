"""The export for the lm-evaluation-harness: the harness says of every question what we say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hostile import HOSTILE, hostile_task, taught

from obverse.answering.answerer import answered_rows
from obverse.answering.asking import Asker
from obverse.answering.scoring import is_correct
from obverse.exports import export_for_lm_eval
from obverse.models import Pretrained
from obverse.retrieval.assembly import Assembler
from obverse.retrieval.episodes import choose_episodes
from obverse.routes import route
from obverse.types import Answer, Document, InputError, Question, Task

FORMS = {"closed_book": "untouched", "all_documents": "context", "needed_documents": "oracle"}


def run(folder: Path, names: tuple[str, ...], pretrained: Pretrained) -> Any:
    from lm_eval import simple_evaluate
    from lm_eval.models.huggingface import HFLM
    from lm_eval.tasks import TaskManager

    return simple_evaluate(
        HFLM(pretrained=pretrained.model, tokenizer=pretrained.tokenizer, batch_size=4),
        tasks=list(names),
        task_manager=TaskManager(include_path=str(folder), include_defaults=False),
        log_samples=True,
        bootstrap_iters=0,
    )


def test_the_harness_scores_every_question_as_we_do(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    task = hostile_task()
    names = export_for_lm_eval(task, tmp_path / "exported")
    folder = (tmp_path / "exported").rename(tmp_path / "moved")
    pretrained, _ = taught(tmp_path_factory.getbasetemp() / "taught")
    results = run(folder, names, pretrained)
    for name, (form, of) in zip(names, FORMS.items(), strict=True):
        assert name.endswith(form)
        theirs = {
            sample["doc"]["id"]: sample
            for part, samples in results["samples"].items()
            if part.startswith(name)
            for sample in samples
        }
        chosen = route(of)
        episodes = choose_episodes(chosen.context, task, distractors=0, seed=0)
        rows = answered_rows(Asker(pretrained), chosen, 0, task.questions, episodes)
        ours = {answer.question: answer for row in rows for answer in row.answers}
        assert theirs.keys() == ours.keys() == episodes.keys()
        right = [
            agree(question, ours[question.id], theirs[question.id], episodes[question.id], pretrained)
            for question in task.questions
            if question.id in ours
        ]
        assert results["groups"][name]["acc,none"] == pytest.approx(sum(right) / len(right))
        if form == "closed_book":
            assert 0 < sum(right) < len(right)


def agree(
    question: Question,
    ours: Answer,
    theirs: dict[str, Any],
    documents: tuple[Document, ...],
    pretrained: Pretrained,
) -> bool:
    """Check one question: the very same texts, likelihoods and choice; return whether it is right."""
    assembler = Assembler(pretrained.tokenizer)
    prompt = assembler.prefix(documents) + assembler.prompt(question.prompt)
    sent = [tuple(request) for request in theirs["arguments"]]
    assert sent == [(prompt, assembler.answer(choice)) for choice in question.choices]
    likelihoods = [float(response[0][0]) for response in theirs["resps"]]
    assert likelihoods == pytest.approx(ours.log_likelihoods, abs=1e-3)
    assert likelihoods.index(max(likelihoods)) == ours.log_likelihoods.index(max(ours.log_likelihoods))
    assert theirs["acc"] == is_correct(question, ours)
    return is_correct(question, ours)


def test_no_text_of_the_task_stands_in_the_yaml(tmp_path: Path) -> None:
    export_for_lm_eval(hostile_task(), tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "all_documents.yaml",
        "closed_book.yaml",
        "documents.json",
        "needed_documents.yaml",
        "questions.jsonl",
        "questions.py",
    ]
    for path in [*tmp_path.glob("*.yaml"), *tmp_path.glob("*.py")]:
        assert not any(text in path.read_text() for text in (*HOSTILE, "7*7", "!date"))


def test_kinds_that_differ_in_dress_only_stay_apart(tmp_path: Path) -> None:
    kinds = ("two words", "two-words", "two words latent", "!?")
    questions = tuple(
        Question(str(number), "Which?", "a", ("a", "b"), kind, latent=number == 0)
        for number, kind in enumerate(kinds)
    )
    (closed, everything) = export_for_lm_eval(Task("T", (Document("d", "Text."),), questions), tmp_path)
    assert (closed, everything) == ("obverse_t_closed_book", "obverse_t_all_documents")
    rows = [json.loads(line) for line in (tmp_path / "questions.jsonl").read_text().splitlines()]
    assert [row["part"] for row in rows] == ["two_words_latent", "two_words", "two_words_latent_2", "x"]
    assert not (tmp_path / "needed_documents.yaml").exists()


def test_what_cannot_be_asked_is_not_exported(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nothing to learn or nothing to ask"):
        export_for_lm_eval(Task("empty", (), ()), tmp_path / "new")
    assert not (tmp_path / "new").exists()
