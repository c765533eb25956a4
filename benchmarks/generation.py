"""What a shared set of documents saves where texts are generated: Obverse beside one full prompt for each.

For every document of a set a text is written that sees the whole set, as ``obverse augment`` writes what follows
from it.  The usual way gives each document a prompt of its own to ``model.generate`` of the transformers library,
which reads the set again each time; Obverse reads it once and writes many texts side by side.  Both get the same model
and the same prompts, write greedily in one process, and their texts are compared.

    python benchmarks/generation.py [--small]

Ours writes for all documents.  The usual way is timed on a few of them, spread over the set, and the rest is
extrapolated: its prompts are of nearly one length, and so are its texts, which mostly go on to their limit.  The longer
the texts, the less is saved, since a text is written token by token on both sides.

Progress goes to stderr; the last line on stdout is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import torch

from obverse.augmentation.local import Local
from obverse.augmentation.planning import plan
from obverse.augmentation.prompts import read_prompts
from obverse.augmentation.writing import Assignment, Sampling, Written
from obverse.costs import Meter
from obverse.models import Pretrained, load
from obverse.tasks.drawn.catalogue import CATALOGUE


@dataclass(frozen=True)
class Size:
    """How much is written, and how thoroughly the usual way is timed.

    Args:
        set_tokens: length of the documents together with the instruction, about.
        text_tokens: longest text.
        sample: documents for which the usual way is timed.
    """

    set_tokens: int
    text_tokens: int
    sample: int


FULL = Size(4000, 128, 4)
SMALL = Size(600, 8, 2)


def make_assignments(tokenizer: Any, size: Size) -> tuple[Assignment, ...]:
    """One for each of the first documents of a task that fill the set."""
    documents = CATALOGUE["kinship"].settings["natural", "small"].build(0).documents
    prompts = read_prompts()
    for count in range(2, len(documents) + 1):
        shared = prompts["inference"].shared([document.text for document in documents[:count]])
        if len(tokenizer(shared, add_special_tokens=False).input_ids) >= size.set_tokens:
            break
    return plan(documents[:count], ["inference"], 1, "none", prompts, None).assignments


def time_ours(
    pretrained: Pretrained, assignments: Sequence[Assignment], sampling: Sampling
) -> tuple[Meter, list[Written]]:
    """All texts, in the order of the assignments."""
    with Meter() as meter:
        found = dict(Local(pretrained).write(assignments, sampling))
    return meter, [found[assignment] for assignment in assignments]


def time_generate(
    pretrained: Pretrained, assignments: Sequence[Assignment], sampling: Sampling
) -> tuple[Meter, list[str], int]:
    """The texts by the library's own generation, a prompt at a time, and how many tokens they have."""
    tokenizer, model = pretrained.tokenizer, pretrained.model
    texts, tokens = [], 0
    with Meter() as meter:
        for assignment in assignments:
            prompt = assignment.prompt
            if tokenizer.chat_template:
                turn = [{"role": "user", "content": prompt}]
                prompt = str(tokenizer.apply_chat_template(turn, tokenize=False, add_generation_prompt=True))
            given = tokenizer(prompt, add_special_tokens=not tokenizer.chat_template, return_tensors="pt")
            ids = given.input_ids.to(model.device)
            made: Any = model.generate(  # type: ignore[operator]  # a mixin, which the types do not call
                ids,
                attention_mask=torch.ones_like(ids),
                max_new_tokens=sampling.most_tokens,
                do_sample=False,
                pad_token_id=tokenizer.eos_token_id,
            )
            own = made[0, ids.shape[1] :]
            texts.append(str(tokenizer.decode(own, skip_special_tokens=True)))
            tokens += len(own)
    return meter, texts, tokens


def compare(pretrained: Pretrained, size: Size) -> dict[str, Any]:
    """All figures."""
    assignments = make_assignments(pretrained.tokenizer, size)
    sampling = Sampling(temperature=0.0, most_tokens=size.text_tokens)
    count = len(assignments)
    _say(f"{count} documents, texts of up to {size.text_tokens} tokens; load {os.getloadavg()[0]:.1f}")

    short = [Assignment("rephrase", "", ("",), "Say this: ", "It rains.")]
    warm = Sampling(temperature=0.0, most_tokens=4)
    time_ours(pretrained, short, warm)  # warm-up
    meter, written = time_ours(pretrained, assignments, sampling)
    prompt_tokens = sum(one.prompt_tokens for one in written) / count
    _say(f"ours: {meter.seconds:.1f} s for {count} prompts of {prompt_tokens:.0f} tokens")

    chosen = [number * count // size.sample for number in range(size.sample)]
    time_generate(pretrained, short, warm)
    theirs, texts, tokens = time_generate(pretrained, [assignments[place] for place in chosen], sampling)
    seconds = theirs.seconds * count / len(chosen)
    equal = sum(written[place].text == text for place, text in zip(chosen, texts, strict=True))
    _say(f"generate: {seconds:.1f} s (extrapolated from {len(chosen)} of {count}); {equal} texts equal")
    return {
        "speedup": round(seconds / meter.seconds, 1),
        "equal_texts": equal,
        "compared_texts": len(chosen),
        "documents": count,
        "seconds": round(meter.seconds, 3),
        "generate_seconds": round(seconds, 1),
        "generate_extrapolated": True,
        "prompt_tokens": round(prompt_tokens),
        "cached_share": round(sum(one.cached_tokens for one in written) / (count * prompt_tokens), 4),
        "tokens_per_text": round(sum(one.generated_tokens for one in written) / count, 1),
        "generate_tokens_per_text": round(tokens / len(chosen), 1),
        "peak_memory_bytes": meter.peak_memory_bytes,
        "generate_peak_memory_bytes": theirs.peak_memory_bytes,
        "size": asdict(size),
    }


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; return the exit code."""
    parser = argparse.ArgumentParser(description="Time generation from a shared set beside full prompts.")
    parser.add_argument("--small", action="store_true", help="sizes that only show that everything works")
    parser.add_argument("--model", help="a folder or hub name; without it SmolLM2-135M-Instruct")
    parser.add_argument("--dtype", default="float32", choices=("float32", "bfloat16"))
    chosen = parser.parse_args(arguments)
    pretrained = load(chosen.model, dtype=chosen.dtype)
    results = compare(pretrained, SMALL if chosen.small else FULL)
    results["environment"] = {
        "model": pretrained.name,
        "dtype": chosen.dtype,
        "device": str(pretrained.model.device),
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "load_average": os.getloadavg(),
    }
    print(json.dumps(results))
    # In half precision the likeliest token may hang on a rounding.
    if chosen.dtype == "float32" and results["equal_texts"] < results["compared_texts"]:
        _say("the two sides wrote different texts")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
