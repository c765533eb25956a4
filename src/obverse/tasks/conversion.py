"""PDF, Word and HTML files as Markdown text, through the library markitdown (the extra ``documents``).

The library's converters are called directly, by suffix: nothing is guessed from the content, nothing is
fetched, and no plug-in runs.
"""

from __future__ import annotations

import io
import logging
import warnings
from typing import Any

from obverse.tasks.files import read_bytes
from obverse.tasks.places import Place, quote

CONVERTED_SUFFIXES = (".pdf", ".docx", ".html", ".htm")

# Addresses and pictures are no text to learn, and backslashes before "_" and "*" stand in no source.
_MARKDOWN_OPTIONS = {"strip": ["a", "img"], "escape_underscores": False, "escape_asterisks": False}


def convert(place: Place) -> str:
    """The text of a PDF, DOCX or HTML file, with Markdown headings where the format has headings.

    Raises:
        InputError: the extra is not installed, or the file cannot be read or converted.
    """
    data = read_bytes(place)
    suffix = place.path.suffix.lower()
    try:
        from markitdown import StreamInfo
        from markitdown.converters import DocxConverter, HtmlConverter, PdfConverter
    except ImportError:
        raise place.error(
            f"reading {suffix} files needs an extra package", 'pip install "obverse[documents]"'
        ) from None
    # Remarks on the syntax of a PDF that could be read all the same.
    logging.getLogger("pdfminer").setLevel(logging.ERROR)
    kinds: dict[str, Any] = {".pdf": PdfConverter, ".docx": DocxConverter}
    converter = kinds.get(suffix, HtmlConverter)()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            text: str = converter.convert(
                io.BytesIO(data), StreamInfo(extension=suffix), **_MARKDOWN_OPTIONS
            ).markdown
    # Broken files make the parsers below the library raise errors of every kind.
    except Exception as error:
        fault = quote(str(error) or type(error).__name__)
        raise place.error(f"cannot be converted ({fault})", "repair it, or save it as text") from None
    # PDF pages end in a form feed, after a blank line.
    return text.replace("\r\n", "\n").replace("\f", "").replace("\0", "").strip()
