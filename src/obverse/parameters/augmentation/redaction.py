"""A secret taken out of text, in whatever form another program wrote it there."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from urllib.parse import quote

HIDDEN = "[key]"

# What local servers take for a key ("EMPTY", "none") is no secret, and may well stand in a text.
_SHORTEST_SECRET = 8


class Redaction:
    """Takes one secret out of any text.

    It is found as it is; with characters of it escaped, as JSON, Python, HTML and URLs escape them, also twice over;
    and in base64 or hexadecimal digits, by itself or as a part of something longer.

    Args:
        secret: printable ASCII; one that is too short to be secret is left where it stands.
    """

    def __init__(self, secret: str) -> None:
        self._pattern = (
            re.compile("|".join(_forms(secret)), re.IGNORECASE) if len(secret) >= _SHORTEST_SECRET else None
        )

    def __call__(self, text: str) -> str:
        """The text without the secret."""
        return self._pattern.sub(HIDDEN, text) if self._pattern else text


def _forms(secret: str) -> Iterator[str]:
    """Regular expressions for all that the secret may look like."""
    yield "".join(map(_character, secret))
    yield secret.encode("ascii").hex()
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        # Where it begins in a group of three bytes decides the digits; those at the ends belong to its neighbours too.
        for before in range(3):
            digits = encode(b"\0" * before + secret.encode("ascii")).decode("ascii").rstrip("=")
            first = (0, 2, 3)[before]
            last = len(digits) - ((before + len(secret)) % 3 != 0)
            yield rf"[A-Za-z0-9+/_-]{{0,{first}}}{re.escape(digits[first:last])}[A-Za-z0-9+/_=-]{{0,3}}"


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
    ]
    if quote(character) == character and character.isalnum():
        escapes = escapes[1:]  # "\n" is not an escaped "n"
    return rf"(?:{re.escape(character)}|{'|'.join(escapes)})"
