"""Finds the day in the name of a file: `2025-03-07`, `meeting 2024-05-14`, `20250307_notes`, `2025-03 report`, `7 марта 2025`.

A month without a day is its first day. A year alone counts only if the name is nothing else. What is in no calendar is no date.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from functools import lru_cache

_FIRST_YEAR, _LAST_YEAR = 1500, 2100
# How a month begins, in Russian and English.
_MONTHS = {
    begin: number
    for number, begins in enumerate(
        (
            *(
                "янв jan",
                "фев feb",
                "мар mar",
                "апр apr",
                "май мая мае may",
                "июн jun",
                "июл jul",
                "авг aug",
                "сен sep",
            ),
            *("окт oct", "ноя nov", "дек dec"),
        ),
        1,
    )
    for begin in begins.split()
}
_MONTH = (
    r"(янв(?:ар[ьяе])?|фев(?:рал[ьяе])?|мар(?:т[ае]?)?|апр(?:ел[ьяе])?|ма[йяе]|июн[ьяе]?|июл[ьяе]?|авг(?:уст[ае]?)?|сен(?:тябр[ьяе])?"
    r"|окт(?:ябр[ьяе])?|ноя(?:бр[ьяе])?|дек(?:абр[ьяе])?|jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?"
    r"|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_BETWEEN = r"[\s_.,-]{1,3}"
_START, _END = r"(?<![^\W_])", r"(?![^\W_])"
_SHAPES = [
    # year, month, day
    re.compile(r"(?<!\d)(?P<y>\d{4})(?P<s>[-_. ])(?P<m>\d\d)(?P=s)(?P<d>\d\d)(?!\d)"),
    re.compile(r"(?<!\d)(?P<y>(?:19|20)\d\d)(?P<m>\d\d)(?P<d>\d\d)(?!\d)"),
    re.compile(r"(?<![^\W_])(?<!\d\.)(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>\d{4})(?!\d|\.\d)"),
    re.compile(rf"{_START}(?P<d>\d{{1,2}}){_BETWEEN}(?P<n>{_MONTH}){_BETWEEN}(?P<y>\d{{4}})(?!\d)", re.IGNORECASE),
    re.compile(rf"{_START}(?P<n>{_MONTH}){_BETWEEN}(?P<d>\d{{1,2}}){_BETWEEN}(?P<y>\d{{4}})(?!\d)", re.IGNORECASE),
    re.compile(rf"(?<!\d)(?P<y>\d{{4}}){_BETWEEN}(?P<n>{_MONTH}){_BETWEEN}(?P<d>\d{{1,2}})(?!\d)", re.IGNORECASE),
    # year and month
    re.compile(r"(?<![\d.-])(?P<y>\d{4})[-_](?P<m>\d\d)(?![-_.]?\d)"),
    re.compile(rf"{_START}(?P<n>{_MONTH}){_BETWEEN}(?P<y>\d{{4}})(?!\d)", re.IGNORECASE),
    re.compile(rf"(?<!\d)(?P<y>\d{{4}}){_BETWEEN}(?P<n>{_MONTH}){_END}", re.IGNORECASE),
]
_HAS_YEAR = re.compile(r"\d{4}")
_YEAR = re.compile(r"\s*(\d{4})\s*")
_LONGEST = 300


@lru_cache(1_000)  # asked for each row of a table
def date_in_name(stem: str) -> datetime.date | None:
    """The day in a name without its extension, or None. The first that is in a calendar counts, exact days before months."""
    stem = stem[:_LONGEST]
    return next(_days(stem), None) if _HAS_YEAR.search(stem) else None


def _days(stem: str) -> Iterator[datetime.date]:
    for shape in _SHAPES:
        for found in shape.finditer(stem):
            parts = found.groupdict()
            month = int(parts["m"]) if parts.get("m") else _MONTHS[parts["n"][:3].lower()]
            day = _day(int(parts["y"]), month, int(parts.get("d") or 1))
            if day is not None:
                yield day
    if year := _YEAR.fullmatch(stem):
        day = _day(int(year[1]), 1, 1)
        if day is not None:
            yield day


def _day(year: int, month: int, day: int) -> datetime.date | None:
    try:
        return datetime.date(year, month, day) if _FIRST_YEAR <= year <= _LAST_YEAR else None
    except ValueError:
        return None
