"""What a decoder from scratch is made of, as a configuration of the transformers library."""

from __future__ import annotations

from typing import Any, Literal, get_args

from transformers import PreTrainedConfig

Positions = Literal["rotary", "learned", "none"]


class DecoderConfig(PreTrainedConfig):
    """What a decoder is made of.

    Args:
        vocab_size: tokens in the vocabulary.
        hidden_size: width of the residual stream.
        num_hidden_layers, num_attention_heads: layers, and heads in each.
        intermediate_size: width inside the feed-forward layers; four times the residual stream where it is 0.
        max_position_embeddings: the longest text, for learned positions; a bound for prompts else.
        positions: ``rotary``, ``learned`` (absolute), or ``none``.
        shift: how many earlier positions the convolution in front of queries, keys and values reaches, 0 to 4.
        is_causal: whether a token sees only what stands before it.
        keys_start_at_queries: whether the key weights start as a copy of the query weights.
        outputs_start_at_inputs: whether untied output embeddings start as a copy of the input embeddings.
        tie_word_embeddings: whether input and output embeddings are one matrix.
        embedding_std: standard deviation from which embeddings start.
        experts: feed-forward networks in each layer to choose from; 0 for a dense layer.
        experts_per_token: how many of them each token passes through.
        balance: weight of the loss that spreads tokens over experts (arXiv 2101.03961, equation 4).
    """

    model_type = "obverse_decoder"

    vocab_size: int = 1024
    hidden_size: int = 64
    num_hidden_layers: int = 2
    num_attention_heads: int = 1
    intermediate_size: int = 0
    max_position_embeddings: int = 4096
    positions: Positions = "none"
    shift: int = 2
    is_causal: bool = True
    keys_start_at_queries: bool = True
    outputs_start_at_inputs: bool = True
    tie_word_embeddings: bool = False
    embedding_std: float = 0.09
    experts: int = 0
    experts_per_token: int = 2
    balance: float = 0.01
    rotary_base: float = 10_000.0

    def __post_init__(self, **kwargs: Any) -> None:
        self.intermediate_size = self.intermediate_size or 4 * self.hidden_size
        width, heads = self.hidden_size, self.num_attention_heads
        if min(width, heads) < 1 or width % (2 * heads):
            raise ValueError(f"a width of {width} cannot be divided into {heads} heads of even size")
        if not 0 <= self.shift <= 4:
            raise ValueError(f"the shift reaches 0 to 4 positions back, not {self.shift}")
        if self.positions not in get_args(Positions):
            raise ValueError(f"positions are {', '.join(get_args(Positions))}, not {self.positions!r}")
        if self.experts and not 0 < self.experts_per_token <= self.experts:
            raise ValueError(f"{self.experts_per_token} of {self.experts} experts cannot be chosen")
        # The cache keeps keys and values, and the last inputs of the convolution.
        self.layer_types = ["hybrid" if self.shift else "full_attention"] * self.num_hidden_layers
        super().__post_init__(**kwargs)  # type: ignore[no-untyped-call]

    @property
    def head_dim(self) -> int:
        """Width of a head."""
        return self.hidden_size // self.num_attention_heads

    @property
    def parameters(self) -> int:
        """How many numbers the model holds, by formula.

        Two matrices of the vocabulary (one where they are tied); in each layer four of attention, two norms, the
        shift, and a feed-forward network of two matrices for each expert with the router's in front; a last norm.
        """
        width, experts = self.hidden_size, self.experts
        vocabulary = self.vocab_size * width * (1 if self.tie_word_embeddings else 2)
        places = self.max_position_embeddings * width if self.positions == "learned" else 0
        feed_forward = 2 * width * self.intermediate_size * max(1, experts) + experts * width
        layer = 4 * width * width + (2 + self.shift) * width + feed_forward
        return vocabulary + places + self.num_hidden_layers * layer + width
