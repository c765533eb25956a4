"""Conflict: one question, answered differently by what was learned and by reports in the prompt.

Documents say facts (``e5 r1 v9 .``).  A question may begin with reports on its fact, each with a source and a year
(``report s2 y5 : e5 r1 v3 .``), and may tell where to take the answer from.  A kind is a condition: which sources
agree, and which of age, number and authority speaks for which.  What decides stands in each place among the reports
equally often, so that no position coincides with it.

Which answer counts as right is a convention.  It is taken from where the question tells; else from the official report;
else it is what most reports say, the newest, the one that agrees with what was learned, the last.  Which source a
model follows is what is of interest: `Conflict.sources` tells who stands behind each choice.  Nothing asked is latent,
since all is said, by a document or in the prompt.  We know of no published experiment; all sizes are ours.

>>> from random import Random
>>> task = TINY.build(seed=0)
>>> question = next(question for question in task.questions if question.kind.endswith("a newer one"))
>>> question.prompt, question.answer
('report official y4 : e7 r1 v6 . report s0 y6 : e7 r1 v0 . ask : e7 r1', 'v6')
>>> task.document(*question.needs).text
'e7 r1 v7 .'
>>> found = TINY.sources(task, question)
>>> found["v6"], found["v0"], found["v7"], found["v1"]
(('first report', 'authority'), ('last report', 'newest'), ('parameters',), ('none',))
>>> TINY.practice(0, Random(1)).text
'report official y3 : e17 r1 v0 . report s3 y3 : e17 r1 v4 . report s1 y3 : e17 r1 v4 . ask : e17 r1 v0 .'
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import partial

from obverse.tasks.drawn import AUGMENTATION, Form
from obverse.tasks.drawn import conflicting_reports as conflicts
from obverse.tasks.drawn.draws import draw_choices, evenly, numbered, pick, remembered, stream
from obverse.tasks.drawn.names import plausible_names
from obverse.tasks.drawn.posing import assemble, pose, sole
from obverse.tasks.drawn.reported import ASK, NATURAL, PLACES, TOLD, Asked, Report, ReportWording, formal
from obverse.tasks.drawn.texts import STOP, passage
from obverse.tasks.drawn.weaving import answered, weave
from obverse.tasks.field_checks import check_fields, refusal
from obverse.types import Document, Question, Statement, Task


@dataclass(frozen=True)
class ConflictWorld:
    """What is true, and which documents say it."""

    people: Set[str]  # those that documents are about
    strangers: Sequence[str]  # the other names of the formal form
    parts: Sequence[Sequence[conflicts.LearnedFact]]  # that are tested, for validation, and asked in practice
    documents: Sequence[Document]  # in random order


@dataclass(frozen=True)
class Conflict:
    """The settings; a ``ProvenTask``.

    Args:
        form: ``formal`` or ``natural``.
        people: how many have documents, one in each relation.  A third of the facts is tested, a third is for
            validation, a third is asked in practice documents.
        strangers: how many others occur in practice documents; without meaning in the natural form, which names
            them afresh.
        relations: how many; three at most in the natural form.
        values: how many, each in about as many facts; 24 at most in the natural form.
        conventions: whether practice shows which of several reports is right where the question does not tell.
        asked: most questions in a practice document.
        known_share: how often one of these is about a fact of the documents, and to be answered by it.
        questions: most that are asked of each kind, in each about the same facts, in the test and in validation alike.
    """

    form: Form = "formal"
    people: int = 300
    strangers: int = 100
    relations: int = 2
    values: int = 24
    conventions: bool = True
    asked: int = 3
    known_share: float = 0.3
    questions: int = 42

    def __post_init__(self) -> None:
        check_fields(self, values=3)
        if (facts := self.people * self.relations) < 3:
            raise refusal(self, f"{facts} facts are too few", "give three, to test, to validate, to practise")
        if self.strangers < 2 * self.asked:
            raise refusal(self, f"{self.strangers} strangers are too few", f"give {2 * self.asked} or more")
        most = len(NATURAL.relations), len(PLACES)
        if self.form == "natural" and (self.relations > most[0] or self.values > most[1]):
            fault = f"there are no words for {self.relations} relations and {self.values} values"
            raise refusal(self, fault, f"give at most {most[0]} relations and {most[1]} values")

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """People, relations, values, sources and years, what questions and reports begin with, and two marks."""
        if self.form == "natural":
            return ()
        people, words = numbered("e", self.people + self.strangers), self._wording
        reports = ("report", words.official, *words.sources, *words.years)
        return (*people, *words.relations, *self._values, *reports, ASK, *TOLD[1:], ":", STOP)

    @property
    def _wording(self) -> ReportWording:
        return formal(self.relations) if self.form == "formal" else NATURAL

    @property
    def _values(self) -> Sequence[str]:
        return numbered("v", self.values) if self.form == "formal" else PLACES[: self.values]

    @remembered
    def _world(self, seed: int) -> ConflictWorld:
        rng, count = partial(stream, "conflict", seed), self.people
        is_formal = self.form == "formal"
        names = rng("people").sample(numbered("e", count + self.strangers), count + self.strangers)
        people = names[:count] if is_formal else plausible_names(rng("names"), count)
        drawing = rng("facts")
        facts = [
            # Each value as often as any other, or once more.
            conflicts.LearnedFact(f"r{relation}:{name}", person, relation, self._values[value])
            for relation in range(self.relations)
            for name, person, value in zip(names, people, evenly(drawing, self.values, count), strict=False)
        ]
        drawing.shuffle(facts)
        documents = [
            passage(
                self._wording.write_fact(fact.subject, fact.relation, fact.value),
                fact.value if is_formal else "",
                fact.id,
                fact.id,
            )
            for fact in rng("documents").sample(facts, len(facts))
        ]
        return ConflictWorld(set(people), names[count:], [facts[part::3] for part in range(3)], documents)

    def build(self, seed: int) -> Task:
        """The task.  A document's id is relation and person, ``r1:e5``, and so is the group of questions about it.

        Each question needs the document of its fact, which tells what a model has in its parameters, whether the
        answer is that or stands in the prompt.
        """
        return assemble("conflict", seed, self._world(seed).documents, partial(self._questions, seed))

    def _questions(self, seed: int, half: int, rng: random.Random) -> Iterator[Question]:
        for kind in conflicts.CONDITIONS:
            for turn, fact in enumerate(self._world(seed).parts[half][: self.questions]):
                yield self._ask(kind, fact, turn, rng)

    def _ask(
        self, condition: str, fact: conflicts.LearnedFact, turn: int, rng: random.Random, kind: str = ""
    ) -> Question:
        """A question about the fact under that condition; turns tell where the first of its reports stands."""
        told, words = conflicts.CONDITIONS[condition].told, self._wording
        others = rng.sample([one for one in self._values if one != fact.value], 2)
        reports = conflicts.draw_reports(condition, fact, others, turn, words, rng)
        answer = conflicts.decide(reports, told, fact.value, words.official)
        assert answer is not None
        lures = dict.fromkeys((fact.value, *(report.value for report in reports)))
        choices = draw_choices(rng, answer, self._values, lures=[lure for lure in lures if lure != answer])
        parts = (*map(words.write_report, reports), words.write_question(fact.subject, fact.relation, told))
        said = (fact.subject, words.relations[fact.relation], answer)
        return pose(
            kind or condition, fact.id, " ".join(parts), said, choices, needs=[fact.id], group=fact.id
        )

    def practice(self, seed: int, rng: random.Random) -> Document:
        """Questions and their answers, most of them about people that no document is about, with reports on them.

        The others are about facts of the documents, of the third that is never tested, and answered by these.  So no
        practice shows what wins where a report speaks against what was learned, unless the question tells.
        """
        world = self._world(seed)
        shown = conflicts.READING + (conflicts.CONVENTIONS if self.conventions else ())
        fresh = self._strangers(world, rng)
        parts: list[Document] = []
        for person in fresh[: 1 + int(rng.random() * self.asked)]:
            if rng.random() < self.known_share:
                fact, kind = pick(rng, world.parts[2]), pick(rng, conflicts.REMEMBERING)
            else:
                value = pick(rng, self._values)
                fact = conflicts.LearnedFact("", person, int(rng.random() * self.relations), value)
                kind = pick(rng, shown)
            question = self._ask(kind, fact, int(rng.random() * conflicts.TURNS), rng)
            parts.append(answered(self.form, question.prompt, question.answer))
        return weave(self.form, parts)

    def _strangers(self, world: ConflictWorld, rng: random.Random) -> Sequence[str]:
        """People that no document is about."""
        if self.form == "formal":
            return rng.sample(world.strangers, self.asked)
        names: dict[str, None] = {}
        while len(names) < self.asked:
            names |= {name: None for name in plausible_names(rng, 1) if name not in world.people}
        return list(names)

    def cues(self, seed: int) -> tuple[Question, ...]:
        """For each document its question without reports."""
        rng = stream("conflict", seed, "cues")
        facts = (fact for part in self._world(seed).parts for fact in part)
        return tuple(self._ask(conflicts.RECALL, fact, 0, rng, AUGMENTATION) for fact in facts)

    def says(self, document: Document) -> tuple[Statement, ...]:
        """Facts, answers, and what reports say, these with source and year beside the relation."""
        words = self._wording
        text = words.read(document.text)
        said = [(one.subject, words.relations[one.relation], one.answer) for one in text.questions]
        said += ((subject, words.relations[relation], value) for subject, relation, value in text.facts)
        for one in text.reports:
            relation = f"{words.relations[one.relation]} {one.source} {words.years[one.year]}"
            said.append((one.subject, relation, one.value))
        return tuple(dict.fromkeys(said))

    def derive(self, statements: Collection[Statement], question: Question) -> str | None:
        """What is right by the convention, with what the statements say as what was learned."""
        reports, asked = self._read(question.prompt)
        relation = self._wording.relations[asked.relation]
        learned = [choice for choice in question.choices if (asked.subject, relation, choice) in statements]
        return conflicts.decide(reports, asked.told, sole(learned), self._wording.official)

    def sources(self, task: Task, question: Question) -> Mapping[str, tuple[str, ...]]:
        """Who stands behind each choice of a question of the task.

        ``parameters`` is what was learned; reports are ``only report``, or ``first report``, ``middle report`` and
        ``last report``; and where there are several, ``majority``, ``authority`` and ``newest`` may be one of them.
        ``none`` is behind a choice that nothing speaks for.
        """
        reports, _ = self._read(question.prompt)
        ((_, _, learned),) = self._wording.read(task.document(question.needs[0]).text).facts
        return conflicts.stand_behind(question.choices, reports, learned, self._wording.official)

    def _read(self, prompt: str) -> tuple[Sequence[Report], Asked]:
        text = self._wording.read(prompt)
        (asked,) = text.questions
        return text.reports, asked


TINY = Conflict(people=12, strangers=6, values=8, questions=6)
"""For tests."""

SMALL = Conflict()
"""600 facts; 13 kinds of questions about the same 42 of them."""

SMALL_NATURAL = Conflict("natural", people=60, questions=12)
"""120 facts; 13 kinds of questions about the same 12 of them."""

PUBLISHED = Conflict(people=10_000, strangers=2000, values=100, questions=198)
"""20,000 facts; the sizes are ours."""
