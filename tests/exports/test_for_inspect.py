"""The export for Inspect: one file and its data, and the same verdict on every answer."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hostile import HOSTILE, hostile_task, taught

from obverse.answering import matching, negation
from obverse.answering.matching import matches_leniently, matches_strictly
from obverse.exports import export_for_inspect
from obverse.exports.for_inspect import definitions
from obverse.retrieval.assembly import Assembler
from obverse.retrieval.episodes import choose_episodes
from obverse.text import comparable, formulas, labels, scripts, segmentation
from obverse.types import ContextChoice

CONTEXTS: dict[str, ContextChoice] = {"none": "none", "all": "all", "needed": "oracle"}


@pytest.mark.parametrize("documents", CONTEXTS)
def test_inspect_scores_every_answer_as_we_do(
    documents: str,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import inspect_ai
    from inspect_ai.model import ModelOutput, ModelUsage, get_model

    task = hostile_task()
    export_for_inspect(task, tmp_path / "exported")
    monkeypatch.chdir((tmp_path / "exported").rename(tmp_path / "moved"))
    _, pretrained = taught(tmp_path_factory.getbasetemp() / "taught")
    model: Any = pretrained.model
    tokenizer: Any = pretrained.tokenizer
    read: dict[str, str] = {}

    def answer(messages: list[Any], *_: object) -> ModelOutput:
        """Greedily, by the tiny model; what it read is kept under what was said to it."""
        ((role, said),) = [(message.role, message.text) for message in messages]
        read[said] = str(
            tokenizer.apply_chat_template(
                [{"role": role, "content": said}], tokenize=False, add_generation_prompt=True
            )
        )
        tokens = tokenizer(read[said], return_tensors="pt", add_special_tokens=False).input_ids
        made = model.generate(tokens, max_new_tokens=16, do_sample=False)
        words = tokenizer.decode(made[0, tokens.shape[1] :], skip_special_tokens=True)
        output = ModelOutput.from_content("mockllm/model", str(words))
        # Where tokens are not counted here, Inspect fetches a tokenizer from the network to count them.
        output.usage = ModelUsage(input_tokens=tokens.shape[1], output_tokens=made.shape[1] - tokens.shape[1])
        return output

    (log,) = inspect_ai.eval(
        "task.py",
        model=get_model("mockllm/model", custom_outputs=answer, memoize=False),
        task_args={"documents": documents},
        log_dir=str(tmp_path / "logs"),
        display="none",
    )
    assert log.status == "success", log.error
    samples = {sample.id: sample for sample in log.samples or ()}
    episodes = choose_episodes(CONTEXTS[documents], task, distractors=0, seed=0)
    assert samples.keys() == episodes.keys()
    assembler = Assembler(tokenizer)
    verdicts = []
    for question in task.questions:
        if question.id not in samples:
            continue
        sample = samples[question.id]
        before = assembler.prefix(episodes[question.id])
        assert read[str(sample.input)] == before + assembler.prompt(question.prompt)
        said = sample.output.completion
        ours = (
            matches_strictly(said, question.answer),
            matches_leniently(said, question.answer, question.choices),
        )
        scores = sample.scores or {}
        assert tuple(scores[name].value == "C" for name in ("strict", "lenient")) == ours
        verdicts.append(ours)
    assert log.results is not None
    for place, score in enumerate(log.results.scores):
        right = [verdict[place] for verdict in verdicts]
        assert score.metrics["accuracy"].value == pytest.approx(sum(right) / len(right))
        assert {"!date", "kind: {{ 7*7 }}, latent"} <= score.metrics.keys()
    if documents == "none":
        assert 0 < sum(strict for strict, _ in verdicts) < len(verdicts)


def test_the_file_imports_nothing_of_ours_and_holds_no_text_of_the_task(tmp_path: Path) -> None:
    export_for_inspect(hostile_task(), tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "documents.json",
        "questions.jsonl",
        "task.py",
    ]
    source = (tmp_path / "task.py").read_text()
    assert "obverse" not in source
    assert not any(text in source for text in (*HOSTILE, "7*7", "!date"))


def test_the_definitions_stand_alone(tmp_path: Path) -> None:
    own = definitions(
        (scripts, segmentation, formulas, comparable, labels, negation, matching),
        ("matches_strictly", "matches_leniently"),
    )
    assert "def sentences" not in own
    program = tmp_path / "alone.py"
    program.write_text(
        own + "\nprint(matches_strictly('Oslo.', 'Oslo'), matches_leniently('C++, not C', 'C', ['C', 'C++']))"
    )
    done = subprocess.run([sys.executable, "-I", program], capture_output=True, text=True, check=True)
    assert done.stdout == "True False\n"


def test_a_name_of_two_modules_is_refused(tmp_path: Path) -> None:
    first, second = ModuleType("first"), ModuleType("second")
    for module, value in ((first, 1), (second, 2)):
        path = tmp_path / f"{module.__name__}.py"
        path.write_text(f"SAME = {value}\n", encoding="utf-8")
        module.__file__ = str(path)
    with pytest.raises(ValueError, match="SAME is defined twice, the second time in second"):
        definitions((first, second), ("SAME",))
