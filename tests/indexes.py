"""Building indexes for tests, looking into them, and damaging them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from naidi.indexer.codec.container import Container
from naidi.indexer.codec.stored import BlobPacker
from naidi.indexer.document import Document
from naidi.indexer.state.generations import open_generation
from naidi.indexer.writing.writer import Writer
from naidi.search.open_index import open_index


def documents(*texts: str) -> list[Document]:
    """Documents with the ids "0", "1", ... and these texts."""
    return [Document(id=str(number), text=text) for number, text in enumerate(texts)]


def build(directory: Path, docs: Iterable[Document]) -> None:
    """Add the documents to the index in one commit."""
    with Writer(directory) as writer:
        writer.add_many(docs)


def pack(blobs: Iterable[bytes]) -> BlobPacker:
    """A closed packer of the blobs."""
    packer = BlobPacker()
    for blob in blobs:
        packer.add(blob)
    packer.close_block()
    return packer


def contents(directory: Path) -> dict[str, str]:
    """id -> text of every live document."""
    generation = open_generation(directory)
    found = {}
    for segment, deleted in zip(generation.segments, generation.deleted, strict=True):
        for doc in range(segment.doc_count):
            if not deleted[doc]:
                doc_id = segment.record(doc)["id"]
                assert doc_id not in found
                assert segment.ids[int(segment.id_ranks[doc])] == doc_id
                found[doc_id] = segment.text(doc)
    assert len(found) == generation.manifest.doc_count
    return found


def verify(directory: Path) -> None:
    """Check the live generation byte by byte; raises IndexDamaged as `naidi verify` would."""
    generation = open_generation(directory)
    if generation.damage is not None:
        raise generation.damage
    generation.verify()


def answers(directory: Path, queries: Iterable[str]) -> dict[str, tuple[int, dict[str, float]]]:
    """query -> (total, id -> score)."""
    with open_index(directory) as searcher:
        found = {}
        for query in queries:
            results = searcher.search(query, limit=1000, snippets=0)
            found[query] = (results.total, {hit.id: round(hit.score, 9) for hit in results.hits})
        return found


def live_directory(directory: Path) -> Path:
    """The directory of the live generation."""
    return directory / (directory / "CURRENT").read_text().split()[0]


def replace_file(path: Path, data: bytes) -> None:
    """Give the file another content, leaving those alone that share it by hard links."""
    path.unlink()
    path.write_bytes(data)


def flip_byte(path: Path, place: int) -> None:
    """Alter a byte of a file in place, for all that share the file by hard links."""
    with open(path, "r+b") as file:
        file.seek(place)
        (byte,) = file.read(1)
        file.seek(place)
        file.write(bytes([byte ^ 0xFF]))


def section_start(path: Path, name: str) -> int:
    """Where a section of a segment begins in its file."""
    return Container(path)._table[name][0]


def write_old(path: Path, text: str | bytes, seconds: float = 60.0) -> None:
    """Write a file that was last changed some time ago."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    changed = path.stat().st_mtime - seconds
    os.utime(path, (changed, changed))
