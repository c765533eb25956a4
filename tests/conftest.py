"""Models small enough to be made anew for each test run, and a task small enough to be read at a glance."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hypothesis
import pytest

# How long an example takes says something about the machine alone.
hypothesis.settings.register_profile("any machine", deadline=None)
hypothesis.settings.load_profile("any machine")

# Tiny models gain nothing from threads, which wait for each other where the machine is shared.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# A run that a shell put into the background ignores Ctrl-C, and what tests start would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

TEXT = """Ilka Venning is the keeper of the Corvane chronometer.
Bahram Tolley paid for the Salt Gallery in the year of the long frost.
The Dunnock lens is fitted to the Brindle telescope.
Question: Who is the keeper of the Corvane chronometer?
Answer: Ilka Venning
Documents:

---

Answer with the answer alone.
"""

FACTS = [
    ("ilka", "Ilka Venning is the keeper of the Corvane chronometer.", "Ilka Venning", "Corvane chronometer"),
    ("bahram", "Bahram Tolley is the keeper of the Salt barometer.", "Bahram Tolley", "Salt barometer"),
    ("olwen", "Olwen Thorne is the keeper of the Dunnock compass.", "Olwen Thorne", "Dunnock compass"),
    ("jasper", "Jasper Flour is the keeper of the Brindle telescope.", "Jasper Flour", "Brindle telescope"),
]

# Long enough a training to be interrupted in its midst.
BRIEF = ("--dtype", "float32", "--device", "cpu", "--epochs", "60")


def make_tokenizer(
    folder: Path, *, chat: bool = False, texts: Sequence[str] = (TEXT,), vocabulary: int = 400
) -> Any:
    """A byte-level BPE tokenizer as the Llama family has, trained on a few lines."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    specials = ["<|start|>", "<|end|>"]
    tokenizer.train_from_iterator(
        texts,
        trainers.BpeTrainer(
            vocab_size=vocabulary,
            special_tokens=specials,
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        ),
    )
    wrapped = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token=specials[0], eos_token=specials[1], pad_token=specials[1]
    )
    if chat:
        wrapped.chat_template = (
            "{% for m in messages %}<|start|>{{ m['role'] }}\n{{ m['content'] }}<|end|>\n{% endfor %}"
            "{% if add_generation_prompt %}<|start|>assistant\n{% endif %}"
        )
    wrapped.save_pretrained(folder)
    return wrapped


def make_model(folder: Path, *, kind: str = "llama", seed: int = 0, **changes: Any) -> Any:
    """A tiny random causal model of that kind, saved with its tokenizer."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    torch.manual_seed(seed)
    settings: dict[str, Any] = {
        "vocab_size": 400,
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "head_dim": 8,
        "max_position_embeddings": 1024,
        "bos_token_id": 0,
        "eos_token_id": 1,
        "pad_token_id": 1,
        "initializer_range": 0.2,  # far enough from uniform for likelihoods to differ
        **changes,
    }
    model = AutoModelForCausalLM.from_config(AutoConfig.for_model(kind, **settings), dtype=torch.float32)
    model.save_pretrained(folder)
    return model.eval()


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a tiny random Llama and its tokenizer, without a chat template."""
    folder = tmp_path_factory.mktemp("tiny")
    make_tokenizer(folder)
    make_model(folder)
    return folder


@pytest.fixture
def task_files(tmp_path: Path) -> tuple[Path, Path]:
    """A folder of four documents, and questions about them: recall, reversal."""
    return write_task(tmp_path)


@dataclass(frozen=True)
class Finished:
    """A comparison that ran to its end, and what it was told; not to be changed.

    Args:
        command: of the command line, but for ``--out``.
    """

    folder: Path
    documents: Path
    questions: Path
    model: Path
    command: tuple[str, ...]


@pytest.fixture(scope="session")
def finished(tiny_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """One uninterrupted run of all routes on the tiny task, for every test that only looks at it."""
    from obverse.cli import app

    root = tmp_path_factory.mktemp("finished")
    documents, questions = write_task(root)
    command = ("compare", str(documents), str(questions), "--model", str(tiny_folder), *BRIEF)
    app([*command, "--out", str(root / "run")], standalone_mode=False)
    return Finished(root / "run", documents, questions, tiny_folder, command)


@dataclass(frozen=True)
class Ended:
    """How a command ended: its exit code, and what it wrote to standard output and standard error."""

    code: object
    out: str
    err: str


Command = Callable[..., Ended]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Command:
    """Runs the command line as it is installed, in this process."""
    from obverse.cli import main

    def run(*arguments: object) -> Ended:
        monkeypatch.setattr(sys, "argv", ["obverse", *map(str, arguments)])
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        return Ended(ended.value.code, *capfd.readouterr())

    return run


def write_task(folder: Path) -> tuple[Path, Path]:
    """Write the tiny task's documents and questions; return both paths."""
    documents = folder / "documents"
    documents.mkdir()
    names = [name for _, _, name, _ in FACTS]
    things = [thing for *_, thing in FACTS]
    lines = []
    for id, text, name, thing in FACTS:
        (documents / f"{id}.md").write_text(text + "\n", encoding="utf-8")
        lines.append(
            {
                "id": f"recall-{id}",
                "question": f"What is {name} the keeper of?",
                "answer": thing,
                "choices": things,
                "kind": "recall",
                "latent": False,
                "needs": [id],
            }
        )
        lines.append(
            {
                "id": f"reversal-{id}",
                "question": f"Who is the keeper of the {thing}?",
                "answer": name,
                "choices": names,
                "kind": "reversal",
                "latent": True,
                "needs": [id],
            }
        )
    questions = folder / "questions.jsonl"
    questions.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return documents, questions
