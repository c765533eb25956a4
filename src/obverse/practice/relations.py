"""What practice documents say of whom: relations between two names, each in several wordings.

A relation ties each subject to one object and each object to one subject, so that either can be asked for.  Some
relations are held out, and of the others some wordings.

>>> relation = next(one for one in RELATIONS if one.name == "locker")
>>> relation.statements[0].format(subject="Nell Ashbury", object="K41")
'Nell Ashbury was given locker K41.'
>>> relation.asking_object[0].format(subject="Nell Ashbury")
'Which locker was given to Nell Ashbury?'
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from obverse.practice.made_up_names import Part, Sort


@dataclass(frozen=True)
class Relation:
    """Two sorts of names, and what is said and asked of them; the last of each kind of wording is held out.

    Args:
        name: heads a column of a table.
        subject, object: sorts.
        statements: with ``{subject}`` and ``{object}``, in either order.
        asking_object, asking_subject: questions, with ``{subject}`` or ``{object}``.
        the_object, the_subject: descriptions without the name that is asked for, for questions of several steps.
        held_out: whether the whole relation is.
    """

    name: str
    subject: Sort
    object: Sort
    statements: tuple[str, ...]
    asking_object: tuple[str, ...]
    asking_subject: tuple[str, ...]
    the_object: str
    the_subject: str
    held_out: bool = False


def wordings(all_: Sequence[str], part: Part) -> Sequence[str]:
    """Those of a part: the last is held out."""
    return all_[-1:] if part == "held out" else all_[:-1]


def relations(part: Part) -> tuple[Relation, ...]:
    """Those of a part."""
    return tuple(relation for relation in RELATIONS if relation.held_out is (part == "held out"))


def _read() -> Iterator[Relation]:
    packaged = files("obverse.practice") / "relations.toml"
    entries = tomllib.loads(packaged.read_text(encoding="utf-8"))["relation"]
    for entry in entries:
        values: dict[str, Any] = {
            name: tuple(one) if isinstance(one, list) else one for name, one in entry.items()
        }
        yield Relation(**values)


RELATIONS: tuple[Relation, ...] = tuple(_read())
