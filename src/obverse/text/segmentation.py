"""Words and sentences in every script: what texts are compared by.

Search, leak check, false context, completions, augmentation and the matching of answers must agree on when two texts
say the same words, so all take it from here.

- **Tidied** is a text as it enters (`tidy`): canonical composition (NFC), plain apostrophes, no soft hyphens, and words
  that a line end broke put together.
- **Folded** is a text as it is compared (`fold`): compatibility composition (NFKC), case-folded, with the digits of all
  scripts and the variants of one letter as one.
- **Words** (`words`) are what stands between spaces and punctuation (UAX 29).  Scripts without spaces have none that a
  dictionary would find in the same way in every sentence, so there each character, with its marks, is a word, and
  phrases are compared as sequences.  Particles that are written close to a noun (Korean 은, Hebrew ב, Arabic ال) are
  words of their own, so that the noun is found with and without them.
- **Segments** (`segments`) are a dictionary's words, of ICU: for shuffling, and to tell what a question is about.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from importlib.resources import files

import regex

from obverse.text.scripts import (
    AFFIXED_ARTICLES,
    AFFIXES,
    CLAUSED,
    CYRILLIC,
    TERMINATORS,
    UNSPACED,
)

# Points and commas count only inside a number: "1,000" and "3.5" are words, "end." is not.
_LOOSE_POINT = re.compile(r"(?<!\d)[.,]|[.,](?!\d)")
_THOUSANDS = re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{2,3})*,\d{3}(?![\d,])")

_UNSEEN = re.compile("\u00ad(?:\n[^\\S\n]*)?|\ufeff")
_BROKEN = regex.compile(r"(?<!\w)(\p{L}{2,})[-\u2010]\n[^\S\n]*(\p{Ll}+)")
_APOSTROPHE = regex.compile(r"(?<=\p{L})[\u2019\u02bc\uff07](?=\p{L})")

_RAISED = re.compile("(?<=[^\\W_])[\u2070\u00b9\u00b2\u00b3\u2074-\u2079]+")
_FRACTION = re.compile("[\u00bc-\u00be\u2150-\u215f\u2189]")
_DIGIT = regex.compile(r"(?V1)[\p{Nd}--[0-9]]")
_JOINED = regex.compile(r"(?<=\p{Arabic})\u200c")  # parts of a Persian word
_DENSE = regex.compile(rf"[{UNSPACED}]\p{{M}}*|[\p{{Katakana}}\u30fc]+|\p{{Hangul}}+")
_HAS_UNSPACED = regex.compile(rf"[{UNSPACED}]")
_AFFIXES = [
    (script, before, least, unicodedata.normalize("NFC", after)) for script, before, least, after in AFFIXES
]
_HAS_AFFIXES = regex.compile(f"[{''.join(script for script, *_ in _AFFIXES)}]")
_AFFIXED = regex.compile(
    "|".join(
        rf"(?<![{script}\p{{M}}])"
        + (rf"(?P<before>{before})*" if before else "")
        + rf"(?P<noun>[{script}][{script}\p{{M}}]{{{least - 1},}}{'?' if after else ''})"
        + (rf"(?P<after>{after})*" if after else "")
        + rf"(?![{script}\p{{M}}])"
        for script, before, least, after in _AFFIXES
    )
)
_HANGUL_NOUN = regex.compile(rf"(\p{{Hangul}}+?)(?:{_AFFIXES[0][3]})*\Z")
_WORD = regex.compile(r"(?V1)\p{Nd}+(?:[.,]\p{Nd}+)*(?![\w--_])|[\w--_]+")
# Variants of one letter, and marks that readers leave out.
_VARIANTS = str.maketrans(
    dict.fromkeys("\u0640\u055b\u055c\u055e\u05f3\u05f4\u0307", "")
    | {
        chr(code): ""
        for code in (*range(0x64B, 0x660), 0x670, *range(0x591, 0x5BE), 0x5BF, 0x5C1, 0x5C2, 0x5C7)
    }
    | dict(zip("أإآٱیىکہھ\u0131", "ااااييكههi", strict=True))
    | dict(zip("άέήίόύώϊϋΐΰ", "αεηιουωιυιυ", strict=True))
    | {"\u066a": "%", "\u066b": ".", "\u066c": ","}
    | CYRILLIC
)

_SHORTENED = """
al approx bros capt cf co col dept dr ed eds etc fig gen gov inc jr lt ltd mr mrs ms mt nos pp prof
rev sgt sr st vol vs
"""
_ABBREVIATIONS = frozenset(_SHORTENED.split())
_LETTERS_WITH_POINTS = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]")  # "i.e", "e.g", "U.S", before their last point
CLOSERS = "\"'\u201d\u2019)\\]*_\u00bb\u300d\u300f\u300b\u3009\uff09\u3011\uff02"
"""Inside a character class: what may stand between the mark of a sentence and its end."""
_SENTENCE_END = re.compile(rf"(?<![.!?\u2026])[.!?\u2026]++[{CLOSERS}]*+(?=\s)\s*")
_ANY_SENTENCE_END = regex.compile(
    rf"(?<![.!?\u2026])[.!?\u2026]++[{CLOSERS}]*+(?=\s)\s*"
    rf"|[{TERMINATORS}][{TERMINATORS}!?\u2026]*+[{CLOSERS}]*+\s*"
    rf"|\uff0e(?!\p{{Nd}})[{CLOSERS}]*+\s*"
    rf"|(?<=\p{{Greek}})[;\u037e](?=\s)\s*|(?<=\p{{Armenian}}):(?=\s)\s*"
    rf"|(?<=[{CLAUSED}]\p{{M}}*)\s*\n\s*(?=[{CLAUSED}])"
    rf"|(?<=(?:[{CLAUSED}]\p{{M}}*){{8}})[^\S\n]+(?=(?:[{CLAUSED}]\p{{M}}*){{8}})"
)
_CLOSED = regex.compile(
    rf"(?:[.!?\u2026\uff0e{TERMINATORS}]|(?<=\p{{Greek}})[;\u037e]|(?<=\p{{Armenian}}):)[{CLOSERS}]*\s*\Z"
)
_ASKED = regex.compile(
    rf"(?:[?\uff1f\u061f\u2047-\u2049\u1367]|(?<=\p{{Greek}})[;\u037e]"
    r"|(?:です|ます|でしょう|ました)か[。．]?|[吗嗎][。．]?|[습입]니까\.?)"
    rf"[{CLOSERS}]*\s*\Z"
)
_BLOCK_START = re.compile(r"\s*(?:#{1,6}\s|[-*+]\s|\d{1,3}[.)]\s|\||>)")


class _Separate(dict[int, str]):
    """Translation table that fills itself: what is of no word becomes a space, symbols stand alone."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        category = unicodedata.category(character)
        if character in ".,":
            separated = character
        elif category == "Cf":  # Zero-width characters are not seen, so they part nothing.
            separated = ""
        elif category in ("Sm", "Sc", "So"):  # "C++" is not "C".
            separated = f" {character} "
        elif category[0] in "LMN":
            separated = character
        else:
            separated = " "
        self[code] = separated
        return separated


_SEPARATE = _Separate()


def tidy(text: str) -> str:
    """A text as it enters: canonically composed, its words whole, its apostrophes plain.

    A hyphen at a line end goes where a small letter follows, as from a PDF, unless the text has the word with a hyphen
    elsewhere; soft hyphens and byte-order marks go.
    """
    if not text.isascii():
        text = _UNSEEN.sub("", unicodedata.normalize("NFC", text))
        text = _APOSTROPHE.sub("'", text)
    if "-\n" not in text and "\u2010\n" not in text:
        return text

    def put_together(broken: regex.Match[str]) -> str:
        hyphenated = f"{broken[1]}-{broken[2]}"
        return hyphenated if hyphenated in text else broken[1] + broken[2]

    return str(_BROKEN.sub(put_together, text))


def fold(text: str) -> str:
    """A text as it is compared, letter by letter: case, width, digits and variants of one letter set aside.

    What is raised stays apart (``10⁶`` becomes ``10^6``), as do fractions (``3½``: ``3 1/2``).
    """
    if text.isascii():
        return text.lower()
    text = _RAISED.sub(r"^\g<0>", text)
    text = _FRACTION.sub(lambda found: f" {unicodedata.normalize('NFKC', found.group())} ", text)
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    text = _JOINED.sub(" ", text.replace("\u2044", "/"))
    text = _DIGIT.sub(lambda digit: str(unicodedata.decimal(digit.group(), digit.group())), text)
    return unicodedata.normalize("NFC", text.translate(_VARIANTS))


def words(text: str) -> list[str]:
    """The words of a text, folded and without punctuation.

    Symbols such as ``+`` or ``€``, and the characters of scripts without spaces, are words of their own.
    """
    folded = fold(text)
    if not folded.isascii():
        folded = _DENSE.sub(r" \g<0> ", folded)
        folded = _AFFIXED.sub(_parted, folded) if _HAS_AFFIXES.search(folded) else folded
    if "," in folded:
        folded = _THOUSANDS.sub(lambda number: number.group().replace(",", ""), folded)
    return _LOOSE_POINT.sub(" ", folded).translate(_SEPARATE).split()


def normalise(text: str) -> str:
    """The words of ``text`` with one space between them; two texts that differ in dress only become equal."""
    return " ".join(words(text))


def segments(text: str) -> list[str]:
    """The text in words as a dictionary finds them, and what stands between these; joined, they are the text again."""
    from icu4py.breakers import WordBreaker

    return list(WordBreaker(text, "und"))


def word_spans(text: str) -> Iterator[tuple[int, int]]:
    """Where each word begins and ends, in characters: a Korean noun without its particles, else a dictionary's word."""
    for found in _WORD.finditer(text):
        word, start = found.group(), found.start()
        if unspaced(word):
            for segment in segments(word):
                if any(map(str.isalnum, segment)):
                    yield start, start + len(segment)
                start += len(segment)
        else:
            noun = _HANGUL_NOUN.match(word)
            yield start, noun.end(1) + start if noun else found.end()


def content_words(text: str) -> list[str]:
    """The words that name something, each normalised; a word of a script without spaces as a dictionary has it."""
    parts = segments(text) if _HAS_UNSPACED.search(text) else [text]
    found: list[str] = []
    for part in parts:
        if fold(part) in FUNCTION_WORDS:
            continue
        own = words(part)
        found += [" ".join(own)] if len(parts) > 1 and own else own
    return [word for word in found if word not in FUNCTION_WORDS]


def _parted(found: regex.Match[str]) -> str:
    """A noun apart from what is written close to it; articles and the endings of cases go."""
    before = [part for part in found.captures("before") if part not in AFFIXED_ARTICLES]
    after = (
        "".join(found.captures("after")) if found["noun"] and "\uac00" <= found["noun"][0] <= "\ud7a3" else ""
    )
    return f" {' '.join((*before, found['noun'], *after))} "


def places(phrase: str, text: str) -> Iterator[tuple[int, int]]:
    """Where a phrase stands in a text as it is written, its words whole, in characters; see `whole`."""
    return (found.span() for found in regex.finditer(whole(phrase), text))


def whole(phrase: str) -> str:
    """A pattern for the ``regex`` library that finds a phrase where its words are whole, on one line or two.

    In a script without spaces every place counts; elsewhere no letter may stand before or behind it but those of a
    particle, and around a number no digit and no sign that makes it another number.
    """
    before, behind = edges(phrase)
    return f"(?V1){before}" + r"\s+".join(map(regex.escape, phrase.split())) + behind


def edges(phrase: str) -> tuple[str, str]:
    """The patterns of `whole` for what must not stand before the phrase, and behind it."""
    phrase = phrase.strip()
    return (_before(phrase[0]), _behind(phrase[-1])) if phrase else ("(?!)", "(?!)")


def unspaced(text: str) -> bool:
    """Whether some of the text is in a script without spaces between words."""
    return _HAS_UNSPACED.search(text) is not None


def _before(first: str) -> str:
    """What must not stand before a phrase that begins with this character."""
    if _HAS_UNSPACED.match(first):
        return ""
    if regex.match(r"[\p{Katakana}\p{Hangul}]", first):
        return r"(?<![\p{Katakana}\u30fc])" if regex.match(r"\p{Katakana}", first) else r"(?<!\p{Hangul})"
    if first.isdecimal():
        return r"(?<![\p{Nd}\p{Latin}]|\p{Nd}[.,:/]|(?<!\w)[-\u2212]|\p{Sc})"
    if not regex.match(r"\w", first):
        return r"(?<!\w)"
    for script, before, *_ in _AFFIXES:
        if before and regex.match(f"[{script}]", first):
            return rf"(?<=(?<!\w)(?:{before})*)"
    return rf"(?<![\w--[{UNSPACED}]])"


def _behind(last: str) -> str:
    """What must not stand behind a phrase that ends with this character."""
    if _HAS_UNSPACED.match(last):
        return r"(?!\p{M})"
    if regex.match(r"[\p{Katakana}\u30fc]", last):
        return r"(?![\p{Katakana}\u30fc])"
    if last.isdecimal():
        return r"(?![\p{Nd}\p{Latin}%\u2030]|[.,:/]\p{Nd}|\s?\p{Sc}(?!\s?\p{Nd}))"
    if not regex.match(r"\w", last):
        return r"(?!\w)" if last not in "+#" else r"(?![\w+#])"
    for script, _, _, after in _AFFIXES:
        if after and regex.match(rf"[{script}\p{{M}}]", last):
            return rf"(?=(?:{after})*(?!\w))"
    return rf"(?![\w--[{UNSPACED}]])(?![+#]+(?!\w))"


def sentences(text: str) -> list[str]:
    """The sentences of a plain or Markdown text, white space collapsed.

    Blank lines end a sentence, as do headings, list items, table rows and quoted lines; other line breaks are
    spaces.  A point after an initial or a common abbreviation ("Dr.", "J. Hall") ends none.
    """
    return [
        sentence
        for block in _blocks(text)
        for sentence in (" ".join(part.split()) for part in split_sentences(block))
        if sentence
    ]


def split_sentences(block: str) -> list[str]:
    """The parts of one paragraph at its sentence ends; joined, they are the paragraph again.

    Thai and Lao have no mark for it: there a line ends a sentence, and a space between two parts that are long enough
    to be none of a name.
    """
    ends = _SENTENCE_END if block.isascii() else _ANY_SENTENCE_END
    parts, start = [], 0
    for end in ends.finditer(block):
        if end.group().startswith(".") and _is_abbreviated(block[max(start, end.start() - 16) : end.start()]):
            continue
        parts.append(block[start : end.end()])
        start = end.end()
    return [*parts, block[start:]] if block[start:] else parts


def ends_sentence(text: str) -> bool:
    """Whether a mark at the end of a text closes its sentence."""
    return _CLOSED.search(text) is not None


def asks(text: str) -> bool:
    """Whether a question mark of some script closes the text."""
    return _ASKED.search(text) is not None


def _is_abbreviated(before: str) -> bool:
    """Whether a point after ``before`` belongs to its last word."""
    last = re.split(r"[\s(\[\"'\u201c]", before)[-1]
    initial = len(last) == 1 and last.isupper()
    return initial or last.lower() in _ABBREVIATIONS or bool(_LETTERS_WITH_POINTS.fullmatch(last))


def _blocks(text: str) -> list[str]:
    """Paragraphs, headings, list items and table rows, each as one string."""
    blocks: list[list[str]] = [[]]
    for line in text.splitlines():
        heading = line.lstrip().startswith("#")
        if not line.strip() or _BLOCK_START.match(line):
            blocks.append([])
        blocks[-1].append(line)
        if heading:
            blocks.append([])
    return ["\n".join(block) for block in blocks]


FUNCTION_WORDS = frozenset(
    form
    for word in files("obverse.text").joinpath("function_words.txt").read_text(encoding="utf-8").split()
    for form in (fold(word), normalise(word))
)
"""Words that name nothing, folded and normalised: English ones, and those of languages without capitals."""
