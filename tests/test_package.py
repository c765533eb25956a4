"""What is installed: nothing heavy at import, public names, and a wheel that runs by itself."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from conftest import make_model, make_tokenizer

import obverse

ROOT = Path(__file__).parent.parent
HEAVY = (
    *("torch", "transformers", "peft", "accelerate", "lancedb", "pyarrow", "numpy", "altair", "jinja2"),
    "obverse.text.segmentation",  # its tables and patterns
)


def python(code: str, *arguments: object, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a program of its own, with ``path`` before all that is installed."""
    environment = {**os.environ, "COLUMNS": "100"} | ({"PYTHONPATH": str(path)} if path else {})
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )


@pytest.mark.parametrize(
    "code",
    [
        "import obverse",
        "import obverse.cli",
        "import obverse; obverse.Document, obverse.InputError, obverse.Task; dir(obverse)",
    ],
)
def test_importing_it_imports_nothing_heavy(code: str) -> None:
    done = python(f"{code}\nimport sys\nprint([name for name in {HEAVY!r} if name in sys.modules])")
    assert done.stdout == "[]\n", done.stderr


def test_public_names_are_there() -> None:
    assert dir(obverse) == sorted(obverse.__all__)
    for name in obverse.__all__:
        assert getattr(obverse, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        obverse.nothing  # noqa: B018


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from this checkout and unpacked."""
    folder = tmp_path_factory.mktemp("wheel")
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", str(folder)]
    subprocess.run([sys.executable, "-m", "pip", "wheel", *options, str(ROOT)], check=True)
    (built,) = folder.glob("obverse-*.whl")
    zipfile.ZipFile(built).extractall(folder / "unpacked")
    return folder / "unpacked"


def test_the_wheel_holds_every_file_of_the_package_and_nothing_else(wheel: Path) -> None:
    def names(folder: Path) -> set[str]:
        return {
            path.relative_to(folder).as_posix()
            for path in folder.rglob("*")
            if path.is_file() and path.suffix != ".pyc" and not path.name.startswith(".")
        }

    packed = names(wheel / "obverse")
    assert packed == names(ROOT / "src" / "obverse")
    assert {
        *("py.typed", "training/general_text.txt", "example/questions.jsonl"),
        *("reports/page.html.j2", "reports/page.css", "reports/charts.js"),
    } <= packed
    assert len([name for name in packed if name.startswith("example/documents/")]) > 50
    others = {path.name for path in wheel.iterdir() if not path.name.endswith(".dist-info")}
    assert others == {"obverse"}


@pytest.mark.slow
def test_the_unpacked_wheel_runs_the_demo(wheel: Path, tmp_path: Path) -> None:
    # A model that is small, ends every answer at once and has no room for all documents.
    texts = [path.read_text() for path in (ROOT / "src/obverse/example/documents").iterdir()]
    make_tokenizer(tmp_path / "model", texts=texts, vocabulary=2000)
    model = make_model(
        tmp_path / "model", vocab_size=2000, num_hidden_layers=1, max_position_embeddings=1024, eos_token_id=0
    )
    model.lm_head.weight.data.zero_()
    model.save_pretrained(tmp_path / "model")
    code = "import sys, obverse.cli\nprint(obverse.__file__)\nsys.argv[0] = 'obverse'\nobverse.cli.main()"
    arguments = ("demo", "--model", tmp_path / "model", "--out", tmp_path / "run", "--device", "cpu")
    done = python(code, *arguments, path=wheel)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(str(wheel))
    assert done.stdout.endswith(f"Page: {tmp_path / 'run' / 'report.html'}\n")
    assert "The data do not decide" in done.stdout
    assert "Not run: context" in done.stdout
