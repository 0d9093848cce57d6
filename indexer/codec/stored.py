"""Texts and records of documents, compressed in blocks, fetched by document number.

Blobs are packed into blocks of about TEXT_BLOCK or RECORD_BLOCK bytes before compression; a larger blob has a block of its own.
Sections:
`NAME.blocks` (the zlib streams), `NAME.ends` (where each ends), and per document `NAME.block`, `NAME.offset`, `NAME.size`.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable

import numpy as np

from indexer.codec.container import Array, Container, narrowest

TEXT_BLOCK = 32_768
# Every hit shows a record, many show no text: a small block is unpacked sooner.
RECORD_BLOCK = 4_096
# Level 6 packs real text 3 % smaller than level 4 (.341 against .352 of it) and takes more than twice its time.
_LEVEL = 4
_CACHED_BLOCKS = 16


class BlobPacker:
    """Packs blobs into compressed blocks. `blocks` are finished streams; place of a blob: number of the block, offset, size."""

    def __init__(self, block_bytes: int = TEXT_BLOCK) -> None:
        self._block_bytes = block_bytes
        self.blocks: list[bytes] = []
        self.places: list[tuple[int, int, int]] = []
        self._open: list[bytes] = []
        self._open_bytes = 0

    def add(self, blob: bytes) -> None:
        if self._open and self._open_bytes + len(blob) > self._block_bytes:
            self.close_block()
        self.places.append((len(self.blocks), self._open_bytes, len(blob)))
        self._open.append(blob)
        self._open_bytes += len(blob)
        if self._open_bytes >= self._block_bytes:
            self.close_block()

    def close_block(self) -> None:
        """Compress what is gathered. Call it once after the last blob."""
        if self._open:
            self.blocks.append(zlib.compress(b"".join(self._open), _LEVEL))
            self._open, self._open_bytes = [], 0

    def extend(self, other: BlobPacker) -> None:
        """Take over the blobs of a closed packer as they are compressed."""
        self.close_block()
        base = len(self.blocks)
        self.blocks.extend(other.blocks)
        self.places.extend((block + base, offset, size) for block, offset, size in other.places)


def pack(blobs: Iterable[bytes]) -> BlobPacker:
    """A closed packer of the blobs."""
    packer = BlobPacker()
    for blob in blobs:
        packer.add(blob)
    packer.close_block()
    return packer


def blob_sections(name: str, packer: BlobPacker) -> dict[str, Array]:
    """The sections of a closed packer."""
    places = np.array(packer.places, np.uint32).reshape(-1, 3)
    return {
        f"{name}.blocks": np.frombuffer(b"".join(packer.blocks), np.uint8),
        f"{name}.ends": narrowest(np.cumsum(np.fromiter(map(len, packer.blocks), np.uint64, len(packer.blocks)))),
        f"{name}.block": narrowest(places[:, 0]),
        f"{name}.offset": narrowest(places[:, 1]),
        f"{name}.size": narrowest(places[:, 2]),
    }


class StoredBlobs:
    """Blobs by document number. Keeps the last few decompressed blocks; safe to share between threads."""

    def __init__(self, container: Container, name: str) -> None:
        self._container = container
        self._blocks = container[f"{name}.blocks"]
        self._ends = container[f"{name}.ends"]
        self._block = container[f"{name}.block"]
        self._offset = container[f"{name}.offset"]
        self._size = container[f"{name}.size"]
        self._cache: dict[int, bytes] = {}

    def compressed(self, block: int) -> bytes:
        """A block as it lies on disk."""
        start = int(self._ends[block - 1]) if block else 0
        return self._blocks[start : int(self._ends[block])].tobytes()

    def _decompressed(self, block: int) -> bytes:
        cached = self._cache.get(block)
        if cached is None:
            try:
                cached = zlib.decompress(self.compressed(block))
            except (zlib.error, IndexError) as error:
                raise self._container.damaged(f"stored text: {error}") from error
            while len(self._cache) >= _CACHED_BLOCKS:
                # Two threads may drop the same entry: the second finds it gone, which is as good.
                self._cache.pop(next(iter(self._cache), -1), None)
            self._cache[block] = cached
        return cached

    def __getitem__(self, doc: int) -> bytes:
        """The blob of the document. Raises IndexDamaged if it cannot be decompressed."""
        start, size = int(self._offset[doc]), int(self._size[doc])
        blob = self._decompressed(int(self._block[doc]))[start : start + size]
        if len(blob) != size:
            raise self._container.damaged("stored text is cut")
        return blob
