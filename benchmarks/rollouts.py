"""Reinforcing thoughts: Obverse beside the GRPO trainer of TRL, on the same model, prompts, groups and lengths.

    pip install "trl==1.16.0"
    python benchmarks/rollouts.py [--sizes chains decoder default] [--dtype float32]

In each update both draw the same number of thoughts about the same number of questions, and take one step of the
policy gradient on them.  TRL's settings are its own but for these numbers, the precision, which is the same on both
sides, and what would write files.  Both read an answer behind each thought, by the same reader; ours also keeps
checkpoints and logs the rollouts.

``chains`` is the decoder and the work of experiments/learned_recall.py: it has learned its documents, ends many
thoughts early, thinks some more than once, and earns what its answers are worth.  ``decoder`` is one of about a million
parameters and ``default`` the default pretrained model with a low-rank adapter: both have learned nothing of what they
are asked, hardly ever end a thought or think one twice, and a coin says what each earned, so that everything that can
be drawn and read has to be.  A contestant's first update warms it up; rounds alternate.

Progress goes to stderr; the last line on stdout is one JSON object.
"""

from __future__ import annotations

import argparse
import copy
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from importlib import import_module
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any, Literal
from zlib import crc32

import torch

from obverse.answering.short import ShortReader
from obverse.answering.thinking import Thinker, Thinking
from obverse.models import load
from obverse.models.architecture import Architecture
from obverse.models.decoder import Decoder
from obverse.models.loading import Pretrained
from obverse.models.vocabulary import word_tokenizer
from obverse.reinforcement.reinforcing import Reinforcement, reinforce
from obverse.tasks.drawn.recall import SMALL
from obverse.training.adapters import make_trainable
from obverse.training.experience import Experience, Recipe
from obverse.training.loop import train
from obverse.training.optimizers import Training
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
        taught: steps of learning the documents first.
    """

    questions: int
    samples: int
    prompt_words: int
    most: int
    updates: int
    rounds: int
    taught: int = 0


SIZES = {
    "chains": Size(32, 8, 2, 12, 10, 3, taught=500),
    "decoder": Size(32, 8, 8, 32, 5, 3),
    "default": Size(4, 8, 32, 32, 2, 1),
}
# As in experiments/learned_recall.py.
CHAINS = replace(SMALL, world=1)
RECIPE = Recipe(
    Architecture(heads=1, tied=True),
    Training(3e-3, optimizer="muon"),
    documents=32,
    practice=128,
    row_tokens=96,
)
OPENS = Thinking.opens
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


def make_model(name: str, size: Size, dtype: str, folder: str | None) -> Pretrained:
    """The model of a size, with what is to be trained requiring gradients."""
    torch.manual_seed(0)
    if name == "default":
        pretrained = load(folder, dtype=dtype)
        trained: Any = make_trainable(pretrained, "lora", 16, 0)
        return replace(pretrained, model=trained)
    if name == "chains":
        return copy.deepcopy(teach(size.taught))
    model: Any = Decoder(Architecture(depth=4).config(len(tokenizer := words((*WORDS, "think", "so")))))
    return Pretrained("decoder", model, tokenizer, "")


@cache
def teach(steps: int) -> Pretrained:
    """The decoder of the study, after so many steps on its documents."""
    tokenizer = words(CHAINS.vocabulary)
    model: Any = Decoder(RECIPE.architecture.config(len(tokenizer)))
    recipe = replace(RECIPE, steps=steps)
    documents = CHAINS.build(0).documents
    stream = Experience(CHAINS, 0, documents, tokenizer, recipe, "next token", 0, "benchmark")
    with tempfile.TemporaryDirectory() as folder:
        train(model, stream, recipe.training, Path(folder))
    return Pretrained("chains", model, tokenizer, "")


def words(vocabulary: Sequence[str]) -> Any:
    """A tokenizer for which the end of a thought is the end of a text, as TRL wants it."""
    tokenizer: Any = word_tokenizer(vocabulary)
    tokenizer.eos_token = "so"
    return tokenizer


def make_questions(name: str, size: Size) -> list[Question]:
    """The exercises of the chains, or questions of one length, the answers to which nobody knows."""
    if name == "chains":
        return list(CHAINS.exercises(0))
    rng = random.Random(derive_seed("rollouts"))
    return [
        Question(str(number), " ".join(rng.choices(WORDS, k=size.prompt_words)), WORDS[number], WORDS[:2])
        for number in range(4 * size.questions)
    ]


def make_reader(name: str, pretrained: Pretrained, questions: Sequence[Question]) -> Any:
    """What reads the answers behind thoughts; where nothing was learned a coin says which are right."""
    reader = ShortReader(pretrained.model, pretrained.tokenizer)
    return reader if name == "chains" else Coin(reader, {one.prompt: one.answer for one in questions})


class Coin:
    """Reads, and then answers as a coin falls that is different for each prompt."""

    def __init__(self, reader: ShortReader, right: dict[str, str]) -> None:
        self._reader, self._right = reader, right

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reader, name)

    def answer(self, prompts: Sequence[str], tokens: Sequence[int]) -> list[str]:
        """The right answer to half of the prompts, and nothing to the others."""
        self._reader.answer(prompts, tokens)
        return [
            self._right[prompt.split(OPENS)[0]] if crc32(prompt.encode()) % 2 else "" for prompt in prompts
        ]


def time_ours(name: str, pretrained: Pretrained, questions: Sequence[Question], size: Size) -> Timed:
    """Updates of our own loop."""
    thinker = Thinker(pretrained.model, pretrained.tokenizer, Thinking(most=size.most))
    sampling = Watch(thinker.think)
    thinker.think = sampling  # type: ignore[method-assign]  # to time it
    ends: list[float] = []
    drawn: list[int] = []

    def progress(*_: object) -> None:
        ends.append(time.perf_counter())
        drawn.append(thinker.counts.generated)

    with tempfile.TemporaryDirectory() as folder:
        reinforce(
            pretrained.model,
            thinker,
            make_reader(name, pretrained, questions),
            questions,
            Reinforcement(updates=size.updates + 1, questions=size.questions, samples=size.samples),
            Path(folder),
            seed=0,
            progress=progress,
        )
    return _timed(ends, sampling.seconds, (drawn[-1] - drawn[0]) / size.updates)


def time_trl(
    name: str, pretrained: Pretrained, questions: Sequence[Question], size: Size, dtype: str
) -> Timed:
    """Updates of TRL's trainer."""
    from datasets import Dataset
    from transformers import TrainerCallback

    trl: Any = import_module("trl")  # which has no types to rely on
    tokenizer, ends, drawn = pretrained.tokenizer, [], []

    class Ends(TrainerCallback):
        """Notes when an update is done."""

        def on_step_end(self, *_: object, **__: object) -> None:
            ends.append(time.perf_counter())

    thinking = Thinking(most=size.most)
    reader = make_reader(name, pretrained, questions)

    def reward(
        prompts: list[str],
        completions: list[str],
        completion_ids: list[list[int]],
        answer: list[str],
        **_: object,
    ) -> list[float]:
        drawn.append(sum(map(len, completion_ids)))
        asked = [prompt.removesuffix(thinking.opens) for prompt in prompts]
        behind = [thinking.after(*pair) for pair in zip(asked, completions, strict=True)]
        lengths = [len(tokenizer(text, add_special_tokens=False).input_ids) for text in answer]
        found = reader.answer(behind, lengths)
        return [float(said == right) for said, right in zip(found, answer, strict=True)]

    rows = [{"prompt": thinking.before(question.prompt), "answer": question.answer} for question in questions]
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
    questions = make_questions(name, size)
    found: dict[Side, list[Timed]] = {"obverse": [], "trl": []}
    for number in range(size.rounds):
        ours, theirs = (make_model(name, size, dtype, folder) for _ in range(2))
        found["obverse"].append(time_ours(name, ours, questions, size))
        found["trl"].append(time_trl(name, theirs, questions, size, dtype))
        for side, rounds in found.items():
            _say(f"{name}, round {number + 1}, {side}: {median(rounds[-1].update_seconds):.3f} s an update")
    model = make_model(name, size, dtype, folder).model
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
