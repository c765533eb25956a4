"""What a shared prefix saves: Obverse beside lm-evaluation-harness 0.4.13, and beside the least that must be done.

Hundreds of questions with several choices each are asked about one text of thousands of tokens.  The harness runs
the whole text for each choice; Obverse encodes it once.  Both get the same model, the same texts and the same
tokens, and their log-likelihoods are compared.

    pip install "lm-eval==0.4.13"
    python benchmarks/shared_prefix.py [--quick]

Two sizes: ``small`` (1,000 tokens, 40 questions x 4 choices) is timed in full on both sides; in ``large`` (7,000
tokens, 200 x 4) the harness is timed on a sample of its forward passes, which are all of one length, and the rest
is extrapolated.  The floor is the number of floating-point operations of encoding every distinct token once, each
with its attention to its own past, at the rate that a plain forward pass over the prefix reaches in this process.
Tokens that predict no other (the last of a choice) are not in the floor.

Progress goes to stderr; the last line on stdout is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

import torch

from obverse.answering.encoding import Encoded, Request, common_length, encode
from obverse.answering.reading import Reader
from obverse.answering.tree import Tree
from obverse.costs import Meter, ModelShape, model_shape
from obverse.models import Pretrained, load

MISSING = 'the benchmark compares with lm-evaluation-harness: run pip install "lm-eval==0.4.13"'
_BATCH_SIZES = (1, 2, 4, 8)
# Above this the two sides have not computed the same thing (float32, nats).
_LARGEST_DIFFERENCE = 1e-3
_WORDS = {
    "adjective": "amber brass cobalt dun ebony frosted gilded hollow ivory jade knotted leaden mossy narrow",
    "noun": "anchor barrel chart dial engine flagstone gauge hammer inkwell jetty kiln lantern mirror needle",
    "verb": "bought carved dropped found lent mended moved painted sold stored tested weighed",
    "beginning": "Al Bren Cor Dun Es Fal Gor Hil Is Jor Kel Lor Mar Nev",
    "middle": "a en ic o",
    "ending": "bridge by cott dale ford ham holm ley mere more stead ton wick worth",
}


@dataclass(frozen=True)
class Size:
    """How much is asked, and how thoroughly it is timed.

    Args:
        prefix_tokens: length of the shared text, about.
        sample: forward passes on which the harness is timed; ``None`` for all of them.
        repeats: our side is timed so often, and the floor's forward pass; the median counts.
    """

    prefix_tokens: int
    questions: int
    choices: int
    sample: int | None
    repeats: int


SIZES = {"small": Size(1000, 40, 4, None, 3), "large": Size(7000, 200, 4, 6, 1)}
QUICK_SIZES = {"small": Size(150, 6, 3, None, 1), "large": Size(400, 12, 3, 3, 1)}


@dataclass(frozen=True)
class Case:
    """The texts of one size, and their tokens."""

    prefix: str
    requests: list[Request]
    encoded: list[Encoded]

    @property
    def texts(self) -> list[tuple[int, ...]]:
        """The tokens of every prefix + question + choice."""
        return [text for one in self.encoded for text in one.texts]


@dataclass(frozen=True)
class Timing:
    """One side's result; ``log_likelihoods`` in the order of the requests, ``tokens`` that were encoded."""

    seconds: float
    tokenisation_seconds: float
    peak_memory_bytes: int
    tokens: int
    log_likelihoods: list[float]


def make_case(tokenizer: Any, size: Size, seed: int = 0) -> Case:
    """Facts of equal form, and who did what as questions about them; the same texts on every machine."""
    rng = random.Random(seed)
    facts: list[tuple[str, str, str]] = []
    lines: list[str] = []
    tokens = 0
    while tokens < size.prefix_tokens:
        who, verb, thing = _name(rng), _word(rng, "verb"), f"{_word(rng, 'adjective')} {_word(rng, 'noun')}"
        facts.append((who, verb, thing))
        lines.append(f"In {rng.randint(1700, 1899)} {who} {verb} the {thing} at {_place(rng)}.\n")
        tokens += len(tokenizer(lines[-1], add_special_tokens=False).input_ids)
    requests = []
    for number in range(size.questions):
        who, verb, thing = facts[number % len(facts)]
        others: set[str] = set()
        while len(others) < size.choices - 1:
            others |= {_name(rng)} - {who}
        names = rng.sample([who, *sorted(others)], size.choices)
        requests.append(
            Request(f"Question {number + 1}: Who {verb} the {thing}?\nAnswer:", tuple(f" {n}" for n in names))
        )
    prefix = "".join(lines) + "\n"
    return Case(prefix, requests, encode(tokenizer, prefix, requests, special_tokens=False))


def _word(rng: random.Random, kind: str) -> str:
    return rng.choice(_WORDS[kind].split())


def _place(rng: random.Random) -> str:
    return _word(rng, "beginning") + _word(rng, "ending")


def _name(rng: random.Random) -> str:
    return f"{_word(rng, 'beginning')}{_word(rng, 'middle')} {_place(rng)}"


def time_ours(pretrained: Pretrained, case: Case) -> Timing:
    """Score every choice by the shared prefix."""
    with Meter() as meter:
        began = time.perf_counter()
        encoded = encode(pretrained.tokenizer, case.prefix, case.requests, special_tokens=False)
        tokenised = time.perf_counter() - began
        reader = Reader(pretrained.model, pretrained.tokenizer, encoded)
        readings = sorted((one for row in reader.read() for one in row), key=lambda one: one.index)
    return Timing(
        meter.seconds,
        tokenised,
        meter.peak_memory_bytes,
        reader.encode_root().counts.tokens,
        [score for one in readings for score in one.log_likelihoods],
    )


def time_harness(make: Callable[[int], Any], batch_size: int, pairs: Sequence[tuple[str, str]]) -> Timing:
    """Score pairs of context and continuation by the harness."""
    from lm_eval.api.instance import Instance

    harness = make(batch_size)
    requests = [Instance("loglikelihood", {}, pair, index) for index, pair in enumerate(pairs)]
    with Meter() as meter:
        scores = harness.loglikelihood(requests, disable_tqdm=True)
    began = time.perf_counter()
    tokens = 0
    for pair in pairs:
        context, continuation = harness._encode_pair(*pair)
        tokens += len(context) + len(continuation) - 1
    tokenised = time.perf_counter() - began
    return Timing(meter.seconds, tokenised, meter.peak_memory_bytes, tokens, [float(s) for s, _ in scores])


def floor_flops(shape: ModelShape, case: Case) -> int:
    """Operations of encoding each distinct token once that another depends on, and projecting what predicts."""
    root = common_length([one.prompt for one in case.encoded])
    tree = Tree(root)
    predicting = set()
    for one in case.encoded:
        for text, start in zip(one.texts, one.starts, strict=True):
            predicting.update(tree.add(text[root:-1])[start - 1 - root :])
    pairs = root * (root + 1) // 2 + sum(position + 1 for position in tree.positions)
    return shape.forward_flops(root + len(tree.tokens), pairs, len(predicting))


def flop_rate(pretrained: Pretrained, shape: ModelShape, tokens: Sequence[int], repeats: int) -> float:
    """Operations a second of a plain forward pass over ``tokens``, with the logits of its last position."""
    ids = torch.tensor([tokens], device=pretrained.model.device)
    seconds = []
    for _ in range(1 + max(3, repeats)):
        with Meter() as meter, torch.inference_mode():
            pretrained.model(input_ids=ids, use_cache=False, logits_to_keep=1)
        seconds.append(meter.seconds)
    length = len(tokens)
    # The first was the warm-up.
    return shape.forward_flops(length, length * (length + 1) // 2, 1) / median(seconds[1:])


def compare(pretrained: Pretrained, name: str, size: Size, make: Callable[[int], Any]) -> dict[str, Any]:
    """All figures of one size."""
    case = make_case(pretrained.tokenizer, size)
    shape = model_shape(pretrained.model)
    pairs = [(case.prefix + one.prompt, choice) for one in case.requests for choice in one.choices]
    # The harness runs choices that differ in their last token alone as one.
    forwards = len({text[:-1] for text in case.texts})
    _say(
        f"{name}: {len(case.encoded[0].prompt)} tokens and {len(pairs)} choices; load {os.getloadavg()[0]:.1f}"
    )

    time_ours(pretrained, case)  # warm-up
    ours = _middle([time_ours(pretrained, case) for _ in range(size.repeats)])
    prefix = case.encoded[0].prompt[: common_length([one.prompt for one in case.encoded])]
    rate = flop_rate(pretrained, shape, prefix, size.repeats)
    floor = floor_flops(shape, case) / rate
    _say(
        f"{name}: ours {ours.seconds:.2f} s, floor {floor:.2f} s at {rate / 1e9:.0f} GFLOP/s: "
        f"{ours.seconds / floor:.2f} times the floor"
    )

    trial = pairs[:: max(1, len(pairs) // max(_BATCH_SIZES))][: max(_BATCH_SIZES)]
    if size.sample is None:
        time_harness(make, 1, trial[:2])  # warm-up
        seconds = {batch: time_harness(make, batch, trial).seconds for batch in _BATCH_SIZES}
        batch_size = min(seconds, key=seconds.__getitem__)
        _say(f"{name}: seconds of the harness for {len(trial)} requests by batch size: {seconds}")
        chosen = list(range(len(pairs)))
    else:
        batch_size = 1  # nothing is padded then, and the logits of all positions fit in memory
        time_harness(make, batch_size, trial[:1])  # warm-up
        distinct = sorted({text[:-1]: index for index, text in enumerate(case.texts)}.values())
        chosen = [distinct[index * len(distinct) // size.sample] for index in range(size.sample)]
    _say(f"{name}: the harness reads {len(chosen)} of {len(pairs)} requests, batch size {batch_size}")
    harness = time_harness(make, batch_size, [pairs[index] for index in chosen])
    factor = 1.0 if size.sample is None else forwards / len(chosen)
    difference = max(
        abs(ours.log_likelihoods[index] - theirs)
        for index, theirs in zip(chosen, harness.log_likelihoods, strict=True)
    )
    harness_seconds = harness.seconds * factor
    how = (
        "measured in full" if size.sample is None else f"extrapolated from {len(chosen)} of {forwards} passes"
    )
    _say(f"{name}: harness {harness_seconds:.1f} s ({how}); largest difference {difference:.1e} nats")
    return {
        "speedup": round(harness_seconds / ours.seconds, 1),
        "over_floor": round(ours.seconds / floor, 3),
        "max_difference": difference,
        "seconds": round(ours.seconds, 3),
        "floor_seconds": round(floor, 3),
        "harness_seconds": round(harness_seconds, 1),
        "harness_extrapolated": size.sample is not None,
        "harness_requests_timed": len(chosen),
        "harness_batch_size": batch_size,
        "tokens": ours.tokens,
        "harness_tokens": round(harness.tokens * (len(pairs) / len(chosen))),
        "tokenisation_share": round(ours.tokenisation_seconds / ours.seconds, 4),
        "harness_tokenisation_share": round(harness.tokenisation_seconds / harness.seconds, 4),
        "peak_memory_bytes": ours.peak_memory_bytes,
        "harness_peak_memory_bytes": harness.peak_memory_bytes,
        "size": asdict(size),
    }


def _middle(timings: Sequence[Timing]) -> Timing:
    return sorted(timings, key=lambda timing: timing.seconds)[len(timings) // 2]


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; return the exit code."""
    parser = argparse.ArgumentParser(description="Time a shared prefix beside lm-evaluation-harness.")
    parser.add_argument("--quick", action="store_true", help="sizes that only show that everything works")
    parser.add_argument("--model", help="a folder or hub name; without it SmolLM2-135M-Instruct")
    parser.add_argument("--dtype", default="float32", choices=("float32", "bfloat16"))
    chosen = parser.parse_args(arguments)
    try:
        from lm_eval.models.huggingface import HFLM
    except ImportError:
        _say(MISSING)
        return 2
    logging.getLogger("lm_eval").setLevel(logging.ERROR)
    pretrained = load(chosen.model, dtype=chosen.dtype)

    def make(batch_size: int) -> Any:
        return HFLM(pretrained=pretrained.model, tokenizer=pretrained.tokenizer, batch_size=batch_size)

    sizes = QUICK_SIZES if chosen.quick else SIZES
    results: dict[str, Any] = {name: compare(pretrained, name, size, make) for name, size in sizes.items()}
    results["environment"] = {
        "model": pretrained.name,
        "dtype": chosen.dtype,
        "device": str(pretrained.model.device),
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "load_average": os.getloadavg(),
    }
    print(json.dumps(results))
    apart = max(results[name]["max_difference"] for name in sizes)
    if chosen.dtype == "float32" and apart > _LARGEST_DIFFERENCE:
        _say(f"the two sides disagree by {apart:.1e} nats")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
