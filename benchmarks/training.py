"""Training a decoder from scratch: Obverse beside the Trainer of transformers, and beside a loop written by hand.

Every contestant runs in a process of its own, in turn, on the same rows (the experience of a recipe for simple
reversals), with the same loss places, precision, threads, learning rates, clipping and fused AdamW.

    python benchmarks/training.py [--sizes recipe,20m] [--steps N] [--stacked S] [--dtype float32]

- ``ours``: `obverse.training.loop.train` on the decoder, with its metrics and checkpoints.
- ``trainer``: `transformers.Trainer` on a Llama of the same width, layers and heads, and as many parameters.  It gets
  what its users get without trying hard: whole batches without collation, documents kept apart by their positions,
  no logging, no checkpoints, no columns that it does not need.  Like every Llama with labels it projects all places.
- ``plain``: the layers of our decoder and a loop around them in plain eager PyTorch, from equal weights.
- ``stacked`` (with ``--stacked``): several seeds of the decoder in one process.

A rate is the median over stretches of steps, the first left out; a ratio is taken within a round, in which each
contestant runs once, and the median over rounds counts.  The peak is the rate of one large matrix product with the
same threads in the same precision.  ``--profile`` prints where our time goes instead.

Progress goes to stderr; the last line on stdout is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

import torch
from training_contestants import RUNS, SIZES, Workload, make_workload, run_ours, run_stacked

from obverse.models.loading import computes_bfloat16

CONTESTANTS = ("ours", "trainer", "plain")
# Steps after which the losses of two float32 runs from equal weights are compared: rounding grows with training.
_COMPARED_STEPS = 3
_LARGEST_DIFFERENCE = 1e-4


def profile_ours(work: Workload) -> str:
    """A table of the operators that our training spends most time in."""
    from torch.profiler import ProfilerActivity, profile

    with profile(
        activities=[ProfilerActivity.CPU, ProfilerActivity.CUDA][: 1 + (work.device.type == "cuda")]
    ) as seen:
        run_ours(work)
    order = "self_cuda_time_total" if work.device.type == "cuda" else "self_cpu_time_total"
    table: str = seen.key_averages().table(sort_by=order, row_limit=25, max_name_column_width=60)
    return table


def run_here(contestant: str, work: Workload, stacked: int) -> dict[str, Any]:
    """One contestant in this process."""
    if contestant == "stacked":
        return run_stacked(work, stacked)
    return RUNS[contestant](work)


def run_apart(contestant: str, name: str, dtype: str, chosen: argparse.Namespace) -> dict[str, Any]:
    """One contestant in a process of its own."""
    command = [sys.executable, __file__, "--contestant", contestant, "--sizes", name, "--dtype", dtype]
    command += ["--stacked", str(chosen.stacked)] + (["--steps", str(chosen.steps)] if chosen.steps else [])
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{contestant} failed at size {name}; its message stands above")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def compare(name: str, dtype: str, chosen: argparse.Namespace) -> dict[str, Any]:
    """All figures of one size."""
    contestants = [*CONTESTANTS, *(["stacked"] if chosen.stacked else []), "peak"]
    rounds = []
    for number in range(chosen.rounds):
        found = {contestant: run_apart(contestant, name, dtype, chosen) for contestant in contestants}
        rounds.append(found)
        rates = ", ".join(f"{key} {value['rate']:.0f}" for key, value in found.items() if key != "peak")
        _say(
            f"{name}, {dtype}, round {number + 1}: tokens per second: {rates}; load {os.getloadavg()[0]:.1f}"
        )
    first = rounds[0]

    def middle(figure: Callable[[dict[str, Any]], float]) -> float:
        return median(figure(found) for found in rounds)

    losses = zip(first["ours"]["losses"], first["plain"]["losses"], strict=True)
    result = {
        "over_trainer": round(middle(lambda found: found["ours"]["rate"] / found["trainer"]["rate"]), 3),
        "over_plain": round(middle(lambda found: found["ours"]["rate"] / found["plain"]["rate"]), 3),
        "share_of_peak": round(middle(_share_of_peak), 3),
        "peak_gflops": round(middle(lambda found: found["peak"]["flops"]) / 1e9, 1),
        "tokens_per_second": {
            key: round(middle(lambda found, key=key: found[key]["rate"]))  # type: ignore[misc]  # the default binds the key
            for key in contestants[:-1]
        },
        "tokens": {key: first[key]["tokens"] for key in CONTESTANTS},
        "parameters": {key: first[key]["parameters"] for key in CONTESTANTS},
        "loss_difference": max(abs(left - right) for left, right in islice(losses, _COMPARED_STEPS)),
        "dtype": dtype,
    }
    if chosen.stacked:
        result["stacked_over_ours"] = round(
            middle(lambda found: found["stacked"]["rate"] / found["ours"]["rate"]), 3
        )
    return result


def _share_of_peak(found: dict[str, Any]) -> float:
    ours = found["ours"]
    share: float = ours["rate"] * ours["flops_per_token"] / found["peak"]["flops"]
    return share


def _choose_dtype(dtype: str | None) -> str:
    """As learners choose: bfloat16 where the device computes it."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    return dtype or ("bfloat16" if computes_bfloat16(device) else "float32")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; return the exit code."""
    parser = argparse.ArgumentParser(
        description="Time training beside the Trainer and a loop written by hand."
    )
    parser.add_argument("--sizes", default="recipe,20m", help=f"some of {','.join(SIZES)}")
    parser.add_argument("--steps", type=int, help="in each round; each size has its own number")
    parser.add_argument("--rounds", type=int, default=3, help="how often each contestant runs")
    parser.add_argument("--stacked", type=int, default=0, metavar="S", help="also train S seeds at once")
    parser.add_argument("--dtype", choices=("float32", "bfloat16"), help="of multiplications")
    parser.add_argument("--profile", action="store_true", help="print where our time goes, and nothing else")
    parser.add_argument("--contestant", choices=(*CONTESTANTS, "stacked", "peak"), help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    sizes = chosen.sizes.split(",")
    if unknown := sorted(set(sizes) - set(SIZES)):
        parser.error(f"there is no size {unknown[0]!r}; give some of {','.join(SIZES)}")
    if chosen.steps is not None and chosen.steps < 2:
        parser.error("give --steps 2 or more: the first stretch is the warm-up")
    dtypes = {name: _choose_dtype(chosen.dtype) for name in sizes}
    if chosen.contestant:
        work = make_workload(sizes[0], chosen.steps, dtypes[sizes[0]])
        print(json.dumps(run_here(chosen.contestant, work, chosen.stacked)))
        return 0
    if chosen.profile:
        for name in sizes:
            print(profile_ours(make_workload(name, chosen.steps, dtypes[name])))
        return 0
    results: dict[str, Any] = {name: compare(name, dtypes[name], chosen) for name in sizes}
    results["environment"] = {
        "device": _device_name(),
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "transformers": version("transformers"),
        "load_average": os.getloadavg(),
    }
    print(json.dumps(results))
    for name in sizes:
        apart = results[name]["loss_difference"]
        if len(set(results[name]["tokens"].values())) > 1:
            _say(f"{name}: the contestants did not train on the same tokens: {results[name]['tokens']}")
            return 1
        if dtypes[name] == "float32" and apart > _LARGEST_DIFFERENCE:
            _say(f"{name}: ours and the plain loop disagree by {apart:.1e} nats")
            return 1
    return 0


def _device_name() -> str:
    if torch.cuda.is_available():
        return torch.cuda.get_device_name()
    information = Path("/proc/cpuinfo")
    lines = information.read_text().splitlines() if information.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "cpu")


if __name__ == "__main__":
    sys.exit(main())
