"""Statements about every, no and some of a kind, two of which have a conclusion or none.

>>> from random import Random
>>> triple = Triple(("plumber", "drummer", "swimmer"), "every", "no", "every", "no")
>>> triple.said(Random(0), "practice")
('Whoever is a plumber is a drummer as well.', 'A drummer is never a swimmer.')
>>> triple.asked(Random(0), "practice")
'Does being a plumber mean being a swimmer?'
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from obverse.practice.made_up_names import Part, nonsense_words, split_words
from obverse.practice.relations import wordings

Quantifier = Literal["every", "no", "some"]

YES, NO, UNKNOWN = "yes", "no", "not stated"
ANSWERS = (YES, NO, UNKNOWN)

_NOUNS = """
plumber drummer swimmer baker barber boxer broker busker butcher carpenter caterer cellist chemist climber clown coach
cricketer cyclist dancer dentist diver druid fencer florist gambler geologist glazier golfer grocer guide hiker hunter
jeweller jockey joiner juggler lawyer linguist magician mechanic miner notary pharmacist pianist porter pirate poet
potter plasterer rower sailor shepherd saddler skater surfer tailor tanner trader typist vegetarian violinist waiter
welder wrestler
"""
_STATEMENTS: Mapping[Quantifier, tuple[str, ...]] = {
    "every": (
        "Every {a} is also a {b}.",
        "Whoever is a {a} is a {b} as well.",
        "Being a {a} makes one a {b}.",
    ),
    "no": ("Not one {a} is a {b}.", "A {a} is never a {b}.", "One cannot be a {a} and a {b} at once."),
    "some": (
        "At least one {a} is a {b}.",
        "There is a {a} who is a {b}.",
        "Now and then a {a} is a {b} too.",
    ),
}
_QUESTIONS: Mapping[Quantifier, tuple[str, ...]] = {
    "every": ("Is each {a} a {c}?", "Does being a {a} mean being a {c}?", "Must a {a} be a {c}?"),
    "some": (
        "Is at least one {a} a {c}?",
        "Does it happen that a {a} is a {c}?",
        "Can a {a} be found who is a {c}?",
    ),
}
# First premise, second premise, question, answer.  Each question has each answer, so that neither the question nor the
# number of triples tells which one is right.
_FORMS: tuple[tuple[Quantifier, Quantifier, Quantifier, str], ...] = (
    ("every", "every", "every", YES),
    ("every", "no", "every", NO),
    ("some", "no", "every", NO),
    ("every", "some", "every", UNKNOWN),
    ("some", "every", "every", UNKNOWN),
    ("no", "every", "every", UNKNOWN),
    ("some", "every", "some", YES),
    ("every", "no", "some", NO),
    ("every", "some", "some", UNKNOWN),
    ("some", "some", "some", UNKNOWN),
    ("some", "no", "some", UNKNOWN),
    ("no", "every", "some", UNKNOWN),
)


@dataclass(frozen=True)
class Triple:
    """Two statements about three kinds, of which the middle one is in both, and a question about the others.

    Args:
        kinds: singular nouns that begin with a consonant.
        first: what is said of the first and the second.
        second: what is said of the second and the third.
        question: what is asked of the first and the third.
    """

    kinds: tuple[str, str, str]
    first: Quantifier
    second: Quantifier
    question: Quantifier
    answer: str

    def said(self, rng: random.Random, part: Part) -> tuple[str, str]:
        """The two statements."""
        a, b, c = self.kinds
        return (
            rng.choice(wordings(_STATEMENTS[self.first], part)).format(a=a, b=b),
            rng.choice(wordings(_STATEMENTS[self.second], part)).format(a=b, b=c),
        )

    def asked(self, rng: random.Random, part: Part) -> str:
        """The question."""
        return rng.choice(wordings(_QUESTIONS[self.question], part)).format(a=self.kinds[0], c=self.kinds[2])


def draw_triples(rng: random.Random, count: int, part: Part, *, nonsense: bool) -> list[Triple]:
    """So many triples about kinds of which none comes twice.

    The answers come equally often, or nearly; which of them comes once more is drawn, so that at any count, one too,
    each is right a third of the time.  Plausible kinds give out after about a dozen triples; then the other kinds are
    nonsense.
    """
    nouns = list(split_words(_NOUNS, part))
    rng.shuffle(nouns)
    nouns = [] if nonsense else nouns[: 3 * count]
    nouns += nonsense_words(rng, 3 * count - len(nouns), part)
    answers = rng.sample(ANSWERS, len(ANSWERS))
    forms = [_draw_form(rng, answers[number % len(answers)]) for number in range(count)]
    rng.shuffle(forms)
    return [
        Triple((nouns[3 * number], nouns[3 * number + 1], nouns[3 * number + 2]), *form)
        for number, form in enumerate(forms)
    ]


def _draw_form(rng: random.Random, answer: str) -> tuple[Quantifier, Quantifier, Quantifier, str]:
    """A form with that answer; both questions come equally often."""
    question = rng.choice(list(_QUESTIONS))
    return rng.choice([form for form in _FORMS if form[2:] == (question, answer)])
