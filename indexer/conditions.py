"""Conditions on the fields of documents: `field("price") < 500`, and which documents of a segment they hold for.

A condition says nothing of an index. `check_condition` holds it against a schema. `matching` asks the columns of a segment: each
comparison is a range of the distinct values, so that the documents are compared by small numbers alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from .codec.columns import Column
from .errors import InvalidQuery
from .fields import Boolean, Field, Keyword, Schema, Text, kind_of, unknown_field
from .late import np
from .messages import message
from .record import record

if TYPE_CHECKING:
    import numpy.typing as npt

    Bools: TypeAlias = npt.NDArray[np.bool_]

MAX_PARTS = 10_000
"""Most parts that a condition may have."""
_MOST_VALUES = 100_000

Columns: TypeAlias = "Callable[[str], Column | None]"


class Condition:
    """A condition on the fields of a document. `&`, `|` and `~` join conditions.

    It has no truth of its own: `and`, `or`, `not` and chains such as `1 < field("price") < 5` raise TypeError.
    """

    __slots__ = ()

    def __and__(self, other: Condition | FieldName) -> Condition:
        return _joined(AllOf, self, condition_of(other))

    def __or__(self, other: Condition | FieldName) -> Condition:
        return _joined(AnyOf, self, condition_of(other))

    def __invert__(self) -> Condition:
        return self.condition if isinstance(self, Not) else Not(self)

    def __bool__(self) -> bool:
        raise TypeError(
            "a condition is neither true nor false: join conditions with &, | and ~, and write a range as two of them"
        )


@record
class Compared(Condition):
    """A value of the field compares so with `value`. operator: one of "==", "<", "<=", ">", ">="."""

    name: str
    operator: str
    value: Any


@record
class Between(Condition):
    """A value of the field lies between two, both included; None for an open end."""

    name: str
    low: Any
    high: Any


@record
class OneOf(Condition):
    """A value of the field is one of several. folded: whether the case of letters does not count."""

    name: str
    values: tuple[Any, ...]
    folded: bool = False


@record
class StartsWith(Condition):
    """A value of the field begins so. folded: whether the case of letters does not count."""

    name: str
    prefix: str
    folded: bool = False


@record
class Exists(Condition):
    """The document has the field."""

    name: str


@record
class AllOf(Condition):
    """All of some conditions hold."""

    parts: tuple[Condition, ...]


@record
class AnyOf(Condition):
    """At least one of some conditions holds."""

    parts: tuple[Condition, ...]


@record
class Not(Condition):
    """A condition does not hold."""

    condition: Condition


class FieldName:
    """A field, to be compared: `field("price") < 500`. By itself it is the condition that a Boolean is true.

    Of a field with several values, a comparison holds if it holds for any of them. `!=` holds where no value is equal, so also for
    documents without the field.
    """

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        if not isinstance(name, str):
            raise InvalidQuery(message("the name of a field must be a str, not {name!r}", name=name))
        self.name = name

    def __repr__(self) -> str:
        return f"field({self.name!r})"

    def __hash__(self) -> int:
        return hash(self.name)

    def __eq__(self, value: object) -> Condition:  # type: ignore[override]
        return Not(Exists(self.name)) if value is None else Compared(self.name, "==", value)

    def __ne__(self, value: object) -> Condition:  # type: ignore[override]
        return ~(self == value)

    def __lt__(self, value: object) -> Condition:
        return Compared(self.name, "<", value)

    def __le__(self, value: object) -> Condition:
        return Compared(self.name, "<=", value)

    def __gt__(self, value: object) -> Condition:
        return Compared(self.name, ">", value)

    def __ge__(self, value: object) -> Condition:
        return Compared(self.name, ">=", value)

    def __and__(self, other: Condition | FieldName) -> Condition:
        return condition_of(self) & other

    def __or__(self, other: Condition | FieldName) -> Condition:
        return condition_of(self) | other

    def __invert__(self) -> Condition:
        return ~condition_of(self)

    def __bool__(self) -> bool:
        raise TypeError("a field is neither true nor false: compare it, and join conditions with &, | and ~")

    def isin(self, values: Iterable[Any]) -> Condition:
        """A value is one of `values`; None among them stands for no value."""
        if isinstance(values, (str, bytes, Mapping)):
            raise InvalidQuery(message("isin takes several values, not {values!r}: put it into a list", values=values))
        found = tuple(values)
        if len(found) > _MOST_VALUES:
            raise InvalidQuery(
                message(
                    "isin takes at most {most:,} values, not {count:,}",
                    most=_MOST_VALUES,
                    count=len(found),
                )
            )
        if None in found:
            return OneOf(self.name, tuple(value for value in found if value is not None)) | Not(Exists(self.name))
        return OneOf(self.name, found)

    def between(self, low: Any, high: Any) -> Condition:
        """A value lies between two.

        low, high: the ends, both included; None for an open end.
        """
        return Between(self.name, low, high)

    def startswith(self, prefix: str) -> Condition:
        """A value of a Keyword begins so."""
        return StartsWith(self.name, prefix)

    def exists(self) -> Condition:
        """The document has the field."""
        return Exists(self.name)

    def counts(self, limit: int = 100) -> FacetRequest:
        """A facet of at most `limit` values."""
        return FacetRequest(self.name, limit=limit)

    def ranges(self, *ranges: tuple[Any, Any]) -> FacetRequest:
        """A facet of ranges. Each begins with its low end and ends before its high one; None for an open end."""
        return FacetRequest(self.name, ranges=ranges)

    def by(self, step: str | float) -> FacetRequest:
        """A histogram of days by "day", "week", "month", "quarter" or "year", of numbers by a width."""
        return FacetRequest(self.name, step=step)


def field(name: str) -> FieldName:
    """A field of the application, to be compared: `field("price") < 500`, `field("brand").isin(["Bosch", "Makita"])`."""
    return FieldName(name)


@record
class FacetRequest:
    """What is to be counted of a field; made by `field(name).counts()`, `.ranges()` and `.by()`.

    name: of the field.
    limit: most values.
    ranges: of values, if not single values are counted: each from its low end to before its high one.
    step: of a histogram.
    """

    name: str
    limit: int = 100
    ranges: tuple[tuple[Any, Any], ...] = ()
    step: str | float | None = None


def _joined(kind: type[AllOf] | type[AnyOf], first: Condition, second: Condition) -> Condition:
    """Both as one condition of this kind, without a tree as deep as the chain is long."""
    parts = [
        *(first.parts if isinstance(first, kind) else (first,)),
        *(second.parts if isinstance(second, kind) else (second,)),
    ]
    return kind(tuple(parts))


def condition_of(where: object) -> Condition:
    """The condition that an argument stands for.

    where: a Condition; a field, which is to be true; or a mapping of names to what their values must be: a value, a tuple
      (low, high) with None for an open end, a list or a set of values, or None for no value. All must hold.

    Raises InvalidQuery for anything else.
    """
    if isinstance(where, Condition):
        return where
    if isinstance(where, FieldName):
        return Compared(where.name, "==", True)
    if isinstance(where, Mapping):
        parts = []
        for name, value in where.items():
            one = FieldName(name)
            if isinstance(value, Mapping):
                parts.append(condition_of({f"{name}.{below}": other for below, other in value.items()}))
            elif isinstance(value, tuple):
                if len(value) != 2:
                    raise InvalidQuery(
                        message(
                            "{name}: a tuple is a range and has two ends, not {value!r}; a list has several values",
                            name=name,
                            value=value,
                        )
                    )
                parts.append(one.between(*value))
            elif isinstance(value, (list, set, frozenset)):
                parts.append(one.isin(value))
            else:
                parts.append(one == value)
        return parts[0] if len(parts) == 1 else AllOf(tuple(parts))
    raise InvalidQuery(
        message(
            "{where!r} is no condition: write field('price') < 500, or a dict such as {{'brand': 'Bosch'}}", where=where
        )
    )


def names_in(condition: Condition) -> list[str]:
    """The names of the fields that a condition asks for."""
    found: dict[str, None] = {}
    left = [condition]
    for parts in range(MAX_PARTS + 1):
        if not left:
            return list(found)
        one = left.pop()
        if isinstance(one, (AllOf, AnyOf)):
            left += one.parts
        elif isinstance(one, Not):
            left.append(one.condition)
        else:
            found[one.name] = None  # type: ignore[attr-defined]
        if parts + len(left) > MAX_PARTS:
            break
    raise InvalidQuery(
        message("a condition has more than {most:,} parts: isin takes many values at once", most=MAX_PARTS)
    )


def check_condition(condition: Condition, schema: Schema) -> None:
    """Raises InvalidQuery if a condition asks for a field that the schema lacks, or for values that its kind cannot have."""
    names_in(condition)
    _check(condition, schema)


def _check(condition: Condition, schema: Schema) -> None:
    if isinstance(condition, (AllOf, AnyOf)):
        for part in condition.parts:
            _check(part, schema)
    elif isinstance(condition, Not):
        _check(condition.condition, schema)
    else:
        name: str = condition.name  # type: ignore[attr-defined]
        kind = kind_of(schema, name)
        if kind is None:
            raise InvalidQuery(unknown_field(schema, name))
        spans_of(condition, kind)


def spans_of(condition: Condition, kind: Field) -> list[tuple[Any, Any]]:
    """The ranges of stored values that answer a comparison, both ends included; None for an open end. Raises InvalidQuery."""
    name: str = condition.name  # type: ignore[attr-defined]

    def span(value: object) -> tuple[Any, Any]:
        try:
            return kind.span(value)
        except ValueError as error:
            shown = repr(value)
            raise InvalidQuery(
                message(
                    "{name} is compared with {value}; it must be {error}",
                    name=name,
                    value=shown if len(shown) <= 60 else shown[:57] + "...",
                    error=error,
                )
            ) from None

    if isinstance(condition, Exists):
        return [(None, None)]
    if isinstance(kind, Text):
        raise InvalidQuery(
            message("{name} is a Text: its words are searched for, as in {name}:word, and not compared", name=name)
        )
    if isinstance(condition, Between):
        low = None if condition.low is None else span(condition.low)[0]
        high = None if condition.high is None else span(condition.high)[1]
        return [(low, high)]
    if isinstance(condition, OneOf):
        return [span(value) for value in condition.values]
    if isinstance(condition, StartsWith):
        if not isinstance(kind, Keyword):
            raise InvalidQuery(message("{name} is no Keyword: it cannot begin with anything", name=name))
        return [span(condition.prefix)]
    assert isinstance(condition, Compared)
    if condition.operator != "==" and isinstance(kind, Boolean):
        raise InvalidQuery(message("{name} is a Boolean: it is True or False, and not more or less", name=name))
    low, high = span(condition.value)
    return [
        {
            "==": (low, high),
            "<": (None, Before(low)),
            "<=": (None, high),
            ">": (After(high), None),
            ">=": (low, None),
        }[condition.operator]
    ]


class Before:
    """An end that is not included."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


class After(Before):
    """The same for a low end."""

    __slots__ = ()


def matching(condition: Condition, columns: Columns, schema: Schema, doc_count: int) -> Bools:
    """For each document of a segment, whether a condition holds for it.

    Parameters:
      condition: one that `check_condition` lets pass.
      columns: gives the column of a name, None if no document has the field.
      schema: of the fields of the application.
      doc_count: documents of the segment.
    """
    if isinstance(condition, Not):
        return ~matching(condition.condition, columns, schema, doc_count)
    if isinstance(condition, (AllOf, AnyOf)):
        join = np.logical_and if isinstance(condition, AllOf) else np.logical_or
        found = np.full(doc_count, isinstance(condition, AllOf))
        for part in condition.parts:
            join(found, matching(part, columns, schema, doc_count), out=found)
        return found
    name: str = condition.name  # type: ignore[attr-defined]
    column, kind = columns(name), kind_of(schema, name)
    if column is None or kind is None:
        return np.zeros(doc_count, bool)
    if isinstance(condition, (OneOf, StartsWith)) and condition.folded:
        return _docs_with(column, _folded_places(column, condition))
    if isinstance(condition, StartsWith):
        prefix = condition.prefix.encode()
        # 0xff is in no UTF-8, so that this is above all values that begin so.
        return _docs_in(column, column.lower_bound(prefix) + 1, column.lower_bound(prefix + b"\xff") + 1)
    spans = [_places_in(column, *span) for span in spans_of(condition, kind)]
    if len(spans) == 1:
        return _docs_in(column, *spans[0])
    wanted = np.zeros(len(column.values) + 1, bool)
    for low, high in spans:
        wanted[low:high] = True
    return _docs_with(column, wanted)


def _places_in(column: Column, low: Any, high: Any) -> tuple[int, int]:
    """The places of the values in a range: the first, and the one behind the last."""
    first, end = 1, len(column.values) + 1
    if column.kind == "keyword":
        if low is not None:
            wanted = (low.value if isinstance(low, After) else low).encode()
            first = column.lower_bound(wanted + b"\0" if isinstance(low, After) else wanted) + 1
        if high is not None:
            wanted = (high.value if isinstance(high, Before) else high).encode()
            end = column.lower_bound(wanted if isinstance(high, Before) else wanted + b"\0") + 1
        return first, max(first, end)
    values: Any = column.values
    if low is not None:
        after = isinstance(low, After)
        first = int(np.searchsorted(values, low.value if after else low, "right" if after else "left")) + 1
    if high is not None:
        before = isinstance(high, Before)
        end = int(np.searchsorted(values, high.value if before else high, "left" if before else "right")) + 1
    return first, max(first, end)


def _docs_in(column: Column, first: int, end: int) -> Bools:
    """The documents that have a value of a range of places."""
    places = column.places
    if first >= end:
        return np.zeros(column.doc_count, bool)
    if end - first == 1:
        there = places == places.dtype.type(first)
    elif end > len(column.values):
        there = places >= places.dtype.type(first)
    else:
        there = (places >= places.dtype.type(first)) & (places < places.dtype.type(end))
    return _of_documents(column, there)


def _docs_with(column: Column, wanted: Bools) -> Bools:
    """The documents that have a value at one of the wanted places."""
    return _of_documents(column, wanted[column.places])


def _of_documents(column: Column, there: Bools) -> Bools:
    """For each document, whether any of its values is there."""
    if column.ends is None:
        return there
    found = np.zeros(len(column.ends), bool)
    found[np.searchsorted(column.ends, np.flatnonzero(there), "right")] = True
    return found


def _folded_places(column: Column, condition: OneOf | StartsWith) -> Bools:
    """Which places have a value that is wanted, whatever the case of its letters."""
    folded = [value.casefold() for value in column.strings()]
    if isinstance(condition, StartsWith):
        prefix = condition.prefix.casefold()
        there = [value.startswith(prefix) for value in folded]
    else:
        values = {value.casefold() for value in condition.values}
        there = [value in values for value in folded]
    return np.array([False, *there])
