"""Entailment: the margins are those of plain forward passes, and what lines are compared with contradicts them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from line_examples import DOCUMENTS, line

from obverse.answering.encoding import PromptTooLongError
from obverse.augmentation.proper_names import names_of
from obverse.augmentation.verification import UNCHECKED
from obverse.augmentation.verification.entailment import Entailment, corruptions, exchange_names
from obverse.augmentation.verification.likelihoods import QUESTION
from obverse.models import Pretrained, load
from obverse.retrieval.assembly import Assembler
from obverse.tasks.drawn import simple_reversals
from obverse.types import Document

NAMES = names_of(DOCUMENTS)
ILKA, BAHRAM = DOCUMENTS[:2]


@pytest.fixture(scope="module")
def tiny(tiny_folder: Path) -> Pretrained:
    return load(str(tiny_folder), dtype="float32", device="cpu")


def plain(pretrained: Pretrained, documents: Sequence[Document], text: str) -> float:
    """Log-likelihood a token of the text behind the documents, by one forward pass, in nats."""
    assembler, tokenizer = Assembler(pretrained.tokenizer), pretrained.tokenizer
    before = assembler.prefix(documents) + assembler.prompt(QUESTION)
    start = len(tokenizer(before).input_ids)
    tokens = tokenizer(before + assembler.choice(text)).input_ids
    with torch.no_grad():
        logits = pretrained.model(input_ids=torch.tensor([tokens])).logits[0].double()
    each = torch.log_softmax(logits, -1)[torch.arange(start - 1, len(tokens) - 1), tokens[start:]]
    return each.mean().item()


def test_the_score_is_the_smaller_of_two_margins(tiny: Pretrained) -> None:
    lines = [
        line("The Corvane chronometer is kept by Ilka Venning."),
        line("Ilka Venning and Bahram Tolley are keepers.", "ilka", "bahram"),
        line("The keeper of the Corvane chronometer is not Bahram Tolley."),
    ]
    scores = Entailment(tiny).score(lines, DOCUMENTS)
    for one, score in zip(lines, scores, strict=True):
        sources = [document for document in DOCUMENTS if document.id in one.sources]
        about = [key for other in lines if other.sources == one.sources for key in all_keys(other.text)]
        given = plain(tiny, sources, one.text)
        falsely = given - plain(tiny, exchange_names(sources, NAMES, about), one.text)
        others = corruptions(one.text, sources, NAMES)
        corrupted = given - max(plain(tiny, sources, other) for other in others)
        assert score == pytest.approx(min(falsely, corrupted), abs=1e-5)
    # The same alone as together with others of the same sources.
    assert Entailment(tiny).score(lines[1:2], DOCUMENTS) == pytest.approx(scores[1:2], abs=1e-5)


def all_keys(text: str) -> list[str]:
    return [mention.key for mention in NAMES.find(text)]


def test_lines_without_anything_to_compare_with(tiny: Pretrained) -> None:
    entailment = Entailment(tiny)
    nameless = (Document("a", "it is so"), Document("b", "it is so too"))
    assert entailment.score([], DOCUMENTS) == []
    assert entailment.score([line("so it goes", "a")], nameless[:1]) == [UNCHECKED]
    assert entailment.score([line("so it goes", "gone")], nameless) == [UNCHECKED]
    # Without names in the sources there is one margin only, that to the negated line.
    (score,) = entailment.score([line("it is good", "a")], nameless)
    margin = plain(tiny, nameless[:1], "it is good") - plain(tiny, nameless[:1], "it is not good")
    assert score == pytest.approx(margin, abs=1e-5)


def test_sources_that_do_not_fit_are_those_that_share_names(tiny: Pretrained) -> None:
    foreign = [Document(f"f{n}", f"Person{n} Other is far away from here. " * 6) for n in range(8)]
    documents = (*foreign[:5], ILKA, *foreign[5:])
    one = line("Ilka Venning is old.", *(document.id for document in documents))
    entailment = Entailment(tiny)
    whole = [Document("all", " ".join(document.text for document in documents))]
    with pytest.raises(PromptTooLongError):
        entailment.score([replace(one, sources=("all",))], whole)
    # Half of nine: the one about her, and the first of the others.
    (score,) = entailment.score([one], documents)
    near = [documents[place] for place in (0, 1, 2, 5)]
    (expected,) = entailment.score([replace(one, sources=tuple(each.id for each in near))], documents)
    assert score == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize(
    ("text", "negated"),
    [
        ("it is so", "it is not so"),
        ("it is not so", "it is so"),
        ("they have a home", "they have no home"),
        ("they have no home", "they have home"),
        ("No home is here", "Home is here"),
        ("it can do so", "it can not do so"),
        ("it goes", None),
        ("Question: is it?\nAnswer: it is", None),
    ],
)
def test_negations(text: str, negated: str | None) -> None:
    assert corruptions(text, (), NAMES) == ((negated,) if negated else ())


def test_names_are_exchanged_in_the_line_or_replaced() -> None:
    found = corruptions("So Ilka Venning saw Bahram Tolley.", DOCUMENTS[:3], NAMES)
    assert found == corruptions("So Ilka Venning saw Bahram Tolley.", DOCUMENTS[:3], NAMES)
    exchanged, *replaced = found
    assert exchanged == "So Bahram Tolley saw Ilka Venning."
    # By others of the sources: Olwen Thorne, Corvane, Salt and Dunnock.
    assert len(replaced) == 4
    for other in replaced:
        assert ("Ilka Venning" in other) is not ("Bahram Tolley" in other)
        assert "Jasper" not in other
    # Where the sources have no others, by those of other documents.
    (elsewhere,) = corruptions("So Ilka Venning went.", (Document("a", "It was Ilka Venning."),), NAMES)
    assert elsewhere.removeprefix("So ").removesuffix(" went.") in NAMES.by_sort["name"].values()


def test_formal_names_change_places_with_their_like() -> None:
    drawn = simple_reversals.TINY
    task = drawn.build(0)
    names = names_of(task.documents)
    document = next(one for one in task.documents if len(one.text.split()) == 4)
    first, relation, second = document.text.split()[:3]
    (false,) = exchange_names([document], names, names.keys(document.text))
    assert false.text == f"{second} {relation} {first} ."
    assert corruptions(f"{second} x {first}", [document], names)[0] == f"{first} x {second}"


def test_false_sources_have_the_same_names_in_other_places() -> None:
    false = exchange_names(DOCUMENTS[:2], NAMES, ["ilka venning", "bahram tolley"])
    assert [one.text for one in false] == [
        "Bahram Tolley is the keeper of the Corvane chronometer.",
        "Ilka Venning is the keeper of the Salt barometer.",
    ]
    assert [one.id for one in false] == ["ilka", "bahram"]
    # One alone changes places with another of the sources, or gives way to one of the other documents.
    (false_one,) = exchange_names([ILKA], NAMES, ["ilka venning"])
    assert false_one.text == "Corvane is the keeper of the Ilka Venning chronometer."
    (away,) = exchange_names([Document("a", "It was Ilka Venning.")], NAMES, ["ilka venning"])
    assert "Ilka Venning" not in away.text
    assert exchange_names([Document("a", "it is so")], NAMES, []) == ()
    assert exchange_names([], NAMES, ["ilka venning"]) == ()
