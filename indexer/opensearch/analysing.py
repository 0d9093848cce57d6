"""Has documents analysed in batches, by workers if there are any, before they go to a cluster."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from .. import core
from ..document import Document
from ..fields import Schema
from ..writing.batch import BATCH_CHARS, BATCH_DOCUMENTS, AnalysedBatch, analyse
from ..writing.document_buffer import ANALYSING_THREADS, DESCRIBED_AHEAD
from ..writing.vocabulary import Described, describe
from ..writing.workers import OrderedWorkers, ThreadPool, WorkerPool

Describing: TypeAlias = "OrderedWorkers[Sequence[str], Described]"


class Analysing:
    """Documents that wait for their analysis, and those who do it."""

    def __init__(self, jobs: int) -> None:
        """jobs: processes that work; 1 means this one alone."""
        self.pool = WorkerPool(jobs)
        # The core does most of the work, and lets go of the interpreter. So threads do, which share all tables.
        in_threads = core.is_used and not self.pool.is_here
        self._analysing = ThreadPool(min(jobs - 1, ANALYSING_THREADS)) if in_threads else self.pool
        self._describing = ThreadPool(1) if in_threads else self.pool
        self._workers: OrderedWorkers[tuple[list[Document], Schema], AnalysedBatch] = OrderedWorkers(
            _analyse, self._analysing
        )
        self._waiting: list[Document] = []
        self._chars = 0

    def describing(self) -> Describing:
        """Workers for a vocabulary: they describe its forms."""
        return OrderedWorkers(describe, self._describing, ahead=DESCRIBED_AHEAD)

    def reset(self) -> None:
        """Forget all documents."""
        self._workers.close()
        self._describing.close()
        self._waiting, self._chars = [], 0

    stop = reset

    def put(self, document: Document) -> bool:
        """Let a document wait. Returns whether a batch is full: call `submit` then."""
        self._waiting.append(document)
        self._chars += len(document.text)
        return self._chars >= BATCH_CHARS or len(self._waiting) >= BATCH_DOCUMENTS

    def submit(self, schema: Schema) -> list[AnalysedBatch]:
        """Have the waiting documents analysed. Returns batches that are done, in order."""
        if not self._waiting:
            return []
        documents, self._waiting, self._chars = self._waiting, [], 0
        return self._workers.put((documents, schema))

    def drain(self) -> list[AnalysedBatch]:
        """Wait until all that was submitted is analysed. Returns it."""
        return self._workers.drain()


def _analyse(given: tuple[list[Document], Schema]) -> AnalysedBatch:
    """Analyse documents. Worker processes run this."""
    return analyse(*given)
