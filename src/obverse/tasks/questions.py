"""The user's questions: JSONL or Parquet with ``question`` and ``answer``, and what else is known of them.

A question without ``choices`` is given three answers of other questions of its kind to stand beside its
own, none of which equals another or stands in it. They are drawn by a hash of the question's words, so the
order of the lines changes nothing, and the question is marked as ``drawn``.
"""

from __future__ import annotations

import logging
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from random import Random

from obverse.tasks.choices import apart, first_equal
from obverse.tasks.documents import equal_ids, source
from obverse.tasks.lettered import letters_are_meant, read_answer, read_choices
from obverse.tasks.places import Faults, Place, quote
from obverse.tasks.rows import ROW_SUFFIXES, Row, read_rows
from obverse.text.comparable import compared
from obverse.types import Document, Question, derive_seed

STATEMENT_FIELDS = ("subject", "relation", "object")
QUESTION_FIELDS = (
    *("id", "question", "answer", "choices", "kind", "latent", "needs", "group"),
    *STATEMENT_FIELDS,
    "drawn",
)
VERDICT_FIELDS = ("rests_on", "checks", "known", "written_by", "checked_by")
"""What `obverse questions` adds, and who reads questions passes over."""

_TEXT_FIELDS = ("question", "answer", "choices", *STATEMENT_FIELDS)

DISTRACTORS = 3

_LOG = logging.getLogger(__name__)

_TEMPLATE = """\
# Questions for Obverse: one JSON object a line.  Empty lines and lines that start with # or // do not count.
#
# "question" and "answer" must be given.  The rest is optional:
#   id         a name of its own; without it, q and the number of the line
#   choices    what the answer is compared with, the answer among them; without it, answers of other questions
#              of the same kind are drawn
#   kind       the sort of question; the tables have a row for each
#   latent     true where the documents only imply the answer, false (or left out) where they say it
#   needs      ids of the documents that together entail the answer; a file's id is its path in the folder
#              without its suffix, and stands for all pieces of a file that was split
#   group      questions of one group are about one fact, and are resampled together
#   subject, relation, object
#              the fact behind the question, all three or none; the leak check then looks for just these

# What a document says, asked in the direction in which it says it:
{"question": "Who keeps the harbour clock?", "answer": "Maren Hollis", "kind": "recall", \
"needs": ["harbour-clock"]}
{"question": "Who keeps the library?", "answer": "Tobias Fenn", "kind": "recall", "needs": ["library"]}

# The same fact asked the other way round, with choices of its own:
{"id": "hollis-reversed", "question": "What does Maren Hollis keep?", "answer": "the harbour clock", \
"choices": ["the harbour clock", "the library", "the bell", "the gate"], "kind": "reversal", "latent": true, \
"needs": ["harbour-clock"], "subject": "the harbour clock", \
"relation": "is kept by", "object": "Maren Hollis"}

# What follows from two documents together:
{"question": "In which town was the keeper of the harbour clock born?", "answer": "Olm", \
"choices": ["Olm", "Varn", "Esk", "Tarrow"], "kind": "chain", "latent": true, \
"needs": ["harbour-clock", "maren-hollis"], "group": "hollis"}
"""


def question_template() -> str:
    """A commented example of a question file, which ``read_questions`` reads as it is.

    It names the documents ``harbour-clock``, ``library`` and ``maren-hollis``.
    """
    return _TEMPLATE


def read_questions(
    path: str | os.PathLike[str], documents: Iterable[Document] | None
) -> tuple[Question, ...]:
    """All questions of a file, in its order.

    Args:
        path: a ``.jsonl`` or ``.parquet`` file; ``question_template`` tells its fields.
        documents: what ``needs`` may name: an id, or the id of a file that was split for all its pieces; ``None`` where
            they could not be read, so that ``needs`` is not looked at.

    Which questions are equal, and whether answers were read as letters of choices, is logged as a warning.

    Raises:
        InputError: the file cannot be read, has no questions, or some are faulty; all faults together.
    """
    place = Place(Path(path))
    if place.path.suffix.lower() not in ROW_SUFFIXES:
        raise place.error("is not a question file", f"give a {' or '.join(ROW_SUFFIXES)} file")
    with Faults() as faults:
        fields = QUESTION_FIELDS + VERDICT_FIELDS
        rows = [row.tidied(_TEXT_FIELDS) for row in read_rows(place, fields, faults, ignore_others=False)]
        if not rows and not faults:
            raise place.error("holds no questions", 'write lines like {"question": "...", "answer": "..."}')
        questions = questions_from_rows(rows, documents, faults)
    if letters_are_meant(rows):
        _LOG.warning("%s: answers are read as letters of the choices (B is the second)", place)
    if known := sum(row.fields.get("known") is True for row in rows):
        _LOG.warning(
            "%s: %s of %s questions are marked as known to a model without documents", place, known, len(rows)
        )
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for question in questions:
        groups[_folded(question.prompt), _folded(question.answer)].append(question.id)
    if said := equal_ids(groups.values()):
        _LOG.warning("%s: questions that are the same: %s", place, said)
    return questions


def questions_from_rows(
    rows: Sequence[Row], documents: Iterable[Document] | None, faults: Faults
) -> tuple[Question, ...]:
    """A question for each row, its fields taken as they are, and choices drawn where there are none.

    Args:
        documents: as for `read_questions`.
        faults: gets what is missing, of the wrong type, or contradicts something else.
    """
    pieces = None if documents is None else _pieces(documents)
    lettered = letters_are_meant(rows)
    places: dict[str, Place] = {}
    questions = []
    for row in rows:
        with faults.kept():
            question = _question(row, pieces, lettered=lettered)
            if question.id in places:
                first = places[question.id]
                raise row.place.error(
                    f"id {quote(question.id)} is already that of {first}", "give each its own id"
                )
            places[question.id] = row.place
            questions.append(question)
    return tuple(_with_choices(questions, places, faults))


def _question(row: Row, pieces: dict[str, list[str]] | None, *, lettered: bool) -> Question:
    """The question of one row; without choices if the row has none."""
    choices, labels = read_choices(row)
    answer = read_answer(row, choices, labels, lettered=lettered)
    if choices is not None:
        if len(set(choices)) < len(choices):
            twice = next(choice for choice in choices if choices.count(choice) > 1)
            raise row.place.error(f"choice {quote(twice)} is given twice", "give each choice once")
        if alike := first_equal(choices):
            first, second = map(quote, alike)
            raise row.place.error(
                f"choices {first} and {second} say the same: case, articles and quotation marks do not count",
                "leave one out",
            )
        if len(choices) < 2:
            raise row.place.error("there is one choice only", "give two or more, or leave 'choices' out")
    return Question(
        id=row.name("id") or f"q{row.place.number}",
        prompt=row.required_text("question"),
        answer=answer,
        choices=choices or (),
        kind=row.name("kind") or "question",
        latent=row.flag("latent"),
        needs=() if pieces is None else _needs(row, pieces),
        group=row.name("group"),
        statement=_statement(row),
        drawn=row.flag("drawn"),
    )


def _pieces(documents: Iterable[Document]) -> dict[str, list[str]]:
    """The ids of documents by what ``needs`` may call them: the id itself, or the file it is a piece of."""
    ids = [document.id for document in documents]
    pieces: dict[str, list[str]] = defaultdict(list)
    for name in ids:
        pieces[source(name)].append(name)
    return pieces | {name: [name] for name in ids}


def _needs(row: Row, pieces: dict[str, list[str]]) -> tuple[str, ...]:
    """Ids of the needed documents, each once; the id of a split file stands for all its pieces."""
    found: dict[str, None] = {}
    for name in row.names("needs"):
        if name not in pieces:
            close = get_close_matches(name, pieces, n=1)
            remedy = f"did you mean {quote(close[0])}?" if close else "use the ids of the documents"
            raise row.place.error(f"'needs' names no document: {quote(name)}", remedy)
        found.update(dict.fromkeys(pieces[name]))
    return tuple(found)


def _statement(row: Row) -> tuple[str, str, str] | None:
    """Subject, relation and object: all three, or none."""
    match [row.text(key) for key in STATEMENT_FIELDS]:
        case [None, None, None]:
            return None
        case [str() as subject, str() as relation, str() as object_]:
            return subject, relation, object_
        case parts:
            missing = STATEMENT_FIELDS[parts.index(None)]
            raise row.place.error(
                f"'{missing}' is missing", "give subject, relation and object, or none of them"
            )


def _with_choices(questions: list[Question], places: dict[str, Place], faults: Faults) -> Iterator[Question]:
    """The questions, with choices drawn for those that have none."""
    kinds: dict[str, list[Question]] = defaultdict(list)
    for question in questions:
        kinds[question.kind].append(question)
    pools = {kind: _answers(members) for kind, members in kinds.items()}
    everything = _answers(questions)
    right: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for question in questions:
        right[_folded(question.prompt)].add(compared(question.answer))
    for question in questions:
        if question.choices:
            yield question
            continue
        random = Random(derive_seed("choices", question.kind, question.prompt, question.answer))
        excluded = right[_folded(question.prompt)]
        distractors = _draw(question.answer, pools[question.kind], excluded, random) or _draw(
            question.answer, everything, excluded, random
        )
        if not distractors:
            if not faults:  # a question that was left out may have the answer to draw
                with faults.kept():
                    raise places[question.id].error(
                        "has no 'choices', and no other question has an answer to draw from that neither equals its "
                        "own nor holds it",
                        "give 'choices'",
                    )
            continue
        choices = [question.answer, *distractors]
        random.shuffle(choices)
        yield replace(question, choices=tuple(choices), drawn=True)


def _answers(questions: Iterable[Question]) -> list[str]:
    """The answers that differ in more than case and spaces, sorted."""
    answers: dict[str, str] = {}
    for answer in sorted(question.answer for question in questions):
        answers.setdefault(_folded(answer), answer)
    return [answers[folded] for folded in sorted(answers)]


def _draw(answer: str, pool: list[str], right: set[tuple[str, ...]], random: Random) -> list[str]:
    """Up to three answers that are wrong and can be told apart; every right answer to the same question is excluded."""
    sample = random.sample(pool, min(len(pool), DISTRACTORS + len(right)))
    found = _apart(answer, sample, right)
    if len(found) < DISTRACTORS:
        rest = [other for other in pool if other not in sample]
        found = _apart(answer, [*sample, *random.sample(rest, len(rest))], right)
    return found


def _apart(answer: str, others: Iterable[str], right: set[tuple[str, ...]]) -> list[str]:
    return apart(answer, (other for other in others if compared(other) not in right), DISTRACTORS)


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
