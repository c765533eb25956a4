"""Which texts are to be written: what is asked about each document, and which documents are in view then.

Where the whole set does not fit a prompt, each document is seen with those that are lexically nearest to it, then with
those nearest to these, as many as fit.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from obverse.augmentation.prompts import SEPARATOR, Prompt, numbered
from obverse.augmentation.sentences import Splitting, split
from obverse.augmentation.writing import Assignment, Kind
from obverse.retrieval.bm25 import Bm25
from obverse.types import Document, InputError

View = tuple[int, ...]
"""Places in the set of the documents that stand in a prompt, in the order of the set."""


@dataclass(frozen=True)
class Room:
    """How long a prompt may be.

    Args:
        tokens: that a prompt may have, what is written behind it left out.
        count: gives the tokens of a text.
    """

    tokens: int
    count: Callable[[str], int]


@dataclass(frozen=True)
class Planned:
    """What is to be written.

    Args:
        assignments: those that share the beginning of their prompt stand together; the document with number ``n``
            in a prompt is the ``n``-th of the assignment's sources.
        whole: whether all documents were in view wherever several were to be.
        in_view: how many were in the narrowest such view; 0 where there is none.
    """

    assignments: tuple[Assignment, ...]
    whole: bool
    in_view: int


def plan(
    documents: Sequence[Document],
    kinds: Sequence[Kind],
    samples: int,
    splitting: Splitting,
    prompts: Mapping[str, Prompt],
    room: Room | None,
) -> Planned:
    """Lay out all assignments: those about one document for each of its pieces, those about the set for each document.

    Args:
        samples: texts of each.
        splitting: of documents, for the kinds that are about one document; blank documents are left out.
        prompts: from `read_prompts`.
        room: ``None`` where prompts may have any length.

    Raises:
        InputError: a document alone is too long.
    """
    documents = [document for document in documents if document.text.strip()]
    assignments: list[Assignment] = []
    views: list[View] = []
    for kind in kinds:
        if kind == "inference":
            views = _views(documents, prompts[kind], room)
            laid = _about_the_set(documents, views, prompts[kind])
        else:
            laid = _about_pieces(documents, splitting, prompts[kind], room)
        assignments += [
            Assignment(kind, target, sources, shared, own, sample)
            for target, sources, shared, own in laid
            for sample in range(samples)
        ]
    in_view = min(map(len, views), default=0)
    return Planned(tuple(assignments), not views or in_view == len(documents), in_view)


_Laid = tuple[str, tuple[str, ...], str, str]  # target, sources, shared, own


def _about_pieces(
    documents: Sequence[Document], splitting: Splitting, prompt: Prompt, room: Room | None
) -> list[_Laid]:
    shared = prompt.shared()
    laid: list[_Laid] = []
    for piece in split(documents, splitting):
        own = prompt.own(piece.text)
        if room is not None:
            _check(piece.document, room.count(shared + own), room)
        laid.append((piece.document.id, (piece.document.id,), shared, own))
    return laid


def _about_the_set(documents: Sequence[Document], views: Sequence[View], prompt: Prompt) -> list[_Laid]:
    targets: dict[View, list[int]] = {}
    for place, view in enumerate(views):
        targets.setdefault(view, []).append(place)
    laid = []
    for view, places in targets.items():
        shared = prompt.shared([documents[place].text for place in view])
        sources = tuple(documents[place].id for place in view)
        for place in places:
            own = prompt.own(numbered(view.index(place) + 1, documents[place].text))
            laid.append((documents[place].id, sources, shared, own))
    return laid


def _views(documents: Sequence[Document], prompt: Prompt, room: Room | None) -> list[View]:
    """What is in view for each document: all, or as much of what is near as fits."""
    everything = tuple(range(len(documents)))
    if room is None or not documents:
        return [everything] * len(documents)
    # With the highest number that can stand before it.  Parts that are counted apart have as many tokens as together,
    # or a few more.
    sizes = [room.count(numbered(len(documents), document.text) + SEPARATOR) for document in documents]
    frame = room.count(prompt.shared() + prompt.own(""))
    if frame + sum(sizes) + max(sizes) <= room.tokens:
        return [everything] * len(documents)
    for document, size in zip(documents, sizes, strict=True):
        _check(document, frame + 2 * size, room)
    with tempfile.TemporaryDirectory() as folder:
        retriever = Bm25()
        retriever.index(documents, Path(folder))
        places = {document.id: place for place, document in enumerate(documents)}
        most = min(len(documents), room.tokens // min(sizes))

        @cache
        def near(place: int) -> list[int]:
            (found,) = retriever.search([documents[place].text], most)
            return [places[id] for id in found]

        return [_nearest(place, near, sizes, room.tokens - frame - 2 * sizes[place]) for place in everything]


def _nearest(target: int, near: Callable[[int], list[int]], sizes: Sequence[int], left: int) -> View:
    """The target, what is near it, what is near that and so on, while tokens are left."""
    chosen = [target]
    smallest = min(sizes)
    for place in chosen:  # grows meanwhile
        if left < smallest:
            break
        for found in near(place):
            if found not in chosen and sizes[found] <= left:
                chosen.append(found)
                left -= sizes[found]
    return tuple(sorted(chosen))


def _check(document: Document, tokens: int, room: Room) -> None:
    if tokens > room.tokens:
        raise InputError(
            f"the document {document.id!r}: a prompt about it takes {tokens} tokens and {room.tokens} fit; split it "
            "into shorter ones, or name a generator with a longer window"
        )
