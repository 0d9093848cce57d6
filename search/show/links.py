"""Makes paths links that a terminal opens: OSC 8.

https://gist.github.com/egmontkob/eb114294efbcd5adb1944c9f3cb5feda describes the sequence. A terminal that does not know it mostly
shows the text alone, but some show rubbish, so only those that are known to cope get links by default.
"""

from __future__ import annotations

import os

from naidi.indexer.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_PROGRAMS = frozenset(("iTerm.app", "WezTerm", "vscode", "ghostty", "Hyper", "Tabby", "rio", "WarpTerminal"))
_NAMES = ("xterm-kitty", "alacritty", "foot", "xterm-ghostty", "wezterm", "contour")
_VTE, _KONSOLE = 5000, 201200  # from these versions on


def copes(environment: Mapping[str, str]) -> bool:
    """Whether the environment is that of a terminal that knows links. tmux and screen do not hand them through everywhere."""
    term = environment.get("TERM", "")
    if term in ("", "dumb") or term.startswith(("screen", "tmux")) or "TMUX" in environment:
        return False
    return (
        environment.get("TERM_PROGRAM", "") in _PROGRAMS
        or term.startswith(_NAMES)
        or "KITTY_WINDOW_ID" in environment
        or "WT_SESSION" in environment
        or _number(environment.get("VTE_VERSION", "")) >= _VTE
        or _number(environment.get("KONSOLE_VERSION", "")) >= _KONSOLE
    )


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def linked(shown: str, path: str) -> str:
    """What is shown, as a link to the file at `path`. No byte of the path can end the sequence."""
    return f"\x1b]8;;{file_url(path)}\x1b\\{shown}\x1b]8;;\x1b\\"


def file_url(path: str) -> str:
    """The `file:` URL of a path, with the name of this machine, percent-encoded: also bytes that are no UTF-8."""
    import socket
    from urllib.parse import quote, quote_from_bytes

    name = os.fsencode(os.path.abspath(path))
    return f"file://{quote(socket.gethostname(), safe='')}{quote_from_bytes(name)}"
