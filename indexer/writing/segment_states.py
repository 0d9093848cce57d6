"""The segments of the state that the next commit will make live: what is deleted of them, and what is written of that."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..codec.container import Array
from ..codec.segment import Segment
from ..state.files import link_or_copy, write_file
from ..state.manifest import SegmentEntry
from .merge_policy import SegmentSize


@dataclass(slots=True, eq=False)
class SegmentState:
    """A segment of the state that the next commit will make live.

    deleted: whether each document is deleted (bool). Copied before the first change.
    deletions_file: the file that holds `deleted`; None if it has to be written.
    staged: whether the segment was written since the last commit.
    """

    segment: Segment
    deleted: Array
    deleted_count: int
    deletions_file: str | None
    staged: bool
    deleted_is_own: bool = False

    @classmethod
    def of_new(cls, path: Path) -> SegmentState:
        """The state of a segment that was just written."""
        segment = Segment(path)
        return cls(segment, np.zeros(segment.doc_count, bool), 0, None, staged=True)

    def delete(self, doc: int) -> None:
        if not self.deleted[doc]:
            if not self.deleted_is_own:
                self.deleted = self.deleted.copy()
                self.deleted_is_own = True
            self.deleted[doc] = True
            self.deleted_count += 1
            self.deletions_file = None

    @property
    def is_empty(self) -> bool:
        """Whether all documents are deleted."""
        return self.deleted_count == self.segment.doc_count

    @property
    def size(self) -> SegmentSize:
        return SegmentSize(self.segment.token_count, self.segment.doc_count, self.deleted_count, self.staged)

    def stage(self, staging: Path, number: int, live: Path | None) -> SegmentEntry:
        """Have the files of the segment in the generation to be. Returns what its manifest says of them.

        Parameters:
          staging: the folder of the generation to be, in which a new segment lies already.
          number: of the generation to be.
          live: the folder of the live generation, which has all others.
        """
        segment = self.segment
        if not self.staged:
            assert live is not None
            link_or_copy(live / segment.name, staging / segment.name)
        if self.deleted_count and self.deletions_file is None:
            self.deletions_file = f"{Path(segment.name).stem}.{number}.del"
            write_file(staging / self.deletions_file, np.packbits(self.deleted).tobytes())
        elif self.deletions_file is not None:
            assert live is not None
            link_or_copy(live / self.deletions_file, staging / self.deletions_file)
        return SegmentEntry(
            segment.name,
            segment.doc_count,
            segment.token_count,
            segment.text_bytes,
            self.deletions_file,
            self.deleted_count,
        )
