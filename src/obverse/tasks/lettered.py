"""Answers that name a choice by a letter or a label, as published data sets do, and numbers, which could name two.

An answer that equals a choice is that choice.  Where answers of a file are letters and one of them equals no choice,
all of them are read as letters: ``B``, ``b.`` or ``(B)`` is the second choice.  A number is never guessed at, since
some count from 0 and some from 1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from obverse.tasks.choices import undressed_choice
from obverse.tasks.places import quote
from obverse.tasks.rows import Row

_LABEL = re.compile(r"\s*[(\[]?[A-Za-z\d][)\].:]+\s+")
_LETTER = re.compile(r"[(\[]?([A-Za-z])[)\]]?[.:]?")


def read_choices(row: Row) -> tuple[tuple[str, ...] | None, tuple[str, ...]]:
    """The choices of a row, and their labels where it gives ``{"text": [...], "label": [...]}``."""
    value = row.fields.get("choices")
    if not isinstance(value, dict):
        return row.texts("choices"), ()
    given = Row(row.place, value)
    texts, labels = given.texts("text"), given.texts("label")
    if texts is None or labels is None or len(texts) != len(labels) or len(value) > 2:
        raise row.place.error(
            "'choices' is an object without a label for each text", 'write {"text": [...], "label": [...]}'
        )
    return texts, labels


def letters_are_meant(rows: Iterable[Row]) -> bool:
    """Whether all answers that stand beside choices are letters, and one of them is none of its choices."""
    astray = False
    for row in rows:
        answer, choices = row.fields.get("answer"), row.fields.get("choices")
        if isinstance(answer, str) and isinstance(choices, list):
            if _index(answer) is None:
                return False
            astray |= answer not in choices
    return astray


def read_answer(row: Row, choices: Sequence[str] | None, labels: Sequence[str], *, lettered: bool) -> str:
    """The answer of a row as text, one of the choices where there are some.

    Args:
        lettered: whether answers are letters of the choices.

    Raises:
        InputError: it is missing, or none of the choices, or could be two of them.
    """
    value = row.fields.get("answer")
    if choices and isinstance(value, int) and not isinstance(value, bool):
        _refuse_number(row, value, f"'answer' is the number {value}", choices)
    answer = row.required_text("answer")
    if choices is None:
        return answer
    if answer in labels:
        return choices[labels.index(answer)]
    index = _index(answer)
    if lettered and index is not None and index < len(choices):
        if answer in choices and choices[index] != answer:
            raise row.place.error(
                f"the answer {quote(answer)} is a choice, and other answers are letters of choices",
                f"write all answers out; here {quote(answer)} or {quote(choices[index])}",
            )
        return choices[index]
    if answer in choices:
        return answer
    fault = f"the answer {quote(answer)} is not among the choices"
    if answer.isdecimal() and len(answer) < 4:
        _refuse_number(row, int(answer), fault, choices)
    if index is not None and index < len(choices):
        raise row.place.error(
            f"{fault}, and not all answers are letters of choices",
            f"write {quote(choices[index])} if it is one",
        )
    # To add it would be refused too, or make two of one.
    alike = [choice for choice in choices if _unlabelled(choice) == _unlabelled(answer)]
    raise row.place.error(fault, f"did you mean {quote(alike[0])}?" if alike else "add it to 'choices'")


def _unlabelled(text: str) -> tuple[tuple[str, ...], str]:
    """A choice as it is compared, without a letter or a number of its own in front."""
    return undressed_choice(_LABEL.sub("", text))


def _refuse_number(row: Row, number: int, fault: str, choices: Sequence[str]) -> None:
    """Refuse a number that could be the place of a choice, with all that it could mean."""
    readings = [f"{quote(str(number))} if that is the answer"] if str(number) in choices else []
    readings += [
        f"{quote(choices[number - first])} if choices count from {first}"
        for first in (0, 1)
        if 0 <= number - first < len(choices)
    ]
    if readings:
        raise row.place.error(fault, f"write the text of the choice: {', '.join(readings)}")


def _index(answer: str) -> int | None:
    """The place of the choice that a letter names, from 0."""
    letter = _LETTER.fullmatch(answer.strip())
    return ord(letter[1].lower()) - ord("a") if letter else None
