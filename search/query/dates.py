"""Reads a day, a month, a year or a week as people write it, in English and in Russian.

    2021  2021-05  2021-05-29  2021/05/29  20210529      29.05.2021  05.2021       the day first, where dots stand between
    May 2021  29 May 2021  May 29, 2021                  май 2021  29 мая 2021
    today  yesterday  сегодня  вчера                     -7d  -3w  -2m  -1y        so long ago
    last week, month or year  this week                  прошлая неделя, прошлый месяц, прошлый год

Where slashes or dashes stand between two numbers that may both be the month, as in 11/02/2023, nobody can tell. Such a date is
refused.
"""

from __future__ import annotations

import calendar
import datetime
import re
from collections.abc import Callable
from typing import NamedTuple

from naidi.indexer.messages import message


class Period(NamedTuple):
    """The first and the last day of a day, a week, a month or a year."""

    first: datetime.date
    last: datetime.date


class Impossible(NamedTuple):
    """A date that is in no calendar, or that can be read in two ways.

    reason: what is wrong and, where that helps, what to write.
    around: the shortest period that it names rightly: the year of 2023-13, the month of 2023-02-30; None if there is none.
    read_as: what `around` is.
    """

    reason: str
    around: Period | None = None
    read_as: str = ""


_DAY = datetime.timedelta(days=1)
_YEAR_FIRST = re.compile(r"([0-9]{4})(?:[-/.]([0-9]{1,2})(?:[-/.]([0-9]{1,2})(?:T\S*)?)?)?")
_COMPACT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_DAY_FIRST = re.compile(r"(?:([0-9]{1,2})\.)?([0-9]{1,2})\.([0-9]{4})")
_UNSURE = re.compile(r"([0-9]{1,2})([/-])([0-9]{1,2})\2([0-9]{4})")
_AGO = re.compile(r"[-−–]([0-9]{1,5})([dwmyднмг])")
_NAMED = re.compile(
    r"(?:([0-9]{1,2})(?:st|nd|rd|th|-?го)?\s+)?([a-zа-яё]{3,9})\.?(?:\s+([0-9]{1,2})(?:st|nd|rd|th)?,?)?"
    r"(?:,?\s+([0-9]{4})(?:\s*(?:г\.?|года|год))?)"
)
_MONTHS = (
    "january jan январь января янв",
    "february feb февраль февраля фев",
    "march mar март марта мар",
    "april apr апрель апреля апр",
    "may май мая",
    "june jun июнь июня июн",
    "july jul июль июля июл",
    "august aug август августа авг",
    "september sep sept сентябрь сентября сен сент",
    "october oct октябрь октября окт",
    "november nov ноябрь ноября ноя нояб",
    "december dec декабрь декабря дек",
)
_MONTH_OF = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}
_UNITS = {"d": "d", "w": "w", "m": "m", "y": "y", "д": "d", "н": "w", "м": "m", "г": "y"}


def read_period(text: str, today: datetime.date | None = None) -> Period | Impossible | None:
    """The period that a text names; None if it is no date.

    Parameters:
      text: what was typed.
      today: what `today` and `last week` count from; None for the day that it is.
    """
    value = " ".join(text.casefold().split())
    if found := _YEAR_FIRST.fullmatch(value.upper()) or _COMPACT.fullmatch(value):
        return _period(text, *found.groups())
    if found := _DAY_FIRST.fullmatch(value):
        day, month, year = found.groups()
        return _period(text, year, month, day)
    if found := _UNSURE.fullmatch(value):
        return _day_or_month_first(text, found[1], found[3], found[4])
    if (found := _NAMED.fullmatch(value)) and found[2] in _MONTH_OF and not (found[1] and found[3]):
        return _period(text, found[4], str(_MONTH_OF[found[2]]), found[1] or found[3])
    try:
        return _counted(value, today or datetime.date.today())
    except (OverflowError, ValueError):  # before the year 1
        return Impossible(message("{text} is before the first year", text=text))


def _period(text: str, year: str, month: str | None, day: str | None) -> Period | Impossible | None:
    y = int(year)
    if y < datetime.MINYEAR:
        return None
    whole_year = Period(datetime.date(y, 1, 1), datetime.date(y, 12, 31))
    if month is None:
        return whole_year
    m = int(month)
    if not 1 <= m <= 12:
        read_as = message("{text} is read as the year {year}", text=text, year=year)
        return Impossible(message("there is no month {month}", month=month), whole_year, read_as)
    days = calendar.monthrange(y, m)[1]
    whole_month = Period(datetime.date(y, m, 1), datetime.date(y, m, days))
    if day is None:
        return whole_month
    d = int(day)
    if not 1 <= d <= days:
        read_as = message("read as the month {year}-{month:02}", year=year, month=m)
        return Impossible(message("there is no day {text}", text=text), whole_month, read_as)
    return Period(datetime.date(y, m, d), datetime.date(y, m, d))


def _day_or_month_first(text: str, first: str, second: str, year: str) -> Period | Impossible | None:
    one, other = int(first), int(second)
    if one == other or one > 12 >= other:
        return _period(text, year, second, first)
    if other > 12 >= one:
        return _period(text, year, first, second)
    if one > 12:
        return _period(text, year, second, first)  # neither can be the month
    both = f"{year}-{other:02}-{one:02}", f"{year}-{one:02}-{other:02}"
    return Impossible(
        message("{text} may be the day {one} or {other}: write one of these", text=text, one=both[0], other=both[1])
    )


def _counted(value: str, today: datetime.date) -> Period | None:
    """The period of a word, or of a time ago."""
    if found := _AGO.fullmatch(value):
        number, unit = int(found[1]), _UNITS[found[2]]
        if unit in "dw":
            day = today - _DAY * number * (7 if unit == "w" else 1)
        else:
            months = today.year * 12 + today.month - 1 - number * (12 if unit == "y" else 1)
            year, month = divmod(months, 12)
            day = datetime.date(year, month + 1, min(today.day, calendar.monthrange(year, month + 1)[1]))
        return Period(day, day)
    named = _WORDS.get(value)
    return None if named is None else named(today)


def _day(ago: int) -> Callable[[datetime.date], Period]:
    return lambda today: Period(today - _DAY * ago, today - _DAY * ago)


def _week(ago: int) -> Callable[[datetime.date], Period]:
    def week(today: datetime.date) -> Period:
        monday = today - _DAY * (today.weekday() + 7 * ago)
        return Period(monday, monday + 6 * _DAY)

    return week


def _month(ago: int) -> Callable[[datetime.date], Period]:
    def month(today: datetime.date) -> Period:
        year, number = divmod(today.year * 12 + today.month - 1 - ago, 12)
        return Period(
            datetime.date(year, number + 1, 1),
            datetime.date(year, number + 1, calendar.monthrange(year, number + 1)[1]),
        )

    return month


def _year(ago: int) -> Callable[[datetime.date], Period]:
    return lambda today: Period(datetime.date(today.year - ago, 1, 1), datetime.date(today.year - ago, 12, 31))


_WORDS: dict[str, Callable[[datetime.date], Period]] = {
    **dict.fromkeys(("today", "сегодня"), _day(0)),
    **dict.fromkeys(("yesterday", "вчера"), _day(1)),
    **dict.fromkeys(("this week", "эта неделя", "на этой неделе"), _week(0)),
    **dict.fromkeys(("last week", "прошлая неделя", "на прошлой неделе"), _week(1)),
    **dict.fromkeys(("this month", "этот месяц", "в этом месяце"), _month(0)),
    **dict.fromkeys(("last month", "прошлый месяц", "в прошлом месяце"), _month(1)),
    **dict.fromkeys(("this year", "этот год", "в этом году"), _year(0)),
    **dict.fromkeys(("last year", "прошлый год", "в прошлом году"), _year(1)),
}
