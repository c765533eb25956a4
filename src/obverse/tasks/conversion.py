"""PDF, Word and HTML files as Markdown text, through the library markitdown (the extra ``documents``).

The library's converters are called directly, by suffix: nothing is guessed from the content, nothing is
fetched, and no plug-in runs.  Of a web page, trafilatura says what it is about.
"""

from __future__ import annotations

import codecs
import io
import logging
import re
import warnings
import zipfile
from collections.abc import Callable
from typing import Any

from obverse.tasks.markup import level_tables, main_content, mark_raised, remove_unseen
from obverse.tasks.paths import read_bytes
from obverse.tasks.places import Place, quote
from obverse.types import InputError

CONVERTED_SUFFIXES = (".pdf", ".docx", ".html", ".htm", ".xhtml")

# Addresses and pictures are no text to learn, and backslashes before "_" and "*" stand in no source.
_MARKDOWN_OPTIONS = {"strip": ["a", "img"], "escape_underscores": False, "escape_asterisks": False}
_LIBRARIES = ("pdfminer", "trafilatura", "htmldate", "courlan", "justext", "charset_normalizer", "bs4")
_DECLARED = re.compile(
    rb"<meta[^>]+charset\s*=\s*[\"']?([\w.:-]+)|^\s*<\?xml[^>]+encoding\s*=\s*[\"']([\w.:-]+)", re.I
)
_DECLARED_WITHIN = 4096
# Labels that browsers take for another encoding than the codec of that name, or for one that has no codec of that name.
_LABELS = {
    label: codec
    for codec, labels in {
        "cp1252": "ascii us-ascii iso-8859-1 iso8859-1 latin1 latin-1 l1 x-cp1252",
        "cp1254": "iso-8859-9 iso8859-9 latin5 l5 x-cp1254",
        "cp874": "iso-8859-11 iso8859-11 tis-620 windows-874 dos-874",
        "cp932": "shift_jis shift-jis sjis x-sjis windows-31j ms_kanji",
        "cp949": "euc-kr ks_c_5601-1987 ks_c_5601-1989 ksc5601 ksc_5601 korean windows-949",
        "gb18030": "gb2312 gb_2312-80 gbk x-gbk chinese csgb2312",
        "big5hkscs": "big5 big5-hkscs cn-big5 x-x-big5",
        "mac-roman": "macintosh x-mac-roman mac",
        "mac-cyrillic": "x-mac-cyrillic x-mac-ukrainian",
        "koi8-r": "koi koi8 koi8_r",
    }.items()
    for label in labels.split()
}
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_WORD_STYLES = "word/styles.xml"
_WORD_PARTS = ("word/document.xml", "word/footnotes.xml", "word/endnotes.xml")


def convert(place: Place) -> str:
    """The text of a PDF, DOCX or HTML file, with Markdown headings, lists and tables where the format has them.

    What is hidden or was deleted is left out, as is what surrounds the text of a web page; superscripts stay apart.

    Raises:
        InputError: the extra is not installed, or the file cannot be read or converted.
    """
    data = read_bytes(place)
    suffix = place.path.suffix.lower()
    try:
        import markitdown  # noqa: F401  # whether it is there
        import trafilatura  # noqa: F401
    except ImportError:
        raise place.error(
            f"reading {suffix} files needs an extra package", 'pip install "obverse[documents]"'
        ) from None
    # Remarks on the syntax of a file that could be read all the same.
    for library in _LIBRARIES:
        logging.getLogger(library).setLevel(logging.CRITICAL)
    kinds: dict[str, Callable[[bytes, Place], str]] = {".pdf": _pdf, ".docx": _docx}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            text = kinds.get(suffix, _page)(data, place)
    except InputError:
        raise
    # Broken files make the parsers below the library raise errors of every kind.
    except Exception as error:
        fault = quote(str(error) or type(error).__name__)
        raise place.error(f"cannot be converted ({fault})", "repair it, or save it as text") from None
    # PDF pages end in a form feed, after a blank line.
    return text.replace("\r\n", "\n").replace("\f", "").replace("\0", "").strip()


def _pdf(data: bytes, _: Place) -> str:
    from markitdown import StreamInfo
    from markitdown.converters import PdfConverter

    return str(PdfConverter().convert(io.BytesIO(data), StreamInfo(extension=".pdf")).markdown)


def _page(data: bytes, place: Place) -> str:
    import trafilatura
    from bs4 import BeautifulSoup

    def extract(page: str) -> str | None:
        found: str | None = trafilatura.extract(
            page, output_format="html", include_formatting=True, favor_recall=True, include_comments=False
        )
        return found

    # It ends elements whose end tags may be left out, as those of rows, cells and items.
    soup = BeautifulSoup(_decoded(data, place), "lxml")
    remove_unseen(soup)
    mark_raised(soup)
    content = main_content(soup, extract)
    level_tables(soup)
    return _markdown(str(content))


def _docx(data: bytes, _: Place) -> str:
    import mammoth
    from bs4 import BeautifulSoup
    from markitdown.converter_utils.docx.pre_process import pre_process_docx

    page = mammoth.convert_to_html(pre_process_docx(io.BytesIO(_as_shown(data)))).value
    soup = BeautifulSoup(page, "html.parser")
    for back in soup.find_all("a", href=re.compile("^#(?:foot|end)note-ref")):
        back.decompose()  # the arrow behind a note
    mark_raised(soup)
    level_tables(soup)
    return _markdown(str(soup))


def _markdown(page: str) -> str:
    from markitdown import StreamInfo
    from markitdown.converters import HtmlConverter

    stream = io.BytesIO(page.encode("utf-8", "replace"))
    info = StreamInfo(extension=".html", charset="utf-8")
    return str(HtmlConverter().convert(stream, info, **_MARKDOWN_OPTIONS).markdown)


def _decoded(data: bytes, place: Place) -> str:
    """A page as text, by its byte-order mark, by what it declares, or as UTF-8."""
    encoding = next((name for mark, name in _BOMS if data.startswith(mark)), "")
    if not encoding:
        declared = _DECLARED.search(data[:_DECLARED_WITHIN])
        encoding = (declared[1] or declared[2]).decode("ascii") if declared else "utf-8"
        encoding = _LABELS.get(encoding.lower(), encoding)
        # As browsers have it: a page that can be read here to its declaration is not in UTF-16.
        encoding = "utf-8" if encoding.lower().startswith("utf-16") else encoding
        if data[:2] in (b"<\0", b"\0<"):
            encoding = "utf-16-le" if data[1] == 0 else "utf-16-be"
    for name in dict.fromkeys((encoding, "utf-8")):
        try:
            return data.decode(name)
        except (UnicodeDecodeError, LookupError):
            continue
    declared_so = "" if encoding == "utf-8" else f"{quote(encoding)}, which it should be, nor "
    raise place.error(f"is not {declared_so}UTF-8", "save it as UTF-8")


def _as_shown(data: bytes) -> bytes:
    """A Word file without hidden runs and rows, and with what was moved at its new place only."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    shown = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as archive,
        zipfile.ZipFile(shown, "w", zipfile.ZIP_DEFLATED) as copy,
    ):
        styles = archive.read(_WORD_STYLES) if _WORD_STYLES in archive.namelist() else None
        hiding = _hiding_styles(etree.fromstring(styles, parser)) if styles else frozenset()
        for name in archive.namelist():
            content = archive.read(name)
            if name in _WORD_PARTS:
                root = etree.fromstring(content, parser)
                for run in [run for run in root.iter(f"{_WORD}r") if _is_unseen(run, hiding)]:
                    run.getparent().remove(run)
                for row in [
                    mark.getparent().getparent() for mark in root.iter(f"{_WORD}hidden") if _is_on(mark)
                ]:
                    if row is not None and row.tag == f"{_WORD}tr":
                        row.getparent().remove(row)
                for old in list(root.iter(f"{_WORD}moveFrom")):
                    old.getparent().remove(old)
                for new in root.iter(f"{_WORD}moveTo"):
                    new.tag = f"{_WORD}ins"
                content = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
            copy.writestr(name, content)
    return shown.getvalue()


def _hiding_styles(styles: Any) -> frozenset[str]:
    """The ids of the styles whose text is hidden."""
    return frozenset(
        str(style.get(f"{_WORD}styleId"))
        for style in styles.iter(f"{_WORD}style")
        if _is_on(style.find(f"{_WORD}rPr/{_WORD}vanish"))
    )


def _is_unseen(run: Any, hiding: frozenset[str]) -> bool:
    """Whether a run is hidden, by itself, or by its style or that of its paragraph."""
    own = run.find(f"{_WORD}rPr/{_WORD}vanish")
    if own is not None:
        return _is_on(own)
    paragraph = next(run.iterancestors(f"{_WORD}p"), None)
    styles = [
        run.find(f"{_WORD}rPr/{_WORD}rStyle"),
        None if paragraph is None else paragraph.find(f"{_WORD}pPr/{_WORD}pStyle"),
    ]
    return any(style is not None and style.get(f"{_WORD}val") in hiding for style in styles)


def _is_on(mark: Any) -> bool:
    return mark is not None and mark.get(f"{_WORD}val") not in ("0", "false", "off")
