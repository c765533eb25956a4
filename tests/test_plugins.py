"""Parts of a user's own: found by path and by entry point, and refused in one line where they cannot be used."""

from __future__ import annotations

from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path
from typing import Protocol

import pytest

from obverse import plugins
from obverse.types import InputError


class Speaker(Protocol):
    """What the tests load."""

    volume: int

    def speak(self) -> str:
        """Say something."""
        ...


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which the program runs, with a module of the user's."""
    (tmp_path / "own_parts.py").write_text(
        "class Loud:\n    volume = 9\n    def speak(self): return 'HEY'\n"
        "class Mute:\n    volume = 0\n"
        "class Broken:\n    def __init__(self): raise ValueError('no\\nvoice')\n"
        "def make(): return Loud()\n"
        "loud = Loud()\n"
        "def make_of(volume, *others): return Loud()\n"
        "class Tuned:\n    def __init__(self, volume): self.volume = volume\n    def speak(self): return 'HEY'\n"
        "number = 3\n"
        "class Nested:\n    Loud = Loud\n"
    )
    (tmp_path / "own_broken.py").write_text("x = 1\nx.nothing\n")
    (tmp_path / "own_leaving.py").write_text("import sys\nsys.exit(3)\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path / "elsewhere"))  # so that what is added is taken away again
    return tmp_path


@pytest.mark.parametrize("attribute", ["Loud", "make", "loud", "Nested.Loud"])
def test_a_class_a_function_and_an_object_are_found_in_the_folder(attribute: str) -> None:
    speaker: Speaker = plugins.load("retriever", f"own_parts:{attribute}", Speaker)
    assert speaker.speak() == "HEY"


def test_a_function_is_taken_as_it_is_where_there_is_no_protocol() -> None:
    assert plugins.load("route", "own_parts:make")().speak() == "HEY"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("loud", "there is no retriever 'loud'; name your own as module:attribute"),
        ("own_parts", "there is no retriever 'own_parts'"),
        ("own parts:Loud", "there is no retriever"),
        ("own_missing:Loud", "cannot be loaded: ModuleNotFoundError: No module named 'own_missing'"),
        ("own_parts:Quiet", "the module own_parts has no Quiet"),
        ("own_parts:Mute", r"has no speak; a retriever follows test_plugins\.Speaker"),
        ("own_parts:number", r"has no speak, volume; a retriever follows"),
        ("own_parts:Broken", r"cannot be loaded: ValueError: no voice \(.*own_parts.py:7\)"),
        ("own_parts:make_of", "takes arguments; name a class or function that can be called without"),
        ("own_parts:Tuned", "takes arguments; name a class or function that can be called without"),
        ("own_broken:X", r"cannot be loaded: AttributeError: .* \(.*own_broken.py:2\)"),
        ("own_leaving:X", r"cannot be loaded: SystemExit: 3 \(.*own_leaving.py:2\)"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_line(name: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as refused:
        plugins.load("retriever", name, Speaker)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("attribute", "kind", "hint"),
    [
        ("number", "int", ""),
        ("loud", "Loud", ""),
        ("Loud", "type", "; a retriever is used as retrieve:own_parts:Loud"),
    ],
)
def test_what_is_no_function_is_no_route(attribute: str, kind: str, hint: str) -> None:
    message = f"route 'own_parts:{attribute}': is a {kind}; name a function{hint}$"
    with pytest.raises(InputError, match=message):
        plugins.load("route", f"own_parts:{attribute}")


def test_an_installed_package_registers_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    points = [
        EntryPoint("loud", "own_parts:Loud", "obverse.retrievers"),
        EntryPoint("not a name+", "own_parts:Loud", "obverse.retrievers"),
        EntryPoint("other", "own_parts:Loud", "obverse.answerers"),
    ]
    monkeypatch.setattr(plugins, "entry_points", lambda **wanted: EntryPoints(points).select(**wanted))
    assert list(plugins.registered("retriever")) == ["loud"]
    assert plugins.load("retriever", "loud", Speaker).volume == 9
    with pytest.raises(InputError, match=r"there is no retriever 'other'; .* registers it \(loud\)"):
        plugins.load("retriever", "other", Speaker)
