"""In which step of a histogram does a value lie? As plain arithmetic and the calendar say, in the zone of the field."""

from __future__ import annotations

import math
from collections import Counter
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fewer_examples import examples
from naidi import Document, Searcher, Writer, field, fields

STEPS = {
    "day": lambda day: day,
    "week": lambda day: day - timedelta(days=day.weekday()),
    "month": lambda day: day.replace(day=1),
    "quarter": lambda day: day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1),
    "year": lambda day: day.replace(month=1, day=1),
}
moments = st.datetimes(datetime(1895, 1, 2), datetime(2030, 1, 1), timezones=st.just(timezone.utc))
several = st.lists(moments, min_size=1, max_size=12)


@settings(max_examples=examples(15), deadline=None)
@given(
    several, several, st.sampled_from(["UTC", "Asia/Almaty", "America/New_York"]), st.sampled_from(["year", "quarter"])
)
def test_moments_lie_in_the_steps_of_their_zone(
    tmp_path_factory: pytest.TempPathFactory, one: list[datetime], other: list[datetime], zone: str, step: str
) -> None:
    directory = tmp_path_factory.mktemp("steps") / "index"
    with Writer(directory, schema={"at": fields.DateTime(multiple=True, zone=zone)}) as writer:
        for number, given_ones in enumerate((one, other)):
            writer.add(Document(f"a{number}", "word", fields={"at": given_ones}))
            writer.add(Document(f"b{number}", "word", fields={"at": given_ones[:1]}))
            writer.commit()
    expected: Counter[date] = Counter()
    for each in (one, one[:1], other, other[:1]):
        expected.update({STEPS[step](moment.astimezone(ZoneInfo(zone)).date()) for moment in each})
    with Searcher(directory) as searcher:
        for _ in range(2):  # steps are remembered
            facet = searcher.search("word", facets=[field("at").by(step)]).facets["at"]
            assert {begin: count for begin, count in facet.values if count} == expected
            begins = [begin for begin, _ in facet.values]
            assert begins == sorted(begins)


@pytest.fixture(scope="module")
def searcher(tmp_path_factory: pytest.TempPathFactory) -> Searcher:
    directory = tmp_path_factory.mktemp("numbers") / "index"
    with Writer(directory, schema={"price": fields.Number(), "day": fields.Date()}) as writer:
        for number in range(60):
            given_ones = {"price": number * 0.7 - 9, "day": date(2024, 1, 1) + timedelta(days=9 * number)}
            writer.add(Document(str(number), "word", fields=given_ones))
    return Searcher(directory)


@pytest.mark.parametrize("width", [1, 2.5, 0.1, 7, 1000])
def test_numbers_lie_in_steps_of_any_width(searcher: Searcher, width: float) -> None:
    exact = Decimal(repr(width))
    numbers = [math.floor(Decimal(repr(number * 0.7 - 9)) / exact) for number in range(60)]
    expected = Counter(number * width if isinstance(width, int) else float(number * exact) for number in numbers)
    facet = searcher.search("word", facets=[field("price").by(width)]).facets["price"]
    assert {begin: count for begin, count in facet.values if count} == expected
    assert all(type(begin) is type(math.floor(1) * width) for begin, _ in facet.values)


@pytest.mark.parametrize("step", STEPS)
def test_days_lie_in_steps(searcher: Searcher, step: str) -> None:
    expected = Counter(STEPS[step](date(2024, 1, 1) + timedelta(days=9 * number)) for number in range(60))
    facet = searcher.search("word", facets=[field("day").by(step)]).facets["day"]
    assert {begin: count for begin, count in facet.values if count} == expected


@pytest.mark.parametrize("width", [1e-9, 1e-300, 5e-324])
def test_steps_that_are_too_many_are_those_of_documents(searcher: Searcher, width: float) -> None:
    facet = searcher.search("word", facets=[field("price").by(width)]).facets["price"]
    assert sum(count for _, count in facet) == 60 and all(count for _, count in facet)
