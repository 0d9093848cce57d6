"""A code page of one byte a character, for array operations on text. It has what printed English and Russian use."""

from __future__ import annotations

import codecs

from ..normalize import APOSTROPHES

CODE_PAGE = "".join(
    dict.fromkeys(
        "".join(map(chr, range(128)))
        + "АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдеёжзийклмнопрстуфхцчшщъыьэюя"
        + APOSTROPHES
        + "\u00a0«»“”„‘–—−…№•·°§€£×©"
        + "áàâäãåçéèêëíìîïñóòôöõøúùûüæœßşšžčćğıłÉÖÜ"
    )
)
"""The character of each byte."""

_TO_BYTES = codecs.charmap_build(CODE_PAGE)


class OutsideCodePage(Exception):
    """A text has a character that matters, and the code page lacks it."""


def encoded(text: str, errors: str) -> bytes:
    """The text in the code page. `errors` names the handler for other characters. It may raise OutsideCodePage."""
    return codecs.charmap_encode(text, errors, _TO_BYTES)[0]


def decoded(data: bytes) -> str:
    """The text of these bytes."""
    return codecs.charmap_decode(data, "strict", CODE_PAGE)[0]
