"""Relations that are coined for one scene: a made-up verb or noun ties two names, in several wordings.

Names are drawn afresh for each scene so that none can be remembered. So are these words, and a model learns to go by
whatever a text says of two names, and not by the relations that it met.

>>> from random import Random
>>> relation = coin(Random(2), "practice")
>>> relation.statements[1].format(subject="Nell Ashbury", object="Keystone Steel")
'As brixox of Keystone Steel serves Nell Ashbury.'
"""

from __future__ import annotations

import random
from typing import get_args

from obverse.practice.made_up_names import Part, Sort, nonsense_words
from obverse.practice.relations import Relation

SORTS: tuple[Sort, ...] = get_args(Sort)
# How a name of a sort is spoken of, where not by itself.
_PREFIXES: dict[Sort, str] = {"thing": "the ", "room": "room ", "code": "tag ", "ship": "the ship "}
_KINDS: dict[Sort, str] = {"code": "tag"}


def coin(rng: random.Random, part: Part, subject: Sort | None = None) -> Relation:
    """A relation in a new word between names of two sorts.

    Args:
        part: of the nonsense words.
        subject: sort of the subjects; ``None`` draws it.
    """
    first = rng.choice(SORTS) if subject is None else subject
    second = rng.choice(SORTS)
    (word,) = nonsense_words(rng, 1, part)
    ask_subject, ask_object = _asked(first, "Who"), _asked(second, "Who")
    by, of = _asked(first, "whom"), _asked(second, "whom")
    one, other = (
        _PREFIXES.get(sort, "") + place for sort, place in ((first, "{subject}"), (second, "{object}"))
    )
    if rng.random() < 0.5:
        statements = (
            f"{one} {word}s {other}.",
            f"{other} is {word}ed by {one}.",
            f"It is {other} that {one} {word}s.",
            f"For years {one} has {word}ed {other}.",
        )
        asking_object = (
            f"{ask_object} is it that {one} {word}s?",
            f"{ask_object} is {word}ed by {one}?",
            f"{ask_object} was for years {word}ed by {one}?",
        )
        asking_subject = (
            f"{ask_subject} {word}s {other}?",
            f"By {by} is {other} {word}ed?",
            f"{ask_subject} has {word}ed {other} for years?",
        )
        the_object = f"the {_KINDS.get(second, second)} that {one} {word}s"
        the_subject = f"the {_KINDS.get(first, first)} that {word}s {other}"
    else:
        statements = (
            f"{one} is the {word} of {other}.",
            f"As {word} of {other} serves {one}.",
            f"{other} has {one} as {word}.",
            f"The {word} that {other} chose is {one}.",
        )
        asking_object = (
            f"Of {of} is {one} the {word}?",
            f"{ask_object} has {one} as {word}?",
            f"{ask_object} chose {one} as {word}?",
        )
        asking_subject = (
            f"{ask_subject} is the {word} of {other}?",
            f"{ask_subject} serves {other} as {word}?",
            f"{ask_subject} was chosen by {other} as {word}?",
        )
        the_object = f"the {_KINDS.get(second, second)} that has {one} as {word}"
        the_subject = f"the {word} of {other}"
    return Relation(
        word,
        first,
        second,
        tuple(map(_capitalized, statements)),
        asking_object,
        asking_subject,
        the_object,
        the_subject,
    )


def _asked(sort: Sort, who: str) -> str:
    """What asks for a name of that sort, with a capital where ``who`` has one."""
    if sort == "person":
        return who
    return f"{'Which' if who[0].isupper() else 'which'} {_KINDS.get(sort, sort)}"


def _capitalized(sentence: str) -> str:
    """With a capital at its beginning, unless a name stands there."""
    return sentence if sentence.startswith("{") else sentence[0].upper() + sentence[1:]
