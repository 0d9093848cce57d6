"""Builds an index anew from its stored documents, whatever its format and analysis."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ..codec.older_formats import OlderSegment
from ..codec.segment import Segment
from ..document import Document
from ..errors import IndexDamaged, NaidiError
from ..state.generations import StoredGeneration, open_stored, read_current
from .batch import BATCH_CHARS, BATCH_DOCUMENTS, AnalysedBatch, analyse
from .workers import WORKER_BYTES, OrderedWorkers
from .writer import Writer


def reanalyse(
    directory: str | Path,
    *,
    jobs: int = 1,
    lock_timeout: float = 5.0,
    lost: Callable[[str, str], None] | None = None,
) -> None:
    """Build the index in `directory` anew from what it has stored: documents, folders, notes of their files.

    The index may be of any format and analysis. The old state answers searches until the commit.

    Parameters:
      directory: the index directory.
      jobs, lock_timeout: as for a Writer.
      lost: called as lost(id, reason) for each document that cannot be read any more. Without it, such a document raises
        IndexDamaged.

    Raises IndexMissing, IndexDamaged, IndexLocked, and IndexOutdated for an index of a later naidi. The index is then as it
    was.
    """
    read_current(Path(directory))  # raises if there is no index: none is created
    with Writer(directory, jobs=jobs, lock_timeout=lock_timeout, rebuild=True) as writer:
        old = open_stored(writer.directory)
        if old.damage is not None:
            raise old.damage  # an earlier state lacks the last commit
        carry_over(writer, old, lambda doc_id, synced: True, lost or _refuse)
        writer.roots.update({root: dict(noted) for root, noted in old.manifest.roots.items()})
        sources = old.read_sources()
        if sources:
            writer.write_sources(sources)


def _refuse(doc_id: str, reason: str) -> None:
    raise IndexDamaged(f"document {doc_id!r} cannot be read: {reason}")


class _Group(NamedTuple):
    documents: list[Document]
    synced: bool


def carry_over(
    writer: Writer,
    old: StoredGeneration,
    wanted: Callable[[str, bool], bool],
    lost: Callable[[str, str], None],
) -> None:
    """Add to `writer` the documents of `old` for which wanted(id, synced) holds, analysed anew from their stored texts.

    lost(id, reason) is called for each document that cannot be read any more.
    """
    many = sum(entry.text_bytes for entry in old.manifest.segments) >= WORKER_BYTES
    workers: OrderedWorkers[_Group, AnalysedBatch] = OrderedWorkers(_analysed, writer.pool if many else 1)
    for group in _groups(old, wanted, lost):
        for batch in workers.put(group):
            writer.add_analysed(batch)
    for batch in workers.drain():
        writer.add_analysed(batch)


def _groups(
    old: StoredGeneration, wanted: Callable[[str, bool], bool], lost: Callable[[str, str], None]
) -> Iterator[_Group]:
    waiting: dict[bool, list[Document]] = {False: [], True: []}
    chars = {False: 0, True: 0}
    for segment, deleted in zip(old.segments, old.deleted, strict=True):
        for doc in np.flatnonzero(~deleted).tolist():
            doc_id = f"document {doc} of {segment.name}"
            try:
                doc_id = str(segment.record(doc)["id"])
                synced = bool(segment.synced[doc])
                if not wanted(doc_id, synced):
                    continue
                document = stored_document(segment, doc)
            except (NaidiError, IndexError, KeyError, TypeError, ValueError, OverflowError) as error:
                lost(doc_id, str(error))
                continue
            waiting[synced].append(document)
            chars[synced] += len(document.text)
            if chars[synced] >= BATCH_CHARS or len(waiting[synced]) >= BATCH_DOCUMENTS:
                yield _Group(waiting[synced], synced)
                waiting[synced], chars[synced] = [], 0
    for synced, documents in waiting.items():
        if documents:
            yield _Group(documents, synced)


def _analysed(group: _Group) -> AnalysedBatch:
    """Analyse a group. Worker processes run this."""
    batch = analyse(group.documents)
    batch.synced = group.synced
    return batch


def stored_document(segment: Segment | OlderSegment, doc: int) -> Document:
    """The document as it was added. If it cannot be read, raises IndexDamaged, ValueError or another error."""
    record = segment.record(doc)
    ordinal = int(segment.dates[doc])
    return Document(
        id=record["id"],
        text=segment.text(doc),
        title=record["title"],
        date=date.fromordinal(ordinal) if ordinal else None,
        path=record["path"],
        meta=record["meta"],
        language=record.get("language"),
    )
