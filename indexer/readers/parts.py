"""The class Parts: what a reader found in a file."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Parts:
    """What a reader found in a file.

    text: the body, with "\\n" as line end.
    title: the title; empty if the format has no place for it.
    date: the day; None if the format has no place for it.
    meta: other facts that the format states, scalars by name.
    warnings: losses, in short phrases ("3 damaged characters (utf-8)").
    """

    text: str
    title: str = ""
    date: datetime.date | None = None
    meta: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
