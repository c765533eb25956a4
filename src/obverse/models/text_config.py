"""The part of a model that reads text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

_OTHER_SENSES = re.compile(r"image|vision|visual|audio|speech")


def text_modules(model: Any) -> set[torch.nn.Module]:
    """The modules of a model that read text, without those that project to the vocabulary."""
    from transformers import PreTrainedModel

    decoder = model.get_decoder() if hasattr(model, "get_decoder") else None
    output = model.get_output_embeddings()
    text = {module for name, module in model.named_modules() if not _OTHER_SENSES.search(name)}
    if isinstance(decoder, PreTrainedModel):
        # Beside the decoder there may be a head.
        heads = [child for child in model.children() if decoder not in child.modules()]
        text &= {module for part in (decoder, *heads) for module in part.modules()}
    return text - {output}
