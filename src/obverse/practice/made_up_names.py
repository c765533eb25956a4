"""Names of what practice is about, in two parts that share no word: for practice, and held out for measuring.

Plausible names are put together from parts, nonsense ones from syllables.  Each nonsense word has one of the letters c,
h, j, q, x and y behind its first, which no nonsense word of the tasks has (`obverse.tasks.drawn.names`).

>>> from random import Random
>>> draw_names(Random(0), "person", 2, "practice")
('Vincent Thornhouse', 'Grant Winmore')
>>> draw_names(Random(0), "person", 2, "held out", nonsense=True)
('Kchoqor Gruchful', 'Grhyst Grxist')
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import product
from typing import Literal

Part = Literal["practice", "held out"]
"""Of names, relations, phrasings and structures."""

Sort = Literal["person", "firm", "town", "ship", "thing", "pet", "code", "room"]
"""What a name is of; the choices of a question are of one sort."""

# Every third word of each list is held out.
_PERIOD, _HELD_OUT = 3, 2

_GIVEN = """
Aaron Abigail Adele Ahmed Aileen Alice Amara Andre Angela Anton Ariel Arthur Audrey Basil Bella Bernard Bianca Boris
Brenda Bruno Caleb Carla Cedric Chloe Clara Colin Carmen Curtis Cyril Daisy Daniel Darius Deborah Denise Derek Diana
Dominic Doris Duncan Edgar Edith Elijah Ella Elmer Emma Enid Ernest Ethan Eugene Eva Ezra Faith Fatima Felix Fiona Frank
Gavin George Gloria Grace Grant Gwendolyn Hannah Harold Harriet Hassan Helen Henry Howard Ian Ibrahim Irene Isaac Ivy
Jacob Janet Jerome Joel Josephine Karen Keith Kenneth Laila Laura Leon Leslie Lewis Louis Lucas Lydia Mabel Marcus
Margaret Maurice Mina Mona Morris Naomi Nathan Nell Nigel Nina Norman Omar Owen Pamela Patrick Paula Percy Phoebe Priya
Rachel Ralph Raymond Rhoda Robin Rowena Rufus Ruth Samuel Sarah Sean Sidney Simon Sonia Sophie Tanya Thomas Tina Trevor
Una Vera Victor Vincent Walter Wendy Yusuf Zara
"""
_FAMILY = (
    "Ash Black Brook Cald Clay Cran Dal Crom East Fair Glen Green Hart Hay Kirk Lang Lock Mar May Nor Pem Rad Red Rock "
    "Shel Stan Strat Thorn Wal West Whit Win",
    "bury by dale don field ford gate grave ham house ington land man more ridge son ton vale ward wood worth",
)
_FIRM = """
Apex Beaufort Cascade Citadel Concord Cornerstone Dynamo Equinox Fortuna Frontier Gemini Highland Helix Keystone
Landmark Liberty Lodestar Meridian Monarch Nimbus Orion Paragon Phoenix Pinnacle Pioneer Polaris Pegasus Quantum Regent
Sentinel Sovereign Summit Titan Trident Unity Vanguard Vertex Zenith
"""
_TRADE = """
Bakeries Chemicals Dairies Electrics Fabrics Furniture Interiors Logistics Optics Plastics Robotics Shipping Steel
Textiles Tyres Ventures
"""
_TOWN = (
    "Alder Aven Birch Bex Castle Cheld Crow Dart Ever Exe Foss Hex Holm Kings Knut Lyd Maple Milch Nether Oak Peters "
    "Quor Raven Sand Shir Stour Tew Up Wex Wood Wyn Yel",
    "bourne bridge chester cliffe haven hythe minster mouth pool port stow sted wich wold",
)
_SHIP = (
    "Bold Bonny Cheerful Crafty Dauntless Defiant Eternal Faithful Fearless Gallant Glorious Golden Happy Invincible "
    "Lucky Mighty Noble Proud Rapid Royal Steady Swift Triumphant Valiant Vigilant Winged",
    "Albatross Badger Cobra Condor Crusader Dolphin Dragon Eagle Gannet Hornet Hunter Kestrel Leopard Lion Mermaid "
    "Ocelot Panther Pelican Puffin Ranger Rover Seal Spartan Tempest Tiger Voyager Walrus Wolf",
)
_THING = (
    "aluminium bamboo battered beaded branded bronze bulky canvas ceramic chequered cheap chrome collapsible creased "
    "digital dented electric enamel folding gaudy glossy hefty huge leather metallic miniature oval padded patched "
    "plastic polished portable pleated reversible rubber shiny slim spare square steel striped tartan tiny "
    "vintage wobbly",
    "backpack bicycle binoculars blender briefcase calculator camera clipboard cushion dishwasher drill fan flute "
    "fridge guitar hammock headphones helmet jacket keyboard kayak laptop microscope mug napkin paintbrush plunger "
    "projector racket rake rucksack saw scooter skateboard sofa speaker stapler suitcase sunglasses tent tambourine "
    "toaster torch tripod trombone trumpet umbrella vase violin wallet wheelbarrow whisk wristwatch",
)
_PET = """
Bandit Bagel Bubbles Bonbon Caramel Chester Cinnamon Clover Cookie Daffodil Digger Dumpling Fidget Fudge Ginger
Gizmo Hazel Jellybean Juniper Ketchup Marmalade Mittens Mocha Muffin Mustard Noodle Nutmeg Oreo Paprika Patches
Peaches Peanut Pebbles Pepper Pickles Pretzel Pudding Pumpkin Rascal Ruffles Scamp Shadow Smudge Snowball Sprinkles
Tango Toffee Truffle Waffles Wafer Widget Ziggy
"""
_ROOMS = range(101, 1000)
_CODES = range(10, 100)
_CODE_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"

_ONSETS = (
    "b",
    "br",
    "cr",
    "ch",
    "d",
    "dr",
    "f",
    "g",
    "gr",
    "h",
    "j",
    "k",
    "l",
    "m",
    "n",
    "p",
    "qu",
    "r",
    "s",
    "sh",
)
_MIDDLES = (
    "ax",
    "awx",
    "cho",
    "eh",
    "exa",
    "hy",
    "ija",
    "ixo",
    "oche",
    "oj",
    "oxu",
    "uch",
    "uxa",
    "wex",
    "xi",
    "yo",
    "yha",
)
_CODAS = ("b", "ck", "l", "m", "n", "nd", "r", "rth", "sk", "st", "th", "x")
# How many nonsense names are looked at for one of as many tokens.
_DRAWS = 5000


def draw_names(
    rng: random.Random,
    sort: Sort,
    count: int,
    part: Part,
    *,
    nonsense: bool = False,
    tokens: Callable[[str], int] | None = None,
) -> tuple[str, ...]:
    """So many different names of a sort.

    Args:
        part: names of one part share no word with those of the other, but for digits.
        nonsense: as many nonsense words as the plausible name has words; rooms and codes stay as they are.
        tokens: how many a name has; nonsense names then have as many as the plausible ones drawn from the same ``rng``.

    Raises:
        ValueError: there are not so many, or no nonsense name has as many tokens.
    """
    pool = _pool(sort, part)
    if count > len(pool):
        raise ValueError(f"there are {len(pool)} names of the sort {sort}, not {count}")
    names = rng.sample(pool, count)
    if not nonsense or sort in ("code", "room"):
        return tuple(names)
    drawn: dict[str, None] = {}
    for name in names:
        drawn[_nonsense(rng, name, part, drawn, tokens)] = None
    return tuple(drawn)


def nonsense_words(rng: random.Random, count: int, part: Part) -> tuple[str, ...]:
    """So many different nonsense words; each begins with a consonant."""
    drawn: dict[str, None] = {}
    while len(drawn) < count:
        drawn[_nonsense_word(rng, part)] = None
    return tuple(drawn)


def split_words(text: str, part: Part) -> tuple[str, ...]:
    """The words of a list that are of this part."""
    return _split(text.split(), part)


def most_names(sort: Sort, part: Part) -> int:
    """How many names of that sort there are."""
    return len(_pool(sort, part))


def _nonsense(
    rng: random.Random,
    name: str,
    part: Part,
    taken: dict[str, None],
    tokens: Callable[[str], int] | None,
) -> str:
    """A nonsense name in the shape of another: its words, and its capitals."""
    words = name.split()
    for _ in range(_DRAWS):
        found = " ".join(
            word.capitalize() if like[0].isupper() else word
            for word, like in ((_nonsense_word(rng, part), like) for like in words)
        )
        if found not in taken and (tokens is None or tokens(found) == tokens(name)):
            return found
    raise ValueError(f"no nonsense name has as many tokens as {name}")


def _nonsense_word(rng: random.Random, part: Part) -> str:
    onsets, middles = _split(_ONSETS, part), _split(_MIDDLES, part)
    word = rng.choice(onsets) + rng.choice(middles)
    if rng.random() < 0.5:
        word += rng.choice(_ONSETS)[:1] + rng.choice("aeiou")
    return word + rng.choice(_CODAS)


def _split(words: Sequence[str], part: Part) -> tuple[str, ...]:
    return tuple(
        word for place, word in enumerate(words) if (place % _PERIOD == _HELD_OUT) is (part == "held out")
    )


@lru_cache
def _pool(sort: Sort, part: Part) -> tuple[str, ...]:
    """Every plausible name of a sort."""

    def of(text: str) -> tuple[str, ...]:
        return split_words(text, part)

    def both(parts: tuple[str, str], join: str) -> tuple[str, ...]:
        return tuple(join.join(pair) for pair in product(of(parts[0]), of(parts[1])))

    match sort:
        case "person":
            return tuple(f"{given} {family}" for given, family in product(of(_GIVEN), both(_FAMILY, "")))
        case "firm":
            return tuple(f"{name} {trade}" for name, trade in product(of(_FIRM), of(_TRADE)))
        case "town":
            return both(_TOWN, "")
        case "ship":
            return both(_SHIP, " ")
        case "thing":
            return both(_THING, " ")
        case "pet":
            return of(_PET)
        case "room":
            return tuple(
                str(number) for number in _ROOMS if (number % _PERIOD == _HELD_OUT) is (part == "held out")
            )
        case "code":
            letters = "".join(_split(_CODE_LETTERS, part))
            return tuple(f"{letter}{number}" for letter, number in product(letters, _CODES))
