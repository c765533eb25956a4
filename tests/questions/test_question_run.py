"""The number that is asked for comes, or why it does not; nothing is paid for twice; what a user changed stays."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from loopback import Asked, Loopback, Reply, chat, serving
from question_examples import CORPUS, DOCUMENTS
from question_scribe import scribe

from obverse.augmentation.budget import Budget, Spending
from obverse.augmentation.checking import Writer
from obverse.augmentation.endpoint import Endpoint
from obverse.augmentation.planning import Room
from obverse.augmentation.prompts import read_prompts
from obverse.questions.asking import EndpointAnswerer
from obverse.questions.candidates import PACKAGE, PLACES
from obverse.questions.checks import CHECKS
from obverse.questions.kinds import kinds_named
from obverse.questions.rounds import Wanted
from obverse.questions.writing_run import Outcome, write_questions
from obverse.runs.progress import Progress
from obverse.tasks import read_questions
from obverse.types import Document, InputError

PROMPTS = read_prompts(None, PLACES, PACKAGE)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Loopback]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with serving(scribe) as one:
        yield one


def write(
    server: Loopback,
    out: Path,
    wanted: Wanted,
    *,
    documents: tuple[Document, ...] = DOCUMENTS,
    spending: Spending | None = None,
    answers: bool = True,
    room: Room | None = None,
) -> Outcome:
    spending = spending or Spending()
    writer = Writer(Endpoint(server.url, "scribe"), "scribe", room)

    def answerer(folder: Path) -> EndpointAnswerer:
        return EndpointAnswerer(writer, PROMPTS, folder, spending)

    outcome = write_questions(
        documents, wanted, writer, answerer if answers else None, PROMPTS, out, spending, Progress()
    )
    assert outcome is not None
    return outcome


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_questions_of_every_kind_are_written_and_can_be_asked(server: Loopback, tmp_path: Path) -> None:
    out = tmp_path / "questions.jsonl"
    outcome = write(server, out, Wanted(70))
    assert {name: one.kept > 0 for name, one in outcome.figures.items()} == dict.fromkeys(
        (
            *("recall", "reworded", "reversal", "chain", "comparison", "conclusion"),
            "not in the documents",
        ),
        True,
    )
    questions = read_questions(out, DOCUMENTS)
    assert list(dict.fromkeys(question.kind for question in questions)) == list(outcome.figures)
    for question, row in zip(questions, rows(out), strict=True):
        assert all(check(question, CORPUS) == "" for check in CHECKS.values())
        assert set(row["checks"].values()) <= {"passed", "not asked"}
        assert row["rests_on"]
        assert question.group
        assert question.needs
        assert (row["written_by"], row["checked_by"]) == ("scribe", "scribe")
        assert all(any(sentence in one.text for one in DOCUMENTS) for sentence in row["rests_on"])
    latent = {question.kind for question in questions if question.latent}
    assert latent == {"reversal", "chain", "comparison", "conclusion", "not in the documents"}


def test_the_same_command_pays_for_nothing_and_more_questions_pay_for_the_rest(
    server: Loopback, tmp_path: Path
) -> None:
    out = tmp_path / "questions.jsonl"
    kinds = kinds_named(("recall", "chain"))
    write(server, out, Wanted(4, kinds))
    paid, first = len(server.asked), out.read_bytes()
    write(server, out, Wanted(4, kinds))
    assert (len(server.asked), out.read_bytes()) == (paid, first)
    more = write(server, out, Wanted(6, kinds))
    assert len(more.kept) > 4
    assert len(server.asked) > paid
    assert max(Counter(server.prompts).values()) == 1


def test_an_interrupted_run_goes_on_where_it_was(
    server: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = write(server, tmp_path / "whole.jsonl", Wanted(7))
    paid = len(server.asked)
    server.asked.clear()
    out = tmp_path / "questions.jsonl"
    ask = EndpointAnswerer.ask

    def interrupted(*_: object) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(EndpointAnswerer, "ask", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write(server, out, Wanted(7))
    assert not out.exists()
    assert 0 < len(server.asked) < paid
    monkeypatch.setattr(EndpointAnswerer, "ask", ask)
    assert write(server, out, Wanted(7)).kept == whole.kept
    assert len(server.asked) == paid
    assert out.read_bytes() == (tmp_path / "whole.jsonl").read_bytes()


def test_a_shortfall_is_explained(server: Loopback, tmp_path: Path) -> None:
    outcome = write(server, tmp_path / "questions.jsonl", Wanted(60, kinds_named(("recall", "comparison"))))
    recall, comparison = outcome.figures["recall"], outcome.figures["comparison"]
    assert recall.wanted == comparison.wanted == 30
    for one in (recall, comparison):
        # Every candidate is kept or rejected for a reason.
        faulty = sum(
            count for why, count in one.rejected.items() if why.startswith("a text without questions")
        )
        assert one.kept + sum(one.rejected.values()) - faulty == one.candidates
    assert recall.sources == len(DOCUMENTS)
    assert recall.texts == 3 * len(DOCUMENTS)
    assert any(why.startswith("duplicate: it asks the same as ") for why in recall.rejected)
    rejected = rows(tmp_path / "questions.writing" / "rejected.jsonl")
    assert len(rejected) == len(outcome.rejected) > 0
    assert all("it asks" in row["checks"]["duplicate"] for row in rejected if row["kind"] == "recall")


def test_a_budget_is_not_exceeded_and_more_of_it_goes_on(server: Loopback, tmp_path: Path) -> None:
    out = tmp_path / "questions.jsonl"
    wanted = Wanted(4, kinds_named(("recall",)), text_tokens=50)
    outcome = write(server, out, wanted, spending=Spending(Budget(most_tokens=1)))
    assert (outcome.path, outcome.figures["recall"].unwritten, len(server.asked)) == (None, 4, 0)
    assert not out.exists()
    short = write(server, out, wanted, spending=Spending(Budget(most_tokens=700)))
    assert short.cost.tokens <= 700
    assert short.figures["recall"].unwritten
    assert len(write(server, out, wanted).kept) == 4
    assert max(Counter(server.prompts).values()) == 1


@pytest.mark.parametrize("said", ["I would rather not.", "Question: Is it?\nAnswer: Yes", ""])
def test_a_writer_that_writes_nonsense_leaves_no_file(
    said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")

    def nonsense(*_: object) -> Reply:
        return chat(said, prompt_tokens=9, completion_tokens=9)

    out = tmp_path / "questions.jsonl"
    with serving(nonsense) as server:
        outcome = write(server, out, Wanted(7))
    assert (outcome.kept, outcome.path, out.exists()) == ((), None, False)
    assert all(one.rejected for one in outcome.figures.values() if one.sources)
    assert (tmp_path / "questions.writing" / "results.json").exists()


def test_what_the_documents_do_not_offer_is_not_asked_about(server: Loopback, tmp_path: Path) -> None:
    documents = DOCUMENTS[4:5]
    outcome = write(server, tmp_path / "q.jsonl", Wanted(4, kinds_named(("chain",))), documents=documents)
    figures = outcome.figures["chain"]
    assert (figures.sources, figures.texts, figures.rejected) == (0, 0, {})


def test_documents_that_do_not_fit_are_counted(server: Loopback, tmp_path: Path) -> None:
    room = Room(100, len)
    outcome = write(server, tmp_path / "q.jsonl", Wanted(2, kinds_named(("recall",))), room=room)
    assert outcome.figures["recall"].rejected == {"the documents do not fit a prompt": 12}
    assert server.asked == []


def test_without_a_model_that_answers_words_decide(server: Loopback, tmp_path: Path) -> None:
    out = tmp_path / "q.jsonl"
    write(server, out, Wanted(2, kinds_named(("recall",))), answers=False)
    assert all(row["checks"]["answered"] == "not asked" and "known" not in row for row in rows(out))


def test_a_file_that_was_changed_or_was_there_is_not_written_over(server: Loopback, tmp_path: Path) -> None:
    out = tmp_path / "questions.jsonl"
    out.write_text("mine\n")
    wanted = Wanted(1, kinds_named(("recall",)))
    with pytest.raises(InputError, match="is not what this command wrote last; name another file with --out"):
        write(server, out, wanted)
    out.unlink()
    write(server, out, wanted)
    out.write_text(out.read_text() + "\n")
    paid = len(server.asked)
    with pytest.raises(InputError, match="is not what this command wrote last"):
        write(server, out, wanted)
    assert len(server.asked) == paid


def test_other_documents_are_not_mixed_in(server: Loopback, tmp_path: Path) -> None:
    out = tmp_path / "questions.jsonl"
    wanted = Wanted(1, kinds_named(("recall",)))
    write(server, out, wanted)
    with pytest.raises(InputError, match="holds the results of another run"):
        write(server, out, wanted, documents=DOCUMENTS[:3])


def test_seeds_of_texts_are_not_those_of_augmentation(server: Loopback, tmp_path: Path) -> None:
    write(server, tmp_path / "q.jsonl", Wanted(2, kinds_named(("recall",))), answers=False)
    ours = {asked.content["seed"] for asked in server.asked}
    writer = Endpoint(server.url, "scribe")
    from obverse.augmentation.writing import Assignment, Sampling

    same = [
        Assignment("question", "ferry-log", ("ferry-log",), "", asked.prompt) for asked in list(server.asked)
    ]
    before = len(server.asked)
    list(writer.write(same, Sampling()))
    assert not ours & {asked.content["seed"] for asked in server.asked[before:]}


@pytest.mark.parametrize("asked", [0, 3])
def test_shares_add_up(asked: int) -> None:
    kinds = kinds_named(("recall", "chain", "absent", "recall"))
    wanted = Wanted(10 + asked, kinds)
    assert sum(wanted.shares.values()) == 10 + asked
    assert max(wanted.shares.values()) - min(wanted.shares.values()) <= 1
    assert [kind.short for kind in wanted.shares] == ["recall", "chain", "absent"]


def test_an_asked_prompt_is_never_repeated(server: Loopback, tmp_path: Path) -> None:
    def prompts(asked: list[Asked]) -> Counter[str]:
        return Counter(one.prompt for one in asked if one.content["temperature"] == 0)

    write(server, tmp_path / "q.jsonl", Wanted(70))
    assert max(prompts(server.asked).values()) == 1


def test_every_candidate_without_choices_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")

    def choiceless(asked: Asked, _: int) -> Reply:
        names = ("Leddon mill", "Penhale tower") if "Leddon" in asked.prompt else ("Swift", "Maddow company")
        pairs = (
            f"Question: What is odd about the {name}?\nAnswer: nothing that anybody says of it"
            for name in names
        )
        return chat("\n".join(pairs), prompt_tokens=9, completion_tokens=9)

    with serving(choiceless) as server:
        outcome = write(server, tmp_path / "q.jsonl", Wanted(3, kinds_named(("recall",))))
    figures = outcome.figures["recall"]
    assert figures.candidates > figures.wanted
    assert figures.rejected == {"too few other answers of its type to choose from": figures.candidates}
