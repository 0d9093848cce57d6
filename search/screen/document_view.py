"""A document as the preview shows it: which rows are seen, which words were found, and where one goes from word to word.

A value of the screen's own thread. `marks_of_text` is what another thread works out.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator

from ..document_lines import DocumentLines
from ..results import Mark
from ..stored_documents import StoredDocument
from .wrapping import Rows

_FIRST_WINDOW = 20_000
_WINDOW = 60_000


def marks_of_text(
    text: str, place: int, marks_in: Callable[[str], tuple[Mark, ...]]
) -> Iterator[tuple[list[Mark], bool]]:
    """The words found in a text, first those around a place, then the others, part by part.

    Parameters:
      text: of a document, however long.
      place: that is shown.
      marks_in: gives the marks of a part. It takes time in proportion to the length.

    Gives (the marks of a part, whether it is the last one).
    """
    low = _line_start(text, max(place - _FIRST_WINDOW // 2, 0))
    high = _line_end(text, min(place + _FIRST_WINDOW // 2, len(text)))
    parts = [(low, high)]
    for start, end in ((high, len(text)), (0, low)):
        while start < end:
            stop = min(_line_end(text, min(start + _WINDOW, end)), end)
            parts.append((start, stop))
            start = stop
    for number, (start, end) in enumerate(parts, 1):
        yield _marks(text, start, end, marks_in), number == len(parts)


def _marks(text: str, start: int, end: int, marks_in: Callable[[str], tuple[Mark, ...]]) -> list[Mark]:
    return [(low + start, high + start) for low, high in marks_in(text[start:end])]


def _line_start(text: str, place: int) -> int:
    """The beginning of the line, or of the word if that is far away."""
    near = text.rfind("\n", max(place - 2_000, 0), place)
    return near + 1 if near >= 0 else max(text.rfind(" ", max(place - 200, 0), place) + 1, 0) or max(place, 0)


def _line_end(text: str, place: int) -> int:
    near = text.find("\n", place, place + 2_000)
    if near < 0:
        near = text.find(" ", place, place + 200)
    return near + 1 if near >= 0 else place


class DocumentView:
    """A document, where one looks at it.

    Parameters:
      document: with its text or without.
      place: in its text, that is to be seen first.
      width: cells of a row.
    """

    def __init__(self, document: StoredDocument, place: int, width: int = 80) -> None:
        self.document = document
        self.text = document.text or ""
        self.lines = DocumentLines(document)
        # A line end is no line of its own.
        self.rows = Rows(self.text, width)
        self.marks: list[Mark] = []
        self.is_marked = False
        """Whether all words found are known."""
        self.current: Mark | None = None
        self.place = min(max(place, 0), max(len(self.text) - 1, 0))
        self._top: tuple[int, int] | None = None
        self._is_led = False  # whether the user has moved

    @property
    def number(self) -> int:
        """The number of the current word found, from 1; 0 if there is none."""
        return bisect_left(self.marks, self.current) + 1 if self.current is not None else 0

    def add_marks(self, marks: list[Mark], *, all_known: bool) -> None:
        """Take words found into account, of another part of the text. all_known: whether these are the last ones."""
        if marks:
            self.marks += marks
            self.marks.sort()  # of two sorted lists this is quick
        self.is_marked = all_known
        if self.current is None and self.marks:
            near = bisect_left(self.marks, (self.place, 0))
            self.current = self.marks[min(near, len(self.marks) - 1)]
            if not self._is_led:
                self._top = None

    def step(self, by: int) -> bool:
        """Go to the next word found, or to the one before. From the last it goes on to the first. Returns whether there is one."""
        if not self.marks:
            return False
        self._is_led = True
        number = (self.number - 1 + by) % len(self.marks)
        self.current = self.marks[number]
        self.place = self.current[0]
        return True

    def at_place(self) -> int:
        """The place that is opened: that of the current word found, else the one that is shown."""
        return self.current[0] if self.current is not None else self.place

    def scroll(self, by: int, height: int) -> None:
        """Move so many rows down, or up."""
        self._is_led = True
        self._top = self._within(self.rows.moved(*self._at_top(height), by), height)

    def to_end(self, height: int) -> None:
        """Show the end of the text."""
        self._is_led = True
        self._top = self._within((self.rows.blocks - 1, len(self.rows.of_block(self.rows.blocks - 1)) - 1), height)

    def to_beginning(self) -> None:
        """Show the beginning of the text."""
        self._is_led = True
        self._top = (0, 0)

    def reveal(self, height: int) -> None:
        """See to it that the current word found is seen."""
        if not self.is_seen(height):
            self._top = None

    def resized(self, width: int, height: int) -> None:
        """Take another width. If the current word found was seen, it is seen again, else the row that was the first."""
        if width == self.rows.width:
            return
        first = self.seen(height)[0][0] if self._top is not None and not self.is_seen(height) else None
        self.rows.resized(width)
        self._top = None if first is None else self.rows.row_of(first)

    def is_seen(self, height: int) -> bool:
        """Whether the current word found is seen."""
        seen = self.seen(height)
        return self.current is not None and seen[0][0] <= self.current[0] < max(seen[-1][1], seen[-1][0] + 1)

    def _at_top(self, height: int) -> tuple[int, int]:
        if self._top is None:
            self._top = self._within(self.rows.moved(*self.rows.row_of(self.at_place()), -(height // 3)), height)
        return self._top

    def _within(self, top: tuple[int, int], height: int) -> tuple[int, int]:
        """The top row, or one above it where the text would end before the last row that has room."""
        missing = height - len(self.rows.shown(*top, height))
        return self.rows.moved(*top, -missing) if missing > 0 else top

    def seen(self, height: int) -> list[tuple[int, int]]:
        """[start, end) of the rows that are seen. There are as many as have room, or all."""
        top = self._at_top(height)
        rows = self.rows.shown(*top, height)
        if len(rows) < height and top != (0, 0):  # there is more room than before
            self._top = self._within(top, height)
            rows = self.rows.shown(*self._top, height)
        return rows

    def marks_between(self, start: int, end: int) -> list[Mark]:
        """The words found that stand at least partly within, cut to it."""
        first = bisect_right(self.marks, (start, start))
        if first and self.marks[first - 1][1] > start:
            first -= 1
        found = []
        for low, high in self.marks[first:]:
            if low >= end:
                break
            if high > start:
                found.append((max(low, start), min(high, end)))
        return found
