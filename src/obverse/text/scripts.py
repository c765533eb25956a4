"""What differs between writing systems: marks, spaces, and particles that are written close to a word.

Property names are those of the Unicode Character Database, as the ``regex`` library reads them.
"""

from __future__ import annotations

UNSPACED = r"\p{Han}\p{Hiragana}\p{Bopomofo}\p{Yi}\p{Line_Break=Complex_Context}"
"""Inside a character class: letters of scripts without spaces between words (Chinese, Japanese, Thai, Khmer, ...)."""

CLAUSED = r"\p{Thai}\p{Lao}"
"""Letters of scripts that end a sentence with a space or a line."""

AFFIXES = (
    # Korean: topic, subject, object, possessive, place, direction, company, copula.
    (
        r"\p{Hangul}",
        "",
        1,
        "에게서|에서|에게|한테|으로|부터|까지|보다|처럼|마다|조차|마저|라도|입니다|이었다|께서|라고|이며|이고|였다|"
        "은|는|이|가|을|를|의|에|로|와|과|도|만|나|랑|야|다|인",
    ),
    # Hebrew: and, in, as, to, from, that, the.
    (r"\p{Hebrew}", "[ובכלמשה]", 2, ""),
    # Arabic: and, so, in, as, to, the.
    (r"\p{Arabic}", "[وفبكل]|ال", 2, ""),
    # Amharic: in, to, from, of; the object, and.
    (r"\p{Ethiopic}", "[በለከየ]", 2, "[ንም]"),
    # Case endings.
    (r"\p{Bengali}", "", 2, "কে|তে|এর|র|য়|এ|ে|টি|টা"),
    (r"\p{Armenian}", "", 2, "ում|ից|ով|ի|ը|ն"),
    (r"\p{Georgian}", "", 2, "ში|ის|მა|ზე|დან|ს|ი"),
    (r"\p{Tamil}", "", 2, "யில்|யின்|யை|ில்|ின்|ை|்"),
    (r"\p{Malayalam}", "", 2, "യിൽ|യുടെ|ിൽ|ിന്റെ|ിന്"),
    (r"\p{Telugu}", "", 2, "లో|కు|ని|ను"),
    (r"\p{Kannada}", "", 2, "ದಲ್ಲಿ|ಯಲ್ಲಿ|ನಲ್ಲಿ|ನ್ನು|ಗೆ"),
)
"""What is written close to a noun: letters of the script, what stands before, least letters of the noun, what follows.

What stands before and follows are alternatives of a pattern.  They are grammar, a closed class, and no stemmer: what
they leave is a key that all forms share, and may be shorter than the word.
"""

ARTICLES = frozenset(("a", "an", "the"))
"""Words that a name may have or lack."""

AFFIXED_ARTICLES = ("ال", "ה")
"""The same, of what is written close to a noun."""

CYRILLIC = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "ђ": "đ", "е": "e", "ж": "ž", "з": "z", "и": "i", "ј": "j",
    "к": "k", "л": "l", "љ": "lj", "м": "m", "н": "n", "њ": "nj", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t",
    "ћ": "ć", "у": "u", "ф": "f", "х": "h", "ц": "c", "ч": "č", "џ": "dž", "ш": "š", "ё": "e",
}  # fmt: skip
"""Serbian in its two alphabets is one language; a key of a word, not a transcription for readers of others."""

TERMINATORS = (
    # Full-width and half-width; Arabic, Devanagari, Armenian, Syriac, Ethiopic, Khmer, Burmese, Tibetan, Mongolian.
    "\u3002\uff01\uff1f\uff61\u061f\u061b\u06d4\u0964\u0965\u0589\u0700-\u0702\u1362\u1367\u1368\u17d4-\u17d6"
    "\u104b\u0f0d\u0f0e\u1803\u1809\u203c\u203d\u2047-\u2049\u07f9\u1c7e\u1c7f\uaaf0\uabeb"
)
"""Inside a character class: marks that end a sentence whether or not a space follows."""
