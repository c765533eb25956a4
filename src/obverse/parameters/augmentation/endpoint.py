"""A generator behind an address: anything that speaks as OpenAI's chat completions do.

A prompt is one user's turn, its shared beginning first, and prompts that share one follow each other, so that a
server that keeps prefixes encodes it once.  The key comes from the environment alone, and is left out of all that is
kept or said.
"""

from __future__ import annotations

import email.utils
import json
import os
import queue
import random
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from obverse.parameters.augmentation.budget import about_tokens
from obverse.parameters.augmentation.writing import Assignment, Sampling, Written
from obverse.types import InputError, derive_seed

KEY_VARIABLE = "OBVERSE_API_KEY"

_SECONDS_TO_CONNECT = 10.0
_FIRST_WAIT_SECONDS = 1.0
_LONGEST_WAIT_SECONDS = 300.0
# So many assignments in a row without an answer, after all their attempts: it has broken down.
_MOST_LOST_IN_A_ROW = 8
# What local servers take for a key ("EMPTY", "none") is no secret, and may well stand in a text.
_SHORTEST_SECRET = 8
_SAID_CHARACTERS = 200
# Parameters that not all take, and what a refusal then says.
_OPTIONAL = {"max_tokens": "max_completion_tokens", "seed": "seed"}
_EXAMPLE = "http://localhost:8000/v1"


class Endpoint:
    """Writes through ``POST URL/chat/completions``.

    Where it does not say how many tokens a text took, a quarter of the bytes is taken.  Where it does not take
    ``seed`` or has another name for ``max_tokens``, it is asked without, or by that name.

    Args:
        url: such as ``https://host/v1``; without a path ``/v1`` is added.
        model: its name there.
        at_once: requests under way at the same time.
        attempts: at a text, where the endpoint is busy, breaks down or does not answer.
        timeout: seconds without a sign of an answer.

    Raises:
        InputError: the address or the key cannot be used.
    """

    def __init__(
        self, url: str, model: str, *, at_once: int = 4, attempts: int = 6, timeout: float = 300.0
    ) -> None:
        self._address = _address(url)
        self._model = model
        self._at_once, self._attempts, self._timeout = at_once, attempts, timeout
        self._key = _key()
        # What the threads share; each is replaced as a whole, and nothing depends on the order.
        self._reached = False
        self._quiet_until = 0.0  # by the monotonic clock, as the endpoint wished
        self._refused: frozenset[str] = frozenset()  # parameters
        self._lost_in_a_row = 0

    @property
    def identity(self) -> Mapping[str, object]:
        """The model's name; the same model may answer elsewhere."""
        return {"endpoint model": self._model}

    def write(
        self, assignments: Sequence[Assignment], sampling: Sampling
    ) -> Iterator[tuple[Assignment, Written]]:
        """Each assignment with what came for it, as it comes.

        Where nothing came after all attempts, there is a fault and no tokens; where what came cannot be used, a fault
        and those tokens that the endpoint counted.

        Raises:
            InputError: it cannot be reached, refuses the key, has no such model, or has broken down.
        """
        import httpx2

        waiting: queue.SimpleQueue[Assignment] = queue.SimpleQueue()
        for assignment in _grouped(assignments):
            waiting.put(assignment)
        arrived: queue.SimpleQueue[tuple[Assignment, Written] | Exception] = queue.SimpleQueue()
        stop = threading.Event()
        client = httpx2.Client(
            headers={"Authorization": f"Bearer {self._key}"} if self._key else {},
            timeout=httpx2.Timeout(self._timeout, connect=min(self._timeout, _SECONDS_TO_CONNECT)),
            follow_redirects=False,  # they would take the key along
        )

        def work() -> None:
            try:
                while not stop.is_set():
                    assignment = waiting.get_nowait()
                    arrived.put((assignment, self._ask(client, assignment, sampling, stop)))
            except queue.Empty:
                return
            except Exception as problem:  # for who waits, below
                arrived.put(problem)

        with client:
            try:
                for _ in range(min(self._at_once, len(assignments))):
                    # Ctrl-C does not wait for answers, and so nothing may wait for these threads.
                    threading.Thread(target=work, daemon=True).start()
                last = time.monotonic()
                for _ in assignments:
                    came = arrived.get()
                    if isinstance(came, Exception):
                        raise came
                    now = time.monotonic()
                    yield came[0], replace(came[1], seconds=now - last)
                    last = now
            finally:
                stop.set()

    def _ask(self, client: Any, assignment: Assignment, sampling: Sampling, stop: threading.Event) -> Written:
        """One text, with all attempts that it takes."""
        import httpx2

        rng = random.Random(derive_seed("waits", sampling.seed, assignment.prompt, assignment.sample))
        wait, fault = 0.0, ""
        for attempt in range(self._attempts):
            if stop.wait(max(wait, self._quiet_until - time.monotonic())):
                break
            wait = min(_FIRST_WAIT_SECONDS * 2**attempt, _LONGEST_WAIT_SECONDS) * rng.uniform(0.5, 1.5)
            request = self._request(assignment, sampling)
            try:
                response = client.post(
                    self._address, content=json.dumps(request), headers={"Content-Type": "application/json"}
                )
            except httpx2.RequestError as problem:
                if not self._reached and isinstance(problem, httpx2.ConnectError | httpx2.ConnectTimeout):
                    raise InputError(
                        f"{self._address}: cannot be reached ({self._line(str(problem))}); "
                        "check the address, and that the server runs"
                    ) from None
                silent = isinstance(problem, httpx2.TimeoutException)
                fault = f"no answer within {self._timeout:g} s" if silent else self._line(repr(problem))
                continue
            self._reached = True
            status, body = response.status_code, self._without_key(response.text)
            if status < 300:
                self._lost_in_a_row = 0
                return _read(body, assignment.prompt)
            self._refuse(status)
            fault = self._line(f"HTTP {status}: {_said(body)}")
            if status in (408, 429) or status >= 500:
                asked = _seconds_to_wait(response.headers.get("Retry-After", ""))
                if asked > _LONGEST_WAIT_SECONDS:
                    break
                self._quiet_until = max(self._quiet_until, time.monotonic() + asked)
            else:
                refused = {name for name, word in _OPTIONAL.items() if name in request and word in fault}
                if not refused:
                    return _nothing(fault)
                self._refused |= refused
                wait = 0.0
        self._lost_in_a_row += 1
        if self._lost_in_a_row >= _MOST_LOST_IN_A_ROW:
            raise InputError(
                f"{self._address}: no longer answers ({fault}); what was written is kept: "
                "run the same command again later"
            )
        return _nothing(fault)

    def _request(self, assignment: Assignment, sampling: Sampling) -> dict[str, Any]:
        limit = "max_completion_tokens" if "max_tokens" in self._refused else "max_tokens"
        request = {
            "model": self._model,
            "messages": [{"role": "user", "content": assignment.prompt}],
            "temperature": sampling.temperature,
            limit: sampling.most_tokens,
        }
        if "seed" not in self._refused:
            seed = derive_seed("endpoint", sampling.seed, assignment.prompt, assignment.sample)
            request["seed"] = seed % 2**31
        return request

    def _refuse(self, status: int) -> None:
        """Raise what no further request would mend."""
        if status < 400:
            raise InputError(
                f"{self._address}: leads elsewhere (HTTP {status}); give the address that it leads to"
            )
        if status in (401, 403):
            what = "refuses the key" if self._key else "asks for a key"
            raise InputError(f"{self._address}: {what} (HTTP {status}); set {KEY_VARIABLE}")
        if status in (404, 405):
            raise InputError(
                f"{self._address}: has no model {self._model!r}, or is no such endpoint (HTTP {status}); "
                "check both names"
            )

    def _without_key(self, text: str) -> str:
        return text.replace(self._key, "[key]") if len(self._key) >= _SHORTEST_SECRET else text

    def _line(self, text: str) -> str:
        """A short line of what the endpoint said."""
        return " ".join(self._without_key(text).split())[:_SAID_CHARACTERS]


def _grouped(assignments: Sequence[Assignment]) -> Iterator[Assignment]:
    """Those with the same shared beginning after each other."""
    groups: dict[str, list[Assignment]] = {}
    for assignment in assignments:
        groups.setdefault(assignment.shared, []).append(assignment)
    return (assignment for group in groups.values() for assignment in group)


def _address(url: str) -> str:
    """Where requests go.  What may hold a password is not repeated in an error."""
    import httpx2

    try:
        parts = urlsplit(url)
        known = parts.scheme in ("http", "https") and bool(parts.hostname)
        httpx2.URL(url)
    except (ValueError, httpx2.InvalidURL):
        known = False
    if not known:
        raise InputError(
            f"the address of the endpoint is no http or https address; give one such as {_EXAMPLE}"
        )
    if "@" in url or parts.query or parts.fragment:
        raise InputError(
            f"{parts.scheme}://{parts.hostname}: give the address alone, such as {_EXAMPLE}, "
            f"and the key in {KEY_VARIABLE}"
        )
    path = parts.path.rstrip("/").removesuffix("/chat/completions") or "/v1"
    return f"{parts.scheme}://{parts.netloc}{path}/chat/completions"


def _key() -> str:
    """The key from the environment; empty where there is none."""
    key = os.environ.get(KEY_VARIABLE, "").strip()
    if not (key.isascii() and (key.isprintable() and " " not in key)):
        raise InputError(f"{KEY_VARIABLE}: is no key: it has characters that no key has; set it again")
    return key


def _read(body: str, prompt: str) -> Written:
    """What an answer brings; its seconds are not known here."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return _nothing("the answer is not JSON")
    choice, usage = _at(content, "choices", 0), _at(content, "usage")
    text, reason = _at(choice, "message", "content"), _at(choice, "finish_reason")
    prompt_tokens, generated_tokens = (
        _count(_at(usage, "prompt_tokens")),
        _count(_at(usage, "completion_tokens")),
    )
    cached_tokens = _count(_at(usage, "prompt_tokens_details", "cached_tokens"))
    fault = ""
    if not isinstance(text, str) or not text.strip():
        why = _at(content, "error", "message") or f"finish_reason {reason!r}"
        text, fault = "", f"the answer has no text ({why})"[:_SAID_CHARACTERS]
        prompt_tokens, generated_tokens = prompt_tokens or 0, generated_tokens or 0
    if prompt_tokens is None:
        prompt_tokens = about_tokens(prompt)
    if generated_tokens is None:
        generated_tokens = about_tokens(text)
    return Written(
        text,
        reason not in ("length", "content_filter"),
        prompt_tokens,
        min(cached_tokens or 0, prompt_tokens),
        generated_tokens,
        0.0,
        fault,
    )


def _nothing(fault: str) -> Written:
    return Written("", False, 0, 0, 0, 0.0, fault)


def _at(content: Any, *path: str | int) -> Any:
    """What stands there in a JSON value; nothing where it has another shape."""
    for step in path:
        try:
            content = content[step]
        except (LookupError, TypeError):
            return None
    return content


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _said(body: str) -> str:
    """The message in the body of a refusal, or all of it."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return body
    for path in (("error", "message"), ("error",), ("detail",), ("message",)):
        message = _at(content, *path)
        if message:
            return message if isinstance(message, str) else json.dumps(message)
    return body


def _seconds_to_wait(retry_after: str) -> float:
    """What a ``Retry-After`` asks for, in seconds or as a date; 0 where it says nothing."""
    try:
        return max(0.0, float(retry_after))
    except ValueError:
        pass
    try:
        return max(0.0, email.utils.parsedate_to_datetime(retry_after).timestamp() - time.time())
    except ValueError:
        return 0.0
