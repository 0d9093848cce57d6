r"""The reader of JSON and of Java's properties: text as it stands, but letters written as `\u0416` can be read."""

from __future__ import annotations

import re
from dataclasses import replace

from .content import Content, Source
from .text import read_text

# A backslash that is escaped begins no escape.
_ESCAPE = re.compile(r"\\\\|\\u([0-9a-fA-F]{4})")


def read_escaped_text(source: Source) -> Content:
    """The text. Raises UndecodableBytes (a ValueError) for binary data."""
    content = read_text(source)
    if "\\u" not in content.text:
        return content
    return replace(content, text=_ESCAPE.sub(_letter, content.text))


def _letter(found: re.Match[str]) -> str:
    code = int(found[1] or "0", 16)
    return chr(code) if code >= 0x20 else found[0]
