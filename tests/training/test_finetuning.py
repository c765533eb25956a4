"""Fine-tuning: it learns, it resumes exactly, and what it leaves behind can be loaded again."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import families
import numpy as np
import pytest
import torch
from conftest import FACTS, make_model, make_tokenizer
from safetensors.torch import load_file

from obverse.costs import model_shape
from obverse.models import Pretrained, load
from obverse.training import finetuning
from obverse.training import rehearsal as rehearsal_module
from obverse.training.adapters import make_trainable, save_taught
from obverse.training.finetuning import finetune, training_remarks
from obverse.training.finetuning_options import FinetuningOptions
from obverse.training.loop import train
from obverse.training.objectives import Objective, next_token, tokenise
from obverse.training.packing import Batch, Example, pack_epoch
from obverse.training.rehearsal import write_texts
from obverse.types import Document, InputError

DOCUMENTS = [Document(id, text) for id, text, _, _ in FACTS]
LORA = FinetuningOptions(adapter="lora", rank=4, learning_rate=1e-2, epochs=4, row_tokens=48)
FULL = replace(LORA, adapter="full")
DIVERGENCE = replace(LORA, rehearse="divergence", rehearsed_texts=3)
REPLAY = replace(DIVERGENCE, rehearse="replay")
either = pytest.mark.parametrize("settings", [LORA, FULL], ids=["lora", "full"])


@pytest.fixture
def tiny(tiny_folder: Path) -> Callable[[], Pretrained]:
    """Loads the tiny model anew."""
    return lambda: load(str(tiny_folder), dtype="float32", device="cpu")


def tensors(folder: Path) -> dict[str, torch.Tensor]:
    """All that a training left behind."""
    (file,) = (folder / "model").glob("*.safetensors")
    return load_file(file)


def same(left: dict[str, torch.Tensor], right: dict[str, torch.Tensor]) -> bool:
    """Whether two sets of tensors are equal bit for bit."""
    return left.keys() == right.keys() and all(torch.equal(left[name], right[name]) for name in left)


def logits(pretrained: Pretrained) -> torch.Tensor:
    """What the model says to a fixed row of tokens."""
    with torch.no_grad():
        found: torch.Tensor = pretrained.model(input_ids=torch.arange(2, 40)[None], use_cache=False).logits
    return found


def never(*_: object) -> None:
    pytest.fail("a step was trained again")


@pytest.mark.parametrize(
    "settings",
    [
        LORA,
        FULL,
        DIVERGENCE,
        replace(DIVERGENCE, adapter="full"),
        REPLAY,
    ],
    ids=["lora", "full", "lora, divergence", "full, divergence", "lora, replay"],
)
def test_interrupted_equals_uninterrupted_bit_for_bit(
    settings: FinetuningOptions, tiny: Callable[[], Pretrained], tmp_path: Path
) -> None:
    steps: list[int] = []
    finetune(tiny(), DOCUMENTS, settings, 0, tmp_path / "whole", lambda done, *_: steps.append(done))
    seen: list[int] = []

    def interrupt(done: int, *_: object) -> None:
        seen.append(done)
        if done == 5 and seen.count(5) == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        finetune(tiny(), DOCUMENTS, settings, 0, tmp_path / "parts", interrupt)
    finetune(tiny(), DOCUMENTS, settings, 0, tmp_path / "parts", interrupt)
    assert steps == list(range(1, len(steps) + 1))
    assert len(steps) > 5
    assert seen.count(1) == 1  # it did not begin again
    assert seen[-1] == len(steps)
    assert same(tensors(tmp_path / "whole"), tensors(tmp_path / "parts"))


@either
def test_what_is_finished_is_loaded_and_not_trained(
    settings: FinetuningOptions, tiny: Callable[[], Pretrained], tmp_path: Path
) -> None:
    taught, cost = finetune(tiny(), DOCUMENTS, settings, 0, tmp_path)
    again, same_cost = finetune(tiny(), DOCUMENTS, settings, 0, tmp_path, never)
    assert same_cost == cost
    assert torch.equal(logits(taught), logits(again))
    assert not torch.equal(logits(taught), logits(tiny()))


@either
def test_only_safetensors_and_text_are_left_behind(
    settings: FinetuningOptions, tiny: Callable[[], Pretrained], tmp_path: Path
) -> None:
    finetune(tiny(), DOCUMENTS, settings, 0, tmp_path)
    suffixes = {path.suffix for path in tmp_path.rglob("*") if path.is_file()}
    assert ".safetensors" in suffixes
    assert suffixes <= {".safetensors", ".json", ".jsonl", ".md", ".jinja", ".txt"}
    assert not (tmp_path / "checkpoint.safetensors").exists()


@either
def test_the_loss_falls_and_the_seed_matters(
    settings: FinetuningOptions, tiny: Callable[[], Pretrained], tmp_path: Path
) -> None:
    losses: list[float] = []
    longer = replace(settings, epochs=20)
    finetune(tiny(), DOCUMENTS, longer, 0, tmp_path / "0", lambda _, __, loss: losses.append(loss))
    finetune(tiny(), DOCUMENTS, settings, 0, tmp_path / "1")
    finetune(tiny(), DOCUMENTS, settings, 1, tmp_path / "2")
    assert sum(losses[-4:]) < 0.7 * sum(losses[:4])
    assert not same(tensors(tmp_path / "1"), tensors(tmp_path / "2"))


def test_adapters_leave_the_weights_as_they_were(
    tiny: Callable[[], Pretrained], tiny_folder: Path, tmp_path: Path
) -> None:
    taught, _ = finetune(tiny(), DOCUMENTS, LORA, 0, tmp_path)
    found, before = taught.model.state_dict(), load_file(tiny_folder / "model.safetensors")
    adapted = {name.partition("base_model.model.")[2].rpartition(".lora_")[0] for name in tensors(tmp_path)}
    for name, value in before.items():
        assert torch.equal(found[name], value) is (name.removesuffix(".weight") not in adapted)


@either
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_what_is_taught_answers_as_it_is_deployed(
    settings: FinetuningOptions, dtype: str, tiny_folder: Path, tmp_path: Path
) -> None:
    """In the precision of the untouched model, without adapters beside the weights, from whatever was kept."""

    kept, tmp_path = tmp_path / "kept", tmp_path / "taught"
    for part in (load(str(tiny_folder), dtype=dtype).model, load(str(tiny_folder)).tokenizer):
        part.save_pretrained(kept)

    def untouched() -> Pretrained:
        return load(str(kept), dtype=dtype, device="cpu")

    taught, _ = finetune(untouched(), DOCUMENTS, settings, 0, tmp_path)
    again, _ = finetune(untouched(), DOCUMENTS, settings, 0, tmp_path, never)
    for one in (taught, again):
        assert {parameter.dtype for parameter in one.model.parameters()} == {getattr(torch, dtype)}
        assert one.model.num_parameters() == untouched().model.num_parameters()
        assert not any(parameter.requires_grad for parameter in one.model.parameters())
    assert torch.equal(logits(taught), logits(again))
    assert taught.fingerprint == again.fingerprint != untouched().fingerprint
    assert {value.dtype for value in tensors(tmp_path).values()} == {torch.float32}
    deployed = load(str(tmp_path / "model"), dtype=dtype, device="cpu")
    assert torch.equal(logits(deployed), logits(taught))


@either
def test_weights_are_on_disk_before_the_record_that_they_are_done(
    settings: FinetuningOptions,
    tiny: Callable[[], Pretrained],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def synced(descriptor: int) -> None:
        done.append(f"sync {Path(f'/proc/self/fd/{descriptor}').readlink().relative_to(tmp_path.resolve())}")
        fsync(descriptor)

    def replaced(path: Path, target: Path) -> Path:
        done.append(f"replace {target.relative_to(tmp_path)}")
        return replace(path, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "replace", replaced)
    finetune(tiny(), DOCUMENTS, settings, 0, tmp_path)
    record = done.index("replace cost.json")
    files = list((tmp_path / "model").iterdir())
    assert all(f"sync model/{path.name}" in done[:record] for path in files)
    assert "sync model" in done[:record]
    # Of a checkpoint its content before its name.
    first = done.index("replace checkpoint.safetensors")
    assert done[first - 1].startswith("sync .checkpoint.safetensors")


def test_training_all_weights_changes_every_one(
    tiny: Callable[[], Pretrained], tiny_folder: Path, tmp_path: Path
) -> None:
    finetune(tiny(), DOCUMENTS, FULL, 0, tmp_path)
    before, after = load_file(tiny_folder / "model.safetensors"), tensors(tmp_path)
    assert before.keys() == after.keys()
    assert not any(torch.equal(before[name], after[name]) for name in before)


def test_a_model_trained_in_mixed_precision_answers_as_it_does_when_loaded_again(
    tiny: Callable[[], Pretrained], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    finetune(tiny(), DOCUMENTS, LORA, 0, tmp_path / "lora")  # one precision after the other in one process
    monkeypatch.setattr(finetuning, "computes_bfloat16", lambda _: True)
    taught, _ = finetune(tiny(), DOCUMENTS, FULL, 0, tmp_path / "full")
    again, _ = finetune(tiny(), DOCUMENTS, FULL, 0, tmp_path / "full", never)
    assert torch.equal(logits(taught), logits(again))


def test_the_cost_is_that_of_every_row_of_every_epoch(tiny: Callable[[], Pretrained], tmp_path: Path) -> None:
    pretrained = tiny()
    lengths = [len(text.tokens) for text in tokenise(pretrained.tokenizer, DOCUMENTS)]
    assert max(lengths) <= 48
    _, cost = finetune(pretrained, DOCUMENTS, LORA, 0, tmp_path)
    assert cost.tokens_trained == 4 * sum(lengths)
    pairs = sum(length * (length + 1) // 2 for length in lengths)
    predicted = sum(lengths) - len(lengths)  # the first token of a document follows nothing
    trained = make_trainable(tiny(), LORA.adapter, LORA.rank, 0)
    assert cost.flops == model_shape(trained).training_flops(cost.tokens_trained, 4 * pairs, 4 * predicted)
    assert cost.tokens_forward == cost.tokens_generated == 0
    assert cost.flops > 4 * 20_000 * cost.tokens_trained  # forward and backward of some 20 000 weights
    assert cost.seconds > 0
    assert cost.peak_memory_bytes > 1 << 20


def test_each_epoch_has_every_document_in_an_order_of_its_own(
    tiny: Callable[[], Pretrained], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    streams: list[list[Batch]] = []

    def noting(model: Any, stream: list[Batch], *rest: Any, **named: Any) -> Any:
        streams.append(stream)
        return train(model, stream[:1], *rest, **named)

    monkeypatch.setattr(finetuning, "train", noting)
    lengths = [len(text.tokens) for text in tokenise(tiny().tokenizer, DOCUMENTS)]
    settings = replace(LORA, epochs=6, row_tokens=max(lengths))  # a row holds one document
    for seed in (0, 1, 0):
        finetune(tiny(), DOCUMENTS, settings, seed, tmp_path / str(len(streams)))
    rows = [[tuple(batch.tokens[0].tolist()) for batch in stream] for stream in streams]
    epochs = [seen[start : start + 4] for seen in rows[:2] for start in range(0, 24, 4)]
    assert [len(seen) for seen in rows] == [24] * 3
    assert len({tuple(sorted(epoch)) for epoch in epochs}) == 1
    assert len({tuple(epoch) for epoch in epochs[:6]}) > 3  # of 24 orders
    assert rows[0] == rows[2] != rows[1]


def test_documents_longer_than_a_row_and_pieces_of_one_token(
    tiny: Callable[[], Pretrained], tmp_path: Path
) -> None:
    pretrained = tiny()
    long = Document("long", " ".join(document.text for document in DOCUMENTS))
    (text,) = tokenise(pretrained.tokenizer, [long])
    room = len(text.tokens) - 1
    settings = replace(LORA, row_tokens=room, epochs=2)
    rows = pack_epoch([next_token(text)], room, 0)
    assert sorted(row.tokens.size for row in rows) == [1, room]
    losses: list[float] = []
    finetune(pretrained, [long], settings, 0, tmp_path, lambda _, __, loss: losses.append(loss))
    assert len(losses) == 4
    assert sorted(losses)[:2] == [0, 0]  # one token alone predicts nothing
    assert all(map(math.isfinite, losses))


def test_a_document_longer_than_learned_positions(tmp_path: Path) -> None:
    make_tokenizer(tmp_path)
    changes = {"n_positions": 32, "n_embd": 32, "n_layer": 1, "n_head": 2}
    make_model(tmp_path, kind="gpt2", **changes)
    pretrained = load(str(tmp_path), dtype="float32", device="cpu")
    long = Document("long", " ".join(document.text for document in DOCUMENTS))
    losses: list[float] = []
    settings = replace(LORA, row_tokens=256, epochs=1)
    finetune(pretrained, [long], settings, 0, tmp_path / "taught", lambda _, __, loss: losses.append(loss))
    assert len(losses) == 1
    assert math.isfinite(losses[0])


def test_a_loss_that_is_no_number_is_told_with_its_remedy(
    tiny: Callable[[], Pretrained], tmp_path: Path
) -> None:
    pretrained = tiny()
    with torch.no_grad():
        next(pretrained.model.parameters()).fill_(math.nan)
    with pytest.raises(InputError, match=r"diverged \(the loss became nan\).*--learning-rate"):
        finetune(pretrained, DOCUMENTS, LORA, 0, tmp_path)


@pytest.mark.parametrize("adapter", ["lora", "full"])
def test_settings_follow_the_corpus_and_what_is_given_stays(adapter: Literal["lora", "full"]) -> None:
    small, large = (FinetuningOptions(adapter).for_corpus(size) for size in (3_000, 3_000_000))
    assert small.adapter == large.adapter == adapter
    assert (small.epochs, large.epochs) == (12, 3)
    assert (small.row_tokens, large.row_tokens) == (375, 4096)
    given = FinetuningOptions(adapter, 2, 1e-5, 7, 99)
    assert given.for_corpus(3_000) == given


@pytest.mark.parametrize(
    ("tokens", "epochs", "row_tokens"),
    [
        (0, 12, 256),
        (2_056, 12, 257),
        (4_000, 12, 500),
        (50_000, 12, 4096),
        (60_000, 10, 4096),
        (150_000, 4, 4096),
        (10_000_000, 3, 4096),
    ],
)
def test_settings_of_exact_sizes(tokens: int, epochs: int, row_tokens: int) -> None:
    lora, full = FinetuningOptions(), FinetuningOptions("full")
    assert lora.for_corpus(tokens) == FinetuningOptions("lora", 16, 1e-3, epochs, row_tokens)
    assert full.for_corpus(tokens) == FinetuningOptions("full", 16, 1e-4, epochs, row_tokens)


@pytest.mark.parametrize("objective", ["reversed", "masked copy"])
def test_another_objective_stands_beside_the_documents(
    objective: Objective, tiny: Callable[[], Pretrained], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    packed: list[list[Example]] = []

    def noting(examples: list[Example], *rest: Any) -> list[Any]:
        packed.append(examples)
        return pack_epoch(examples, *rest)

    monkeypatch.setattr(finetuning, "pack_epoch", noting)
    settings = replace(LORA, epochs=2)
    finetune(tiny(), DOCUMENTS, settings, 0, tmp_path / "a", objective=objective)
    texts = tokenise(tiny().tokenizer, DOCUMENTS)
    for examples in packed:
        plain, others = examples[: len(texts)], examples[len(texts) :]
        assert [one.tokens.tolist() for one in plain] == [text.tokens.tolist() for text in texts]
        if objective == "reversed":
            assert [sorted(one.tokens) for one in others] == [sorted(text.tokens) for text in texts]
        else:
            # A copy and its original are one example, which no row cuts in two.
            assert all(len(one.tokens) <= 48 for one in others)
            halves = [one.tokens[len(one.tokens) // 2 :] for one in others]
            assert np.concatenate(halves).tolist() == [token for text in texts for token in text.tokens]
    first, second = ([one.tokens.tolist() for one in examples] for examples in packed)
    assert (first == second) is (objective == "reversed")  # other words are hidden each time
    again = finetune(tiny(), DOCUMENTS, settings, 0, tmp_path / "b", objective=objective)
    assert again[1].tokens_trained > 0
    assert same(tensors(tmp_path / "a"), tensors(tmp_path / "b"))


@either
def test_without_rehearsal_it_is_training_on_the_documents_and_nothing_else(
    settings: FinetuningOptions,
    tiny: Callable[[], Pretrained],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    given: list[Any] = []

    def noting(model: Any, stream: Any, training: Any, folder: Path, *, mixed: bool, **rest: Any) -> Any:
        given.append((stream, training, mixed))
        return train(model, stream, training, folder, mixed=mixed, **rest)

    monkeypatch.setattr(finetuning, "train", noting)
    monkeypatch.setattr(rehearsal_module, "write_texts", never)
    monkeypatch.setattr(finetuning, "Rehearser", never)
    taught, _ = finetune(tiny(), DOCUMENTS, settings, 0, tmp_path / "taught")
    model = make_trainable(tiny(), settings.adapter, settings.rank, 0)
    ((stream, training, mixed),) = given
    train(model, stream, training, tmp_path / "plain", mixed=mixed)
    assert {path.name for path in (tmp_path / "taught").iterdir()} == {"model", "cost.json", "metrics.jsonl"}
    expected = save_taught(tiny(), model, tmp_path / "expected", torch.float32)
    assert same(dict(taught.model.state_dict()), dict(expected.model.state_dict()))


@pytest.mark.parametrize("options", [DIVERGENCE, REPLAY], ids=["divergence", "replay"])
def test_rehearsal_changes_the_result_and_its_cost_is_counted(
    options: FinetuningOptions, tiny: Callable[[], Pretrained], tmp_path: Path
) -> None:
    _, without = finetune(tiny(), DOCUMENTS, LORA, 0, tmp_path / "without")
    steps: list[int] = []
    _, cost = finetune(
        tiny(),
        DOCUMENTS,
        options,
        0,
        tmp_path / "with",
        lambda done, *_: steps.append(done),
    )
    assert not same(tensors(tmp_path / "without"), tensors(tmp_path / "with"))
    assert cost.tokens_trained == without.tokens_trained + 128 * len(steps)
    assert cost.tokens_generated == 3 * 127
    read = 128 * len(steps) if options.rehearse == "divergence" else 0
    assert cost.tokens_forward == 3 * 127 + read
    trained = make_trainable(tiny(), LORA.adapter, LORA.rank, 0)
    shape, counts = model_shape(trained), (128, 128 * 129 // 2, 127)
    each = shape.training_flops(*counts) + (shape.forward_flops(*counts) if read else 0)
    writing = 3 * model_shape(tiny().model).forward_flops(127, 127 * 128 // 2, 127)
    assert cost.flops == without.flops + len(steps) * each + writing


def test_texts_are_written_once_and_shared_by_those_who_name_one_folder(
    tiny: Callable[[], Pretrained], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    written: list[Path] = []

    def counted(pretrained: Pretrained, count: int, path: Path) -> Any:
        written.extend([] if path.exists() else [path])
        return write_texts(pretrained, count, path)

    monkeypatch.setattr(rehearsal_module, "write_texts", counted)
    settings = replace(REPLAY, epochs=1)
    shared = tmp_path / "shared"
    costs = []
    for seed, one in enumerate((settings, settings, replace(settings, rehearse="divergence"))):
        _, cost = finetune(tiny(), DOCUMENTS, one, seed, tmp_path / str(seed), rehearsed=shared)
        costs.append(cost)
    (path,) = written
    assert [cost.tokens_generated for cost in costs] == [3 * 127] * 3  # each would have had to write them
    # Other numbers are other texts; and texts whose cost was not kept are written again, the same.
    finetune(
        tiny(),
        DOCUMENTS,
        replace(settings, rehearsed_texts=2),
        0,
        tmp_path / "two",
        rehearsed=shared,
    )
    before = path.read_bytes()
    path.with_name(f"{path.stem}-cost.json").unlink()
    finetune(tiny(), DOCUMENTS, settings, 7, tmp_path / "7", rehearsed=shared)
    assert len(set(written)) == 2 < len(written)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("family", "told"), [("llama", []), ("mamba", ["a document a row"]), ("mixtral", ["4 fused weights"])]
)
def test_what_is_trained_in_another_way_is_told(family: str, told: list[str], tiny_folder: Path) -> None:
    pretrained = replace(load(str(tiny_folder)), model=families.tiny(family))
    remarks = training_remarks(pretrained, LORA)
    assert len(remarks) == len(told)
    assert all(part in remark for part, remark in zip(told, remarks, strict=True))
