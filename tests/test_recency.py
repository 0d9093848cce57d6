"""Do newer documents get greater factors, by a plain formula, and never so much greater that relevance stops to count?"""

from __future__ import annotations

import datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from naidi.search.ranking.recency import FLOOR, SHORTEST_HALF_LIFE, Recency, recency_of

TODAY = datetime.date(2021, 6, 1).toordinal()
dates = st.lists(st.integers(0, 20) | st.integers(TODAY - 20_000, TODAY + 400), max_size=30)


def column(*ordinals: int) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    return np.array(ordinals, np.int32)


def plain_factor(date: int, newest: int, half_life: float, undated: float) -> float:
    if date == 0:
        return undated
    age = max(newest - date, 0)
    return FLOOR + (1 - FLOOR) * 0.5 ** (age / half_life)


def test_a_half_life_brings_a_factor_half_the_way_to_the_floor() -> None:
    recency = Recency(newest=TODAY, half_life=100.0, undated=0.7)
    found = recency.factors(column(TODAY, TODAY - 100, TODAY - 200, TODAY - 100_000, 0, TODAY + 5))
    assert found.tolist() == pytest.approx([1.0, 0.75, 0.625, FLOOR, 0.7, 1.0])


def test_among_documents_of_one_year_the_half_life_is_a_year() -> None:
    recency = recency_of([column(TODAY, TODAY - 30), column(TODAY - 300)])
    assert (recency.newest, recency.half_life) == (TODAY, SHORTEST_HALF_LIFE)


def test_an_archive_of_decades_ages_by_its_own_spread() -> None:
    days = [TODAY - 365 * years for years in range(0, 60, 10)]
    recency = recency_of([column(*days)])
    assert recency.half_life == 365 * 20
    old, older = recency.factors(column(TODAY - 365 * 40, TODAY - 365 * 50))
    assert old - older > 0.03, "with a half-life of a year both would be at the floor"


def test_documents_without_a_date_are_in_the_middle() -> None:
    recency = recency_of([column(TODAY - 10, TODAY - 700, TODAY - 3000, 0, 0, 0)])
    newer, middle, older, undated = recency.factors(column(TODAY - 10, TODAY - 700, TODAY - 3000, 0))
    assert older < middle == undated < newer


def test_without_any_date_nothing_changes() -> None:
    assert recency_of([]).factors(column(0, 0)).tolist() == [1.0, 1.0]
    assert recency_of([column(0, 0)]).factors(column(0)).tolist() == [1.0]
    assert recency_of([column(0)], today=TODAY).factors(column(0)).tolist() == [1.0]


def test_today_may_be_given() -> None:
    recency = recency_of([column(TODAY - 400, TODAY - 500, TODAY + 100)], today=TODAY)
    assert recency.newest == TODAY
    assert recency.factors(column(TODAY + 100, TODAY)).tolist() == [1.0, 1.0]
    assert recency.factors(column(TODAY - 400))[0] < 1.0


@given(st.lists(dates, max_size=4), st.none() | st.just(TODAY))
def test_factors_are_those_of_a_plain_loop(columns: list[list[int]], today: int | None) -> None:
    recency = recency_of([column(*each) for each in columns], today)
    every = sorted(date for each in columns for date in each)
    known = [date for date in every if date]
    if known:
        newest = known[-1] if today is None else today
        median = known[len(known) // 2]
        half_life = max(SHORTEST_HALF_LIFE, newest - median)
        undated = plain_factor(median, newest, half_life, 1.0)
        expected = [plain_factor(date, newest, half_life, undated) for date in every]
    else:
        expected = [1.0] * len(every)
    assert recency.factors(column(*every)).tolist() == pytest.approx(expected)


@given(dates)
def test_newer_is_never_less_and_relevance_twice_as_great_always_wins(ordinals: list[int]) -> None:
    recency = recency_of([column(*ordinals)])
    factors = recency.factors(column(*sorted(date for date in ordinals if date)))
    assert (np.diff(factors) >= 0).all()
    every = recency.factors(column(*ordinals))
    assert ((every >= FLOOR) & (every <= 1)).all()
    assert all(2.0 * one >= other for one in every for other in every)


@given(st.lists(dates, min_size=1, max_size=4))
def test_segments_make_no_difference(columns: list[list[int]]) -> None:
    parts = [column(*each) for each in columns]
    assert recency_of(parts) == recency_of([np.concatenate(parts)]) == recency_of(parts[::-1])
