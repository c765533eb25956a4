"""An endpoint in the test's own process that behaves as it is told, and remembers what it was asked."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from obverse.augmentation.writing import Assignment


@dataclass(frozen=True)
class Reply:
    """One answer.

    Args:
        seconds: before it comes.
        closes: the connection is closed instead.
    """

    status: int = 200
    body: str | bytes = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    closes: bool = False


@dataclass(frozen=True)
class Asked:
    """One request that came.

    Args:
        at: seconds by the monotonic clock.
    """

    path: str
    key: str
    content: dict[str, Any]
    at: float

    @property
    def prompt(self) -> str:
        return str(self.content["messages"][0]["content"])


Behaviour = Callable[[Asked, int], Reply]
"""The answer to a request, of which so many came before with the same prompt."""


@dataclass(frozen=True)
class Loopback:
    """The address, and what was asked there so far."""

    url: str
    asked: list[Asked]

    @property
    def prompts(self) -> list[str]:
        return [one.prompt for one in self.asked]


def chat(text: object, reason: str = "stop", **usage: object) -> Reply:
    """A well-formed answer."""
    content = {"choices": [{"message": {"role": "assistant", "content": text}, "finish_reason": reason}]}
    return Reply(body=json.dumps(content | ({"usage": usage} if usage else {})))


def echo(asked: Asked, _: int = 0) -> Reply:
    """The prompt, in capitals."""
    return chat(asked.prompt.upper(), prompt_tokens=7, completion_tokens=5)


def in_turn(*replies: Reply) -> Behaviour:
    """These for each prompt one after the other, and then what is well."""
    return lambda asked, before: replies[before] if before < len(replies) else echo(asked)


@contextmanager
def serving(behaviour: Behaviour) -> Iterator[Loopback]:
    """A server at a free port."""
    asked: list[Asked] = []
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            content = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            one = Asked(self.path, self.headers.get("Authorization", ""), content, time.monotonic())
            with lock:
                before = sum(other.prompt == one.prompt for other in asked)
                asked.append(one)
            reply = behaviour(one, before)
            time.sleep(reply.seconds)
            if reply.closes:
                self.close_connection = True
                return
            said = reply.body
            body = said if isinstance(said, bytes) else said.encode("utf-8", "surrogatepass")
            try:
                self.send_response(reply.status)
                for name, value in {"Content-Length": str(len(body)), **reply.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)
            except ConnectionError:  # who asked no longer waits
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield Loopback(f"http://127.0.0.1:{server.server_address[1]}/v1", asked)
    finally:
        server.shutdown()
        server.server_close()


def assignment(own: str, shared: str = "Ilka keeps the lens. ", sample: int = 0) -> Assignment:
    """What the tests ask for."""
    return Assignment("inference", "ilka", ("ilka",), shared, own, sample)
