"""A task for Inspect: a file that ``inspect eval`` runs, with its data beside it.

Inspect asks chat models, so an answer is generated and compared, the choices unseen.  The comparison is our own: the
definitions of `obverse.answering.matching` are written into the file, with all that they need, so that the file imports
nothing of this package and the two cannot differ.  Texts of the task stand in the data only, never in the file.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

from obverse.answering import matching, negation
from obverse.exports.asked import write_asked
from obverse.files import write_text
from obverse.retrieval import thoughts
from obverse.text import comparable, formulas, labels, scripts, segmentation
from obverse.types import Task

FILE = "task.py"
_IMPORT = (
    "from obverse.answering.matching import matches_leniently, matches_strictly\n"
    "from obverse.retrieval.thoughts import without_thoughts\n"
)


def export_for_inspect(task: Task, folder: str | os.PathLike[str]) -> None:
    """Write a task into a folder, which is made if need be and can be moved.

    Raises:
        InputError: see `obverse.tasks.task.check_task`.
    """
    folder = Path(folder)
    write_asked(task, folder, "chat")
    source = Path(__file__).with_name("copied_to_inspect.py").read_text(encoding="utf-8")
    before, found, after = source.partition(_IMPORT)
    if not found:
        raise ValueError(f"the copied file lacks the line {_IMPORT!r}")
    own = definitions(
        (scripts, segmentation, formulas, comparable, labels, negation, matching, thoughts),
        ("matches_strictly", "matches_leniently", "without_thoughts"),
    )
    write_text(folder / FILE, before + own + "\n" + after)


def definitions(modules: Iterable[ModuleType], names: Iterable[str]) -> str:
    """The source of what is called ``names`` in ``modules``, and of all there that it uses, in order.

    What modules import stands first; what they import from this package must be defined in one of them.

    Raises:
        ValueError: two modules define the same name.
    """
    found: dict[
        str, tuple[bool, str, set[str]]
    ] = {}  # whether it is an import, its source, the names it uses
    for module in modules:
        source = Path(str(module.__file__)).read_text(encoding="utf-8")
        for node in ast.parse(source).body:
            segment = ast.get_source_segment(source, node) or ""
            uses = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
            if isinstance(node, ast.Import | ast.ImportFrom):
                if (getattr(node, "module", None) or "").partition(".")[0] not in ("obverse", "__future__"):
                    found |= {alias.asname or alias.name: (True, segment, set()) for alias in node.names}
                continue
            targets = node.targets if isinstance(node, ast.Assign) else [node]
            for target in targets:
                name = getattr(target, "id", None) or getattr(target, "name", None)
                if name and found.setdefault(name, (False, segment, uses))[1] != segment:
                    raise ValueError(f"{name} is defined twice, the second time in {module.__name__}")
    needed: set[str] = set()
    open_ = set(names)
    while open_:
        needed |= open_
        open_ = {used for name in open_ for used in found[name][2] if used in found} - needed
    chosen = [entry[:2] for name, entry in found.items() if name in needed]
    imports = dict.fromkeys(segment for is_import, segment in chosen if is_import)
    others = dict.fromkeys(segment for is_import, segment in chosen if not is_import)
    return "\n".join(imports) + "\n\n" + "\n\n\n".join(others) + "\n"
