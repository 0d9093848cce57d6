"""Does Whoosh filter, sort and group by the fields of an application?"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from whoosh import query as q
from whoosh import sorting
from whoosh.index import open_dir
from whoosh.qparser import GtLtPlugin, QueryParser
from whoosh.searching import Searcher

from naidi import Document, Writer, fields

SCHEMA = {
    "brand": fields.Keyword(),
    "tags": fields.Keyword(multiple=True),
    "price": fields.Number(),
    "stock": fields.Boolean(),
    "day": fields.Date(),
    "created": fields.DateTime(zone="Asia/Almaty"),
    "notes": fields.Text(),
    "custom.*": fields.Keyword(),
    "meta": fields.Keyword(),  # which every index has, so Whoosh does not see this one
}
NOON = datetime.datetime(2024, 1, 1, 12, tzinfo=datetime.timezone.utc)


def document(number: int) -> Document:
    values = {
        "brand": ("Bosch", "Макита")[number % 2],
        "tags": ["a", "b c"] if number % 3 else ["z"],
        "price": number * 1.5,
        "stock": number % 2 == 0,
        "day": datetime.date(2024, 1, 1 + number),
        "created": NOON + datetime.timedelta(days=number),
        "notes": "hello",
        "custom": {"owner": "me"},
        "meta": "hidden",
    }
    return Document(id=f"d{number}", text="cat", meta={"n": number}, fields=values if number else {})


@pytest.fixture(scope="module", params=["a segment", "three segments"])
def searcher(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Searcher]:
    """Ten documents; the first has no values."""
    directory = tmp_path_factory.mktemp("fields")
    with Writer(directory, schema=SCHEMA) as writer:
        for number in range(10):
            writer.add(document(number))
            if request.param == "three segments" and number in (0, 5):
                writer.commit()
    with open_dir(str(directory)).searcher() as searcher:
        yield searcher


def found(searcher: Searcher, text: str) -> list[int]:
    parser = QueryParser("text", searcher.schema)
    parser.add_plugin(GtLtPlugin())
    return sorted(int(hit["id"][1:]) for hit in searcher.search(parser.parse(text), limit=None))


@pytest.mark.parametrize(
    "text, expected",
    [
        ("brand:Bosch", [2, 4, 6, 8]),
        ("brand:bosch", []),
        ("brand:Мак*", [1, 3, 5, 7, 9]),
        ("tags:'b c'", [1, 2, 4, 5, 7, 8]),
        ("tags:z", [3, 6, 9]),
        ("price:[3 TO 6]", [2, 3, 4]),
        ("price:>12", [9]),
        ("price:1.5", [1]),
        ("stock:yes", [2, 4, 6, 8]),
        ("stock:no cat", [1, 3, 5, 7, 9]),
        ("day:[20240103 TO 20240105]", [2, 3, 4]),
        ("created:20240103", [2]),
        ("cat NOT brand:Bosch", [0, 1, 3, 5, 7, 9]),
    ],
)
def test_queries(searcher: Searcher, text: str, expected: list[int]) -> None:
    assert found(searcher, text) == expected


def ordered(searcher: Searcher, facet: Any) -> list[int]:
    return [int(hit["id"][1:]) for hit in searcher.search(q.Term("text", "cat"), sortedby=facet, limit=None)]


@pytest.mark.parametrize("name", ["price", "day", "created"])
def test_sorting(searcher: Searcher, name: str) -> None:
    assert ordered(searcher, name) == [*range(1, 10), 0]
    assert ordered(searcher, sorting.FieldFacet(name, reverse=True)) == [*range(9, 0, -1), 0]


def test_sorting_by_several(searcher: Searcher) -> None:
    stock_first = [sorting.FieldFacet("stock"), sorting.FieldFacet("price", reverse=True)]
    assert ordered(searcher, stock_first) == [9, 7, 5, 3, 1, 8, 6, 4, 2, 0]
    assert ordered(searcher, ["brand", "price"])[-5:] == [1, 3, 5, 7, 9]


def counts(searcher: Searcher, facet: Any, name: str) -> dict[Any, int]:
    groups = searcher.search(q.Every(), groupedby=facet, limit=None).groups(name)
    return {key: len(docs) for key, docs in groups.items()}


def test_groups(searcher: Searcher) -> None:
    assert counts(searcher, "brand", "brand") == {"": 1, "Bosch": 4, "Макита": 5}
    assert counts(searcher, "stock", "stock") == {None: 1, True: 4, False: 5}
    tags = {"tags": sorting.FieldFacet("tags", allow_overlap=True)}
    assert counts(searcher, tags, "tags") == {None: 1, "a": 6, "b c": 6, "z": 3}
    ranges = {"price": sorting.RangeFacet("price", 0, 15, 5)}
    assert {key: count for key, count in counts(searcher, ranges, "price").items() if key} == {
        (0, 5): 3,
        (5, 10): 3,
        (10, 15): 3,
    }


def test_collapse(searcher: Searcher) -> None:
    hits = searcher.search(q.Term("brand", "Bosch"), collapse="brand", collapse_order="price")
    assert [hit["id"] for hit in hits] == ["d2"]


def test_stored_values(searcher: Searcher) -> None:
    stored = searcher.document(id="d2")
    assert stored is not None
    assert {name: stored[name] for name in ("brand", "tags", "price", "stock", "notes", "custom.owner")} == {
        "brand": "Bosch",
        "tags": ["a", "b c"],
        "price": 3,
        "stock": True,
        "notes": "hello",
        "custom.owner": "me",
    }
    # As the clock shows it in the zone of the field.
    assert stored["created"] == datetime.datetime(2024, 1, 3, 17) or stored["created"] == datetime.datetime(
        2024, 1, 3, 18
    )
    assert (stored["day"], stored["meta"]) == (datetime.datetime(2024, 1, 3), {"n": 2})
    empty = searcher.document(id="d0")
    assert empty is not None and not empty.keys() & {"brand", "tags", "price"}


def test_terms(searcher: Searcher) -> None:
    assert [text.decode() for text in searcher.lexicon("brand")] == ["Bosch", "Макита"]
    assert list(searcher.field_terms("price")) == [number * 1.5 for number in range(1, 10)]
    assert [hit["id"] for hit in searcher.search(q.Term("custom.owner", "me"), limit=1)] == ["d1"]
    assert searcher.doc_frequency("tags", "z") == 3
    assert searcher.schema["brand"].column_type and "notes" in searcher.schema.names()


def test_a_new_field_is_seen_after_a_refresh(tmp_path: Path) -> None:
    with Writer(tmp_path) as writer:
        writer.add(Document(id="a", text="cat"))
    searcher = open_dir(str(tmp_path)).searcher()
    with Writer(tmp_path, schema={"brand": fields.Keyword()}) as writer:
        writer.add(Document(id="b", text="cat", fields={"brand": "x"}))
    searcher = searcher.refresh()
    assert [hit["id"] for hit in searcher.search(q.Term("brand", "x"))] == ["b"]
    assert ordered_ids(searcher) == ["a", "b"]
    with Writer(tmp_path) as writer:
        writer.update("a", fields={"brand": "w"})
    searcher = searcher.refresh()
    assert ordered_ids(searcher) == ["a", "b"] and searcher.doc_frequency("brand", "w") == 1


def ordered_ids(searcher: Searcher) -> list[str]:
    return [hit["id"] for hit in searcher.search(q.Every(), sortedby="brand", limit=None)]
