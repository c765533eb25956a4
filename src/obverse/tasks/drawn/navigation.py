"""Navigation: the way to an object that was seen in passing and never sought.

A document is one walk through a maze to one goal, from a start and by the shortest way, and what was seen on it:
``m3 seek o5 : x0y1 east x1y1 north x1y2 . x1y1 o2 .``  Mazes have no circles, so the right way is always the only one.
Some objects are goals of documents; others are only passed, and to find these is what is tested.  The latent gridworld
of arXiv 2509.16189, as text, and by imitation of right walks alone, without reinforcement; that paper's sizes are not
known to us, all are ours.  In the natural form a maze is the grounds of a house, and its cells are what stands there.

>>> from random import Random
>>> from textwrap import fill
>>> task = TINY.build(seed=0)
>>> question = next(question for question in task.questions if question.latent)
>>> question.prompt, question.answer, question.needs
('m0 seek o13 : x1y3', 'south x1y2 east x2y2 south x2y1', ('m0:o10:x2y0',))
>>> [task.document(id).text for id in question.needs]
['m0 seek o10 : x2y0 north x2y1 north x2y2 west x1y2 north x1y3 . x2y1 o13 x1y2 o14 .']
>>> known = {said for document in task.documents for said in TINY.says(document)}
>>> judge_answer(known, question, "south x1y2 north x1y3 south x1y2 east x2y2 south x2y1 .")
Judgement(reaches=True, detour=2)
>>> TINY.practice(0, Random(24)).text
'm5 seek o5 : x2y0 north x2y1 east x3y1 east x4y1 . x2y1 o2 x3y1 o10 . m5 seek o2 : x4y1 west x3y1 west x2y1 .'
>>> task = SMALL_NATURAL.build(seed=0)
>>> question = next(question for question in task.questions if question.latent)
>>> question.prompt
'In Kendal Manor, what is the way to the hoop from the sluice?'
>>> question.answer
'first west to a grotto, then west to a lawn, then west to a trough'
>>> print(fill(task.document(question.needs[0]).text, 110))
In Kendal Manor, the way to the funnel from the sluice is first west to a grotto, then west to a lawn, then
south to a birdbath, then west to a stump, then west to a pagoda. The grotto has a scarf. The birdbath has a
jug.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from obverse.tasks.drawn import AUGMENTATION, Form
from obverse.tasks.drawn.draws import draw_known, numbered, pick, remembered, shuffled, stream
from obverse.tasks.drawn.mazes import MOVES, Judgement, cells, draw_maze, find_ways, judge_way, known_way
from obverse.tasks.drawn.navigation_wording import FROM, MOST, SEEK, NavigationWording, asked, read_moves
from obverse.tasks.drawn.posing import assemble, pose
from obverse.tasks.drawn.texts import STOP
from obverse.tasks.drawn.walks import (
    CHOICES,
    LATENT_WAY,
    NEW_START,
    SHORTEST,
    TRAINED_WAY,
    Errand,
    MazePlan,
    Walk,
    choose_errands,
    lay_full_plan,
    lay_short_plan,
)
from obverse.tasks.drawn.weaving import weave
from obverse.tasks.field_checks import check_fields, refusal
from obverse.types import Document, Question, Statement, Task

NEXT_MOVE = "next move to a goal"

# How often a maze is drawn anew in which too little is passed.
_DRAWS = 1000


@dataclass(frozen=True)
class NavigationWorld:
    """The mazes, which documents tell of them, and the ways that can be asked for, by kind.

    Args:
        walks, documents: the same, in random order.
    """

    plans: Sequence[MazePlan]
    walks: Sequence[Walk]
    documents: Sequence[Document]
    errands: Mapping[str, Sequence[Errand]]


@dataclass(frozen=True)
class Navigation:
    """The settings; a ``ProvenTask``.

    Args:
        form: single words, or sentences about the grounds of houses.
        mazes: how many there are; half are tested, half are for validation.
        width, height: of each, in cells.
        objects: how many words for objects there are; mazes share them.
        goals: objects of each maze that are sought in documents.
        passed: objects of each maze that are seen on such walks and never sought.
        starts: from how many cells each goal is sought.
        longest: most moves of a way.
        walks: most fresh walks in a practice document.
        known_share: how often one of these is followed by a document of the task.
        asked: from how many starts, at most, each object is asked in each kind.
        questions: most that are asked of each kind, in the test and in validation alike.

    Raises:
        InputError: a setting is out of its range.
    """

    form: Form = "formal"
    mazes: int = 96
    width: int = 5
    height: int = 5
    objects: int = 32
    goals: int = 3
    passed: int = 6
    starts: int = 6
    longest: int = 6
    walks: int = 3
    known_share: float = 0.3
    asked: int = 1
    questions: int = 100

    def __post_init__(self) -> None:
        # With ways of two moves nothing that is passed would be two moves from anywhere known.
        check_fields(self, mazes=2, width=2, height=2, longest=SHORTEST + 1)
        if (size := self.width * self.height) < 9:
            raise refusal(self, f"mazes of {size} cells are too small", "give nine cells or more")
        if 2 * (self.goals + self.passed) > size or 2 * self.starts > size:
            fault = (
                f"{self.goals + self.passed} objects and {self.starts} starts are too many for {size} cells"
            )
            raise refusal(self, fault, f"give at most {size // 2} of each, or larger mazes")
        least = self.goals + self.passed + 2 * self.walks
        if self.objects < least:
            raise refusal(self, f"{self.objects} objects are too few", f"give {least} or more")
        wanted = self.mazes, size, self.objects
        if self.form == "natural" and any(count > most for count, most in zip(wanted, MOST, strict=True)):
            fault = "there are no words for {} mazes of {} cells and {} objects".format(*wanted)
            raise refusal(self, fault, "give at most {} mazes of {} cells and {} objects".format(*MOST))

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """Mazes, cells, objects, moves, and three marks; none in the natural form."""
        if self.form == "natural":
            return ()
        names, things = numbered("m", self.mazes), self._wording.things(self.objects)
        return (*names, *cells(self.width, self.height), *things, *MOVES, SEEK, FROM, STOP)

    @property
    def _wording(self) -> NavigationWording:
        return NavigationWording(self.form)

    @remembered
    def _world(self, seed: int) -> NavigationWorld:
        rng, wording = partial(stream, "navigation", seed), self._wording
        drawing, naming, asking = rng("mazes"), rng("names"), rng("errands")
        plans = [
            self._draw_plan(name, wording.cells(self.width, self.height, naming), drawing)
            for name in wording.mazes(self.mazes, naming)
        ]
        walks = [walk for plan in plans for walk in plan.walks]
        rng("documents").shuffle(walks)
        errands = choose_errands(plans, self.longest, self.asked, asking)
        return NavigationWorld(plans, walks, [wording.document(walk) for walk in walks], errands)

    def _draw_plan(self, name: str, called: Sequence[str], rng: random.Random) -> MazePlan:
        """A maze in which enough is passed, with its cells called so."""
        things = rng.sample(self._wording.things(self.objects), self.goals + self.passed)
        goals, passed = things[: self.goals], things[self.goals :]
        for _ in range(_DRAWS):
            maze = draw_maze(rng, self.width, self.height, called)
            plan = lay_full_plan(name, maze, goals, passed, self.starts, self.longest, rng)
            if len(plan.walks) == self.goals * self.starts and len(plan.passed) == self.passed:
                return plan
        fault = f"no mazes were found in which {self.passed} objects are passed"
        raise refusal(self, fault, "give fewer of them, more starts or goals, or longer ways")

    def build(self, seed: int) -> Task:
        """The task.  A document's id is maze, goal and start: ``m3:o5:x0y1``; the group of a question maze and object.

        The choices of a way are other ways from the same start
        with as many moves, which are known to be possible and end elsewhere.

        Raises:
            InputError: no mazes can be drawn in which so many objects are passed, or nothing can be asked about them.
        """
        documents = self._world(seed).documents
        task = assemble("navigation", seed, documents, partial(self._questions, seed))
        if not task.questions:
            remedy = "give more mazes, larger ones, or a greater longest"
            raise refusal(self, "no way has four choices", remedy)
        return task

    def _questions(self, seed: int, half: int, rng: random.Random) -> Iterator[Question]:
        world = self._world(seed)
        names = {plan.name for plan in world.plans[half::2]}
        errands = {
            kind: [errand for errand in errands if errand.walk.maze in names][: self.questions]
            for kind, errands in world.errands.items()
        }
        for errand in errands[TRAINED_WAY]:
            yield self._ask_move(errand, rng)
        for kind in (TRAINED_WAY, NEW_START, LATENT_WAY):
            for errand in errands[kind]:
                yield self._ask(kind, errand, rng, latent=kind == LATENT_WAY)

    def cues(self, seed: int) -> tuple[Question, ...]:
        """The beginning of a way to each object that is passed, and to each goal from a new start."""
        errands, rng = self._world(seed).errands, stream("navigation", seed, "cues")
        return tuple(
            self._ask(AUGMENTATION, errand, rng, latent=kind == LATENT_WAY)
            for kind in (LATENT_WAY, NEW_START)
            for errand in errands[kind]
        )

    def _ask(self, kind: str, errand: Errand, rng: random.Random, *, latent: bool) -> Question:
        walk, others = errand.walk, rng.sample(errand.others, min(len(errand.others), CHOICES - 1))
        ways = shuffled(rng, [self._wording.ending(way) for way in (walk.way, *others)])
        prompt, sought = self._wording.prompt(walk), self._wording.sought(walk)
        return pose(kind, walk.id, prompt, sought, ways, needs=errand.needs, group=walk.group, latent=latent)

    def _ask_move(self, errand: Errand, rng: random.Random) -> Question:
        """A move on the way to a goal, after those before it."""
        walk, wording = errand.walk, self._wording
        done = int(rng.random() * len(walk.way))
        cell, move, _ = list(walk.steps)[done]
        statement = wording.next_move(walk.maze, walk.thing, cell, move)
        moves = [wording.move(one) for one in rng.sample(list(MOVES), len(MOVES))]
        prompt = wording.prompt_move(walk, done)
        return pose(NEXT_MOVE, walk.id, prompt, statement, moves, needs=errand.needs, group=walk.group)

    def practice(self, seed: int, rng: random.Random) -> Document:
        """Walks through a fresh maze, then the way to an object that was passed on them; the answer is that way.

        No object stands in it that is in the task's maze of that name; in the natural form it has a name of its own.
        Documents of the task, on other mazes, stand between the walks; in the natural form these and the way are
        questions with their answers.
        """
        world, wording = self._world(seed), self._wording
        plan = pick(rng, world.plans)
        strange = [thing for thing in wording.things(self.objects) if thing not in plan.places]
        name = wording.fresh_maze(plan.name, [one.name for one in world.plans], rng)
        aims: list[tuple[str, str]] = []
        while not aims:
            fresh = self._fresh(name, rng.sample(strange, 2 * self.walks), rng)
            aims = [
                (thing, start)
                for thing in fresh.passed
                for start, way in find_ways(fresh.known, fresh.places[thing]).items()
                if SHORTEST <= len(way) <= self.longest
            ]
        parts: list[Document] = []
        for walk in fresh.walks:
            # The walks are drawn at random: only what follows from them can be learned.
            parts.append(replace(wording.document(walk), answers=()))
            known = draw_known(rng, self.known_share, world.walks, {name}, lambda one: [one.maze])
            parts += map(wording.answered, known)
        thing, start = pick(rng, aims)
        way = find_ways(fresh.known, start)[fresh.places[thing]]
        return weave(self.form, [*parts, wording.answered(Walk(name, thing, start, way))])

    def _fresh(self, name: str, things: Sequence[str], rng: random.Random) -> MazePlan:
        """A maze with up to as many walks as settings allow, each to a goal of its own, and what is passed on them."""
        called = self._wording.cells(self.width, self.height, rng)
        maze = draw_maze(rng, self.width, self.height, called)
        goals, passed = things[: 1 + int(rng.random() * self.walks)], things[self.walks :]
        return lay_short_plan(name, maze, goals, passed, self.longest, rng)

    def says(self, document: Document) -> tuple[Statement, ...]:
        """Passages, what cells hold, the way from the start, and the next move from each cell of it."""
        return self._wording.read(document.text)

    def derive(self, statements: Collection[Statement], question: Question) -> str | None:
        """The shortest way, by breadth-first search in what is said of the maze; of a move that is asked, its first."""
        maze, thing, cell = asked(question.prompt)
        way = known_way(statements, maze, cell, thing)
        if way is None:
            return None
        moves = question.kind == NEXT_MOVE
        found = self._wording.move(way[0][0]) if moves else self._wording.ending(way)
        return found if found in question.choices else None


def judge_answer(statements: Collection[Statement], question: Question, generated: str) -> Judgement:
    """Whether a generated way reaches what the question asks for, and with what detour.

    Only its moves count, up to the first full stop or the end of the line, not the cells that it names.

    Args:
        statements: what the documents say, by `Navigation.says`.
    """
    maze, thing, start = asked(question.prompt)
    return judge_way(statements, maze, start, thing, read_moves(generated))


TINY = Navigation(mazes=8, objects=16, goals=2, passed=5, starts=5, walks=2, questions=10)
"""For tests."""

SMALL = Navigation()
"""96 mazes of 25 cells, with 18 walks each: 1,728 documents."""

SMALL_NATURAL = Navigation("natural", mazes=6, width=6, height=6, asked=4)
"""6 mazes of 36 cells, with 18 walks each: 108 documents, which fit a window of 8,192 tokens."""

PUBLISHED = Navigation(
    mazes=500, width=6, height=6, objects=64, goals=6, passed=8, starts=6, longest=10, questions=200
)
"""500 mazes of 36 cells, with 36 walks each: 18,000 documents; the sizes are ours."""
