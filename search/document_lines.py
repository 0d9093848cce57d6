"""Which lines and pages has a stored document, and where does each begin?

A line has the number that it has in its file, as in a snippet. A row of a table is one line, whatever its text. A line feed at the end of
the text ends its last line, and begins no other.
"""

from __future__ import annotations

from naidi.indexer.late import bisect, cached_property
from naidi.indexer.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .stored_documents import StoredDocument


class DocumentLines:
    """The lines of one document. Places are code points of its text.

    Parameters:
      document: with its text. One without a text has a single, empty line.
    """

    def __init__(self, document: StoredDocument) -> None:
        self._text = document.text or ""
        self._pages: Sequence[int] = document.pages
        self._one_line = document.one_line
        self.first = document.first_line
        """The number of the first line."""

    @cached_property
    def _starts(self) -> list[int]:
        starts, place = [0], 0
        while not self._one_line and 0 < (place := self._text.find("\n", place) + 1) < len(self._text):
            starts.append(place)
        return starts

    def __len__(self) -> int:
        """Number of lines."""
        return len(self._starts)

    @property
    def last(self) -> int:
        """The number of the last line."""
        return self.first + len(self) - 1

    @property
    def pages(self) -> int:
        """Number of pages; 0 for a document without pages."""
        return len(self._pages)

    def line_of(self, place: int) -> int:
        """The number of the line in which a place stands."""
        return self.first + bisect.bisect_right(self._starts, place) - 1

    def page_of(self, place: int) -> int | None:
        """The page on which a place stands, from 1; None without pages."""
        return max(bisect.bisect_right(self._pages, place), 1) if self._pages else None

    def span(self, first: int, last: int) -> tuple[int, int]:
        """[start, end) of the lines from one to another, both included, without the last line feed.

        Lines that are not there are left out.
        """
        low, high = max(first - self.first, 0), min(last - self.first, len(self) - 1)
        if low > high:
            return len(self._text), len(self._text)
        behind = self._starts[high + 1] if high + 1 < len(self) else len(self._text)
        ends_it = not self._one_line and self._text.endswith("\n", self._starts[low], behind)
        return self._starts[low], behind - ends_it

    def page_span(self, first: int, last: int) -> tuple[int, int]:
        """[start, end) of the pages from one to another, both included; pages that are not there are left out."""
        low, high = max(first, 1), min(last, len(self._pages))
        if low > high:
            return len(self._text), len(self._text)
        end = self._pages[high] if high < len(self._pages) else len(self._text)
        return (0 if low == 1 else self._pages[low - 1]), end
