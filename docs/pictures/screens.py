"""What stands on the screen of a terminal, and from when to when: the output of a recording, read as a terminal reads it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import pyte
from pyte.screens import Char

from docs.pictures.recording import PROMPT, Recording

# Of outputs that follow each other so closely, the last alone is a frame.
_NEAR = 0.03
# Seconds that are left of a longer wait.
_FOR_COMMAND, _TO_READ = 1.2, 4.0
MOST_FRAMES = 1_500


class Run(NamedTuple):
    """Characters of a line in one style, from a column on. Colours are names of pyte, or six hex digits."""

    column: int
    text: str
    colour: str = "default"
    back: str = "default"
    bold: bool = False


Line = tuple[Run, ...]


class Frame(NamedTuple):
    """The lines of the screen from a moment on, the cursor among them."""

    at: float
    lines: tuple[Line, ...]


class Pause(NamedTuple):
    """A wait that was made shorter: from and to a moment of the frames, and how long it took in truth."""

    start: float
    end: float
    seconds: float


class _Screen(pyte.Screen):
    """A screen that knows faint text, which is shown in grey."""

    def select_graphic_rendition(self, *attributes: int, **private: Any) -> None:
        super().select_graphic_rendition(*(90 if number == 2 else number for number in attributes), **private)


def frames_of(recording: Recording, *, waits: bool = True) -> tuple[list[Frame], list[Pause]]:
    """The frames of a recording, and its waits that were made shorter.

    Parameters:
      recording: of a terminal.
      waits: whether time without output is that of a command which works. Then little of it is left. There is more to read at a
        prompt, and all the time in a program that has the whole screen.

    Raises ValueError for a recording of more frames than a picture should have.
    """
    screen = _Screen(recording.columns, recording.rows)
    stream = pyte.Stream(screen)
    frames: list[Frame] = []
    pauses: list[Pause] = []
    now = last = 0.0
    shown = ""
    for at, text in recording.events:
        longest = _FOR_COMMAND if waits and not shown.endswith(PROMPT) else _TO_READ
        waited = at - last
        if waited > longest + 1:
            pauses.append(Pause(now, now + longest, waited))
        now, last, shown = now + min(waited, longest), at, text
        stream.feed(text)
        lines = _lines(screen)
        if frames and (now - frames[-1].at < _NEAR or frames[-1].lines == lines):
            frames[-1] = Frame(frames[-1].at, lines)
        else:
            frames.append(Frame(round(now, 3), lines))
        if len(frames) > MOST_FRAMES:
            raise ValueError(f"more than {MOST_FRAMES} frames: record less")
    return frames, pauses


def still(text: str, columns: int, rows: int) -> Frame:
    """The screen after some output, without a cursor: line feeds begin a new line."""
    screen = _Screen(columns, rows)
    pyte.Stream(screen).feed(text.replace("\n", "\r\n"))
    screen.cursor.hidden = True
    return Frame(0.0, _lines(screen))


def text_of(lines: Sequence[Line]) -> str:
    """The lines as plain text, without blanks at their ends."""
    shown = []
    for line in lines:
        text = ""
        for run in line:
            text = text.ljust(run.column) + run.text
        shown.append(text.rstrip())
    return "\n".join(shown).rstrip()


def _lines(screen: pyte.Screen) -> tuple[Line, ...]:
    cursor = None if screen.cursor.hidden else (screen.cursor.y, screen.cursor.x)
    lines = []
    for row in range(screen.lines):
        cells = screen.buffer[row]
        shown = {column: cells[column] for column in cells if column < screen.columns}
        if cursor is not None and cursor[0] == row:
            column = min(cursor[1], screen.columns - 1)
            under = shown.get(column, screen.default_char)
            shown[column] = under._replace(reverse=not under.reverse)
        lines.append(tuple(_runs(shown)))
    return tuple(lines)


def _runs(cells: dict[int, Char]) -> list[Run]:
    """The runs of a line. Blanks that look like nothing are left out where two or more stand together."""
    runs: list[Run] = []
    for column in sorted(cells):
        char = cells[column]
        fore, back = char.fg, char.bg
        if char.reverse:
            fore, back = ("page" if back == "default" else back), ("text" if fore == "default" else fore)
        run = Run(column, char.data, fore, back, char.bold)
        if runs and runs[-1][2:] == run[2:] and runs[-1].column + len(runs[-1].text) == column:
            runs[-1] = runs[-1]._replace(text=runs[-1].text + char.data)
        elif char.data:
            runs.append(run)
    return [piece for run in runs for piece in _pieces(run)]


def _pieces(run: Run) -> list[Run]:
    """A run without its blanks at both ends, and in two where several are within: no program then shortens them."""
    if run.back != "default":
        return [run]
    pieces, column = [], run.column
    for part in run.text.split("  "):
        text = part.strip(" ")
        if text:
            pieces.append(run._replace(column=column + len(part) - len(part.lstrip(" ")), text=text))
        column += len(part) + 2
    return pieces
