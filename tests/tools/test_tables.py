"""The figures in pages come from results alone, also where a study has since been given another task."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def tables() -> Iterator[ModuleType]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "tools"))
        import tables

        yield tables


def test_only_tasks_with_results_are_counted(tables: ModuleType) -> None:
    results = json.loads(tables.TASKS.read_text(encoding="utf-8"))
    results["parts"] = [
        part for part in results["parts"] if part["results"]["task"]["name"].startswith("codebooks")
    ]
    assert list(tables.cue_counts("tasks", results)) == ["codebooks"]


@pytest.mark.parametrize("argument", ["--help", "--chek", "check"])
def test_other_arguments_write_nothing(
    argument: str, tables: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["tables.py", argument])
    monkeypatch.setattr(tables, "parts", lambda: pytest.fail("the parts are made"))
    with pytest.raises(SystemExit):
        tables.main()
