"""Which documents stand in the prompt of each question, where no search finds them."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from obverse.types import ContextChoice, Document, Task, derive_seed


def choose_episodes(
    context: ContextChoice, task: Task, *, distractors: int, seed: int
) -> dict[str, tuple[Document, ...]]:
    """The documents in front of each question, by question id, in the order in which they stand there.

    Args:
        context: ``all`` takes every document in the task's order; ``oracle`` what the question needs among
            ``distractors`` others, in an order drawn from ``seed``; ``part`` the same with others of the same kind,
            which other questions of its kind need, or, where these are too few, any questions; ``none`` nothing.
            Alone, the same needed documents stand in the same order for every question, so that these can be read
            together.  No document of a needed one's group is a distractor, since it may say the same.
    """
    if context in ("none", "all"):
        same = task.documents if context == "all" else ()
        return {question.id: same for question in task.questions}
    pools, groups = _pools(context, task), _groups(task.documents)
    places = {document.id: place for place, document in enumerate(task.documents)}
    return {
        question.id: _among_others(
            [task.documents[place] for place in sorted({places[id] for id in question.needs})],
            pools[question.kind],
            groups,
            distractors,
            random.Random(
                derive_seed(
                    context, seed, question.id if distractors else sorted(question.needs), distractors
                )
            ),
        )
        for question in task.questions
        if question.needs
    }


class _Pool:
    """Documents to draw from; a draw costs what it draws, however many documents there are."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self._documents = tuple(documents)
        self._places = {document.id: place for place, document in enumerate(self._documents)}

    def draw(self, rng: random.Random, count: int, without: Collection[str]) -> list[Document]:
        """Up to ``count`` documents, all but those ``without`` equally likely."""
        skipped = sorted(self._places[id] for id in without if id in self._places)
        left = len(self._documents) - len(skipped)
        drawn = []
        for number in rng.sample(range(left), min(count, left)):
            place = number
            for skip in skipped:
                place += skip <= place
            drawn.append(self._documents[place])
        return drawn


def _pools(context: ContextChoice, task: Task) -> dict[str, list[_Pool]]:
    """Where the distractors of each kind of question come from: from the next pool what the first lacks."""
    kinds = dict.fromkeys(question.kind for question in task.questions)
    if context == "oracle":
        everything = _Pool(task.documents)
        return {kind: [everything] for kind in kinds}
    needed_by: dict[str, set[str]] = defaultdict(set)
    for question in task.questions:
        needed_by[question.kind].update(question.needs)
    needed = [
        document for document in task.documents if any(document.id in ids for ids in needed_by.values())
    ]
    by_any = _Pool(needed)
    return {
        kind: [_Pool(document for document in needed if document.id in needed_by[kind]), by_any]
        for kind in kinds
    }


def _groups(documents: Iterable[Document]) -> dict[str | None, list[str]]:
    """The ids of the documents of each group."""
    groups: dict[str | None, list[str]] = defaultdict(list)
    for document in documents:
        if document.group is not None:
            groups[document.group].append(document.id)
    return groups


def _among_others(
    needed: Sequence[Document],
    pools: Iterable[_Pool],
    groups: Mapping[str | None, Sequence[str]],
    distractors: int,
    rng: random.Random,
) -> tuple[Document, ...]:
    """Perfect recall, imperfect precision: every needed document, and others that are not."""
    chosen = list(needed)
    without = {id for document in needed for id in (document.id, *groups.get(document.group, ()))}
    for pool in pools:
        found = pool.draw(rng, distractors, without)
        chosen += found
        without.update(document.id for document in found)
        distractors -= len(found)
    rng.shuffle(chosen)
    return tuple(chosen)
