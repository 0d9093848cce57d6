"""Makes one text of paragraphs and tables, as they are met in a document: a blank line between paragraphs, a line for each row."""

from __future__ import annotations

import re

from ..messages import message
from .unpacking import TooLarge

MAX_TEXT = 32 << 20
"""The longest text of a document, in code points. A long novel has three million."""

MAX_OPEN = 50
"""How many paragraphs, rows, cells and asides may be open at once: tables in tables."""

_ASIDE, _PARAGRAPH, _ROW, _CELL = range(4)
_LINE_ENDS = re.compile(r"\r\n?|[\v\f\u2028\u2029]")
_BLANK_BEFORE_LINE_END = re.compile(r"[ \t\xa0]+\n")


class _Frame:
    """What is open: the pieces of text in it, and what stands behind it because it began inside of it (a note, a text box)."""

    __slots__ = ("behind", "kind", "parts")

    def __init__(self, kind: int) -> None:
        self.kind = kind
        self.parts: list[str] = []
        self.behind: list[str] = []


class Blocks:
    """A text that grows block by block.

    Paragraphs may stand in cells, and in other paragraphs: then the inner ones follow the outer. Rows may stand in cells: then
    they are part of the row outside. Text counts only inside a paragraph.

    pages: the offsets at which pages begin.
    """

    def __init__(self) -> None:
        self._frames: list[_Frame] = []
        self._pieces: list[str] = []
        self._length = 0
        self._size = 0
        self._after_row = False
        self._waiting_pages = 0
        self.pages: list[int] = []

    def add(self, text: str) -> None:
        """Text of the innermost paragraph. Raises TooLarge behind MAX_TEXT."""
        if self._frames and (frame := self._frames[-1]).kind == _PARAGRAPH:
            self._count(text)
            frame.parts.append(text)

    def open_paragraph(self, *_: object) -> None:
        """A paragraph begins."""
        self._open(_PARAGRAPH)

    def close_paragraph(self) -> None:
        """The innermost paragraph ends."""
        frame = self._frames.pop()
        if parts := frame.parts:
            self._emit(_cleaned(parts[0] if len(parts) == 1 else "".join(parts)))
        for text in frame.behind:
            self._emit(text)

    def open_row(self, *_: object) -> None:
        """A row of a table begins."""
        self._open(_ROW)

    def close_row(self) -> None:
        """The innermost row ends."""
        self._emit("\t".join(self._frames.pop().parts), is_row=True)

    def open_cell(self, *_: object) -> None:
        """A cell of a row begins."""
        self._open(_CELL)

    def close_cell(self) -> None:
        """The innermost cell ends."""
        self._emit(" ".join(" ".join(self._frames.pop().parts).split()))

    def open_aside(self, *_: object) -> None:
        """Something begins whose own text does not count, only the paragraphs in it: the frame of a picture."""
        self._open(_ASIDE)

    def close_aside(self) -> None:
        """The aside ends."""
        for text in self._frames.pop().parts:
            self._emit(text)

    def block(self, text: str) -> None:
        """A whole paragraph."""
        self.open_paragraph()
        self.add(text)
        self.close_paragraph()

    def row(self, cells: list[str]) -> None:
        """A whole row."""
        kept = []
        for cell in cells:
            self._count(cell)  # first: a workbook may name one long string a million times
            if line := " ".join(cell.split()):
                kept.append(line)
        self._emit("\t".join(kept), is_row=True)

    def page(self) -> None:
        """A page begins with the next block."""
        self._waiting_pages += 1

    def end(self) -> None:
        """Close what is open: the file was damaged."""
        closing = {
            _PARAGRAPH: self.close_paragraph,
            _ROW: self.close_row,
            _CELL: self.close_cell,
            _ASIDE: self.close_aside,
        }
        while self._frames:
            closing[self._frames[-1].kind]()

    def text(self) -> str:
        """The whole text. Everything is closed by that."""
        self.end()
        self._begin_pages(self._length)
        return "".join(self._pieces)

    def _open(self, kind: int) -> None:
        if len(self._frames) >= MAX_OPEN:
            raise TooLarge(message("tables are nested more than {most} deep", most=MAX_OPEN // 2))
        self._frames.append(_Frame(kind))

    def _count(self, text: str) -> None:
        self._size += len(text)
        if self._size > MAX_TEXT:
            raise TooLarge(message("the text is longer than {most} million characters", most=MAX_TEXT >> 20))

    def _emit(self, text: str, is_row: bool = False) -> None:
        if not text:
            return
        if self._frames:
            outer = self._frames[-1]
            (outer.behind if outer.kind == _PARAGRAPH else outer.parts).append(text)
            return
        if self._pieces:
            gap = "\n" if is_row and self._after_row else "\n\n"
            self._pieces.append(gap)
            self._length += len(gap)
        if self._waiting_pages:
            self._begin_pages(self._length)
        self._after_row = is_row
        self._pieces.append(text)
        self._length += len(text)

    def _begin_pages(self, offset: int) -> None:
        if self._waiting_pages:
            self.pages += [offset if self.pages else 0] * self._waiting_pages
            self._waiting_pages = 0


def _cleaned(text: str) -> str:
    if not text.isprintable():
        text = _BLANK_BEFORE_LINE_END.sub("\n", _LINE_ENDS.sub("\n", text))
    return text.strip()
