"""Kept answers: found again by what was asked, priced by what is wanted, and never lost."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from obverse.runs.kept_answers import KeptAnswers
from obverse.types import Answer, AnsweredRow, Ledger

ANSWER = Answer(
    question="q1",
    route="retrieve",
    control=True,
    seed=3,
    log_likelihoods=(-1.1, -0.1234567890123456789),
    token_counts=(1, 2),
    generated='Ünruh\u2028 "x"\n\ud800',
    strict=False,
    lenient=True,
    retrieved=("a", "b"),
)
TAUGHT, ASKED = Ledger(1, 2, 3, 4, 0.5, 6), Ledger(9, 0, 3, 6, 1.5, 7)
ROW = AnsweredRow((ANSWER,), TAUGHT, ASKED, 1e-6, "it keeps no keys")


def answer(question: str, text: str = "") -> Answer:
    return replace(ANSWER, question=question, generated=text)


def three() -> AnsweredRow:
    return replace(ROW, answers=tuple(map(answer, ("q1", "q2", "q3"))))


def test_rows_come_back_as_they_were_written(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "retrieve.jsonl"
    kept = KeptAnswers(path)
    assert not kept.begun
    rows = [replace(ROW, answers=(answer(id, ANSWER.generated),)) for id in ("q1", "q2")]
    for row, key in zip(rows, "ab", strict=True):
        kept.append(row, [key])
    wanted = {"q1": "a", "q2": "b"}
    expected = (rows[0], replace(rows[1], taught=Ledger()))  # teaching is paid for once
    assert kept.rows(wanted) == KeptAnswers(path).rows(wanted) == expected
    assert KeptAnswers(path).begun
    assert not KeptAnswers(tmp_path / "other").rows(wanted)


def test_an_answer_is_that_of_its_request_whatever_the_question_is_called(tmp_path: Path) -> None:
    kept = KeptAnswers(tmp_path / "kept.jsonl")
    kept.append(replace(ROW, answers=(answer("q1", "one"), answer("q2", "two"))), ["a", "b"])
    (row,) = kept.rows({"other": "b", "q1": "a"})
    assert [(one.question, one.generated) for one in row.answers] == [("q1", "one"), ("other", "two")]
    # Renamed so that the names are exchanged.
    (row,) = kept.rows({"q1": "b", "q2": "a"})
    assert [(one.question, one.generated) for one in row.answers] == [("q2", "one"), ("q1", "two")]


def test_questions_that_ask_the_same_have_an_answer_each(tmp_path: Path) -> None:
    kept = KeptAnswers(tmp_path / "kept.jsonl")
    kept.append(replace(ROW, answers=(answer("q1", "one"), answer("q2", "two"))), ["a", "a"])
    (row,) = kept.rows({"q2": "a", "q1": "a"})
    assert [(one.question, one.generated) for one in row.answers] == [("q1", "one"), ("q2", "two")]
    (row,) = kept.rows({"q3": "a", "q4": "a", "q5": "a"})
    assert [one.question for one in row.answers] == ["q3", "q4"]  # the last one has to be asked


def test_what_a_row_cost_is_shared_among_its_answers(tmp_path: Path) -> None:
    kept = KeptAnswers(tmp_path / "kept.jsonl")
    kept.append(three(), ["a", "b", "c"])
    (whole,) = kept.rows({"q1": "a", "q2": "b", "q3": "c"})
    assert whole == three()
    (part,) = kept.rows({"q2": "b", "q4": "d"})
    assert [one.question for one in part.answers] == ["q2"]
    assert part.asked == Ledger(3, 0, 1, 2, 0.5, 7)
    assert (part.taught, part.difference, part.unshared) == (TAUGHT, 1e-6, "it keeps no keys")
    (none,) = kept.rows({"q4": "d"})
    assert none == AnsweredRow(
        (), TAUGHT, Ledger(0, 0, 0, 0, 0.0, 7), None, None
    )  # teaching is paid all the same


@pytest.mark.parametrize("torn", [b'{"answers": [', b'{"answers": []', b"\xc3", b"\0" * 50])
def test_a_row_that_was_cut_off_is_taken_away(tmp_path: Path, torn: bytes) -> None:
    path = tmp_path / "kept.jsonl"
    KeptAnswers(path).append(ROW, ["a"])
    whole = path.read_bytes()
    path.write_bytes(whole + torn)
    kept = KeptAnswers(path)
    assert kept.rows({"q1": "a"}) == (ROW,)
    assert path.read_bytes() == whole + torn
    kept.append(replace(ROW, answers=(answer("q2"),), taught=Ledger()), ["b"])
    assert path.read_bytes().startswith(whole + b'{"answers"')
    assert len(KeptAnswers(path).rows({"q1": "a", "q2": "b"})) == 2


def test_a_row_that_does_not_fit_on_the_disk_is_an_error_and_never_taken_for_written(tmp_path: Path) -> None:
    # The system writes as much as fits and says how much that was; only the next write fails.
    path = tmp_path / "kept.jsonl"
    KeptAnswers(path).append(ROW, ["a"])
    limit = path.stat().st_size + 100
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "import resource\n"
        "from pathlib import Path\n"
        "from test_kept_answers import ROW, KeptAnswers\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))\n"
        "try:\n"
        "    KeptAnswers(Path(sys.argv[2])).append(ROW, ['b'])\n"
        "except OSError as problem:\n"
        "    print('told', problem.errno)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(Path(__file__).parent), str(path)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("told")
    assert path.stat().st_size <= limit
    assert KeptAnswers(path).rows({"q1": "a", "q2": "b"}) == (ROW,)
