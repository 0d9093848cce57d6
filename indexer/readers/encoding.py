"""Decodes the bytes of a text file.

A byte order mark names the encoding. Without one, bytes that are valid UTF-8 are UTF-8: that hardly happens by chance. Bytes
with zeros are UTF-16 if nearly all characters are Latin or Russian, else binary. All other files are in an old code page
(`legacy_encodings`) or damaged.
"""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

from ..messages import message
from .legacy_encodings import RUSSIAN_CODEPAGES, guess_codepage

_BYTE_ORDER_MARKS = (  # UTF-32 before UTF-16: its little-endian mark begins with that of UTF-16
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_HIGH = bytes(range(0x80, 0x100))
# Bytes that no text has. The end-of-file mark of DOS and the escape character do occur in texts.
_CONTROLS = bytes(c for c in range(0x20) if c not in b"\t\n\f\r\x1a\x1b") + b"\x7f"
_MAX_CONTROLS = 0.03
# UTF-16 without a mark: so many characters at least; what the higher byte of nearly all is, in Latin and Russian texts with their
# punctuation; the share of letters and white space. Numbers of 16 bits have zeros and control characters among them.
_SHORTEST_WIDE = 8
_HIGH_OF_WIDE = b"\x00\x01\x04\x20\x21"
_LETTERS_OF_WIDE = 0.6
_NEVER_IN_TEXT = re.compile("[\0-\x08\x0b\x0e-\x19\x1c-\x1f\x7f-\x9f]")
_SAMPLE = 1 << 16
# A damaged UTF-8 file has many sound characters for each damaged one. A code page read as UTF-8 has at most two, and that
# only in a short text of cp866 whose letters happen to fit.
_SOUND_PER_BAD = 3
_MAX_BAD = 0.02


class Decoded(NamedTuple):
    """A decoded text.

    text: the text, without its byte order mark.
    encoding: the Python name of its encoding.
    bad: damaged characters: they became U+FFFD or were cut off.
    """

    text: str
    encoding: str
    bad: int = 0


class UndecodableBytes(ValueError):
    """The bytes are no text, or their encoding is unknown. `str(error)` is the reason, a short phrase."""


def decode(data: bytes) -> Decoded:
    """The text of `data` without its byte order mark. Line ends stay as they are.

    Raises UndecodableBytes for binary data (a zero byte, or many control characters) and if no encoding fits.
    """
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return _with_replacement(data[len(mark) :], encoding)
    if b"\0" in data:
        wide = _wide_encoding(data)
        if wide is None:
            raise UndecodableBytes(message("binary file"))
        return _with_replacement(data, wide)
    check_start(data)
    try:
        return Decoded(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError as error:
        if _cut_at_end(data, error):
            return Decoded(data[: error.start].decode("utf-8"), "utf-8", 1)
    damaged = _with_replacement(data, "utf-8")
    sound = len(damaged.text) - len(data.translate(None, _HIGH)) - damaged.bad
    if sound >= _SOUND_PER_BAD * damaged.bad:
        return damaged
    codepage = guess_codepage(data)
    if codepage in RUSSIAN_CODEPAGES:
        return _with_replacement(data, codepage)
    # Not Russian. Then any sound sequence speaks for UTF-8: accented Latin letters hardly ever form one by chance.
    if sound >= damaged.bad or (codepage is None and damaged.bad <= _MAX_BAD * len(data)):
        return damaged
    if codepage is None:
        raise UndecodableBytes(message("unknown encoding"))
    return _with_replacement(data, codepage)


def check_start(data: bytes) -> None:
    """Raises UndecodableBytes if no text begins so: the sniffer of text formats. data: the first bytes of a file, or all."""
    start = data[:_SAMPLE]
    if start.startswith(tuple(mark for mark, _ in _BYTE_ORDER_MARKS)):
        return
    if b"\0" in start and _wide_encoding(start) is not None:
        return
    if b"\0" in start or _share_of_controls(start) > _MAX_CONTROLS:
        raise UndecodableBytes(message("binary file"))


def _wide_encoding(data: bytes) -> str | None:
    """The byte order of UTF-16 without a mark; None if the start of the data is not surely that."""
    start = data[:_SAMPLE]
    for encoding, high in (("utf-16-le", start[1::2]), ("utf-16-be", start[::2])):
        if len(high) < _SHORTEST_WIDE or len(high.translate(None, _HIGH_OF_WIDE)) > _MAX_BAD * len(high):
            continue
        text = start[: len(start) & ~1].decode(encoding, "replace")
        words = sum(letter.isalpha() or letter.isspace() for letter in text)
        if _NEVER_IN_TEXT.search(text) is None and words >= _LETTERS_OF_WIDE * len(text):
            return encoding
    return None


def _share_of_controls(sample: bytes) -> float:
    return 1 - len(sample.translate(None, _CONTROLS)) / len(sample) if sample else 0.0


def _cut_at_end(data: bytes, error: UnicodeDecodeError) -> bool:
    """Is the data UTF-8 that was cut inside its last character?

    One stray byte after plain ASCII is no evidence of UTF-8 (`caf\\xe9`). Two bytes of a sequence are, and so is a whole
    sequence before.
    """
    if error.reason != "unexpected end of data":
        return False
    return len(data) - error.start >= 2 or not data[: error.start].isascii()


def _with_replacement(data: bytes, encoding: str) -> Decoded:
    text = data.decode(encoding, "replace")
    genuine = data.count("\ufffd".encode(encoding)) if "\ufffd" in text and encoding.startswith("utf") else 0
    return Decoded(text, encoding, max(0, text.count("\ufffd") - genuine))
