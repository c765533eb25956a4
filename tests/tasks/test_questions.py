"""Questions: their fields, their faults, and the choices that are drawn for them."""

import json
import random
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from reading_checks import json_values, reads_or_refuses, refused, write, write_parquet

from obverse.tasks.questions import QUESTION_FIELDS, question_template, read_questions
from obverse.tasks.task import read_task
from obverse.types import Document, Question

DOCUMENTS = tuple(
    Document(name, "Text.") for name in ("clock", "guide#1", "guide#2", "guide#10", "a#1", "a", "7")
)

quick = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def lines(*records: dict[str, object]) -> str:
    return "\n".join(json.dumps(record) for record in records)


def read(path: Path, content: str | bytes) -> tuple[Question, ...]:
    return read_questions(write(path / "q.jsonl", content), DOCUMENTS)


def read_one(path: Path, **fields: object) -> Question:
    record: dict[str, object] = {"question": "Who?", "answer": "A", "choices": ["A", "B"], **fields}
    (question,) = read(path, lines(record))
    return question


def test_the_least_question(tmp_path: Path) -> None:
    content = '# comment\n\n{"question": " Who? ", "answer": "A ", "choices": ["B", " A"]}'
    assert read(tmp_path, content) == (Question("q3", "Who?", "A", ("B", "A")),)


def test_every_field(tmp_path: Path) -> None:
    statement = {"subject": "the clock", "relation": "is kept by", "object": "A"}
    fields = {"id": "x", "kind": "reversal", "latent": True, "needs": ["clock", 7], "group": "g"}
    assert read_one(tmp_path, **fields, **statement) == Question(
        "x", "Who?", "A", ("A", "B"), "reversal", True, ("clock", "7"), "g", ("the clock", "is kept by", "A")
    )


@pytest.mark.parametrize(
    ("needs", "expected"),
    [
        ("clock", ("clock",)),
        ("guide", ("guide#1", "guide#2", "guide#10")),
        ("guide#2", ("guide#2",)),
        (["guide", "guide#1", "clock"], ("guide#1", "guide#2", "guide#10", "clock")),
        ("a", ("a",)),
        (7, ("7",)),
        ([], ()),
        (None, ()),
    ],
)
def test_needs(tmp_path: Path, needs: object, expected: tuple[str, ...]) -> None:
    assert read_one(tmp_path, needs=needs).needs == expected


def test_choices_as_json(tmp_path: Path) -> None:
    assert read_one(tmp_path, choices='["B", "A"]').choices == ("B", "A")


def test_verdicts_are_passed_over_and_what_is_known_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    row = {"question": "Who?", "answer": "A", "choices": ["A", "B"]}
    verdicts = {
        "rests_on": ["A keeps it."],
        "checks": {"leak": "passed"},
        "written_by": "m",
        "checked_by": "m",
    }
    rows = [
        row,
        {**row, **verdicts, "question": "What?", "known": True},
        {**row, "question": "How?", "known": False},
    ]
    path = write(tmp_path / "q.jsonl", "".join(json.dumps(one) + "\n" for one in rows))
    assert [question.answer for question in read_questions(path, DOCUMENTS)] == ["A", "A", "A"]
    assert [record.getMessage() for record in caplog.records] == [
        f"{path}: 1 of 3 questions are marked as known to a model without documents"
    ]


def test_parquet(tmp_path: Path) -> None:
    columns = {
        "question": ["Who?", "What?"],
        "answer": ["A", "B"],
        "choices": [["A", "B"], ["C", "B"]],
        "needs": [["clock"], None],
        "latent": [True, None],
    }
    path = write_parquet(tmp_path / "q.parquet", columns)
    assert read_questions(path, DOCUMENTS) == (
        Question("q1", "Who?", "A", ("A", "B"), latent=True, needs=("clock",)),
        Question("q2", "What?", "B", ("C", "B")),
    )
    write_parquet(path, {"question": ["Who?"], "answers": ["A"]})
    assert refused(lambda: read_questions(path, DOCUMENTS)).startswith(
        f"{path}: 'answers' is not a known field; "
    )


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"question": None}, "'question' is missing; give \"question\""),
        ({"answer": None}, "'answer' is missing; give \"answer\""),
        ({"answer": 1887}, "'answer' is the number 1887, not a string; write it in quotes"),
        ({"answer": "\n"}, "'answer' is empty; fill it in, or leave it out where it is optional"),
        ({"answer": "C\n"}, "the answer 'C' is not among the choices; add it to 'choices'"),
        ({"choices": ["A", "B", "A"]}, "choice 'A' is given twice; give each choice once"),
        ({"choices": ["A"]}, "there is one choice only; give two or more, or leave 'choices' out"),
        ({"choices": ["A", 2]}, "an entry of 'choices' is the number 2, not a string; write it in quotes"),
        ({"choices": "A"}, "'choices' is 'A'; write a list of strings"),
        (
            {"choices": "[A"},
            "'choices' is not JSON (Expecting value, column 2); write one JSON object a line",
        ),
        ({"latent": "yes"}, "'latent' is 'yes'; write true or false"),
        ({"needs": "clocks"}, "'needs' names no document: 'clocks'; did you mean 'clock'?"),
        ({"needs": ["zzz"]}, "'needs' names no document: 'zzz'; use the ids of the documents"),
        ({"needs": {"a": 1}}, "'needs' is an object, not a string; write it in quotes"),
        (
            {"subject": "a", "object": "b"},
            "'relation' is missing; give subject, relation and object, or none",
        ),
        ({"kind": ["a"]}, "'kind' is a list, not a string; write it in quotes"),
        (
            {"anwser": "A"},
            "'anwser' is not a known field; leave it out; known are answer, checked_by, checks, choices",
        ),
        ({"\ud800\n": "A"}, "'\\ud800\\n' is not a known field; "),
        ({"question": "x" * 999 + "\ud800"}, f"'question' is not valid text: '{'x' * 59}…'; take out NUL"),
    ],
)
def test_faults_name_file_and_line(tmp_path: Path, fields: dict[str, object], expected: str) -> None:
    record = {"question": "Who?", "answer": "A", "choices": ["A", "B"], **fields}
    message = refused(lambda: read(tmp_path, "// one\n" + lines(record)))
    assert message.startswith(f"{tmp_path / 'q.jsonl'}:2: {expected}")


def test_all_faults_are_told_together(tmp_path: Path) -> None:
    good: dict[str, object] = {"question": "Who?", "answer": "A", "choices": ["A", "B"]}
    bad = [{**good, "answer": None}, {**good, "needs": "zzz"}, {**good, "id": "q1"}, {**good, "x": 1}]
    faults = refused(lambda: read(tmp_path, lines(good, *bad) + "\n[1]\n{")).split("\n")
    assert sorted(fault.split(": ")[0] for fault in faults) == [
        f"{tmp_path / 'q.jsonl'}:{line}" for line in (2, 3, 4, 5, 6, 7)
    ]


def test_a_question_whose_distractor_is_faulty_is_no_fault_of_its_own(tmp_path: Path) -> None:
    message = refused(
        lambda: read(tmp_path, lines({"question": "Who?", "answer": "A"}, {"question": "What?"}))
    )
    assert message.splitlines() == [f"{tmp_path / 'q.jsonl'}:2: 'answer' is missing; give \"answer\""]


def test_faults_of_documents_and_of_questions_are_told_together(tmp_path: Path) -> None:
    write(tmp_path / "docs" / "a.md", "")
    questions = write(tmp_path / "q.jsonl", '{"question": "Who?", "needs": "a"}')
    faults = refused(lambda: read_task(tmp_path / "docs", questions)).splitlines()
    assert [fault.rpartition(": ")[2].split("; ")[0] for fault in faults] == [
        "holds no text",
        "'answer' is missing",
    ]


def test_equal_questions_are_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    record: dict[str, object] = {"question": "Who?", "answer": "A", "choices": ["A", "B"]}
    path = write(
        tmp_path / "q.jsonl",
        lines(
            record,
            {**record, "question": " who? "},
            {**record, "answer": "B"},
            {**record, "question": "What?"},
        ),
    )
    read_questions(path, DOCUMENTS)
    assert [record.getMessage() for record in caplog.records] == [
        f"{path}: questions that are the same: q1 = q2"
    ]


CITIES = ["Paris", "Rome", "Oslo"]


def cities(*answers: object, choices: object = tuple(CITIES)) -> str:
    return lines(
        *(
            {"question": f"{number}?", "answer": answer, "choices": choices}
            for number, answer in enumerate(answers)
        )
    )


@pytest.mark.parametrize(
    "letters", ["BC", ["B.", "C."], ["b", "c"], ["(B)", "(c)"], ["B)", "C:"], ["[B]", "C"]]
)
def test_answers_as_letters_of_the_choices(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, letters: Sequence[str]
) -> None:
    path = write(tmp_path / "q.jsonl", cities(*letters))
    assert [question.answer for question in read_questions(path, DOCUMENTS)] == ["Rome", "Oslo"]
    assert [record.getMessage() for record in caplog.records] == [
        f"{path}: answers are read as letters of the choices (B is the second)"
    ]


def test_letters_that_are_texts_of_choices_are_these(tmp_path: Path) -> None:
    content = cities("B", "A", choices=["C", "A", "B"])
    assert [question.answer for question in read(tmp_path, content)] == ["B", "A"]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            cities("B", "Rome"),
            ":1: the answer 'B' is not among the choices, and not all answers are letters of choices; write 'Rome' if "
            "it is one",
        ),
        (cities("rome"), ":1: the answer 'rome' is not among the choices; did you mean 'Rome'?"),
        (cities("B) Rome"), ":1: the answer 'B) Rome' is not among the choices; did you mean 'Rome'?"),
        (cities("B", "D"), ":2: the answer 'D' is not among the choices; add it to 'choices'"),
        (
            cities("C") + "\n" + cities("A", choices=["B", "A"]),
            ":2: the answer 'A' is a choice, and other answers are letters of choices; write all answers out; here 'A' "
            "or 'B'",
        ),
        (
            cities(1),
            ":1: 'answer' is the number 1; write the text of the choice: 'Rome' if choices count from 0, 'Paris' if "
            "choices count from 1",
        ),
        (
            cities(0),
            ":1: 'answer' is the number 0; write the text of the choice: 'Paris' if choices count from 0",
        ),
        (
            cities("3"),
            ":1: the answer '3' is not among the choices; write the text of the choice: 'Oslo' if choices count from 1",
        ),
        (
            cities(2, choices=["1", "2", "3"]),
            ":1: 'answer' is the number 2; write the text of the choice: '2' if that is the answer, '3' if choices "
            "count from 0, '2' if choices count from 1",
        ),
        (
            cities("B", choices={"text": CITIES}),
            ":1: 'choices' is an object without a label for each text; write {",
        ),
        (
            cities("B", choices={"text": CITIES, "label": ["A", "B"]}),
            ":1: 'choices' is an object without a label",
        ),
    ],
)
def test_answers_that_could_be_two_choices_or_none(tmp_path: Path, content: str, expected: str) -> None:
    assert refused(lambda: read(tmp_path, content)).startswith(f"{tmp_path / 'q.jsonl'}{expected}")


def test_choices_with_labels(tmp_path: Path) -> None:
    labelled = {"text": CITIES, "label": ["1", "2", "3"]}
    questions = read(tmp_path, cities("2", "Oslo", choices=labelled))
    assert [(question.answer, question.choices) for question in questions] == [
        ("Rome", tuple(CITIES)),
        ("Oslo", tuple(CITIES)),
    ]
    columns = {"question": ["Who?"], "answer": ["B"], "choices": [{"text": CITIES, "label": list("ABC")}]}
    (question,) = read_questions(write_parquet(tmp_path / "q.parquet", columns), DOCUMENTS)
    assert question.answer == "Rome"


def test_double_ids(tmp_path: Path) -> None:
    record: dict[str, object] = {"question": "Who?", "answer": "A", "choices": ["A", "B"]}
    path = tmp_path / "q.jsonl"
    message = refused(lambda: read(tmp_path, lines(record, {**record, "id": "q1"})))
    assert message == f"{path}:2: id 'q1' is already that of {path}:1; give each its own id"


def test_files_that_are_none(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    assert refused(lambda: read(tmp_path, "# only this")).startswith(
        f"{path}: holds no questions; write lines like"
    )
    assert (
        refused(lambda: read(tmp_path, b"\xff"))
        == f"{path}:1: is not UTF-8 (byte 0xff at offset 0); save it as UTF-8"
    )
    missing = tmp_path / "no.jsonl"
    assert refused(lambda: read_questions(missing, ())) == f"{missing}: there is no such file; check the path"
    assert refused(lambda: read_questions(tmp_path, ())).startswith(
        f"{tmp_path}: is not a question file; give"
    )
    folder = tmp_path / "folder.jsonl"
    folder.mkdir()
    assert refused(lambda: read_questions(folder, ())) == f"{folder}: is not a regular file; give a file"


def recall(answer: str, **fields: object) -> dict[str, object]:
    return {"question": f"Which is {answer}?", "answer": answer, **fields}


def test_drawn_choices_are_other_answers_of_the_kind(tmp_path: Path) -> None:
    records = [recall(answer, kind="a") for answer in "ABCDEF"] + [
        recall(answer, kind="b") for answer in "XYZ"
    ]
    questions = read(tmp_path, lines(*records))
    for question in questions:
        pool = set("ABCDEF" if question.kind == "a" else "XYZ")
        assert question.drawn
        assert question.answer in question.choices
        assert set(question.choices) <= pool
        assert len(set(question.choices)) == len(question.choices) == min(4, len(pool))
    assert len({question.choices.index(question.answer) for question in questions}) > 1


@given(seed=st.integers(0, 1000))
@quick
def test_drawn_choices_do_not_depend_on_the_order_of_lines(tmp_path: Path, seed: int) -> None:
    records = [recall(answer) for answer in "ABCDEFGH"]
    expected = {question.prompt: question.choices for question in read(tmp_path, lines(*records))}
    random.Random(seed).shuffle(records)
    assert {question.prompt: question.choices for question in read(tmp_path, lines(*records))} == expected


def test_drawn_choices_are_never_right(tmp_path: Path) -> None:
    first, *_ = read(
        tmp_path,
        lines(
            {"question": "Who keeps it?", "answer": "Ann"},
            {"question": "who  KEEPS it?", "answer": "Ben"},
            {"question": "Who keeps it?", "answer": "ANN "},
            recall("Cay"),
        ),
    )
    assert sorted(first.choices) == ["Ann", "Cay"]


def test_drawn_choices_neither_equal_nor_hold_each_other(tmp_path: Path) -> None:
    answers = ["Bo", "the Bo", "Bream", "Bream Sound", "5", "50", "500", "7", "Olm", "Varn"]
    questions = read(tmp_path, lines(*map(recall, answers)))
    for question in questions:
        assert len(question.choices) == 4
        assert not any(
            one.lower() in other.lower()
            for one in question.choices
            for other in question.choices
            if one != other
        )
        assert not {"Bo", "the Bo"} <= set(question.choices)


def test_numbers_that_all_hold_each_other_are_not_drawn_from(tmp_path: Path) -> None:
    place = tmp_path / "q.jsonl"
    said = refused(lambda: read(tmp_path, lines(*map(recall, ("1", "10", "100")))))
    assert said == (
        f"{place}:1: has no 'choices', and no other question has an answer to draw from that neither equals its own "
        "nor holds it; give 'choices'"
    )


def test_choices_of_one_s_own_that_are_equal_in_other_dress_are_refused(tmp_path: Path) -> None:
    record: dict[str, object] = {"question": "Who?", "answer": "Bo", "choices": ["Bo", "Ann", "the Bo"]}
    said = refused(lambda: read(tmp_path, lines(recall("Olm"), record)))
    assert said == (
        f"{tmp_path / 'q.jsonl'}:2: choices 'Bo' and 'the Bo' say the same: case, articles and "
        "quotation marks do not count; leave one out"
    )
    nested: dict[str, object] = {"question": "Where?", "answer": "Bream", "choices": ["Bream", "Bream Sound"]}
    (question,) = read(tmp_path, lines(nested))
    assert question.choices == ("Bream", "Bream Sound")


def test_where_the_kind_has_no_other_answer_all_kinds_serve(tmp_path: Path) -> None:
    questions = read(tmp_path, lines(recall("A", kind="a"), recall("X", kind="b"), recall("Y", kind="b")))
    assert sorted(questions[0].choices) == ["A", "X", "Y"]
    assert sorted(questions[1].choices) == ["X", "Y"]


def test_nothing_to_draw_from(tmp_path: Path) -> None:
    message = refused(lambda: read(tmp_path, lines(recall("A"), recall("a"))))
    expected = (
        "has no 'choices', and no other question has an answer to draw from that neither equals its own nor holds it; "
        "give 'choices'"
    )
    assert message == f"{tmp_path / 'q.jsonl'}:1: {expected}"


def test_template_reads_as_it_is(tmp_path: Path) -> None:
    documents = [Document(name, "Text.") for name in ("harbour-clock", "library", "maren-hollis")]
    questions = read_questions(write(tmp_path / "t.jsonl", question_template()), documents)
    assert {question.kind for question in questions} == {"recall", "reversal", "chain"}
    assert {need for question in questions for need in question.needs} == {
        document.id for document in documents
    }
    assert all(field in question_template() for field in QUESTION_FIELDS)


@quick
@given(content=st.binary(max_size=300), suffix=st.sampled_from([".jsonl", ".parquet"]))
def test_any_bytes(tmp_path: Path, content: bytes, suffix: str) -> None:
    path = write(tmp_path / f"q{suffix}", content)
    reads_or_refuses(lambda: read_questions(path, DOCUMENTS))


@quick
@given(st.lists(st.dictionaries(st.sampled_from([*QUESTION_FIELDS, "x", "\ud800"]), json_values), max_size=3))
@example([{"question": "a", "answer": "b", "choices": "[" * 100_000}])
@example([{"question": "a", "answer": "b", "choices": '["b", "\\ud800"]'}])
@example([{"question": "a", "answer": "b", "needs": 10**400}])
def test_any_json(tmp_path: Path, records: list[dict[str, object]]) -> None:
    whole: list[dict[str, object]] = [{"question": "Who?", "answer": "A", **record} for record in records]
    reads_or_refuses(lambda: read(tmp_path, lines(*records)))
    reads_or_refuses(lambda: read(tmp_path, lines(recall("B"), *whole)))


@quick
@given(column=st.sampled_from(QUESTION_FIELDS), data=st.data())
def test_any_column_type(tmp_path: Path, column: str, data: st.DataObject) -> None:
    values = st.one_of(
        st.lists(st.binary(max_size=3), min_size=1, max_size=1),
        st.lists(st.floats(), min_size=1, max_size=1),
        st.lists(st.datetimes(), min_size=1, max_size=1),
        st.lists(st.decimals(-9, 9, places=2), min_size=1, max_size=1),
        st.lists(st.lists(st.integers(0, 9), max_size=2), min_size=1, max_size=1),
        st.lists(st.fixed_dictionaries({"a": st.integers(0, 9)}), min_size=1, max_size=1),
    )
    columns = {"question": ["Who?"], "answer": ["A"], column: data.draw(values)}
    path = write_parquet(tmp_path / "q.parquet", columns)
    reads_or_refuses(lambda: read_questions(path, DOCUMENTS))
