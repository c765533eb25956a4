"""Numbers and terms in plain words, the same on the page and on the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from obverse import plugins
from obverse.routes import ANSWERS, CONTEXTS, PARAMETERS, RETRIEVE, is_custom
from obverse.types import UNTOUCHED

ROUTE_PARTS = {
    UNTOUCHED: "the model alone: nothing was taught, and nothing stands in the prompt but the question",
    **{name: word.about for words in (PARAMETERS, CONTEXTS, ANSWERS) for name, word in words.items()},
}

VERDICTS = {
    "never stored": (
        "What the question needs was not recalled: the route does not rightly continue those documents where they "
        "are broken off, or nothing was taught."
    ),
    "not retrieved": "The search did not return a document that the question needs.",
    "stored, not usable": (
        "The route recalls the documents behind the question and still does not answer it; with them in the prompt "
        "it can be answered, or no route tried."
    ),
    "not usable even in context": (
        "Every document that the question needs stood in this route's prompt, or in that of every route that had it, "
        "and the answer was still wrong."
    ),
    "undetermined": "The question does not say which documents it needs, or no recall of them was asked for.",
}

METRICS = {
    "accuracy": "forced choice",
    "accuracy_per_token": "forced choice, per token",
    "strict": "exact match",
    "lenient": "lenient match",
}


def about_route(name: str) -> str:
    """What a route does, from the parts of its name; empty where a part is not known here."""
    parts = [_about_part(part) for part in name.split("+")]
    return "; ".join(parts) if all(parts) else ""


def _about_part(part: str) -> str:
    name, _, number = part.partition(":")
    if part in ROUTE_PARTS:
        return ROUTE_PARTS[part]
    if name == RETRIEVE and plugins.is_name(number):
        return f"a search by {number} finds a few documents for each question, and these stand in the prompt"
    if is_custom(part):
        return f"documents that {part} chooses for each question stand in the prompt"
    about = next((words[name].counted_about for words in (CONTEXTS, ANSWERS) if name in words), "")
    if not about or not number.isdecimal():
        return ""
    others = "1 other" if int(number) == 1 else f"{int(number)} others"
    return about.format(others=others, number=int(number))


def parameters_part(route: str) -> str:
    """What a route's name chooses to be trained in; empty where it chooses nothing."""
    return "+".join(part for part in route.split("+") if part in PARAMETERS)


def taught_and_shown(route: str, context: str) -> str:
    """A teaching and what stands in the prompt after it; an empty context is none."""
    return f"{route}, with {context} in the prompt" if context else f"{route}, nothing in the prompt"


def kind(name: str, latent: bool) -> str:
    """A kind of question, marked where the documents only imply its answers."""
    return f"{name} (latent)" if latent else name


def percent(share: float) -> str:
    """A share without decimals, which no interval here would carry."""
    return f"{100 * share:.0f}%"


def bounds(estimate: Mapping[str, Any]) -> str:
    """The 95% interval in brackets."""
    return f"[{100 * estimate['low']:.0f}, {100 * estimate['high']:.0f}]"


def accuracy(estimate: Mapping[str, Any] | None) -> str:
    """The mean and its interval; a dash where there is none."""
    return f"{percent(estimate['mean'])} {bounds(estimate)}" if estimate else "–"


def shows_reading(own: Mapping[str, Any] | None, false: Mapping[str, Any] | None) -> bool:
    """Whether a route's figure may be called reading: its interval lies above that of its false-context control."""
    return own is not None and false is not None and bool(own["low"] > false["high"])


def duration(seconds: float) -> str:
    """Two significant digits, in the unit that reads best."""
    if seconds < 9.5:
        return f"{seconds:.2g} s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    minutes = seconds / 60
    if minutes < 120:
        return f"{minutes:.0f} min" if minutes >= 9.5 else f"{minutes:.1f} min"
    return f"{minutes / 60:,.1f} h"


def operations(flops: float) -> str:
    """Floating-point operations with a decimal prefix."""
    return f"{_prefixed(flops, ' KMGTPEZY')}FLOP"


def memory(amount: float) -> str:
    """Bytes with a decimal prefix; a dash where none were measured."""
    return "–" if not amount else f"{_prefixed(amount, ' KMGTP')}B"


def count(number: float) -> str:
    """A whole number with separators; small averages keep a decimal."""
    return f"{number:,.0f}" if number >= 10 or number == int(number) else f"{number:.1f}"


def counted(shares: Mapping[str, float]) -> str:
    """The co-occurrence baseline, by the names of rows."""
    said = ", ".join(f"{percent(share)} of {name}" for name, share in shares.items())
    return (
        f"Co-occurrence baseline (counts which words follow which in the documents, without a model): {said}."
    )


def augmentation(entry: Mapping[str, Any]) -> str:
    """How much of what the model wrote by itself is right."""
    right = _of(entry["right"], entry["written"])
    said = (
        f"Seed {entry['seed']}: the model itself wrote {entry['written']:,} lines for augment, "
        f"{entry['right']:,} of them right{right}."
    )
    if entry.get("kept") is None:  # not verified, or from before there were verifiers
        return said
    kept, right_kept = entry["kept"], entry["right_kept"]
    return (
        f"{said} The verifier kept {kept:,}, {right_kept:,} of them right{_of(right_kept, kept)}: "
        f"{right_kept:,} of {entry['right']:,} that are right{_of(right_kept, entry['right'])}."
    )


def _of(part: int, whole: int) -> str:
    """The share in brackets, where there is one."""
    return f" ({percent(part / whole)})" if whole else ""


def upper_bound(cued: int, latent: int) -> str:
    """What the figures of augment in a study from scratch are worth (`obverse.tasks.drawn.cued`)."""
    return (
        f"augment is an upper bound: {cued:,} of {latent:,} latent test questions are, word for word, cues that the "
        "model completed with the needed documents in its prompt and was then trained on."
    )


def augmented(entry: Mapping[str, Any]) -> str:
    """Who wrote about the documents, and how much of it was kept."""
    return (
        f"{entry['generator']} wrote {entry['texts']:,} texts about the documents for augment; "
        f"{entry['kept']:,} of their lines were kept and {entry['rejected']:,} rejected. "
        f"They state the answers of {len(entry['stated']):,} latent questions."
    )


def value(number: float) -> str:
    """A value on an axis, with no more digits than it has."""
    return f"{number:,.6g}"


def crossing(questions: float | None) -> str:
    """From how many questions on one route is cheaper than another."""
    if questions is None:
        return "never"
    if questions == 0:
        return "always"
    first = int(questions) + 1
    return f"from {first:,} questions on" if first > 1 else "from the first question on"


def _prefixed(number: float, prefixes: str) -> str:
    for prefix in prefixes:
        # 999.5 would be printed as 1000, so it takes the next prefix.
        if number < 999.5 or prefix == prefixes[-1]:
            break
        number /= 1000
    digits = f"{number:.2g}" if number < 10 else f"{number:,.0f}"
    return f"{digits} {prefix.strip()}"
