"""Analyses the stored documents of an old generation anew, for an index that is being rebuilt."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

import numpy as np

from ..codec.segment import Segment
from ..document import Document
from ..errors import NaidiError
from ..state.generations import Generation
from .batch import BATCH_CHARS, BATCH_DOCUMENTS, AnalysedBatch, analyse


def carry_over(
    old: Generation, wanted: Callable[[str, bool], bool], lost: Callable[[str, str], None]
) -> Iterator[AnalysedBatch]:
    """The documents of `old` for which wanted(id, synced) holds, analysed anew from their stored texts.

    lost(id, reason) is called for each document that cannot be read any more.
    """
    waiting: dict[bool, list[Document]] = {False: [], True: []}
    chars = 0
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
            chars += len(document.text)
            if chars >= BATCH_CHARS or len(waiting[synced]) >= BATCH_DOCUMENTS:
                yield from _analysed(waiting)
                chars = 0
    yield from _analysed(waiting)


def _analysed(waiting: dict[bool, list[Document]]) -> Iterator[AnalysedBatch]:
    for synced, documents in waiting.items():
        if documents:
            batch = analyse(documents)
            batch.synced = synced
            documents.clear()
            yield batch


def stored_document(segment: Segment, doc: int) -> Document:
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
