"""How a model is fine-tuned.  A new setting is a field here: Python, the command line, keys and records follow from it.

Nothing heavy is imported, since the command line reads this file to explain itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from obverse.options import check_options, option
from obverse.training.optimizers import Training

if TYPE_CHECKING:
    from obverse.training.rehearsal import Rehearsal

Adapter = Literal["lora", "full"]


@dataclass(frozen=True)
class FinetuningOptions:
    """How to fine-tune; what is ``None`` is derived from the size of the corpus, see `for_corpus`.

    Raises:
        InputError: a value makes no sense.
    """

    adapter: Adapter = option("lora", "Train low-rank adapters on every linear layer, or all weights.")
    rank: int = option(16, "Rank of the adapters; their scale is twice the rank.", least=1)
    learning_rate: float | None = option(
        None, "Peak learning rate. Without it: 0.001 for adapters, 0.0001 for all weights.", between=(0, 1)
    )
    epochs: int | None = option(
        None, "Passes over the documents. Without it: 12 over a small corpus, 3 over a large one.", least=1
    )
    row_tokens: int | None = option(
        None,
        "Tokens in a training step. Without it: an eighth of the corpus, between 256 and 4096.",
        least=16,
    )
    rehearse: Literal["divergence", "replay"] | None = option(
        None,
        "Hold the fine-tuned model to what it was, on texts that it wrote before: by its divergence from that, or by "
        "replay. Without it: nothing does.",
    )
    rehearsed_texts: int = option(64, "Texts that it writes to rehearse, of 128 tokens each.", least=1)

    def __post_init__(self) -> None:
        check_options(self)

    def for_corpus(self, tokens: int) -> FinetuningOptions:
        """The options with everything derived that was not given, for a corpus of so many tokens.

        A small corpus is seen more often in smaller steps: a fact that stands once in the documents is not stored
        after one pass (arXiv 2404.05405 counts the exposures).
        """
        return replace(
            self,
            learning_rate=self.learning_rate or (1e-3 if self.adapter == "lora" else 1e-4),
            epochs=self.epochs or max(3, min(12, 600_000 // max(1, tokens))),
            row_tokens=self.row_tokens or max(256, min(4096, tokens // 8)),
        )

    @property
    def training(self) -> Training:
        """How weights are changed; of options `for_corpus`."""
        assert self.learning_rate is not None
        return Training(self.learning_rate)

    @property
    def rehearsal(self) -> Rehearsal | None:
        """What keeps the model what it was otherwise; ``None`` for nothing."""
        from obverse.training.rehearsal import Rehearsal

        return Rehearsal(self.rehearse, texts=self.rehearsed_texts) if self.rehearse else None
