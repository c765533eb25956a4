"""What README and docs show is true: commands run, figures are those of the committed result files."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
# The log is history: its figures are those of the day.
PRESENT = [page for page in PAGES if page.name != "log.md"]


def name_of(page: Path) -> str:
    """Where a page lies, for the name of a test."""
    return page.relative_to(ROOT).as_posix()


# What only a run can know: shares, multiples, decimals, times, operations, so many of so many.
FIGURE = re.compile(
    r"\d[\d,.]*\s?%|\d[\d,.]*\s?×|\b\d[\d,.]* times\b|\b[\d,]+ of (?:the )?[\d,]+\b|\b\d[\d,]* questions\b"
    r"|\b\d[\d,.]*(?:e-?\d+)?\s?(?:seconds?|minutes?|hours?|min|h|m?s|[KMGTP]?FLOPs?|nats?|points?)\b"
    r"|(?<![\w.,-])\d*\.\d+\b(?![\w.])"
)
# Kinds of numbers that are settings of the code or of statistics; each is compared with the code below.
SETTINGS = (
    r"95%(?= intervals?\b)|(?<=\*\*Interval\*\*: )95%",
    r"2\.5% and 97\.5% points",
    r"1e-4 nats(?= in float32)",
    r"\.6(?= of its names and numbers)",
    r"(?<=temperature )0\.7\b",
    r"1%(?= of the reversals held\s+out)",
    r"120 questions(?= of general knowledge)",
    r"Python \d\.\d+ to \d\.\d+",
    r"\d+ of the \d+(?= (?:registered )?families)",
)


def unsourced(text: str) -> list[str]:
    """The figures of a page that no generated part, no command, no setting and no cited paper accounts for."""
    text = re.sub(r"<!-- ([\w-]+):begin -->.*?<!-- \1:end -->", "", text, flags=re.DOTALL)
    text = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    text = "\n".join(line for line in text.splitlines() if not line.startswith("    "))
    text = re.sub(r"`[^`\n]*`", "", text)
    found = []
    for paragraph in re.split(r"\n\s*\n", text):
        if "arXiv" not in paragraph:
            found += FIGURE.findall(re.sub("|".join(SETTINGS), "", paragraph.replace("\n", " ")))
    return found


@pytest.fixture(scope="module")
def tables() -> Iterator[ModuleType]:
    """The program that writes the figures."""
    sys.path.insert(0, str(ROOT / "tools"))
    import tables

    yield tables
    sys.path.remove(str(ROOT / "tools"))


@pytest.mark.slow
def test_the_example_program_runs(tiny_folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "docs" / "examples" / "compare.py", tiny_folder],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "route" in done.stdout


def test_figures_are_those_of_the_result_files() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / "tables.py", "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("page", PRESENT, ids=name_of)
def test_every_figure_comes_from_a_result_file(page: Path) -> None:
    assert unsourced(page.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It answers 29% [18, 42] of them.", ["29%"]),
        ("| a | 77 % | .94 |", ["77 %", ".94"]),
        ("81× as fast, 22.5 times, in 29 minutes or 9.2 s.", ["81×", "22.5 times", "29 minutes", "9.2 s"]),
        ("That is what 2,700 questions cost.", ["2,700 questions"]),
        ("It took 63 TFLOP and 1,000 GFLOPs.", ["63 TFLOP", "1,000 GFLOPs"]),
        ("It answered 12 of the 14.", ["12 of the 14"]),
        ("Right are 10 of 14, a distance of 8e-05 nats.", ["10 of 14", "8e-05 nats"]),
        ("<!-- demo:begin -->\n29%\n<!-- demo:end -->\n", []),
        ("    obverse augment --temperature 0.3\n", []),
        ("Found with large models: 99% (arXiv 2505.00661).", []),
        ("95% intervals of 40 documents and 128 tokens, version `0.1.2`", []),
        ("95% are right", ["95%"]),
    ],
)
def test_a_figure_without_a_source_is_found(text: str, found: list[str]) -> None:
    assert unsourced(text) == found


def test_the_settings_that_pages_name_are_those_of_the_code() -> None:
    from obverse.augmentation.verification.grounding import Grounding
    from obverse.cli.augment_command import _SEVERAL_TEMPERATURE
    from obverse.judging.statistics import TAILS
    from obverse.practice.curriculum import _FEWEST_FACTS, _FIRST_FACTS, _MOST_QUESTIONS
    from obverse.practice.relations import RELATIONS
    from obverse.training.retention import knowledge_probes

    assert TAILS == (0.025, 0.975)
    assert len(knowledge_probes()) == 120
    assert _SEVERAL_TEMPERATURE == 0.7
    assert Grounding.threshold == 0.6
    practice = (ROOT / "docs" / "guides" / "practice.md").read_text(encoding="utf-8")
    held_out = sum(relation.held_out for relation in RELATIONS)
    practised = len(RELATIONS) - held_out
    assert f"| {practised}, in two or more wordings" in practice
    assert f'...?") | {held_out} |' in practice
    assert f"| {_FEWEST_FACTS} to {_FIRST_FACTS} at first" in practice
    assert f"each is asked for, up to {_MOST_QUESTIONS} |" in practice
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    demo = json.loads((ROOT / "docs" / "results" / "demo" / "results.json").read_text(encoding="utf-8"))[
        "task"
    ]
    assert f"a small model, {demo['documents']} documents, {demo['questions']} questions" in readme


def test_what_pages_count_is_what_tests_try() -> None:
    from families import LEFT_OUT, REFUSED, names
    from test_languages import LANGUAGES

    together = "\n".join(page.read_text(encoding="utf-8") for page in PRESENT)
    tested = len(set(names()) - set(LEFT_OUT) - REFUSED)
    families = re.findall(r"(\d+) of the (\d+) (?:registered )?families", " ".join(together.split()))
    assert len(families) >= 2
    assert set(families) == {(str(tested), str(len(names())))}
    # Chinese stands there twice, in two scripts; texts of several scripts are no language.
    spoken = {name.partition(",")[0] for name in LANGUAGES} - {"mixed scripts and emoji"}
    assert set(re.findall(r"in (\d+) languages", " ".join(together.split()))) == {str(len(spoken))}


@pytest.mark.parametrize("page", PRESENT, ids=name_of)
def test_every_marked_part_is_generated(page: Path, tables: ModuleType) -> None:
    text = page.read_text(encoding="utf-8")
    begun, ended = (re.findall(rf"<!-- ([\w-]+):{edge} -->", text) for edge in ("begin", "end"))
    assert begun == ended
    assert set(begun) <= set(tables.parts())


def test_every_generated_part_stands_somewhere(tables: ModuleType) -> None:
    together = "".join(page.read_text(encoding="utf-8") for page in PRESENT)
    assert [name for name in tables.parts() if f"<!-- {name}:begin -->" not in together] == []


def test_a_stale_part_is_replaced(tables: ModuleType) -> None:
    stale = "a\n<!-- demo:begin -->\n29%\n<!-- demo:end -->\nb\n"
    assert tables.filled(stale, {"demo": "30%"}) == stale.replace("29%", "30%")


# How pages call routes with documents in the prompt.
CONTEXT = re.compile(
    r"`[^`]*\b(context|retrieve|oracle)(:\d+)?`|in context|retrieved|needed documents among"
    r"|^(untouched|practised|practice|answers exchanged|without rehearsal|with replay), "
)


def rows_of_tables(text: str) -> Iterator[tuple[list[str], list[str]]]:
    """Each row of each table, behind its head."""
    head: list[str] = []
    for line in text.splitlines():
        cells = (
            [cell.strip() for cell in line.strip().strip("|").split(" | ")] if line.startswith("|") else []
        )
        if not cells:
            head = []
        elif not head:
            head = cells
        elif not line.startswith("|---"):
            yield head, cells


def alone(text: str) -> list[str]:
    """The cells of tables with a figure of a context or of retrieval and without that of false context."""
    found = []
    for head, cells in rows_of_tables(text):
        named = any(CONTEXT.search(cell) for cell in cells if "%" not in cell)
        for title, cell in zip(head, cells, strict=False):
            if re.search(r"\d%.*\[", cell) and (named or CONTEXT.search(title)) and "<br>false: " not in cell:
                found.append(cell)
    return found


@pytest.mark.parametrize("page", PRESENT, ids=name_of)
def test_false_context_stands_beside_every_figure_with_a_context(page: Path) -> None:
    assert alone(page.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "table",
    [
        "| | `finetune` | `retrieve` |\n|---|---|---|\n| a | 10% [1%, 20%] | 50% [40%, 60%] |",
        "| | practised |\n|---|---|\n| `context`, explicit | 50% [40%, 60%] |",
        "| forward | 20 |\n|---|---|\n| practised, new names | 50% [40%, 60%] |",
        "| | retrieved: latent |\n|---|---|\n| people | 50% [40%, 60%] |",
    ],
)
def test_a_figure_without_false_context_is_found(table: str) -> None:
    assert alone(table) == ["50% [40%, 60%]"]
    assert alone(table.replace("60%]", "60%]<br>false: 5% [0%, 9%]")) == []


@pytest.mark.parametrize("page", PRESENT, ids=name_of)
def test_no_page_says_by_itself_that_a_model_reads(page: Path) -> None:
    text = re.sub(
        r"<!-- ([\w-]+):begin -->.*?<!-- \1:end -->", "", page.read_text(encoding="utf-8"), flags=re.DOTALL
    )
    said = r"\b(model|decoder|it) (reads|can read) (its|the|them)\b"
    assert not re.search(said, " ".join(text.split()))


def overlapping(results: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Task, model and route of each total of latent questions whose interval overlaps that with false context."""
    for part in results["parts"]:
        found = part["results"]
        rows = {
            (row["route"], row["control"]): row
            for row in found["estimates"]
            if (row["metric"], row["kind"], row["latent"]) == ("accuracy", "*", True)
        }
        for (route, control), row in rows.items():
            if control and rows[route, False]["low"] <= row["high"]:
                yield found["task"]["name"], found["model"], route


@pytest.mark.parametrize("study", ["pretrained", "tasks"])
def test_no_generated_sentence_calls_overlapping_intervals_reading(study: str, tables: ModuleType) -> None:
    results = json.loads((ROOT / "docs" / "results" / study / "results.json").read_text(encoding="utf-8"))
    said = tables.parts()["arms-said" if study == "pretrained" else "measured-said"]
    overlaps = list(overlapping(results))
    assert overlaps
    for task, model, route in overlaps:
        if study == "pretrained":
            by_reading, too_few = said.split("\n")[1:]
            named = rf"{re.escape(task)} \({re.escape(model)}: [^)]*`{re.escape(route)}`"
            assert not re.search(named, by_reading)
            assert re.search(named, too_few)
        else:
            lines = [line for line in said.splitlines() if line.startswith(f"- `{route}`")]
            name = task.removesuffix(", in English")
            if lines:
                assert any(name in line.partition("Not shown to be reading")[2] for line in lines)


def retold(study: str, figures: dict[bool, tuple[float, float, float] | None]) -> dict[str, Any]:
    """A committed result file with other estimates: those of routes and those with false context (``None``: none)."""
    results = json.loads((ROOT / "docs" / "results" / study / "results.json").read_text(encoding="utf-8"))
    for part in results["parts"]:
        rows = part["results"]["estimates"]
        part["results"]["estimates"] = [
            row | dict(zip(("mean", "low", "high"), figures[row["control"]] or (), strict=False))
            for row in rows
            if figures[row["control"]]
        ]
    return dict(results)


PERFECT, FAILING, UNSURE = (1.0, 0.97, 1.0), (0.0, 0.0, 0.03), (0.5, 0.0, 1.0)
READING_LISTS = {
    "pretrained": (
        r"answered by reading \([^)]*\): (.*)\.$",
        r"^- Not shown to be reading \([^)]*\): (.*)\.$",
    ),
    "tasks": (None, r"Not shown to be reading \([^)]*\): (.*?)\."),
}


@pytest.mark.parametrize("study", READING_LISTS)
@pytest.mark.parametrize(
    ("own", "false", "reads"),
    [
        (PERFECT, FAILING, True),
        (PERFECT, PERFECT, False),
        (FAILING, FAILING, False),
        (FAILING, PERFECT, False),  # below: the intervals do not even overlap
        (UNSURE, UNSURE, False),
        (PERFECT, None, None),
    ],
)
def test_generated_sentences_follow_other_results(
    study: str,
    own: tuple[float, float, float],
    false: tuple[float, float, float] | None,
    reads: bool | None,
    tables: ModuleType,
) -> None:
    results = retold(study, {False: own, True: false})
    said = (tables.claims.arms_said if study == "pretrained" else tables.claims.measured_said)(results)
    by_reading, not_shown = READING_LISTS[study]
    lists = re.findall(not_shown, said, flags=re.MULTILINE)
    assert any(one != "none" for one in lists) is (reads is False)
    if by_reading:
        assert any(one != "none" for one in re.findall(by_reading, said, flags=re.MULTILINE)) is (
            reads is True
        )
    assert ("No figure with false documents was kept" in said) is (reads is None)
    assert bool(re.search(r"[Aa]bove chance: (?!none)", said)) is (own is PERFECT)


def test_a_figure_whose_control_was_not_kept_says_so(tables: ModuleType) -> None:
    figures = {False: PERFECT, True: None}
    brief = tables.claims.arms_brief(retold("pretrained", figures))
    assert brief.count("100% (false: not kept)") == 4
    assert brief.count("(false:") == 4
    scratch = tables.claims.from_scratch_said(retold("from-scratch", figures), {"reversals": (1, 2)})
    assert scratch.count("(false: not kept)") == 1


def test_routes_that_did_not_run_leave_dashes(tables: ModuleType) -> None:
    nothing: dict[bool, tuple[float, float, float] | None] = {False: None, True: None}
    assert "answers – of the explicit questions" in tables.claims.arms_brief(retold("pretrained", nothing))
    assert "fine-tuned –;" in tables.claims.from_scratch_said(
        retold("from-scratch", nothing), {"reversals": (1, 2)}
    )


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), target


def test_readme_names_the_make_targets() -> None:
    readme, makefile = ((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "Makefile"))
    for target in re.findall(r"make (\w+)", readme):
        assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE), target
