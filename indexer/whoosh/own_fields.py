"""The fields of an application as fields of Whoosh: what they are called there, their terms and their columns."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import numpy as np
from whoosh import columns, fields

from ..codec.columns import Column
from ..codec.container import Array
from ..codec.ragged import lengths_of
from ..fields import Boolean, Date, DateTime, Field, Keyword, Number, Schema, Text, field_from_json

_NO_BOOLEAN = 2


class DateField(fields.DATETIME):
    """A day or a moment. Documents without one have no value."""

    def from_column_value(self, value: int) -> datetime | None:  # type: ignore[override]
        try:
            return super().from_column_value(value)
        except OverflowError:  # the column's default
            return None


class NumberField(fields.NUMERIC):
    """A number. Documents without one have no value, and come last."""

    def __init__(self) -> None:
        super().__init__(float, bits=64, shift_step=8, stored=True, sortable=True, default=math.inf)

    def from_column_value(self, value: int) -> float | None:  # type: ignore[override]
        number: float = super().from_column_value(value)
        return None if number == math.inf else number


class BooleanField(fields.BOOLEAN):
    """True or False, with a column: that of Whoosh has none."""

    column_type = columns.NumericColumn("B", default=_NO_BOOLEAN)  # type: ignore[no-untyped-call]

    def to_column_value(self, value: Any) -> int:  # type: ignore[override]
        return int(bool(value))

    def from_column_value(self, value: int) -> bool | None:  # type: ignore[override]
        return None if value == _NO_BOOLEAN else bool(value)


def schema_of_json(text: str) -> Schema:
    """The schema as the table of contents has it."""
    return {name: field_from_json(value) for name, value in json.loads(text).items()}


def add_fields(schema: fields.Schema, ours: Schema) -> None:
    """Add our fields to a schema of Whoosh. One that has the name of another stays out."""
    for name, kind in ours.items():
        if name not in schema.names() and not name.startswith("_"):
            schema.add(name, _field_of(kind), glob="*" in name)


def _field_of(kind: Field) -> fields.FieldType:
    if isinstance(kind, Keyword):
        return fields.ID(stored=True, sortable=True)
    if isinstance(kind, Number):
        return NumberField()
    if isinstance(kind, Boolean):
        return BooleanField(stored=True)
    if isinstance(kind, (Date, DateTime)):
        return DateField(stored=True, sortable=True)
    return fields.STORED()


def _theirs(kind: Field, stored: Any) -> Any:
    """A value as Whoosh has it. Moments are those of the clock in the zone of the field: Whoosh knows no zones."""
    if isinstance(kind, DateTime):
        return kind.given(stored).replace(tzinfo=None)
    return datetime.fromordinal(stored) if isinstance(kind, Date) else kind.given(stored)


def terms_of(column: Column, kind: Field) -> Mapping[bytes, Array]:
    """The documents of each term, ascending."""
    field: Any = _field_of(kind)
    if isinstance(kind, Text):
        return {}
    docs: dict[bytes, list[Array]] = {}
    for place, there in enumerate(_docs_of_values(column), 1):
        value = _theirs(kind, column.value(place))
        if isinstance(field, fields.NUMERIC):
            for shift in range(0, field.bits, field.shift_step):
                docs.setdefault(field.to_bytes(value, shift), []).append(there)
        else:
            docs[field.to_bytes(value)] = [there]
    return {term: parts[0] if len(parts) == 1 else np.unique(np.concatenate(parts)) for term, parts in docs.items()}


def _docs_of_values(column: Column) -> list[Array]:
    """For each value the documents that have it."""
    places, owners = column.places.astype(np.int64), np.arange(column.doc_count)
    if column.ends is not None:
        owners = owners.repeat(lengths_of(column.ends))
    order = np.argsort(places, kind="stable")
    counts = np.bincount(places, minlength=len(column.values) + 1)
    return np.split(owners[order], np.cumsum(counts)[:-1])[1:]


def column_of(column: Column, kind: Field, default: Any) -> list[Any]:
    """The values of a column of Whoosh, one a document: of several the least one, and `default` for none."""
    field: Any = _field_of(kind)
    known = [default, *(field.to_column_value(_theirs(kind, column.value(at + 1))) for at in range(len(column.values)))]
    if column.ends is None:
        return [known[place] for place in column.places.tolist()]
    first = column.ends.astype(np.int64) - lengths_of(column.ends)
    has = lengths_of(column.ends) > 0
    places = np.zeros(column.doc_count, np.int64)
    places[has] = column.places[first[has]]
    return [known[place] for place in places.tolist()]


def stored_of(column: Column, kind: Field, doc: int) -> Any:
    """What Whoosh shows of a document: a list where the field has several values, and None for none."""
    values = [_theirs(kind, stored) for stored in column.stored(doc)]
    return (values if kind.multiple else values[0]) if values else None
