"""Tells where a place of a shown text is: its offset in the whole text, its line in the file, its page."""

from __future__ import annotations

from naidi.indexer.late import bisect
from naidi.indexer.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class TextPlaces:
    """The places of one text.

    Parameters:
      pages: where each page begins in the whole text, ascending; empty without pages.
      first_line: the line of the file in which the whole text begins.
      one_line: whether all of the text counts as that line, as in a row of a table.
      pieces: if only pieces of the text are shown: for each where it begins in the shown text, and how many characters and line
        feeds come before it in the whole text.
    """

    __slots__ = ("_first_line", "_one_line", "_pages", "_pieces")

    def __init__(
        self,
        pages: Sequence[int] = (),
        first_line: int = 1,
        pieces: Sequence[tuple[int, int, int]] = (),
        *,
        one_line: bool = False,
    ) -> None:
        self._pages = pages
        self._first_line = first_line
        self._one_line = one_line
        self._pieces = pieces

    def of(self, text: str, start: int, word: int) -> tuple[int, int, int | None]:
        """(offset of `start` in the whole text; line of `word`; its page, or None). start, word: offsets in the shown text."""
        begin = before = lines = 0
        if self._pieces:
            begin, before, lines = self._pieces[max(bisect.bisect_right(self._pieces, start, key=_begin) - 1, 0)]
        shift = before - begin
        line = self._first_line if self._one_line else self._first_line + lines + text.count("\n", begin, word)
        return start + shift, line, max(bisect.bisect_right(self._pages, word + shift), 1) if self._pages else None


def _begin(piece: tuple[int, int, int]) -> int:
    return piece[0]


WHOLE_TEXT = TextPlaces()
