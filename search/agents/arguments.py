"""Reads the arguments of a call, as a model writes them.

Models write numbers as strings now and then, and leave out what they do not need by null. Both are taken. What cannot be meant is
told with what can.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .errors import ToolError

_WHOLE = re.compile(r"\s*-?[0-9]{1,12}\s*")
_MOST_SHOWN = 60
_MOST_CHARS = 10_000


class Arguments:
    """The arguments of one call.

    Parameters:
      tool: its name.
      given: as they came.
      known: the names of those that the tool has.

    Raises ToolError for an argument that it has not.
    """

    def __init__(self, tool: str, given: Mapping[str, Any], known: tuple[str, ...]) -> None:
        self._tool = tool
        self._given = {name: value for name, value in given.items() if value is not None}
        for name in given:
            if name not in known:
                raise ToolError(f"{tool} has no argument {_shown(name)}: it has {', '.join(known)}")

    def text(self, name: str) -> str:
        """A text; "" if there is none."""
        value = self._given.get(name, "")
        if not isinstance(value, str):
            raise ToolError(f"{name} must be a string, not {_shown(value)}")
        if len(value) > _MOST_CHARS:
            raise ToolError(f"{name} has {len(value):,} characters: at most {_MOST_CHARS:,} are read")
        return value.strip()

    def needed(self, name: str) -> str:
        """A text that must be there."""
        value = self.text(name)
        if not value:
            raise ToolError(f"{self._tool} needs {name}")
        return value

    def whole(self, name: str, default: int, low: int, high: int) -> int:
        """A whole number between two bounds, both included. Raises ToolError for any other."""
        return self.whole_or_none(name, low, high) if name in self._given else default  # type: ignore[return-value]

    def whole_or_none(self, name: str, low: int, high: int) -> int | None:
        """The same; None if it is not given."""
        value = self._given.get(name)
        if value is None:
            return None
        if (isinstance(value, str) and _WHOLE.fullmatch(value)) or (isinstance(value, float) and value.is_integer()):
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise ToolError(f"{name} must be a whole number from {low:,} to {high:,}, not {_shown(value)}")
        return value

    def names(self, name: str) -> tuple[str, ...]:
        """Several names: a list, or a string with commas between them."""
        value = self._given.get(name, ())
        if isinstance(value, str):
            value = value.split(",")
        if not isinstance(value, (list, tuple)) or not all(isinstance(one, str) for one in value):
            raise ToolError(f"{name} must be a list of strings, not {_shown(value)}")
        return tuple(one.strip() for one in value if one.strip())


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…"
