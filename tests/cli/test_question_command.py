"""`obverse questions`: what the commands say and write, and bad input in one line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import Command
from loopback import Loopback, Reply, chat, serving
from question_examples import DOCUMENTS
from question_scribe import scribe


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    folder.mkdir()
    for document in DOCUMENTS:
        (folder / f"{document.id}.md").write_text(f"{document.text}\n", encoding="utf-8")
    return folder


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Loopback]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("OBVERSE_API_KEY", "secret-key-of-the-user")
    with serving(scribe) as one:
        yield one


def by(server: Loopback) -> tuple[str, ...]:
    return ("--generator", server.url, "--generator-model", "scribe")


def test_questions_are_written_checked_and_can_be_compared(
    command: Command, documents: Path, tmp_path: Path, server: Loopback
) -> None:
    out = tmp_path / "questions.jsonl"
    ended = command("questions", "write", documents, "--out", out, "--number", 21, *by(server))
    assert ended.code == 0
    assert "21 questions of 7 kinds; at most " in ended.out
    assert "recall: 3 of 3 from " in ended.out
    assert "comparison: 1 of 3 from " in ended.out
    assert " rejected by duplicate: it asks the same as " in ended.out
    assert f"Questions: {out}" in ended.out
    assert {asked.key for asked in server.asked} == {"Bearer secret-key-of-the-user"}
    kept = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert not any(b"secret-key" in file.read_bytes() for file in kept)
    paid = len(server.asked)
    ended = command("questions", "check", documents, out, "--out", tmp_path / "checked.jsonl")
    assert (ended.code, len(server.asked)) == (0, paid)
    assert ended.out.endswith("questions, 0 fail a check.\n")
    again = [json.loads(line) for line in (tmp_path / "checked.jsonl").read_text().splitlines()]
    first = [json.loads(line) for line in out.read_text().splitlines()]
    told = ("id", "question", "answer", "choices", "kind", "needs", "rests_on")
    assert [[row[name] for name in told] for row in again] == [[row[name] for name in told] for row in first]
    ended = command("questions", "check", documents, out, *by(server))
    assert ended.code == 0
    assert "0 are answered with nothing in view." in ended.out


def test_what_fails_a_check_is_told_with_exit_code_1(
    command: Command, documents: Path, tmp_path: Path
) -> None:
    questions = tmp_path / "mine.jsonl"
    rows = [
        {"question": "By whom is the Maddow ferry rowed?", "answer": "Kesta Vorn", "needs": ["ferry-log"]},
        {"question": "By whom is it painted?", "answer": "Oswin Hale", "needs": ["bridge-book"]},
    ]
    questions.write_text("".join(json.dumps(row) + "\n" for row in rows))
    ended = command("questions", "check", documents, questions)
    assert ended.code == 1
    assert "q2: wording: 'it' stands for nothing that it names\n" in ended.out
    assert ended.out.endswith("2 questions, 1 fail a check (wording 1).\n")
    assert questions.read_text() == "".join(json.dumps(row) + "\n" for row in rows)
    ended = command("questions", "check", documents, questions, "--out", questions)
    assert (ended.code, ended.out) == (2, "")
    assert "is there already; give a new file, for nothing is overwritten" in ended.err
    ended = command("questions", "check", documents, tmp_path / "nothing.jsonl")
    assert (ended.code, len(ended.err.splitlines())) == (2, 1)


def test_a_model_here_writes_and_answers(
    command: Command, documents: Path, tmp_path: Path, tiny_folder: Path, server: Loopback
) -> None:
    out = tmp_path / "questions.jsonl"
    options = ("--number", 2, "--kinds", "recall,chain", "--text-tokens", 8, "--device", "cpu")
    ended = command("questions", "write", documents, "--out", out, "--model", tiny_folder, *options)
    assert ended.code == 1
    assert not out.exists()
    assert ended.err.endswith(
        "obverse: no question was kept, so no file was written; the reasons stand above\n"
    )
    ended = command(
        "questions",
        "write",
        documents,
        "--out",
        tmp_path / "both.jsonl",
        "--model",
        tiny_folder,
        *by(server),
        *options,
    )
    rejected = (tmp_path / "both.writing" / "rejected.jsonl").read_text().splitlines()
    written = (tmp_path / "both.jsonl").read_text().splitlines() if ended.code == 0 else []
    by_whom = {(row["written_by"], row["checked_by"]) for row in map(json.loads, (*written, *rejected))}
    assert by_whom == {("scribe", str(tiny_folder))}
    assert all("You will see documents" not in prompt for prompt in server.prompts)


def test_a_model_here_checks_questions_of_the_user(
    command: Command, documents: Path, tmp_path: Path, tiny_folder: Path
) -> None:
    questions = tmp_path / "mine.jsonl"
    rows = [
        {
            **{"question": "By whom is the Maddow ferry rowed?", "answer": answer, "needs": ["ferry-log"]},
            "choices": ["Kesta Vorn", "Maddow"],
        }
        for answer in ("Kesta Vorn", "Maddow")
    ]
    questions.write_text("".join(json.dumps(row) + "\n" for row in rows))
    options = ("--model", tiny_folder, "--device", "cpu", "--out", tmp_path / "checked.jsonl")
    ended = command("questions", "check", documents, questions, *options)
    assert ended.code == 1
    first, second = (json.loads(line) for line in (tmp_path / "checked.jsonl").read_text().splitlines())
    # What fails by its words is not asked.
    assert first["checks"]["answered"] in (
        "passed",
        "the model does not answer it with what it needs in view",
    )
    assert (second["checks"]["answered"], second["checks"]["choices"]) == ("not asked", "it names its answer")
    assert (first["checked_by"], "written_by" in first) == (str(tiny_folder), False)


def test_questions_that_no_model_answered_are_told(
    command: Command, documents: Path, tmp_path: Path, server: Loopback
) -> None:
    out = tmp_path / "q.jsonl"
    # Enough for the texts, and for no answer.
    options = ("--number", 1, "--kinds", "recall", "--text-tokens", 30, "--max-tokens", 700)
    ended = command("questions", "write", documents, "--out", out, *by(server), *options)
    assert ended.code == 0
    assert "No model answered 1 of them in the checks: the budget was spent" in ended.out
    assert json.loads(out.read_text())["checks"]["answered"] == "not asked"


def test_an_estimate_writes_nothing(
    command: Command, documents: Path, tmp_path: Path, server: Loopback
) -> None:
    prices = tmp_path / "prices.json"
    prices.write_text('{"scribe": {"prompt": 1000, "generated": 1000}}')
    out = tmp_path / "q.jsonl"
    options = ("--estimate", "--prices", prices, "--max-usd", 0.01)
    ended = command("questions", "write", documents, "--out", out, *by(server), *options)
    assert ended.code == 0
    assert " USD, and what the model answers in the checks; more than the budget" in ended.out
    assert server.asked == []
    assert not out.exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("--kinds", "recall,riddle"),
            "there is no kind of question 'riddle'; the kinds are recall, reworded, ",
        ),
        (("--kinds", "none"), "no kind of question is named"),
        (("--number", "3"), "3 questions of 7 kinds; give --number one for each"),
        (("--out", "questions.txt"), "questions.txt: is no name for a file of questions"),
        (("--out", "documents/q.jsonl"), "documents/q.jsonl: lies in documents"),
        (("--prompts", "nowhere"), "nowhere: no such folder; name one that holds prompts (recall.txt, "),
        (("--generator", "http://127.0.0.1:9/v1"), "--generator URL and --generator-model NAME: give both"),
        (("--generator", "http://127.0.0.1:9/v1", "--generator-model", "m"), "cannot be reached"),
        (
            ("--max-usd", "1", "--generator", "http://127.0.0.1:9/v1", "--generator-model", "m"),
            "prices of the model",
        ),
    ],
)
def test_bad_input_is_one_line(
    command: Command,
    documents: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    ended = command("questions", "write", documents.name, "--out", "q.jsonl", *arguments)
    assert ended.code == 2
    line = ended.err.splitlines()[-1]
    assert line.startswith("obverse: ")
    assert said in line
    assert not (tmp_path / "q.jsonl").exists()


def test_a_wrong_key_and_a_model_that_refuses_are_one_line(
    command: Command, documents: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    out = tmp_path / "q.jsonl"
    with serving(lambda *_: Reply(401, '{"error": {"message": "no"}}')) as server:
        ended = command("questions", "write", documents, "--out", out, *by(server))
    assert ended.code == 2
    assert "asks for a key (HTTP 401: no); set OBVERSE_API_KEY" in ended.err
    with serving(lambda *_: chat("I am sorry, I cannot do that.")) as server:
        ended = command("questions", "write", documents, "--out", out, *by(server), "--number", 7)
    assert ended.code == 1
    assert "a text without questions: there is no question with its answer in it" in ended.out


def test_the_template_is_a_question_file(command: Command) -> None:
    ended = command("questions", "template")
    assert ended.code == 0
    assert '"question"' in ended.out


def test_a_published_set_is_taken_over(command: Command, tmp_path: Path) -> None:
    rows = [
        {
            "question": f"How many oars has boat {boat}?",
            "subject": "rowing",
            "choices": ["one", "two"],
            "answer": 1,
        }
        for boat in "ab"
    ]
    file, out = tmp_path / "mmlu.jsonl", tmp_path / "taken"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    ended = command("questions", "import", file, "--from", "mmlu", "--out", out)
    assert ended.code == 0
    said = (
        f"0 documents, 2 questions, 0 of them latent.\nobverse compare DOCUMENTS {out / 'questions.jsonl'}\n"
    )
    assert ended.out == said
    assert "MMLU has no documents" in ended.err
    ended = command("questions", "import", file, "--from", "mmlu", "--out", out)
    assert (ended.code, ended.out) == (2, "")
    assert "is not an empty folder; give a new one" in ended.err
    ended = command("questions", "import", file, "--from", "hotpotqa", "--out", tmp_path / "other")
    assert ended.code == 2
    assert "mmlu.jsonl:1: 'context' is missing; give the file as it was published" in ended.err
    assert not (tmp_path / "other").exists()
