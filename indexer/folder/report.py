"""The class SyncReport: what a sync did."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class SyncReport:
    """What a sync did, in files.

    added: files that are new in the index.
    updated: files whose documents were replaced.
    removed: files whose documents were deleted: they are gone, are left out now, or can no longer be read.
    unchanged: files whose content is as it was.
    skipped: (path, reason) of each file and folder that was left out, sorted.
    warnings: (path, loss) of each file that was not read whole.
    rebuilt: why the index was built anew; None if it was not.
    lost: (id, reason), sorted, of each stored document that a rebuild had to do without, because it is damaged. Documents whose
      ids cannot be read are counted.
    older: the same of documents that are damaged in the newest state. The index has them as the state before had them.
    recovered: the same of documents that are damaged, and that the folders have given again.
    roots: the folders that were gone through, as absolute paths.
    missing: folders that the index follows and that are not there. Their documents stay.
    moved: (old path, new path) of each folder that was known by an old path.
    joined: (inner, outer) of each folder that is followed as a part of another one.
    """

    added: int = 0
    updated: int = 0
    removed: int = 0
    unchanged: int = 0
    skipped: list[tuple[str, str]] = field(default_factory=list)
    warnings: list[tuple[str, str]] = field(default_factory=list)
    rebuilt: str | None = None
    lost: list[tuple[str, str]] = field(default_factory=list)
    older: list[tuple[str, str]] = field(default_factory=list)
    recovered: list[tuple[str, str]] = field(default_factory=list)
    roots: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    moved: list[tuple[str, str]] = field(default_factory=list)
    joined: list[tuple[str, str]] = field(default_factory=list)

    def sort(self) -> None:
        """Bring what is told of files and documents into order."""
        for entries in (self.skipped, self.lost, self.older, self.recovered):
            entries.sort()
