"""What searches by fields should find, worked out from the values as they were given, without columns."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Mapping
from typing import Any

from naidi.indexer.conditions import AllOf, AnyOf, Between, Compared, Condition, Exists, Not, OneOf, StartsWith

Values = Mapping[str, Any]


def several(values: Values, name: str) -> list[Any]:
    """The values of a document in a field."""
    value = values.get(name)
    return [] if value is None else list(value) if isinstance(value, list) else [value]


def _days(value: Any) -> tuple[Any, Any]:
    """The first and the last moment of a day; any other value twice."""
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        first = datetime.datetime.combine(value, datetime.time(), tzinfo=datetime.timezone.utc)
        return first, first + datetime.timedelta(days=1, microseconds=-1)
    return value, value


def holds(condition: Condition, values: Values) -> bool:
    """Whether a condition holds for a document."""
    match condition:
        case AllOf(parts):
            return all(holds(part, values) for part in parts)
        case AnyOf(parts):
            return any(holds(part, values) for part in parts)
        case Not(part):
            return not holds(part, values)
        case Exists(name):
            return bool(several(values, name))
        case OneOf(name, wanted, folded):
            return any(
                _folded(one, folded) in [_folded(each, folded) for each in wanted] for one in several(values, name)
            )
        case StartsWith(name, prefix, folded):
            return any(_folded(one, folded).startswith(_folded(prefix, folded)) for one in several(values, name))
        case Between(name, low, high):
            return any(
                (low is None or _days(low)[0] <= one) and (high is None or one <= _days(high)[1])
                for one in several(values, name)
            )
        case Compared(name, operator, wanted):
            return any(_compares(operator, one, *_days(wanted)) for one in several(values, name))
    raise NotImplementedError(condition)


def _folded(value: Any, folded: bool) -> Any:
    return value.casefold() if folded else value


def _compares(operator: str, value: Any, first: Any, last: Any) -> bool:
    return {
        "==": lambda: first <= value <= last,
        "<": lambda: value < first,
        "<=": lambda: value <= last,
        ">": lambda: value > last,
        ">=": lambda: value >= first,
    }[operator]()


def in_order(documents: Mapping[str, Values], keys: list[str]) -> list[str]:
    """The ids in the order of fields; equal ones in that of their ids."""
    order = sorted(documents)
    for key in reversed(keys):
        name, down = key.removeprefix("-"), key.startswith("-")
        there = [doc_id for doc_id in order if several(documents[doc_id], name)]
        pick = max if down else min
        there.sort(key=lambda doc_id: pick(several(documents[doc_id], name)), reverse=down)
        order = [*there, *(doc_id for doc_id in order if not several(documents[doc_id], name))]
    return order


def counts(documents: Mapping[str, Values], name: str) -> Counter[Any]:
    """How many documents have each value."""
    return Counter(value for values in documents.values() for value in several(values, name))
