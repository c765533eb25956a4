"""An endpoint with every fault that endpoints have, and one that really writes."""

from __future__ import annotations

import email.utils
import json
import logging
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from conftest import make_model, make_tokenizer
from loopback import Asked, Behaviour, Reply, assignment, chat, echo, in_turn, serving

from obverse.parameters.augmentation import endpoint as module
from obverse.parameters.augmentation.budget import Spending
from obverse.parameters.augmentation.endpoint import Endpoint
from obverse.parameters.augmentation.store import Answers, write_all
from obverse.parameters.augmentation.writing import Assignment, Sampling, Written
from obverse.types import InputError

KEY = "sk-secret-0123456789"
SAMPLING = Sampling(temperature=0.5, most_tokens=16, seed=3)
ONE = assignment("Who?")
SEVERAL = [assignment(f"Who {number}?") for number in range(6)]


@pytest.fixture(autouse=True)
def _surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key, no proxy in between, and waits in milliseconds."""
    monkeypatch.setenv("OBVERSE_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-somebody-else")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(module, "_FIRST_WAIT_SECONDS", 0.002)


def write(
    behaviour: Behaviour,
    assignments: Sequence[Assignment] = (ONE,),
    *,
    at_once: int = 2,
    attempts: int = 3,
    timeout: float = 20.0,
) -> tuple[dict[Assignment, Written], list[Asked]]:
    with serving(behaviour) as server:
        one = Endpoint(server.url, "tiny", at_once=at_once, attempts=attempts, timeout=timeout)
        return dict(one.write(assignments, SAMPLING)), server.asked


def refusal(behaviour: Behaviour, assignments: Sequence[Assignment] = (ONE,)) -> tuple[str, list[Asked]]:
    with serving(behaviour) as server, pytest.raises(InputError) as caught:
        list(Endpoint(server.url, "tiny", at_once=1, attempts=2).write(assignments, SAMPLING))
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith(f"{server.url}/chat/completions: ")
    assert KEY not in message
    return message, server.asked


def test_what_is_asked_and_what_comes() -> None:
    answer = chat(
        "Ilka.", "length", prompt_tokens=9, completion_tokens=4, prompt_tokens_details={"cached_tokens": 6}
    )
    written, (asked,) = write(lambda *_: answer)
    assert written[ONE].seconds > 0
    assert written == {ONE: Written("Ilka.", False, 9, 6, 4, written[ONE].seconds)}
    assert (asked.path, asked.key) == ("/v1/chat/completions", f"Bearer {KEY}")
    seed = asked.content.pop("seed")
    assert 0 <= seed < 2**31
    assert asked.content == {
        "model": "tiny",
        "messages": [{"role": "user", "content": ONE.prompt}],
        "temperature": 0.5,
        "max_tokens": 16,
    }
    _, (again,) = write(echo)
    assert again.content["seed"] == seed
    _, (other,) = write(echo, [assignment("Who?", sample=1)])
    assert other.content["seed"] != seed


def test_shared_beginnings_stay_together_and_seconds_add_up() -> None:
    mixed = [assignment(own, shared) for own in "xyz" for shared in ("a ", "b ")]
    began = time.monotonic()
    written, asked = write(echo, mixed, at_once=1)
    assert [one.prompt for one in asked] == ["a x", "a y", "a z", "b x", "b y", "b z"]
    assert {one: text.text for one, text in written.items()} == {one: one.prompt.upper() for one in mixed}
    assert 0 < sum(text.seconds for text in written.values()) <= time.monotonic() - began


def test_requests_are_under_way_together_and_answers_come_as_they_arrive() -> None:
    others = threading.Semaphore(0)

    def behave(asked: Asked, _: int) -> Reply:
        if asked.prompt != SEVERAL[0].prompt:
            others.release()
        else:  # until three of the others were answered
            for _ in range(4):
                others.acquire(timeout=20)
        return echo(asked)

    with serving(behave) as server:
        arrived = [one for one, _ in Endpoint(server.url, "tiny", at_once=2).write(SEVERAL, SAMPLING)]
    assert arrived.index(SEVERAL[0]) >= 3
    assert sorted(arrived, key=SEVERAL.index) == SEVERAL
    assert sorted(server.prompts) == [one.prompt for one in SEVERAL]
    assert write(echo, [])[1] == []


def test_tokens_that_are_not_told_are_a_quarter_of_the_bytes() -> None:
    for usage in ({}, {"prompt_tokens": "9", "completion_tokens": -1}, {"prompt_tokens": True}):
        written, _ = write(lambda *_, usage=usage: chat("Ilka Venning", **usage))
        found = written[ONE]
        assert (found.prompt_tokens, found.cached_tokens, found.generated_tokens) == (7, 0, 3)
        assert len(ONE.prompt) == 25


@pytest.mark.parametrize(("reason", "ended"), [("stop", True), ("length", False), ("content_filter", False)])
def test_whether_a_text_ended(reason: str, ended: bool) -> None:
    assert write(lambda *_: chat("Ilka", reason))[0][ONE].ended is ended


def test_any_character_survives(tmp_path: Path) -> None:
    text = 'Ünruh\u2028 "x"\r\n\ud800 \0'
    with serving(lambda *_: chat(text)) as server:
        answers = Answers(tmp_path / "answers.jsonl")
        asked = [assignment(text)]
        (written,) = write_all(Endpoint(server.url, "tiny"), asked, SAMPLING, answers, Spending())
    assert written is not None
    assert (written.text, server.prompts) == (text, [asked[0].prompt])
    assert list(Answers(tmp_path / "answers.jsonl").values()) == [written]


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<html>no</html>",
        "[" * 100_000,
        "null",
        "[]",
        "{}",
        '{"choices": []}',
        '{"choices": "abc"}',
        '{"choices": [{"message": null}]}',
        '{"choices": [{"message": {"content": null}}]}',
        '{"choices": [{"message": {"content": ["a"]}}]}',
        '{"choices": [{"message": {"content": " "}}], "usage": 3}',
        '{"error": {"message": "overloaded"}}',
    ],
)
def test_an_answer_of_another_shape_is_a_fault(body: str) -> None:
    written, asked = write(lambda *_: Reply(body=body))
    found = written[ONE]
    assert found.fault.startswith("the answer ")
    assert ("overloaded" in body) == ("overloaded" in found.fault)
    assert found == Written("", found.ended, 0, 0, 0, found.seconds, found.fault)
    assert len(asked) == 1


def test_an_answer_without_text_that_was_paid_for_is_kept(tmp_path: Path) -> None:
    with serving(lambda *_: chat(None, "length", prompt_tokens=9, completion_tokens=16)) as server:
        for _ in range(2):
            answers = Answers(tmp_path / "answers.jsonl")
            (written,) = write_all(Endpoint(server.url, "tiny"), [ONE], SAMPLING, answers, Spending())
            assert written is not None
            assert written.fault == "the answer has no text (finish_reason 'length')"
            assert (written.prompt_tokens, written.generated_tokens) == (9, 16)
    assert len(server.asked) == 1


BUSY = Reply(429, "slow down")
BROKEN = Reply(500, '{"error": {"message": "out of memory"}}')
CLOSED = Reply(closes=True)


@pytest.mark.parametrize("fault", [BUSY, BROKEN, CLOSED, Reply(503), Reply(408)])
def test_what_passes_is_tried_again(fault: Reply) -> None:
    written, asked = write(in_turn(fault, fault), SEVERAL)
    assert [written[one].text for one in SEVERAL] == [one.prompt.upper() for one in SEVERAL]
    assert all(not one.fault for one in written.values())
    assert len(asked) == 3 * len(SEVERAL)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (BUSY, "HTTP 429: slow down"),
        (BROKEN, "HTTP 500: out of memory"),
        (CLOSED, "RemoteProtocolError"),
        (Reply(502, '{"detail": [{"loc": "x"}]}'), 'HTTP 502: [{"loc": "x"}]'),
        (Reply(503, "<p>\n" + "x" * 1000), "HTTP 503: <p> xxx"),
    ],
)
def test_what_does_not_pass_is_a_fault_and_asked_for_again(fault: Reply, said: str, tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    with serving(in_turn(fault, fault, fault)) as server:
        for count, faulty in ((3, True), (4, False), (4, False)):
            one = Endpoint(server.url, "tiny", attempts=3)
            (written,) = write_all(one, [ONE], SAMPLING, Answers(path), Spending())
            assert written is not None
            assert len(server.asked) == count
            assert bool(written.fault) == faulty
            assert not faulty or said in written.fault
            assert len(written.fault) <= 200


def test_no_answer_in_time() -> None:
    hanging = Reply(seconds=1.2)
    written, asked = write(in_turn(hanging), timeout=0.5)
    assert (written[ONE].text, len(asked)) == (ONE.prompt.upper(), 2)
    written, asked = write(in_turn(hanging, hanging), timeout=0.5, attempts=2)
    assert (written[ONE].fault, len(asked)) == ("no answer within 0.5 s", 2)


def test_waits_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_FIRST_WAIT_SECONDS", 0.05)
    _, asked = write(in_turn(BROKEN, BROKEN))
    gaps = [later.at - earlier.at for earlier, later in pairwise(asked)]
    assert gaps[0] >= 0.025
    assert gaps[1] >= 0.05


def test_all_are_quiet_as_long_as_the_endpoint_asks() -> None:
    def behave(asked: Asked, before: int) -> Reply:
        first = asked.prompt == SEVERAL[0].prompt and before == 0
        return Reply(429, headers={"Retry-After": "1"}) if first else echo(asked)

    _, asked = write(behave, SEVERAL, at_once=1)
    assert [one.prompt for one in asked[:2]] == [SEVERAL[0].prompt] * 2
    assert asked[1].at - asked[0].at >= 1.0
    # A second thread may have had its own answer before that; from then on it waits too.
    _, asked = write(behave, SEVERAL, at_once=2)
    refused = next(one.at for one in asked if one.prompt == SEVERAL[0].prompt)
    assert sum(0.5 < one.at - refused < 1.0 for one in asked) == 0


def test_who_asks_for_too_long_a_wait_is_not_waited_for() -> None:
    written, asked = write(lambda *_: Reply(429, "tomorrow", {"Retry-After": "86400"}))
    assert (written[ONE].fault, len(asked)) == ("HTTP 429: tomorrow", 1)


def test_retry_after_may_be_a_date() -> None:
    date = email.utils.formatdate(time.time() + 100, usegmt=True)
    assert 97 < module._seconds_to_wait(date) <= 100
    past = email.utils.formatdate(0, usegmt=True)
    for said in ("", "soon", "-1", "nan", past):
        assert module._seconds_to_wait(said) == 0.0


def test_a_request_that_is_refused_is_a_fault_at_once() -> None:
    written, asked = write(lambda *_: Reply(400, '{"error": "the prompt is too long"}'), SEVERAL)
    assert {one.fault for one in written.values()} == {"HTTP 400: the prompt is too long"}
    assert len(asked) == len(SEVERAL)


def test_parameters_that_are_not_taken_are_left_out_or_called_otherwise() -> None:
    def behave(asked: Asked, _: int) -> Reply:
        if "max_tokens" in asked.content:
            return Reply(400, '{"error": {"message": "max_tokens: use max_completion_tokens instead"}}')
        if "seed" in asked.content:
            return Reply(422, '{"detail": [{"type": "extra_forbidden", "loc": ["body", "seed"]}]}')
        return echo(asked)

    written, asked = write(behave, SEVERAL, at_once=1)
    assert not any(one.fault for one in written.values())
    assert len(asked) == len(SEVERAL) + 2
    assert all(one.content["max_completion_tokens"] == 16 for one in asked[1:])


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (401, "refuses the key (HTTP 401); set OBVERSE_API_KEY"),
        (403, "refuses the key (HTTP 403); set OBVERSE_API_KEY"),
        (404, "has no model 'tiny', or is no such endpoint (HTTP 404); check both names"),
        (302, "leads elsewhere (HTTP 302); give the address that it leads to"),
    ],
)
def test_what_no_further_request_would_mend_ends_it(status: int, said: str) -> None:
    where = {"Location": f"http://127.0.0.1:1/?key={KEY}"}
    message, asked = refusal(lambda *_: Reply(status, f"wrong key {KEY}", where), SEVERAL)
    assert message.endswith(f": {said}")
    assert len(asked) == 1


def test_an_endpoint_that_breaks_down_ends_it() -> None:
    several = [assignment(str(number)) for number in range(20)]
    message, asked = refusal(lambda asked, _: echo(asked) if asked.prompt[-1] == "0" else BROKEN, several)
    assert "no longer answers (HTTP 500: out of memory); what was written is kept" in message
    assert len(asked) == 1 + 8 * 2


def test_nothing_listens_there() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        with pytest.raises(InputError) as caught:
            list(Endpoint(url, "tiny").write(SEVERAL, SAMPLING))
    message = str(caught.value)
    assert message.startswith(f"{url}/v1/chat/completions: cannot be reached (")
    assert message.endswith("; check the address, and that the server runs")


def test_once_it_was_reached_a_refused_connection_is_a_fault_like_others() -> None:
    with serving(echo) as server:
        one = Endpoint(server.url, "tiny", attempts=2)
        list(one.write([ONE], SAMPLING))
    ((_, written),) = one.write([ONE], SAMPLING)
    assert "ConnectError" in written.fault


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
        return write(echo)[1][0].key

    assert key() == f"Bearer {KEY}"
    monkeypatch.setenv("OBVERSE_API_KEY", "")
    assert key() == ""  # another provider's key is not handed to whatever address is given
    assert "asks for a key" in refusal(lambda *_: Reply(401))[0]
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


@pytest.fixture
def real(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """Address and model of a server with a tiny model, which draws."""
    from transformers.cli.serve import Serve

    make_tokenizer(tmp_path, chat=True)
    make_model(tmp_path)
    (tmp_path / "generation_config.json").write_text(json.dumps({"do_sample": True, "eos_token_id": 1}))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Serve(str(tmp_path), host="127.0.0.1", port=port, device="cpu", non_blocking=True)
    try:
        began = time.monotonic()
        while not server.server.started:
            assert time.monotonic() < began + 60
            time.sleep(0.01)
        yield f"http://127.0.0.1:{port}", str(tmp_path)
    finally:
        server.kill_server()


def test_a_real_server(real: tuple[str, str], tmp_path: Path) -> None:
    from transformers import AutoTokenizer

    url, model = real
    likeliest = Sampling(temperature=0.0, most_tokens=4)
    written = dict(Endpoint(url, model).write(SEVERAL[:2], likeliest))
    tokenizer = AutoTokenizer.from_pretrained(tmp_path)
    for one in SEVERAL[:2]:
        message = [{"role": "user", "content": one.prompt}]
        prompt = tokenizer.apply_chat_template(message, add_generation_prompt=True, tokenize=False)
        length = len(tokenizer(prompt, add_special_tokens=False).input_ids)
        found = written[one]
        assert found.text.strip()
        assert (found.prompt_tokens, found.generated_tokens, found.ended) == (length, 4, False)
        assert (found.fault, found.cached_tokens) == ("", 0)
    drawn = Sampling(temperature=1.0, most_tokens=16)
    samples = [assignment("Who?", sample=number) for number in range(2)]
    first, again = (dict(Endpoint(url, model, at_once=1).write(samples, drawn)) for _ in range(2))
    assert [first[one].text for one in samples] == [again[one].text for one in samples]
    assert first[samples[0]].text != first[samples[1]].text
    ((_, refused),) = Endpoint(url, "another").write([ONE], likeliest)
    assert refused.fault.startswith("HTTP 400: Server is pinned to")
