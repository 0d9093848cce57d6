"""The preview: the chosen document at the place, with the words found marked."""

from __future__ import annotations

from textual.strip import Strip
from textual.widget import Widget

from naidi.indexer.messages import message, plural, told
from naidi.indexer.printable import printable

from ..results import Hit, Mark
from ..show.field_values import text_value
from .document_view import DocumentView
from .hit_lines import where_of_hit
from .marked_lines import Piece, fitted, middle_cut, strip_of, width_of
from .palette import Palette
from .wrapping import as_shown

_MARGIN = 2
"""Cells before each row: the mark of the row with the current word."""


class Preview(Widget):
    """The document of a hit.

    Parameters:
      palette: the styles.
    """

    def __init__(self, palette: Palette) -> None:
        super().__init__(id="preview")
        self.palette = palette
        self.hit: Hit | None = None
        self.view: DocumentView | None = None

    @property
    def height(self) -> int:
        """Rows of the document that have room."""
        return max(self.size.height - 1 - len(self._facts()), 1)

    @property
    def width(self) -> int:
        """Cells of a row."""
        return max(self.size.width - _MARGIN, 4)

    def show(self, hit: Hit | None, view: DocumentView | None) -> None:
        """Show a document. view: None while it is not known."""
        self.hit, self.view = hit, view
        self.refresh()

    def mark(self, view: DocumentView, marks: list[Mark], *, all_known: bool) -> None:
        """Mark words in a document, if it is still the one that is shown. all_known: whether these are the last."""
        if view is self.view:
            view.add_marks(marks, all_known=all_known)
            self.refresh()

    def step(self, by: int) -> None:
        """Go to the next word found, or the one before."""
        if self.view is not None and self.view.step(by):
            self.view.reveal(self.height)
            self.refresh()

    def scroll_rows(self, by: int) -> None:
        """Move so many rows."""
        if self.view is not None:
            self.view.scroll(by, self.height)
            self.refresh()

    def to_edge(self, *, end: bool) -> None:
        """Show the beginning or the end."""
        if self.view is not None:
            if end:
                self.view.to_end(self.height)
            else:
                self.view.to_beginning()
            self.refresh()

    def on_mouse_scroll_down(self) -> None:
        """Three rows down."""
        self.scroll_rows(3)

    def on_mouse_scroll_up(self) -> None:
        """Three rows up."""
        self.scroll_rows(-3)

    def render_line(self, y: int) -> Strip:
        """A line: the heading, values of fields, or a row of the text."""
        if self.view is not None:
            self.view.resized(self.width, self.height)
        if y == 0:
            return self._heading()
        facts = self._facts()
        width = self.size.width
        if y <= len(facts):
            return strip_of(fitted([("  ", self.palette.text), (facts[y - 1], self.palette.facts)], width), width)
        view = self.view
        if view is None:
            return Strip.blank(width)
        if not view.text:
            said = told(message("The index has no text of this document.")) if view.document.text is None else ""
            return strip_of(
                fitted(
                    [("  ", self.palette.text), (str(said) if y == 1 + len(facts) else "", self.palette.facts)], width
                ),
                width,
            )
        rows = view.seen(self.height)
        number = y - 1 - len(facts)
        return self._row(view, *rows[number]) if number < len(rows) else Strip.blank(width)

    def _row(self, view: DocumentView, start: int, end: int) -> Strip:
        pieces: list[Piece] = []
        place = start
        pointer = "  "
        for low, high in view.marks_between(start, end):
            current = view.current is not None and view.current[0] <= low < view.current[1]
            pointer = "> " if current else pointer
            pieces.append((_safe(view.text[place:low]), self.palette.text))
            pieces.append((_safe(view.text[low:high]), self.palette.current if current else self.palette.found))
            place = high
        pieces.append((_safe(view.text[place:end]), self.palette.text))
        return strip_of([(pointer, self.palette.pointer), *pieces], self.size.width)

    def _facts(self) -> list[str]:
        """Values of the fields of the application, in one line."""
        if self.hit is None or not self.hit.fields:
            return []
        return ["; ".join(f"{printable(name)}: {text_value(value)}" for name, value in self.hit.fields.items())]

    def _heading(self) -> Strip:
        width = self.size.width
        if self.hit is None:
            return strip_of([("─" * width, self.palette.rule)], width)
        right = f" {self._place()} " if self.view is not None else ""
        where = middle_cut(where_of_hit(self.hit), max(width - len(right) - 6, 8))
        left: list[Piece] = [("── ", self.palette.rule), (where, self.palette.path), (" ", self.palette.text)]
        gap = width - width_of(left) - width_of([(right, self.palette.facts)]) - 1
        return strip_of(
            [*left, ("─" * max(gap, 0), self.palette.rule), (right, self.palette.facts), ("─", self.palette.rule)],
            width,
        )

    def _place(self) -> str:
        view = self.view
        assert view is not None
        if not view.text:
            return ""
        parts = []
        place = view.at_place()
        if not view.is_seen(self.height):
            place = view.seen(self.height)[0][0]
        page = view.lines.page_of(place)
        if page is not None:
            parts.append(str(told(message("p. {page} of {pages}", page=page, pages=view.lines.pages))))
        else:
            parts.append(
                str(told(message("line {line} of {lines}", line=view.lines.line_of(place), lines=view.lines.last)))
            )
        if view.marks:
            count = f"{len(view.marks):,}{'' if view.is_marked else '+'}"
            parts.append(
                str(
                    told(
                        plural(
                            "word {number} of {found}",
                            "word {number} of {found}",
                            len(view.marks),
                            number=view.number,
                            found=count,
                        )
                    )
                )
            )
        return ", ".join(parts)


def _safe(text: str) -> str:
    return printable(as_shown(text))
