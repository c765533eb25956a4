"""A generator behind an address: anything that speaks as OpenAI's chat completions do.

A prompt is one user's turn, its shared beginning first, and prompts that share one follow each other, so that a
server that keeps prefixes encodes it once.  The key comes from the environment alone, and is left out of all that is
kept or said.
"""

from __future__ import annotations

import email.utils
import json
import logging
import os
import queue
import random
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NoReturn
from urllib.parse import urlsplit

from obverse.augmentation.redaction import Redaction
from obverse.augmentation.replies import Refusal, read_reply
from obverse.augmentation.writing import Assignment, Sampling, Written
from obverse.types import InputError, derive_seed

KEY_VARIABLE = "OBVERSE_API_KEY"

_SECONDS_TO_CONNECT = 10.0
_FIRST_WAIT_SECONDS = 1.0
_LONGEST_WAIT_SECONDS = 300.0
# So many assignments in a row without an answer, after all their attempts: it has broken down.
_MOST_LOST_IN_A_ROW = 8
_MOST_BYTES = 32 << 20
_SAID_CHARACTERS = 200
# Parameters that not all take.  One with another name is called by that, and then left out too.
_OPTIONAL = ("temperature", "seed", "max_tokens", "max_completion_tokens", "stream_options")
_EXAMPLE = "http://localhost:8000/v1"


class Endpoint:
    """Writes through ``POST URL/chat/completions``.

    Where it does not say how many tokens a text took, a quarter of the bytes is taken.  Where it does not take
    ``seed`` or ``temperature``, has another name for ``max_tokens``, or answers in a stream only, it is asked so from
    then on.  The first text is asked for alone, so that what no repetition mends is refused once.

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
        self._hidden = Redaction(self._key)
        # What the threads share; each is replaced as a whole, and nothing depends on the order.
        self._reached = self._answered = self._streams = False
        self._quiet_until = 0.0  # by the monotonic clock, as the endpoint wished
        self._refused: frozenset[str] = frozenset()  # parameters
        self._lost_in_a_row = 0

    @property
    def identity(self) -> Mapping[str, object]:
        """The model's name; the same model may answer elsewhere."""
        return {"endpoint model": self._model}

    @property
    def remark(self) -> str:
        """What it was not asked for, since it does not take that; empty where it takes all."""
        left_out: list[str] = [name for name in ("temperature", "seed") if name in self._refused]
        if {"max_tokens", "max_completion_tokens"} <= self._refused:
            left_out.append("limit of tokens")
        return f"{self._model} takes no {' and no '.join(left_out)} and was asked without" if left_out else ""

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

        logging.getLogger("httpcore2").setLevel(
            logging.INFO
        )  # below that it tells headers, which may hold the key
        waiting: queue.SimpleQueue[Assignment] = queue.SimpleQueue()
        for assignment in _grouped(assignments):
            waiting.put(assignment)
        arrived: queue.SimpleQueue[tuple[Assignment, Written] | Exception] = queue.SimpleQueue()
        stop = threading.Event()
        try:
            client = httpx2.Client(
                headers={"Authorization": f"Bearer {self._key}"} if self._key else {},
                timeout=httpx2.Timeout(self._timeout, connect=min(self._timeout, _SECONDS_TO_CONNECT)),
                follow_redirects=False,  # they would take the key along
            )
        except (ImportError, ValueError, httpx2.InvalidURL) as problem:
            raise InputError(
                f"the proxy in the environment cannot be used ({self._line(str(problem))}); set another or none"
            ) from None

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
                last, working = time.monotonic(), 0
                for done in range(len(assignments)):
                    # Ctrl-C does not wait for answers, and so nothing may wait for these threads.
                    while working < min(
                        self._at_once if done or self._answered else 1, len(assignments) - done
                    ):
                        threading.Thread(target=work, daemon=True).start()
                        working += 1
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
        rng = random.Random(derive_seed("waits", sampling.seed, assignment.prompt, assignment.sample))
        wait, fault, failed = 0.0, "", 0
        while failed < self._attempts and not stop.wait(max(wait, self._quiet_until - time.monotonic())):
            request = self._request(assignment, sampling)
            reply, asked_to_wait = self._post(client, request, assignment.prompt)
            if isinstance(reply, Written):
                self._answered, self._lost_in_a_row = True, 0
                return replace(reply, text=self._hidden(reply.text), fault=self._line(reply.fault))
            fault = self._line(f"HTTP {reply.status}: {reply.message}" if reply.status else reply.message)
            if self._learns(reply, request):
                wait = 0.0
                continue
            if reply.status and reply.kind != "busy":
                self._refuse(reply, fault)
                break
            if asked_to_wait > _LONGEST_WAIT_SECONDS:
                break
            self._quiet_until = max(self._quiet_until, time.monotonic() + asked_to_wait)
            wait = min(_FIRST_WAIT_SECONDS * 2**failed, _LONGEST_WAIT_SECONDS) * rng.uniform(0.5, 1.5)
            failed += 1
        self._lost_in_a_row += 1
        if self._lost_in_a_row >= _MOST_LOST_IN_A_ROW:
            self._end(
                f"no longer answers ({fault})", "what was written is kept: run the same command again later"
            )
        return Written("", False, 0, 0, 0, 0.0, fault)

    def _post(self, client: Any, request: dict[str, Any], prompt: str) -> tuple[Written | Refusal, float]:
        """What one request brings, and for how many seconds the endpoint wants none; status 0 where nothing comes.

        Raises:
            InputError: it was never reached.
        """
        import httpx2

        body = bytearray()
        try:
            with client.stream(
                "POST",
                self._address,
                content=json.dumps(request),
                headers={"Content-Type": "application/json"},
            ) as response:
                self._reached = True
                for piece in response.iter_bytes():
                    body += piece
                    if len(body) > _MOST_BYTES:
                        return Refusal(0, f"the answer is longer than {_MOST_BYTES >> 20} MiB"), 0.0
        except httpx2.RequestError as problem:
            if not self._reached and isinstance(problem, httpx2.ConnectError | httpx2.ConnectTimeout):
                self._end(
                    f"cannot be reached ({self._line(str(problem))})",
                    "check the address, and that the server runs",
                )
            silent = isinstance(problem, httpx2.TimeoutException)
            return Refusal(0, f"no answer within {self._timeout:g} s" if silent else repr(problem)), 0.0
        wait = _seconds_to_wait(response.headers.get("Retry-After", ""))
        return read_reply(response.status_code, bytes(body), prompt), wait

    def _request(self, assignment: Assignment, sampling: Sampling) -> dict[str, Any]:
        seed = derive_seed("endpoint", sampling.seed, assignment.prompt, assignment.sample) % 2**31
        limit = "max_completion_tokens" if "max_tokens" in self._refused else "max_tokens"
        optional: dict[str, Any] = {
            "temperature": sampling.temperature,
            "seed": seed,
            limit: sampling.most_tokens,
        }
        if self._streams:
            optional["stream_options"] = {"include_usage": True}
        return {
            "model": self._model,
            "messages": [{"role": "user", "content": assignment.prompt}],
            **{name: value for name, value in optional.items() if name not in self._refused},
            **({"stream": True} if self._streams else {}),
        }

    def _learns(self, refusal: Refusal, request: Mapping[str, Any]) -> bool:
        """Whether the endpoint is to be asked otherwise from now on."""
        if refused := refusal.refuses([name for name in _OPTIONAL if name in request]):
            self._refused |= refused
            return True
        if refusal.wants_stream and "stream" not in request:
            self._streams = True
            return True
        return False

    def _refuse(self, refusal: Refusal, fault: str) -> None:
        """Raise what no further request would mend.

        Once it has answered, a request that it refuses says something about that text alone.
        """
        if refusal.status < 400:
            self._end(f"leads elsewhere (HTTP {refusal.status})", "give the address that it leads to")
        if refusal.kind == "key":
            what = "refuses the key" if self._key else "asks for a key"
            self._end(f"{what} ({fault})", f"set {KEY_VARIABLE}")
        if refusal.kind == "absent":
            self._end(f"has no model {self._model!r}, or is no such endpoint ({fault})", "check both names")
        if refusal.kind == "spent":
            self._end(f"has no quota left for this key ({fault})", "raise it there; what was written is kept")
        if refusal.kind == "request" and not self._answered:
            length = "shorten the documents, or name the window with --window" if refusal.is_too_long else ""
            self._end(
                f"refuses the request ({fault})", length or "check the name of the model and the options"
            )

    def _end(self, what: str, remedy: str) -> NoReturn:
        raise InputError(f"{self._address}: {what}; {remedy}")

    def _line(self, text: str) -> str:
        """A short line of what the endpoint said."""
        return " ".join(self._hidden(text).split())[:_SAID_CHARACTERS]


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
