"""The card of a practised model: what it is, what it was made of, what it can do and what not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from obverse.practice.measuring import ReadingScore
from obverse.practice.practising import Practised, Practising
from obverse.practice.relations import relations


def write_card(
    model: str,
    practising: Practising,
    practised: Practised,
    fingerprint: str,
    before: Sequence[ReadingScore],
    after: Sequence[ReadingScore],
    versions: Mapping[str, object],
) -> str:
    """The card as Markdown, with the header that model hubs read.

    Args:
        model: the name of the model that practised.
        fingerprint: of the practice documents.
        before, after: held-out scenes, read by the model before and after.
        versions: of Python and the libraries.
    """
    practice, training = practising.practice, practising.training
    what = f"A LoRA adapter (rank {practising.rank})" if practising.adapter == "lora" else "All weights"
    ledger, old, new = practised.ledger, practised.before, practised.after
    then = {(row.facts, row.kind): row for row in before}
    lines = [
        "---",
        f"base_model: {model}",
        "library_name: peft" if practising.adapter == "lora" else "library_name: transformers",
        "tags: [in-context, practice, obverse]",
        "---",
        "",
        f"# {model}, practised to read its context",
        "",
        f"{what} for {model}, trained to answer questions from documents in the prompt. No fact was taught: every "
        "practice document is about names drawn for it alone, so that only reading it helps.",
        "",
        "## What it can do",
        "",
        "Held-out names, relations and wordings; the right one of four of the same sort, by likelihood (in brackets "
        "the exact greedy answer):",
        "",
        "| facts in the prompt | question | before | after | questions |",
        "|---|---|---|---|---|",
        *(
            f"| {row.facts} | {row.kind} | {_shares(then[row.facts, row.kind])} | {_shares(row)} | {row.questions} |"
            for row in sorted(after, key=lambda row: (row.facts, row.kind))
            if (row.facts, row.kind) in then
        ),
        "",
        f"Retained: perplexity on general text {old.perplexity:.2f} before, {new.perplexity:.2f} after; questions of "
        f"general knowledge {old.knowledge:.0%} before, {new.knowledge:.0%} after.",
        "",
        "## How it was made",
        "",
        f"- {practice.steps} steps of at least {practice.step_tokens} tokens, documents of up to "
        f"{practice.scene_tokens}, {ledger.tokens_trained:,} in all, seed "
        f"{practice.seed}, AdamW at {training.learning_rate:g}, loss on the answers alone; "
        f"{ledger.seconds / 60:.0f} minutes.",
        f"- {len(relations('practice'))} relations, each in two or more wordings, and such in words coined for one "
        "document; six formats, plausible and nonsense names; forward, reverse and two-step questions, every/no/some, "
        "and such that the documents do not answer.",
        *_rehearsal(practising),
        f"- Fingerprint of the documents: `{fingerprint}`",
        f"- {', '.join(f'{name} {version}' for name, version in versions.items())}",
        "",
        "## What it is not good for",
        "",
        "- Facts that are not in the prompt: it knows no more than the model did.",
        "- Long answers and conversation: it was only asked for names, numbers, yes and no, in English.",
        "- Conclusions of three and more steps, which it never practised.",
        "",
    ]
    return "\n".join(lines)


def _rehearsal(practising: Practising) -> list[str]:
    if (rehearsal := practising.rehearsal) is None:
        return []
    term = {
        "divergence": "the divergence from the untouched model on them",
        "replay": "their likelihood",
    }[rehearsal.objective]
    return [
        f"- In each step {rehearsal.tokens} tokens of texts that the model wrote itself, and {term} in the loss, times "
        f"{rehearsal.weight:g}."
    ]


def _shares(row: ReadingScore) -> str:
    exact = "" if row.exact is None else f" ({row.exact:.0%})"
    return f"{row.accuracy:.0%}{exact}"
