"""Support: gains are those of plain forward passes, word by word, and the smallest counts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from line_examples import DOCUMENTS, line

from obverse.augmentation.verification import UNCHECKED
from obverse.augmentation.verification.likelihoods import QUESTION
from obverse.augmentation.verification.support import Support, meaningful
from obverse.models import Pretrained, load
from obverse.retrieval.assembly import Assembler
from obverse.types import Document

ILKA = DOCUMENTS[0]


@pytest.fixture(scope="module")
def tiny(tiny_folder: Path) -> Pretrained:
    return load(str(tiny_folder), dtype="float32", device="cpu")


def words(text: str) -> list[str]:
    return [text[start:end] for start, end in meaningful(text)]


def test_words_that_carry_meaning_count_once() -> None:
    assert words("The keeper is a keeper, and Ilka's of the well-known Keeper.") == [
        "keeper",
        "Ilka's",
        "well-known",
    ]
    assert words("Question: Who asks the question?\nAnswer: Ilka, in 1901.") == [
        "asks",
        "question",
        "Ilka",
        "1901",
    ]
    assert words("It is.") == []


def plain(pretrained: Pretrained, documents: Sequence[Document], text: str) -> float:
    """Log-likelihood of the text behind the documents, by one forward pass, in nats."""
    assembler, tokenizer = Assembler(pretrained.tokenizer), pretrained.tokenizer
    before = assembler.prefix(documents) + assembler.prompt(QUESTION)
    start = len(tokenizer(before).input_ids)
    tokens = torch.tensor([tokenizer(before + assembler.choice(text)).input_ids])
    with torch.inference_mode():
        logits = pretrained.model(input_ids=tokens).logits[0, start - 1 : -1].log_softmax(-1)
    return float(logits.gather(1, tokens[0, start:, None]).sum())


def test_the_smallest_gain_is_the_score(tiny: Pretrained) -> None:
    text = "Ilka Venning keeps the lens of Ilka."
    ends = [(0, 4), (5, 12), (13, 18), (23, 27)]
    assert list(meaningful(text)) == ends
    gains = []
    for start, end in ends:
        given, alone = (
            plain(tiny, documents, text[:end])
            - (plain(tiny, documents, text[:start].rstrip()) if start else 0)
            for documents in ([ILKA], [])
        )
        gains.append(given - alone)
    (score,) = Support(tiny).score([line(text, ILKA.id)], DOCUMENTS)
    assert score == pytest.approx(min(gains), abs=1e-3)


def test_lines_are_scored_as_if_alone_and_what_it_costs_is_counted(tiny: Pretrained) -> None:
    lines = [line("Ilka keeps the lens.", ILKA.id), line("It is.", ILKA.id), line("Ilka has a dog.", ILKA.id)]
    verifier = Support(tiny)
    together = verifier.score(lines, DOCUMENTS)
    assert together[1] == UNCHECKED
    assert verifier.ledger.tokens_forward > 0
    alone = [Support(tiny).score([one], DOCUMENTS)[0] for one in lines]
    assert together == pytest.approx(alone, abs=1e-3)
    assert Support(tiny).score([], DOCUMENTS) == []
