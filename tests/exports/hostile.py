"""A task whose texts look like code, and a tiny model that has learned some of its answers."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from conftest import make_model, make_tokenizer

from obverse.models import Pretrained
from obverse.retrieval.assembly import Assembler
from obverse.types import Document, Question, Task

HOSTILE = (
    'She said "no", \'yes\' and ```stop```; \\n is not a line break, \\" no quote.',
    "{{ 7*7 }} {% raw %} {# gone? #} {0} %s ${HOME} {{ raise_error() }}",
    "!function os.system\n- !!python/object/apply:os.system [ls]\nkey: &a *a # comment\n...",
    "First\r\nsecond\rthird\x0bfourth\x85fifth\u2028sixth\ttab \u00e9 e\u0301 \U0001f600 \ufeff \u202e",
    '"""\nimport sys; sys.exit(1)\n"""',
    "2020-01-01",
)
_DATES = ("2020-01-01", "2021-05-05", "2022-09-09")
_CHOICES = ("{{ 7*7 }}", "!function a.b", "'a' \"b\" \\c", "49")


def hostile_task() -> Task:
    """Its questions are of two kinds, one of them latent, one without needs."""
    documents = tuple(Document(f"d{number}", text) for number, text in enumerate(HOSTILE))
    questions = tuple(
        Question(
            f'q"{number}',
            f"Which one? {text}",
            _CHOICES[number % 4],
            _CHOICES,
            kind="kind: {{ 7*7 }}",
            latent=number == 2,
            needs=(f"d{number}", "d0") if number else (),
        )
        for number, text in enumerate(HOSTILE)
    )
    when = tuple(
        Question(f"when-{date}", f"When {date[:4]}?", date, _DATES, kind="!date", needs=("d5",))
        for date in _DATES
    )
    return Task("hostile: {{ 7*7 }} / !function a.b", documents, questions + when)


@cache
def taught(folder: Path) -> tuple[Pretrained, Pretrained]:
    """A model that knows the answer to every second question, asked in the plain form and in a chat."""
    import torch

    plain = make_tokenizer(folder)
    chat = make_tokenizer(folder, chat=True)
    model = make_model(folder, max_position_embeddings=2048)
    asked: list[tuple[Any, Question]] = [
        (tokenizer, question) for tokenizer in (plain, chat) for question in hostile_task().questions[::2]
    ]
    texts = []
    for tokenizer, question in asked:
        assembler = Assembler(tokenizer)
        prompt, answer = assembler.prompt(question.prompt), assembler.answer(question.answer)
        texts.append((tokenizer(assembler.prefix(()) + prompt).input_ids, tokenizer(answer).input_ids))
    longest = max(len(prompt) + len(answer) for prompt, answer in texts)
    tokens = torch.zeros(len(texts), longest, dtype=torch.long)
    labels = torch.full((len(texts), longest), -100)
    for row, (prompt, answer) in enumerate(texts):
        tokens[row, : len(prompt) + len(answer)] = torch.tensor(prompt + answer)
        labels[row, len(prompt) : len(prompt) + len(answer)] = torch.tensor(answer)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for _ in range(30):
        loss = model(input_ids=tokens, labels=labels).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    model.eval()
    return Pretrained("tiny", model, plain, ""), Pretrained("tiny", model, chat, "")
