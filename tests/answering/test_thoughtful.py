"""Asking behind thoughts: likelihoods are those of the whole text, averages are means, and each question comes once."""

from __future__ import annotations

import math
from collections.abc import Iterable

import pytest
from conftest import FACTS, make_model, make_tokenizer

from obverse.answering import thoughtful
from obverse.answering.answerer import Asked, answered_rows, read_one
from obverse.answering.asking import Asker
from obverse.answering.encoding import PromptTooLongError
from obverse.answering.plain import plain_log_likelihood
from obverse.answering.thinking import Thinker
from obverse.answering.thoughtful import CLOSES, ThoughtfulAsker
from obverse.models import Pretrained, load
from obverse.routes import route
from obverse.types import Answer, AnsweredRow, Document, Question

DOCUMENTS = tuple(Document(id, text) for id, text, _, _ in FACTS)
NAMES = tuple(name for _, _, name, _ in FACTS)
QUESTIONS = tuple(
    Question(f"reversal-{id}", f"Who is the keeper of the {thing}?", name, NAMES, needs=(id,))
    for id, _, name, thing in FACTS
)
NOTHING: dict[str, tuple[Document, ...]] = {question.id: () for question in QUESTIONS}
NEEDED = {question.id: (document,) for question, document in zip(QUESTIONS, DOCUMENTS, strict=True)}


@pytest.fixture(scope="module", params=[False, True], ids=["plain", "chat"])
def pretrained(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Pretrained:
    folder = tmp_path_factory.mktemp("thoughtful")
    make_tokenizer(folder, chat=request.param)
    make_model(folder)
    return load(str(folder), dtype="float32", device="cpu")


def thinking(pretrained: Pretrained, name: str = "untouched+think", most: int = 8) -> ThoughtfulAsker:
    return ThoughtfulAsker(Asker(pretrained), route(name), 0, NEEDED, most)


def ask(
    pretrained: Pretrained, name: str, most: int = 8, done: Iterable[str] = ()
) -> tuple[list[AnsweredRow], dict[str, Answer]]:
    rows = list(
        answered_rows(
            thinking(pretrained, name, most), route(name), 0, QUESTIONS, NOTHING, done=frozenset(done)
        )
    )
    return rows, {answer.question: answer for row in rows for answer in row.answers}


@pytest.mark.parametrize("name", ["untouched+think", "untouched+oracle-think"])
def test_likelihoods_are_those_of_the_text_with_its_thought(pretrained: Pretrained, name: str) -> None:
    _, answers = ask(pretrained, name)
    question = QUESTIONS[0]
    answer = answers[question.id]
    (thought,) = answer.thoughts
    if name.endswith("oracle-think"):
        assert thought == DOCUMENTS[0].text
    tokenizer = pretrained.tokenizer
    asked = thinking(pretrained)._prompt(question.prompt, ())
    behind = asked + thought + CLOSES
    special, end = not tokenizer.chat_template, "<|end|>" if tokenizer.chat_template else "\n"
    start = len(tokenizer(behind, add_special_tokens=special).input_ids)
    for choice, found in zip(question.choices, answer.log_likelihoods, strict=True):
        text = tokenizer(f"{behind} {choice}{end}", add_special_tokens=special).input_ids
        assert found == pytest.approx(plain_log_likelihood(pretrained.model, text, start), abs=1e-4)


def test_several_thoughts_are_averaged(pretrained: Pretrained) -> None:
    _, answers = ask(pretrained, "untouched+force-think:3")
    readings = []
    for thought in answers[QUESTIONS[0].id].thoughts:
        asker = thinking(pretrained)
        prompt = asker._prompt(QUESTIONS[0].prompt, ())
        ((reading,), _) = asker._read([Asked(QUESTIONS[0])], [prompt], [(thought,)])
        readings.append(reading)
    assert len(readings) == 3
    for place, found in enumerate(answers[QUESTIONS[0].id].log_likelihoods):
        mean = sum(math.exp(reading.log_likelihoods[place]) for reading in readings) / 3
        assert math.exp(found) == pytest.approx(mean, rel=1e-4)


@pytest.mark.parametrize(
    ("said", "thought"),
    [
        (" Ilka winds it.\n**Answer:** Ilka", " Ilka winds it."),
        (" Ilka winds it.\nAnswer\uff1a Ilka", " Ilka winds it."),
        ("她上发条。\n答案：王明", "她上发条。"),
        (" Answer: Ilka", ""),
        (" The answer is near: Ilka, A - B", " The answer is near: Ilka, A - B"),
        (" One\nA - B", " One\nA - B"),
    ],
)
def test_an_answer_that_a_thought_comes_to_is_no_part_of_it(
    pretrained: Pretrained, monkeypatch: pytest.MonkeyPatch, said: str, thought: str
) -> None:
    monkeypatch.setattr(Thinker, "_decode", lambda *_: said)
    _, answers = ask(pretrained, "untouched+think:2")
    assert {one for answer in answers.values() for one in answer.thoughts} == {thought}
    assert read_one(thinking(pretrained), QUESTIONS[0].prompt, ()).thoughts == (thought,)
    _, answers = ask(pretrained, "untouched+force-think:2")
    assert {one for answer in answers.values() for one in answer.thoughts} == {said}


def test_what_is_done_is_not_asked_again(pretrained: Pretrained, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thoughtful, "_TOGETHER", 1)
    rows, answers = ask(pretrained, "untouched+think:2")
    assert [len(row.answers) for row in rows] == [1] * len(QUESTIONS)
    assert all(row.asked.tokens_generated > 0 and row.asked.flops > 0 for row in rows)
    _, rest = ask(pretrained, "untouched+think:2", done=[QUESTIONS[0].id])
    assert rest == {id: answer for id, answer in answers.items() if id != QUESTIONS[0].id}


def test_what_does_not_fit_is_refused_before_anything_is_asked(pretrained: Pretrained) -> None:
    with pytest.raises(PromptTooLongError, match="with a thought"):
        ask(pretrained, "untouched+think", most=2000)


def test_saying_thinks_first(pretrained: Pretrained) -> None:
    reading = read_one(thinking(pretrained), "Who?", DOCUMENTS)
    assert len(reading.thoughts) == 1
    assert "\n" not in reading.generated
