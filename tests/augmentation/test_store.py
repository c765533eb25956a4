"""Nothing is paid for twice and no budget exceeded, whatever ends the writing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from loopback import Asked, Loopback, Reply, assignment, echo, serving

from obverse.augmentation.budget import Budget, Cost, Prices, Spending
from obverse.augmentation.store import Answers, write_all
from obverse.augmentation.writing import Assignment, Sampling, Written, key_of
from obverse.types import InputError

SAMPLING = Sampling(most_tokens=10)
ASSIGNMENTS = [assignment(f"own {number}", "shared words ") for number in range(6)]
TEXT = Written('Ünruh\u2028 "x"\r\n\ud800', False, 7, 3, 5, 0.25, "a fault")


def words(text: str) -> int:
    return len(text.split())


@dataclass
class Scripted:
    """A generator that remembers its batches; its texts have so many tokens, or are missing.

    Args:
        lengths: tokens of texts by their prompts, 10 where there is none; -1 for no answer at all.
        interrupted: prompts at which Ctrl-C comes.
    """

    lengths: Mapping[str, int] = field(default_factory=dict)
    interrupted: tuple[str, ...] = ()
    prompt_tokens: int | None = None
    batches: list[list[str]] = field(default_factory=list)
    closed: int = 0

    identity: Mapping[str, object] = field(default_factory=lambda: {"endpoint model": "scripted"})

    def write(
        self, assignments: Sequence[Assignment], sampling: Sampling
    ) -> Iterator[tuple[Assignment, Written]]:
        self.batches.append([one.prompt for one in assignments])
        try:
            for one in reversed(assignments):
                if one.prompt in self.interrupted:
                    raise KeyboardInterrupt
                length = self.lengths.get(one.prompt, sampling.most_tokens)
                prompt = words(one.prompt) if self.prompt_tokens is None else self.prompt_tokens
                nothing = Written("", False, 0, 0, 0, 0.0, "busy")
                yield one, nothing if length < 0 else Written(one.prompt, True, prompt, 0, length, 0.0)
        finally:
            self.closed += 1

    @property
    def asked(self) -> list[str]:
        return [prompt for batch in self.batches for prompt in batch]


def write(generator: Scripted, path: Path, spending: Spending | None = None) -> list[Written | None]:
    spending = Spending() if spending is None else spending
    return write_all(generator, ASSIGNMENTS, SAMPLING, Answers(path), spending, count_tokens=words)


def texts(written: Sequence[Written | None]) -> list[str | None]:
    return [None if one is None else one.text for one in written]


PROMPTS = [one.prompt for one in ASSIGNMENTS]


def test_what_is_appended_is_found_again(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    answers = Answers(path)
    assert (len(answers), list(answers), answers.get("a")) == (0, [], None)
    answers.append("a", TEXT)
    answers.append("b", Written("", True, 0, 0, 0, 0.0))
    again = Answers(path)
    assert dict(again) == dict(answers) == {"a": TEXT, "b": Written("", True, 0, 0, 0, 0.0)}
    assert "a" in again
    assert again["a"] == TEXT
    assert path.read_bytes().count(b"\n") == 2


def test_a_line_that_was_cut_off_is_dropped_wherever_it_was_cut(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    answers = Answers(path)
    answers.append("a", TEXT)
    whole = path.read_bytes()
    answers.append("b", TEXT)
    both = path.read_bytes()
    for end in range(len(whole), len(both) - 1):
        path.write_bytes(both[:end])
        assert list(Answers(path)) == ["a"]
        assert path.read_bytes() == both[:end]
    Answers(path).append("b", TEXT)
    assert path.read_bytes() == both
    path.write_bytes(both[:-1])  # which lacks its end alone
    assert list(Answers(path)) == ["a", "b"]


@pytest.mark.parametrize("line", ["{", "[]", "3", '{"key": "a"}', '{"key": "a", "text": "b"}', "\xff"])
def test_a_line_that_is_none_of_ours_is_named(line: str, tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    Answers(path).append("a", TEXT)
    with path.open("ab") as stream:
        stream.write(line.encode("latin-1") + b"\n")
    with pytest.raises(
        InputError, match=r"answers\.jsonl, line 2: is no text of a generator; remove the line"
    ):
        Answers(path)


def test_texts_stand_in_the_order_of_the_assignments_and_are_asked_for_once(tmp_path: Path) -> None:
    generator = Scripted()
    told: list[tuple[int, int, str]] = []
    twice = [*ASSIGNMENTS, ASSIGNMENTS[0]]
    answers = Answers(tmp_path / "answers.jsonl")
    spending = Spending()
    written = write_all(generator, twice, SAMPLING, answers, spending, lambda *one: told.append(one))
    assert texts(written) == [*PROMPTS, PROMPTS[0]]
    assert generator.batches == [PROMPTS]
    assert told == [(number, 6, f"{14 * number} tokens") for number in range(7)]
    assert list(answers) == [key_of(generator.identity, one, SAMPLING) for one in reversed(ASSIGNMENTS)]
    again = Spending()
    assert write_all(generator, twice, SAMPLING, answers, again) == written
    assert generator.batches == [PROMPTS]
    assert again.cost == spending.cost
    other = Sampling(most_tokens=10, seed=1)
    assert len(write_all(generator, ASSIGNMENTS[:1], other, answers, Spending())) == 1
    assert generator.batches == [PROMPTS, PROMPTS[:1]]


def test_what_did_not_come_is_asked_for_again(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    written = write(Scripted({PROMPTS[2]: -1}), path)
    assert [one is not None and one.fault for one in written] == ["", "", "busy", "", "", ""]
    generator = Scripted()
    assert texts(write(generator, path)) == PROMPTS
    assert generator.batches == [[PROMPTS[2]]]


def test_control_c_keeps_what_is_there_and_closes_the_generator(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    generator = Scripted(interrupted=(PROMPTS[2],))
    with pytest.raises(KeyboardInterrupt):
        write(generator, path)
    assert generator.closed == 1
    assert len(Answers(path)) == 3

    def interrupt(done: int, *_: object) -> None:
        if done == 4:
            raise KeyboardInterrupt

    generator = Scripted()
    with pytest.raises(KeyboardInterrupt) as kept:  # the traceback holds on to the generator
        write_all(generator, ASSIGNMENTS, SAMPLING, Answers(path), Spending(), interrupt)
    assert (generator.closed, kept.type) == (1, KeyboardInterrupt)
    generator = Scripted()
    assert texts(write(generator, path)) == PROMPTS
    assert generator.asked == PROMPTS[:2]


def test_a_budget_is_spent_to_the_end_and_the_same_command_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    # 14 tokens at most for each, of which 6 are used: 2 fit into 40, then 2 into 28, then 1 into 16.
    short = Scripted(dict.fromkeys(PROMPTS, 2))
    spending = Spending(Budget(most_tokens=40))
    assert texts(write(short, path, spending)) == [*PROMPTS[:5], None]
    assert [len(batch) for batch in short.batches] == [2, 2, 1]
    assert spending.cost.tokens == 30
    # What lies there has been spent: the same budget buys nothing more, a higher one the rest.
    again = Spending(Budget(most_tokens=40))
    assert texts(write(short, path, again)) == [*PROMPTS[:5], None]
    assert len(short.batches) == 3
    assert texts(write(short, path, Spending(Budget(most_tokens=44)))) == PROMPTS
    assert short.batches[3:] == [PROMPTS[5:]]


def test_usd_are_a_budget_too(tmp_path: Path) -> None:
    prices = {"scripted": Prices(prompt=1e6, cached=0.0, generated=0.0)}
    spending = Spending(Budget(most_usd=11.0), prices)
    assert texts(write(Scripted(), tmp_path / "a", spending)) == [*PROMPTS[:2], None, None, None, None]
    assert spending.cost.usd == 8.0
    with pytest.raises(InputError, match="not known"):
        write(Scripted(), tmp_path / "b", Spending(Budget(most_usd=1.0)))


def test_prompts_with_more_tokens_than_were_counted_end_it_at_once(tmp_path: Path) -> None:
    generator = Scripted(prompt_tokens=60)
    spending = Spending(Budget(most_tokens=100))
    written = write(generator, tmp_path / "answers.jsonl", spending)
    assert [one is None for one in written] == [True, True, True, True, False, False]
    assert (spending.cost.tokens, generator.closed) == (140, 1)


@settings(max_examples=50, deadline=None)
@given(lengths=st.lists(st.integers(0, 10), min_size=6, max_size=6), most=st.integers(0, 90))
def test_no_budget_is_exceeded_and_none_left_unused(
    lengths: list[int], most: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("random") / "answers.jsonl"
    generator = Scripted(dict(zip(PROMPTS, lengths, strict=True)))
    spending = Spending(Budget(most_tokens=most))
    written = write(generator, path, spending)
    assert spending.cost.tokens == sum(4 + length for length in lengths[: len(Answers(path))]) <= most
    assert None not in written or spending.would_exceed(Cost(prompt_tokens=4, generated_tokens=10))
    assert len(generator.asked) == len(set(generator.asked)) == len(Answers(path))


SCRIPT = """
import sys
from itertools import pairwise
from pathlib import Path
from loopback import assignment
from obverse.augmentation.budget import Spending
from obverse.augmentation.endpoint import Endpoint
from obverse.augmentation.store import Answers, write_all
from obverse.augmentation.writing import Sampling

several = [assignment(str(number)) for number in range(30)]
try:
    write_all(Endpoint(sys.argv[1], "tiny"), several, Sampling(), Answers(Path(sys.argv[2])), Spending())
except KeyboardInterrupt:
    raise SystemExit(130)
"""


def start(server: Loopback, path: Path) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1]), "NO_PROXY": "127.0.0.1"}
    return subprocess.Popen([sys.executable, "-c", SCRIPT, server.url, str(path)], env=environment)


@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_nothing_is_paid_for_twice_after(number: signal.Signals, tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    hang = False

    def behave(asked: Asked, _: int) -> Reply:
        return Reply(body=echo(asked).body, seconds=60.0 if hang else 0.01)

    with serving(behave) as server:
        process = start(server, path)
        while not path.exists() or path.read_bytes().count(b"\n") < 8:
            assert process.poll() is None
            time.sleep(0.002)
        hang = True
        time.sleep(0.1)
        began = time.monotonic()
        process.send_signal(number)
        assert process.wait(timeout=30) == (130 if number == signal.SIGINT else -number)
        assert time.monotonic() - began < 10  # and not the minute that answers take
        hang = False
        kept = {written.text for written in Answers(path).values()}
        assert 8 <= len(kept) < 30
        first = len(server.asked)
        assert first - len(kept) <= 4
        assert start(server, path).wait(timeout=30) == 0
        assert len(server.asked) - first == 30 - len(kept)
        assert {prompt.upper() for prompt in server.prompts[first:]}.isdisjoint(kept)
    assert len(Answers(path)) == 30
