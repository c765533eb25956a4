"""Precision, recall and thresholds on cases small enough to count, and beds whose truth the tasks know."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from obverse.augmentation.verification.accuracy import (
    ANOTHERS,
    LATENT,
    RELATION,
    SAID,
    SWAPPED,
    Measured,
    calibrate,
    curve,
    make_bed,
    measure,
    measure_all,
)
from obverse.augmentation.verification.exact import Exact
from obverse.augmentation.verification.grounding import Grounding
from obverse.tasks.drawn import ProvenTask, kinship, simple_reversals
from obverse.text.segmentation import normalise
from obverse.types import InputError

SCORES = [0.1, 0.4, 0.4, 0.8, 0.9]
TRUTHS = [False, True, False, False, True]


def test_precision_and_recall_of_a_threshold() -> None:
    assert measure(SCORES, TRUTHS, 0.4) == Measured(0.4, 0.5, 1.0, 4)
    assert measure(SCORES, TRUTHS, 0.85) == Measured(0.85, 1.0, 0.5, 1)
    assert measure(SCORES, TRUTHS, 2.0) == Measured(2.0, None, 0.0, 0)
    assert measure([0.5], [False], 0.0) == Measured(0.0, 0.0, None, 1)
    assert measure([], [], 0.0) == Measured(0.0, None, None, 0)


def test_the_curve_has_each_score_once() -> None:
    assert curve(SCORES, TRUTHS) == [
        Measured(0.1, 0.4, 1.0, 5),
        Measured(0.4, 0.5, 1.0, 4),
        Measured(0.8, 0.5, 0.5, 2),
        Measured(0.9, 1.0, 0.5, 1),
    ]
    assert curve([], []) == []


def test_the_threshold_of_the_highest_precision_with_enough_recall_and_of_several_the_lowest() -> None:
    assert calibrate(SCORES, TRUTHS) == 0.4
    assert calibrate(SCORES, TRUTHS, recall=0.5) == 0.9
    assert calibrate([1.0, 2.0, 3.0], [True, True, True], recall=0.3) == 1.0
    with pytest.raises(InputError, match="no line follows"):
        calibrate([1.0], [False])


@given(
    st.lists(st.tuples(st.sampled_from([0.0, 0.5, 1.0, 2.0]), st.booleans()), min_size=1), st.floats(0.0, 1.0)
)
def test_no_other_threshold_does_better(scored: list[tuple[float, bool]], recall: float) -> None:
    scores, truths = [score for score, _ in scored], [truth for _, truth in scored]
    if not any(truths):
        return
    chosen = measure(scores, truths, calibrate(scores, truths, recall))
    assert chosen.recall is not None
    assert chosen.recall >= recall
    for other in curve(scores, truths):
        if (other.recall or 0.0) >= recall:
            assert (chosen.precision or 0.0, -chosen.threshold) >= (other.precision or 0.0, -other.threshold)


@pytest.mark.parametrize("drawn", [simple_reversals.TINY, kinship.SMALL_NATURAL])
def test_a_bed_has_lines_of_every_sort_whose_truth_is_known(drawn: ProvenTask) -> None:
    bed = make_bed(drawn, 1, most=6)
    assert bed == make_bed(drawn, 1, most=6)
    assert bed.trials != make_bed(drawn, 2, most=6).trials
    assert bed.documents == drawn.build(1).documents
    sorts = [trial.sort for trial in bed.trials]
    assert {sort: sorts.count(sort) for sort in sorts} == dict.fromkeys(
        (SAID, LATENT, ANOTHERS, SWAPPED, RELATION), 6
    )
    oracle, said = Exact(drawn, 1), {normalise(document.text) for document in bed.documents}
    for trial in bed.trials:
        assert trial.truth is (trial.sort in (SAID, LATENT))
        assert oracle.truth(trial.line.text, bed.documents) is trial.truth
        assert normalise(trial.line.text) not in said
        assert set(trial.line.sources) <= {document.id for document in bed.documents}
    assert len({trial.line.text for trial in bed.trials}) == len(bed.trials)


def test_the_oracle_is_right_about_a_bed_and_grounding_sees_what_is_foreign() -> None:
    bed = make_bed(kinship.SMALL_NATURAL, 0, most=6)
    found = measure_all(bed, [Exact(kinship.SMALL_NATURAL, 0), Grounding()], {"grounding": 1.0})
    assert found["exact"] == Measured(1.0, 1.0, 1.0, 12)
    assert found["grounding"].recall == 1.0
    # Names that sources do not have, and not which way round a relation goes.
    assert found["grounding"].kept == 24


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 100))
def test_thresholds_carry_over_to_other_seeds(seed: int) -> None:
    beds = [make_bed(kinship.SMALL_NATURAL, seed + number, most=6) for number in range(2)]
    lines = [[trial.line for trial in bed.trials] for bed in beds]
    scores = [Grounding().score(own, bed.documents) for own, bed in zip(lines, beds, strict=True)]
    threshold = calibrate(scores[0], [trial.truth for trial in beds[0].trials])
    assert measure_all(beds[1], [Grounding()], {"grounding": threshold})["grounding"] == measure(
        scores[1], [trial.truth for trial in beds[1].trials], threshold
    )
