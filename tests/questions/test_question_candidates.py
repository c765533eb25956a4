"""What small models write is read; what is no question with an answer of a few words is counted."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest
from question_examples import CORPUS
from test_languages import LANGUAGES, task_of

from obverse.augmentation.lines import question_answers
from obverse.augmentation.planning import Room
from obverse.augmentation.prompts import read_prompts
from obverse.augmentation.writing import Written
from obverse.questions.candidates import PACKAGE, PLACES, Read, assignment_for, fits, read_candidates
from obverse.questions.checks import CHECKS, leaks
from obverse.questions.corpus import Corpus
from obverse.questions.kinds import ABSENT, KINDS
from obverse.questions.sources import Source
from obverse.text.segmentation import words
from obverse.types import Document, Question

FERRY = Source(("ferry-log",))
PAIR = ("By whom is the Maddow ferry rowed?", "Kesta Vorn")


def read(text: str, kind: str = "recall", *, ended: bool = True, fault: str = "") -> Read:
    written = Written(text, ended, 9, 0, 9, 0.1, fault)
    return read_candidates(KINDS[kind], FERRY, written, CORPUS)


def pairs(found: Read) -> list[tuple[str, str]]:
    return [(one.prompt, one.answer) for one in found.candidates]


@pytest.mark.parametrize(
    "text",
    [
        "Question: By whom is the Maddow ferry rowed?\nAnswer: Kesta Vorn",
        "Sure!\n\n**Question 1:** By whom is the Maddow ferry rowed?\n**Answer:** Kesta Vorn.\n",
        "1. Question: By whom is the Maddow ferry rowed? Answer: Kesta Vorn",
        "Q: By whom is the Maddow ferry rowed?\nA: Kesta Vorn",
        " By whom is the Maddow ferry rowed?\nAnswer: Kesta Vorn\n",
        "<think>Question: Why?\nAnswer: So</think>Question: By whom is the Maddow ferry rowed?\nAnswer: Kesta Vorn",
        "Question: By whom is the Maddow ferry rowed?\nAnswer: Kesta Vorn\n\nText:\n[1] A.\n\nQuestions:\n"
        "Question: Who is A?\nAnswer: Bo Lun",
    ],
)
def test_a_pair_is_found_whatever_stands_around_it(text: str) -> None:
    assert pairs(read(text)) == [PAIR]


@pytest.mark.parametrize("name", LANGUAGES)
def test_labels_of_every_language_are_read(name: str) -> None:
    language = LANGUAGES[name]
    task = task_of(language)
    question = task.questions[0]
    asks, answers = language.label
    text = f"{asks} {question.prompt}\n{answers} {question.answer}\n"
    found = read_candidates(
        KINDS["reversal"], Source(question.needs), Written(text, True, 9, 0, 9, 0.1), Corpus(task.documents)
    )
    assert pairs(found) == [(" ".join(question.prompt.split()), question.answer)]


@pytest.mark.parametrize(
    ("text", "kind", "why"),
    [
        ("Question: The Maddow ferry is rowed.\nAnswer: Kesta Vorn", "recall", "it is no question"),
        ("Question: Who is Kesta Vorn?\nAnswer: Kesta Vorn", "recall", "the question names its answer"),
        (f"Question: Who?\nAnswer: {'long ' * 13}", "recall", "the answer is long"),
        (f"Question: {'Who ' * 60}?\nAnswer: Kesta Vorn", "recall", "the question is long"),
        ("Question: Who owns it?\nAnswer: Kesta Vorn", "absent", "the documents say what should be invented"),
    ],
)
def test_what_is_no_candidate_is_counted(text: str, kind: str, why: str) -> None:
    found = read(text, kind)
    assert found.candidates == ()
    assert found.rejected == (why,)


def test_a_text_without_questions_has_a_fault() -> None:
    assert read("I cannot do that.").fault == "there is no question with its answer in it"
    assert read("", fault="the answer has no text").fault == "the answer has no text"


def test_an_answer_that_was_cut_is_left_out() -> None:
    text = "Question: Who rows?\nAnswer: Kesta Vorn\nQuestion: How many oars?\nAnswer: elev"
    assert len(pairs(read(text))) == 2
    assert pairs(read(text, ended=False)) == [("Who rows?", "Kesta Vorn")]


def test_an_assignment_shows_its_documents_and_what_they_share() -> None:
    prompts = read_prompts(None, PLACES, PACKAGE)
    source = Source(("ferry-log", "parish-roll"), "Kesta Vorn")
    one = assignment_for(KINDS["chain"], source, prompts["chain"], CORPUS, 1)
    first, second = CORPUS.texts(source.documents)
    assert one.prompt.endswith(f"Texts:\n[1] {first}\n\n[2] {second}\n\nShared: Kesta Vorn\n\nQuestions:")
    assert (one.sources, one.sample) == (source.documents, 1)
    other = assignment_for(KINDS["chain"], Source(("notice", "bylaws")), prompts["chain"], CORPUS, 0)
    assert other.shared == one.shared
    assert fits(one, None)
    assert fits(one, Room(len(words(one.prompt)), lambda text: len(words(text))))
    assert not fits(one, Room(len(words(one.prompt)) - 1, lambda text: len(words(text))))


def test_prompts_share_nothing_with_those_of_augmentation() -> None:
    ours = read_prompts(None, PLACES, PACKAGE)
    assert set(ours) == {*KINDS, "answer", "known"}
    theirs = read_prompts()
    assert not {prompt.before for prompt in ours.values()} & {prompt.before for prompt in theirs.values()}

    def lines(package: str) -> set[str]:
        folder = files(package).joinpath("instructions")
        return {
            line.strip()
            for file in folder.iterdir()
            for line in file.read_text(encoding="utf-8").splitlines()
            if len(words(line)) > 4
        }

    assert not lines(PACKAGE) & lines("obverse.augmentation")


def test_names_of_the_shown_examples_are_of_nobody_else() -> None:
    folder = files(PACKAGE).joinpath("instructions")
    shown = " ".join(file.read_text(encoding="utf-8") for file in folder.iterdir())
    invented = set(
        re.findall(r"\b(?:Orrin|Halda|Tamsel|Adrup|Quennet|Iskerry|Skell|Fenwold|Calloman)\b", shown)
    )
    assert len(invented) == 9
    example = files("obverse.example").joinpath("documents")
    documents = " ".join(file.read_text(encoding="utf-8") for file in example.iterdir())
    assert not any(re.search(rf"\b{name}\b", documents) for name in invented)


def shown(kind: str) -> list[tuple[Corpus, list[tuple[str, str]]]]:
    """The examples in the prompt of a kind: their texts, and their questions with answers."""
    before = read_prompts(None, PLACES, PACKAGE)[kind].before
    found = []
    for example in re.split(r"\n\nTexts?:\n", before)[1:]:
        told, _, asked = example.partition("\n\nQuestions:\n")
        if asked:
            texts = re.findall(r"\[\d\] (.*)", told)
            documents = [Document(f"d{number}", text) for number, text in enumerate(texts)]
            found.append((Corpus(documents), list(question_answers(asked))))
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_the_examples_of_a_prompt_pass_the_checks_of_its_kind(kind: str) -> None:
    examples = shown(kind)
    assert len(examples) == 2
    for corpus, pairs_shown in examples:
        assert pairs_shown
        for prompt, answer in pairs_shown:
            own = KINDS[kind]
            said = corpus.spoken.unsaid if own.name == ABSENT else answer
            needs = tuple(corpus.by_id)
            question = Question("q", prompt, said, (said, "X"), own.name, own.latent, needs)
            checks = {name: check(question, corpus) for name, check in CHECKS.items() if name != "choices"}
            assert set(checks.values()) == {""}, (prompt, checks)
            assert leaks([question], corpus) == {}
