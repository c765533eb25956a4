"""The page's text: made from the files alone, escaped, and whole without a network."""

from __future__ import annotations

import json
import re
import shutil
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pyarrow
import pyarrow.parquet
import pytest
from made_up_run import HOSTILE, KINDS, PER_KIND, RIGHT_TO_LEFT, ROUTES, write_run, written_page
from parsed_page import Parsed, assert_nothing_is_loaded

from obverse.reports.page import view, write_page
from obverse.reports.page_folder import Run, read_run
from obverse.reports.question_rows import packed_questions


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written_page(tmp_path_factory)


@pytest.fixture(scope="module")
def parsed(page: Path) -> Parsed:
    return Parsed(page.read_text(encoding="utf-8"))


def test_the_page_lies_in_the_folder_and_nothing_half_written_beside_it(page: Path) -> None:
    names = {path.relative_to(page.parent).as_posix() for path in page.parent.rglob("*") if path.is_file()}
    assert names == {
        "report.html",
        "results.json",
        "answers.parquet",
        "task/documents.jsonl",
        "figures/accuracy.svg",
        "figures/accuracy.png",
        "figures/costs.svg",
        "figures/costs.png",
    }


def test_the_page_is_made_from_the_files_alone(page: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(page.parent, tmp_path / "moved")
    (copy / "report.html").unlink()
    shutil.rmtree(copy / "figures")
    assert write_page(copy).read_bytes() == page.read_bytes()


def test_user_text_is_never_markup(page: Path, parsed: Parsed) -> None:
    assert HOSTILE not in page.read_text(encoding="utf-8")
    assert HOSTILE in parsed.text
    assert "lighthouse <notes>" in parsed.text
    assert not any(tag == "img" for tag, _ in parsed.elements)
    assert not any(name.startswith("on") for _, attributes in parsed.elements for name in attributes)


def test_user_text_comes_through_whole(parsed: Parsed) -> None:
    packed = json.loads(parsed.scripts["answers"])
    prompts = [question["prompt"] for question in packed["questions"]]
    assert HOSTILE in prompts
    assert RIGHT_TO_LEFT in prompts
    assert any(HOSTILE in text for _, text in packed["documents"])


def test_every_question_carries_every_answer(parsed: Parsed) -> None:
    packed = json.loads(parsed.scripts["answers"])
    assert len(packed["questions"]) == len(KINDS) * PER_KIND
    (first,) = [question for question in packed["questions"] if question["id"] == "reversal-0"]
    names = [packed["routes"][answer["route"]] for answer in first["answers"]]
    assert [route["name"] for route in names if not route["control"]] == list(ROUTES)
    for answer in first["answers"]:
        assert sum(answer["shares"]) == pytest.approx(1, abs=1e-3)
        assert answer["shares"].index(max(answer["shares"])) == answer["chosen"]


def test_nothing_is_loaded_from_anywhere(parsed: Parsed) -> None:
    assert_nothing_is_loaded(parsed, parsed.scripts["charts"] + parsed.scripts["answers"])
    assert all((attributes.get("href") or "#").startswith("#") for _, attributes in parsed.elements)
    style = (Path(__file__).parents[2] / "src/obverse/reports/page.css").read_text(encoding="utf-8")
    assert not re.search(r"@import|url\(", style)


def test_the_figures_stand_in_the_tables(parsed: Parsed, page: Path) -> None:
    results = json.loads((page.parent / "results.json").read_text(encoding="utf-8"))
    text = " ".join(parsed.text.split())
    for estimate in results["estimates"]:
        assert f"{100 * estimate['mean']:.0f}%" in text
    for sentence in (
        results["recommendation"]["sentence"],
        results["latent_recommendation"]["sentence"],
        results["notes"][0],
        results["refused"][0]["reason"],
        results["command"],
    ):
        assert sentence in text
    assert "from 77 questions on" in text
    assert "2.13.0" in text
    assert "exchanged18" in text.replace(" ", "")


def test_headings_are_in_order(parsed: Parsed) -> None:
    levels = [int(tag[1]) for tag, _ in parsed.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert all(following - level <= 1 for level, following in pairwise(levels))


def test_every_chart_has_a_place_and_every_place_a_chart(parsed: Parsed) -> None:
    assert len(parsed.places) == len(set(parsed.places))
    assert set(parsed.places) == set(parsed.panels)


def test_the_figures_are_pictures(page: Path) -> None:
    for name in ("accuracy", "costs"):
        png = (page.parent / "figures" / f"{name}.png").read_bytes()
        assert png.startswith(b"\x89PNG\r\n\x1a\n")
        width, height = int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")
        assert width > 1200
        assert height > 500
        svg = ElementTree.parse(page.parent / "figures" / f"{name}.svg").getroot()
        assert svg.tag == "{http://www.w3.org/2000/svg}svg"
        assert "finetune+retrieve" in "".join(svg.itertext())


def test_a_run_without_latent_questions_or_failures_and_with_text_that_is_none(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "run")
    path = folder / "results.json"
    results = json.loads(path.read_text(encoding="utf-8"))
    for table in ("estimates", "differences"):
        results[table] = [entry for entry in results[table] if not entry["latent"]]
    results |= {"diagnosis": [], "retention": [], "latent_recommendation": None, "refused": [], "notes": []}
    results["checks"] |= {"leaks": [], "drawn_choices": 0}
    path.write_text(json.dumps(results), encoding="utf-8")
    # JSON can hold half a character, which no text file can.
    with (folder / "task" / "documents.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"id": "broken", "text": "\\ud800", "group": null}\n')
    text = write_page(folder).read_text(encoding="utf-8")
    assert json.loads(Parsed(text).scripts["answers"])["documents"][-1] == ["broken", "?"]
    assert "No route failed a latent question." in text
    assert "No latent questions were asked." not in text
    answers = [
        row for row in pyarrow.parquet.read_table(folder / "answers.parquet").to_pylist() if not row["latent"]
    ]
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(answers), folder / "answers.parquet")
    assert "No latent questions were asked." in write_page(folder).read_text(encoding="utf-8")
    assert "No document says the answer of a latent question." in text


def test_learning_curves_hold_every_kind(parsed: Parsed) -> None:
    for number in range(2):
        panel = json.dumps(parsed.panels[f"curves-{number}"])
        assert all(json.dumps(kind) in panel for kind in KINDS)
    text = " ".join(parsed.text.split())
    assert "finetune, nothing in the prompt" in text
    assert "finetune, with oracle:2 in the prompt" in text
    assert "about other facts. They only show when an ability appears; nothing was chosen by them" in text
    assert re.search(r"lines written\s*right\s*share right\s*0\s*40\s*31\s*78%", text)


def test_the_co_occurrence_baseline_stands_in_every_row(parsed: Parsed, page: Path) -> None:
    rows = json.loads((page.parent / "results.json").read_text())["co_occurrence"]
    assert parsed.text.count("37%") >= len(rows) > 3
    assert "co-occurrence baseline, which picks the choice" in parsed.text


def test_exact_match_knows_no_chance(parsed: Parsed, tmp_path: Path) -> None:
    folder = write_run(tmp_path / "run")
    path = folder / "results.json"
    results = json.loads(path.read_text(encoding="utf-8"))
    for key in ("curves", "augmentation"):
        del results[key]
    path.write_text(json.dumps(results | {"metric": "strict"}), encoding="utf-8")
    exact = Parsed(write_page(folder).read_text(encoding="utf-8"))
    assert '"chance:Q"' not in json.dumps(exact.panels)
    assert '"chance"' in json.dumps(parsed.panels)
    assert "Dashed line: chance" in parsed.text
    assert "Dashed line: chance" not in exact.text
    assert "answered right by exact match" in exact.text
    assert "Learning curves" not in exact.text
    # The table of every measure begins with the primary one, and the forced choice stands beside it.
    assert re.search(r"Route\s*exact match\s*forced choice\s*forced choice, per token\s*lenient", exact.text)


def test_right_means_right_by_the_metric(page: Path) -> None:
    run = read_run(page.parent)
    answer = run.answers[0] | {"correct": True, "strict": False}
    assert run.is_right(answer)
    assert not Run({**run.results, "metric": "strict"}, run.answers, run.documents).is_right(answer)


def test_a_likelihood_of_zero(page: Path) -> None:
    run = read_run(page.parent)
    run.answers[0]["log_likelihoods"] = [float("-inf")] * 4
    run.answers[1]["log_likelihoods"] = [-1.0, float("-inf"), float("-inf"), float("-inf")]
    first, second = packed_questions(run, dict.fromkeys(ROUTES, "#000"))["questions"][0]["answers"]
    assert (first["logs"], first["shares"]) == ([None] * 4, [0.0] * 4)
    assert (second["logs"], second["shares"]) == ([-1.0, None, None, None], [1.0, 0.0, 0.0, 0.0])


def test_a_view_is_an_address() -> None:
    assert view(route="finetune+retrieve", verdict="stored, not usable") == (
        "#route=finetune%2Bretrieve&verdict=stored%2C+not+usable"
    )


def test_what_augmentations_state_is_told_apart(page: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(page.parent, tmp_path / "augmented")
    results = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    row = {"route": ROUTES[1], "low": 0.8, "high": 1.0, "questions": 7, "seeds": 1, "chance": 0.25}
    row["false"] = {"mean": 0.31, "low": 0.1, "high": 0.6}
    results["augmented"] = {
        "generator": HOSTILE,
        "texts": 1234,
        "kept": 40,
        "rejected": 9,
        "stated": ["a", "b"],
        "estimates": [{**row, "stated": True, "mean": 0.93}, {**row, "stated": False, "mean": 0.81}],
    }
    (folder / "results.json").write_text(json.dumps(results), encoding="utf-8")
    text = Parsed(write_page(folder).read_text(encoding="utf-8")).text
    assert f"{HOSTILE} wrote 1,234 texts about the documents for augment; 40 of their lines were kept" in text
    assert re.search(r"latent questions that a line states\s*the others\s*" + ROUTES[1], text)
    assert re.search(r"93%\s*\[80, 100\]\s*false 31% \[10, 60\]\s*81%\s+\[80, 100\]", text)


def test_false_context_stands_beside_every_figure_of_the_accuracy_table(page: Path) -> None:
    results = json.loads((page.parent / "results.json").read_text(encoding="utf-8"))
    text = Parsed(page.read_text(encoding="utf-8")).text
    for row in results["estimates"]:
        if row["control"] and row["metric"] == "accuracy":
            low, high = (f"{100 * row[bound]:.0f}" for bound in ("low", "high"))
            assert f"false {100 * row['mean']:.0f}% [{low}, {high}]" in text


def test_a_run_from_before_there_was_a_margin_has_its_page(page: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(page.parent, tmp_path / "earlier")
    results = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    del results["margin"]
    for row in results["differences"]:
        del row["more_questions"]
    (folder / "results.json").write_text(json.dumps(results), encoding="utf-8")
    assert "less than 5 points" in Parsed(write_page(folder).read_text(encoding="utf-8")).text
