"""The language of a text, and what checks of questions know of it (``languages.toml``).

A text's language is told by its script, and where several languages share that, by their frequent words.  That is
enough to see that a question is in another language than its documents; it is no general identification.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import files

import regex

from obverse.text.segmentation import fold, segments, unspaced, whole

_KANA = "Hiragana"
_SCRIPTS = ("Latin", "Cyrillic", "Greek", "Armenian", "Georgian", "Hebrew", "Arabic", "Devanagari", "Bengali")
_OTHER_SCRIPTS = ("Tamil", "Ethiopic", "Han", _KANA, "Hangul", "Thai", "Lao", "Khmer", "Myanmar", "Tibetan")
_IN_SCRIPT = {name: regex.compile(rf"\p{{Script={name}}}") for name in (*_SCRIPTS, *_OTHER_SCRIPTS)}


@dataclass(frozen=True)
class Language:
    """What is known of a language.

    Args:
        script: of its letters, as Unicode calls it.
        common: frequent words.
        pronouns: of the third person.
        text: phrases that speak of a text.
        rules: words that make a statement general.
        unsaid: the answer to a question that the documents do not answer.
    """

    name: str
    script: str
    common: frozenset[str]
    pronouns: tuple[str, ...]
    text: tuple[str, ...]
    rules: tuple[str, ...]
    unsaid: str

    @cached_property
    def _speaks_of_a_text(self) -> regex.Pattern[str]:
        return _any_of(self.text)

    @cached_property
    def _pronouns(self) -> regex.Pattern[str]:
        return _any_of(self.pronouns)

    @cached_property
    def _rules(self) -> regex.Pattern[str]:
        return _any_of(self.rules)

    def speaks_of_a_text(self, text: str) -> str:
        """The first phrase that speaks of a text instead of what it says; empty where there is none."""
        found = self._speaks_of_a_text.search(text)
        return found.group() if found else ""

    def first_pronoun(self, text: str) -> tuple[int, str] | None:
        """Where the first pronoun of the third person stands, in characters, and the pronoun."""
        if unspaced(self.pronouns[0]):
            place = 0
            for segment in segments(text):
                if segment in self.pronouns:
                    return place, segment
                place += len(segment)
            return None
        found = self._pronouns.search(text)
        return (found.start(), found.group()) if found else None

    def general_at(self, sentence: str) -> int | None:
        """Where a word stands that makes the sentence general, such as ``every``; nothing where none does."""
        found = self._rules.search(sentence)
        return found.start() if found else None


def language_of(text: str) -> Language | None:
    """The language of a text; nothing where its script is unknown, or none of its words is frequent in any."""
    script = script_of(text)
    candidates = [language for language in _languages() if language.script == script]
    if len(candidates) < 2:
        return candidates[0] if candidates else None
    found = Counter(map(fold, regex.findall(r"[\p{L}\p{M}']+", text)))
    hits = {
        language.name: sum(count for word, count in found.items() if word in language.common)
        for language in candidates
    }
    best = max(candidates, key=lambda language: hits[language.name])
    rivals = [one for one in candidates if one is not best and hits[one.name] == hits[best.name]]
    return best if hits[best.name] and not rivals else None


def script_of(text: str) -> str:
    """The script of most letters of a text, ``Hiragana`` where some are; empty where no known one is there."""
    counts = {name: len(pattern.findall(text)) for name, pattern in _IN_SCRIPT.items()}
    if counts[_KANA]:
        return _KANA
    best = max(counts, key=counts.__getitem__)
    return best if counts[best] else ""


def english() -> Language:
    """What serves where a language is not known."""
    return next(language for language in _languages() if language.name == "english")


@lru_cache(maxsize=1)
def _languages() -> tuple[Language, ...]:
    listed = tomllib.loads(files("obverse.questions").joinpath("languages.toml").read_text(encoding="utf-8"))
    return tuple(
        Language(
            name,
            one["script"],
            frozenset(map(fold, one.get("common", "").split())),
            tuple(word.replace("_", " ") for word in one["pronouns"].split()),
            tuple(phrase.strip() for phrase in one["text"].split("|")),
            tuple(word.replace("_", " ") for word in one["rules"].split()),
            one["unsaid"],
        )
        for name, one in listed.items()
    )


def _any_of(phrases: tuple[str, ...]) -> regex.Pattern[str]:
    """A pattern that finds any of the phrases, as whole words, whatever the case."""
    return regex.compile("|".join(f"(?:{whole(phrase)})" for phrase in phrases), regex.IGNORECASE)
