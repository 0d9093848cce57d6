"""Values of the fields of an application, and of facets by them, outside of Python: in JSON and as text."""

from __future__ import annotations

from naidi.indexer.late import datetime
from naidi.indexer.messages import message, told
from naidi.indexer.printable import printable
from naidi.indexer.typed import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

ALL = "*"
"""Stands for all fields of a hit."""

# Of a longer text, so many characters are shown.
_SHOWN = 120


def json_value(value: Any) -> Any:
    """The value as JSON can hold it: days and moments in ISO 8601, several values and a range as a list."""
    if isinstance(value, datetime.date):  # a moment is one, too
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, (list, tuple)):
        return [json_value(each) for each in value]
    return value


def text_value(value: Any) -> str:
    """The value as text on one line that harms no terminal; "" for none."""
    if isinstance(value, (list, tuple)):
        return ", ".join(map(text_value, value))
    if isinstance(value, bool):
        return "true" if value else "false"  # as in a query
    text = "" if value is None else " ".join(str(json_value(value)).split())
    return printable(text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…")


def chosen_fields(fields: Mapping[str, Any], wanted: Sequence[str]) -> Iterator[tuple[str, Any]]:
    """(name, value) of the fields of a hit that are wanted, in that order, each once.

    "x.*" stands for all that begin with "x.", and ALL for all, by name.
    """
    names: dict[str, None] = {}
    for each in wanted:
        if each == ALL or each.endswith(".*"):
            names.update((name, None) for name in sorted(fields) if name.startswith(each[:-1]))
        elif each in fields:
            names[each] = None
    for name in names:
        yield name, fields[name]


def range_text(low: Any, high: Any) -> str:
    """A range from its low end to before its high one; None for an open end."""
    if low is None:
        every: str = told(message("all"))
        return every if high is None else f"<{_end(high)}"
    if high is None:
        return f">={_end(low)}"
    shown: str = told(message("{low} to <{high}", low=_end(low), high=_end(high)))
    return shown


def _end(value: Any) -> str:
    return f"{value:.12g}" if isinstance(value, float) else text_value(value)


def step_text(begin: Any, step: str | float) -> str:
    """A step of a histogram, by that with which it begins: 2024-05 for a month, "50 to <100" for one of numbers."""
    if not isinstance(step, str):
        return range_text(float(begin), float(begin + step))
    if step == "quarter":
        return f"{begin.year:04}-Q{(begin.month + 2) // 3}"
    shown: str = begin.isoformat()
    return shown[: {"year": 4, "month": 7}.get(step, 10)]
