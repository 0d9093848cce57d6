"""The line in which the query is typed."""

from __future__ import annotations

from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.widgets import Input
from typing_extensions import Self

_HANDED_OVER = frozenset(("tab", "shift+tab", "up", "down", "pageup", "pagedown", "enter", "escape"))


class QueryLine(Input):
    """The line. Letters are typed; keys that lead elsewhere are handed over."""

    DEFAULT_CSS = """
    QueryLine, QueryLine:focus { border: none; height: 1; padding: 0; width: 1fr; background: ansi_default; color: ansi_default; }
    QueryLine > .input--cursor { background: ansi_default; color: ansi_default; text-style: reverse; }
    QueryLine > .input--selection { background: ansi_default; color: ansi_default; text-style: reverse; }
    QueryLine > .input--placeholder { background: ansi_default; color: ansi_default; text-style: dim; }
    """

    class Pressed(Message):
        """A key that leads elsewhere was pressed."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    _put: str | None = None
    """What was put into the line, until something else is typed."""

    def put(self, query: str) -> None:
        """Put a query into the line, with the cursor behind it."""
        self._put = query
        self.value = query
        self.cursor_position = len(query)

    def has_changed(self, value: str) -> bool:
        """Take note of the value of a `Changed`. Returns whether it was typed, not put there."""
        if value == self._put:
            return False
        self._put = None
        return True

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        """Draw the line anew. Its place never depends on what is typed: to lay out the screen at each key would take 8 ms."""
        return super().refresh(*regions, repaint=repaint, layout=layout and not self._is_placed, recompose=recompose)

    @property
    def _is_placed(self) -> bool:
        return bool(self.size.width)

    async def _on_key(self, event: events.Key) -> None:
        if event.key in _HANDED_OVER or (event.key == "backspace" and not self.value):
            event.stop()
            event.prevent_default()
            self.post_message(self.Pressed(event.key))
            return
        await super()._on_key(event)
