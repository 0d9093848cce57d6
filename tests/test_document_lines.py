"""Lines and pages of stored documents."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from naidi import Document, StoredDocument, Writer, field, fields, open_index, sync
from naidi.search.document_lines import DocumentLines
from naidi.search.facet_filters import filter_of, where_of


def stored(
    text: str | None, first_line: int = 1, pages: tuple[int, ...] = (), one_line: bool = False
) -> StoredDocument:
    return StoredDocument("a", text, "", None, None, None, pages=pages, first_line=first_line, one_line=one_line)


@given(st.text(alphabet="ab\n", max_size=30), st.integers(1, 9))
def test_lines_are_those_of_the_text(text: str, first: int) -> None:
    lines = DocumentLines(stored(text, first))
    parts = text.removesuffix("\n").split("\n")
    assert (len(lines), lines.first, lines.last) == (len(parts), first, first + len(parts) - 1)
    for number, part in enumerate(parts, first):
        start, end = lines.span(number, number)
        assert text[start:end] == part
        assert lines.line_of(start) == lines.line_of(end) == number
    for low in range(first - 1, lines.last + 2):
        for high in range(first - 1, lines.last + 2):
            start, end = lines.span(low, high)
            assert text[start:end] == "\n".join(parts[max(low - first, 0) : max(high - first + 1, 0)])


def test_a_line_feed_at_the_end_begins_no_line() -> None:
    assert [len(DocumentLines(stored(text))) for text in ("", "\n", "a", "a\n", "a\n\n", "a\nb\n")] == [
        1,
        1,
        1,
        1,
        2,
        2,
    ]
    lines = DocumentLines(stored("a\nb\n"))
    assert (lines.last, lines.span(2, 2), lines.span(1, 9), lines.line_of(4)) == (2, (2, 3), (0, 3), 2)
    assert DocumentLines(stored("a\n", one_line=True)).span(1, 1) == (0, 2)


def test_a_row_is_one_line() -> None:
    lines = DocumentLines(stored("a\nb\nc", 7, one_line=True))
    assert (len(lines), lines.first, lines.last, lines.line_of(4)) == (1, 7, 7, 7)
    assert lines.span(7, 7) == (0, 5)


def test_pages() -> None:
    lines = DocumentLines(stored("aa\nbb\ncc", pages=(0, 3, 6)))
    assert [lines.page_of(place) for place in (0, 2, 3, 5, 6, 8)] == [1, 1, 2, 2, 3, 3]
    assert [lines.page_span(*some) for some in ((1, 1), (2, 3), (0, 9), (3, 2), (4, 9))] == [
        (0, 3),
        (3, 8),
        (0, 8),
        (8, 8),
        (8, 8),
    ]
    assert DocumentLines(stored("aa")).page_of(1) is None
    assert DocumentLines(stored("aa")).page_span(1, 1) == (2, 2)


def test_a_document_whose_text_is_not_stored_is_empty() -> None:
    lines = DocumentLines(stored(None))
    assert len(lines) == 1 and lines.span(1, 1) == (0, 0)


def test_lines_are_those_of_snippets(tmp_path) -> None:
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "front.md").write_text(
        "---\ntitle: Front\ndate: 2021-05-05\n---\n\nOne.\n\nA vaccine is here.\n", "utf-8"
    )
    (folder / "rows.csv").write_text('name,about\nx,nothing\ny,"vaccine\nof two lines"\n', "utf-8")
    sync(folder, tmp_path / "index")
    with open_index(tmp_path / "index") as searcher:
        hits = searcher.search("vaccine").hits
        assert len(hits) == 2
        for hit in hits:
            document = searcher.get(hit.id)
            snippet = hit.snippets[0]
            place = snippet.start + snippet.marks[0][0]
            assert DocumentLines(document).line_of(place) == snippet.line
        assert {hit.snippets[0].line for hit in hits} == {8, 3}


SCHEMA = {
    "brand": fields.Keyword(),
    "price": fields.Number(),
    "stock": fields.Boolean(),
    "made": fields.Date(),
    "seen": fields.DateTime(),
}


@pytest.fixture(scope="module")
def goods(tmp_path_factory: pytest.TempPathFactory):
    import datetime

    index = tmp_path_factory.mktemp("goods") / "index"
    with Writer(index, schema=SCHEMA) as writer:
        for number, brand in enumerate(
            ("Bosch", 'with "quotes"', '«Заря» "x"', "Makita 5..7", "-old", "Bo*", "да, нет;")
        ):
            writer.add(
                Document(
                    id=f"{number}",
                    text="A drill that drills.",
                    path=f"shop/{'tools' if number % 2 else 'my «tools» 2'}/{number}.{'txt' if number % 3 else 'md'}",
                    date=datetime.date(2020 + number % 3, 5, 1),
                    fields={
                        "brand": brand,
                        "price": [1, 2.5, -3, 1e20, 7, 7.25, 0.1][number],
                        "stock": number % 2 == 0,
                        "made": datetime.date(2020, 1, 1 + number),
                        "seen": datetime.datetime(2021, 1, 1, number, 30, 15, 5, tzinfo=datetime.timezone.utc),
                    },
                )
            )
    with open_index(index) as searcher:
        yield searcher


@pytest.mark.parametrize("facet", ["brand", "price", "stock", "made", "seen", "language", "type", "year", "folder"])
def test_a_filter_keeps_what_the_facet_counted(goods, facet: str) -> None:
    counted = goods.search("drill", facets=[facet]).facets[facet]
    assert counted.values
    for value, count in counted:
        chosen = filter_of(facet, value, goods.schema)
        if facet == "brand" and value == '«Заря» "x"':
            assert chosen == 'brand:=“«Заря» "x"”'
        assert chosen is not None
        results = goods.search("drill", where=where_of([chosen]), strict=True)
        assert results.total == count, (chosen, results.warnings)


def test_ranges(goods) -> None:
    counted = goods.search("drill", facets=[field("price").ranges((None, 1), (2, 8), (8, None))]).facets["price"]
    assert [filter_of("price", value, goods.schema) for value, _ in counted] == [
        "price:*..1",
        "price:2..8",
        "price:8..*",
    ]


def test_filters_together(goods) -> None:
    assert where_of([]) is None
    assert where_of(["lang:ru", "ext:md", "lang:en"]) == "(lang:ru OR lang:en) AND ext:md"
    assert goods.search("drill", where=where_of(["stock:true", "ext:md", "ext:txt"])).total == 4
    assert filter_of("type", "", goods.schema) is None
    assert filter_of("unknown", "x", goods.schema) is None
