"""Documents broken off before an answer."""

from __future__ import annotations

from importlib.resources import as_file, files
from typing import Any

import pytest

from obverse.tasks import read_task
from obverse.tasks.completions import COMPLETION, Completion, completions
from obverse.types import Document, Question, Task

CHOICES = ("Ilka Venning", "Olwen Thorne")
DOCUMENT = Document("clock", "  The harbour clock is kept by Ilka Venning. Ilka Venning is kind.\n")


def broken_off(*questions: Question, document: Document = DOCUMENT) -> tuple[Completion, ...]:
    return completions(Task("t", (document, Document("other", "Nothing.")), questions))


def question(id: str = "q", **changes: Any) -> Question:
    fields: dict[str, Any] = {"answer": CHOICES[0], "choices": CHOICES, "needs": ("clock",), **changes}
    return Question(id, "Who keeps the harbour clock?", **fields)


def test_a_document_up_to_its_first_mention_of_the_answer() -> None:
    assert broken_off(question(group="g", drawn=True)) == (
        Completion(
            id="completion:clock:29",
            prompt="The harbour clock is kept by ",
            answer="Ilka Venning",
            choices=CHOICES,
            kind=COMPLETION,
            needs=("clock",),
            group="g",
            drawn=True,
            after=".",
        ),
    )


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("One climbs up 10 steps in tower A.", " steps"),
        ("One climbs up 10\n\nsteps.", "\n\nsteps"),
        ("One climbs up 10, not 11.", ","),
        ("The steps of it: 10", ""),
        ("The steps of it: 10\n", ""),
        ("The count of 10's", "'"),
    ],
)
def test_what_the_document_has_behind_the_answer(text: str, after: str) -> None:
    asked = question(answer="10", choices=("10", "1", "100"))
    (found,) = broken_off(asked, document=Document("clock", text))
    assert found.after == after


def test_completion_and_question_are_resampled_together() -> None:
    (found,) = broken_off(question())
    assert found.cluster == question().cluster
    assert not found.latent


def test_each_place_is_asked_once() -> None:
    found = broken_off(question("q"), question("r"), question("s", answer="kind", choices=("kind", "old")))
    assert [one.id for one in found] == ["completion:clock:29", "completion:clock:59"]


def test_what_gives_no_completion() -> None:
    assert broken_off(question(latent=True)) == ()
    assert broken_off(question(needs=())) == ()
    assert broken_off(question(needs=("other",))) == ()
    assert broken_off(question(answer="Ilka Venn", choices=("Ilka Venn", "x"))) == ()  # inside a longer word
    assert (
        broken_off(question(answer="harbour clock", choices=("harbour clock", "x"))) == ()
    )  # nothing before


def test_a_sentence_that_stands_inside_another() -> None:
    document = Document("clock", "He writes that pliks are more fluffy than vrams.")
    choices = ("Pliks are more fluffy", "Pliks are less fluffy")
    (found,) = broken_off(question(answer=choices[0], choices=choices), document=document)
    assert (found.prompt, found.answer) == ("He writes that ", "pliks are more fluffy")
    assert found.choices == ("pliks are more fluffy", "pliks are less fluffy")
    # With another first word the right choice alone would be as the document has it.
    other = (choices[0], "Zopots are fluffy")
    assert broken_off(question(answer=choices[0], choices=other), document=document) == ()


def test_signs_of_patterns_in_an_answer_are_letters() -> None:
    document = Document("clock", "The old clock costs $5.00 (net).")
    (found,) = broken_off(question(answer="$5.00 (net)", choices=("$5.00 (net)", "x")), document=document)
    assert found.prompt == "The old clock costs "


def test_the_example_has_completions_that_go_on_with_their_answer() -> None:
    with as_file(files("obverse.example")) as folder:
        task = read_task(folder / "documents", folder / "questions.jsonl")
    found = completions(task)
    assert len(found) > 20
    assert len({one.id for one in found}) == len(found)
    for one in found:
        text = task.document(one.needs[0]).text.strip()
        assert text[len(one.prompt) :].lstrip().startswith(one.answer)
        assert one.answer not in one.prompt.split()
        assert one.answer in one.choices
