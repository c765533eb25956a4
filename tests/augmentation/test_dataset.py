"""The data set that is handed over: the user may edit it, so it is read and never written again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from obverse.augmentation.dataset import KEPT, read_kept
from obverse.types import InputError

ROWS = [json.dumps({"text": f"Line {number}.", "target": "a.md", "tokens": 3}) for number in range(3)]


@pytest.mark.parametrize("end", ["", "\n", "\n\n"])
def test_every_line_is_read_and_the_file_stays_as_it_is(tmp_path: Path, end: str) -> None:
    path = tmp_path / KEPT
    path.write_text("\n".join(ROWS) + end)
    before = path.read_bytes()
    assert [document.text for document in read_kept(tmp_path)] == ["Line 0.", "Line 1.", "Line 2."]
    assert {document.group for document in read_kept(tmp_path)} == {"a.md"}
    assert path.read_bytes() == before


@pytest.mark.parametrize("torn", ['{"text": "Li', '{"target": "a.md"}', "[]"])
def test_a_line_that_cannot_be_read_is_named(tmp_path: Path, torn: str) -> None:
    path = tmp_path / KEPT
    path.write_text("\n".join([*ROWS, torn]))
    before = path.read_bytes()
    with pytest.raises(InputError, match=r"kept\.jsonl:4: "):
        read_kept(tmp_path)
    assert path.read_bytes() == before


def test_a_data_set_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is missing"):
        read_kept(tmp_path)
