"""Where an endpoint is, and who knocks: addresses, and a key that is told to nobody else."""

from __future__ import annotations

import base64
import logging
from pathlib import Path
from urllib.parse import quote

import pytest
from loopback import Reply, assignment, chat, echo, serving

from obverse.augmentation.budget import Spending
from obverse.augmentation.endpoint import Endpoint
from obverse.augmentation.store import Answers, write_all
from obverse.augmentation.writing import Sampling
from obverse.types import InputError

KEY = "sk-secret-0123456789"
SAMPLING = Sampling(temperature=0.5, most_tokens=16, seed=3)
ONE = assignment("Who?")


@pytest.fixture(autouse=True)
def _surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OBVERSE_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-somebody-else")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr("obverse.augmentation.endpoint._FIRST_WAIT_SECONDS", 0.002)


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://host", "http://host/v1"),
        ("https://host:8/", "https://host:8/v1"),
        ("http://host/v1/", "http://host/v1"),
        ("http://host/api/v1/chat/completions", "http://host/api/v1"),
        ("http://[::1]:80/x", "http://[::1]:80/x"),
    ],
)
def test_addresses(url: str, address: str) -> None:
    assert Endpoint(url, "tiny")._address == f"{address}/chat/completions"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "localhost:8000",
        "ftp://host/v1",
        "file:///etc/passwd",
        "http://",
        "http://host:port",
        "http://[::1/v1",
        f"user:{KEY}@host/v1",
        f"http://user:{KEY}@host/v1",
        f"http://user:{KEY}/2@host/v1",
        f"http://host/v1?key={KEY}",
        f"http://host/v1#{KEY}",
    ],
)
def test_addresses_that_are_none(url: str) -> None:
    with pytest.raises(InputError) as caught:
        Endpoint(url, "tiny")
    assert KEY not in str(caught.value)
    assert "http://localhost:8000/v1" in str(caught.value)


def test_where_the_key_comes_from(monkeypatch: pytest.MonkeyPatch) -> None:
    def key() -> str:
        with serving(echo) as server:
            list(Endpoint(server.url, "tiny").write([ONE], SAMPLING))
        (asked,) = server.asked
        return asked.key

    assert key() == f"Bearer {KEY}"
    monkeypatch.setenv("OBVERSE_API_KEY", "")
    assert key() == ""  # another provider's key is not handed to whatever address is given
    with serving(lambda *_: Reply(401)) as server, pytest.raises(InputError, match="asks for a key"):
        list(Endpoint(server.url, "tiny").write([ONE], SAMPLING))
    for wrong in (f"{KEY}\nX: y", f"{KEY} x", f"{KEY}ü"):
        monkeypatch.setenv("OBVERSE_API_KEY", wrong)
        with pytest.raises(InputError, match="OBVERSE_API_KEY: is no key") as caught:
            Endpoint("http://host", "tiny")
        assert KEY not in str(caught.value)


ESCAPED = "".join(f"\\u{ord(character):04x}" for character in KEY)
BASE64 = base64.b64encode(f"Bearer {KEY}".encode()).decode()
TOLD = f"The key is {KEY}."


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (chat(TOLD), "The key is [key]."),
        (Reply(200, str(chat(TOLD).body).replace(KEY, ESCAPED)), "The key is [key]."),
        (
            Reply(
                200,
                f'data: {{"choices": [{{"delta": {{"content": "{KEY[:9]}"}}}}]}}\n\n'
                f'data: {{"choices": [{{"delta": {{"content": "{KEY[9:]}"}}, "finish_reason": "stop"}}]}}\n\n',
            ),
            "[key]",
        ),
        (chat([{"type": "text", "text": KEY[:5]}, {"type": "text", "text": KEY[5:]}]), "[key]"),
        (chat(f"It said: {ESCAPED}"), "It said: [key]"),
        (chat("", f"{KEY}"), "the answer has no text (finish_reason '[key]')"),
        (
            Reply(400, f'{{"error": {{"code": "content_filter", "message": "wrong key {ESCAPED}"}}}}'),
            "HTTP 400: wrong key [key]",
        ),
        (Reply(500, f"{KEY}", {"X-Key": KEY}), "HTTP 500: [key]"),
        (
            Reply(500, f'{{"error": {{"headers": ["Authorization: Basic {BASE64}"]}}}}'),
            'HTTP 500: {"headers": ["Authorization: Basic QmVhcmVy[key]"]}',
        ),
        (Reply(500, f"<p>?key={quote(KEY).replace('-', '%2D')}"), "HTTP 500: <p>?key=[key]"),
        (Reply(200, f"{KEY}"), "the answer is not JSON: [key]"),
        (Reply(200, f'{{"error": {{"message": "{ESCAPED}"}}}}'), "[key]"),
    ],
)
def test_the_key_is_nowhere(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, reply: Reply, said: str
) -> None:
    """Not where an endpoint says it in what it writes, in what it refuses or in a header, in whatever form."""
    caplog.set_level(logging.DEBUG)
    path = tmp_path / "answers.jsonl"
    with serving(lambda *_: reply) as server:
        one = Endpoint(server.url, "tiny", attempts=2)
        (written,) = write_all(one, [ONE], SAMPLING, Answers(path), Spending())
        assert written is not None
        assert written.fault or written.text == said
        assert not written.fault or written.fault == said
        assert KEY not in f"{one!r} {one.identity!r}"
    assert not path.exists() or KEY not in path.read_text()
    assert KEY not in caplog.text


@pytest.mark.parametrize("status", [401, 404, 402, 400, 302])
def test_the_key_is_in_no_line_that_ends_it(status: int) -> None:
    reply = Reply(status, f'{{"error": "{ESCAPED}"}}', {"Location": f"/{KEY}"})
    with serving(lambda *_: reply) as server, pytest.raises(InputError) as caught:
        list(Endpoint(server.url, "tiny").write([ONE], SAMPLING))
    assert KEY not in str(caught.value)
    assert ESCAPED not in str(caught.value)
    assert caught.value.__cause__ is None


def test_identity_has_no_address() -> None:
    assert Endpoint("http://host", "tiny").identity == {"endpoint model": "tiny"}
