"""Perplexity over the general text, and probes of general knowledge."""

from __future__ import annotations

import math
import re
from collections import Counter
from importlib.resources import files
from pathlib import Path

import pytest
import torch
from conftest import make_model, make_tokenizer

from obverse import score_choices
from obverse.answering.answerer import answered_rows
from obverse.answering.asking import Asker
from obverse.models import fingerprint, load
from obverse.training import retention
from obverse.training.retention import (
    general_text,
    kept_retention,
    knowledge,
    knowledge_probes,
    perplexity,
    untouched_retention,
)
from obverse.types import Retained, Route


def test_the_general_text_is_paragraphs_of_prose() -> None:
    paragraphs = general_text()
    assert len(paragraphs) >= 8
    assert len(set(paragraphs)) == len(paragraphs)
    assert all(len(paragraph.split()) >= 20 for paragraph in paragraphs)


def test_perplexity_is_that_of_each_token_after_those_before_it(tiny_folder: Path) -> None:
    pretrained = load(str(tiny_folder), dtype="float32", device="cpu")
    scores = []
    for paragraph in general_text():
        tokens = pretrained.tokenizer(paragraph).input_ids[:1024]
        with torch.no_grad():
            probabilities = pretrained.model(input_ids=torch.tensor([tokens])).logits[0].softmax(-1)
        scores += [
            math.log(probabilities[position, token]) for position, token in enumerate(tokens[1:])
        ]  # position is that of the token before
    expected = math.exp(-sum(scores) / len(scores))
    assert math.isclose(perplexity(pretrained.model, pretrained.tokenizer), expected, rel_tol=1e-4)


def test_a_paragraph_longer_than_the_window_is_read_as_far_as_it_fits(tmp_path: Path) -> None:
    # Learned positions: a token beyond the window would be an error.
    make_tokenizer(tmp_path)
    changes = {"n_positions": 32, "n_embd": 32, "n_layer": 1, "n_head": 2}
    make_model(tmp_path, kind="gpt2", **changes)
    pretrained = load(str(tmp_path), dtype="float32", device="cpu")
    assert 1 < perplexity(pretrained.model, pretrained.tokenizer) < 1e4


def test_the_probes_are_plain_questions_whose_answers_stand_at_every_place_equally_often() -> None:
    probes = knowledge_probes()
    assert len({probe.prompt for probe in probes}) == len({probe.id for probe in probes}) == 120
    for probe in probes:
        assert (probe.kind, probe.latent, probe.needs) == ("knowledge", False, ())
        assert probe.prompt.endswith("?")
        assert len(set(probe.choices)) == 4
        assert all(choice and choice == choice.strip() for choice in probe.choices)
        assert len({len(choice.split()) for choice in probe.choices}) == 1
    assert Counter(probe.choices.index(probe.answer) for probe in probes) == dict.fromkeys(range(4), 30)


def test_no_probe_names_what_the_example_documents_name() -> None:
    folder = files("obverse.example").joinpath("documents")
    text = " ".join(file.read_text(encoding="utf-8") for file in folder.iterdir())
    words = set(re.findall(r"\w+", text))
    names = {word for word in words if word[0].isupper() and word.lower() not in words}
    assert {"Corvane", "Venning", "Uskray"} <= names
    for probe in knowledge_probes():
        # What a question begins with is a capital letter in any case.
        assert not names & set(re.findall(r"\w+", probe.prompt)[1:]), probe.prompt


def test_knowledge_is_the_share_of_probes_whose_right_choice_is_likeliest(tiny_folder: Path) -> None:
    probes = knowledge_probes()
    pretrained = load(str(tiny_folder), dtype="float32", device="cpu")
    asked = [
        (f"Question: {probe.prompt}\nAnswer:", [f" {choice}" for choice in probe.choices]) for probe in probes
    ]
    readings = score_choices(pretrained.model, pretrained.tokenizer, "", asked)
    likeliest = [
        max(zip(reading.log_likelihoods, probe.choices, strict=True))[1]
        for probe, reading in zip(probes, readings, strict=True)
    ]
    right = sum(choice == probe.answer for choice, probe in zip(likeliest, probes, strict=True))
    assert 0 < right < len(probes)
    assert knowledge(pretrained) == right / len(probes)


def test_without_greedy_answers_the_likelihoods_are_the_same(tiny_folder: Path) -> None:
    probes = knowledge_probes()[:4]
    asker = Asker(load(str(tiny_folder), dtype="float32", device="cpu"))
    route = Route("untouched")
    with_answers, without = (
        {
            answer.question: answer
            for row in answered_rows(asker, arm, 0, probes, {probe.id: () for probe in probes})
            for answer in row.answers
        }
        for arm in (route, route.twin)
    )
    assert any(answer.generated for answer in with_answers.values())
    assert not any(answer.generated for answer in without.values())
    for probe in probes:
        expected = with_answers[probe.id].log_likelihoods
        assert without[probe.id].log_likelihoods == pytest.approx(expected, rel=1e-4)


def test_what_was_measured_is_kept_for_each_file_and_not_measured_again(
    tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretrained = load(str(tiny_folder), dtype="float32", device="cpu")
    measured = iter([Retained(1 / 3, 0.25), Retained(7.0, 0.5)])
    monkeypatch.setattr(retention, "retained", lambda _: next(measured))
    first, second = (kept_retention(pretrained, tmp_path / name) for name in ("a.0.json", "a.1.json"))
    assert (first, second) == (Retained(1 / 3, 0.25), Retained(7.0, 0.5))
    assert kept_retention(pretrained, tmp_path / "a.0.json") == first  # a third measurement would fail


def test_what_is_kept_for_an_untouched_model_is_of_its_weights_its_device_and_the_code(
    tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretrained = load(str(tiny_folder), dtype="float32", device="cpu")
    numbers = iter(range(10))
    monkeypatch.setattr(retention, "retained", lambda _: Retained(float(next(numbers)), 0.5))

    def measured() -> float:
        return untouched_retention(pretrained, tmp_path).perplexity

    assert [measured(), measured()] == [0.0, 0.0]
    plain = fingerprint.identity
    for other in ({"device": "cuda"}, {"dtype": "float16"}, {"model weights": "others"}, {"code": "other"}):
        monkeypatch.setattr(retention, "identity", lambda *given, other=other: plain(*given) | other)
        assert measured() > 0
    assert next(numbers) == 5
