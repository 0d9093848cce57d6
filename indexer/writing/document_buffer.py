"""Documents on their way from `Writer.add` to segments: analysed in batches, gathered in memory, written when they are many."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path

from .. import core
from ..conditions import Condition
from ..document import Document
from ..fields import Schema, Stored, kind_of
from .batch import BATCH_CHARS, BATCH_DOCUMENTS, AnalysedBatch, analyse
from .segment_builder import SegmentBuilder, SegmentContent, write_content
from .vocabulary import CAPACITY, Described, Vocabulary, describe
from .workers import OrderedWorkers, ThreadPool, WorkerPool

# Documents in memory are written when they have this many tokens or bytes of text. Each segment more costs a merge.
FLUSH_TOKENS = 3_500_000
FLUSH_TEXT_BYTES = 128_000_000
# A smaller segment is written in this process. Handing it to a worker would take as long.
SMALL_SEGMENT_TOKENS = 100_000
# More threads would wait for each other: a third of what they do needs the interpreter.
ANALYSING_THREADS = 2
DESCRIBED_AHEAD = 6


class DocumentBuffer:
    """Documents that are not in a segment yet. It knows no index: who calls says where a segment is written, and takes it.

    dictionary: that of stored texts. Segments with the same one are merged without unpacking.
    schema: of the fields of the application.
    """

    def __init__(self, pool: WorkerPool, flush_tokens: int) -> None:
        """Parameters:
        pool: the processes that work.
        flush_tokens: tokens in memory at which a segment is due.
        """
        self._pool = pool
        self._flush_tokens = flush_tokens
        # The core does most of what these do, and lets go of the interpreter. So threads do, which share all tables.
        in_threads = core.is_used and not pool.is_here
        analysing = ThreadPool(min(pool.jobs - 1, ANALYSING_THREADS)) if in_threads else pool
        self._describers = ThreadPool(1) if in_threads else pool
        self._workers: OrderedWorkers[tuple[list[Document], Schema], AnalysedBatch] = OrderedWorkers(
            _analyse, analysing
        )
        self._segment_writes: OrderedWorkers[tuple[Path, SegmentContent], Path] = OrderedWorkers(
            write_content, ThreadPool(1) if in_threads else pool, ahead=1
        )
        self._vocabulary = self._new_vocabulary()
        self.reset(b"", {})

    def reset(self, dictionary: bytes, schema: Schema) -> None:
        """Forget all documents. dictionary: that of the texts of the index; empty if it has none."""
        self.dictionary = dictionary
        self.schema = schema
        self._waiting: list[Document] = []
        self._waiting_chars = 0
        self._builder = SegmentBuilder(self._vocabulary)
        self._full: deque[SegmentBuilder] = deque()  # closed builders that wait until all their forms are described
        self._unwritten: deque[Collection[str]] = deque()

    def stop(self) -> None:
        """Stop the workers. What they had in hand is lost."""
        self._segment_writes.close()
        self._workers.close()
        self._describers.close()
        self._pool.close()

    def forget_words(self) -> None:
        """Have no vocabulary any more. The old one takes memory, and waits for answers of workers that are stopped."""
        self._vocabulary = self._new_vocabulary()
        self._builder = SegmentBuilder(self._vocabulary)

    def _describing(self) -> OrderedWorkers[Sequence[str], Described]:
        # Most forms are new at the beginning. So their lemmas may lag behind the texts: a batch of forms takes little memory.
        return OrderedWorkers(describe, self._describers, ahead=DESCRIBED_AHEAD)

    def _new_vocabulary(self) -> Vocabulary:
        return Vocabulary(self._describing())

    # Documents come in.

    def put(self, document: Document) -> bool:
        """Let a document wait for its analysis. Returns whether a batch is full: call `submit` then."""
        self._waiting.append(document)
        self._waiting_chars += len(document.text)
        return self._waiting_chars >= BATCH_CHARS or len(self._waiting) >= BATCH_DOCUMENTS

    def submit(self) -> list[AnalysedBatch]:
        """Have the waiting documents analysed. Returns batches that are done."""
        if not self._waiting:
            return []
        batch, self._waiting, self._waiting_chars = self._waiting, [], 0
        return self._workers.put((batch, self.schema))

    def drain(self) -> list[AnalysedBatch]:
        """Wait until everything that was submitted is analysed. Returns it."""
        return self._workers.drain()

    def take(self, batch: AnalysedBatch) -> bool:
        """Gather an analysed batch. Returns whether it is time to `flush`."""
        self._builder.add(batch)
        return self._builder.token_count >= self._flush_tokens or self._builder.text_bytes >= FLUSH_TEXT_BYTES

    def discard(self, doc_id: str) -> bool:
        """Drop a gathered document, if no segment is being made of it. Returns whether there was one."""
        return self._builder.discard(doc_id)

    def update(self, doc_id: str, values: Mapping[str, tuple[Stored, ...]]) -> bool:
        """Give a gathered document other values of fields. Returns whether there is one, of which no segment is being made."""
        kinds = {name: kind.kind for name in values if (kind := kind_of(self.schema, name)) is not None}
        return self._builder.update(doc_id, values, kinds)

    def holds(self, doc_id: str) -> bool:
        """Whether there is a gathered document with this id, of which no segment is being made."""
        return doc_id in self._builder

    def discard_where(self, condition: Condition) -> int:
        """Drop the gathered documents that a condition holds for. Returns how many. None may be on its way into a segment."""
        return self._builder.discard_where(condition, self.schema)

    @property
    def is_writing(self) -> bool:
        """Whether there are documents of which segments are being made. They are not in any segment of the writer yet."""
        return bool(self._unwritten)

    def writes(self, doc_id: str) -> bool:
        """Whether a document is one of those."""
        return any(doc_id in ids for ids in self._unwritten)

    @property
    def origins(self) -> dict[str, bool]:
        """The id of each gathered document -> whether a sync added it. Those of which segments are being made are missing."""
        return self._builder.origins

    # Segments go out.

    def flush(self, new_path: Callable[[], Path]) -> Iterator[Path]:
        """Write the gathered documents as a segment. Workers, if any, write large ones. Gives the segments that are written.

        new_path: gives the path of a new segment.
        """
        builder = self._builder
        if builder.token_count < SMALL_SEGMENT_TOKENS:
            yield from self.finish(new_path)
            if len(builder):
                path = new_path()
                builder.write(path, self.dictionary)
                yield path
        elif len(builder):
            self._unwritten.append(builder.ids)
            self._full.append(builder)
            builder.close()
        if len(self._vocabulary) >= CAPACITY:
            self._vocabulary = self._vocabulary.successor(self._describing())
        self._builder = SegmentBuilder(self._vocabulary)

    def write_full(self, new_path: Callable[[], Path], *, wait: bool) -> Iterator[Path]:
        """Have the full builders written. Builders whose forms are not described yet are written only if `wait`."""
        while self._full and (wait or self._full[0].is_described):
            content = self._full.popleft().content(self.dictionary)
            self.dictionary = content.dictionary or self.dictionary
            core.release_memory()  # what the tokens took before they were sorted
            for path in self._segment_writes.put((new_path(), content)):
                yield self._written(path)

    def finish(self, new_path: Callable[[], Path]) -> Iterator[Path]:
        """Wait for the segments that are being written. Gives them."""
        yield from self.write_full(new_path, wait=True)
        for path in self._segment_writes.drain():
            yield self._written(path)

    def _written(self, path: Path) -> Path:
        self._unwritten.popleft()
        core.release_memory()  # what the segment took; without this, the peak is a fifth higher
        return path


def _analyse(given: tuple[list[Document], Schema]) -> AnalysedBatch:
    """Analyse documents. Worker processes run this."""
    return analyse(*given)
