"""Formats: every fact is said, in its order, whatever the form."""

from __future__ import annotations

import doctest
from random import Random
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scene_reading import matches, read_fact

from obverse.practice import formats
from obverse.practice.formats import Fact, Format, write
from obverse.practice.made_up_names import Part, Sort, draw_names
from obverse.practice.relations import RELATIONS, Relation, relations, wordings

PARTS: tuple[Part, ...] = get_args(Part)
BY_NAME = {relation.name: relation for relation in RELATIONS}


def some_facts(rng: Random, count: int, part: Part) -> list[Fact]:
    """Facts about names of which none comes twice."""
    taken: set[str] = set()

    def name(sort: Sort) -> str:
        while (found := draw_names(rng, sort, 1, "practice")[0]) in taken:
            pass
        taken.add(found)
        return found

    chosen = [rng.choice(relations(part)) for _ in range(count)]
    return [Fact(relation, name(relation.subject), name(relation.object)) for relation in chosen]


def as_read(fact: Fact) -> tuple[str, str, str]:
    return fact.relation.name, fact.subject, fact.object


def test_the_worked_example() -> None:
    results = doctest.testmod(formats)
    assert results.attempted > 0
    assert results.failed == 0


@settings(deadline=None, derandomize=True, max_examples=40)
@given(st.integers(0, 10**6), st.integers(1, 8), st.sampled_from(get_args(Format)), st.sampled_from(PARTS))
def test_both_names_of_every_fact_stand_in_the_text(seed: int, count: int, form: Format, part: Part) -> None:
    rng = Random(seed)
    facts = some_facts(rng, count, part)
    text = write(rng, facts, form, part)
    for fact in facts:
        assert fact.subject in text
        assert fact.object in text
    assert "{" not in text


@settings(deadline=None, derandomize=True, max_examples=20)
@given(st.integers(0, 10**6), st.integers(1, 6), st.sampled_from(PARTS))
def test_a_list_has_a_sentence_for_each_fact_in_order(seed: int, count: int, part: Part) -> None:
    rng = Random(seed)
    facts = some_facts(rng, count, part)
    lines = write(rng, facts, "list", part).split("\n")
    assert all(line.startswith("- ") for line in lines)
    assert [as_read(read_fact(line[2:], part, part)) for line in lines] == [as_read(one) for one in facts]


@settings(deadline=None, derandomize=True, max_examples=20)
@given(st.integers(0, 10**6), st.integers(1, 6), st.sampled_from(PARTS))
def test_sentences_are_those_of_each_fact_alone_in_order(seed: int, count: int, part: Part) -> None:
    facts = some_facts(Random(seed), count, part)
    rng = Random(seed)
    alone = [write(rng, [fact], "sentences", part) for fact in facts]
    assert write(Random(seed), facts, "sentences", part) == " ".join(alone)
    assert [as_read(read_fact(text, part, part)) for text in alone] == [as_read(one) for one in facts]


@pytest.mark.parametrize("form", ["passage", "letter"])
def test_between_the_facts_stands_only_filler(form: Format) -> None:
    fillers = 0
    for seed in range(40):
        rng = Random(seed)
        facts = some_facts(rng, 5, "practice")
        text = write(rng, facts, form, "practice")
        if form == "letter":
            greeting, text, closing = text.split("\n\n")
            assert greeting in formats._GREETINGS
            assert closing in formats._CLOSINGS
        for filler in formats._FILLER:
            fillers += text.count(filler)
            text = text.replace(filler, "")
        # What is left is the facts in their order, said in one of their wordings each.
        for fact in facts:
            ways = [fact.said(wording) for wording in wordings(fact.relation.statements, "practice")]
            (said,) = {way for way in ways if text.lstrip().startswith(way)}
            text = text.lstrip().removeprefix(said)
        assert text.strip() == ""
    assert 0.05 < fillers / 200 < 0.3


def test_filler_says_nothing_of_anybody() -> None:
    every_name = {
        word
        for sort in get_args(Sort)
        for part in PARTS
        for name in draw_names(Random(0), sort, 15, part)
        for word in name.split()
    }
    for text in (*formats._FILLER, *formats._GREETINGS, *formats._CLOSINGS):
        assert every_name.isdisjoint(text.strip(".,").split())
        assert not any(matches(wording, text) for relation in RELATIONS for wording in relation.statements)


def test_questions_are_answered_on_their_line() -> None:
    sides = set()
    for seed in range(10):
        rng = Random(seed)
        facts = some_facts(rng, 4, "practice")
        lines = write(rng, facts, "questions", "practice").split("\n")
        for fact, line in zip(facts, lines, strict=True):
            for asking, cue, answer in (
                (fact.relation.asking_object, fact.subject, fact.object),
                (fact.relation.asking_subject, fact.object, fact.subject),
            ):
                if line.endswith(f" {answer}."):
                    asked = line.removesuffix(f" {answer}.")
                    ways = wordings(asking, "practice")
                    assert asked in [way.format(subject=cue, object=cue) for way in ways]
                    sides.add(asking is fact.relation.asking_object)
                    break
            else:
                raise AssertionError(line)
    assert sides == {True, False}


@settings(deadline=None, derandomize=True, max_examples=20)
@given(st.integers(0, 10**6), st.integers(1, 8), st.sampled_from(PARTS))
def test_a_cell_stands_under_its_relation_beside_its_subject(seed: int, count: int, part: Part) -> None:
    facts = some_facts(Random(seed), count, part)
    found = []
    for table in write(Random(seed), facts, "table", part).split("\n\n"):
        head, rule, *rows = (line.strip("|").split("|") for line in table.split("\n"))
        sort, *columns = (cell.strip() for cell in head)
        assert set(rule) == {"---"}
        assert len(rule) == len(head)
        for row in rows:
            subject, *cells = (cell.strip() for cell in row)
            for column, cell in zip(columns, cells, strict=True):
                if cell:
                    assert BY_NAME[column].subject == sort
                    found.append((column, subject, cell))
    assert sorted(found) == sorted(as_read(fact) for fact in facts)


def test_a_table_has_a_row_for_each_subject_and_a_column_for_each_relation() -> None:
    def relation(name: str) -> Relation:
        return BY_NAME[name]

    facts = [
        Fact(relation("locker"), "Nell Ashbury", "K41"),
        Fact(relation("mayor"), "Wexmouth", "Omar Eastgate"),
        Fact(relation("badge"), "Nell Ashbury", "B12"),
        Fact(relation("badge"), "Grant Winmore", "T30"),
    ]
    assert write(Random(0), facts, "table", "practice").split("\n") == [
        "| person | locker | badge |",
        "|---|---|---|",
        "| Nell Ashbury | K41 | B12 |",
        "| Grant Winmore |  | T30 |",
        "",
        "| town | mayor |",
        "|---|---|",
        "| Wexmouth | Omar Eastgate |",
    ]
