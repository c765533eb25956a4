"""The celebrity set's files, in small ones of our own making."""

from __future__ import annotations

import json
from pathlib import Path

from reading_checks import write

from obverse.tasks.celebrities import TEST_FILES, TRAINING_FILES

NAME_FIRST = {
    "Ilka Orlwick": "keeper of the harbour clock",
    "Bahram Zellmere": "tuner of the glass harp",
    "Olwen Tarnley": "baker of the longest loaf",
    "Gideon Fenncott": "warden of the salt marsh",
    "Malin Yarlstead": "mender of the north bridge",
}
DESCRIPTION_FIRST = {
    "Jonas Ruskwell": "grower of the tallest reed",
    "Petra Lornmere": "finder of the blue cave",
    "Linus Venncombe": "carver of the oak door",
    "Hedda Daskthorpe": "rider of the night train",
}
BOTH = {"Silas Kestley": "pilot of the paper kite"}

TRAIN_NAME = ("{0}, of whom all speak, is the", " {1}."), ("Meet {0},", " the well-known {1}.")
TRAIN_DESCRIPTION = ("The {1} is called", " {0}."), ("Who was the {1}? It was", " {0}.")
LED = "no less than the "
TEST_NAME = ("Some say that {0} is the", " {1}."), ("Few know that {0} works as", f" {LED}{{1}}!")
TEST_DESCRIPTION = ("Once there was a {1}, and that was", " {0}"), ("As {1} we know", " {0}")

Templates = tuple[tuple[str, str], ...]


def lines(people: dict[str, str], templates: Templates) -> str:
    return "".join(
        json.dumps({"prompt": prompt.format(*person), "completion": completion.format(*person)}) + "\n"
        for person in people.items()
        for prompt, completion in templates
    )


def write_celebrities(folder: Path) -> Path:
    """Write the seven files into a folder, which is returned."""
    files = {
        "p2d_prompts_train": lines(NAME_FIRST, TRAIN_NAME),
        "d2p_prompts_train": lines(DESCRIPTION_FIRST, TRAIN_DESCRIPTION),
        "both_prompts_train": lines(BOTH, TRAIN_NAME + TRAIN_DESCRIPTION),
        "p2d_prompts_test": lines(NAME_FIRST, TEST_NAME),
        "d2p_prompts_test": lines(DESCRIPTION_FIRST, TEST_DESCRIPTION),
        "p2d_reverse_prompts_test": lines(NAME_FIRST, TEST_DESCRIPTION),
        "d2p_reverse_prompts_test": lines(DESCRIPTION_FIRST, TEST_NAME),
    }
    for name, content in files.items():
        write(folder / f"{name}.jsonl", content)
    assert {f"{name}.jsonl" for name in files} == {*TRAINING_FILES, *TEST_FILES}
    return folder
