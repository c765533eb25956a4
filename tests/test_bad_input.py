"""Bad input gets one line with place and remedy, exit code 2, and nothing is written or lost."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import BRIEF, Command, Finished, make_model, make_tokenizer, write_task

from obverse.models import hub

GOOD = {"question": "Who?", "answer": "Ann", "choices": ["Ann", "Ben"]}


def state(folder: Path) -> dict[str, str]:
    """Every file and folder with the hash of its content."""
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        for path in sorted(folder.rglob("*"))
    }


@pytest.fixture
def refused(
    command: Command, tmp_path: Path, tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., str]:
    """Runs a comparison that must be refused; gives the line that says why."""
    write_task(tmp_path)
    monkeypatch.chdir(tmp_path)

    def run(
        documents: str = "documents",
        questions: str = "questions.jsonl",
        *options: str,
        model: object = tiny_folder,
    ) -> str:
        before = state(tmp_path)
        ended = command("compare", documents, questions, "--model", model, *BRIEF, *options)
        assert ended.code == 2
        assert ended.out == ""
        *progress, line = ended.err.splitlines()
        assert line.startswith("obverse: ")
        assert all(one.endswith(" ...") for one in progress)
        assert state(tmp_path) == before
        return line

    return run


def lines(*questions: object) -> str:
    return "".join(one if isinstance(one, str) else json.dumps(one) + "\n" for one in questions)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("missing", None, "obverse: missing: there is no such file or folder; give a folder of"),
        ("empty/", None, "obverse: empty: is empty; put "),
        ("other/a.xyz", b"text", "obverse: other: holds no documents (seen: 1 .xyz); put "),
        ("bad/a.txt", b"\x00\x01\x02", "obverse: bad/a.txt:1: "),
        ("bad/a.md", b"fine\n\xff\xfe", "obverse: bad/a.md:2: is not UTF-8"),
        ("bad/a.md", b"", "obverse: bad/a.md: holds no text; "),
        ("bad.jsonl", b'{"text": "a"}\n{"text": \n', "obverse: bad.jsonl:2: is not JSON"),
        (
            "bad.jsonl",
            b'{"id": "x", "text": "a"}\n{"id": "x", "text": "b"}\n',
            "obverse: bad.jsonl:2: id 'x' is already",
        ),
        ("bad.jsonl", b'{"id": "x"}\n', "obverse: bad.jsonl:1: 'text' is missing; "),
        ("bad.parquet", b"PAR1", "obverse: bad.parquet: is not a Parquet file"),
    ],
)
def test_documents(
    refused: Callable[..., str], tmp_path: Path, name: str, content: bytes | None, told: str
) -> None:
    if name.endswith("/"):
        (tmp_path / name).mkdir()
    elif content is not None:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    line = refused(name.split("/", maxsplit=1)[0])
    assert line.replace('"', "'").startswith(told)
    assert "; " in line


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "bad.jsonl: holds no questions; "),
        (lines(GOOD, '{"question": \n'), "bad.jsonl:2: is not JSON"),
        (lines(GOOD, {"question": "Who?"}), "bad.jsonl:2: 'answer' is missing; "),
        (lines(GOOD | {"choices": ["Ann", "Ann"]}), "bad.jsonl:1: choice 'Ann' is given twice; "),
        (
            lines(GOOD | {"choices": ["Ben", "Cec"]}),
            "bad.jsonl:1: the answer 'Ann' is not among the choices; ",
        ),
        (
            lines(GOOD | {"needs": ["ilkka"]}),
            "bad.jsonl:1: 'needs' names no document: 'ilkka'; did you mean 'ilka'?",
        ),
        (
            lines(GOOD | {"id": "x"}, GOOD | {"id": "x"}),
            "bad.jsonl:2: id 'x' is already that of bad.jsonl:1; ",
        ),
        (lines({"question": "Who?", "answer": "Ann"}), "bad.jsonl:1: has no 'choices'"),
        (lines(GOOD | {"chioces": []}), "bad.jsonl:1: 'chioces' is not a known field; "),
    ],
)
def test_questions(refused: Callable[..., str], tmp_path: Path, content: str, told: str) -> None:
    (tmp_path / "bad.jsonl").write_text(content)
    line = refused("documents", "bad.jsonl")
    assert line.replace('"', "'").startswith(f"obverse: {told}")


def test_every_fault_has_a_line(command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_task(tmp_path)
    (tmp_path / "documents" / "x.md").write_text("")
    (tmp_path / "bad.jsonl").write_text('{"question": "Who?"}\n[1]\n')
    for arguments in (
        ["compare", "documents", "bad.jsonl"],
        ["export", "rl", "documents", "bad.jsonl", "out"],
    ):
        ended = command(*arguments)
        assert ended.code == 2
        assert [line.split("; ")[0] for line in ended.err.splitlines()] == [
            "obverse: documents/x.md: holds no text",
            "obverse: bad.jsonl:2: is a list, not a JSON object",
            "obverse: bad.jsonl:1: 'answer' is missing",
        ]


@pytest.mark.parametrize(
    "arguments",
    [
        ["compare", "documents", "questions.jsonl", "--routes", "mask"],
        ["export", "rl", "documents", "questions.jsonl", "out"],
        ["augment", "documents", "--out", "out", "--kinds", "poem"],
    ],
)
def test_what_is_passed_over_in_a_folder_is_told(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write_task(tmp_path)
    (tmp_path / "documents" / "x.csv").write_text("a,b")
    first, *_ = command(*arguments).err.splitlines()
    assert first == "obverse: documents: read 4 documents; passed over 1 .csv"


def test_a_question_file_that_is_not_there(refused: Callable[..., str]) -> None:
    assert refused("documents", "nowhere.jsonl").startswith("obverse: nowhere.jsonl: ")


def test_models(refused: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "hub_answers", lambda: False)
    assert "'nobody/nothing' cannot be loaded" in refused(model="nobody/nothing")
    make_tokenizer(tmp_path / "pickled")
    make_model(tmp_path / "pickled")
    (tmp_path / "pickled" / "model.safetensors").rename(tmp_path / "pickled" / "pytorch_model.bin")
    assert "only pickled weights (pytorch_model.bin)" in refused(model="pickled")
    assert "no model in this folder" in refused(model="documents")


@pytest.mark.parametrize(
    ("template", "fault"),
    [
        ("{{ messages[0].contents }}", "loses what the user says"),
        ("{{ messages[0].content | e }}", "changes what the user says"),
        ("{{ messages[0].content | replace('Corvane', '') }}", "loses what the user says"),
        ("{{ raise_exception('no\nthought') }}", "fails where a user asks for a direct answer: no thought"),
        ("{% for m in messages %}", "fails where a user asks for a direct answer: "),
    ],
)
def test_chat_templates(refused: Callable[..., str], tmp_path: Path, template: str, fault: str) -> None:
    make_model(tmp_path / "model")
    tokenizer = make_tokenizer(tmp_path / "model")
    tokenizer.chat_template = template
    tokenizer.save_pretrained(tmp_path / "model")
    assert refused(model="model").startswith(f"obverse: the model's chat template {fault}")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--routes", "untouched,mask"], "unknown route 'mask'; the routes are untouched, finetune"),
        (
            ["--routes", "untouched,masked"],
            "route 'masked' is for models from scratch; compare takes finetune",
        ),
        (["--routes", "context+retrieve"], "unknown route 'context+retrieve'"),
        (["--routes", ","], "no route was named"),
        (["--seeds", "0"], "seeds must be at least 1"),
        (["--learning-rate", "7"], "learning rate must lie between 0 and 1"),
        (["--out", "questions.jsonl"], "questions.jsonl: is a file; name a folder for --out"),
        (["--out", "questions.jsonl/run"], "cannot be written"),
        (["--out", "documents"], "documents: lies in documents, whose files are read as documents"),
        (["--out", "/proc/nowhere"], "/proc/nowhere: cannot be written"),
        (["--out", "x" * 300], "cannot be written (File name too long)"),
    ],
)
def test_options(refused: Callable[..., str], options: list[str], told: str) -> None:
    assert told in refused("documents", "questions.jsonl", *options)


def test_no_route_at_all(refused: Callable[..., str]) -> None:
    assert "no route was named" in refused("documents", "questions.jsonl", "--routes", "")


def test_the_folder_of_another_run(refused: Callable[..., str], finished: Finished, tmp_path: Path) -> None:
    shutil.copytree(finished.folder, tmp_path / "run")
    (tmp_path / "documents" / "more.md").write_text("It rains.")
    line = refused("documents", "questions.jsonl", "--out", "run")
    assert line.startswith("obverse: run: holds the results of another run (what differs: documents); ")


@pytest.mark.parametrize("arguments", [["ask", "nowhere", "Who?"], ["report", "nowhere"], ["report", "."]])
def test_runs_that_are_not_there(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    ended = command(*arguments)
    assert ended.code == 2
    assert len(ended.err.splitlines()) == 1
    assert "holds no run; name the folder that obverse compare wrote" in ended.err
