"""A route: the documents that name something the question names stand in the prompt."""

from __future__ import annotations

import re

from obverse.types import Question, Task


def by_name(task: Task, question: Question) -> list[str]:
    """The ids of those documents that share a capitalised word with the question, in the task's order."""
    names = set(re.findall(r"\b[A-Z]\w+", question.prompt)) - {"Who", "What"}
    return [one.id for one in task.documents if names & set(re.findall(r"\b[A-Z]\w+", one.text))]
