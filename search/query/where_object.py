"""Reads a condition on fields as JSON has it: `{"brand": ["Bosch", "Makita"], "price": {"to": 500}, "created": "2024-05"}`.

It is the mapping that `where=` takes in Python, where a range is a tuple and a date an object. Here a range has "from" and "to",
both included, and a date is what may stand behind a date field in a query: a year or a month stands for all of its days.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from naidi.indexer.conditions import AllOf, AnyOf, Between, Compared, Condition, Exists, Not, OneOf
from naidi.indexer.errors import InvalidQuery
from naidi.indexer.fields import Date, DateTime, Field, kind_of
from naidi.indexer.messages import message

from .lexer import shortened
from .own_fields import read_value

if TYPE_CHECKING:
    from naidi.indexer.fields import Schema

_ENDS = {"from", "to"}


def read_where_object(value: Mapping[str, Any], schema: Schema) -> Condition:
    """The condition of an object: all of its fields must be as it says.

    Parameters:
      value: name of a field -> a value, a list of which any may be, an object with the ends of a range, or None for no value.
      schema: of the fields of the application. A field that it lacks stays in the condition.

    Raises InvalidQuery for what no field takes. What the kind of one does not take is left to `check_condition`.
    """
    parts = tuple([_part(name, each, kind_of(schema, name)) for name, each in value.items()])
    return parts[0] if len(parts) == 1 else AllOf(parts)


def _part(name: str, value: Any, kind: Field | None) -> Condition:
    if kind is None:
        return Exists(name)  # whose name is told
    has_days = isinstance(kind, (Date, DateTime))
    if isinstance(value, Mapping):
        if not value or not value.keys() <= _ENDS:
            raise InvalidQuery(
                message(
                    'where: {name} is an object without "from" and "to"; a range has one of them, or both', name=name
                )
            )
        low, high = value.get("from"), value.get("to")
        if has_days:
            low, high = (
                None if end is None else _days(name, kind, end)[which] for which, end in enumerate((low, high))
            )
        return Between(name, low, high)
    if isinstance(value, list):
        if has_days:
            return AnyOf(tuple([Between(name, *_days(name, kind, each)) for each in value]))
        return OneOf(name, tuple(value))
    if has_days and value is not None:
        return Between(name, *_days(name, kind, value))
    return Not(Exists(name)) if value is None else Compared(name, "==", value)


def _days(name: str, kind: Field, value: Any) -> tuple[Any, Any]:
    wrong: list[str] = []
    found = read_value(kind, value.strip(), wrong.append) if isinstance(value, str) else None
    if found is None or wrong:
        no_date = message(
            "where: {value} is no date for {name}, such as 2024-05-29", value=shortened(str(value)), name=name
        )
        raise InvalidQuery(message("{wrong}: {reason}", wrong=no_date, reason=wrong[0]) if wrong else no_date)
    return found
