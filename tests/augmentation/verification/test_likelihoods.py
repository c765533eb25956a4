"""Likelihoods of lines: asked in the model's own form, lines of a document together, and their price."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from line_examples import DOCUMENTS, line

from obverse.answering import encoding
from obverse.answering.encoding import PromptTooLongError, Request
from obverse.augmentation.verification.likelihoods import LikelihoodReader, score_alike
from obverse.costs import model_shape
from obverse.models import Pretrained, load

ILKA, BAHRAM = DOCUMENTS[:2]


@pytest.fixture(scope="module")
def tiny(tiny_folder: Path) -> Pretrained:
    return load(str(tiny_folder), dtype="float32", device="cpu")


def test_the_form_of_the_prompt_is_the_models_own(tiny: Pretrained, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, Any, bool]] = []
    encode = encoding.encode

    def encoded(tokenizer: Any, prefix: str, requests: Any, *, special_tokens: bool) -> Any:
        seen.append((prefix, requests, special_tokens))
        return encode(tokenizer, prefix, requests, special_tokens=special_tokens)

    monkeypatch.setattr(encoding, "encode", encoded)
    LikelihoodReader(tiny).read([ILKA], [("It is hers.",)])
    assert seen == [
        (
            f"Documents:\n\n{ILKA.text}\n\n---\n\n",
            [Request("Question: What follows from the documents?\nAnswer:", (" It is hers.",))],
            True,
        )
    ]
    assert BAHRAM.text not in seen[0][0]


def test_what_scoring_costs_is_counted(tiny: Pretrained) -> None:
    verifier = LikelihoodReader(tiny)
    verifier.read([ILKA], [("It is hers.", "It is not hers.")])
    once = verifier.ledger
    assert once.tokens_forward > 0
    assert once.flops > 2 * model_shape(tiny.model).linear * once.tokens_forward
    verifier.read([ILKA], [("It is hers.", "It is not hers.")])
    assert verifier.ledger.tokens_forward == 2 * once.tokens_forward
    assert verifier.ledger.flops == 2 * once.flops


def test_lines_with_the_same_sources_are_scored_together_and_what_does_not_fit_by_what_is_nearer() -> None:
    seen: list[tuple[list[str], list[str]]] = []

    def score(texts: Any, sources: Any, _: Any) -> list[float]:
        seen.append((list(texts), [source.id for source in sources]))
        if len(sources) > 2:
            raise PromptTooLongError(9, 8)
        return [float(len(text)) for text in texts]

    everything = tuple(document.id for document in DOCUMENTS)
    lines = [line("Ilka Venning.", ILKA.id), line("Bahram Tolley!", *everything), line("Ilka V", ILKA.id)]
    assert score_alike(lines, DOCUMENTS, score) == [13.0, 14.0, 6.0]
    assert seen[0] == (["Ilka Venning.", "Ilka V"], [ILKA.id])
    texts, nearer = seen[-1]
    assert texts == ["Bahram Tolley!"]
    assert BAHRAM.id in nearer
    with pytest.raises(PromptTooLongError):
        score_alike(lines[:1], DOCUMENTS, lambda *_: (_ for _ in ()).throw(PromptTooLongError(9, 8)))
