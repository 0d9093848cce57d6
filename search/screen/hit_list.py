"""The list of hits: which are seen, and which one is chosen."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from ..results import Hit
from .hit_lines import SHORT, TALL, hit_strips
from .keyboard_layout import latin_key
from .marked_lines import fitted, strip_of
from .palette import PLAIN, Palette

_TALL_FROM = 18
"""Rows of the list from which each hit has a line more."""


class HitList(Widget, can_focus=True):
    """The list.

    Parameters:
      palette: the styles.
    """

    class Chosen(Message):
        """Another hit was chosen."""

    class Pressed(Message):
        """A key was pressed in the list. key: its name on the Latin layout."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    def __init__(self, palette: Palette) -> None:
        super().__init__(id="hits")
        self.palette = palette
        self.hits: list[Hit] = []
        self.total = 0
        self.chosen = 0
        self._top = 0
        self._empty: Sequence[str] = ()
        self._strips: dict[tuple[int, bool, bool, int, int], list[Strip]] = {}

    @property
    def hit(self) -> Hit | None:
        """The chosen hit; None without hits."""
        return self.hits[self.chosen] if self.chosen < len(self.hits) else None

    @property
    def lines(self) -> int:
        """Lines of a hit."""
        return TALL if self.size.height >= _TALL_FROM else SHORT

    @property
    def room(self) -> int:
        """Number of hits that are seen as a whole, at least one."""
        return max(self.size.height // self.lines, 1)

    def show(self, hits: Sequence[Hit], total: int, empty: Sequence[str], *, keep: str | None = None) -> None:
        """Show other hits.

        Parameters:
          hits: the hits, best first.
          total: number of documents found.
          empty: lines that stand there if there is none.
          keep: the id of the document that stays chosen, or what stands in its place if it is gone. Else the first hit is chosen.
        """
        self.hits, self.total, self._empty = list(hits), total, empty
        if keep is None:
            self.chosen = self._top = 0
        else:
            in_its_place = min(self.chosen, max(len(self.hits) - 1, 0))
            self.chosen = next((number for number, hit in enumerate(self.hits) if hit.id == keep), in_its_place)
            self._see()
        self._strips.clear()
        self.refresh()

    def add(self, hits: Sequence[Hit]) -> None:
        """Show hits behind the others. Those that are there already are left out: the index may have moved on."""
        known = {hit.id for hit in self.hits}
        new = [hit for hit in hits if hit.id not in known]
        self.hits += new
        if not new:
            self.total = len(self.hits)
        self.refresh()

    def move(self, by: int) -> None:
        """Choose a hit farther down, or up."""
        self.choose(self.chosen + by)

    def choose(self, number: int) -> None:
        """Choose a hit by its place in the list; the nearest there is."""
        number = max(min(number, len(self.hits) - 1), 0)
        if number != self.chosen:
            self.chosen = number
            self._see()
            self.post_message(self.Chosen())
        self.refresh()

    def _see(self) -> None:
        self._top = max(min(self._top, self.chosen), self.chosen - self.room + 1, 0)

    def on_resize(self) -> None:
        """Draw the hits anew."""
        self._strips.clear()
        self._see()

    def on_focus(self) -> None:
        """Show that keys go here."""
        self.refresh()

    def on_blur(self) -> None:
        """Show that they do not."""
        self.refresh()

    def on_key(self, event: events.Key) -> None:
        """Hand over the key."""
        self.post_message(self.Pressed(latin_key(event.key)))
        event.stop()
        event.prevent_default()

    def on_click(self, event: events.Click) -> None:
        """Choose the hit that was clicked; a second click opens it."""
        number = self._top + event.y // self.lines
        if number < len(self.hits):
            self.choose(number)
            if event.chain == 2:
                self.post_message(self.Pressed("enter"))

    def on_mouse_scroll_down(self) -> None:
        """Choose the next hit."""
        self.move(1)

    def on_mouse_scroll_up(self) -> None:
        """Choose the hit before."""
        self.move(-1)

    def render_line(self, y: int) -> Strip:
        """A line of a hit."""
        width = self.size.width
        if not self.hits:
            text = self._empty[y - 1] if 1 <= y <= len(self._empty) else ""
            return Strip.blank(width) if not text else _plain(text, width)
        number, line = self._top + y // self.lines, y % self.lines
        if number >= len(self.hits):
            return Strip.blank(width)
        look = number, number == self.chosen, self.has_focus, width, self.lines
        strips = self._strips.get(look)
        if strips is None:
            strips = self._strips[look] = hit_strips(
                self.hits[number], width, self.lines, self.palette, chosen=look[1], focused=look[2]
            )
        return strips[line]


def _plain(text: str, width: int) -> Strip:
    return strip_of(fitted([(f"  {text}", PLAIN.text)], width), width)
