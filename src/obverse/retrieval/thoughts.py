"""Thoughts in a model's own form: where a prompt leaves one open, and answers without them."""

from __future__ import annotations

import re

_MESSAGE_END = "<|end|>"
_NAME = r"(?:\w+[:_])?(?:think|thinking|thoughts?|reasoning)"
# Opening and closing, with what is the same in both as a group.
_FORMS = (
    (rf"<({_NAME})>", r"</{0}>"),
    (rf"\[({_NAME})\]", r"[/{0}]"),
    (rf"\u25c1({_NAME})\u25b7", "\u25c1/{0}\u25b7"),
    (r"<\|START_(THINKING)\|>", "<|END_{0}|>"),
    (r"<\|begin_of_(thought)\|>", "<|end_of_{0}|>"),
    (r"<\|inner_(prefix)\|>", "<|inner_suffix|>"),
    (r"<\|channel>(thought)\b", "<channel|>"),
    (r"<\|channel\|>(analysis|commentary)[^<]*(?:<\|constrain\|>[^<]*)?<\|message\|>", _MESSAGE_END),
)
_OPENING = re.compile("|".join(f"(?:{opening})" for opening, _ in _FORMS), re.IGNORECASE)
_CLOSING = re.compile(
    rf"</{_NAME}>|\[/{_NAME}\]|\u25c1/{_NAME}\u25b7|<\|END_THINKING\|>|<\|end_of_thought\|>"
    r"|\[BEGIN FINAL RESPONSE\]",
    re.I,
)
# What stands around the answer where messages go to channels or have marks.
_CHANNEL = re.compile(
    r"\s*<\|start\|>assistant|\s*<\|channel\|>final[^<]*<\|message\|>|\s*\[END FINAL RESPONSE\]"
)


def closing_of_open_thought(text: str) -> str:
    """What ends the thought that ``text`` leaves open, as templates write an empty one; nothing where there is none."""
    while found := _OPENING.search(text):
        closing = _closing(found)
        thought, closed, text = text[found.end() :].partition(closing)
        if not closed and closing == _MESSAGE_END:
            return f"{closing}<|start|>assistant<|channel|>final<|message|>"
        if not closed:
            blank = "" if thought.endswith("\n\n") else "\n"
            return f"{blank}{closing}\n\n" if thought.endswith("\n") else closing
    return ""


def empty_thought(text: str) -> str:
    """An empty thought in the form that instructions speak of, such as a template's own; nothing where they do not."""
    found = _OPENING.search(text)
    return f"{found[0]}{_closing(found)}" if found else ""


def shows_thought(text: str) -> bool:
    """Whether a thought begins or ends in ``text``."""
    return bool(_OPENING.search(text) or _CLOSING.search(text))


def without_thoughts(text: str) -> str:
    """A generated text without its thoughts; one that is not ended takes all the rest."""
    found = _OPENING.search(text)
    closed = _CLOSING.search(text)
    if closed and not (found and found.start() < closed.start()):  # it was opened in the prompt
        return without_thoughts(text[closed.end() :])
    if not found:
        return _CHANNEL.sub("", text)
    rest = text[found.end() :].partition(_closing(found))[2]
    return _CHANNEL.sub("", text[: found.start()]) + without_thoughts(rest)


def _closing(found: re.Match[str]) -> str:
    number = next(number for number, group in enumerate(found.groups()) if group is not None)
    return _FORMS[number][1].format(found.groups()[number])
