"""A secret in every form that another program may write it in."""

from __future__ import annotations

import base64
import html
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from obverse.augmentation.redaction import Redaction

KEY = "sk-Ab+c/d_e=f.0~1 2".replace(" ", "")
hide = Redaction(KEY)


def escaped(key: str) -> str:
    return "".join(f"\\u{ord(character):04X}" for character in key)


@pytest.mark.parametrize(
    "form",
    [
        KEY,
        KEY.upper(),
        escaped(KEY),
        escaped(KEY).replace("\\", "\\\\"),
        KEY[:5] + escaped(KEY[5:]),
        "".join(f"\\x{ord(character):02x}" for character in KEY),
        "".join(f"\\{ord(character):o}" for character in KEY),
        "".join(f"&#{ord(character)};" for character in KEY),
        "".join(f"&#x{ord(character):x};" for character in KEY),
        html.escape(KEY),
        quote(KEY),
        quote(KEY, safe=""),
        quote(quote(KEY, safe=""), safe=""),
        "".join(f"%{ord(character):02x}" for character in KEY),
        json.dumps(KEY)[1:-1].replace("/", "\\/"),
        KEY.encode().hex(),
        KEY.encode().hex(":"),
        " ".join(KEY),
        f"{KEY[:9]}\n  {KEY[9:]}",
        "\u00ad".join(KEY),
        "".join(chr(ord(character) + 0xFEE0) for character in KEY),
        KEY[:-1],
        KEY[3:],
        KEY[:12],
        base64.b32encode(KEY.encode()).decode(),
        base64.encodebytes(KEY.encode()).decode().strip(),
    ],
)
def test_forms(form: str) -> None:
    assert hide(f"so {form}, you") == "so [key], you"


@given(st.text(st.characters(codec="ascii"), max_size=9), st.text(st.characters(codec="ascii"), max_size=9))
def test_base64_wherever_it_begins(before: str, after: str) -> None:
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        coded = encode(f"{before}{KEY}{after}".encode()).decode()
        found = hide(coded)
        assert "[key]" in found
        kept = found.split("[key]")
        assert all(encode(KEY.encode()).decode()[4:12] not in part for part in kept)


@given(st.text(st.characters(codec="ascii"), max_size=9), st.text(st.characters(codec="ascii"), max_size=9))
def test_base32_wherever_it_begins(before: str, after: str) -> None:
    found = hide(base64.b32encode(f"{before}{KEY}{after}".encode()).decode())
    assert "[key]" in found
    assert len(found) < len("[key]") + 8 / 5 * (len(before) + len(after)) + 16


def test_a_few_characters_of_it_stay() -> None:
    assert hide(KEY[:11]) == KEY[:11]


@given(st.text(max_size=60))
def test_other_text_stays(text: str) -> None:
    assert hide(text) == text


@pytest.mark.parametrize("short", ["", "none", "EMPTY"])
def test_what_is_too_short_is_no_secret(short: str) -> None:
    assert Redaction(short)("none EMPTY") == "none EMPTY"
