"""Every way that a latent question can fail, on two documents and one chain."""

from __future__ import annotations

from dataclasses import replace

import pytest

from obverse.judging.diagnosis import Cause, Diagnosis, DiagnosisCount, count, diagnose
from obverse.types import Answer, Document, Question, Route, Task

CHOICES = ("right", "wrong")
UNTOUCHED = Route("untouched")
FINETUNE = Route("finetune", parameters="documents")
CONTEXT = Route("context", context="all")
RETRIEVE = Route("retrieve", context="search", plugin="bm25")
ORACLE = Route("oracle", context="oracle")
BOTH = Route("finetune+retrieve", parameters="documents", context="search", plugin="bm25")
TRAINED_CONTEXT = Route("finetune+context", parameters="documents", context="all")


def question(id: str, *needs: str, latent: bool = False, kind: str = "recall") -> Question:
    return Question(id, f"{id}?", "right", CHOICES, kind=kind, latent=latent, needs=needs)


TASK = Task(
    "two documents",
    (Document("a", "A."), Document("b", "B."), Document("c", "C.")),
    (
        question("recall a", "a"),
        question("trained a", "a", kind="completion"),
        question("recall b", "b"),
        question("both", "a", "b"),
        question("chain", "a", "b", latent=True, kind="chain"),
        question("reversal", "a", latent=True, kind="reversal"),
        question("unasked", "c", latent=True, kind="reversal"),
        question("needless", latent=True, kind="reversal"),
    ),
)


def answer(
    question: str, route: Route, correct: bool, retrieved: tuple[str, ...] = (), seed: int = 0
) -> Answer:
    return Answer(
        question,
        route.name,
        route.control,
        seed,
        (-1.0, -2.0) if correct else (-2.0, -1.0),
        (1, 1),
        "",
        strict=correct,
        lenient=correct,
        retrieved=("a", "b", "c") if route.context == "all" else retrieved,
    )


def verdicts(*answers: Answer) -> dict[tuple[str, str], Cause]:
    """(question, route) -> verdict, of all routes in these answers."""
    every = (UNTOUCHED, FINETUNE, CONTEXT, RETRIEVE, ORACLE, BOTH, TRAINED_CONTEXT)
    routes = [route for route in every if any(answer.route == route.name for answer in answers)]
    return {(item.question, item.route): item.verdict for item in diagnose(TASK, routes, answers)}


def finetuned(*, a: tuple[bool, ...], b: bool, seed: int = 0) -> list[Answer]:
    """A fine-tuned model that recalls documents as told, and fails the chain."""
    asked = [
        answer(name, FINETUNE, correct, seed=seed)
        for name, correct in zip(("recall a", "trained a"), a, strict=False)
    ]
    return [
        *asked,
        answer("recall b", FINETUNE, b, seed=seed),
        answer("chain", FINETUNE, False, seed=seed),
    ]


def test_only_failed_latent_questions_get_a_verdict() -> None:
    assert verdicts(answer("recall a", UNTOUCHED, False), answer("chain", UNTOUCHED, True)) == {}


def test_a_tie_is_a_failure() -> None:
    tie = Answer("chain", "untouched", False, 0, (-1.0, -1.0), (1, 1), "", strict=False, lenient=False)
    assert verdicts(tie) == {("chain", "untouched"): "never stored"}


def test_all_documents_in_the_prompt_are_a_context_whoever_chose_them() -> None:
    seen = answer("needless", RETRIEVE, False, ("c", "a", "b"))
    assert verdicts(seen) == {("needless", "retrieve"): "not usable even in context"}
    part = answer("needless", RETRIEVE, False, ("c", "a"))
    assert verdicts(part) == {("needless", "retrieve"): "undetermined"}


def test_an_untaught_model_has_stored_nothing() -> None:
    # Even where it guesses the explicit questions, and where the question does not say what it needs.
    assert verdicts(
        answer("recall a", UNTOUCHED, True),
        answer("reversal", UNTOUCHED, False),
        answer("needless", UNTOUCHED, False),
    ) == {("reversal", "untouched"): "never stored", ("needless", "untouched"): "never stored"}


@pytest.mark.parametrize("route", [RETRIEVE, ORACLE, BOTH])
def test_a_needed_document_was_not_retrieved(route: Route) -> None:
    assert verdicts(answer("chain", route, False, ("a", "c"))) == {("chain", route.name): "not retrieved"}


@pytest.mark.parametrize("route", [RETRIEVE, ORACLE, BOTH])
def test_all_needed_documents_were_retrieved(route: Route) -> None:
    assert verdicts(answer("chain", route, False, ("b", "c", "a"))) == {
        ("chain", route.name): "not usable even in context"
    }


def test_retrieval_comes_before_recall_where_both_are_there() -> None:
    assert verdicts(
        answer("recall a", BOTH, False, ("a",)),
        answer("recall b", BOTH, False, ("b",)),
        answer("chain", BOTH, False, ("b",)),
    ) == {("chain", BOTH.name): "not retrieved"}


@pytest.mark.parametrize("route", [CONTEXT, TRAINED_CONTEXT])
def test_the_whole_data_set_in_context_did_not_help(route: Route) -> None:
    assert verdicts(answer("chain", route, False), answer("needless", route, False)) == {
        ("chain", route.name): "not usable even in context",
        ("needless", route.name): "not usable even in context",
    }


@pytest.mark.parametrize("route", [FINETUNE, RETRIEVE, ORACLE, BOTH])
def test_a_question_that_names_no_needs_stays_undetermined(route: Route) -> None:
    assert verdicts(answer("needless", route, False, ("a",))) == {("needless", route.name): "undetermined"}


def test_a_fact_that_is_not_recalled_was_never_stored() -> None:
    assert verdicts(*finetuned(a=(True,), b=False)) == {("chain", "finetune"): "never stored"}


@pytest.mark.parametrize("kind", ["recall", "completion"])
@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ((True,), "stored, not usable"),
        ((False,), "never stored"),
        ((True, False), "never stored"),
        ((True, True, False), "stored, not usable"),
        ((True, False, False), "never stored"),
        ((True, True, False, False), "never stored"),
        ((True, True, True, False), "stored, not usable"),
    ],
)
def test_recall_is_more_than_half_of_what_was_asked(
    kind: str, outcomes: tuple[bool, ...], expected: Cause
) -> None:
    asked = [question(f"about a {place}", "a", kind=kind) for place in range(len(outcomes))]
    latent = question("latent", "a", latent=True)
    answers = [answer(one.id, FINETUNE, right) for one, right in zip(asked, outcomes, strict=True)]
    task = Task("one document", TASK.documents[:1], (*asked, latent))
    assert diagnose(task, [FINETUNE], [*answers, answer("latent", FINETUNE, False)]) == (
        Diagnosis("latent", "finetune", 0, expected),
    )


def test_the_trained_form_decides_where_both_forms_were_asked() -> None:
    assert verdicts(*finetuned(a=(True, False), b=True)) == {("chain", "finetune"): "never stored"}
    assert verdicts(*finetuned(a=(False, True), b=True)) == {("chain", "finetune"): "stored, not usable"}


def test_recall_counts_explicit_questions_about_one_document_only() -> None:
    # An explicit question about two documents tells of neither; a latent one tells of none.
    assert verdicts(
        answer("both", FINETUNE, True),
        answer("reversal", FINETUNE, True),
        answer("chain", FINETUNE, False),
    ) == {("chain", "finetune"): "undetermined"}


def test_an_unknown_document_counts_neither_way() -> None:
    assert verdicts(answer("recall a", FINETUNE, True), answer("chain", FINETUNE, False)) == {
        ("chain", "finetune"): "stored, not usable"
    }
    assert verdicts(answer("recall a", FINETUNE, False), answer("chain", FINETUNE, False)) == {
        ("chain", "finetune"): "never stored"
    }
    assert verdicts(answer("recall a", FINETUNE, True), answer("unasked", FINETUNE, False)) == {
        ("unasked", "finetune"): "undetermined"
    }


def test_recall_is_of_the_same_route_and_seed() -> None:
    found = diagnose(
        TASK,
        [UNTOUCHED, FINETUNE],
        [
            *finetuned(a=(True,), b=True, seed=0),
            *finetuned(a=(False,), b=True, seed=1),
            answer("recall a", UNTOUCHED, True, seed=1),
        ],
    )
    assert found == (
        Diagnosis("chain", "finetune", 0, "stored, not usable"),
        Diagnosis("chain", "finetune", 1, "never stored"),
    )


@pytest.mark.parametrize(
    ("witnesses", "expected"),
    [
        ([], "stored, not usable"),
        ([answer("chain", CONTEXT, True)], "stored, not usable"),
        ([answer("chain", CONTEXT, False)], "not usable even in context"),
        (
            [answer("chain", CONTEXT, False), answer("chain", RETRIEVE, True, ("b", "a"))],
            "stored, not usable",
        ),
        ([answer("chain", CONTEXT, False), answer("chain", CONTEXT, True, seed=1)], "stored, not usable"),
        # It succeeded, but not because of the documents: these did not all stand in the prompt.
        (
            [answer("chain", CONTEXT, False), answer("chain", RETRIEVE, True, ("a",))],
            "not usable even in context",
        ),
        # It failed, but without the documents.
        ([answer("chain", RETRIEVE, False, ("a",))], "stored, not usable"),
        # Another question's failure says nothing.
        ([answer("reversal", CONTEXT, False)], "stored, not usable"),
    ],
)
def test_what_is_stored_is_judged_by_the_routes_with_context(
    witnesses: list[Answer], expected: Cause
) -> None:
    found = verdicts(*finetuned(a=(True,), b=True), *witnesses)
    assert found["chain", "finetune"] == expected


def test_controls_and_routes_that_are_not_asked_about_are_left_out() -> None:
    answers = [
        *finetuned(a=(True,), b=True),
        answer("chain", CONTEXT.twin, True),
        answer("chain", CONTEXT, False),
        answer("chain", RETRIEVE, False, ("a", "b")),
    ]
    found = diagnose(TASK, [FINETUNE, CONTEXT, CONTEXT.twin], answers)
    assert found == (
        Diagnosis("chain", "finetune", 0, "not usable even in context"),
        Diagnosis("chain", "context", 0, "not usable even in context"),
    )


def test_the_order_is_of_questions_then_routes_then_seeds() -> None:
    answers = [
        answer(name, route, False, seed=seed)
        for seed in (1, 0)
        for route in (CONTEXT, UNTOUCHED)
        for name in ("reversal", "chain")
    ]
    found = diagnose(TASK, [UNTOUCHED, CONTEXT], answers)
    assert [(item.question, item.route, item.seed) for item in found] == [
        (name, route, seed)
        for name in ("chain", "reversal")
        for route in ("untouched", "context")
        for seed in (0, 1)
    ]


def test_counts_sum_over_seeds_and_questions_of_a_kind() -> None:
    diagnoses = [
        Diagnosis("chain", "finetune", 0, "stored, not usable"),
        Diagnosis("reversal", "finetune", 0, "undetermined"),
        Diagnosis("reversal", "finetune", 1, "never stored"),
        Diagnosis("unasked", "finetune", 1, "never stored"),
        Diagnosis("chain", "context", 0, "not usable even in context"),
    ]
    assert count(diagnoses, TASK) == (
        DiagnosisCount("finetune", "chain", "stored, not usable", 1),
        DiagnosisCount("finetune", "reversal", "never stored", 2),
        DiagnosisCount("finetune", "reversal", "undetermined", 1),
        DiagnosisCount("context", "chain", "not usable even in context", 1),
    )
    assert count([], TASK) == ()


def test_the_metric_says_what_is_right() -> None:
    """By likelihood the document is recalled and the chain fails; by exact match it is the other way round."""

    def mixed(id: str, chosen: bool, exact: bool) -> Answer:
        return replace(answer(id, FINETUNE, chosen), strict=exact)

    answers = [mixed("recall a", True, False), mixed("chain", False, True), mixed("reversal", True, False)]
    assert diagnose(TASK, [FINETUNE], answers) == (Diagnosis("chain", "finetune", 0, "stored, not usable"),)
    assert diagnose(TASK, [FINETUNE], answers, lambda _, answer: answer.strict) == (
        Diagnosis("reversal", "finetune", 0, "never stored"),
    )


def test_other_objectives_and_a_part_of_the_documents_are_judged_alike() -> None:
    reversed_ = Route("reversed", parameters="reversed")
    part = Route("reversed+context:1", parameters="reversed", context="part", distractors=1)
    answers = [
        answer("recall a", reversed_, True),
        answer("reversal", reversed_, False),
        answer("reversal", part, True, ("c", "a")),
        answer("chain", part, False, ("c", "a")),
    ]
    found = {(one.question, one.route): one.verdict for one in diagnose(TASK, [reversed_, part], answers)}
    assert found == {
        ("reversal", "reversed"): "stored, not usable",
        ("chain", "reversed+context:1"): "not retrieved",
    }
