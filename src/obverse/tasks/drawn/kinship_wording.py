"""What the kinship task says, in single words and in sentences, and how it is read back.

>>> tie = Tie("grandparent", ("e1", "e2", "e3"), needs=())
>>> KinshipWording("formal", steps=True).answered(tie).text
'e1 grandparent via e2 e3 .'
>>> KinshipWording("natural").prompt(Tie("parent", ("Ada", "Bea"), needs=()))
'Who is the parent of Ada?'
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from obverse.tasks.drawn import Form
from obverse.tasks.drawn.families import Tie
from obverse.tasks.drawn.texts import ANSWER, QUESTION, STOP, template_pattern
from obverse.tasks.drawn.weaving import answered
from obverse.types import Document, Statement

VIA = "via"

_SENTENCES = (
    "The {relation} of {subject} is {object}.",
    "{subject}'s {relation} is {object}.",
    "{subject} has a {relation} named {object}.",
)
_QUESTION = "Who is the {relation} of {subject}?"
_NAME = r"[A-Z][^.?\n]*"
_SAID = [
    template_pattern(template, relation="[a-z-]+", subject=_NAME, object=_NAME)
    for template in (*_SENTENCES, f"{QUESTION}{_QUESTION}\n{ANSWER}{{object}}", _QUESTION)
]


@dataclass(frozen=True)
class KinshipWording:
    """Ties in the words of a form.

    Args:
        steps: whether the people on the way are said too; in the formal form only.
    """

    form: Form
    steps: bool = False

    def tell(self, tie: Tie, rng: random.Random) -> Document:
        """The tie as documents say it: in the formal form its ending is an answer, in the natural one nothing."""
        if self.form == "formal":
            return self.answered(tie)
        subject, relation, object_ = tie.statement
        template = rng.choice(_SENTENCES)
        return Document("told", template.format(subject=subject, relation=relation, object=object_))

    def answered(self, tie: Tie) -> Document:
        """The tie where it is to be answered."""
        return answered(self.form, self.prompt(tie), self.ending(tie))

    def prompt(self, tie: Tie) -> str:
        """The beginning that `ending` ends, or the question that it answers."""
        subject, relation, _ = tie.statement
        if self.form == "natural":
            return _QUESTION.format(subject=subject, relation=relation)
        return " ".join((subject, relation, *([VIA] if self.steps and tie.people[1:-1] else [])))

    def ending(self, tie: Tie, end: str | None = None) -> str:
        """What ends the tie, or would end it with another person there."""
        return " ".join((*(tie.people[1:-1] if self.steps else ()), end or tie.people[-1]))

    def last(self, ending: str) -> str:
        """The person at the end of an ending."""
        return ending if self.form == "natural" else ending.rsplit(maxsplit=1)[-1]

    def read(self, text: str) -> tuple[Statement, ...]:
        """All statements of a text: who is what to whom."""
        if self.form == "natural":
            found = (said for pattern in _SAID[:-1] for said in pattern.finditer(text))
            return tuple((said["subject"], said["relation"], said["object"]) for said in found)
        parts = (part.split() for part in text.removesuffix(f" {STOP}").split(f" {STOP} "))
        return tuple((words[0], words[1], words[-1]) for words in parts)

    def asked(self, prompt: str) -> tuple[str, str]:
        """Of whom a prompt asks, and for whom."""
        if found := _SAID[-1].fullmatch(prompt):
            return found["subject"], found["relation"]
        subject, relation = prompt.split()[:2]
        return subject, relation
