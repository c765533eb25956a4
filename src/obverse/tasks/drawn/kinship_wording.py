"""What the kinship task says, in single words and in sentences, and how it is read back.

>>> claim = Claim("grandparent", ("e1", "e2", "e3"), needs=())
>>> Wording("formal", steps=True).answered(claim)
('e1 grandparent via e2 e3 .', 'e2 e3')
>>> Wording("natural").prompt(Claim("parent", ("Ada", "Bea"), needs=()))
'Who is the parent of Ada?'
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

from obverse.tasks.drawn import Form
from obverse.tasks.drawn.families import Claim
from obverse.types import Statement

VIA, STOP = "via", "."

_SENTENCES = (
    "The {relation} of {subject} is {object}.",
    "{subject}'s {relation} is {object}.",
    "{subject} has a {relation} named {object}.",
)
_QUESTION = "Who is the {relation} of {subject}?"
_ASKED = f"Question: {_QUESTION}\nAnswer: {{object}}"


def _pattern(template: str) -> re.Pattern[str]:
    """What a text that fits the template looks like."""
    escaped = re.escape(template)
    for name, sort in (("relation", "[a-z-]+"), ("subject", r"[A-Z][^.?\n]*"), ("object", r"[A-Z][^.?\n]*")):
        escaped = escaped.replace(rf"\{{{name}\}}", rf"(?P<{name}>{sort})")
    return re.compile(escaped)


_ASKS = _pattern(_QUESTION)
_PATTERNS = tuple(map(_pattern, (*_SENTENCES, _ASKED)))


@dataclass(frozen=True)
class Wording:
    """Claims in the words of a form.

    Args:
        steps: whether the people on the way are said too; in the formal form only.
    """

    form: Form
    steps: bool = False

    def tell(self, claim: Claim, rng: random.Random) -> str:
        """The claim as it is said where nothing determines it; in the natural form one of several sentences."""
        if self._natural:
            subject, relation, object_ = claim.statement
            return rng.choice(_SENTENCES).format(subject=subject, relation=relation, object=object_)
        return f"{self.prompt(claim)} {self.ending(claim)} {STOP}"

    def document(self, claim: Claim, rng: random.Random) -> tuple[str, str]:
        """The claim as a document says it, and its answer, if the form marks any there."""
        return self.tell(claim, rng), "" if self._natural else self.ending(claim)

    def answered(self, claim: Claim) -> tuple[str, str]:
        """The claim where it is to be answered, and its answer."""
        if self._natural:
            subject, relation, object_ = claim.statement
            return _ASKED.format(subject=subject, relation=relation, object=object_), object_
        return f"{self.prompt(claim)} {self.ending(claim)} {STOP}", self.ending(claim)

    def prompt(self, claim: Claim) -> str:
        """The beginning that `ending` ends, or the question that it answers."""
        subject, relation, _ = claim.statement
        if self._natural:
            return _QUESTION.format(subject=subject, relation=relation)
        return " ".join((subject, relation, *([VIA] if self.steps and claim.between else [])))

    def ending(self, claim: Claim, end: str | None = None) -> str:
        """What ends the claim, or would end it with another person there."""
        return " ".join((*(claim.between if self.steps else ()), end or claim.people[-1]))

    def last(self, ending: str) -> str:
        """The person at the end of an ending."""
        return ending if self._natural else ending.rsplit(maxsplit=1)[-1]

    def read(self, text: str) -> tuple[Statement, ...]:
        """All statements of a text: who is what to whom."""
        if self._natural:
            return tuple(
                (found["subject"], found["relation"], found["object"])
                for pattern in _PATTERNS
                for found in pattern.finditer(text)
            )
        said = (part.split() for part in text.removesuffix(f" {STOP}").split(f" {STOP} "))
        return tuple((words[0], words[1], words[-1]) for words in said)

    def asked(self, prompt: str) -> tuple[str, str]:
        """Of whom a prompt asks, and for whom."""
        if found := _ASKS.fullmatch(prompt):
            return found["subject"], found["relation"]
        subject, relation = prompt.split()[:2]
        return subject, relation

    @property
    def _natural(self) -> bool:
        return self.form == "natural"
