"""What a query says of a value, as a condition of naidi: numbers, days, truth and keywords."""

from __future__ import annotations

import datetime
import re

from naidi import Condition, field

from .own_fields import OwnField
from .query_strings import Leaf, Range

_DIGITS = re.compile(r"(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?")
_MOMENT = re.compile(
    r"(\d{4})(?:-(\d\d?))?(?:-(\d\d?))?(?:[T ](\d\d))?(?::(\d\d))?(?::(\d\d))?(?:\.\d+)?(?:Z|[+-]00:00)?"
)
_TRUE, _FALSE = {"true", "t", "yes", "1"}, {"false", "f", "no", "0"}


class Unanswerable(ValueError):
    """A query that naidi cannot answer as it is meant. The message says why."""


def compared(own: OwnField, leaf: Leaf) -> Condition:
    """The condition of a word, a phrase or a pattern. Raises Unanswerable."""
    name = _column(own)
    if leaf.form == "pattern":
        return _pattern(own, name, leaf.text)
    if leaf.form == "fuzzy":
        raise Unanswerable(f"{own.name} has values and no words: none of them is nearly {leaf.text!r}")
    if own.kind == "keyword":
        return field(name) == leaf.text
    if own.kind == "boolean":
        text = leaf.text.lower()
        return field(name) == (text in _TRUE) if text in _TRUE | _FALSE else nothing(name)
    if own.kind == "number":
        number = _number(leaf.text)
        return nothing(name) if number is None else field(name) == number
    span = _span(leaf.text)
    if span is None:
        return nothing(name)
    return _after(name, span[0]) if span[1] is None else _after(name, span[0]) & (field(name) < span[1])


def in_range(own: OwnField, wanted: Range) -> Condition:
    """The condition of a range. Raises Unanswerable."""
    name = _column(own)
    if not wanted.low and not wanted.high:
        return field(name).exists()
    parts: list[Condition] = []
    if own.kind == "moment":
        low, high = (_span(end) if end else (None, None) for end in (wanted.low, wanted.high))
        if low is None or high is None:
            return nothing(name)
        start = low[0] if wanted.low_in else low[1]
        end = high[1] if wanted.high_in else high[0]
        if start is not None:
            parts.append(_after(name, start))
        if end is not None:
            parts.append(field(name) < end)
    else:
        for text, is_in, is_low in ((wanted.low, wanted.low_in, True), (wanted.high, wanted.high_in, False)):
            if not text:
                continue
            value = _number(text) if own.kind == "number" else text
            if value is None or own.kind == "boolean":
                return nothing(name)
            one = field(name)
            if is_low:
                parts.append(one >= value if is_in else one > value)
            else:
                parts.append(one <= value if is_in else one < value)
    if not parts:
        return field(name).exists()
    return parts[0] if len(parts) == 1 else parts[0] & parts[1]


def nothing(name: str) -> Condition:
    """A condition that holds for no document."""
    return field(name).isin([])


def _column(own: OwnField) -> str:
    if own.column is None:
        raise Unanswerable(f"{own.name} has words and no values: naidi has no ranges of words")
    return own.column


def _pattern(own: OwnField, name: str, pattern: str) -> Condition:
    start = pattern.rstrip("*")
    if not start:
        return field(name).exists()
    if "*" in start or "?" in start or own.kind != "keyword" or start == pattern:
        raise Unanswerable(f"{own.name} has values and no words: {pattern!r} would look inside of them")
    return field(name).startswith(start)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if number - number == 0 else None  # neither infinite nor a NaN


def _span(text: str) -> tuple[datetime.datetime, datetime.datetime | None] | None:
    """From when to before when a moment lasts that is told to the year, the day or the second; None for what is no moment."""
    match = _DIGITS.fullmatch(text) or _MOMENT.fullmatch(text)
    if match is None:
        return None
    parts = [int(part) for part in match.groups() if part is not None]
    try:
        start = datetime.datetime(*[*parts, 1, 1][: max(3, len(parts))], tzinfo=datetime.timezone.utc)  # type: ignore[misc, arg-type]
    except ValueError:
        return None
    try:
        if len(parts) == 1:
            return start, start.replace(year=start.year + 1)
        if len(parts) == 2:
            return start, (start + datetime.timedelta(days=31)).replace(day=1)
        step = {3: {"days": 1}, 4: {"hours": 1}, 5: {"minutes": 1}}.get(len(parts), {"seconds": 1})
        return start, start + datetime.timedelta(**step)
    except (OverflowError, ValueError):  # the end of all years
        return start, None


def _after(name: str, start: datetime.datetime) -> Condition:
    return field(name) >= start
