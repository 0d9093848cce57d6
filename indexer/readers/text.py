"""The reader of plain text files."""

from __future__ import annotations

from .content import Content, Source
from .encoding import decode


def read_text(source: Source) -> Content:
    """The decoded text, unchanged except for its line ends. Raises UndecodableBytes (a ValueError) for binary data."""
    decoded = decode(source.data)
    text = decoded.text
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not decoded.bad:
        return Content(text)
    plural = "s" * (decoded.bad != 1)
    return Content(text, warnings=(f"{decoded.bad} damaged character{plural} ({decoded.encoding})",))
