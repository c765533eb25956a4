"""The language of a text is told, and what is written about it is whole."""

from __future__ import annotations

import pytest
from test_languages import LANGUAGES, task_of

from obverse.questions.corpus import Corpus
from obverse.questions.languages import english, language_of, script_of


@pytest.mark.parametrize("name", LANGUAGES)
def test_documents_and_their_questions_are_in_one_language(name: str) -> None:
    task = task_of(LANGUAGES[name])
    told = Corpus(task.documents).language
    assert told is not None
    assert told.name == {"Chinese, traditional": "chinese", "mixed scripts and emoji": "english"}.get(
        name, name.lower()
    )
    # A short question may have no frequent word; it is never taken for another language.
    assert {language_of(question.prompt) for question in task.questions} <= {told, None}
    assert not any(told.speaks_of_a_text(question.prompt) for question in task.questions)
    assert not any(told.first_pronoun(question.prompt) for question in task.questions)
    assert told.speaks_of_a_text(f"{told.text[0]} {task.questions[0].prompt}") != ""
    pronoun = told.first_pronoun(f"{told.pronouns[0]} {task.questions[0].prompt}")
    assert pronoun is not None
    assert pronoun[0] == 0
    assert script_of(told.unsaid) == told.script


def test_what_is_not_told_is_not_guessed() -> None:
    assert language_of("Maddow Vorn") is None
    assert language_of("12 + 7") is None
    assert script_of("12 + 7") == ""
    assert Corpus(()).language is None
    assert Corpus(()).spoken is english()


@pytest.mark.parametrize(
    ("sentence", "place"),
    [("Every ferry has a horn.", 0), ("Here no ferry has one.", 5), ("It has one.", None)],
)
def test_a_general_statement_is_seen(sentence: str, place: int | None) -> None:
    assert english().general_at(sentence) == place
