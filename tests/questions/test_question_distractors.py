"""Wrong choices are of the type of the answer, from the same documents, and none could be right."""

from __future__ import annotations

import pytest
from question_examples import CORPUS, DOCUMENTS
from test_languages import LANGUAGES, task_of

from obverse.questions.candidates import Candidate
from obverse.questions.checks import CHECKS
from obverse.questions.corpus import Corpus
from obverse.questions.distractors import Given, compared_things, wrong_choices
from obverse.questions.forming import form, given_by
from obverse.questions.kinds import ABSENT, KINDS
from obverse.questions.sources import Source
from obverse.tasks.choices import nested
from obverse.types import Document, Question


def candidate(kind: str, prompt: str, answer: str, *needs: str) -> Candidate:
    return Candidate(KINDS[kind], prompt, answer, Source(needs), 0)


ROWED = candidate("recall", "By whom is the Maddow ferry rowed?", "Kesta Vorn", "ferry-log")
OTHERS = [
    given_by(candidate("recall", prompt, answer, needs), CORPUS)
    for prompt, answer, needs in (
        ("By whom is the Corran bridge painted?", "Oswin Hale", "bridge-book"),
        ("By whom is the Leddon mill owned?", "Brita Sarn", "mill-book"),
        ("How many oars has the Maddow ferry?", "eleven", "ferry-log"),
        ("How many arches has the Corran bridge?", "nineteen", "bridge-book"),
    )
]


def formed(one: Candidate) -> Question:
    question = form(one, "q1", OTHERS, CORPUS)
    assert question is not None
    return question


def test_names_stand_beside_a_name_and_numbers_beside_a_number() -> None:
    question = formed(ROWED)
    assert set(question.choices) == {"Kesta Vorn", "Oswin Hale", "Brita Sarn", "Tavis Roe"}
    year = formed(candidate("recall", "When was the Penhale tower built?", "1790", "tower-book"))
    assert set(year.choices) == {"1790", "1849", "1852", "1811"}
    assert (question.needs, question.group) == (("ferry-log",), "ferry-log, sentence 1")


def test_what_the_question_or_its_sentence_names_is_no_wrong_choice() -> None:
    given = given_by(ROWED, CORPUS)
    rests = "The Maddow ferry is rowed by Kesta Vorn, and Oswin Hale helps."
    found = wrong_choices(given, [rests], OTHERS, CORPUS)
    assert "Oswin Hale" not in found
    assert "Maddow" not in found
    assert not any(nested([given.answer, *found]))


def test_what_a_document_says_of_the_same_names_may_be_right() -> None:
    more = Document("old-log", "Once the Maddow ferry was rowed by Tavis Roe.")
    question = form(ROWED, "q1", OTHERS, Corpus((*DOCUMENTS, more)))
    assert question is not None
    assert "Tavis Roe" not in question.choices
    assert {"Kesta Vorn", "Oswin Hale", "Brita Sarn"} <= set(question.choices)


def test_of_answers_those_are_nearest_whose_questions_begin_alike() -> None:
    given = Given("How many horns are there?", "seven", frozenset())
    assert (
        wrong_choices(given, [], OTHERS, CORPUS)[:2] == wrong_choices(given, [], reversed(OTHERS), CORPUS)[:2]
    )
    assert set(wrong_choices(given, [], OTHERS, CORPUS)) == {"eleven", "nineteen"}


@pytest.mark.parametrize(
    ("question", "answer", "others"),
    [
        (
            "Which was built first, the Leddon mill or the Penhale tower?",
            "the Leddon mill",
            ["the Penhale tower"],
        ),
        (
            "Which was built first, the Leddon mill or the Penhale tower?",
            "the Penhale tower",
            ["the Leddon mill"],
        ),
        (
            "Of Leddon mill, Penhale tower and Brita Sarn, which is oldest?",
            "Leddon mill",
            ["Penhale tower", "Brita Sarn"],
        ),
        ("Which was built first?", "the Leddon mill", []),
        ("Which was built first, the Leddon mill or the Ersk bridge?", "the Leddon mill", []),
    ],
)
def test_of_compared_things_the_others_are_the_choices(question: str, answer: str, others: list[str]) -> None:
    assert compared_things(question, answer, ("mill-book", "tower-book"), CORPUS) == others


def test_a_comparison_needs_the_documents_that_it_names() -> None:
    one = candidate(
        "comparison",
        "Which was built first, the Leddon mill or the Penhale tower?",
        "the Penhale tower",
        "mill-book",
        "bridge-book",
        "tower-book",
    )
    question = formed(one)
    assert question.needs == ("mill-book", "tower-book")
    assert sorted(question.choices) == ["the Leddon mill", "the Penhale tower"]
    assert all(check(question, CORPUS) == "" for check in CHECKS.values())


def test_what_is_not_in_the_documents_is_asked_beside_invented_answers() -> None:
    question = formed(candidate("absent", "Whom did Kesta Vorn marry?", "Joram Pask", "parish-roll"))
    assert (question.kind, question.answer) == (ABSENT, "The documents do not say.")
    assert "Joram Pask" in question.choices
    assert len(question.choices) == 4


@pytest.mark.parametrize(
    ("name", "unsaid"), [("German", "Das sagen die Dokumente nicht."), ("Chinese", "文档中没有说明。")]
)
def test_it_is_said_in_the_language_of_the_documents(name: str, unsaid: str) -> None:
    language = LANGUAGES[name]
    corpus = Corpus(task_of(language).documents)
    people, things = language.people.split(","), language.things.split(",")
    one = candidate("absent", language.what.format(p=people[0]), things[0], "d5")
    given = [
        Given(language.what.format(p=person), thing, frozenset())
        for person, thing in zip(people, things, strict=True)
    ]
    question = form(one, "q1", given, corpus)
    assert question is not None
    assert question.answer == unsaid
    assert unsaid in question.choices


def test_without_other_answers_of_its_type_there_is_no_question() -> None:
    assert (
        form(candidate("recall", "What does it carry?", "a brass horn", "bylaws"), "q1", (), CORPUS) is None
    )
