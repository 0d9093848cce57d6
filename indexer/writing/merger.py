"""Which merges are done when: short ones by the commit that calls for them, long ones beside the writer."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from .. import core
from ..codec.column_file import write_columns
from ..codec.columns import merged_columns
from ..codec.merge import merge_segments
from ..codec.ragged import Indices
from ..errors import IndexDamaged
from ..fields import Schema
from ..log import DEBUG, listener
from ..state.commit import make_staging, remove_staging
from ..state.layout import MERGING
from ..state.manifest import FileEntry
from .background_merge import BackgroundMerge, name_of_merged
from .document_buffer import SMALL_SEGMENT_TOKENS
from .merge_policy import SegmentSize, choose_fewest, choose_merge, choose_small_merge
from .segment_states import SegmentState, columns_path

# After a merge beside the writer has failed, for want of space perhaps, the next one is not begun before so many seconds.
PAUSE_AFTER_FAILURE = 60.0

log = logging.getLogger("naidi")


class Merger:
    """Merges the segments of a writer. Its methods change the list of their states that they are given.

    in_commits: whether each merge is done by the commit that calls for it. One commit is then all.
    """

    def __init__(self, directory: Path) -> None:
        self.in_commits = False
        self._directory = directory
        self._running: BackgroundMerge | None = None
        self._not_before = 0.0

    # In a commit.

    def merge(self, states: list[SegmentState], schema: Schema, new_path: Callable[[], Path]) -> None:
        """Do the merges that a commit waits for.

        Parameters:
          states: the segments.
          schema: of the fields of the application.
          new_path: gives the path of a new segment.

        Raises IndexDamaged if a segment to be merged is damaged, OSError as the system does.
        """
        while chosen := self._chosen(states, choose_merge if self.in_commits else choose_small_merge):
            self._merge(states, chosen, schema, new_path)

    def merge_all(self, states: list[SegmentState], schema: Schema, new_path: Callable[[], Path]) -> None:
        """Merge until as few segments are left as may be, and none with a deleted document. Raises as `merge`."""
        self.stop()
        groups = choose_fewest([state.size for state in states])
        for names in [{states[number].segment.name for number in group} for group in groups]:
            chosen = [number for number, state in enumerate(states) if state.segment.name in names]
            self._merge(states, chosen, schema, new_path)

    def has_more_than_needed(self, states: Sequence[SegmentState]) -> bool:
        """Whether `merge_all` would change anything."""
        return bool(choose_fewest([state.size for state in states]))

    def _chosen(
        self, states: Sequence[SegmentState], choose: Callable[[Sequence[SegmentSize]], list[int]]
    ) -> list[int]:
        """The segments to merge now, among those that are not being merged."""
        busy = self._running.names if self._running is not None else ()
        # One without documents goes in any case.
        free = [number for number, state in enumerate(states) if state.is_empty or state.segment.name not in busy]
        return [free[number] for number in choose([states[number].size for number in free])]

    def _merge(
        self, states: list[SegmentState], chosen: Sequence[int], schema: Schema, new_path: Callable[[], Path]
    ) -> None:
        """Put one segment in the place of the chosen ones."""
        started = time.perf_counter()
        for path in _replaced(states, chosen, schema, new_path):
            path.unlink()
        logger = listener("naidi.writer", DEBUG)
        if logger is not None:
            seconds = time.perf_counter() - started
            logger.debug("%s: merged %d segments, %.3f s", self._directory, len(chosen), seconds)

    # Beside the writer.

    @property
    def is_running(self) -> bool:
        """Whether a merge has begun that was not taken yet."""
        return self._running is not None

    def begin(self, states: Sequence[SegmentState], live: Path, mode: int) -> None:
        """Begin a merge, if one is due. All segments are committed. A failure is logged.

        Parameters:
          states: the segments.
          live: the folder of the live generation.
          mode: permissions that the folder of the merge has at most; it has no more than `live`.
        """
        if self._running is not None or self.in_commits or time.monotonic() < self._not_before:
            return
        try:
            if chosen := self._chosen(states, choose_merge):
                remove_staging(self._directory, MERGING)
                folder = make_staging(self._directory, mode & os.stat(live).st_mode, MERGING)
                self._running = BackgroundMerge(folder / name_of_merged(), live, [states[number] for number in chosen])
        except Exception as error:
            self.has_failed(error)

    def take(
        self, states: list[SegmentState], schema: Schema, new_path: Callable[[], Path]
    ) -> tuple[str, FileEntry] | None:
        """Put the segment of a merge that is done in the place of its sources.

        Returns its name, size and digest, which are verified; None if there is none. Raises IndexDamaged if a source is damaged,
        OSError as the system does. Any other failure of the merge is logged.
        """
        merge = self._running
        if merge is None or merge.is_running:
            return None
        self._running = None
        try:
            entry = merge.result()
        except IndexDamaged:
            raise
        except Exception as error:
            self.has_failed(error)
            return None
        path = new_path()
        os.rename(merge.path, path)
        sources = merge.sources(states)
        for state, _ in sources:
            if state is not None and state.column_file is not None:
                state.column_file.container.verify()
        _write_columns(path, sources, schema)
        merged = SegmentState.of_new(path)
        merged.take_deletions(
            np.concatenate(
                [np.ones(len(docs), bool) if state is None else state.deleted[docs] for state, docs in sources]
            )
        )
        merged.merged = True
        states[:] = [state for state in states if state.segment.name not in merge.names] + [merged]
        return path.name, entry

    def has_failed(self, error: Exception) -> None:
        """Say that a merge could not be done, and let some time pass before the next one begins."""
        self._not_before = time.monotonic() + PAUSE_AFTER_FAILURE
        log.warning("%s: segments are not merged now (%s: %s)", self._directory, type(error).__name__, error)

    def wait(self) -> None:
        """Wait until the running merge can be taken."""
        if self._running is not None:
            self._running.wait()

    def stop(self) -> None:
        """Do without the running merge. It ends soon."""
        merge, self._running = self._running, None
        if merge is not None:
            merge.stop()

    def disown(self) -> None:
        """Forget the running merge in a forked child, which has no thread of it."""
        self._running = None


def _replaced(
    states: list[SegmentState], chosen: Sequence[int], schema: Schema, new_path: Callable[[], Path]
) -> list[Path]:
    """As `Merger._merge`. Returns the files of those that were staged: no commit needs them, and they are not mapped any more."""
    sources = [states[number] for number in chosen]
    states[:] = [state for state in states if state not in sources]
    if any(not state.is_empty for state in sources):
        for state in sources:
            if not state.staged:
                state.verify()  # damage must not get a checksum of its own
        path = new_path()
        if sum(state.segment.token_count for state in sources) >= SMALL_SEGMENT_TOKENS:
            core.release_memory()
        merge_segments(path, [(state.segment, state.deleted) for state in sources])
        _write_columns(path, [(state, np.flatnonzero(~state.deleted)) for state in sources], schema)
        states.append(SegmentState.of_new(path))
    return [path for state in sources for path in state.staged_files]


def _write_columns(path: Path, sources: Sequence[tuple[SegmentState | None, Indices]], schema: Schema) -> None:
    """Write the columns of a merged segment, if it has any.

    Parameters:
      path: of the segment.
      sources: the segments that were merged, each with the documents that were taken; None for one whose documents are all deleted.
      schema: of the fields of the application.
    """
    columns = merged_columns([({} if state is None else state.columns(schema), docs) for state, docs in sources])
    if columns:
        write_columns(columns_path(path), sum(len(docs) for _, docs in sources), columns)
