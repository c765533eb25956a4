"""The pages of a run, whatever it is: one task with one model, or several of them beside each other."""

from __future__ import annotations

import json
from pathlib import Path

from obverse.reports.page import write_page
from obverse.reports.study_page import write_study
from obverse.types import InputError


def write_pages(folder: Path, out: Path | None = None) -> Path:
    """Write the pages of a finished run from its files alone, and return the path of the first one.

    Args:
        out: where to; ``None`` for the folder of the run.

    Raises:
        InputError: pages of several models are to go elsewhere.
        OSError: a file is missing, or a page cannot be written.
    """
    if "parts" not in json.loads((folder / "results.json").read_text(encoding="utf-8")):
        return write_page(folder, out)
    if out is not None:
        raise InputError(
            f"{folder}: its page links to those of its parts; leave out --out, or name one of {folder / 'parts'}"
        )
    return write_study(folder)
