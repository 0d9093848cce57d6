"""How does each part of the screen look, with colour and without?

Only the sixteen colours of the terminal are used, so the screen has the colours that its user has chosen. Without colour everything
can still be told apart: words found are bold and underlined, the place of the cursor is reversed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from rich.style import Style


class Palette(NamedTuple):
    """The style of each part.

    text: of documents.
    found: of a word found. current: of the one that n and N have led to.
    title, path, facts: of a hit.
    chosen: of the title of the chosen hit. pointer: of the mark before it.
    notice, fault: of what is said about the answer.
    key: of the name of a key. chip: of an active filter. offered: of a suggestion.
    rule: of lines between parts.
    """

    text: Style
    found: Style
    current: Style
    title: Style
    path: Style
    facts: Style
    chosen: Style
    pointer: Style
    notice: Style
    fault: Style
    key: Style
    chip: Style
    offered: Style
    rule: Style


COLOURED = Palette(
    text=Style.null(),
    found=Style(color="red", bold=True),
    current=Style(color="red", bold=True, reverse=True),
    title=Style(bold=True),
    path=Style(color="magenta"),
    facts=Style(dim=True),
    chosen=Style(bold=True, reverse=True),
    pointer=Style(color="cyan", bold=True),
    notice=Style(color="yellow"),
    fault=Style(color="red", bold=True),
    key=Style(color="cyan", bold=True),
    chip=Style(color="green", reverse=True),
    offered=Style(color="green"),
    rule=Style(dim=True),
)
PLAIN = Palette(
    text=Style.null(),
    found=Style(bold=True, underline=True),
    current=Style(bold=True, underline=True, reverse=True),
    title=Style(bold=True),
    path=Style.null(),
    facts=Style.null(),
    chosen=Style(bold=True, reverse=True),
    pointer=Style(bold=True),
    notice=Style(bold=True),
    fault=Style(bold=True, reverse=True),
    key=Style(bold=True),
    chip=Style(reverse=True),
    offered=Style(underline=True),
    rule=Style.null(),
)


def has_colour(environment: Mapping[str, str]) -> bool:
    """Whether colours are wanted: not with $NO_COLOR, nor on a terminal that is known to have none."""
    terminal = environment.get("TERM", "")
    return (
        not environment.get("NO_COLOR")
        and terminal != "dumb"
        and not terminal.endswith(("-m", "-mono", "vt100", "vt220"))
    )


def palette_for(environment: Mapping[str, str]) -> Palette:
    """The palette for a terminal."""
    return COLOURED if has_colour(environment) else PLAIN
