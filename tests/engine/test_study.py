"""What a study may hold, what decides a key, and how a study's file is read."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from guesser import FewFacts, Guesser, made_up_study

from obverse.engine.cells import study_cells
from obverse.engine.study import Sweep
from obverse.engine.study_file import load_study, module_name, small_form
from obverse.learners.learner import Teaching, teaching_lock
from obverse.types import InputError, Route

TEACHING = Teaching("few", FewFacts(), "documents", 0, (Route("finetune", "documents"),))
FILE = """
from dataclasses import dataclass
from guesser import FewFacts, Guesser, Study, made_up_study

@dataclass(frozen=True)
class Own(Guesser):
    pass

OTHER = made_up_study("other")
STUDY = Study("own", "Own", "", {"few": FewFacts()}, {"own": Own()}, ("finetune",), small=OTHER)
"""


@dataclass(frozen=True)
class Odd(Guesser):
    kept: Any = field(default_factory=object)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": "a/b"}, "study 'a/b': the name is that of a folder"),
        ({"tasks": {}}, "study made-up: has no tasks; name at least one"),
        ({"seeds": 0}, "study made-up: seeds must be at least 1, not 0"),
        ({"metric": "luck"}, "study made-up: the metric must be accuracy or strict, not 'luck'"),
        ({"models": {"odd": Odd()}}, "study made-up: 'odd' holds a value that is not plain"),
        ({"models": {"odd": object()}}, "study made-up: 'odd' is no object of a dataclass"),
        ({"models": {"odd": Guesser}}, "study made-up: 'odd' is no object of a dataclass"),
        (
            {"only": {"many": ()}},
            "study made-up: 'only' names 'many', which is not among its tasks or models",
        ),
        ({"only": {"few": ("oracle",)}}, "study made-up: 'only' for few names 'oracle', which is not among"),
        (
            {"learners": {"few": ("x",)}},
            "study made-up: 'learners' for few names 'x', which is not among its models",
        ),
        ({"once": ("x",)}, "study made-up: 'once' names 'x', which is not among its models"),
        (
            {"sweep": Sweep("x", ("recall",), {("few", "best"): ("", "", 1.0)})},
            "study made-up: the sweep places 'few' with 'best', no part of it",
        ),
    ],
)
def test_what_does_not_fit_is_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError) as caught:
        replace(made_up_study(), **changes)
    assert str(caught.value).startswith(said)
    assert "\n" not in str(caught.value)


def test_routes_of_a_task_stand_in_the_order_of_the_tables() -> None:
    study = made_up_study()
    assert study.routes_of("few", "good") == study.routes
    restricted = replace(study, only={"few": ("finetune+oracle", "untouched")})
    assert restricted.routes_of("few", "good") == ("untouched", "finetune+oracle")
    both = replace(restricted, only={**restricted.only, "good": ("untouched", "finetune")})
    assert both.routes_of("few", "good") == ("untouched",)
    assert both.routes_of("few", "bad") == ("untouched", "finetune+oracle")


def test_models_of_a_task_and_their_seeds() -> None:
    both = {"first": Guesser(), "second": Guesser()}
    study = replace(made_up_study(), models=both, learners={"few": ("second",)}, once=("second",), sweep=None)
    assert list(study.models_of("few")) == ["second"]
    assert {(cell.model, cell.teaching.seed) for cell in study_cells(study)} == {("second", 0)}
    every = replace(study, learners={})
    assert every.models_of("few") == both
    assert {cell.teaching.seed for cell in study_cells(every) if cell.model == "first"} == set(
        range(study.seeds)
    )


def test_a_teaching_s_key_is_of_all_that_is_taught_but_not_of_its_routes() -> None:
    learner = Guesser()
    key = TEACHING.key(learner)
    assert key == replace(TEACHING, routes=()).key(replace(learner))
    others = {
        replace(TEACHING, seed=1).key(learner),
        replace(TEACHING, task_name="many").key(learner),
        replace(TEACHING, task=FewFacts(7)).key(learner),
        replace(TEACHING, parameters="reversed").key(learner),
        TEACHING.key(Guesser(skill=0.75)),
        TEACHING.key(Odd(kept=1)),
    }
    assert len(others | {key}) == 7


def test_a_lock_keeps_others_from_one_teaching_alone(tmp_path: Path) -> None:
    with teaching_lock(tmp_path / "taught", "a"):
        with pytest.raises(TimeoutError):
            teaching_lock(tmp_path / "taught", "a").acquire(timeout=0)
        with teaching_lock(tmp_path / "taught", "b").acquire(timeout=0):
            pass


def write(folder: Path, text: str) -> Path:
    path = folder / "study.py"
    path.write_text(text)
    return path


def test_the_last_study_of_a_file_is_taken_with_what_it_defines(tmp_path: Path) -> None:
    path = write(tmp_path, FILE)
    study = load_study(path)
    assert study.name == "own"
    (learner,) = study.models.values()
    assert type(learner) is vars(sys.modules[module_name(path)])["Own"]


def test_a_study_finds_what_lies_beside_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    (tmp_path / "beside_the_study.py").write_text("NAME = 'neighbour'\n")
    path = write(tmp_path, f"import beside_the_study\n{FILE}\nSTUDY = made_up_study(beside_the_study.NAME)\n")
    assert load_study(path).name == "neighbour"


def test_the_small_form_has_a_name_of_its_own(tmp_path: Path) -> None:
    study = load_study(write(tmp_path, FILE))
    assert small_form(study) == replace(made_up_study("other"), name="own-small")
    with pytest.raises(InputError, match="study made-up: has no small form; leave out --small"):
        small_form(made_up_study())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = 1\ny = (\n", "study.py:2: '(' was never closed; mend the study's file"),
        ("x = 1\n\n1 / 0\n", "study.py:3: ZeroDivisionError: division by zero; mend the study's file"),
        (
            "import nothing_of_that_name\n",
            "study.py:1: ModuleNotFoundError: No module named 'nothing_of_that",
        ),
        ("raise SystemExit\n", "study.py:1: SystemExit; mend the study's file"),
        ("x = 1\n", "study.py: defines no Study; end the file with STUDY = Study(...)"),
        (
            "from guesser import made_up_study\nmade_up_study(seeds=0)\n",
            "study.py:2: study made-up: seeds must be at least 1, not 0",
        ),
    ],
)
def test_an_error_in_a_file_is_one_line_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        load_study(write(tmp_path, text))
    assert str(caught.value).startswith(f"{tmp_path}/{said}")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["missing.py", ""])
def test_a_file_that_is_not_there(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="is no Python file; name one that defines a Study"):
        load_study(tmp_path / name)
