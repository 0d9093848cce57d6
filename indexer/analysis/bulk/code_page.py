"""A code page of one byte a character that holds English and Russian text as it is printed, for work on arrays of bytes."""

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
    """A text has a character that the code page lacks and that matters."""


def encoded(text: str, errors: str) -> bytes:
    """The text in the code page. `errors` names the handler of other characters, which may raise OutsideCodePage."""
    return codecs.charmap_encode(text, errors, _TO_BYTES)[0]


def decoded(data: bytes) -> str:
    """The text that these bytes stand for."""
    return codecs.charmap_decode(data, "strict", CODE_PAGE)[0]
