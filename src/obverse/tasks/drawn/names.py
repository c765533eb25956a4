"""Names for what tasks are about: nonsense words, people, works, and nonsense as long in tokens as given names.

All are drawn from the generator that is given, without repeats, and depend on nothing else.  No nonsense word is a
common English word or ends in "s", so that a plural is never another word; surnames are made up, so that nobody famous
is called so.

>>> from random import Random
>>> nonsense_words(Random(0), 4)
('snan', 'dozif', 'snum', 'kizol')
>>> plausible_names(Random(0), 2)
('Wilhelm Narvley', 'Ivana Tarnwell')
>>> matched_nonsense(["Anneke Bramcroft"], len, Random(0))
('Zwobipomil Zeker',)
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from functools import lru_cache
from itertools import product
from typing import Literal

from obverse.tasks.places import quote
from obverse.types import InputError

NameStyle = Literal["plausible", "nonsense", "matched"]
"""Names that could be someone's; nonsense; nonsense with as many tokens as the plausible name in the same place."""

_VOWELS = "aeiou"
_CONSONANTS = "bdfgklmnprtvz"
_LAST = "bdfgklmnprt"
# Of the three consonants of a longer word two are of these, which are rare in English.
_RARE = frozenset("fkpvz")
_CLUSTERS = ("bl", "dr", "fl", "gl", "kl", "kr", "pl", "sm", "sn", "tw", "vl", "vr", "zl", "zw", "gw")
# What words of any length begin with: few English ones do.
_BEGINNINGS = ("v", "z", "kl", "kr", "vl", "vr", "zl", "zw", "gw")
_ENGLISH = """
blab blag bled blip blob blog blot blum blur drab drag dram drip drop drug drum flag flak flap flat fled flip flop glad
glam glen glut gwen klan kreb plan plat plot plug plum smog smug smut snag snap snip snob snot snub snug twat
twig twin vag val van var vat veg ven ver vet vid vim vin vip vir viral vit vlad vlog vod vol vom von vor zag zak
zap zed zen zig zim zip zit zum zur
dreg flab flan flit flog flub glib glob glug glum klub pleb pled plod plop snog twit
kroger valet valor vader vegan venom vogel vomit voted voter
bozak bokep devop faked faker fakir faruk favor fazal fazed fever filip fived fiver fukin kafir kapil kapur
kaput karak kazan kefir kevan keven kevin kizer kodak koval kozak kulak muzak muzik novak pamuk panik papal
papel paper patek pavan paved pavel paver pekin pepin perak pilaf pinup piped piper piven pivot poked poker
polak popup puked pupal pupil rafik razak tuvok vanek vaper vapid vapor viper vivek vivid vivir vizag zadok
zafar zakat zakir zarif
"""
_TAKEN = frozenset(_ENGLISH.split())

_FIRST_NAMES = """
Agathe Aldo Alma Anneke Anselm Astrid Bahram Beatriz Benedek Birgit Branko Camila Casper Cecily Corinna Cosmo
Dagmar Damian Daphne Delia Dorian Edwina Eleni Elodie Emeric Esther Fabian Felipe Fenna Fergus Flavia Florian
Gareth Gemma Gideon Giulia Greta Gustav Hamish Hanneke Hedda Henrike Hester Hugo Idris Ilka Imogen Ingrid
Isidor Ivana Jasper Joanna Jolanda Jonas Judith Julian Katinka Keiko Klara Konrad Lamar Leonie Lilian Linus
Lorenz Lucinda Magnus Malin Marek Maren Matilda Milos Miriam Nadia Neville Nils Noemi Oksana Olaf Olwen Oscar
Ottilie Palmira Pascal Petra Philippa Quentin Rafael Ramona Renske Roland Rosalind Sabina Samira Selma Sigrid
Silas Stefan Sunniva Tabitha Tamsin Tobias Ulrike Ursula Valentin Verena Viktor Wanda Wilhelm Xenia Yannick
Yolanda Zacharias Zelda
"""
_SURNAME_BEGINNINGS = """
Ard Askel Bram Brind Carr Corl Dask Drev Dunn Elver Farn Fenn Garl Gresk Hask Hollin Ilm Ister Jarr Kest Kolv
Lorn Lusk Marl Merrin Narv Orl Oster Pell Quill Rusk Sarn Selv Tarn Thessel Ulver Venn Wend Yarl Zell
"""
_SURNAME_ENDINGS = ("wick", "mere", "ley", "combe", "croft", "stead", "thorpe", "hurst", "well", "cott")

_TITLE_BEGINNINGS = """
Amber Ancient Ashen Bitter Borrowed Brazen Broken Burning Buried Careless Cedar Cobalt Copper Crimson Crooked
Crowded Dappled Daring Distant Drifting Dusty Eager Echoing Eastern Emerald Endless Faded Fallow Feathered Fiery
Floating Forgotten Fragile Frozen Gilded Glass Granite Hidden Hollow Honest Humble Idle Indigo Iron Ivory Jade
Joyful Lavender Leaden Lesser Linen Lonely Lunar Marble Merry Misty Moonlit Northern Nimble Olive Opal Painted
Patient Pewter Quiet Ragged Restless Rusted Saffron Salt Scarlet Scattered Seventh Shaded Silent Silver Sleeping
Slender Solemn Southern Spiral Stubborn Sunken Tangled Tender Thirsty Timber Tireless Twisted Unlit Untold Velvet
Verdant Violet Wandering Weary Western Whispering Willow Winding Wooden Woven Yellow
"""
_TITLE_ENDINGS = """
Acorn Anchor Anvil Apron Archway Arrow Attic Banner Barley Basin Beacon Bellows Blossom Bonfire Bramble Brook
Candle Canyon Caravan Cavern Chimney Cipher Cliff Cloak Comet Compass Cradle Crater Curtain Dagger Desert Dewdrop
Doorway Ember Falcon Feather Ferry Fiddle Fjord Flask Fountain Furrow Gable Garland Glacier Goblet Granary Hammer
Harbour Harvest Hearth Hedge Heron Horizon Inlet Island Jetty Kettle Keyhole Kite Ladder Lagoon Lantern Latch
Ledger Locket Marsh Meadow Mirror Moth Needle Nightfall Oasis Orchard Otter Paddle Parlour Pebble Pendulum Plough
Quarry Quilt Raven Reef Ribbon Saddle Sandbank Shore Sickle Snowfall Sparrow Staircase Sundial Thicket Threshold
Thimble Tide Trellis Tunnel Valley Vineyard Voyage Whistle Windmill
"""
_SYLLABLES = (1, 2, 3, 4)
# How many nonsense names are looked at for one of as many tokens.
_DRAWS = 2000


def nonsense_words(rng: random.Random, count: int, without: Collection[str] = ()) -> tuple[str, ...]:
    """Pronounceable words of four and five letters, about half of each while there are enough, no two alike.

    Args:
        without: words that are not to be among them.

    Raises:
        InputError: there are not that many (about thirteen thousand).
    """
    short, long = _nonsense_pools()
    if without:
        taken = frozenset(without)
        short, long = (tuple(word for word in pool if word not in taken) for pool in (short, long))
    few = min(count // 2, len(short) // 2)
    if count > few + len(long):
        raise _too_few("nonsense words", count, few + len(long))
    words = rng.sample(short, few) + rng.sample(long, count - few)
    rng.shuffle(words)
    return tuple(words)


def plural(word: str) -> str:
    """The plural of a nonsense word."""
    return f"{word}s"


def nonsense_names(rng: random.Random, count: int) -> tuple[str, ...]:
    """Names of a first and a last nonsense word, no word in two of them.

    Raises:
        InputError: there are not that many words.
    """
    words = nonsense_words(rng, 2 * count)
    return tuple(
        f"{first.capitalize()} {last.capitalize()}"
        for first, last in zip(words[:count], words[count:], strict=True)
    )


def plausible_names(rng: random.Random, count: int) -> tuple[str, ...]:
    """First and last names of people, no two alike; first and last names recur as late as they can.

    Raises:
        InputError: there are not that many (some ten thousand).
    """
    surnames = [f"{begins}{ends}" for begins, ends in product(_SURNAME_BEGINNINGS.split(), _SURNAME_ENDINGS)]
    return _pairs(rng, count, _FIRST_NAMES.split(), surnames, "{} {}", "names")


def work_titles(rng: random.Random, count: int) -> tuple[str, ...]:
    """Titles that a book, a film or a picture could have, no two alike; their words recur as late as they can.

    Raises:
        InputError: there are not that many (some thousands).
    """
    return _pairs(rng, count, _TITLE_BEGINNINGS.split(), _TITLE_ENDINGS.split(), "The {} {}", "titles")


def matched_nonsense(
    names: Sequence[str], count_tokens: Callable[[str], int], rng: random.Random
) -> tuple[str, ...]:
    """For each name a nonsense one of as many words and as many tokens, no two alike.

    A comparison of the two tells what nonsense does where it is not broken into more pieces (arXiv 2505.00661 asks how
    much of the loss is due to that).

    Args:
        count_tokens: how many tokens a name has where it will stand, for example behind a space.

    Raises:
        InputError: for one of the names none was found.
    """
    spare: dict[tuple[int, int], list[str]] = defaultdict(list)
    taken = set(names)
    matched = []
    for name in names:
        shape = len(name.split()), count_tokens(name)
        for _ in range(_DRAWS):
            if spare[shape]:
                break
            found = " ".join(_nonsense_word(rng).capitalize() for _ in range(shape[0]))
            if found not in taken:
                taken.add(found)
                spare[shape[0], count_tokens(found)].append(found)
        if not spare[shape]:
            raise InputError(
                f"no nonsense name has {shape[1]} tokens as {quote(name)} has; give other names, or another tokenizer"
            )
        matched.append(spare[shape].pop())
    return tuple(matched)


def _pairs(
    rng: random.Random, count: int, firsts: Sequence[str], lasts: Sequence[str], pattern: str, what: str
) -> tuple[str, ...]:
    """Each round takes every word of the shorter list once; pairs that there were are passed over."""
    # Towards the end nearly all pairs that a round draws would be old.
    most = len(firsts) * len(lasts) // 2
    if count > most:
        raise _too_few(what, count, most)
    found: dict[str, None] = {}
    while len(found) < count:
        drawn = zip(rng.sample(firsts, len(firsts)), rng.sample(lasts, len(lasts)), strict=False)
        found.update(dict.fromkeys(pattern.format(*pair) for pair in drawn))
    return tuple(found)[:count]


@lru_cache
def _nonsense_pools() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Words of four letters and of five."""
    short = ("".join(parts) for parts in product(_CLUSTERS, _VOWELS, _LAST))
    long = (
        "".join(parts)
        for parts in product(_CONSONANTS, _VOWELS, _CONSONANTS, _VOWELS, _LAST)
        if sum(letter in _RARE for letter in parts) > 1
    )
    short_pool, long_pool = (tuple(word for word in words if word not in _TAKEN) for words in (short, long))
    return short_pool, long_pool


def _nonsense_word(rng: random.Random) -> str:
    """One to four syllables, each a consonant (or two, at the beginning) and a vowel, and a last consonant."""
    while True:
        letters = [
            rng.choice(letters) for _ in range(rng.choice(_SYLLABLES)) for letters in (_CONSONANTS, _VOWELS)
        ]
        word = "".join((rng.choice(_BEGINNINGS), *letters[1:], rng.choice(_LAST)))
        if word not in _TAKEN:
            return word


def _too_few(what: str, count: int, most: int) -> InputError:
    return InputError(f"{count} {what} are more than there are; ask for at most {most}")
