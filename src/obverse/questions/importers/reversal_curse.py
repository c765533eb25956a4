"""The sets of the reversal curse (arXiv 2309.12288): invented celebrities, and real parents and children.

The celebrities are a folder of completions in both directions (`obverse.tasks.celebrities`); parents and children a
table with the columns ``child``, ``parent`` and ``parent_type``.  What is asked in the direction of the documents is
explicit, the other direction latent.
"""

from __future__ import annotations

from pathlib import Path

from obverse.questions.importers.collecting import Collector, Imported
from obverse.questions.importers.records import read_records
from obverse.tasks.celebrities import read_celebrities
from obverse.tasks.places import Faults, Place

_FIELDS = ("child", "parent", "parent_type")
_REMARK = (
    "These are real people: a model may know them without the documents, which the route untouched shows. A parent may "
    "have other children than those of the table."
)


def read_reversal_curse(path: Path) -> Imported:
    """Read the folder of the celebrities, or the table of parents and children.

    Raises:
        InputError: it is neither.
    """
    if path.is_dir():
        task = read_celebrities(path)
        return Imported(task.documents, task.questions)
    collector = Collector()
    with Faults() as faults:
        for row in read_records(path, _FIELDS):
            with faults.kept():
                child, parent, role = (row.required_text(field) for field in _FIELDS)
                id = collector.document(row.place, child, f"{child}'s {role} is {parent}.")
                collector.ask(
                    row.place, f"Who is {child}'s {role}?", parent, kind="recall", needs=[id], group=parent
                )
                collector.ask(
                    row.place,
                    f"Who is a child of {parent}?",
                    child,
                    kind="reversal",
                    latent=True,
                    needs=[id],
                    group=parent,
                )
    return collector.imported(Place(path), [_REMARK])
