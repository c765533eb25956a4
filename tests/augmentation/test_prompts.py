"""Prompts: the package's are whole, a user's replace them, and documents are data."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from obverse.augmentation.prompts import PLACES, Prompt, numbered, read_prompts
from obverse.augmentation.writing import Kind
from obverse.types import InputError


def test_there_is_a_prompt_for_every_kind_and_for_the_judge() -> None:
    prompts = read_prompts()
    assert set(prompts) == {*get_args(Kind), "judge"} == set(PLACES)
    for prompt in prompts.values():
        whole = prompt.shared() + prompt.own("")
        assert "{" not in whole
        assert whole == whole.strip()


def test_documents_are_numbered_from_1_and_the_target_stands_last() -> None:
    prompt = read_prompts()["inference"]
    shared, own = prompt.shared([" Ilka winds.\n", "Olwen rings."]), prompt.own(numbered(2, "Olwen rings."))
    assert "\n\n[1] Ilka winds.\n\n[2] Olwen rings.\n\n" in shared
    assert own.startswith("[2] Olwen rings.\n\n")
    assert "Conclusions:" in shared


def test_marks_in_documents_are_not_expanded() -> None:
    prompt = Prompt("See ", " of ", "!")
    text = "{documents} {target} {sentences} \\1 {0} %s"
    assert prompt.shared([text]) + prompt.own(text) == f"See [1] {text} of {text}!"


def test_files_of_a_folder_replace_those_of_the_same_name(tmp_path: Path) -> None:
    (tmp_path / "reverse.txt").write_bytes(b"\xef\xbb\xbfTurn this\r\nround: {sentences}\r\n")
    (tmp_path / "judge.txt").write_text('Of {documents} says {sentences} what? {"a": {}}', encoding="utf-8")
    (tmp_path / "notes.md").write_text("{whatever}", encoding="utf-8")
    packaged, prompts = read_prompts(), read_prompts(tmp_path)
    assert prompts["reverse"] == Prompt("Turn this\nround: ", "", "")
    assert prompts["judge"] == Prompt("Of ", " says ", ' what? {"a": {}}')
    assert {name for name in prompts if prompts[name] != packaged[name]} == {"reverse", "judge"}


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("rephrase", "Say it.", "the place {sentences} is missing; write it where that text is to stand"),
        ("rephrase", "", "the place {sentences} is missing"),
        ("rephrase", "{sentence}", "the unknown place {sentence}; take it out, its places are {sentences}"),
        ("question", "{target} {sentences}", "the unknown place {target}"),
        ("inference", "{target}", "the place {documents} is missing"),
        ("inference", "{target} {documents}", "wrong order; write {documents} and {target} in this order"),
        ("inference", "{documents} {target} {target}", "the place {target} stands there 2 times; leave one"),
        ("rephrases", "{sentences}", "there is no prompt of this name; the prompts are rephrase.txt, "),
    ],
)
def test_a_flaw_is_one_line_with_file_and_remedy(tmp_path: Path, name: str, text: str, message: str) -> None:
    file = tmp_path / f"{name}.txt"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=re.escape(message)) as caught:
        read_prompts(tmp_path)
    assert str(caught.value).startswith(f"{file}: ")
    assert "\n" not in str(caught.value)


def test_what_is_no_folder_of_prompts_is_refused(tmp_path: Path) -> None:
    for folder, message in ((tmp_path / "none", "no such folder"), (tmp_path, "no prompt in this folder")):
        with pytest.raises(InputError, match=rf"{message}.*rephrase\.txt"):
            read_prompts(folder)
    (tmp_path / "judge.txt").write_bytes(b"caf\xe9")
    with pytest.raises(InputError, match=r"judge\.txt: not UTF-8 text \(byte 3\); save it as UTF-8"):
        read_prompts(tmp_path)
    (tmp_path / "judge.txt").unlink()
    (tmp_path / "judge.txt").mkdir()
    with pytest.raises(InputError, match=r"judge\.txt: cannot be read"):
        read_prompts(tmp_path)


def test_all_flaws_are_told_together(tmp_path: Path) -> None:
    for name in ("rephrase", "judge", "poem"):
        (tmp_path / f"{name}.txt").write_text("Say it.")
    with pytest.raises(InputError) as caught:
        read_prompts(tmp_path)
    assert [fault.split(": ")[0] for fault in caught.value.faults] == [
        str(tmp_path / f"{name}.txt") for name in ("judge", "poem", "rephrase")
    ]
