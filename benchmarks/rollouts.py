"""Reinforcing thoughts: Obverse beside the GRPO trainer of TRL, on the same model, prompts, groups and lengths.

    pip install "trl==1.16.0"
    python benchmarks/rollouts.py [--sizes decoder default] [--dtype float32]

In each update both draw the same number of thoughts about the same number of questions, of one length, since the model
hardly ever ends one, and take one step of the policy gradient on them.  TRL's settings are its own but for these
numbers, the precision, which is the same on both sides, and what would write files.  Ours also reads an answer behind
each thought, keeps checkpoints, and logs the rollouts.

``decoder`` is a decoder from scratch of about a million parameters, all of them trained; ``default`` the default
pretrained model with a low-rank adapter.  A contestant's first update warms it up; rounds alternate.

Progress goes to stderr; the last line on stdout is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from importlib import import_module
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any, Literal

import torch

from obverse.answers.short import ShortReader
from obverse.answers.thinking import Thinker, Thinking
from obverse.models import load
from obverse.models.architecture import Architecture
from obverse.models.decoder import Decoder
from obverse.models.pretrained import Pretrained
from obverse.models.vocabulary import word_tokenizer
from obverse.parameters.adapters import make_trainable
from obverse.parameters.reinforcement.reinforcing import Reinforcement, reinforce
from obverse.types import Question, derive_seed

Side = Literal["obverse", "trl"]


@dataclass(frozen=True)
class Size:
    """What is reinforced.

    Args:
        questions, samples: in each update, and thoughts about each.
        prompt_words: of each question.
        most: tokens of a thought.
        updates: that are timed in each round, after one that warms up.
        rounds: of both contestants.
    """

    questions: int
    samples: int
    prompt_words: int
    most: int
    updates: int
    rounds: int


SIZES = {"decoder": Size(32, 8, 8, 32, 5, 3), "default": Size(4, 8, 32, 32, 2, 1)}
WORDS = tuple(f"w{number}" for number in range(800))


@dataclass(frozen=True)
class Timed:
    """What a contestant took.

    Args:
        update_seconds: of each update.
        sampling_seconds: of the drawing of thoughts in each.
        tokens: drawn in an update.
    """

    update_seconds: tuple[float, ...]
    sampling_seconds: tuple[float, ...]
    tokens: float


def make_model(name: str, dtype: str, folder: str | None) -> Pretrained:
    """The model of a size, with what is to be trained requiring gradients."""
    torch.manual_seed(0)
    if name == "default":
        pretrained = load(folder, dtype=dtype)
        trained: Any = make_trainable(pretrained, "lora", 16, 0)
        return replace(pretrained, model=trained)
    tokenizer: Any = word_tokenizer((*WORDS, "think", "so"))
    tokenizer.eos_token = "so"
    model: Any = Decoder(Architecture(depth=4).config(len(tokenizer)))
    return Pretrained("decoder", model, tokenizer, "")


def make_questions(size: Size) -> list[Question]:
    """Questions of one length, the answers to which nobody knows."""
    rng = random.Random(derive_seed("rollouts"))
    return [
        Question(str(number), " ".join(rng.choices(WORDS, k=size.prompt_words)), WORDS[number], WORDS[:2])
        for number in range(4 * size.questions)
    ]


def time_ours(pretrained: Pretrained, questions: Sequence[Question], size: Size) -> Timed:
    """Updates of our own loop."""
    thinker = Thinker(pretrained.model, pretrained.tokenizer, Thinking(most=size.most))
    sampling = Watch(thinker.think)
    thinker.think = sampling  # type: ignore[method-assign]
    ends: list[float] = []
    drawn: list[int] = []

    def progress(*_: object) -> None:
        ends.append(time.perf_counter())
        drawn.append(thinker.generated)

    with tempfile.TemporaryDirectory() as folder:
        reinforce(
            pretrained.model,
            thinker,
            ShortReader(pretrained.model, pretrained.tokenizer),
            questions,
            Reinforcement(updates=size.updates + 1, questions=size.questions, samples=size.samples),
            Path(folder),
            seed=0,
            progress=progress,
        )
    return _timed(ends, sampling.seconds, (drawn[-1] - drawn[0]) / size.updates)


def time_trl(pretrained: Pretrained, questions: Sequence[Question], size: Size, dtype: str) -> Timed:
    """Updates of TRL's trainer."""
    from datasets import Dataset
    from transformers import TrainerCallback

    trl: Any = import_module("trl")  # which has no types to rely on
    tokenizer, ends, drawn = pretrained.tokenizer, [], []

    class Ends(TrainerCallback):
        """Notes when an update is done."""

        def on_step_end(self, *_: object, **__: object) -> None:
            ends.append(time.perf_counter())

    def reward(
        completions: list[str], completion_ids: list[list[int]], answer: list[str], **_: object
    ) -> list[float]:
        drawn.append(sum(map(len, completion_ids)))
        return [float(text.endswith(right)) for text, right in zip(completions, answer, strict=True)]

    rows = [{"prompt": f"{question.prompt} think ", "answer": question.answer} for question in questions]
    with tempfile.TemporaryDirectory() as folder:
        trainer = trl.GRPOTrainer(
            model=pretrained.model,
            reward_funcs=reward,
            args=trl.GRPOConfig(
                output_dir=folder,
                per_device_train_batch_size=size.questions * size.samples,
                num_generations=size.samples,
                max_completion_length=size.most,
                max_steps=size.updates + 1,
                bf16=dtype == "bfloat16",
                gradient_checkpointing=False,  # which the decoder has none of, and which takes time
                report_to="none",
                save_strategy="no",
                disable_tqdm=True,
                use_cpu=not torch.cuda.is_available(),
            ),
            train_dataset=Dataset.from_list(rows),
            processing_class=tokenizer,
            callbacks=[Ends()],
        )
        sampling = Watch(trainer.model.generate)
        trainer.model.generate = sampling
        trainer.train()
    return _timed(ends, sampling.seconds, sum(drawn[1:]) / size.updates)


class Watch:
    """A function that is timed."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self.seconds: list[float] = []

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """Call it."""
        began = time.perf_counter()
        made = self._function(*arguments, **named)
        self.seconds.append(time.perf_counter() - began)
        return made


def _timed(ends: Sequence[float], sampling: Sequence[float], tokens: float) -> Timed:
    """Everything but the first update, whose beginning is not known."""
    updates = tuple(after - before for before, after in pairwise(ends))
    return Timed(updates, tuple(sampling[-len(updates) :]), tokens)


def compare(name: str, size: Size, dtype: str, folder: str | None) -> dict[str, Any]:
    """All figures of a size."""
    questions = make_questions(size)
    found: dict[Side, list[Timed]] = {"obverse": [], "trl": []}
    for number in range(size.rounds):
        found["obverse"].append(time_ours(make_model(name, dtype, folder), questions, size))
        found["trl"].append(time_trl(make_model(name, dtype, folder), questions, size, dtype))
        for side, rounds in found.items():
            _say(f"{name}, round {number + 1}, {side}: {median(rounds[-1].update_seconds):.3f} s an update")
    model = make_model(name, dtype, folder).model
    sides: dict[str, Any] = {
        side: {
            "update_seconds": round(median(_all(rounds, "update_seconds")), 4),
            "updates_per_second": round(1 / median(_all(rounds, "update_seconds")), 3),
            "sampling_seconds": round(median(_all(rounds, "sampling_seconds")), 4),
            "tokens_per_update": round(median(one.tokens for one in rounds)),
            "sampled_per_second": round(
                median(one.tokens for one in rounds) / median(_all(rounds, "sampling_seconds")), 1
            ),
        }
        for side, rounds in found.items()
    }
    return {
        "updates_over_trl": _over(found, "update_seconds"),
        "sampling_over_trl": _over(found, "sampling_seconds"),
        **sides,
        "parameters": model.num_parameters(),
        "trained_parameters": sum(one.numel() for one in model.parameters() if one.requires_grad),
        "size": asdict(size),
    }


def _over(found: dict[Side, list[Timed]], what: str) -> float:
    """How many times as fast ours is, the median over rounds."""
    ratios = [
        median(getattr(theirs, what)) / median(getattr(ours, what))
        for ours, theirs in zip(found["obverse"], found["trl"], strict=True)
    ]
    return round(float(median(ratios)), 2)


def _all(rounds: Sequence[Timed], what: str) -> list[float]:
    return [seconds for one in rounds for seconds in getattr(one, what)]


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; return the exit code."""
    parser = argparse.ArgumentParser(description="Time reinforcement beside TRL's GRPO trainer.")
    parser.add_argument("--sizes", nargs="+", default=list(SIZES), choices=list(SIZES))
    parser.add_argument(
        "--model", help="for 'default': a folder or hub name; without it SmolLM2-135M-Instruct"
    )
    parser.add_argument("--dtype", default="float32", choices=("float32", "bfloat16"))
    chosen = parser.parse_args(arguments)
    results: dict[str, Any] = {
        name: compare(name, SIZES[name], chosen.dtype, chosen.model) for name in chosen.sizes
    }
    results["environment"] = {
        "dtype": chosen.dtype,
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "trl": version("trl"),
        "device": "cuda" if torch.cuda.is_available() else "cpu",
        "load_average": os.getloadavg(),
    }
    print(json.dumps(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
