"""What a reader is given, and what it returns."""

from __future__ import annotations

import datetime
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..messages import message

MAX_UNPACKED = 256 << 20
"""The most bytes that a packed file may unpack to."""


MAX_MEMBER = 64 << 20
"""The largest file in another one that is read, in bytes, whatever is asked for: it is unpacked in memory."""

BUSY = message("on a busy machine")
"""Ends a reason or a warning that says nothing about the file: its reader had no processor. It is read again the next time."""


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What a user may choose about reading.

    columns: of tables (CSV, JSON Lines), the names of the columns that are text; empty means all.
    ocr: languages of tesseract ("rus", "eng") for pages without text; empty means that no page is recognised.
    max_unpacked: the most bytes that one file may unpack to.
    max_member: the most bytes that a file in an archive may have, unpacked.
    """

    columns: tuple[str, ...] = ()
    ocr: tuple[str, ...] = ()
    max_unpacked: int = MAX_UNPACKED
    max_member: int = MAX_MEMBER


@dataclass(frozen=True, slots=True)
class Source:
    """A file as a reader gets it.

    data: all its bytes.
    name: its name without folders; a reader of several formats looks at it.
    options: what the user has chosen.
    deadline: on the clock of time.monotonic(). A reader of long files stops then, and warns of what it has not read.
    """

    data: bytes
    name: str = ""
    options: ReadOptions = ReadOptions()
    deadline: float = float("inf")

    def is_late(self) -> bool:
        """Whether the deadline is over."""
        return time.monotonic() > self.deadline


@dataclass(frozen=True, slots=True)
class Content:
    """What a reader found in a file, or in one part of it. Each becomes a document.

    text: the body, with "\\n" as line end.
    title: the title; empty if the format has no place for it, or the file has none there.
    date: the day; None if the format has no place for it.
    meta: other facts that the file states, scalars by name: "author", "tags" (joined by ", "), "subject".
    keywords: what is searched but is no text to show: tags, aliases, authors, the words of identifiers. One to a line.
    warnings: losses, in short phrases ("3 damaged characters (utf-8)").
    part: the name of this part inside the file: a row's number, a message's, the path of a member of an archive. Empty if the
      file is one document. No two parts of a file have the same.
    first_line: the line of the file in which `text` begins, from 1, where the text is that of the file.
    pages: where each page begins, as ascending offsets in `text` in code points; the first is 0. Empty without pages.
    """

    text: str
    title: str = ""
    date: datetime.date | None = None
    meta: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)
    keywords: str = ""
    warnings: tuple[str, ...] = ()
    part: str = ""
    pages: tuple[int, ...] = ()
    first_line: int = 1


def too_large(max_file_size: int) -> str:
    """Why a file beyond the limit is left out, as a short phrase: "larger than 64 MB". A MB has 1,048,576 bytes here."""
    for unit, name in ((1 << 30, "GB"), (1 << 20, "MB"), (1 << 10, "KB")):
        if max_file_size >= unit:
            return message("larger than {size:.4g} {name}", size=max_file_size / unit, name=name)
    return message("larger than {size} bytes", size=max_file_size)
