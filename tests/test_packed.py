"""Packed columns: what goes in comes out, by the core and by the modules in Python, and nothing damaged is read."""

from __future__ import annotations

import random
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naidi.indexer import core
from naidi.indexer.codec.container import Array
from naidi.indexer.codec.packed import BLOCK, GROUP, PackedColumn, Packer

WAYS = [False, *([True] if core.is_used else [])]
widths = st.sampled_from([0, 1, 2, 7, 8, 9, 15, 16, 17, 25, 31, 32])


class Damaged(Exception):
    pass


@pytest.fixture(params=WAYS, ids=lambda way: "core" if way else "python")
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[bool]:
    monkeypatch.setattr(core, "is_used", request.param)
    yield request.param


def pack_column(values: Array, based: bool = True) -> bytes:
    packer = Packer(based)
    return packer.add(values) + packer.finish()


def column(data: bytes, count: int, based: bool) -> PackedColumn:
    return PackedColumn(np.frombuffer(data, np.uint8), count, based, Damaged)


def some_numbers(seed: int, shape: list[tuple[int, int]]) -> Array:
    """Runs of numbers of some width; each has a base of its own."""
    draw = random.Random(seed)
    found: list[int] = []
    for width, count in shape:
        base = draw.randrange(2**32 - 2**width + 1)
        found += [base + draw.randrange(2**width) for _ in range(count)]
    return np.array(found, np.uint32)


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 9), st.lists(st.tuples(widths, st.integers(0, 70)), max_size=12), st.booleans(), st.data())
def test_numbers_come_back(seed: int, shape: list[tuple[int, int]], based: bool, data: st.DataObject) -> None:
    numbers = some_numbers(seed, shape)
    packed = []
    for compiled in WAYS:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(core, "is_used", compiled)
            packed.append(pack_column(numbers, based))
            packer = Packer(based)  # in parts
            cut = data.draw(st.integers(0, len(numbers)))
            assert packer.add(numbers[:cut]) + packer.add(numbers[cut:]) + packer.finish() == packed[0]
            found = column(packed[0], len(numbers), based)
            assert found.tolist() == numbers.tolist() and len(found) == len(numbers)
            places = data.draw(st.lists(st.integers(0, len(numbers) - 1), max_size=20)) if len(numbers) else []
            assert found[np.array(places, np.int64)].tolist() == numbers[places].tolist()
            assert [found[place] for place in places] == numbers[places].tolist()
            assert [found[place - len(numbers)] for place in places] == numbers[places].tolist()
            assert found[3:50:2].tolist() == numbers[3:50:2].tolist()
    assert len(set(packed)) == 1


def test_it_takes_the_place_of_an_array(way: bool) -> None:
    numbers = np.sort(some_numbers(1, [(20, 700)]))
    found = column(pack_column(numbers), 700, True)
    assert (found == numbers).all() and (numbers == found).all() and not (found != numbers).any()
    assert (found + 1).tolist() == (numbers + 1).tolist()
    assert np.diff(found).tolist() == np.diff(numbers).tolist()
    assert found.max() == numbers.max() and found.astype(np.int64).dtype == np.int64
    assert found[numbers % 2 == 0].tolist() == numbers[numbers % 2 == 0].tolist()
    assert found.take([-5, 9999], mode="clip").tolist() == [numbers[0], numbers[-1]]
    for side in ("left", "right"):
        wanted = np.concatenate((numbers[::50], numbers[::50] + 1))
        assert np.searchsorted(found, wanted, side=side).tolist() == np.searchsorted(numbers, wanted, side).tolist()
    for wrong in (700, -701):
        with pytest.raises(IndexError):
            found[wrong]
        with pytest.raises(IndexError):
            found.take([wrong])


def test_numbers_that_do_not_fit(way: bool) -> None:
    for wrong in ([2**32], [-1]):
        with pytest.raises(ValueError, match="packed column"):
            pack_column(np.array(wrong, np.int64))


def read_all(stored: bytes, count: int, based: bool) -> int:
    """How many of three ways to read find damage; whatever is found, they agree."""
    found = column(stored, count, based)
    told = 0
    singles: list[int | None] = []
    for place in range(count):
        try:
            singles.append(found[place])
        except Damaged:
            singles.append(None)
            told += 1
    try:
        assert found.tolist() == singles
    except Damaged:
        assert None in singles
    return told


@pytest.mark.parametrize("based", [False, True])
def test_damage_is_told_or_gives_other_numbers(way: bool, based: bool) -> None:
    count = BLOCK * GROUP + 70
    whole = pack_column(some_numbers(2, [(9, count)]), based)
    draw, told = random.Random(3), 0
    for place in range(len(whole) - 110, len(whole)):
        for value in (0, 1, 33, 0x7F, 0xFF):
            changed = bytearray(whole)
            changed[place] = value
            told += bool(read_all(bytes(changed), count, based))
    for _ in range(100):
        told += bool(read_all(draw.randbytes(len(whole)), count, based))
    assert told > 100
    for size in (0, 7, 11, len(whole) // 9):
        with pytest.raises(Damaged):
            column(whole[:size], 50 * count, based)


@pytest.mark.skipif(not core.is_used, reason="the core was not built, or NAIDI_PURE switches it off")
def test_both_ways_find_the_same_in_damaged_columns() -> None:
    draw = random.Random(5)
    for _ in range(200):
        stored = bytearray(pack_column(some_numbers(draw.randrange(99), [(draw.randrange(33), 300)])))
        for _ in range(draw.randrange(6)):
            stored[draw.randrange(len(stored) - 88, len(stored))] = draw.randrange(256)
        answers = []
        for compiled in WAYS:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(core, "is_used", compiled)
                try:
                    answers.append(column(bytes(stored), 300, True).tolist())
                except Damaged:
                    answers.append([])
        assert answers[0] == answers[1]
