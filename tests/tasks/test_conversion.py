"""PDF, Word and HTML files, as real programs write them."""

import sys
from pathlib import Path

import pytest
from reading_checks import reads_or_refuses, refused, write

from obverse.tasks.documents import read_documents

FILES = Path(__file__).parent.parent / "data" / "documents"
SUFFIXES = [".pdf", ".docx", ".html"]


def converted(name: str) -> str:
    pytest.importorskip("markitdown")
    (document,) = read_documents(FILES / name)
    assert document.id == Path(name).stem
    return document.text


def test_pdf() -> None:
    text = converted("ferry.pdf")
    assert text.startswith("The Ferry\nThe ferry between Varn and Esk is steered by Ilse Brandt,\n")
    assert text.endswith("\n\nIts second boat, the Heron, lies in the boatyard of Corvin\nAshe.")
    assert "\f" not in text


def test_docx() -> None:
    assert converted("harbour-clock.docx").split("\n\n") == [
        "# The Harbour Clock",
        "The clock in the harbour tower is wound by **Maren Hollis** every Tuesday. It was "
        "cast in Olm, in the year 1887, from the bronze of a broken bell.",
        "## Rules",
        "* Nobody but the keeper may open the case.\n* The weights are café-brown and are never oiled.",
        "|  |  |\n| --- | --- |\n| Part | Maker |\n| escapement_wheel | Tobias Fenn |",
    ]


def test_html() -> None:
    assert converted("library.html").split("\n\n") == [
        "# The Library of Tarrow",
        "The library is run by Tobias Fenn, who catalogues 4 < 5\nshelves a day "
        "& keeps the file reading_room.txt.",
        "## Opening hours",
        "* Monday to Thursday, nine to five\n* closed at **Michaelmas**",
    ]


def test_folder_of_all_kinds() -> None:
    pytest.importorskip("markitdown")
    assert [document.id for document in read_documents(FILES)] == ["ferry", "harbour-clock", "library"]


def test_html_in_another_encoding(tmp_path: Path) -> None:
    pytest.importorskip("markitdown")
    page = '<html><head><meta charset="iso-8859-1"></head><body><p>Café</p></body></html>'
    path = write(tmp_path / "page.htm", page.encode("latin-1"))
    assert read_documents(path)[0].text == "Café"


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_broken_files(tmp_path: Path, suffix: str) -> None:
    pytest.importorskip("markitdown")
    path = write(tmp_path / f"bad{suffix}", b"")
    assert refused(lambda: read_documents(path)).startswith(f"{path}: ")
    whole = next(FILES.glob(f"*{suffix}")).read_bytes()
    for content in (whole[: len(whole) // 2], whole[len(whole) // 2 :], bytes(range(256))):
        write(path, content)
        reads_or_refuses(lambda: read_documents(path))


def test_a_page_without_text(tmp_path: Path) -> None:
    pytest.importorskip("markitdown")
    path = write(tmp_path / "scan.html", "<html><body><img src='scan.png'></body></html>")
    expected = f"{path}: holds no text; fill it or take it out (a scan needs OCR first)"
    assert refused(lambda: read_documents(path)) == expected


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_without_the_extra(monkeypatch: pytest.MonkeyPatch, suffix: str) -> None:
    monkeypatch.setitem(sys.modules, "markitdown", None)
    path = next(FILES.glob(f"*{suffix}"))
    expected = f'{path}: reading {suffix} files needs an extra package; pip install "obverse[documents]"'
    assert refused(lambda: read_documents(path)) == expected
