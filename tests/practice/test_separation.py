"""What is practised is nothing that is asked: no name, no word of a name and no turn of phrase of any task.

Else a model that practised would know something of a task that it is compared on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import as_file, files
from random import Random
from typing import Any, get_args

import pytest

from obverse.practice import formats, kinds, scenes
from obverse.practice.made_up_names import Part, Sort, draw_names, most_names, nonsense_words
from obverse.practice.relations import RELATIONS
from obverse.practice.scenes import Plan, Structure, draw_scene
from obverse.tasks import read_task
from obverse.tasks.drawn.catalogue import CATALOGUE
from obverse.tasks.drawn.names import plausible_names, work_titles
from obverse.types import Task

PARTS: tuple[Part, ...] = get_args(Part)
STRUCTURES: tuple[Structure, ...] = get_args(Structure)
SEEDS = (0, 1)
NAME = "_"
# Words of so few letters are in every text.
SHORT = 3


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


class Mask:
    """Puts a word in the place of each name, so that only how it is spoken of is left."""

    def __init__(self, names: Iterable[str]) -> None:
        self._by_first: dict[str, set[tuple[str, ...]]] = {}
        for name in names:
            parts = tuple(words(name))
            self._by_first.setdefault(parts[0], set()).add(parts)

    def __call__(self, sentence: list[str]) -> list[str]:
        masked, place = [], 0
        while place < len(sentence):
            fitting = [
                name
                for name in self._by_first.get(sentence[place], ())
                if tuple(sentence[place : place + len(name)]) == name
            ]
            masked.append(NAME if fitting else sentence[place])
            place += max(map(len, fitting), default=1)
        return masked


def phrases(text: str, mask: Mask) -> Iterator[tuple[str, ...]]:
    """Each four words that follow on each other in a sentence, names masked."""
    for sentence in re.split(r"[.!?:;|\n]", text):
        masked = mask(words(sentence))
        yield from (tuple(masked[start : start + 4]) for start in range(len(masked) - 3))


def texts_of(task: Task) -> list[str]:
    asked = (*task.questions, *task.validation)
    return [*(document.text for document in task.documents), *(question.prompt for question in asked)]


def choices_of(task: Task) -> set[str]:
    asked = (*task.questions, *task.validation)
    return {name for question in asked for name in (*question.choices, question.answer)}


@pytest.fixture(scope="module")
def tasks() -> dict[str, Task]:
    """All that is asked in words: the catalogue's tasks, and the example."""
    found = {
        f"{name} {seed}": entry.settings["natural", "small"].build(seed)
        for name, entry in CATALOGUE.items()
        if ("natural", "small") in entry.settings
        for seed in SEEDS
    }
    with as_file(files("obverse.example")) as folder:
        found["example"] = read_task(folder / "documents", folder / "questions.jsonl")
    return found


@pytest.fixture(scope="module")
def practised() -> frozenset[str]:
    """Every name that can be drawn, and two thousand nonsense words of each part."""
    drawn = set(kinds._NOUNS.split())
    for part in PARTS:
        drawn.update(nonsense_words(Random(0), 2_000, part))
        for sort in get_args(Sort):
            drawn.update(name.lower() for name in draw_names(Random(0), sort, most_names(sort, part), part))
    return frozenset(drawn)


@pytest.fixture(scope="module")
def spoken() -> dict[tuple[str, ...], str]:
    """How practice speaks, with a text for each four words: wordings, filler, and four hundred scenes."""
    found: dict[tuple[str, ...], str] = {}

    def add(texts: Iterable[str], mask: Mask) -> None:
        for text in texts:
            found.update(dict.fromkeys(phrases(text, mask), text))

    wordings = (
        wording
        for one in RELATIONS
        for wording in (
            *one.statements,
            *one.asking_object,
            *one.asking_subject,
            one.the_object,
            one.the_subject,
        )
    )
    add((wording.format(subject=NAME, object=NAME) for wording in wordings), Mask(()))
    add((*formats._FILLER, *formats._GREETINGS, *formats._CLOSINGS, scenes._IF_UNKNOWN), Mask(()))
    with pytest.MonkeyPatch.context() as patch:
        drawn: set[str] = set()
        for module, name in ((scenes, "draw_names"), (kinds, "nonsense_words")):
            patch.setattr(module, name, _recording(getattr(module, name), drawn))
        for seed in range(400):
            drawn.clear()
            part, structure = PARTS[seed % 2], STRUCTURES[seed // 2 % len(STRUCTURES)]
            plan = Plan(
                facts=2 + seed % 12,
                structure=structure,
                # Of the held-out relations few follow on each other.
                steps=2 + (part == "practice" and seed // 4 % 2),
                names=part,
                relations=part,
                phrasings=part,
                nonsense=seed % 3 == 0,
                coined=seed % 5 == 0,
            )
            scene = draw_scene(Random(seed), plan)
            add(texts_of(scene), Mask({*drawn, *kinds._NOUNS.split()}))
    return found


def _recording(draw: Any, drawn: set[str]) -> Any:
    def recorded(*arguments: Any, **named: Any) -> tuple[str, ...]:
        found: tuple[str, ...] = draw(*arguments, **named)
        drawn.update(found)
        return found

    return recorded


def test_there_is_something_to_be_kept_apart(
    tasks: Mapping[str, Task], practised: frozenset[str], spoken: Mapping[tuple[str, ...], str]
) -> None:
    assert len(tasks) > 10
    assert len(practised) > 30_000
    assert len(spoken) > 700
    assert ("which", "locker", "was", "given") in spoken
    assert (NAME, "is", "mayor", "in") in spoken
    task = tasks["people 0"]
    assert ("is", "the", "inventor", "of") in {
        phrase for text in texts_of(task) for phrase in phrases(text, Mask(()))
    }
    assert Mask(["Nell Ashbury", "Nell"])(words("Is Nell Ashbury's dog Nell?")) == [
        "is",
        "_",
        "s",
        "dog",
        "_",
    ]


def test_no_name_of_a_task_is_practised(tasks: Mapping[str, Task], practised: frozenset[str]) -> None:
    shared = {
        (task, name) for task, one in tasks.items() for name in choices_of(one) if name.lower() in practised
    }
    assert not shared


def test_no_word_of_a_practised_name_is_in_a_task(
    tasks: Mapping[str, Task], practised: frozenset[str]
) -> None:
    known = {word for name in practised for word in words(name) if len(word) > SHORT}
    assert len(known) > 4_000
    shared = {
        (task, word)
        for task, one in tasks.items()
        for text in (*texts_of(one), *choices_of(one))
        for word in words(text)
        if word in known
    }
    assert not shared


def test_no_word_of_a_practised_name_is_in_a_name_that_other_seeds_draw(practised: frozenset[str]) -> None:
    known = {word for name in practised for word in words(name) if len(word) > SHORT}
    others = words(" ".join((*plausible_names(Random(0), 5_000), *work_titles(Random(0), 3_000))))
    assert not known.intersection(others)


def test_no_four_words_of_practice_follow_on_each_other_in_a_task(
    tasks: Mapping[str, Task], spoken: Mapping[tuple[str, ...], str]
) -> None:
    bare = Mask(())
    shared = {}
    for name, task in tasks.items():
        mask = Mask(choices_of(task))
        for text in texts_of(task):
            for phrase in (*phrases(text, bare), *phrases(text, mask)):
                if phrase in spoken:
                    shared[phrase] = (name, text[:100], spoken[phrase][:100])
    assert not shared


def test_what_relations_are_about_is_in_no_task(tasks: Mapping[str, Task]) -> None:
    said = {(word, name) for name, task in tasks.items() for text in texts_of(task) for word in words(text)}
    names = {relation.name for relation in RELATIONS}
    for name in names:
        for form in (name, f"{name}s"):
            *_, noun = words(form)
            hits = [task for word, task in said if word == noun]
            assert not hits, (form, hits)
