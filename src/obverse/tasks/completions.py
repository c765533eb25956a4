"""Recall in the trained form: documents broken off before an answer, for the model to go on.

A fine-tuned model is trained to continue its documents.  Whether it stored a fact is asked in just that form,
beside the user's question in another form, so that *not stored* and *stored, but not found by a question* can be
told apart.
"""

from __future__ import annotations

import re

from obverse.types import Question, Task

COMPLETION = "completion"
# Words that a document must have before the answer, for there to be something to go on from.
_LEAST_WORDS = 3


def completions(task: Task) -> tuple[Question, ...]:
    """For every explicit question whose answer stands in a document it needs: that document up to the answer.

    Each place in a document is asked once, with the choices of the first question about it.  The prompts are raw
    text, to be continued as they are.
    """
    found: dict[tuple[str, int], Question] = {}
    for question in task.questions:
        if question.latent:
            continue
        # A line may break inside the answer.
        answer = r"\s+".join(map(re.escape, question.answer.split()))
        for needed in question.needs:
            text = task.document(needed).text.strip()
            place = re.search(rf"(?<!\w){answer}(?!\w)", text)
            if place is None or len(text[: place.start()].split()) < _LEAST_WORDS:
                continue
            found.setdefault(
                (needed, place.start()),
                Question(
                    id=f"{COMPLETION}:{needed}:{place.start()}",
                    prompt=text[: place.start()].rstrip(),
                    answer=question.answer,
                    choices=question.choices,
                    kind=COMPLETION,
                    needs=(needed,),
                    group=question.cluster,
                    drawn=question.drawn,
                ),
            )
    return tuple(found.values())
