"""The training loop: it resumes exactly, its optimisers take the weights they should, and it measures on time."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import pytest
import torch
from random_examples import decoder, examples

from obverse.models import load
from obverse.models.decoder import Decoder
from obverse.practice.stream import Practice, PracticeStream
from obverse.training import checkpoint
from obverse.training import loop as training_module
from obverse.training.loop import METRICS, Measurements, Spent, read_metrics, train
from obverse.training.loss import batch_loss
from obverse.training.optimizers import Training, make_optimizers, schedule
from obverse.training.packing import IGNORED, Batch, pack
from obverse.types import InputError

STEPS = 9
ADAMW = Training(1e-2)
MUON = Training(1e-2, optimizer="muon", schedule="cosine")
either = pytest.mark.parametrize("training", [ADAMW, MUON], ids=["adamw", "muon"])


STREAM: list[Batch] = [pack(examples(step), 10) for step in range(STEPS)]


@pytest.fixture(autouse=True)
def checkpoint_after_each_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long writing takes on this machine."""
    monkeypatch.setattr(checkpoint, "_SHARE", math.inf)


def weights(model: Any) -> dict[str, torch.Tensor]:
    return {name: weight.detach().clone() for name, weight in model.named_parameters()}


def same(left: dict[str, torch.Tensor], right: dict[str, torch.Tensor]) -> bool:
    return left.keys() == right.keys() and all(torch.equal(left[name], right[name]) for name in left)


def loss_now(model: Any) -> Callable[[], Measurements]:
    """A measurement that tells the weights apart: the loss on the first batch."""

    def measure() -> Measurements:
        assert not model.training
        with torch.no_grad():
            return [{"measured": batch_loss(model, STREAM[0], torch.device("cpu")).item()}]

    return measure


def stop_at(step: int) -> Callable[[int, int, float], None]:
    def progress(done: int, *_: object) -> None:
        if done == step:
            raise KeyboardInterrupt

    return progress


@either
@pytest.mark.parametrize("stop", [1, 5, 6, 8])
def test_interrupted_equals_uninterrupted_bit_for_bit(training: Training, stop: int, tmp_path: Path) -> None:
    def measured(model: Any, folder: str, progress: Callable[[int, int, float], None]) -> Spent:
        plan: dict[str, Any] = {"evaluate": loss_now(model), "evaluations": 3, "progress": progress}
        return train(model, STREAM, training, tmp_path / folder, **plan)

    whole, parts = decoder(), decoder()
    spent = measured(whole, "whole", lambda *_: None)
    with pytest.raises(KeyboardInterrupt):
        measured(parts, "parts", stop_at(stop))
    parts, seen = decoder(), list[int]()
    again = measured(parts, "parts", lambda done, *_: seen.append(done))
    # The step at whose end it was interrupted had no checkpoint yet.
    assert seen == list(range(stop, STEPS + 1))
    assert same(weights(whole), weights(parts))
    assert (again.tokens, again.pairs, again.predicted) == (spent.tokens, spent.pairs, spent.predicted)
    rows = read_metrics(tmp_path / "parts")
    assert rows == read_metrics(tmp_path / "whole")
    assert [row["step"] for row in rows if "loss" in row] == list(range(1, STEPS + 1))
    assert [row["step"] for row in rows if "measured" in row] == [3, 6, 9]


@either
def test_steps_after_the_last_checkpoint_are_done_again(
    training: Training, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, parts = decoder(), decoder()
    train(whole, STREAM, training, tmp_path / "whole")
    monkeypatch.setattr(checkpoint, "_SHARE", 1e-9)  # the first one, and none again
    with pytest.raises(KeyboardInterrupt):
        train(parts, STREAM, training, tmp_path / "parts", progress=stop_at(6))
    parts, seen = decoder(), list[int]()
    train(parts, STREAM, training, tmp_path / "parts", progress=lambda done, *_: seen.append(done))
    assert seen == list(range(2, STEPS + 1))
    assert same(weights(whole), weights(parts))
    assert read_metrics(tmp_path / "parts") == read_metrics(tmp_path / "whole")


def test_a_mixture_is_trained_in_mixed_precision_and_resumes_exactly(tmp_path: Path) -> None:
    whole, first, second = (decoder(experts=2) for _ in range(3))
    start = weights(whole)
    train(whole, STREAM, MUON, tmp_path / "whole", mixed=True)
    with pytest.raises(KeyboardInterrupt):
        train(first, STREAM, MUON, tmp_path / "parts", mixed=True, progress=stop_at(4))
    train(second, STREAM, MUON, tmp_path / "parts", mixed=True)
    assert same(weights(whole), weights(second))
    assert not any(torch.equal(weight, start[name]) for name, weight in weights(whole).items())


def test_what_training_took_is_what_the_batches_hold(tmp_path: Path) -> None:
    spent = train(decoder(), STREAM, ADAMW, tmp_path)
    assert spent.tokens == STEPS * (5 + 3 + 7 + 2)
    assert spent.pairs == STEPS * (15 + 6 + 28 + 3)
    assert spent.predicted == sum(int((batch.labels != IGNORED).sum()) for batch in STREAM)
    assert (tmp_path / "checkpoint.safetensors").exists()
    spent.checkpoint.remove()
    assert [path.name for path in tmp_path.iterdir()] == [METRICS]


def test_parameters_without_gradients_stay_as_they_are(tmp_path: Path) -> None:
    model = decoder()
    model.model.requires_grad_(False)
    start = weights(model)
    train(model, STREAM, ADAMW, tmp_path)
    changed = {name for name, weight in weights(model).items() if not torch.equal(weight, start[name])}
    assert changed == {"lm_head.weight"}


@pytest.mark.parametrize(
    ("kind", "shares"),
    [
        ("linear", [0.5, 1, 1, 1 - 0.95 * 19 / 38, 1 - 0.95 * 37 / 38]),
        ("cosine", [0.5, 1, 1, 0.525, 0.05 + 0.95 * (1 + math.cos(math.pi * 37 / 38)) / 2]),
        ("constant", [0.5, 1, 1, 1, 1]),
    ],
)
def test_the_schedule_warms_up_and_decays(
    kind: Literal["linear", "cosine", "constant"], shares: list[float]
) -> None:
    assert [schedule(kind, step, 40) for step in (0, 1, 2, 21, 39)] == pytest.approx(shares)
    assert schedule(kind, 0, 1) == 1


def test_the_learning_rate_of_each_step_follows_the_schedule(tmp_path: Path) -> None:
    train(decoder(), STREAM, ADAMW, tmp_path)
    rows = read_metrics(tmp_path)
    assert [set(row) for row in rows] == [{"step", "loss", "learning_rate"}] * STEPS
    expected = [1e-2 * schedule("linear", step, STEPS) for step in range(STEPS)]
    assert [row["learning_rate"] for row in rows] == pytest.approx(expected)


def groups(model: Any, training: Training) -> dict[str, set[str]]:
    """Names of the parameters that each optimiser takes."""
    names = {id(weight): name for name, weight in model.named_parameters()}
    return {
        type(optimizer).__name__: {
            names[id(weight)] for group in optimizer.param_groups for weight in group["params"]
        }
        for optimizer in make_optimizers(model, training)
    }


@pytest.mark.parametrize(
    "changes", [{}, {"tie_word_embeddings": True}, {"positions": "learned"}, {"experts": 2}, {"shift": 0}]
)
def test_muon_takes_just_the_matrices_of_the_layers(changes: dict[str, Any]) -> None:
    model = decoder(**changes)
    everything = {name for name, _ in model.named_parameters()}
    found = groups(model, MUON)
    expected = {name for name in everything if "_proj." in name or "router." in name}
    assert found == {"AdamW": everything - expected, "Muon": expected}
    assert len(expected) == 2 * (4 + (2 * 2 + 1 if "experts" in changes else 2))
    assert groups(model, ADAMW) == {"AdamW": everything}


def orthogonal(matrix: torch.Tensor) -> torch.Tensor:
    """Five steps of the Newton-Schulz iteration in bfloat16, as Jordan 2024 writes them."""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = matrix.bfloat16()
    tall = len(x) > len(x.T)
    x = x.T if tall else x
    x = x / x.norm().clamp(min=1e-7)
    for _ in range(5):
        gram = x @ x.T
        # Rounded where PyTorch rounds: a x + (b gram + c gram gram) x.
        x = torch.addmm(x, torch.addmm(gram, gram, gram, beta=b, alpha=c), x, beta=a)
    return x.T if tall else x


@pytest.mark.parametrize("shape", [(8, 8), (24, 6), (6, 24)])
def test_muon_is_momentum_made_orthogonal(shape: tuple[int, int]) -> None:
    torch.manual_seed(0)
    model: Any = torch.nn.Module()
    model.inner = torch.nn.Linear(shape[1], shape[0], bias=False)
    model.output = torch.nn.Linear(2, 2, bias=False)
    model.get_output_embeddings = lambda: model.output
    _, muon = make_optimizers(model, MUON)
    weight, momentum = model.inner.weight.detach().clone(), torch.zeros(shape)
    for _ in range(2):
        gradient = torch.randn(shape)
        model.inner.weight.grad = gradient.clone()
        muon.step()
        momentum = 0.95 * momentum + 0.05 * gradient
        step = orthogonal(0.05 * gradient + 0.95 * momentum)
        expected = weight - 0.03 * math.sqrt(max(1, shape[0] / shape[1])) * step.float()
        torch.testing.assert_close(model.inner.weight.detach(), expected, rtol=0, atol=1e-4)
        weight = model.inner.weight.detach().clone()


def test_adamw_averages_over_ten_and_fifty_gradients() -> None:
    """Its decays are 0.9 and 0.98: the averages of Loshchilov and Hutter 2019, without bias."""
    model = decoder()
    (optimizer,) = make_optimizers(model, Training(1e-2, weight_decay=0.5))
    torch.manual_seed(1)
    expected = {name: (weight, torch.zeros(()), torch.zeros(())) for name, weight in weights(model).items()}
    for step in (1, 2, 3):
        for name, parameter in model.named_parameters():
            weight, mean, square = expected[name]
            gradient = parameter.grad = torch.randn(parameter.shape)
            mean, square = 0.9 * mean + 0.1 * gradient, 0.98 * square + 0.02 * gradient**2
            moved = (mean / (1 - 0.9**step)) / ((square / (1 - 0.98**step)).sqrt() + 1e-8)
            expected[name] = (weight * (1 - 1e-2 * 0.5) - 1e-2 * moved, mean, square)
        optimizer.step()
    for name, weight in weights(model).items():
        torch.testing.assert_close(weight, expected[name][0], rtol=0, atol=1e-6)


@pytest.mark.parametrize(("scale", "clipped"), [(5.0, True), (0.1, False)])
def test_gradients_are_clipped_to_a_norm_of_one(
    scale: float, clipped: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Plain gradient descent shows in its weights what it was given."""
    monkeypatch.setattr(
        training_module,
        "make_optimizers",
        lambda model, training: [torch.optim.SGD(model.parameters(), lr=training.learning_rate)],
    )
    model = decoder()
    with torch.no_grad():
        model.lm_head.weight.mul_(scale)
        model.model.norm.weight.mul_(scale)
    before = weights(model)
    batch_loss(model, STREAM[0], torch.device("cpu")).backward()
    gradients = {name: weight.grad.clone() for name, weight in model.named_parameters()}
    model.zero_grad()
    norm = torch.cat([gradient.flatten() for gradient in gradients.values()]).norm().item()
    assert (norm > 1) is clipped
    train(model, STREAM[:1], Training(0.1, schedule="constant"), tmp_path)
    for name, weight in weights(model).items():
        expected = before[name] - 0.1 * gradients[name] / max(1.0, norm)
        torch.testing.assert_close(weight, expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("optimizer", ["adamw", "muon"])
def test_weights_without_gradient_decay(optimizer: Literal["adamw", "muon"]) -> None:
    model = decoder()
    before = {name: weight.detach().clone() for name, weight in model.named_parameters()}
    for made in make_optimizers(
        model, Training(1e-2, optimizer, matrix_learning_rate=2e-2, weight_decay=3.0)
    ):
        for group in made.param_groups:
            for weight in group["params"]:
                weight.grad = torch.zeros_like(weight)
        made.step()
    for name, weight in model.named_parameters():
        rate = 2e-2 if optimizer == "muon" and "_proj." in name else 1e-2
        torch.testing.assert_close(weight.detach(), (1 - 3 * rate) * before[name])


def test_a_loss_that_is_no_number_is_one_line(tmp_path: Path) -> None:
    model = decoder()
    model.lm_head.weight.data.fill_(math.nan)
    with pytest.raises(InputError, match=r"diverged \(the loss became nan\)") as refused:
        train(model, STREAM, ADAMW, tmp_path)
    assert "\n" not in str(refused.value)
    assert read_metrics(tmp_path) == []


@pytest.mark.parametrize(
    ("evaluations", "expected"), [(0, []), (1, [9]), (2, [4, 9]), (3, [3, 6, 9]), (20, list(range(1, 10)))]
)
def test_measurements_are_at_even_distances_and_after_the_last_step(
    evaluations: int, expected: list[int], tmp_path: Path
) -> None:
    model = decoder()
    train(model, STREAM, ADAMW, tmp_path, evaluate=loss_now(model), evaluations=evaluations)
    rows = [row for row in read_metrics(tmp_path) if "measured" in row]
    assert [row["step"] for row in rows] == expected
    assert [row["tokens"] for row in rows] == [17 * step for step in expected]
    assert not model.training
    if expected:
        assert rows[-1]["measured"] == loss_now(model)()[0]["measured"]


def test_measuring_changes_nothing_and_training_goes_on_in_training_mode(tmp_path: Path) -> None:
    modes: list[bool] = []

    class Watched(Decoder):
        def forward(self, *arguments: Any, **named: Any) -> Any:
            modes.append(self.training)
            return super().forward(*arguments, **named)

    torch.manual_seed(0)
    watched = Watched(decoder().config)
    watched.load_state_dict(decoder().state_dict())
    plain = decoder()
    train(watched, STREAM, ADAMW, tmp_path / "a", evaluate=loss_now(watched), evaluations=3)
    train(plain, STREAM, ADAMW, tmp_path / "b")
    assert same(weights(watched), weights(plain))
    assert modes == [True, True, True, False] * 3


def test_a_tracker_that_is_not_there_is_told_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no tracker 'abacus' here; install it") as refused:
        train(decoder(), STREAM, ADAMW, tmp_path, tracker="abacus")
    assert "\n" not in str(refused.value)


def test_a_tracker_that_accelerate_knows_is_told_settings_and_losses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from accelerate import tracking

    told: list[Any] = []

    class Notebook(tracking.GeneralTracker):  # type: ignore[misc]  # a library without types
        name = "notebook"
        requires_logging_directory = False

        def __init__(self, project: str) -> None:
            super().__init__()
            told.append(project)

        @property
        def tracker(self) -> None:
            return None

        def store_init_configuration(self, values: dict[str, Any]) -> None:
            told.append(values)

        def log(self, values: dict[str, Any], step: int | None) -> None:
            told.append({"step": step, **values})

        def finish(self) -> None:
            told.append("finished")

    monkeypatch.setattr(tracking, "LOGGER_TYPE_TO_CLASS", dict(tracking.LOGGER_TYPE_TO_CLASS))
    monkeypatch.setattr("accelerate.accelerator.LOGGER_TYPE_TO_CLASS", tracking.LOGGER_TYPE_TO_CLASS)
    tracking.register_tracker_class(Notebook)
    train(decoder(), STREAM, ADAMW, tmp_path, tracker="notebook")
    project, values, *steps, end = told
    assert (project, end) == ("obverse", "finished")
    assert values == {**vars(ADAMW), "steps": STEPS}
    assert steps == read_metrics(tmp_path)


def test_batches_drawn_ahead_are_the_same_in_the_same_order(
    tiny_folder: Path,
) -> None:
    tokenizer = load(str(tiny_folder), dtype="float32").tokenizer
    stream = PracticeStream(tokenizer, Practice(12, step_tokens=900, scene_tokens=900))
    tokenizer(["so that it has run in threads", "of its own"] * 50)
    ahead = list(training_module._batches(stream, 3, torch.device("meta")))
    assert [batch.tokens.tolist() for batch in ahead] == [
        stream[step].tokens.tolist() for step in range(3, 12)
    ]


def test_what_goes_wrong_while_drawing_ahead_is_raised() -> None:
    class Broken:
        def __len__(self) -> int:
            return 5

        def __getitem__(self, step: int) -> Batch:
            raise InputError(f"no batch {step}")

    with pytest.raises(InputError, match="no batch 0"):
        list(training_module._batches(Broken(), 0, torch.device("meta")))
