"""What in a tokenizer is no text: tokens that steer a model, which no document may set, what precedes texts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


# Tokens that are no text though their tokenizer does not call them special: <|fim_prefix|>, <think>, <tool_call>.
_STEERS = re.compile(
    r"<[|\uff5c].+[|\uff5c]>|[<\[\u25c1]/?(?:\w+:)?(?:think(?:ing)?|tool_?(?:calls?|response)|tools)[>\]\u25b7]",
    re.IGNORECASE,
)


class ControlTokens:
    """The control tokens of a tokenizer: all its special ones, whether or not it has a name for what they do.

    Others that it was given count where they have the form of one; words and white space that it was given do not.

    Attributes:
        texts: as they are written, the longest first.
    """

    def __init__(self, tokenizer: PreTrainedTokenizerBase) -> None:
        added = [
            token
            for token in getattr(tokenizer, "added_tokens_decoder", {}).values()
            if token.special or _STEERS.fullmatch(token.content)
        ]
        texts = {*tokenizer.all_special_tokens, *(token.content for token in added)}
        # A single letter or a line end is text, whatever else it may mean to a model.
        self.texts: Sequence[str] = sorted(
            (text for text in texts if len(text.strip()) > 1), key=lambda text: (-len(text), text)
        )
        self._pattern = re.compile("|".join(map(re.escape, self.texts)) or r"(?!)")
        backend: Any = getattr(tokenizer, "backend_tokenizer", None)
        folds = any(token.normalized for token in added)
        self._normalizer = getattr(backend, "normalizer", None) if folds else None

    def as_data(self, text: str) -> str:
        """``text`` with every control token in it broken up, so that it is read as the characters that it consists of.

        The same in all that a model reads or is trained on, so that it meets a document in one form.
        """
        if self._normalizer is not None and self._pattern.search(
            normal := self._normalizer.normalize_str(text)
        ):
            text = normal  # the tokenizer sees through other spellings, such as letters of full width
        while self._pattern.search(text):  # what a break leaves may be another token
            text = self._pattern.sub(lambda found: _broken(found[0]), text)
        return text

    def without(self, text: str) -> str:
        """``text`` with its control tokens taken out."""
        return self._pattern.sub("", text)

    def first_end(self, text: str) -> int:
        """Where the first control token in ``text`` ends; 0 where there is none."""
        found = self._pattern.search(text)
        return found.end() if found else 0


def tokens_of(tokenizer: PreTrainedTokenizerBase, texts: Sequence[str], *, opens: bool) -> list[list[int]]:
    """Texts in tokens, nothing behind them.

    Args:
        opens: whether the tokenizer's own tokens stand before each; a chat template has them already.
    """
    opening = opening_tokens(tokenizer) if opens else []
    rows = tokenizer(list(texts), add_special_tokens=False, verbose=False).input_ids if texts else []
    return [opening + list(row) for row in rows]


def opening_tokens(tokenizer: PreTrainedTokenizerBase) -> list[int]:
    """The tokens that a tokenizer puts before each text, such as the one that begins it.

    Those that some tokenizers put behind a text would stand in the midst of prompt and answer.
    """
    bare = list(tokenizer("a", add_special_tokens=False).input_ids)
    whole = list(tokenizer("a").input_ids)
    places = (place for place in range(len(whole)) if bare and whole[place : place + len(bare)] == bare)
    return whole[: next(places, 0)]


def _broken(token: str) -> str:
    inside = len(token) - len(token.lstrip()) + 1
    return f"{token[:inside]} {token[inside:]}"
