"""Each check lets what is right pass, and says what is wrong; the shipped questions and 25 languages pass."""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import as_file, files

import pytest
from question_examples import CHAIN, CORPUS, WHERE, asked
from test_languages import LANGUAGES, Language, task_of

from obverse.questions.checked import PASSED, check_questions
from obverse.questions.checks import CHECKS, leaks, sameness
from obverse.questions.corpus import Corpus
from obverse.questions.kinds import ABSENT
from obverse.questions.trying import NOT_ASKED
from obverse.tasks import read_task
from obverse.types import Question


def failed(question: Question, corpus: Corpus = CORPUS) -> dict[str, str]:
    return {name: said for name, check in CHECKS.items() if (said := check(question, corpus))}


RECALL = asked("By whom is the Maddow ferry rowed?", "Kesta Vorn")
REVERSAL = asked(
    "What does Kesta Vorn row?",
    "the Maddow ferry",
    choices=("the Maddow ferry", "the Corran bridge", "the Leddon mill"),
    kind="reversal",
    latent=True,
)
ORIGIN = asked("Where was the person born who rows the Maddow ferry?", "Illimoor", choices=WHERE, **CHAIN)
OLDER = asked(
    "Which was built first, the Leddon mill or the Penhale tower?",
    "the Penhale tower",
    choices=("the Penhale tower", "the Leddon mill"),
    kind="comparison",
    latent=True,
    needs=("mill-book", "tower-book"),
)
HORN = asked(
    "What does the Swift carry?",
    "a brass horn",
    choices=("a brass horn", "nineteen arches", "eleven oars"),
    kind="conclusion",
    latent=True,
    needs=("bylaws", "notice"),
)
UNTOLD = asked(
    "Whom did Kesta Vorn marry?",
    "The documents do not say.",
    choices=("The documents do not say.", "Brita Sarn"),
    kind=ABSENT,
    latent=True,
)


@pytest.mark.parametrize(
    "question", [RECALL, REVERSAL, ORIGIN, OLDER, HORN, UNTOLD], ids=lambda one: one.kind
)
def test_a_right_question_passes_every_check(question: Question) -> None:
    (checked,) = check_questions([question], CORPUS, None)
    assert checked.failed == {}
    assert {name for name, said in checked.checks.items() if said == NOT_ASKED} == {"answered", "missing"}
    assert checked.checks["leak"] == PASSED


@pytest.mark.parametrize(
    ("question", "check", "said"),
    [
        (
            replace(RECALL, answer="Oswin Hale"),
            "grounded",
            "no needed document says the answer",
        ),
        (
            replace(RECALL, prompt="By whom is the Corran bridge rowed?"),
            "grounded",
            "the needed documents do not name 'Corran'",
        ),
        (
            asked("Where was Kesta Vorn born?", "Illimoor", choices=WHERE, **CHAIN),
            "needed",
            "'parish-roll' alone names 'kesta vorn' and says the answer",
        ),
        (
            replace(
                OLDER, prompt="Which was built first, the Leddon mill or the Leddon inn?", answer="Leddon"
            ),
            "needed",
            "'mill-book' alone names 'leddon' and says the answer",
        ),
        (
            replace(RECALL, kind="reversal", latent=True),
            "direction",
            "the document has what it names before the answer",
        ),
        (
            replace(REVERSAL, kind="recall", latent=False),
            "direction",
            "the document has what it names behind the answer",
        ),
        (
            replace(RECALL, kind="reworded", prompt="By whom is the Maddow ferry rowed?"),
            "reworded",
            "its words are those of the document (ferry, rowed)",
        ),
        (
            replace(UNTOLD, prompt="Who rows the Maddow ferry that is rowed?"),
            "unsaid",
            "a document may say it: 'The Maddow ferry is rowed by Kesta Vorn.'",
        ),
        (
            replace(RECALL, prompt="According to the text, by whom is the Maddow ferry rowed?"),
            "wording",
            "it speaks of a text ('According to')",
        ),
        (
            replace(RECALL, prompt="By whom is the Maddow ferry of ferry-log rowed?"),
            "wording",
            "it speaks of a file ('ferry-log')",
        ),
        (replace(RECALL, prompt="By whom is it rowed?"), "wording", "'it' stands for nothing that it names"),
        (
            replace(RECALL, prompt="Von wem wird die Maddow gerudert?"),
            "language",
            "it is in German, and its documents in English",
        ),
        (
            replace(RECALL, prompt="Кто ведёт паром?"),
            "language",
            "it is in Russian, and its documents in English",
        ),
        (replace(RECALL, choices=("Kesta Vorn",)), "choices", "there are no wrong choices"),
        (
            replace(RECALL, choices=("Kesta Vorn", "the Kesta Vorn")),
            "choices",
            "the choices 'Kesta Vorn' and 'the Kesta Vorn' say the same",
        ),
        (
            replace(RECALL, choices=("Kesta Vorn", "Vorn")),
            "choices",
            "the choice 'Vorn' stands in 'Kesta Vorn'",
        ),
        (
            replace(RECALL, prompt="Is the Maddow ferry rowed by Kesta Vorn?"),
            "choices",
            "it names its answer",
        ),
    ],
)
def test_what_is_wrong_is_said(question: Question, check: str, said: str) -> None:
    assert failed(question)[check] == said


def test_a_pronoun_may_stand_for_what_the_question_names() -> None:
    assert "wording" not in failed(
        replace(RECALL, prompt="What does Kesta Vorn row when she is at Illimoor?")
    )


def test_a_latent_answer_that_a_document_says_is_a_leak() -> None:
    stated = replace(RECALL, id="stated", kind="chain", latent=True, needs=("parish-roll", "bylaws"))
    assert leaks([stated, ORIGIN], CORPUS) == {
        "stated": "'ferry-log' says it: 'The Maddow ferry is rowed by Kesta Vorn.'"
    }


def test_of_questions_that_ask_the_same_the_first_is_kept() -> None:
    again = replace(RECALL, id="q2", prompt="by whom is THE Maddow ferry rowed")
    turned = replace(RECALL, id="q3", prompt="The Maddow ferry, by whom is it rowed?")
    other = replace(REVERSAL, id="q4")
    assert set(sameness(RECALL)) & set(sameness(again))
    checked = check_questions([RECALL, again, turned, other], CORPUS, None)
    said = f"it asks the same as {RECALL.prompt!r}"
    assert [one.failed.get("duplicate") for one in checked] == [None, said, said, None]
    (late,) = check_questions([again], CORPUS, None, before=[RECALL])
    assert late.failed["duplicate"] == said


def test_hand_written_questions_of_the_example_pass() -> None:
    with as_file(files("obverse.example")) as folder:
        task = read_task(folder / "documents", folder / "questions.jsonl")
    checked = check_questions(task.questions, Corpus(task.documents), None)
    # Two repeat much of what their documents say.
    assert {one.question.id: set(one.failed) for one in checked if one.failed} == {
        "reworded-04": {"reworded"},
        "reworded-27": {"reworded"},
    }


def test_questions_with_answers_exchanged_do_not_pass() -> None:
    with as_file(files("obverse.example")) as folder:
        task = read_task(folder / "documents", folder / "questions.jsonl")
    explicit = [one for one in task.questions if not one.latent]
    wrong = [
        replace(one, answer=next(choice for choice in one.choices if choice != one.answer))
        for one in explicit
    ]
    checked = check_questions(wrong, Corpus(task.documents), None)
    caught = [one for one in checked if "grounded" in one.failed]
    # A document may say a wrong choice of something else.
    assert len(caught) > 0.9 * len(wrong)


@pytest.mark.parametrize("name", LANGUAGES)
def test_questions_in_every_language_pass(name: str) -> None:
    language: Language = LANGUAGES[name]
    task = task_of(language)
    corpus = Corpus(task.documents)
    who, *_, what = task.questions
    facts = [(who, language.people), (what, language.things)]
    for question, named in facts:
        for kind, latent in (("question", False), ("question", True)):
            one = replace(question, kind=kind, latent=latent, choices=tuple(named.split(",")))
            found = {check: CHECKS[check](one, corpus) for check in ("wording", "language", "grounded")}
            assert set(found.values()) == {""}
    wrong = replace(who, answer=language.people.split(",")[4])
    assert CHECKS["grounded"](wrong, corpus) == "no needed document says the answer"
