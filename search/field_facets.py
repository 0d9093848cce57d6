"""Counts the documents found by the values of a field of the application: single values, ranges, or steps of a histogram."""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from naidi.indexer.codec.columns import Column
from naidi.indexer.conditions import FacetRequest
from naidi.indexer.errors import InvalidQuery
from naidi.indexer.fields import Date, DateTime, Field, Number, Schema, Text, kind_of, unknown_field
from naidi.indexer.messages import message, sentence

from .cache import Attached, Cache
from .collection import Collection
from .field_columns import FieldColumns
from .ranking.sort_keys import ranks_of_field
from .results import Facet

MAX_STEPS = 10_000
"""A histogram has at most so many steps. If it would have more with those without documents, these are left out."""

_Docs = npt.NDArray[np.int64]
Step: TypeAlias = "float | tuple[Date | DateTime, str]"
"""The width of steps of numbers, or the name of one of days."""
_MICROSECONDS_A_DAY = 86_400_000_000
_FIRST_DAY = datetime.date(1970, 1, 1).toordinal()
# Numbers of steps: those that are divided in decimal digits, and the greatest.
_NEAR, _EXACT, _MOST_NUMBER = 1e-9, 1e15, 1e308
_STEPS = ("day", "week", "month", "quarter", "year")


class FieldFacet:
    """What is asked of a field, held against the schema.

    request: as given.
    kind: of the field.
    ranges: the stored ends of each range, the high ones not included.
    step: of a histogram; None for none.

    Raises InvalidQuery for a field that the schema lacks, and for ranges or steps that its kind cannot have.
    """

    def __init__(self, schema: Schema, request: FacetRequest) -> None:
        kind = kind_of(schema, request.name)
        if kind is None:
            raise InvalidQuery(
                message("facets: {error}; or folder, type, language, year", error=unknown_field(schema, request.name))
            )
        if isinstance(kind, Text):
            raise InvalidQuery(message("facets: {name} is a Text, which has words and no values", name=request.name))
        if type(request.limit) is not int or request.limit < 1:
            raise InvalidQuery(
                message(
                    "facets: the limit of {name} must be a whole number from 1, not {limit}",
                    name=request.name,
                    limit=repr(request.limit),
                )
            )
        self.request = request
        self.kind = kind
        self.ranges = [_range(kind, request.name, each) for each in request.ranges]
        self.step = None if request.step is None else _step_of(kind, request)

    def of_ranges(self, counts: Sequence[int], missing: int) -> Facet:
        """The facet of ranges. counts: documents of each."""
        return Facet(tuple(zip(self.request.ranges, counts, strict=True)), 0, missing)

    def steps_of(self, values: npt.NDArray[Any]) -> Steps:
        """The steps of stored values, which ascend."""
        assert self.step is not None
        return _steps_of(self.step, values)

    def of_steps(self, counts: Mapping[Any, int], missing: int) -> Facet:
        """The facet of steps. counts: documents of each that has any. Raises InvalidQuery for too many steps.

        All steps from the first to the last are given. Those without documents are left out where they are too many.
        """
        there = sorted(counts.items())
        if len(there) > MAX_STEPS:
            raise _too_many(self.request)
        width = self.request.step
        assert width is not None
        begins = _steps_between(there[0][0], there[-1][0], width) if there else None
        steps = there if begins is None else [(begin, counts.get(begin, 0)) for begin in begins]
        return Facet(tuple(steps), 0, missing)


class FieldCounter:
    """One facet on its way: `count` for the documents of each segment, then `facet`."""

    def __init__(self, collection: Collection, facet: FieldFacet) -> None:
        self._collection = collection
        self._facet = facet
        self._request = facet.request
        self._kind = facet.kind
        self._ranges = facet.ranges
        self._step = facet.step
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
            return
        # Two values of a document may lie in one range or step: it counts there once.
        owners = None if column.ends is None else np.repeat(np.arange(len(docs)), lengths)
        if self._step is None:
            self._count_ranges(column, places, owners)
        elif len(places):
            self._count_steps(number, self._step, column, places, owners)

    def _count_values(self, number: int, column: Column, places: _Docs) -> None:
        ranks = ranks_of_field(self._collection, self._request.name)
        if not len(self._counts):
            self._counts = np.zeros(ranks.total + 1, np.int64)
        counts = np.bincount(places, minlength=len(column.values) + 1)[1:]
        self._counts[ranks.of_values[number]] += counts

    def _count_ranges(self, column: Column, places: _Docs, owners: _Docs | None) -> None:
        values = np.asarray(column.values)
        for number, (low, high) in enumerate(self._ranges):
            first = 0 if low is None else int(np.searchsorted(values, low, "left"))
            end = len(values) if high is None else int(np.searchsorted(values, high, "left"))
            there = (places > first) & (places <= end)
            count = np.count_nonzero(there) if owners is None else len(np.unique(owners[there]))
            self._in_ranges[number] += int(count)

    def _count_steps(self, number: int, step: Step, column: Column, places: _Docs, owners: _Docs | None) -> None:
        fields = self._collection.views[number].fields
        key = (self._request.name, self._kind, type(self._request.step), self._request.step)
        steps = _STEPS_OF_VALUES.of(fields).get(key, lambda: _steps_of(step, np.asarray(column.values)))
        groups = steps.of_values[places - 1]
        if owners is not None:
            groups = np.unique(owners * len(steps.begins) + groups) % len(steps.begins)
        counts = np.bincount(groups, minlength=len(steps.begins)).tolist()
        for begin, count in zip(steps.begins, counts, strict=True):
            if count:
                self._steps[begin] = self._steps.get(begin, 0) + count

    def facet(self) -> Facet:
        """What was counted. Raises InvalidQuery for a histogram of too many steps."""
        if self._ranges:
            return self._facet.of_ranges(self._in_ranges, self._missing)
        if self._step is not None:
            return self._facet.of_steps(self._steps, self._missing)
        return self._of_values()

    def _of_values(self) -> Facet:
        found = np.flatnonzero(self._counts)
        order = found[np.lexsort((found, -self._counts[found]))]
        shown = order[: self._request.limit]
        values = zip(self._values(shown), self._counts[shown].tolist(), strict=True)
        return Facet(tuple(values), int(self._counts[order[len(shown) :]].sum()), self._missing)

    def _values(self, ranks: _Docs) -> list[Any]:
        """The values with some ranks, each from a segment that has it."""
        name = self._request.name
        found: list[Any] = [None] * len(ranks)
        for view, known in zip(self._collection.views, ranks_of_field(self._collection, name).of_values, strict=True):
            column = view.fields.column(name)
            if column is None:
                continue
            places = np.searchsorted(known, ranks)
            there = known.take(places, mode="clip") == ranks
            for at in np.flatnonzero(there).tolist():
                if found[at] is None:
                    found[at] = self._kind.given(column.value(int(places[at]) + 1))
        return found


def _steps_between(first: Any, last: Any, width: str | float) -> list[Any] | None:
    """All steps between two, both included; None if they are too many."""
    if not isinstance(width, str):
        if not (last - first) / width < MAX_STEPS:
            return None
        number = round(first / width)
        return [_begin_of(each, width) for each in range(number, number + round((last - first) / width) + 1)]
    found = [first]
    while found[-1] != last:
        if len(found) == MAX_STEPS:
            return None
        found.append(_next(found[-1], width))
    return found


def _begin_of(number: int, width: float) -> int | float:
    """Where a step begins, in the digits in which the width was written: the third step of .1 at .3."""
    return number * width if isinstance(width, int) else float(number * Decimal(repr(width)))


def _too_many(request: FacetRequest) -> InvalidQuery:
    return InvalidQuery(
        message(
            "facets: {name} has more than {most:,} steps of {step}; take larger ones",
            name=request.name,
            most=MAX_STEPS,
            step=request.step,
        )
    )


def _range(kind: Field, name: str, ends: object) -> tuple[Any, Any]:
    """The stored ends of a range, its high one not included."""
    if not isinstance(ends, (tuple, list)) or len(ends) != 2:
        raise InvalidQuery(
            message("facets: a range of {name} is a pair (from, before), not {ends}", name=name, ends=repr(ends))
        )
    if not isinstance(kind, (Number, Date, DateTime)):
        raise InvalidQuery(message("facets: {name} has no ranges: it is no Number, Date or DateTime", name=name))
    try:
        low, high = (None if end is None else kind.span(end)[0] for end in ends)
    except ValueError as error:
        raise InvalidQuery(
            message(
                "facets: an end of {ends} of {name} must be {error}", ends=repr(ends), name=name, error=sentence(error)
            )
        ) from None
    return low, high


def _step_of(kind: Field, request: FacetRequest) -> Step:
    """The step of a histogram, for values of a kind."""
    step = request.step
    if isinstance(kind, Number):
        if isinstance(step, bool) or not isinstance(step, (int, float)) or not math.isfinite(step) or step <= 0:
            raise InvalidQuery(
                message(
                    "facets: a step of {name} must be a number above 0, not {step}", name=request.name, step=repr(step)
                )
            )
        return step
    if not isinstance(kind, (Date, DateTime)):
        raise InvalidQuery(message("facets: {name} has no steps: it is no Number, Date or DateTime", name=request.name))
    if step not in _STEPS:
        raise InvalidQuery(
            message(
                "facets: a step of {name} must be one of {steps}, not {step}",
                name=request.name,
                steps=", ".join(_STEPS),
                step=repr(step),
            )
        )
    return kind, str(step)


class Steps(NamedTuple):
    """In which steps the distinct values of a column lie. begins: of the steps, ascending. of_values: the step of each value."""

    begins: list[Any]
    of_values: _Docs


def _steps_of(step: Step, values: npt.NDArray[Any]) -> Steps:
    """The steps of stored values, which ascend."""
    if not isinstance(step, tuple):
        with np.errstate(over="ignore"):
            numbers = np.clip(values / step, -_MOST_NUMBER, _MOST_NUMBER)
        # .3 / .1 is a little less than 3. What is near to a whole number is divided in the digits as they were written.
        size = np.abs(numbers)
        near = (np.abs(numbers - np.round(numbers)) <= _NEAR * np.maximum(size, 1.0)) & (size < _EXACT)
        width = Decimal(repr(step))
        exactly = [math.floor(Decimal(repr(value)) / width) for value in values[near].tolist()]
        numbers = np.floor(numbers)
        numbers[near] = exactly
        numbers, of_values = np.unique(numbers, return_inverse=True)
        return Steps([_begin_of(int(number), step) for number in numbers.tolist()], of_values)
    kind, named = step
    days, of_values = np.unique(_days_of(kind, values) if isinstance(kind, DateTime) else values, return_inverse=True)
    begins = [_begin(datetime.date.fromordinal(day), named) for day in days.tolist()]
    number_of = {begin: number for number, begin in enumerate(sorted(set(begins)))}
    return Steps(list(number_of), np.array([number_of[begin] for begin in begins], np.int64)[of_values])


def _days_of(kind: DateTime, moments: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The ordinal of the day of each moment, in the zone of the field."""
    if kind.zone == "UTC":
        return moments // _MICROSECONDS_A_DAY + _FIRST_DAY
    return np.array([kind.given(moment).toordinal() for moment in moments.tolist()], np.int64)


# Bytes for the steps of the values of a segment.
_STEPS_BYTES = 20_000_000
_STEPS_OF_VALUES: Attached[FieldColumns, Cache[tuple[Any, ...], Steps]] = Attached(
    lambda _: Cache(_STEPS_BYTES, lambda steps: 500 + steps.of_values.nbytes + 100 * len(steps.begins))
)


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
