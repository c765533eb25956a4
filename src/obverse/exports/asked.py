"""What every export says: each question as it is asked, and the documents that can stand in front of it.

Two files.  ``questions.jsonl`` has a row for each question: ``prompt``, ``needed`` (the needed documents, to be put
right before the prompt; empty where a question does not say what it needs), ``choices``, ``answer``, its ``kind`` as
tables call it, and ``part``, the kind in letters that every harness takes for a name.  ``documents.json`` holds all
documents in the same form, once.  Both are made by `obverse.retrieval.assembly.Assembler`, so that a model reads
elsewhere what it reads here, to the last character.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

from obverse.files import write_text
from obverse.retrieval.assembly import Assembler, PromptForm
from obverse.retrieval.episodes import choose_episodes
from obverse.tasks.task import check_task
from obverse.types import Task

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

QUESTIONS, DOCUMENTS = "questions.jsonl", "documents.json"

Row = dict[str, object]


class _NoTokenizer:
    """Stands in for a model's tokenizer: no control tokens, and as a chat template the message alone."""

    all_special_tokens: tuple[str, ...] = ()
    eos_token = None

    def __init__(self, form: PromptForm) -> None:
        self.chat_template = "the message" if form == "chat" else None

    def __call__(self, text: str, **_: object) -> SimpleNamespace:
        """Each letter is a token."""
        return SimpleNamespace(input_ids=list(text))

    def apply_chat_template(self, messages: list[dict[str, str]], **_: object) -> str:
        """What the user says."""
        return messages[0]["content"]


def write_asked(task: Task, folder: Path, form: PromptForm) -> list[Row]:
    """Write both files into ``folder``, which is made if need be; return the rows.

    Args:
        form: ``plain`` ends each prompt with ``Answer:``; ``chat`` gives what a user says, without any template.

    Raises:
        InputError: see `obverse.tasks.task.check_task`.
    """
    check_task(task)
    assembler = Assembler(cast("PreTrainedTokenizerBase", _NoTokenizer(form)))
    needed = choose_episodes("oracle", task, distractors=0, seed=0)
    parts = _parts(task)
    rows: list[Row] = [
        {
            "id": question.id,
            "kind": f"{question.kind}, latent" if question.latent else question.kind,
            "part": parts[question.kind, question.latent],
            "cluster": question.cluster,
            "prompt": assembler.prompt(question.prompt),
            "needed": assembler.prefix(needed.get(question.id, ())),
            "choices": question.choices,
            "answer": question.answer,
        }
        for question in task.questions
    ]
    folder.mkdir(parents=True, exist_ok=True)
    write_text(folder / QUESTIONS, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    documents = {"task": plain_name(task.name), "text": assembler.prefix(task.documents)}
    write_text(folder / DOCUMENTS, json.dumps(documents, ensure_ascii=False) + "\n")
    return rows


def plain_name(text: str) -> str:
    """``text`` in small ASCII letters, digits and underscores, at least one of them."""
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_") or "x"


def _parts(task: Task) -> dict[tuple[str, bool], str]:
    """A plain name of its own for each kind of question, and for its latent ones."""
    parts: dict[tuple[str, bool], str] = {}
    for kind, latent in dict.fromkeys((question.kind, question.latent) for question in task.questions):
        name = plain_name(f"{kind} latent" if latent else kind)
        number = 1
        while (part := name if number == 1 else f"{name}_{number}") in parts.values():
            number += 1
        parts[kind, latent] = part
    return parts
