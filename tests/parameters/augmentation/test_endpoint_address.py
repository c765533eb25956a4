"""Where an endpoint is, and who knocks: addresses, and a key that is told to nobody else."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from loopback import Reply, assignment, chat, echo, serving

from obverse.parameters.augmentation.budget import Spending
from obverse.parameters.augmentation.endpoint import Endpoint
from obverse.parameters.augmentation.store import Answers, write_all
from obverse.parameters.augmentation.writing import Sampling
from obverse.types import InputError

KEY = "sk-secret-0123456789"
SAMPLING = Sampling(temperature=0.5, most_tokens=16, seed=3)
ONE = assignment("Who?")


@pytest.fixture(autouse=True)
def _surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OBVERSE_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-somebody-else")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr("obverse.parameters.augmentation.endpoint._FIRST_WAIT_SECONDS", 0.002)


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


def test_the_key_is_nowhere(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Not where an endpoint says it in what it writes, in what it refuses, in a header or a redirect."""
    caplog.set_level(logging.DEBUG)
    path = tmp_path / "answers.jsonl"
    faults = []
    for reply in (
        chat(f"The key is {KEY}."),
        Reply(400, f'{{"error": {{"message": "wrong key {KEY}"}}}}'),
        Reply(500, f"{KEY}", {"X-Key": "x"}),
        Reply(200, f"{KEY}"),
        Reply(200, f'{{"error": {{"message": "{KEY}"}}}}'),
    ):
        with serving(lambda *_, reply=reply: reply) as server:
            one = Endpoint(server.url, "tiny", attempts=2)
            (written,) = write_all(one, [ONE], SAMPLING, Answers(path), Spending())
            assert written is not None
            faults.append(written.fault or written.text)
            assert KEY not in f"{one!r} {one.identity!r}"
        assert not path.exists() or KEY.encode() not in path.read_bytes()
        path.unlink(missing_ok=True)
    assert faults[:3] == ["The key is [key].", "HTTP 400: wrong key [key]", "HTTP 500: [key]"]
    assert KEY not in "".join(faults)
    assert KEY not in caplog.text


def test_identity_has_no_address() -> None:
    assert Endpoint("http://host", "tiny").identity == {"endpoint model": "tiny"}
