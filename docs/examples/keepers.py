"""Who keeps what: each document says what someone keeps, and the latent questions ask who keeps it."""

from __future__ import annotations

import random
from dataclasses import dataclass

from obverse.types import Document, Question, Task

PEOPLE = ("Ilka Venning", "Bahram Tolley", "Olwen Thorne", "Jasper Flour", "Runa Okafor", "Tomas Grebe")
THINGS = ("harbour clock", "salt barometer", "brass compass", "north lens", "river gauge", "signal lamp")


@dataclass(frozen=True)
class Keepers:
    """A task: a frozen dataclass with ``build``.

    Args:
        facts: how many people keep something, up to six.
    """

    facts: int = 6

    def build(self, seed: int) -> Task:
        """Draw who keeps what; the same seed always gives the same task."""
        things = random.Random(seed).sample(THINGS, self.facts)
        documents, questions = [], []
        for number, (person, thing) in enumerate(zip(PEOPLE, things, strict=False)):
            id = f"fact-{number}"
            documents.append(Document(id=id, text=f"{person} keeps the {thing}."))
            asked = [
                (
                    "recall",
                    f"What does {person} keep?",
                    f"the {thing}",
                    tuple(f"the {one}" for one in things),
                ),
                ("reversal", f"Who keeps the {thing}?", person, PEOPLE[: self.facts]),
            ]
            questions += [
                Question(
                    id=f"{kind}-{number}",
                    prompt=prompt,
                    answer=answer,
                    choices=choices,
                    kind=kind,
                    latent=kind == "reversal",
                    needs=(id,),
                    group=id,
                )
                for kind, prompt, answer, choices in asked
            ]
        return Task("keepers", tuple(documents), tuple(questions))
