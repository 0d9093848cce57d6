"""A merge that runs beside the writer, in a thread: of committed segments, into a folder of its own.

The writer goes on meanwhile: it adds, deletes and commits. When the merge is done, its segment takes the place of its sources in
the next commit, and what was deleted of them meanwhile is deleted there too. Up to that moment nothing depends on the merge, so
that it may fail, be stopped or be killed.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

from .. import core
from ..codec.check import blame
from ..codec.container import Array, Container
from ..codec.merge import merge_segments
from ..codec.ragged import Indices
from ..codec.segment import Segment
from ..state.manifest import FileEntry
from .left_frames import let_go
from .segment_states import SegmentState


class MergeStopped(Exception):
    """The writer wants no result any more."""


class BackgroundMerge:
    """A merge of segments.

    path: the new segment.
    names: the files of the sources. No other merge may take them.
    kept: for each source the documents that were live at the beginning, ascending. In this order they are those of the new segment.
    """

    def __init__(self, path: Path, live: Path, sources: Sequence[SegmentState]) -> None:
        """Begin. live: the folder of the live generation, which has the sources.

        Raises RuntimeError if no thread can be started, OSError and IndexDamaged if a source cannot be opened.
        """
        self.path = path
        self.names = [state.segment.name for state in sources]
        self.kept: list[Indices] = [np.flatnonzero(~state.deleted) for state in sources]
        self._stop = threading.Event()
        self._finished = threading.Event()
        self._entry: FileEntry | None = None
        self._error: BaseException | None = None
        # Segments of its own: those of the writer go with the next commit, and are not made for two threads.
        inputs = [(Segment(live / state.segment.name), state.deleted.copy()) for state in sources]
        thread = threading.Thread(target=self._run, args=(inputs,), name="naidi merge")
        thread.start()

    def _run(self, inputs: list[tuple[Segment, Array]]) -> None:
        try:
            self._entry = _merged(self.path, inputs, self._check)
        except BaseException as error:
            with suppress(MemoryError):  # whoever waits for this thread must not wait forever
                let_go(error)
            self._error = error.with_traceback(None)
            with suppress(OSError):
                self.path.unlink()
        inputs.clear()
        core.release_memory()
        self._finished.set()

    def _check(self) -> None:
        # The interpreter waits for threads before it ends.
        if self._stop.is_set() or not threading.main_thread().is_alive():
            raise MergeStopped

    @property
    def is_running(self) -> bool:
        return not self._finished.is_set()

    def wait(self) -> None:
        """Wait for the end. Ctrl-C gets through."""
        while not self._finished.wait(60):  # without a limit, Windows would let no signal through
            pass

    def stop(self) -> None:
        """Have it end soon, and wait for that."""
        self._stop.set()
        self.wait()

    def result(self) -> FileEntry:
        """Size and digest of the new segment, of which every byte was read back. Raises the error of the merge if it has failed."""
        assert self._finished.is_set()
        if self._entry is None:
            assert self._error is not None
            raise self._error
        return self._entry

    def sources(self, states: Iterable[SegmentState]) -> list[tuple[SegmentState | None, Indices]]:
        """The sources as they are by now, and for each the documents that were taken, as in `kept`.

        states: the segments of the writer. A source that is not among them has lost all its documents: for it stands None.
        """
        by_name = {state.segment.name: state for state in states}
        return [(by_name.get(name), kept) for name, kept in zip(self.names, self.kept, strict=True)]


def _merged(path: Path, inputs: Sequence[tuple[Segment, Array]], check: Callable[[], None]) -> FileEntry:
    with blame([segment for segment, _ in inputs]):
        for segment, _ in inputs:
            segment.container.verify(check)  # damage must not get a checksum of its own
        merge_segments(path, inputs, check)
    container = Container(path)
    return FileEntry(container.size, container.verify(check))


def name_of_merged() -> str:
    """A name for the file of a merge that none before had. In a generation it gets another one."""
    return f"{0:08d}-{time.time_ns()}.seg"
