"""What an endpoint replies, told apart: a text, or why there is none, and what could be done about that.

Servers differ.  An answer may come in one piece or as a stream, as a string or in parts; an error may come with the
status of a success, and names what it does not take in a dozen forms.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from obverse.augmentation.budget import about_tokens
from obverse.augmentation.writing import Written

Kind = Literal["key", "absent", "spent", "busy", "text", "request"]

_CUT = (
    *("length", "max_length", "model_length", "max_tokens", "max_output_tokens", "token_limit"),
    *("content_filter", "safety", "recitation", "blocklist", "prohibited_content", "spii"),
    *("error", "abort", "aborted", "cancelled", "timeout"),
)
# No tokenizer has more tokens than bytes, but templates and hidden thoughts count too: beyond that a count is none.
_MOST_TOKENS = 10_000_000
_SPENT = re.compile(r"insufficient[_ ](?:\w+[_ ])?(?:quota|balance|credits?|funds)|credit balance", re.I)
_KEY = re.compile(
    r"(?:invalid|incorrect|missing|expired)[_ ](?:\w+[_ ])?(?:api[_ ])?key|unauthori[sz]ed|authentication",
    re.I,
)
_FILTERED = re.compile(r"content[_ ](?:filter|polic)|content management polic|responsibleai|safety", re.I)
_LENGTH = re.compile(
    r"context[_ ](?:length|size|window)|maximum (?:context|length|allowed)|too (?:long|large|many tokens)"
    r"|reduce (?:the|your) (?:length|prompt|input|message)|exceeds? the (?:max|limit|available)",
    re.I,
)
_STREAM = re.compile(r"\bstream(?:ing|ed|s)?\b", re.I)
_BUSY = re.compile(
    r"rate.?limit|too many requests|overload|capacity|unavailable|time.?out|server.?error|busy", re.I
)
# What servers repeat of the request says nothing about what is wrong with it.
_ECHOES = ("input", "body", "request", "ctx", "url")


@dataclass(frozen=True)
class Refusal:
    """A reply without a text.

    Args:
        status: by HTTP, or by the error in a reply that HTTP calls a success; 0 where nothing says more than that no
            text came.
        message: what it says, as it says it.
        named: strings that it gives by themselves, such as the name of a parameter.
    """

    status: int
    message: str
    named: frozenset[str] = frozenset()

    @property
    def kind(self) -> Kind:
        """What it is about.

        The key, the address or the name of the model, an account that is empty, what passes, this text alone, or the
        request.
        """
        said = " ".join((self.message, *sorted(self.named)))
        if self.status == 402 or (self.status in (400, 403, 429) and _SPENT.search(said)):
            return "spent"
        if self.status in (400, 403, 422) and _FILTERED.search(said):
            return "text"
        if self.status in (401, 403, 407):
            return "key"
        if self.status in (404, 405, 410, 501):
            return "absent"
        if self.status in (408, 409, 425, 429) or self.status >= 500:
            return "busy"
        return "request"

    @property
    def is_too_long(self) -> bool:
        """Whether prompt and answer together are longer than the model reads."""
        return self.status in (400, 413, 422) and _LENGTH.search(self.message) is not None

    def refuses(self, parameters: Collection[str]) -> frozenset[str]:
        """Those of the parameters that it does not take: named by themselves, or else in what it says."""
        if self.status not in (400, 422) or self.is_too_long:
            return frozenset()
        by_itself = {name for name in parameters if any(_is(name, word) for word in self.named)}
        spoken_of = {name for name in parameters if _names(name).search(self.message)}
        return frozenset(by_itself or spoken_of)

    @property
    def wants_stream(self) -> bool:
        """Whether it answers in a stream only."""
        return self.status in (400, 422) and _STREAM.search(self.message) is not None


def _names(parameter: str) -> re.Pattern[str]:
    """The name of a parameter in a sentence, also with a space or in camel case."""
    return re.compile(rf"(?<![A-Za-z0-9_]){parameter.replace('_', '[_ -]?')}(?![A-Za-z0-9_])", re.I)


def _is(parameter: str, word: str) -> bool:
    return _names(parameter).fullmatch(word.rpartition(".")[2]) is not None


def read_reply(status: int, body: bytes, prompt: str) -> Written | Refusal:
    """A reply as a text, whose seconds are not known here, or as a refusal.

    Args:
        prompt: what was asked, for an endpoint that does not count its tokens.
    """
    said = body.decode("utf-8-sig", "replace").strip()
    content = _content(said)
    if isinstance(content, list) and len(content) == 1:  # as some wrap their errors
        content = content[0]
    if status >= 300:
        message, named = _error(content)
        return Refusal(status, message or said, named)
    choice = _at(content, "choices", 0)
    error = _at(content, "error") or _at(choice, "error")
    if not error and not isinstance(choice, dict):
        error = next(
            (_at(content, key) for key in ("detail", "message", "errors") if _at(content, key)), None
        )
    if error:
        message, named = _error({"error": error})
        status = _status(error, content, message, named)
        return Refusal(status, message or json.dumps(error), named)
    if not isinstance(choice, dict):
        if said.startswith("<"):
            return Refusal(404, f"the answer is a page: {said}")
        what = "is not JSON" if content is None and said != "null" else "is no chat completion"
        return Refusal(0, f"the answer {what}: {said}" if said else "the answer is empty")
    return _written(content, choice, prompt)


def _written(content: Any, choice: dict[str, Any], prompt: str) -> Written:
    message, reason, usage = _at(choice, "message"), _at(choice, "finish_reason"), _at(content, "usage")
    text = _text(_at(message, "content")) or _text(_at(choice, "text"))
    prompt_tokens, generated_tokens = (
        _count(_at(usage, own)) or _count(_at(usage, other))
        for own, other in (("prompt_tokens", "input_tokens"), ("completion_tokens", "output_tokens"))
    )
    cached_tokens = _count(_at(usage, "prompt_tokens_details", "cached_tokens"))
    fault = ""
    if not text.strip():
        refused = _text(_at(message, "refusal"))
        thought = any(
            _text(_at(message, name)).strip() for name in ("reasoning_content", "reasoning", "thinking")
        )
        why = refused or f"finish_reason {reason!r}" + (", after a thought" if thought else "")
        text, fault = "", f"the answer has no text ({why})"
        prompt_tokens, generated_tokens = prompt_tokens or 0, generated_tokens or 0
    else:  # neither is without a token
        prompt_tokens, generated_tokens = (
            prompt_tokens or about_tokens(prompt),
            generated_tokens or about_tokens(text),
        )
    return Written(
        text,
        str(reason).lower() not in _CUT,
        prompt_tokens,
        min(cached_tokens or 0, prompt_tokens),
        generated_tokens,
        0.0,
        fault,
    )


def _text(content: object) -> str:
    """The text of a string or of parts; what is thought or called is none."""
    if isinstance(content, str):
        return content
    if isinstance(content, dict):
        if content.get("type") not in (None, "text", "output_text"):
            return ""
        return _text(content.get("text") or content.get("value"))
    return "".join(map(_text, content)) if isinstance(content, list) else ""


def _content(said: str) -> Any:
    """The reply as a JSON value, a stream of events put together; nothing where it is neither."""
    try:
        return json.loads(said)
    except (ValueError, RecursionError):
        return _joined(said)


def _joined(said: str) -> dict[str, Any] | None:
    """A stream of events as one answer."""
    choice: dict[str, Any] = {}
    whole: dict[str, Any] = {"choices": [choice]}
    text: list[str] = []
    ended = started = False
    for event in _events(said):
        started = True
        if event == "[DONE]":
            ended = True
            continue
        try:
            chunk = json.loads(event)
        except (ValueError, RecursionError):
            ended = False
            break
        if error := _at(chunk, "error") or (_at(chunk, "message") if not _at(chunk, "choices") else None):
            return {"error": error}
        whole["usage"] = _at(chunk, "usage") or whole.get("usage")
        piece = _at(chunk, "choices", 0)
        if _at(piece, "index") not in (None, 0):
            continue
        said_here = _at(piece, "delta") or _at(piece, "message")
        text.append(_text(_at(said_here, "content")) or _text(_at(piece, "text")))
        if reason := _at(piece, "finish_reason"):
            choice["finish_reason"] = reason
            ended = True
    if not started:
        return None
    if not ended:
        return {"error": {"message": "the stream broke off"}}
    choice["message"] = {"content": "".join(text)}
    return whole


def _events(said: str) -> Iterator[str]:
    """The data of each event of a stream, as the standard for server-sent events has it.

    Where no blank line is between events, each line is one.
    """
    lines: list[str] = []
    for line in [*re.split(r"\r\n|\n|\r", said), ""]:
        if line.startswith("data:"):
            lines.append(line[5:].removeprefix(" "))
        elif not line and lines:
            yield from map(str.strip, lines if all(map(_is_whole, lines)) else ["\n".join(lines)])
            lines = []


def _is_whole(line: str) -> bool:
    return line.strip() == "[DONE]" or (line.startswith("{") and line.rstrip().endswith("}"))


def _error(content: Any) -> tuple[str, frozenset[str]]:
    """The message of an error, and the strings that it gives by themselves."""
    message = ""
    for path in (("error", "message"), ("error",), ("detail",), ("message",), ("errors",)):
        if found := _at(content, *path):
            message = (
                found if isinstance(found, str) else json.dumps(_without_echoes(found), ensure_ascii=False)
            )
            break
    return message, frozenset(_words(content))


def _without_echoes(content: Any) -> Any:
    if isinstance(content, dict):
        return {key: _without_echoes(value) for key, value in content.items() if key not in _ECHOES}
    return [_without_echoes(one) for one in content] if isinstance(content, list) else content


def _words(content: Any, depth: int = 0) -> Iterator[str]:
    """The strings without spaces that stand in an error, at any place."""
    if isinstance(content, str) and content and not re.search(r"\s", content):
        yield content
    elif depth < 8 and isinstance(content, dict):
        for key, value in content.items():
            if key not in _ECHOES:
                yield from _words(value, depth + 1)
    elif depth < 8 and isinstance(content, list):
        for value in content:
            yield from _words(value, depth + 1)


def _status(error: Any, content: Any, message: str, named: frozenset[str]) -> int:
    """What HTTP would have said of an error in an answer: as its code says, else as its words do; else it may pass."""
    for code in (_at(error, "code"), _at(error, "status"), _at(content, "code"), _at(content, "status")):
        number = int(code) if isinstance(code, str) and code.isdecimal() and len(code) == 3 else code
        if isinstance(number, int) and 400 <= number < 600:
            return number
    said = " ".join((message, *sorted(named)))
    if _SPENT.search(said):
        return 402
    if _KEY.search(said):
        return 401
    if "model_not_found" in named:
        return 404
    if _BUSY.search(said):
        return 503
    return 400 if re.search(r"invalid|unsupported|not supported|context[_ ]length", said, re.I) else 0


def _at(content: Any, *path: str | int) -> Any:
    """What stands there in a JSON value; nothing where it has another shape."""
    for step in path:
        try:
            content = content[step]
        except (LookupError, TypeError):
            return None
    return content


def _count(value: object) -> int | None:
    """A number of tokens; nothing where it can be none."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return (
        value
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST_TOKENS
        else None
    )
