"""False context: everything is as long as before, and nothing that was said is said."""

from __future__ import annotations

import re
from importlib.resources import as_file, files

import pytest
from conftest import FACTS

from obverse.retrieval.exchange import exchange_facts, still_said
from obverse.tasks import read_task
from obverse.tasks.drawn import DrawnTask, codebooks, simple_reversals
from obverse.types import Document, Question, Task

NAMES = tuple(name for _, _, name, _ in FACTS)
THINGS = tuple(thing for *_, thing in FACTS)
TINY = Task(
    "tiny",
    tuple(Document(id, text) for id, text, _, _ in FACTS),
    (Question("who", "Who?", NAMES[0], NAMES), Question("what", "What?", THINGS[0], THINGS)),
)


def ask(*choices: str) -> Question:
    return Question(" ".join(choices), "?", choices[0], choices)


def said(texts: list[str], *choices: tuple[str, ...], seed: int = 0) -> list[str]:
    """The texts after the exchange, when these are the choices of questions about them."""
    task = Task(
        "t",
        tuple(Document(str(at), text) for at, text in enumerate(texts)),
        tuple(ask(*one) for one in choices),
    )
    return [document.text for document in exchange_facts(task, seed)]


@pytest.fixture(scope="module")
def example() -> Task:
    with as_file(files("obverse.example")) as folder:
        return read_task(folder / "documents", folder / "questions.jsonl")


@pytest.mark.parametrize("seed", range(12))
def test_names_are_exchanged_within_their_type_and_no_fact_stays_true(seed: int) -> None:
    false = exchange_facts(TINY, seed)
    pairs = []
    for document in false:
        match = re.fullmatch(r"(.+) is the keeper of the (.+)\.", document.text)
        assert match
        pairs.append(match.groups())
    assert sorted(name for name, _ in pairs) == sorted(NAMES)
    assert sorted(thing for _, thing in pairs) == sorted(THINGS)
    assert not set(pairs) & set(zip(NAMES, THINGS, strict=True))
    assert all(changed.text != document.text for changed, document in zip(false, TINY.documents, strict=True))
    assert [document.id for document in false] == [document.id for document in TINY.documents]


@pytest.mark.parametrize("seed", range(6))
def test_of_two_facts_one_side_alone_is_exchanged_for_both_would_be_true_again(seed: int) -> None:
    found = said(["Ann has X.", "Ben has Y."], ("Ann", "Ben"), ("X", "Y"), seed=seed)
    assert sorted(found) == ["Ann has Y.", "Ben has X."]


def test_the_same_seed_gives_the_same_and_others_do_not() -> None:
    assert exchange_facts(TINY, 0) == exchange_facts(TINY, 0)
    assert len({exchange_facts(TINY, seed) for seed in range(10)}) > 2


def test_names_inside_longer_words_stay() -> None:
    (first, second) = said(["Ann met Annabel and O'Ann.", "Ben planned."], ("Ann", "Ben"))
    assert first == "Ben met Annabel and O'Ben."
    assert second == "Ann planned."


def test_a_name_that_is_part_of_another_is_not_mistaken_for_it() -> None:
    found = said(["Old Clock Street is long.", "Old Clock is slow."], ("Old Clock", "Old Clock Street"))
    assert found == ["Old Clock is long.", "Old Clock Street is slow."]


def test_types_that_share_a_choice_are_one() -> None:
    texts = ["Only A.", "Only B.", "Only C."]
    apart = said(texts, ("A", "B"), ("C", "D"))
    assert apart[:2] == ["Only B.", "Only A."]
    joined = said(texts, ("A", "B"), ("B", "C"))
    assert sorted(joined) == texts
    assert all(text != true for text, true in zip(joined, texts, strict=True))


def test_signs_of_patterns_in_names_are_letters() -> None:
    assert said(["It costs $5.00 (a lot).", "It costs $5x00."], ("$5.00 (a lot)", "$5x00")) == [
        "It costs $5x00.",
        "It costs $5.00 (a lot).",
    ]


def test_a_document_without_names_has_its_words_in_another_order() -> None:
    text = "rain fell on the long grey wall"
    (_, _, shuffled) = said(["Ann.", "Ben.", text], ("Ann", "Ben"))
    assert shuffled != text
    assert sorted(shuffled.split()) == sorted(text.split())
    assert said(["Ann.", "Ben.", text], ("Ann", "Ben"))[2] == shuffled  # from the seed
    assert said(["Ann.", "Ben.", text], ("Ann", "Ben"), seed=1)[2] != shuffled
    # Two documents that say the same are shuffled apart from each other.
    assert len(set(said([text, text], ("Ann", "Ben")))) == 2
    (_, _, single) = said(["Ann.", "Ben.", "Rain"], ("Ann", "Ben"))
    assert single == "Rain"  # one word has one order


@pytest.mark.parametrize("seed", range(4))
def test_words_without_spaces_change_places_and_the_signs_between_them_stay(seed: int) -> None:
    text = "你好，世界！ 再见，朋友。"
    (shuffled,) = said([text], ("yes", "no"), seed=seed)
    assert shuffled != text
    assert re.split("，|！ |。", shuffled)[-1] == ""
    assert sorted(re.split("，|！ |。", shuffled)) == sorted(re.split("，|！ |。", text))
    assert re.findall(r"\W+", shuffled) == re.findall(r"\W+", text)


def test_a_task_whose_documents_name_no_choice() -> None:
    (shuffled,) = said(["two words"], ("yes", "no"))
    assert shuffled == "words two"


def test_every_document_of_the_example_is_changed_and_about_as_long(example: Task) -> None:
    for document, false in zip(example.documents, exchange_facts(example, 0), strict=True):
        assert false.text != document.text, document.id
        before, after = len(document.text.split()), len(false.text.split())
        assert abs(before - after) <= 6, document.id


def test_hardly_a_document_of_the_example_still_says_what_is_asked_about_it(example: Task) -> None:
    false = {document.id: document.text for document in exchange_facts(example, 0)}
    said = [
        (question, needed)
        for question in example.questions
        for needed in question.needs
        if question.answer in example.document(needed).text
    ]
    assert len(said) > 100
    assert sum(question.answer in false[needed] for question, needed in said) <= len(said) // 50


CROWDED = simple_reversals.SimpleReversals(entities=40, relation_pairs=6, facts_per_relation=40)


def facts(document: Document) -> set[tuple[str, ...]]:
    """What a document of a drawn task says, in one direction and without filler."""
    words = [word for word in document.text.split() if word != "." and not word.startswith("w")]
    if words[1].startswith("b"):
        return {(words[2], f"f{words[1][1:]}", words[0])}
    if words[1].startswith("f"):
        return {tuple(words)}
    if words[0] == "define":
        return {tuple(words[1:])}
    return {(words[0], *pair) for pair in zip(words[2::3], words[4::3], strict=True)}


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("settings", [simple_reversals.TINY, CROWDED, codebooks.TINY, codebooks.SMALL])
def test_no_false_document_of_a_drawn_task_states_a_fact(settings: DrawnTask, seed: int) -> None:
    task = settings.build(seed)
    true = {fact for document in task.documents for fact in facts(document)}
    for document, false in zip(task.documents, exchange_facts(task, seed), strict=True):
        assert facts(false)
        assert not facts(false) & true
        # As long as before, with names of the same types in the same places.
        pairs = list(zip(document.text.split(), false.text.split(), strict=True))
        assert all(before[0] == after[0] for before, after in pairs)
        assert all(before != after for before, after in pairs if before[0] in "el" and before[1:].isdigit())


def test_a_name_that_begins_a_sentence_is_exchanged_with_its_capital() -> None:
    found = said(["The gate is shut. He saw the gate.", "He saw the old mill."], ("the gate", "the old mill"))
    assert found == ["The old mill is shut. He saw the old mill.", "He saw the gate."]
    # Where no document has the names but at its beginning, too.
    assert said(["The gate is shut.", "The old mill is low."], ("the gate", "the old mill")) == [
        "The old mill is shut.",
        "The gate is low.",
    ]


def test_a_name_that_stands_alone_of_its_type_is_exchanged_for_one_that_no_document_has() -> None:
    assert said(["Ann has X."], ("Ann", "Ben")) == ["Ben has X."]


def test_a_document_with_one_name_is_never_left_as_it_is() -> None:
    # Of the two types, the first alone could be exchanged without a pair that comes true again.
    texts = ["Ann has X.", "Ben has Y.", "Red is warm.", "Blue is cold."]
    found = said(texts, ("Ann", "Ben"), ("X", "Y"), ("Red", "Blue"))
    assert found[2:] == ["Blue is warm.", "Red is cold."]


def test_an_answer_inside_longer_words_of_a_needed_document_is_exchanged_there() -> None:
    choices = ("Oulu", "Helsinki")
    documents = (Document("a", "Mikko asuu Oulussa."), Document("b", "Liisa asuu Helsinkissä."))
    questions = tuple(
        Question(id, "Missä?", answer, choices, needs=(id,)) for id, answer in zip("ab", choices, strict=True)
    )
    task = Task("t", documents, questions)
    false = exchange_facts(task, 0)
    assert [document.text for document in false] == ["Mikko asuu Helsinkissa.", "Liisa asuu Oulussä."]
    assert still_said(task, false) == ((), 2)


def test_a_name_exchanged_inside_a_word_is_small_where_the_name_was() -> None:
    choices = ("Oulu", "Helsinki")
    documents = (Document("a", "Mikko asuu Pohjoisoulussa."), Document("b", "Liisa asuu Helsinkissä."))
    questions = tuple(
        Question(id, "Missä?", answer, choices, needs=(id,)) for id, answer in zip("ab", choices, strict=True)
    )
    false = exchange_facts(Task("t", documents, questions), 0)
    assert [document.text for document in false] == ["Mikko asuu Pohjoishelsinkissa.", "Liisa asuu Oulussä."]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mikko asuu Oulussa, Liisa asuu Helsinkissä.", "Mikko asuu Helsinkissa, Liisa asuu Oulussä."),
        ("Liisan kaupunki: Helsinki. Mikko asuu Oulussa.", "Liisan kaupunki: Oulu. Mikko asuu Helsinkissa."),
    ],
)
def test_what_is_put_in_is_not_exchanged_again_inside_words(text: str, expected: str) -> None:
    choices = ("Oulu", "Helsinki")
    questions = tuple(Question(answer, "Missä?", answer, choices, needs=("a",)) for answer in choices)
    task = Task("t", (Document("a", text),), questions)
    false = exchange_facts(task, 0)
    assert false[0].text == expected
    # Both names stand there before and after, each where the other was.
    assert still_said(task, false)[1] == 2


def test_of_names_inside_words_that_begin_alike_the_longer_is_exchanged() -> None:
    choices = ("Oulu", "Oulunsalo", "Turku")
    documents = tuple(
        Document(id, f"Mikko asuu {place}.")
        for id, place in zip("abc", ("Oulussa", "Oulunsalossa", "Turkussa"), strict=True)
    )
    questions = [
        Question(id, "?", answer, choices, needs=("a", "b", "c"))
        for id, answer in zip("abc", choices, strict=True)
    ]
    false = [document.text for document in exchange_facts(Task("t", documents, tuple(questions)), 0)]
    places = [text.removeprefix("Mikko asuu ").removesuffix("ssa.") for text in false]
    assert sorted(places) == sorted(choices)
    assert all(place != before for place, before in zip(places, choices, strict=True))


def test_names_that_stand_in_another_form_only_are_exchanged_from_the_seed() -> None:
    names = ("the gate", "the old mill", "the pond", "the wall")
    texts = ["He saw the gate, the old mill and the pond.", "The wall is high."]
    for documents in (texts, [f"T{name[1:]} is high." for name in names]):
        drawn = [said(documents, names, seed=seed) for seed in range(6)]
        assert drawn == [said(documents, names, seed=seed) for seed in range(6)]
        assert len(set(map(tuple, drawn))) > 1


def test_names_of_two_types_that_stand_in_another_form_only_are_exchanged() -> None:
    texts = ["The gate is shut.", "The mill is shut.", "The bell is low.", "The drum is low."]
    found = said(texts, ("the gate", "the mill"), ("the bell", "the drum"))
    assert found == [texts[1], texts[0], texts[3], texts[2]]
    assert said(texts[:1], ("the gate", "the mill")) == ["The mill is shut."]


def test_a_number_is_not_found_in_another_one() -> None:
    assert said(["It cost 12.5, or 12, or 112, or 12% of $12.", "15."], ("12", "15")) == [
        "It cost 12.5, or 15, or 112, or 12% of $12.",
        "12.",
    ]


def test_a_name_over_two_lines_is_found() -> None:
    assert said(["the harbour\nclock", "the gate"], ("the harbour clock", "the gate")) == [
        "the gate",
        "the harbour clock",
    ]


def test_what_false_documents_still_say_is_counted(example: Task) -> None:
    assert still_said(example, exchange_facts(example, 0)) == ((), 130)
    still, said = still_said(example, example.documents)
    assert (len(still), said) == (130, 130)
    # Where another subject has the answer, the fact is not said.
    documents = (Document("a", "Ann has X."), Document("b", "Ben has Y."))
    asked = Question("q", "What has Ann?", "X", ("X", "Y"), needs=("a",))
    task = Task("t", documents, (asked, ask("Ann", "Ben")))
    assert still_said(task, [Document("a", "Ben has X."), documents[1]]) == ((), 1)
    assert still_said(task, [Document("a", "Ann now has X."), documents[1]]) == (("q",), 1)


def test_an_article_is_small_where_it_was_small() -> None:
    texts = ["He saw the Old Gate.", "He saw the New Mill."]
    assert said(texts, ("The Old Gate", "The New Mill")) == texts[::-1]


@pytest.mark.parametrize(
    ("text", "choices", "count"),
    [("Anna asuu Ulmissa.", ("Ulm", "Bonn"), 1), ("Anna asuu Iissä.", ("Ii", "Oulu"), 0)],
)
def test_names_of_three_letters_are_known_inside_words(
    text: str, choices: tuple[str, ...], count: int
) -> None:
    asked = Question("q", "Missä Anna asuu?", choices[0], choices, needs=("a",))
    task = Task("t", (Document("a", text),), (asked, ask("Anna", "Liisa")))
    assert still_said(task, task.documents) == (("q",) * count, count)
