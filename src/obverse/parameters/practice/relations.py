"""What practice documents say of whom: relations between two names, each in several wordings.

A relation ties each subject to one object and each object to one subject, so that either can be asked for.  Some
relations are held out, and of the others some wordings.

>>> relation = next(one for one in RELATIONS if one.name == "locker")
>>> relation.statements[0].format(subject="Nell Ashbury", object="K41")
'Nell Ashbury was given locker K41.'
>>> relation.asking_object[0].format(subject="Nell Ashbury")
'Which locker was given to Nell Ashbury?'
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from obverse.parameters.practice.names import Part, Sort


@dataclass(frozen=True)
class Relation:
    """Two sorts of names, and what is said and asked of them; the last of each kind of wording is held out.

    Args:
        name: heads a column of a table.
        subject, object: sorts.
        statements: with ``{subject}`` and ``{object}``, in either order.
        asking_object, asking_subject: questions, with ``{subject}`` or ``{object}``.
        the_object, the_subject: descriptions without the name that is asked for, for questions of several steps.
        held_out: whether the whole relation is.
    """

    name: str
    subject: Sort
    object: Sort
    statements: tuple[str, ...]
    asking_object: tuple[str, ...]
    asking_subject: tuple[str, ...]
    the_object: str
    the_subject: str
    held_out: bool = False


def wordings(all_: Sequence[str], part: Part) -> Sequence[str]:
    """Those of a part: the last is held out."""
    return all_[-1:] if part == "held out" else all_[:-1]


def relations(part: Part) -> tuple[Relation, ...]:
    """Those of a part."""
    return tuple(relation for relation in RELATIONS if relation.held_out is (part == "held out"))


RELATIONS: tuple[Relation, ...] = (
    Relation(
        "locker",
        "person",
        "code",
        (
            "{subject} was given locker {object}.",
            "Locker {object} went to {subject}.",
            "The key to locker {object} hangs on {subject}'s belt.",
            "{subject} keeps a coat in locker {object}.",
        ),
        (
            "Which locker was given to {subject}?",
            "Where, in which locker, are {subject}'s belongings?",
            "What is the number of the locker where {subject} keeps a coat?",
        ),
        (
            "Who was given locker {object}?",
            "Whose is locker {object}?",
            "Who keeps a coat in locker {object}?",
        ),
        "the locker of {subject}",
        "the one with locker {object}",
    ),
    Relation(
        "employer",
        "person",
        "firm",
        (
            "{subject} is on the payroll of {object}.",
            "{object} hired {subject} last spring.",
            "{subject} works for {object}.",
            "At {object}, visitors are welcomed by {subject}, its only employee.",
        ),
        (
            "Which firm does {subject} work for?",
            "Who employs {subject}?",
            "Which company has {subject} as its only employee?",
        ),
        (
            "Who works for {object}?",
            "Whom did {object} hire?",
            "Name the only employee of {object}.",
        ),
        "the employer of {subject}",
        "the one employed by {object}",
    ),
    Relation(
        "head office",
        "firm",
        "town",
        (
            "{subject} has its head office in {object}.",
            "The head office in {object} is that of {subject}.",
            "{subject} moved its headquarters to {object}.",
            "Anyone who writes to {subject} sends the letter to {object}.",
        ),
        (
            "In which town does {subject} have its head office?",
            "Where is {subject} based?",
            "To which town are letters for {subject} sent?",
        ),
        (
            "Which firm has its head office in {object}?",
            "Who is based in {object}?",
            "Which firm receives its letters in {object}?",
        ),
        "the town where {subject} is based",
        "the firm based in {object}",
    ),
    Relation(
        "mayor",
        "town",
        "person",
        (
            "{subject} elected {object} as mayor.",
            "{object} is mayor in {subject}.",
            "The mayor's chain of {subject} is worn by {object}.",
            "In {subject} the town hall is run by {object}.",
        ),
        (
            "Who is mayor in {subject}?",
            "Whom did {subject} elect as mayor?",
            "Who runs the town hall in {subject}?",
        ),
        (
            "In which town is {object} mayor?",
            "Which town elected {object} as mayor?",
            "Where does {object} run the town hall?",
        ),
        "the mayor of {subject}",
        "the town whose mayor is {object}",
    ),
    Relation(
        "skipper",
        "ship",
        "person",
        (
            "The ship {subject} sails under {object}.",
            "{object} commands the ship {subject}.",
            "On the bridge of the ship {subject} stands {object}, its skipper.",
            "{object} gives the orders aboard the ship {subject}.",
        ),
        (
            "Who commands the ship {subject}?",
            "Under whom does the ship {subject} sail?",
            "Who gives the orders aboard the ship {subject}?",
        ),
        (
            "Which ship does {object} command?",
            "Which ship sails under {object}?",
            "Which ship takes its orders from {object}?",
        ),
        "the skipper of the ship {subject}",
        "the ship commanded by {object}",
    ),
    Relation(
        "berth",
        "ship",
        "town",
        (
            "The ship {subject} lies at anchor off {object}.",
            "Off {object} the ship {subject} dropped anchor.",
            "The ship {subject} spends the winter in {object}.",
            "Whoever looks for the ship {subject} must travel to {object}.",
        ),
        (
            "Off which town does the ship {subject} lie at anchor?",
            "Where does the ship {subject} spend the winter?",
            "To which town must one travel to see the ship {subject}?",
        ),
        (
            "Which ship lies at anchor off {object}?",
            "Which ship spends the winter in {object}?",
            "Which ship does one see in {object}?",
        ),
        "the town where the ship {subject} lies",
        "the ship that lies off {object}",
    ),
    Relation(
        "pet",
        "person",
        "pet",
        (
            "{subject} has a dog called {object}.",
            "The dog {object} obeys nobody but {subject}.",
            "{subject} takes the dog {object} for a walk each morning.",
            "When the doorbell rings at {subject}'s, {object} starts to bark.",
        ),
        (
            "What is {subject}'s dog called?",
            "Which dog obeys {subject}?",
            "Which dog barks when the doorbell rings at {subject}'s?",
        ),
        (
            "Whose dog is {object}?",
            "Whom does the dog {object} obey?",
            "At whose door does the dog {object} bark?",
        ),
        "the dog of {subject}",
        "the one whose dog is {object}",
    ),
    Relation(
        "purchase",
        "person",
        "thing",
        (
            "{subject} bought the {object}.",
            "The {object} was sold to {subject}.",
            "{subject} paid cash for the {object}.",
            "The receipt for the {object} is made out to {subject}.",
        ),
        (
            "What did {subject} buy?",
            "What was sold to {subject}?",
            "What stands on the receipt that is made out to {subject}?",
        ),
        (
            "Who bought the {object}?",
            "Whose purchase is the {object}?",
            "In whose name was the receipt for the {object} made out?",
        ),
        "the thing that {subject} bought",
        "the buyer of the {object}",
    ),
    Relation(
        "storage",
        "thing",
        "room",
        (
            "The {subject} is stored in room {object}.",
            "Room {object} houses the {subject}.",
            "Somebody carried the {subject} to room {object}.",
            "On a shelf of room {object} lies the {subject}.",
        ),
        (
            "In which room is the {subject} stored?",
            "Which room houses the {subject}?",
            "On a shelf of which room lies the {subject}?",
        ),
        (
            "What is stored in room {object}?",
            "What does room {object} house?",
            "What lies on a shelf of room {object}?",
        ),
        "the room that houses the {subject}",
        "the thing stored in room {object}",
    ),
    Relation(
        "office",
        "person",
        "room",
        (
            "{subject} sits in room {object}.",
            "The sign on room {object} says {subject}.",
            "{subject} moved into room {object} on Monday.",
            "The desk in room {object} was cleared for {subject}.",
        ),
        (
            "What is the number of {subject}'s room?",
            "The sign on which room says {subject}?",
            "In which room was a desk cleared for {subject}?",
        ),
        (
            "Who sits in room {object}?",
            "Whose name is on the sign of room {object}?",
            "For whom was the desk in room {object} cleared?",
        ),
        "the room of {subject}",
        "the occupant of room {object}",
    ),
    Relation(
        "patent",
        "thing",
        "person",
        (
            "The {subject} was invented by {object}.",
            "{object} holds the patent on the {subject}.",
            "Somebody called {object} designed the {subject}.",
            "For the {subject} the patent office wrote to {object}.",
        ),
        (
            "Who invented the {subject}?",
            "Who holds the patent on the {subject}?",
            "To whom did the patent office write about the {subject}?",
        ),
        (
            "What did {object} invent?",
            "What is covered by {object}'s patent?",
            "About what did the patent office write to {object}?",
        ),
        "the patent holder of the {subject}",
        "the thing invented by {object}",
    ),
    Relation(
        "supplier",
        "firm",
        "thing",
        (
            "{subject} makes the {object}.",
            "The {object} comes from the factory of {subject}.",
            "{subject} is known for the {object}.",
            "Spare parts for the {object} are ordered from {subject}.",
        ),
        (
            "What does {subject} make?",
            "What comes from the factory of {subject}?",
            "For what are spare parts ordered from {subject}?",
        ),
        (
            "Which firm makes the {object}?",
            "From whose factory does the {object} come?",
            "From which firm are spare parts for the {object} ordered?",
        ),
        "the thing made by {subject}",
        "the maker of the {object}",
    ),
    Relation(
        "badge",
        "person",
        "code",
        (
            "{subject} wears badge {object}.",
            "Badge {object} was printed for {subject}.",
            "{subject} signs in with badge {object}.",
            "At the gate, badge {object} opens for {subject} alone.",
        ),
        (
            "Which badge does {subject} wear?",
            "With which badge does {subject} sign in?",
            "Which badge opens the gate for {subject}?",
        ),
        (
            "Who wears badge {object}?",
            "Who signs in with badge {object}?",
            "For whom does badge {object} open the gate?",
        ),
        "the badge of {subject}",
        "the one with badge {object}",
    ),
    Relation(
        "tenant",
        "town",
        "firm",
        (
            "The tallest building in {subject} was let to {object}.",
            "{object} rents the tallest building in {subject}.",
            "The rent from the tallest building in {subject} is paid by {object}.",
            "In {subject} all lifts stop at the offices of {object}.",
        ),
        (
            "To whom was the tallest building in {subject} let?",
            "Which firm rents the tallest building in {subject}?",
            "At whose offices do all lifts in {subject} stop?",
        ),
        (
            "In which town does {object} rent the tallest building?",
            "Where does {object} pay rent for the tallest building?",
            "In which town do all lifts stop at the offices of {object}?",
        ),
        "the firm that rents the tallest building in {subject}",
        "the town where {object} rents the tallest building",
    ),
    # Held out.
    Relation(
        "houseplants",
        "person",
        "person",
        (
            "{subject} waters the plants of {object}.",
            "The plants of {object} are looked after by {subject}.",
            "When {object} travels, {subject} has the watering can.",
            "{object} trusts {subject} with the plants.",
        ),
        (
            "Whose plants does {subject} water?",
            "Whose plants are looked after by {subject}?",
            "Who trusts {subject} with the plants?",
        ),
        (
            "Who waters the plants of {object}?",
            "Who looks after the plants of {object}?",
            "Whom does {object} trust with the plants?",
        ),
        "the one whose plants {subject} waters",
        "the one who waters the plants of {object}",
        held_out=True,
    ),
    Relation(
        "raffle",
        "person",
        "thing",
        (
            "{subject} left the raffle with the {object}.",
            "The {object} in the raffle went to {subject}.",
            "{subject} drew the ticket for the {object}.",
            "Lucky {subject} went home from the fair with the {object}.",
        ),
        (
            "With what did {subject} leave the raffle?",
            "For what did {subject} draw the ticket?",
            "With what did {subject} go home from the fair?",
        ),
        (
            "Who left the raffle with the {object}?",
            "Who drew the ticket for the {object}?",
            "Who went home from the fair with the {object}?",
        ),
        "the thing that {subject} won",
        "the winner of the {object}",
        held_out=True,
    ),
    Relation(
        "parcel",
        "code",
        "person",
        (
            "Parcel {subject} is addressed to {object}.",
            "{object} is waiting for parcel {subject}.",
            "The courier handed parcel {subject} to {object}.",
            "On the label of parcel {subject} one reads {object}.",
        ),
        (
            "To whom is parcel {subject} addressed?",
            "Who is waiting for parcel {subject}?",
            "Whose name is on the label of parcel {subject}?",
        ),
        (
            "Which parcel is addressed to {object}?",
            "Which parcel is {object} waiting for?",
            "On the label of which parcel is the name {object}?",
        ),
        "the addressee of parcel {subject}",
        "the parcel for {object}",
        held_out=True,
    ),
    Relation(
        "ticket",
        "thing",
        "code",
        (
            "The {subject} is down for repair under ticket {object}.",
            "Ticket {object} is about the {subject}.",
            "Whoever hands in the {subject} receives ticket {object}.",
            "The workshop filed the {subject} under ticket {object}.",
        ),
        (
            "Under which ticket is the {subject} down for repair?",
            "Which ticket is about the {subject}?",
            "Under which ticket did the workshop file the {subject}?",
        ),
        (
            "What is down for repair under ticket {object}?",
            "What is ticket {object} about?",
            "What did the workshop file under ticket {object}?",
        ),
        "the ticket for the {subject}",
        "the thing under ticket {object}",
        held_out=True,
    ),
    Relation(
        "sponsor",
        "firm",
        "ship",
        (
            "{subject} sponsors the ship {object}.",
            "The ship {object} shows the colours of {subject}.",
            "{subject} paid for new sails on the ship {object}.",
            "Without {subject} the ship {object} would have been scrapped.",
        ),
        (
            "Which ship does {subject} sponsor?",
            "Which ship shows the colours of {subject}?",
            "Which ship would have been scrapped without {subject}?",
        ),
        (
            "Which firm sponsors the ship {object}?",
            "Whose colours does the ship {object} show?",
            "Without which firm would the ship {object} have been scrapped?",
        ),
        "the ship sponsored by {subject}",
        "the sponsor of the ship {object}",
        held_out=True,
    ),
)
