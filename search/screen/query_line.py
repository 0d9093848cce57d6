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
