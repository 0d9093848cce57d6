"""Goes through an archive of tar, as a stream: what is not wanted takes no memory.

`tarfile` of the standard library keeps an object of each member, and took quadratic time for some headers.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from ...messages import message
from ..legacy_encodings import RUSSIAN_CODEPAGES, guess_codepage

_BLOCK = 512
_MAX_HEADER = 1 << 20  # of an extended header: it has long names
_FILES = (b"0", b"\0", b"7")
_LONG_NAME, _EXTENDED = b"L", b"x"


class TarMember(NamedTuple):
    """A file in an archive: its path, and its length in bytes."""

    name: str
    size: int


def tar_members(
    chunks: Iterable[bytes], wants: Callable[[TarMember], bool]
) -> Iterator[tuple[TarMember, bytes | None]]:
    """The files of an archive, each with its bytes, or with None if it is not wanted. Folders and links are left out.

    Raises ValueError where the archive is damaged, and what the chunks raise.
    """
    stream = _Stream(chunks)
    name = b""
    size: int | None = None
    first = True
    while header := stream.read(_BLOCK):
        if not header.strip(b"\0"):
            return  # the end; a second block of zeros follows
        if len(header) < _BLOCK or not _is_sound(header):
            raise ValueError(message("no tar archive") if first else message("damaged archive"))
        first = False
        kind = header[156:157]
        length = _number(header[124:136])
        if kind in (_LONG_NAME, _EXTENDED):
            if length > _MAX_HEADER:
                raise ValueError(message("damaged archive"))
            extended = stream.read_padded(length)
            if kind == _LONG_NAME:
                name = extended.rstrip(b"\0")
            else:
                own_name, size = _extended(extended)
                name = own_name or name
            continue
        length = length if size is None else size
        if kind in _FILES:
            member = TarMember(_decoded(name or _name(header)), length)
            if member.name.endswith("/"):
                stream.skip_padded(length)
            elif wants(member):
                yield member, stream.read_padded(length)
            else:
                stream.skip_padded(length)
                yield member, None
        elif kind not in (b"1", b"2", b"3", b"4", b"5", b"6"):  # of these nothing follows, whatever the length says
            stream.skip_padded(length)
        name, size = b"", None


class _Stream:
    """Reads exact lengths from chunks of any length."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._chunk = b""
        self._position = 0

    def read(self, length: int) -> bytes:
        """So many bytes, or fewer at the end."""
        pieces = []
        while length > 0:
            piece = self._next(length)
            if not piece:
                break
            pieces.append(piece)
            length -= len(piece)
        return b"".join(pieces)

    def read_padded(self, length: int) -> bytes:
        """So many bytes, and past the padding behind them. Raises ValueError if there are not so many."""
        data = self.read(length)
        if len(data) < length:
            raise ValueError(message("truncated"))
        self.skip(-length % _BLOCK)
        return data

    def skip_padded(self, length: int) -> None:
        """Past so many bytes and their padding."""
        self.skip(length + -length % _BLOCK)

    def skip(self, length: int) -> None:
        """Past so many bytes."""
        while length > 0 and (piece := self._next(length)):
            length -= len(piece)

    def _next(self, length: int) -> bytes:
        while self._position == len(self._chunk):
            chunk = next(self._chunks, None)
            if chunk is None:
                return b""
            self._chunk, self._position = chunk, 0
        piece = self._chunk[self._position : self._position + length]
        self._position += len(piece)
        return piece


def _is_sound(header: bytes) -> bool:
    """Whether the checksum of a header is right: the sum of its bytes, with blanks for those of the checksum itself."""
    try:
        stated = _number(header[148:156])
    except ValueError:
        return False
    # The low half of Adler-32 is one more than the sum modulo 65521, and quick.
    found = (zlib.adler32(header) & 0xFFFF) - 1 - sum(header[148:156]) + 8 * 32
    if (stated - found) % 65521 == 0:
        return True
    high = sum(byte > 127 for byte in header[:148] + header[156:])
    return (stated - found + 256 * high) % 65521 == 0  # some old programs added signed bytes


def _number(field: bytes) -> int:
    """A number of a header, octal or binary. Raises ValueError if it is none."""
    if field[:1] == b"\x80":
        return int.from_bytes(field[1:], "big")
    digits = field.strip(b"\0 ")
    if not digits:
        return 0
    if not re.fullmatch(rb"[0-7]+", digits):
        raise ValueError(message("damaged archive"))
    return int(digits, 8)


def _name(header: bytes) -> bytes:
    name = header[:100].rstrip(b"\0").partition(b"\0")[0]
    prefix = header[345:500].partition(b"\0")[0] if header[257:263] == b"ustar\0" else b""
    return prefix + b"/" + name if prefix else name


def _extended(data: bytes) -> tuple[bytes, int | None]:
    """The path and the size in an extended header, "30 path=..." in each line, if they are there."""
    name, size = b"", None
    position = 0
    while position < len(data):
        blank = data.find(b" ", position, position + 9)
        if blank < 0 or not data[position:blank].isdigit():
            break
        end = position + max(blank - position + 2, int(data[position:blank]))
        key, _, value = data[blank + 1 : end - 1].partition(b"=")
        if key == b"path":
            name = value
        elif key == b"size" and value.isdigit() and len(value) < 20:
            size = int(value)
        position = end
    return name, size


def _decoded(name: bytes) -> str:
    try:
        return name.decode("utf-8")
    except UnicodeDecodeError:
        codepage = guess_codepage(name)
        return name.decode(codepage if codepage in RUSSIAN_CODEPAGES else "cp1252", "replace")
