"""Reads the text of a filter: the days of `date:` and `mtime:`, the language of `lang:`. `file_filters` reads those of files.

A date is a year, a month or a day (`2021`, `2021-05`, `2021-05-29`, also `29.05.2021` and `05.2021`), a comparison
(`>=2021-05`) or a range (`2021-01..2021-06`, `*` for an open end). A year or a month stands for all of its days.
"""

from __future__ import annotations

import calendar
import datetime
import re

from .lexer import Warn, shortened
from .nodes import DateRange, LanguageIs

FILTER_FIELDS = {
    "date": "date",
    "lang": "lang",
    "language": "lang",
    "path": "path",
    "dir": "dir",
    "ext": "ext",
    "size": "size",
    "mtime": "mtime",
}
"""Name of a filter field -> kind of the filter. These names are known in every index."""

_DAY = datetime.timedelta(days=1)
_YEAR_FIRST = re.compile(r"([0-9]{4})(?:[-/.]([0-9]{1,2})(?:[-/.]([0-9]{1,2})(?:T\S*)?)?)?")
_DAY_FIRST = re.compile(r"(?:([0-9]{1,2})\.)?([0-9]{1,2})\.([0-9]{4})")
_COMPARISON = re.compile(r"(>=|<=|>|<|=|≥|≤)")

_LANGUAGE_NAMES = {
    "en": "english eng английский англ",
    "ru": "russian rus русский рус",
}
_CODE_OF = {name: code for code, names in _LANGUAGE_NAMES.items() for name in names.split()}
_CODE = re.compile(r"([a-z]{2,3})(?:[-_][a-z0-9]{2,8})*")
_ISO_639_1 = """
    aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo es
    et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki
    kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no
    nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te
    tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu
"""
_KNOWN_CODES = frozenset((*_ISO_639_1.split(), "und"))


def read_dates(text: str, warn: Warn) -> DateRange | None:
    """The days that the text names. None if it names none. `warn` is called with each warning for the user."""
    value = text.strip("[]{}")
    if ".." in value:
        first, _, last = value.partition("..")
        return _between(first, last, warn)
    compared = _COMPARISON.match(value)
    if value == "*":
        return DateRange()
    period = _period(value[compared.end() :] if compared else value, warn)
    if period is None:
        return None
    since, until = period
    match compared[0] if compared else "=":
        case ">=" | "≥":
            return DateRange(since, None)
        case "<=" | "≤":
            return DateRange(None, until)
        case ">":
            return DateRange(until + _DAY if until < datetime.date.max else until, None)
        case "<":
            return DateRange(None, since - _DAY if since > datetime.date.min else since)
        case _:
            return DateRange(since, until)


def _between(first: str, last: str, warn: Warn) -> DateRange | None:
    since = until = None
    if first not in ("", "*"):
        period = _period(first, warn)
        if period is None:
            return None
        since = period[0]
    if last not in ("", "*"):
        period = _period(last, warn)
        if period is None:
            return None
        until = period[1]
    if since is not None and until is not None and since > until:
        warn(f"the date range {shortened(first)} TO {shortened(last)} runs backwards: its ends are swapped")
        return _between(last, first, warn)
    return DateRange(since, until)


def _period(text: str, warn: Warn) -> tuple[datetime.date, datetime.date] | None:
    """The first and the last day of a year, a month or a day. An impossible month is read as its year, an impossible day as its
    month. None if the text is no date."""
    if found := _YEAR_FIRST.fullmatch(text):
        year, month, day = found.groups()
    elif found := _DAY_FIRST.fullmatch(text):
        day, month, year = found.groups()
    else:
        return None
    y = int(year)
    if y < datetime.MINYEAR:
        return None
    if month is None:
        return datetime.date(y, 1, 1), datetime.date(y, 12, 31)
    m = int(month)
    if not 1 <= m <= 12:
        warn(f"there is no month {month}: {text} is read as the year {year}")
        return datetime.date(y, 1, 1), datetime.date(y, 12, 31)
    days = calendar.monthrange(y, m)[1]
    if day is None:
        return datetime.date(y, m, 1), datetime.date(y, m, days)
    d = int(day)
    if not 1 <= d <= days:
        warn(f"there is no day {text}: read as the month {year}-{m:02}")
        return datetime.date(y, m, 1), datetime.date(y, m, days)
    return datetime.date(y, m, d), datetime.date(y, m, d)


def read_language(text: str, warn: Warn) -> LanguageIs | None:
    """The language of a code or a name. A region (`en-GB`) is ignored. None if the text can be neither."""
    value = text.casefold()
    if value in _CODE_OF:
        return LanguageIs(_CODE_OF[value])
    if value in _KNOWN_CODES:
        return LanguageIs(value)
    found = _CODE.fullmatch(value)
    if found is None:
        return None
    code = _CODE_OF.get(found[1], found[1])
    if code not in _KNOWN_CODES:
        warn(f"unknown language code {code}: use a code of ISO 639-1 such as en or ru")
    return LanguageIs(code)
