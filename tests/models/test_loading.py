"""Loading models by folder, file and name; what is refused, and how two models are told apart."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from conftest import make_model, make_tokenizer
from safetensors.torch import load_file, save_file

from obverse.models import DEFAULT_MODEL, load, loading
from obverse.training.adapters import make_trainable, save_taught
from obverse.types import InputError


@pytest.fixture
def copy(tiny_folder: Path, tmp_path: Path) -> Path:
    """A copy of the tiny model that a test may damage."""
    return Path(shutil.copytree(tiny_folder, tmp_path / "copy"))


def fingerprint(folder: Path) -> str:
    return load(str(folder), device="cpu").fingerprint


def refusal(name: str | Path, device: str = "auto") -> str:
    with pytest.raises(InputError) as caught:
        load(str(name), device=device)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_folder_is_loaded_to_answer_and_not_to_learn(tiny_folder: Path) -> None:
    found = load(str(tiny_folder), dtype="float32", device="cpu")
    assert found.name == str(tiny_folder)
    assert not found.model.training
    assert not any(parameter.requires_grad for parameter in found.model.parameters())
    assert found.tokenizer.decode(found.tokenizer("Ilka Venning").input_ids) == "Ilka Venning"


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
def test_the_precision_that_is_named(tiny_folder: Path, dtype: str) -> None:
    assert load(str(tiny_folder), dtype=dtype, device="cpu").model.dtype == getattr(torch, dtype)


@pytest.mark.parametrize(("native", "chosen"), [(True, torch.bfloat16), (False, torch.float32)])
def test_auto_takes_bfloat16_where_it_is_native(
    tiny_folder: Path, monkeypatch: pytest.MonkeyPatch, native: bool, chosen: torch.dtype
) -> None:
    monkeypatch.setattr(loading, "computes_bfloat16", lambda _: native)
    assert load(str(tiny_folder), device="cpu").model.dtype == chosen


@pytest.mark.parametrize(
    ("cuda", "mps", "chosen"),
    [(True, True, "cuda"), (True, False, "cuda"), (False, True, "mps"), (False, False, "cpu")],
)
def test_auto_takes_the_first_device_there_is(
    monkeypatch: pytest.MonkeyPatch, cuda: bool, mps: bool, chosen: str
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    assert loading._device("auto") == chosen


def test_a_device_that_is_not_there(tiny_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert "no device 'cuda' here; there is " in refusal(tiny_folder, device="cuda")


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert refusal(tmp_path / "nowhere").startswith(f"{tmp_path / 'nowhere'}: not a model; name a folder")
    assert "not a model" in refusal("~nobody-of-that-name/model")


def test_a_folder_without_a_model(tmp_path: Path) -> None:
    assert "no model in this folder" in refusal(tmp_path)


def test_a_file_that_is_no_model(copy: Path) -> None:
    assert "not a model" in refusal(copy / "config.json")


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.pt", "model.pth"])
def test_pickled_weights_are_refused_and_not_read(copy: Path, name: str) -> None:
    (copy / "model.safetensors").unlink()
    (copy / name).write_bytes(b"cos\nsystem\n(S'exit 1'\ntR.")
    message = refusal(copy)
    assert f"only pickled weights ({name})" in message
    assert "safetensors" in message


def test_a_broken_configuration_and_broken_weights(copy: Path) -> None:
    weights = (copy / "model.safetensors").read_bytes()
    (copy / "model.safetensors").write_bytes(weights[:1000])
    assert "cannot be loaded" in refusal(copy)
    (copy / "model.safetensors").write_bytes(weights)
    (copy / "config.json").write_text("{")
    assert "cannot be loaded" in refusal(copy)


def test_a_default_model_that_is_broken_is_named_with_where_it_lies(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (copy / "model.safetensors").write_bytes(b"")
    monkeypatch.setattr(loading, "default_model_file", lambda: copy)
    monkeypatch.setattr(loading, "unpacked", lambda source: source)
    with pytest.raises(InputError, match=f"'{DEFAULT_MODEL}' cannot be loaded: .*remove {copy}"):
        load()


def test_code_that_comes_with_a_model_is_refused_and_not_run(copy: Path, tmp_path: Path) -> None:
    (copy / "own.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    config = json.loads((copy / "config.json").read_text())
    config |= {"model_type": "own", "auto_map": {"AutoConfig": "own.C", "AutoModelForCausalLM": "own.M"}}
    (copy / "config.json").write_text(json.dumps(config))
    assert "cannot be loaded" in refusal(copy)
    assert not (tmp_path / "ran").exists()


def _change_weight(folder: Path) -> None:
    weights = bytearray((folder / "model.safetensors").read_bytes())
    weights[-1] ^= 1
    (folder / "model.safetensors").write_bytes(weights)


def _change_the_middle_of_large_weights(folder: Path) -> None:
    # Between the samples that a hash of samples would read.
    file = folder / "model.safetensors"
    weights = bytearray(file.read_bytes())
    weights[len(weights) // 2 + 12345] ^= 1
    file.write_bytes(weights)


def _change_generation(folder: Path) -> None:
    config = json.loads((folder / "generation_config.json").read_text())
    (folder / "generation_config.json").write_text(json.dumps(config | {"eos_token_id": [1, 2]}))


def _add_a_template(folder: Path) -> None:
    (folder / "additional_chat_templates").mkdir()
    (folder / "additional_chat_templates" / "tool_use.jinja").write_text("{{ messages }}")


def _change_config(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"rms_norm_eps": 1e-4}))


def _change_template(folder: Path) -> None:
    (folder / "chat_template.jinja").write_text("{{ messages[0]['content'] }}")


def _change_tokenizer_config(folder: Path) -> None:
    config = json.loads((folder / "tokenizer_config.json").read_text())
    (folder / "tokenizer_config.json").write_text(json.dumps(config | {"eos_token": "<|start|>"}))


@pytest.mark.parametrize(
    "change",
    [
        _change_weight,
        _change_the_middle_of_large_weights,
        _change_config,
        _change_generation,
        _change_template,
        _add_a_template,
        _change_tokenizer_config,
    ],
)
def test_the_fingerprint_tells_models_apart(copy: Path, change: Callable[[Path], None]) -> None:
    before = fingerprint(copy)
    change(copy)
    assert fingerprint(copy) != before


def test_the_fingerprint_is_of_the_content_and_not_of_the_place(copy: Path, tiny_folder: Path) -> None:
    (copy / "README.md").write_text("A copy.")
    assert fingerprint(copy) == fingerprint(tiny_folder)


def test_another_seed_is_another_model(tmp_path: Path, tiny_folder: Path) -> None:
    make_tokenizer(tmp_path)
    make_model(tmp_path, seed=1)
    assert fingerprint(tmp_path) != fingerprint(tiny_folder)


def test_an_adapter_is_merged_into_the_model_that_it_names(tiny_folder: Path, tmp_path: Path) -> None:
    before = load(str(tiny_folder), dtype="float32")
    adapted = make_trainable(before, "lora", 2, seed=0)
    for name, parameter in adapted.named_parameters():
        if "lora_B" in name:  # they start at zero, and then change nothing
            torch.nn.init.normal_(parameter, generator=torch.Generator().manual_seed(0))
    tokens = torch.tensor([[5, 6, 7]])
    expected = adapted.eval()(tokens).logits
    taught = save_taught(before, adapted, tmp_path, torch.float32)
    torch.testing.assert_close(taught.model(tokens).logits, expected)
    merged = load(str(tmp_path), dtype="float32")
    torch.testing.assert_close(merged.model(tokens).logits, expected)
    assert not any(parameter.requires_grad for parameter in merged.model.parameters())
    assert type(merged.model).__name__ == "LlamaForCausalLM"
    plain = load(str(tiny_folder), dtype="float32")
    assert not torch.allclose(plain.model(tokens).logits, expected, atol=1e-3)
    assert merged.fingerprint != plain.fingerprint
    assert load(str(tmp_path), dtype="bfloat16").model.dtype == torch.bfloat16


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (
            lambda folder: (folder / "adapter_model.safetensors").unlink(),
            "an adapter without adapter_model.safetensors",
        ),
        (
            lambda folder: (folder / "adapter_config.json").write_text("{}"),
            "does not name the model that it is for",
        ),
        (lambda folder: (folder / "adapter_model.safetensors").write_bytes(b"x"), "does not fit the model"),
    ],
)
def test_a_broken_adapter(
    tiny_folder: Path, tmp_path: Path, spoil: Callable[[Path], object], message: str
) -> None:
    base = load(str(tiny_folder), dtype="float32")
    save_taught(base, make_trainable(base, "lora", 2, seed=0), tmp_path, torch.float32)
    spoil(tmp_path)
    assert message in refusal(tmp_path)


def _pickle_the_adapter(folder: Path) -> None:
    (folder / "adapter_model.safetensors").rename(folder / "adapter_model.bin")


def _make_it_its_own_base(folder: Path) -> None:
    file = folder / "adapter_config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"base_model_name_or_path": str(folder)}))


def _make_a_ring(folder: Path) -> None:
    other = Path(shutil.copytree(folder, folder.with_name("other")))
    for here, there in ((folder, other), (other, folder)):
        file = here / "adapter_config.json"
        file.write_text(json.dumps(json.loads(file.read_text()) | {"base_model_name_or_path": str(there)}))


def _give_it_a_pickled_base(folder: Path) -> None:
    base = Path(json.loads((folder / "adapter_config.json").read_text())["base_model_name_or_path"])
    (base / "model.safetensors").rename(base / "pytorch_model.bin")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (_pickle_the_adapter, "adapter_model.bin is pickled and can run code"),
        (_make_it_its_own_base, "the adapter is its own base"),
        (_make_a_ring, "the adapter is its own base"),
        (_give_it_a_pickled_base, "only pickled weights (pytorch_model.bin)"),
    ],
)
def test_an_adapter_that_is_refused(
    copy: Path, tmp_path: Path, spoil: Callable[[Path], object], message: str
) -> None:
    folder = tmp_path / "adapter"
    base = load(str(copy), dtype="float32")
    save_taught(base, make_trainable(base, "lora", 2, seed=0), folder, torch.float32)
    spoil(folder)
    assert message in refusal(folder)


def test_an_adapter_on_an_adapter(tiny_folder: Path, tmp_path: Path) -> None:
    for name, under in (("first", tiny_folder), ("second", tmp_path / "first")):
        base = load(str(under), dtype="float32")
        save_taught(base, make_trainable(base, "lora", 2, seed=0), tmp_path / name, torch.float32)
    assert load(str(tmp_path / "second")).fingerprint != load(str(tmp_path / "first")).fingerprint


def _index(folder: Path, name: str) -> None:
    shard = {"metadata": {"total_size": 1}, "weight_map": {"lm_head.weight": name}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(shard))


def _name_pickled_shards(folder: Path) -> None:
    _index(folder, "pytorch_model-00001-of-00001.bin")
    (folder / "model.safetensors").rename(folder / "pytorch_model-00001-of-00001.bin")


def _name_shards_elsewhere(folder: Path) -> None:
    _index(folder, "../model.safetensors")
    (folder / "model.safetensors").rename(folder.parent / "model.safetensors")


def _name_missing_shards(folder: Path) -> None:
    shard = {"weight_map": {"a": "model.safetensors", "b": "model-00002-of-00002.safetensors"}}
    (folder / "own.safetensors.index.json").write_text(json.dumps(shard))
    config = json.loads((folder / "config.json").read_text())
    named = {"transformers_weights": "own.safetensors.index.json"}
    (folder / "config.json").write_text(json.dumps(config | named))


def _name_pickled_weights(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"transformers_weights": "adapter_model.bin"}))


def _put_an_adapter_beside(folder: Path) -> None:
    (folder / "adapter_config.json").write_text('{"base_model_name_or_path": "elsewhere"}')


def _drop_a_weight(folder: Path) -> None:
    weights = load_file(folder / "model.safetensors")
    del weights["model.layers.1.mlp.up_proj.weight"]
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})


def _say_the_length_in_words(folder: Path) -> None:
    file = folder / "tokenizer_config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"model_max_length": "512"}))


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (_name_pickled_shards, "weights that are not safetensors (pytorch_model-00001-of-00001.bin)"),
        (_name_shards_elsewhere, "names weights outside its folder (../model.safetensors)"),
        (_name_missing_shards, "weights are missing (model-00002-of-00002.safetensors)"),
        (_name_pickled_weights, "weights that are not safetensors (adapter_model.bin)"),
        (_put_an_adapter_beside, "holds a model and an adapter"),
        # The library would draw it at random.
        (_drop_a_weight, "weights are missing, model.layers.1.mlp.up_proj.weight"),
        (_say_the_length_in_words, "model_max_length is no number"),
    ],
)
def test_a_model_that_is_refused(copy: Path, spoil: Callable[[Path], object], message: str) -> None:
    spoil(copy)
    assert message in refusal(copy)


def test_pickled_weights_beside_others_are_not_read(copy: Path, tiny_folder: Path) -> None:
    (copy / "pytorch_model.bin").write_bytes(b"cos\nsystem\n(S'exit 1'\ntR.")
    assert fingerprint(copy) == fingerprint(tiny_folder)


def test_several_packed_files_in_a_folder_are_told_apart_by_the_user(tmp_path: Path) -> None:
    for name in ("a.gguf", "b.gguf"):
        (tmp_path / name).touch()
    assert f"holds 2 GGUF files; name one, such as {tmp_path / 'a.gguf'}" in refusal(tmp_path)
