"""What a cache keeps, and how much of it."""

from __future__ import annotations

import random
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from naidi.search.cache import Attached, Cache, Owner


def sized(budget: int) -> Cache[object, str]:
    """Values are as large as they are long."""
    return Cache(budget, len)


def never() -> str:
    raise AssertionError("made again")


def test_a_value_is_made_once() -> None:
    cache = sized(100)
    assert cache.get("a", lambda: "value") == "value"
    assert cache.get("a", never) == "value"


def test_what_is_used_stays_and_what_is_not_goes() -> None:
    cache = sized(100)
    cache.get("used", lambda: "x" * 10)
    cache.get("unused", lambda: "x" * 10)
    for number in range(50):
        cache.get(number, lambda: "x" * 10)
        cache.get("used", never)
    made = []
    cache.get("unused", lambda: made.append("unused") or "x")  # type: ignore[func-returns-value]
    assert made == ["unused"]


def test_the_newest_values_never_push_out_all_others_at_once() -> None:
    cache = sized(100)
    for number in range(1_000):
        cache.get(number, lambda: "x" * 10)
        for near in range(max(0, number - 4), number):
            cache.get(near, never)


def test_a_value_larger_than_half_the_budget_is_not_kept() -> None:
    cache = sized(100)
    cache.get("small", lambda: "x")
    made: list[str] = []
    make: Callable[[], str] = lambda: made.append("large") or "x" * 51  # type: ignore[func-returns-value]  # noqa: E731
    cache.get("large", make)
    cache.get("large", make)
    assert made == ["large", "large"]
    cache.get("small", never)


@given(st.integers(0, 10_000), st.lists(st.tuples(st.integers(0, 30), st.integers(0, 400)), max_size=200))
def test_a_cache_stays_within_its_budget_and_gives_what_belongs_to_the_key(
    budget: int, asked: list[tuple[int, int]]
) -> None:
    sizes: dict[int, int] = {}
    cache: Cache[int, int] = Cache(budget, lambda key: sizes[key])
    for key, size in asked:
        sizes.setdefault(key, size)
        assert cache.get(key, lambda key=key: key) == key  # type: ignore[misc]
        kept = [*cache._new, *cache._old]
        assert sum(sizes[each] for each in kept) <= budget


def test_without_a_size_every_value_counts() -> None:
    cache: Cache[int, int] = Cache(100_000)
    for number in range(1_000):
        cache.get(number, lambda number=number: number)  # type: ignore[misc]
    assert 50 <= len(cache._new) + len(cache._old) <= 200


def test_keys_are_asked_again_from_the_second_time_on() -> None:
    cache = sized(100)
    assert [cache.is_asked_again("word") for _ in range(3)] == [False, True, True]
    cache.get("kept", lambda: "x")
    assert cache.is_asked_again("kept")


def test_no_value_is_made_in_vain_where_more_is_asked_for_than_there_is_room_for() -> None:
    """Many keys in turn, each asked for again only when its value would be long gone."""
    cache = sized(1_000)
    made = 0
    for key in [*range(200)] * 10:
        if cache.is_asked_again(key):
            cache.get(key, lambda: "x" * 100)
            made += 1
    assert made <= 1_000, "half of them at most"
    chance = random.Random(3)
    favourites = [chance.randrange(5) for _ in range(100)]
    for key in favourites:
        if cache.is_asked_again(key):
            cache.get(key, lambda: "x" * 100)
    assert all(map(cache.is_asked_again, set(favourites)))


class Thing(Owner):
    """Something to attach values to."""


def test_each_owner_has_a_value_of_its_own_of_each_kind() -> None:
    made: list[Thing] = []
    names: Attached[Thing, list[str]] = Attached(lambda owner: made.append(owner) or [])  # type: ignore[func-returns-value]
    numbers: Attached[Thing, list[int]] = Attached(lambda owner: [])
    one, other = Thing(), Thing()
    names.of(one).append("a")
    numbers.of(one).append(1)
    assert (names.of(one), names.of(other), numbers.of(one), numbers.of(other)) == (["a"], [], [1], [])
    assert made == [one, other]
