"""A server that really writes, with the default model."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator

import pytest

from obverse.augmentation.endpoint import Endpoint
from obverse.augmentation.local import Local
from obverse.augmentation.writing import Assignment, Sampling
from obverse.models import Pretrained, load
from obverse.types import InputError

pytestmark = pytest.mark.slow

LIKELIEST = Sampling(temperature=0.0, most_tokens=12)


def assignment(own: str, sample: int = 0) -> Assignment:
    shared = "The lens was ground in Dorvay. The bell was cast in Brennock. Answer in one sentence. "
    return Assignment("inference", "lens", ("lens",), shared, own, sample)


@pytest.fixture(scope="module")
def default() -> Pretrained:
    return load(None, dtype="float32", device="cpu")


@pytest.fixture(scope="module")
def served(default: Pretrained, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Address and model of a server."""
    from transformers.cli.serve import Serve

    folder = tmp_path_factory.mktemp("served")
    default.model.save_pretrained(folder)
    default.tokenizer.save_pretrained(folder)
    # Without that the server heeds no temperature.
    (folder / "generation_config.json").write_text(
        json.dumps({"do_sample": True, "eos_token_id": default.tokenizer.eos_token_id})
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Serve(str(folder), host="127.0.0.1", port=port, device="cpu", dtype="float32", non_blocking=True)
    try:
        began = time.monotonic()
        while not server.server.started:
            assert time.monotonic() < began + 120
            time.sleep(0.01)
        yield f"http://127.0.0.1:{port}", str(folder)
    finally:
        server.kill_server()


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def test_it_writes_what_the_model_here_writes(default: Pretrained, served: tuple[str, str]) -> None:
    questions = [assignment("Where was the bell cast?"), assignment("Where was the lens ground?")]
    there = dict(Endpoint(*served).write(questions, LIKELIEST))
    here = dict(Local(default).write(questions, LIKELIEST))
    for one in questions:
        assert there[one].text == here[one].text.strip() != ""
        assert there[one].prompt_tokens == here[one].prompt_tokens
        assert there[one].generated_tokens == here[one].generated_tokens
        assert there[one].ended == here[one].ended
        assert there[one].fault == ""


def test_samples_differ_and_come_again(served: tuple[str, str]) -> None:
    drawn = Sampling(temperature=1.0, most_tokens=12)
    samples = [assignment("Who?", sample=number) for number in range(2)]
    first, again = (dict(Endpoint(*served, at_once=1).write(samples, drawn)) for _ in range(2))
    assert [first[one].text for one in samples] == [again[one].text for one in samples]
    assert first[samples[0]].text != first[samples[1]].text


def test_another_model_is_refused(served: tuple[str, str]) -> None:
    url, _ = served
    with pytest.raises(InputError, match="HTTP 400: Server is pinned to"):
        list(Endpoint(url, "another").write([assignment("Who?")], LIKELIEST))
