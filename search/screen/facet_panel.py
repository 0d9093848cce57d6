"""The panel of filters: values of all documents found, with their numbers, to be chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from naidi.indexer.fields import Schema
from naidi.indexer.messages import message, told

from ..results import Facet
from .chosen_filters import Filters, Row, facet_names, label_of, panel_rows, title_of
from .keyboard_layout import latin_key
from .marked_lines import Piece, strip_of, two_sided
from .palette import Palette

_VALUES = 12
"""Values of a facet."""


class FacetPanel(Widget, can_focus=True):
    """The panel.

    Parameters:
      palette: the styles.
      filters: the chosen values.
    """

    class Toggled(Message):
        """A value was chosen, or no longer is."""

    class Pressed(Message):
        """Another key was pressed. key: its name on the Latin layout."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    def __init__(self, palette: Palette, filters: Filters) -> None:
        super().__init__(id="facets")
        self.palette = palette
        self.filters = filters
        self.rows: Sequence[Row] = ()
        self._counted: dict[str, Facet] = {}
        self._at: tuple[str, object] | None = None
        self._top = 0

    @property
    def _values(self) -> list[int]:
        """The numbers of the rows that can be chosen."""
        return [number for number, row in enumerate(self.rows) if row.documents is not None]

    @property
    def _row(self) -> int:
        """The row of the cursor; the first value if its value is gone."""
        for number, row in enumerate(self.rows):
            if row.documents is not None and (row.facet, row.value) == self._at:
                return number
        return next(iter(self._values), 0)

    def show(self, counted: Mapping[str, Facet], schema: Schema) -> None:
        """Show other numbers, and what is chosen now. The cursor stays on its value.

        Parameters:
          counted: facets whose values were counted anew; the others stay.
          schema: of the index.
        """
        self._counted.update(counted)
        self.rows = panel_rows(facet_names(schema), self._counted, self.filters, schema, _VALUES)
        self._see()
        self.refresh()

    def _go(self, row: int) -> None:
        self._at = (self.rows[row].facet, self.rows[row].value)
        self._see()
        self.refresh()

    def _see(self) -> None:
        room = max(self.size.height - 1, 1)
        row = self._row
        top = row - 1 if row == next(iter(self._values), 0) else row  # with the name of its facet
        self._top = max(min(self._top, top), row - room + 1, 0)

    def on_resize(self) -> None:
        """Keep the cursor in sight."""
        self._see()

    def on_focus(self) -> None:
        """Show the cursor."""
        self.refresh()

    def on_blur(self) -> None:
        """Hide it."""
        self.refresh()

    def on_key(self, event: events.Key) -> None:
        """Move, choose, or hand over the key."""
        key = latin_key(event.key)
        event.stop()
        event.prevent_default()
        values = self._values
        if key in ("down", "j", "up", "k", "home", "g", "end", "G", "pagedown", "pageup"):
            if values:
                place = values.index(self._row)
                page = max(self.size.height - 2, 1)
                moved = {"down": 1, "j": 1, "up": -1, "k": -1, "pagedown": page, "pageup": -page}.get(key)
                place = (len(values) - 1 if key in ("end", "G") else 0) if moved is None else place + moved
                self._go(values[max(min(place, len(values) - 1), 0)])
        elif key in ("space", "enter"):
            if values:
                self._toggle(self._row)
        elif len(key) == 1 and key in "123456789":
            if int(key) <= len(values):
                self._toggle(values[int(key) - 1])
        elif key == "x":
            if self.filters.clear():
                self.post_message(self.Toggled())
        else:
            self.post_message(self.Pressed(key))

    def on_click(self, event: events.Click) -> None:
        """Choose the value that was clicked."""
        number = self._top + event.y - 1
        if 0 <= number < len(self.rows) and self.rows[number].documents is not None:
            self._toggle(number)

    def on_mouse_scroll_down(self) -> None:
        """The next values."""
        self._top = min(self._top + 3, max(len(self.rows) - self.size.height + 1, 0))
        self.refresh()

    def on_mouse_scroll_up(self) -> None:
        """The values before."""
        self._top = max(self._top - 3, 0)
        self.refresh()

    def _toggle(self, row: int) -> None:
        self._go(row)
        if self.filters.toggle(self.rows[row]):
            self.refresh()
            self.post_message(self.Toggled())

    def render_line(self, y: int) -> Strip:
        """A line: the heading, the name of a facet, or a value."""
        width = self.size.width
        if y == 0:
            text = f"── {told(message('Filters'))} "
            return strip_of([(text + "─" * max(width - len(text), 0), self.palette.rule)], width)
        number = self._top + y - 1
        if not self.rows:
            text = str(told(message("nothing to filter yet"))) if y == 1 else ""
            return strip_of([(f"  {text}", self.palette.facts)], width)
        if number >= len(self.rows):
            return Strip.blank(width)
        row = self.rows[number]
        if row.documents is None:
            return strip_of([(f" {title_of(row.facet)}", self.palette.title)], width)
        here = self.has_focus and number == self._row
        place = self._values.index(number) + 1
        box = "[x]" if self.filters.has(row) else "[ ]" if row.text is not None else "   "
        left: list[Piece] = [
            ("> " if here else "  ", self.palette.pointer),
            (f"{place} " if place < 10 else "  ", self.palette.key),
            (f"{box} ", self.palette.text),
            (label_of(row), self.palette.chosen if here else self.palette.text),
        ]
        return two_sided(left, [(f"{row.documents:,} ", self.palette.facts)], width)
