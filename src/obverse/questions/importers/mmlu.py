"""MMLU (arXiv 2009.03300): questions with four choices and without documents, as CSV without a head or in rows."""

from __future__ import annotations

from pathlib import Path

from obverse.questions.importers.collecting import Collector, Imported
from obverse.questions.importers.records import read_records, read_table
from obverse.tasks.places import Faults, Place, describe
from obverse.tasks.rows import Row

_FIELDS = ("question", "subject", "choices", "answer")
_LETTERS = "ABCD"
_REMARK = (
    "MMLU has no documents: give obverse compare documents of your own. Its questions name none that they "
    "need, so there is no oracle, no diagnosis and no completion for them."
)


def read_mmlu(path: Path) -> Imported:
    """Read a file of MMLU; the subject is the kind.

    Raises:
        InputError: it is none.
    """
    place, collector = Place(path), Collector()
    rows = _table(place) if path.suffix.lower() == ".csv" else read_records(path, _FIELDS)
    with Faults() as faults:
        for row in rows:
            with faults.kept():
                choices = row.texts("choices") or ()
                value = row.fields.get("answer")
                place_of = _LETTERS.find(value) if isinstance(value, str) and len(value) == 1 else value
                if not isinstance(place_of, int) or not 0 <= place_of < len(choices):
                    raise row.place.error(
                        f"the answer is {describe(value)}, which is no place of {len(choices)} choices",
                        "give the file as it was published",
                    )
                collector.ask(
                    row.place,
                    row.required_text("question"),
                    choices[place_of],
                    kind=row.name("subject") or "mmlu",
                    choices=choices,
                )
    return collector.imported(place, [_REMARK])


def _table(place: Place) -> list[Row]:
    """The rows of a table without a head: question, four choices, the letter of the answer."""
    subject = place.path.stem.removesuffix("_test").removesuffix("_dev").removesuffix("_val")
    rows = []
    for number, cells in enumerate(read_table(place), start=1):
        if len(cells) != len(_LETTERS) + 2:
            raise place.at(number, "row").error(
                f"has {len(cells)} columns", "give question, four choices and the letter of the answer"
            )
        question, *choices, answer = cells
        fields: dict[str, object] = {"question": question, "choices": choices, "answer": answer.strip()}
        rows.append(Row(place.at(number, "row"), {**fields, "subject": subject}))
    return rows
