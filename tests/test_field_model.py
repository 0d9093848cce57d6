"""Fields in an index that grows, changes and shrinks, held against plain dictionaries."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naidi import Condition, Document, FacetRequest, Searcher, Writer, field, fields, open_index
from plain_fields import counts, holds, in_order, several

UTC = datetime.timezone.utc
SCHEMA = {
    "brand": fields.Keyword(),
    "tags": fields.Keyword(multiple=True),
    "price": fields.Number(),
    "sizes": fields.Number(multiple=True),
    "stock": fields.Boolean(),
    "created": fields.DateTime(),
    "custom.*": fields.Keyword(),
}
BRANDS = ["Bosch", "bosch", "Makita", "Макита", "", "ё\x01 brand"]
prices = st.integers(-3, 3) | st.sampled_from([0.1, -2.5, 1e300, 2.0**53])
days = st.dates(datetime.date(2025, 12, 28), datetime.date(2026, 1, 4))
moments = st.datetimes(datetime.datetime(2025, 12, 28), datetime.datetime(2026, 1, 4), timezones=st.just(UTC))
some_values = st.fixed_dictionaries(
    {},
    optional={
        "brand": st.sampled_from(BRANDS),
        "tags": st.lists(st.sampled_from("abcd"), max_size=3, unique=True),
        "price": prices,
        "sizes": st.lists(st.integers(0, 4), max_size=3, unique=True),
        "stock": st.booleans(),
        "created": moments,
        "custom.owner": st.sampled_from(["me", "you"]),
    },
)
ids = st.integers(0, 14).map("d{}".format)


class _Add(NamedTuple):
    doc_id: str
    values: dict[str, Any]


class _Update(NamedTuple):
    doc_id: str
    values: dict[str, Any]


class _Delete(NamedTuple):
    doc_id: str


class _DeleteWhere(NamedTuple):
    condition: Condition


class _End(NamedTuple):
    """The end of a commit. rolled_back: whether its changes are forgotten instead."""

    rolled_back: bool


comparable = {"brand": st.sampled_from(BRANDS), "price": prices, "sizes": st.integers(0, 4), "created": moments | days}
simple = st.one_of(
    *(
        st.builds(
            lambda name, operator, value: getattr(field(name), f"__{operator}__")(value),
            st.just(name),
            st.sampled_from(["lt", "le", "gt", "ge", "eq", "ne"]),
            values,
        )
        for name, values in comparable.items()
    ),
    st.sampled_from([True, False]).map(lambda value: field("stock") == value),
    st.lists(st.sampled_from("abcdz"), max_size=3).map(field("tags").isin),
    st.lists(prices, max_size=4).map(field("price").isin),
    st.sampled_from(["B", "bo", "М", "", "zz"]).map(field("brand").startswith),
    st.sampled_from([*SCHEMA][:-1]).map(lambda name: field(name).exists()),
    st.tuples(st.none() | prices, st.none() | prices).map(lambda ends: field("price").between(*ends)),
    st.tuples(st.none() | days, st.none() | moments).map(lambda ends: field("created").between(*ends)),
    st.just(field("custom.owner") == "me"),
)
conditions: st.SearchStrategy[Condition] = st.recursive(
    simple,
    lambda inner: st.one_of(
        inner.map(lambda one: ~one),
        st.tuples(inner, inner).map(lambda two: two[0] & two[1]),
        st.tuples(inner, inner).map(lambda two: two[0] | two[1]),
    ),
    max_leaves=4,
)
steps = st.lists(
    st.one_of(
        st.builds(_Add, ids, some_values),
        st.builds(_Add, ids, some_values),
        st.builds(_Update, ids, some_values | st.sampled_from([{"brand": None}, {"tags": [], "price": None}])),
        st.builds(_Delete, ids),
        st.builds(_DeleteWhere, simple),
        st.builds(_End, st.sampled_from([False, False, False, True])),
    ),
    min_size=5,
    max_size=40,
)


def present(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, [])}


def play(index: Path, played: list[Any]) -> dict[str, dict[str, Any]]:
    """Do the steps with a writer and with a dictionary. Returns the dictionary: what the index should have."""
    model: dict[str, dict[str, Any]] = {}
    committed: dict[str, dict[str, Any]] = {}
    with Writer(index, schema=SCHEMA) as writer:
        for step in played:
            match step:
                case _Add(doc_id, values):
                    writer.add(Document(id=doc_id, text="word", fields=values))
                    model[doc_id] = present(values)
                case _Update(doc_id, values):
                    assert writer.update(doc_id, fields=values) is (doc_id in model)
                    if doc_id in model:
                        model[doc_id] = present({**model[doc_id], **values})
                case _Delete(doc_id):
                    assert writer.delete(doc_id) is (model.pop(doc_id, None) is not None)
                case _DeleteWhere(condition):
                    gone = [doc_id for doc_id, values in model.items() if holds(condition, values)]
                    assert writer.delete_where(condition) == len(gone)
                    for doc_id in gone:
                        del model[doc_id]
                case _End(True):
                    writer.rollback()
                    model = {doc_id: dict(values) for doc_id, values in committed.items()}
                case _End(False):
                    writer.commit()
                    committed = {doc_id: dict(values) for doc_id, values in model.items()}
    return model


def normal(values: dict[str, Any]) -> dict[str, Any]:
    return {name: sorted(value) if isinstance(value, list) else value for name, value in values.items()}


@given(steps)
@settings(max_examples=60)
def test_an_index_has_the_fields_that_were_given_last(
    tmp_path_factory: pytest.TempPathFactory, played: list[Any]
) -> None:
    index = tmp_path_factory.mktemp("fields") / "index"
    model = play(index, played)
    with open_index(index) as searcher:
        assert searcher.generation.verify()
        assert {doc_id: normal(dict(searcher.get(doc_id).fields)) for doc_id in searcher.ids()} == {
            doc_id: normal(values) for doc_id, values in model.items()
        }
        assert {hit.id: normal(dict(hit.fields)) for hit in searcher.search("word", limit=100)} == {
            doc_id: normal(values) for doc_id, values in model.items()
        }


class _Sample(NamedTuple):
    searcher: Searcher
    model: dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[_Sample]:
    """An index of several segments with deletions, updates, and documents of before there were fields."""
    index = tmp_path_factory.mktemp("sample") / "index"
    model: dict[str, dict[str, Any]] = {}
    with Writer(index) as writer:
        writer.add_many(Document(id=f"old{number}", text="word") for number in range(5))
        model |= {f"old{number}": {} for number in range(5)}
    with Writer(index, schema=SCHEMA) as writer:
        for number in range(120):
            values: dict[str, Any] = {
                "brand": BRANDS[number % len(BRANDS)],
                "tags": ["a", "b", "c", "d"][: number % 4],
                "price": number % 11 - 3,
                "sizes": sorted({number % 5, number % 3}),
                "stock": number % 2 == 0,
                "created": datetime.datetime(2025, 12, 28, number % 24, tzinfo=UTC)
                + datetime.timedelta(days=number % 8),
                "custom.owner": "me" if number % 3 else "you",
            }
            for name in list(values)[number % 7 :: 7]:
                del values[name]
            writer.add(
                Document(id=f"d{number}", text="word " * (1 + number % 3), title=f"T{number % 9}", fields=values)
            )
            model[f"d{number}"] = present(values)
            if number % 30 == 29:
                writer.commit()
        for number in range(0, 120, 13):
            writer.update(f"d{number}", fields={"price": 1e300, "brand": None})
            model[f"d{number}"] = present({**model[f"d{number}"], "price": 1e300, "brand": None})
        for number in range(7, 120, 17):
            writer.delete(f"d{number}")
            del model[f"d{number}"]
    with open_index(index) as searcher:
        assert len(searcher.generation.segments) > 2
        yield _Sample(searcher, model)


@given(conditions)
def test_a_condition_narrows_every_search_alike(sample: _Sample, condition: Condition) -> None:
    searcher, model = sample
    wanted = sorted(doc_id for doc_id, values in model.items() if holds(condition, values))
    results = searcher.search("word", limit=200, where=condition, facets=["brand"])
    assert sorted(hit.id for hit in results) == wanted and results.total == len(wanted) and not results.warnings
    assert [(hit.id, hit.score) for hit in results] == searcher.search_ids("word", 200, where=condition)
    everything = searcher.search_ids("word", 200)
    assert searcher.search_ids("word", 200, where=condition) == [pair for pair in everything if pair[0] in wanted]
    assert results.facets["brand"] == list(results.facets["brand"]) != [*results.facets["brand"], ("x", 1)]
    assert dict(results.facets["brand"]) == counts({doc_id: model[doc_id] for doc_id in wanted}, "brand")
    assert results.facets["brand"].missing == sum(not several(model[doc_id], "brand") for doc_id in wanted)
    found = searcher.suggest("wor", where=condition)
    assert [one.doc_freq for one in found] == ([len(wanted)] if wanted else [])
    assert searcher.search("word", where=~condition).total == len(model) - len(wanted)


@given(st.sets(st.integers(-1, 130).map("d{}".format)), conditions)
def test_ids_narrow_in_every_form(sample: _Sample, only: set[str], condition: Condition) -> None:
    searcher, model = sample
    wanted = {doc_id for doc_id, values in model.items() if doc_id in only and holds(condition, values)}
    for form in (only, frozenset(only), list(only), only.__contains__):
        found = searcher.search_ids("word", 200, where=condition, only=form)
        assert {doc_id for doc_id, _ in found} == wanted
    assert [one.doc_freq for one in searcher.suggest("wor", only=only.__contains__, where=condition)] == (
        [len(wanted)] if wanted else []
    )


sort_keys = st.lists(
    st.sampled_from([f"{sign}{name}" for name in [*SCHEMA][:-1] for sign in ("", "-")]), min_size=1, max_size=3
)


@given(sort_keys, conditions, st.integers(1, 60))
def test_fields_order_the_hits_and_pages_follow_each_other(
    sample: _Sample, keys: list[str], condition: Condition, size: int
) -> None:
    searcher, model = sample
    wanted = in_order({doc_id: values for doc_id, values in model.items() if holds(condition, values)}, keys)
    results = searcher.search("word", limit=200, where=condition, sort=keys, snippets=0)
    assert [hit.id for hit in results] == wanted and results.cursor is None
    paged: list[str] = []
    cursor = None
    while True:
        page = searcher.search("word", limit=size, where=condition, sort=keys, after=cursor, snippets=0)
        assert [hit.rank for hit in page] == list(range(len(paged) + 1, len(paged) + len(page) + 1))
        paged += [hit.id for hit in page]
        cursor = page.cursor
        if cursor is None:
            break
    assert paged == wanted


@given(conditions)
def test_collapsed_hits_are_the_best_of_each_value(sample: _Sample, condition: Condition) -> None:
    searcher, model = sample
    best: list[tuple[str, float]] = []
    met = set()
    for doc_id, score in searcher.search_ids("word", 200, where=condition):
        brand = model[doc_id].get("brand")
        if brand is None or brand not in met:
            best.append((doc_id, score))
        met.add(brand)
    results = searcher.search("word", limit=200, where=condition, collapse="brand", snippets=0)
    assert [(hit.id, hit.score) for hit in results] == best and results.total == len(best)
    assert searcher.search_ids("word", 3, where=condition, collapse="brand", offset=2) == best[2:5]


ends = st.none() | prices


@given(conditions, st.lists(st.tuples(ends, ends), max_size=3), st.sampled_from([1, 2.5, 0.5]))
def test_facets_count_ranges_and_steps(
    sample: _Sample, condition: Condition, ranges: list[tuple[Any, Any]], width: float
) -> None:
    searcher, model = sample
    found = {
        doc_id: values for doc_id, values in model.items() if holds(condition, values) and values.get("price") != 1e300
    }
    where = condition & ~(field("price") == 1e300)
    wanted: list[str | FacetRequest] = ["tags", field("sizes").by(width), field("created").by("month"), "stock"]
    if ranges:
        wanted.append(field("price").ranges(*ranges))
    facets = searcher.search("word", limit=1, where=where, facets=wanted).facets
    assert dict(facets["tags"]) == counts(found, "tags") and dict(facets["stock"]) == counts(found, "stock")
    by_step: dict[float, int] = {}
    for values in found.values():
        for step in {value // width * width for value in several(values, "sizes")}:
            by_step[step] = by_step.get(step, 0) + 1
    assert {step: count for step, count in facets["sizes"] if count} == by_step
    steps = [step for step, _ in facets["sizes"]]
    assert steps == sorted(steps) and all(second - first == width for first, second in itertools.pairwise(steps))
    months = [value.date().replace(day=1) for values in found.values() for value in several(values, "created")]
    assert {month: count for month, count in facets["created"] if count} == {
        month: months.count(month) for month in months
    }
    for (low, high), count in facets["price"] if ranges else ():
        assert count == sum(
            any((low is None or low <= value) and (high is None or value < high) for value in several(values, "price"))
            for values in found.values()
        )
