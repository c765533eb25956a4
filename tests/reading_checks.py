"""What the tests of the readers share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from obverse.types import InputError

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["\ud800", "\0", "a"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


def refused(read: Callable[[], object]) -> str:
    """The line that ``read`` is refused with, or the lines."""
    with pytest.raises(InputError) as caught:
        read()
    return checked(caught.value)


def checked(error: InputError) -> str:
    for fault in error.faults:
        fault.encode("utf-8")
        assert not any(ord(character) < 32 for character in fault)
        assert "; " in fault
    return str(error)


def reads_or_refuses(read: Callable[[], object]) -> None:
    """Whatever the input, there is a result or a line for each fault, and never another error."""
    try:
        read()
    except InputError as error:
        checked(error)


def write(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def write_parquet(path: Path, columns: dict[str, Any]) -> Path:
    import pyarrow
    import pyarrow.parquet

    pyarrow.parquet.write_table(pyarrow.table(columns), path)
    return path
