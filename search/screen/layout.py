"""Where the parts of the screen stand, by its size and by what is wanted."""

from __future__ import annotations

_WIDE = 110
"""Columns from which the preview stands beside the list."""
_NARROW = 72
"""Columns below which the filters take the whole width."""
_LOW = 14
"""Rows below which the list and the preview are not shown at once."""

VIEWS = ("both", "preview", "list")
"""Where the preview stands: with the list, alone, not at all."""

STYLE = """
Screen { background: ansi_default; color: ansi_default; layout: vertical; overflow: hidden; }
#top { height: 1; }
#prompt { width: 7; height: 1; }
#middle { height: 1fr; layout: vertical; }
#hits { height: 1fr; width: 100%; }
#preview { height: 50%; width: 100%; }
#facets { dock: right; width: 36; height: 100%; display: none; }
.wide #middle { layout: horizontal; }
.wide #hits { width: 1fr; height: 100%; padding: 0 1 0 0; }
.wide #preview { width: 54%; height: 100%; }
.narrow #facets { width: 100%; }
.only-list #preview { display: none; }
.only-preview #hits { height: 0; width: 0; padding: 0; }
.only-preview #preview { height: 100%; width: 100%; }
.only-list #hits { padding: 0; }
.filtering #facets { display: block; }
"""


def next_view(view: str) -> str:
    """The one of VIEWS behind this one; the first one behind the last."""
    return VIEWS[(VIEWS.index(view) + 1) % len(VIEWS)]


def classes_of(view: str, width: int, height: int) -> dict[str, bool]:
    """Classes of STYLE -> whether the screen has them.

    Parameters:
      view: the one of VIEWS that is wanted. The list alone is shown if both have no room.
      width: columns of the screen.
      height: its rows.
    """
    if view == "both" and width < _WIDE and height < _LOW:
        view = "list"
    return {
        "wide": width >= _WIDE,
        "narrow": width < _NARROW,
        "only-list": view == "list",
        "only-preview": view == "preview",
    }
