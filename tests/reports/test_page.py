"""The page's text: made from the files alone, escaped, and whole without a network."""

from __future__ import annotations

import json
import re
import shutil
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from made_up_run import HOSTILE, KINDS, PER_KIND, RIGHT_TO_LEFT, ROUTES, write_run, written_page

from obverse.reports.folder import read_run
from obverse.reports.page import view, write_page
from obverse.reports.questions import packed_questions


class Parsed(HTMLParser):
    """What a browser would see: elements with their attributes, and the content of scripts by their id."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: dict[str | None, str] = {}
        self.text = ""
        self._inside: tuple[str, str | None] = ("", None)
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._inside = (tag, dict(attrs).get("id"))

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002
        self._inside = ("", None)

    def handle_data(self, data: str) -> None:
        tag, id = self._inside
        if tag == "script":
            self.scripts[id] = self.scripts.get(id, "") + data
        elif tag != "style":
            self.text += data


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
    for tag, attributes in parsed.elements:
        assert tag not in ("link", "iframe", "object", "embed", "base")
        assert "src" not in attributes
        assert (attributes.get("href") or "#").startswith("#")
    own = parsed.scripts["charts"] + parsed.scripts["answers"]
    assert "http://" not in own
    assert "https://" not in own
    style = (Path(__file__).parents[2] / "src/obverse/reports/page.css").read_text(encoding="utf-8")
    assert not re.search(r"@import|url\(", style)
    policy = next(
        attributes["content"]
        for _, attributes in parsed.elements
        if attributes.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe-eval" not in policy


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
    places = [attributes["data-chart"] for _, attributes in parsed.elements if "data-chart" in attributes]
    assert len(places) == len(set(places))
    assert set(places) == set(json.loads(parsed.scripts["charts"])["panels"])


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
    assert "No document says the answer of a latent question." in text


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
