"""Counts the documents found by the values of a field of the application: single values, ranges, or steps of a histogram."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from naidi.indexer.codec.columns import Column
from naidi.indexer.conditions import FacetRequest
from naidi.indexer.errors import InvalidQuery
from naidi.indexer.fields import Date, DateTime, Field, Number, Text, kind_of, unknown_field

from .collection import Collection
from .ranking.sort_keys import ranks_of_field
from .results import Facet

MAX_STEPS = 10_000
"""A histogram has at most so many steps."""

_Docs = npt.NDArray[np.int64]
_STEPS = ("day", "week", "month", "quarter", "year")


class FieldCounter:
    """One facet on its way: `count` for the documents of each segment, then `facet`.

    Raises InvalidQuery for a field that the index lacks, and for ranges or steps that its kind cannot have.
    """

    def __init__(self, collection: Collection, request: FacetRequest) -> None:
        kind = kind_of(collection.schema, request.name)
        if kind is None:
            raise InvalidQuery(
                f"facets: {unknown_field(collection.schema, request.name)}; or folder, type, language, year"
            )
        if isinstance(kind, Text):
            raise InvalidQuery(f"facets: {request.name} is a Text, which has words and no values")
        if type(request.limit) is not int or request.limit < 1:
            raise InvalidQuery(
                f"facets: the limit of {request.name} must be a whole number from 1, not {request.limit!r}"
            )
        self._collection = collection
        self._request = request
        self._kind = kind
        self._ranges = [_range(kind, request.name, each) for each in request.ranges]
        self._step = None if request.step is None else _step_of(kind, request)
        self._total = self._missing = 0
        self._counts: npt.NDArray[np.int64] = np.zeros(0, np.int64)  # by rank of the value
        self._in_ranges = [0] * len(self._ranges)
        self._steps: dict[Any, int] = {}

    def count(self, number: int, docs: _Docs) -> None:
        """Count documents of a segment, each once."""
        self._total += len(docs)
        column = self._collection.views[number].fields.column(self._request.name)
        if column is None:
            self._missing += len(docs)
            return
        places, lengths = column.of_docs(docs)
        self._missing += int(np.count_nonzero(lengths == 0))
        if self._step is None and not self._ranges:
            self._count_values(number, column, places)
        else:
            # Two values of a document may lie in one range or step: it counts there once.
            owners = np.repeat(np.arange(len(docs)), lengths)
            self._count_groups(column, places, owners)

    def _count_values(self, number: int, column: Column, places: _Docs) -> None:
        ranks = ranks_of_field(self._collection, self._request.name)
        if not len(self._counts):
            self._counts = np.zeros(ranks.total + 1, np.int64)
        counts = np.bincount(places, minlength=len(column.values) + 1)[1:]
        self._counts[ranks.of_values[number]] += counts

    def _count_groups(self, column: Column, places: _Docs, owners: _Docs) -> None:
        values = np.asarray(column.values)
        for number, (low, high) in enumerate(self._ranges):
            first = 0 if low is None else int(np.searchsorted(values, low, "left"))
            end = len(values) if high is None else int(np.searchsorted(values, high, "left"))
            there = (places > first) & (places <= end)
            self._in_ranges[number] += len(np.unique(owners[there]))
        if self._step is not None and len(places):
            groups = [self._step(value) for value in values.tolist()]
            names = sorted(set(groups))
            number_of = {name: number for number, name in enumerate(names)}
            of_places = np.array([0, *map(number_of.__getitem__, groups)], np.int64)[places]
            once = np.unique(owners * len(names) + of_places) % len(names)
            for name, count in zip(names, np.bincount(once, minlength=len(names)).tolist(), strict=True):
                if count:
                    self._steps[name] = self._steps.get(name, 0) + count

    def facet(self) -> Facet:
        """What was counted. Raises InvalidQuery for a histogram of too many steps."""
        if self._ranges:
            return Facet(tuple(zip(self._request.ranges, self._in_ranges, strict=True)), 0, self._missing)
        if self._step is not None:
            return Facet(tuple(self._all_steps()), 0, self._missing)
        return self._of_values()

    def _of_values(self) -> Facet:
        found = np.flatnonzero(self._counts)
        order = found[np.lexsort((found, -self._counts[found]))]
        shown = order[: self._request.limit]
        values = tuple((self._value(int(rank)), int(self._counts[rank])) for rank in shown)
        return Facet(values, int(self._counts[order[len(shown) :]].sum()), self._missing)

    def _value(self, rank: int) -> Any:
        """The value with a rank, from any segment that has it."""
        name = self._request.name
        for view, ranks in zip(self._collection.views, ranks_of_field(self._collection, name).of_values, strict=True):
            place = int(np.searchsorted(ranks, rank))
            if place < len(ranks) and ranks[place] == rank:
                column = view.fields.column(name)
                assert column is not None
                return self._kind.given(column.value(place + 1))
        raise AssertionError(rank)

    def _all_steps(self) -> Iterator[tuple[Any, int]]:
        """The steps from the first to the last that has documents."""
        if not self._steps:
            return
        step, last = min(self._steps), max(self._steps)
        width = self._request.step
        if not isinstance(width, str):
            assert width is not None
            first = round(step / width)
            count = round((last - step) / width) + 1
            if count > MAX_STEPS:
                raise _too_many(self._request)
            for number in range(first, first + count):
                begin = number * width
                yield begin, self._steps.get(begin, 0)
            return
        for _ in range(MAX_STEPS):
            yield step, self._steps.get(step, 0)
            if step == last:
                return
            step = _next(step, width)
        raise _too_many(self._request)


def _too_many(request: FacetRequest) -> InvalidQuery:
    return InvalidQuery(f"facets: {request.name} has more than {MAX_STEPS:,} steps of {request.step}; take larger ones")


def _range(kind: Field, name: str, ends: object) -> tuple[Any, Any]:
    """The stored ends of a range, its high one not included."""
    if not isinstance(ends, (tuple, list)) or len(ends) != 2:
        raise InvalidQuery(f"facets: a range of {name} is a pair (from, before), not {ends!r}")
    if not isinstance(kind, (Number, Date, DateTime)):
        raise InvalidQuery(f"facets: {name} has no ranges: it is no Number, Date or DateTime")
    try:
        low, high = (None if end is None else kind.span(end)[0] for end in ends)
    except ValueError as error:
        raise InvalidQuery(f"facets: an end of {ends!r} of {name} must be {error}") from None
    return low, high


def _step_of(kind: Field, request: FacetRequest) -> Callable[[Any], Any]:
    """Gives the beginning of the step in which a stored value lies."""
    step = request.step
    if isinstance(kind, Number):
        if isinstance(step, bool) or not isinstance(step, (int, float)) or not math.isfinite(step) or step <= 0:
            raise InvalidQuery(f"facets: a step of {request.name} must be a number above 0, not {step!r}")
        width = step
        return lambda value: math.floor(value / width) * width
    if not isinstance(kind, (Date, DateTime)):
        raise InvalidQuery(f"facets: {request.name} has no steps: it is no Number, Date or DateTime")
    if step not in _STEPS:
        raise InvalidQuery(f"facets: a step of {request.name} must be one of {', '.join(_STEPS)}, not {step!r}")
    named = str(step)
    if isinstance(kind, Date):
        return lambda value: _begin(kind.given(value), named)
    return lambda value: _begin(kind.given(value).date(), named)


def _begin(day: datetime.date, step: str) -> datetime.date:
    """The first day of the week, month, quarter or year of a day."""
    if step == "week":
        return datetime.date.fromordinal(max(day.toordinal() - day.weekday(), 1))
    if step == "month":
        return day.replace(day=1)
    if step == "quarter":
        return day.replace(month=day.month - (day.month - 1) % 3, day=1)
    return day if step == "day" else day.replace(month=1, day=1)


def _next(day: datetime.date, step: str) -> datetime.date:
    """The first day of the next one."""
    if step in ("day", "week"):
        return day + datetime.timedelta(days=1 if step == "day" else 7)
    months = day.year * 12 + day.month - 1 + {"month": 1, "quarter": 3, "year": 12}[step]
    return datetime.date(months // 12, months % 12 + 1, 1)
