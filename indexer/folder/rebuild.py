"""A sync that builds a local index anew: what becomes of the documents that the old state has stored."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from ..state.losses import settle
from ..state.roots import root_of
from ..state.stored import Lost, StoredDocuments
from ..writing.reanalyse import Progress, carry_over
from ..writing.writer import Writer
from .followed import Followed
from .given_again import given_again, listed_files, places
from .report import SyncReport


class Rebuild:
    """The stored documents of the old state, and which of them go into the new one.

    anew: whether every file is read again, whatever is noted of it.
    """

    def __init__(
        self, writer: Writer, old: StoredDocuments, progress: Callable[[Progress], None] | None, *, anew: bool
    ) -> None:
        self.anew = anew
        self._writer = writer
        self._old = old
        self._progress = progress
        self._sound: set[str] = set()  # ids of documents of the old state that could be taken, be they wanted or not
        self._damaged: list[Lost] = []  # what could not be read although its bytes are as they were written

    def carry_over(self, roots: Collection[str]) -> None:
        """Take the stored documents over.

        If files are read anew, only those of applications and of other folders: these roots give theirs again.
        """

        def wanted(doc_id: str, synced: bool) -> bool:
            self._sound.add(doc_id)
            return not (self.anew and synced and root_of(doc_id, self._writer.roots) in roots)

        carry_over(self._writer, self._old, wanted, self._damaged.append if self.anew else None, self._progress)

    def keep_unseen(self, folders: Sequence[Followed]) -> None:
        """Of the files that could not be looked at, carry over the documents that the old state has stored."""
        missing = {folder.root: folder for folder in folders if folder.misses_some()}
        if not self.anew or not missing:
            return

        def wanted(doc_id: str, synced: bool) -> bool:
            root = root_of(doc_id, self._writer.roots) if synced else None
            return root is not None and root in missing and missing[root].keeps(doc_id)

        carry_over(self._writer, self._old, wanted, self._damaged.append)

    def report_losses(self, folders: Sequence[Followed], report: SyncReport) -> None:
        """Report what has become of the documents of the old state that are damaged."""
        damaged = self._old.lost + self._damaged
        if not damaged:
            return
        roots = self._old.manifest.roots if self._old.manifest is not None else {}
        placed = places(roots, folders, report.joined)
        losses = settle(
            damaged,
            self._writer.document_origins(),
            again=given_again(folders, roots, placed),
            listed=listed_files(self._old, placed, self._writer.directory),
            sound=self._sound,
        )
        report.lost, report.older, report.recovered = losses
