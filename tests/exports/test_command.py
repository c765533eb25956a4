"""The command that exports, and what the documentation says to do with what it wrote."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from conftest import Command

PAGE = Path(__file__).parents[2] / "docs" / "guides" / "export.md"
SHOWN = [
    shlex.split(line)
    for block in re.findall(r"```bash\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    for line in block.splitlines()
]


def test_what_is_documented_is_what_is_written_and_told(
    command: Command, task_files: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for_lm_eval, asked_by_lm_eval, for_inspect, enter, asked_by_inspect, for_trl, *asked_by_trl = SHOWN
    ended = command(*for_lm_eval[1:])
    assert ended.code == 0
    told = shlex.split(ended.out)
    place = told.index("--tasks") + 1
    names = told[place].split(",")
    assert names == [
        f"obverse_codebooks_{form}" for form in ("closed_book", "all_documents", "needed_documents")
    ]
    assert asked_by_lm_eval == [*told[:place], ",".join(names[:2]), *told[place + 1 :]]
    written = [path.read_text() for path in Path(for_lm_eval[4]).glob("*.yaml")]
    assert sorted(text.splitlines()[0] for text in written) == sorted(f'group: "{name}"' for name in names)

    ended = command(*for_inspect[1:])
    assert ended.code == 0
    assert shlex.split(ended.out) == [*enter, "&&", *asked_by_inspect[:-2]]
    assert asked_by_inspect[-2:] == ["-T", "documents=all"]
    assert (tmp_path / enter[1] / asked_by_inspect[2]).exists()

    documents, questions = task_files
    documents.rename(tmp_path / for_trl[3])
    questions.rename(tmp_path / for_trl[4])
    ended = command(*for_trl[1:])
    assert ended.code == 0
    first, second = asked_by_trl
    assert shlex.split(ended.out) == [*first, "&&", *second]


def test_nothing_is_overwritten(command: Command, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    ended = command("tasks", "export", "codebooks", tmp_path, "--to", "inspect")
    assert ended.code == 2
    assert "is not an empty folder; give a new one" in ended.err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
