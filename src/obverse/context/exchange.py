"""False context: the same documents with their facts exchanged, as a control.

A false fact in context can lift accuracy almost as much as the true one, because the form of the prompt and the
mere presence of names help.  So every route that puts episodes into the prompt has a twin that sees the same
episodes, equally long, with the names and values in them exchanged for others of the same type: *Ann keeps the
clock* becomes *Ben keeps the clock*.

Where both sides of a fact are exchanged it can come out true again (of two keepers and two clocks, always).  So
several exchanges are drawn, half of which leave some types as they are, and the one that says the fewest true
things is taken: a thing said is two names in one document, and it is true where the true documents have it too.
Among thousands of facts about the same names some come out true in every exchange.  So where a document still has
the names of a true one in the same order with the same words between, names change places in the exchange.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import combinations

from obverse.types import Document, Task, derive_seed

_DRAWS = 64

_Said = tuple[tuple[str, ...], tuple[str, ...]]
"""Two names or more in the order of a document, and the words between each and the next."""


def exchange_facts(task: Task, seed: int) -> tuple[Document, ...]:
    """The task's documents with what the questions ask about exchanged within its type.

    Choices of one question are of one type, and types that share a choice are the same; within a type every
    name that occurs in the documents is replaced by another.  A document that mentions none of them, or that is
    needed by a question whose choices are whole statements that no document holds, gets its words in another
    order: it too is as long as before and no longer says what it said.
    """
    types = _types(question.choices for question in task.questions)
    pattern = _pattern(name for names in types for name in names)
    found = [tuple(pattern.findall(document.text)) for document in task.documents]
    mentioned = [frozenset(names) for names in found]
    said = [
        (names, tuple(pattern.split(document.text)[1:-1]))
        for names, document in zip(found, task.documents, strict=True)
        if len(names) > 1
    ]
    exchanged = _untrue(_exchange(types, mentioned, seed), types, said, seed)
    named = set[str]().union(*mentioned)
    stated = {
        need for question in task.questions if not named & set(question.choices) for need in question.needs
    }
    false = []
    for document in task.documents:
        text = pattern.sub(lambda match: exchanged.get(match.group(), match.group()), document.text)
        if text == document.text or document.id in stated:
            text = _shuffled(text, derive_seed("false context", seed, document.id))
        false.append(replace(document, text=text))
    return tuple(false)


def _pattern(names: Iterable[str]) -> re.Pattern[str]:
    """Finds names as whole words; where one begins with another, the longer one."""
    alternatives = "|".join(map(re.escape, sorted(names, key=lambda name: (-len(name), name))))
    return re.compile(rf"(?<!\w)(?:{alternatives})(?!\w)" if alternatives else r"(?!)")


def _exchange(types: Sequence[set[str]], mentioned: Sequence[frozenset[str]], seed: int) -> dict[str, str]:
    """What replaces which name: of the exchanges drawn the first of those that say the fewest true things."""
    present = set[str]().union(*mentioned)
    members = [sorted(names & present) for names in types]
    true = {pair for names in mentioned for pair in combinations(sorted(names), 2)}

    def truths(exchange: dict[str, str]) -> int:
        said = (sorted(exchange.get(name, name) for name in names) for names in mentioned)
        return sum(pair in true for names in said for pair in combinations(names, 2))

    draws = [
        _draw(members, derive_seed("false context", seed, draw), some=draw >= _DRAWS // 2)
        for draw in range(_DRAWS)
    ]
    return min(draws, key=truths)


def _draw(members: Sequence[Sequence[str]], seed: int, *, some: bool) -> dict[str, str]:
    """One cycle through each type, or, for ``some``, through those that a coin picks."""
    rng = random.Random(seed)
    exchange: dict[str, str] = {}
    for names in members:
        cycle = rng.sample(names, len(names))
        if len(names) > 1 and not (some and rng.random() < 0.5):
            exchange |= dict(zip(cycle, cycle[1:] + cycle[:1], strict=True))
    return exchange


def _untrue(
    exchange: dict[str, str], types: Sequence[set[str]], said: Sequence[_Said], seed: int
) -> dict[str, str]:
    """The exchange with names changed about until nothing said comes out true, as far as that is found."""
    exchange = dict(exchange)
    rng = random.Random(derive_seed("false context", seed, "untrue"))
    true = set(said)
    says: dict[str, list[_Said]] = defaultdict(list)
    for one in true:
        for name in set(one[0]):
            says[name].append(one)
    members = {
        name: group for group in (sorted(names & exchange.keys()) for names in types) for name in group
    }

    def comes_true(one: _Said) -> bool:
        return (tuple(exchange.get(name, name) for name in one[0]), one[1]) in true

    def truths(*names: str) -> int:
        return sum(map(comes_true, {one for name in names for one in says[name]}))

    for one in sorted(filter(comes_true, true)):
        for name in filter(exchange.__contains__, one[0]):
            for other in rng.choices(members[name], k=_DRAWS):
                if not comes_true(one):
                    break
                before = truths(name, other)
                exchange[name], exchange[other] = exchange[other], exchange[name]
                if name == exchange[name] or other == exchange[other] or truths(name, other) >= before:
                    exchange[name], exchange[other] = exchange[other], exchange[name]
    return exchange


def _shuffled(text: str, seed: int) -> str:
    """The words in another order, where there is one."""
    words = text.split()
    rng = random.Random(seed)
    for _ in range(_DRAWS):
        order = rng.sample(words, len(words))
        if order != words:
            break
    return " ".join(order)


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
