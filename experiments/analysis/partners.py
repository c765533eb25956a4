"""Is a held-out fact's partner its neighbour in the embeddings, and does its answer depend on that?

    python experiments/analysis/partners.py runs/partner-code

For each model that the study `partner_code` taught, over its held-out facts:

- *neighbours*: how often the object's embedding is the nearest of all entities to the subject's, by cosine, and its
  mean rank as a share of all entities (chance .5); the same for facts whose reversal is trained;
- *exchanged*: accuracy of held-out reversals after the input embeddings of each held-out fact's two entities have
  changed places (with tied embeddings also as outputs); *moved*: after each got the input embedding of an entity of
  another held-out fact instead, as a control.

The last line is one JSON object.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import torch

from obverse.answering.short import ShortReader
from obverse.engine.study_file import load_study, small_form
from obverse.learners.learner import TASK_SEED, Teaching
from obverse.models.decoder import Decoder
from obverse.models.vocabulary import word_tokenizer
from obverse.tasks.drawn.simple_reversals import HELD_OUT_REVERSAL, TRAINED_REVERSAL
from obverse.types import Question, Task

STUDY = Path(__file__).parent.parent / "partner_code.py"


def main(run: Path, small: bool = False) -> None:
    """Print a row for each task, way to hold the embeddings and seed, and their means as JSON."""
    study = load_study(STUDY)
    if small:
        study = small_form(study)
    rows: dict[str, list[dict[str, float]]] = {}
    for task_name, settings in study.tasks.items():
        for model_name, learner in study.models.items():
            for seed in range(study.seeds):
                teaching = Teaching(task_name, settings, "documents", seed, ())
                folder = run / "taught" / teaching.key(learner) / "model"
                if not folder.exists():
                    continue
                model: Any = Decoder.from_pretrained(folder)
                model.eval()
                row = _looked_at(model, word_tokenizer(settings.vocabulary), settings.build(TASK_SEED))
                print(task_name, model_name, seed, {key: round(value, 3) for key, value in row.items()})
                rows.setdefault(f"{task_name}; {model_name}", []).append(row)
    means = {
        name: {key: round(sum(row[key] for row in found) / len(found), 3) for key in found[0]}
        for name, found in rows.items()
    }
    print(json.dumps(means))


def _looked_at(model: Any, tokenizer: Any, task: Task) -> dict[str, float]:
    asked = task.questions + task.validation
    held_out = [question for question in asked if question.kind == HELD_OUT_REVERSAL]
    trained = [question for question in asked if question.kind == TRAINED_REVERSAL]
    entities = [id for word, id in tokenizer.get_vocab().items() if word.startswith("e")]
    row = {"held-out reversal": _accuracy(model, tokenizer, held_out)}
    for name, weight in (
        ("inputs", model.model.embed_tokens.weight),
        ("outputs", model.lm_head.weight),
    ):
        for which, questions in (("held out", held_out), ("trained", trained)):
            nearest, rank = _neighbours(weight.detach(), tokenizer, questions, entities)
            row |= {f"{name}, nearest, {which}": nearest, f"{name}, rank, {which}": rank}
    pairs = [_pair(tokenizer, question) for question in held_out]
    row["exchanged"] = _after(
        model, tokenizer, held_out, dict(pairs) | {theirs: mine for mine, theirs in pairs}
    )
    moved = {
        mine: theirs
        for pair, other in zip(pairs, pairs[1:] + pairs[:1], strict=True)
        for mine, theirs in ((pair[0], other[0]), (pair[1], other[1]))
    }
    row["moved"] = _after(model, tokenizer, held_out, moved)
    return row


def _pair(tokenizer: Any, question: Question) -> tuple[int, int]:
    """Tokens of the two entities of a fact."""
    assert question.statement is not None
    first, second = tokenizer.convert_tokens_to_ids([question.statement[0], question.statement[2]])
    return first, second


def _neighbours(
    weight: torch.Tensor, tokenizer: Any, questions: list[Question], entities: list[int]
) -> tuple[float, float]:
    """How often the partner is nearest, and its mean rank from 0 (nearest) to 1."""
    directions = torch.nn.functional.normalize(weight, dim=-1)
    ranks = []
    for question in questions:
        here, partner = _pair(tokenizer, question)
        others = torch.tensor([entity for entity in entities if entity != here])
        likeness = directions[others] @ directions[here]
        nearer = int((likeness > directions[partner] @ directions[here]).sum())
        ranks.append(nearer / (len(others) - 1))
    return sum(rank == 0 for rank in ranks) / len(ranks), sum(ranks) / len(ranks)


def _after(model: Any, tokenizer: Any, questions: list[Question], moves: dict[int, int]) -> float:
    """Accuracy with the input embedding of each token taken from another, put back afterwards."""
    weight = model.model.embed_tokens.weight
    kept = weight.detach().clone()
    with torch.no_grad():
        weight[list(moves)] = kept[list(moves.values())]
        accuracy = _accuracy(model, tokenizer, questions)
        weight.copy_(kept)
    return accuracy


def _accuracy(model: Any, tokenizer: Any, questions: list[Question]) -> float:
    """Share answered exactly."""
    readings = ShortReader(model, tokenizer).read(
        [question.prompt for question in questions], [question.choices for question in questions]
    )
    right = [
        reading.generated == question.answer for reading, question in zip(readings, questions, strict=True)
    ]
    return sum(right) / len(right)


if __name__ == "__main__":
    main(Path(sys.argv[1]), "--small" in sys.argv)
