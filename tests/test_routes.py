"""Route names, and asking by a route."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from pathlib import Path

import pytest

from obverse.answering.answerer import Answerer, Asked, Reading
from obverse.retrieval.contexts import Contexts
from obverse.routes import Taught, default_routes, route, routes
from obverse.types import Document, InputError, Ledger, Question, Route, Task

PARAMETERS = {
    "": "none",
    "finetune": "documents",
    "augment": "augmented",
    "reversed": "reversed",
    "masked": "masked",
    "masked-copy": "masked copy",
    "recall": "recalled",
}
CONTEXTS = {
    "": ("none", 0),
    "context": ("all", 0),
    "retrieve": ("search", 0),
    "oracle": ("oracle", 0),
    "context:0": ("part", 0),
    "context:8": ("part", 8),
    "oracle:12": ("oracle", 12),
}
ANSWERS = {
    "": ("direct", 0),
    "think": ("thinking", 0),
    "think:16": ("thinking", 16),
    "force-think": ("forced thinking", 0),
    "force-think:4": ("forced thinking", 4),
    "oracle-think": ("needed thought", 0),
}


@pytest.mark.parametrize(("trained", "context", "answer"), [*product(PARAMETERS, CONTEXTS, ANSWERS)])
def test_every_combination_has_a_name(trained: str, context: str, answer: str) -> None:
    bare = "" if trained or context else "untouched"
    name = "+".join(filter(None, (bare, trained, context, answer)))
    found = route(name)
    assert (found.name, found.parameters) == (name, PARAMETERS[trained])
    assert (found.context, found.distractors) == CONTEXTS[context]
    assert (found.answer, found.thoughts) == ANSWERS[answer]
    assert not found.control


def test_thinking_alone_is_thinking_that_was_learned() -> None:
    assert route("think") == route("recall+think")


def test_the_parts_of_a_name_may_stand_in_either_order() -> None:
    assert route("retrieve+finetune") == route("finetune+retrieve")
    assert route("oracle:2+masked-copy") == route("masked-copy+oracle:2")
    assert route("think:2+retrieve+recall") == route("recall+retrieve+think:2")


@pytest.mark.parametrize(
    "name",
    [
        *("", "fine-tune", "Finetune", "+", "finetune+", "finetune+untouched", "none", "retrieve "),
        *("finetune+finetune", "context+retrieve", "context+context", "finetune+retrieve+oracle"),
        *("finetune+augment", "masked copy", "context:2+oracle:2", "finetune:2", "untouched:2"),
        *("think:4", "force-think", "oracle-think", "recall+think+force-think", "recall+oracle-think:2"),
        *(
            "untouched+untouched",
            "untouched+context+think",
            "untouched+context",
            "think+think",
            "finetune+think:",
        ),
        *("oracle:", "oracle:-1", "oracle:2.0", "oracle:²", "oracle: 2", "context:two", "context:1:2", ":2"),
    ],
)
def test_any_other_name_is_refused_with_those_there_are(name: str) -> None:
    with pytest.raises(
        InputError, match=r"unknown route .*; the routes are untouched, finetune, augment, .*:N"
    ):
        route(name)


def test_a_retriever_and_a_context_of_ones_own_are_named_in_the_route() -> None:
    name = f"retrieve:{__name__}:LastFirst"
    assert route(f"{name}+finetune") == Route(
        f"finetune+{name}", "documents", "search", plugin=f"{__name__}:LastFirst"
    )
    own = route(f"{__name__}:second+think:2+recall")
    assert (own.name, own.context, own.thoughts) == (f"recall+{__name__}:second+think:2", "custom", 2)
    assert [arm.label for arm in route(name).arms] == [name, f"{name} (false context)"]
    assert route("retrieve:bm25") == route("retrieve")


@pytest.mark.parametrize(
    "name", ["retrieve:", "retrieve:2", "retrieve:nothing", "retrieve:a b:c", "retrieve:a/b"]
)
def test_a_retriever_that_there_is_not_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="there is no retriever"):
        route(name)


def test_routes_keep_their_order_and_come_once() -> None:
    found = routes([" retrieve", "untouched", "finetune ", "retrieve", "", "oracle+finetune"])
    assert [one.name for one in found] == ["retrieve", "untouched", "finetune", "finetune+oracle"]


@pytest.mark.parametrize("names", [(), ("",), (" ", "")])
def test_no_route_at_all_is_refused(names: tuple[str, ...]) -> None:
    with pytest.raises(InputError, match="no route was named"):
        routes(names)


def test_an_oracle_runs_by_itself_only_where_questions_say_what_they_need() -> None:
    document = Document("d", "text")
    without = Question("q", "?", "a", ("a", "b"))
    needing = Question("r", "?", "a", ("a", "b"), needs=("d",))
    names = [one.name for one in default_routes(Task("t", (document,), (without,)))]
    assert names == ["untouched", "finetune", "context", "retrieve"]
    names = [one.name for one in default_routes(Task("t", (document,), (without, needing)))]
    assert names == ["untouched", "finetune", "context", "retrieve", "oracle"]


def test_a_twin_differs_in_the_control_alone() -> None:
    own = route("context")
    assert own.twin == Route("context", context="all", control=True)
    assert (own.label, own.twin.label) == ("context", "context (false context)")
    assert route("oracle:2").twin.distractors == 2


class _Echo(Answerer):
    """Stands for the model: says how many documents it was shown."""

    gives_likelihoods = False
    ledger = Ledger()
    identity: Mapping[str, object] = {}

    def answer(self, asked: Sequence[Asked]) -> Iterator[Sequence[Reading]]:
        for index, one in enumerate(asked):
            yield [Reading(generated=f"{one.question.prompt} {len(one.documents)} ", index=index)]


class LastFirst:
    """A retriever that finds the last documents."""

    identity: Mapping[str, object] = {}
    ledger = Ledger()

    def index(self, documents: Sequence[Document], folder: Path) -> None:
        assert folder.is_dir()
        self._ids = [document.id for document in reversed(documents)]

    def search(self, queries: Sequence[str], top_k: int) -> list[list[str]]:
        return [self._ids[:top_k] for _ in queries]


def second(task: Task, question: Question) -> list[str]:
    """A context of one's own."""
    return [task.documents[1].id] if question.prompt else []


@pytest.fixture
def taught(tmp_path: Path) -> Callable[[str], Taught]:
    task = Task("t", tuple(Document(id, f"text {id}") for id in "abc"), ())
    contexts = Contexts(task, tmp_path, top_k=2)
    return lambda name: Taught(route(name), _Echo(), contexts)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("untouched", ""),
        ("finetune", ""),
        ("context", "abc"),
        ("retrieve", ""),
        (f"retrieve:{__name__}:LastFirst", "cb"),
        (f"finetune+retrieve:{__name__}:LastFirst", "cb"),
        (f"{__name__}:second", "b"),
    ],
)
def test_what_is_shown_when_a_question_is_asked(
    name: str, shown: str, taught: Callable[[str], Taught]
) -> None:
    said = taught(name).ask("Who?")
    assert "".join(document.id for document in said.retrieved) == shown
    assert said.text == f"Who? {len(shown)}"


def test_a_question_is_asked_as_those_of_a_run_are(taught: Callable[[str], Taught]) -> None:
    assert taught("untouched").ask(" Who keeps l\u2019horloge du cafe\u0301?\n").text == (
        "Who keeps l'horloge du caf\u00e9? 0"
    )
    with pytest.raises(InputError, match="there is no question"):
        taught("untouched").ask(" \n")


def test_only_a_model_in_this_process_thinks(taught: Callable[[str], Taught]) -> None:
    with pytest.raises(InputError, match=r"only a model in this process can be made to think"):
        taught("finetune+context+think").ask("Who?")


@pytest.mark.parametrize(
    "name", ["oracle", "finetune+oracle", "oracle:2", "context:2", "finetune+oracle-think"]
)
def test_an_oracle_cannot_be_asked_freely(name: str, taught: Callable[[str], Taught]) -> None:
    with pytest.raises(InputError, match="another route with --route"):
        taught(name).ask("Who?")
