"""Lines of the screen that say something: what became of the query, what may be typed next, which keys there are."""

from __future__ import annotations

from collections.abc import Sequence

from textual.strip import Strip
from textual.widget import Widget

from naidi.indexer.messages import told

from .keys import Help
from .marked_lines import Piece, strip_of, two_sided, width_of
from .palette import Palette

_BETWEEN = "  "


class Bar(Widget):
    """A line with pieces at both ends.

    Parameters:
      palette: the styles.
      id: the name of the line.
    """

    DEFAULT_CSS = "Bar { height: 1; width: 100%; }"

    def __init__(self, palette: Palette, *, id: str) -> None:
        super().__init__(id=id)
        self.palette = palette
        self._left: Sequence[Piece] = ()
        self._right: Sequence[Piece] = ()

    def show(self, left: Sequence[Piece], right: Sequence[Piece] = ()) -> None:
        """Show other pieces."""
        if (left, right) != (self._left, self._right):
            self._left, self._right = left, right
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """The line."""
        return two_sided(self._left, list(self._right), self.size.width)


class KeyBar(Widget):
    """The last line: the keys that do something now.

    Those that have no room are left out, the last ones first, but for the very last, which is how to leave.
    """

    DEFAULT_CSS = "KeyBar { height: 1; width: 100%; }"

    def __init__(self, palette: Palette) -> None:
        super().__init__(id="keys")
        self.palette = palette
        self._keys: Sequence[Help] = ()

    def show(self, keys: Sequence[Help]) -> None:
        """Show other keys."""
        if keys != self._keys:
            self._keys = keys
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """The line."""
        width = self.size.width
        each = [self._pieces(one) for one in self._keys if one.short is not None]
        while len(each) > 1 and width_of(piece for pieces in each for piece in pieces) >= width + len(_BETWEEN):
            del each[-2]
        every = [piece for pieces in each for piece in pieces]
        return strip_of([(" ", self.palette.text), *every[1:]], width)

    def _pieces(self, one: Help) -> list[Piece]:
        return [
            (_BETWEEN, self.palette.text),
            (str(told(one.keys)).partition(",")[0], self.palette.key),
            (f" {told(one.short)}", self.palette.text),
        ]
