"""The reader of plain text files, and what readers of lines need."""

from __future__ import annotations

import io

from ..messages import plural
from .content import Content, Source
from .encoding import Decoded, decode


def read_text(source: Source) -> Content:
    """The decoded text, unchanged except for its line ends. Raises UndecodableBytes (a ValueError) for binary data."""
    decoded = decode(source.data)
    text = decoded.text
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return Content(text, warnings=_damage(decoded))


def encoding_of(source: Source) -> tuple[str, tuple[str, ...]]:
    """(the encoding of a text, warnings of damage). Raises UndecodableBytes (a ValueError) for binary data."""
    decoded = decode(source.data)
    return decoded.encoding, _damage(decoded)


def open_text(source: Source, encoding: str) -> io.TextIOWrapper:
    """The text as a stream, which takes no memory for the whole, at its start. Line ends are "\\n"."""
    text = io.TextIOWrapper(io.BytesIO(source.data), encoding, "replace", newline=None)
    if text.read(1) != "\ufeff":
        text.seek(0)
    return text


def _damage(decoded: Decoded) -> tuple[str, ...]:
    if not decoded.bad:
        return ()
    return (
        plural(
            "{count} damaged character ({encoding})",
            "{count} damaged characters ({encoding})",
            decoded.bad,
            encoding=decoded.encoding,
        ),
    )
