"""What type checkers make of fields, conditions and facets. It is never run: `mypy --strict tests/typing` reads it."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from typing_extensions import assert_type

from naidi import Condition, Document, Facet, FacetRequest, FieldName, InvalidSchema, Searcher, Writer, field, fields

SCHEMA: dict[str, fields.Field] = {
    "brand": fields.Keyword(),
    "tags": fields.Keyword(multiple=True),
    "price": fields.Number(),
    "stock": fields.Boolean(),
    "day": fields.Date(),
    "created": fields.DateTime(zone="Asia/Almaty"),
    "notes": fields.Text(weight=0.5),
}


def writes(directory: Path) -> None:
    with Writer(directory, schema=SCHEMA) as writer:
        writer.add(Document(id="a", text="b", fields={"brand": "Bosch", "price": 9.5, "custom": {"owner": "me"}}))
        assert_type(writer.update("a", fields={"price": None}), bool)
        assert_type(writer.delete_where(field("price") > 500), int)
        assert_type(writer.delete_where({"brand": "Bosch"}), int)
        assert_type(writer.schema, dict[str, fields.Field])
        writer.update("a", {"price": 3})  # type: ignore[call-arg]
        writer.add(Document(id="a", text="b", fields=[]))  # type: ignore[arg-type]
    Writer(directory, schema={"price": fields.Number})  # type: ignore[dict-item]
    with suppress(InvalidSchema):
        fields.Text(weight="2")  # type: ignore[arg-type]


def asks(searcher: Searcher) -> None:
    price = field("price")
    assert_type(price, FieldName)
    assert_type(price < 500, Condition)
    assert_type(price == 500, Condition)
    assert_type((price >= 1) & field("brand").isin(["Bosch"]) & ~field("stock"), Condition)
    assert_type(price.between(None, 3) | field("brand").startswith("B"), Condition)
    found = searcher.search("drill", where=price != 3, only={"a"}, sort=["-price", "created"], strict=True)
    assert_type(found.cursor, str | None)
    assert_type(found.hits[0].fields, Mapping[str, Any])
    searcher.search("drill", where={"price": (None, 500), "day": datetime.date(2026, 1, 1)}, after=found.cursor)
    searcher.search("drill", only=lambda doc_id: doc_id.startswith("a"), collapse="brand")
    searcher.search_ids("drill", 10, where=~price.exists(), only=frozenset("ab"))
    searcher.suggest("dr", where=field("stock"), only=["a"])
    searcher.similar("a", where={"brand": "Bosch"})
    searcher.search("drill", where="price:<500 lang:ru")
    assert_type(searcher.get("a").fields, Mapping[str, Any])
    steps = field("created").by("month")
    assert_type(steps, FacetRequest)
    facets = searcher.search("*", facets=["brand", price.ranges((None, 5), (5, None)), steps, price.counts(3)]).facets
    assert_type(facets["brand"], Facet)
    for value, count in facets["brand"]:
        assert_type(count, int)
        print(value)
    searcher.search("drill", only=3)  # type: ignore[arg-type]
    searcher.search("drill", sort=3)  # type: ignore[arg-type]
    searcher.search("drill", facets=[price])  # type: ignore[list-item]
