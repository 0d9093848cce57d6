"""`sync` makes an index follow folders. New and changed files go in, missing files go out, other files are not read."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from ..errors import IndexDamaged, IndexMissing, IndexOutdated, NaidiError
from ..readers.confined import stop_child
from ..state.generations import read_current
from ..state.losses import settle
from ..state.roots import file_id, root_of
from ..state.stored import Lost, StoredDocuments, open_stored, without_advice
from ..writing.reanalyse import Progress, carry_over, refuse_loss
from ..writing.workers import WORKER_BYTES, OrderedWorkers, default_jobs
from ..writing.writer import Writer
from .followed import Followed
from .given_again import given_again, listed_files, places
from .notes import Note, notes_table, read_notes
from .options import FolderChoices, FolderOptions, chosen
from .plan import Plan, plan
from .read_group import ReadGroup, Task, read_group
from .report import SyncReport
from .walk import Identity, walk


def sync(
    roots: str | Path | Sequence[str | Path] | None,
    directory: str | Path = "index_data",
    *,
    jobs: int | None = 1,
    rebuild: bool = False,
    options: FolderOptions | FolderChoices | None = None,
    lock_timeout: float = 5.0,
    force: bool = False,
    progress: Callable[[Progress], None] | None = None,
) -> SyncReport:
    """Make the index in `directory` follow folders. One commit holds all that changed.

    Documents of other folders and of applications stay. The id of a file is the folder's name and its path inside, with
    "/". If a file has several documents, as a mailbox has, that of each is the file's, "//" and the name of the part.
    A folder inside of one that is followed is a part of it. One that has moved is known by its files. An index of another
    analysis or an older format is first built anew from its stored documents.

    Parameters:
      roots: a folder, or several; None means all that the index follows.
      directory: the index directory. It is created if there is none.
      jobs: worker processes; None means one a processor. With more than one, a script needs the usual
        `if __name__ == "__main__":` guard.
      rebuild: read every file of the folders anew, and do without what is damaged: the report names it. Searches answer from
        the old state meanwhile.
      options: which files count and how they are read, noted for the next time: FolderOptions, or some of them by name
        (FolderChoices) while the others stay as noted. None means all as noted, or as by default.
      lock_timeout: seconds to wait for another writer.
      force: make the index even in a directory that holds other things.
      progress: called with a Progress after each group of files, or of stored documents that are analysed anew.

    Returns a SyncReport.

    Raises NaidiError: IndexLocked, IndexDamaged, a root that is no folder, an option with a value of another type and so on;
    TypeError for an unknown option. The index is then as it was.
    """
    index = Path(directory)
    chosen(options, {})  # raises for what has no meaning, before anything is created
    named = None if roots is None else _named(roots)
    if named is None:
        with suppress(IndexDamaged):
            read_current(index)  # raises if there is no index, before one is made
    # Who may not read a folder may not read its texts in the index.
    mode = 0o777
    for folder in named or ():
        mode &= os.stat(folder).st_mode & 0o777 | 0o700
    writer, reason, old = _open_writer(
        index, rebuild, _WriterOptions(jobs or default_jobs(), lock_timeout, force, mode)
    )
    try:
        writer.merge_in_commits()  # the run has one commit, and ends with it
        report = SyncReport(rebuilt=reason)
        _Sync(writer, report, progress, named or {}).run(named, old, options, anew=rebuild)
        writer.commit()
    finally:
        stop_child()
        writer.close()
    for entries in (report.skipped, report.lost, report.older, report.recovered):
        entries.sort()
    return report


def _named(roots: str | Path | Sequence[str | Path]) -> dict[str, str]:
    """Absolute path -> the path as given. Raises NaidiError for what is no folder, before anything is created."""
    given = [roots] if isinstance(roots, (str, os.PathLike)) else list(roots)
    if not given:
        raise NaidiError("no folder is named")
    for root in given:
        if os.path.isfile(root):
            raise NaidiError(f"{os.fspath(root)}: is a file; name the folder that holds it")
        walk(root)
    return {os.path.abspath(root): os.fspath(root) for root in given}


class _WriterOptions(NamedTuple):
    jobs: int
    lock_timeout: float
    force: bool
    mode: int


def _open_writer(
    index: Path, rebuild: bool, options: _WriterOptions
) -> tuple[Writer, str | None, StoredDocuments | None]:
    """The writer, why the index is built anew or None, and the stored documents that must be kept or None.

    Only who asks for a rebuild loses what is damaged.
    """
    reason = "as asked" if rebuild else None
    if not rebuild:
        try:
            return Writer(index, **options._asdict()), None, None
        except IndexOutdated:
            reason = "made by another version"
    writer = Writer(index, rebuild=True, **options._asdict())
    old = None
    try:
        old = open_stored(index)
        if old.damage is not None:
            if not rebuild:
                refuse_loss(old)
            how = "in part from the state before" if old.earlier else "without what is damaged"
            reason = f"{reason}, {how if old.segments else 'from the folder alone'}: {old.reason}"
    except IndexMissing:
        pass
    except IndexOutdated as error:  # an index of a later naidi
        if not rebuild:
            writer.close()
            raise
        why = without_advice(error)
        reason = f"{reason}, from the folder alone: {why}"
        old = StoredDocuments(lost=[Lost("all documents", False, why, number=0)])
    except BaseException:
        writer.close()
        raise
    return writer, reason, old


class _Sync:
    """One run of `sync`."""

    def __init__(
        self,
        writer: Writer,
        report: SyncReport,
        progress: Callable[[Progress], None] | None,
        shown: Mapping[str, str],
    ) -> None:
        """shown: absolute path of a folder -> as the user has named it."""
        self._writer = writer
        self._report = report
        self._progress = progress
        self._shown = shown
        self._waiting: deque[Followed] = deque()  # whose groups are being read, in the order of submission
        self._sound: set[str] = set()  # ids of documents of the old state that could be taken, be they wanted or not
        self._damaged: list[Lost] = []  # what could not be read although its bytes are as they were written
        self._done_files = self._done_bytes = 0

    def run(
        self,
        named: Collection[str] | None,
        old: StoredDocuments | None,
        options: FolderOptions | FolderChoices | None,
        *,
        anew: bool,
    ) -> None:
        """Parameters:
        named: absolute paths of the folders; None means all that are known.
        old: stored documents that must be kept, if the index is built anew.
        options: for each of the folders; None means as noted.
        anew: read every file, whatever is noted of it.
        """
        writer, index = self._writer, self._writer.directory
        if old is not None and old.manifest is not None:
            writer.roots.update({root: dict(noted) for root, noted in old.manifest.roots.items()})
        elif old is not None and named is None:
            why = old.reason or old.lost[0].reason
            raise NaidiError(
                f"{why}: which folders the index follows cannot be read; name them again: `naidi index FOLDER --rebuild`"
            )
        notes = read_notes(old.sources if old is not None else writer.read_sources(), index)
        planned = plan(None if named is None else list(named), writer.roots, notes)
        self._say(planned)
        for before, now in planned.moved:
            writer.roots[now] = writer.roots.pop(before)
            notes[now] = notes.pop(before, {})
        if old is not None and anew:
            for root in planned.roots:
                notes.pop(root, None)
        seen: set[Identity] = set()
        folders = [
            Followed(root, self._shown.get(root, root), index, writer.roots, notes.get(root, {}), seen, options)
            for root in planned.roots
        ]
        if old is not None:
            # If files are read anew, only documents of applications and of other folders: these folders give theirs again.
            ours = set(planned.roots)

            def wanted(doc_id: str, synced: bool) -> bool:
                self._sound.add(doc_id)
                return not (anew and synced and root_of(doc_id, writer.roots) in ours)

            carry_over(writer, old, wanted, self._damaged.append if anew else None, self._progress)
        changed = old is not None or bool(planned.moved)
        ids = writer.document_origins()
        for root in planned.replaced:
            changed |= self._forget(root, ids, notes)
        self._read(folders, ids)
        if old is not None and anew:
            self._keep_unseen(old, {folder.root: folder for folder in folders if folder.misses_some()})
        for folder in folders:
            if folder.finish(writer, ids, self._report):
                notes[folder.root] = folder.notes
                changed = True
        if changed:
            writer.write_sources(notes_table(notes, index))
        if old is not None:
            self._report_losses(old, folders)

    def _say(self, planned: Plan) -> None:
        report = self._report
        report.roots, report.missing, report.moved, report.joined = (
            list(planned.roots),
            planned.missing,
            planned.moved,
            planned.joined,
        )

    def _forget(self, root: str, ids: dict[str, bool], notes: dict[str, dict[str, Note]]) -> bool:
        """Take a folder and its documents out. Returns whether the index has followed it."""
        if root not in self._writer.roots:
            return False
        for doc_id in [one for one, synced in ids.items() if synced and root_of(one, self._writer.roots) == root]:
            self._writer.delete(doc_id)
            del ids[doc_id]
        del self._writer.roots[root]
        notes.pop(root, None)
        return True

    def _read(self, folders: Sequence[Followed], ids: Mapping[str, bool]) -> None:
        file_ids = {file_id(doc_id) for doc_id, synced in ids.items() if synced}
        outdated = set(map(file_id, self._writer.ids_from_older_naidi()))
        groups = [
            (folder, group) for folder in folders for group in folder.groups(ids, file_ids, outdated, self._report)
        ]
        sizes = [task.size for _, group in groups for task in group]
        self._total_files, self._total_bytes = len(sizes), sum(sizes)
        # Worker processes take a tenth of a second to start, and longer to load dictionaries. For little text they do not pay.
        many = self._total_bytes >= WORKER_BYTES
        workers: OrderedWorkers[list[Task], ReadGroup] = OrderedWorkers(read_group, self._writer.pool if many else 1)
        for folder, group in groups:
            self._waiting.append(folder)
            for result in workers.put(group):
                self._take(result)
        for result in workers.drain():
            self._take(result)

    def _take(self, group: ReadGroup) -> None:
        for batch in group.batches:
            self._writer.add_analysed(batch)
        folder = self._waiting.popleft()
        for outcome in group.outcomes:
            folder.take(outcome, self._report)
            self._done_files += 1
            self._done_bytes += outcome.note.size
        if self._progress is not None:
            self._progress(Progress(self._done_files, self._done_bytes, self._total_files, self._total_bytes))

    def _keep_unseen(self, old: StoredDocuments, folders: Mapping[str, Followed]) -> None:
        """Of the files that could not be looked at, carry over the documents that the old state has stored.

        folders: root -> those that have such files.
        """
        if not folders:
            return

        def wanted(doc_id: str, synced: bool) -> bool:
            root = root_of(doc_id, self._writer.roots) if synced else None
            return root is not None and root in folders and folders[root].keeps(doc_id)

        carry_over(self._writer, old, wanted, self._damaged.append)

    def _report_losses(self, old: StoredDocuments, folders: Sequence[Followed]) -> None:
        """Report what has become of the documents of the old state that are damaged."""
        damaged = old.lost + self._damaged
        if not damaged:
            return
        roots = old.manifest.roots if old.manifest is not None else {}
        placed = places(roots, folders, self._report.joined)
        losses = settle(
            damaged,
            self._writer.document_origins(),
            again=given_again(folders, roots, placed),
            listed=listed_files(old, placed, self._writer.directory),
            sound=self._sound,
        )
        self._report.lost, self._report.older, self._report.recovered = losses
