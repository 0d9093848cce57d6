"""Builds an index anew from its stored documents, whatever its format and analysis."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from ..document import Document
from ..errors import IndexDamaged, IndexOutdated, advised
from ..fields import Schema
from ..messages import message, sentence
from ..state.generations import read_current
from ..state.losses import Losses, settle
from ..state.manifest import WITHOUT_TEXTS
from ..state.stored import UNREADABLE, Lost, StoredDocuments, id_of, open_stored
from .batch import BATCH_CHARS, BATCH_DOCUMENTS, AnalysedBatch, analyse
from .stored_document import stored_document
from .workers import WORKER_BYTES, OrderedWorkers
from .writer import Writer

# An error names at most this many lost documents.
_NAMED_DOCUMENTS = 20


class Progress(NamedTuple):
    """How far a run has come.

    files, bytes: files or stored documents that are done, and their bytes.
    total_files, total_bytes: those that it has to analyse.
    """

    files: int
    bytes: int
    total_files: int
    total_bytes: int


def reanalyse(
    directory: str | Path,
    *,
    jobs: int = 1,
    lock_timeout: float = 5.0,
    progress: Callable[[Progress], None] | None = None,
    accept: Callable[[Losses], object] | None = None,
) -> int:
    """Build the index in `directory` anew from what it has stored: documents, folders, notes of their files.

    The index may be of any format and analysis. Every byte is verified before it is used. The old state answers searches until
    the commit.

    Parameters:
      directory: the index directory.
      jobs, lock_timeout: as for a Writer.
      progress: called with a Progress after each group of documents.
      accept: called with what has become of damaged documents, before the commit. Without it, a damaged document raises
        IndexDamaged, which names it.

    Returns how many documents the new state has.
    Raises IndexMissing, IndexDamaged, IndexLocked, and IndexOutdated for an index of a later naidi. The index is then as it
    was.
    """
    mode = 0o777
    with suppress(IndexDamaged, FileNotFoundError):
        name, _ = read_current(Path(directory))  # raises if there is no index: none is created
        mode = stat.S_IMODE(
            os.stat(Path(directory, name)).st_mode
        )  # who could not read it must not be able to from now on
    with Writer(directory, jobs=jobs, lock_timeout=lock_timeout, rebuild=True, mode=mode) as writer:
        old = open_stored(writer.directory)
        if accept is None:
            refuse_loss(old)
        damaged, sound = list(old.lost), set[str]()

        def wanted(doc_id: str, synced: bool) -> bool:
            sound.add(doc_id)
            return True

        carry_over(writer, old, wanted, None if accept is None else damaged.append, progress)
        if old.manifest is not None:
            writer.roots.update({root: dict(noted) for root, noted in old.manifest.roots.items()})
        if old.sources:
            writer.write_sources(old.sources)
        present = writer.document_origins()
        if accept is not None:
            accept(settle(damaged, present, listed={}, sound=sound))
        return len(present)


def refuse_loss(old: StoredDocuments) -> None:
    """Raise IndexDamaged, with the names of the documents that are damaged, unless everything is as it was written."""
    if old.damage is None:
        return
    names = [repr(str(each)) for each in old.lost[:_NAMED_DOCUMENTS]]
    if len(old.lost) > _NAMED_DOCUMENTS:
        more = len(old.lost) - _NAMED_DOCUMENTS
        known = message("{names}, {count:,} more", names=", ".join(names), count=more)
        raise IndexDamaged(
            message("{damage} (damaged documents: {known})", damage=old.damage, known=known)
        ) from old.damage
    if names:
        named = ", ".join(names)
        raise IndexDamaged(
            message("{damage} (damaged documents: {known})", damage=old.damage, known=named)
        ) from old.damage
    raise IndexDamaged(sentence(old.damage)) from old.damage


def _refuse(damaged: Lost) -> None:
    raise IndexDamaged(
        advised(message("document {name!r} cannot be read: {reason}", name=damaged.name, reason=damaged.reason))
    )


class _Group(NamedTuple):
    documents: list[Document]
    synced: bool
    schema: Schema


def carry_over(
    writer: Writer,
    old: StoredDocuments,
    wanted: Callable[[str, bool], bool],
    damaged: Callable[[Lost], object] | None,
    progress: Callable[[Progress], None] | None = None,
) -> None:
    """Add to `writer` the documents of `old` for which wanted(id, synced) holds, analysed anew from their stored texts.

    damaged: called for each document that cannot be read although its bytes are as they were written. None: such a document raises
      IndexDamaged.
    """
    total = Progress(0, 0, sum(len(part.docs) for part in old.segments), sum(part.text_bytes for part in old.segments))
    done = total
    workers: OrderedWorkers[_Group, AnalysedBatch] = OrderedWorkers(
        _analysed, writer.pool if total.total_bytes >= WORKER_BYTES else 1
    )

    def add(batches: list[AnalysedBatch]) -> None:
        nonlocal done
        for batch in batches:
            writer.add_analysed(batch)
            done = done._replace(
                files=done.files + len(batch.ids), bytes=min(done.bytes + batch.text_bytes, done.total_bytes)
            )
            if progress is not None:
                progress(done)

    if old.manifest is not None:
        writer.extend_schema(old.manifest.schema)
    for group in _groups(old, wanted, damaged or _refuse):
        add(workers.put(group))
    add(workers.drain())


def _groups(
    old: StoredDocuments, wanted: Callable[[str, bool], bool], damaged: Callable[[Lost], object]
) -> Iterator[_Group]:
    waiting: dict[bool, list[Document]] = {False: [], True: []}
    chars = {False: 0, True: 0}
    has_texts = old.manifest is None or old.manifest.store_texts
    schema = {} if old.manifest is None else old.manifest.schema
    for segment, docs, _, column_file in old.segments:
        for doc in docs.tolist():
            doc_id, synced = "", False
            try:
                doc_id = id_of(segment, doc)
                synced = bool(segment.synced[doc])
                if not wanted(doc_id, synced):
                    continue
                values = {} if column_file is None else column_file.values_of(doc)
                document = stored_document(segment, doc, values, schema) if has_texts else None
            except UNREADABLE as error:
                name = doc_id or message("document {doc} of {name}", doc=doc, name=segment.name)
                damaged(Lost(name, synced, sentence(error)))
                continue
            if document is None:
                raise IndexOutdated(
                    message(
                        "document {doc_id!r} cannot be analysed anew; {without_texts}",
                        doc_id=doc_id,
                        without_texts=WITHOUT_TEXTS,
                    )
                )
            waiting[synced].append(document)
            chars[synced] += len(document.text)
            if chars[synced] >= BATCH_CHARS or len(waiting[synced]) >= BATCH_DOCUMENTS:
                yield _Group(waiting[synced], synced, schema)
                waiting[synced], chars[synced] = [], 0
    for synced, documents in waiting.items():
        if documents:
            yield _Group(documents, synced, schema)


def _analysed(group: _Group) -> AnalysedBatch:
    """Analyse a group. Worker processes run this."""
    batch = analyse(group.documents, group.schema)
    batch.synced = group.synced
    return batch
