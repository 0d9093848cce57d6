"""Decodes bytes whose encoding is stated beside them: by a mail, or by an XML declaration. The statement may be wrong."""

from __future__ import annotations

import codecs

from .encoding import Decoded, decode

# Python's other codecs are no encodings of files, and some take quadratic time.
_NO_CHARSETS = frozenset(("idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"))
_ALIASES = {"cp-1251": "cp1251", "win-1251": "cp1251", "windows1251": "cp1251", "x-cp1251": "cp1251", "koi8r": "koi8-r"}
_MAX_BAD = 0.01


def decode_declared(data: bytes, charset: str) -> Decoded:
    """The text of `data`, in the encoding `charset` if there is such and the bytes fit, else in the one that they look like.

    Raises UndecodableBytes (a ValueError) if neither gives a text.
    """
    name = charset.strip().strip("\"'").lower()
    name = _ALIASES.get(name, name)
    if name.replace("_", "-") in ("", "us-ascii", "ascii", "utf-8", "utf8", "unknown-8bit", "binary", "8bit"):
        return decode(data)
    try:
        codec = codecs.lookup(name)
        if codec.name in _NO_CHARSETS or codec.name.replace("-", "_") in _NO_CHARSETS:
            return decode(data)
        text = data.decode(name, "replace")
    except (LookupError, UnicodeError, ValueError):
        return decode(data)
    bad = text.count("\ufffd")
    if bad > _MAX_BAD * len(text) + 1:
        return decode(data)
    return Decoded(text.removeprefix("\ufeff"), codec.name, bad)
