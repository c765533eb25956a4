"""Recall in the trained form: documents broken off before an answer, for the model to go on.

A fine-tuned model is trained to continue its documents.  Whether it stored a fact is asked in just that form,
beside the user's question in another form, so that *not stored* and *stored, but not found by a question* can be
told apart.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from obverse.text.segmentation import places, unspaced, words
from obverse.types import Question, Task

COMPLETION = "completion"
# Words, or characters where there are no spaces, that a document must have before the answer, to go on from.
_LEAST_WORDS = 3
_NEXT_WORD = re.compile(r"\s*(?:\w+|\S)")


@dataclass(frozen=True)
class Completion(Question):
    """A document broken off before an answer.

    Args:
        after: the word or mark that the document has behind the answer, with the white space before it; empty where
            the document ends.  It shows where an answer ends that begins another choice.
    """

    after: str = ""


def completions(task: Task) -> tuple[Completion, ...]:
    """For every explicit question whose answer stands in a document it needs: that document up to the answer.

    Each place in a document is asked once, with the choices of the first question about it.  The prompts are raw
    text, to be continued as they are; the white space that stands before the answer ends them.  An answer that begins a
    sentence may stand inside one in the document ("Pliks are ..." in "He writes that pliks are ..."); the choices are
    then written as the document has it.
    """
    found: dict[tuple[str, int], Completion] = {}
    for question in task.questions:
        if question.latent:
            continue
        for needed in question.needs:
            text = task.document(needed).text.strip()
            for written in _ways_to_write(question):
                if (place := _place(written.answer, text)) is not None:
                    break
            else:
                continue
            start, stop = place
            found.setdefault(
                (needed, start),
                Completion(
                    id=f"{COMPLETION}:{needed}:{start}",
                    prompt=text[:start],
                    answer=written.answer,
                    choices=written.choices,
                    kind=COMPLETION,
                    needs=(needed,),
                    group=question.cluster,
                    drawn=question.drawn,
                    after=_following(text, stop),
                ),
            )
    return tuple(found.values())


def _ways_to_write(question: Question) -> tuple[Question, ...]:
    """The question with its choices as they are; and, where all begin with the same word, inside a sentence."""
    if len({choice.split(" ")[0] for choice in question.choices}) != 1:
        return (question,)
    inside = tuple(choice[:1].lower() + choice[1:] for choice in question.choices)
    return question, replace(question, answer=inside[question.choices.index(question.answer)], choices=inside)


def _place(answer: str, text: str) -> tuple[int, int] | None:
    """Where the answer begins and ends, if words enough stand before it."""
    place = next(iter(places(answer, text)), None)
    if place is None:
        return None
    before = text[: place[0]]
    if len(words(before) if unspaced(before) else before.split()) < _LEAST_WORDS:
        return None
    # Behind a particle that is written close to it, the answer begins within a word.
    around = text[place[0] - 1 : place[0] + 1]
    return place if not around[0].isalnum() or unspaced(around) else None


def _following(text: str, start: int) -> str:
    """The next word or mark, or the next character where there are no spaces; with the white space before it."""
    found = _NEXT_WORD.match(text, start)
    if not found:
        return ""
    return found[0] if not unspaced(found[0]) else found[0][: 1 + len(found[0]) - len(found[0].lstrip())]
