"""Answers without the markup that models write around them: LaTeX, boxes, tags."""

from __future__ import annotations

import re

_BRACES = r"\{((?:[^{}]|\{[^{}]*\})*)\}"
_BOXES = re.compile(
    rf"\\(?:boxed|fbox)\s*{_BRACES}|<answer>(.*?)(?:</answer>|\Z)|<\|begin_of_box\|>(.*?)(?:<\|end_of_box\|>|\Z)",
    re.DOTALL | re.IGNORECASE,
)
# As Markdown with formulas reads it: "$5 and $6" are two prices.
_FORMULA = re.compile(
    r"\\\((.+?)\\\)|\\\[(.+?)\\\]|\$\$(.+?)\$\$|(?<![\d\\$])\$(?!\s)([^$\n]+?)(?<![\s\\])\$(?![\d$])",
    re.DOTALL,
)
_QUOTIENT = re.compile(rf"\\[dt]?frac\s*{_BRACES}\s*{_BRACES}")
_STYLE = re.compile(
    rf"\\(?:text(?:bf|it|rm|tt)?|math(?:rm|bf|it|sf|tt)|mbox|operatorname|bold|emph)\s*{_BRACES}"
)
_BRACED = re.compile(r"(?<=[\^_])\{([^{}]*)\}")
_ESCAPED = re.compile(r"\\([%$&#_{}])")
_SPACE = re.compile(r"\\[,;:! ]|(?<=\d)\{,\}(?=\d)")


def boxed(text: str) -> str:
    """What stands in the last box or answer's tag of a text; the text, where there is none."""
    found = [next(filter(None, match.groups()), "") for match in _BOXES.finditer(text)]
    return found[-1] if found else text


def undressed(text: str) -> str:
    """The text without boxes and tags, and its formulas as they are written in a line."""
    text = _BOXES.sub(_inside, text)
    if "\\" not in text and "$" not in text:
        return text
    text = _FORMULA.sub(_inside, text)
    while "\\" in text and (plain := _STYLE.sub(_inside, _QUOTIENT.sub(r"\1/\2", text))) != text:
        text = plain
    text = _SPACE.sub(lambda found: "," if found[0].startswith("{") else " ", text)
    return _ESCAPED.sub(r"\1", _BRACED.sub(r"\1", text))


def _inside(found: re.Match[str]) -> str:
    return next((group for group in found.groups() if group), "")
