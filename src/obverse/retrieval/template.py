"""How a model's prompts are rendered, as a hash: another template asks another question."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from obverse.retrieval.assembly import Assembler
from obverse.types import Document, content_hash

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

_DOCUMENTS = (Document("first", "A document."), Document("second", "Another."))
_QUESTION, _CHOICE = "What does it say?", "This"


def template_fingerprint(tokenizer: PreTrainedTokenizerBase) -> str:
    """Hash of a made-up prompt and choice, as the model is asked at once and behind a thought."""
    assemblers = [Assembler(tokenizer), Assembler(tokenizer, thinks=True)]
    return content_hash(
        [
            [one.prefix(()), one.prefix(_DOCUMENTS), one.prompt(_QUESTION), one.answer(_CHOICE)]
            for one in assemblers
        ]
    )


@cache
def template_of(name: str | None, fingerprint: str) -> str:
    """The same for a model that is not loaded.

    Args:
        name: of the model.
        fingerprint: of it, since another may come to lie under the name.

    Raises:
        InputError: there is no such model.
    """
    from obverse.models.fingerprint import load_tokenizer

    del fingerprint  # for the cache
    return template_fingerprint(load_tokenizer(name))
