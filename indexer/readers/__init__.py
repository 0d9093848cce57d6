"""Readers of file formats: a reader turns a file into Contents. Each format has a module, and a line in `builtin_formats`.

Other formats join with `register`:

    def read_rtf(source: Source) -> Content: ...
    register(Format("RTF", (".rtf",), read_rtf))

A reader raises ValueError with a short reason ("encrypted", "binary file") for data that it cannot read. If worker processes
are to use it, it must be a function of a module.
"""

from __future__ import annotations

from .builtin_formats import BUILTIN
from .content import Content, ReadOptions, Source
from .registry import (
    Format,
    Reader,
    broken_formats,
    format_of,
    format_of_content,
    formats,
    may_be_read,
    register,
    unsupported_format,
)

__all__ = [
    "Content",
    "Format",
    "ReadOptions",
    "Reader",
    "Source",
    "broken_formats",
    "format_of",
    "format_of_content",
    "formats",
    "may_be_read",
    "register",
    "unsupported_format",
]

for _format in BUILTIN:
    register(_format)
