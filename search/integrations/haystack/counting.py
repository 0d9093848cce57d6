"""Facets of haystack: what naidi is asked to count, and the counts as haystack gives them."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from naidi import Facet, FacetRequest, field

from .comparisons import Unanswerable
from .own_fields import OwnFields, in_utc, moment_of

_MAX_VALUES = 10_000
_MAX_STEPS = 10_000


def field_facet(own: OwnFields, name: str, options: Mapping[str, Any]) -> FacetRequest:
    """The values of a field. options: `limit` is the most values. Raises Unanswerable for a field without values."""
    limit = options.get("limit")
    return field(column_of(own, name)).counts(limit if isinstance(limit, int) and limit > 0 else _MAX_VALUES)


def date_facet(own: OwnFields, name: str, options: Mapping[str, Any]) -> FacetRequest:
    """The steps of a date facet. Raises Unanswerable for a field without days, and for too many steps."""
    if name not in own or own[name].kind != "moment":
        raise Unanswerable(f"{name} is no date: it cannot be counted by steps of time")
    return field(column_of(own, name)).ranges(*_steps(options))


def column_of(own: OwnFields, name: str) -> str:
    """The field of naidi that has the values of one of haystack. Raises Unanswerable."""
    column = own[name].column if name in own else None
    if column is None:
        raise Unanswerable(f"{name} has words and no values" if name in own else f"no index has the field {name!r}")
    return column


def value_counts(facet: Facet) -> list[tuple[Any, int]]:
    """(value, documents), the most frequent first; None for documents without a value."""
    return _sorted([*facet, *([(None, facet.missing)] if facet.missing else [])])


def step_counts(facet: Facet, total: int) -> list[tuple[Any, int]]:
    """((from, before), documents) of the steps that have any; None for documents outside of all steps."""
    found: list[tuple[Any, int]] = [
        (tuple(end.replace(tzinfo=None) for end in ends), count) for ends, count in facet if count
    ]
    outside = total - sum(count for _, count in found)
    return _sorted([*found, *([(None, outside)] if outside > 0 else [])])


def _sorted(counts: Iterable[tuple[Any, int]]) -> list[tuple[Any, int]]:
    return sorted(counts, key=lambda each: (-each[1], each[0] is None))  # naidi gives equal ones in their own order


def _steps(options: Mapping[str, Any]) -> Iterator[tuple[datetime.datetime, datetime.datetime]]:
    start, end = (in_utc(moment_of(options[name])) for name in ("start_date", "end_date"))
    unit, amount = str(options["gap_by"]), int(options.get("gap_amount", 1))
    if amount < 1:
        raise Unanswerable("the gap of a date facet is at least 1")
    low, number = start, 0
    while low < end:
        number += 1
        if number > _MAX_STEPS:
            raise Unanswerable(f"a date facet has at most {_MAX_STEPS:,} steps: take a larger gap")
        high = _later(start, unit, number * amount)
        yield low, min(high, end) if options.get("hardend") else high
        low = high


def _later(start: datetime.datetime, unit: str, amount: int) -> datetime.datetime:
    """The moment so many units later. A month that has no such day ends on its last one."""
    if unit not in ("year", "month"):
        return start + datetime.timedelta(**{f"{unit}s": amount})
    months = start.year * 12 + start.month - 1 + amount * (12 if unit == "year" else 1)
    year, month = divmod(months, 12)
    for day in range(start.day, start.day - 4, -1):
        try:
            return start.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    raise Unanswerable("a date facet runs beyond the year 9999")
