"""A model answers as in a comparison, once for each view; an endpoint is judged by what it says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pyarrow.parquet
import pytest
from conftest import Finished
from loopback import Asked, Loopback, Reply, chat, serving
from question_examples import CHAIN, CORPUS, WHERE, asked

from obverse.augmentation.budget import Budget, Spending
from obverse.augmentation.checking import Writer
from obverse.augmentation.endpoint import Endpoint
from obverse.augmentation.prompts import read_prompts
from obverse.augmentation.store import Advance
from obverse.models import load
from obverse.questions.asking import Case, EndpointAnswerer, Heard, LocalAnswerer
from obverse.questions.candidates import PACKAGE, PLACES
from obverse.questions.kinds import ABSENT
from obverse.questions.trying import NOT_ASKED, Tried, try_questions
from obverse.tasks import read_task
from obverse.types import Document, InputError

RIGHT, WRONG = Heard(True, True, 2.0), Heard(False, False, -2.0)
ROWER = asked("By whom is the Maddow ferry rowed?", "Kesta Vorn")
ORIGIN = asked("Where was the person born who rows the Maddow ferry?", "Illimoor", choices=WHERE, **CHAIN)


def test_it_is_the_scorer_of_a_comparison(finished: Finished, tmp_path: Path) -> None:
    task = read_task(finished.documents, finished.questions)
    answerer = LocalAnswerer(load(str(finished.model), dtype="float32", device="cpu"), tmp_path)
    views = {
        "untouched": [Case(question) for question in task.questions],
        "oracle": [Case(one, tuple(map(task.document, one.needs))) for one in task.questions],
    }
    rows = pyarrow.parquet.read_table(finished.folder / "answers.parquet").to_pylist()
    for route, cases in views.items():
        by_id = {row["question"]: row for row in rows if row["route"] == route and not row["control"]}
        for case, heard in zip(cases, answerer.ask(cases), strict=True):
            row = by_id[case.question.id]
            likelihoods = dict(zip(row["choices"], row["log_likelihoods"], strict=True))
            right = likelihoods.pop(row["answer"])
            assert heard is not None
            assert (heard.right, heard.said) == (row["correct"], row["lenient"])
            assert heard.margin == pytest.approx(right - max(likelihoods.values()), abs=1e-4)


def test_what_was_heard_is_kept_and_what_does_not_fit_is_none(
    tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = load(str(tiny_folder), dtype="float32", device="cpu")
    long = Document("long", "Ilka Venning. " * 400)
    cases = [Case(ROWER), Case(ROWER, (long,)), Case(ROWER, CORPUS.documents[:1])]
    first = LocalAnswerer(model, tmp_path).ask(cases)
    assert [one is None for one in first] == [False, True, False]
    again = LocalAnswerer(model, tmp_path)
    monkeypatch.setattr(again, "_ask", pytest.fail)
    told: list[tuple[int, int, str]] = []
    assert again.ask([*cases, cases[0]], lambda *of: told.append(of)) == [*first, first[0]]
    (tmp_path / "heard.jsonl").write_text('{"key": 3}\n')
    with pytest.raises(InputError, match=r"heard\.jsonl: holds a line that is none of ours; remove it"):
        LocalAnswerer(model, tmp_path)


def knowing(asked: Asked, _: int = 0) -> Reply:
    """Knows what stands in view, and who paints the bridge."""
    said = "I do not know."
    if "is rowed by Kesta Vorn" in asked.prompt and "rowed?" in asked.prompt:
        said = "Kesta Vorn."
    elif "painted?" in asked.prompt:
        said = "That is Oswin Hale."
    return chat(said, prompt_tokens=20, completion_tokens=4)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Loopback]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with serving(knowing) as one:
        yield one


def endpoint(server: Loopback, folder: Path, spending: Spending | None = None) -> EndpointAnswerer:
    writer = Writer(Endpoint(server.url, "knower"), "knower")
    prompts = read_prompts(None, PLACES, PACKAGE)
    return EndpointAnswerer(writer, prompts, folder, spending or Spending())


def test_an_endpoint_is_judged_by_what_it_says_and_asked_once(server: Loopback, tmp_path: Path) -> None:
    ferry = CORPUS.documents[:1]
    painter = asked(
        "By whom is the Corran bridge painted?", "Oswin Hale", choices=("Oswin Hale", "Brita Sarn")
    )
    cases = [Case(ROWER), Case(painter), Case(ROWER, ferry), Case(painter, ferry)]
    spending = Spending()
    answerer = endpoint(server, tmp_path, spending)
    heard = answerer.ask(cases)
    assert [one and one.right for one in heard] == [False, True, True, True]
    assert all(one and one.right is one.said is (one.margin > 0) for one in heard)
    assert answerer.name == "knower"
    assert (len(server.asked), spending.cost.tokens) == (4, 96)
    assert endpoint(server, tmp_path).ask(cases) == heard
    assert len(server.asked) == 4
    assert endpoint(server, tmp_path / "other", Spending(Budget(most_tokens=1))).ask(cases) == [None] * 4


@dataclass
class Scripted:
    """Answers by what is in view: the ids of documents, joined by spaces; else wrongly."""

    heard: dict[str, Heard | None]
    views: list[tuple[str, ...]] = field(default_factory=list)
    name: str = "scripted"

    def ask(self, cases: Sequence[Case], progress: Advance = lambda *_: None) -> list[Heard | None]:
        progress(len(cases), len(cases), "")
        self.views += [tuple(document.id for document in case.documents) for case in cases]
        return [self.heard.get(" ".join(one.id for one in case.documents), WRONG) for case in cases]


def tried(question_heard: dict[str, Heard | None]) -> Tried:
    (one,) = try_questions([ORIGIN], CORPUS, Scripted(question_heard))
    return one


WHOLE = "ferry-log parish-roll"
# Where the wrong choices stand: Drustane and Saint Ulver.
FERRY_ALONE, PARISH_ALONE = "ferry-log notice school-roll", "notice parish-roll school-roll"


def test_a_chain_is_tried_without_each_of_its_documents() -> None:
    scripted = Scripted({WHOLE: RIGHT})
    assert try_questions([ORIGIN], CORPUS, scripted) == [Tried("", "", False)]
    assert [" ".join(view) for view in scripted.views] == ["", WHOLE, PARISH_ALONE, FERRY_ALONE]


@pytest.mark.parametrize(
    ("heard", "expected"),
    [
        ({}, Tried("the model does not answer it with what it needs in view", "", False)),
        ({WHOLE: RIGHT, "": RIGHT}, Tried("", "", True)),
        ({WHOLE: RIGHT, "": Heard(True, False, 1.0)}, Tried("", "", False)),
        ({WHOLE: RIGHT, PARISH_ALONE: RIGHT}, Tried("", "the model answers it without 'ferry-log'", False)),
        ({WHOLE: RIGHT, FERRY_ALONE: RIGHT}, Tried("", "the model answers it without 'parish-roll'", False)),
        # Both documents make it surer.
        ({WHOLE: RIGHT, PARISH_ALONE: Heard(True, True, 1.0)}, Tried("", "", False)),
        ({WHOLE: None, "": RIGHT}, Tried(NOT_ASKED, NOT_ASKED, True)),
        ({WHOLE: RIGHT, PARISH_ALONE: None, FERRY_ALONE: None, "": None}, Tried("", NOT_ASKED, None)),
    ],
)
def test_what_a_model_makes_of_a_chain(heard: dict[str, Heard | None], expected: Tried) -> None:
    assert tried(heard) == expected


def test_what_needs_one_document_has_none_to_leave_out() -> None:
    scripted = Scripted({"ferry-log": RIGHT})
    nothing = replace(ROWER, id="q2", needs=())
    absent = replace(ROWER, id="q3", kind=ABSENT)
    assert try_questions([ROWER, nothing, absent], CORPUS, scripted) == [
        Tried("", "", False),
        Tried(),
        Tried(),
    ]
    assert scripted.views == [(), ("ferry-log",)]
