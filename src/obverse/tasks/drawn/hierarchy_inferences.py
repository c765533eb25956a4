"""What follows in the semantic structure benchmark, of which questions it is the answer, and what it is chosen from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from obverse.tasks.drawn.hierarchy_world import INCLUDES, ISA, OF, World
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


def inferences(world: World) -> Iterator[Inference]:
    """What is said in any case, the reversals, and what is inherited from each distance."""
    for child, parent in world.parents.items():
        fact = (child, ISA, parent)
        for statement in (fact, (parent, INCLUDES, child)):
            yield Inference(statement, (fact,), parent)
    for category in world.categories:
        for owned in world.own[category]:
            for statement in (owned.statement, owned.reverse):
                yield Inference(statement, (owned.statement,), category)
        links: list[Statement] = []
        below = category
        for ancestor in world.ancestors(category):
            links.append((below, ISA, ancestor))
            below = ancestor
            for owned in world.own[ancestor]:
                yield Inference(owned.of(category), (*links, owned.statement), ancestor)


def kinds_of(world: World, inference: Inference) -> tuple[str, ...]:
    """Of which questions it is the statement.

    What is inherited from further than the parent is asked of category holdouts alone, and there where no family on the
    way is trained: else it would follow in more than one way, and no document be needed.
    """
    statement, premises = inference.statement, inference.premises
    trained = inference.family in world.trained
    word = statement[1].split()[0]
    if statement in premises:
        return () if trained else (FACT, REPHRASED)
    if word == OF:
        return (TRAINED_REVERSAL if trained else PROPERTY_REVERSAL,)
    if word == INCLUDES:
        untrained = HOLDOUT if statement[2] in world.holdouts else CATEGORY_REVERSAL
        return (TRAINED_REVERSAL if trained else untrained,)
    if statement[0] in world.holdouts:
        on_the_way = {parent for _, relation, parent in premises if relation == ISA}
        return (HOLDOUT,) if world.trained.isdisjoint(on_the_way) else ()
    return (TRAINED_SYLLOGISM if trained else SYLLOGISM,) if len(premises) == 2 else ()


def choice_pool(world: World, inference: Inference) -> list[str]:
    """What the other choices are drawn from: of the answer's sort, met as often, and not entailed."""
    subject, relation, answer = inference.statement
    trained = inference.family in world.trained
    inner = frozenset(world.parents.values())
    above = (subject, *world.ancestors(subject))
    owners = [one for one in world.categories if world.own[one] and (one in world.trained) == trained]
    match relation.split():
        case ["has", name]:
            held = (owned for owner in owners for owned in world.own[owner])
            return [owned.value for owned in held if owned.relation == name and owned.value != answer]
        case ["of", name]:
            alike = (one for one in owners if (one in inner) == (answer in inner))
            # In the documents of a category its parent stands behind what it has.  So those above the owner stand
            # behind the value, and parents of those that have something in this relation stand behind that, as the
            # owner, whose children inherit, does not.
            near = {answer, *world.ancestors(answer)}
            near |= {
                parent
                for child, parent in world.parents.items()
                if any(owned.relation == name for owned in world.own[child])
            }
            return [one for one in alike if one not in near and answer not in world.ancestors(one)]
        case ["isa"]:
            return [
                one
                for one in owners
                if one in inner and one not in above and subject not in world.ancestors(one)
            ]
    return [
        one
        for one, parent in world.parents.items()
        if (parent in world.trained) == trained
        and (one in inner, one in world.holdouts) == (answer in inner, answer in world.holdouts)
        and subject not in world.ancestors(one)
        and one not in above
    ]
