"""A candidate becomes a question: what it needs, the group it belongs to, and its choices."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random

from obverse.augmentation.proper_names import occurs
from obverse.questions.candidates import Candidate
from obverse.questions.corpus import Corpus, says
from obverse.questions.distractors import FEWEST, Given, compared_things, wrong_choices
from obverse.questions.kinds import ABSENT
from obverse.types import Question, derive_seed


def given_by(candidate: Candidate, corpus: Corpus) -> Given:
    """The answer of a candidate, for the choices of others."""
    around = corpus.around(candidate.answer, candidate.source.documents)
    return Given(candidate.prompt, candidate.answer, around)


def form(candidate: Candidate, id: str, given: Iterable[Given], corpus: Corpus) -> Question | None:
    """The question of a candidate; nothing where too few choices of the type of its answer can be found.

    Questions whose answers stand in one sentence are a group.

    Args:
        id: of the question.
        given: answers of other candidates.
    """
    kind, prompt, answer = candidate.kind, candidate.prompt, candidate.answer
    needs = candidate.source.documents
    if kind.about == "compared":
        keys = corpus.keys(prompt)
        needs = tuple(id for id in needs if any(occurs(key, corpus.by_id[id].text) for key in keys))
        others = compared_things(prompt, answer, needs, corpus)
        fewest = 1
    else:
        said = [one.text for one in corpus.sentences(needs) if says(one.text, answer)]
        said += [one.text for one in corpus.saying_all(corpus.keys(prompt))]
        others = wrong_choices(given_by(candidate, corpus), said, given, corpus)
        fewest = FEWEST
    if len(others) < fewest:
        return None
    if kind.name == ABSENT:
        others, answer = [answer, *others][: len(others)], corpus.spoken.unsaid
    choices = [answer, *others]
    Random(derive_seed("questions", "order of choices", prompt)).shuffle(choices)
    behind = corpus.sentence_behind(prompt, answer, needs) if kind.about != "compared" else None
    group = f"{behind.document}, sentence {behind.place + 1}" if behind else ", ".join(needs)
    return Question(id, prompt, answer, tuple(choices), kind.name, kind.latent, needs, group)
