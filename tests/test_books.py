"""EPUB and FictionBook."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.packed_files import content, contents, epub, zipped

FORMATS = Path(__file__).parent / "data" / "formats"


def page(body: str) -> str:
    return f"<?xml version='1.0' encoding='utf-8'?><html><head><title>T</title></head><body>{body}</body></html>"


def test_chapters_in_the_order_of_the_spine() -> None:
    chapters = {"z.xhtml": page("<h1>Один</h1><p>a&nbsp;b</p>"), "text/a%20b.xhtml": page("<p>c</p>")}
    data = epub(chapters, extra={"O/text/a b.xhtml": page("<p>два</p>"), "O/unlisted.xhtml": page("no")})
    assert content("a.epub", data).text == "Один\n\na\xa0b\n\nдва"


def test_the_table_of_contents_is_left_out() -> None:
    package = (
        '<package><manifest><item id="n" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>'
        '<item id="t" href="toc.html" media-type="text/html"/><item id="i" href="i.svg" media-type="image/svg+xml"/>'
        '<item id="a" href="a.html" media-type="text/html"/></manifest><spine><itemref idref="n"/><itemref idref="t"/>'
        '<itemref idref="i"/><itemref idref="a"/><itemref idref="x"/><itemref idref="a"/></spine>'
        '<guide><reference type="toc" href="toc.html#top"/></guide></package>'
    )
    members = {
        "META-INF/container.xml": '<container><rootfile full-path="b.opf"/></container>',
        "b.opf": package,
        "nav.xhtml": page("nav"),
        "toc.html": page("toc"),
        "i.svg": "<svg><text>no</text></svg>",
        "a.html": page("<nav>menu</nav>text"),
    }
    assert content("a.epub", zipped(members)).text == "text"
    del members["META-INF/container.xml"]
    assert content("a.epub", zipped(members)).text == "text"


def test_facts_of_books() -> None:
    metadata = (
        "<dc:title>Война и мир</dc:title><dc:title>Роман</dc:title><dc:creator opf:role='aut'>Лев Толстой</dc:creator>"
        "<dc:creator opf:role='trl'>T. Translator</dc:creator><dc:date opf:event='modification'>2020-01-01</dc:date>"
        "<dc:date>1869-01-02</dc:date><dc:language>ru</dc:language><dc:subject>роман, классика</dc:subject>"
        "<dc:subject>война</dc:subject><dc:description>&lt;p&gt;О книге&lt;/p&gt;</dc:description>"
    )
    found = content("a.epub", epub({"a": page("x")}, metadata))
    assert (found.title, found.date) == ("Война и мир", datetime.date(1869, 1, 2))
    assert found.meta == {
        "author": "Лев Толстой",
        "contributor": "T. Translator",
        "language": "ru",
        "tags": "роман, классика, война",
        "description": "О книге",
    }
    assert found.keywords == "Лев Толстой\nроман\nклассика\nвойна"


def test_a_year_is_no_day() -> None:
    found = content("a.epub", epub({"a": page("x")}, "<dc:date>1869</dc:date>"))
    assert found.date is None and found.meta == {"date": "1869"}


def test_chapters_in_old_encodings() -> None:
    data = zipped(
        {
            "b.opf": '<p><item id="a" href="a.html"/><item id="b" href="b.html"/><itemref idref="a"/><itemref idref="b"/></p>',
            "a.html": '<?xml version="1.0" encoding="windows-1251"?><p>Ёж</p>'.encode("cp1251"),
            "b.html": '<?xml version="1.0" encoding="windows-1251"?><p>Это на самом деле utf-8</p>'.encode(),
        }
    )
    assert content("a.epub", data).text.startswith("Ёж\n\n")


def test_books_with_losses() -> None:
    data = epub({"a": page("text"), "b": page("locked"), "c": page("")}, extra={
        "META-INF/encryption.xml": '<e><CipherReference URI="O/b"/><CipherReference URI="O/font.otf"/></e>'
    })  # fmt: skip
    found = content("a.epub", data)
    assert (found.text, found.warnings) == ("text", ("O/b is left out: encrypted",))
    locked = epub({"b": page("x")}, extra={"META-INF/encryption.xml": '<e><CipherReference URI="O/b"/></e>'})
    for data, reason in (
        (locked, "^encrypted$"),
        (zipped({"a": "b"}), "no list of chapters"),
        (zipped({"a.opf": "b"}), "damaged XML"),
        (b"x", "no ZIP file"),
    ):
        with pytest.raises(ValueError, match=reason):
            content("a.epub", data)


def test_a_book_of_a_library() -> None:
    found = content("a.epub", (FORMATS / "ebooklib.epub").read_bytes())
    assert found.text == "Глава 0\n\nТекст & жирный.\n\nВторой\n\nГлава 1\n\nТекст & жирный.\n\nВторой"
    assert (found.title, found.keywords, found.date) == ("Книга", "Лев Толстой\nроман", datetime.date(1869, 1, 2))


BOOK = """<?xml version="1.0" encoding="{encoding}"?>
<FictionBook xmlns="http://www.gribuser.ru/xml/fictionbook/2.0" xmlns:l="x"><stylesheet>p {{}}</stylesheet><description><title-info>
<genre>prose</genre><author><first-name>Лев</first-name><middle-name>Николаевич</middle-name><last-name>Толстой</last-name></author>
<author><nickname>Граф</nickname></author><translator><last-name>Мод</last-name></translator>
<book-title>Война и мир</book-title><annotation><p>О книге.</p></annotation><keywords>война, мир</keywords>
<date value="1869-01-02">1869</date><coverpage><image l:href="#c"/></coverpage><lang>ru</lang><sequence name="Собрание" number="4"/>
</title-info><document-info><author><nickname>scan</nickname></author><date>2007</date></document-info></description>
<body><title><p>Война и мир</p></title><section><title><p>Глава 1</p></title><epigraph><p>Эпиграф</p><text-author>Кто</text-author></epigraph>
<p>Текст <emphasis>кур</emphasis>сив<a l:href="#n1" type="note">[1]</a>&nbsp;&#8212; да.</p><empty-line/><poem><stanza><v>Строка раз</v><v>Строка два</v>
</stanza></poem><subtitle>* * *</subtitle><table><tr><td>а</td><td>б</td></tr></table></section></body>
<body name="notes"><section id="n1"><title><p>1</p></title><p>Сноска.</p></section></body><binary id="c">AAAA</binary></FictionBook>"""  # noqa: E501

TEXT = (
    "О книге.\n\nВойна и мир\n\nГлава 1\n\nЭпиграф\n\nКто\n\nТекст курсив[1]\xa0— да.\n\nСтрока раз\n\nСтрока два\n\n* * *\n\nа\tб"
    "\n\n1\n\nСноска."
)


@pytest.mark.parametrize("encoding", ["utf-8", "windows-1251", "koi8-r", "utf-16"])
def test_fiction_books(encoding: str) -> None:
    book = BOOK.format(encoding=encoding).encode(encoding)
    found = content("a.fb2", book)
    assert found.text == TEXT
    assert (found.title, found.date, found.warnings) == ("Война и мир", datetime.date(1869, 1, 2), ())
    assert found.meta == {
        "author": "Лев Николаевич Толстой, Граф",
        "translator": "Мод",
        "genre": "prose",
        "tags": "война, мир",
        "language": "ru",
        "series": "Собрание 4",
    }
    assert found.keywords == "Лев Николаевич Толстой\nГраф\nМод\nСобрание 4\nвойна\nмир\nprose"
    assert content("a.fb2.zip", zipped({"a.fb2": book})) == found


def test_several_books_in_one_file() -> None:
    book = BOOK.format(encoding="utf-8")
    found = contents("a.fb2.zip", zipped({"a.fb2": book, "b/b.fb2": book, "c.fb2": "x", "d.txt": "no"}))
    assert [(each.part, each.text == TEXT) for each in found] == [("a.fb2", True), ("b/b.fb2", True), ("", False)]
    assert found[2].warnings == ("1 book left out: no FictionBook file (1)",)


def test_a_book_that_is_no_sound_xml() -> None:
    """Half of the books in circulation have a stray `&` or a tag too many."""
    for damage in ("<p>a & b", "<p>a <i>b</p>", "<p>a < b"):
        book = BOOK.format(encoding="windows-1251").replace("<p>Текст", f"{damage}</p><p>Текст").encode("cp1251")
        found = content("a.fb2", book)
        assert "Текст курсив[1]\xa0— да.\n\nСтрока раз\nСтрока два" in found.text and found.text.endswith("Сноска.")
        assert "AAAA" not in found.text and "scan" not in found.text
        assert found.title == "Война и мир" and found.warnings[0].startswith("damaged XML")


@pytest.mark.parametrize(
    "data, reason",
    [
        (b"", "no FictionBook file"),
        (b"<html/>", "no FictionBook file"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><FictionBook>&a;</FictionBook>', "declares entities"),
        (b"<FictionBook>" * 2000, "nested more than"),
        (zipped({"a.txt": "x"}), "empty"),
    ],
)
def test_what_is_no_book(data: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        contents("a.fb2", data)


@pytest.mark.parametrize("name", ["a.epub", "a.fb2", "a.fb2.zip"])
def test_damaged_books(name: str) -> None:
    book = BOOK.format(encoding="windows-1251").encode("cp1251")
    data = {
        "a.epub": (FORMATS / "ebooklib.epub").read_bytes(),
        "a.fb2": book,
        "a.fb2.zip": zipped({"a.fb2": book, "b.fb2": book}),
    }[name]

    @settings(max_examples=100, deadline=None)
    @given(st.integers(0, len(data)), st.binary(max_size=20), st.binary(max_size=100))
    def change(place: int, changed: bytes, other: bytes) -> None:
        for each in (data[:place] + changed + data[place + len(changed) :], data[:place], other):
            try:
                found = contents(name, each)
            except ValueError as error:
                assert str(error) and "\n" not in str(error)
            else:
                assert len({part.part for part in found}) == len(found)

    change()
