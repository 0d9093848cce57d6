"""The segments of the state that the next commit will make live: what is deleted of them, and what is written of that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ..codec.column_file import ColumnFile, write_columns
from ..codec.columns import Column, changed
from ..codec.container import Array
from ..codec.segment import Segment
from ..fields import Schema, Stored, kind_of
from ..state.files import link_or_copy, write_file
from ..state.manifest import SegmentEntry
from .merge_policy import SegmentSize


@dataclass(slots=True, eq=False)
class SegmentState:
    """A segment of the state that the next commit will make live.

    deleted: whether each document is deleted (bool). Copied before the first change.
    deletions_file: the file that holds `deleted`; None if it has to be written.
    staged: whether the segment was written since the last commit.
    column_file: the values that its documents have in the fields of an application; None if they have none.
    updated: values that are not in that file yet: name of the field -> document -> its stored values from now on.
    merged: whether it is of documents of earlier commits.
    """

    segment: Segment
    deleted: Array
    deleted_count: int
    deletions_file: str | None
    staged: bool
    merged: bool = False
    deleted_is_own: bool = False
    column_file: ColumnFile | None = None
    updated: dict[str, dict[int, tuple[Stored, ...]]] = field(default_factory=dict)

    @classmethod
    def of_new(cls, path: Path) -> SegmentState:
        """The state of a segment that was just written."""
        segment, columns = Segment(path), columns_path(path)
        state = cls(segment, np.zeros(segment.doc_count, bool), 0, None, staged=True)
        if columns.exists():
            state.column_file = ColumnFile(columns)
        return state

    def delete(self, doc: int) -> None:
        if not self.deleted[doc]:
            if not self.deleted_is_own:
                self.deleted = self.deleted.copy()
                self.deleted_is_own = True
            self.deleted[doc] = True
            self.deleted_count += 1
            self.deletions_file = None

    def update(self, doc: int, values: Mapping[str, tuple[Stored, ...]]) -> None:
        """Give a document other values of fields."""
        for name, stored in values.items():
            self.updated.setdefault(name, {})[doc] = stored

    def values_of(self, doc: int) -> dict[str, tuple[Stored, ...]]:
        """What a document has in columns by now, without the lengths of texts."""
        found = {} if self.column_file is None else self.column_file.values_of(doc)
        return {**found, **{name: rows[doc] for name, rows in self.updated.items() if doc in rows}}

    def columns(self, schema: Schema) -> dict[str, Column]:
        """The columns as they are by now."""
        found = {} if self.column_file is None else self.column_file.columns()
        for name, rows in self.updated.items():
            kind = kind_of(schema, name)
            assert kind is not None
            column = changed(kind.kind, found.pop(name, None), self.segment.doc_count, rows)
            if column is not None:
                found[name] = column
        return found

    @property
    def live_count(self) -> int:
        """How many documents are not deleted."""
        return self.segment.doc_count - self.deleted_count

    def take_deletions(self, deleted: Array) -> None:
        """Have these documents deleted (bool, one a document), and no other."""
        self.deleted, self.deleted_is_own = deleted, True
        self.deleted_count = int(np.count_nonzero(deleted))
        self.deletions_file = None

    @property
    def is_empty(self) -> bool:
        """Whether all documents are deleted."""
        return self.deleted_count == self.segment.doc_count

    @property
    def size(self) -> SegmentSize:
        return SegmentSize(
            self.segment.token_count, self.segment.doc_count, self.deleted_count, self.staged and not self.merged
        )

    def verify(self) -> None:
        """Read every byte. Raises IndexDamaged if any is not as it was written."""
        self.segment.container.verify()
        if self.column_file is not None:
            self.column_file.container.verify()

    @property
    def staged_files(self) -> list[Path]:
        """Its files that no commit needs once it is merged."""
        if not self.staged:
            return []
        files = [self.segment.container.path]
        return files if self.column_file is None else [*files, self.column_file.container.path]

    def stage(self, staging: Path, number: int, live: Path | None, schema: Schema) -> SegmentEntry:
        """Have the files of the segment in the generation to be. Returns what its manifest says of them.

        Parameters:
          staging: the folder of the generation to be, in which a new segment lies already.
          number: of the generation to be.
          live: the folder of the live generation, which has all others.
          schema: of the fields of the application.
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
            self._stage_columns(staging, number, live, schema),
        )

    def _stage_columns(self, staging: Path, number: int, live: Path | None, schema: Schema) -> str | None:
        if self.updated:
            if self.column_file is not None and not self.staged:
                self.column_file.container.verify()
            columns = self.columns(schema)
            if self.column_file is not None and self.staged:
                unneeded, self.column_file = self.column_file.container.path, None
                unneeded.unlink()
            path = staging / f"{Path(self.segment.name).stem}.{number}.col"
            if columns:
                write_columns(path, self.segment.doc_count, columns)
            return path.name if columns else None
        if self.column_file is None:
            return None
        name = self.column_file.container.path.name
        if not self.staged:
            assert live is not None
            link_or_copy(live / name, staging / name)
        return name


def columns_path(segment: Path) -> Path:
    """Where the columns of a new segment are."""
    return segment.with_name(f"{segment.stem}.0.col")
