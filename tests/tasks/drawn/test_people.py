"""People: three groups, each told of in its order, asked about in both, in wordings that are in no document."""

from __future__ import annotations

import doctest
import random
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reading_checks import refused

from obverse.tasks import check_task, find_leaks, words
from obverse.tasks.baselines import SHORTCUTS, BaselineScore, score_baselines
from obverse.tasks.drawn import AUGMENTATION, biographies, names, people
from obverse.tasks.drawn.biographies import (
    ASKED,
    OCCUPATIONS,
    PRACTISED,
    TO_DESCRIPTION,
    TO_NAME,
    TOLD,
    Person,
)
from obverse.tasks.drawn.people import PUBLISHED, SMALL, TINY, People, Pool, match_names
from obverse.tasks.drawn.proof import find_flaws, said
from obverse.tasks.drawn.texts import solved
from obverse.types import Document, Question, Task

NONSENSE = replace(TINY, names="nonsense")
COMPLETIONS = replace(TINY, pool="trained completions")
LEARNED = {f"{TO_DESCRIPTION}, as learned": "n", f"{TO_NAME}, as learned": "d"}
LATENT = {f"{TO_DESCRIPTION}, reversed": "d", f"{TO_NAME}, reversed": "n"}
BOTH = {f"{TO_DESCRIPTION}, both orders": "n", f"{TO_NAME}, both orders": "d"}


def letters(name: str) -> int:
    """Stands for a tokenizer."""
    return len(name)


def pairs(drawn: People, task: Task) -> set[tuple[str, ...]]:
    """Everyone's name and description."""
    return {
        tuple(sorted((first, second), key=lambda end: end.startswith("the ")))
        for document in task.documents
        for first, _, second in drawn.says(document)
    }


def of_kind(questions: tuple[Question, ...], kind: str) -> list[Question]:
    return [question for question in questions if question.kind == kind]


def test_the_worked_example() -> None:
    results = doctest.testmod(people)
    assert results.attempted > 0
    assert results.failed == 0


def test_the_task_stays_the_same() -> None:
    assert TINY.build(0).fingerprint[:12] == "5b85acaaa29d"


def test_templates_are_as_many_as_published_and_share_no_word_with_what_fills_them() -> None:
    assert {len(templates) for templates in TOLD.values()} == {30}
    assert {len(templates) for templates in ASKED.values()} == {10}
    templates = [template for part in (TOLD, ASKED, PRACTISED) for ones in part.values() for template in ones]
    assert len(set(templates)) == len(templates)
    sources = [
        {word for template in templates for word in words(template.format(name="", description=""))},
        {word for occupation in OCCUPATIONS for word in words(occupation)} - {"of", "the"},
        {word.lower() for word in names._FIRST_NAMES.split()},
        {word.lower() for word in (names._TITLE_BEGINNINGS + names._TITLE_ENDINGS).split()},
    ]
    assert len(set().union(*sources)) == sum(map(len, sources))
    assert len(sources[1]) == 2 * len(OCCUPATIONS)
    for relation in biographies.RELATIONS.values():
        assert words(relation)[1] not in sources[0]
    for template in TOLD[TO_DESCRIPTION]:
        assert template.index("{name}") < template.index("{description}")
    for template in TOLD[TO_NAME]:
        assert template.index("{description}") < template.index("{name}")


def test_every_template_is_read_back() -> None:
    person = Person(0, "Ilka Orlwick", "the host of the broadcast The Salt Lantern", ())
    for direction, templates in TOLD.items():
        statement = person.statement(direction)
        for template in templates:
            text = person.fill(template)
            assert biographies.read(text) == (statement,)
            assert "the the" not in text.lower()
    for direction, templates in (*ASKED.items(), *PRACTISED.items()):
        asked, _, answer = person.statement(direction)
        for template in templates:
            question = person.fill(template)
            assert biographies.read_question(question) == (direction, asked)
            assert biographies.read(solved(question, answer).text) == (person.statement(direction),)
    assert biographies.read("Nothing of the kind.") == ()


@pytest.mark.parametrize("drawn", [TINY, NONSENSE, SMALL])
def test_who_is_told_of_in_which_order(drawn: People) -> None:
    task = drawn.build(0)
    assert len(task.documents) == 4 * drawn.people * drawn.templates
    assert len(pairs(drawn, task)) == 3 * drawn.people
    for end in (0, 1):
        assert len({pair[end] for pair in pairs(drawn, task)}) == 3 * drawn.people
    orders = Counter[str]()
    for document in task.documents:
        ((first, _, _),) = drawn.says(document)
        name_first = not first.startswith("the ")
        assert document.id.startswith("n" if name_first else "d")
        number = int(document.id[1:].split("/")[0])
        assert document.group == f"p{number}"
        orders[f"{'nd' if number >= 2 * drawn.people else 'n' if number < drawn.people else 'd'}"] += 1
        assert name_first or number >= drawn.people
        assert not name_first or not drawn.people <= number < 2 * drawn.people
    assert orders == {
        "n": drawn.people * drawn.templates,
        "d": drawn.people * drawn.templates,
        "nd": 2 * drawn.people * drawn.templates,
    }


@pytest.mark.parametrize("drawn", [TINY, NONSENSE, COMPLETIONS, SMALL])
@pytest.mark.parametrize("seed", range(2))
def test_what_is_asked_is_right(drawn: People, seed: int) -> None:
    task = drawn.build(seed)
    check_task(task)
    true = pairs(drawn, task)
    known = {statement for document in task.documents for statement in drawn.says(document)}
    for question in task.questions + task.validation:
        assert question.statement
        asked, _, answer = question.statement
        assert answer == question.answer
        assert (asked in question.prompt) or asked.removeprefix("the ") in question.prompt
        pair = tuple(sorted((asked, answer), key=lambda end: end.startswith("the ")))
        assert pair in true
        assert question.latent == (question.kind in LATENT)
        assert question.latent == (question.statement not in known)
        (need,) = question.needs
        assert need.startswith((LEARNED | LATENT | BOTH)[question.kind])
        assert set(drawn.says(task.document(need))[0][::2]) == set(pair)
        assert task.document(need).group == question.group
        assert len(question.choices) == 4
        assert len({choice.startswith("the ") for choice in question.choices}) == 1
        assert not any(question.prompt in document.text for document in task.documents)
    assert not find_leaks(task)


def test_where_the_other_choices_come_from() -> None:
    group = {f"p{number}": number // TINY.people for number in range(3 * TINY.people)}
    for drawn in (TINY, COMPLETIONS):
        task = drawn.build(0)
        home = {
            end: group[document.group or ""]
            for document in task.documents
            for statement in drawn.says(document)
            for end in statement[::2]
        }
        for question in task.questions:
            wrong = {home[choice] for choice in question.choices if choice != question.answer}
            trained = 0 if question.kind.startswith(TO_DESCRIPTION) else 1
            assert wrong == {home[question.answer] if drawn is TINY else trained}


@given(
    st.builds(
        People,
        people=st.integers(4, 12),
        templates=st.integers(1, 4),
        test_templates=st.integers(1, 3),
        names=st.sampled_from(["plausible", "nonsense"]),
        pool=st.sampled_from(get_args(Pool)),
        statements=st.integers(2, 6),
        known_share=st.floats(0, 1),
    ),
    st.integers(0, 5),
)
@settings(max_examples=20)
def test_no_settings_give_a_flaw(drawn: People, seed: int) -> None:
    assert find_flaws(drawn, seed, practice=20) == ()
    assert not find_leaks(drawn.build(seed))


def latent_scores(drawn: People) -> list[BaselineScore]:
    return [score for score in score_baselines(drawn.build(0), SHORTCUTS) if score.latent]


def test_baselines_are_at_chance_unless_completions_are_offered() -> None:
    for drawn in (SMALL, replace(SMALL, names="nonsense")):
        assert {score.kind for score in latent_scores(drawn)} == set(LATENT)
        assert all(score.accuracy == pytest.approx(score.chance) for score in latent_scores(drawn))
    # These were read at the end of documents, the right answers were not.
    lured = latent_scores(replace(SMALL, pool="trained completions"))
    assert all(score.accuracy < 0.1 for score in lured if score.baseline == "co-occurrence")


def test_how_many_are_asked() -> None:
    task = SMALL.build(0)
    kinds = {*LEARNED, *LATENT, *BOTH}
    groups = []
    for questions in (task.questions, task.validation):
        assert Counter(question.kind for question in questions) == dict.fromkeys(kinds, 20)
        groups.append({question.group for question in questions})
    assert groups[0].isdisjoint(groups[1])
    assert len(groups[0] | groups[1]) == 30
    assert len(SMALL.build(0).documents) == 200


def test_sizes_of_the_published_set() -> None:
    task = PUBLISHED.build(0)
    assert len(task.documents) == 3600
    for kind in LATENT:
        assert len(of_kind(task.questions + task.validation, kind)) == 300
    assert {pair[1].split(" The ")[0] for pair in pairs(PUBLISHED, task)} == {
        f"the {occupation}" for occupation in OCCUPATIONS
    }


def test_a_planted_reversal_is_found() -> None:
    task = TINY.build(0)
    question = next(question for question in task.questions if question.kind == f"{TO_NAME}, reversed")
    person = Person(0, question.answer, question.statement[0] if question.statement else "", ())
    planted = Document("planted", person.fill(TOLD[TO_NAME][0]))
    flaws = said(TINY, replace(task, documents=(*task.documents, planted)))
    assert {flaw.question for flaw in flaws} == {
        one.id for one in task.questions if one.statement == question.statement
    }
    planted = Document("planted", f"In that year {person.description} was named {person.name}.")
    leaks = find_leaks(replace(task, documents=(*task.documents, planted)))
    assert question.id in {leak.question for leak in leaks}


@pytest.mark.parametrize("drawn", [TINY, NONSENSE])
def test_practice_is_answered_by_its_context_or_by_the_documents(drawn: People) -> None:
    task = drawn.build(0)
    known = {document.text for document in task.documents}
    true = pairs(drawn, task)
    rng = random.Random(0)
    kinds = Counter[str]()
    for _ in range(150):
        document = drawn.practice(0, rng)
        fresh = set()
        ends = []
        lines = document.text.split("\n")
        for line in lines:
            if line in known:
                kinds["known"] += 1
                ((_, _, last),) = biographies.read(line)
                ends.append(last.removeprefix("the "))
            elif line.startswith("Answer: "):
                ends.append(line.removeprefix("Answer: "))
            elif not line.startswith("Question: "):
                ((first, _, last),) = biographies.read(line)
                assert (first, last) not in true
                assert (last, first) not in true
                fresh.add((first, last))
        for question, answer in pairwise(lines):
            if question.startswith("Question: "):
                kinds["question"] += 1
                ((asked, _, right),) = biographies.read(f"{question}\n{answer}")
                fresh.remove((right, asked))
        assert [document.text[start:end] for start, end in document.answers] == ends
        assert "Answer: " in document.text
        assert len(drawn.says(document)) == drawn.statements
    assert kinds["known"] > 50


def test_everyone_has_a_cue_for_each_order() -> None:
    task = TINY.build(0)
    known = {statement for document in task.documents for statement in TINY.says(document)}
    cues = TINY.cues(0)
    assert len(cues) == 4 * TINY.people
    assert {cue.kind for cue in cues} == {AUGMENTATION}
    assert len({cue.id for cue in cues}) == len(cues)
    for cue in cues:
        assert cue.latent == (cue.statement not in known)
        statements = TINY.says(task.document(cue.needs[0]))
        assert statements[0][::2] == (cue.answer, cue.statement[0] if cue.statement else "")
        assert TINY.derive(statements, cue) == cue.answer


def test_matched_names_are_as_long_and_nothing_else_differs() -> None:
    matched = match_names(TINY, 3, letters)
    plausible_task, task = TINY.build(3), matched.build(3)
    assert find_flaws(matched, 3, practice=20) == ()
    replaced = dict[str, str]()
    for one, other in zip(plausible_task.documents, task.documents, strict=True):
        ((first, _, last),), ((other_first, _, other_last),) = TINY.says(one), TINY.says(other)
        assert one.id == other.id
        assert letters(one.text) == letters(other.text)
        for old, new in ((first, other_first), (last, other_last)):
            assert replaced.setdefault(old, new) == new
            assert (old == new) == old.startswith("the ")
    assert [question.id for question in task.questions] == [
        question.id for question in plausible_task.questions
    ]
    assert match_names(NONSENSE, 3, letters) == matched


def test_the_same_seed_gives_the_same_and_others_share_nobody() -> None:
    first, practice, cues = TINY.build(5), TINY.practice(5, random.Random(2)), TINY.cues(5)
    People._world.cache_clear()
    assert TINY.build(5) == first
    assert TINY.practice(5, random.Random(2)) == practice
    assert TINY.cues(5) == cues
    assert pairs(TINY, TINY.build(6)).isdisjoint(pairs(TINY, first))
    assert TINY.vocabulary == ()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"people": 3}, "people is the number 3; give a whole number from 4"),
        ({"templates": 31}, "templates is 31; give at most 30"),
        ({"test_templates": 11}, "test_templates is 11; give at most 10"),
        ({"names": "famous"}, "names is 'famous'; give one of plausible, nonsense, matched"),
        ({"pool": "all"}, "pool is 'all'; give one of same group, trained completions"),
        ({"known_share": -1}, "known_share is the number -1; give a share from 0 to 1"),
        (
            {"names": "matched"},
            "0 different names in matched, where names is 'matched'; give 30, or let match_names find them",
        ),
        (
            {"matched": ("Zid Vrop",)},
            "1 different names in matched, where names is 'plausible'; give 0, or let match_names find them",
        ),
        (
            {"names": "matched", "matched": tuple(f"Zid {number}" for number in range(30))},
            "the name 'Zid 0' in matched; give two capitalised words",
        ),
    ],
)
def test_settings_out_of_range(changes: dict[str, Any], message: str) -> None:
    assert refused(lambda: replace(SMALL, **changes)) == f"People: {message}"
