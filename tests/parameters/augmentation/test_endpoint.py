"""An endpoint with every fault that endpoints have, and one that really writes."""

from __future__ import annotations

import email.utils
import socket
import threading
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest
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
