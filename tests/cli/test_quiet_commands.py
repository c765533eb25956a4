"""What commands write to standard error: lines of ours, and nothing of the libraries that work for them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import make_model, make_tokenizer, write_task

from obverse.quiet import _ENVIRONMENT

FILES = Path(__file__).parent.parent / "data" / "documents"
OURS = re.compile(r"obverse: .+|.+ \.\.\.|  \d+/\d+, about .+|\(route .+\)")

# One process for all, for most of the time goes into loading libraries.
PROGRAM = """
import sys
from obverse.cli import main
for command in sys.stdin.read().splitlines():
    sys.argv = ["obverse", *command.split()]
    try:
        main()
    except SystemExit as ended:
        print(f"{ended.code or 0} {command}", flush=True)
"""


@pytest.mark.slow
def test_libraries_say_nothing(tmp_path: Path) -> None:
    pytest.importorskip("trafilatura")
    write_task(tmp_path)
    for file in FILES.iterdir():
        shutil.copy(file, tmp_path / "documents")
    (tmp_path / "documents" / "x.csv").write_text("a,b")
    make_tokenizer(tmp_path / "tiny", chat=True)
    # Its configuration is at odds with how texts are written, which its library warns of.
    make_model(tmp_path / "tiny", use_cache=False)
    brief = "--device cpu --epochs 1"
    commands = {
        f"compare documents questions.jsonl --model tiny --out run --rehearse divergence {brief}": 0,
        "report run": 0,
        "ask run Who? --route finetune": 0,
        "ask run Who? --route retrieve+think": 2,
        "augment documents --out augmented --model tiny --text-tokens 8 --kinds rephrase": 1,
        "practice --model tiny --out practised --steps 1 --step-tokens 200": 0,
        "tasks list": 0,
        "tasks show people": 0,
        "tasks write people written": 0,
        "tasks export people exported --to lm-eval": 0,
        "export rl documents questions.jsonl rl": 0,
        "compare documents questions.jsonl --model nowhere/nothing": 2,
        "study list": 2,
    }
    # As a user's shell is; what the tests themselves set would hide what is said.
    environment = {name: value for name, value in os.environ.items() if name not in _ENVIRONMENT}
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input="\n".join(commands),
        cwd=tmp_path,
        env=environment | {"PYTHONWARNINGS": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert [line for line in ended.stderr.splitlines() if not OURS.fullmatch(line)] == []
    codes = [line for line in ended.stdout.splitlines() if line.partition(" ")[2] in commands]
    assert codes == [f"{code} {command}" for command, code in commands.items()]
