"""Answers as they are compared: their words, numbers and signs, whatever their dress.

Unlike in the words of `obverse.text.segmentation`, signs count: ``C#`` is not ``C``, ``-5`` not ``5``, nor ``50%``
``50``. Whether two choices can be told apart, and whether an answer says one of them, are one question, answered here.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from functools import lru_cache
from itertools import chain

import regex

from obverse.text.formulas import undressed
from obverse.text.scripts import ARTICLES, TERMINATORS, UNSPACED
from obverse.text.segmentation import fold, words

_CLAUSE_END = regex.compile(
    rf"(?<!\d)[.,]|[.,](?!\d)|(?<=\s)[-\u2013](?=\s)|[;:!?\u2026\n\u2014()\u060c\u3001\uff0c{TERMINATORS}](?!\d)"
)
_CLOSE = rf"[\p{{L}}\p{{M}}\p{{Nd}}--[{UNSPACED}\p{{Hangul}}\p{{Katakana}}]]"
_INITIALS = regex.compile(r"(?<![\w.])(?:\p{Lu}\. ?){2,}(?:\p{Lu}(?!\w))?")
_NOT = re.compile("n['\u2019]t\\b", re.IGNORECASE)
MINUS = r"-\u2010-\u2013\u2212"
_SIGNED = regex.compile(
    rf"(?V1)(?<!{_CLOSE})(?:"
    rf"(?P<sign>[{MINUS}])?(?:(?P<before>\p{{Sc}})\s?)?"
    r"(?P<number>[0-9]++ [0-9]++/[0-9]++|[0-9]{1,3}(?:[ '\u2019_][0-9]{3})++(?:[.,][0-9]++)?+(?![0-9])"
    r"|[0-9]++(?:[.,:/^][0-9]++)*+(?:e[+-]?[0-9]++)?+)"
    rf"(?!{_CLOSE}(?!\p{{L}})|_)\s?(?P<behind>%|\u2030|\u00b0|\p{{Sc}}|per ?cent(?!\w))?"
    rf"|(?P<code>\p{{L}}+(?:[+#]+|\^[0-9]+)|\p{{L}}[{MINUS}]|[{MINUS}]\p{{L}})(?!\w))"
    r"|(?P<operator>[!<>=]=+|[-=]>|&&|\|\|)"
)
_COMMA_GROUPS = re.compile(r"\d{1,3}(?:,\d{2,3})*,\d{3}(?:\.\d+)?")
_POINT_GROUPS = re.compile(r"\d{1,3}(?:\.\d{3}){2,}|\d{1,3}(?:\.\d{3})+,\d+")
_COMMA_DECIMAL = re.compile(r"\d+,(?:\d{1,2}|\d{4,})")
_DECIMAL = re.compile(r"(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d{1,2})?")


def clauses(text: str, *, by_value: bool) -> list[list[str]]:
    """The words of each clause, numbers with the signs that are close to them as one word.

    Args:
        by_value: whether ``3.50`` and ``1e3`` are ``3.5`` and ``1000``; of two versions, they are not.
    """
    plain = _INITIALS.sub(lambda found: f"{found[0].replace('.', '').replace(' ', '')} ", undressed(text))
    folded = fold(_NOT.sub(" not", plain.replace("\u202f", " ")))
    read: list[list[str]] = [[]]
    start = 0
    for found in _SIGNED.finditer(folded):
        _read(folded[start : found.start()], read)
        read[-1].append(_signed(found, by_value))
        start = found.end()
    _read(folded[start:], read)
    return read if any(read) else [folded.split()]


@lru_cache(maxsize=1 << 14)
def compared(text: str, *, by_value: bool = False) -> tuple[str, ...]:
    """What two texts that say the same have in common: the words of `clauses` without articles.

    The last word is no article: ``Vitamin A``.
    """
    found = list(chain(*clauses(text, by_value=by_value)))
    return (*(word for word in found[:-1] if word not in ARTICLES), *found[-1:])


def _read(text: str, read: list[list[str]]) -> None:
    """Put the words of a text without numbers behind the last ones; each end of a clause begins another."""
    first, *others = _CLAUSE_END.split(text)
    read[-1] += words(first)
    read += map(words, others)


def _signed(found: regex.Match[str], by_value: bool) -> str:
    if found["operator"]:
        return str(found["operator"])
    if found["code"]:
        return re.sub(f"[{MINUS}]", "-", found["code"])
    number, unit = str(found["number"]), str(found["before"] or "")
    behind = str(found["behind"] or "")
    if behind and unicodedata.category(behind[0]) == "Sc":
        unit, behind = unit or behind, ""
    behind = "%" if behind.startswith("per") else behind
    sign = "-" if found["sign"] else ""
    number = _with_point(number)
    return f"{sign}{unit}{_value(number) if by_value else number}{behind}"


def _with_point(number: str) -> str:
    """A number without marks between thousands, and with a point before its fraction."""
    if "/" not in number:
        number = re.sub("[ '\u2019_]", "", number)
    if _COMMA_GROUPS.fullmatch(number):
        number = number.replace(",", "")
    elif _POINT_GROUPS.fullmatch(number):
        number = number.replace(".", "").replace(",", ".")
    elif _COMMA_DECIMAL.fullmatch(number):
        number = number.replace(",", ".")
    return number


def _value(number: str) -> str:
    """A number without zeros at its end."""
    if not _DECIMAL.fullmatch(number):
        return number
    plain = format(Decimal(number), "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain
