"""A choice that begins another wins only where the model ends its answer there."""

from __future__ import annotations

import math
from typing import Any

import pytest
from bigrams import bigram_model
from conftest import make_tokenizer

from obverse.answering.answerer import answered_rows
from obverse.answering.asking import Asker
from obverse.answering.scoring import is_correct
from obverse.answering.thoughtful import ThoughtfulAsker
from obverse.routes import route
from obverse.tasks.completions import completions
from obverse.types import Answer, Document, Question, Task

DOCUMENT = Document("steps", "One climbs up 10 steps in tower A.")
STEPS = Question("steps", "How many steps has tower A?", "10", ("10", "1", "100", "15"), needs=("steps",))
# After "1" a "0" is likely, and after "0" the end, as after reading "10" or being taught it.
AFTER_ONE, AFTER_ZERO = {"0": 0.9, "5": 0.05}, 0.8
END = {"plain": "Ċ", "chat": "<|end|>"}


@pytest.fixture(scope="module", params=["plain", "chat"])
def tokenizer(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    return make_tokenizer(tmp_path_factory.mktemp("tokenizer"), chat=request.param == "chat")


def model_that_says_ten(tokenizer: Any, end: str) -> Any:
    return bigram_model(
        tokenizer,
        {
            "1": {**AFTER_ONE, end: 0.05},
            "0": {"0": 1 - AFTER_ZERO, end: AFTER_ZERO},
            "5": {end: 1.0},
        },
    )


def expected(first: float) -> list[float]:
    """Of 10, 1, 100 and 15 by the table, in nats, the first digit's own likelihood given."""
    ways = ([0.9, 0.8], [0.05], [0.9, 0.2, 0.8], [0.05, 1.0])
    return [first + sum(map(math.log, way)) for way in ways]


def answered(pretrained: Any, question: Question) -> Answer:
    name = "finetune" if question.kind == "completion" else "oracle"
    (row,) = answered_rows(Asker(pretrained), route(name), 0, [question], {question.id: ()})
    (answer,) = row.answers
    return answer


def check(answer: Answer, question: Question) -> None:
    # The first digit follows a space or a line end, behind which all tokens are equally likely.
    firsts = [found - more for found, more in zip(answer.log_likelihoods, expected(0.0), strict=True)]
    assert firsts == pytest.approx([firsts[0]] * 4, abs=1e-4)
    assert firsts[0] < 0
    assert is_correct(question, answer)
    # Digits and the end are tokens of their own.
    shortest = min(answer.token_counts)
    assert [count - shortest for count in answer.token_counts] == [1, 0, 2, 1]


def test_a_number_that_begins_another_is_told_from_it(tokenizer: Any) -> None:
    form = "chat" if tokenizer.chat_template else "plain"
    pretrained = model_that_says_ten(tokenizer, END[form])
    check(answered(pretrained, STEPS), STEPS)


def test_behind_a_thought_too(tokenizer: Any) -> None:
    form = "chat" if tokenizer.chat_template else "plain"
    pretrained = model_that_says_ten(tokenizer, END[form])
    thinks = route("untouched+think")
    asker = ThoughtfulAsker(Asker(pretrained), thinks, 0, {}, 4)
    (row,) = answered_rows(asker, thinks, 0, [STEPS], {STEPS.id: ()})
    check(row.answers[0], STEPS)


@pytest.mark.parametrize("text", [DOCUMENT.text, "The steps of tower A: 10"])
def test_in_the_trained_form_the_document_s_next_word_ends_the_answer(tokenizer: Any, text: str) -> None:
    """Behind 10 the document has "steps", or its end; a line end or a turn's end would be as unlikely behind 1."""
    task = Task("t", (Document("steps", text),), (STEPS,))
    (completion,) = completions(task)
    following = completion.after or tokenizer.eos_token
    pretrained = model_that_says_ten(tokenizer, tokenizer.tokenize(f"0{following}")[1])
    check(answered(pretrained, completion), completion)


def test_a_name_that_begins_another(tokenizer: Any) -> None:
    form = "chat" if tokenizer.chat_template else "plain"
    question = Question("q", "Where does she live?", "Bream Sound", ("Bream", "Bream Sound"))
    last = tokenizer.tokenize("Bream")[-1]
    sound = tokenizer.tokenize("Bream Sound")[len(tokenizer.tokenize("Bream")) :]
    for likely, right in ((0.6, "Bream Sound"), (0.4, "Bream")):
        table = {last: {sound[0]: likely, END[form]: 1 - likely}}
        table |= {token: {after: 1.0} for token, after in zip(sound, [*sound[1:], END[form]], strict=True)}
        pretrained = bigram_model(tokenizer, table)
        answer = answered(pretrained, question)
        chosen = question.choices[answer.log_likelihoods.index(max(answer.log_likelihoods))]
        assert chosen == right
        difference = answer.log_likelihoods[1] - answer.log_likelihoods[0]
        assert difference == pytest.approx(math.log(likely / (1 - likely)), abs=1e-4)
