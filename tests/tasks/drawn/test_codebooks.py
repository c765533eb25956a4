"""Codebooks: every symbol defined, latent ones in no encoding, practice that its own context answers."""

from __future__ import annotations

import doctest
import random
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from reading_checks import refused

from obverse.tasks import check_task, find_leaks
from obverse.tasks.drawn import AUGMENTATION, codebooks
from obverse.tasks.drawn.codebooks import (
    DEFINITION,
    LATENT_DEFINITION,
    LATENT_SYMBOL,
    SMALL,
    TINY,
    TRAINED_SYMBOL,
    Codebooks,
)
from obverse.types import Document, Task

Entry = tuple[str, str, str]
# Encodings do not divide the symbols that they use.
MIDDLING = Codebooks(
    codebooks=6, symbols=10, latent=3, symbol_words=12, letters=12, encodings=7, definitions=5, questions=12
)
ALL = [TINY, MIDDLING]


def entries(text: str) -> tuple[list[Entry], list[Entry]]:
    """Codebook, symbol and letter of what a text defines, and of what it encodes."""
    defined: list[Entry] = []
    encoded: list[Entry] = []
    for line in text.removesuffix(" .").split(" . "):
        first, second, *rest = line.split()
        if first == "define":
            symbol, letter = rest
            defined.append((second, symbol, letter))
        else:
            assert second == "encodes"
            assert rest[1::3] == [">"] * (len(rest) // 3)
            encoded += [(first, *pair) for pair in zip(rest[0::3], rest[2::3], strict=True)]
    return defined, encoded


def defined(task: Task) -> dict[tuple[str, str], str]:
    return {
        (codebook, symbol): letter
        for document in task.documents
        for codebook, symbol, letter in entries(document.text)[0]
    }


def encoded(task: Task) -> set[Entry]:
    return {entry for document in task.documents for entry in entries(document.text)[1]}


def test_the_worked_example() -> None:
    results = doctest.testmod(codebooks)
    assert results.attempted > 0
    assert results.failed == 0


@pytest.mark.parametrize("settings", ALL)
@pytest.mark.parametrize("seed", range(3))
def test_every_symbol_is_defined_once_and_all_but_the_latent_are_used(settings: Codebooks, seed: int) -> None:
    task = settings.build(seed)
    letters, used = defined(task), encoded(task)
    count = settings.codebooks * settings.symbols
    assert len(letters) == count
    assert len(task.documents) == count + settings.codebooks * settings.encodings
    assert all(letters[codebook, symbol] == letter for codebook, symbol, letter in used)
    assert len(used) == settings.codebooks * (settings.symbols - settings.latent)
    assert len({codebook for codebook, _ in letters}) == settings.codebooks
    for document in task.documents:
        definition, encoding = entries(document.text)
        answers = [document.text[start:end] for start, end in document.answers]
        assert answers == [letter for _, _, letter in definition or encoding]
        if definition:
            ((codebook, symbol, _),) = definition
            assert document.id == document.group == f"{codebook}:{symbol}"
        else:
            assert len({symbol for _, symbol, _ in encoding}) == settings.encoding_length
            assert len({codebook for codebook, _, _ in encoding}) == 1
            assert document.group is None


def test_symbols_are_used_about_equally_often() -> None:
    task = SMALL.build(0)
    count = Counter(entry for document in task.documents for entry in entries(document.text)[1])
    assert set(count.values()) == {SMALL.encodings * SMALL.encoding_length // (SMALL.symbols - SMALL.latent)}


@pytest.mark.parametrize("settings", ALL)
@pytest.mark.parametrize("seed", range(3))
def test_what_is_asked_is_right_and_latent_symbols_are_used_nowhere(settings: Codebooks, seed: int) -> None:
    task = settings.build(seed)
    check_task(task)
    letters, used = defined(task), {entry[:2] for entry in encoded(task)}
    for question in task.questions + task.validation:
        ((codebook, symbol, letter), *before) = reversed(
            [entry for part in entries(f"{question.prompt} {question.answer} .") for entry in part]
        )
        assert letters[codebook, symbol] == letter
        assert question.needs == (f"{codebook}:{symbol}",)
        assert question.group == f"{codebook}:{symbol}"
        latent = (codebook, symbol) not in used
        defines = question.prompt.startswith("define ")
        assert (
            question.kind
            == {
                (True, False): DEFINITION,
                (True, True): LATENT_DEFINITION,
                (False, False): TRAINED_SYMBOL,
                (False, True): LATENT_SYMBOL,
            }[defines, latent]
        )
        assert question.latent == (question.kind == LATENT_SYMBOL)
        assert all(letters[entry[:2]] == entry[2] and entry[:2] in used for entry in before)
        assert len(before) < settings.encoding_length
        begins = any(document.text.startswith(question.prompt) for document in task.documents)
        assert begins == defines
        assert len(question.choices) == min(10, settings.letters)
    assert not find_leaks(task)


def test_some_are_asked_at_the_start_of_an_encoding_and_some_further_on() -> None:
    places = Counter(
        (question.kind, len(question.prompt.split()) // 3)
        for question in SMALL.build(0).questions
        if " encodes " in question.prompt
    )
    assert all(places[LATENT_SYMBOL, place] > 10 for place in (1, 2, 3))
    assert all(places[TRAINED_SYMBOL, place] > 10 for place in (2, 3))


def test_a_planted_use_is_found() -> None:
    task = TINY.build(0)
    question = next(question for question in task.questions if question.latent)
    planted = Document("planted", f"{question.prompt} {question.answer} .")
    (leak,) = find_leaks(replace(task, documents=(*task.documents, planted)))
    assert (leak.question, leak.document) == (question.id, "planted")


@pytest.mark.parametrize("settings", ALL)
def test_test_and_validation_share_no_definition(settings: Codebooks) -> None:
    task = settings.build(1)
    groups = [
        {(question.kind, question.group) for question in questions}
        for questions in (task.questions, task.validation)
    ]
    kinds = {DEFINITION, LATENT_DEFINITION, TRAINED_SYMBOL, LATENT_SYMBOL}
    assert [{kind for kind, _ in half} for half in groups] == [kinds, kinds]
    assert {group for _, group in groups[0]}.isdisjoint(group for _, group in groups[1])
    for half in groups:
        asked = {group for kind, group in half if kind == LATENT_SYMBOL}
        assert asked == {group for kind, group in half if kind == LATENT_DEFINITION}


def test_how_many_are_asked() -> None:
    task = SMALL.build(0)
    for questions in (task.questions, task.validation):
        assert Counter(question.kind for question in questions) == {
            DEFINITION: 100,
            LATENT_DEFINITION: 100,
            TRAINED_SYMBOL: 100,
            LATENT_SYMBOL: 100,
        }


@pytest.mark.parametrize("settings", ALL)
def test_practice_is_answered_by_its_context_and_fresh_of_the_task(settings: Codebooks) -> None:
    task = settings.build(0)
    letters, said = defined(task), {document.text for document in task.documents}
    rng = random.Random(0)
    sizes, others, total, known = Counter[int](), 0, 0, 0
    for _ in range(600):
        document = settings.practice(0, rng)
        lines = [f"{line} ." for line in document.text.removesuffix(" .").split(" . ")]
        taken = [line for line in lines if line in said]
        definitions, encoding = entries(" ".join(line for line in lines if line not in said))
        assert not any(letters.get(entry[:2]) == entry[2] for entry in definitions)
        assert len({entry[:2] for entry in definitions}) == len(definitions)
        assert encoding
        assert set(encoding) <= set(definitions)
        own = [entry for entry in definitions if entry[0] == encoding[0][0]]
        assert len(encoding) == len(set(encoding)) == min(len(own), settings.encoding_length)
        # What the task's documents determine, and what the context does; never a fresh definition's letter.
        expected = [
            letter
            for line in lines
            for _, _, letter in (
                entries(line)[1] if line not in said else entries(line)[0] + entries(line)[1]
            )
        ]
        assert [document.text[start:end] for start, end in document.answers] == expected
        # Nothing taken from the task is about a codebook that has other letters here.
        fresh = {codebook for codebook, _, _ in definitions}
        assert all(fresh.isdisjoint(line.split()[:2]) for line in taken)
        sizes[len(definitions)] += 1
        others += len(definitions) - len(own)
        total += len(definitions) - 1
        known += len(taken)
    assert set(sizes) == set(range(1, settings.definitions + 1))
    assert abs(others / total - 0.4) < 0.06
    assert known > 100


def test_practice_takes_nothing_from_the_task_where_none_is_wanted() -> None:
    settings, rng = replace(MIDDLING, known_share=0), random.Random(0)
    said = {document.text for document in settings.build(0).documents}
    texts = [settings.practice(0, rng).text for _ in range(100)]
    assert not any(f"{line} ." in said for text in texts for line in text.removesuffix(" .").split(" . "))


def test_every_definition_has_a_cue() -> None:
    task = MIDDLING.build(0)
    letters, used = defined(task), {entry[:2] for entry in encoded(task)}
    cues = MIDDLING.cues(0)
    assert len({cue.id for cue in cues}) == len(letters)
    for cue in cues:
        codebook, _, symbol, _ = cue.prompt.split()
        assert cue.prompt == f"{codebook} encodes {symbol} >"
        assert cue.answer == letters[codebook, symbol]
        assert cue.needs == (f"{codebook}:{symbol}",)
        assert cue.kind == AUGMENTATION
        assert cue.latent == ((codebook, symbol) not in used)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"codebooks": 1}, "codebooks is the number 1; give a whole number from 2"),
        ({"latent": 14}, "14 latent of 16 symbols leave 2 for encodings; leave 3 or more"),
        ({"symbol_words": 12}, "12 symbol_words are too few; give 16 or more"),
        ({"definitions": 40}, "32 symbol_words are too few; give 40 or more"),
        ({"encodings": 3}, "3 encodings of 3 do not use all 12 symbols; give more encodings"),
    ],
)
def test_settings_out_of_range(changes: dict[str, Any], message: str) -> None:
    assert refused(lambda: replace(SMALL, **changes)) == f"Codebooks: {message}"
