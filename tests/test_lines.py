"""Lines: the compiled core sorts, merges and hashes the strings of lexicons as Python does."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
import pytest

from naidi.indexer import core
from naidi.indexer.codec.container import Array
from naidi.indexer.codec.lines import Lines, line_slots, lines_of, merged_lines, sorted_lines
from naidi.indexer.codec.sections import slot_count
from naidi.indexer.codec.word_numbers import line_numbers

needs_the_core = pytest.mark.skipif(not core.is_used, reason="the core was not built, or NAIDI_PURE switches it off")

Answer = TypeVar("Answer")

_LETTERS = ["a", "b", "z", "0", "-", "é", "ё", "я", "ж", "中", "\uffff", "😀", "\U0010ffff"]


def some_words(draw: random.Random, count: int) -> list[str]:
    lengths = [1, 2, 3, 7, 8, 9, 20, 300]
    words = {"".join(draw.choices(_LETTERS, k=draw.choice(lengths))) for _ in range(count)}
    return draw.sample(sorted(words), len(words))


def both(work: Callable[[], Answer]) -> list[Answer]:
    """What the core says, and what Python says."""
    found = []
    for compiled in (True, False):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(core, "is_used", compiled)
            found.append(work())
    return found


def shown(lines: Lines) -> list[str]:
    assert b"".join(lines) == lines.data
    assert len(lines) == lines.data.count(b"\n")
    return lines.strings()


def table(words: list[str], used: Array | None = None) -> tuple[memoryview, int, Array | None]:
    return memoryview(lines_of(words).data), len(words), used


def test_sorted_lines() -> None:
    lines, order = sorted_lines(["б", "a", "é", "c", "unused"], np.array([3, 0, 3, 2, 1, 0], np.uint32))
    assert shown(lines) == ["a", "c", "é", "б"]
    assert order.tolist() == [1, 3, 2, 0]
    lines, order = sorted_lines([], np.zeros(0, np.uint32))
    assert (shown(lines), order.tolist()) == ([], [])


def test_merged_lines() -> None:
    lines, maps = merged_lines([table(["a", "c", "d"]), table(["b", "c", "x"], np.array([True, True, False]))])
    assert shown(lines) == ["a", "b", "c", "d"]
    assert [each.tolist() for each in maps] == [[0, 2, 3], [1, 2, -1]]
    lines, maps = merged_lines([])
    assert (shown(lines), maps) == ([], [])


@pytest.mark.parametrize("tables", [[["b", "a"]], [["a", "a"]], [["a"], ["x", "b", "c"]]])
def test_tables_that_are_not_sorted_are_refused(tables: list[list[str]]) -> None:
    with pytest.raises(IndexError):
        merged_lines([table(words) for words in tables])


@pytest.mark.parametrize("count", [0, 1, 3])
def test_tables_with_another_number_of_lines_are_refused(count: int) -> None:
    with pytest.raises(IndexError):
        merged_lines([(memoryview(b"a\nb\n"), count, None)])


@needs_the_core
@pytest.mark.parametrize("seed", range(30))
def test_the_core_sorts_as_python_does(seed: int) -> None:
    draw = random.Random(seed)
    words = some_words(draw, draw.choice([1, 2, 30, 500]))
    numbers = np.array(draw.choices(range(len(words)), k=draw.choice([0, 1, 2 * len(words)])), np.uint32)
    (mine, order), (plain, plain_order) = both(lambda: sorted_lines(words, numbers))
    assert mine.data == plain.data
    assert mine.ends.tolist() == plain.ends.tolist()
    assert order.tolist() == plain_order.tolist()
    assert order.dtype == plain_order.dtype
    assert shown(mine) == sorted({words[number] for number in numbers.tolist()})


@needs_the_core
@pytest.mark.parametrize("seed", range(30))
def test_the_core_merges_as_python_does(seed: int) -> None:
    draw = random.Random(seed)
    words = some_words(draw, draw.choice([1, 2, 30, 500]))
    tables = []
    for _ in range(draw.choice([0, 1, 2, 9])):
        own = sorted(draw.sample(words, draw.randint(0, len(words))))
        used = np.array([draw.random() < 0.7 for _ in own], bool) if draw.random() < 0.5 else None
        tables.append(table(own, used))
    (mine, maps), (plain, plain_maps) = both(lambda: merged_lines(tables))
    assert mine.data == plain.data
    assert mine.ends.tolist() == plain.ends.tolist()
    assert [each.tolist() for each in maps] == [each.tolist() for each in plain_maps]


@needs_the_core
@pytest.mark.parametrize("seed", range(30))
def test_the_core_fills_slots_as_python_does(seed: int) -> None:
    draw = random.Random(seed)
    words = some_words(draw, draw.choice([1, 2, 3, 30, 500]))[draw.choice([0, 1]) :]
    lines = lines_of(words)
    count = draw.choice(
        [slot_count(len(words)), 1, 7]
    )  # with few slots, most lines stand behind the one that they want
    mine, plain = both(lambda: line_slots(lines, count))
    assert mine.tolist() == plain.tolist()


@needs_the_core
@pytest.mark.parametrize(
    ("error", "words", "numbers"), [(IndexError, ["a"], [1]), (ValueError, ["\ud800"], [0]), (TypeError, [b"a"], [0])]
)
def test_words_that_cannot_be_sorted(error: type[Exception], words: list[Any], numbers: list[int]) -> None:
    with pytest.raises(error):
        sorted_lines(words, np.array(numbers, np.uint32))


@needs_the_core
def test_lines_that_do_not_fit_their_ends_are_refused() -> None:
    for ends in ([3], [2, 1]):
        with pytest.raises(ValueError, match="no lines"):
            line_slots(Lines(b"a\n", np.array(ends, np.uint64)), 3)
    with pytest.raises(ValueError, match="no lines"):
        line_slots(lines_of(["a"]), 0)
    with pytest.raises(ValueError, match="another number"):
        merged_lines([table(["a", "b"], np.array([True]))])


@needs_the_core
def test_words_may_be_added_while_others_are_sorted() -> None:
    words = [f"{number:05}" for number in range(20_000)]
    numbers = np.arange(len(words), dtype=np.uint32)
    thread = threading.Thread(target=lambda: words.extend(map(str, range(200_000))))
    thread.start()
    lines, _ = sorted_lines(words, numbers)
    thread.join()
    assert shown(lines) == words[:20_000]


def test_line_numbers() -> None:
    words = line_numbers()
    assert words.of("b\nё\nb\n".encode()).tolist() == [0, 1, 0]
    assert words.of(b"").tolist() == []
    assert words.of("ё\na\n".encode()).tolist() == [1, 2]
    assert len(words) == 3
    lines, order = words.sorted(np.array([1, 0, 1], np.uint32))
    assert (shown(lines), order.tolist()) == (["b", "ё"], [0, 1])
    with pytest.raises(ValueError, match="line feed"):
        words.of(b"x\ny")
    with pytest.raises(IndexError):
        words.sorted(np.array([3], np.uint32))


@needs_the_core
@pytest.mark.parametrize("seed", range(20))
def test_the_core_numbers_lines_as_python_does(seed: int) -> None:
    draw = random.Random(seed)
    words = some_words(draw, draw.choice([1, 30, 5_000]))
    asked = [lines_of(draw.choices(words, k=draw.choice([0, 1, 3_000]))).data for _ in range(5)]

    def answers() -> list[list[int]]:
        numbers = line_numbers()
        found = [numbers.of(lines).tolist() for lines in asked]
        some = np.array(draw_some.sample(range(len(numbers)), len(numbers) // 2), np.uint32)
        lines, order = numbers.sorted(some)
        return [*found, lines.ends.tolist(), list(lines.data), order.tolist(), [len(numbers)]]

    found = []
    for compiled in (True, False):
        draw_some = random.Random(seed)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(core, "is_used", compiled)
            found.append(answers())
    assert found[0] == found[1]
