"""The screen of a terminal as an SVG picture, still or moving, for light and dark pages.

It has no script and asks for nothing from outside. A line that is shown for a while is one element, which CSS shows and hides.
Who asks for less motion sees the last screen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape

from docs.pictures.screens import Frame, Line, Pause, Run, text_of

# Pixels: of a cell, from the left edge to the first column, and of the bar above.
CELL, ROW, EDGE, BAR = 8.4, 19, 16, 36
MOST_CHARACTERS = 150_000
"""A picture is no longer than this."""
_HOLD = 6.0  # seconds for which the last screen is seen
_FONT = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace"
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Name of pyte -> class, colour on light, colour on dark.
_COLOURS = {
    "default": ("t", "#1f2328", "#e6edf3"),
    "text": ("t", "#1f2328", "#e6edf3"),
    "page": ("p", "#ffffff", "#0d1117"),
    "black": ("k", "#1f2328", "#484f58"),
    "red": ("r", "#cf222e", "#ff7b72"),
    "green": ("g", "#116329", "#3fb950"),
    "brown": ("y", "#7d4e00", "#d29922"),
    "blue": ("b", "#0550ae", "#58a6ff"),
    "magenta": ("m", "#8250df", "#bc8cff"),
    "cyan": ("c", "#1b7c83", "#39c5cf"),
    "white": ("w", "#59636e", "#b1bac4"),
    "brightblack": ("d", "#59636e", "#9198a1"),
    "brightred": ("R", "#a40e26", "#ffa198"),
    "brightgreen": ("G", "#1a7f37", "#56d364"),
    "brightbrown": ("Y", "#633c01", "#e3b341"),
    "brightblue": ("B", "#218bff", "#79c0ff"),
    "brightmagenta": ("M", "#a475f9", "#d2a8ff"),
    "brightcyan": ("C", "#3192aa", "#56d4dd"),
    "brightwhite": ("W", "#1f2328", "#ffffff"),
}
_HEX = re.compile("[0-9a-f]{6}")


class _Shown:
    """A line in a row of the screen, from when to when it is seen."""

    def __init__(self, row: int, line: Line, start: float) -> None:
        self.row, self.line, self.start, self.end = row, line, start, start


def still_svg(frame: Frame, columns: int, title: str) -> str:
    """A picture that does not move. Raises ValueError if it is too long."""
    body = [_text(line, row) for row, line in enumerate(frame.lines) if line]
    return _document(columns, len(frame.lines), title, text_of(frame.lines), "", body)


def moving_svg(frames: Sequence[Frame], pauses: Sequence[Pause], columns: int, title: str) -> str:
    """A picture that plays the frames again and again.

    Parameters:
      frames: in order, at least one, with equally many lines.
      pauses: which are told in the bar while they last.
      columns: of the terminal.
      title: is shown in the bar, and read out.

    Raises ValueError if the picture is too long.
    """
    length = frames[-1].at + _HOLD
    style = [f".a{{visibility:hidden;animation:{length:.2f}s steps(1,end) infinite}}.z{{visibility:visible}}"]
    style.append("@media (prefers-reduced-motion:reduce){.a{animation:none!important}}")
    body = []
    spans = [*_spans(frames, length)]
    for number, shown in enumerate(spans):
        last = " z" if shown.end >= length else ""
        style.append(_keyframes(number, shown.start, shown.end, length))
        body.append(f'<g class="a{last}" style="animation-name:k{number}">{_text(shown.line, shown.row)}</g>')
    width = columns * CELL + 2 * EDGE
    for number, pause in enumerate(pauses, len(spans)):
        style.append(_keyframes(number, pause.start, min(pause.end + 1, length), length))
        told = f"{pause.seconds:.0f} s in truth, shortened here"
        body.append(
            f'<g class="a" style="animation-name:k{number}">'
            f'<text class="d" x="{width - EDGE:g}" y="23" text-anchor="end" font-size="12">{told}</text></g>'
        )
    rows = len(frames[-1].lines)
    return _document(columns, rows, title, text_of(frames[-1].lines), "\n".join(style), body)


def _spans(frames: Sequence[Frame], length: float) -> Iterator[_Shown]:
    """Each line that is seen in a row, in the order in which they come."""
    open_rows: dict[int, _Shown] = {}
    done: list[_Shown] = []
    for frame in frames:
        for row, line in enumerate(frame.lines):
            there = open_rows.get(row)
            if there is not None and there.line == line:
                continue
            if there is not None:
                there.end = frame.at
                done.append(open_rows.pop(row))
            if line:
                open_rows[row] = _Shown(row, line, frame.at)
    for there in open_rows.values():
        there.end = length
    yield from sorted([*done, *open_rows.values()], key=lambda shown: (shown.start, shown.row))


def _keyframes(number: int, start: float, end: float, length: float) -> str:
    """When an element is seen. A step lasts until the next."""
    marks = [] if start <= 0 else ["0%{visibility:hidden}"]
    marks.append(f"{100 * start / length:.5g}%{{visibility:visible}}")
    if end < length:
        marks.append(f"{100 * end / length:.5g}%,to{{visibility:hidden}}")
    else:
        marks.append("to{visibility:visible}")
    return f"@keyframes k{number}{{{''.join(marks)}}}"


def _text(line: Line, row: int) -> str:
    return "".join(_run(run, BAR + row * ROW) for run in line)


def _run(run: Run, top: float) -> str:
    x, width = f"{EDGE + run.column * CELL:.5g}", f"{len(run.text) * CELL:.5g}"
    behind = ""
    if run.back != "default":
        behind = f'<rect x="{x}" y="{top:g}" width="{width}" height="{ROW}"{_colour(run.back)}/>'
    text = _NO_XML.sub("\ufffd", run.text)
    if not text.strip():
        return behind
    bold = ' font-weight="700"' if run.bold else ""
    # The length keeps the columns where the font is another one.
    length = f' textLength="{width}" lengthAdjust="spacingAndGlyphs"' if len(text) > 1 else ""
    return (
        f'{behind}<text x="{x}" y="{top + 14:g}"{length}{_colour(run.colour)}{bold}>{escape(text, quote=False)}</text>'
    )


def _colour(name: str) -> str:
    if name in ("default", ""):
        return ""
    if name in _COLOURS:
        return f' class="{_COLOURS[name][0]}"'
    return f' fill="#{name}"' if _HEX.fullmatch(name) else ""


def _document(columns: int, rows: int, title: str, said: str, style: str, body: Sequence[str]) -> str:
    width, height = columns * CELL + 2 * EDGE, BAR + rows * ROW + EDGE
    light = "".join(f".{name}{{fill:{colour}}}" for name, colour, _ in _COLOURS.values())
    dark = "".join(f".{name}{{fill:{colour}}}" for name, _, colour in _COLOURS.values())
    page = [
        f"text{{fill:{_COLOURS['default'][1]};white-space:pre}}.x{{stroke:#d1d9e0}}{light}",
        f"@media (prefers-color-scheme:dark){{text{{fill:{_COLOURS['default'][2]}}}.x{{stroke:#3d444d}}{dark}}}",
        *filter(None, [style]),
    ]
    heading = f'<text class="d" x="{EDGE + 64}" y="23" font-size="12">{_xml(title)}</text>'
    dots = "".join(f'<circle cx="{EDGE + 6 + 18 * place}" cy="18" r="5" class="d" opacity=".6"/>' for place in range(3))
    svg = "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}"'
            f' role="img" font-family="{_FONT}" font-size="14">',
            f"<title>{_xml(title)}</title>\n<desc>{_xml(said)}</desc>",
            f"<style>\n{chr(10).join(page)}\n</style>",
            f'<rect x=".5" y=".5" width="{width - 1:g}" height="{height - 1:g}" rx="8" class="p x"/>{dots}{heading}',
            *body,
            "</svg>\n",
        ]
    )
    if len(svg) > MOST_CHARACTERS:
        raise ValueError(f"the picture has {len(svg):,} characters, more than {MOST_CHARACTERS:,}: show less")
    return svg


def _xml(text: str) -> str:
    return escape(_NO_XML.sub("\ufffd", text), quote=False)
