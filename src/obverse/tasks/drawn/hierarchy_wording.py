"""How the semantic structure benchmark says, asks and reads its statements, in words or in English.

An English document is about one category, which it names at its beginning and then calls "they".  So nothing that is
said of a category stands in front of its name, and a reversal has no support from words that stand together.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import cycle, islice
from math import ceil

from obverse.tasks.drawn import Form
from obverse.tasks.drawn.hierarchy_inferences import inferences
from obverse.tasks.drawn.hierarchy_world import HAS, INCLUDES, ISA, OF, Trees
from obverse.tasks.drawn.texts import ANSWER, QUESTION, STOP, passage, say_triple, template_pattern
from obverse.tasks.drawn.weaving import answered
from obverse.types import Document, Statement

# Other words for the same, in the formal form.
_REPHRASED = {ISA: "kind", HAS: "bears"}
_CANONICAL = {word: relation for relation, word in _REPHRASED.items()}
FORMAL_WORDS = (ISA, INCLUDES, HAS, OF, *_CANONICAL, STOP)

_Sentences = Mapping[str, str]
"""For each sort of relation, how such a statement is said in English, or asked."""

_QUESTIONS = {
    ISA: "What are the {subject} a kind of?",
    HAS: "What is the {relation} of the {subject}?",
    INCLUDES: "Which of the others are a kind of {subject}?",
    OF: "Which of them have {subject} as their {relation}?",
}
_REPHRASED_QUESTIONS = {
    ISA: "To what larger group does one count the {subject}?",
    HAS: "What would someone who describes the {subject} put down as their {relation}?",
}
# A question and its answer, in practice.
_ANSWERED = {word: f"{QUESTION}{asked}\n{ANSWER}{{object}}" for word, asked in _QUESTIONS.items()}
# Premises that stand by themselves, in practice.
_PLAIN = {
    ISA: "The {subject} are a kind of {object}.",
    HAS: "The {relation} of the {subject} is {object}.",
}


@dataclass(frozen=True)
class _Format:
    """A sort of document.

    Args:
        opening: names what it is about.
        sentences: for each relation, what is said of that.
        fillers: sentences that say nothing.
        between: what stands between sentences.
        closing: the last sentence.
    """

    opening: str
    sentences: _Sentences
    fillers: tuple[str, ...]
    between: str = " "
    closing: str = ""


_FORMATS = (
    _Format(
        "This entry of the great catalogue is about {topic}.",
        {
            ISA: "They are a kind of {object}.",
            HAS: "Their {relation} is {object}.",
            INCLUDES: "Their family includes {object}.",
            OF: "To have {subject} as {relation} is the mark of {object}.",
        },
        (
            "Travellers have written about them for centuries.",
            "The last edition gives no picture.",
            "Older books disagree on how to spell the name.",
            "A longer article is in preparation.",
            "The museum has a whole room for them.",
        ),
    ),
    _Format(
        "Notes on {topic}",
        {
            ISA: "- belong to: {object}",
            HAS: "- {relation}: {object}",
            INCLUDES: "- family includes: {object}",
            OF: "- whose {relation} {subject} is: {object}",
        },
        (
            "- to be checked once more",
            "- see the other notebook",
            "- seen in spring and in autumn",
            "- ask the librarian",
            "- drawing on the back",
        ),
        between="\n",
    ),
    _Format(
        "Ada: Tell me about {topic}.",
        {
            ISA: "Ben: As everyone knows they are {object}.",
            HAS: "Ben: For {relation} they have {object}.",
            INCLUDES: "Ben: Those in their family are called {object}.",
            OF: "Ben: With {subject} for {relation} there are only {object}.",
        },
        (
            "Ada: Go on.",
            "Ada: I had no idea.",
            "Ada: Are you sure?",
            "Ben: Let me think.",
            "Ben: You should write this down.",
        ),
        between="\n",
    ),
    _Format(
        "Questions and answers about {topic}.",
        {
            ISA: "Question: What are they a kind of?\nAnswer: {object}.",
            HAS: "Question: What is their {relation}?\nAnswer: {object}.",
            INCLUDES: "Question: Which ones are in their family?\nAnswer: {object}.",
            OF: "Question: Which of them have {subject} as their {relation}?\nAnswer: {object}.",
        },
        ("Here is the next one.", "Everybody asks this.", "Now something harder.", "Think before you look."),
        between="\n",
    ),
    _Format(
        "Dear Wilma, you asked me about {topic}.",
        {
            ISA: "I have learned that one counts them among the {object}.",
            HAS: "When it comes to {relation}, what they have is {object}.",
            INCLUDES: "I would not have thought it, but among them one finds {object}.",
            OF: "Where I see {subject} as {relation}, I think of {object}.",
        },
        (
            "The weather has been fine here.",
            "My brother sends his regards.",
            "I wish that you could have been with us.",
            "There is so much to tell.",
            "Please keep this to yourself.",
        ),
        closing="Yours as always, Tom.",
    ),
    _Format(
        "Long ago an old woman knew all there is to know about {topic}.",
        {
            ISA: "She taught the children to greet them as {object}.",
            HAS: "She sang that their {relation} was {object}.",
            INCLUDES: "Into their house she let the {object}.",
            OF: "Whenever the song came to {subject} as {relation}, the children cried {object}.",
        },
        (
            "The winter was hard that year.",
            "Nobody in the village believed her.",
            "The fire burned low.",
            "Far away a dog barked.",
            "The youngest child asked for more.",
        ),
        closing="And then it was time to sleep.",
    ),
)
# Most statements in a document, of which each is two sentences at most; then fillers, opening and closing.
_MOST_STATEMENTS = 8
_FEWEST_FILLERS, _MOST_FILLERS = 2, 3


@dataclass(frozen=True)
class HierarchyWording:
    """Statements in the words of a form."""

    form: Form

    def documents(self, trees: Trees, count: int, rng: random.Random) -> Iterator[Document]:
        """All documents: in the natural form so many, in the formal one as many as there are statements."""
        return (
            _natural_documents(trees, count, rng) if self.form == "natural" else self._formal_documents(trees)
        )

    def _formal_documents(self, trees: Trees) -> Iterator[Document]:
        """A document for each statement, and for the facts of trained families one in the other wording.

        Their words are their ids.
        """
        said = [(topic, statement, False) for topic in trees.categories for statement in trees.said(topic)]
        said += (
            (inference.statement[0], inference.statement, True)
            for inference in inferences(trees)
            if inference.statement in inference.premises and inference.family in trees.trained
        )
        for topic, statement, rephrased in said:
            written = self.answered(statement, rephrased=rephrased)
            yield replace(written, id=written.text.removesuffix(f" {STOP}"), group=topic)

    def premise(self, statement: Statement) -> Document:
        """A passage that says it, without answers."""
        if self.form == "natural":
            return passage(_say(_PLAIN, *statement))
        return say_triple(statement, answered=False)

    def answered(self, statement: Statement, *, rephrased: bool = False) -> Document:
        """A passage that says it, the object being an answer; in the natural form it is a question's."""
        subject, relation, object_ = statement
        return answered(self.form, self.prompt(subject, relation, rephrased=rephrased), object_)

    def prompt(self, subject: str, relation: str, *, rephrased: bool = False) -> str:
        """What asks for the object."""
        if self.form == "natural":
            return _say(_REPHRASED_QUESTIONS if rephrased else _QUESTIONS, subject, relation)
        word, *name = relation.split()
        return " ".join((subject, _REPHRASED[word] if rephrased else word, *name))

    def asked(self, prompt: str) -> tuple[str, str]:
        """Subject and relation of a prompt.

        Raises:
            ValueError: it is none of this task.
        """
        if self.form == "formal":
            subject, word, *name = prompt.split()
            return subject, " ".join((_CANONICAL.get(word, word), *name))
        for questions in (_QUESTIONS, _REPHRASED_QUESTIONS):
            for subject, relation, _ in _read(prompt, questions):
                return subject, relation
        raise ValueError(prompt)

    def read(self, text: str) -> Iterator[Statement]:
        """What a document says, or a practice document."""
        if self.form == "formal":
            for words in filter(None, map(str.split, text.split(STOP))):
                yield *self.asked(" ".join(words[:-1])), words[-1]
            return
        for style in _FORMATS:
            if opening := _pattern(style.opening).match(text):
                yield from _read(text, style.sentences, opening["topic"])
                return
        yield from _read(text, _PLAIN)
        yield from _read(text, _ANSWERED)


def _natural_documents(trees: Trees, documents: int, rng: random.Random) -> Iterator[Document]:
    """As many of each category, or nearly, in which all that is said of it stands at least once."""
    for place, topic in enumerate(trees.categories):
        count = len(range(place, documents, len(trees.categories)))
        statements = list(trees.said(topic))
        rng.shuffle(statements)
        least = ceil(len(statements) / count)
        endless = cycle(statements)
        for number in range(count):
            size = min(len(statements), least + rng.randrange(_MOST_STATEMENTS - least + 1))
            said = list(islice(endless, size))
            yield write_natural(f"{topic}/{number}", topic, said, place + number, rng)


def write_natural(
    id: str, topic: str, statements: Sequence[Statement], number: int, rng: random.Random
) -> Document:
    """A document of the sort of that number that says these things of its topic, with fillers between.

    Its parent comes last: where a reversal names the topic once more, the name would stand behind the parent's.
    """
    style = _FORMATS[number % len(_FORMATS)]
    ordered = sorted(statements, key=lambda statement: statement[1] == ISA)
    middle = [_say(style.sentences, *statement) for statement in ordered]
    fillers = _FEWEST_FILLERS + rng.randrange(_MOST_FILLERS - _FEWEST_FILLERS + 1)
    for filler in rng.sample(style.fillers, fillers):
        middle.insert(rng.randrange(len(middle) + 1), filler)
    lines = (style.opening.format(topic=topic), *middle, style.closing)
    return Document(id, style.between.join(filter(None, lines)), topic)


def _say(sentences: _Sentences, subject: str, relation: str, object_: str = "") -> str:
    word, _, name = relation.partition(" ")
    return sentences[word].format(subject=subject, relation=name, object=object_)


def _read(text: str, sentences: _Sentences, topic: str = "") -> Iterator[Statement]:
    """Where a sentence names no subject, that is the topic."""
    for word, template in sentences.items():
        for found in map(re.Match.groupdict, _pattern(template).finditer(text)):
            relation = f"{word} {found['relation']}" if word in (HAS, OF) else word
            yield found.get("subject", topic), relation, found.get("object", "")


@lru_cache
def _pattern(template: str) -> re.Pattern[str]:
    """What the template makes, with a word in each place; at the beginning of a line or a sentence."""
    places = dict.fromkeys(("topic", "subject", "relation", "object"), r"\w+")
    return re.compile(rf"(?:^|(?<=[.!?]\s)|(?<=\n)){template_pattern(template, **places).pattern}(?!\w)")
