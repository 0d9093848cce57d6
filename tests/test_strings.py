"""Tables of strings and ragged rows: what goes in is found again, and nothing else is."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naidi.indexer.codec.container import Container, write_container
from naidi.indexer.codec.ragged import invert_rows, lengths_of, row_bounds, row_ranges, starts_of, value_indices
from naidi.indexer.codec.strings import StringTable, string_sections
from naidi.indexer.errors import IndexDamaged
from plain_index import flatten

any_examples = settings(max_examples=60)


@given(st.lists(st.lists(st.integers(0, 5), unique=True, max_size=6), max_size=8))
def test_ragged_rows(rows: list[list[int]]) -> None:
    ends, values = flatten(rows)
    assert [values[slice(*row_bounds(ends, row))].tolist() for row in range(len(rows))] == rows
    assert lengths_of(ends).tolist() == [len(row) for row in rows]
    assert values[value_indices(starts_of(ends), lengths_of(ends))].tolist() == values.tolist()
    chosen = np.arange(len(rows))[::2]
    starts, lengths = row_ranges(ends, chosen)
    assert values[value_indices(starts, lengths)].tolist() == [value for row in rows[::2] for value in row]
    back_ends, back = invert_rows(ends, values, 6)
    assert [back[slice(*row_bounds(back_ends, value))].tolist() for value in range(6)] == [
        [row for row, held in enumerate(rows) if value in held] for value in range(6)
    ]


def string_table(path: Path, strings: Sequence[str], *, hashed: bool = False) -> StringTable:
    path.unlink(missing_ok=True)
    write_container(path, string_sections("s", strings, hashed=hashed), {})
    return StringTable(Container(path), "s")


@given(st.sets(st.text(max_size=4), max_size=20), st.text(max_size=3), st.booleans())
@any_examples
def test_string_table_equals_a_sorted_list(tmp_path: Path, chosen: set[str], prefix: str, hashed: bool) -> None:
    strings = sorted(chosen)
    table = string_table(tmp_path / "s", strings, hashed=hashed)
    assert list(table) == strings == [table[number] for number in range(len(table))]
    assert [table.find(string) for string in strings] == list(range(len(strings)))
    assert table.find(prefix) == (strings.index(prefix) if prefix in chosen else -1)
    assert [strings[n] for n in table.prefix_range(prefix)] == [s for s in strings if s.startswith(prefix)]
    data, ends = table.chunk(table.prefix_range(prefix))
    assert data == "".join(s + "\n" for s in strings if s.startswith(prefix)).encode()
    assert len(ends) == len(table.prefix_range(prefix)) and (not len(ends) or ends[-1] == len(data))


def test_looking_up_a_lone_surrogate_finds_nothing(tmp_path: Path) -> None:
    for hashed in (False, True):
        table = string_table(tmp_path / "s", ["a", "\ud7ff", "\ue000", "😀"], hashed=hashed)
        assert table.find("\ud800") == -1
    assert list(table.prefix_range("\ud800")) == []


def test_strings_that_are_not_utf8(tmp_path: Path) -> None:
    sections = string_sections("s", ["aa", "bb"])
    broken = sections["s.bytes"].copy()
    broken[3] = 0xFF
    write_container(tmp_path / "s", {**sections, "s.bytes": broken}, {})
    table = StringTable(Container(tmp_path / "s"), "s")
    assert table[0] == "aa"
    with pytest.raises(IndexDamaged, match="UTF-8"):
        table[1]
    with pytest.raises(IndexDamaged, match="UTF-8"):
        list(table)


def test_strings_whose_ends_do_not_fit(tmp_path: Path) -> None:
    sections = string_sections("s", ["aa", "bb"])
    write_container(tmp_path / "s", {**sections, "s.ends": sections["s.ends"] + 1}, {})
    with pytest.raises(IndexDamaged, match=r"s\.ends"):
        StringTable(Container(tmp_path / "s"), "s")


# Hash tables


def slots(strings: Sequence[str]) -> list[int]:
    return [int(slot) for slot in string_sections("s", strings, hashed=True)["s.slots"]]


def wanted_slot(string: str, count: int) -> int:
    return zlib.crc32(f"{string}\n".encode()) % (count + count // 3 + 1)


def colliding(slot: int, count: int) -> list[str]:
    """`count` strings that want one slot of a table of so many."""
    found = (str(number) for number in range(100_000) if wanted_slot(str(number), count) == slot)
    return sorted(next(found) for _ in range(count))


@given(st.sets(st.text(max_size=6), max_size=60))
@any_examples
def test_every_string_lies_behind_its_slot_with_no_free_one_between(chosen: set[str]) -> None:
    strings = sorted(chosen)
    table = slots(strings)
    assert sorted(table) == [0] * (len(table) - len(strings)) + list(range(1, len(strings) + 1))
    assert table[-1] == 0
    for number, string in enumerate(strings, 1):
        first = wanted_slot(string, len(strings))
        assert 0 not in table[first : table.index(number) + 1]


@pytest.mark.parametrize("slot", [0, 7, 26])
def test_strings_that_all_want_one_slot(tmp_path: Path, slot: int) -> None:
    """Also the last slot of all: behind it there is room for the others."""
    count = 20
    strings = colliding(slot, count)
    assert [bool(number) for number in slots(strings)[slot : slot + count + 1]] == [True] * count + [False]
    table = string_table(tmp_path / "s", strings, hashed=True)
    assert [table.find(string) for string in strings] == list(range(count))
    absent = next(str(n) for n in range(100_000) if wanted_slot(str(n), count) == slot and str(n) not in strings)
    assert table.find(absent) == -1


def test_tables_of_no_string_and_of_one(tmp_path: Path) -> None:
    empty = string_table(tmp_path / "none", [], hashed=True)
    assert (len(empty), empty.find(""), empty.find("a"), list(empty)) == (0, -1, -1, [])
    assert list(empty.prefix_range("")) == []
    one = string_table(tmp_path / "one", [""], hashed=True)
    assert (one.find(""), one.find("a"), one.find("\n")) == (0, -1, -1)


def test_ten_thousand_strings_and_as_many_that_are_not_there(tmp_path: Path) -> None:
    strings = sorted(f"слово{number}" for number in range(10_000))
    table = string_table(tmp_path / "s", strings, hashed=True)
    assert [table.find(string) for string in strings] == list(range(10_000))
    assert all(table.find(f"{string}о") == -1 == table.find(string[1:]) for string in strings)
