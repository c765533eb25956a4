"""The page of an augmentation: exact counts, text that is never markup, filters and phones in a real browser."""

from __future__ import annotations

import json
import re
from html import unescape
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import test_browser
from made_up_augmentation import large_results, small_results, write_results
from made_up_run import HOSTILE, RIGHT_TO_LEFT
from parsed_page import Parsed, assert_nothing_is_loaded

from obverse.reports.augmentation_page import bar_width, usd, write_augmentation_page

browser = test_browser.browser

# Goes through filters as a user would, and says what stands on the page each time.
WALK = """<script>
addEventListener("load", () => setTimeout(async () => {
  const seen = () => ({
    shown: document.getElementById("shown").value,
    lines: [...document.querySelectorAll(".said")].map((line) => line.textContent),
    documents: [...document.querySelectorAll(".derived h3")].map((heading) => heading.textContent),
    text: document.querySelector(".episode")?.textContent,
    hash: location.hash,
  });
  const said = {};
  for (const hash of HASHES) {
    location.hash = hash;
    await new Promise((resolve) => setTimeout(resolve, 50));
    said[hash] = seen();
  }
  for (const button of document.querySelectorAll(".derived button:not([hidden])")) button.click();
  said.opened = seen();
  const form = document.getElementById("filters");
  form.reset();
  await new Promise((resolve) => setTimeout(resolve, 50));
  said.reset = seen();
  document.getElementById("more").click();
  said.more = seen();
  form.elements.outcome.value = "rejected";
  form.dispatchEvent(new Event("input"));
  said.typed = seen();
  document.querySelector(".written a").click();
  await new Promise((resolve) => setTimeout(resolve, 50));
  said.followed = seen();
  said.pwned = Boolean(window.pwned);
  document.title = JSON.stringify(said);
}, 300));
</script>"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_augmentation_page(
        write_results(tmp_path_factory.mktemp("small") / "augmented", small_results())
    )


@pytest.fixture(scope="module")
def large_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_augmentation_page(
        write_results(tmp_path_factory.mktemp("large") / "augmented", large_results())
    )


@pytest.fixture(scope="module")
def parsed(page: Path) -> Parsed:
    return Parsed(page.read_text(encoding="utf-8"))


def written_with(folder: Path, **changes: object) -> Parsed:
    page = write_augmentation_page(write_results(folder, small_results() | changes))
    return Parsed(page.read_text(encoding="utf-8"))


def table_rows(page: Path) -> dict[str, list[str]]:
    """The cells of every row of a table, by its name."""
    found = re.findall(
        r'<tr>\s*<th scope="row"[^>]*>(.*?)</th>(.*?)</tr>', page.read_text(encoding="utf-8"), re.S
    )
    return {
        name: [
            unescape(re.sub(r"<[^>]*>", "", cell)) for cell in re.findall(r"<td[^>]*>(.*?)</td>", cells, re.S)
        ]
        for name, cells in found
    }


def test_user_text_is_never_markup_and_comes_through_whole(page: Path, parsed: Parsed) -> None:
    assert HOSTILE not in page.read_text(encoding="utf-8")
    assert f"the server said {HOSTILE}" in parsed.text
    assert "lighthouse <notes>" in parsed.text
    assert not any(tag == "img" for tag, _ in parsed.elements)
    assert not any(name.startswith("on") for _, attributes in parsed.elements for name in attributes)
    packed = json.loads(parsed.scripts["lines"])
    assert packed["documents"][1] == [f"note-1 {HOSTILE}", f"Bo wrote: {HOSTILE} & 'nothing' more."]
    assert packed["documents"][2] == ["note-2", RIGHT_TO_LEFT]
    (line,) = [line for line in packed["lines"] if line["document"] == 1 and line["kind"] == "rephrase"]
    assert line["text"] == f"Bo said {HOSTILE}."
    assert line["reason"] == f"grounding is 0.5, and 0.6 is needed {HOSTILE}"


def test_nothing_is_loaded_and_links_stay_on_the_page(parsed: Parsed) -> None:
    assert_nothing_is_loaded(parsed, parsed.scripts["charts"] + parsed.scripts["lines"])
    assert all((attributes.get("href") or "#").startswith("#") for _, attributes in parsed.elements)


def test_headings_are_in_order_and_every_chart_has_a_place(parsed: Parsed) -> None:
    levels = [int(tag[1]) for tag, _ in parsed.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert all(following - level <= 1 for level, following in pairwise(levels))
    assert parsed.places == ["scores-0", "scores-1"] == list(parsed.panels)


def test_lines_are_counted_by_kind_and_by_the_first_check_that_they_do_not_pass(page: Path) -> None:
    rows = table_rows(page)
    # lines, kept, share kept, rejected by grounding, rejected by entailment, tokens kept
    assert {kind: rows[kind] for kind in ("rephrase", "reverse", "question", "inference", "all")} == {
        "rephrase": ["2", "1", "50%", "1", "0", "5"],
        "reverse": ["1", "1", "100%", "0", "0", "7"],
        "question": ["1", "1", "100%", "0", "0", "4"],
        "inference": ["2", "0", "0%", "1", "1", "0"],
        "all": ["6", "3", "50%", "2", "1", "16"],
    }
    assert rows["the text is empty"] == ["2"]


def test_the_outcome_and_the_price_stand_at_the_top(page: Path, parsed: Parsed) -> None:
    text = " ".join(parsed.text.split())
    assert "SmolLM2-135M-Instruct wrote 9 texts, which hold 6 lines." in text
    assert "Kept is what passes every check: grounding at least 0.6 and entailment at least 0." in text
    assert "For every inference at least 2 of the 3 were in view" in text
    assert "Not written: 2 texts. The budget was spent." in text
    assert "1 further line only repeated a sentence of its sources word for word and was left out." in text
    assert "61,600 tokens 53,200 of prompts, 39,000 of these cached, and 8,400 generated, in 6.0 min." in text
    assert "0.034 USD. Checking took 48 s of it, and 12,300 of the tokens, 0.034 USD." in text
    # tokens of prompts, of these cached, generated, USD, time
    rows = table_rows(page)
    assert rows["writing"] == ["41,200", "30,000", "8,100", "0.00", "5.2 min"]
    assert rows["checking"] == ["12,000", "9,000", "300", "0.034", "48 s"]
    assert rows["together"] == ["53,200", "39,000", "8,400", "0.034", "6.0 min"]


def test_without_checks_judge_prices_and_faults(tmp_path: Path) -> None:
    lines = [line | {"kept": True, "reason": "", "scores": []} for line in small_results()["lines"]]
    figures = small_results()["figures"] | {"faults": {}, "missing": 0, "repeats": 0, "fragments": 0}
    cost = small_results()["cost"] | {"usd": None}
    parsed = written_with(
        tmp_path / "free",
        verifiers={},
        lines=lines,
        figures=figures,
        cost=cost,
        checking=None,
        whole=True,
        in_view=3,
    )
    text = " ".join(parsed.text.split())
    assert "No check was asked for, so every line was kept." in text
    assert "All documents were in view for every inference." in text
    assert "8,100 generated, in 5.2 min. The price in USD is not known." in text
    assert "Every text holds lines. No line only repeated a sentence of its sources." in text
    assert "Not written" not in text
    assert parsed.places == []
    assert {tuple(line["scores"]) for line in json.loads(parsed.scripts["lines"])["lines"]} == {()}


def test_nothing_written_at_all(tmp_path: Path) -> None:
    figures = {
        "texts": 1,
        "missing": 0,
        "faults": {"the text is empty": 1},
        "repeats": 0,
        "fragments": 0,
        "kept": 0,
        "rejected": 0,
    }
    parsed = written_with(tmp_path / "empty", lines=[], figures=figures)
    assert "wrote 1 text, which holds 0 lines." in " ".join(parsed.text.split())
    assert parsed.places == []


def test_what_is_not_a_number_reaches_no_threshold(tmp_path: Path) -> None:
    lines = small_results()["lines"]
    lines[-1]["scores"] = [
        {"verifier": "grounding", "score": 1.0},
        {"verifier": "entailment", "score": float("nan")},
    ]
    parsed = written_with(tmp_path / "nan", lines=lines)
    packed = json.loads(parsed.scripts["lines"])
    assert (packed["lines"][-1]["scores"], packed["lines"][-1]["verifier"]) == ([1.0, None], 1)


def test_bars_begin_at_the_threshold(parsed: Parsed) -> None:
    panel = parsed.panels["scores-0"]
    bars, mark = (panel["datasets"][layer["data"]["name"]] for layer in panel["layer"])
    counts = {(round(bar["from"], 9), bar["outcome"]): bar["lines"] for bar in bars}
    assert counts == {
        (0.25, "rejected"): 1,
        (0.5, "rejected"): 1,
        (0.6, "kept"): 1,
        (1.0, "kept"): 2,
        (1.0, "rejected"): 1,
    }
    assert mark == [{"threshold": 0.6}]


def test_widths_are_round() -> None:
    assert [bar_width(*ends) for ends in ((0, 1), (-3, 1), (0.5, 0.5))] == pytest.approx([0.05, 0.2, 0.1])
    assert bar_width(-1000, 1) == pytest.approx(100)


def test_prices() -> None:
    assert [usd(amount) for amount in (None, 0, 0.0042, 0.0999, 1234.5)] == [
        "not known",
        "0.00",
        "0.0042",
        "0.1",
        "1,234.50",
    ]


def walked(browser: str, page: Path, hashes: list[str], scratch: Path) -> dict[str, Any]:
    """What stands on the page with each of these addresses, and after clicks."""
    before, end, after = re.sub(
        r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page.read_text(encoding="utf-8")
    ).rpartition("</body>")
    copy = scratch / "walked.html"
    copy.write_text(before + WALK.replace("HASHES", json.dumps(hashes)) + end + after, encoding="utf-8")
    title = re.search(r"<title>(.*?)</title>", test_browser.open_page(browser, copy, "", scratch / "profile"))
    assert title
    seen: dict[str, Any] = json.loads(unescape(title.group(1)))
    return seen


def test_filters(browser: str, page: Path, tmp_path: Path) -> None:
    hostile = f"Bo said {HOSTILE}."
    expected = {
        "#kind=reverse": (["The lamp was kept by Ada."], 1),
        "#kind=nothing+of+this+name": (None, 3),
        "#outcome=kept": (["The lamp was kept by Ada.", "Ada kept a light.", "Who kept it?\nAda."], 1),
        "#verifier=grounding": ([hostile, "Zed knew Ada."], 2),
        "#verifier=entailment&kind=inference": (["Bo knew Ada."], 1),
        "#document=note-2": (["Zed knew Ada."], 1),
        "#text=WINDOW.pwned%3D1&outcome=rejected": ([hostile], 1),
        # The first document holds these words and no line about it does.
        "#text=lamp+in+1700": ([], 1),
        "#text=lamp+in+1700&outcome=kept": ([], 0),
        "#text=IS+NEEDED": ([hostile, "Bo knew Ada.", "Zed knew Ada."], 2),
    }
    seen = walked(browser, page, list(expected), tmp_path)
    for hash, (lines, documents) in expected.items():
        if lines is not None:
            assert seen[hash]["lines"] == lines, hash
        assert seen[hash]["shown"] == (
            f"{6 if lines is None else len(lines)} of 6 lines, {documents} of 3 documents"
        ), hash
    assert seen["typed"]["hash"] == "#outcome=rejected"
    assert seen["typed"]["lines"] == [hostile, "Bo knew Ada.", "Zed knew Ada."]
    # The first link among the sources leads to the document of that id.
    assert seen["followed"]["documents"] == ["note-0"]
    assert len(seen["followed"]["lines"]) == 3
    assert not seen["pwned"]


def test_what_is_long_is_shown_in_parts(browser: str, tmp_path: Path) -> None:
    results = large_results(documents=12, lines=330)
    page = write_augmentation_page(write_results(tmp_path / "long", results))
    seen = walked(browser, page, ["#document=note-10"], tmp_path)
    text = results["documents"][10]["text"]
    assert len(seen["#document=note-10"]["lines"]) == 20
    assert seen["#document=note-10"]["text"] == f"{text[:900]} …"
    assert len(seen["opened"]["lines"]) == 30
    assert seen["opened"]["text"] == text
    assert (len(seen["reset"]["documents"]), len(seen["reset"]["lines"])) == (3, 60)
    assert (len(seen["more"]["documents"]), len(seen["more"]["lines"])) == (6, 120)


def test_charts_are_drawn_and_a_page_begins_with_a_few_lines(
    browser: str, large_page: Path, tmp_path: Path
) -> None:
    dom = test_browser.open_page(browser, large_page, "", tmp_path)
    assert 'data-charts="drawn"' in dom
    for place in ("scores-0", "scores-1"):
        assert re.match(r'[^>]*><svg[^>]*class="marks"', dom.split(f'data-chart="{place}"', 1)[1])
    assert re.search(r'id="shown"[^>]*>300 of 300 lines, 40 of 40 documents<', dom)
    assert 60 <= len(re.findall(r'<p class="said"', dom)) < 80


def test_a_phone_does_not_scroll_sideways(browser: str, page: Path, tmp_path: Path) -> None:
    measured = test_browser.measured_on_a_phone(browser, page, "", tmp_path)
    assert measured["content"] <= measured["width"]
    assert measured["undrawn"] == 0
    assert not measured["pwned"]
