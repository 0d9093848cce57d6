"""The queries that were asked before, newest last, in a file of the user.

$XDG_STATE_HOME/naidi/history, a query a line, readable by the user alone. Where it cannot be read or written, there is a history
for as long as the screen is open.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress

MOST = 1_000
"""So many queries are kept."""

_LONGEST = 1_000
_MOST_BYTES = 4 * MOST * _LONGEST


def history_path(environment: Mapping[str, str]) -> str:
    """The file of the history. Relative folders do not count, as XDG has it."""
    state = environment.get("XDG_STATE_HOME", "")
    home = state if os.path.isabs(state) else os.path.join(os.path.expanduser("~"), ".local", "state")
    return os.path.join(home, "naidi", "history")


class History:
    """Queries, and the one that is looked at.

    Parameters:
      path: of the file; None keeps nothing.
    """

    def __init__(self, path: str | None) -> None:
        self._path = path
        self.queries: list[str] = _read(path) if path is not None else []
        self._place: int | None = None
        self._typed = ""

    @property
    def is_looked_at(self) -> bool:
        """Whether an earlier query is shown in place of what was typed."""
        return self._place is not None

    def add(self, query: str) -> None:
        """Remember a query. One that was asked before moves to the end."""
        query = " ".join(query.split())[:_LONGEST]
        self.leave()
        if not query or (self.queries and self.queries[-1] == query):
            return
        self.queries = [*(each for each in self.queries if each != query), query][-MOST:]
        if self._path is not None:
            with suppress(OSError):
                self._write(self._path, query)

    def older(self, typed: str) -> str | None:
        """The query before the one that is shown; None if there is none. typed: what is shown."""
        place = len(self.queries) if self._place is None else self._place
        if self._place is None:
            self._typed = typed
        while place > 0:
            place -= 1
            if self.queries[place] != typed:
                self._place = place
                return self.queries[place]
        return None

    def newer(self) -> str | None:
        """The query behind the one that is shown, at last what was typed; None if no earlier one is shown."""
        if self._place is None:
            return None
        self._place += 1
        if self._place < len(self.queries):
            return self.queries[self._place]
        self._place = None
        return self._typed

    def leave(self) -> None:
        """What is shown counts as typed."""
        self._place = None

    def _write(self, path: str, query: str) -> None:
        """Write the file anew, with what other screens have added meanwhile."""
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        kept = [*(each for each in _read(path) if each != query), query][-MOST:]
        temporary = f"{path}.{os.getpid()}"
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0), 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace") as file:
            file.write("".join(f"{each}\n" for each in kept))
        os.replace(temporary, path)


def _read(path: str) -> list[str]:
    """The queries of a file, the newest MOST; none if it cannot be read."""
    try:
        with open(path, "rb") as file:
            data = file.read(_MOST_BYTES)
    except OSError:
        return []
    lines = data.decode("utf-8", "replace").split("\n")
    return [line[:_LONGEST] for line in lines if line.strip() and line.isprintable()][-MOST:]
