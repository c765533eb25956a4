"""False context: the same documents with their facts exchanged, as a control.

A false fact in context can lift accuracy almost as much as the true one, because the form of the prompt and the
mere presence of names help.  So every route that puts episodes into the prompt has a twin that sees the same
episodes, equally long, with the names and values in them exchanged for others of the same type: *Ann keeps the
clock* becomes *Ben keeps the clock*.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable
from dataclasses import replace

from obverse.types import Document, Task, derive_seed


def exchange_facts(task: Task, seed: int) -> tuple[Document, ...]:
    """The task's documents with what the questions ask about exchanged within its type.

    Choices of one question are of one type, and types that share a choice are the same; within a type every
    name that occurs in the documents is replaced by another.  A document that mentions none of them gets its
    words in another order: it too is as long as before and no longer says what it said.
    """
    exchanged = _exchange(task, seed)
    pattern = re.compile(
        "|".join(rf"(?<!\w){re.escape(name)}(?!\w)" for name in sorted(exchanged, key=len, reverse=True))
        or r"(?!)"
    )
    false = []
    for document in task.documents:
        text = pattern.sub(lambda match: exchanged[match.group()], document.text)
        if text == document.text:
            words = text.split()
            random.Random(derive_seed("false context", seed, document.id)).shuffle(words)
            text = " ".join(words)
        false.append(replace(document, text=text))
    return tuple(false)


def _exchange(task: Task, seed: int) -> dict[str, str]:
    """Every name to be replaced, with what replaces it: one cycle through each type."""
    corpus = "\n".join(document.text for document in task.documents)
    exchanged: dict[str, str] = {}
    for names in _types(question.choices for question in task.questions):
        present = sorted(name for name in names if name in corpus)
        random.Random(derive_seed("false context", seed, *present)).shuffle(present)
        if len(present) > 1:
            exchanged |= dict(zip(present, present[1:] + present[:1], strict=True))
    return exchanged


def _types(choices: Iterable[tuple[str, ...]]) -> list[set[str]]:
    """Choices joined into types: the connected parts of "occur in one question"."""
    types: list[set[str]] = []
    for group in choices:
        joined = set(group)
        apart = []
        for known in types:
            if known & joined:
                joined |= known
            else:
                apart.append(known)
        types = [*apart, joined]
    return types
