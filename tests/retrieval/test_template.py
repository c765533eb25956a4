"""A template's fingerprint is that of all that it puts around what is asked."""

from __future__ import annotations

from pathlib import Path

from conftest import make_tokenizer

from obverse.retrieval.template import template_fingerprint
from obverse.types import content_hash

BEFORE = "Documents:\n\nA document.\n\n---\n\nAnother.\n\n---\n\n"


def test_the_fingerprint_is_of_both_prompts_with_their_answer(tmp_path: Path) -> None:
    asked = ["", BEFORE, "Question: What does it say?\nAnswer:", " This\n"]
    thought = ["", BEFORE, "Question: What does it say?\nThought:", " This\n"]
    assert template_fingerprint(make_tokenizer(tmp_path)) == content_hash([asked, thought])


def test_whatever_a_chat_template_changes_changes_the_fingerprint(tmp_path: Path) -> None:
    tokenizer = make_tokenizer(tmp_path, chat=True)
    found = {template_fingerprint(tokenizer)}
    whole = tokenizer.chat_template
    for other in (
        whole.replace("<|start|>{{", "<|start|> {{"),
        whole.replace("<|end|>", ".<|end|>"),
    ):
        tokenizer.chat_template = other
        found.add(template_fingerprint(tokenizer))
    assert len(found) == 3
