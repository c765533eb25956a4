"""What generators are asked: one set of prompts for all tasks, as text files that users can replace.

A prompt has marked places, such as ``{documents}``.  What is the same for many assignments stands first, the
instruction and the documents, so that it is encoded once; what each is about stands last.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from itertools import count
from pathlib import Path

from obverse.tasks.places import Faults
from obverse.types import InputError

PLACES: Mapping[str, tuple[str, ...]] = {
    "rephrase": ("sentences",),
    "reverse": ("sentences",),
    "question": ("sentences",),
    "inference": ("documents", "target"),
    "judge": ("documents", "sentences"),
}
"""The prompts, and the places of each in the order in which they stand."""

SEPARATOR = "\n\n"
"""What stands between two documents."""

_MARK = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Prompt:
    """A prompt with one or two open places.

    Args:
        before: the text before the documents, or before the only place.
        between: the text between the documents and the last place.
        after: the text behind the last place.
    """

    before: str
    between: str
    after: str

    def shared(self, documents: Sequence[str] = ()) -> str:
        """The beginning, which is the same whatever stands in the last place; documents are numbered from 1."""
        return self.before + SEPARATOR.join(map(numbered, count(1), documents)) + self.between

    def own(self, text: str) -> str:
        """The rest, with ``text`` in the last place."""
        return text.strip() + self.after


def numbered(number: int, text: str) -> str:
    """A document as it stands in a prompt: its number in brackets before it."""
    return f"[{number}] {text.strip()}"


def read_prompts(
    folder: Path | None = None,
    places: Mapping[str, tuple[str, ...]] = PLACES,
    package: str = "obverse.augmentation",
) -> dict[str, Prompt]:
    """All prompts by name: those that come with the package, replaced by those in the user's folder.

    Args:
        folder: with files such as ``rephrase.txt``; prompts that it lacks are the package's.
        places: the prompts, and the places of each in the order in which they stand.
        package: whose ``instructions`` they are.

    Raises:
        InputError: there is no such folder, nothing in it is a prompt, or prompts lack places or have others.
    """
    packaged = files(package).joinpath("instructions")
    prompts = {
        name: _read(f"{name}.txt", packaged.joinpath(f"{name}.txt").read_bytes(), own)
        for name, own in places.items()
    }
    if folder is None:
        return prompts
    known = ", ".join(f"{name}.txt" for name in places)
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; name one that holds prompts ({known})")
    found = sorted(folder.glob("*.txt"))
    if not found:
        raise InputError(f"{folder}: no prompt in this folder; write one of {known}")
    with Faults() as faults:
        for file in found:
            with faults.kept():
                if file.stem not in places:
                    raise InputError(f"{file}: there is no prompt of this name; the prompts are {known}")
                try:
                    content = file.read_bytes()
                except OSError as problem:
                    raise InputError(
                        f"{file}: cannot be read ({problem.strerror}); make it a readable file"
                    ) from None
                prompts[file.stem] = _read(str(file), content, places[file.stem])
    return prompts


def _read(file: str, content: bytes, places: tuple[str, ...]) -> Prompt:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise InputError(f"{file}: not UTF-8 text (byte {problem.start}); save it as UTF-8") from None
    parts = _MARK.split("\n".join(text.strip().splitlines()))
    marks = parts[1::2]
    wanted = " and ".join(f"{{{place}}}" for place in places)
    for mark in marks:
        if mark not in places:
            raise InputError(f"{file}: the unknown place {{{mark}}}; take it out, its places are {wanted}")
        if marks.count(mark) > 1:
            raise InputError(
                f"{file}: the place {{{mark}}} stands there {marks.count(mark)} times; leave one"
            )
    for place in places:
        if place not in marks:
            raise InputError(
                f"{file}: the place {{{place}}} is missing; write it where that text is to stand"
            )
    if tuple(marks) != places:
        raise InputError(f"{file}: the places stand in the wrong order; write {wanted} in this order")
    return Prompt(parts[0], parts[2] if len(places) == 2 else "", parts[-1])
