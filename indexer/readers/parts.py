"""What does a reader find in a file?"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Parts:
    """text: the body, line ends as "\\n". title and date: only where the format has a place for them.

    meta: other facts that the format states, scalars by name. warnings: what was lost, in short phrases ("3 damaged
    characters (utf-8)").
    """

    text: str
    title: str = ""
    date: datetime.date | None = None
    meta: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
