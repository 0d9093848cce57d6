"""Which filters are timed, in the words of each engine, and do they find what plain Python finds in the same data?"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import tantivy

from benchmarks.peers.with_fields import Engines
from benchmarks.shared.field_values import COMMON, MIDDLE_PRICE, RARE, TENTH_PRICE, Values
from benchmarks.shared.records import Record
from benchmarks.shared.workload import Query
from naidi import field

ONLY = 13_000
QUERIES_CHECKED = 12
_FIELDS = ("team", "tags", "stock")


class Case(NamedTuple):
    """A filter or an order. `same` is what peers are compared by.

    keeps: whether a document passes, by its place and its fields.
    options: of naidi.
    condition: of tantivy; None for none. sql: a condition of SQLite. Both None: the case is naidi's alone, told by `like`.
    like: the case with the same documents in another form; "" for itself.
    """

    name: str
    keeps: Callable[[int, Values], bool]
    options: Mapping[str, Any]
    condition: Any = None
    sql: str | None = ""
    like: str = ""


def cases_of(engines: Engines, records: Sequence[Record], seed: int) -> list[Case]:
    """The cases; the first has no filter."""
    schema = engines.tantivy.schema
    every = range(len(records))
    allowed = set(random.Random(seed).sample(every, min(ONLY, len(records) // 3)))
    ids = [records[place].id for place in sorted(allowed)]
    engines.sqlite.allow(ids)
    number_set = tantivy.Query.term_set_query(schema, "number", sorted(allowed))

    def team(name: str) -> Any:
        return tantivy.Query.term_query(schema, "team", name)

    def price(low: float | None, high: float | None) -> Any:
        return tantivy.Query.range_query(schema, "price", tantivy.FieldType.Float, low, high)

    several = tantivy.Query.boolean_query(
        [
            (tantivy.Occur.Must, team(COMMON)),
            (tantivy.Occur.Must, price(None, MIDDLE_PRICE)),
            (tantivy.Occur.MustNot, tantivy.Query.term_query(schema, "stock", False)),
        ]
    )

    def is_allowed(place: int, values: Values) -> bool:
        return place in allowed

    frozen = frozenset(ids)
    only = f"{len(ids):,} ids"
    return [
        Case("no filter", lambda place, values: True, {}),
        Case("keyword of 1 %", lambda place, values: values.team == RARE, {"where": field("team") == RARE},
             team(RARE), f"AND f.team = '{RARE}'"),
        Case("keyword of 50 %", lambda place, values: values.team == COMMON, {"where": {"team": COMMON}},
             team(COMMON), f"AND f.team = '{COMMON}'"),
        Case("number, 10 %", lambda place, values: values.price >= TENTH_PRICE, {"where": field("price") >= TENTH_PRICE},
             price(TENTH_PRICE, None), f"AND f.price >= {TENTH_PRICE}"),
        Case("number, 50 %", lambda place, values: values.price <= MIDDLE_PRICE, {"where": {"price": (None, MIDDLE_PRICE)}},
             price(None, MIDDLE_PRICE), f"AND f.price <= {MIDDLE_PRICE}"),
        Case(
            "two and a not",
            lambda place, values: values.team == COMMON and values.price <= MIDDLE_PRICE and values.stock,
            {"where": (field("team") == COMMON) & (field("price") <= MIDDLE_PRICE) & ~(field("stock") == False)},  # noqa: E712
            several,
            f"AND f.team = '{COMMON}' AND f.price <= {MIDDLE_PRICE} AND NOT f.stock = 0",
        ),
        Case(f"only={only}, frozenset", is_allowed, {"only": frozen}, number_set, "AND f.number IN allowed"),
        Case(f"only={only}, set", is_allowed, {"only": set(ids)}, None, None, f"only={only}, frozenset"),
        Case(f"only={only}, list", is_allowed, {"only": ids}, None, None, f"only={only}, frozenset"),
        Case(f"only={only}, array", is_allowed, {"only": np.array(ids)}, None, None, f"only={only}, frozenset"),
        Case(f"only={only}, function", is_allowed, {"only": frozen.__contains__}, None, None, f"only={only}, frozenset"),
    ]  # fmt: skip


def check(engines: Engines, records: Sequence[Record], values: Sequence[Values], cases: Sequence[Case],
          asked: Sequence[Query], counted: Mapping[str, int]) -> int:  # fmt: skip
    """How many answers were held against plain Python and SQLite. Raises AssertionError for a wrong one.

    counted: words of which the engines make the same, and in how many documents each is.
    """
    naidi, peer, sqlite = engines
    every, number = len(records), 0
    texts = [naidi.syntax(query) for query in asked[:QUERIES_CHECKED]]
    unfiltered = {text: naidi.ids(text, {}, every) for text in texts}
    for case in cases:
        passing = {
            record.id for place, (record, own) in enumerate(zip(records, values, strict=True)) if case.keeps(place, own)
        }
        assert set(naidi.ids("*", case.options, every)) == passing, f"naidi: {case.name}: *"
        assert naidi.results("*", case.options, 0).total == len(passing), f"naidi: {case.name}: total"
        number += 2
        for text in texts:
            found = naidi.ids(text, case.options, every)
            assert set(found) == passing.intersection(unfiltered[text]), f"naidi: {case.name}: {text}"
            assert naidi.results(text, case.options, 0).total == len(found), f"naidi: {case.name}: {text}: total"
            number += 2
        if case.sql is None:
            continue
        assert peer.count(None, case.condition) == len(passing), f"tantivy: {case.name}"
        assert sqlite.count(None, case.sql) == len(passing), f"SQLite: {case.name}"
        for word in counted:
            total = naidi.results(f"={word}", case.options, 0).total
            assert total == sqlite.count(f'"{word}"', case.sql), f"{case.name}: {word}: SQLite counts others"
            number += 1
    return number + _check_orders(engines, records, values, texts) + _check_facets(engines, records, values, texts)


def _check_orders(engines: Engines, records: Sequence[Record], values: Sequence[Values], texts: Sequence[str]) -> int:
    naidi = engines.naidi
    of = {record.id: own for record, own in zip(records, values, strict=True)}
    for text in texts:
        found = naidi.ids(text, {}, len(records))
        prices = [of[doc_id].price for doc_id in naidi.ids(text, {"sort": "-price"}, len(records))]
        assert prices == sorted((of[doc_id].price for doc_id in found), reverse=True), f"sort: {text}"
        keys = [
            (of[doc_id].team, -of[doc_id].price)
            for doc_id in naidi.ids(text, {"sort": ["team", "-price"]}, len(records))
        ]
        assert keys == sorted((of[doc_id].team, -of[doc_id].price) for doc_id in found), f"sort by two: {text}"
        teams = [of[doc_id].team for doc_id in naidi.ids(text, {"collapse": "team"}, len(records))]
        assert len(teams) == len(set(teams)) == len({of[doc_id].team for doc_id in found}), f"collapse: {text}"
    return 3 * len(texts)


def _check_facets(engines: Engines, records: Sequence[Record], values: Sequence[Values], texts: Sequence[str]) -> int:
    naidi = engines.naidi
    of = {record.id: own for record, own in zip(records, values, strict=True)}
    wanted = [field(name).counts(1_000) for name in _FIELDS]
    for text in ("*", *texts):
        found = [of[doc_id] for doc_id in naidi.ids(text, {}, len(records))]
        facets = naidi.results(text, {}, 10, snippets=0, facets=[*wanted, field("created").by("year")]).facets
        assert dict(facets["team"].values) == Counter(own.team for own in found), f"team: {text}"
        assert dict(facets["tags"].values) == Counter(tag for own in found for tag in own.tags), f"tags: {text}"
        assert dict(facets["stock"].values) == Counter(own.stock for own in found), f"stock: {text}"
        years = {day.year: count for day, count in facets["created"].values if count}
        assert years == Counter(own.created.year for own in found if own.created is not None), f"years: {text}"
    counted = {name: dict(rows) for name, rows in zip(_FIELDS, engines.sqlite.facets(None), strict=True)}
    assert counted["tags"] == Counter(tag for own in values for tag in own.tags), "SQLite: tags"
    return 4 * (len(texts) + 1)
