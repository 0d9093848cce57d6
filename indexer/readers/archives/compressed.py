"""The readers of compressed single files (.gz, .xz, .bz2) and of archives of tar, compressed or not."""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Generator, Iterator
from dataclasses import replace

from ...messages import message
from ..content import Content, Source, too_large
from ..nested import Inside, contents_of
from ..unpacking import CHUNK, Budget, OutOfTime, TooLarge, member_of, metered
from ..zip_file import inflated, unpacked_by
from .tar import TarMember, tar_members

MAX_MEMBERS = 100_000
"""The most members of an archive that are looked at."""

MAX_STREAMS = 100_000
"""The most compressed streams in one file; some programs write one for each block."""

_MEMORY = 128 << 20  # that xz may take
_GZIP, _BZIP2, _XZ = b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0"


def read_compressed(source: Source) -> Iterator[Content]:
    """What is compressed, read by the name inside: `a.txt.gz` is a text. Before damage, what there is.

    Raises ValueError: "damaged compressed data", "larger than 64 MB".
    """
    inside = Inside(source)
    data = bytearray()
    damage = ""
    try:
        for chunk in unpacked(source, inside.budget):
            data += chunk
            if len(data) > inside.max_member:
                raise TooLarge(too_large(inside.max_member))
    except (TooLarge, OutOfTime):
        raise
    except ValueError as error:
        if not data:
            raise
        damage = message("not read to its end: {error}", error=error)
    for content in contents_of(member_of(source, _inner_name(source), bytes(data), inside.budget)):
        yield replace(content, warnings=(*content.warnings, damage)) if damage else content
        damage = ""  # told once


def read_tar(source: Source) -> Iterator[Content]:
    """The files in an archive of tar, each a part of its own. Raises ValueError: "damaged archive"."""
    inside = Inside(source)
    is_packed = source.data.startswith((_GZIP, _BZIP2, _XZ))
    chunks = unpacked(source, inside.budget) if is_packed else _pieces(source.data)

    def wants(member: TarMember) -> bool:
        return inside.wants(member.name, member.size)

    try:
        for count, (member, data) in enumerate(tar_members(chunks, wants)):
            if count >= MAX_MEMBERS:
                inside.leave_out(message("more than {most} files", most=MAX_MEMBERS))
                break
            if source.is_late():
                raise OutOfTime
            if data is not None:
                yield from inside.read(member.name, data)
    except ValueError as error:  # what comes behind cannot be found any more
        inside.leave_out(message("the rest: {error}", error=error))
    yield from inside.rest()


def unpacked(source: Source, budget: Budget) -> Iterator[bytes]:
    """The unpacked bytes of a compressed file, a piece at a time.

    Raises TooLarge, OutOfTime, and ValueError for damaged bytes; what comes before the damage is given.
    """
    return metered(_streams(source.data), len(source.data), budget, source.is_late)


def _streams(data: bytes) -> Iterator[bytes]:
    """One stream after another: so some programs add to a file."""
    start = 0
    for _ in range(MAX_STREAMS):
        rest = memoryview(data)[start:]
        stream: Generator[bytes, None, int]
        if data.startswith(_GZIP, start):
            stream = inflated(rest, zlib.decompressobj(16 + zlib.MAX_WBITS))
        elif data.startswith(_BZIP2, start):
            stream = unpacked_by(rest, bz2.BZ2Decompressor())
        elif data.startswith(_XZ, start):
            stream = unpacked_by(rest, lzma.LZMADecompressor(lzma.FORMAT_XZ, _MEMORY))
        elif start:
            return  # padding
        else:
            raise ValueError(message("no compressed file"))
        start += yield from stream
        yield b""  # for the clock: a stream may be empty
    raise ValueError(message("more than {most} streams", most=MAX_STREAMS))


def _pieces(data: bytes) -> Iterator[bytes]:
    for start in range(0, len(data), CHUNK):
        yield data[start : start + CHUNK]


def _inner_name(source: Source) -> str:
    """The name without the last extension, or the one that gzip keeps."""
    name = source.name.rpartition(".")[0]
    if "." not in name and source.data.startswith(_GZIP) and source.data[3:4] == b"\x08":
        kept = source.data[10:300].partition(b"\0")[0]
        return kept.decode("utf-8", "replace").rpartition("/")[2] or name
    return name
