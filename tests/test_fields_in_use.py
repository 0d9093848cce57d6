"""What applications with fields met: each test is one of their surprises."""

from __future__ import annotations

import datetime
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from naidi import (
    Document,
    FacetRequest,
    InvalidDocument,
    InvalidQuery,
    InvalidSchema,
    MemoryIndex,
    Searcher,
    Writer,
    field,
    fields,
    open_index,
)
from naidi.indexer.state.generations import open_generation
from naidi.search.field_facets import MAX_STEPS

SCHEMA = {"n": fields.Text(), "parent": fields.Keyword(), "price": fields.Number(), "c.*": fields.Keyword()}


def searcher_of(*documents: Document) -> Searcher:
    return MemoryIndex(documents, schema=SCHEMA).searcher()


def test_texts_of_many_documents_are_one_segment(index: Path) -> None:
    with Writer(index, schema=SCHEMA) as writer:
        writer.add_many(Document(id=f"d{number}", text="word") for number in range(50))
    with Writer(index) as writer:
        for number in range(50):
            assert writer.update(f"d{number}", fields={"n": "attic", "price": number})
    with open_index(index) as searcher:
        assert searcher.search("attic word").total == 50 and searcher.get("d7").fields == {"n": "attic", "price": 7}
    assert len(open_generation(index).segments) == 1


def test_replacing_what_belongs_to_parents_is_one_segment(index: Path) -> None:
    with Writer(index, schema=SCHEMA) as writer:
        for turn in range(2):
            for parent in range(30):
                assert writer.delete_where({"parent": f"p{parent}"}) == 2 * turn
                writer.add_many(
                    Document(id=f"{turn}.{parent}.{part}", text="part", fields={"parent": f"p{parent}"})
                    for part in "ab"
                )
    assert len(open_generation(index).segments) == 1
    with open_index(index) as searcher:
        assert len(searcher) == 60 and all(doc_id.startswith("1.") for doc_id in searcher.ids())


def test_a_document_is_updated_that_was_just_added(index: Path) -> None:
    with Writer(index, schema=SCHEMA) as writer:
        writer.add(Document(id="a", text="word", fields={"price": 3}))
        assert writer.update("a", fields={"n": "attic"}) and writer.update("a", fields={"price": 4, "n": "cellar"})
        assert not writer.update("b", fields={"n": "attic"})
    with open_index(index) as searcher:
        assert searcher.get("a").fields == {"n": "cellar", "price": 4} and not searcher.search("attic")


@pytest.mark.parametrize("doc_id", [5, None, b"a"])
def test_an_id_of_another_type_loses_nothing(index: Path, doc_id: Any) -> None:
    with Writer(index, schema=SCHEMA) as writer:
        writer.add(Document(id="a", text="word"))
        with pytest.raises(InvalidDocument, match="it must be a str"):
            writer.delete(doc_id)
        with pytest.raises(InvalidDocument, match="it must be a str"):
            writer.update(doc_id, fields={"price": 3})
    assert len(open_index(index)) == 1


def test_no_condition_deletes_nothing(index: Path) -> None:
    with Writer(index, schema=SCHEMA) as writer:
        writer.add(Document(id="a", text="word"))
        with pytest.raises(InvalidQuery, match="clear"):
            writer.delete_where({})
    assert len(open_index(index)) == 1


def facet(values: Sequence[float], request: FacetRequest, where: Any = None) -> list[tuple[Any, int]]:
    documents = [Document(id=str(number), text="x", fields={"price": value}) for number, value in enumerate(values)]
    return list(searcher_of(*documents).search("x", facets=[request], where=where).facets["price"])


def test_an_outlier_leaves_a_histogram_its_steps() -> None:
    assert facet([5, 15, 40], field("price").by(10)) == [(0, 1), (10, 1), (20, 0), (30, 0), (40, 1)]
    assert facet([5, 15, 10 * MAX_STEPS], field("price").by(10)) == [(0, 1), (10, 1), (10 * MAX_STEPS, 1)]
    assert [count for _, count in facet([0.5, 1e308], field("price").by(0.1))] == [1, 1]
    assert facet([0.5, 1e308], field("price").by(0.1), field("price") < 1) == [(0.5, 1)]
    many = [float(number) for number in range(MAX_STEPS + 1)]
    with pytest.raises(InvalidQuery, match="more than 10,000 steps"):
        facet(many, field("price").by(1))


def test_decimal_prices_lie_in_their_steps() -> None:
    assert facet([0.1, 0.2, 0.3, 0.7], field("price").by(0.1)) == [
        *((0.1, 1), (0.2, 1), (0.3, 1), (0.4, 0), (0.5, 0), (0.6, 0), (0.7, 1)),
    ]


def test_an_offset_beyond_all_documents_is_an_empty_page() -> None:
    searcher = searcher_of(Document(id="a", text="word"))
    for offset in (2**31, 2**63, 10**20):
        assert searcher.search("word", offset=offset).hits == () and searcher.search_ids("word", offset=offset) == []
        assert searcher.search("word", offset=offset, sort="price").hits == ()


def test_corrections_tell_no_word_of_hidden_documents() -> None:
    searcher = searcher_of(
        Document(id="a", text="projectaurora merger plan", fields={"parent": "x"}),
        Document(id="b", text="canteen menu", fields={"parent": "y"}),
        *(Document(id=f"h{number}", text="kangaroos") for number in range(5)),
        Document(id="v", text="kangaroon"),
    )
    assert [one.replacement for one in searcher.search("projectaurorra").corrections] == ["projectaurora"]
    narrow: list[dict[str, Any]] = [{"only": ["b"]}, {"only": "b".__eq__}, {"where": {"parent": "y"}}]
    for options in narrow:
        for query in ("projectaurorra", "projectaurorra canteen", "projectaurorra menus"):
            assert not any(one.replacement == "projectaurora" for one in searcher.search(query, **options).corrections)
    found = searcher.search("kangarooz", only=["v"])
    assert [one.replacement for one in found.corrections] == ["kangaroon"] and found.total == 1


@pytest.mark.parametrize(
    "changed", [{"mode": "all"}, {"exact": True}, {"recent": True}, {"collapse": "parent"}, {"sort": "price"}]
)
def test_a_cursor_belongs_to_its_search(changed: dict[str, Any]) -> None:
    searcher = searcher_of(*(Document(id=str(number), text="word") for number in range(5)))
    cursor = searcher.search("word", limit=2).cursor
    assert [hit.id for hit in searcher.search("word", limit=2, after=cursor)] == ["2", "3"]
    with pytest.raises(InvalidQuery, match="another search"):
        searcher.search("word", limit=2, after=cursor, **changed)


def test_a_zone_is_not_changed_by_the_way(index: Path) -> None:
    with Writer(index, schema={"at": fields.DateTime(zone="Asia/Tokyo")}):
        pass
    with pytest.raises(InvalidSchema, match="the index has the field 'at'"):
        Writer(index, schema={"at": fields.DateTime()})


def test_today_is_that_of_the_zone_of_the_field(monkeypatch: pytest.MonkeyPatch) -> None:
    """In Kiritimati it is tomorrow for most of the day, in Pago Pago today."""
    zones = {"east": "Pacific/Kiritimati", "west": "Pacific/Pago_Pago"}
    now = datetime.datetime.now(datetime.timezone.utc)
    document = Document(id="a", text="word", fields=dict.fromkeys(zones, now))
    searcher = MemoryIndex(
        [document], schema={name: fields.DateTime(zone=zone) for name, zone in zones.items()}
    ).searcher()
    for name in zones:
        assert searcher.search(f"word {name}:today").total == 1


@pytest.mark.parametrize("value", ["*1", "b?", "b*1"])
def test_patterns_inside_a_keyword_are_warned_of(value: str) -> None:
    searcher = searcher_of(Document(id="a", text="word", fields={"parent": "b1"}))
    (warning,) = searcher.search(f"word parent:{value}").warnings
    assert "mean nothing inside a value" in warning
    assert searcher.search("word parent:b*").total == 1


def test_nested_names_in_a_condition() -> None:
    searcher = searcher_of(Document(id="a", text="word", fields={"c": {"owner": "me"}}), Document(id="b", text="word"))
    assert [hit.id for hit in searcher.search("word", where={"c": {"owner": "me"}})] == ["a"]
    assert [hit.id for hit in searcher.search("word", where=field("c.owner").isin([None, "you"]))] == ["b"]


@pytest.mark.parametrize(
    "nested", [{"c": {"": "x"}}, {"c": {"a b": "x"}}, {"c": {"a..b": "x"}}, {"c": {"a": "x"}, "c.a": "y"}]
)
def test_names_below_a_pattern_are_checked(index: Path, nested: dict[str, Any]) -> None:
    with Writer(index, schema=SCHEMA) as writer, pytest.raises(InvalidDocument):
        writer.add(Document(id="a", text="word", fields=nested))


def test_names_that_differ_by_case_alone_are_refused(index: Path) -> None:
    with pytest.raises(InvalidSchema, match="one name in a query"):
        Writer(index, schema={"Brand": fields.Keyword(), "brand": fields.Keyword()})
    with Writer(index, schema={"brand": fields.Keyword()}):
        pass
    with pytest.raises(InvalidSchema, match="one name in a query"):
        Writer(index, schema={"BRAND": fields.Keyword()})


def test_facets_are_told_from_one_name() -> None:
    searcher = searcher_of(Document(id="a", text="word", fields={"parent": "x"}))
    assert searcher.search("word", facets=[field("parent")]).facets["parent"] == [("x", 1)]  # type: ignore[list-item]
    wrong: Any
    for wrong in ("parent", field("parent"), [3]):
        with pytest.raises(InvalidQuery, match="facets"):
            searcher.search("word", facets=wrong)


def test_a_state_that_cannot_be_taken_is_told_once(index: Path, caplog: pytest.LogCaptureFixture) -> None:
    with Writer(index) as writer:
        writer.add(Document(id="a", text="word"))
    searcher = open_index(index, refresh_every=0.000_001)
    (index / "CURRENT").write_text("nothing")
    caplog.set_level(logging.WARNING, logger="naidi")
    for _ in range(5):
        assert searcher.search("word").total == 1
    assert len(caplog.records) == 1
