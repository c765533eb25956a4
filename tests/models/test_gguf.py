"""GGUF files are unpacked once, into what they hold."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gguf as library
import numpy as np
import pytest
import torch
from conftest import make_model, make_tokenizer

from obverse.models import gguf, load
from obverse.types import InputError

TOKENS = torch.arange(2, 40)[None]
# Names in the file by those in the model.
_NAMES = {
    "model.embed_tokens": "token_embd",
    "model.norm": "output_norm",
    "lm_head": "output",
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "self_attn.q_norm": "attn_q_norm",
    "self_attn.k_norm": "attn_k_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OBVERSE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def write(
    path: Path,
    kind: str = "qwen2",
    *,
    precision: library.GGMLQuantizationType = library.GGMLQuantizationType.F32,
    seed: int = 0,
    without: str = "",
    called: str = "",
) -> Any:
    """Write a tiny model as llama.cpp's converter does; return the model.

    Args:
        without: the name of a weight that is left out.
        called: another architecture than it is of.
    """
    model = make_model(path.parent / "plain", kind=kind, seed=seed)
    tokenizer = make_tokenizer(path.parent / "plain")
    config = model.config
    writer = library.GGUFWriter(path, called or kind)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_key_length(config.head_dim)
    writer.add_value_length(config.head_dim)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    writer.add_vocab_size(config.vocab_size)
    words = json.loads(tokenizer.backend_tokenizer.to_str())["model"]
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list(sorted(words["vocab"], key=words["vocab"].get))
    writer.add_token_merges([" ".join(pair) for pair in words["merges"]])
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(1)
    for name, value in model.state_dict().items():
        tensor = value.detach().float().numpy()
        if kind == "llama" and any(part in name for part in ("q_proj", "k_proj")):
            heads = config.num_attention_heads if "q_proj" in name else config.num_key_value_heads
            halves = tensor.reshape(heads, 2, len(tensor) // heads // 2, *tensor.shape[1:])
            tensor = halves.swapaxes(1, 2).reshape(tensor.shape)
        new = name
        for ours, theirs in _NAMES.items():
            new = new.replace(ours, theirs)
        new = new.replace("model.layers.", "blk.")
        if without and without in new:
            continue
        if tensor.ndim == 1 or precision == library.GGMLQuantizationType.F32:
            writer.add_tensor(new, tensor)
        else:
            packed = library.quants.quantize(tensor, precision)
            writer.add_tensor(new, packed, raw_dtype=precision)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return model


def logits(model: Any) -> torch.Tensor:
    with torch.no_grad():
        found: torch.Tensor = model(input_ids=TOKENS, use_cache=False).logits
    return found


@pytest.mark.parametrize("kind", ["llama", "qwen2"])
def test_the_model_in_the_file_is_what_is_loaded(
    kind: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    model = write(tmp_path / "model.gguf", kind)
    capfd.readouterr()
    found = load(str(tmp_path / "model.gguf"), dtype="float32", device="cpu")
    assert capfd.readouterr() == ("", "")
    torch.testing.assert_close(logits(found.model), logits(model), rtol=1e-4, atol=1e-4)
    assert found.tokenizer.decode(found.tokenizer("Ilka Venning").input_ids) == "Ilka Venning"
    # Nothing is packed: it can be trained and saved.
    assert {type(one).__name__ for one in found.model.modules()} == {
        type(one).__name__ for one in model.modules()
    }
    found.model.requires_grad_(True)(input_ids=TOKENS, labels=TOKENS).loss.backward()
    found.model.save_pretrained(tmp_path / "again")


@pytest.mark.parametrize(
    ("precision", "kept"),
    [("F32", torch.float32), ("F16", torch.float16), ("BF16", torch.bfloat16), ("Q8_0", torch.bfloat16)],
)
def test_it_is_kept_in_the_precision_of_the_file(precision: str, kept: torch.dtype, tmp_path: Path) -> None:
    kind = library.GGMLQuantizationType[precision]
    model = write(tmp_path / "model.gguf", precision=kind)
    folder = gguf.unpacked(tmp_path / "model.gguf")
    assert json.loads((folder / "config.json").read_text())["dtype"] == str(kept).removeprefix("torch.")
    found = load(str(tmp_path / "model.gguf"), dtype="float32", device="cpu").model
    name = "model.layers.0.mlp.up_proj.weight"
    packed = library.quants.quantize(model.state_dict()[name].numpy(), kind)
    expected = torch.from_numpy(np.array(library.quants.dequantize(packed, kind), dtype=np.float32))
    assert torch.equal(found.state_dict()[name], expected.to(kept).float())


def test_it_is_unpacked_once_and_known_by_its_content(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "model.gguf"
    write(file)
    first = load(str(file)).fingerprint
    (folder,) = (path for path in cache.iterdir() if path.is_dir())
    with monkeypatch.context() as patch:
        patch.setattr(gguf, "_unpack", lambda *_: pytest.fail("it was unpacked again"))
        file.rename(tmp_path / "other.gguf")
        (tmp_path / "other.gguf").rename(file)
        assert load(str(file)).fingerprint == first
    times = file.stat()
    write(file, seed=1)  # as large, under the same name, of the same time
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert load(str(file)).fingerprint != first
    assert len(list(cache.iterdir())) == 2
    assert folder.is_dir()


def test_what_another_process_unpacked_meanwhile_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OBVERSE_CACHE", str(tmp_path / "cache"))
    source = tmp_path / "model.gguf"
    source.write_bytes(b"weights")
    turns: list[Path] = []

    def unpack(_: Path, folder: Path) -> None:
        (folder / "config.json").write_text(str(len(turns)))
        turns.append(folder)
        if len(turns) == 1:
            gguf.unpacked(source)  # as another process does between our first look and our last step

    monkeypatch.setattr(gguf, "_unpack", unpack)
    target = gguf.unpacked(source)
    assert len(turns) == 2
    assert (target / "config.json").read_text() == "1"
    assert list(target.parent.glob("*")) == [target]


def test_an_unpacking_that_fails_leaves_nothing(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "model.gguf")

    def full(_: Path, folder: Path) -> None:
        (folder / "config.json").write_text("{}")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(gguf, "_unpack", full)
    with pytest.raises(OSError, match="No space left"):  # which the command line tells in one line
        load(str(tmp_path / "model.gguf"))
    assert not any(cache.iterdir())


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:200])


@pytest.mark.parametrize(
    ("options", "spoil", "message"),
    [
        ({"called": "unheard-of"}, None, "unheard-of"),
        ({"without": "blk.1.ffn_up"}, None, "weights are missing"),
        # The library's reader takes the size of heads to be what it mostly is.
        ({"kind": "qwen3"}, None, "mismatched"),
        ({}, _cut, "cannot be loaded"),
    ],
)
def test_a_file_that_is_refused(
    options: dict[str, str], spoil: Callable[[Path], None] | None, message: str, tmp_path: Path, cache: Path
) -> None:
    file = tmp_path / "model.gguf"
    write(file, **options)  # type: ignore[arg-type]  # they are all text
    if spoil:
        spoil(file)
    with pytest.raises(InputError, match=message) as caught:
        load(str(file))
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith(str(file))
    assert not any(path.is_dir() for path in cache.iterdir())
