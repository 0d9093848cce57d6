"""One file of named arrays: how bytes lie on disk, and how damage shows.

    offset  size  content
    0       8     magic b"naidi\\0sg"
    8       4     format version, uint32 little endian
    12      4     length H of the header, uint32 little endian
    16      H     header, JSON in UTF-8: {"meta": {...}, "sections": {name: [offset, count, dtype]}}
    ...           sections, each starting at a multiple of 64, little endian, zero bytes between them
    end-40  32    BLAKE2b-256 of all bytes before it
    end-8   8     magic b"gs\\0idian"

The last section, `digests`, has BLAKE2b-128 of each other section, in the order of the header. So of a damaged file it is known
which sections are sound.

Offsets count from the start of the file. Opening maps the file and reads the header alone, so its time does not grow with the
file; every section is checked to lie inside it. `verify` reads everything. Nothing in a file is executed or unpickled.
"""

from __future__ import annotations

import mmap
import os
import sys

from .. import core
from ..digest import blake2b
from ..errors import IndexDamaged, IndexOutdated, advised
from ..late import StrPath, json, json_value, np, partial
from ..messages import message
from ..typed import TYPE_CHECKING, Any
from .regular_file import open_regular

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from pathlib import Path
    from types import TracebackType
    from typing import BinaryIO, TypeAlias

    import numpy.typing as npt

MAGIC = b"naidi\0sg"
END_MAGIC = b"gs\0idian"
# The format of an index in which the bytes of segments changed last; a later one changed other files alone.
SEGMENT_VERSION = 6
# Of those, the ones whose segments are read as they are.
READABLE_VERSIONS = (3, 5, SEGMENT_VERSION)
# The format that has packed sections, and more numbers than one has in each of its bytes.
_WITH_PACKED = 6
_MOST_PER_BYTE = 22
ALIGNMENT = 64
# Room for the header, which is written last: twice what the sections of a segment take.
HEADER_BYTES = 8192
# What is read of a header at most. No format has had a longer one than 8 KiB.
_LONGEST_HEADER = 1 << 20
_HEAD_BYTES = 16
_DIGEST_BYTES = 32
_DIGESTS = "digests"
_SECTION_DIGEST_BYTES = 16
_TAIL_BYTES = _DIGEST_BYTES + len(END_MAGIC)
_READ_BYTES = 1 << 20
_VERIFIED_BYTES = 64 << 20
# The dtypes of the format, as numpy and as memoryview name them.
_DTYPES = {"|u1": "B", "<u2": "H", "<u4": "I", "<u8": "Q", "<i4": "i", "<i8": "q", "<f4": "f", "<f8": "d"}

Array: TypeAlias = "npt.NDArray[Any]"


class ContainerWriter:
    """A container file on its way: sections are written whole, or declared and then filled piece by piece.

        with ContainerWriter(path, meta) as file:
            file.declare("docs", np.uint16, 1000)
            file.write("docs", 0, array)

    The end of the block computes the checksum and syncs; an exception leaves an unfinished file, which is no container.
    Memory does not grow with the file. `meta` may be changed until the end. Raises FileExistsError where the path is taken,
    OSError as the system does.
    """

    def __init__(
        self,
        path: Path,
        meta: Mapping[str, Any],
        *,
        header_bytes: int = HEADER_BYTES,
        check: Callable[[], None] | None = None,
    ) -> None:
        """Parameters:
        path, meta: as above.
        header_bytes: room for the header and what stands before it, a multiple of ALIGNMENT.
        check: called for each piece that is written or read; raises to stop.
        """
        self._file = open(path, "x+b")  # noqa: SIM115 (closed by __exit__)
        self._meta = meta
        self._check = check or _go_on
        self._header_bytes = header_bytes
        self._sections: dict[str, tuple[int, int, np.dtype[Any]]] = {}
        self._packed: dict[str, tuple[int, int]] = {}
        self._size = header_bytes

    def declare(self, name: str, dtype: npt.DTypeLike, count: int) -> None:
        """A section of `count` values, zero until they are written."""
        kind = np.dtype(dtype).newbyteorder("<")
        if kind.str not in _DTYPES or name in self._sections:
            raise TypeError(f"section {name}: dtype {kind} is not part of the format, or the name is taken")
        self._sections[name] = (self._size, count, kind)
        self._size = _aligned(self._size + kind.itemsize * count)

    def put(self, name: str, array: Array) -> None:
        """A whole section, with the dtype and the length of `array`."""
        self.declare(name, array.dtype, len(array))
        self.write(name, 0, array)

    def write(self, name: str, start: int, array: Array) -> None:
        """Fill a section from value number `start` on. Raises ValueError for more values than it has."""
        self._check()
        offset, count, kind = self._sections[name]
        if start < 0 or start + len(array) > count:
            raise ValueError(f"section {name}: {start} + {len(array)} values for {count}")
        if len(array):
            self._file.seek(offset + start * kind.itemsize)
            self._file.write(np.ascontiguousarray(array.astype(kind, copy=False)).view(np.uint8).data)

    def stream(self, name: str, pieces: Iterable[bytes]) -> None:
        """A section of bytes of unknown length."""
        start = self._size
        self._file.seek(start)
        for piece in pieces:
            self._check()
            self._file.write(piece)
        self._sections[name] = (start, self._file.tell() - start, np.dtype("|u1"))
        self._size = _aligned(self._file.tell())

    def put_packed(self, name: str, array: Array, based: bool) -> None:
        """A section of numbers below 2**32, packed into bits (see `packed`)."""
        stream = self.open_packed(name, based)
        stream.add(array)
        stream.close()

    def open_packed(self, name: str, based: bool) -> PackedStream:
        """The same for numbers that come in parts. Sections that are declared may be written meanwhile, but none is declared."""
        return PackedStream(self, name, based)

    def append(self, start: int, data: bytes) -> None:
        """Write bytes behind all sections, `start` bytes behind where the next one would begin."""
        self._check()
        self._file.seek(self._size + start)
        self._file.write(data)

    def end_packed(self, name: str, size: int, count: int, based: bool) -> None:
        """Make the bytes that were appended a section."""
        self._packed[name] = (count, int(based))
        self.declare(name, np.uint8, size)

    def __enter__(self) -> ContainerWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._file as file:
            if kind is None:
                self._finish(file)

    def _put_digests(self, file: BinaryIO) -> None:
        """Write the digests of the sections as the last section."""
        digests = []
        for name, (offset, count, kind) in self._sections.items():
            digest = _section_digest(name, count, kind.str)
            file.seek(offset)
            left = count * kind.itemsize
            while left:
                self._check()
                piece = file.read(min(left, _READ_BYTES))
                if not piece:  # zeros at the end that were declared and not written
                    piece = bytes(min(left, _READ_BYTES))
                digest.update(piece)
                left -= len(piece)
            digests.append(digest.digest())
        self.put(_DIGESTS, np.frombuffer(b"".join(digests), np.uint8))

    def _finish(self, file: BinaryIO) -> None:
        from .durability import sync

        self._put_digests(file)
        sections = {name: [offset, count, kind.str] for name, (offset, count, kind) in self._sections.items()}
        meta = {**self._meta, "packed": self._packed} if self._packed else self._meta
        header = json.dumps({"meta": meta, "sections": sections}, ensure_ascii=False).encode()
        room = self._header_bytes - _HEAD_BYTES
        if len(header) > room:
            raise ValueError(f"{len(header)} bytes of header, room for {room}")
        file.truncate(self._size)
        file.seek(0)
        file.write(MAGIC + SEGMENT_VERSION.to_bytes(4, "little") + room.to_bytes(4, "little"))
        file.write(header.ljust(room))
        file.seek(0)
        digest = blake2b(digest_size=_DIGEST_BYTES)
        left = self._size
        while left:
            self._check()
            piece = file.read(min(left, _READ_BYTES))
            digest.update(piece)
            left -= len(piece)
        file.write(digest.digest())
        file.write(END_MAGIC)
        file.flush()
        sync(file.fileno(), file.name)


class PackedStream:
    """A packed section that is written part by part."""

    def __init__(self, file: ContainerWriter, name: str, based: bool) -> None:
        from .packed import Packer

        self._file, self._name, self._based = file, name, based
        self._packer = Packer(based)
        self._size = 0

    def add(self, values: Array) -> None:
        self._append(self._packer.add(values))

    def close(self) -> None:
        """Write the rest. Call it once."""
        self._append(self._packer.finish())
        self._file.end_packed(self._name, self._size, self._packer.count, self._based)

    def _append(self, data: bytes) -> None:
        self._file.append(self._size, data)
        self._size += len(data)


def write_container(path: Path, sections: Mapping[str, Array], meta: Mapping[str, Any]) -> None:
    """Write the arrays (one-dimensional) and `meta` (JSON values) to a new file and sync it. Raises as ContainerWriter does.

    Digests among the sections, as of a file that is copied, are worked out anew. Sections that the meta data call packed
    are packed, unless they cannot be.
    """
    from collections import abc

    packed = meta.get("packed", {}) if isinstance(meta, abc.Mapping) else {}
    with ContainerWriter(path, meta) as file:
        for name, array in sections.items():
            if name in packed and array.dtype.kind == "u" and (not len(array) or int(array.max()) < 1 << 32):
                file.put_packed(name, np.asarray(array), bool(packed[name][1]))
            elif name != _DIGESTS:
                file.put(name, array)


def narrowest_dtype(largest: int) -> type[np.unsignedinteger[Any]]:
    """The smallest unsigned dtype that holds a whole number from 0."""
    for dtype in (np.uint8, np.uint16, np.uint32):
        if largest <= np.iinfo(dtype).max:
            return dtype
    return np.uint64


def narrowest(array: Array) -> Array:
    """The values (whole numbers from 0) in the smallest unsigned dtype that holds the largest of them."""
    return array.astype(narrowest_dtype(int(array.max()) if len(array) else 0), copy=False)


def item_bytes(kind: str) -> int:
    """Bytes of a value of a dtype, such as "<u2"."""
    return int(kind[2])


def _section_digest(name: str, count: int, kind: str) -> blake2b:
    """The digest of a section before its bytes. What the header says of it is part of it."""
    return blake2b(f"{name} {count} {kind}\n".encode(), digest_size=_SECTION_DIGEST_BYTES)


def _go_on() -> None:
    """What is asked between pieces by who is not to be stopped."""


def _aligned(offset: int) -> int:
    return -(-offset // ALIGNMENT) * ALIGNMENT


def _damaged(path: StrPath, what: str) -> IndexDamaged:
    return IndexDamaged(advised(message("{path}: damaged ({what})", path=path, what=what)))


class Container:
    """A container file, mapped. Arrays are views of the map: they stay valid as long as one of them is referenced.

    There is nothing to close. A map cannot be closed while an array of it is referenced, and when none is, the map goes at once,
    with its descriptor. So whoever keeps arrays must not keep them in a circle of references.
    """

    def __init__(self, path: StrPath, versions: Collection[int] = READABLE_VERSIONS) -> None:
        """Map the file and check its header. versions: the formats that are expected; the container is the same in all of them.

        Raises IndexDamaged for a file that is missing, cut or altered, IndexOutdated for another format version. Raises OSError
        as the system does: one that cannot be opened now may well be sound.
        """
        self._path = path
        self._arrays: dict[str, Array] = {}
        self._items: dict[str, memoryview] = {}
        try:
            with open_regular(path) as file:
                self._stat = os.fstat(file.fileno())
                # With the size: mmap takes it for 0 when it cannot ask for it, and then tells another error.
                self._map = mmap.mmap(file.fileno(), self._stat.st_size, access=mmap.ACCESS_READ)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise IndexDamaged(advised(message("{path}: file of the index is missing", path=path))) from error
        except ValueError as error:  # an empty file cannot be mapped
            raise self.damaged(str(error)) from error
        size = len(self._map)
        if size < _HEAD_BYTES + _TAIL_BYTES:
            raise self.damaged("too short")
        found_version = int.from_bytes(self._map[8:12], "little")
        header_length = int.from_bytes(self._map[12:_HEAD_BYTES], "little")
        if self._map[: len(MAGIC)] != MAGIC or self._map[size - len(END_MAGIC) :] != END_MAGIC:
            raise self.damaged("not a segment, or cut")
        if found_version not in versions:
            raise IndexOutdated(
                advised(
                    message(
                        "{path}: format version {found_version}, this naidi reads version {known}",
                        path=path,
                        found_version=found_version,
                        known=" or ".join(map(str, versions)),
                    )
                )
            )
        self.version: int = found_version
        if _HEAD_BYTES + header_length + _TAIL_BYTES > size:
            raise self.damaged("the header runs past the end")
        if header_length > _LONGEST_HEADER:
            raise self.damaged(f"{header_length} bytes of header")
        try:
            header = json_value(self._map[_HEAD_BYTES : _HEAD_BYTES + header_length])
            self.meta: dict[str, Any] = header["meta"]
            self._table: dict[str, tuple[int, int, str]] = {}
            for name, (offset, count, dtype) in header["sections"].items():
                if dtype not in _DTYPES or type(offset) is not int or type(count) is not int or count < 0:
                    raise ValueError(f"section {name}")
                if offset < _HEAD_BYTES + header_length or offset + count * item_bytes(dtype) > size - _TAIL_BYTES:
                    raise ValueError(f"section {name} lies outside the file")
                self._table[name] = (offset, count, dtype)
            self.packed = self._packed_columns() if found_version >= _WITH_PACKED else {}
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
            raise self.damaged(f"header: {error}") from error

    @property
    def path(self) -> Path:
        """Of the file, for messages."""
        from pathlib import Path

        return Path(self._path)

    def _packed_columns(self) -> dict[str, tuple[int, bool]]:
        """Name of a packed section -> (how many numbers it has, whether it has bases)."""
        found = {}
        for name, (count, based) in self.meta.get("packed", {}).items():
            _, size, kind = self._table[name]
            right = type(count) is int and 0 <= count <= size * _MOST_PER_BYTE and type(based) is int and kind == "|u1"
            if not right:
                raise ValueError(f"packed section {name}")
            found[name] = (count, bool(based))
        return found

    def moved_to(self, path: StrPath) -> None:
        """Note another path of the file, for messages: the name by which it was opened may be gone."""
        self._path = path

    def is_at(self, path: StrPath) -> bool:
        """Whether this file has, or now has too, the path: the very file, and not one of the same content."""
        try:
            return os.path.samestat(os.stat(path), self._stat)
        except (FileNotFoundError, NotADirectoryError):
            return False

    def damaged(self, what: str) -> IndexDamaged:
        """The error to raise where a section of this file makes no sense."""
        return _damaged(self._path, what)

    def __getitem__(self, name: str) -> Array:
        """The section as a read-only array, or what can be used as one. Raises IndexDamaged if the file has none of that name."""
        array = self._arrays.get(name)
        if array is None:
            offset, count, kind = self._entry(name)
            array = np.frombuffer(self._map, kind, count, offset)
            if name in self.packed:
                array = self._unpacking(name, array)
            self._arrays[name] = array
        return array

    def _entry(self, name: str) -> tuple[int, int, str]:
        """As in `table`. Raises IndexDamaged if the file has no section of that name."""
        try:
            return self._table[name]
        except KeyError:
            raise self.damaged(f"no section {name!r}") from None

    def _unpacking(self, name: str, stored: Array) -> Any:
        from .packed import PackedColumn

        # Not a method of this container: that would be a circle of references.
        return PackedColumn(
            stored, *self.packed[name], partial(_damaged, self._path, f"section {name}: a number outside of it")
        )

    def _view(self, name: str) -> memoryview:
        """The section as it lies in the file, without numpy."""
        offset, count, kind = self._entry(name)
        bytes_of = memoryview(self._map)[offset : offset + count * item_bytes(kind)]
        return bytes_of.cast(_DTYPES[kind])  # type: ignore[call-overload, no-any-return]

    def column(self, name: str) -> Any:
        """The section as the core takes it: items, or of a packed one (its bytes, how many numbers, whether with bases)."""
        return (self._view(name), *self.packed[name]) if name in self.packed else self.items(name)

    def items(self, name: str) -> memoryview:
        """The section item by item: Python numbers, read several times faster than those of an array."""
        view = self._items.get(name)
        if view is None:
            if name in self.packed:
                view = self._numbers(name)
            elif sys.byteorder != "little":
                view = self[name].data
            else:
                view = self._view(name)
            self._items[name] = view
        return view

    def _numbers(self, name: str) -> Any:
        """The numbers of a packed section, one by one."""
        if not core.is_used:
            return self[name]
        from naidi._core import Numbers

        try:
            return Numbers(*self.column(name))
        except IndexError as error:
            raise self.damaged(f"section {name}: too short") from error

    @property
    def table(self) -> Mapping[str, tuple[int, int, str]]:
        """Section -> (offset, number of values, dtype)."""
        return self._table

    def __contains__(self, name: str) -> bool:
        return name in self._table

    def count(self, name: str) -> int:
        """How many values a section has. Raises IndexDamaged if the file has none of that name."""
        count = self._entry(name)[1]
        return self.packed[name][0] if name in self.packed else count

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return len(self._map)

    def release(self) -> None:
        """Let the system take back the memory of what was read; it is read again when asked for."""
        if sys.platform != "win32":  # which has no such call
            self._map.madvise(mmap.MADV_DONTNEED)

    def sound_sections(self) -> set[str]:
        """The sections whose bytes are as they were written, whatever has become of the others.

        None are known to be if the file has no digests of sections, as those that an older naidi wrote.
        """
        if _DIGESTS not in self._table:
            return set()
        expected = self[_DIGESTS].tobytes()
        sound = set()
        for number, (name, (offset, count, kind)) in enumerate(self._table.items()):
            digest = _section_digest(name, count, kind)
            end = offset + count * item_bytes(kind)
            for start in range(offset, end, _VERIFIED_BYTES):
                with memoryview(self._map) as whole, whole[start : min(end, start + _VERIFIED_BYTES)] as piece:
                    digest.update(piece)
                self.release()
            place = number * _SECTION_DIGEST_BYTES
            if digest.digest() == expected[place : place + _SECTION_DIGEST_BYTES]:
                sound.add(name)
        return sound

    def verify(self, check: Callable[[], None] | None = None) -> str:
        """Read the whole file. Returns BLAKE2b-256 of it in hexadecimal, as in a manifest.

        check: called for each piece that is read; raises to stop.

        Raises IndexDamaged if any byte differs from what was written.
        """
        digest = self._hashed(len(self._map) - _TAIL_BYTES, check or _go_on)
        if digest.digest() != self._map[-_TAIL_BYTES : -len(END_MAGIC)]:
            raise self.damaged("the checksum does not fit the content")
        digest.update(self._map[-_TAIL_BYTES:])
        return digest.hexdigest()

    def digest(self) -> str:
        """BLAKE2b-256 of the whole file in hexadecimal, as in a manifest."""
        return self._hashed(len(self._map), _go_on).hexdigest()

    def _hashed(self, end: int, check: Callable[[], None]) -> blake2b:
        digest = blake2b(digest_size=_DIGEST_BYTES)
        for start in range(0, end, _VERIFIED_BYTES):
            check()
            with memoryview(self._map) as whole, whole[start : min(end, start + _VERIFIED_BYTES)] as piece:
                digest.update(piece)
            self.release()  # memory does not grow with the file
        return digest
