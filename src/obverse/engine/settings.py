"""What a comparison can be told; everything else is derived.

Nothing heavy is imported, since the command line reads this file to explain itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from obverse.options import check_options, flat, option
from obverse.training.finetuning_options import FinetuningOptions
from obverse.types import MARGIN, TOP_K

COMPARED, _FINETUNING, _ASKING, RUNNING = "What to compare", "Fine-tuning", "Asking and judging", "Running"


@dataclass(frozen=True)
class Settings:
    """Settings of one comparison.  Each says what it is in its own words, as the command line shows them.

    Raises:
        InputError: a value makes no sense.
    """

    models: tuple[str, ...] = option(
        (),
        "Name or folder of a causal model; repeat it to compare several. Without it: SmolLM2-135M-Instruct.",
        flag="--model",
        metavar="NAME",
        group=COMPARED,
    )
    practice: bool = option(
        True,
        "Whether the default model is the one that practised to read its context; other models are as they are.",
        group=COMPARED,
    )
    routes: tuple[str, ...] = option(
        (),
        "Comma-separated: untouched, finetune, augment, context, retrieve, oracle; oracle:N with N other documents; or "
        "joined, finetune+retrieve, also with think: retrieve+think. Without it: all of these that fit, but augment.",
        separator=",",
        group=COMPARED,
    )
    seeds: int = option(
        1,
        "How often fine-tuning is done anew; routes without training give the same each time.",
        least=1,
        group=COMPARED,
    )
    augmented: str | None = option(
        None,
        "Folder that obverse augment wrote about these documents, for the route augment. Without it the model itself "
        "writes.",
        metavar="DIR",
        group=COMPARED,
    )
    leave_out_leaks: bool = option(
        False, "Leave out latent questions whose answer a document says.", group=COMPARED
    )
    finetuning: FinetuningOptions = option(FinetuningOptions(), "How to fine-tune.", group=_FINETUNING)
    top_k: int = option(TOP_K, "Documents that a search returns.", least=1, group=_ASKING)
    margin: float = option(
        MARGIN,
        "A cheaper route is recommended where it is shown to be at most so much worse than the best, as a share of the "
        "questions; 0.05 is five points.",
        between=(0, 1),
        group=_ASKING,
    )
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = option(
        "auto", "Precision of the model; auto takes what the device computes natively.", group=RUNNING
    )
    device: Literal["auto", "cpu", "cuda", "mps"] = option(
        "auto", "Where the model runs; auto takes cuda, mps or cpu, the first there is.", group=RUNNING
    )

    def __post_init__(self) -> None:
        check_options(self)

    def as_dict(self) -> dict[str, object]:
        """For files: plain values, those of fine-tuning among them."""
        return flat(self)
