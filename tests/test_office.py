"""Word, PowerPoint, Excel, OpenDocument: made by hand, and by the libraries that people use."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naidi.indexer.readers.blocks import MAX_OPEN, Blocks
from naidi.indexer.readers.office.xlsx import kind_of_format, shown_number
from tests.packed_files import OFFICE, content, docx, odf, paragraph, relations, zipped

FORMATS = Path(__file__).parent / "data" / "formats"


TABLE = "<w:tbl><w:tr><w:tc>{}</w:tc></w:tr></w:tbl>"


def cell(text: str) -> str:
    return f"<w:tc>{text}</w:tc>"


@pytest.mark.parametrize(
    "body, text",
    [
        (paragraph("a") + paragraph("b"), "a\n\nb"),
        (paragraph("a</w:t></w:r><w:r><w:t> b</w:t><w:tab/><w:br/><w:t>c"), "a b\nc"),
        ("<w:p/>" + paragraph(" ") + paragraph("a &amp; б"), "a & б"),
        ("<w:p><w:hyperlink><w:r><w:t>link</w:t></w:r></w:hyperlink></w:p>", "link"),
        ("<w:p><w:ins><w:r><w:t>new</w:t></w:r></w:ins><w:del><w:r><w:delText>old</w:delText></w:r></w:del></w:p>", "new"),
        ("<w:p><w:moveFrom><w:r><w:t>x</w:t></w:r></w:moveFrom><w:moveTo><w:r><w:t>x</w:t></w:r></w:moveTo></w:p>", "x"),
        ("<w:p><w:r><w:instrText>PAGE</w:instrText></w:r><w:r><w:t>1</w:t><w:noBreakHyphen/><w:t>2</w:t></w:r></w:p>", "1-2"),
        (
            f"<w:tbl><w:tr>{cell(paragraph('a') + paragraph('b'))}{cell('<w:p/>')}{cell(paragraph('c'))}</w:tr>"
            f"<w:tr>{cell(paragraph('d'))}</w:tr></w:tbl>{paragraph('e')}",
            "a b\tc\nd\n\ne",
        ),
        (TABLE.format(TABLE.format(paragraph("in"))), "in"),
        (
            f"<w:p><w:r><w:t>a</w:t></w:r><w:r><mc:AlternateContent xmlns:mc='x'><mc:Choice><w:txbxContent>{paragraph('box')}"
            f"</w:txbxContent></mc:Choice><mc:Fallback><w:txbxContent>{paragraph('box')}</w:txbxContent></mc:Fallback>"
            "</mc:AlternateContent></w:r><w:r><w:t>b</w:t></w:r></w:p>",
            "ab\n\nbox",
        ),
        ("<w:sdt><w:sdtContent>" + paragraph("control") + "</w:sdtContent></w:sdt>", "control"),
    ],
)  # fmt: skip
def test_word(body: str, text: str) -> None:
    assert content("a.docx", docx(body)).text == text


def test_word_has_more_than_its_body() -> None:
    data = docx(
        paragraph("body"),
        footnotes_xml=f"<w:footnote>{paragraph('foot')}</w:footnote>",
        endnotes_xml=f"<w:endnote>{paragraph('end')}</w:endnote>",
        comments_xml=f"<w:comment>{paragraph('comment')}</w:comment>",
        header1_xml=paragraph("head"),
        header2_xml=paragraph("head") + paragraph("second"),
        footer1_xml=paragraph("below"),
    )
    assert content("a.docx", data).text == "body\n\nfoot\n\nend\n\ncomment\n\nhead\n\nsecond\n\nbelow"


def test_facts_of_word() -> None:
    core = (
        "<dc:title> Годовой\nотчёт </dc:title><dc:creator>Иван Петров</dc:creator><dc:subject>Финансы</dc:subject>"
        "<cp:keywords>бюджет; план, бюджет</cp:keywords><dcterms:created>2024-03-05T23:00:00Z</dcterms:created>"
        "<dcterms:modified>2024-04-01T00:00:00Z</dcterms:modified>"
    )
    found = content("a.docx", docx(paragraph("x"), core))
    assert (found.title, found.date) == ("Годовой отчёт", datetime.date(2024, 3, 5))
    assert found.meta == {
        "author": "Иван Петров",
        "subject": "Финансы",
        "tags": "бюджет, план",
        "modified": "2024-04-01",
    }
    assert found.keywords == "Иван Петров\nФинансы\nбюджет\nплан"


@pytest.mark.parametrize(
    "core, title, date",
    [
        ("<dc:title>PowerPoint Presentation</dc:title>", "", None),
        ("<dc:title>Документ1</dc:title><dcterms:created>2024-13-05</dcterms:created>", "", None),
        ("<dc:title>a</dc:title><dc:title>b</dc:title><dcterms:created>2024</dcterms:created>", "a", None),
        ("<dc:title", "", None),
    ],
)
def test_odd_facts(core: str, title: str, date: datetime.date | None) -> None:
    found = content("a.docx", docx(paragraph("x"), core))
    assert (found.title, found.date, found.text) == (title, date, "x")


def test_what_is_before_the_damage_is_kept() -> None:
    found = content("a.docx", docx(paragraph("a") + "<w:p><w:r><w:t>b<w:p></w:r>"))
    assert found.text == "a\n\nb"
    assert found.warnings == ("word/document.xml not read to its end: damaged XML: mismatched tag in line 1",)


@pytest.mark.parametrize("name", ["a.docx", "a.pptx", "a.xlsx"])
def test_office_files_that_are_refused(name: str) -> None:
    old = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    for data, reason in (
        (old + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
        (old, "an old Office file"),
        (b"", "no ZIP file"),
        (docx("")[:300], "truncated ZIP file"),
        (zipped({"a": "b"}), "no (word|ppt|xl)/.* in it"),
        (docx("x").replace(b"PK\1\2\x14\x03\x14\x00\x00\x00", b"PK\1\2\x14\x03\x14\x00\x01\x00"), "encrypted"),
    ):
        with pytest.raises(ValueError, match=reason):
            content(name, data)


def slides(*texts: str, notes: str = "") -> bytes:
    """A presentation whose slides are listed in the reverse order of their numbers."""
    count = len(texts)
    listed = "".join(f'<p:sldId id="{n}" r:id="r{count - 1 - n}"/>' for n in range(count))
    members = {
        "_rels/.rels": relations(a="officeDocument ppt/presentation.xml"),
        "ppt/presentation.xml": f'<p:presentation xmlns:p="p" xmlns:r="r"><p:sldIdLst>{listed}</p:sldIdLst></p:presentation>',
        "ppt/_rels/presentation.xml.rels": relations(**{f"r{n}": f"slide slides/s{n}.xml" for n in range(count)}),
        "ppt/slides/_rels/s0.xml.rels": relations(x="notesSlide ../notes/n.xml"),
        "ppt/notes/n.xml": f'<p:notes xmlns:p="p" xmlns:a="a">{notes}</p:notes>',
    }
    for number, text in enumerate(texts):
        members[f"ppt/slides/s{number}.xml"] = f'<p:sld xmlns:p="p" xmlns:a="a">{text}</p:sld>'
    return zipped(members)


def test_slides() -> None:
    def line(text: str) -> str:
        return f"<a:p><a:r><a:t>{text}</a:t></a:r></a:p>"

    table = f"<a:tbl><a:tr><a:tc>{line('a')}</a:tc><a:tc>{line('b')}</a:tc></a:tr></a:tbl>"
    number = "<a:p><a:fld type='slidenum'><a:t>7</a:t></a:fld></a:p>"
    found = content("a.pptx", slides(line("last"), "<a:p/>", line("Первый") + table, notes=line("заметка") + number))
    assert found.text == "Первый\n\na\tb\n\nlast\n\nзаметка"
    assert [found.text[at : at + 4] for at in found.pages] == ["Перв", "last", "last"]  # nothing stands on the second


def workbook(rows: str, strings: str = "", styles: str = "", sheets: tuple[str, ...] = ("Лист",)) -> bytes:
    listed = "".join(f'<sheet name="{name}" sheetId="{n}" r:id="r{n}"/>' for n, name in enumerate(sheets))
    related = {f"r{n}": f"worksheet sheets/s{n}.xml" for n in range(len(sheets))}
    return zipped(
        {
            "_rels/.rels": relations(a="officeDocument /xl/workbook.xml"),
            "xl/workbook.xml": f'<workbook xmlns:r="r"><sheets>{listed}</sheets></workbook>',
            "xl/_rels/workbook.xml.rels": relations(
                s="sharedStrings sharedStrings.xml", t="styles styles.xml", **related
            ),
            "xl/sharedStrings.xml": f"<sst>{strings}</sst>",
            "xl/styles.xml": f"<styleSheet>{styles}</styleSheet>",
            **{
                f"xl/sheets/s{n}.xml": f"<worksheet><sheetData>{rows}</sheetData></worksheet>"
                for n in range(len(sheets))
            },
        }
    )


def test_sheets() -> None:
    rows = (
        '<row><c t="s"><v>1</v></c><c/><c t="s"><v>0</v></c><c t="s"><v>9</v></c></row><row/>'
        '<row><c t="inlineStr"><is><t>in</t><t>line</t></is></c><c t="str"><f>A1</f><v>sum</v></c><c t="b"><v>1</v></c>'
        '<c t="e"><v>#REF!</v></c><c><v>0.30000000000000004</v></c><c s="1"><v>45356</v></c><c s="2"><v>45356.5</v></c>'
        '<c s="3"><v>0.25</v></c></row>'
    )
    strings = "<si><t>a</t></si><si><r><rPr/><t>б</t></r><r><t> в</t></r><rPh><t>no</t></rPh></si>"
    styles = (
        '<numFmts><numFmt numFmtId="170" formatCode="dd\\.mm\\.yyyy\\ hh:mm"/></numFmts><cellStyleXfs><xf numFmtId="9"/>'
        '</cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="170"/><xf numFmtId="9"/></cellXfs>'
    )
    found = content("a.xlsx", workbook(rows, strings, styles, ("Лист", "Two")))
    text = "б в\ta\ninline\tsum\tTRUE\t0.3\t2024-03-05\t2024-03-05 12:00\t25%"
    assert found.text == f"Лист\n\n{text}\n\nTwo\n\n{text}"


@pytest.mark.parametrize(
    "value, kind, shown",
    [
        ("1", "", "1"),
        ("1234567890123456", "", "1234567890123456"),
        ("0.1", "", "0.1"),
        ("1E+3", "", "1000"),
        ("1.1E-9", "", "1.1e-09"),
        ("x", "", "x"),
        ("nan", "date", "nan"),
        ("1e300", "date", "1e300"),
        ("60", "date", "1900-02-28"),
        ("0.5", "time", "12:00"),
        ("0.125", "percent", "12.5%"),
    ],
)
def test_numbers(value: str, kind: str, shown: str) -> None:
    assert shown_number(value, kind) == shown


@pytest.mark.parametrize(
    "code, kind",
    [
        ("General", ""),
        ("0.00", ""),
        ('#,##0.00\\ "руб."', ""),
        ("[$-419]d mmm yyyy;@", "date"),
        ("mmm", "date"),
        ("[h]:mm:ss", "time"),
        ("mm:ss", "time"),
        ("0.0%", "percent"),
        ('0"d"', ""),
        ("[Red]0", ""),
    ],
)
def test_number_formats(code: str, kind: str) -> None:
    assert kind_of_format(code) == kind


def test_a_workbook_that_repeats_a_long_string() -> None:
    """A string as long as Excel allows, in each of 2,000 rows, would be a text of 65 million characters."""
    rows = '<row><c t="s"><v>0</v></c></row>' * 2000
    found = content("a.xlsx", workbook(rows, f"<si><t>{'слово ' * 6000}</t></si>"))
    assert 32e6 < len(found.text) < 34e6
    assert found.warnings == ("xl/sheets/s0.xml not read to its end: the text is longer than 32 million characters",)


@pytest.mark.parametrize(
    "body, text",
    [
        ("<office:text><text:h>a</text:h><text:p>b<text:span>c</text:span></text:p></office:text>", "a\n\nbc"),
        ('<text:p>a<text:s text:c="3"/>b<text:tab/>c<text:line-break/>d<text:s/>e</text:p>', "a   b\tc\nd e"),
        ('<text:p>a<text:s text:c="999999999"/>b</text:p>', "a" + " " * 100 + "b"),
        (
            "<text:p>a<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>note</text:p></text:note-body>"
            "</text:note>b</text:p><text:p>c</text:p>",
            "ab\n\nnote\n\nc",
        ),
        (
            "<text:p>a<office:annotation><dc:creator>I</dc:creator><text:p>comment</text:p></office:annotation>b</text:p>",
            "ab\n\ncomment",
        ),
        ("<text:tracked-changes><text:deletion><text:p>old</text:p></text:deletion></text:tracked-changes><text:p>a</text:p>", "a"),
        ("<text:p>a<draw:frame><svg:title>no</svg:title><draw:text-box><text:p>box</text:p></draw:text-box></draw:frame></text:p>",
         "a\n\nbox"),
        (
            '<table:table table:name="T"><table:table-row><table:table-cell><text:p>a</text:p><text:p>b</text:p></table:table-cell>'
            "<table:table-cell><text:p>c</text:p></table:table-cell></table:table-row></table:table>",
            "a b\tc",
        ),
        (
            '<office:spreadsheet><table:table table:name="Лист"><table:table-row table:number-rows-repeated="1000000">'
            '<table:table-cell table:number-columns-repeated="1000"><text:p>1,5</text:p></table:table-cell></table:table-row>'
            "</table:table></office:spreadsheet>",
            "Лист\n\n1,5",
        ),
        ("<text:list><text:list-item><text:p>a</text:p></text:list-item></text:list>", "a"),
        ("<text:p><text:a>link</text:a></text:p>", "link"),
    ],
)  # fmt: skip
def test_open_document(body: str, text: str) -> None:
    assert content("a.odt", odf(body)).text == text


def test_facts_of_open_document() -> None:
    meta = (
        "<dc:title>T</dc:title><meta:initial-creator>A</meta:initial-creator><dc:creator>B</dc:creator>"
        "<meta:keyword>k, l</meta:keyword><meta:keyword>m</meta:keyword><meta:creation-date>2024-03-05T1:2:3</meta:creation-date>"
        "<dc:date>2025-01-01T00:00:00</dc:date>"
    )
    styles = "<text:p>no</text:p>" + "<style:header><text:p>head</text:p></style:header>" * 2
    found = content("a.odt", odf("<text:p>a</text:p>", meta, styles))
    assert found.text == "a\n\nhead"
    assert (found.title, found.date) == ("T", datetime.date(2024, 3, 5))
    assert found.meta == {"author": "A", "tags": "k, l, m", "modified": "2025-01-01"}
    assert found.keywords == "A\nk, l\nm"


def test_pages_of_open_document() -> None:
    page = "<draw:page><draw:frame><draw:text-box><text:p>{}</text:p></draw:text-box></draw:frame>{}</draw:page>"
    notes = "<presentation:notes><draw:frame><text:p>notes</text:p></draw:frame></presentation:notes>"
    body = page.format("one", notes) + page.format("two", "")
    found = content("a.odp", odf(f"<office:presentation>{body}</office:presentation>"))
    assert (found.text, found.pages) == ("one\n\nnotes\n\ntwo", (0, 12))


def test_open_document_that_is_refused() -> None:
    encrypted = "<manifest><file-entry><encryption-data/></file-entry></manifest>"
    for members, reason in (
        ({"content.xml": "\1", "META-INF/manifest.xml": encrypted}, "encrypted"),
        ({"encrypted-package": "x"}, "encrypted"),
        ({"mimetype": "x"}, "no content.xml"),
        ({"content.xml": "x"}, "damaged XML"),
    ):
        with pytest.raises(ValueError, match=reason):
            content("a.odt", zipped(members))


REAL = {
    "python-docx.docx": "Глава 1\n\nПривет мир\tтаб\nстрока\n\nячейка 00 вложенная\tячейка 01\nячейка 10\tячейка 11"
    "\n\nКонец\n\nКолонтитул",
    "openpyxl.xlsx": "Лист А\n\nИмя\tдата\t3.14\t0.3\n2024-03-05\t2024-03-05 14:30\t25%\nTRUE\n\nзаметка\n\nTwo\n\n10:15",
    "python-pptx.pptx": "Слайд 0\n\nстрока\n\nдве\n\nзаметки\n\nСлайд 1\n\nстрока\n\nдве\n\nСлайд 2\n\nстрока\n\nдве\n\nзаметки",
    "odfpy.odt": "Заголовок\n\nТекст дальше   !\n\nСноска\n\nа\tб",
}


@pytest.mark.parametrize("name", REAL)
def test_files_of_libraries(name: str) -> None:
    assert content(name, (FORMATS / name).read_bytes()).text == REAL[name]


@pytest.mark.parametrize("name", REAL)
def test_damaged_files(name: str) -> None:
    """Any bytes, and real files with some bytes changed or the end cut off: ValueError, or a Content."""
    data = (FORMATS / name).read_bytes()

    @settings(max_examples=60, deadline=None)
    @given(st.integers(0, len(data)), st.binary(max_size=20), st.binary(max_size=100))
    def change(place: int, changed: bytes, other: bytes) -> None:
        for each in (data[:place] + changed + data[place + len(changed) :], data[:place], other):
            try:
                found = content(name, each)
            except ValueError as error:
                assert str(error) and "\n" not in str(error)
            else:
                assert "\r" not in found.text

    change()


@pytest.mark.parametrize("name", ["docx", "pptx", "odt"])
@given(st.text("<>/&;wtpabc:=\"' \n", max_size=150) | st.lists(st.sampled_from([
    "<a:p>", "</a:p>", "<a:tr>", "</a:tr>", "<a:tc>", "</a:tc>", "<a:t>", "</a:t>", "x", "<a:page/>", "<a:table-row>",
    "</a:table-row>", "<a:note>", "</a:note>", "<a:text>", "</a:text>", "<a:presentation>", "</a:presentation>", "<a:s/>"
])).map("".join))  # fmt: skip
def test_any_xml(name: str, body: str) -> None:
    """Elements in any order: a table in a cell in a paragraph, rows without a table."""
    data = {"docx": docx(body), "pptx": slides(body), "odt": odf(body)}[name]
    try:
        found = content(f"a.{name}", data)
    except ValueError:
        return
    assert list(found.pages) == sorted(found.pages) and all(0 <= page <= len(found.text) for page in found.pages)


def test_blocks() -> None:
    blocks = Blocks()
    blocks.open_row()
    blocks.add("no paragraph is open")
    blocks.row(["a", " ", "b\nc"])
    blocks.close_row()
    blocks.page()
    blocks.block("  d\r\n  e \t\n\x0bf ")
    blocks.open_cell()
    blocks.open_paragraph()
    blocks.add("never closed")
    assert blocks.text() == "a\tb c\n\nd\n  e\n\nf\n\nnever closed"
    assert blocks.pages == [0]
    with pytest.raises(ValueError, match="nested more than 25 deep"):
        for _ in range(MAX_OPEN + 1):
            blocks.open_cell()


def test_links_out_of_a_package_lead_nowhere() -> None:
    data = zipped(
        {
            "_rels/.rels": f'<r><Relationship Id="a" Type="{OFFICE}/officeDocument" Target="../../etc/passwd"/></r>',
            "word/document.xml": f"<a>{'<p><t>x</t></p>'}</a>",
        }
    )
    assert content("a.docx", data).text == "x"
