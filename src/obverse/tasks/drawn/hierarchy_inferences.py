"""What follows in the semantic structure benchmark, of which questions it is the answer, and what it is chosen from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from obverse.tasks.drawn.hierarchy_world import HAS, INCLUDES, ISA, OF, Trees, reverse
from obverse.types import Statement

FACT = "fact recall"
REPHRASED = "rephrased fact"
TRAINED_REVERSAL = "trained reversal"
TRAINED_SYLLOGISM = "trained syllogism"
CATEGORY_REVERSAL = "category reversal"
PROPERTY_REVERSAL = "property reversal"
SYLLOGISM = "syllogism"
HOLDOUT = "category holdout"
LATENT = (CATEGORY_REVERSAL, PROPERTY_REVERSAL, SYLLOGISM, HOLDOUT)
KINDS = (FACT, REPHRASED, TRAINED_REVERSAL, TRAINED_SYLLOGISM, *LATENT)


@dataclass(frozen=True)
class Inference:
    """A true statement, and what it follows from.

    Args:
        premises: of those that documents say in any case; the statement itself where it is one of them.
        family: the category to whose family it belongs.
    """

    statement: Statement
    premises: tuple[Statement, ...]
    family: str


def inferences(trees: Trees) -> Iterator[Inference]:
    """What is said in any case, the reversals, and what is inherited from each distance."""
    for child, parent in trees.parents.items():
        fact = (child, ISA, parent)
        yield from (Inference(statement, (fact,), parent) for statement in (fact, reverse(fact)))
    for category in trees.categories:
        for fact in trees.own[category]:
            yield from (Inference(statement, (fact,), category) for statement in (fact, reverse(fact)))
        links: list[Statement] = []
        for below, ancestor in pairwise((category, *trees.ancestors(category))):
            links.append((below, ISA, ancestor))
            for fact in trees.own[ancestor]:
                yield Inference((category, *fact[1:]), (*links, fact), ancestor)


def kinds_of(trees: Trees, inference: Inference) -> tuple[str, ...]:
    """Of which questions it is the statement.

    What is inherited from further than the parent is asked of category holdouts alone, and there where no family on the
    way is trained: else it would follow in more than one way, and no document be needed.
    """
    (subject, relation, object_), premises = inference.statement, inference.premises
    trained = inference.family in trees.trained
    if inference.statement in premises:
        return () if trained else (FACT, REPHRASED)
    if relation == INCLUDES or relation.startswith(OF):
        if trained:
            return (TRAINED_REVERSAL,)
        untrained = HOLDOUT if trees.held_out(object_) else CATEGORY_REVERSAL
        return (untrained if relation == INCLUDES else PROPERTY_REVERSAL,)
    if trees.held_out(subject):
        on_the_way = {parent for _, word, parent in premises if word == ISA}
        return (HOLDOUT,) if trees.trained.isdisjoint(on_the_way) else ()
    return (TRAINED_SYLLOGISM if trained else SYLLOGISM,) if len(premises) == 2 else ()


def choice_pool(trees: Trees, inference: Inference) -> list[str]:
    """What the other choices are drawn from: of the answer's sort, met as often, and not entailed."""
    subject, relation, answer = inference.statement
    trained = inference.family in trees.trained
    inner = frozenset(trees.parents.values())
    line = {subject, *trees.ancestors(subject)} | {
        one for one in trees.parents if subject in trees.ancestors(one)
    }
    owners = [
        one for one in trees.categories if not trees.held_out(one) and (one in trees.trained) == trained
    ]
    match relation.split():
        case ["has", _]:
            held = (fact for owner in owners for fact in trees.own[owner])
            return [value for _, word, value in held if word == relation and value != answer]
        case ["of", name]:
            # In the documents of a category its parent stands behind what it has.  So those above the owner stand
            # behind the value, and parents of those that have something in this relation stand behind that, as the
            # owner, whose children inherit, does not.
            held = (fact for facts in trees.own.values() for fact in facts)
            behind = {trees.parents.get(owner) for owner, word, _ in held if word == f"{HAS} {name}"}
            near = {answer, *trees.ancestors(answer), *behind}
            alike = (one for one in owners if (one in inner) == (answer in inner))
            return [one for one in alike if one not in near and answer not in trees.ancestors(one)]
        case ["isa"]:
            return [one for one in owners if one in inner and one not in line]
    return [
        one
        for one, parent in trees.parents.items()
        if (parent in trees.trained) == trained
        and (one in inner, trees.held_out(one)) == (answer in inner, trees.held_out(answer))
        and one not in line
    ]
