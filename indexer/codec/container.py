"""One file of named arrays: how bytes lie on disk, and how damage shows.

    offset  size  content
    0       8     magic b"naidi\\0sg"
    8       4     format version, uint32 little endian
    12      4     length H of the header, uint32 little endian
    16      H     header, JSON in UTF-8: {"meta": {...}, "sections": {name: [offset, count, dtype]}}
    ...           sections, each starting at a multiple of 64, little endian, zero bytes between them
    end-40  32    BLAKE2b-256 of all bytes before it
    end-8   8     magic b"gs\\0idian"

Offsets count from the start of the file. Opening maps the file and reads the header alone, so its time does not grow with the
file; every section is checked to lie inside it. `verify` reads everything. Nothing in a file is executed or unpickled.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import os
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from indexer.errors import IndexDamaged, IndexOutdated

MAGIC = b"naidi\0sg"
END_MAGIC = b"gs\0idian"
FORMAT_VERSION = 1
ALIGNMENT = 64
_HEAD = struct.Struct("<8sII")
_DIGEST_BYTES = 32
_TAIL_BYTES = _DIGEST_BYTES + len(END_MAGIC)
_DTYPES = {"|u1", "<u2", "<u4", "<u8", "<i4", "<i8", "<f4", "<f8"}

Array = npt.NDArray[Any]


def write_container(path: Path, sections: Mapping[str, Array], meta: Mapping[str, Any]) -> None:
    """Write the arrays (one-dimensional) and `meta` (JSON values) to a new file and fsync it.

    Raises FileExistsError where the path is taken, OSError as the system does.
    """
    arrays = {name: np.ascontiguousarray(array) for name, array in sections.items()}
    arrays = {name: array.astype(array.dtype.newbyteorder("<"), copy=False) for name, array in arrays.items()}
    # The header holds the offsets and their length depends on its own: reserve room for the widest offsets, pad by blanks.
    offsets = dict.fromkeys(arrays, 2**53)
    offset = _aligned(_HEAD.size + len(_header(arrays, offsets, meta)))
    header_room = offset - _HEAD.size
    for name, array in arrays.items():
        if array.dtype.str not in _DTYPES:
            raise TypeError(f"section {name}: dtype {array.dtype} is not part of the format")
        offsets[name] = offset
        offset = _aligned(offset + array.nbytes)
    header = _header(arrays, offsets, meta).ljust(header_room)
    digest = hashlib.blake2b(digest_size=_DIGEST_BYTES)
    with open(path, "xb") as file:

        def put(data: bytes | memoryview) -> None:
            file.write(data)
            digest.update(data)

        put(_HEAD.pack(MAGIC, FORMAT_VERSION, header_room))
        put(header)
        for name, array in arrays.items():
            if array.nbytes:
                put(array.view(np.uint8).data)
            end = offsets[name] + array.nbytes
            put(b"\0" * (_aligned(end) - end))
        file.write(digest.digest())
        file.write(END_MAGIC)
        file.flush()
        os.fsync(file.fileno())


def narrowest(array: Array) -> Array:
    """The values (whole numbers from 0) in the smallest unsigned dtype that holds the largest of them."""
    largest = int(array.max()) if len(array) else 0
    for dtype in (np.uint8, np.uint16, np.uint32):
        if largest <= np.iinfo(dtype).max:
            return array.astype(dtype, copy=False)
    return array.astype(np.uint64, copy=False)


def _header(arrays: Mapping[str, Array], offsets: Mapping[str, int], meta: Mapping[str, Any]) -> bytes:
    sections = {name: [offsets[name], len(array), array.dtype.str] for name, array in arrays.items()}
    return json.dumps({"meta": meta, "sections": sections}, ensure_ascii=False).encode()


def _aligned(offset: int) -> int:
    return -(-offset // ALIGNMENT) * ALIGNMENT


class Container:
    """A container file, mapped. Arrays are views of the map: they stay valid as long as one of them is referenced."""

    def __init__(self, path: Path) -> None:
        """Map the file and check its header.

        Raises IndexDamaged for a file that is missing, cut or altered, IndexOutdated for another format version.
        """
        self.path = path
        try:
            with open(path, "rb") as file:
                self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except FileNotFoundError as error:
            raise IndexDamaged(f"{path}: file of the index is missing; rebuild with `naidi index --rebuild`") from error
        except (OSError, ValueError) as error:
            raise self.damaged(str(error)) from error
        size = len(self._map)
        if size < _HEAD.size + _TAIL_BYTES:
            raise self.damaged("too short")
        magic, version, header_length = _HEAD.unpack_from(self._map)
        if magic != MAGIC or self._map[size - len(END_MAGIC) :] != END_MAGIC:
            raise self.damaged("not a segment, or cut")
        if version != FORMAT_VERSION:
            raise IndexOutdated(
                f"{path}: format version {version}, this naidi reads version {FORMAT_VERSION}; "
                "rebuild with `naidi index --rebuild`"
            )
        if _HEAD.size + header_length + _TAIL_BYTES > size:
            raise self.damaged("the header runs past the end")
        try:
            header = json.loads(self._map[_HEAD.size : _HEAD.size + header_length])
            self.meta: dict[str, Any] = header["meta"]
            self._table: dict[str, tuple[int, int, np.dtype[Any]]] = {}
            for name, (offset, count, dtype) in header["sections"].items():
                if dtype not in _DTYPES or not (isinstance(offset, int) and isinstance(count, int) and count >= 0):
                    raise ValueError(f"section {name}")
                kind = np.dtype(dtype)
                if offset < _HEAD.size + header_length or offset + count * kind.itemsize > size - _TAIL_BYTES:
                    raise ValueError(f"section {name} lies outside the file")
                self._table[name] = (offset, count, kind)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise self.damaged(f"header: {error}") from error

    def damaged(self, what: str) -> IndexDamaged:
        """The error to raise where a section of this file makes no sense."""
        return IndexDamaged(f"{self.path}: damaged ({what}); rebuild with `naidi index --rebuild`")

    def __getitem__(self, name: str) -> Array:
        """The section as a read-only array. Raises IndexDamaged if the file has none of that name."""
        try:
            offset, count, kind = self._table[name]
        except KeyError:
            raise self.damaged(f"no section {name!r}") from None
        return np.frombuffer(self._map, kind, count, offset)

    def __contains__(self, name: str) -> bool:
        return name in self._table

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return len(self._map)

    def verify(self) -> None:
        """Read the whole file. Raises IndexDamaged if any byte differs from what was written."""
        body = memoryview(self._map)[:-_TAIL_BYTES]
        try:
            digest = hashlib.blake2b(body, digest_size=_DIGEST_BYTES).digest()
        finally:
            body.release()
        if digest != self._map[-_TAIL_BYTES : -len(END_MAGIC)]:
            raise self.damaged("the checksum does not fit the content")
