"""Reads the stored documents of segments of formats 1 and 2, so that an index can be built anew. Nothing else is read.

              format 1                                    format 2
    id, title in the record                               columns (`ids.*`, `titles.*`)
    record    JSON: id, title, path, meta, language       JSON: path, meta, language, or nothing
    blocks    zlib streams                                Zstandard frames; a long text has several (`texts.span`)

The container is that of today. Old formats do not change, so neither does this module. It shares no code with the current
reader of stored documents. Every number is checked before it is used as an offset or an index.
"""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Any

import zstandard

from .container import Array, Container

# No block of these formats is larger but for one that holds a single text of more bytes.
_LARGEST_BLOCK = 1 << 28


class OlderSegment:
    """The stored documents of a segment of format 1 or 2. synced, dates: columns as in Segment."""

    def __init__(self, path: Path, version: int) -> None:
        """Raises IndexDamaged, or IndexOutdated if the segment is not of format `version`."""
        self.container = Container(path, (version,))
        self.name = path.name
        self._version = version
        try:
            self.doc_count = int(self.container.meta["doc_count"])
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise self.container.damaged(f"header: {error}") from error
        self.synced = self._column("docs.synced")
        self.dates = self._column("docs.dates")
        self._records = self._blobs("records")
        self._texts = self._blobs("texts")
        self._id_numbers = self._column("ids.ranks") if version > 1 else None

    def _blobs(self, name: str) -> _Blobs:
        columns = [self._column(f"{name}.{column}") for column in ("block", "offset", "size")]
        return _Blobs(
            self.container, name, self._version, columns, self._column(f"{name}.span") if self._version > 1 else None
        )

    def _column(self, name: str) -> Array:
        """A section of whole numbers, one a document."""
        column = self.container[name]
        if column.dtype.kind not in "ui" or len(column) != self.doc_count:
            raise self.container.damaged(f"section {name}: not a number for each document")
        return column

    def _string(self, name: str, number: int) -> str:
        ends, data = self.container[f"{name}.ends"], self.container[f"{name}.bytes"]
        row = _row(self.container, f"{name}.ends", ends, number, len(data))
        return _decoded(self.container, name, data[row].tobytes().removesuffix(b"\n"))

    def record(self, doc: int) -> dict[str, Any]:
        """The stored id, title, path and meta of a document; its language if that was given. Raises IndexDamaged if they cannot be
        read."""
        stored = self._records.read(doc)
        record: dict[str, Any] = {"path": None, "meta": {}}
        try:
            record.update(json.loads(stored) if stored else {})
        except (ValueError, TypeError, RecursionError) as error:
            raise self.container.damaged(f"record of document {doc}: {error}") from error
        if self._id_numbers is not None:
            record["id"] = self._string("ids", int(self._id_numbers[doc]))
            record["title"] = self._string("titles", doc)
        if "id" not in record or "title" not in record:
            raise self.container.damaged(f"record of document {doc}: no id or title")
        return record

    def text(self, doc: int) -> str:
        """The stored text of a document. Raises IndexDamaged if it cannot be read."""
        return _decoded(self.container, f"text of document {doc}", self._texts.read(doc))


class _Blobs:
    """The blobs `NAME.*` of a segment, unpacked block by block; the last block is kept, since documents are read in order."""

    def __init__(self, container: Container, name: str, version: int, places: list[Array], spans: Array | None) -> None:
        self._container = container
        self._version = version
        self._name = f"{name}.ends"
        self._ends, self._blocks = container[f"{name}.ends"], container[f"{name}.blocks"]
        self._places = places
        self._spans = spans
        self._last: tuple[int, bytes] = (-1, b"")

    def read(self, doc: int) -> bytes:
        block, offset, size = (int(column[doc]) for column in self._places)
        if not size:
            return b""
        span = 1 if self._spans is None else int(self._spans[doc])
        if span > len(self._ends):
            raise self._container.damaged("stored text has too many pieces")
        most = max(_LARGEST_BLOCK, offset + size)
        blob = b"".join(self._block(number, most) for number in range(block, block + span))[offset : offset + size]
        if len(blob) != size:
            raise self._container.damaged("stored text is cut")
        return blob

    def _block(self, number: int, most: int) -> bytes:
        """A block of at most so many bytes: a damaged frame may claim any number."""
        if self._last[0] != number:
            packed = self._blocks[_row(self._container, self._name, self._ends, number, len(self._blocks))].tobytes()
            try:
                data = _inflated(packed, most) if self._version == 1 else _decompressed(packed, most)
            except (zlib.error, zstandard.ZstdError) as error:
                raise self._container.damaged(f"stored text: {error}") from error
            self._last = (number, data)
        return self._last[1]


def _inflated(packed: bytes, most: int) -> bytes:
    stream = zlib.decompressobj()
    data = stream.decompress(packed, most)
    if not stream.eof:
        raise zlib.error("cut, or too long")
    return data


def _decompressed(packed: bytes, most: int) -> bytes:
    claimed = zstandard.frame_content_size(packed)
    if claimed > most:
        raise zstandard.ZstdError(f"a block claims {claimed} bytes")
    return zstandard.ZstdDecompressor().decompress(packed)


def _row(container: Container, name: str, ends: Array, number: int, count: int) -> slice:
    """The range of row `number`, where `ends` divides `count` values into rows."""
    if not 0 <= number < len(ends) or ends.dtype.kind != "u":
        raise container.damaged(f"section {name}: no row {number}")
    start, end = int(ends[number - 1]) if number else 0, int(ends[number])
    if not start <= end <= count:
        raise container.damaged(f"section {name}: row {number} lies outside")
    return slice(start, end)


def _decoded(container: Container, name: str, data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise container.damaged(f"{name}: {error}") from error
