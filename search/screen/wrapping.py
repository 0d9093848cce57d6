"""Where do the rows of a long text begin and end on a screen of a width? Only the rows that are asked for are worked out."""

from __future__ import annotations

from bisect import bisect_right

from rich.cells import cell_len

TAB = 4
"""Cells of a tab."""
_LONGEST_BLOCK = 2_000
_SHOWN = str.maketrans({"\t": " " * TAB, "\r": None, "\f": None, "\n": None})


def as_shown(text: str) -> str:
    """Part of a line as it is shown: tabs as blanks, without line ends."""
    return text.translate(_SHOWN)


def row_ends(text: str, start: int, end: int, width: int) -> list[tuple[int, int]]:
    """[start, end) of each row of a piece of a text, at least one.

    Rows are broken at blanks, or within a word that is too long. The blank at which a row is broken is in neither row.
    """
    rows = []
    width = max(width, 2)
    while True:
        cut = _fitting(text, start, end, width)
        if cut >= end:
            rows.append((start, end))
            return rows
        blank = text.rfind(" ", start, cut + 1)
        if blank > start + (cut - start) // 3:
            rows.append((start, blank))
            start = blank + 1
        else:
            rows.append((start, cut))
            start = cut


def _fitting(text: str, start: int, end: int, width: int) -> int:
    """Where the longest beginning ends that has room in so many cells: behind one character at least, and what combines with it."""
    whole = text[start : min(end, start + width)]
    if whole.isascii() and whole.isprintable():
        return start + len(whole)
    place, room = start, width
    while place < end:
        character = text[place]
        size = TAB if character == "\t" else 0 if character in "\r\f" else cell_len(character)
        if size > room and place > start:
            return place
        room -= size
        place += 1
    return end


class Rows:
    """The rows of a text.

    A row has a number within its block: a line of the text, or a piece of a line that is very long.

    Parameters:
      text: any text.
      width: cells of a row.
    """

    def __init__(self, text: str, width: int) -> None:
        self.text = text
        self.width = width
        self._blocks = _block_starts(text)
        self._known: dict[int, list[tuple[int, int]]] = {}

    def resized(self, width: int) -> None:
        """Take another width."""
        if width != self.width:
            self.width = width
            self._known.clear()

    @property
    def blocks(self) -> int:
        """Number of blocks, at least one."""
        return len(self._blocks)

    def of_block(self, block: int) -> list[tuple[int, int]]:
        """[start, end) of each row of a block."""
        rows = self._known.get(block)
        if rows is None:
            start = self._blocks[block]
            end = self._blocks[block + 1] if block + 1 < len(self._blocks) else len(self.text)
            if end > start and self.text[end - 1] == "\n":
                end -= 1
            if len(self._known) > 5_000:
                self._known.clear()
            rows = self._known[block] = row_ends(self.text, start, end, self.width)
        return rows

    def row_of(self, place: int) -> tuple[int, int]:
        """(block, row) in which a place of the text stands."""
        block = max(bisect_right(self._blocks, place) - 1, 0)
        rows = self.of_block(block)
        row = next((number for number in range(len(rows) - 1, -1, -1) if rows[number][0] <= place), 0)
        return block, row

    def moved(self, block: int, row: int, by: int) -> tuple[int, int]:
        """(block, row) so many rows farther down, or up; the first or last row at most."""
        row += by
        while row < 0 and block > 0:
            block -= 1
            row += len(self.of_block(block))
        while row >= (size := len(self.of_block(block))):
            if block + 1 >= self.blocks:
                return block, size - 1
            row -= size
            block += 1
        return block, max(row, 0)

    def shown(self, block: int, row: int, height: int) -> list[tuple[int, int]]:
        """[start, end) of so many rows from one on, fewer at the end of the text."""
        rows: list[tuple[int, int]] = []
        while block < self.blocks and len(rows) < height:
            rows += self.of_block(block)[row:]
            block, row = block + 1, 0
        return rows[:height]


def _block_starts(text: str) -> list[int]:
    starts, place = [0], 0
    while True:
        line_end = text.find("\n", place)
        end = line_end + 1 if line_end >= 0 else len(text)
        while end - place > _LONGEST_BLOCK + 1:
            place += _LONGEST_BLOCK
            starts.append(place)
        if line_end < 0 or end >= len(text):
            return starts
        starts.append(end)
        place = end
