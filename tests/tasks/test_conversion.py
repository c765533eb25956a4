"""PDF, Word and HTML files, as real programs write them."""

import sys
import zipfile
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
        "| Part | Maker |\n| --- | --- |\n| escapement_wheel | Tobias Fenn |",
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


def page(tmp_path: Path, body: str, head: str = "") -> str:
    """The text of a page."""
    pytest.importorskip("trafilatura")
    (document,) = read_documents(
        write(tmp_path / "page.html", f"<html><head>{head}</head><body>{body}</body></html>")
    )
    return document.text


FOUND = "The library of Tarrow was founded in 1887 by {0}, who gave a house and 400 books to the town. It stands at "
FOUND += "the harbour, beside the clock tower of {0}, and holds the charts of all captains."


@pytest.mark.parametrize("paragraphs", [1, 8])
def test_what_surrounds_the_text_of_a_page_is_left_out(tmp_path: Path, paragraphs: int) -> None:
    names = [
        "Tobias Fenn",
        "Maren Hollis",
        "Ilka Venning",
        "Bahram Tolley",
        "Olwen Thorne",
        "Jasper Flour",
        "Ann",
        "Bo",
    ]
    text = "".join(f"<p>{FOUND.format(name)}</p>" for name in names[:paragraphs])
    body = (
        "<div id='skip-link'><a href='#x'>Skip</a></div><header>Banner <nav><a>Home</a></nav></header>"
        "<div class='cookie-banner'>We use cookies.</div><div class='top'><h1>The library</h1></div>"
        f"<div class='content'>{text}<ul><li>opens at nine</li></ul><dl><dt>Fee</dt><dd>two pence</dd></dl>"
        "<figure><figcaption>The old door</figcaption></figure><div class='shareButtons'>Share this</div>"
        "<table><tr><th>Day</th><th>Hours</th></tr><tr><td>Monday</td><td>9 to 5</td></tr></table></div>"
        "<div class='sidebar'>Related: buy a book</div><aside>An advert</aside>"
        + "<div class='x7'>Weather</div>" * (paragraphs > 1)
        + "<div role='contentinfo'>Copyright</div><footer>Imprint</footer>"
    )
    found = page(tmp_path, body)
    assert found.startswith("# The library\n\nThe library of Tarrow")
    for name in names[:paragraphs]:
        assert FOUND.format(name) in found
    for kept in (
        "opens at nine",
        "Fee",
        "two pence",
        "The old door",
        "| Day | Hours |\n| --- | --- |\n| Monday | 9 to 5 |",
    ):
        assert kept in found
    for left_out in (
        "Skip",
        "Banner",
        "Home",
        "cookies",
        "Share",
        "buy",
        "Weather",
        "advert",
        "Copyright",
        "Imprint",
    ):
        assert left_out not in found


@pytest.mark.parametrize(
    "around", ["<nav>{}</nav>", "<div id='top-menu'>{}</div>", "<div role=navigation>{}</div>"]
)
def test_a_menu_goes_though_it_is_longer_than_the_text(tmp_path: Path, around: str) -> None:
    links = "".join(f"<li><a href='/{number}'>Entry {number}</a></li>" for number in range(80))
    body = (
        f"{around.format(f'<ul>{links}</ul>')}<div id=content><p>Ilka keeps the lens of the tower.</p></div>"
    )
    assert page(tmp_path, body) == "Ilka keeps the lens of the tower."
    assert page(tmp_path, around.format(f"<ul>{links}</ul>")).startswith("* Entry 0\n* Entry 1\n")


def test_nothing_but_surroundings_is_still_a_text(tmp_path: Path) -> None:
    assert page(tmp_path, "<header>Ilka keeps the lens.</header>") == "Ilka keeps the lens."
    assert page(tmp_path, "<div class='menu'>Soup is served on Monday.</div>") == "Soup is served on Monday."


@pytest.mark.parametrize(
    "hidden",
    [
        "<p hidden>no</p>",
        "<p style='position:absolute; left: -9999px'>no</p>",
        "<p style='text-indent:-9999px'>no</p>",
        "<p style='clip: rect(0, 0, 0, 0)'>no</p>",
        "<p style='height:0;overflow:hidden'>no</p>",
        "<span class='nav-text sr-only'>no</span>",
        "<p><del>no</del></p>",
        "<![CDATA[no]]>",
        "<p style='color: red; display :none'>no</p>",
        "<p style='visibility:hidden'>no</p>",
        "<p style='opacity: 0'>no</p>",
        "<p style='FONT-SIZE:0px'>no</p>",
        "<div style='display:none'><p>no</p></div>",
        "<p class='x'>no</p>",
        "<p id='y'>no</p>",
        "<!-- no -->",
        "<script>no</script>",
        "<template><p>no</p></template>",
        "<noscript>no</noscript>",
        "<span aria-hidden='true'>no</span>",
        "<dialog>no</dialog>",
        "<button>no</button>",
        "<a class='headerlink'>no</a>",
        "<span class='mw-editsection'>[no]</span>",
    ],
)
def test_what_nobody_sees_is_left_out(tmp_path: Path, hidden: str) -> None:
    style = "<style>/* a */ @media print { p { display: none } } .x, #y { display: none; } p { opacity: 0.5 }</style>"
    assert page(tmp_path, f"<p>Ilka keeps the lens.</p>{hidden}<p>Bo too.</p>", style) == (
        "Ilka keeps the lens.\n\nBo too."
    )


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("10<sup>6</sup> books", "10^6 books"),
        ("10<sup>-6</sup>", "10^-6"),
        ("x<sup>a+b</sup>", "x^(a+b)"),
        ("5 km<sup>2</sup>", "5 km^2"),
        ("(a + b)<sup>2</sup>", "(a + b)^2"),
        ("the 1<sup>st</sup> and 2<sup> nd </sup>", "the 1st and 2nd"),
        ("by Ann<sup><a href='#n'>2</a></sup>.", "by Ann[2]."),
        ("the lens<sup>3</sup> is", "the lens[3] is"),
        ("in 1887.<sup>4</sup>", "in 1887.[4]"),
        ("so.<sup class='reference'><a>[5]</a></sup>", "so.[5]"),
        ("Brand<sup>TM</sup>", "BrandTM"),
        ("H<sub>2</sub>O and 101<sub>2</sub>", "H2O and 101_2"),
        ("<math><msup><mi>r</mi><mn>2</mn></msup></math>", "r^2"),
        ("<math><mfrac><mn>1</mn><msup><mi>x</mi><mn>2</mn></msup></mfrac></math>", "1/(x^2)"),
        ("<math><msqrt><mi>a</mi><mo>+</mo><mi>b</mi></msqrt></math>", "sqrt(a+b)"),
        ("<math><msubsup><mi>x</mi><mn>1</mn><mn>2</mn></msubsup></math>", "x_1^2"),
        (
            "<math><semantics><msup><mi>x</mi><mn>10</mn></msup><annotation>x^{10}</annotation></semantics></math>",
            "x^10",
        ),
        ("<ruby>東京<rt>とうきょう</rt></ruby>", "東京(とうきょう)"),
        ("<ruby>東京<rp>(</rp><rt>とうきょう</rt><rp>)</rp></ruby>", "東京(とうきょう)"),
        ("4 &lt; 5 &amp; caf&eacute;&nbsp;x", "4 < 5 & café x"),
    ],
)
def test_raised_and_lowered_characters(tmp_path: Path, said: str, read: str) -> None:
    assert page(tmp_path, f"<p>{said}</p>").replace("\xa0", " ") == read


@pytest.mark.parametrize(
    ("table", "read"),
    [
        (
            "<tr><td>A</td><td>B</td></tr><tr><td>1</td><td><p>2</p><p>3</p></td></tr>",
            "| A | B |\n| --- | --- |\n| 1 | 2 3 |",
        ),
        (
            "<caption>Ages</caption><thead><tr><th>A</th><th>B</th></tr></thead><tbody><tr><td>x|y</td><td>z<br>z</td>"
            "</tr></tbody>",
            "Ages\n\n| A | B |\n| --- | --- |\n| x\\|y | z z |",
        ),
        (
            "<tr><th>A</th><th colspan=2>B</th></tr><tr><td rowspan=2>1</td><td>2</td><td>3</td></tr>"
            "<tr><td>4</td><td>5</td></tr><tr><td>6</td></tr>",
            "| A | B |  |\n| --- | --- | --- |\n| 1 | 2 | 3 |\n| 1 | 4 | 5 |\n| 6 |  |  |",
        ),
        (
            "<tr><td>A</td><td>B</td></tr><tr><td><ul><li>x</li><li>y</li></ul></td><td>10<sup>6</sup></td></tr>",
            "| A | B |\n| --- | --- |\n| x; y | 10^6 |",
        ),
        ("<tr><td><h2>Title</h2><p>Text.</p></td></tr>", "## Title\n\nText."),
        (
            "<tr><td>A</td><td>B</td></tr><tr><td>1<table><tr><td>2</td></tr></table></td><td>3<p>4</p></td></tr>",
            "| A | B |\n| --- | --- |\n| 1 2 | 3 4 |",
        ),
        ("<tr><th>A<th>B<tr><td>1<td>2", "| A | B |\n| --- | --- |\n| 1 | 2 |"),
        (
            "<tr><td>Text.</td><td><table><tr><th>A</th><th>B</th></tr><tr><td>1</td><td>2</td></tr></table></td></tr>",
            "Text.\n\n| A | B |\n| --- | --- |\n| 1 | 2 |",
        ),
    ],
)
def test_tables_are_grids(tmp_path: Path, table: str, read: str) -> None:
    assert page(tmp_path, f"<table>{table}</table>") == read


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        ('<meta charset="windows-1252">', "cp1252"),
        ('<meta http-equiv="Content-Type" content="text/html; charset=ISO-8859-1">', "cp1252"),
        ("<meta charset=shift_jis>", "shift_jis"),
        ("<meta charset=utf-16>", "utf-8"),
        ("<meta charset=latin-1>", "utf-8-sig"),
        ("", "utf-16"),
        ("", "utf-16-le"),
        ("", "utf-16-be"),
        ("<meta charset=x-mac-roman>", "mac-roman"),
        ("<meta charset=iso-8859-9>", "cp1254"),
        ("<meta charset=windows-31j>", "cp932"),
        ("<meta charset=gb2312>", "gb18030"),
        ("<meta charset=ks_c_5601-1987>", "cp949"),
        ("", "utf-8"),
        ("<meta charset=unheard-of>", "utf-8"),
    ],
)
def test_encodings_of_pages(tmp_path: Path, head: str, encoding: str) -> None:
    pytest.importorskip("trafilatura")
    texts = {"shift_jis": "塔の高さ", "cp932": "塔の高さ①", "gb18030": "镕 塔", "cp949": "똠 항구"}
    text = texts.get(encoding, "Café “x”")
    path = write(
        tmp_path / "a.html", f"<html><head>{head}</head><body><p>{text}</p></body></html>".encode(encoding)
    )
    assert read_documents(path)[0].text == text


def test_a_page_in_no_encoding_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("trafilatura")
    path = write(tmp_path / "a.html", b"<p>Caf\xe9</p>")
    assert refused(lambda: read_documents(path)) == f"{path}: is not UTF-8; save it as UTF-8"
    write(path, b"<meta charset=euc-jp><p>Caf\xe9</p>")
    assert refused(lambda: read_documents(path)) == (
        f"{path}: is not 'euc-jp', which it should be, nor UTF-8; save it as UTF-8"
    )


NAMESPACE = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def word(path: Path, body: str, footnotes: str = "", styles: str = "") -> Path:
    """A Word file with that body, as WordprocessingML."""
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType='
        '"application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-'
        'officedocument.wordprocessingml.document.main+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" Type='
        f'"{RELATIONS}/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" '
        f'Type="{RELATIONS}/footnotes" Target="footnotes.xml"/></Relationships>',
        "word/document.xml": f"<w:document {NAMESPACE}><w:body>{body}</w:body></w:document>",
        "word/footnotes.xml": f"<w:footnotes {NAMESPACE}>{footnotes}</w:footnotes>",
        "word/styles.xml": f"<w:styles {NAMESPACE}>{styles}</w:styles>",
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def test_word_files_as_they_are_shown(tmp_path: Path) -> None:
    pytest.importorskip("markitdown")
    raised = run("6", '<w:vertAlign w:val="superscript"/>')
    paragraphs = [
        run("10") + raised + run(" books"),
        f"<w:del w:id='1'>{run('Ann').replace('w:t', 'w:delText')}</w:del><w:ins w:id='2'>{run('Bo')}</w:ins>"
        + run(" rows"),
        f"<w:moveFrom w:id='3'>{run('gone')}</w:moveFrom><w:moveTo w:id='4'>{run('here')}</w:moveTo>",
        run("seen") + run("unseen", "<w:vanish/>") + run(" too", '<w:vanish w:val="0"/>'),
        run("noted") + '<w:r><w:footnoteReference w:id="1"/></w:r>',
    ]
    note = f'<w:footnote w:id="1"><w:p>{run("See Fenn.")}</w:p></w:footnote>'
    path = word(tmp_path / "a.docx", "".join(f"<w:p>{one}</w:p>" for one in paragraphs), note)
    (document,) = read_documents(path)
    assert document.text.split("\n\n") == [
        "10^6 books",
        "Bo rows",
        "here",
        "seen too",
        "noted[1]",
        "1. See Fenn.",
    ]


def test_what_a_style_of_a_word_file_hides(tmp_path: Path) -> None:
    pytest.importorskip("markitdown")
    styles = "".join(
        f'<w:style w:type="{kind}" w:styleId="{name}"><w:rPr><w:vanish{value}/></w:rPr></w:style>'
        for kind, name, value in [
            ("character", "Unseen", ""),
            ("paragraph", "Aside", ""),
            ("character", "Seen", ' w:val="off"'),
        ]
    )
    unseen, seen, on = '<w:rStyle w:val="Unseen"/>', '<w:rStyle w:val="Seen"/>', '<w:vanish w:val="0"/>'
    body = [
        f"<w:p>{run('Seen')}{run('no', unseen)}{run(' too', seen)}</w:p>",
        f"<w:p><w:pPr><w:pStyle w:val='Aside'/></w:pPr>{run('no')}{run('but here', on)}</w:p>",
        "<w:tbl>"
        + "".join(
            f"<w:tr>{mark}<w:tc><w:p>{run(left)}</w:p></w:tc><w:tc><w:p>{run(right)}</w:p></w:tc></w:tr>"
            for mark, left, right in [
                ("", "A", "B"),
                ("<w:trPr><w:hidden/></w:trPr>", "no", "no"),
                ("", "1", "2"),
            ]
        )
        + "</w:tbl>",
    ]
    (document,) = read_documents(word(tmp_path / "a.docx", "".join(body), styles=styles))
    assert document.text == "Seen too\n\nbut here\n\n| A | B |\n| --- | --- |\n| 1 | 2 |"


def test_tables_of_word_files(tmp_path: Path) -> None:
    pytest.importorskip("markitdown")

    def row(*cells: str) -> str:
        return "<w:tr>" + "".join(f"<w:tc>{cell}</w:tc>" for cell in cells) + "</w:tr>"

    def cell(*texts: str, properties: str = "") -> str:
        return f"<w:tcPr>{properties}</w:tcPr>" + "".join(f"<w:p>{run(text)}</w:p>" for text in texts)

    table = "".join(
        [
            row(cell("Part"), cell("Maker"), cell("Year")),
            row(
                cell("wheel", properties='<w:vMerge w:val="restart"/>'), cell("Fenn", "Hollis"), cell("1887")
            ),
            row(cell("", properties="<w:vMerge/>"), cell("a|b"), cell("")),
            row(cell("bell", properties='<w:gridSpan w:val="2"/>'), cell("1901")),
        ]
    )
    (document,) = read_documents(word(tmp_path / "a.docx", f"<w:tbl>{table}</w:tbl><w:p/>"))
    assert document.text.split("\n") == [
        "| Part | Maker | Year |",
        "| --- | --- | --- |",
        "| wheel | Fenn Hollis | 1887 |",
        "| wheel | a\\|b |  |",
        "| bell |  | 1901 |",
    ]


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
