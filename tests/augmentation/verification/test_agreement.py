"""Agreement: in how many samples a line occurs."""

from __future__ import annotations

from line_examples import DOCUMENTS, line

from obverse.augmentation.verification.agreement import Agreement


def scores(samples: int, *said: tuple[int, str]) -> list[float]:
    return Agreement(samples).score([line(text, sample=sample) for sample, text in said], DOCUMENTS)


def test_the_share_of_samples_with_the_same_words() -> None:
    said = (0, "It is hers."), (1, "it is HERS"), (2, "It is his."), (2, "It is hers, hers?")
    assert scores(4, *said) == [0.75, 0.75, 0.25, 0.75]
    # Twice in a sample counts once, and a sample without lines counts too.
    assert scores(2, (0, "It is hers."), (0, "It is hers!")) == [0.5, 0.5]
    assert scores(1, (0, "It is hers."), (1, "It is hers.")) == [1.0, 1.0]
    assert scores(3) == []


def test_other_words_for_the_same_names() -> None:
    # Four of six words are the same in the first two.
    base = "Ilka Venning keeps it well"
    assert scores(2, (0, base), (1, "Ilka Venning guards it well")) == [1.0, 1.0]
    assert scores(2, (0, base), (1, "Ilka Venning guards it badly")) == [0.5, 0.5]
    assert scores(2, (0, base), (1, "Bahram Venning keeps it well")) == [0.5, 0.5]


def test_names_in_another_order_are_another_statement() -> None:
    assert scores(2, (0, "So Ilka is above Bahram."), (1, "So Bahram is above Ilka.")) == [0.5, 0.5]


def test_only_samples_for_the_same_target_and_kind_are_compared() -> None:
    lines = [
        line("It is old."),
        line("It is old.", "bahram", sample=1),
        line("It is old.", kind="reverse", sample=1),
        line("It is old.", "ilka", "bahram", sample=2),
    ]
    assert Agreement(4).score(lines, DOCUMENTS) == [0.5, 0.25, 0.25, 0.5]
