"""The page of a study: made from the files alone, escaped, whole without a network, with every part's figures."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest
from made_up_run import HOSTILE
from made_up_study import KINDS, NOT_SEARCHED, ROUTES, study_results, write_study_folder
from parsed_page import Parsed, assert_nothing_is_loaded

from obverse.judging.wording import bounds
from obverse.reports.study_page import write_study


@pytest.fixture(scope="module", params=[False, True], ids=["matrix", "sweep"])
def page(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_study(write_study_folder(tmp_path_factory.mktemp("study"), sweep=request.param))


@pytest.fixture(scope="module")
def parsed(page: Path) -> Parsed:
    return Parsed(page.read_text(encoding="utf-8"))


def test_what_is_written(page: Path) -> None:
    sweep = study_results(page.parent)["sweep"]
    names = {path.relative_to(page.parent).as_posix() for path in page.parent.rglob("*") if path.is_file()}
    assert {name for name in names if "/" not in name} == {"report.html", "results.json"}
    assert {name for name in names if name.startswith("figures/")} == {
        "figures/overview.png",
        "figures/overview.svg",
    }
    # The parts of a sweep have no pages of their own.
    assert ("parts/part 0/report.html" in names) == (not sweep)
    assert ("parts/part 1/figures/accuracy.png" in names) == (not sweep)


def test_a_part_says_what_was_not_checked(page: Path) -> None:
    part = page.parent / "parts" / "part 0" / "report.html"
    if study_results(page.parent)["sweep"]:
        assert not part.exists()
    else:
        text = Parsed(part.read_text(encoding="utf-8")).text
        assert NOT_SEARCHED in text
        assert "Against a plain pass" not in text  # nothing was scored twice


def test_user_text_is_never_markup(page: Path, parsed: Parsed) -> None:
    assert HOSTILE not in page.read_text(encoding="utf-8")
    results = study_results(page.parent)
    for text in (
        results["title"],
        f"codebooks {HOSTILE}",
        f"wrong frame {HOSTILE}",
        f"reversed {HOSTILE}",
        results["failed"][0]["reason"],
    ):
        assert text in parsed.text
    if results["sweep"]:
        assert f"20,000 facts {HOSTILE}" in parsed.text
        assert f"permutation {HOSTILE}" in parsed.text
    assert not any(tag == "img" for tag, _ in parsed.elements)
    assert not any(name.startswith("on") for _, attributes in parsed.elements for name in attributes)


def test_nothing_is_loaded_and_links_lead_to_what_is_there(page: Path, parsed: Parsed) -> None:
    assert_nothing_is_loaded(parsed, parsed.scripts["charts"])
    ids = {attributes.get("id") for _, attributes in parsed.elements}
    links = [attributes["href"] or "" for _, attributes in parsed.elements if "href" in attributes]
    assert all(link[1:] in ids for link in links if link.startswith("#"))
    others = [link for link in links if not link.startswith("#")]
    assert len(others) == (0 if study_results(page.parent)["sweep"] else 2)
    assert all((page.parent / unquote(link)).is_file() for link in others)


def test_every_figure_stands_on_the_page(page: Path, parsed: Parsed) -> None:
    results = study_results(page.parent)
    text = " ".join(parsed.text.split())
    figures = [
        estimate
        for part in results["parts"]
        for estimate in part["results"]["estimates"]
        if estimate["metric"] == "strict" and estimate["kind"] in KINDS
    ]
    assert any(estimate["control"] for estimate in figures)
    for estimate in figures:
        control = "false " if estimate["control"] else ""
        assert f"{control}{100 * estimate['mean']:.0f}%{bounds(estimate)}" in text
    for sentence in (results["command"], "2.13.0", "15 min", "400 TFLOP", "93%", "exact match", "2 seeds"):
        assert sentence in text
    # Exact match knows no chance.
    assert "chance" not in text


def test_what_a_verifier_kept_stands_beside_what_was_written(parsed: Parsed) -> None:
    text = "".join(parsed.text.split())
    assert "thresholdkeptrightamongthekeptkeptoftheright" in text
    for row in (["0", "1,000", "930", "93%"], ["1", "1,000", "910", "91%"]):
        kept_of_the_right = "94%" if row[0] == "0" else "96%"
        assert "".join([*row, "-0.0425", "880", "99%", kept_of_the_right]) in text


def test_explicit_kinds_stand_above_latent_ones(parsed: Parsed) -> None:
    text = parsed.text[parsed.text.index("Explicit: what a document says") :]
    places = [text.index(kind) for kind in KINDS]
    assert places == sorted(places)
    assert places[2] < text.index("Latent: what the documents imply") < places[3]


def test_every_chart_has_a_place_and_every_place_a_chart(page: Path, parsed: Parsed) -> None:
    assert len(parsed.places) == len(set(parsed.places))
    assert set(parsed.places) == set(parsed.panels)
    for name, panel in parsed.panels.items():
        if name.startswith("curves"):
            assert all(json.dumps(kind) in json.dumps(panel) for kind in KINDS)
    sweeps = [name for name in parsed.panels if name.startswith("sweep")]
    assert len(sweeps) == (4 if study_results(page.parent)["sweep"] else 0)


def test_headings_are_in_order(parsed: Parsed) -> None:
    levels = [int(tag[1]) for tag, _ in parsed.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert all(following - level <= 1 for level, following in pairwise(levels))


def test_the_figure_is_a_picture_for_a_column_of_text(page: Path) -> None:
    png = (page.parent / "figures" / "overview.png").read_bytes()
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    assert 1200 < int.from_bytes(png[16:20], "big") <= 2000  # two pixels for each of up to 1,000
    svg = ElementTree.parse(page.parent / "figures" / "overview.svg").getroot()
    text = "".join(svg.itertext())
    names = (
        ("held-out reversal", "wrong frame") if study_results(page.parent)["sweep"] else (*ROUTES, "false 5%")
    )
    assert all(name in text for name in names)


def test_a_part_that_nothing_answered(tmp_path: Path) -> None:
    folder = write_study_folder(tmp_path, sweep=False)
    results = study_results(folder)
    results["parts"] = results["parts"][:1]
    results["parts"][0]["results"] |= {"estimates": [], "curves": [], "augmentation": []}
    (folder / "results.json").write_text(json.dumps(results), encoding="utf-8")
    text = write_study(folder).read_text(encoding="utf-8")
    assert "out of memory" in text
    assert '<table class="matrix">' not in text
    assert not list((folder / "figures").iterdir())
