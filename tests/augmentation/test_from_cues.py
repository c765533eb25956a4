"""Lines from cues: falsehoods stand where and say what they are to, and thresholds are those of another dose."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, get_args

import pytest

from obverse.augmentation.from_cues import CueWriter, Falsehoods, Writing, as_document, falsify
from obverse.augmentation.verification.accuracy import calibrate
from obverse.augmentation.verification.agreement import Agreement
from obverse.costs import Counts
from obverse.tasks.drawn.simple_reversals import TINY
from obverse.types import InputError

TASK = TINY.build(0)
CUES = {cue.id: cue for cue in TINY.cues(0)}
EPISODES = {id: tuple(TASK.document(need) for need in cue.needs) for id, cue in CUES.items()}
SAMPLES = 5


class Knowing:
    """A reader in the place of a model: it ends cues with their answers, or with one word always."""

    counts = Counts()

    def __init__(self, word: str = "") -> None:
        self._word = word
        self._answers = {
            f"{document.text} {cue.prompt}": cue.answer
            for cue in CUES.values()
            for document in EPISODES[cue.id]
        }

    def sample(self, prompts: Sequence[str], tokens: Sequence[int], *_: object) -> list[str]:
        assert len(prompts) == len(tokens)
        return [self._word or self._answers[prompt] for prompt in prompts]


def writer(word: str = "") -> CueWriter:
    reader: Any = Knowing(word)
    return CueWriter(reader, list(CUES.values()), [1] * len(CUES), EPISODES, TASK.documents, ("a task", 3))


LINES = writer().write(Writing(samples=SAMPLES))


def false_places(dose: float, falsehoods: Falsehoods) -> set[int]:
    found = falsify(LINES, CUES, dose, falsehoods, 7)
    return {place for place, line in enumerate(found) if not writer().is_right(line)}


def test_each_cue_is_completed_so_many_times() -> None:
    assert [(line.answer_key, line.sample) for line in LINES] == [
        (id, sample) for id in CUES for sample in range(SAMPLES)
    ]
    assert all(map(writer().is_right, LINES))
    assert all(line.sources == CUES[line.answer_key].needs == (line.target,) for line in LINES)
    own = writer()
    own.write(Writing(samples=SAMPLES))
    assert own.counts.generated == SAMPLES * len(CUES)


@pytest.mark.parametrize("falsehoods", get_args(Falsehoods))
def test_a_larger_dose_makes_the_same_lines_false_and_some_more(falsehoods: Falsehoods) -> None:
    assert falsify(LINES, CUES, 0.0, falsehoods, 7) == LINES
    doses = (0.0, 0.25, 0.5, 1.0)
    found = [false_places(dose, falsehoods) for dose in doses]
    assert [len(places) for places in found] == [dose * len(LINES) for dose in doses]
    assert found[0] < found[1] < found[2] < found[3]


def test_independent_and_consistent_falsehoods_stand_in_the_same_lines() -> None:
    assert false_places(0.5, "independent") == false_places(0.5, "consistent")


@pytest.mark.parametrize("falsehoods", get_args(Falsehoods))
def test_what_falsehoods_say(falsehoods: Falsehoods) -> None:
    said: dict[str, set[str]] = defaultdict(set)
    count: dict[str, int] = defaultdict(int)
    for line in falsify(LINES, CUES, 0.5, falsehoods, 7):
        cue = CUES[line.answer_key]
        ending = line.text.removeprefix(f"{cue.prompt} ")
        assert ending in cue.choices
        if ending != cue.answer:
            said[cue.id].add(ending)
            count[cue.id] += 1
    if falsehoods == "independent":
        assert max(map(len, said.values())) > 1
    else:
        assert max(map(len, said.values())) == 1
    if falsehoods == "whole facts":
        assert set(count.values()) == {SAMPLES}
        assert len(count) == len(CUES) / 2
    else:
        assert set(count.values()) > {1, 2}


def test_a_line_is_learned_as_a_document_whose_end_is_the_answer() -> None:
    (line, *_) = LINES
    cue = CUES[line.answer_key]
    document = as_document(line, cue)
    assert document.text == f"{cue.prompt} {cue.answer}"
    assert [document.text[start:end] for start, end in document.answers] == [cue.answer]
    assert document.group == cue.group
    assert len({as_document(line, CUES[line.answer_key]).id for line in LINES}) == len(LINES)


def test_a_threshold_is_set_on_independent_falsehoods_in_half_of_the_lines() -> None:
    own = writer()
    threshold = own.threshold(
        Writing(samples=SAMPLES, dose=0.1, falsehoods="whole facts", verified="agreement")
    )
    half = own.write(Writing(samples=SAMPLES, dose=0.5))
    scores = Agreement(SAMPLES).score(half, TASK.documents)
    assert threshold == calibrate(scores, list(map(own.is_right, half)))


def test_without_any_right_line_the_threshold_is_the_verifiers_own() -> None:
    assert writer("nothing").threshold(Writing(samples=2, verified="agreement")) == Agreement.threshold


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"samples": -1}, "samples is the number -1"),
        ({"distractors": -1}, "distractors is the number -1"),
        ({"dose": 1.5}, "dose is the number 1.5"),
        ({"falsehoods": "some"}, "no falsehoods 'some'; give one of independent, consistent, whole facts"),
        ({"verified": "twice"}, "no verified 'twice'"),
        ({"verified": "agreement"}, "a single sample has none to agree with; give samples from 2"),
    ],
)
def test_settings_out_of_their_range_are_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Writing(**settings)


def test_without_samples_nothing_is_written() -> None:
    own = writer()
    assert own.write(Writing(samples=0)) == []
    assert own.counts.generated == 0
