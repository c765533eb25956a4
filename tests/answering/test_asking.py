"""Asking row by row: every question once, with exact counts, and taken up again where it was left."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import FACTS, make_model, make_tokenizer
from tokenizers import processors

from obverse.answering import asking, reading, tree
from obverse.answering.answerer import answered_rows, read_one
from obverse.answering.asking import Asker
from obverse.answering.encoding import Encoded, PromptTooLongError, Request, encode
from obverse.costs import model_shape
from obverse.models import Pretrained, load
from obverse.retrieval.assembly import Assembler
from obverse.tasks.completions import COMPLETION, Completion
from obverse.types import Answer, AnsweredRow, Document, Ledger, Question, Route

CONTEXT = Route("context", context="all")
DOCUMENTS = tuple(Document(id, text) for id, text, _, _ in FACTS)
NAMES = tuple(name for _, _, name, _ in FACTS)
QUESTIONS = tuple(
    Question(f"reversal-{id}", f"Who is the keeper of the {thing}?", name, NAMES)
    for id, _, name, thing in FACTS
)
ALL = {question.id: DOCUMENTS for question in QUESTIONS}
COMPLETIONS = tuple(
    Completion(
        f"completion-{id}",
        f"{name} is the keeper of the ",
        thing,
        tuple(t for *_, t in FACTS),
        "completion",
        after=".",
    )
    for id, _, name, thing in FACTS
)


@pytest.fixture(scope="module")
def pretrained(tiny_folder: Path) -> Pretrained:
    return load(str(tiny_folder), dtype="float32", device="cpu")


@pytest.fixture
def one_question_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_ROW_TOKENS", 1)
    monkeypatch.setattr(reading, "_ANSWERING_TOKENS", 1)


def ask(
    pretrained: Pretrained,
    route: Route = CONTEXT,
    questions: Sequence[Question] = QUESTIONS,
    episodes: Mapping[str, tuple[Document, ...]] = ALL,
    done: Iterable[str] = (),
    seed: int = 0,
) -> list[AnsweredRow]:
    asker = Asker(pretrained)
    return list(answered_rows(asker, route, seed, questions, episodes, done=frozenset(done)))


def answers(rows: Iterable[AnsweredRow]) -> dict[str, Answer]:
    return {answer.question: answer for row in rows for answer in row.answers}


def spent(rows: Sequence[AnsweredRow]) -> Ledger:
    return sum((row.asked for row in rows), Ledger())


def encoded_with(pretrained: Pretrained, documents: Sequence[Document]) -> list[Encoded]:
    assembler = Assembler(pretrained.tokenizer)
    prompts = [
        Request(assembler.prompt(question.prompt), tuple(map(assembler.answer, question.choices)))
        for question in QUESTIONS
    ]
    return encode(pretrained.tokenizer, assembler.prefix(documents), prompts)


@pytest.mark.usefixtures("one_question_a_row")
def test_rows_cover_every_question_once(pretrained: Pretrained) -> None:
    rows = ask(pretrained)
    assert [len(row.answers) for row in rows] == [1] * len(QUESTIONS)
    assert sorted(answers(rows)) == sorted(question.id for question in QUESTIONS)
    for question in QUESTIONS:
        answer = answers(rows)[question.id]
        assert (answer.route, answer.control, answer.seed, answer.thoughts) == ("context", False, 0, ())
        assert len(answer.log_likelihoods) == len(answer.token_counts) == len(question.choices)
        assert answer.retrieved == tuple(document.id for document in DOCUMENTS)
        assert answer.generated == answer.generated.strip() != ""


def test_a_question_without_episodes_is_not_asked(pretrained: Pretrained) -> None:
    episodes = {QUESTIONS[2].id: DOCUMENTS[:1]}
    assert list(answers(ask(pretrained, episodes=episodes))) == [QUESTIONS[2].id]


def test_controls_generate_nothing(pretrained: Pretrained) -> None:
    rows = ask(pretrained, CONTEXT.twin)
    assert all(answer.control and answer.generated == "" for answer in answers(rows).values())
    assert spent(rows).tokens_generated == 0
    plain = answers(ask(pretrained))
    for id, answer in answers(rows).items():
        assert answer.log_likelihoods == pytest.approx(plain[id].log_likelihoods, abs=1e-5)


@pytest.mark.usefixtures("one_question_a_row")
def test_the_difference_from_the_plain_way_comes_with_the_first_row(pretrained: Pretrained) -> None:
    first, *others = ask(pretrained)
    assert first.difference is not None
    assert first.difference < 1e-4
    assert all(row.difference is None for row in others)


LONG = " ".join(document.text for document in DOCUMENTS)


@pytest.mark.parametrize(
    "questions", [QUESTIONS, [replace(one, prompt=f"{LONG} {one.prompt}") for one in COMPLETIONS]]
)
def test_a_first_difference_beyond_rounding_has_all_texts_read_by_themselves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, questions: Sequence[Question]
) -> None:
    make_tokenizer(tmp_path)
    # Longer than what a model is tried with, shorter than the prompts.
    make_model(tmp_path, kind="mistral", sliding_window=24)
    right, wrong = (load(str(tmp_path), dtype="float32", device="cpu") for _ in range(2))
    episodes = {one.id: () if one.kind == COMPLETION else DOCUMENTS for one in questions}
    expected = ask(right, questions=questions, episodes=episodes, seed=3)
    assert expected[0].unshared is None
    monkeypatch.setattr(tree._Window, "__call__", lambda _, own, past: own < past)  # hides nothing
    rows = ask(wrong, questions=questions, episodes=episodes, seed=3)
    reason = rows[0].unshared
    assert reason is not None
    assert reason.startswith("on the first texts its likelihoods differed by ")
    assert {row.unshared for row in rows} == {reason}
    assert len(answers(rows)) == len(questions)
    for id, answer in answers(expected).items():
        found = answers(rows)[id]
        assert found.log_likelihoods == pytest.approx(answer.log_likelihoods, abs=1e-4)
        assert replace(found, log_likelihoods=answer.log_likelihoods) == answer
    # Each text is paid for from its beginning, and the reading that was thrown away is not.
    assert rows[0].taught == Ledger(
        seconds=rows[0].taught.seconds, peak_memory_bytes=rows[0].taught.peak_memory_bytes
    )
    if questions is not QUESTIONS:
        return
    alone = [{text[:-1] for text in one.texts} for one in encoded_with(right, DOCUMENTS)]
    assert spent(ask(wrong, CONTEXT.twin)).tokens_forward == sum(
        len(text) for texts in alone for text in texts
    )


def test_the_difference_is_that_of_the_last_choice_from_where_it_begins(pretrained: Pretrained) -> None:
    # The choices begin at different tokens, as where one straddles the end of the prompt.
    encoded = Encoded((40, 41, 42), ((40, 41, 50), (40, 41, 42, 51), (40, 60, 61)), (2, 3, 1), (1, 1, 1))
    ((found,),) = reading.Reader(pretrained.model, pretrained.tokenizer, [encoded]).read()
    difference = Asker(pretrained)._difference(encoded, found)
    assert difference is not None
    assert difference < 1e-4
    far = replace(found, log_likelihoods=(*found.log_likelihoods[:2], found.log_likelihoods[2] - 3))
    assert Asker(pretrained)._difference(encoded, far) == pytest.approx(3, abs=1e-4)


def test_where_a_model_reads_long_texts_by_themselves_there_is_no_difference(tmp_path: Path) -> None:
    make_tokenizer(tmp_path)
    rope = {"rope_type": "dynamic", "rope_theta": 10000.0, "factor": 2.0}
    make_model(tmp_path, rope_parameters={**rope, "original_max_position_embeddings": 64})
    stretched = load(str(tmp_path), dtype="float32", device="cpu")
    assert {row.unshared for row in ask(stretched)} == {
        "its positions are scaled by the length of a text beyond 64 tokens"
    }
    assert {row.difference for row in ask(stretched)} == {None}


def test_the_ledger_counts_every_distinct_token_once(pretrained: Pretrained) -> None:
    (row,) = ask(pretrained, CONTEXT.twin)
    encoded = encoded_with(pretrained, DOCUMENTS)
    # A token is its whole past; the last of a text predicts nothing, and is not read.
    read = {text[:end] for one in encoded for text in one.texts for end in range(1, len(text))}
    predicting = {
        text[:end]
        for one in encoded
        for text, start in zip(one.texts, one.starts, strict=True)
        for end in range(start, len(text))
    }
    shape = model_shape(pretrained.model)
    total = row.taught + row.asked
    assert total.tokens_forward == len(read)
    assert total.tokens_generated == total.tokens_trained == 0
    # One position more is projected: the last of the root, as the model's forward pass has it.
    assert total.flops == shape.forward_flops(len(read), sum(map(len, read)), len(predicting) + 1)
    # What is taught is what all texts share.
    shared = {
        past for past in read if all(text[: len(past)] == past for one in encoded for text in one.texts)
    }
    assert row.taught.tokens_forward == len(shared)
    assert row.taught.flops == shape.forward_flops(len(shared), sum(map(len, shared)), 1)
    assert row.asked.seconds > 0
    assert row.asked.peak_memory_bytes > 0


def test_generated_tokens_are_counted_and_those_read_on_from_too(pretrained: Pretrained) -> None:
    silent = spent(ask(pretrained, CONTEXT.twin))
    rows = ask(pretrained)
    (row,) = rows
    longest = max(
        len(text) - start
        for one in encoded_with(pretrained, DOCUMENTS)
        for text, start in zip(one.texts, one.starts, strict=True)
    )
    # No answer of this model ends before its longest length; the last token of each is not read.
    generated = len(QUESTIONS) * (longest + 12)
    assert row.asked.tokens_generated == generated
    assert row.asked.tokens_forward == silent.tokens_forward + generated - len(QUESTIONS)


def test_only_documents_that_all_questions_share_are_taught(pretrained: Pretrained) -> None:
    single = {question.id: (document,) for question, document in zip(QUESTIONS, DOCUMENTS, strict=True)}
    rows = ask(pretrained, Route("retrieve", context="search", plugin="bm25"), episodes=single)
    assert all(row.taught == Ledger() for row in rows)
    for question, document in zip(QUESTIONS, DOCUMENTS, strict=True):
        assert answers(rows)[question.id].retrieved == (document.id,)


def test_documents_that_all_questions_share_are_taught_whoever_chose_them(pretrained: Pretrained) -> None:
    own = Route("own:choice", context="custom", plugin="own:choice")
    costs = [
        [replace(row.taught, seconds=0, peak_memory_bytes=0) for row in ask(pretrained, route)]
        for route in (CONTEXT, own)
    ]
    assert costs[0] == costs[1]
    assert costs[0][0].tokens_forward > 0


def test_completions_are_continued_as_raw_text(pretrained: Pretrained) -> None:
    episodes = {question.id: () for question in COMPLETIONS}
    given = answers(ask(pretrained, Route("finetune", parameters="documents"), COMPLETIONS, episodes))
    tokenizer = pretrained.tokenizer
    requests = [Request(q.prompt.rstrip(), tuple(f" {choice}." for choice in q.choices)) for q in COMPLETIONS]
    plain = reading.Reader(pretrained.model, tokenizer, encode(tokenizer, "", requests))
    for one in (one for row in plain.read() for one in row):
        answer = given[COMPLETIONS[one.index].id]
        assert answer.log_likelihoods == pytest.approx(one.log_likelihoods, abs=1e-5)


def test_a_completion_without_a_space_before_its_answer_is_continued_without_one(
    pretrained: Pretrained,
) -> None:
    asked = Question("completion", "看管港口的钟的人是", "王明", ("王明", "李伟"), "completion")
    given = answers(ask(pretrained, Route("finetune", parameters="documents"), [asked], {asked.id: ()}))
    tokenizer = pretrained.tokenizer
    requests = [Request(asked.prompt, tuple(f"{choice}{tokenizer.eos_token}" for choice in asked.choices))]
    plain = reading.Reader(pretrained.model, tokenizer, encode(tokenizer, "", requests))
    ((one,),) = plain.read()
    assert given[asked.id].log_likelihoods == pytest.approx(one.log_likelihoods, abs=1e-5)


def test_completions_and_questions_are_asked_apart(pretrained: Pretrained) -> None:
    mixed = [COMPLETIONS[0], *QUESTIONS[:2], COMPLETIONS[1]]
    rows = ask(pretrained, questions=mixed, episodes={question.id: () for question in mixed})
    assert [sorted(answer.question.split("-")[0] for answer in row.answers) for row in rows] == [
        ["reversal", "reversal"],
        ["completion", "completion"],
    ]


@pytest.mark.usefixtures("one_question_a_row")
@pytest.mark.parametrize("interrupted_after", [1, 3, 4])
def test_taken_up_again_it_answers_the_same(pretrained: Pretrained, interrupted_after: int) -> None:
    whole = ask(pretrained)
    done = answers(whole[:interrupted_after])
    rest = ask(pretrained, done=done)
    assert {**done, **answers(rest)} == answers(whole)
    assert len(rest) == len(whole) - interrupted_after
    # The documents were paid for before the interruption.
    assert all(row.taught == Ledger() for row in rest)


def test_documents_beyond_the_window_are_refused_before_anything_is_asked(pretrained: Pretrained) -> None:
    long = tuple(replace(DOCUMENTS[0], id=str(number), text="lens " * 40) for number in range(40))
    with pytest.raises(
        PromptTooLongError, match=r"\d+ tokens are needed for the documents .* holds 1024: \d+ too many"
    ):
        ask(pretrained, episodes={question.id: long for question in QUESTIONS})


@pytest.mark.parametrize("chat", [False, True])
def test_what_a_tokenizer_puts_before_a_text_stands_before_each_plain_prompt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chat: bool
) -> None:
    tokenizer = make_tokenizer(tmp_path, chat=chat)
    tokenizer.backend_tokenizer.post_processor = processors.TemplateProcessing(
        single="<|start|> $A", special_tokens=[("<|start|>", 0)]
    )
    tokenizer.save_pretrained(tmp_path)
    make_model(tmp_path)
    opening = load(str(tmp_path), dtype="float32", device="cpu")
    read: list[tuple[int, ...]] = []

    def kept(model: Any, tokenizer: Any, encoded: Sequence[Encoded], **settings: Any) -> reading.Reader:
        read.extend(one.prompt for one in encoded)
        return reading.Reader(model, tokenizer, encoded, **settings)

    monkeypatch.setattr(asking, "Reader", kept)
    own = dict(zip((question.id for question in QUESTIONS), ((one,) for one in DOCUMENTS), strict=True))
    asked = [QUESTIONS[0], COMPLETIONS[0]]
    ask(opening, questions=asked, episodes={question.id: DOCUMENTS for question in asked})
    ask(opening, Route("retrieve", context="search", plugin="bm25"), QUESTIONS[:2], own)
    read_one(Asker(opening), QUESTIONS[0].prompt, DOCUMENTS)
    form = Assembler(tokenizer)
    texts = [
        form.prefix(documents) + form.prompt(question.prompt)
        for question, documents in (
            (QUESTIONS[0], DOCUMENTS),
            *((question, own[question.id]) for question in QUESTIONS[:2]),
            (QUESTIONS[0], DOCUMENTS),
        )
    ]
    texts.insert(1, COMPLETIONS[0].prompt.rstrip())
    starts = [[] if chat else [0], [0], *([[] if chat else [0]] * 3)]  # a template has them already
    assert read == [
        (*start, *tokenizer(text, add_special_tokens=False).input_ids)
        for start, text in zip(starts, texts, strict=True)
    ]


def test_say_answers_in_words(pretrained: Pretrained) -> None:
    said = read_one(Asker(pretrained), "Who is the keeper of the Corvane chronometer?", DOCUMENTS).generated
    assert said == said.strip() != ""
