"""Readers of file formats: a reader turns the bytes of a whole file into Parts. Each format has a module.

Other formats join with `register`:

    def read_rtf(data: bytes) -> Parts: ...
    register([".rtf"], read_rtf)

A reader raises ValueError with a short reason ("encrypted", "binary file") for data that it cannot read. It imports its
libraries inside the function, because most programs never meet most formats. If worker processes are to use a reader, it
must be a function of a module. A format may have a sniffer too, which looks at the first bytes before the rest is read.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable

from .encoding import check_start
from .markdown import read_markdown
from .parts import Parts
from .text import read_text

__all__ = [
    "Parts",
    "Reader",
    "Sniffer",
    "extension",
    "reader_for",
    "register",
    "sniffer_for",
    "supported_extensions",
    "unsupported_format",
]

Reader = Callable[[bytes], Parts]
Sniffer = Callable[[bytes], None]

_readers: dict[str, tuple[Reader, Sniffer | None]] = {}


def register(extensions: Iterable[str], reader: Reader, sniffer: Sniffer | None = None) -> None:
    """Read files of these extensions with `reader` from now on, in place of any earlier reader.

    Parameters:
      extensions: each with its dot (".rtf"). Case does not matter.
      reader: takes the bytes of a file and returns Parts.
      sniffer: takes the first bytes of a file and raises ValueError, as a reader does, if no file of the format begins so.
        Then the rest is never read.

    Raises ValueError for something that is no extension.
    """
    for name in extensions:
        if len(name) < 2 or not name.startswith(".") or "." in name[1:] or "/" in name:
            raise ValueError(f"{name!r} is no file extension; write it with one dot in front, as in '.txt'")
        _readers[name.lower()] = reader, sniffer


def reader_for(path: str | os.PathLike[str]) -> Reader | None:
    """The reader for the extension of `path`, or None. The file need not exist."""
    return _readers.get(extension(path), (None, None))[0]


def sniffer_for(path: str | os.PathLike[str]) -> Sniffer | None:
    """The sniffer for the extension of `path`, or None. The file need not exist."""
    return _readers.get(extension(path), (None, None))[1]


def supported_extensions() -> frozenset[str]:
    """All extensions that have a reader, in lower case with their dot."""
    return frozenset(_readers)


def extension(path: str | os.PathLike[str]) -> str:
    """The extension of `path` in lower case with its dot, or an empty string."""
    return os.path.splitext(os.fspath(path))[1].lower()


def unsupported_format(path: str | os.PathLike[str]) -> str:
    """Why a file without a reader is left out, as a short phrase."""
    name = extension(path).encode("utf-8", "backslashreplace").decode("utf-8")
    return f"unsupported format {name}" if len(name) > 1 else "unsupported format (no extension)"


register([".txt", ".text"], read_text, check_start)
register([".md", ".markdown"], read_markdown, check_start)
