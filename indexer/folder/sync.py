"""`sync` makes an index follow a folder. New and changed files go in, missing files go out, other files are not read.

A file is unchanged if its size and modification time are as noted. It is also unchanged if its content is as noted: then
it was only touched. The notes, one a file, lie in the generation (`sources.json`). Files that could not be read are noted
too, so that they are not read again.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from ..document import Document
from ..errors import (
    DocumentUnreadable,
    IndexMissing,
    IndexOutdated,
    InvalidDocument,
    NaidiError,
)
from ..readers import ReadOptions
from ..readers.read_file import MAX_FILE_SIZE, NEEDS, PART, documents_of, read_file
from ..state.stored import Lost, StoredDocuments, open_stored, without_advice
from ..writing.batch import AnalysedBatch, analyse
from ..writing.reanalyse import Progress, carry_over, refuse_loss
from ..writing.workers import WORKER_BYTES, OrderedWorkers, default_jobs
from ..writing.writer import Writer
from .staleness import newer_than_index
from .walk import FoundFile, walk

# A file that was changed so shortly before it was read may change again and keep its modification time: the clocks of file
# systems tick every few milliseconds.
_CLOCK_TICK_NS = 20_000_000

# Workers get files in groups of about this many bytes and at most this many files.
GROUP_BYTES = 1_000_000
GROUP_FILES = 200

_NO_MEMORY = "needs too much memory"
_TOO_LARGE = "larger than"
_READ_OPTIONS = ReadOptions()


@dataclass(slots=True)
class SyncReport:
    """What a sync did, in files.

    added: files that are new in the index.
    updated: files whose documents were replaced.
    removed: files that are gone or ignored now; their documents were deleted.
    unchanged: files whose content is as it was.
    skipped: (path, reason) of each file and folder that was left out, sorted. A rebuild adds (id, reason) of each stored
      document that was lost.
    warnings: (path, loss) of each file that was not read whole.
    rebuilt: why the index was built anew; None if it was not.
    lost: (id, reason), sorted, of each stored document that a rebuild could not take over as it was, because it is damaged. It
      is gone, or only there in an older version; the reason says which. Documents whose ids cannot be read are counted.
    """

    added: int = 0
    updated: int = 0
    removed: int = 0
    unchanged: int = 0
    skipped: list[tuple[str, str]] = field(default_factory=list)
    warnings: list[tuple[str, str]] = field(default_factory=list)
    rebuilt: str | None = None
    lost: list[tuple[str, str]] = field(default_factory=list)


class Note(NamedTuple):
    """What is noted of a file.

    size: bytes.
    mtime_ns: its modification time in nanoseconds. 0 means that it must be read again.
    digest: BLAKE2b of its content, 16 bytes in hexadecimal; "" if it was never read.
    problem: why it could not be indexed; None if it could.
    """

    size: int
    mtime_ns: int
    digest: str
    problem: str | None = None


class _Task(NamedTuple):
    path: str
    relative: str
    file_id: str
    known_digest: str | None
    max_file_size: int
    options: ReadOptions


class _Outcome(NamedTuple):
    relative: str
    note: Note
    doc_ids: tuple[str, ...]
    same_content: bool
    warnings: tuple[str, ...]
    passing: bool = (
        False  # the problem says nothing about the content; until it is over, the document in the index stays
    )


class _Group(NamedTuple):
    outcomes: list[_Outcome]
    batches: list[AnalysedBatch]


def _read_group(tasks: list[_Task]) -> _Group:
    """Read and analyse files. Worker processes run this."""
    outcomes: list[_Outcome] = []
    documents: dict[int, list[Document]] = {}
    for place, task in enumerate(tasks):
        outcome, found = _read(task)
        outcomes.append(outcome)
        if found:
            documents[place] = found
    batches: list[AnalysedBatch] = []
    for place in _analyse(list(documents), documents, batches):
        outcomes[place] = _problem(tasks[place], outcomes[place].note, _NO_MEMORY, passing=True)
    for batch in batches:
        batch.synced = True
    return _Group(outcomes, batches)


def _analyse(places: list[int], documents: Mapping[int, list[Document]], batches: list[AnalysedBatch]) -> list[int]:
    """Append the batches of some files' documents to `batches`. Returns the places of files that need too much memory.

    Mostly all documents are one batch. If memory does not suffice for them together, each half is tried alone.
    """
    if not places:
        return []
    with suppress(MemoryError):
        batches.append(analyse([document for place in places for document in documents[place]]))
        return []
    if len(places) == 1:
        return places
    middle = len(places) // 2
    return _analyse(places[:middle], documents, batches) + _analyse(places[middle:], documents, batches)


def _read(task: _Task) -> tuple[_Outcome, list[Document]]:
    warnings: list[str] = []
    note = Note(0, 0, "")
    try:
        status = os.stat(task.path)
        settled = time.time_ns() - status.st_mtime_ns > _CLOCK_TICK_NS
        note = Note(status.st_size, status.st_mtime_ns if settled else 0, "")
        file = read_file(task.path, task.path, task.max_file_size)
    except DocumentUnreadable as error:
        return _problem(task, note, error.reason, passing=_passes(error.__cause__)), []
    except OSError as error:
        return _problem(task, note, _words(error), passing=_passes(error)), []
    except MemoryError:
        return _problem(task, note, _NO_MEMORY, passing=True), []
    try:
        digest = hashlib.blake2b(file.data, digest_size=16).hexdigest()
        note = Note(note.size, note.mtime_ns if len(file.data) == note.size else 0, digest)
        if digest == task.known_digest:
            return _Outcome(task.relative, note, (), True, ()), []
        documents = list(
            documents_of(
                file,
                task.path,
                file_id=task.file_id,
                display_path=task.path,
                relative=task.relative,
                options=task.options,
                warn=warnings.append,
            )
        )
    except InvalidDocument as error:  # the id, made of its path, is too long
        return _problem(task, note, str(error)), []
    except DocumentUnreadable as error:
        return _problem(task, note, error.reason), []
    except MemoryError:
        return _problem(task, note, _NO_MEMORY, passing=True), []
    doc_ids = tuple(document.id for document in documents)
    return _Outcome(task.relative, note, doc_ids, False, tuple(warnings)), documents


def _passes(error: BaseException | None) -> bool:
    """Whether the system has failed, which says nothing about the file. A file that is gone is known to be gone."""
    return isinstance(error, OSError) and not isinstance(error, FileNotFoundError)


def _words(error: OSError) -> str:
    """Why a file cannot be read, in the words of `read_file`."""
    if isinstance(error, FileNotFoundError):
        return "no such file"
    if isinstance(error, PermissionError):
        return "no permission"
    return f"cannot be read: {(error.strerror or str(error)).lower()}"


def _problem(task: _Task, note: Note, reason: str, *, passing: bool = False) -> _Outcome:
    """The outcome for a file that cannot be indexed."""
    digest = note.digest
    if passing:
        # It must be tried again even if the file does not change. The index has what it had before.
        note, digest = note._replace(mtime_ns=0), ""
    elif reason.startswith((_TOO_LARGE, NEEDS)):
        note = note._replace(mtime_ns=0)  # the next sync may have another limit, or the package
    note = note._replace(digest=digest or task.known_digest or "", problem=reason)
    return _Outcome(task.relative, note, (), False, (), passing)


def sync(
    root: str | Path,
    directory: str | Path = "index_data",
    *,
    jobs: int | None = 1,
    rebuild: bool = False,
    max_file_size: int = MAX_FILE_SIZE,
    follow_links: bool = False,
    options: ReadOptions = _READ_OPTIONS,
    lock_timeout: float = 5.0,
    force: bool = False,
    progress: Callable[[Progress], None] | None = None,
) -> SyncReport:
    """Make the index in `directory` follow the folder `root`. One commit holds all that changed.

    Documents of other folders and of applications stay. The id of a file is the folder's name and its path inside, with
    "/". If a file has several documents, as a mailbox has, that of each is the file's, "//" and the name of the part.
    An index of another analysis or an older format is first built anew from its stored documents.

    Parameters:
      root: the folder.
      directory: the index directory. It is created if there is none.
      jobs: worker processes; None means one a processor. With more than one, a script needs the usual
        `if __name__ == "__main__":` guard.
      rebuild: read every file of the folder anew, and do without what is damaged: the report names it. Searches answer from
        the old state meanwhile.
      max_file_size: larger files are left out. Bytes.
      follow_links: whether links to files outside of `root` are followed. Links to files inside always are.
      options: how files are read.
      lock_timeout: seconds to wait for another writer.
      force: make the index even in a directory that holds other things.
      progress: called with a Progress after each group of files, or of stored documents that are analysed anew.

    Returns a SyncReport.

    Raises NaidiError: IndexLocked, IndexDamaged, a root that is no folder and so on. The index is then as it was.
    """
    folder = Path(os.path.abspath(root))
    index = Path(directory)
    if folder.is_file():
        raise NaidiError(f"{root}: is a file; name the folder that holds it")
    walk(folder)  # raises if there is no folder, before anything is created
    # The folder is walked under the lock. Else files that another sync indexes meanwhile would look gone.
    mode = os.stat(folder).st_mode & 0o777 | 0o700  # who may not read the folder may not read its texts in the index
    writing = _WriterOptions(jobs or default_jobs(), lock_timeout, force, mode)
    writer, reason, old = _open_writer(index, rebuild, writing)
    try:
        started_ns = time.time_ns()
        skipped: list[tuple[str, str]] = []
        out_of_reach: list[str] = []
        found = list(
            walk(
                folder,
                exclude=[index],
                follow_links=follow_links,
                skip=lambda relative, why: skipped.append((relative, why)),
                out_of_reach=out_of_reach.append,
            )
        )
        report = SyncReport(skipped=[(os.path.join(root, relative), why) for relative, why in skipped], rebuilt=reason)
        run = _Sync(folder, os.fspath(root), out_of_reach, writer, report, progress, started_ns, max_file_size, options)
        run.run(found, old, anew=rebuild)
        if old is not None:
            run.report_lost(old.lost)
        writer.commit()
    finally:
        writer.close()
    report.skipped.sort()
    report.lost.sort()
    return report


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
        old = StoredDocuments(lost=[Lost("all documents", False, why)])
    except BaseException:
        writer.close()
        raise
    return writer, reason, old


class _Sync:
    """One run of `sync`."""

    def __init__(
        self,
        folder: Path,
        shown_root: str,
        out_of_reach: list[str],
        writer: Writer,
        report: SyncReport,
        progress: Callable[[Progress], None] | None,
        started_ns: int,
        max_file_size: int,
        options: ReadOptions,
    ) -> None:
        self._folder = str(folder)
        self._shown_root = shown_root
        self._out_of_reach = frozenset(out_of_reach)
        self._writer = writer
        self._report = report
        self._progress = progress
        self._started_ns = started_ns
        self._max_file_size = max_file_size
        self._options = options
        self._notes: dict[str, Note] = {}
        self._not_looked_at: set[str] = set()  # files whose documents stay, whatever is noted of them
        self._ids: dict[str, bool] = {}  # the documents in the index -> whether they are of a folder
        self._file_ids: set[str] = set()  # the files of folders that have documents there
        self._read_again: dict[str, tuple[str, ...]] = {}  # file id -> the ids of what was read in this run
        self._done_files = self._done_bytes = 0

    def _shown(self, relative: str) -> str:
        return os.path.join(self._shown_root, relative)

    def run(self, found: list[FoundFile], old: StoredDocuments | None, *, anew: bool) -> None:
        """anew: read every file, whatever is noted of it."""
        writer, report = self._writer, self._report
        roots = writer.roots
        if old is not None:
            self._keep(old, anew)
        self._prefix = roots.get(self._folder, {}).get("prefix") or self._new_prefix()
        sources = _read_sources(writer.read_sources())
        known = sources.get(self._folder, {})
        self._ids = writer.document_origins()
        self._file_ids = {_file_id(doc_id) for doc_id, synced in self._ids.items() if synced}
        outdated = set(map(_file_id, writer.read_by_older_naidi()))

        tasks = []
        for file in found:
            noted = known.get(file.relative)
            file_id = self._id_of(file.relative)
            if self._ids.get(file_id) is False:
                report.skipped.append(
                    (self._shown(file.relative), f"the id {file_id} belongs to a document of an application")
                )
                continue
            present = file_id in self._file_ids
            same = (
                noted is not None and (noted.size, noted.mtime_ns) == (file.size, file.mtime_ns) and noted.mtime_ns != 0
            )
            if noted and same and (present or noted.problem) and file_id not in outdated:
                self._notes[file.relative] = noted
                self._count(noted, file.relative, None)
                continue
            digest = noted.digest if noted and present and file_id not in outdated else None
            tasks.append((file, _Task(file.path, file.relative, file_id, digest, self._max_file_size, self._options)))
        self._run_tasks(tasks)
        for relative, note in known.items():
            if relative not in self._notes and self._is_out_of_reach(relative):
                self._notes[relative] = note  # the file may well be there: only a look can tell that it is gone
                self._not_looked_at.add(relative)

        current = {
            self._id_of(relative)
            for relative, note in self._notes.items()
            if note.problem is None or relative in self._not_looked_at
        }
        gone = set()
        for doc_id, synced in self._ids.items():
            if not synced or not self._is_ours(doc_id):
                continue
            file_id = _file_id(doc_id)
            kept = file_id in current and doc_id in self._read_again.get(file_id, (doc_id,))
            if not kept and writer.delete(doc_id) and file_id not in current and self._is_gone(file_id):
                gone.add(file_id)
        report.removed += len(gone)
        root = roots.get(self._folder)
        looks_changed = root is None or newer_than_index({self._folder: root}, exclude=writer.directory) is not None
        if looks_changed or sources.get(self._folder) != self._notes:
            sources[self._folder] = self._notes
            writer.write_sources(_sources_table(sources))
            roots[self._folder] = {"prefix": self._prefix, "synced_ns": self._started_ns}

    def _is_out_of_reach(self, relative: str) -> bool:
        """Whether the walk could not look at the file or at a folder above it."""
        if not self._out_of_reach:
            return False
        parts = relative.split("/")
        return not self._out_of_reach.isdisjoint("/".join(parts[:depth]) for depth in range(1, len(parts) + 1))

    def _is_gone(self, file_id: str) -> bool:
        """Whether the file of a deleted document is gone. Else it is there but can no longer be indexed."""
        return file_id[len(self._prefix) + 1 :] not in self._notes

    def report_lost(self, lost: list[Lost]) -> None:
        """Report the documents of the old state that are damaged, but for those that this folder has given again."""
        if not lost:
            return
        present = self._writer.document_origins()
        for doc_id, synced, reason in lost:
            if not (synced and self._is_ours(doc_id) and present.get(doc_id)):
                self._lose(doc_id, reason)

    def _lose(self, doc_id: str, reason: str) -> None:
        self._report.lost.append((doc_id, reason))
        self._report.skipped.append((doc_id, f"lost in the rebuild: {reason}"))

    def _keep(self, old: StoredDocuments, anew: bool) -> None:
        """Carry over the documents that the old state has stored.

        If files are read anew, only those of applications and of other folders: this folder cannot give them again.
        """
        roots = {root: dict(noted) for root, noted in old.manifest.roots.items()} if old.manifest is not None else {}
        prefix = roots.get(self._folder, {}).get("prefix")
        self._writer.roots.update(roots)
        self._prefix = prefix or self._new_prefix()
        carry_over(
            self._writer,
            old,
            lambda doc_id, synced: not (anew and synced and self._is_ours(doc_id)),
            self._lose,
            self._progress,
        )
        sources = _read_sources(old.sources)
        if anew:
            sources.pop(self._folder, None)
        self._writer.write_sources(_sources_table(sources))

    def _new_prefix(self) -> str:
        """The start of the ids of this folder's files: its name, or its whole path if another folder has that name."""
        taken = {noted["prefix"] for noted in self._writer.roots.values()}
        folder = self._folder.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
        name = os.path.basename(folder) or "root"
        return name if name not in taken else folder.strip("/") or name

    def _is_ours(self, doc_id: str) -> bool:
        """Whether a synced document is of this folder. The longest prefix decides."""
        prefixes = [self._prefix, *(noted["prefix"] for noted in self._writer.roots.values())]
        return (
            max((prefix for prefix in prefixes if doc_id.startswith(f"{prefix}/")), key=len, default="") == self._prefix
        )

    def _id_of(self, relative: str) -> str:
        return f"{self._prefix}/{relative}"

    def _run_tasks(self, tasks: list[tuple[FoundFile, _Task]]) -> None:
        self._total_files, self._total_bytes = len(tasks), sum(file.size for file, _ in tasks)
        # Worker processes take a tenth of a second to start, and longer to load dictionaries. For little text they do not pay.
        many = self._total_bytes >= WORKER_BYTES
        workers: OrderedWorkers[list[_Task], _Group] = OrderedWorkers(_read_group, self._writer.pool if many else 1)
        for group in _grouped(tasks):
            for result in workers.put(group):
                self._take(result)
        for result in workers.drain():
            self._take(result)

    def _take(self, group: _Group) -> None:
        for batch in group.batches:
            self._writer.add_analysed(batch)
        for outcome in group.outcomes:
            self._notes[outcome.relative] = outcome.note
            if outcome.doc_ids:
                self._read_again[self._id_of(outcome.relative)] = outcome.doc_ids
            if outcome.passing:
                self._not_looked_at.add(outcome.relative)
            self._report.warnings += [(self._shown(outcome.relative), warning) for warning in outcome.warnings]
            self._count(outcome.note, outcome.relative, outcome)
            self._done_files += 1
            self._done_bytes += outcome.note.size
        if self._progress is not None:
            self._progress(Progress(self._done_files, self._done_bytes, self._total_files, self._total_bytes))

    def _count(self, note: Note, relative: str, outcome: _Outcome | None) -> None:
        if note.problem is not None:
            self._report.skipped.append((self._shown(relative), note.problem))
        elif outcome is None or outcome.same_content:
            self._report.unchanged += 1
        elif self._id_of(outcome.relative) in self._file_ids:
            self._report.updated += 1
        else:
            self._report.added += 1


def _file_id(doc_id: str) -> str:
    """The id of the file that a document is the whole or a part of."""
    return doc_id.partition(PART)[0]


def _grouped(tasks: Iterable[tuple[FoundFile, _Task]]) -> Iterator[list[_Task]]:
    group: list[_Task] = []
    group_bytes = 0
    for file, task in tasks:
        if group and (group_bytes + file.size > GROUP_BYTES or len(group) >= GROUP_FILES):
            yield group
            group, group_bytes = [], 0
        group.append(task)
        group_bytes += file.size
    if group:
        yield group


def _read_sources(table: bytes) -> dict[str, dict[str, Note]]:
    """root -> relative path -> note. A table that cannot be read counts as empty: then every file is read again."""
    try:
        value = json.loads(table) if table else {}
        return {root: {path: Note(*note) for path, note in notes.items()} for root, notes in value.items()}
    except (ValueError, TypeError, AttributeError, RecursionError):
        return {}


def _sources_table(sources: dict[str, dict[str, Note]]) -> bytes:
    return json.dumps(sources, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
