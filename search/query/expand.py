"""Finds the forms of a segment that match a prefix, a wildcard, an exact word or a fuzzy word.

All functions work on surface forms, case-folded; `е` and `ё` match each other. Their result is the numbers of the forms,
ascending, uint32. The index keeps abbreviations in capitals, so prefixes, wildcards and fuzzy words are also tried in capitals.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import product

import numpy as np
import numpy.typing as npt

from naidi.indexer.analysis.normalize import ABBREVIATION_LETTERS, fold_yo
from naidi.indexer.codec.segment import Segment

Forms = npt.NDArray[np.uint32]

_ANY_CHARACTER = r"(?:[\x00-\x09\x0b-\x7f]|[\xc0-\xff][\x80-\xbf]+)"
_TWINS = {"е": "(?:е|ё)", "ё": "(?:е|ё)", "Е": "(?:Е|Ё)", "Ё": "(?:Е|Ё)"}


def _numbers(values: list[int]) -> Forms:
    return np.array(sorted(set(values)), np.uint32)


def _spellings(pattern: str) -> list[str]:
    """The pattern case-folded and, if an abbreviation can match it, in capitals."""
    folded = pattern.casefold()
    capitals = folded.upper()
    letters = sum(letter.isalpha() for letter in folded)
    return [folded, capitals] if capitals != folded and letters <= ABBREVIATION_LETTERS[1] + 3 else [folded]


def _regex(pattern: str) -> re.Pattern[bytes]:
    """The pattern as a regular expression over lines of UTF-8. `*` stands for any characters, `?` for one."""
    parts = []
    for character in pattern:
        if character == "*":
            parts.append(f"{_ANY_CHARACTER}*")
        elif character == "?":
            parts.append(_ANY_CHARACTER)
        else:
            parts.append(_TWINS.get(character) or re.escape(character))
    # Parts with character classes name bytes already. Letters become bytes here.
    source = b"".join(part.encode("latin-1") if "\\x" in part else part.encode("utf-8") for part in parts)
    return re.compile(rb"^" + source + rb"$", re.MULTILINE)


def wildcard_forms(segment: Segment, pattern: str) -> Forms:
    """The numbers of the forms that match the whole pattern. `*` stands for any characters, `?` for one."""
    beginning = pattern[:-1]
    if pattern.endswith("*") and not re.search("[*?]", beginning) and len(_TWIN.findall(beginning)) <= _MOST_TWINS:
        return prefix_forms(segment, beginning)
    found: list[int] = []
    for spelling in _spellings(pattern):
        fixed = re.split(r"[*?еёЕЁ]", spelling, maxsplit=1)[0]
        numbers = segment.forms.prefix_range(fixed)
        if fixed == spelling:
            found += [numbers.start] if segment.forms.find(spelling) >= 0 else []
            continue
        data, ends = segment.forms.chunk(numbers)
        places = [match.end() for match in _regex(spelling).finditer(data)]
        found += (np.searchsorted(ends, places, side="right") + numbers.start).tolist()
    return _numbers(found)


# A prefix with more letters е or ё is looked for as a pattern, since each such letter doubles the spellings.
_TWIN = re.compile("[еёЕЁ]")
_MOST_TWINS = 3


def _twin_spellings(text: str) -> Iterator[str]:
    """All spellings of the text with е or ё in each place of these letters."""
    parts = [{"е": "её", "ё": "её", "Е": "ЕЁ", "Ё": "ЕЁ"}.get(letter, letter) for letter in text]
    return map("".join, product(*parts))


def prefix_forms(segment: Segment, prefix: str) -> Forms:
    """The numbers of the forms that begin with the prefix."""
    prefix = prefix.replace("*", "").replace("?", "")
    if len(_TWIN.findall(prefix)) > _MOST_TWINS:
        return wildcard_forms(segment, prefix + "*")
    ranges = {
        (found.start, found.stop)
        for spelling in _spellings(prefix)
        for twin in _twin_spellings(spelling)
        if (found := segment.forms.prefix_range(twin))
    }
    return np.concatenate([np.zeros(0, np.uint32), *(np.arange(*found, dtype=np.uint32) for found in sorted(ranges))])


def exact_forms(segment: Segment, form: str) -> Forms:
    """The numbers of the form itself, with е or ё."""
    if "е" not in fold_yo(form):
        number = segment.forms.find(form)
        return _numbers([number] if number >= 0 else [])
    fixed = re.split("[её]", form, maxsplit=1)[0]
    data, ends = segment.forms.chunk(segment.forms.prefix_range(fixed))
    first = segment.forms.prefix_range(fixed).start
    places = [match.end() for match in _regex(form.replace("*", "").replace("?", "")).finditer(data)]
    return _numbers((np.searchsorted(ends, places, side="right") + first).tolist())


def fuzzy_forms(segment: Segment, form: str, max_edits: int) -> Forms:
    """The numbers of the forms within `max_edits` edits of the form. е and ё are the same letter.

    An edit is an insertion, a deletion, a substitution or a transposition of neighbours. The distance is that of optimal string
    alignment: no substring is edited twice.
    """
    data, _ = segment.forms.chunk(range(len(segment.forms)))
    if not data:
        return _numbers([])
    codes = np.frombuffer(fold_yo(data.decode("utf-8")).encode("utf-32-le"), np.uint32)
    ends = np.flatnonzero(codes == ord("\n"))
    lengths = np.diff(ends, prepend=-1) - 1
    found: list[int] = []
    for spelling in _spellings(fold_yo(form)):
        near = np.flatnonzero(np.abs(lengths - len(spelling)) <= max_edits)
        distances = _distances(codes, ends[near] - lengths[near], lengths[near], spelling, max_edits)
        found += near[distances <= max_edits].tolist()
    return _numbers(found)


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
