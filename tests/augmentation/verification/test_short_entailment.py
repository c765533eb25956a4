"""Entailment for completed cues: the margins are those of the reader, and a model that reads tells true from false."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
import torch

from obverse.answering.answerer import Reading
from obverse.answering.short import ShortReader
from obverse.augmentation.lines import Line
from obverse.augmentation.proper_names import names_of
from obverse.augmentation.verification import UNCHECKED
from obverse.augmentation.verification.entailment import corruptions, exchange_names
from obverse.augmentation.verification.short_entailment import ShortEntailment, behind
from obverse.models.decoder import Decoder
from obverse.models.decoder_config import DecoderConfig
from obverse.models.vocabulary import word_tokenizer
from obverse.tasks.drawn.simple_reversals import SimpleReversals

SETTINGS = SimpleReversals(entities=60, facts_per_relation=60, reversals_trained=0.5, filler_share=0.0)
TASK = SETTINGS.build(0)
NAMES = names_of(TASK.documents)
CUES = {cue.id: cue for cue in SETTINGS.cues(0)}
DOCUMENTS = TASK.documents
# The source among two others.
EPISODES = {
    cue.id: (DOCUMENTS[place], TASK.document(cue.needs[0]), DOCUMENTS[-place - 1])
    for place, cue in enumerate(CUES.values())
}


def line(id: str, ending: str) -> Line:
    cue = CUES[id]
    return Line(f"{cue.prompt} {ending}", "reverse", cue.needs[0], cue.needs, 0, id, 1)


TRUE = [line(cue.id, cue.answer) for cue in CUES.values()]
FALSE = [line(cue.id, choice) for cue in CUES.values() for choice in cue.choices[:3] if choice != cue.answer]


class Comprehending:
    """A model that finds the fact in its context; where there is none all words are equally likely."""

    def read(self, prompts: Sequence[str], choices: Sequence[Sequence[str]]) -> list[Reading]:
        readings = []
        for prompt, found in zip(prompts, choices, strict=True):
            words = prompt.split()
            subject, relation = words[-2:]
            said = list(zip(words[0:-2:4], words[1:-2:4], words[2:-2:4], strict=True))
            answers = [first for first, _, last in said if last == subject]
            answers += [last for first, word, last in said if (first, word) == (subject, relation)]
            readings.append(
                Reading(
                    tuple((0.0 if choice in answers else -9.0) if answers else -4.0 for choice in found),
                    (1,) * len(found),
                    "",
                )
            )
        return readings


def test_a_model_that_reads_tells_every_true_line_from_every_false_one() -> None:
    reader: Any = Comprehending()
    entailment = ShortEntailment(reader, CUES, EPISODES)
    scores = entailment.score([*TRUE, *FALSE], DOCUMENTS)
    assert min(scores[: len(TRUE)]) > entailment.threshold > max(scores[len(TRUE) :])


def test_the_score_is_the_smaller_of_two_margins() -> None:
    torch.manual_seed(0)
    tokenizer: Any = word_tokenizer(SETTINGS.vocabulary)
    model: Any = Decoder(DecoderConfig(vocab_size=len(tokenizer), hidden_size=32, embedding_std=0.4))
    reader = ShortReader(model.eval(), tokenizer)

    def likelihood(prompt: str, ending: str) -> float:
        (reading,) = reader.read([prompt], [(ending,)])
        return reading.log_likelihoods[0]

    lines = [TRUE[0], FALSE[0], TRUE[7], TRUE[0]]
    scores = ShortEntailment(reader, CUES, EPISODES).score(lines, DOCUMENTS)
    for one, score in zip(lines, scores, strict=True):
        cue, episode = CUES[one.answer_key], EPISODES[one.answer_key]
        begun = f"{cue.prompt} "
        given, ending = behind(episode, cue), one.text.removeprefix(begun)
        own = likelihood(given, ending)
        falsely = likelihood(behind(exchange_names(episode, NAMES, NAMES.keys(one.text)), cue), ending)
        others = [
            likelihood(given, other.removeprefix(begun))
            for other in corruptions(one.text, [TASK.document(one.target)], NAMES)
            if other.startswith(begun)
        ]
        assert others
        assert score == pytest.approx(min(own - falsely, own - max(others)), abs=1e-5)
    assert scores[0] == scores[3]


def test_without_names_there_is_nothing_to_compare_with() -> None:
    id = next(iter(CUES))
    cue = replace(CUES[id], prompt="so it", answer="goes", needs=("d",))
    documents = [replace(DOCUMENTS[0], id="d", text="it goes so")]
    reader: Any = Comprehending()
    entailment = ShortEntailment(reader, {id: cue}, {id: ()})
    assert entailment.score([Line("so it goes", "reverse", "d", ("d",), 0, id, 1)], documents) == [UNCHECKED]
    assert entailment.score([], documents) == []
