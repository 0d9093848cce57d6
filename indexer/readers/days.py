"""Reads a day from the ways in which people and programs write it."""

from __future__ import annotations

import datetime
import re

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan янв",
            "feb фев",
            "mar мар",
            "apr апр",
            "may мая май",
            "jun июн",
            "jul июл",
            "aug авг",
            "sep сен",
            "oct окт",
            "nov ноя",
            "dec дек",
        ),
        start=1,
    )
    for name in names.split()
}
_LONGEST = 80
# 2021-05-29T10:00, 2021/5/29, 2021.05.29, 20210529
_YEAR_FIRST = re.compile(
    r"[\[<\"'(]?(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)|(\d{4})(\d\d)(\d\d)(?:T\d{4,6}Z?)?$", re.ASCII
)
_YEAR_LAST = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?!\d)", re.ASCII)
# 29 May 2021, Sat, 29 May 2021 10:00:00 GMT, 29 мая 2021 г.    May 29, 2021
_DAY_MONTH = re.compile(r"(?:[^\W\d]{2,12},?[ ]+)?(\d{1,2})(?:st|nd|rd|th)?[ -]([^\W\d]{3,10})\.?,?[ -](\d{4})(?!\d)")
_MONTH_DAY = re.compile(r"(?:[^\W\d]{2,12},?[ ]+)?([^\W\d]{3,10})\.?[ ](\d{1,2})(?:st|nd|rd|th)?,?[ ](\d{4})(?!\d)")


def day_of(text: str) -> datetime.date | None:
    """The day at the start of `text`; None if there is none, or it cannot be told.

    Understood are 2021-05-29 (a time may follow), 2021/05/29, 20210529, 29.05.2021, 29 May 2021, May 29, 2021 and the
    Russian names of months. 05/06/2021 is the fifth or the sixth, nobody knows; only 29/05/2021 is clear.

    >>> day_of("29 мая 2021 г.")
    datetime.date(2021, 5, 29)
    """
    text = text[:_LONGEST].strip()
    if found := _YEAR_FIRST.match(text):
        year, month, day = (found[1], found[3], found[4]) if found[1] else (found[5], found[6], found[7])
        return _day(int(year), int(month), int(day))
    if found := _YEAR_LAST.match(text):
        day_, mark, month_, year_ = found.groups()
        clear = mark == "." or day_ == month_ or int(day_) > 12
        return _day(int(year_), int(month_), int(day_)) if clear else None
    if found := _DAY_MONTH.match(text):
        return _day(int(found[3]), _month(found[2]), int(found[1]))
    if found := _MONTH_DAY.match(text):
        return _day(int(found[3]), _month(found[1]), int(found[2]))
    return None


def _month(name: str) -> int:
    return _MONTHS.get(name[:3].lower(), 0)


def _day(year: int, month: int, day: int) -> datetime.date | None:
    try:
        return datetime.date(year, month, day)
    except ValueError:
        return None
