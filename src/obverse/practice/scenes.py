r"""A scene: documents over names drawn afresh, and questions that they answer.

What is asked is *forward* (the cue stands before the answer in the text), *reverse* (behind it), of *two* or *three
steps*, about *kinds* of things (every, no, some), or *not stated*.  Three steps are never practised.

>>> from random import Random
>>> scene = draw_scene(Random(16), Plan(facts=2, form="sentences"))
>>> for document in scene.documents:
...     print(document.text)
Andre Caldward tends the lighthouse of Upwich.
From a tower off Bexwold, the waves are watched by Phoebe Blackington.
>>> for question in scene.questions:
...     print(question.kind, question.prompt, question.answer, sep="\n  ")
reverse
  Which town's lighthouse does Phoebe Blackington tend?
  Bexwold
not stated
  Above which town does Ivy Hayby light the lamp? If the documents do not say, answer: not stated.
  not stated
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, get_args

from obverse.practice.coined import coin
from obverse.practice.formats import Fact, Format, write
from obverse.practice.kinds import ANSWERS, UNKNOWN, draw_triples
from obverse.practice.made_up_names import Part, Sort, draw_names, most_names
from obverse.practice.relations import Relation, relations, wordings
from obverse.types import Document, Question, Task

Structure = Literal["look-up", "chains", "kinds"]

FORWARD, REVERSE, TWO_STEPS, THREE_STEPS = "forward", "reverse", "two steps", "three steps"
KINDS, NOT_STATED = "kinds", "not stated"
LATENT = (REVERSE, TWO_STEPS, THREE_STEPS, KINDS)

CHOICES = 4
_IF_UNKNOWN = " If the documents do not say, answer: not stated."
# How often questions that the documents answer also say what to answer where they do not.
_WARNED_SHARE = 0.5
# Of the questions about single facts.
_REVERSE_SHARE = 0.65
# Facts in a document that holds more than one.
_MOST_TOGETHER = 12
# From which those of a scene are taken: not every sort has names enough for it.
_COINED = 12


@dataclass(frozen=True)
class Plan:
    """What a scene is like.

    Args:
        facts: statements in all; of chains and kinds a multiple of what one takes.
        structure: ``look-up`` asks single facts, ``chains`` joins two or three, ``kinds`` is about every, no and some.
        questions: most that are asked.
        form: of the documents; ``None`` draws one for each.
        steps: of chains.
        names, relations, phrasings: from which part each is.
        nonsense: whether names are nonsense.
        breadth: how many relations single facts are drawn from, the first ones of their part; ``None`` for all.
        mixed: most relations in a scene of single facts.
        coined: whether relations are made up for the scene, instead of those that are known.
        not_stated: share of the questions about single facts that the documents do not answer.
    """

    facts: int
    structure: Structure = "look-up"
    questions: int = 8
    form: Format | None = None
    steps: int = 2
    names: Part = "practice"
    relations: Part = "practice"
    phrasings: Part = "practice"
    nonsense: bool = False
    breadth: int | None = None
    mixed: int = 3
    coined: bool = False
    not_stated: float = 0.1


def draw_scene(rng: random.Random, plan: Plan) -> Task:
    """A scene as a task, all of whose documents stand in the prompt.

    Raises:
        ValueError: there are not enough names for so many facts.
    """
    if plan.structure == "kinds":
        return _draw_kinds(rng, plan)
    if plan.structure == "chains":
        chains = _draw_chains(rng, plan)
        facts = [fact for chain in chains for fact in chain]
    else:
        chains, facts = [], _draw_facts(rng, plan)
    rng.shuffle(facts)
    documents = tuple(_documents(rng, facts, plan))
    asked = _ask_chains(rng, chains, plan) if chains else _ask_facts(rng, facts, documents, plan)
    return Task(
        "scene",
        documents,
        tuple(_question(rng, number, one, facts, plan) for number, one in enumerate(asked)),
    )


@dataclass(frozen=True)
class _Asked:
    """A question before its choices are drawn."""

    prompt: str
    answer: str
    sort: Sort
    kind: str


def _draw_facts(rng: random.Random, plan: Plan) -> list[Fact]:
    """Facts in one or more relations; half of the time about the same subjects, as in the rows of a table."""
    if plan.coined:
        shuffled = [coin(rng, plan.names) for _ in range(_COINED)]
    else:
        known = relations(plan.relations)[: plan.breadth]
        shuffled = rng.sample(known, len(known))
    wanted = 1 + rng.randrange(min(plan.mixed, plan.facts))
    same_subjects = rng.random() < 0.5
    chosen: list[Relation] = []
    for relation in shuffled:
        together = [*chosen, relation]
        fits = not same_subjects or relation.subject == together[0].subject
        if fits and len(chosen) < wanted and _fits(_needed(together, plan.facts, same_subjects), plan):
            chosen = together
    if not chosen:
        raise ValueError(f"no relation has names for {plan.facts} facts")
    supply = _supply(rng, _needed(chosen, plan.facts, same_subjects), plan)
    facts: list[Fact] = []
    while len(facts) < plan.facts:
        subject = supply[chosen[0].subject].pop() if same_subjects else ""
        for relation in chosen[: plan.facts - len(facts)]:
            own = subject or supply[relation.subject].pop()
            facts.append(Fact(relation, own, supply[relation.object].pop()))
    return facts


def _needed(chosen: Sequence[Relation], facts: int, same_subjects: bool) -> Counter[Sort]:
    """How many names of each sort so many facts in these relations take, one relation after the other."""
    needed: Counter[Sort] = Counter()
    for number, relation in enumerate(chosen):
        count = len(range(number, facts, len(chosen)))
        needed[relation.object] += count
        needed[relation.subject] += (0 if number else count) if same_subjects else count
    return needed


def _fits(needed: Counter[Sort], plan: Plan) -> bool:
    # A name is left to ask for of which nothing is said.
    return all(count < most_names(sort, plan.names) for sort, count in needed.items())


def _supply(rng: random.Random, needed: Counter[Sort], plan: Plan) -> dict[Sort, list[str]]:
    return {
        sort: list(draw_names(rng, sort, count, plan.names, nonsense=plan.nonsense))
        for sort, count in needed.items()
    }


def _draw_chains(rng: random.Random, plan: Plan) -> list[list[Fact]]:
    """Chains in which the object of each fact is the subject of the next."""
    count = max(1, plan.facts // plan.steps)
    fitting = []
    for path in _coined_paths(rng, plan) if plan.coined else _paths(plan.relations, plan.steps):
        sorts = Counter({path[0].subject: count})
        for relation in path:
            sorts[relation.object] += count
        if _fits(sorts, plan):
            fitting.append((path, sorts))
    if not fitting:
        raise ValueError(f"no relations have names for {count} chains of {plan.steps} steps")
    path, sorts = rng.choice(fitting)
    supply = _supply(rng, sorts, plan)
    chains = []
    for _ in range(count):
        places = [supply[path[0].subject].pop(), *(supply[relation.object].pop() for relation in path)]
        chains.append([Fact(relation, *pair) for relation, pair in zip(path, pairwise(places), strict=True)])
    return chains


def _paths(part: Part, steps: int) -> Iterator[tuple[Relation, ...]]:
    """Different relations, each about what the last one leads to; a number leads nowhere, being of many sorts."""
    paths: list[tuple[Relation, ...]] = [(relation,) for relation in relations(part)]
    for _ in range(steps - 1):
        paths = [
            (*path, relation)
            for path in paths
            for relation in relations(part)
            if relation.subject == path[-1].object not in ("code", "room") and relation not in path
        ]
    yield from paths


def _coined_paths(rng: random.Random, plan: Plan) -> Iterator[tuple[Relation, ...]]:
    for _ in range(_COINED):
        path = [coin(rng, plan.names)]
        while len(path) < plan.steps:
            path.append(coin(rng, plan.names, path[-1].object))
        yield tuple(path)


def _documents(rng: random.Random, facts: Sequence[Fact], plan: Plan) -> Iterator[Document]:
    """The facts in their order, a document for each, or for several of them."""
    left, number = list(facts), 0
    while left:
        form: Format = rng.choice(get_args(Format)) if plan.form is None else plan.form
        size = 1 if form == "sentences" else 1 + rng.randrange(_MOST_TOGETHER)
        yield Document(str(number), write(rng, left[:size], form, plan.phrasings))
        del left[:size]
        number += 1


def _ask_facts(
    rng: random.Random, facts: Sequence[Fact], documents: Sequence[Document], plan: Plan
) -> Iterator[_Asked]:
    """Each fact once at most, from one side or the other."""
    text = "\n".join(document.text for document in documents)
    for fact in rng.sample(facts, min(len(facts), plan.questions)):
        relation = fact.relation
        if rng.random() < plan.not_stated:
            yield _unanswered(rng, fact, facts, plan)
            continue
        reverse = rng.random() < _REVERSE_SHARE
        if (_stands_first(text, fact)) is reverse:
            prompt = fact.said(rng.choice(wordings(relation.asking_subject, plan.phrasings)))
            answer, sort = fact.subject, relation.subject
        else:
            prompt = fact.said(rng.choice(wordings(relation.asking_object, plan.phrasings)))
            answer, sort = fact.object, relation.object
        yield _Asked(prompt, answer, sort, REVERSE if reverse else FORWARD)


def _stands_first(text: str, fact: Fact) -> bool:
    """Whether the subject stands before the object in the sentence that says so, or in the line, if that is a question
    with its answer or a row of a table."""

    def find(name: str, part: str) -> re.Match[str] | None:
        return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", part)

    return next(
        here.start() < there.start()
        for part in (*re.split(r"(?<=[.?!])\s|\n", text), *text.split("\n"))
        if (here := find(fact.subject, part)) and (there := find(fact.object, part))
    )


def _unanswered(rng: random.Random, fact: Fact, facts: Sequence[Fact], plan: Plan) -> _Asked:
    """A question like that about a fact, with a name of which nothing is said."""
    sort = fact.relation.subject
    # A nonsense word may be a part of another name too.
    known = {part for one in facts for name in (one.subject, one.object) for part in (name, *name.split())}
    (other,) = _others(rng, sort, known, 1, plan)
    prompt = rng.choice(wordings(fact.relation.asking_object, plan.phrasings)).format(subject=other)
    return _Asked(prompt, UNKNOWN, fact.relation.object, NOT_STATED)


def _ask_chains(rng: random.Random, chains: Sequence[Sequence[Fact]], plan: Plan) -> Iterator[_Asked]:
    """The end of a chain from its beginning, or its beginning from its end."""
    for chain in rng.sample(chains, min(len(chains), plan.questions)):
        first, last = chain[0], chain[-1]
        kind = TWO_STEPS if len(chain) == 2 else THREE_STEPS
        if rng.random() < 0.5:
            described = first.subject
            for fact in chain[:-1]:
                described = _joined(fact.relation.the_object, subject=described)
            asking = rng.choice(wordings(last.relation.asking_object, plan.phrasings))
            yield _Asked(_joined(asking, subject=described), last.object, last.relation.object, kind)
        else:
            described = last.object
            for fact in reversed(chain[1:]):
                described = _joined(fact.relation.the_subject, object=described)
            asking = rng.choice(wordings(first.relation.asking_subject, plan.phrasings))
            yield _Asked(_joined(asking, object=described), first.subject, first.relation.subject, kind)


def _joined(wording: str, **names: str) -> str:
    """A wording with a description in it: "the ship the ship that ..." and "the the ..." are said once."""
    text = wording.format(**names)
    return re.sub(r"\bthe (?=the\b)", "", re.sub(r"\b(the )?(\w+) the \2\b", r"the \2", text))


def _question(rng: random.Random, number: int, asked: _Asked, facts: Sequence[Fact], plan: Plan) -> Question:
    """The question with choices of the answer's sort, those in the documents first."""
    present = dict.fromkeys(
        name
        for fact in facts
        for name, sort in ((fact.subject, fact.relation.subject), (fact.object, fact.relation.object))
        if sort == asked.sort and name != asked.answer
    )
    unknown = asked.kind == NOT_STATED
    warned = unknown or rng.random() < _WARNED_SHARE
    wanted = CHOICES - 1 - (warned and not unknown)
    others = rng.sample(list(present), min(len(present), wanted))
    others += _others(rng, asked.sort, {*present, asked.answer}, wanted - len(others), plan)
    choices = [asked.answer, *others, *([UNKNOWN] if warned and not unknown else [])]
    rng.shuffle(choices)
    return Question(
        id=str(number),
        prompt=asked.prompt + (_IF_UNKNOWN if warned else ""),
        answer=asked.answer,
        choices=tuple(choices),
        kind=asked.kind,
        latent=asked.kind in LATENT,
    )


def _others(rng: random.Random, sort: Sort, without: set[str], count: int, plan: Plan) -> list[str]:
    """Names of a sort that are not among these."""
    found: list[str] = []
    while len(found) < count:
        (name,) = draw_names(rng, sort, 1, plan.names, nonsense=plan.nonsense)
        if name not in without and name not in found:
            found.append(name)
    return found


def _draw_kinds(rng: random.Random, plan: Plan) -> Task:
    triples = draw_triples(rng, max(1, plan.facts // 2), plan.names, nonsense=plan.nonsense)
    statements = [statement for triple in triples for statement in triple.said(rng, plan.phrasings)]
    rng.shuffle(statements)
    return Task(
        "scene",
        tuple(Document(str(number), text) for number, text in enumerate(statements)),
        tuple(
            Question(
                id=str(number),
                prompt=triple.asked(rng, plan.phrasings) + _IF_UNKNOWN,
                answer=triple.answer,
                choices=ANSWERS,
                kind=KINDS,
                latent=True,
            )
            for number, triple in enumerate(rng.sample(triples, min(len(triples), plan.questions)))
        ),
    )
