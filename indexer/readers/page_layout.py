"""Makes running text of the lines of pages: without running heads and page numbers, a paragraph a line.

A line of a page ends where the page does. Searches and snippets want sentences.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

# Heads, feet and page numbers stand among so many lines at the top or the bottom. (Files often name them first.)
_MARGIN = 3
_MIN_PAGES = 4
_REPEATED = 0.4  # of the pages; left and right pages may differ
_NUMBER = re.compile(r"\d+")
_PAGE_NUMBER = re.compile(r"[-–—\s|]*(\d{1,5})[-–—\s|]*")

_MIN_WIDTH = 25
_FULL = 0.8  # of the width of a page's lines: the next word did not fit
_SHORT = 0.55
_ITEM = re.compile(r"[-*+•·–—▪●◦‣]\s|\(?(?:\d{1,3}|[a-zа-я])[.)]\s|\d+(?:\.\d+)+\.?\s|§")
_LEADERS = re.compile(r"(?:\s?[.·…_]){4,}\s?")  # of a table of contents
_ENDS = frozenset('.!?…:;»”"')


def without_running_heads(pages: Sequence[list[str]]) -> list[list[str]]:
    """The pages, as lists of lines, without what most of them repeat. The first time that a head stands somewhere it stays."""
    if len(pages) < _MIN_PAGES:
        return list(pages)
    heads: Counter[str] = Counter()
    offsets: Counter[int] = Counter()
    for index, lines in enumerate(pages):
        heads.update({_pattern(lines[place]) for place in _margin(lines)})
        offsets.update(
            {number - index for place in _margin(lines) if (number := _page_number(lines[place])) is not None}
        )
    needed = max(3, _REPEATED * len(pages))
    repeated = {head for head, count in heads.items() if count >= needed}
    numbered = {offset for offset, count in offsets.items() if count >= needed}
    seen: set[str] = set()
    kept = []
    for index, lines in enumerate(pages):
        dropped = set()
        for place in _margin(lines):
            number, pattern = _page_number(lines[place]), _pattern(lines[place])
            if number is not None:
                is_dropped = number - index in numbered
            else:
                is_dropped = pattern in repeated and pattern in seen
                seen.add(pattern)
            if is_dropped:
                dropped.add(place)
        kept.append([line for place, line in enumerate(lines) if place not in dropped])
    return kept


def _margin(lines: list[str]) -> set[int]:
    """The places of the lines at the top and at the bottom."""
    return {*range(min(_MARGIN, len(lines))), *range(max(0, len(lines) - _MARGIN), len(lines))}


def _pattern(line: str) -> str:
    """What two lines share that differ only in numbers and blanks."""
    return _NUMBER.sub("#", " ".join(line.lower().split()))


def _page_number(line: str) -> int | None:
    found = _PAGE_NUMBER.fullmatch(line.strip())
    return int(found[1]) if found else None


def paragraphs(lines: Sequence[str]) -> str:
    """The text of the lines, with a line for each paragraph."""
    lines = [line for line in (" ".join(line.split()) for line in lines) if line]
    lines = [_LEADERS.sub(" … ", line) if ".." in line or ". ." in line else line for line in lines]
    if not lines:
        return ""
    lengths = sorted(map(len, lines))
    width = max(_MIN_WIDTH, lengths[len(lengths) * 9 // 10])
    parts = [lines[0]]
    for before, line in pairwise(lines):
        parts += (" " if _goes_on(before, line, width) else "\n", line)
    return "".join(parts)


def _goes_on(before: str, line: str, width: int) -> bool:
    """Whether a line continues the paragraph of the line before."""
    if _ITEM.match(line) or before.endswith("-") or " … " in before:
        return False
    if line[0].islower():
        return before[-1] not in ".!?…" or len(before) >= _SHORT * width
    if len(before) < _FULL * width:
        return False
    return before[-1] not in _ENDS or len(before) >= 0.9 * width
