"""An endpoint with every fault that endpoints have, and one that really writes."""

from __future__ import annotations

import email.utils
import gzip
import json
import socket
import threading
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from loopback import Asked, Behaviour, Reply, assignment, chat, echo, in_turn, serving

from obverse.augmentation import endpoint as module
from obverse.augmentation.budget import Spending
from obverse.augmentation.endpoint import Endpoint
from obverse.augmentation.store import Answers, write_all
from obverse.augmentation.writing import Assignment, Sampling, Written
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


def test_the_first_is_asked_for_alone_and_the_others_together_and_answers_come_as_they_arrive() -> None:
    others = threading.Semaphore(0)

    def behave(asked: Asked, _: int) -> Reply:
        if asked.prompt == SEVERAL[1].prompt:  # until three of the others were answered
            for _ in range(4):
                others.acquire(timeout=20)
        elif asked.prompt != SEVERAL[0].prompt:
            others.release()
        else:
            time.sleep(0.1)
        return echo(asked)

    with serving(behave) as server:
        arrived = [one for one, _ in Endpoint(server.url, "tiny", at_once=2).write(SEVERAL, SAMPLING)]
    assert arrived[0] == SEVERAL[0]
    assert server.asked[1].at - server.asked[0].at >= 0.1
    assert arrived.index(SEVERAL[1]) >= 4
    assert sorted(arrived, key=SEVERAL.index) == SEVERAL
    assert sorted(server.prompts) == [one.prompt for one in SEVERAL]
    assert write(echo, [])[1] == []


def test_tokens_that_are_not_told_are_a_quarter_of_the_bytes() -> None:
    for usage in ({}, {"prompt_tokens": "9", "completion_tokens": -1}, {"prompt_tokens": True}):
        written, _ = write(lambda *_, usage=usage: chat("Ilka Venning", **usage))
        found = written[ONE]
        assert (found.prompt_tokens, found.cached_tokens, found.generated_tokens) == (7, 0, 3)
        assert len(ONE.prompt) == 25


def test_tokens_may_be_counted_by_other_names() -> None:
    found = write(lambda *_: chat("Ilka", input_tokens=11, output_tokens=3))[0][ONE]
    assert (found.prompt_tokens, found.generated_tokens) == (11, 3)


@pytest.mark.parametrize(
    ("reason", "ended"),
    [
        *(("stop", True), ("eos", True), ("end_turn", True)),
        *(("length", False), ("MAX_TOKENS", False), ("model_length", False)),
        *(("content_filter", False), ("SAFETY", False), ("abort", False)),
    ],
)
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
        '{"choices": [{"message": null}]}',
        '{"choices": [{"message": {"content": null}}]}',
        '{"choices": [{"message": {"content": [1, {"type": "image_url"}]}}]}',
        '{"choices": [{"message": {"content": " "}}], "usage": 3}',
        '{"choices": [{"message": {"content": "", "reasoning_content": "So"}, "finish_reason": "length"}]}',
        '{"choices": [{"message": {"content": null, "refusal": "No."}}]}',
    ],
)
def test_an_answer_without_text_is_a_fault_at_once(body: str) -> None:
    written, asked = write(lambda *_: Reply(body=body))
    found = written[ONE]
    assert found.fault.startswith("the answer has no text (")
    assert ("refusal" in body) == ("No." in found.fault)
    assert ("reasoning" in body) == ("finish_reason 'length', after a thought" in found.fault)
    assert found == Written("", found.ended, 0, 0, 0, found.seconds, found.fault)
    assert len(asked) == 1


@pytest.mark.parametrize(
    "body",
    [
        "",
        '{"choices": [{"mess',
        "[" * 100_000,
        "9" * 10_000,
        "null",
        "[]",
        "{}",
        '{"choices": []}',
        '{"choices": "abc"}',
        '{"error": {"message": "overloaded"}}',
        '{"error": {"message": "overloaded", "code": 503}}',
        '{"error": "rate limit", "choices": []}',
        '{"choices": [{"error": {"code": 502, "message": "upstream"}, "message": {"content": "So"}}]}',
        'data: {"choices": [{"delta": {"content": "So"}}]}\n\n',
        'data: {"choices": [{"delta": {"content": "So"}}]}\n\ndata: {"error": {"message": "lost"}}\n\n',
        'data: {"choices": [{"delta": {"con\n\n',
    ],
)
def test_an_answer_that_is_none_is_asked_for_again(body: str) -> None:
    written, asked = write(in_turn(Reply(body=body)))
    assert (written[ONE].text, written[ONE].fault, len(asked)) == (ONE.prompt.upper(), "", 2)
    written, asked = write(lambda *_: Reply(body=body))
    assert written[ONE].fault
    assert len(written[ONE].fault) <= 200
    assert written[ONE].prompt_tokens == 0
    assert len(asked) == 3


def test_answers_that_break_on_the_way_or_are_too_long_are_asked_for_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    broken = Reply(body=b"\x1f\x8bno", headers={"Content-Encoding": "gzip"})
    short = Reply(body='{"choices"', headers={"Content-Length": "500", "Connection": "close"}, closes=True)
    monkeypatch.setattr(module, "_MOST_BYTES", 1000)
    written, asked = write(in_turn(broken, short, Reply(body="x" * 2000)), attempts=4)
    assert (written[ONE].text, len(asked)) == (ONE.prompt.upper(), 4)
    whole = gzip.compress(str(chat("Ilka.").body).encode())
    written, _ = write(lambda *_: Reply(body=whole, headers={"Content-Encoding": "gzip"}))
    assert written[ONE].text == "Ilka."


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


def test_a_request_that_is_refused_ends_it_unless_others_were_answered() -> None:
    long = Reply(400, '{"error": "the prompt is too long"}')
    message, asked = refusal(lambda *_: long, SEVERAL)
    assert "refuses the request (HTTP 400: the prompt is too long); shorten the documents" in message
    assert len(asked) == 1
    message, asked = refusal(lambda *_: Reply(400, '{"error": {"message": "no tools"}}'), SEVERAL)
    assert "refuses the request (HTTP 400: no tools); check the name of the model" in message
    assert len(asked) == 1
    written, asked = write(
        lambda asked, _: long if asked.prompt == SEVERAL[3].prompt else echo(asked), SEVERAL
    )
    assert [one for one in SEVERAL if written[one].fault] == [SEVERAL[3]]
    assert written[SEVERAL[3]].fault == "HTTP 400: the prompt is too long"
    assert len(asked) == len(SEVERAL)


def test_a_text_that_a_filter_stops_is_a_fault_even_if_it_is_the_first() -> None:
    filtered = Reply(400, '{"error": {"code": "content_filter", "message": "not this"}}')
    written, asked = write(
        lambda asked, _: filtered if asked.prompt == SEVERAL[0].prompt else echo(asked), SEVERAL
    )
    assert [one for one in SEVERAL if written[one].fault] == [SEVERAL[0]]
    assert len(asked) == len(SEVERAL)


def openai(message: str, **more: str) -> str:
    return json.dumps({"error": {"message": message, "type": "invalid_request_error", **more}})


@pytest.mark.parametrize(
    ("name", "status", "said"),
    [
        (
            "temperature",
            400,
            openai(
                "Unsupported value: 'temperature' does not support 0.5 with this model. Only the default (1) value is "
                "supported.",
                param="temperature",
                code="unsupported_value",
            ),
        ),
        ("temperature", 400, openai("`temperature` is deprecated for this model.")),
        ("temperature", 400, '{"message": "extraneous key [temperature] is not permitted"}'),
        (
            "seed",
            422,
            '{"detail": [{"type": "extra_forbidden", "loc": ["body", "seed"], "input": {"temperature": 1}}]}',
        ),
        ("seed", 422, '{"object": "error", "message": {"detail": [{"loc": ["body", "seed"], "msg": "no"}]}}'),
        ("seed", 400, '[{"error": {"code": 400, "message": "Unknown name \\"seed\\": Cannot find field."}}]'),
        ("seed", 400, openai("property 'seed' is unsupported, did you mean 'speed'?")),
        ("seed", 400, "json: unknown field seed"),
        ("seed", 200, '{"error": {"message": "Unsupported parameter: seed", "code": 400}}'),
        (
            "seed",
            200,
            '{"error": {"message": "Unsupported parameter: seed", "type": "invalid_request_error"}}',
        ),
        (
            "max_tokens",
            400,
            openai(
                "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' "
                "instead.",
                param="max_tokens",
                code="unsupported_parameter",
            ),
        ),
        ("max_tokens", 400, '{"detail": "maxTokens: extra inputs are not permitted"}'),
    ],
)
def test_a_parameter_that_is_refused_is_left_out_from_then_on(name: str, status: int, said: str) -> None:
    with serving(lambda asked, _: Reply(status, said) if name in asked.content else echo(asked)) as server:
        one = Endpoint(server.url, "tiny", attempts=1)
        written = dict(one.write(SEVERAL, SAMPLING))
    assert not any(text.fault for text in written.values())
    assert len(server.asked) == len(SEVERAL) + 1
    others = {"temperature", "seed", "max_tokens"} - {name}
    assert all(others <= asked.content.keys() for asked in server.asked)
    assert all(
        ("max_completion_tokens" in asked.content) == (name == "max_tokens") for asked in server.asked[1:]
    )
    assert one.remark == ("" if name == "max_tokens" else f"tiny takes no {name} and was asked without")


def test_several_parameters_that_are_refused_one_after_the_other() -> None:
    def behave(asked: Asked, _: int) -> Reply:
        for name in ("max_tokens", "max_completion_tokens", "seed", "temperature"):
            if name in asked.content:
                return Reply(400, openai(f"Unsupported parameter: {name}"))
        return echo(asked)

    with serving(behave) as server:
        one = Endpoint(server.url, "tiny", attempts=1)
        written = dict(one.write(SEVERAL, SAMPLING))
    assert not any(text.fault for text in written.values())
    assert len(server.asked) == len(SEVERAL) + 4
    assert one.remark == "tiny takes no temperature and no seed and no limit of tokens and was asked without"


def test_a_parameter_whose_value_does_not_fit_the_window_is_not_left_out() -> None:
    said = "max_tokens is too large: 5000. This model's maximum context length is 4096 tokens."
    message, asked = refusal(lambda *_: Reply(400, openai(said, param="max_tokens")), SEVERAL)
    assert "max_tokens is too large" in message
    assert "--window" in message
    assert len(asked) == 1


def events(*pieces: str, done: bool = True, **usage: int) -> str:
    chunks: list[object] = [{"choices": [{"delta": {"role": "assistant"}}]}]
    chunks += [{"choices": [{"delta": {"content": piece}}]} for piece in pieces]
    chunks += [{"choices": [{"delta": {}, "finish_reason": "length"}]}] if done else []
    chunks += [{"choices": [], "usage": usage}] if usage else []
    return (
        ": waiting\n\n"
        + "".join(f"data: {json.dumps(chunk)}\r\n\r\n" for chunk in chunks)
        + "data: [DONE]\n\n"
    )


def stream(*pieces: str, done: bool = True, **usage: int) -> Reply:
    """The same as a reply."""
    return Reply(body=events(*pieces, done=done, **usage), headers={"Content-Type": "text/event-stream"})


def test_servers_that_stream_whatever_is_asked() -> None:
    written, asked = write(lambda *_: stream("Il", "ka\n", prompt_tokens=9, completion_tokens=4))
    assert written[ONE] == Written("Ilka\n", False, 9, 0, 4, written[ONE].seconds)
    assert "stream" not in asked[0].content


def test_streams_without_blank_lines_between_events() -> None:
    plain = stream("Il", "ka\n")
    dense = Reply(body=events("Il", "ka\n").replace("\r\n\r\n", "\n"), headers=plain.headers)
    assert write(lambda *_: dense)[0][ONE].text == "Ilka\n"


def test_a_stream_that_ends_in_an_error_says_which() -> None:
    body = events("Il", done=False).removesuffix("data: [DONE]\n\n")
    body += 'event: error\ndata: {"message": "Overloaded"}\n\n'
    assert write(lambda *_: Reply(body=body))[0][ONE].fault == "HTTP 503: Overloaded"


@pytest.mark.parametrize("takes_options", [True, False])
def test_servers_that_must_be_asked_to_stream(takes_options: bool) -> None:
    def behave(asked: Asked, _: int) -> Reply:
        if "stream" not in asked.content:
            return Reply(
                400, openai("This model only support stream mode, please enable the stream parameter.")
            )
        if "stream_options" in asked.content and not takes_options:
            return Reply(400, openai("Unrecognized request argument supplied: stream_options"))
        return stream("Ilka.")

    written, asked = write(behave, SEVERAL)
    assert {text.text for text in written.values()} == {"Ilka."}
    assert len(asked) == len(SEVERAL) + (1 if takes_options else 2)
    assert asked[-1].content["stream"] is True
    assert ("stream_options" in asked[-1].content) == takes_options


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ([{"type": "text", "text": "Il"}, {"type": "text", "text": "ka."}], "Ilka."),
        ([{"type": "thinking", "thinking": "So"}, {"type": "output_text", "text": "Ilka."}], "Ilka."),
        ([{"type": "thinking", "text": "So"}, "Ilka."], "Ilka."),
        ({"type": "text", "text": {"value": "Ilka."}}, "Ilka."),
    ],
)
def test_answers_in_parts(content: object, text: str) -> None:
    assert write(lambda *_: chat(content))[0][ONE].text == text


@pytest.mark.parametrize("count", [0, -3, 10**15, 1.5, "9", None, True])
def test_counts_that_can_be_none_are_estimated(count: object) -> None:
    found = write(lambda *_: chat("Ilka Venning", prompt_tokens=count, completion_tokens=count))[0][ONE]
    assert (found.prompt_tokens, found.generated_tokens) == (7, 3)


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (401, "refuses the key (HTTP 401: wrong key [key]); set OBVERSE_API_KEY"),
        (403, "refuses the key (HTTP 403: wrong key [key]); set OBVERSE_API_KEY"),
        (404, "has no model 'tiny', or is no such endpoint (HTTP 404: wrong key [key]); check both names"),
        (
            402,
            "has no quota left for this key (HTTP 402: wrong key [key]); raise it there; what was written is kept",
        ),
        (302, "leads elsewhere (HTTP 302); give the address that it leads to"),
    ],
)
def test_what_no_further_request_would_mend_ends_it(status: int, said: str) -> None:
    where = {"Location": f"http://127.0.0.1:1/?key={KEY}"}
    message, asked = refusal(lambda *_: Reply(status, f"wrong key {KEY}", where), SEVERAL)
    assert message.endswith(f": {said}")
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (Reply(429, openai("You exceeded your quota", code="insufficient_quota")), "has no quota left"),
        (Reply(200, '{"error": {"message": "Incorrect API key provided", "code": "x"}}'), "refuses the key"),
        (Reply(200, '{"error": {"message": "no", "code": "model_not_found"}}'), "has no model 'tiny'"),
        (Reply(200, '{"error": {"message": "no", "code": "401"}}'), "refuses the key"),
        (Reply(200, "<html>Sign in</html>"), "is no such endpoint"),
    ],
)
def test_errors_in_bodies_end_it_as_their_status_would(reply: Reply, said: str) -> None:
    message, asked = refusal(lambda *_: reply, SEVERAL)
    assert said in message
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
