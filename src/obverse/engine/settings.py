"""What a comparison can be told; everything else is derived."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

from obverse.types import MARGIN, TOP_K, InputError


@dataclass(frozen=True)
class Settings:
    """Settings of one comparison.

    Args:
        models: names or folders; empty for the default model.
        practice: whether the default model is the one that practised to read its context; other models are as they are.
        routes: names of routes; empty for all that fit.
        seeds: how often each trained route is trained anew; routes without training give the same each time.
        top_k: documents that a search returns.
        adapter: ``lora`` or ``full``.
        rank, learning_rate, epochs, row_tokens: of fine-tuning; ``None`` derives them from the corpus.
        rehearse: what holds the fine-tuned model to what it was, on texts that it wrote before: the ``divergence``
            from it, or ``replay``; ``None`` for nothing.
        dtype, device: ``auto``, or as PyTorch names them.
        augmented: folder of a run of ``obverse augment`` about these documents, for the route augment; ``None`` lets
            the model itself write.
        margin: how much worse than the best a cheaper route may be to be recommended, as a share of the questions.
        leave_out_leaks: leave out the latent questions whose answer a document says.
    """

    models: tuple[str, ...] = ()
    practice: bool = True
    routes: tuple[str, ...] = ()
    seeds: int = 1
    top_k: int = TOP_K
    adapter: Literal["lora", "full"] = "lora"
    rank: int | None = None
    learning_rate: float | None = None
    epochs: int | None = None
    row_tokens: int | None = None
    rehearse: Literal["divergence", "replay"] | None = None
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    augmented: str | None = None
    margin: float = MARGIN
    leave_out_leaks: bool = False

    def __post_init__(self) -> None:
        least = {"seeds": 1, "top_k": 1, "rank": 1, "epochs": 1, "row_tokens": 16}
        for name, minimum in least.items():
            value = getattr(self, name)
            if value is not None and value < minimum:
                raise InputError(f"{name.replace('_', ' ')} must be at least {minimum}, not {value}")
        if self.learning_rate is not None and not 0 < self.learning_rate < 1:
            raise InputError(f"the learning rate must lie between 0 and 1, not {self.learning_rate}")
        if not 0 < self.margin < 1:
            raise InputError(f"the margin must lie between 0 and 1, not {self.margin}")
        if self.rehearse not in (None, "divergence", "replay"):
            raise InputError(f"rehearse must be divergence or replay, not {self.rehearse!r}")

    def as_dict(self) -> dict[str, object]:
        """For files: plain values."""
        return asdict(self)
