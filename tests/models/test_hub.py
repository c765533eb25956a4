"""Models by their names on the hub, out of its cache where it does not answer."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import huggingface_hub
import pytest
from huggingface_hub import constants

from obverse.models import hub, load
from obverse.types import InputError


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and a hub that does not answer."""
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")  # nothing listens there
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    monkeypatch.setattr("time.sleep", lambda _: pytest.fail("it waits to try again"))
    return tmp_path


def refusal(name: str) -> str:
    with pytest.raises(InputError) as caught:
        load(name)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("name", ["nobody/no-such-model", "a b", "a/b/c", "-", "ä" * 300])
def test_a_name_that_the_hub_does_not_give_is_told_at_once(
    name: str, cache: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    message = refusal(name)
    assert message.startswith(f"the model {name!r} cannot be loaded: ")
    assert capfd.readouterr() == ("", "")
    assert not any(cache.iterdir())


def in_cache(cache: Path, model: Path, name: str) -> Path:
    """Lay a model into the cache as the hub's client does: links into a folder of contents."""
    home, commit = cache / f"models--{name.replace('/', '--')}", "a" * 40
    folder, contents = home / "snapshots" / commit, home / "blobs"
    for path in (folder, contents, home / "refs"):
        path.mkdir(parents=True)
    (home / "refs" / "main").write_text(commit)
    for number, file in enumerate(sorted(model.iterdir())):
        shutil.copy(file, contents / str(number))
        (folder / file.name).symlink_to(Path("..", "..", "blobs", str(number)))
    return folder


def test_without_a_hub_the_cache_serves_at_once_and_nothing_is_asked_again(
    cache: Path, tiny_folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    in_cache(cache, tiny_folder, "somebody/tiny")
    asked: list[str] = []

    class Silent:
        def head(self, url: str, **_: object) -> None:
            asked.append(url)
            raise OSError("nobody is there")

    monkeypatch.setattr(huggingface_hub, "get_session", Silent)
    first, second = load("somebody/tiny"), load("somebody/tiny")
    assert asked == [constants.ENDPOINT]
    assert constants.HF_HUB_OFFLINE is True
    assert os.environ["HF_HUB_OFFLINE"] == "1"
    assert first.name == "somebody/tiny"
    assert first.fingerprint == second.fingerprint == load(str(tiny_folder)).fingerprint
    assert capfd.readouterr() == ("", "")


def test_pickled_weights_in_the_cache_are_refused(cache: Path, tiny_folder: Path) -> None:
    folder = in_cache(cache, tiny_folder, "somebody/pickled")
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    assert "only pickled weights (pytorch_model.bin)" in refusal("somebody/pickled")


@pytest.mark.parametrize("kind", ["model", "adapter"])
def test_from_the_hub_comes_what_is_read_and_nothing_else(
    kind: str, cache: Path, tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetched: list[tuple[list[str], bool]] = []
    folder = in_cache(cache, tiny_folder, "somebody/tiny")
    if kind == "adapter":
        (folder / "config.json").rename(folder / "adapter_config.json")

    def download(name: str, *, allow_patterns: list[str], local_files_only: bool, **_: Any) -> str:
        assert name == "somebody/tiny"
        fetched.append((allow_patterns, local_files_only))
        return str(folder)

    monkeypatch.setattr(hub, "hub_answers", lambda: True)
    monkeypatch.setattr(huggingface_hub, "snapshot_download", download)
    assert hub.snapshot("somebody/tiny") == folder
    described, weights = fetched
    assert not any(pattern.endswith((".safetensors", ".bin", "*")) for pattern in described[0])
    wanted = "adapter_model.safetensors" if kind == "adapter" else "model.safetensors"
    assert weights == ([*described[0], wanted], False)
