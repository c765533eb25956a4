"""A task's card: what is in a folder of documents and questions, for whoever opens it."""

from __future__ import annotations

from collections.abc import Sequence

from obverse.tasks.baselines import BASELINES, BaselineScore, score_baselines
from obverse.types import Task


def task_card(task: Task, title: str, idea: Sequence[str], published: str, command: str) -> str:
    """The card in Markdown, headed by what the datasets library reads of it.

    Args:
        title, idea, published: see `obverse.tasks.drawn.catalogue.Entry`.
        command: what wrote the task.
    """
    files = {"documents": "documents.jsonl", "questions": "questions.jsonl"}
    if task.validation:
        files["validation"] = "validation.jsonl"
    lines = [
        "---",
        f"pretty_name: {task.name}",
        "configs:",
        *(f"- config_name: {name}\n  data_files: {file}" for name, file in files.items()),
        "---",
        "",
        f"# {title}",
        "",
        *(f"{paragraph}\n" for paragraph in idea),
        *([f"What published work showed: {published}", ""] if published else []),
        f"{len(task.documents):,} documents, {len(task.questions):,} questions, {len(task.validation):,} more for "
        f"validation; fingerprint `{task.fingerprint[:16]}`. Written by `{command}`.",
        "",
        f"| questions | | chance | {' | '.join(BASELINES)} |",
        "|---" * (3 + len(BASELINES)) + "|",
        *kind_rows(task),
        "",
        "Latent questions ask for what the documents imply and none says. The baselines infer nothing: they count "
        "which words follow which, which are linked by a third, and which are frequent.",
    ]
    return "\n".join(lines) + "\n"


def kind_rows(task: Task) -> list[str]:
    """A row of the table for each kind of question."""
    scores: dict[tuple[str, bool], list[BaselineScore]] = {}
    for score in score_baselines(task):
        scores.setdefault((score.kind, score.latent), []).append(score)
    return [
        f"| {kind}{', latent' if latent else ''} | {found[0].questions:,} | {found[0].chance:.0%} | "
        f"{' | '.join(f'{score.accuracy:.0%}' for score in found)} |"
        for (kind, latent), found in scores.items()
    ]
