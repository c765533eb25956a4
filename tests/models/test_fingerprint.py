"""What decides what a model computes is known from its files alone, and is content."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from conftest import make_model, make_tokenizer

from obverse.models import load
from obverse.models.fingerprint import computing, fingerprint_of, identity, load_tokenizer
from obverse.retrieval.template import template_fingerprint
from obverse.types import InputError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_tokenizer(tmp_path / "model", chat=True)
    make_model(tmp_path / "model")
    return tmp_path / "model"


def adapted(folder: Path, base: Path) -> Path:
    from peft import LoraConfig, get_peft_model

    peft: Any = get_peft_model(load(str(base)).model, LoraConfig(r=2, target_modules=["q_proj"]))
    peft.peft_config["default"].base_model_name_or_path = str(base)
    peft.save_pretrained(folder)
    return folder


def test_it_is_that_of_the_loaded_model(folder: Path, tmp_path: Path) -> None:
    adapter = adapted(tmp_path / "adapter", folder)
    for name in map(str, (folder, adapter)):
        loaded = load(name)
        assert fingerprint_of(name) == loaded.fingerprint
        assert template_fingerprint(load_tokenizer(name)) == template_fingerprint(loaded.tokenizer)
    assert fingerprint_of(str(folder)) != fingerprint_of(str(adapter))


def test_the_same_content_elsewhere_is_the_same(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "copy")
    assert fingerprint_of(str(folder)) == fingerprint_of(str(tmp_path / "copy"))


def other_weights(folder: Path) -> None:
    make_model(folder, seed=1)


def other_template(folder: Path) -> None:
    (folder / "chat_template.jinja").write_text("{% for m in messages %}{{ m['content'] }}{% endfor %}")


def other_config(folder: Path) -> None:
    content = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(content | {"rms_norm_eps": 1e-3}))


@pytest.mark.parametrize("change", [other_weights, other_template, other_config])
def test_other_content_at_the_same_path_is_another(folder: Path, change: Callable[[Path], None]) -> None:
    before = fingerprint_of(str(folder))
    change(folder)
    assert fingerprint_of(str(folder)) != before


def test_another_template_is_rendered_otherwise(folder: Path) -> None:
    before = template_fingerprint(load_tokenizer(str(folder)))
    other_template(folder)
    assert template_fingerprint(load_tokenizer(str(folder))) != before


def test_a_model_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        fingerprint_of(str(tmp_path / "nowhere"))


def test_where_and_how_precisely_it_is_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    here = "cuda" if torch.cuda.is_available() else "cpu"
    assert computing("auto", "float32") == computing(here, "float32")
    assert computing("cuda:1", "float32") == computing("cuda", "float32")  # taken at its word
    assert computing("cuda", "float32") != computing("cpu", "float32")
    assert computing("cpu", "float32") != computing("cpu", "float16")
    found = []
    for native in (False, True):
        monkeypatch.setattr("obverse.models.loading.computes_bfloat16", lambda _, native=native: native)
        assert computing("cpu", "auto") == computing("cpu", "bfloat16" if native else "float32")
        found.append(computing("cpu", "float32"))
    assert found[0] != found[1]  # products of full fine-tuning differ


def test_a_loaded_model_s_identity(folder: Path) -> None:
    loaded = load(str(folder), dtype="float32", device="cpu")
    found = identity(loaded, "obverse.training.finetuning")
    assert found["model weights"] == fingerprint_of(str(folder))
    assert found.items() > computing("cpu", "float32").items()
    assert {"code", "torch", "transformers", "peft"} < found.keys()
    assert identity(loaded, "obverse.training.retention")["code"] != found["code"]
