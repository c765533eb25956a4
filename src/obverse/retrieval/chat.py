"""A model's chat template, rendered so that the model answers at once.

Templates differ in what they take (a text, or a list of parts; with or without a system's turn) and in what they put
before an answer (nothing, a space, an empty thought, a channel).  What a template takes is tried; what stands around an
answer is read off a finished turn.  A template that changes or loses what the user says is refused.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import product, zip_longest
from typing import TYPE_CHECKING, Any

from obverse.models.control_tokens import ControlTokens
from obverse.retrieval.thoughts import closing_of_open_thought, empty_thought, shows_thought
from obverse.types import InputError

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

# By these names templates are told not to open a thought.
_SWITCHES = ("enable_thinking", "thinking", "enable_reasoning", "reasoning", "use_thinking", "think")
_SYSTEM = "You are a helpful assistant."
# For templates that print today's date: a run that goes on tomorrow must ask the same.
_DATE = datetime(2025, 1, 1)
_TODAY = re.compile(r"""(strftime_now\(\s*(['"])(.*?)\2\s*\))""")
_MARK = "\N{OBJECT REPLACEMENT CHARACTER}"
_ANSWER = f"{_MARK}obverse answer{_MARK}"
_QUESTION = f"{_MARK}obverse question{_MARK}"
# What templates may cut or escape.
_PROBE = f"{_MARK}One & <two>:\n\n---\n\n 'three' \"four\" {{{{ five }}}}\\ \N{LATIN SMALL LETTER E WITH ACUTE}{_MARK}"

# For what takes a template a thousandth of it.
_SECONDS = 20.0
# The beginning of a control token, at a text's end.
_PART_OF_MARK = re.compile(r"(?:<[^<>]*|\[[^\[\]]*)\Z")

Messages = list[dict[str, Any]]


class ChatTemplate:
    """The chat template of a tokenizer.

    Attributes:
        space: white space between what stands before an answer and the answer.
        end: what stands behind an answer, as far as the token that ends the turn, or the line's end.

    Raises:
        InputError: nothing that a user says passes it whole, or it allows no direct answer.
    """

    def __init__(self, tokenizer: PreTrainedTokenizerBase, controls: ControlTokens) -> None:
        self._tokenizer = tokenizer
        source = _source(tokenizer)
        named = {name for name in _SWITCHES if re.search(rf"\b{name}\b", source)}
        self._options: dict[str, Any] = dict.fromkeys(sorted(named), False)
        if re.search(r"\bthinking_budget\b", source):
            self._options["thinking_budget"] = 0
        if re.search(r"""\breasoning_effort\b[^}\n]*['"]none['"]""", source):
            self._options["reasoning_effort"] = "none"
        if dated := _TODAY.findall(source):
            for call, _, form in dated:
                source = source.replace(call, repr(_DATE.strftime(form)))
            self._options["chat_template"] = source
        self._system, self._parts = _in_time(self._shape)
        asked = self._render(self._turns(_PROBE), True)
        finished = self._finished()
        behind = _before_answer(_last(asked), _last(finished[0][0]) if finished else "")
        if not shows_thought(behind):  # told to think by the template, a model would
            behind += empty_thought(asked.partition(_PROBE)[0])
        self._behind = behind.rstrip(" ")
        self.space = behind[len(self._behind) :]
        tails = [tail.partition(_PROBE)[0] for _, tail in finished]  # as far as the next thing that is said
        ends = [tail[: controls.first_end(tail)] for tail in tails]
        ends += [tail[: tail.find("\n") + 1] for tail in tails if not tail.strip()]
        self.end: str = next(filter(None, ends), tokenizer.eos_token or "\n")

    def around(self, before: str, after: str) -> tuple[str, str]:
        """What stands before and behind a question in a user's turn, up to where the answer begins.

        Args:
            before, after: what the user says before and behind the question.

        Raises:
            InputError: the template changes what the user says.
        """
        text = self._render(self._turns(before + _QUESTION + after), True)
        head, _, tail = text.rpartition(_QUESTION)  # a document may hold the mark too, before it
        if not (head.endswith(before) and tail.startswith(after)):
            raise _refused(_fault(before + after, head + tail))
        return head, after + self._behind

    def _shape(self) -> tuple[bool, bool]:
        """Whether a system's turn stands before the user's, and whether what is said is a list of parts."""
        faults = []
        for system, parts in product((False, True), repeat=2):
            try:
                text = self._render(self._turns(_PROBE, system=system, parts=parts), True)
            except InputError as fault:
                faults.append(fault)
                continue
            if _PROBE in text:
                return system, parts
            faults.append(_refused(_fault(_PROBE, text)))
        raise faults[0]

    def _finished(self) -> list[tuple[str, str]]:
        """What a template has before and behind an answer, at the end and where a turn follows, if it takes any."""
        finished = []
        for following in ([], [_turn("user", _PROBE, self._parts)]):
            for parts in (self._parts, not self._parts):
                turns = [*self._turns(_PROBE), _turn("assistant", _ANSWER, parts), *following]
                try:
                    before, found, tail = self._render(turns, False).partition(_ANSWER)
                except InputError:
                    continue
                if found:
                    finished.append((before, tail))
                    break
        return finished

    def _turns(self, text: str, *, system: bool | None = None, parts: bool | None = None) -> Messages:
        system = self._system if system is None else system
        parts = self._parts if parts is None else parts
        turns = [_turn("system", _SYSTEM, parts)] if system else []
        return [*turns, _turn("user", text, parts)]

    def _render(self, turns: Sequence[dict[str, Any]], asks: bool) -> str:
        try:
            return str(
                self._tokenizer.apply_chat_template(
                    list(turns), tokenize=False, add_generation_prompt=asks, **self._options
                )
            )
        except Exception as problem:  # a template is a program, and fails as programs do
            said = " ".join(str(problem).split())[:200] or type(problem).__name__
            raise _refused(f"fails where a user asks for a direct answer: {said}") from problem


def _source(tokenizer: PreTrainedTokenizerBase) -> str:
    """The template that the tokenizer takes where it has several."""
    template: Any = tokenizer.chat_template
    if isinstance(template, dict) and "default" not in template:
        raise _refused("is none of several that it could be")
    return str(template["default"] if isinstance(template, dict) else template)


def _before_answer(asked: str, finished: str) -> str:
    """What stands before an answer: what asks for one, its thought closed, and what a finished turn has there besides.

    What asks and is no thought, but stands in no finished turn, leads away from the answer.
    """
    if finished.startswith(asked):
        return finished + closing_of_open_thought(finished)
    same = next(place for place, pair in enumerate(zip_longest(asked, finished)) if len(set(pair)) > 1)
    shared = _PART_OF_MARK.sub("", asked[:same])
    own, answered = asked[len(shared) :], finished[len(shared) :]
    if not shows_thought(own):
        return finished or asked + closing_of_open_thought(asked)
    before = asked + closing_of_open_thought(asked)
    return before if shows_thought(answered) else before + answered


def _turn(role: str, text: str, parts: bool) -> dict[str, Any]:
    return {"role": role, "content": [{"type": "text", "text": text}] if parts else text}


def _in_time(shape: Callable[[], tuple[bool, bool]]) -> tuple[bool, bool]:
    """What ``shape`` gives, or a refusal where it does not end."""
    outcome: list[tuple[bool, bool] | Exception] = []

    def attempt() -> None:
        try:
            outcome.append(shape())
        except Exception as problem:  # raised again below
            outcome.append(problem)

    # Nothing can stop a program that does not end; the process ends without waiting for it.
    thread = threading.Thread(target=attempt, daemon=True)
    thread.start()
    thread.join(_SECONDS)
    if not outcome:
        raise _refused(f"does not end within {_SECONDS:.0f} s")
    if isinstance(outcome[0], Exception):
        raise outcome[0]
    return outcome[0]


def _last(text: str) -> str:
    """What stands behind the last thing that is said."""
    return text.rpartition(_PROBE)[2]


def _fault(said: str, text: str) -> str:
    words = [word for word in re.findall(r"\w+", said) if len(word) > 2]
    lost = next((word for word in words if word not in text), None)
    return "loses what the user says" if lost else "changes what the user says"


def _refused(fault: str) -> InputError:
    return InputError(
        f"the model's chat template {fault}; give the model another, or none, and it is asked in plain text"
    )
