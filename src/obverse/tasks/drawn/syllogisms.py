"""Syllogisms: two premises over three kinds of things that do not exist, and what follows about two of them.

Each document names three kinds and says how one of them, the middle one, relates to each of the others.  The question
names these two; its choices are all, some and no in both directions.  After the second data set of arXiv 2505.00661.

**Which answer is right.**  Often several choices are entailed: with "all" also "some", and "some" and "no" hold in both
directions.  Every pair of premises here is, but for the direction of its own "some" or "no", of the first figure:

- all X are M, all M are Y: all X are Y;
- some X are M (or some M are X), all M are Y: some X are Y;
- all X are M, no M are Y (or no Y are M): no X are Y.

The answer is what the first figure concludes; it is the strongest entailed choice, and of two that say the same the one
whose subject stands where the first figure has it.  That is the strict reading; `entailed` gives the lenient one, in
which every entailed choice is right.  Other pairs of premises entail none of the choices (or, "all M are X, all M are
Y", two that nothing tells apart), and nothing is asked of them.  Every kind has something in it (see
`obverse.tasks.drawn.logic`).

**What does not help.**  A third of the conclusions is "all", a third "some", a third "no", and which of its two kinds a
question names first is balanced.  Still, premises with "all" and "no" conclude no "some": who recalls the two
quantifiers and nothing else is right half of the time.  So each triple has an *idle* document too, unless the settings
say otherwise: two premises about the same X and Y, another middle kind, and the quantifiers that are lacking, from
which nothing follows.  With it each kind is met with each quantifier alike.

>>> from random import Random
>>> task = TINY.build(seed=0)
>>> question = next(question for question in task.questions if question.latent)
>>> question.prompt, question.answer
('n5 n35 :', 'all n5 n35 .')
>>> task.document(*question.needs).text
'n38 n35 n5 : all n5 n38 . all n38 n35 .'
>>> entailed(TINY.says(task.document(*question.needs)), question)
('all n5 n35 .', 'some n5 n35 .', 'some n35 n5 .')
>>> natural = TINY_NATURAL.build(seed=0)
>>> question = next(question for question in natural.questions if question.latent)
>>> natural.document(*question.needs).text
'This is about pumuks, gwems and fefuns. All fefuns are pumuks. All pumuks are gwems.'
>>> question.prompt, question.answer
('This is about fefuns and gwems. How are they related?', 'All fefuns are gwems.')
>>> print(TINY_NATURAL.practice(0, Random(1)).text)
This is about fefuns, zwams and pudeks. All zwams are fefuns. No pudeks are fefuns.
This is about poraps, vlups and snuks. No snuks are vlups. Some vlups are poraps.
This is about gwers, poraps and snuks. All snuks are gwers. All gwers are poraps.
Question: This is about gluds and vepefs. How are they related?
Answer: All gluds are vepefs.
This is about mivufs, zwams and pudeks. Some mivufs are zwams. Some pudeks are mivufs.
Question: This is about poraps and snuks. How are they related?
Answer: All snuks are poraps.
Question: This is about zwams and pudeks. How are they related?
Answer: No zwams are pudeks.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from obverse.tasks.drawn import AUGMENTATION, Form
from obverse.tasks.drawn.draws import numbered, remembered, stream
from obverse.tasks.drawn.first_figure import SHAPES, SyllogismTriple, concludes, draw_triple, reordered
from obverse.tasks.drawn.logic import entails
from obverse.tasks.drawn.names import nonsense_words, plural
from obverse.tasks.drawn.posing import assemble, pose, sole
from obverse.tasks.drawn.syllogisms_wording import NAMED, QUANTIFIERS, SyllogismsWording, read
from obverse.tasks.drawn.texts import STOP
from obverse.tasks.drawn.weaving import weave_by_time
from obverse.tasks.field_checks import check_fields, refusal
from obverse.types import Document, Question, Statement, Task

PREMISE = "premise recall"
TRAINED_CONCLUSION = "trained conclusion"
HELD_OUT_CONCLUSION = "held-out conclusion"

# Kinds enough that no three of a practice document need be of one triple, and that known ones stay beside them.
_ROOM = 6


@dataclass(frozen=True)
class SyllogismsWorld:
    """What is true, and which documents say it.

    Args:
        triples: without and then with a document of their conclusion.
        triple_of: the number of each kind's triple.
        known: what practice says of the documents: these, or in the natural form questions with answers.
    """

    triples: Sequence[SyllogismTriple]
    triple_of: Mapping[str, int]
    documents: Sequence[Document]
    known: Sequence[Document]

    def taught(self, trained: bool) -> list[SyllogismTriple]:
        """The triples of either class."""
        return [triple for triple in self.triples if triple.trained == trained]


@dataclass(frozen=True)
class Syllogisms:
    """The settings; a ``ProvenTask``.

    Args:
        form: ``all n3 n7 .``, or ``All glons are trofs.``
        triples: how many documents there are with premises of a conclusion, each about three kinds of its own.
        idle: whether each triple has an idle document too.
        conclusions_trained: share of these whose conclusion has a document too; two have none in any case.  Half
            of the others are tested, half are for validation.
        practice_triples: how many fresh triples there are in a practice document.
        known_share: how often one of their statements is followed by something that is known from the documents.
        questions: most that are asked of each kind, in the test and in validation alike.

    Raises:
        InputError: a setting is out of its range.
    """

    form: Form = "formal"
    triples: int = 400
    idle: bool = True
    conclusions_trained: float = 0.5
    practice_triples: int = 2
    known_share: float = 0.4
    questions: int = 150

    def __post_init__(self) -> None:
        check_fields(self, triples=2)
        if self.triples < (least := _ROOM * self.practice_triples):
            fault = f"{self.triples} triples are too few for {self.practice_triples} practice_triples"
            raise refusal(self, fault, f"give {least} or more, or fewer practice_triples")

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """Kinds, the three quantifiers and the two marks."""
        if self.form == "natural":
            return ()
        return (*numbered("n", self._each * self.triples), *QUANTIFIERS.values(), NAMED, STOP)

    @property
    def _wording(self) -> SyllogismsWording:
        return SyllogismsWording(self.form)

    @property
    def _each(self) -> int:
        """How many kinds a triple has, that of the idle document among them."""
        return 4 if self.idle else 3

    @remembered
    def _world(self, seed: int) -> SyllogismsWorld:
        rng, wording = stream("syllogisms", seed, "world"), self._wording
        each, count = self._each, self._each * self.triples
        words = numbered("n", count)
        if self.form == "natural":
            words = tuple(map(plural, nonsense_words(stream("syllogisms", seed, "words"), count)))
        kinds = [words[number] for number in rng.sample(range(count), count)]
        held_out = max(2, round(self.triples * (1 - self.conclusions_trained)))
        triples = []
        for number in range(self.triples):
            # Both halves, of those held out and of those trained, take every shape as often as any other.
            trained = number >= held_out
            shape = (number - held_out * trained) // 2
            triples.append(
                draw_triple(kinds[each * number : each * (number + 1)], shape, rng, trained=trained)
            )
        documents = [wording.document(said, triple.id) for triple in triples for said in triple.documents]
        rng.shuffle(documents)
        known = documents
        if self.form == "natural":
            premises = (premise for triple in triples for premise in triple.couples[0].statements)
            known = [wording.answered(premise[::2], premise) for premise in premises]
            known += (wording.answered(one.ends, one.conclusion) for one in triples if one.trained)
        triple_of = {kind: place // each for place, kind in enumerate(kinds)}
        return SyllogismsWorld(triples, triple_of, documents, known)

    def build(self, seed: int) -> Task:
        """The task.  The id of a document of premises is its kinds: X, M and Y.  That of a conclusion is X and Y.

        The group of both, and of an idle document, is that of the premises.
        """
        documents = self._world(seed).documents
        return assemble("syllogisms", seed, documents, partial(self._questions, seed))

    def _questions(self, seed: int, half: int, rng: random.Random) -> Iterator[Question]:
        world, most = self._world(seed), self.questions
        held_out, trained = (world.taught(told)[half::2] for told in (False, True))
        recalled = [(triple, place) for triple in (*held_out[:most], *trained) for place in range(2)]
        for triple, place in recalled[:most]:
            couple = triple.couples[0]
            prompt = self._wording.prompt_premise(couple, place, rng)
            question = self._ask(PREMISE, triple, prompt, couple.statements[place], rng)
            yield replace(question, id=f"{PREMISE} {place + 1}:{triple.id}")
        for triple in trained[:most]:
            yield replace(self._conclusion(TRAINED_CONCLUSION, triple, rng), needs=(triple.conclusion_id,))
        for triple in held_out[:most]:
            yield self._conclusion(HELD_OUT_CONCLUSION, triple, rng)

    def cues(self, seed: int) -> tuple[Question, ...]:
        """For each document of premises the conclusion, whether that is trained or not."""
        rng = stream("syllogisms", seed, "cues")
        return tuple(self._conclusion(AUGMENTATION, triple, rng) for triple in self._world(seed).triples)

    def _conclusion(self, kind: str, triple: SyllogismTriple, rng: random.Random) -> Question:
        """What follows from the premises of the triple."""
        question = self._ask(kind, triple, self._wording.prompt(triple.ends), triple.conclusion, rng)
        return replace(question, latent=not triple.trained)

    def _ask(
        self, kind: str, triple: SyllogismTriple, prompt: str, statement: Statement, rng: random.Random
    ) -> Question:
        """The choices are all, some and no of the two kinds of the statement, in both directions."""
        first, _, second = statement
        both, say = ((first, second), (second, first)), self._wording.say
        said = [say((one, relation, other)) for relation in QUANTIFIERS for one, other in both]
        about, answer, choices = triple.id, say(statement), reordered(said, rng)
        return pose(kind, about, prompt, statement, choices, needs=[about], group=about, answer=answer)

    def practice(self, seed: int, rng: random.Random) -> Document:
        """Premises of fresh triples, each two followed by their conclusion sooner or later, and idle ones.

        The kinds of a triple are of as many triples of the task, so that nothing is said that it tests.  What is known
        from the documents stands between; in the natural form the answers are those of questions.
        """
        world = self._world(seed)
        used = set[str]()
        parts: list[tuple[float, Document]] = []
        for _ in range(self.practice_triples):
            while True:
                kinds = rng.sample(list(world.triple_of), self._each)
                if used.isdisjoint(kinds) and len({world.triple_of[kind] for kind in kinds}) == len(kinds):
                    break
            used.update(kinds)
            parts += self._told(draw_triple(kinds, rng.randrange(SHAPES), rng), rng)
        return weave_by_time(self.form, parts, world.known, self.known_share, used, self.says, rng)

    def _told(self, triple: SyllogismTriple, rng: random.Random) -> Iterator[tuple[float, Document]]:
        """Passages, each with its time from 0 to 1: premises without answers, and later the conclusion."""
        times = [rng.random() for _ in triple.couples]
        for time, couple in zip(times, triple.couples, strict=True):
            yield time, replace(self._wording.document(couple), answers=())
        yield times[0] + (1 - times[0]) * rng.random(), self._wording.answered(triple.ends, triple.conclusion)

    def says(self, document: Document) -> tuple[Statement, ...]:
        """What it says, conclusions that stand there as answers among it."""
        return read(document.text)

    def derive(self, statements: Collection[Statement], question: Question) -> str | None:
        """The choice that is said, or else that the first figure concludes: the strict reading."""
        choices = _choices(question)
        found = [choice for choice, statement in choices.items() if statement in statements]
        found = found or [choice for choice, statement in choices.items() if concludes(statements, statement)]
        return sole(found)


def entailed(statements: Collection[Statement], question: Question) -> tuple[str, ...]:
    """The choices that are right in the lenient reading: each that the statements entail.

    Args:
        statements: as `Syllogisms.says` reads them from documents.
        question: a conclusion or a premise that is asked for, in either form.
    """
    choices = _choices(question)
    subject, _, object_ = next(iter(choices.values()))
    about: list[Statement] = []
    reached, rest = {subject, object_}, list(statements)
    # Whatever is linked to the two kinds, at whatever distance; more would cost time and change nothing.
    while near := [statement for statement in rest if not reached.isdisjoint(statement[::2])]:
        about += near
        reached.update(kind for statement in near for kind in statement[::2])
        rest = [statement for statement in rest if statement not in near]
    return tuple(choice for choice, statement in choices.items() if entails(about, statement))


def _choices(question: Question) -> dict[str, Statement]:
    """What each choice says."""
    return {choice: read(choice)[0] for choice in question.choices}


TINY = Syllogisms(triples=24)
"""For tests."""

SMALL = Syllogisms()
"""400 triples, half of them with a document of their conclusion too."""

TINY_NATURAL = Syllogisms(form="natural", triples=24)
"""For tests."""

SMALL_NATURAL = Syllogisms(form="natural", triples=80, questions=50)
"""80 triples, half of them with a document of their conclusion too."""

PUBLISHED = Syllogisms(form="natural", triples=69, idle=False, conclusions_trained=0.0)
"""69 triples and no other documents, as published; half are asked about in the test, half in validation."""
