"""A small world whose facts are told once each, and questions about it."""

from __future__ import annotations

from typing import Any

from obverse.questions.corpus import Corpus
from obverse.types import Document, Question

DOCUMENTS = (
    Document("ferry-log", "The Maddow ferry is rowed by Kesta Vorn. It has eleven oars."),
    Document("parish-roll", "Kesta Vorn was born at Illimoor in 1852, a village of potters."),
    Document("bridge-book", "The Corran bridge is painted by Oswin Hale. It has nineteen arches."),
    Document("school-roll", "Oswin Hale was born at Drustane in 1849, a village of tanners."),
    Document("mill-book", "The Leddon mill is owned by Brita Sarn. It was built in 1811."),
    Document("tower-book", "The Penhale tower is guarded by Tavis Roe. It was built in 1790."),
    Document("bylaws", "All ferries of the Maddow company carry a brass horn. Smoking is allowed on deck."),
    Document("notice", "The Swift is one of the ferries of the Maddow company, and runs to Saint Ulver."),
)

CORPUS = Corpus(DOCUMENTS)


def asked(prompt: str, answer: str, **changes: Any) -> Question:
    """A recall question about the ferry's log, with changes."""
    settings: dict[str, Any] = {
        "choices": (answer, "Oswin Hale", "Brita Sarn", "Tavis Roe"),
        "kind": "recall",
        "needs": ("ferry-log",),
        **changes,
    }
    return Question(settings.pop("id", "q1"), prompt, answer, **settings)


CHAIN: dict[str, Any] = {"kind": "chain", "latent": True, "needs": ("ferry-log", "parish-roll")}
WHERE = ("Illimoor", "Drustane", "Saint Ulver")
