"""Does a generated answer say the right thing?  A strict and a lenient match, both reported.

Strict: the text is the answer letter for letter, or its first lines are.  Set aside are white space, the width of
characters, apostrophes and quotation marks, emphasis (``**Ann**``), boxes, formulas' and answers' tags
(`obverse.answers.markup`), a bullet, one final full stop, and a label before it (``Answer:``).  Case counts, and so
does every sign: ``x₂`` is not ``x2``.

Lenient: the answer's words stand in the text side by side, whole (see `obverse.tasks.text.words`), and no other choice
stands there before them; so a text that lists every choice matches only the first that it names, and of two that begin
at one place the longer is meant.  Case, punctuation and articles do not count.  A sign close to a word is part of it:
``-5``, ``50%``, ``$5`` and ``5:30`` are not ``5``, and ``C#`` is not ``C``.  Numbers are compared by value (``1,000``,
``1 000`` and ``1000``; ``3.50`` and ``3.5``; the digits of every script), unless two choices would be the same number.
What is denied next to it is not said: ``not Ann`` does not say ``Ann``.  Of a text with a box only what stands in it
counts, and nothing behind a question that the text goes on to ask.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from decimal import Decimal
from itertools import chain

import regex

from obverse.answers.markup import boxed, undressed
from obverse.answers.negation import BEFORE, BEHIND, CLOSE_BEHIND, GOES_ON
from obverse.tasks.labels import ANSWER, COLON, QUESTION
from obverse.tasks.scripts import TERMINATORS, UNSPACED
from obverse.tasks.text import fold, tidy, words

_ARTICLES = frozenset(("a", "an", "the"))
_QUOTED = regex.compile(r"\A[\p{Quotation_Mark}\s]+|[\p{Quotation_Mark}\s]+\Z")
_BULLET = re.compile(r"(?:[-*+\u2022\u2013]|#{1,6})\s+(?=\S)")
_STOPS = ".。।۔။។።։།"
_EMPHASIS = re.compile(r"(\*\*|\*|__|_|`)(.+)\1")
# "Answer:", "**Final answer** -", "The answer is:".
_LABEL = re.compile(
    rf"[*_#\s]*(?:(?:\w+\s+){{0,2}}(?:最终|最終|正确|正確)?(?!a\b)(?:{ANSWER})(?:\s+\w+){{0,2}}是?|(?:{ANSWER}))[*_]*"
    rf"\s*(?:{COLON}|\s[-\u2013\u2014]\s)[*_]*\s*",
    re.IGNORECASE,
)
# A model that goes on by itself asks another question, which is no part of its answer.
_NEXT_QUESTION = re.compile(rf"\n[*_#\s]*(?:{QUESTION})\s*\d*\s*{COLON}", re.IGNORECASE)

# A denial before an answer has at most so many words between.
_DENIAL_GAP = 2
_CLAUSE_END = regex.compile(
    rf"(?<!\d)[.,]|[.,](?!\d)|(?<=\s)[-\u2013](?=\s)|[;:!?\u2026\n\u2014()\u060c\u3001\uff0c{TERMINATORS}](?!\d)"
)
_CLOSE = rf"[\p{{L}}\p{{M}}\p{{Nd}}--[{UNSPACED}\p{{Hangul}}\p{{Katakana}}]]"
_INITIALS = regex.compile(r"(?<![\w.])(?:\p{Lu}\. ?){2,}(?:\p{Lu}(?!\w))?")
_NOT = re.compile("n['\u2019]t\\b", re.IGNORECASE)
_MINUS = r"-\u2010-\u2013\u2212"
_SIGNED = regex.compile(
    rf"(?V1)(?<!{_CLOSE})(?:"
    rf"(?P<sign>[{_MINUS}])?(?:(?P<before>\p{{Sc}})\s?)?"
    r"(?P<number>[0-9]++ [0-9]++/[0-9]++|[0-9]{1,3}(?:[ '\u2019_][0-9]{3})++(?:[.,][0-9]++)?+(?![0-9])"
    r"|[0-9]++(?:[.,:/^][0-9]++)*+(?:e[+-]?[0-9]++)?+)"
    rf"(?!{_CLOSE}(?!\p{{L}})|_)\s?(?P<behind>%|\u2030|\u00b0|\p{{Sc}}|per ?cent(?!\w))?"
    rf"|(?P<code>\p{{L}}+(?:[+#]+|\^[0-9]+)|\p{{L}}[{_MINUS}])(?!\w))"
)
_COMMA_GROUPS = re.compile(r"\d{1,3}(?:,\d{2,3})*,\d{3}(?:\.\d+)?")
_POINT_GROUPS = re.compile(r"\d{1,3}(?:\.\d{3}){2,}|\d{1,3}(?:\.\d{3})+,\d+")
_COMMA_DECIMAL = re.compile(r"\d+,(?:\d{1,2}|\d{4,})")
_DECIMAL = re.compile(r"(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d{1,2})?")


def _phrases(lines: str) -> list[list[str]]:
    return [words(phrase) for line in lines.strip().split("\n") for phrase in line.split("|")]


_BEFORE = _phrases(BEFORE)
_BEHIND = _phrases(BEHIND)
_CLOSE_BEHIND = _phrases(CLOSE_BEHIND)
_GOES_ON = _phrases(GOES_ON)


def matches_strictly(generated: str, answer: str) -> bool:
    """Whether ``generated`` is ``answer``, or its first lines are."""
    lines = generated.strip().splitlines()
    wanted = _bare(answer)
    return any(
        _bare(" ".join(lines[:count])) == wanted
        for count in range(1, min(len(lines), len(answer.split()) + len(answer)) + 1)
    )


def matches_leniently(generated: str, answer: str, choices: Sequence[str]) -> bool:
    """Whether ``generated`` names ``answer``, and none of the other ``choices`` before it."""
    generated = boxed(_NEXT_QUESTION.split(generated.strip(), maxsplit=1)[0])
    sought = (*choices, answer)
    as_written, by_value = (
        [list(chain(*_clauses(choice, how))) for choice in sought] for how in (False, True)
    )
    as_numbers = len(set(map(tuple, by_value))) == len(set(map(tuple, as_written)))
    articles = _ARTICLES - {part[0] for part in as_written if len(part) == 1}
    clauses = [
        [token for token in clause if token not in articles] for clause in _clauses(generated, as_numbers)
    ]
    found = [
        _find(clauses, [token for token in part if token not in articles] or part)
        for part in (by_value if as_numbers else as_written)
    ]
    place = found.pop()
    if place is None:
        return False
    # At the same place the longer one is meant: "Bream" in "Bream Sound".
    return not any(
        other is not None and (other[0] < place[0] or (other[0] == place[0] and other[1] > place[1]))
        for choice, other in zip(choices, found, strict=True)
        if choice != answer
    )


def _bare(text: str) -> str:
    text = _unquoted(" ".join(_one_width(tidy(undressed(text))).split()))
    bullet = _BULLET.match(text)
    text = text[bullet.end() :] if bullet else text
    label = _LABEL.match(text)
    text = text[label.end() :] if label and label.end() < len(text) else text
    while True:
        before = text
        emphasis = _EMPHASIS.fullmatch(text)
        text = _unquoted(emphasis[2] if emphasis else text)
        if text == before:
            break
    text = text[:-1] if text.endswith(tuple(_STOPS)) else text
    emphasis = _EMPHASIS.fullmatch(text)
    return _unquoted(emphasis[2] if emphasis else text)


def _unquoted(text: str) -> str:
    return str(_QUOTED.sub("", text))


def _one_width(text: str) -> str:
    """The text without full-width and half-width forms; other variants of characters stay."""
    if text.isascii():
        return text
    return unicodedata.normalize(
        "NFC",
        "".join(
            unicodedata.normalize("NFKC", character)
            if unicodedata.decomposition(character).startswith(("<wide>", "<narrow>"))
            or character == "\u3000"
            else character
            for character in text
        ),
    )


def _clauses(text: str, by_value: bool) -> list[list[str]]:
    """The words of each clause, numbers with the signs that are close to them as one word."""
    plain = _INITIALS.sub(lambda found: f"{found[0].replace('.', '').replace(' ', '')} ", undressed(text))
    folded = fold(_NOT.sub(" not", plain.replace("\u202f", " ")))
    clauses: list[list[str]] = [[]]
    start = 0
    for found in _SIGNED.finditer(folded):
        _read(folded[start : found.start()], clauses)
        clauses[-1].append(_signed(found, by_value))
        start = found.end()
    _read(folded[start:], clauses)
    return clauses


def _read(text: str, clauses: list[list[str]]) -> None:
    """Put the words of a text without numbers behind the last ones; each end of a clause begins another."""
    first, *others = _CLAUSE_END.split(text)
    clauses[-1] += words(first)
    clauses += map(words, others)


def _signed(found: regex.Match[str], by_value: bool) -> str:
    if found["code"]:
        return re.sub(f"[{_MINUS}]", "-", found["code"])
    number, unit = str(found["number"]), str(found["before"] or "")
    behind = str(found["behind"] or "")
    if behind and unicodedata.category(behind[0]) == "Sc":
        unit, behind = unit or behind, ""
    behind = "%" if behind.startswith("per") else behind
    sign = "-" if found["sign"] else ""
    return f"{sign}{unit}{_value(number) if by_value else number}{behind}"


def _value(number: str) -> str:
    """A number without marks between thousands, with a point before its fraction, and no zeros at its end."""
    if "/" not in number:
        number = re.sub("[ '\u2019_]", "", number)
    if _COMMA_GROUPS.fullmatch(number):
        number = number.replace(",", "")
    elif _POINT_GROUPS.fullmatch(number):
        number = number.replace(".", "").replace(",", ".")
    elif _COMMA_DECIMAL.fullmatch(number):
        number = number.replace(",", ".")
    if not _DECIMAL.fullmatch(number):
        return number
    plain = format(Decimal(number), "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def _find(clauses: Sequence[Sequence[str]], part: Sequence[str]) -> tuple[int, int] | None:
    """Where ``part`` first stands without being denied, in words, and how long it is."""
    text = list(chain(*clauses))
    starts = [sum(map(len, clauses[:number])) for number in range(len(clauses) + 1)]
    for start in range(len(text) - len(part) + 1):
        end = start + len(part)
        if part and text[start:end] == list(part):
            left = max(one for one in starts if one <= start)
            right = min(one for one in starts if one >= end)
            if not _denied(text[left:start], text[end:right]):
                return start, len(part)
    return None


def _denied(before: Sequence[str], behind: Sequence[str]) -> bool:
    """Whether what stands before or behind in the same clause denies what stands between."""
    near = list(before)
    for denial in _BEFORE:
        gap = 1 if denial == ["no"] or len(denial[0]) == 1 else _DENIAL_GAP
        for between in range(gap + 1):
            end = len(near) - between
            if near[max(0, end - len(denial)) : end] == denial and not any(
                [word] in _GOES_ON for word in near[end:]
            ):
                return True
    return any(list(behind[: len(denial)]) == denial for denial in _CLOSE_BEHIND) or any(
        list(behind[skip : skip + len(denial)]) == denial for denial in _BEHIND for skip in range(2)
    )
