"""Stores texts and records of documents in compressed blocks, and fetches them by document id.

With a dictionary each blob has a block of its own. Without one, small blobs share blocks of about TEXT_BLOCK or RECORD_BLOCK
bytes before compression. A blob in pieces has a block for each piece. An empty blob has none.

Sections: `NAME.blocks` holds Zstandard frames, one after another; `NAME.ends` holds the end of each. Each document has
`NAME.block` (its first block), `NAME.offset` (in the block), `NAME.size` (bytes) and `NAME.span` (how many blocks).
`texts.dictionary` is empty, or what all frames of texts need.
"""

from __future__ import annotations

from itertools import pairwise

from ..late import OfThread, cached_property, np
from ..typed import TYPE_CHECKING, Any, NamedTuple
from .container import Array, Container, ContainerWriter, narrowest
from .ragged import starts_of, value_indices
from .text_dictionary import LEAST_TEXT, LONGEST, chosen, trained
from .zstd import zstandard

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

# Measured on 27 MB of English and Russian text: size divided by text, and time to unpack a block. 8 KiB: .362, 12 us.
# 16 KiB: .356, 20 us. 32 KiB: .343, 36 us. Level 3 packs twice as fast as 5 and takes .376. Level 9 packs half as fast and
# takes .357.
TEXT_BLOCK = 8_192
RECORD_BLOCK = 4_096
_LEVEL = 5
_DICTIONARY_LEVEL = 3
# Until a segment is written, its texts lie packed in memory.
_MEANTIME_LEVEL = 1
_CACHED_BLOCKS = 16
# A block holds several blobs up to about TEXT_BLOCK, or one that is larger. This is more than any format has packed together.
_LARGEST_SHARED_BLOCK = 1 << 20
# No block is larger: texts are cut into pieces, and no record has so many bytes.
_LARGEST_BLOCK = 1 << 28
_RUN_BYTES = 4_000_000  # bytes that a merge copies at once
# Bytes of blocks that are packed or unpacked at once. A thread that works on one block lets others run meanwhile, and then waits
# for them: up to 5 ms each time for .05 ms of work.
_AT_ONCE = 1 << 20
_GIVEN_UP_AT_ONCE = 100
_COLUMNS = ("block", "offset", "size", "span")

# Two threads must not use one compressor or decompressor at once.
_local = OfThread()


def _compressor(level: int) -> zstandard.ZstdCompressor:
    try:
        made: dict[int, zstandard.ZstdCompressor] = _local.compressors
    except AttributeError:
        made = _local.compressors = {}
    if level not in made:
        # With a checksum of its own, a frame can be told to be sound although others of its section are damaged.
        made[level] = zstandard.ZstdCompressor(level=level, write_checksum=True)
    return made[level]


def _dictionary_compressor(dictionary: bytes) -> zstandard.ZstdCompressor:
    known = zstandard.ZstdCompressionDict(dictionary)
    return zstandard.ZstdCompressor(_DICTIONARY_LEVEL, known, write_checksum=True, write_dict_id=False)


def _all_packed(compressor: zstandard.ZstdCompressor, blocks: Sequence[bytes]) -> list[bytes]:
    """Each block as a frame."""
    at_once: Any = getattr(compressor, "multi_compress_to_buffer", None)  # only the compiled zstandard has it
    if len(blocks) < 2 or at_once is None:
        return [compressor.compress(block) for block in blocks]
    return [frame.tobytes() for frame in at_once(blocks)]


def _all_unpacked(frames: Sequence[bytes]) -> list[bytes]:
    decompressor = _plain_decompressor()
    at_once: Any = getattr(decompressor, "multi_decompress_to_buffer", None)
    if len(frames) < 2 or at_once is None:
        return [decompressor.decompress(frame) for frame in frames]
    return [block.tobytes() for block in at_once(frames)]


def _plain_decompressor() -> zstandard.ZstdDecompressor:
    try:
        decompressor: zstandard.ZstdDecompressor = _local.decompressor
    except AttributeError:
        decompressor = _local.decompressor = zstandard.ZstdDecompressor()
    return decompressor


def _may_have(claimed: int, size: int) -> bool:
    """Whether a block that holds a blob of `size` bytes, or a piece of one, may have so many.

    A frame says how long its content is, and so much memory is taken. A damaged or forged one may say anything.
    """
    return claimed <= min(max(size, _LARGEST_SHARED_BLOCK), _LARGEST_BLOCK)


class BlobPacker:
    """Packs blobs into compressed blocks.

    blocks: the finished frames, but for those that were taken.
    places: for each blob its first block, its offset there, its size in bytes, and how many blocks it has.
    """

    def __init__(self, block_bytes: int = TEXT_BLOCK, level: int = _LEVEL) -> None:
        """block_bytes: blobs share blocks of so many bytes; 0: each has its own."""
        self._block_bytes = block_bytes
        self._level = level
        self.blocks: list[bytes] = []
        self.places: list[tuple[int, int, int, int]] = []
        self._taken = 0
        self._open: list[bytes] = []
        self._open_bytes = 0
        self._unpacked: list[bytes] = []  # finished blocks that come behind `blocks`
        self._unpacked_bytes = 0

    def _own_compressor(self) -> zstandard.ZstdCompressor:
        return _compressor(self._level)

    @property
    def block_count(self) -> int:
        """How many blocks it has made, with those that were taken."""
        return self._taken + len(self.blocks) + len(self._unpacked)

    @property
    def place_rows(self) -> Array:
        """`places` as an array (int64, shape (blobs, 4))."""
        return np.array(self.places, np.int64).reshape(-1, 4)

    def add(self, blob: bytes) -> None:
        if self._open and self._open_bytes + len(blob) > self._block_bytes:
            self._end_block()
        self.places.append((self.block_count, self._open_bytes, len(blob), 1) if blob else (0, 0, 0, 0))
        if not blob:
            return
        self._open.append(blob)
        self._open_bytes += len(blob)
        if self._open_bytes >= self._block_bytes:
            self._end_block()

    def add_pieces(self, pieces: Sequence[bytes]) -> None:
        """Add a blob in pieces (two or more, none empty), so that each piece can be read alone."""
        self._end_block()
        self.places.append((self.block_count, 0, sum(map(len, pieces)), len(pieces)))
        for piece in pieces:
            self._put_block(piece)

    def _end_block(self) -> None:
        if self._open:
            data = b"".join(self._open)
            self._open, self._open_bytes = [], 0
            self._put_block(data)

    def _put_block(self, data: bytes) -> None:
        self._unpacked.append(data)
        self._unpacked_bytes += len(data)
        if self._unpacked_bytes >= _AT_ONCE:
            self._pack()

    def _pack(self) -> None:
        if self._unpacked:
            self.blocks += _all_packed(self._own_compressor(), self._unpacked)
            self._unpacked, self._unpacked_bytes = [], 0

    def close_block(self) -> None:
        """Compress all blobs. Call it after the last one."""
        self._end_block()
        self._pack()

    def extend(self, other: BlobPacker) -> None:
        """Add the blobs of a closed packer. Its blocks stay compressed."""
        self.close_block()
        base = self.block_count
        self.blocks.extend(other.blocks)
        self.places += [
            (block + base, offset, size, span) if size else (0, 0, 0, 0) for block, offset, size, span in other.places
        ]

    def packing(self, blobs: Iterable[Sequence[bytes]]) -> Iterator[tuple[bytes, list[int]]]:
        """Add blobs, given in pieces (one for most), and close. Yields each new block with its size, and does not keep them."""
        for pieces in blobs:
            if len(pieces) > 1:
                self.add_pieces(pieces)
            else:
                self.add(*pieces)
            yield from self._take()
        self.close_block()
        yield from self._take()

    def _take(self) -> Iterator[tuple[bytes, list[int]]]:
        blocks, self.blocks = self.blocks, []
        self._taken += len(blocks)
        return ((block, [len(block)]) for block in blocks)

    def pieces_used_up(self) -> Iterator[list[bytes]]:
        """`pieces` of all blobs. Blocks are given up as they are read."""
        given_up = 0
        for (block, *_), pieces in zip(self.places, self.pieces(), strict=True):
            yield pieces
            if block >= given_up + _GIVEN_UP_AT_ONCE:
                self.blocks[given_up:block] = [b""] * (block - given_up)
                given_up = block

    def pieces(self, blobs: Iterable[int] | None = None) -> Iterator[list[bytes]]:
        """The pieces of each blob of a closed packer, or of some, in the order of `places`."""
        first, ahead = 0, list[bytes]()  # unpacked blocks, from number `first` on
        for block, offset, size, span in self.places if blobs is None else map(self.places.__getitem__, blobs):
            if span > 1:
                yield _all_unpacked(self.blocks[block : block + span])
                continue
            if size and not first <= block < first + len(ahead):
                first, ahead = block, self._unpacked_from(block, _AT_ONCE // 2 if blobs is None else 1)
            yield [ahead[block - first][offset : offset + size] if size else b""]

    def _unpacked_from(self, block: int, wanted: int) -> list[bytes]:
        """Blocks from number `block` on, of about `wanted` compressed bytes."""
        end, found = block, 0
        while end < len(self.blocks) and found < wanted:
            found += len(self.blocks[end])
            end += 1
        return _all_unpacked(self.blocks[block:end])


class _DictionaryPacker(BlobPacker):
    """Packs each blob by itself, with a dictionary."""

    def __init__(self, dictionary: bytes) -> None:
        super().__init__(0)
        self._compressor = _dictionary_compressor(dictionary)

    def _own_compressor(self) -> zstandard.ZstdCompressor:
        return self._compressor


def meantime_packer() -> BlobPacker:
    """A packer for texts that `put_texts` will write later. It is quick, and may be pickled."""
    return BlobPacker(level=_MEANTIME_LEVEL)


def put_blobs(file: ContainerWriter, name: str, packer: BlobPacker) -> None:
    """Write the sections of a closed packer."""
    _put_blocks(file, name, ((block, [len(block)]) for block in packer.blocks))
    _put_places(file, name, packer.place_rows)


def dictionary_for(texts: BlobPacker, known: bytes = b"") -> bytes:
    """The dictionary with which to pack the texts of a closed packer: the one known, or a new one; empty for little text."""
    if sum(size for _, _, size, _ in texts.places) < LEAST_TEXT:
        return b""
    if known and _can_pack(known):
        return known
    return trained(pieces[0] for pieces in texts.pieces(chosen(len(texts.places))))


def _can_pack(dictionary: bytes) -> bool:
    """Whether texts can be packed with a dictionary. That of a forged index may be any bytes."""
    try:
        _dictionary_compressor(dictionary).compress(b"")
    except zstandard.ZstdError:
        return False
    return True


def put_texts(file: ContainerWriter, texts: PackedTexts) -> None:
    """Write texts."""
    _put_blocks(file, "texts", ((block, [len(block)]) for block in texts.blocks))
    _put_places(file, "texts", texts.places)
    _put_dictionary(file, texts.dictionary)


class PackedTexts(NamedTuple):
    """Texts as they stand in a segment: their blocks, the place of each text in them, and what they are packed with."""

    blocks: list[bytes]
    places: Array
    dictionary: bytes


def pack_texts(texts: BlobPacker, dictionary: bytes) -> PackedTexts:
    """The texts of a `meantime_packer`, which is used up, packed anew. dictionary: of `dictionary_for`, or of another segment.

    A thread may do that. It lets others run meanwhile.
    """
    packer = _packer(dictionary)
    blocks = [block for block, _ in packer.packing(texts.pieces_used_up())]
    return PackedTexts(blocks, packer.place_rows, dictionary)


def _packer(dictionary: bytes) -> BlobPacker:
    return _DictionaryPacker(dictionary) if dictionary else BlobPacker()


def _put_dictionary(file: ContainerWriter, dictionary: bytes) -> None:
    file.put("texts.dictionary", np.frombuffer(dictionary, np.uint8))


def _put_blocks(file: ContainerWriter, name: str, runs: Iterable[tuple[bytes, Sequence[int]]]) -> None:
    """runs: neighbouring blocks as one string of bytes, and the size of each block."""
    sizes: list[Array] = [np.zeros(0, np.int64)]

    def counted() -> Iterator[bytes]:
        for data, run_sizes in runs:
            sizes.append(np.array(run_sizes, np.int64))
            yield data

    file.stream(f"{name}.blocks", counted())
    file.put(f"{name}.ends", narrowest(np.cumsum(np.concatenate(sizes))))


def _put_places(file: ContainerWriter, name: str, places: Array) -> None:
    for column, section in enumerate(_COLUMNS):
        file.put(f"{name}.{section}", narrowest(places[:, column]))


class StoredBlobs:
    """Blobs by document id. Keeps the last few decompressed blocks. Threads may share it."""

    def __init__(self, container: Container, name: str) -> None:
        self._container = container
        self._name = name
        self._blocks = container.items(f"{name}.blocks")
        self._ends = container.items(f"{name}.ends")
        self._block, self._offset, self._size, self._span = (container.items(f"{name}.{each}") for each in _COLUMNS)
        self._cache: dict[int, bytes] = {}
        self._local = OfThread()
        self._verdicts: dict[int, bool] = {}  # block -> whether its checksum fits, where that was asked

    def __len__(self) -> int:
        return len(self._size)

    def release(self) -> None:
        """Let the system take back the memory of what was read."""
        self._container.release()

    @property
    def places(self) -> Array:
        """(block, offset, size, span) of each document's blob (int64, shape (documents, 4))."""
        return np.stack([self._container[f"{self._name}.{each}"].astype(np.int64) for each in _COLUMNS], axis=1)

    @property
    def sizes(self) -> Array:
        """The bytes of each document's blob."""
        return self._container[f"{self._name}.size"]

    @property
    def block_count(self) -> int:
        return len(self._ends)

    def compressed(self, block: int) -> bytes:
        """The compressed bytes of a block."""
        return bytes(self._blocks[self._ends[block - 1] if block else 0 : self._ends[block]])

    def runs(self, blocks: Array) -> Iterator[tuple[bytes, list[int]]]:
        """The compressed bytes of some blocks (ascending), and the size of each. Neighbours come in runs of _RUN_BYTES."""
        ends = np.asarray(self._ends).astype(np.int64)
        starts = starts_of(ends)
        sizes = (ends - starts)[blocks]
        cuts = np.flatnonzero((np.diff(blocks) != 1) | (np.diff(np.cumsum(sizes) // _RUN_BYTES) != 0)) + 1
        for first, last in pairwise([0, *cuts.tolist(), len(blocks)] if len(blocks) else []):
            yield bytes(self._blocks[starts[blocks[first]] : ends[blocks[last - 1]]]), sizes[first:last].tolist()

    @cached_property
    def in_pieces(self) -> Array:
        """The documents whose blobs are in pieces, ascending."""
        return np.flatnonzero(self._container[f"{self._name}.span"] > 1)

    def span(self, doc: int) -> int:
        """How many blocks the blob of a document has."""
        return self._span[doc]

    def piece(self, doc: int, number: int) -> bytes:
        """One piece of a blob. Raises IndexDamaged if it cannot be decompressed."""
        return self._decompressed(self._block[doc] + number, self._size[doc])

    @cached_property
    def dictionary(self) -> bytes:
        """What the frames need; empty if they need nothing. Raises IndexDamaged for one that was never written."""
        section = f"{self._name}.dictionary"
        if section not in self._container:
            return b""
        if self._container.count(section) > LONGEST:
            raise self._container.damaged(f"{section}: too long")
        return self._container.items(section).tobytes()

    @cached_property
    def _shared_dictionary(self) -> zstandard.ZstdCompressionDict:
        return zstandard.ZstdCompressionDict(self.dictionary)

    def _decompressor(self) -> zstandard.ZstdDecompressor:
        try:
            decompressor: zstandard.ZstdDecompressor = self._local.decompressor
        except AttributeError:
            if not self.dictionary:
                decompressor = _plain_decompressor()
            else:
                decompressor = zstandard.ZstdDecompressor(dict_data=self._shared_dictionary)
            self._local.decompressor = decompressor
        return decompressor

    def pieces(self, doc: int) -> list[bytes]:
        """The pieces of a blob, one for most. Raises IndexDamaged if it cannot be decompressed."""
        span = self._span[doc]
        return [self.piece(doc, number) for number in range(span)] if span > 1 else [self[doc]]

    def _unpacked(self, block: int, size: int) -> bytes:
        """A block that holds a blob of `size` bytes, or a piece of one."""
        try:
            frame = self._blocks[self._ends[block - 1] if block else 0 : self._ends[block]]
            claimed = zstandard.frame_content_size(frame)
            if not _may_have(claimed, size):
                raise self._container.damaged(f"stored text: a block claims {claimed} bytes")
            return self._decompressor().decompress(frame)
        except (zstandard.ZstdError, IndexError) as error:
            raise self._container.damaged(f"stored text: {error}") from error

    def _decompressed(self, block: int, size: int) -> bytes:
        cached = self._cache.get(block)
        if cached is None:
            cached = self._unpacked(block, size)
            while len(self._cache) >= _CACHED_BLOCKS:
                # Two threads may drop the same entry. The second finds it gone, which does no harm.
                self._cache.pop(next(iter(self._cache), -1), None)
            self._cache[block] = cached
        return cached

    def is_sound(self, doc: int) -> bool:
        """Whether each block of a document's blob has a checksum, and is as it was written. The places must be sound."""
        block, size = self._block[doc], self._size[doc]
        return all(self._has_right_checksum(number, size) for number in range(block, block + self._span[doc]))

    def _has_right_checksum(self, block: int, size: int) -> bool:
        if block not in self._verdicts:
            try:
                frame = self.compressed(block)
                said = zstandard.get_frame_parameters(frame)
                sound = (
                    said.has_checksum
                    and _may_have(said.content_size, size)
                    and bool(self._decompressor().decompress(frame))
                )
            except (zstandard.ZstdError, IndexError):
                sound = False
            self._verdicts[block] = sound
        return self._verdicts[block]

    def __getitem__(self, doc: int) -> bytes:
        """The blob of the document. Raises IndexDamaged if it cannot be decompressed."""
        size = self._size[doc]
        if not size:
            return b""
        block, span = self._block[doc], self._span[doc]
        if span == 1:
            start, blob = self._offset[doc], self._decompressed(block, size)
            if start or len(blob) != size:
                blob = blob[start : start + size]
        else:
            blob = b"".join(self._unpacked(number, size) for number in range(block, block + span))
        if len(blob) != size:
            raise self._container.damaged("stored text is cut")
        return blob


# A merge packs a block anew if a smaller share of it than this is live.
_KEPT_SHARE = 0.5


def put_merged(
    file: ContainerWriter, name: str, sources: Sequence[tuple[StoredBlobs, Array]], dictionary: bytes = b""
) -> int:
    """Write blobs of several sources, one source after another. Returns the bytes of all blobs before compression.

    Blocks are copied as they are, unless little of them is wanted, or their dictionary is another one.

    Parameters:
      file: the new file.
      name: the name of the sections.
      sources: stored blobs, and the documents to take from them (ascending).
      dictionary: what the blobs are packed with.
    """
    places: list[Array] = [np.zeros((0, 4), np.int64)]

    def blocks() -> Iterator[tuple[bytes, list[int]]]:
        count = 0
        for stored, docs in sources:
            copied, left, own = _moved(stored, docs, count, stored.dictionary == dictionary)
            for run in stored.runs(copied):
                yield run
                stored.release()  # memory does not grow with the file
            count += len(copied)
            packer = _packer(dictionary)
            yield from packer.packing(_pieces_of(stored, docs[left]))
            own[left] = packer.place_rows
            own[left, 0] += count
            count += packer.block_count
            places.append(own)
            stored.release()

    _put_blocks(file, name, blocks())
    merged = np.concatenate(places)
    _put_places(file, name, merged)
    return int(merged[:, 2].sum())


def _pieces_of(stored: StoredBlobs, docs: Array) -> Iterator[list[bytes]]:
    for place, doc in enumerate(docs.tolist()):
        yield stored.pieces(doc)
        if not place % 1_000:
            stored.release()


def put_merged_texts(file: ContainerWriter, sources: Sequence[tuple[StoredBlobs, Array]]) -> int:
    """Write texts of several sources as `put_merged` does, with the dictionary of the source of which most is taken.

    If none has one, a dictionary is made for them, unless there is too little text. Returns the bytes of all texts.
    """
    sizes = [int(stored.sizes[docs].sum(dtype=np.int64)) for stored, docs in sources]
    dictionary = b""
    if sum(sizes) >= LEAST_TEXT:
        packed = [size if stored.dictionary else 0 for (stored, _), size in zip(sources, sizes, strict=True)]
        dictionary = sources[packed.index(max(packed))][0].dictionary
        if not dictionary or not _can_pack(dictionary):
            dictionary = trained(_samples(sources))
    size = put_merged(file, "texts", sources, dictionary)
    _put_dictionary(file, dictionary)
    return size


def _samples(sources: Sequence[tuple[StoredBlobs, Array]]) -> Iterator[bytes]:
    count = sum(len(docs) for _, docs in sources)
    wanted = chosen(count)
    first = 0
    for stored, docs in sources:
        for place in range(-first % wanted.step, len(docs), wanted.step):
            yield stored.pieces(int(docs[place]))[0]
        first += len(docs)
        stored.release()


def _moved(stored: StoredBlobs, docs: Array, first_block: int, may_copy: bool) -> tuple[Array, Array, Array]:
    """(blocks to copy, which of the documents must be packed anew, places of the others). Places count from `first_block` on.

    may_copy: whether the blocks can be read as they are in the new file.
    """
    every = stored.places
    own = every[docs]
    whole = np.bincount(every[:, 0], every[:, 2], stored.block_count)
    wanted = np.bincount(own[:, 0], own[:, 2], stored.block_count)
    copied = (wanted > 0) & (wanted >= _KEPT_SHARE * whole)
    long = own[own[:, 3] > 1]
    # No other blob has a share in the blocks of a blob in pieces.
    copied[value_indices(long[:, 0], long[:, 3])] = True
    copied &= may_copy
    numbers = np.cumsum(copied) - 1 + first_block
    # Empty blobs have no place.
    full = np.flatnonzero(own[:, 2])
    stays = full[copied[own[full, 0]]]
    places = np.zeros_like(own)
    places[stays] = own[stays]
    places[stays, 0] = numbers[own[stays, 0]]
    return np.flatnonzero(copied), full[~copied[own[full, 0]]], places
