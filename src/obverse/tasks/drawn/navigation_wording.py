"""What the navigation task says, in single words and in sentences, and how it is read back.

>>> way = (("north", "the pond"), ("east", "the shed"))
>>> walk = Walk("Denby Manor", "ladle", "the stile", way, (("the pond", "scarf"),))
>>> print(NavigationWording("natural").document(walk).text.replace(". ", ".\\n"))
In Denby Manor, the way to the ladle from the stile is first north to a pond, then east to a shed.
The pond has a scarf.
>>> NavigationWording("natural").prompt(Walk("Denby Manor", "scarf", "the shed", ()))
'In Denby Manor, what is the way to the scarf from the shed?'
"""

from __future__ import annotations

import random
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import product

from obverse.tasks.drawn import Form
from obverse.tasks.drawn.draws import numbered
from obverse.tasks.drawn.mazes import HOLDS, MOVES, Way, cells
from obverse.tasks.drawn.texts import ANSWER, QUESTION, STOP, solved, write_document
from obverse.tasks.drawn.walks import Walk
from obverse.types import Document, Statement

SEEK, FROM = "seek", ":"

_OWNERS = """
Abbot Alford Bantry Barlow Belmont Cardwell Carlton Cobham Cotley Denby Duxford Eltham Fulmer Gorley Halston Harrow
Henley Hobart Ilford Kelso Kendal Langley Ludlow Malden Marlow Melrose Morden Olney Oxley Penrith Pinner Putney Radley
Romsey Selby Shipley Sutton Tetbury Tilbury Totton Upton Wilton Yeovil
"""
_GROUNDS = ("Abbey", "Estate", "Grange", "Heath", "Manor", "Priory")
PLACES = tuple(f"{owner} {ground}" for owner, ground in product(_OWNERS.split(), _GROUNDS))
"""What mazes are called in the natural form."""

# With "a" in front of each, so that no choice differs in more than its words.
_LANDMARKS = """
barn birdbath bower cairn chapel culvert ditch dovecote flagpole gatehouse gazebo glasshouse grotto hut kennel kiosk
lawn maypole moat pagoda pavilion pergola pillar pond rockery rotunda sandpit shed shrine sluice stile stump temple
trough waterfall weir
"""
LANDMARKS = tuple(f"the {landmark}" for landmark in _LANDMARKS.split())
"""What cells are called there; in each maze others, or others elsewhere."""

_THINGS = """
balloon banjo basket bobbin bonnet bottle brooch bucket bun chisel corkscrew crayon doll domino flowerpot funnel hairpin
harmonica hoop horseshoe jug kazoo ladle matchbox pencil pinecone postcard pram puzzle rattle sandal scarf shawl sledge
sock spade sponge stool trowel turnip
"""
THINGS = tuple(_THINGS.split())
"""What objects are called there."""

MOST = len(PLACES) - 1, len(LANDMARKS), len(THINGS)
"""For how many mazes, cells and objects there are names; one maze is left for practice."""

_MAZE = r"(?P<maze>[A-Z]\w+ [A-Z]\w+)"
_STEP = rf"({'|'.join(MOVES)}) to a (\w+)"
_WAY = rf"(?P<way>first {_STEP}(?:, then {_STEP})*)"
_WHAT = rf"In {_MAZE}, what is the way to the (?P<thing>\w+) from (?P<cell>the \w+)\?"
_WHERE = (
    rf"In {_MAZE}, on the way to the (?P<thing>\w+) from the \w+, in which direction does one leave "
    r"(?P<cell>the \w+)\?"
)
_WALKED = rf"In {_MAZE}, the way to the (?P<thing>\w+) from (?P<cell>the \w+) is {_WAY}\."
_SEEN = r"The (?P<place>\w+) has a (?P<thing>\w+)\."
_END = r"(?=\.?(?:\n|\Z))"
_PATTERNS = (
    _WALKED,
    _SEEN,
    rf"{QUESTION}{_WHAT}\n{ANSWER}{_WAY}{_END}",
    rf"{QUESTION}{_WHERE}\n{ANSWER}to the (?P<move>{'|'.join(MOVES)}){_END}",
)


@dataclass(frozen=True)
class NavigationWording:
    """Walks, ways and questions in the words of a form.

    A cell is called "the pond" and a way leads "to a pond", and only the beginning of a way is "first": so no name of a
    cell and no other way stands in one.
    """

    form: Form

    def mazes(self, count: int, rng: random.Random) -> tuple[str, ...]:
        """What so many are called."""
        return tuple(rng.sample(PLACES, count)) if self._natural else numbered("m", count)

    def fresh_maze(self, name: str, taken: Collection[str], rng: random.Random) -> str:
        """What a maze of practice is called: in the natural form not as one of these, in the formal one as told."""
        return rng.choice([place for place in PLACES if place not in taken]) if self._natural else name

    def cells(self, width: int, height: int, rng: random.Random) -> tuple[str, ...]:
        """What those of a maze are called, row by row; in the natural form drawn anew for each maze."""
        return tuple(rng.sample(LANDMARKS, width * height)) if self._natural else cells(width, height)

    def things(self, count: int) -> tuple[str, ...]:
        """What so many objects are called."""
        return THINGS[:count] if self._natural else numbered("o", count)

    def document(self, walk: Walk) -> Document:
        """The walk and what is seen on it.

        In the formal form all words are answers but the beginning and the stops.
        """
        if self._natural:
            told = [
                f"In {walk.maze}, the way to the {walk.thing} from {walk.start} is {self.ending(walk.way)}.",
                *(f"{cell.capitalize()} has a {thing}." for cell, thing in walk.sights),
            ]
            return Document(walk.id, " ".join(told))
        begun = self.prompt(walk).split()
        seen = [word for sight in walk.sights for word in sight]
        words = [*begun, *self.ending(walk.way).split(), STOP, *seen, *([STOP] if seen else [])]
        first, then = len(begun), len(begun) + 2 * len(walk.way) + 1
        return write_document(walk.id, words, (*range(first, then - 1), *range(then, then + len(seen))))

    def answered(self, walk: Walk) -> Document:
        """The walk where it is to be answered; in the natural form a question with its way, without what is seen."""
        return solved(self.prompt(walk), self.ending(walk.way)) if self._natural else self.document(walk)

    def prompt(self, walk: Walk) -> str:
        """The beginning that its way ends, or the question that it answers."""
        if self._natural:
            return f"In {walk.maze}, what is the way to the {walk.thing} from {walk.start}?"
        return " ".join((walk.maze, SEEK, walk.thing, FROM, walk.start))

    def prompt_move(self, walk: Walk, done: int) -> str:
        """The same of the next move, after so many."""
        if self._natural:
            cell = walk.way[done - 1][1] if done else walk.start
            way = f"on the way to the {walk.thing} from {walk.start}"
            return f"In {walk.maze}, {way}, in which direction does one leave {cell}?"
        return f"{self.prompt(walk)} {self.ending(walk.way[:done])}".rstrip()

    def ending(self, way: Way) -> str:
        """The way as an answer."""
        if self._natural:
            return "first " + ", then ".join(f"{move} to a {cell.removeprefix('the ')}" for move, cell in way)
        return " ".join(word for step in way for word in step)

    def move(self, move: str) -> str:
        """The move as an answer."""
        return f"to the {move}" if self._natural else move

    def sought(self, walk: Walk) -> Statement:
        """That from its start, its way leads to its object."""
        what = f"way to {walk.thing}" if self._natural else f"{SEEK} {walk.thing}"
        return walk.start, f"{walk.maze} {what}", self.ending(walk.way)

    def next_move(self, maze: str, thing: str, cell: str, move: str) -> Statement:
        """That it is the next move from the cell on the way to an object."""
        return cell, f"{maze} toward {thing}", self.move(move)

    def read(self, text: str) -> tuple[Statement, ...]:
        """Passages, what cells hold, the way from the start, and the next move from each cell of it."""
        return tuple(dict.fromkeys(self._sentences(text) if self._natural else self._words(text)))

    @property
    def _natural(self) -> bool:
        return self.form == "natural"

    def _sentences(self, text: str) -> Iterator[Statement]:
        found = (found for pattern in _PATTERNS for found in re.finditer(pattern, text))
        maze = ""  # of the walk on which something is seen
        for said in sorted(found, key=lambda one: one.start()):
            match said.groupdict():
                case {"maze": maze, "thing": thing, "cell": cell, "way": way}:
                    steps = tuple((move, f"the {landmark}") for move, landmark in re.findall(_STEP, way))
                    yield from self._walked(Walk(maze, thing, cell, steps))
                case {"maze": maze, "thing": thing, "cell": cell, "move": move}:
                    yield self.next_move(maze, thing, cell, move)
                case {"place": place, "thing": thing} if maze:
                    yield f"the {place}", f"{maze} {HOLDS}", thing

    def _words(self, text: str) -> Iterator[Statement]:
        maze = ""
        for sentence in text.split(f" {STOP}"):
            match sentence.split():
                case [name, "seek", goal, ":", start, *words]:
                    maze = name
                    way = tuple(zip(words[0::2], words[1::2], strict=True))
                    yield from self._walked(Walk(maze, goal, start, way))
                case seen:
                    for cell, thing in zip(seen[0::2], seen[1::2], strict=True):
                        yield cell, f"{maze} {HOLDS}", thing

    def _walked(self, walk: Walk) -> Iterator[Statement]:
        yield self.sought(walk)
        *passages, held = walk.says
        for (cell, move, _), passage in zip(walk.steps, passages, strict=True):
            yield self.next_move(walk.maze, walk.thing, cell, move)
            yield passage
        yield held


def asked(prompt: str) -> tuple[str, str, str]:
    """Maze and object of a prompt in either form, and the cell from which it asks on."""
    if found := re.fullmatch(_WHAT, prompt) or re.fullmatch(_WHERE, prompt):
        return found["maze"], found["thing"], found["cell"]
    maze, _, thing, *_, cell = prompt.split()
    return maze, thing, cell


def read_moves(generated: str) -> list[str]:
    """The moves of a generated way, up to the first full stop or the end of the line."""
    way, *_ = re.split(r"[.\n]", generated.lstrip(), maxsplit=1)
    return [word for word in re.findall(r"\w+", way) if word in MOVES]
