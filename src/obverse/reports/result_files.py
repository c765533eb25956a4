"""The files of a run that others read: ``results.json`` and ``answers.parquet``."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from obverse.answering.scoring import is_correct, is_correct_per_token
from obverse.files import replacing, write_text
from obverse.types import Answer, Question, Task

if TYPE_CHECKING:
    from obverse.judging.diagnosis import Diagnosis


def write_results(folder: Path, results: Mapping[str, Any]) -> None:
    """Write ``results.json``, whole or not at all."""
    write_text(folder / "results.json", json.dumps(results, indent=1, ensure_ascii=False))


def write_answers(
    folder: Path, task: Task, answers: Sequence[Answer], diagnoses: Sequence[Diagnosis]
) -> None:
    """Write ``answers.parquet``: a row for each question, route, control and seed."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    questions = {question.id: question for question in task.questions}
    verdicts = {(found.question, found.route, found.seed): found.verdict for found in diagnoses}
    place = {question: number for number, question in enumerate(questions)}
    rows = [
        _row(questions[answer.question], answer, verdicts.get((answer.question, answer.route, answer.seed)))
        for answer in sorted(answers, key=lambda answer: place[answer.question])
    ]
    with replacing(folder / "answers.parquet") as scratch:
        pq.write_table(pa.Table.from_pylist(rows, schema=_schema()), scratch)


def _row(question: Question, answer: Answer, verdict: str | None) -> dict[str, object]:
    read = answer.log_likelihoods  # none by an answerer that gives none
    best = max(range(len(question.choices)), key=lambda index: read[index]) if read else None
    return {
        "question": question.id,
        "prompt": question.prompt,
        "answer": question.answer,
        "kind": question.kind,
        "latent": question.latent,
        "needs": list(question.needs),
        "group": question.cluster,
        "choices": list(question.choices),
        "route": answer.route,
        "control": answer.control,
        "seed": answer.seed,
        "log_likelihoods": list(answer.log_likelihoods),
        "token_counts": list(answer.token_counts),
        "chosen": None if best is None else question.choices[best],
        "correct": is_correct(question, answer) if read else None,
        "correct_per_token": is_correct_per_token(question, answer) if read else None,
        "generated": answer.generated,
        "strict": answer.strict,
        "lenient": answer.lenient,
        "retrieved": list(answer.retrieved),
        "thoughts": list(answer.thoughts),
        "verdict": None if answer.control else verdict,
    }


def _schema() -> Any:
    import pyarrow as pa

    text, texts = pa.string(), pa.list_(pa.string())
    return pa.schema(
        {
            "question": text,
            "prompt": text,
            "answer": text,
            "kind": text,
            "latent": pa.bool_(),
            "needs": texts,
            "group": text,
            "choices": texts,
            "route": text,
            "control": pa.bool_(),
            "seed": pa.int64(),
            "log_likelihoods": pa.list_(pa.float64()),
            "token_counts": pa.list_(pa.int64()),
            "chosen": text,
            "correct": pa.bool_(),
            "correct_per_token": pa.bool_(),
            "generated": text,
            "strict": pa.bool_(),
            "lenient": pa.bool_(),
            "retrieved": texts,
            "thoughts": texts,
            "verdict": text,
        }
    )
