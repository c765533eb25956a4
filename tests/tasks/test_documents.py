"""Documents from folders, single files and tables."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from reading_checks import json_values, reads_or_refuses, refused, write, write_parquet

from obverse.tasks.documents import read_documents, source
from obverse.types import Document

quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def test_folder_is_read_in_the_order_of_its_paths(tmp_path: Path) -> None:
    for name in ("b.md", "a.txt", "rules/opening.MD", ".hidden.md", ".git/x.md", "notes.csv"):
        write(tmp_path / name, f"Text of {name}.\n")
    assert read_documents(tmp_path) == (
        Document("a", "Text of a.txt."),
        Document("b", "Text of b.md."),
        Document("rules/opening", "Text of rules/opening.MD."),
    )


@pytest.mark.parametrize(
    "suffix", [".txt", ".text", ".md", ".Markdown", ".mdx", ".rst", ".adoc", ".org", ".log"]
)
def test_text_formats(tmp_path: Path, suffix: str) -> None:
    write(tmp_path / f"a{suffix}", "Text.")
    assert read_documents(tmp_path) == read_documents(tmp_path / f"a{suffix}") == (Document("a", "Text."),)


@pytest.fixture
def remarks(caplog: pytest.LogCaptureFixture) -> Callable[[Path], list[str]]:
    def read(path: Path) -> list[str]:
        caplog.clear()
        read_documents(path)
        return [record.getMessage() for record in caplog.records]

    return read


def test_what_is_passed_over_is_told_by_its_ending(
    tmp_path: Path, remarks: Callable[[Path], list[str]]
) -> None:
    folder = tmp_path / "docs"
    for number, name in enumerate(("a.md", "b.txt")):
        write(folder / name, f"Text {number}.")
    assert remarks(folder) == []
    for name in ("x.csv", "y.CSV", "sub/z.png", "LICENSE", ".hidden.md", ".git/config"):
        write(folder / name, "text")
    (folder / "link").symlink_to(tmp_path)
    assert remarks(folder) == [
        f"{folder}: read 2 documents; passed over 2 hidden, 2 .csv, 1 linked folders, 1 without ending, 1 .png"
    ]
    for number in range(20):
        write(folder / f"x.{number}", "text")
    (said,) = remarks(folder)
    assert said.endswith(", 17 others")


def test_equal_documents_are_told(tmp_path: Path, remarks: Callable[[Path], list[str]]) -> None:
    for name, text in (("a", "One  two.\n"), ("b", "One\ntwo."), ("c", "One two!"), ("d", "x"), ("e", "x")):
        write(tmp_path / f"{name}.md", text)
    assert remarks(tmp_path) == [f"{tmp_path}: documents with the same text: a = b; d = e"]
    path = write(tmp_path / "docs.jsonl", '{"text": "x"}\n' * 9)
    assert remarks(path) == [f"{path}: documents with the same text: 1 = 2 = 3 = 4 = 5 = ..."]


def test_all_faults_of_all_files_are_told_together(tmp_path: Path) -> None:
    write(tmp_path / "a.md", "")
    write(tmp_path / "b.md", b"\xff\xfea\0")
    write(tmp_path / "c.md", b"t\xe9")
    write(tmp_path / "good.md", "Good.")
    assert refused(lambda: read_documents(tmp_path)).split("\n") == [
        f"{tmp_path / 'a.md'}: holds no text; fill it or take it out",
        f"{tmp_path / 'b.md'}: is UTF-16; save it as UTF-8",
        f"{tmp_path / 'c.md'}:1: is not UTF-8 (byte 0xe9 at offset 1); save it as UTF-8",
    ]
    lines = ['{"text": "a"}', "[1]", '{"text": 1}', "{", '{"id": "1", "text": "b"}', '{"text": "c"}']
    path = write(tmp_path / "docs.jsonl", "\n".join(lines))
    assert [line.split(": ")[0] for line in refused(lambda: read_documents(path)).split("\n")] == [
        f"{path}:2",
        f"{path}:4",
        f"{path}:3",
        f"{path}:5",
    ]


def test_more_faults_than_can_be_read_are_counted(tmp_path: Path) -> None:
    path = write(tmp_path / "docs.jsonl", "[1]\n" * 1025)
    *first, last = refused(lambda: read_documents(path)).split("\n")
    assert len(first) == 20
    assert last == "1,005 more faults; mend these first"


def test_files_of_one_path_keep_their_suffixes(tmp_path: Path) -> None:
    for name in ("guide.md", "guide.txt", "guide.md.txt", "other.md"):
        write(tmp_path / name, name)
    assert [document.id for document in read_documents(tmp_path)] == [
        "guide.md",
        "guide.md.txt",
        "guide.txt",
        "other",
    ]


def test_long_files_are_split_and_their_pieces_numbered(tmp_path: Path) -> None:
    write(tmp_path / "guide.md", "# One\n" + "word " * 300 + "\n\n# Two\n" + "word " * 300)
    documents = read_documents(tmp_path)
    assert [(document.id, document.text[:5]) for document in documents] == [
        ("guide#1", "# One"),
        ("guide#2", "# Two"),
    ]
    assert {source(document.id) for document in documents} == {"guide"}


@pytest.mark.parametrize(
    ("id", "expected"), [("guide#3", "guide"), ("guide", "guide"), ("c#", "c#"), ("#a", "#a")]
)
def test_source(id: str, expected: str) -> None:
    assert source(id) == expected


def test_single_file_byte_order_mark_and_line_ends(tmp_path: Path) -> None:
    path = write(tmp_path / "one.txt", b"\xef\xbb\xbfFirst\r\nsecond\rthird\n")
    assert read_documents(path) == (Document("one", "First\nsecond\nthird"),)


def test_jsonl(tmp_path: Path) -> None:
    lines = [
        '{"text": " A.\\r\\nB. "}',
        "",
        "// a comment",
        '{"id": 7, "text": "C.", "group": "g", "other": [1]}',
    ]
    path = write(tmp_path / "docs.jsonl", b"\xef\xbb\xbf" + "\r\n".join(lines).encode())
    assert read_documents(path) == (Document("1", "A.\nB."), Document("7", "C.", "g"))


def test_parquet(tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "docs.parquet", {"text": ["A.", "B."], "id": ["x", None], "size": [1, 2]})
    assert read_documents(path) == (Document("x", "A."), Document("2", "B."))


def test_answers(tmp_path: Path) -> None:
    content = '{"text": " A is\\r\\nB. ", "answers": [[0, 1], [5, 6]]}\n{"text": "A", "answers": []}'
    path = write(tmp_path / "docs.jsonl", content)
    first, second = read_documents(path)
    assert first.answers == ((0, 1), (5, 6))
    assert [first.text[start:end] for start, end in first.answers] == ["A", "B"]
    assert second.answers == ()
    columns = {"text": ["A is B.", "C"], "answers": [[[0, 1], [5, 6]], None]}
    first, second = read_documents(write_parquet(tmp_path / "docs.parquet", columns))
    assert (first.answers, second.answers) == (((0, 1), (5, 6)), ())


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ("7", "'answers' is the number 7; write a list of [start, end]"),
        ('"[[0, 1]]"', "'answers' is '[[0, 1]]'; write a list of [start, end]"),
        ("[0, 1]", "entry 1 of 'answers' is no pair of whole numbers; write [start, end]"),
        ("[[0, 1], [1]]", "entry 2 of 'answers' is no pair of whole numbers; write [start, end]"),
        ("[[0, 1.0]]", "entry 1 of 'answers' is no pair of whole numbers; write [start, end]"),
        ("[[false, true]]", "entry 1 of 'answers' is no pair of whole numbers; write [start, end]"),
        ("[[1, 1]]", "entry 1 of 'answers' is empty"),
        ("[[2, 1]]", "entry 1 of 'answers' is empty, out of order or not in the text"),
        ("[[-1, 1]]", "entry 1 of 'answers' is empty, out of order or not in the text"),
        ("[[0, 3], [2, 4]]", "entry 2 of 'answers' is empty, out of order or not in the text"),
        (
            "[[0, 5]]",
            "entry 1 of 'answers' is empty, out of order or not in the text; give places from 0 to 4",
        ),
    ],
)
def test_bad_answers(tmp_path: Path, answers: str, expected: str) -> None:
    path = write(tmp_path / "docs.jsonl", f'{{"text": "good"}}\n{{"text": "text", "answers": {answers}}}')
    assert refused(lambda: read_documents(path)).startswith(f"{path}:2: {expected}")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "holds no text; fill it or take it out"),
        (b"\xef\xbb\xbf \n\t", "holds no text; fill it or take it out"),
        ("\u200b\u2060\n\x0c\u200e".encode(), "holds no text; fill it or take it out"),
        (b"one\ntwo\0", ":2: is binary (a NUL byte at offset 7); save it as UTF-8 text, or take it out"),
        (b"one\nt\xe9t", ":2: is not UTF-8 (byte 0xe9 at offset 5); save it as UTF-8"),
        (
            "é".encode("utf-16"),
            "is UTF-16; save it as UTF-8",
        ),
    ],
)
def test_bad_text_files(tmp_path: Path, content: bytes, expected: str) -> None:
    path = write(tmp_path / "bad.md", content)
    write(tmp_path / "a.md", "Good.")
    separator = "" if expected.startswith(":") else ": "
    assert refused(lambda: read_documents(tmp_path)) == f"{path}{separator}{expected}"
    assert refused(lambda: read_documents(path)) == f"{path}{separator}{expected}"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", ': holds no documents; write lines like {"text": "..."}'),
        (
            '{"text": "a"}\n{"text": ',
            ":2: is not JSON (Expecting value, column 9); write one JSON object a line",
        ),
        ("[1]", ":1: is a list, not a JSON object; write"),
        ('{"id": "a"}', ":1: 'text' is missing; give \"text\""),
        ('{"text": null}', ":1: 'text' is missing; give \"text\""),
        ('\n{"text": 5}', ":2: 'text' is the number 5, not a string; write it in quotes"),
        ('{"text": " "}', ":1: 'text' is empty; fill it in"),
        (
            '{"text": "a\\ud800"}',
            ":1: 'text' is not valid text: 'a\\ud800'; take out NUL and lone surrogates",
        ),
        ('{"text": "a\\u0000"}', ":1: 'text' is not valid text: 'a\\x00'; take out"),
        ('{"text": "a", "text": "b"}', ":1: 'text' is given twice; keep one"),
        ('{"text": NaN}', ":1: NaN is not JSON; write null or a number"),
        ("[" * 100_000, ":1: is nested too deeply; write one flat JSON object a line"),
        ('{"text": ' + "9" * 5000 + "}", ":1: has a number that is too long; write it as a string"),
        ('{"id": "a\\nb", "text": "x"}', ":1: 'id' has control characters: 'a\\nb'; leave them out"),
        ('{"id": true, "text": "x"}', ":1: 'id' is true, not a string; write it in quotes"),
    ],
)
def test_bad_jsonl(tmp_path: Path, content: str, expected: str) -> None:
    path = write(tmp_path / "docs.jsonl", content)
    assert refused(lambda: read_documents(path)).startswith(f"{path}{expected}")


def test_bad_bytes_in_jsonl(tmp_path: Path) -> None:
    path = write(tmp_path / "docs.jsonl", b'{"text": "a"}\n{"text": "\xff"}')
    expected = f"{path}:2: is not UTF-8 (byte 0xff at offset 10); save it as UTF-8"
    assert refused(lambda: read_documents(path)) == expected


def test_double_ids_name_both_places(tmp_path: Path) -> None:
    path = write(tmp_path / "docs.jsonl", '{"id": "a", "text": "x"}\n\n{"id": "a", "text": "y"}')
    expected = f"{path}:3: id 'a' is already that of {path}:1; give each its own id"
    assert refused(lambda: read_documents(path)) == expected
    folder = tmp_path / "folder"
    write(folder / "g.md", "word " * 500)
    write(folder / "g#1.md", "Text.")
    expected = f"{folder / 'g.md'}: id 'g#1' is already that of {folder / 'g#1.md'}; give each its own id"
    assert refused(lambda: read_documents(folder)) == expected


def test_bad_parquet(tmp_path: Path) -> None:
    path = write(tmp_path / "docs.parquet", b"PAR1 is not enough PAR1")
    assert refused(lambda: read_documents(path)).startswith(
        f"{path}: is not a Parquet file that can be read ("
    )
    write_parquet(path, {"text": ["a", None]})
    assert refused(lambda: read_documents(path)) == f"{path}, row 2: 'text' is missing; give \"text\""
    write_parquet(path, {"text": [1.5]})
    assert refused(lambda: read_documents(path)).startswith(f"{path}, row 1: 'text' is the number 1.5, not a")
    write_parquet(path, {"body": ["a"]})
    assert refused(lambda: read_documents(path)) == f"{path}, row 1: 'text' is missing; give \"text\""
    write_parquet(path, {"text": []})
    assert refused(lambda: read_documents(path)).startswith(f"{path}: holds no documents; ")


def test_nothing_readable(tmp_path: Path) -> None:
    missing = tmp_path / "none"
    assert refused(lambda: read_documents(missing)).startswith(
        f"{missing}: there is no such file or folder; "
    )
    assert refused(lambda: read_documents(tmp_path)).startswith(
        f"{tmp_path}: is empty; put .txt, .text, .md, "
    )
    for name in ("a.csv", "b.csv", "LICENSE", ".hidden.md"):
        write(tmp_path / name, "text")
    expected = f"{tmp_path}: holds no documents (seen: 2 .csv, 1 hidden, 1 without ending); put .txt, "
    assert refused(lambda: read_documents(tmp_path)).startswith(expected)
    other = tmp_path / "a.csv"
    assert refused(lambda: read_documents(other)).startswith(
        f"{other}: is nothing that documents can be read"
    )


def test_odd_files(tmp_path: Path) -> None:
    link = tmp_path / "broken.md"
    link.symlink_to(tmp_path / "nowhere")
    assert refused(lambda: read_documents(tmp_path)) == f"{link}: there is no such file; check the path"
    link.unlink()
    os.mkfifo(tmp_path / "pipe.md")
    assert (
        refused(lambda: read_documents(tmp_path))
        == f"{tmp_path / 'pipe.md'}: is not a regular file; give a file"
    )
    (tmp_path / "pipe.md").unlink()
    write(tmp_path / "line\nbreak.md", "text")
    assert "line\\nbreak.md: its name has control characters" in refused(lambda: read_documents(tmp_path))
    assert "cannot be read" in refused(lambda: read_documents("a" * 5000 + ".md"))
    assert "cannot be read" in refused(lambda: read_documents("a\0.md"))


@quick
@given(content=st.binary(max_size=200), suffix=st.sampled_from([".txt", ".md", ".jsonl", ".parquet"]))
def test_any_bytes_in_a_file(tmp_path: Path, content: bytes, suffix: str) -> None:
    path = write(tmp_path / f"any{suffix}", content)
    reads_or_refuses(lambda: read_documents(path))
    reads_or_refuses(lambda: read_documents(tmp_path))
    path.unlink()


@quick
@given(name=st.text(max_size=12), content=st.text(max_size=60))
def test_any_name_and_text_in_a_folder(
    tmp_path_factory: pytest.TempPathFactory, name: str, content: str
) -> None:
    folder = tmp_path_factory.mktemp("any")
    try:
        (folder / f"{name}.md").write_bytes(content.encode())
    except (OSError, ValueError):  # No such name in this file system.
        return
    reads_or_refuses(lambda: read_documents(folder))


@quick
@given(value=json_values, id=json_values, other=st.text())
@example(value="a", id="\ud800", other="")
@example(value={"a": float("nan")}, id=None, other="\n")
def test_any_json_in_a_table(tmp_path: Path, value: object, id: object, other: str) -> None:
    path = write(
        tmp_path / "any.jsonl", json.dumps({"text": value, "id": id, other: 1}) + "\n" + other.strip("\ud800")
    )
    reads_or_refuses(lambda: read_documents(path))


@quick
@given(data=st.data())
def test_any_damage_to_a_parquet_file(tmp_path: Path, data: st.DataObject) -> None:
    whole = write_parquet(
        tmp_path / "good.parquet", {"text": ["Aaa.", "Bbb."], "id": ["x", "y"]}
    ).read_bytes()
    damaged = bytearray(whole)
    for place in data.draw(st.lists(st.integers(0, len(whole) - 1), min_size=1, max_size=4)):
        damaged[place] = data.draw(st.integers(0, 255))
    path = write(tmp_path / "bad.parquet", bytes(damaged))
    reads_or_refuses(lambda: read_documents(path))


def test_texts_are_tidied_as_they_are_read_and_answers_stay_at_their_places(tmp_path: Path) -> None:
    text = (
        "Cafe\u0301 d\u2019Olm is an exam\u00ad\nple, well-known: a well-\nknown exam-\nple of Ma\u0301rta."
    )
    (tmp_path / "cafe\u0301.txt").write_text(text, encoding="utf-8")
    tidied = "Caf\u00e9 d'Olm is an example, well-known: a well-known example of M\u00e1rta."
    assert read_documents(tmp_path) == (Document("caf\u00e9", tidied),)
    assert (tmp_path / "cafe\u0301.txt").read_text(encoding="utf-8") == text
    place = text.index("Ma\u0301rta")
    row = {"id": "cafe\u0301", "text": text, "answers": [[0, 5], [place, place + 6]]}
    (document,) = read_documents(write(tmp_path / "d.jsonl", json.dumps(row)))
    assert (document.id, document.text) == ("cafe\u0301", tidied)
    assert [document.text[start:end] for start, end in document.answers] == ["Caf\u00e9", "M\u00e1rta"]
