"""Opens ZIP files that may be hostile: DOCX, EPUB, archives.

The list of members is read by rules of our own. `zipfile` of the standard library makes an object of each entry before
anybody may count them, takes members that share their bytes, and knows no encoding of names but two.
"""

from __future__ import annotations

import bz2
import lzma
import struct
import zlib
from collections.abc import Callable, Generator, Iterator
from typing import NamedTuple, Protocol
from unicodedata import category

from ..messages import message
from .content import Source
from .legacy_encodings import RUSSIAN_CODEPAGES, guess_codepage
from .unpacking import CHUNK, Budget, budget_of, metered

MAX_MEMBERS = 100_000
"""The most members that are looked at; those behind them are left out."""

_END = struct.Struct("<4s4H2LH")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR_64 = struct.Struct("<4sLQL")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_MAX_COMMENT = 0xFFFF
_ENCRYPTED, _UTF8 = 0x1, 0x800
_STORED, _DEFLATED, _BZIP2 = 0, 8, 12
_NAME_SAMPLE = 4096
_MAX_TRIED = 100


class Encrypted(ValueError):
    """A password is needed."""

    def __init__(self) -> None:
        super().__init__("encrypted")


class ZipMember(NamedTuple):
    """A file in a ZIP file.

    name: its path, as the file states it.
    encrypted: whether a password is needed.
    method: of compression.
    crc: of its bytes.
    packed, size: bytes in the file, and unpacked as the file states it.
    offset: where its header begins.
    """

    name: str
    encrypted: bool
    method: int
    crc: int
    packed: int
    size: int
    offset: int


class ZipFile:
    """The members of a ZIP file.

    members: those that are no folders, in the order of the file's list.
    left_out: how many more there are than MAX_MEMBERS.

    Raises ValueError for bytes that are no sound ZIP file, and for one whose members overlap.
    """

    def __init__(self, data: bytes, budget: Budget, is_late: Callable[[], bool]) -> None:
        self._data = data
        self._budget = budget
        self._is_late = is_late
        try:
            raw, self.left_out = _directory(data)
        except (struct.error, OverflowError) as error:
            raise ValueError(message("damaged ZIP file")) from error
        _refuse_overlaps(raw)
        codepage = _codepage_of(raw)
        self.members = [member for each in raw if not (member := each.member(codepage)).name.endswith("/")]
        self._by_name: dict[str, ZipMember] = {}
        for member in self.members:
            self._by_name.setdefault(_key(member.name), member)

    def find(self, name: str) -> ZipMember | None:
        """The member of this name, or None. Some programs write another case, or `\\` for `/`."""
        return self._by_name.get(_key(name))

    def chunks(self, member: ZipMember) -> Iterator[bytes]:
        """The unpacked bytes, a piece at a time.

        Raises Encrypted, TooLarge, OutOfTime, and ValueError for damaged bytes; what comes before the damage is given.
        """
        if member.encrypted:
            raise Encrypted
        crc = 0
        for chunk in metered(self._unpacked(member), member.packed, self._budget, self._is_late):
            crc = zlib.crc32(chunk, crc)
            yield chunk
        if crc != member.crc:
            raise ValueError(message("damaged ZIP file"))

    def read(self, member: ZipMember) -> bytes:
        """All unpacked bytes. Raises as `chunks`."""
        return b"".join(self.chunks(member))

    def _unpacked(self, member: ZipMember) -> Iterator[bytes]:
        packed = self._packed(member)
        if member.method == _STORED:
            for start in range(0, len(packed), CHUNK):
                yield bytes(packed[start : start + CHUNK])
        elif member.method == _DEFLATED:
            yield from inflated(packed, zlib.decompressobj(-zlib.MAX_WBITS))
        elif member.method == _BZIP2:
            yield from unpacked_by(packed, bz2.BZ2Decompressor())
        else:
            raise ValueError(message("compression method {method} is not supported", method=member.method))

    def _packed(self, member: ZipMember) -> memoryview:
        start = member.offset
        try:
            signature, *_, name, extra = _LOCAL.unpack_from(self._data, start)
        except struct.error as error:
            raise ValueError(message("damaged ZIP file")) from error
        start += _LOCAL.size + name + extra
        if signature != b"PK\3\4" or start + member.packed > len(self._data):
            raise ValueError(message("damaged ZIP file"))
        return memoryview(self._data)[start : start + member.packed]


def open_zip(source: Source, budget: Budget | None = None) -> ZipFile:
    """The source as a ZIP file. Raises ValueError if it is none.

    budget: what may be unpacked; None means what the source allows.
    """
    return ZipFile(source.data, budget or budget_of(source), source.is_late)


class Decompressor(Protocol):
    """What bz2 and lzma have in common."""

    @property
    def eof(self) -> bool: ...

    @property
    def needs_input(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int = ...) -> bytes: ...


def inflated(packed: memoryview, inflate: zlib._Decompress) -> Generator[bytes, None, int]:
    """What zlib makes of a stream, a piece at a time; returns its length. Raises ValueError for damage, or without an end."""
    start = 0
    try:
        while not inflate.eof:
            rest: bytes | memoryview = inflate.unconsumed_tail
            if not rest:
                rest = packed[start : start + CHUNK // 4]
                start += len(rest)
            chunk = inflate.decompress(rest, CHUNK)
            if chunk:
                yield chunk
            elif not rest and not inflate.eof:
                raise ValueError(message("truncated"))
    except zlib.error as error:
        raise ValueError(message("damaged compressed data")) from error
    return start - len(inflate.unused_data)


def unpacked_by(packed: memoryview, decompressor: Decompressor) -> Generator[bytes, None, int]:
    """What a decompressor of bz2 or lzma makes of a stream. Returns and raises as `inflated`."""
    start = 0
    try:
        while not decompressor.eof:
            more = b""
            if decompressor.needs_input:
                more = bytes(packed[start : start + CHUNK])
                start += len(more)
                if not more:
                    raise ValueError(message("truncated"))
            if chunk := decompressor.decompress(more, CHUNK):
                yield chunk
    except (OSError, EOFError, lzma.LZMAError) as error:
        raise ValueError(message("damaged compressed data")) from error
    return start - len(decompressor.unused_data)


def _key(name: str) -> str:
    return name.replace("\\", "/").lower()


class _Raw(NamedTuple):
    """An entry of the list of members, its name still as bytes."""

    name: bytes
    utf8: bool
    unicode_name: bytes
    encrypted: bool
    method: int
    crc: int
    packed: int
    size: int
    offset: int

    def member(self, codepage: str) -> ZipMember:
        return ZipMember(self._name(codepage), *self[3:])

    def _name(self, codepage: str) -> str:
        if self.unicode_name:
            return self.unicode_name.decode("utf-8", "replace")
        try:
            name = self.name.decode("ascii" if self.name.isascii() else "utf-8")
        except UnicodeDecodeError:
            return self.name.decode("utf-8" if self.utf8 else codepage, "replace")
        # In cp866, some words happen to be UTF-8, of characters that do not exist.
        if not self.utf8 and any(category(char) in ("Cn", "Co") for char in name if char > "\uffff"):
            return self.name.decode(codepage, "replace")
        return name


def _directory(data: bytes) -> tuple[list[_Raw], int]:
    """The first MAX_MEMBERS entries, and how many more there are."""
    end = _end_of(data)
    if end < 0:
        raise ValueError(message("truncated ZIP file") if data.startswith(b"PK\3\4") else message("no ZIP file"))
    _, disk, *_, count, size, offset, _ = _END.unpack_from(data, end)
    behind = end
    locator = end - _LOCATOR_64.size
    if locator >= 0 and data.startswith(b"PK\6\7", locator):
        _, _, end_64, _ = _LOCATOR_64.unpack_from(data, locator)
        if not data.startswith(b"PK\6\6", end_64):
            end_64 = locator - _END_64.size
        signature, *_, disk, _, _, count, size, offset = _END_64.unpack_from(data, end_64)
        if signature != b"PK\6\6":
            raise ValueError(message("damaged ZIP file"))
        behind = end_64
    if disk not in (0, 0xFFFF):
        raise ValueError(message("a part of a ZIP file of several parts"))
    before = behind - size - offset  # a program that unpacks itself, or a mail header
    if before < 0:
        raise ValueError(message("truncated ZIP file"))
    entries: list[_Raw] = []
    position = before + offset
    while position < behind and len(entries) < MAX_MEMBERS:
        entry, position = _entry(data, position, before)
        entries.append(entry)
    # The count may lie. What matters is whether anything is left.
    return entries, max(1, count - len(entries)) if position < behind else 0


def _end_of(data: bytes) -> int:
    """Where the last record begins; -1 without one. The comment behind it may look like another."""
    first = max(0, len(data) - _MAX_COMMENT - _END.size)
    last = place = data.rfind(b"PK\5\6", first)
    for _ in range(_MAX_TRIED):
        if place < 0:
            break
        if place + _END.size + int.from_bytes(data[place + _END.size - 2 : place + _END.size], "little") == len(data):
            return place
        place = data.rfind(b"PK\5\6", first, place)
    return last


def _entry(data: bytes, position: int, before: int) -> tuple[_Raw, int]:
    signature, _, _, flags, method, _, _, crc, packed, size, *lengths, _, _, _, offset = _ENTRY.unpack_from(
        data, position
    )
    if signature != b"PK\1\2":
        raise ValueError(message("damaged ZIP file"))
    name_length, extra_length, comment_length = lengths
    start = position + _ENTRY.size
    name = data[start : start + name_length]
    extra = data[start + name_length : start + name_length + extra_length]
    unicode_name = b""
    while len(extra) >= 4:
        kind, length = struct.unpack_from("<HH", extra)
        field, extra = extra[4 : 4 + length], extra[4 + length :]
        if kind == 1:  # the numbers of ZIP64 stand in this order, each only if it did not fit above
            numbers = iter(struct.unpack(f"<{len(field) // 8}Q", field[: len(field) // 8 * 8]))
            size = next(numbers, size) if size == 0xFFFFFFFF else size
            packed = next(numbers, packed) if packed == 0xFFFFFFFF else packed
            offset = next(numbers, offset) if offset == 0xFFFFFFFF else offset
        elif kind == 0x7075 and struct.unpack_from("<L", field, 1)[0] == zlib.crc32(name):
            unicode_name = field[5:]
    encrypted = bool(flags & _ENCRYPTED) or method == 99
    raw = _Raw(name, bool(flags & _UTF8), unicode_name, encrypted, method, crc, packed, size, before + offset)
    return raw, start + name_length + extra_length + comment_length


def _refuse_overlaps(entries: list[_Raw]) -> None:
    """No honest program writes members that share their bytes. A bomb does: each member is then as large as the file."""
    end = 0
    for entry in sorted(entries, key=lambda each: each.offset):
        if entry.offset < end:
            raise ValueError(message("members overlap"))
        end = entry.offset + _LOCAL.size + len(entry.name) + entry.packed


def _codepage_of(entries: list[_Raw]) -> str:
    """The encoding of the names that say none: all names of a file were written by one program."""
    sample = b""
    for entry in entries:
        if not entry.utf8 and not entry.name.isascii():
            sample += entry.name.replace(b"/", b"\n") + b"\n"
            if len(sample) > _NAME_SAMPLE:
                break
    codepage = guess_codepage(sample) if sample else None
    return codepage if codepage in RUSSIAN_CODEPAGES else "cp437"
