"""Fields of an application: which schemas can be, and which values their kinds take."""

from __future__ import annotations

import datetime
import decimal
import math
import pickle
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from naidi import Document, InvalidDocument, InvalidSchema, Writer, fields, open_index
from naidi.indexer.fields import (
    LARGEST_WHOLE,
    MAX_FIELDS,
    MAX_KEYWORD,
    MAX_NAME,
    MAX_VALUES,
    changes_of,
    checked_schema,
    extended,
    field_from_json,
    given_values,
    kind_of,
    values_of,
)

UTC = datetime.timezone.utc
SCHEMA = checked_schema(
    {
        "brand": fields.Keyword(),
        "tags": fields.Keyword(multiple=True),
        "price": fields.Number(),
        "sizes": fields.Number(multiple=True),
        "stock": fields.Boolean(),
        "day": fields.Date(),
        "created": fields.DateTime(zone="Asia/Almaty"),
        "notes": fields.Text(weight=0.5),
        "custom.*": fields.Keyword(),
        "custom.count": fields.Number(),
    }
)
KINDS = [
    fields.Keyword(),
    fields.Keyword(multiple=True),
    fields.Number(multiple=True),
    fields.Boolean(),
    fields.Date(),
    fields.DateTime(zone="Europe/Moscow"),
    fields.Text(weight=2),
]


@pytest.mark.parametrize("kind", KINDS, ids=repr)
def test_a_field_survives_a_manifest_and_a_pickle(kind: fields.Field) -> None:
    assert field_from_json(kind.to_json()) == kind
    assert pickle.loads(pickle.dumps(kind)) == kind


@pytest.mark.parametrize(
    "value",
    [{"kind": "point"}, {"kind": "text", "weight": "2"}, {"kind": "keyword", "size": 3}, {"multiple": True}, []],
)
def test_what_is_no_field_in_a_manifest_is_refused(value: Any) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        field_from_json(value)


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        ([], "a schema maps names"),
        ({"price": fields.Number}, "say fields.Number()"),
        ({"price": "number"}, "no field"),
        ({"": fields.Number()}, "no name of a field"),
        ({"a b": fields.Number()}, "no name of a field"),
        ({"1a": fields.Number()}, "no name of a field"),
        ({"a..b": fields.Number()}, "no name of a field"),
        ({"a.": fields.Number()}, "no name of a field"),
        ({"*": fields.Number()}, "no name of a field"),
        ({"x" * (MAX_NAME + 1): fields.Number()}, "no name of a field"),
        ({3: fields.Number()}, "no name of a field"),
        ({"title": fields.Keyword()}, "a meaning of its own"),
        ({"Date": fields.Date()}, "a meaning of its own"),
        ({"a.*": fields.Text()}, "a Text needs a name of its own"),
        ({f"f{number}": fields.Number() for number in range(MAX_FIELDS + 1)}, "at most 1,000 fields"),
    ],
    ids=repr,
)
def test_a_schema_that_cannot_be_is_refused(schema: Any, message: str) -> None:
    with pytest.raises(InvalidSchema, match=message):
        checked_schema(schema)


@pytest.mark.parametrize("weight", [0, 0.25, 0.75, -1, 8.5, math.nan, math.inf, "2", None, True])
def test_a_weight_that_cannot_be_is_refused(weight: Any) -> None:
    with pytest.raises(InvalidSchema, match="weight is"):
        fields.Text(weight=weight)


def test_parameters_of_another_type_are_refused() -> None:
    with pytest.raises(InvalidSchema, match="multiple is"):
        fields.Keyword(multiple=1)  # type: ignore[arg-type]
    with pytest.raises(InvalidSchema, match="no time zone"):
        fields.DateTime(zone="Asia/Atlantis")
    with pytest.raises(InvalidSchema, match="zone is"):
        fields.DateTime(zone=3)  # type: ignore[arg-type]


def test_a_name_has_the_kind_of_its_own_entry_or_of_the_nearest_pattern() -> None:
    assert kind_of(SCHEMA, "custom.count") == fields.Number()
    assert kind_of(SCHEMA, "custom.owner") == kind_of(SCHEMA, "custom.owner.name") == fields.Keyword()
    assert kind_of(SCHEMA, "custom") is None
    assert kind_of(SCHEMA, "custom.*") is None
    assert kind_of(SCHEMA, "colour") is None


def test_a_schema_is_extended_and_never_contradicted() -> None:
    assert extended({"a": fields.Number()}, {"b": fields.Date()}) == {"a": fields.Number(), "b": fields.Date()}
    assert list(extended({"z": fields.Number()}, {"a": fields.Date()})) == ["z", "a"]  # texts stand in this order
    for kind in (fields.Keyword(), fields.Number(multiple=True)):
        with pytest.raises(InvalidSchema, match="the index has the field 'a'"):
            extended({"a": fields.Number()}, {"a": kind})
    with pytest.raises(InvalidSchema, match="the index has the field 'a'"):
        extended({"a": fields.DateTime()}, {"a": fields.DateTime(zone="Asia/Almaty")})
    with pytest.raises(InvalidSchema, match="the index has the field 'a'"):
        extended({"a": fields.Text(weight=1)}, {"a": fields.Text(weight=2)})


@pytest.mark.parametrize(
    ("name", "value", "stored"),
    [
        ("brand", "Bosch", ("Bosch",)),
        ("brand", "", ("",)),
        ("brand", ["Bosch"], ("Bosch",)),
        ("tags", "one", ("one",)),
        ("tags", ["b", "a", "b"], ("a", "b")),
        ("tags", {"a"}, ("a",)),
        ("tags", ("a", "b"), ("a", "b")),
        ("price", 9, (9.0,)),
        ("price", 9.5, (9.5,)),
        ("price", decimal.Decimal("9.5"), (9.5,)),
        ("price", np.float32(0.5), (0.5,)),
        ("price", np.int64(7), (7.0,)),
        ("price", -LARGEST_WHOLE, (-float(LARGEST_WHOLE),)),
        ("sizes", [3, 1.5, 3], (1.5, 3.0)),
        ("stock", True, (1,)),
        ("stock", np.bool_(False), (0,)),
        ("day", datetime.date(1970, 1, 1), (719163,)),
        ("created", datetime.datetime(1970, 1, 1, 5, tzinfo=datetime.timezone(datetime.timedelta(hours=5))), (0,)),
        ("created", datetime.datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC), (-1,)),
        ("custom", {"owner": "x", "deep": {"er": "y"}}, None),
    ],
)
def test_values_are_stored_by_kind(name: str, value: Any, stored: tuple[Any, ...] | None) -> None:
    found = values_of(SCHEMA, {name: value})
    if stored is None:
        assert found.columns == {"custom.owner": ("x",), "custom.deep.er": ("y",)}
    else:
        assert found.columns == {name: stored} and not found.texts
        assert all(type(one) is type(other) for one, other in zip(found.columns[name], stored, strict=True))


@pytest.mark.parametrize("value", [None, [], set(), ()])
def test_no_value_is_none(value: Any) -> None:
    assert values_of(SCHEMA, {"tags": value, "price": value, "notes": None}) == ({}, {})


def test_minus_zero_is_zero() -> None:
    (zero,) = values_of(SCHEMA, {"price": -0.0}).columns["price"]
    assert math.copysign(1, zero) == 1.0  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"brand": 3}, "brand is 3; it must be a str"),
        ({"brand": b"x"}, "it must be a str"),
        ({"brand": ["a", "b"]}, r"Keyword\(multiple=True\) takes several"),
        ({"brand": "x" * (MAX_KEYWORD + 1)}, "at most 1,024 characters"),
        ({"brand": "a\nb"}, "without line feeds"),
        ({"brand": "a\0b"}, "NUL"),
        ({"brand": "\ud800"}, "lone surrogates"),
        ({"tags": [1]}, "tags is 1; it must be a str"),
        ({"tags": [["a"]]}, "it must be a str"),
        ({"price": math.nan}, "a finite number"),
        ({"price": -math.inf}, "a finite number"),
        ({"price": "9"}, "an int or a float"),
        ({"price": True}, "an int or a float"),
        ({"price": LARGEST_WHOLE + 1}, r"up to 2\*\*53"),
        ({"price": 10**400}, r"up to 2\*\*53"),
        ({"price": 1j}, "an int or a float"),
        ({"stock": 1}, "True or False"),
        ({"stock": "yes"}, "True or False"),
        ({"day": datetime.datetime(2026, 1, 1, tzinfo=UTC)}, "without a time"),
        ({"day": "2026-01-01"}, "a datetime.date"),
        ({"created": datetime.datetime(2026, 1, 1)}, "with a time zone"),
        ({"created": datetime.date(2026, 1, 1)}, "a field of Date holds days"),
        ({"created": 0}, "a datetime.datetime"),
        ({"notes": 3}, "notes is 3; it must be a str"),
        ({"colour": "red"}, "there is no field 'colour'"),
        ({"brnd": "x"}, "'brand' is near"),
        ({"language": "ru"}, "no field of the application: language="),
        ({"custom": "x"}, "there is no field 'custom'"),
        ({"custom": {"count": "x"}}, "custom.count is 'x'"),
        ({"custom": {3: "x"}}, "3 is no name"),
        ({"tags": [str(number) for number in range(MAX_VALUES + 1)]}, "65,536 values"),
    ],
    ids=lambda value: repr(value)[:60],
)
def test_what_is_no_value_is_refused_and_said(values: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        values_of(SCHEMA, values)


def test_names_nested_without_end_are_refused() -> None:
    nested: Any = {"x": 1}
    for _ in range(sys.getrecursionlimit() * 2):
        nested = {"x": nested}
    with pytest.raises(InvalidDocument, match="more than 200 characters"):
        Document(id="a", text="", fields=nested)


def test_ten_thousand_values_are_a_document() -> None:
    tags = [f"tag{number:05}" for number in range(10_000)]
    assert values_of(SCHEMA, {"tags": tags}).columns["tags"] == tuple(tags)


def test_what_is_taken_away_is_told_from_what_stays() -> None:
    found = changes_of(SCHEMA, {"brand": None, "tags": [], "price": 3, "notes": None})
    assert found.columns == {"brand": (), "tags": (), "price": (3.0,)} and found.texts == {"notes": ""}


moments = st.datetimes(timezones=st.just(UTC))
values = st.fixed_dictionaries(
    {},
    optional={
        "brand": st.text(st.characters(blacklist_characters="\n\0", blacklist_categories=("Cs",)), max_size=20),
        "tags": st.lists(st.sampled_from("abcdef"), unique=True).map(sorted),
        "price": st.integers(-LARGEST_WHOLE, LARGEST_WHOLE) | st.floats(allow_nan=False, allow_infinity=False),
        "stock": st.booleans(),
        "day": st.dates(),
        "created": moments,
        "notes": st.text(st.characters(blacklist_categories=("Cs",)), min_size=1),
    },
)


@given(values)
def test_an_application_gets_back_what_it_has_given(given_fields: dict[str, Any]) -> None:
    found = values_of(SCHEMA, given_fields)
    again = given_values(SCHEMA, found.columns, found.texts)
    assert again == {name: value for name, value in given_fields.items() if value != []}
    if "created" in again and datetime.datetime(2, 1, 1, tzinfo=UTC) < again["created"]:
        assert str(again["created"].tzinfo) in ("Asia/Almaty", "UTC")


def test_days_begin_in_the_zone_of_the_field() -> None:
    kind = fields.DateTime(zone="Asia/Almaty")
    first, last = kind.span(datetime.date(2026, 5, 1))
    assert kind.given(first) == datetime.datetime(2026, 4, 30, 19, tzinfo=UTC)
    assert last - first == 86_400_000_000 - 1
    for day in (datetime.date.min, datetime.date.max):
        first, last = kind.span(day)
        assert first < last


def test_a_document_copies_its_fields_and_a_writer_checks_them(tmp_path: Path) -> None:
    tags = ["a"]
    document = Document(id="a", text="x", fields={"tags": tags, "custom": {"owner": "me"}})
    tags.append("b")
    assert document.fields == {"tags": ["a"], "custom.owner": "me"}
    assert pickle.loads(pickle.dumps(document)) == document and hash(document) == hash(document)
    with pytest.raises(InvalidDocument, match="fields is"):
        Document(id="a", text="x", fields=[])  # type: ignore[arg-type]
    with Writer(tmp_path / "index", schema={"price": fields.Number()}) as writer:
        writer.add(Document(id="kept", text="kept", fields={"price": 3}))
        for wrong, message in (({"price": "3"}, "document 'a': price is '3'"), ({"brand": "x"}, "no field 'brand'")):
            with pytest.raises(InvalidDocument, match=message):
                writer.add(Document(id="a", text="x", fields=wrong))
    with open_index(tmp_path / "index") as searcher:
        assert [(hit.id, hit.fields) for hit in searcher.search("*")] == [("kept", {"price": 3})]


def test_an_index_without_a_schema_says_so(tmp_path: Path) -> None:
    with Writer(tmp_path / "index") as writer, pytest.raises(InvalidDocument, match="made without a schema"):
        writer.add(Document(id="a", text="x", fields={"price": 3}))
