"""Compare routes from Python, look at the figures, and ask the taught model.

python docs/examples/compare.py [MODEL]
"""

from __future__ import annotations

import sys
from tempfile import TemporaryDirectory

import obverse

documents = [
    obverse.Document("clock", "Ilka Venning is the keeper of the harbour clock."),
    obverse.Document("bell", "Bahram Tolley is the keeper of the fog bell."),
    obverse.Document("gauge", "Olwen Thorne is the keeper of the tide gauge."),
]
people = ("Ilka Venning", "Bahram Tolley", "Olwen Thorne")
things = ("harbour clock", "fog bell", "tide gauge")
questions = []
for document, person, thing in zip(documents, people, things, strict=True):
    questions += [
        obverse.Question(
            id=f"recall-{document.id}",
            prompt=f"What is {person} the keeper of?",
            answer=thing,
            choices=things,
            kind="recall",
            needs=(document.id,),
        ),
        obverse.Question(
            id=f"reversal-{document.id}",
            prompt=f"Who is the keeper of the {thing}?",
            answer=person,
            choices=people,
            kind="reversal",
            latent=True,
            needs=(document.id,),
        ),
    ]

if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        result = obverse.compare(
            documents,
            questions,
            model=sys.argv[1] if len(sys.argv) > 1 else None,
            routes=["untouched", "context", "retrieve"],
            out=f"{folder}/run",
        )
        print(result.recommendation)
        print(result.estimates.select(["route", "kind", "metric", "mean", "low", "high"]).slice(0, 8))
        said = result.ask("Who is the keeper of the fog bell?", route="retrieve")
        print(said.text, [document.id for document in said.retrieved])
