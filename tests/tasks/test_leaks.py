"""Latent answers that stand in a document: each rule, each direction."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from obverse.tasks.leaks import Leak, find_leaks
from obverse.types import Document, Question, Task

STATED = "Maren Hollis keeps the Harbour Clock."
TURNED = "The Harbour Clock is kept by Maren Hollis."

# Asked against the direction of STATED: the question names what comes last there.
REVERSAL = Question(
    "q", "Who keeps the Harbour Clock?", "Maren Hollis", ("Maren Hollis", "B"), latent=True, needs=("fact",)
)
STATEMENT = ("Maren Hollis", "is the keeper of", "the harbour clock")


def leaks(question: Question, fact: str = "Nothing.", other: str = "Nothing.") -> list[tuple[str, str]]:
    """Document and sentence of each leak of a task of two documents."""
    task = Task("t", (Document("fact", fact), Document("other", other)), (question,))
    return [(leak.document, leak.sentence) for leak in find_leaks(task)]


def test_the_fact_itself_is_no_leak_where_it_is_needed() -> None:
    assert leaks(REVERSAL, fact=STATED) == []


def test_the_asked_direction_is_a_leak_everywhere() -> None:
    assert leaks(REVERSAL, fact=f"{STATED} {TURNED}") == [("fact", TURNED)]
    assert leaks(REVERSAL, fact=STATED, other=TURNED) == [("other", TURNED)]


def test_the_stated_direction_is_a_leak_elsewhere() -> None:
    assert leaks(REVERSAL, fact=STATED, other=STATED) == [("other", STATED)]


@pytest.mark.parametrize("needs", [("fact", "other"), ()])
def test_with_several_needs_or_none_either_direction_is_a_leak(needs: tuple[str, ...]) -> None:
    question = replace(REVERSAL, needs=needs)
    assert leaks(question, STATED, TURNED) == [("fact", STATED), ("other", TURNED)]


def test_pieces_of_one_file_count_as_one_document() -> None:
    documents = (Document("guide#1", STATED), Document("guide#2", TURNED))
    question = replace(REVERSAL, needs=("guide#1", "guide#2"))
    (leak,) = find_leaks(Task("t", documents, (question,)))
    assert leak == Leak("q", "guide#2", TURNED, "the question's terms and the answer stand in one sentence")


def test_only_latent_questions_are_checked() -> None:
    assert leaks(replace(REVERSAL, latent=False), other=TURNED) == []


@pytest.mark.parametrize(
    ("sentence", "leaked"),
    [
        ("the HARBOUR-CLOCK, kept by **Maren  Hollis**!", True),
        ("The harbour clock.\nMaren Hollis.", False),
        ("The harbour clocks are kept by Maren Hollis.", False),
        ("The clock of the harbour is kept by Maren Hollis.", False),
        ("The harbour clock is kept by Maren Hollison.", False),
    ],
)
def test_terms_are_whole_words_in_a_row_in_one_sentence(sentence: str, leaked: bool) -> None:
    assert bool(leaks(REVERSAL, other=sentence)) is leaked


@pytest.mark.parametrize(
    ("prompt", "sentence", "leaked"),
    [
        ("In 1887, who cast it?", "Maren Hollis, 1887.", True),
        ("In 1887, who cast it?", "Maren Hollis cast it in 1888.", False),
        ('Who wrote "a quiet day"?', "Maren Hollis wrote a quiet day.", True),
        ('Who wrote "a quiet day"?', "Maren Hollis wrote all day.", False),
        ("Who is Tobias Fenn's aunt?", "The aunt of Tobias Fenn is Maren Hollis.", True),
        ("Tobias Fenn is a nephew of whom?", "Maren Hollis, aunt of Tobias Fenn.", True),
        ("Whose nephew is Tobias Fenn?", "Maren Hollis, aunt of Tobias.", False),
        # No term: two of the three words "oldest", "keeper", "tower" are enough, one is not.
        ("Who is the oldest keeper of the tower?", "The keeper in the tower is Maren Hollis.", True),
        ("Who is the oldest keeper of the tower?", "Maren Hollis is a keeper.", False),
        ("Olm is what to her?", "Maren Hollis came.", False),
        ("Who is it?", "It is Maren Hollis.", False),
    ],
)
def test_what_counts_as_a_term(prompt: str, sentence: str, leaked: bool) -> None:
    assert bool(leaks(replace(REVERSAL, prompt=prompt), other=sentence)) is leaked


def test_a_term_inside_another_is_no_mention_of_its_own() -> None:
    question = replace(REVERSAL, prompt="Where is Olm Bridge?", answer="Olm", choices=("Olm", "Esk"))
    assert leaks(question, other="Olm Bridge is old.") == []
    assert leaks(question, other="Olm Bridge is in Olm.") == [("other", "Olm Bridge is in Olm.")]


@pytest.mark.parametrize(
    ("sentence", "at_home", "elsewhere"),
    [
        ("Maren Hollis is the keeper of the harbour clock.", False, True),
        ("The harbour clock has a keeper, Maren Hollis.", True, True),
        ("Maren Hollis likes the harbour clock.", False, False),
        ("The keeper is Maren Hollis.", False, False),
    ],
)
def test_statements(sentence: str, at_home: bool, elsewhere: bool) -> None:
    question = replace(REVERSAL, statement=STATEMENT)
    assert bool(leaks(question, fact=sentence)) is at_home
    assert bool(leaks(question, other=sentence)) is elsewhere


def test_a_statement_whose_answer_is_the_object() -> None:
    question = replace(
        REVERSAL, statement=STATEMENT, answer="Harbour Clock", choices=("Harbour Clock", "Bell")
    )
    stated = "Maren Hollis is the keeper of the harbour clock."
    assert leaks(question, fact=stated) == [("fact", stated)]
    assert leaks(question, fact="The harbour clock's keeper is Maren Hollis.") == []


def test_a_statement_whose_answer_is_neither() -> None:
    question = replace(REVERSAL, statement=STATEMENT, answer="yes", choices=("yes", "no"))
    turned = "The harbour clock has a keeper, Maren Hollis."
    assert leaks(question, fact=turned) == []
    assert leaks(question, other=turned) == [("other", turned)]


def test_a_relation_of_function_words_asks_for_subject_and_object_only() -> None:
    question = replace(
        REVERSAL, statement=("the clock", "is in", "Olm"), answer="Olm", choices=("Olm", "Esk")
    )
    assert leaks(question, other="Olm has a clock.") == [("other", "Olm has a clock.")]


def test_an_answer_that_is_a_sentence_may_stand_nowhere() -> None:
    question = replace(
        REVERSAL,
        prompt="What follows?",
        answer="All grens are bols.",
        choices=("All grens are bols.", "No gren."),
    )
    assert leaks(question, fact="Since all grens are bols, we know.", other="All grens are red.") == [
        ("fact", "Since all grens are bols, we know.")
    ]


def test_an_answer_without_words_is_passed_over() -> None:
    assert leaks(replace(REVERSAL, answer="?!", choices=("?!", "B")), other="Harbour Clock?!") == []


def test_order_and_one_leak_a_sentence() -> None:
    document = Document("d", f"{TURNED} And so. {STATED}")
    questions = tuple(replace(REVERSAL, id=name, needs=()) for name in ("b", "a"))
    found = find_leaks(Task("t", (document,), questions))
    assert [(leak.question, leak.sentence) for leak in found] == [
        ("b", TURNED),
        ("b", STATED),
        ("a", TURNED),
        ("a", STATED),
    ]


@given(
    st.text(),
    st.text(min_size=1),
    st.text(),
    st.none() | st.tuples(st.text(), st.text(), st.text()),
    st.booleans(),
)
@settings(max_examples=200, deadline=None)
def test_any_text(
    prompt: str, answer: str, text: str, statement: tuple[str, str, str] | None, needed: bool
) -> None:
    needs = ("d",) if needed else ()
    question = Question("q", prompt, answer, (answer, "B"), latent=True, needs=needs, statement=statement)
    for leak in find_leaks(Task("t", (Document("d", f"{prompt} {answer} {text}"),), (question,))):
        assert leak.question == "q"
        assert leak.document == "d"


def test_a_term_of_most_documents_does_not_hide_a_leak() -> None:
    documents = [Document(str(number), f"Debian has part {number}.") for number in range(12)]
    documents.append(Document("said", "The name unstable is always a link to sid."))
    question = Question(
        "q", "Which Debian name does 'unstable' always have?", "sid", ("sid", "lenny"), latent=True
    )
    (leak,) = find_leaks(Task("t", tuple(documents), (question,)))
    assert leak.document == "said"
