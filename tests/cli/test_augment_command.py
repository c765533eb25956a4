"""`obverse augment`: a data set of checked lines; nothing is paid for twice; bad input in one line."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from conftest import BRIEF, FACTS
from loopback import Asked, Loopback, Reply, chat, serving
from typer.testing import CliRunner

from obverse.augmentation.dataset import read_kept
from obverse.augmentation.local import Local
from obverse.cli import app
from obverse.types import InputError

FALSE = "The keeper of the Salt barometer is Ilka Venning."
# A rephrasing and a reversal that say the same are judged once.
JUDGED = 13


def scribe(asked: Asked, _: int = 0) -> Reply:
    """Writes what follows, and of Ilka also what does not; it judges that."""
    if "answer with one word" in asked.prompt.lower():
        said = "No." if FALSE in asked.prompt else "Yes."
        return chat(said, prompt_tokens=50, completion_tokens=2)
    end = asked.prompt.rpartition("\n\n")[0]
    found = list(re.finditer(r"(?:\[(\d)\] )?(\w+ \w+) is the keeper of the (\w+ \w+)\.", end))[-1]
    number, person, thing = found.groups()
    if "Question: ..." in asked.prompt:
        text = f"Question: Who keeps the {thing}?\nAnswer: {person}"
    elif number:
        text = f"Thinking.\n\nConclusions:\n- The keeper of the {thing} is {person}. [{number}]"
        text += f"\n- {FALSE} [{number}]" if person == "Ilka Venning" else ""
    else:
        text = f"{person} keeps the {thing}."
    return chat(text, prompt_tokens=40, completion_tokens=10, prompt_tokens_details={"cached_tokens": 30})


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    folder.mkdir()
    for id, text, *_ in FACTS:
        (folder / f"{id}.txt").write_text(text + "\n")
    return folder


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Loopback]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with serving(scribe) as one:
        yield one


def augment(documents: Path, out: Path, *options: str, code: int = 0) -> str:
    done = CliRunner().invoke(
        app, ["augment", str(documents), "--out", str(out), *options], catch_exceptions=False
    )
    assert done.exit_code == code, done.output
    return done.output


def by(server: Loopback) -> tuple[str, ...]:
    return ("--generator", server.url, "--generator-model", "scribe")


def rows(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_lines_with_their_sources_are_kept_or_rejected(
    documents: Path, tmp_path: Path, server: Loopback
) -> None:
    out = tmp_path / "run"
    said = augment(documents, out, *by(server), "--verify", "grounding")
    assert "16 texts to write" in said
    assert "16 lines kept, 1 rejected, from 16 texts by scribe." in said
    kept, (rejected,) = rows(out / "dataset" / "kept.jsonl"), rows(out / "dataset" / "rejected.jsonl")
    assert Counter(row["kind"] for row in kept) == dict.fromkeys(
        ("rephrase", "reverse", "question", "inference"), 4
    )
    assert {(row["target"], *row["sources"]) for row in kept} == {(id, id) for id, *_ in FACTS}
    assert rejected["text"] == FALSE
    assert rejected["scores"] == [{"verifier": "grounding", "score": 0.5}]
    assert rejected["reason"] == "grounding is 0.5, and 0.6 is needed"
    assert all(row["tokens"] > 0 and row["generator"] == "scribe" for row in (*kept, rejected))
    assert [document.text for document in read_kept(out / "dataset")] == [row["text"] for row in kept]
    results = json.loads((out / "results.json").read_text())
    assert results["cost"] == {
        "prompt_tokens": 640,
        "cached_tokens": 480,
        "generated_tokens": 160,
        "usd": None,
        "seconds": results["cost"]["seconds"],
    }
    assert (out / "report.html").exists()
    # Every text is about the documents, and the key is nowhere.
    assert all("keeper" in asked.prompt for asked in server.asked)


@pytest.mark.parametrize(
    ("reply", "options", "why"),
    [
        (
            chat("", "length"),
            (),
            "most texts brought no line: the answer has no text (finish_reason 'length')",
        ),
        (chat("Nobody keeps anything at all."), ("--kinds", "rephrase"), "the page says why"),
        (chat("Ilka."), ("--max-tokens", "1"), "the page says why"),
    ],
)
def test_a_run_that_keeps_no_line_does_not_end_well(
    documents: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    reply: Reply,
    options: tuple[str, ...],
    why: str,
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with serving(lambda *_: reply) as server:
        said = augment(documents, tmp_path / "run", *by(server), "--verify", "grounding", *options, code=1)
    said += capsys.readouterr().err
    assert f"no line was kept, so there is nothing to train on; {why}" in said
    assert (tmp_path / "run" / "report.html").exists()


def test_what_an_endpoint_does_not_take_is_told(
    documents: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    refused = Reply(400, '{"error": {"message": "Unsupported parameter", "param": "temperature"}}')
    with serving(lambda asked, _: refused if "temperature" in asked.content else scribe(asked)) as server:
        said = augment(documents, tmp_path / "run", *by(server), "--verify", "grounding")
    assert "scribe takes no temperature and was asked without" in said + capsys.readouterr().err


def test_the_data_set_loads_as_others_do(documents: Path, tmp_path: Path, server: Loopback) -> None:
    from datasets import load_dataset

    augment(documents, tmp_path / "run", *by(server), "--verify", "grounding")
    loaded = load_dataset(str(tmp_path / "run" / "dataset"), "kept", cache_dir=str(tmp_path / "cache"))
    assert len(loaded["train"]) == 16
    assert set(loaded["train"].column_names) >= {"text", "sources", "kind", "scores", "generator", "tokens"}


def test_nothing_is_paid_for_twice(documents: Path, tmp_path: Path, server: Loopback) -> None:
    out = tmp_path / "run"
    augment(documents, out, *by(server), "--verify", "grounding")
    kept = (out / "dataset" / "kept.jsonl").read_bytes()
    assert len(server.asked) == 16
    augment(documents, out, *by(server), "--verify", "grounding")
    assert (out / "dataset" / "kept.jsonl").read_bytes() == kept
    # Other checks cost what they cost, and texts nothing.
    judging = ("--verify", "judge", "--judge", server.url, "--judge-model", "scribe")
    said = augment(documents, out, *by(server), *judging)
    assert "16 lines kept, 1 rejected" in said
    assert len(server.asked) == 16 + JUDGED
    augment(documents, out, *by(server), *judging)
    assert len(server.asked) == 16 + JUDGED
    assert json.loads((out / "results.json").read_text())["checking"]["generated_tokens"] == 2 * JUDGED


def test_an_estimate_writes_nothing(documents: Path, tmp_path: Path, server: Loopback) -> None:
    prices = tmp_path / "prices.json"
    prices.write_text('{"scribe": {"prompt": 1000, "generated": 1000}}')
    said = augment(
        documents, tmp_path / "run", *by(server), "--verify", "none", "--estimate", "--prices", str(prices)
    )
    assert re.search(r"16 texts to write; .* at most 4,096 tokens written; at most \d+\.\d\d USD\.", said)
    assert not server.asked


def test_a_budget_stops_it_and_more_of_it_goes_on(documents: Path, tmp_path: Path, server: Loopback) -> None:
    out = tmp_path / "run"
    limited = (*by(server), "--verify", "grounding", "--text-tokens", "10", "--max-tokens")
    said = augment(documents, out, *limited, "1000")
    paid = len(server.asked)
    assert 0 < paid < 16
    assert "more than the budget" in said
    assert f"The budget was spent before {16 - paid} texts were written" in said
    said = augment(documents, out, *limited, "100000")
    assert len(server.asked) == 16
    assert f"{16 - paid} texts to write, {paid} are there" in said
    assert "The budget was spent" not in said


def test_a_model_here_writes_and_checks(
    documents: Path, tmp_path: Path, tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, options = tmp_path / "run", ("--model", str(tiny_folder), "--text-tokens", "24", "--samples", "2")
    checks = ("--verify", "agreement,grounding,support,entailment", "--threshold", "grounding=0.1")
    said = augment(documents, out, *options, *checks, code=1)  # a random model writes nothing to keep
    assert "32 texts to write" in said
    results = json.loads((out / "results.json").read_text())
    assert results["verifiers"] == {
        "agreement": 0.5,
        "grounding": 0.1,
        "support": 0.0,
        "entailment": 0.0,
    }
    assert results["figures"]["texts"] == 32
    lines = results["lines"]
    monkeypatch.setattr(Local, "write", None)  # nothing is written again
    monkeypatch.setattr("obverse.augmentation.verification.entailment.Entailment.score", None)
    augment(documents, out, *options, *checks, code=1)
    assert json.loads((out / "results.json").read_text())["lines"] == lines


@pytest.mark.parametrize(
    ("options", "loaded", "expected"),
    [
        ((), 2, (False, False, True)),
        (("--no-practice",), 1, (False, False, False)),
        (("--verify", "grounding"), 1, (False, None, None)),
        (("--verify", "entailment"), 2, (False, None, True)),
    ],
)
def test_the_default_model_writes_without_practice_and_checks_entailment_with_it(
    options: tuple[str, ...],
    loaded: int,
    expected: tuple[bool | None, ...],
    documents: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whether who writes, who checks support and who checks entailment have practised."""
    models: list[SimpleNamespace] = []
    seen: list[tuple[bool | None, ...]] = []

    def tiny(name: str | None = None, *, practised: bool = False, **_: Any) -> SimpleNamespace:
        assert name is None
        models.append(SimpleNamespace(practised=practised))
        return models[-1]

    def noting(*given: Any) -> None:
        _, _, _, writer, checks, *_ = given
        roles = (
            writer,
            checks.plain if "support" in checks.names else None,
            checks.reader if "entailment" in checks.names else None,
        )
        seen.append(tuple(role and role.practised for role in roles))

    monkeypatch.setattr("obverse.models.load", tiny)
    monkeypatch.setattr("obverse.augmentation.checking.local_writer", lambda model, _: model)
    monkeypatch.setattr("obverse.augmentation.augment_run.run_augmentation", noting)
    augment(documents, tmp_path / "run", *options)
    assert seen == [expected]
    assert len(models) == loaded


@pytest.mark.parametrize("phase", ["answers.jsonl", "judgements.jsonl"])
def test_kill_in_the_middle_of_writing_and_of_judging(
    phase: str, documents: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    out = tmp_path / "run"

    def slow(asked: Asked, before: int) -> Reply:
        reply = scribe(asked, before)
        judged = "answer with one word" in asked.prompt.lower()
        return Reply(body=reply.body, seconds=0.2 if judged == (phase == "judgements.jsonl") else 0.0)

    with serving(slow) as server:
        judging = ("--verify", "judge", "--judge", server.url, "--judge-model", "scribe")
        arguments = [str(documents), "--out", str(out), *by(server), *judging]
        process = subprocess.Popen(
            [sys.executable, "-c", "from obverse.cli import main; main()", "augment", *arguments],
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        while not ((out / phase).exists() and (out / phase).read_bytes().count(b"\n") >= 2):
            assert process.poll() is None
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert not (out / "results.json").exists()
        kept = (out / phase).read_bytes().count(b"\n")
        assert kept < 16
        augment(documents, out, *by(server), *judging)
        # Again is asked only what was under way: four at once, and what had come and was not written down.
        again = [prompt for prompt, count in Counter(server.prompts).items() if count > 1]
        assert len(set(server.prompts)) == 16 + JUDGED
        assert len(again) <= 8
        assert len(server.asked) == 16 + JUDGED + len(again)


def test_kill_while_it_trains_on_what_was_written(
    documents: Path, tmp_path: Path, server: Loopback, tiny_folder: Path
) -> None:
    augment(documents, tmp_path / "augmented", *by(server), "--verify", "grounding")
    paid = len(server.asked)
    questions = tmp_path / "questions.jsonl"
    questions.write_text(
        "".join(
            json.dumps({"question": f"Who is the keeper of the {thing}?", "answer": person}) + "\n"
            for _, _, person, thing in FACTS
        )
    )
    out = tmp_path / "run"
    arguments = [str(documents), str(questions), "--model", str(tiny_folder), "--out", str(out), *BRIEF]
    arguments += ["--routes", "augment", "--augmented", str(tmp_path / "augmented")]
    process = subprocess.Popen(
        [sys.executable, "-c", "from obverse.cli import main; main()", "compare", *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while not list(out.glob("taught/augment.0-*/checkpoint.safetensors")):
        assert process.poll() is None
        time.sleep(0.002)
    process.kill()
    process.wait()
    done = CliRunner().invoke(app, ["compare", *arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    results = json.loads((out / "results.json").read_text())
    assert results["augmented"]["kept"] == paid
    assert len(server.asked) == paid


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--kinds", "poem"), "there is no kind of text 'poem'"),
        (("--verify", "hope"), "there is no check 'hope'"),
        (("--verify", "judge"), "nobody is named who judges"),
        (("--verify", "agreement"), "give --samples 2 or more"),
        (("--samples", "2", "--temperature", "0"), "raise the temperature"),
        (("--threshold", "grounding"), "--threshold grounding: give a check and a number"),
        (("--threshold", "judge=1"), "there is a threshold for 'judge', which is not asked"),
        (("--judge", "http://127.0.0.1:9"), "--judge URL and --judge-model NAME: give both"),
        (("--max-usd", "1"), "the prices of the model 'scribe' are not known"),
        (("--prompts", "nowhere"), "nowhere: no such folder"),
    ],
)
def test_bad_options(
    documents: Path, tmp_path: Path, server: Loopback, options: tuple[str, ...], message: str
) -> None:
    usual = () if "--verify" in options else ("--verify", "grounding")
    with pytest.raises(InputError, match=re.escape(message)):
        augment(documents, tmp_path / "run", *by(server), *usual, *options)
    assert not server.asked


def test_a_folder_of_other_documents_is_refused(documents: Path, tmp_path: Path, server: Loopback) -> None:
    augment(documents, tmp_path / "run", *by(server), "--verify", "none")
    (documents / "further.txt").write_text("Wanda Pell is the keeper of the Tarn sextant.")
    with pytest.raises(InputError, match="holds the results of another run"):
        augment(documents, tmp_path / "run", *by(server), "--verify", "none")
