"""Finds the forms of a segment that match a prefix, a wildcard, an exact word or a fuzzy word.

All functions work on surface forms, case-folded; `е` and `ё` match each other. Their result is the numbers of the forms,
ascending, uint32. The index keeps abbreviations in capitals, so prefixes, wildcards and fuzzy words are also tried in capitals.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from naidi.indexer.analysis.normalize import ABBREVIATION_LETTERS, fold_yo
from naidi.indexer.codec.ragged import value_indices
from naidi.indexer.codec.segment import Segment
from naidi.indexer.late import np, pattern

from ..budget import check

if TYPE_CHECKING:
    from typing import TypeAlias

    import numpy.typing as npt

Forms: TypeAlias = "npt.NDArray[np.uint32]"
Integers: TypeAlias = "npt.NDArray[np.int64]"

# So many forms are compared in one step.
_AT_ONCE = 1 << 16
# Where this share of the forms or less is left, they are put together anew before the next piece of a pattern is looked for.
_FEW = 8
_LINE_FEED = ord("\n")
# An abbreviation with its ending has no more letters.
LONGEST_IN_CAPITALS = ABBREVIATION_LETTERS[1] + 3


def _numbers(values: list[int]) -> Forms:
    return np.array(sorted(set(values)), np.uint32)


def _spellings(pattern: str) -> list[str]:
    """The pattern case-folded and, if an abbreviation can match it, in capitals."""
    folded = pattern.casefold()
    capitals = folded.upper()
    letters = sum(letter.isalpha() for letter in folded)
    return [folded, capitals] if capitals != folded and letters <= LONGEST_IN_CAPITALS else [folded]


class _Strings(NamedTuple):
    """Strings as code points, one after another, each followed by a line feed; е stands for ё.

    codes: the code points. starts: of each string. ends: the place of its line feed. numbers: of each string.
    """

    codes: npt.NDArray[np.uint32]
    starts: Integers
    ends: Integers
    numbers: Integers

    def only(self, kept: Integers) -> _Strings:
        """Some of the strings, by their places."""
        sizes = self.ends[kept] - self.starts[kept] + 1
        ends = sizes.cumsum() - 1
        codes = self.codes[value_indices(self.starts[kept], sizes)]
        return _Strings(codes, ends - sizes + 1, ends, self.numbers[kept])


def _forms_of(segment: Segment, numbers: range) -> Iterator[_Strings]:
    """The forms with these numbers, some at a time."""
    for first in range(numbers.start, numbers.stop, _AT_ONCE):
        check()
        data, _ = segment.forms.chunk(range(first, min(first + _AT_ONCE, numbers.stop)))
        codes = np.frombuffer(data.decode("utf-8").encode("utf-32-le"), np.uint32).copy()
        for twin, letter in ("ёе", "ЁЕ"):
            codes[codes == ord(twin)] = ord(letter)
        ends = np.flatnonzero(codes == _LINE_FEED)
        yield _Strings(codes, np.concatenate(([0], ends[:-1] + 1)), ends, np.arange(first, first + len(ends)))


def _matching(strings: _Strings, pattern: str) -> Integers:
    """The numbers of the strings that match the whole pattern: `*` stands for any characters, `?` for one; е also for ё.

    Each piece between two stars is taken where it comes up first behind the piece before it, which misses no match. So time grows
    as the length of the pattern, whatever the strings are.
    """
    first, *inner = fold_yo(pattern).replace("Ё", "Е").split("*")
    lengths = strings.ends - strings.starts
    fits = lengths >= len(first) if inner else lengths == len(first)
    kept = np.flatnonzero(fits)
    kept = kept[_stands(strings, strings.starts[kept], first)]
    places = strings.starts[kept] + len(first)
    for piece in filter(None, inner[:-1]):
        if len(kept) * _FEW <= len(strings.starts):
            if not len(kept):
                break
            places = places - strings.starts[kept]
            strings = strings.only(kept)
            places, kept = places + strings.starts, np.arange(len(kept))
        hits = np.flatnonzero(_stands(strings, None, piece))
        following = hits.searchsorted(places)
        there = following < len(hits)
        kept, places = kept[there], hits[following[there]] + len(piece)
        inside = places <= strings.ends[kept]
        kept, places = kept[inside], places[inside]
    last = inner[-1] if inner else ""
    if last and len(kept):
        at = strings.ends[kept] - len(last)
        behind = at >= places
        kept, at = kept[behind], at[behind]
        kept = kept[_stands(strings, at, last)]
    return strings.numbers[kept]


def _stands(strings: _Strings, places: Integers | None, piece: str) -> npt.NDArray[np.bool_]:
    """At which of the places, with as many code points behind each, the piece stands inside one string. None: at all there are."""
    codes = strings.codes
    count = max(len(codes) - len(piece), 0) if places is None else len(places)
    there = np.ones(count, bool)
    for number, letter in enumerate(piece):
        own = codes[number : number + count] if places is None else codes[places + number]
        there &= own != _LINE_FEED if letter == "?" else own == ord(letter)
    return there


def wildcard_forms(segment: Segment, pattern: str) -> Forms:
    """The numbers of the forms that match the whole pattern. `*` stands for any characters, `?` for one."""
    beginning = pattern[:-1]
    if pattern.endswith("*") and not re.search("[*?]", beginning) and len(_TWIN.findall(beginning)) <= MOST_TWINS:
        return prefix_forms(segment, beginning)
    found: list[int] = []
    for numbers, spellings in _to_compare(segment, pattern):
        for strings in _forms_of(segment, numbers):
            for spelling in spellings:
                found += _matching(strings, spelling).tolist()
    return _numbers(found)


def _to_compare(segment: Segment, pattern: str) -> list[tuple[range, list[str]]]:
    """(numbers of the forms, spellings of the pattern that they may match)."""
    found: dict[range, list[str]] = {}
    for spelling in _spellings(pattern):
        numbers = segment.forms.prefix_range(_SPECIAL.split(spelling, maxsplit=1)[0])
        if numbers:
            found.setdefault(numbers, []).append(spelling)
    return list(found.items())


_SPECIAL = pattern("[*?еёЕЁ]")


def compared_forms(segment: Segment, kind: str, pattern: str) -> int:
    """How many forms a pattern is compared with: all that there are, or those that begin as it does. kind: as in Term."""
    if kind == "prefix":
        return 0
    if kind == "fuzzy":
        return len(segment.forms)
    return sum(len(numbers) * len(spellings) for numbers, spellings in _to_compare(segment, pattern))


# A prefix with more letters that have a twin (е and ё) is looked for as a pattern: each doubles its spellings.
_TWIN = pattern("[еёЕЁ]")
MOST_TWINS = 3


def _twin_spellings(text: str) -> Iterator[str]:
    """All spellings of the text with е or ё in each place of these letters."""
    parts = [{"е": "её", "ё": "её", "Е": "ЕЁ", "Ё": "ЕЁ"}.get(letter, letter) for letter in text]
    return map("".join, product(*parts))


def prefix_spellings(prefix: str) -> tuple[str, ...] | None:
    """The beginnings of the forms that begin with the prefix; None if it has too many letters that have a twin."""
    if len(_TWIN.findall(prefix)) > MOST_TWINS:
        return None
    return tuple([twin for spelling in _spellings(prefix) for twin in _twin_spellings(spelling)])


def prefix_forms(segment: Segment, prefix: str) -> Forms:
    """The numbers of the forms that begin with the prefix."""
    prefix = prefix.replace("*", "").replace("?", "")
    spellings = prefix_spellings(prefix)
    if spellings is None:
        return wildcard_forms(segment, prefix + "*")
    ranges = {(found.start, found.stop) for spelling in spellings if (found := segment.forms.prefix_range(spelling))}
    return np.concatenate([np.zeros(0, np.uint32), *(np.arange(*found, dtype=np.uint32) for found in sorted(ranges))])


def exact_forms(segment: Segment, form: str) -> Forms:
    """The numbers of the form itself, with е or ё."""
    if "е" not in fold_yo(form):
        number = segment.forms.find(form)
        return _numbers([number] if number >= 0 else [])
    form = form.replace("*", "").replace("?", "")
    if len(_TWIN.findall(form)) <= MOST_TWINS:
        return _numbers([number for twin in _twin_spellings(form) if (number := segment.forms.find(twin)) >= 0])
    numbers = segment.forms.prefix_range(_SPECIAL.split(form, maxsplit=1)[0])
    return _numbers([found for each in _forms_of(segment, numbers) for found in _matching(each, form).tolist()])


def fuzzy_forms(segment: Segment, form: str, max_edits: int) -> Forms:
    """The forms within `max_edits` edits: insertion, deletion, substitution, transposition of neighbours (each counts once;
    optimal string alignment). е and ё are the same letter."""
    found: list[int] = []
    spellings = _spellings(fold_yo(form))
    for strings in _forms_of(segment, range(len(segment.forms))):
        lengths = strings.ends - strings.starts
        bits = np.uint32(1) << (strings.codes & np.uint32(31))
        bits[strings.ends] = 0
        masks = np.bitwise_or.reduceat(bits, strings.starts)
        for spelling in spellings:
            near = np.flatnonzero(np.abs(lengths - len(spelling)) <= max_edits)
            # An edit brings in one letter at most, and takes out one.
            own = np.uint32(0)
            for letter in spelling:
                own |= np.uint32(1 << (ord(letter) & 31))
            near = near[_has_few_bits(masks[near] & ~own, max_edits)]
            near = near[_has_few_bits(~masks[near] & own, max_edits)]
            distances = _distances(strings.codes, strings.starts[near], lengths[near], spelling, max_edits)
            found += strings.numbers[near[distances <= max_edits]].tolist()
    return _numbers(found)


def _has_few_bits(masks: npt.NDArray[np.uint32], most: int) -> npt.NDArray[np.bool_]:
    """For each mask whether at most `most` bits are set."""
    for _ in range(most):
        masks = masks & (masks - np.uint32(1))
    return np.asarray(masks == 0)


def _distances(
    codes: npt.NDArray[np.uint32],
    starts: npt.NDArray[np.int64],
    lengths: npt.NDArray[np.int64],
    word: str,
    max_edits: int,
) -> npt.NDArray[np.uint8]:
    """The edit distance of the word to each string codes[start : start + length], at most max_edits + 1.

    This is the usual table, one cell of all strings at a time. Rows are letters of the word, columns letters of the strings. Only
    the band of cells within max_edits of the diagonal can hold a small distance.

    Parameters:
      codes: the code points of all strings, one after another.
      starts, lengths: of the strings, in code points.
      word: the word.
      max_edits: 1 or 2.
    """
    far = max_edits + 1
    width = int(lengths.max(initial=0))
    columns = [codes[np.minimum(starts + column, len(codes) - 1)] for column in range(width)]
    ceiling = np.full(len(starts), far, np.uint8)
    previous = [np.full(len(starts), min(column, far), np.uint8) for column in range(width + 1)]
    before_previous = previous
    letters = [ord(letter) for letter in word]
    for row, letter in enumerate(letters, 1):
        current = [ceiling] * (width + 1)
        if row <= far:
            current[0] = np.full(len(starts), min(row, far), np.uint8)
        for column in range(max(1, row - max_edits), min(width, row + max_edits) + 1):
            same = columns[column - 1] == letter
            cell = np.minimum(previous[column], current[column - 1]) + np.uint8(1)
            cell = np.minimum(cell, previous[column - 1] + (~same).astype(np.uint8))
            if row > 1 and column > 1:
                swapped = (columns[column - 1] == letters[row - 2]) & (columns[column - 2] == letter)
                cell = np.where(swapped, np.minimum(cell, before_previous[column - 2] + np.uint8(1)), cell)
            current[column] = np.minimum(cell, np.uint8(far))
        before_previous, previous = previous, current
    table = np.stack(previous) if previous else ceiling[None]
    return np.asarray(table[lengths, np.arange(len(starts))])


Expansion = Callable[[Segment], Forms]
