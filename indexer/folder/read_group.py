"""Reads a group of files and analyses them. Worker processes run this; each gives back what came of its files.

A file that cannot be read is a problem of its own and stops no other one.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import NamedTuple

from ..document import Document
from ..errors import DocumentUnreadable, InvalidDocument
from ..messages import message, of_system, sentence
from ..readers import ReadOptions
from ..readers.confined import ReaderUnavailable
from ..readers.content import BUSY
from ..readers.ocr import NEEDS_COMMAND
from ..readers.read_file import NEEDS, documents_of, read_file
from ..writing.batch import AnalysedBatch, analyse
from .notes import Note

# A file that was changed so shortly before it was read may change again and keep its modification time: the clocks of file
# systems tick every few milliseconds.
_CLOCK_TICK_NS = 20_000_000

_NO_MEMORY = message("needs too much memory")
_TOO_LARGE = "larger than"


class Task(NamedTuple):
    path: str
    relative: str
    size: int
    file_id: str
    known_digest: str | None
    max_file_size: int
    options: ReadOptions
    extensions: tuple[str, ...] = ()


class Outcome(NamedTuple):
    """What came of a file.

    relative: its path in the folder.
    note: what is to be noted of it.
    doc_ids: the documents that it gave.
    same_content: whether it was only touched, and no document was made.
    warnings: what was lost.
    passing: whether a problem says nothing about the content; until it is over, the document in the index stays.
    looked_ns: when it was looked at, in nanoseconds since 1970. What was read then is no older.
    """

    relative: str
    note: Note
    doc_ids: tuple[str, ...]
    same_content: bool
    warnings: tuple[str, ...]
    passing: bool = False
    looked_ns: int = 0


class ReadGroup(NamedTuple):
    outcomes: list[Outcome]
    batches: list[AnalysedBatch]


def read_group(tasks: list[Task]) -> ReadGroup:
    """Read and analyse files. Worker processes run this."""
    outcomes: list[Outcome] = []
    documents: dict[int, list[Document]] = {}
    for place, task in enumerate(tasks):
        looked_ns = time.time_ns()
        outcome, found = _read(task)
        outcomes.append(outcome._replace(looked_ns=looked_ns))
        if found:
            documents[place] = found
    batches: list[AnalysedBatch] = []
    for place in _analyse(list(documents), documents, batches):
        failed = _problem(tasks[place], outcomes[place].note, _NO_MEMORY, passing=True)
        outcomes[place] = failed._replace(looked_ns=outcomes[place].looked_ns)
    for batch in batches:
        batch.synced = True
    return ReadGroup(outcomes, batches)


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


def _read(task: Task) -> tuple[Outcome, list[Document]]:
    warnings: list[str] = []
    note = Note(0, 0, "")
    try:
        status = os.stat(task.path)
        settled = time.time_ns() - status.st_mtime_ns > _CLOCK_TICK_NS
        note = Note(status.st_size, status.st_mtime_ns if settled else 0, "")
        file = read_file(task.path, task.path, task.max_file_size, task.extensions)
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
            return Outcome(task.relative, note, (), True, ()), []
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
        return _problem(task, note, sentence(error)), []
    except DocumentUnreadable as error:
        return _problem(task, note, error.reason, passing=isinstance(error.__cause__, ReaderUnavailable)), []
    except MemoryError:
        return _problem(task, note, _NO_MEMORY, passing=True), []
    if any(warning.endswith(BUSY) for warning in warnings):
        note = note._replace(mtime_ns=0, digest="")  # there is more in it than was read
    doc_ids = tuple(document.id for document in documents)
    return Outcome(task.relative, note, doc_ids, False, tuple(warnings)), documents


def _passes(error: BaseException | None) -> bool:
    """Whether the system has failed, which says nothing about the file. A file that is gone is known to be gone."""
    return isinstance(error, OSError) and not isinstance(error, FileNotFoundError)


def _words(error: OSError) -> str:
    """Why a file cannot be read, in the words of `read_file`."""
    if isinstance(error, FileNotFoundError):
        return message("no such file")
    if isinstance(error, PermissionError):
        return message("no permission")
    return message("cannot be read: {reason}", reason=of_system(error, inside=True))


def _problem(task: Task, note: Note, reason: str, *, passing: bool = False) -> Outcome:
    """The outcome for a file that cannot be indexed."""
    digest = note.digest
    if passing:
        # It must be tried again even if the file does not change. The index has what it had before.
        note, digest = note._replace(mtime_ns=0), ""
    elif reason.startswith((_TOO_LARGE, NEEDS, NEEDS_COMMAND)):
        note = note._replace(mtime_ns=0)  # the next sync may have another limit, or the package
    note = note._replace(digest=digest or task.known_digest or "", problem=reason)
    return Outcome(task.relative, note, (), False, (), passing)
