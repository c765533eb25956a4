"""Whether a line follows, exactly, for tasks whose structure is known.

A line is read by the task itself, like one of its documents.  What a statement of it says follows where a document says
it, or where the task derives it: a question of the task with the same relation is put into the names of the statement,
with the statement's own end as its only choice.  That this asks for the statement shows in that the line alone answers
it, and nothing does not.  A statement that no question asks for, such as a passage of a maze, follows where it is said.

A task reads its own wordings only, and other words for the same are nothing to it.  Nor does it heed what surrounds a
statement, so that a sentence with a negation or a condition is taken for unreadable.
"""

from __future__ import annotations

import random
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from obverse.augmentation.lines import Line
from obverse.tasks.drawn import ProvenTask
from obverse.tasks.drawn.syllogisms import Syllogisms, entailed
from obverse.text.segmentation import FUNCTION_WORDS, sentences, words
from obverse.types import Document, Question, Statement

# With one of these a sentence says something else than what a task reads in it.
_NEGATIONS = """
not never neither nor cannot if unless whether or maybe perhaps false untrue wrong
"""
_TURNING = frozenset(_NEGATIONS.split())
_UNREADABLE = (ValueError, IndexError, KeyError)
_PAIR = re.compile(r"Question: (.*)\nAnswer: (.*)", re.DOTALL)
# Questions of a relation that are tried for a statement.
_TRIED = 8


class Exact:
    """The oracle of a drawn task; as a verifier it gives 1 to what follows, 0 to what does not, else 0.5.

    Args:
        seed: of the task; its documents are those that lines are scored by, all or some of them.
    """

    name = "exact"
    threshold = 1.0
    by_itself = True

    def __init__(self, drawn: ProvenTask, seed: int) -> None:
        self._drawn = drawn
        self._vocabulary = frozenset(drawn.vocabulary)
        task = drawn.build(seed)
        # Cues come first, since nothing stands in front of what they ask.
        questions = (*drawn.cues(seed), *task.questions, *task.validation)
        self._questions = _by_relation(questions)
        made = {statement for document in task.documents for statement in drawn.says(document)}
        made |= {question.statement for question in questions if question.statement}
        self._relations = frozenset(relation for _, relation, _ in made)
        self._relation_words = frozenset(word for relation in self._relations for word in relation.split())
        self._terms = frozenset(term for statement in made for term in statement[::2])
        self._wordings_of: dict[str, list[tuple[str, Statement]]] = {}
        for sentence in (one for document in task.documents for one in sentences(document.text)):
            match self._read(sentence):
                case [said]:
                    self._wordings_of.setdefault(said[1], []).append((sentence, said))
        self._documents: Sequence[Document] = ()
        self._known: frozenset[Statement] = frozenset()

    def score(self, lines: Sequence[Line], documents: Sequence[Document]) -> list[float]:
        """Whether each line follows from the documents."""
        return [{True: 1.0, False: 0.0, None: 0.5}[self.truth(line.text, documents)] for line in lines]

    def truth(self, text: str, documents: Sequence[Document]) -> bool | None:
        """Whether all that a text says follows from all documents together; nothing where it cannot be read."""
        self._learn(documents)
        for wording in self._wordings(text):
            said = self._read(wording)
            found = [self.follows(statement, said) for statement in said]
            if found and None not in found:
                return all(found)
        return None

    def follows(self, statement: Statement, said: Collection[Statement]) -> bool | None:
        """Whether a statement of a text follows; nothing where it is none that the task could make.

        Args:
            said: all statements of the text.
        """
        if statement in self._known:
            return True
        if not all(map(words, statement)) or any(map(self._misread, statement[::2])):
            return None
        if not self._relation_words.issuperset(statement[1].split()):
            return None
        question = self.question(statement, said)
        if question is None:
            return False if statement[1] in self._relations else None
        if isinstance(self._drawn, Syllogisms):
            # Its answers are strict, and of "all" it would not conclude "some".
            return bool(entailed(self._known, question))
        return self._drawn.derive(self._known, question) is not None

    def question(self, statement: Statement, said: Collection[Statement] = ()) -> Question | None:
        """A question of the task's that has the statement's end as its only choice; nothing where there is none.

        Args:
            said: what is said together with the statement.
        """
        shape = len(statement[1].split())
        alike = self._questions.get(statement[1], [])
        for pattern in (*alike, *self._questions.get(shape, [])):
            try:
                asked = _put(pattern, statement)
                if self._drawn.derive((), asked) is None and self._drawn.derive({*said, statement}, asked):
                    return asked
            except _UNREADABLE:
                continue
        return None

    def told(self, statement: Statement, rng: random.Random) -> str | None:
        """The statement in the words of some document's sentence; nothing where none says such a thing by itself."""
        if not (known := self._wordings_of.get(statement[1])):
            return None
        text, said = rng.choice(known)
        told = _renamed(text, said, statement)
        return told if self._read(told) == (statement,) else None

    def reads(self, text: str) -> tuple[Statement, ...]:
        """What a text says, in the wording in which the task reads it first."""
        return next(filter(None, map(self._read, self._wordings(text))), ())

    def _learn(self, documents: Sequence[Document]) -> None:
        if documents is not self._documents:
            self._documents = documents
            self._known = frozenset(said for document in documents for said in self._drawn.says(document))

    def _read(self, text: str) -> tuple[Statement, ...]:
        try:
            return self._drawn.says(Document("line", text))
        except _UNREADABLE:
            return ()

    def _wordings(self, text: str) -> Iterator[str]:
        """The text in the forms in which the task may read it."""
        text = text.strip()
        pair = _PAIR.fullmatch(text)
        if self._vocabulary:
            plain = " ".join(pair.groups()) if pair else text
            divided = [part for word in plain.split() for part in self._divided(word)]
            if self._vocabulary.issuperset(divided):
                yield " ".join(divided)
                yield " ".join((*divided, "."))
            return
        if not _TURNING.isdisjoint(words(text)) or re.search(r"n['\u2019]t\b", text):
            return
        yield text
        if pair:
            yield text[:-1] if text.endswith(".") else f"{text}."
        elif text[-1:] not in (".", "!", "?"):
            yield f"{text}."

    def _divided(self, word: str) -> Iterator[str]:
        """A formal word, and the mark that a generator wrote close behind it."""
        if word not in self._vocabulary and word[:-1] in self._vocabulary:
            yield from (word[:-1], word[-1])
        else:
            yield word

    def _misread(self, term: str) -> bool:
        """Whether a term of a sentence is one of the task's with other words around it, or a function word."""
        if self._vocabulary or term in self._terms:
            return False
        parts = term.split()
        runs = (parts[start:end] for start in range(len(parts)) for end in range(start + 1, len(parts) + 1))
        return term.lower() in FUNCTION_WORDS or any(" ".join(run) in self._terms for run in runs)


def _by_relation(questions: Sequence[Question]) -> Mapping[str | int, list[Question]]:
    """Some questions of each relation, and of each number of words that relations have."""
    found: dict[str | int, list[Question]] = {}
    kinds: dict[str | int, set[str]] = {}
    for question in questions:
        if question.statement is None:
            continue
        relation = question.statement[1]
        for key in (relation, len(relation.split())):
            seen = kinds.setdefault(key, set())
            if question.kind not in seen and len(seen) < _TRIED:
                seen.add(question.kind)
                found.setdefault(key, []).append(question)
    return found


def _put(pattern: Question, statement: Statement) -> Question:
    """The question about another statement, with nothing but its end to choose."""
    assert pattern.statement is not None
    prompt, answer = (
        _renamed(text, pattern.statement, statement) for text in (pattern.prompt, pattern.answer)
    )
    return replace(pattern, prompt=prompt, answer=answer, choices=(answer,), statement=statement)


def _renamed(text: str, said: Statement, statement: Statement) -> str:
    """A text with the names and relation words of one statement replaced by those of another."""
    pairs = [
        *zip(said[1].split(), statement[1].split(), strict=False),
        (said[0], statement[0]),
        (said[2], statement[2]),
    ]
    forms = {_capital(old): _capital(new) for old, new in pairs} | dict(pairs)
    alternatives = "|".join(map(re.escape, sorted(forms, key=len, reverse=True)))
    return re.sub(rf"(?<!\w)(?:{alternatives})(?!\w)", lambda found: forms[found.group()], text)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
