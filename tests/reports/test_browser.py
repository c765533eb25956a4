"""The page in a real browser: charts are drawn, filters work, nothing injected runs, phones do not scroll sideways."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from made_up_run import KINDS, PER_KIND, written_page
from made_up_study import study_results, write_study_folder

from obverse.reports.study_page import write_study

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--virtual-time-budget=6000",
    "--dump-dom",
)
# A browser window is never as narrow as a phone, so the page is measured in a frame that is.  Everything that can
# be opened is opened first, and the narrow page says through its parent's title how it looks.
PROBE = """<script>
addEventListener("load", () => setTimeout(() => {
  for (const details of document.querySelectorAll("details")) details.open = true;
  document.querySelector("input[value=flops]")?.click();
  setTimeout(() => {
    for (const details of document.querySelectorAll("#list details")) details.open = true;
    setTimeout(() => parent.postMessage({
      width: document.documentElement.clientWidth,
      content: document.documentElement.scrollWidth,
      undrawn: [...document.querySelectorAll("[data-chart]")]
        .filter((place) => !place.closest("[hidden]") && !place.querySelector("svg")).length,
      flops: Boolean(document.querySelector("[data-chart=growth-flops] svg")),
      pwned: Boolean(window.pwned),
    }, "*"), 500);
  }, 500);
}, 500));
</script>"""
FRAME = """<!doctype html><title>waiting</title>
<script>addEventListener("message", (event) => { document.title = JSON.stringify(event.data); });</script>
<iframe src="ADDRESS" style="width: 360px; height: 800px; border: 0"></iframe>"""


@pytest.fixture(scope="module")
def browser() -> str:
    candidates = (os.environ.get("OBVERSE_BROWSER"), "chromium", "google-chrome", "chromium-browser")
    for candidate in candidates:
        if candidate and (found := shutil.which(candidate)):
            return found
    missing = "no browser: install chromium, or name one in OBVERSE_BROWSER"
    if os.environ.get("CI"):
        pytest.fail(missing)
    pytest.skip(missing)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written_page(tmp_path_factory)


@pytest.fixture(scope="module", params=[False, True], ids=["matrix", "sweep"])
def study(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_study(write_study_folder(tmp_path_factory.mktemp("study"), sweep=request.param))


def open_page(browser: str, page: Path, fragment: str, profile: Path) -> str:
    """The document as it stands after its scripts ran."""
    command = [browser, *FLAGS, f"--user-data-dir={profile}", f"{page.as_uri()}{fragment}"]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout


def shown_questions(dom: str) -> int:
    return len(re.findall(r'<span class="prompt-text"', dom))


def test_charts_are_drawn_and_nothing_injected_runs(browser: str, page: Path, tmp_path: Path) -> None:
    dom = open_page(browser, page, "", tmp_path)
    assert 'data-charts="drawn"' in dom
    for place in re.findall(r'data-chart="(accuracy-\d+|price-seconds-\d|growth-seconds|diagnosis)"', dom):
        after = dom.split(f'data-chart="{place}"', 1)[1]
        assert re.match(r'[^>]*><svg[^>]*class="marks"', after), place
    assert re.search(r'id="shown"[^>]*>72 of 72 questions<', dom)
    # The page begins with as many questions as can be read, not with all.
    assert shown_questions(dom) == 50
    assert "<img" not in dom.split("</main>")[0]


@pytest.mark.parametrize(
    ("fragment", "expected"),
    [
        ("#kind=reversal", PER_KIND),
        ("#kind=nothing+of+this+name", len(KINDS) * PER_KIND),
        ("#text=WINDOW.pwned%3D1&kind=reversal&route=untouched&result=wrong", None),
    ],
)
def test_the_address_filters_the_questions(
    browser: str, page: Path, tmp_path: Path, fragment: str, expected: int | None
) -> None:
    if expected is None:
        expected = _reversals_that_untouched_got_wrong_in_hostile_words(page)
    dom = open_page(browser, page, fragment, tmp_path)
    assert re.search(rf'id="shown"[^>]*>{expected} of 72 questions<', dom)
    assert shown_questions(dom) == min(expected, 50)


def _reversals_that_untouched_got_wrong_in_hostile_words(page: Path) -> int:
    import pyarrow.parquet

    rows = pyarrow.parquet.read_table(page.parent / "answers.parquet").to_pylist()
    hostile = {row["question"] for row in rows if "pwned" in row["prompt"] + row["generated"]}
    return sum(
        row["kind"] == "reversal"
        and row["route"] == "untouched"
        and not row["correct"]
        and row["question"] in hostile
        for row in rows
    )


def measured_on_a_phone(browser: str, page: Path, fragment: str, scratch: Path) -> dict[str, Any]:
    """What the probe says of a page in a narrow frame."""
    # The probe is a script that the page's policy would not let run, which is what the policy is for.
    before, end, after = re.sub(
        r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page.read_text(encoding="utf-8")
    ).rpartition("</body>")
    probed = scratch / "probed.html"
    probed.write_text(before + PROBE + end + after, encoding="utf-8")
    frame = scratch / "frame.html"
    frame.write_text(FRAME.replace("ADDRESS", f"{probed.as_uri()}{fragment}"), encoding="utf-8")
    dom = open_page(browser, frame, "", scratch / "profile")
    title = re.search(r"<title>(.*?)</title>", dom)
    assert title
    measured: dict[str, Any] = json.loads(unescape(title.group(1)))
    # A scroll bar may take some of the 360 pixels.
    assert 330 <= measured["width"] <= 360
    return measured


def test_a_phone_does_not_scroll_sideways(browser: str, page: Path, tmp_path: Path) -> None:
    measured = measured_on_a_phone(browser, page, "#kind=reversal", tmp_path)
    assert measured["content"] <= measured["width"]
    assert measured["undrawn"] == 0
    assert measured["flops"]
    assert not measured["pwned"]


def test_a_study_on_a_phone(browser: str, study: Path, tmp_path: Path) -> None:
    measured = measured_on_a_phone(browser, study, "", tmp_path)
    assert measured["content"] <= measured["width"]
    # Charts in what is folded up are drawn when it is opened.
    assert measured["undrawn"] == 0
    assert not measured["pwned"]


def test_a_study_is_drawn_and_nothing_injected_runs(browser: str, study: Path, tmp_path: Path) -> None:
    dom = open_page(browser, study, "", tmp_path)
    assert 'data-charts="drawn"' in dom
    sweep = study_results(study.parent)["sweep"]
    places = re.findall(r'data-chart="(sweep-\d+)"' if sweep else r'data-chart="(curves-\d+-\d+)"', dom)
    assert places
    for place in places:
        after = dom.split(f'data-chart="{place}"', 1)[1]
        assert re.match(r'[^>]*><svg[^>]*class="marks"', after), place
    assert "<img" not in dom.split("</main>")[0]


def test_a_script_that_were_injected_would_not_run(browser: str, page: Path, tmp_path: Path) -> None:
    before, end, after = page.read_text(encoding="utf-8").rpartition("</body>")
    injected = tmp_path / "injected.html"
    script = "<script>document.documentElement.dataset.pwned = 'yes'</script>"
    injected.write_text(before + script + end + after, encoding="utf-8")
    dom = open_page(browser, injected, "", tmp_path / "profile")
    assert 'data-charts="drawn"' in dom
    assert 'data-pwned="yes"' not in dom
