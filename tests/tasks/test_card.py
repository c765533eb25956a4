"""The card of a task: a row for each kind, with exact baselines."""

from __future__ import annotations

from obverse.tasks.card import kind_rows, task_card
from obverse.types import Document, Question, Task

TASK = Task(
    "birds",
    (Document("1", "Robins have wings."), Document("2", "Robins have wings.")),
    (
        Question("a", "robins have", "wings", ("wings", "fins"), kind="recall"),
        Question("b", "fish have", "gills", ("fins", "gills"), kind="guess", latent=True),
    ),
)


def test_rows_tell_chance_and_baselines() -> None:
    assert kind_rows(TASK) == [
        "| recall | 1 | 50% | 100% | 100% | 100% |",
        "| guess, latent | 1 | 50% | 50% | 50% | 50% |",
    ]


def test_the_card_names_files_that_are_there_and_what_wrote_it() -> None:
    card = task_card(TASK, "Birds", ("They fly.",), "", "obverse tasks write birds DIR")
    assert card.startswith("---\npretty_name: birds\nconfigs:\n- config_name: documents\n")
    assert "validation.jsonl" not in card
    assert "\n# Birds\n\nThey fly.\n\n2 documents, 2 questions, 0 more" in card
    assert "`obverse tasks write birds DIR`" in card
    assert "published" not in card
