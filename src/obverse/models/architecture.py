"""How large a decoder from scratch is and what it is made of, by one dial and a few switches.

The dial is the depth: each layer adds 32 to the width, and a head is 64 wide.  Parameters without embeddings, which
come on top with twice the vocabulary times the width (once where tied):

| depth | width | heads | parameters |
|---|---|---|---|
| 2 | 64 | 1 | 0.1M |
| 4 | 128 | 2 | 0.8M |
| 6 | 192 | 3 | 2.7M |
| 8 | 256 | 4 | 6.3M |
| 12 | 384 | 6 | 21M |
| 20 | 640 | 10 | 98M |
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from obverse.types import InputError

if TYPE_CHECKING:
    from obverse.models.decoder_config import DecoderConfig

_WIDTH_PER_LAYER = 32
_HEAD_WIDTH = 64


@dataclass(frozen=True)
class Architecture:
    """What a decoder is made of; see `obverse.models.decoder_config.DecoderConfig` for the terms.

    Args:
        depth: layers; width and number of heads follow.
        heads: where it is to differ from one for each 64 of the width.
        positions: ``rotary``, ``learned`` or ``none``.
        shift: reach of the convolution in front of attention, 0 to 4.
        causal: ``False`` for a model that reads in both directions.
        keys_start_at_queries: whether key weights start as a copy of the query weights.
        outputs_start_at_inputs: whether untied output embeddings start as a copy of the input embeddings.
        outputs_trained: ``False`` keeps the output embeddings, and tied ones altogether, as they were drawn.
        tied: whether input and output embeddings are one matrix.
        experts: networks to choose from in each layer; 0 for a dense model.
    """

    depth: int = 2
    heads: int | None = None
    positions: Literal["rotary", "learned", "none"] = "none"
    shift: int = 2
    causal: bool = True
    keys_start_at_queries: bool = True
    outputs_start_at_inputs: bool = True
    outputs_trained: bool = True
    tied: bool = False
    experts: int = 0

    @property
    def width(self) -> int:
        """Of the residual stream."""
        return _WIDTH_PER_LAYER * self.depth

    def config(self, vocabulary: int) -> DecoderConfig:
        """The configuration for a vocabulary of so many tokens.

        Raises:
            InputError: the parts do not fit together.
        """
        from obverse.models.decoder_config import DecoderConfig

        try:
            return DecoderConfig(
                vocab_size=vocabulary,
                hidden_size=self.width,
                num_hidden_layers=self.depth,
                num_attention_heads=max(1, self.width // _HEAD_WIDTH) if self.heads is None else self.heads,
                positions=self.positions,
                shift=self.shift,
                is_causal=self.causal,
                keys_start_at_queries=self.keys_start_at_queries,
                outputs_start_at_inputs=self.outputs_start_at_inputs,
                tie_word_embeddings=self.tied,
                experts=self.experts,
            )
        except ValueError as problem:
            raise InputError(
                f"the decoder cannot be built: {problem}; change its depth, heads, positions, shift or experts"
            ) from None
