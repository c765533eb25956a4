"""A secret taken out of text, in whatever form another program wrote it there."""

from __future__ import annotations

import base64
import math
import re
import string
from collections.abc import Iterable, Iterator
from urllib.parse import quote

HIDDEN = "[key]"

# What local servers take for a key ("EMPTY", "none") is no secret, and may well stand in a text.
_SHORTEST_SECRET = 8
# A shorter part may be a word.
_LEAST_PART = 12
_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)  # no other letter, so that places stay
_TO_FULL_WIDTH = 0xFEE0
# Each with its bits a digit.
_ENCODINGS = (
    (base64.b64encode, 6, "A-Za-z0-9+/_-"),
    (base64.urlsafe_b64encode, 6, "A-Za-z0-9+/_-"),
    (base64.b32encode, 5, "A-Za-z2-7"),
)


class Redaction:
    """Takes one secret out of any text.

    It is found as it is; with characters of it escaped, as JSON, Python, HTML and URLs escape them, also twice over, in
    full width, or parted by white space; in base64, base32 or hexadecimal digits, by itself or as a part of something
    longer; and where half of it or more is repeated.

    Args:
        secret: printable ASCII; one that is too short to be secret is left where it stands.
    """

    def __init__(self, secret: str) -> None:
        self._pattern = (
            re.compile("|".join(_forms(secret)), re.IGNORECASE) if len(secret) >= _SHORTEST_SECRET else None
        )
        self._secret = secret.lower()

    def __call__(self, text: str) -> str:
        """The text without the secret."""
        return self._without_parts(self._pattern.sub(HIDDEN, text)) if self._pattern else text

    def _without_parts(self, text: str) -> str:
        secret, least = self._secret, max(_LEAST_PART, -(-len(self._secret) // 2))
        for start in range(len(secret) - least + 1):
            while (at := text.translate(_LOWER).find(secret[start : start + least])) >= 0:
                end = at + least
                while text[at : end + 1].translate(_LOWER) == secret[
                    start : start + end + 1 - at
                ] and end < len(text):
                    end += 1
                text = text[:at] + HIDDEN + text[end:]
        return text


def _forms(secret: str) -> Iterator[str]:
    """Regular expressions for all that the secret may look like."""
    yield _parted(map(_character, secret))
    yield r"[\s:,.;\\x-]*".join(f"{byte:02x}" for byte in secret.encode("ascii"))
    for encode, bits, alphabet in _ENCODINGS:
        # Where it begins in a group of bytes decides the digits; those at the ends belong to its neighbours too.
        group = math.lcm(8, bits)
        for before in range(group // 8):
            digits = encode(b"\0" * before + secret.encode("ascii")).decode("ascii")
            first, last = -(-8 * before // bits), 8 * (before + len(secret)) // bits
            own = _parted(map(re.escape, digits[first:last]))
            yield rf"[{alphabet}]{{0,{first}}}{own}[={alphabet}]{{0,{group // bits - 1}}}"


def _parted(characters: Iterable[str]) -> str:
    """Patterns of characters, with white space and what is not seen between them or not."""
    return "[\\s\u00ad\u200b-\u200f\u2060\ufeff]*".join(characters)


def _character(character: str) -> str:
    """One character: itself, a code point in an escape or a character reference, or percent-encoded."""
    code = ord(character)
    percent = "%(?:25)*"  # also encoded twice
    escapes = [
        rf"\\+{re.escape(character)}",
        rf"\\+u\{{?0*{code:x}\}}?",
        rf"\\+x{code:02x}",
        rf"\\+0*{code:o}",
        rf"(?:&(?:amp;)*\#(?:0*{code}|x0*{code:x});?)",
        rf"{percent}{code:02x}",
        chr(code + _TO_FULL_WIDTH),
    ]
    if quote(character) == character and character.isalnum():
        escapes = escapes[1:]  # "\n" is not an escaped "n"
    return rf"(?:{re.escape(character)}|{'|'.join(escapes)})"
