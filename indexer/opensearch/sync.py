"""`sync` makes an index in a cluster follow folders, from any machine and from several at once.

There is no lock. Each document has the time of the look at its file as its version, so a later look wins, whoever writes first.
What is left undone, by a sync that was killed or by two that met, the next one sees by the notes that documents carry.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from ..errors import ClusterUnavailable
from ..folder.followed import Followed
from ..folder.options import FolderChoices, FolderOptions, chosen
from ..folder.read_group import ReadGroup
from ..folder.report import SyncReport
from ..folder.sync import named_folders
from ..folder.sync_run import SyncRun
from ..messages import message
from ..readers.confined import stop_child
from ..state.roots import file_id
from ..writing.reanalyse import Progress
from ..writing.workers import WorkerPool, default_jobs
from .address import ClusterAddress
from .cluster import connect
from .followed_folders import (
    FolderEntry,
    drop_entry,
    entries,
    make_files_index,
    replace_entry,
    write_kept_notes,
)
from .known_folders import KnownFolders
from .mapping import documents_state
from .sync_state import SOURCE_FIELD, FileSource, KeptNote, documents_found, reading_of
from .writer import ClusterWriter

# So much is sent at once: what a sync has sent before it is killed, the next one need not read again.
FLUSH_BYTES = 8_000_000
_TRIES = 10


def sync(
    roots: str | Path | Sequence[str | Path] | None,
    address: str | ClusterAddress,
    *,
    jobs: int | None = 1,
    rebuild: bool = False,
    options: FolderOptions | FolderChoices | None = None,
    progress: Callable[[Progress], None] | None = None,
    shards: int | None = None,
    replicas: int | None = None,
) -> SyncReport:
    """Make an index in a cluster follow folders, as `naidi.sync` does for one in a directory.

    Documents are replaced one by one while it runs; searches see them at its end at the latest. Several machines may sync the same
    folders, at the same time too: a folder is the same if it lies at a path where the index knows it, or has its files. Of what two
    of them find, the later look holds; a sync after both sees to what is left.

    Parameters:
      roots: a folder, or several; None means all that the index follows and that are on this machine.
      address: of the index. It is made if there is none.
      jobs, options, progress, shards, replicas: as for `naidi.sync`.
      rebuild: read every file of the folders anew.

    Returns a SyncReport.

    Raises NaidiError: what `connect` raises, a root that is no folder, an option with a value of another type and so on; TypeError
    for an unknown option. What was written before an error stays, and the next sync goes on from there.
    """
    chosen(options, {})  # raises for what has no meaning, before anything is created
    named = None if roots is None else named_folders(roots)
    if named is None:
        with connect(address) as cluster:
            documents_state(cluster)  # raises if there is no index, before one is made
    writer = ClusterWriter(address, jobs=jobs or default_jobs(), shards=shards, replicas=replicas)
    try:
        make_files_index(writer.cluster)
        for _ in range(_TRIES):
            report = SyncReport(rebuilt=message("as asked") if rebuild else None)
            target = ClusterTarget(writer, report, anew=rebuild)
            try:
                SyncRun(target, report, progress, named or {}).run(named, options)
            except _FoldersChanged:
                time.sleep(random.uniform(0.0, 0.2))
                continue
            writer.commit()
            report.sort()
            return report
    finally:
        stop_child()
        writer.close()
    raise ClusterUnavailable(
        message("{place}: other syncs change its folders all the time; try again", place=writer.cluster.address.shown)
    )


class _FoldersChanged(Exception):
    """Another sync has changed what the index follows. Nothing was done yet."""


class ClusterTarget(KnownFolders):
    """An index in a cluster, as a SyncTarget."""

    def __init__(self, writer: ClusterWriter, report: SyncReport, *, anew: bool) -> None:
        """Parameters:
        report: gets what the cluster does not take.
        anew: whether all files are read again.
        """
        super().__init__(writer.cluster, anew=anew)
        self._writer = writer
        self._report = report
        self._folders: Sequence[Followed] = ()
        self._noted: list[Followed] = []
        self._ahead = self._began = self._waiting = 0
        self._looks: dict[str, int] = {}  # id of a file -> when this run looked at it
        self._written: dict[str, FileSource] = {}  # id of a file -> what its documents of this run say

    @property
    def pool(self) -> WorkerPool:
        return self._writer.pool

    def begin(self, folders: Sequence[Followed]) -> None:
        self._folders = folders
        # A clock may be slow. What is written now must be newer than all that was read.
        last = max((self.state(folder.prefix).last_look for folder in folders), default=0)
        self._ahead = max(0, last + 1 - _microseconds(time.time_ns()))
        self._began = self._look(time.time_ns())
        for folder in folders:
            before = self.located.get(folder.root) or self.entries.get(folder.prefix)
            entry = before or FolderEntry(folder.prefix, ())
            if entry.is_dropped:
                entry = FolderEntry(folder.prefix, (), place=entry.place)
            entry = entry.at(folder.root)._replace(options=folder.entry.get("options", {}))
            # From now on all syncs know the folder and its options, whatever becomes of this one.
            if entry != before and not replace_entry(self._cluster, entry):
                raise _FoldersChanged
        # Before anything is added: what is given again under such an id is newer.
        for folder in folders:
            for doc_id in self.state(folder.prefix).strays:
                self._writer.discard(doc_id, self._began)
        self._delete_dropped()

    def _look(self, time_ns: int) -> int:
        """The version of what was seen at a time."""
        return _microseconds(time_ns) + self._ahead

    def forget(self, root: str, doc_ids: Iterable[str]) -> None:
        prefix = self.roots.pop(root)["prefix"]
        drop_entry(self._cluster, prefix)
        state = self.state(prefix)
        version = max(self._began, state.last_look + 1)
        for doc_id in doc_ids:
            self._writer.discard(doc_id, version)
        write_kept_notes(self._cluster, prefix, dict.fromkeys(state.kept, version))

    def add(self, folder: Followed, group: ReadGroup) -> None:
        options = reading_of(folder.options)
        for outcome in group.outcomes:
            doc_file, look = f"{folder.prefix}/{outcome.relative}", self._look(outcome.looked_ns)
            self._looks[doc_file] = look
            if outcome.doc_ids:
                note, parts = outcome.note, len(set(outcome.doc_ids))
                self._written[doc_file] = FileSource(look, note.size, note.mtime_ns, note.digest, parts, options)
        for batch in group.batches:
            sources = [self._written[file_id(doc_id)] for doc_id in batch.ids]
            notes = [{"root": folder.prefix, SOURCE_FIELD: source.line()} for source in sources]
            self._writer.add_analysed(batch, versions=[source.look for source in sources], notes=notes)
            self._waiting += batch.text_bytes
        if self._waiting >= FLUSH_BYTES:
            self._waiting = 0
            self._writer.flush()

    def delete(self, doc_id: str) -> bool:
        self._writer.discard(doc_id, self._looks.get(file_id(doc_id), self._began))
        return True

    def note(self, folder: Followed) -> None:
        self._noted.append(folder)

    def finish(self) -> None:
        self._writer.flush()
        self._report_refused()
        # Then the notes: of a file that is noted as unreadable, the documents are gone.
        for folder in self._folders:
            write_kept_notes(self._cluster, folder.prefix, self._changed_notes(folder))
        for folder in self._noted:
            self._note_sync(folder)

    def _report_refused(self) -> None:
        """Report the documents that the cluster does not take. Their files are not whole, so the next sync tries again."""
        for doc_id, reason in self._writer.take_refused():
            folder = next(one for one in self._folders if doc_id.startswith(f"{one.prefix}/"))
            path = folder.shown(file_id(doc_id)[len(folder.prefix) + 1 :])
            self._report.skipped.append((path, message("the cluster refuses it: {reason}", reason=reason)))

    def _changed_notes(self, folder: Followed) -> dict[str, KeptNote | int]:
        """What is to be noted beside the documents of a folder, as `write_kept_notes` takes it."""
        state, options = self.state(folder.prefix), reading_of(folder.options)
        changed: dict[str, KeptNote | int] = {}
        for relative, note in folder.notes.items():
            doc_file = f"{folder.prefix}/{relative}"
            known = state.files.get(relative)
            carried = self._written.get(doc_file) or (known.carried if known else None)
            kept, look = state.kept.get(relative), self._looks.get(doc_file, self._began)
            if carried is not None and carried.note == note:
                if kept is not None:
                    changed[relative] = look
            elif doc_file in self._looks and (note.problem is not None or carried is not None):
                changed[relative] = KeptNote(look, note, options)
        changed.update(dict.fromkeys(state.kept.keys() - folder.notes.keys(), self._began))
        return changed

    def _note_sync(self, folder: Followed) -> None:
        """Note when a folder was synced, unless it was dropped meanwhile, or synced later."""
        synced_ns = folder.entry["synced_ns"]
        for _ in range(_TRIES):
            entry = entries(self._cluster).get(folder.prefix)
            if entry is None or entry.is_dropped or entry.synced_ns >= synced_ns:
                return
            if replace_entry(self._cluster, entry._replace(synced_ns=synced_ns)):
                return

    def _delete_dropped(self) -> None:
        """Delete what a sync has written of a folder that was dropped meanwhile."""
        followed = {folder.prefix for folder in self._folders}
        dropped = [one.prefix for one in self.entries.values() if one.is_dropped and one.prefix not in followed]
        if dropped:
            for doc_id, _ in documents_found(self._cluster, {"terms": {"root": dropped}}):
                self._writer.discard(doc_id, self._began)


def _microseconds(time_ns: int) -> int:
    return time_ns // 1000
