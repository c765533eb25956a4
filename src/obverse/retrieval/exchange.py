"""False context: the same documents with their facts exchanged, as a control.

A false fact in context can lift accuracy almost as much as the true one, because the form of the prompt and the
mere presence of names help.  So every route that puts episodes into the prompt has a twin that sees the same
episodes, equally long, with the names and values in them exchanged for others of the same type: *Ann keeps the
clock* becomes *Ben keeps the clock*.

Where both sides of a fact are exchanged it can come out true again (of two keepers and two clocks, always).  So
several exchanges are drawn, half of which leave some types as they are, and the one that says the fewest true
things is taken: a thing said is two names in one document, and it is true where the true documents have it too.
Among thousands of facts about the same names some come out true in every exchange.  So where a document still has
the names of a true one in the same order with the same words between, names change places in the exchange.

Names are found as `obverse.text.segmentation.whole` finds them, in every script.  Where a question's documents have
its answer inside longer words only (a case ending, a compound), it is exchanged there too.  What is left is counted,
`still_said`: a control whose documents still say the answers is none.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations, groupby

import regex

from obverse.text.segmentation import FUNCTION_WORDS, edges, fold, places, segments, unspaced
from obverse.types import Document, Task, derive_seed

_DRAWS = 64

_Said = tuple[tuple[str, ...], tuple[str, ...]]
"""Two names or more in the order of a document, and the words between each and the next."""


def exchange_facts(task: Task, seed: int) -> tuple[Document, ...]:
    """The task's documents with what the questions ask about exchanged within its type.

    Choices of one question are of one type, and types that share a choice are the same; within a type every
    name that occurs in the documents is replaced by another.  A document that mentions none of them, or that is
    needed by a question whose choices are whole statements that no document holds, gets its words in another
    order: it too is as long as before and no longer says what it said.
    """
    types = _types(question.choices for question in task.questions)
    exact = _pattern(name for group in types for name in group)
    found = [tuple(map(_joined, exact.findall(document.text))) for document in task.documents]
    mentioned = [frozenset(names) for names in found]
    said = [
        (names, tuple(exact.split(document.text)[1:-1]))
        for names, document in zip(found, task.documents, strict=True)
        if len(names) > 1
    ]
    exchanged = _untrue(_exchange(types, mentioned, seed), types, said, seed)
    inflected = _inflected(task)
    forms = {form: name for names in types for name in sorted(names) for form in _forms(name)}
    formed = _pattern(forms)
    in_other_form = {forms[_joined(form)] for one in task.documents for form in formed.findall(one.text)}
    in_other_form.update(*inflected.values())
    exchanged |= _exchange_rest(types, in_other_form - exchanged.keys(), exchanged, seed)
    stated = {
        need
        for question in task.questions
        if not exchanged.keys() & set(question.choices)
        for need in question.needs
    }
    written = {form: (name, exchanged[name]) for form, name in forms.items() if name in exchanged}
    written |= {name: (name, other) for name, other in exchanged.items()}
    pattern = _pattern(written)
    false = []
    for document in task.documents:
        inside = [(name, exchanged[name]) for name in inflected.get(document.id, ()) if name in exchanged]
        text = _put(document.text, pattern, written, inside)
        if text == document.text or document.id in stated:
            text = _shuffled(text, derive_seed("false context", seed, document.id))
        false.append(replace(document, text=text))
    return tuple(false)


def still_said(task: Task, false: Iterable[Document]) -> tuple[tuple[str, ...], int]:
    """Whether the false documents say what the questions ask for.

    A document says it as long as the answer stands there, and of what the question names everything that stood there.

    Returns:
        The ids of the questions whose answer the false form of a document that they need still says, and how many
        answers stand in the true form; of others this cannot be told.
    """
    texts = {document.id: document.text for document in false}
    exact = _pattern(name for group in _types(one.choices for one in task.questions) for name in group)
    still, said = [], 0
    for question in task.questions:
        true = [task.document(need).text for need in question.needs]
        untrue = [texts[need] for need in question.needs]
        says = _stands if any(_stands(question.answer, text) for text in true) else _stands_inside
        stood = [says(question.answer, text) for text in true]
        named = set(exact.findall(question.prompt)).intersection(exact.findall("\n".join(true)))
        said += any(stood)
        if named <= set(exact.findall("\n".join(untrue))) and any(
            before and says(question.answer, text) for before, text in zip(stood, untrue, strict=True)
        ):
            still.append(question.id)
    return tuple(still), said


def _stands(name: str, text: str) -> bool:
    return any(next(places(form, text), None) for form in (name, *_forms(name)))


def _stands_inside(name: str, text: str) -> bool:
    """Whether a name that is long enough to be known inside a word stands anywhere."""
    return len(name) > 2 and not any(map(str.isdigit, name)) and fold(name) in fold(text)


def _forms(name: str) -> Iterator[str]:
    """A name as it may also be written: with a capital, and after an article's capital without."""
    if name[:1].islower():
        yield name[:1].upper() + name[1:]
    elif fold(name.partition(" ")[0]) in FUNCTION_WORDS:
        yield name[:1].lower() + name[1:]


def _as(written: str, name: str, other: str) -> str:
    """Another name, its first letter small or capital as the name's own was changed where it stood."""
    if written == name:
        return other
    return (other[:1].upper() if written[:1].isupper() else other[:1].lower()) + other[1:]


def _joined(name: str) -> str:
    """A name on one line."""
    return " ".join(name.split())


def _pattern(names: Iterable[str]) -> regex.Pattern[str]:
    """Finds names as whole words, on one line or two; where one begins with another, the longer one."""
    ordered = sorted(names, key=lambda name: (-len(name), name))
    parts = []
    for (before, behind), alike in groupby(ordered, key=edges):
        alternatives = "|".join(r"\s+".join(map(regex.escape, name.split())) for name in alike)
        parts.append(f"{before}(?:{alternatives}){behind}")
    return regex.compile("(?V1)" + "|".join(parts) if parts else r"(?!)")


def _inflected(task: Task) -> Mapping[str, list[str]]:
    """By document, the answers that the questions need it for and that it has only inside longer words."""
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for question in task.questions:
        texts = {need: task.document(need).text for need in question.needs}
        if any(_stands(question.answer, text) for text in texts.values()):
            continue
        for need, text in texts.items():
            if _stands_inside(question.answer, text):
                found[need][question.answer] = None
    return {id: sorted(names, key=len, reverse=True) for id, names in found.items()}


def _put(
    text: str,
    pattern: regex.Pattern[str],
    written: Mapping[str, tuple[str, str]],
    inside: Sequence[tuple[str, str]],
) -> str:
    """The text with names exchanged, in one pass: what was put in is not exchanged again.

    Args:
        pattern: finds the forms that are ``written``.
        written: a form -> the name and the other one.
        inside: names that are exchanged inside words too, the longest first, and the other ones.
    """
    if inside:
        names = "|".join(f"({regex.escape(name)})" for name, _ in inside)
        pattern = regex.compile(f"{pattern.pattern}|(?i:{names})")

    def put(match: regex.Match[str]) -> str:
        form = _joined(match.group())
        if match.lastindex is None:
            return _as(form, *written[form])
        other: str = inside[match.lastindex - 1][1]
        return other if form[0].isupper() or not other[0].isupper() else other[0].lower() + other[1:]

    return str(pattern.sub(put, text))


def _exchange(types: Sequence[set[str]], mentioned: Sequence[frozenset[str]], seed: int) -> dict[str, str]:
    """What replaces which name: of the exchanges drawn the first of those that say the fewest true things."""
    present = set[str]().union(*mentioned)
    members = [sorted(names & present) for names in types if len(names & present) > 1]
    # Where the documents have one name of a type only, it is exchanged for one that they have not.
    members += [sorted(names) for names in types if len(names & present) == 1]
    true = {pair for names in mentioned for pair in combinations(sorted(names), 2)}

    def truths(exchange: dict[str, str]) -> int:
        said = (sorted(exchange.get(name, name) for name in names) for names in mentioned)
        same = sum(
            bool(names) and all(exchange.get(name, name) == name for name in names) for names in mentioned
        )
        return same + sum(pair in true for names in said for pair in combinations(names, 2))

    draws = [
        _draw(members, derive_seed("false context", seed, draw), some=draw >= _DRAWS // 2)
        for draw in range(_DRAWS)
    ]
    return min(draws, key=truths)


def _exchange_rest(
    types: Sequence[set[str]], rest: Collection[str], exchanged: Mapping[str, str], seed: int
) -> dict[str, str]:
    """What replaces names that no document has as the choices have them: those that are exchanged, else each other."""
    rng = random.Random(derive_seed("false context", seed, "rest"))
    found: dict[str, str] = {}
    for names in types:
        own = sorted(names.intersection(rest))
        others = sorted(names & exchanged.keys()) or (sorted(names.difference(own)) if len(own) == 1 else [])
        if others:
            found |= {name: rng.choice(others) for name in own}
        elif len(own) > 1:
            found |= _draw([own], derive_seed("false context", seed, *own), some=False)
    return found


def _draw(members: Sequence[Sequence[str]], seed: int, *, some: bool) -> dict[str, str]:
    """One cycle through each type, or, for ``some``, through those that a coin picks."""
    rng = random.Random(seed)
    exchange: dict[str, str] = {}
    for names in members:
        cycle = rng.sample(names, len(names))
        if len(names) > 1 and not (some and rng.random() < 0.5):
            exchange |= dict(zip(cycle, cycle[1:] + cycle[:1], strict=True))
    return exchange


def _untrue(
    exchange: dict[str, str], types: Sequence[set[str]], said: Sequence[_Said], seed: int
) -> dict[str, str]:
    """The exchange with names changed about until nothing said comes out true, as far as that is found."""
    exchange = dict(exchange)
    rng = random.Random(derive_seed("false context", seed, "untrue"))
    true = set(said)
    says: dict[str, list[_Said]] = defaultdict(list)
    for one in true:
        for name in set(one[0]):
            says[name].append(one)
    members = {
        name: group for group in (sorted(names & exchange.keys()) for names in types) for name in group
    }

    def comes_true(one: _Said) -> bool:
        return (tuple(exchange.get(name, name) for name in one[0]), one[1]) in true

    def truths(*names: str) -> int:
        return sum(map(comes_true, {one for name in names for one in says[name]}))

    for one in sorted(filter(comes_true, true)):
        for name in filter(exchange.__contains__, one[0]):
            for other in rng.choices(members[name], k=_DRAWS):
                if not comes_true(one):
                    break
                before = truths(name, other)
                exchange[name], exchange[other] = exchange[other], exchange[name]
                if name == exchange[name] or other == exchange[other] or truths(name, other) >= before:
                    exchange[name], exchange[other] = exchange[other], exchange[name]
    return exchange


def _shuffled(text: str, seed: int) -> str:
    """The words in another order, where there is one; what stands between them stays in its place."""
    words: list[str] = []
    gaps: list[str] = []  # what follows each word
    for written in text.split():
        if gaps:
            gaps[-1] += " "
        close = unspaced(written)
        for part in segments(written) if close else [written]:
            if close and words and not any(map(str.isalnum, part)):
                gaps[-1] += part
            else:
                words.append(part)
                gaps.append("")
    rng = random.Random(seed)
    order = words
    for _ in range(_DRAWS):
        order = rng.sample(words, len(words))
        if order != words:
            break
    return "".join(part for pair in zip(order, gaps, strict=True) for part in pair)


def _types(choices: Iterable[tuple[str, ...]]) -> list[set[str]]:
    """Choices joined into types: the connected parts of "occur in one question"."""
    types: list[set[str]] = []
    for group in choices:
        joined = set(group)
        apart = []
        for known in types:
            if known & joined:
                joined |= known
            else:
                apart.append(known)
        types = [*apart, joined]
    return types
