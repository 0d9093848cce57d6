"""Dates as people write them."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from naidi.indexer.errors import InvalidQuery
from naidi.search.query.dates import Impossible, Period, read_period
from naidi.search.query.filters import read_days

TODAY = datetime.date(2024, 3, 31)  # a Sunday, and the last day of its month

READ = """
    2021                     | 2021-01-01 2021-12-31
    2021-02                  | 2021-02-01 2021-02-28
    2021-2                   | 2021-02-01 2021-02-28
    2021/02/11               | 2021-02-11
    2021-02-11T10:00:00Z     | 2021-02-11
    20210211                 | 2021-02-11
    11.02.2021               | 2021-02-11
    02.2021                  | 2021-02-01 2021-02-28
    25/02/2021               | 2021-02-25
    02/25/2021               | 2021-02-25
    11/11/2021               | 2021-11-11
    Feb 2021                 | 2021-02-01 2021-02-28
    february 2021            | 2021-02-01 2021-02-28
    11 Feb 2021              | 2021-02-11
    Feb. 11, 2021            | 2021-02-11
    11th February 2021       | 2021-02-11
    февраль 2021             | 2021-02-01 2021-02-28
    11 февраля 2021 г.       | 2021-02-11
    today                    | 2024-03-31
    Yesterday                | 2024-03-30
    сегодня                  | 2024-03-31
    вчера                    | 2024-03-30
    -7d                      | 2024-03-24
    -3w                      | 2024-03-10
    -1m                      | 2024-02-29
    -2m                      | 2024-01-31
    -1y                      | 2023-03-31
    last week                | 2024-03-18 2024-03-24
    this  week               | 2024-03-25 2024-03-31
    last month               | 2024-02-01 2024-02-29
    last year                | 2023-01-01 2023-12-31
    прошлая неделя           | 2024-03-18 2024-03-24
    прошлый месяц            | 2024-02-01 2024-02-29
    прошлый год              | 2023-01-01 2023-12-31
"""
IMPOSSIBLE = """
    2023-13       | no month 13
    2023-02-30    | no day 2023-02-30
    20230230      | no day 20230230
    30.02.2023    | no day
    32 мая 2023   | no day
    30/30/2023    | no month 30
    11/02/2023    | 2023-02-11 or 2023-11-02
    11-02-2023    | 2023-02-11 or 2023-11-02
    -99999y       | before the first year
    -9999m        |
"""


def rows(text: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]


@pytest.mark.parametrize(("text", "days"), rows(READ))
def test_what_is_read(text: str, days: str) -> None:
    first, *last = map(datetime.date.fromisoformat, days.split())
    assert read_period(text, TODAY) == Period(first, last[0] if last else first)


@pytest.mark.parametrize(("text", "reason"), rows(IMPOSSIBLE)[:-1])
def test_what_is_impossible(text: str, reason: str) -> None:
    found = read_period(text, TODAY)
    assert isinstance(found, Impossible) and reason in found.reason
    with pytest.raises(InvalidQuery, match=reason.replace("(", r"\(")):
        read_days(text)


@pytest.mark.parametrize(
    "text", ["", "x", "0000", "21", "foo 2021", "11 Feb", "11 Feb 12 2021", "-7", "-7x", "last", "--7d", "*"]
)
def test_what_is_no_date(text: str) -> None:
    assert read_period(text, TODAY) is None
    with pytest.raises(InvalidQuery, match="is not a date"):
        read_days(text)


@given(
    st.dates(datetime.date(1000, 1, 1)),
    st.sampled_from(["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%d.%m.%Y", "%d %B %Y"]),
)
def test_a_day_comes_back(day: datetime.date, form: str) -> None:
    assert read_period(day.strftime(form)) == Period(day, day)


@given(st.text(max_size=20) | st.text("0123456789-./ dwmy", max_size=12))
def test_any_text_is_read_or_not(text: str) -> None:
    found = read_period(text, TODAY)
    assert found is None or isinstance(found, Impossible) or found.first <= found.last
