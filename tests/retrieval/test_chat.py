"""Templates of many manners: a direct answer behind documents and question, or one line that refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import templates
from templates import tokenizer_with

from obverse.retrieval import chat
from obverse.retrieval.assembly import Assembler
from obverse.types import Document, InputError

DOCUMENTS = (
    Document("a", "Ilka <keeps> the \"clock\" & 'bell'."),
    Document("b", "Second line\n\n  of {{ two }}."),
)
SAID = (
    "Documents:\n\nIlka <keeps> the \"clock\" & 'bell'.\n\n---\n\nSecond line\n\n  of {{ two }}.\n\n---\n\n"
    "Question: Who?\nAnswer with the answer alone."
)


def asked(folder: Path, template: str) -> str:
    assembler = Assembler(tokenizer_with(folder, template))
    assert assembler.form == "chat"
    return assembler.prefix(DOCUMENTS) + assembler.prompt("Who?") + assembler.answer("Bo")


@pytest.mark.parametrize(
    ("template", "rendered"),
    [
        ("CHATML", f"<|start|>user\n{SAID}<|end|>\n<|start|>assistant\nBo<|end|>"),
        ("DATED", f"01 Jan 2025<|start|>user\n{SAID}<|end|>\n<|start|>assistant\nBo<|end|>"),
        ("SWITCH", f"<|start|>user\n{SAID}<|end|>\n<|start|>assistant\n<think>\n\n</think>\n\nBo<|end|>"),
        ("OTHER_SWITCH", f"<|user|>{SAID}<|assistant|></think>Bo<|end|>"),
        ("EFFORT", f"<|start|>user\n{SAID}<|end|>\n<|start|>assistant\nBo<|end|>"),
        ("BUDGET", f"<|start|>user\n{SAID}<|end|>\n<|start|>assistant\nBo<|end|>"),
        ("EFFORTS", f"Effort: medium<|start|>user\n{SAID}<|end|>\n<|start|>assistant\nBo<|end|>"),
        ("OPEN", f"<|start|><|user|>{SAID}<|assistant|><think>\n\n</think>\n\nBo<|end|>"),
        ("SQUARE", f"<|start|><|user|>{SAID}<|assistant|>[THINK][/THINK]Bo<|end|>"),
        (
            "CHANNELS",
            "<|start|>system<|message|>Reasoning: medium\nValid channels: analysis, final.<|end|>"
            f"<|start|>user<|message|>{SAID}<|end|><|start|>assistant<|channel|>final<|message|>Bo<|return|>",
        ),
        ("SPACED", f"<|start|>[INST] {SAID} [/INST] Bo <|end|>"),
        ("ALTERNATES", f"<|start|>[INST] {SAID} [/INST] Bo <|end|>"),
        ("PARTS", f"<|start|>user\n{SAID}<|end|>\n<|start|>assistant\nBo<|end|>"),
        ("PARTS_OR_NOTHING", f"<|start|>user\n{SAID}<|end|>\n<|start|>assistant\nBo<|end|>"),
        (
            "NEEDS_SYSTEM",
            "<|start|>system\nYou are a helpful assistant.<|end|>\n"
            f"<|start|>user\n{SAID}<|end|>\n<|start|>assistant\nBo<|end|>",
        ),
        ("NO_SYSTEM", f"<|start|>user\n{SAID}<|end|>\n<|start|>assistant\nBo<|end|>"),
        ("TAKES_NO_ANSWER", f"<|user|>{SAID}<|assistant|>Bo<|end|>"),
        ("REASONS", f"<|user|>\n{SAID}\n<|assistant|>\nBo\n<|end|>"),
        ("NEXT_TURN", f"<|user|>\n{SAID}<|assistant|>\n<think></think>\nBo<|user|>"),
        (
            "CLOSED",
            f"<|start|>user\n{SAID}<|end|>\n<|start|>assistant\n<|channel>thought\n<channel|>Bo<|end|>",
        ),
        ("BLANK", f"<|start|><|user|>{SAID}<|assistant|><think>\n\n</think>\n\nBo<|end|>"),
        (
            "RESPONSE",
            f"<|user|>{SAID}<|assistant|><|START_THINKING|><|END_THINKING|><|START_RESPONSE|>Bo<|END_RESPONSE|>",
        ),
        (
            "TELLS",
            "<|start|>system\nWrite [THINK]...[/THINK] and then your answer.<|end|>\n"
            f"<|start|>user\n{SAID}<|end|>\n<|start|>assistant\n[THINK][/THINK]Bo<|end|>",
        ),
        ("COLON", f"user: {SAID}\nassistant: Bo\n"),
        ("NO_CONTROLS", f"### user:\n{SAID}\n\n### assistant:\nBo\n"),
    ],
)
def test_a_direct_answer_behind_all_that_is_said(tmp_path: Path, template: str, rendered: str) -> None:
    assert asked(tmp_path, getattr(templates, template)) == rendered


@pytest.mark.parametrize(
    ("template", "fault"),
    [
        ("ESCAPES", "changes what the user says"),
        ("CUTS", "loses what the user says"),
        ("ONE_LINE", "changes what the user says"),
        ("LOSES", "loses what the user says"),
        ("MUST_THINK", "fails where a user asks for a direct answer: this model thinks"),
        ("BROKEN", "fails where a user asks for a direct answer: "),
        ("DIVIDES", "fails where a user asks for a direct answer: "),
    ],
)
def test_a_template_that_gives_no_direct_answer_to_what_is_said_is_refused(
    tmp_path: Path, template: str, fault: str
) -> None:
    with pytest.raises(InputError, match=f"^the model's chat template {fault}") as refused:
        asked(tmp_path, getattr(templates, template))
    assert "\n" not in str(refused.value)
    # In the plain form it is not needed.
    assert Assembler(tokenizer_with(tmp_path, getattr(templates, template)), "plain").form == "plain"


def test_of_several_templates_the_default_is_taken(tmp_path: Path) -> None:
    tokenizer = tokenizer_with(tmp_path, None)
    tokenizer.chat_template = {"default": templates.DATED, "tool_use": "{{ tools }}"}
    assert Assembler(tokenizer).prompt("Who?") == (
        "Question: Who?\nAnswer with the answer alone.<|end|>\n<|start|>assistant\n"
    )
    assert Assembler(tokenizer).prefix(()).startswith("01 Jan 2025<|start|>user\n")
    tokenizer.chat_template = {"rag": templates.CHATML, "tool_use": "{{ tools }}"}
    with pytest.raises(InputError, match=r"^the model.s chat template is none of several that it could be; "):
        Assembler(tokenizer)


def test_a_template_that_does_not_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat, "_SECONDS", 0.2)
    loops = "{% for i in range(9999) %}{% for j in range(999) %}{% endfor %}{% endfor %}"
    with pytest.raises(InputError, match=r"^the model.s chat template does not end within 0 s"):
        asked(tmp_path, loops + templates.CHATML)


def test_a_template_that_minds_what_a_document_says_is_refused_there(tmp_path: Path) -> None:
    template = templates.CHATML.replace("{{ m.content }}", "{{ m.content | replace('clock', 'cl*ck') }}")
    assembler = Assembler(tokenizer_with(tmp_path, template))
    assert assembler.prefix(DOCUMENTS[1:])
    with pytest.raises(InputError, match="loses what the user says"):
        assembler.prefix(DOCUMENTS)


def test_a_thought_of_one_s_own_follows_where_a_model_s_is_closed(tmp_path: Path) -> None:
    assembler = Assembler(tokenizer_with(tmp_path, templates.OPEN), thinks=True)
    assert assembler.prompt("Who?").endswith("begins with Answer:<|assistant|><think>\n\n</think>\n\n")


def test_the_rendered_form_is_for_the_record(tmp_path: Path) -> None:
    spaced = Assembler(tokenizer_with(tmp_path, templates.SPACED))
    assert spaced.rendered == (
        "<|start|>[INST] Documents:\n\n{document}\n\n---\n\nQuestion: {question}\nAnswer with the answer alone. [/INST]"
        " {answer} <|end|>"
    )
    plain: Any = Assembler(tokenizer_with(tmp_path, None))
    assert plain.rendered == "Documents:\n\n{document}\n\n---\n\nQuestion: {question}\nAnswer: {answer}\n"
