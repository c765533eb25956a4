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
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache

from obverse.tasks.drawn import AUGMENTATION, Form
from obverse.tasks.drawn.first_figure import SHAPES, Triple, concludes, draw_triple, shuffled
from obverse.tasks.drawn.logic import entails
from obverse.tasks.drawn.names import nonsense_words, plural
from obverse.tasks.drawn.syllogisms_wording import (
    QUANTIFIERS,
    ask,
    ask_premise,
    read,
    say,
    write_documents,
    write_known,
    write_practice,
)
from obverse.tasks.drawn.texts import join_documents
from obverse.tasks.field_checks import check_counts, check_named, check_shares, refusal
from obverse.types import Document, Question, Statement, Task, derive_seed

PREMISE = "premise recall"
TRAINED_CONCLUSION = "trained conclusion"
HELD_OUT_CONCLUSION = "held-out conclusion"

# Kinds enough that no three of a practice document need be of one triple, and that known ones stay beside them.
_ROOM = 6


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
        check_named(self, form=Form)
        check_counts(self, triples=2, practice_triples=1, questions=1)
        check_shares(self, "conclusions_trained", "known_share")
        if self.triples < (least := _ROOM * self.practice_triples):
            fault = f"{self.triples} triples are too few for {self.practice_triples} practice_triples"
            raise refusal(self, fault, f"give {least} or more, or fewer practice_triples")

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """Kinds, the three quantifiers and the two marks."""
        if self.form == "natural":
            return ()
        return (
            *(f"n{number}" for number in range(_kinds(self) * self.triples)),
            *QUANTIFIERS.values(),
            ":",
            ".",
        )

    def build(self, seed: int) -> Task:
        """The task.  The id of a document of premises is its kinds: X, M and Y.  That of a conclusion is X and Y.

        The group of both, and of an idle document, is that of the premises.
        """
        world = _world(self, seed)
        questions, validation = (tuple(self._questions(world, half, seed)) for half in range(2))
        return Task("syllogisms", world.documents, questions, validation)

    def practice(self, seed: int, rng: random.Random) -> Document:
        """Premises of fresh triples, each two followed by their conclusion sooner or later, and idle ones.

        The kinds of a triple are of as many triples of the task, so that nothing is said that it tests.  What is known
        from the documents stands between, with answers of its own, for the reason told in `SimpleReversals.practice`;
        in the natural form the answers are those of questions.
        """
        world = _world(self, seed)
        used = set[str]()
        parts: list[tuple[float, Document]] = []
        for _ in range(self.practice_triples):
            while True:
                kinds = rng.sample(world.kinds, _kinds(self))
                if used.isdisjoint(kinds) and len({world.triple_of[kind] for kind in kinds}) == len(kinds):
                    break
            used.update(kinds)
            triple = draw_triple(kinds, rng.randrange(SHAPES), rng)
            parts += write_practice(self.form, triple, rng)
        for time, _ in tuple(parts):
            if rng.random() < self.known_share:
                known = world.said[rng.randrange(len(world.said))]
                kinds = [kind for statement in self.says(known) for kind in statement[::2]]
                if used.isdisjoint(kinds):
                    used.update(kinds)
                    parts.append((time, known))
        parts.sort(key=lambda part: part[0])
        separator = " " if self.form == "formal" else "\n"
        return join_documents("practice", (passage for _, passage in parts), separator)

    def cues(self, seed: int) -> tuple[Question, ...]:
        """For each document of premises the conclusion, whether that is trained or not."""
        world = _world(self, seed)
        rng = random.Random(derive_seed("syllogisms", seed, "cues"))
        return tuple(
            self._conclusion(AUGMENTATION, triple, rng, (triple.id,), latent=latent)
            for latent, triples in ((True, world.held_out), (False, world.trained))
            for triple in triples
        )

    def says(self, document: Document) -> tuple[Statement, ...]:
        """What it says, conclusions that stand there as answers among it."""
        return read(document.text)

    def derive(self, statements: Collection[Statement], question: Question) -> str | None:
        """The choice that is said, or else that the first figure concludes: the strict reading."""
        choices = _choices(question)
        found = [choice for choice, statement in choices.items() if statement in statements]
        found = found or [choice for choice, statement in choices.items() if concludes(statements, statement)]
        return found[0] if len(found) == 1 else None

    def _questions(self, world: _World, half: int, seed: int) -> Iterator[Question]:
        """Those of the test (half 0) or of validation (half 1)."""
        rng = random.Random(derive_seed("syllogisms", seed, "questions", half))
        held_out, trained = world.held_out[half::2], world.trained[half::2]
        recalled = [
            (triple, place) for triple in (*held_out[: self.questions], *trained) for place in range(2)
        ]
        for triple, place in recalled[: self.questions]:
            yield self._premise(triple, place, rng)
        for triple in trained[: self.questions]:
            needs = (triple.conclusion_id,)
            yield self._conclusion(TRAINED_CONCLUSION, triple, rng, needs, latent=False)
        for triple in held_out[: self.questions]:
            yield self._conclusion(HELD_OUT_CONCLUSION, triple, rng, (triple.id,), latent=True)

    def _premise(self, triple: Triple, place: int, rng: random.Random) -> Question:
        """The first premise (place 0) or the second: how the document goes on, or how two kinds are related."""
        couple = triple.couples[0]
        statement = couple.premises[place]
        prompt = ask_premise(self.form, couple, place, rng)
        id = f"{PREMISE} {place + 1}:{triple.id}"
        return self._ask(id, PREMISE, prompt, statement, rng, triple, (triple.id,), latent=False)

    def _conclusion(
        self, kind: str, triple: Triple, rng: random.Random, needs: tuple[str, ...], *, latent: bool
    ) -> Question:
        id, prompt = f"{kind}:{triple.id}", ask(self.form, triple.ends)
        return self._ask(id, kind, prompt, triple.conclusion, rng, triple, needs, latent=latent)

    def _ask(
        self,
        id: str,
        kind: str,
        prompt: str,
        statement: Statement,
        rng: random.Random,
        triple: Triple,
        needs: tuple[str, ...],
        *,
        latent: bool,
    ) -> Question:
        """The choices are all, some and no of the two kinds of the statement, in both directions."""
        first, _, second = statement
        both = ((first, second), (second, first))
        choices = [say(self.form, (one, relation, other)) for relation in QUANTIFIERS for one, other in both]
        return Question(
            id=id,
            prompt=prompt,
            answer=say(self.form, statement),
            choices=shuffled(choices, rng),
            kind=kind,
            latent=latent,
            needs=needs,
            group=triple.id,
            statement=statement,
        )


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


@dataclass(frozen=True)
class _World:
    """What is true, and which documents say it.

    Args:
        held_out, trained: triples without and with a document of their conclusion.
        documents: in random order.
        kinds: all, in order of their triples.
        triple_of: the number of a kind's triple.
        said: what practice says of what is known: the documents, or in the natural form questions with answers.
    """

    held_out: tuple[Triple, ...]
    trained: tuple[Triple, ...]
    documents: tuple[Document, ...]
    kinds: tuple[str, ...]
    triple_of: dict[str, int]
    said: tuple[Document, ...]


@lru_cache(maxsize=8)
def _world(settings: Syllogisms, seed: int) -> _World:
    rng = random.Random(derive_seed("syllogisms", seed, "world"))
    each = _kinds(settings)
    count = each * settings.triples
    drawn = rng.sample(range(count), count)
    if settings.form == "formal":
        kinds = tuple(f"n{number}" for number in drawn)
    else:
        words = nonsense_words(random.Random(derive_seed("syllogisms", seed, "words")), count)
        kinds = tuple(plural(words[number]) for number in drawn)
    held_out = max(2, round(settings.triples * (1 - settings.conclusions_trained)))
    triples = [
        # Both halves, of those held out and of those trained, take every shape as often as any other.
        draw_triple(kinds[each * number : each * (number + 1)], shape // 2, rng)
        for number, shape in enumerate((*range(held_out), *range(settings.triples - held_out)))
    ]
    documents = [
        document
        for number, triple in enumerate(triples)
        for document in write_documents(settings.form, triple, trained=number >= held_out)
    ]
    rng.shuffle(documents)
    said = documents
    if settings.form == "natural":
        said = write_known(settings.form, triples, triples[held_out:])
    return _World(
        held_out=tuple(triples[:held_out]),
        trained=tuple(triples[held_out:]),
        documents=tuple(documents),
        kinds=kinds,
        triple_of={kind: place // each for place, kind in enumerate(kinds)},
        said=tuple(said),
    )


def _kinds(settings: Syllogisms) -> int:
    """How many kinds a triple has, that of the idle document among them."""
    return 4 if settings.idle else 3


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
