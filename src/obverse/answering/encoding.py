"""Token boundaries: prompt and choice are tokenised together, and their shared beginning only once.

A choice's tokens depend on what stands before it (``"Answer:"`` + ``" Oslo"`` is not tokenised like
``"Answer: "`` + ``"Oslo"``).  So each text is tokenised as prompt + choice in one piece.  The tokens that belong
to the choice are those after the last token that this whole shares with the prompt tokenised alone; where a
token straddles the boundary it counts as the choice's.

A long prefix that many texts share is not tokenised again for each: the text is cut where a line begins, well
before the prefix ends; both sides are tokenised apart and joined.  Tokenizers split there before they merge, so
nothing changes, and whether they do shows in the characters around the cut, which are the same in all texts (a
cut within white space would not do: how a run of it is split depends on where it ends).  So the first and the
last text are tokenised whole all the same and compared, and on any difference every text is tokenised whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from obverse.models.control_tokens import tokens_of
from obverse.types import InputError

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

# Characters of the prefix that are tokenised together with what follows it.
_OVERLAP = 200


class PromptTooLongError(InputError):
    """A prompt does not fit the model's window; the message says by how much."""

    def __init__(self, tokens: int, window: int, what: str = "the longest prompt") -> None:
        super().__init__(
            f"{tokens} tokens are needed for {what} and the model's window holds {window}: {tokens - window} too many; "
            "use a model with a longer window or fewer documents"
        )
        self.tokens, self.window = tokens, window


@dataclass(frozen=True)
class Request:
    """One question as the model sees it: a prompt and the choices that could follow it."""

    prompt: str
    choices: tuple[str, ...]


@dataclass(frozen=True)
class Encoded:
    """The tokens of one request.

    Args:
        prompt: tokens of the prompt alone.
        texts: for each choice the tokens of prompt + choice.
        starts: for each choice the index in its text of the first token that is scored.
        byte_counts: for each choice the length of its UTF-8 form.
    """

    prompt: tuple[int, ...]
    texts: tuple[tuple[int, ...], ...]
    starts: tuple[int, ...]
    byte_counts: tuple[int, ...]

    @property
    def longest(self) -> int:
        """Tokens of the longest text."""
        return max((len(self.prompt), *(len(text) for text in self.texts)))

    @property
    def longest_choice(self) -> int:
        """Scored tokens of the longest choice."""
        return max(
            (len(text) - start for text, start in zip(self.texts, self.starts, strict=True)), default=0
        )


def common_length(sequences: Sequence[tuple[int, ...]]) -> int:
    """How many leading tokens all ``sequences`` share."""
    low, high = min(sequences), max(sequences)
    shared = 0
    for left, right in zip(low, high, strict=False):
        if left != right:
            break
        shared += 1
    return shared


def encode(
    tokenizer: PreTrainedTokenizerBase,
    prefix: str,
    requests: Sequence[Request],
    *,
    special_tokens: bool = True,
) -> list[Encoded]:
    """Tokenise every ``prefix`` + prompt and ``prefix`` + prompt + choice as one text each.

    Args:
        special_tokens: whether the tokenizer's beginning-of-text token stands first; a chat template has it already.
            What a tokenizer puts behind a text is left out.

    Raises:
        InputError: a choice adds no token to its prompt, or there is no token before it to predict it from.
    """
    texts = [
        request.prompt + choice for request in requests for choice in ("", *request.choices)
    ]  # the prompt alone first, then each choice
    rows = _tokenise(tokenizer, prefix, texts, special_tokens)
    encoded: list[Encoded] = []
    position = 0
    for request in requests:
        prompt, *choices = rows[position : position + 1 + len(request.choices)]
        position += 1 + len(request.choices)
        starts = []
        for tokens, choice in zip(choices, request.choices, strict=True):
            start = common_length((prompt, tokens))
            if start >= len(tokens):
                raise InputError(f"the choice {choice[:60]!r} adds no token to its prompt; give it some text")
            starts.append(start)
        if min((len(prompt), *starts)) == 0:
            raise InputError(
                f"nothing stands before the choices of the prompt {request.prompt[:60]!r} to predict them from; "
                "give the prompt some words"
            )
        encoded.append(
            Encoded(
                prompt,
                tuple(choices),
                tuple(starts),
                tuple(len(choice.encode()) for choice in request.choices),
            )
        )
    return encoded


def _tokenise(
    tokenizer: PreTrainedTokenizerBase, prefix: str, texts: Sequence[str], special_tokens: bool
) -> list[tuple[int, ...]]:
    def whole(pieces: Sequence[str], special: bool) -> list[tuple[int, ...]]:
        return [tuple(row) for row in tokens_of(tokenizer, pieces, opens=special)]

    cut = _line_start(prefix, len(prefix) - _OVERLAP)
    if cut > 0 and len(texts) > 2:
        (head,) = whole([prefix[:cut]], special_tokens)
        joined = [head + tail for tail in whole([prefix[cut:] + text for text in texts], False)]
        ends = whole([prefix + texts[0], prefix + texts[-1]], special_tokens)
        if ends == [joined[0], joined[-1]]:
            return joined
    return whole([prefix + text for text in texts], special_tokens)


def _line_start(text: str, end: int) -> int:
    """Where the last line of ``text[:end]`` begins that does not begin with white space; 0 where there is none."""
    while (found := text.rfind("\n", 0, max(0, end))) > 0:
        if not text[found + 1].isspace():
            return found + 1
        end = found
    return 0
