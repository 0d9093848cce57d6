"""The text inside of some elements alone, such as `t` in files of Word, PowerPoint and Excel."""

from __future__ import annotations

from collections.abc import Callable


class TextElements:
    """Hands on the text that stands between `begin` and `end`.

    is_inside: whether such an element is open.
    """

    def __init__(self, take: Callable[[str], object]) -> None:
        """take: gets each piece of text."""
        self._take = take
        self.is_inside = False

    def begin(self, _: object = None) -> None:
        """An element begins whose text counts."""
        self.is_inside = True

    def end(self) -> None:
        """It ends."""
        self.is_inside = False

    def text(self, data: str) -> None:
        """Some text, wherever it stands."""
        if self.is_inside:
            self._take(data)
