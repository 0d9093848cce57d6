"""Reads what stands behind the name of a field of the application: `price:<500`, `brand:Bosch`, `created:2024-05`.

A value, a comparison (`<500`, `>=10`) or a range (`[10 TO 50]`, `10..50`, `*` for an open end). A Keyword is found whatever the
case of its letters, unless "=" stands before it, and `Bo*` is any that begins so. What is no value of the field finds nothing, and
is warned of: with a filter that was dropped, a query would find what it must not.
"""

from __future__ import annotations

import datetime
from typing import Any

from naidi.indexer.conditions import Between, Compared, Condition, Exists, OneOf, StartsWith
from naidi.indexer.fields import Boolean, Date, DateTime, Field, Keyword, Number
from naidi.indexer.late import pattern
from naidi.indexer.messages import Message, message

from .analysed import FieldFilter
from .lexer import Kind, Lexeme, Warn, read_anyway, shortened
from .plain import MAX_WORD, PUNCTUATION

_COMPARISON = pattern(r"(>=|<=|>|<|=|≥|≤)\s*")
_NUMBER = pattern(r"[+-]?(?:[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_MOMENT = pattern(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.]+(?:Z|[+-][0-9:]+)?")
_TRUE = frozenset(("true", "yes", "1", "on", "да", "истина"))
_FALSE = frozenset(("false", "no", "0", "off", "нет", "ложь"))
_OPERATORS = {"≥": ">=", "≤": "<=", "=": "=="}


def read_own_field(lexeme: Lexeme, name: str, kind: Field, warn: Warn) -> FieldFilter:
    """The filter of a field that is no Text. warn: called with each warning for the user."""
    typed = lexeme.text.strip()
    quoted = lexeme.kind is Kind.PHRASE
    typed_text = f"{name}:{'=' * lexeme.exact}{_quoted(typed) if quoted else typed}"
    alternative = None if kind.multiple else name
    if lexeme.suffix.strip("."):
        warn(message("{field}: has no score: what stands behind {text} is ignored", field=name, text=shortened(typed)))
    condition: Condition | None
    if isinstance(kind, Keyword):
        condition = _keyword(name, typed, warn, quoted=quoted, exact=lexeme.exact)
    else:
        text = typed[:MAX_WORD]
        condition = _compared(name, kind, text if text.endswith("..") else text.rstrip(PUNCTUATION), warn)
    if condition is None:
        wrong = _no_value(kind, shortened(typed))
        warn(message("{wrong}, so that {field}: finds nothing", wrong=wrong, field=name))
        return FieldFilter(OneOf(name, ()), typed_text)
    return FieldFilter(
        condition, typed_text, alternative if isinstance(condition, (OneOf, Between, StartsWith)) else None
    )


def _no_value(kind: Field, text: str) -> Message:
    """Says that a text is no value of a field."""
    if isinstance(kind, Number):
        return message("{text} is not a number", text=text)
    if isinstance(kind, Boolean):
        return message("{text} is not true or false", text=text)
    return message("{text} is not a date", text=text)


def _quoted(text: str) -> str:
    """What stood in quotes, in some that it does not have itself: it has none of one kind."""
    first, last = next(pair for pair in ('""', "«»", "“”") if pair[1] not in text or pair == "“”")
    return f"{first}{text}{last}"


def _keyword(name: str, typed: str, warn: Warn, *, quoted: bool, exact: bool) -> Condition:
    if not quoted:
        typed = typed.rstrip(",;")
        if typed == "*":
            return Exists(name)
        if ".." in typed.strip("."):
            low, _, high = typed.partition("..")
            return Between(name, None if low == "*" else low, None if high == "*" else high)
        found = _COMPARISON.match(typed)
        if found is not None and found[1] != "=" and len(typed) > found.end():
            return Compared(name, _OPERATORS.get(found[1], found[1]), typed[found.end() :])
        if typed.endswith("*"):
            typed = typed.rstrip("*")
            if "*" not in typed and "?" not in typed:
                return StartsWith(name, typed, not exact)
        if "*" in typed or "?" in typed:
            warn(
                message(
                    "{text}: * and ? mean nothing inside a value of {field}, only one * at its end does",
                    text=shortened(typed),
                    field=name,
                )
            )
    return OneOf(name, (typed,), not exact)


def _compared(name: str, kind: Field, text: str, warn: Warn) -> Condition | None:
    """The condition of a value, a comparison or a range; None if it is none."""
    if text == "*":
        return Exists(name)
    if ".." in text:
        first, _, last = text.partition("..")
        low, high = (None if end in ("", "*") else read_value(kind, end, warn) for end in (first, last))
        if (low is None and first not in ("", "*")) or (high is None and last not in ("", "*")):
            return None
        if low is not None and high is not None and _after(low[0], high[1]):
            warn(
                read_anyway(
                    message("the range {first} TO {last} runs backwards", first=shortened(first), last=shortened(last)),
                    message("its ends are swapped"),
                )
            )
            low, high = high, low
        return Between(name, None if low is None else low[0], None if high is None else high[1])
    compared = _COMPARISON.match(text)
    found = read_value(kind, text[compared.end() :] if compared else text, warn)
    if found is None:
        return None
    least, most = found
    operator = _OPERATORS.get(compared[1], compared[1]) if compared else "=="
    if operator == "==":
        return Compared(name, "==", least) if isinstance(kind, Boolean) else Between(name, least, most)
    if isinstance(kind, Boolean):
        return None
    return Compared(name, operator, least if operator in ("<", ">=") else most)


def _after(one: Any, other: Any) -> bool:
    """Whether a value is later than another; False for a day and a moment, which cannot be compared."""
    return isinstance(one, datetime.datetime) == isinstance(other, datetime.datetime) and bool(one > other)


def read_value(kind: Field, text: str, warn: Warn) -> tuple[Any, Any] | None:
    """The least and the greatest value that a text stands for; None if it is none of the kind."""
    if isinstance(kind, Number):
        found = _NUMBER.fullmatch(text)
        number = None if found is None else float(text.replace(",", "."))
        return None if number is None or number in (float("inf"), float("-inf")) else (number, number)
    if isinstance(kind, Boolean):
        folded = text.casefold()
        return (True, True) if folded in _TRUE else (False, False) if folded in _FALSE else None
    if isinstance(kind, DateTime) and _MOMENT.fullmatch(text):
        return _moment(kind, text)
    assert isinstance(kind, (Date, DateTime))
    # Days of moments are those of the zone of the field, and so is today.
    today = datetime.datetime.now(kind.tzinfo).date() if isinstance(kind, DateTime) else None
    return _days(text, today, warn)


def _moment(kind: DateTime, text: str) -> tuple[Any, Any] | None:
    """A time of day; without a zone it is one in the zone of the field."""
    try:
        moment = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=kind.tzinfo)
    return moment, moment


def _days(text: str, today: datetime.date | None, warn: Warn) -> tuple[datetime.date, datetime.date] | None:
    from .dates import Impossible, read_period
    from .filters import warning_of

    found = read_period(text, today)
    if isinstance(found, Impossible):
        warn(warning_of(found))
        found = found.around
    return None if found is None else (found.first, found.last)
