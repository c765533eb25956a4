"""The celebrity set of arXiv 2309.12288, read from its files where the user has them.

The files are seven, of JSONL with ``prompt`` and ``completion``: people who are told of name first (``p2d``: person to
description), description first (``d2p``) or both, 30 wordings each to train on; and 10 other wordings of the first two
to test with, in the direction of training and in the reverse one, 300 questions each.  (Other files beside them, as a
test for those told of in both orders, are not read.)  The set has no licence and is not part of this package; `People`
is a set of its kind with contents of our own.

The published score is `matches_as_prefix` of the greedy completion; the likelihood of the answer among wrong ones comes
with it.  What the wrong ones are drawn from decides the base value (arXiv 2505.00661), so that both pools are offered.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import get_args

from obverse.tasks.choices import apart
from obverse.tasks.drawn.biographies import TO_DESCRIPTION, TO_NAME, Direction
from obverse.tasks.drawn.people import AS_LEARNED, REVERSED, Pool
from obverse.tasks.places import Faults, Place, quote
from obverse.tasks.rows import Row, read_rows
from obverse.text.segmentation import normalise
from obverse.types import Document, InputError, Question, Task, derive_seed

TRAINING_FILES = ("p2d_prompts_train.jsonl", "d2p_prompts_train.jsonl", "both_prompts_train.jsonl")

_FIELDS = ("prompt", "completion")
_WRONG_CHOICES = 3
_END_MARKS = ".!?'\""


@dataclass(frozen=True)
class _Test:
    """A file of questions: what they ask for, which training file tells of the people, and whether in that order."""

    file: str
    direction: Direction
    training: str
    latent: bool

    @property
    def kind(self) -> str:
        return f"{self.direction}, {REVERSED if self.latent else AS_LEARNED}"


_TESTS = (
    _Test("p2d_prompts_test.jsonl", TO_DESCRIPTION, TRAINING_FILES[0], latent=False),
    _Test("d2p_prompts_test.jsonl", TO_NAME, TRAINING_FILES[1], latent=False),
    _Test("p2d_reverse_prompts_test.jsonl", TO_NAME, TRAINING_FILES[0], latent=True),
    _Test("d2p_reverse_prompts_test.jsonl", TO_DESCRIPTION, TRAINING_FILES[1], latent=True),
)
TEST_FILES = tuple(test.file for test in _TESTS)


def read_celebrities(folder: str | os.PathLike[str], pool: Pool = "same group") -> Task:
    """The task of the files in a folder.

    Each line is a document or a question, whose id is the file's name without its suffix and the number of the line.
    Questions are the beginnings that the files give, for a model to go on from; each needs the first document about its
    person, and is in that person's group.  Where a description is asked for, the other choices complete the same
    beginning about other people.  Answers are without the marks that end them, since a
    description is no sentence.

    Args:
        folder: holds the `TRAINING_FILES` and the `TEST_FILES`.
        pool: whether the other choices are answers of the same file, or of the file in whose direction such answers
            were trained as completions.

    Raises:
        InputError: a file is missing or faulty, a question is about nobody that the documents tell of, or there is
            nobody else to draw a choice from.
    """
    if pool not in get_args(Pool):
        raise InputError(f"the pool is {pool!r}; give one of {', '.join(get_args(Pool))}")
    lines = {file: _read(Place(Path(folder) / file)) for file in (*TRAINING_FILES, *TEST_FILES)}
    documents = {file: [_document(line) for line in lines[file]] for file in TRAINING_FILES}
    # Only where a name is the answer is it told who there is.
    names = {test.training: lines[test.file] for test in _TESTS if test.direction == TO_NAME}
    people = {file: _people(named, documents[file]) for file, named in names.items()}
    asked = {
        test.file: [_find_person(test, line, people[test.training]) for line in lines[test.file]]
        for test in _TESTS
    }
    trained = {test.direction: test.file for test in _TESTS if not test.latent}
    questions = tuple(
        _question(test, one, asked[test.file if pool == "same group" else trained[test.direction]], pool)
        for test in _TESTS
        for one in asked[test.file]
    )
    return Task("celebrities", tuple(document for part in documents.values() for document in part), questions)


def matches_as_prefix(generated: str, completion: str) -> bool:
    """Whether ``generated`` begins with ``completion``, whatever the case: the score of the published work."""
    return generated.strip().lower().startswith(completion.strip().lower())


@dataclass(frozen=True)
class _Line:
    """A prompt and its completion, without white space around them, and where they stand."""

    place: Place
    prompt: str
    completion: str

    @property
    def answer(self) -> str:
        return self.completion.rstrip(_END_MARKS)

    @property
    def id(self) -> str:
        return f"{self.place.path.stem}:{self.place.number}"


@dataclass(frozen=True)
class _Asked:
    """A line of a test file, its person, the first document about them, and the beginning without the name."""

    line: _Line
    person: str
    need: str
    frame: str


def _read(place: Place) -> list[_Line]:
    with Faults() as faults:
        rows = read_rows(place, _FIELDS, faults, ignore_others=True)
    if not rows:
        raise place.error("holds no lines", 'write lines like {"prompt": "...", "completion": "..."}')
    return [_line(row.tidied()) for row in rows]


def _line(row: Row) -> _Line:
    prompt, completion = (row.required_text(field) for field in _FIELDS)
    return _Line(row.place, prompt, completion)


def _document(line: _Line) -> Document:
    return Document(line.id, f"{line.prompt} {line.completion}")


def _people(named: Sequence[_Line], documents: Sequence[Document]) -> dict[str, str | None]:
    """For each name that is an answer, in its normal form, the first document that has it."""
    texts = [(f" {normalise(document.text)} ", document.id) for document in documents]
    return {
        name: next((id for text, id in texts if f" {name} " in text), None)
        for name in dict.fromkeys(normalise(line.answer) for line in named)
    }


def _find_person(test: _Test, line: _Line, people: dict[str, str | None]) -> _Asked:
    if test.direction == TO_NAME:
        person, frame = normalise(line.answer), ""
    else:
        prompt = f" {normalise(line.prompt)} "
        found = next((name for name in people if f" {name} " in prompt), None)
        if found is None:
            raise line.place.error(
                f"{quote(line.prompt)} names nobody who is asked for", "put the person's name in it"
            )
        person, frame = found, prompt.replace(f" {found} ", " _ ")
    need = people[person]
    if need is None:
        raise line.place.error(f"no line of {test.training} is about {quote(person)}", "add one")
    return _Asked(line, person, need, frame)


def _question(test: _Test, asked: _Asked, pool: Sequence[_Asked], pool_name: Pool) -> Question:
    wrong = list(_wrong_answers(asked, [one for one in pool if one.frame == asked.frame]))
    wrong = wrong or list(_wrong_answers(asked, pool))
    line = asked.line
    if not wrong:
        raise line.place.error("nobody else's answer can be offered", "give questions about more people")
    rng = Random(derive_seed("celebrities", pool_name, line.id))
    first = rng.sample(wrong, min(len(wrong), _WRONG_CHOICES))
    others = apart(line.answer, (*first, *(one for one in wrong if one not in first)), _WRONG_CHOICES)
    if not others:
        raise line.place.error("nobody else's answer can be told from it", "give questions about more people")
    choices = [line.answer, *others]
    rng.shuffle(choices)
    return Question(
        id=line.id,
        prompt=line.prompt,
        answer=line.answer,
        choices=tuple(choices),
        kind=test.kind,
        latent=test.latent,
        needs=(asked.need,),
        group=asked.person,
        # Whole beginnings, since what in them describes the person is not marked.
        statement=(line.prompt, "is completed by", line.answer),
        drawn=True,
    )


def _wrong_answers(asked: _Asked, pool: Sequence[_Asked]) -> Iterator[str]:
    """What is said of others and is not right as well, each once."""
    told: dict[str, str] = {}
    for one in pool:
        if one.person != asked.person:
            told.setdefault(normalise(one.line.answer), one.line.answer)
    told.pop(normalise(asked.line.answer), None)
    yield from told.values()
