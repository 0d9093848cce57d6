"""Brings an index in a cluster up to date: its words by this version of the analysis, its documents by its rules for words."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from ..document import Document
from ..errors import IndexOutdated, NotSupported
from ..fields import Schema
from ..messages import message
from ..writing.batch import BATCH_CHARS, BATCH_DOCUMENTS, AnalysedBatch, analyse
from ..writing.reanalyse import Progress
from ..writing.upgrade import UpgradeReport
from ..writing.workers import OrderedWorkers
from .address import ClusterAddress
from .cluster import Cluster, connect
from .documents import SYNC_FIELDS, stored_document
from .mapping import DocumentsState, documents_state, token_fingerprint, words_state
from .rebuild import rebuild_words
from .writer import ClusterWriter

_EVERY: dict[str, Any] = {"match_all": {}}
_SCAN_PAGE = 200  # documents with their texts


class _Group(NamedTuple):
    """Some stored documents, and what is noted of each."""

    documents: list[Document]
    notes: list[dict[str, Any]]
    size: int


def upgrade(
    address: str | ClusterAddress,
    *,
    jobs: int = 1,
    progress: Callable[[Progress], None] | None = None,
    anew: bool = False,
) -> UpgradeReport:
    """Bring an index up to date, as `naidi.upgrade` does with a directory.

    If another version of the analysis made its words, they are made anew, and the documents stay. If other rules found the words in
    texts, all stored documents are analysed anew, into new indices; what other writers add meanwhile is lost then. Searches
    answer from the old state until the end.

    Parameters:
      address: of the index.
      jobs: worker processes, as for a ClusterWriter.
      progress: called with a Progress after each group of words or documents; words count as files without bytes.
      anew: analyse all documents anew in any case. That counts anew, too, how many have each word.

    Returns an UpgradeReport. Raises IndexMissing, IndexOutdated for an index of another format, NotSupported if documents must be
    analysed anew and the index stores no texts, and what `connect` raises. The index is then as it was.
    """
    with connect(address) as cluster:
        state = documents_state(cluster, any_rules=True)
        count = cluster.count(state.name, _EVERY)
        has_words = bool(cluster.indices_of(cluster.words))
        if anew or not has_words or state.rules != token_fingerprint():
            if not state.store_texts:
                raise NotSupported(
                    message(
                        "{place}: the texts of this index are not stored: give its documents again, to a writer with "
                        "rebuild=True",
                        place=cluster.address.shown,
                    )
                )
            reason = (
                message("as asked")
                if anew
                else message("made by other rules for words")
                if has_words
                else message("its words were missing")
            )
            return UpgradeReport(reason, _analysed_anew(cluster, state, count, jobs, progress))
        if words_state(cluster).is_current:
            return UpgradeReport(None, count)
        total = cluster.count(cluster.words, _EVERY)

        def tell(done: int) -> None:
            if progress is not None:
                progress(Progress(done, 0, max(done, total), 0))

        rebuild_words(cluster, progress=tell)
        return UpgradeReport(message("its words were made by another version of the analysis"), count)


def _analysed_anew(
    cluster: Cluster, state: DocumentsState, total: int, jobs: int, progress: Callable[[Progress], None] | None
) -> int:
    """Put new indices, made from the stored documents, in the place of the old ones. Returns how many documents there are."""
    done = size = 0
    with ClusterWriter(cluster.address, jobs=jobs, rebuild=True, schema=state.schema, store_texts=True) as writer:
        workers: OrderedWorkers[tuple[list[Document], Schema], AnalysedBatch] = OrderedWorkers(
            _analysed, writer.pool if jobs > 1 else 1
        )
        waiting: deque[_Group] = deque()

        def take(batches: list[AnalysedBatch]) -> None:
            nonlocal done, size
            for batch in batches:
                group = waiting.popleft()
                # With the mark of a sync, values of fields would be looked for in the new index. The notes have the mark.
                writer.add_analysed(batch, notes=group.notes)
                done, size = done + len(group.documents), size + group.size
                if progress is not None:
                    progress(Progress(done, size, max(done, total), size))

        for group in _groups(cluster, state):
            waiting.append(group)
            take(workers.put((group.documents, state.schema)))
        take(workers.drain())
        writer.commit()
        return cluster.count(cluster.documents, _EVERY)


def _groups(cluster: Cluster, state: DocumentsState) -> Iterator[_Group]:
    group = _Group([], [], 0)
    for hit in cluster.scan(state.name, page=_SCAN_PAGE):
        source = hit["_source"]
        try:
            document = stored_document(source, state.schema)
        except (KeyError, TypeError, ValueError) as error:
            raise IndexOutdated(
                message(
                    "{place}: document {id!r} cannot be read: {error}",
                    place=cluster.address.shown,
                    id=hit["_id"],
                    error=error,
                )
            ) from None
        notes = {name: source[name] for name in ("synced", *SYNC_FIELDS) if name in source}
        group = _Group([*group.documents, document], [*group.notes, notes], group.size + len(document.text))
        if group.size >= BATCH_CHARS or len(group.documents) >= BATCH_DOCUMENTS:
            yield group
            group = _Group([], [], 0)
    if group.documents:
        yield group


def _analysed(given: tuple[list[Document], Schema]) -> AnalysedBatch:
    """Analyse documents. Worker processes run this."""
    return analyse(*given)
