"""A fingerprint of code changes with what decides a result, and with nothing else."""

from __future__ import annotations

import ast
import importlib.util
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import obverse
from obverse.code_fingerprint import code_fingerprint, code_of, modules
from obverse.learners.from_scratch import FromScratch

PACKAGE = Path(obverse.__file__).parent
ANSWERS = ("obverse.engine.comparison", "obverse.learners.pretrained")
Changed = Callable[[str, str, str], Path]


@pytest.fixture
def changed(tmp_path: Path) -> Changed:
    """A copy of the package in which a text of a file is another."""

    def change(file: str, before: str, after: str) -> Path:
        copy = tmp_path / str(len(list(tmp_path.iterdir()))) / "obverse"
        shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("*.pyc", "practised", "example"))
        text = (copy / file).read_text(encoding="utf-8")
        assert before in text
        (copy / file).write_text(text.replace(before, after, 1), encoding="utf-8")
        return copy

    return change


def test_another_scorer_is_other_code_and_was_not_trained_otherwise(changed: Changed) -> None:
    copy = changed("answering/reading.py", "\ndef ", "\ndef other() -> int:\n    return 1\n\n\ndef ")
    for root in (*ANSWERS, "obverse.training.retention", "obverse.augmentation.local"):
        assert code_fingerprint(root, package=copy) != code_fingerprint(root)
    for root in ("obverse.training.finetuning", "obverse.training.rehearsal", "obverse.retrieval.memory"):
        assert code_fingerprint(root, package=copy) == code_fingerprint(root)


@pytest.mark.parametrize(
    ("file", "before", "after"),
    [
        ("answering/matching.py", '"""', '"""Other words in the docstring.  '),
        ("answering/reading.py", "\ndef ", "\n# A comment.\n\n\n\ndef "),
        ("judging/statistics.py", "\ndef ", "\ndef other() -> int:\n    return 1\n\n\ndef "),
        ("reports/page.py", "\ndef ", "\ndef other() -> int:\n    return 1\n\n\ndef "),
        ("reports/page.css", "{", "{ color: red;"),
        ("cli/compare_command.py", "\ndef ", "\ndef other() -> int:\n    return 1\n\n\ndef "),
    ],
)
def test_what_decides_nothing_may_change(changed: Changed, file: str, before: str, after: str) -> None:
    copy = changed(file, before, after)
    for root in ANSWERS:
        assert code_fingerprint(root, package=copy) == code_fingerprint(root)


@pytest.mark.parametrize(
    ("file", "root"),
    [
        ("training/knowledge.jsonl", "obverse.training.retention"),
        ("training/general_text.txt", "obverse.training.retention"),
        ("practice/relations.toml", "obverse.practice.practising"),
        ("augmentation/instructions/rephrase.txt", "obverse.augmentation.for_routes"),
    ],
)
def test_data_files_decide_too(changed: Changed, file: str, root: str) -> None:
    assert code_fingerprint(root, package=changed(file, "the", "a")) != code_fingerprint(root)


def test_late_imports_are_followed_and_those_for_type_checkers_are_not() -> None:
    found = modules(["obverse.learners.from_scratch"])
    assert {"obverse.training.loop", "obverse.answering.short", "obverse.models.decoder"} < set(found)
    assert "obverse.models.loading" not in modules(["obverse.tasks.choices"])
    assert not [name for name in found if name.startswith(("obverse.reports", "obverse.cli"))]


def test_every_import_of_the_package_is_found(tmp_path: Path) -> None:
    package = tmp_path / "obverse"
    (package / "inner").mkdir(parents=True)
    files = {
        "a.py": "def f():\n    from obverse.inner import b\n    return b\n",
        "inner/__init__.py": "from . import c\n",
        "inner/b.py": "from ..d import x\nimport obverse.e as y\n",
        "inner/c.py": "",
        "d.py": "x = 1\n",
        "e.py": "import torch\nif TYPE_CHECKING:\n    from obverse import f\n",
        "f.py": "",
    }
    for name, text in files.items():
        (package / name).write_text(text)
    assert modules(["obverse.a"], package) == (
        "obverse.a",
        "obverse.d",
        "obverse.e",
        "obverse.inner",
        "obverse.inner.b",
        "obverse.inner.c",
    )
    assert code_fingerprint("obverse.a", package=package).keys() == {"code", "torch"}


def test_the_versions_of_libraries_that_compute_are_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "one.py").write_text("import transformers\n")
    before = code_fingerprint("obverse.one", package=tmp_path)
    assert before.keys() == {"code", "transformers", "tokenizers"}
    monkeypatch.setattr("obverse.code_fingerprint.version", lambda name: f"{name} 99")
    (tmp_path / "other").mkdir()
    shutil.copy(tmp_path / "one.py", tmp_path / "other")
    after = code_fingerprint("obverse.one", package=tmp_path / "other")
    assert after == {"code": before["code"], "transformers": "transformers 99", "tokenizers": "tokenizers 99"}


STUDY = '''
"""A study of one's own."""
from dataclasses import dataclass
from beside import LEFT
from obverse.learners.voted import VotingFromScratch

WIDTH = 3
SEEDS = 1

def helped():
    return WIDTH + LEFT

@dataclass(frozen=True)
class Own:
    """Its own learner."""
    def run(self):
        return helped()

def apart():
    return 1
'''
BESIDE = "LEFT = 1\n"


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ("SEEDS = 1", "SEEDS = 2", True),
        ("Its own learner", "The learner", True),
        ("return 1", "return 2", True),
        ("WIDTH = 3", "WIDTH = 4", False),
        ("return helped()", "return -helped()", False),
        ("WIDTH + LEFT", "WIDTH - LEFT", False),
        ("LEFT = 1", "LEFT = 2", False),
    ],
)
def test_a_class_of_the_user_s_is_the_part_of_the_file_that_it_rests_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: str, after: str, same: bool
) -> None:
    def own(folder: Path, change: Callable[[str], str]) -> type:
        folder.mkdir()
        (folder / "beside.py").write_text(change(BESIDE))
        (folder / "study.py").write_text(change(STUDY))
        specification = importlib.util.spec_from_file_location("users_study", folder / "study.py")
        assert specification is not None
        assert specification.loader is not None
        module = importlib.util.module_from_spec(specification)
        monkeypatch.setitem(sys.modules, "users_study", module)
        monkeypatch.delitem(sys.modules, "beside", raising=False)
        with monkeypatch.context() as patch:
            patch.syspath_prepend(folder)
            specification.loader.exec_module(module)
        kind: type = module.Own
        code_of(kind)  # while its module is known
        return kind

    one = code_of(own(tmp_path / "one", str))
    other = code_of(own(tmp_path / "other", lambda text: text.replace(before, after)))
    assert (one == other) is same


def test_classes_of_the_package_are_their_modules() -> None:
    assert code_of(FromScratch) == code_of(FromScratch, FromScratch)
    assert code_of(FromScratch) != code_of(FromScratch, type("Typed", (), {"run": lambda _: 1}))
    assert "torch" in code_of(FromScratch)


def test_it_takes_little_time() -> None:
    code = (
        "import time; from obverse.code_fingerprint import code_fingerprint\n"
        "began = time.process_time(); code_fingerprint('obverse.engine.comparison')\n"
        "print(time.process_time() - began)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    parsing = time.process_time()
    for path in PACKAGE.rglob("*.py"):
        ast.parse(path.read_bytes())
    assert float(said) < max(0.5, 2 * (time.process_time() - parsing))
