"""Whatever stands in a file, an importer reads it or refuses it in a line, and never breaks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reading_checks import json_values, reads_or_refuses

from obverse.questions.importers import READERS

FIELDS = (
    *("title", "paragraphs", "context", "question", "answers", "is_impossible", "plausible_answers", "qas"),
    *(
        "answer",
        "type",
        "supporting_facts",
        "user_input",
        "reference",
        "reference_contexts",
        "contexts",
        "choices",
    ),
    *(
        "subject",
        "prompt",
        "target_new",
        "portability",
        "Reasoning",
        "ground_truth",
        "child",
        "parent",
        "text",
    ),
)
# Whole enough to be read to its end.
_text = st.sampled_from(["Who is Bo?", "Bo", "\ud800", "", "a\0b", "B"])
_any = _text | json_values | st.lists(_text | st.lists(_text, max_size=2), max_size=3)
whole = st.lists(st.dictionaries(st.sampled_from(FIELDS), _any, min_size=4), max_size=3)
records = st.lists(st.dictionaries(st.sampled_from(FIELDS), json_values, max_size=6), max_size=3)
nested = st.recursive(
    json_values,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize("form", READERS)
@given(content=whole | records | nested | st.fixed_dictionaries({"data": whole | nested}))
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_json_is_read_or_refused(form: str, content: Any, tmp_path: Path) -> None:
    path = tmp_path / "set.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    reads_or_refuses(lambda: READERS[form](path))


@pytest.mark.parametrize("form", READERS)
@given(
    content=st.binary(max_size=60), suffix=st.sampled_from((".json", ".jsonl", ".csv", ".parquet", ".txt"))
)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_read_or_refused(form: str, content: bytes, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"set{suffix}"
    path.write_bytes(content)
    reads_or_refuses(lambda: READERS[form](path))


@pytest.mark.parametrize("form", READERS)
def test_a_missing_file_is_refused(form: str, tmp_path: Path) -> None:
    for name in ("none.json", "none.csv", "none.jsonl"):
        reads_or_refuses(lambda name=name: READERS[form](tmp_path / name))  # type: ignore[misc]  # bound at once
