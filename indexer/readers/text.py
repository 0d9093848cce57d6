"""The reader of plain text files."""

from __future__ import annotations

from .encoding import decode
from .parts import Parts


def read_text(data: bytes) -> Parts:
    """The decoded text, unchanged except for its line ends. Raises UndecodableBytes (a ValueError) for binary data."""
    decoded = decode(data)
    text = decoded.text
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not decoded.bad:
        return Parts(text)
    plural = "s" * (decoded.bad != 1)
    return Parts(text, warnings=(f"{decoded.bad} damaged character{plural} ({decoded.encoding})",))
