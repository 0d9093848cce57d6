"""The Writer: adds, replaces and deletes documents, and commits them as one generation."""

from __future__ import annotations

import os
import sys
import time
import warnings
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy as np

from ..analysis.lemmatize.fingerprint import fingerprint
from ..codec.check import blame
from ..codec.durability import together
from ..conditions import Condition, FieldName, check_condition, condition_of, matching
from ..document import Document
from ..errors import IndexMissing, IndexOutdated, IndexProblem, IndexUnwritable, InvalidDocument, InvalidQuery
from ..fields import (
    Field,
    FieldValues,
    Schema,
    Stored,
    changes_of,
    checked_schema,
    extended,
    given_values,
    kind_of,
    values_of,
)
from ..log import INFO, listener
from ..messages import message
from ..state.commit import (
    commit_generation,
    make_staging,
    prepare_directory,
    remove_older,
    remove_staging,
    remove_unfinished,
    show_whoosh,
)
from ..state.files import FILE_MODE, FOLDER_MODE, WINDOWS, link_or_copy, write_file
from ..state.generations import Generation, open_generation, read_current
from ..state.layout import (
    LARGEST_NUMBER,
    LOCK,
    MERGING,
    SOURCES,
    generation_name,
    generations,
    removable,
    taken_numbers,
)
from ..state.lock import WriteLock
from ..state.manifest import FORMAT_VERSION, UPGRADE, WITHOUT_TEXTS, FileEntry, Manifest
from ..state.stored import newest_manifest
from ..whoosh.toc import write_whoosh_toc
from .batch import AnalysedBatch, analyse
from .document_buffer import FLUSH_TOKENS, DocumentBuffer
from .left_frames import let_go
from .merger import Merger
from .segment_states import SegmentState
from .stored_document import stored_document
from .workers import WorkerPool

if TYPE_CHECKING:
    from typing_extensions import Self

_LOG = "naidi.writer"
# A commit with at least this many new tokens drops workers and vocabulary before it merges, to free their memory.
LARGE_COMMIT_TOKENS = 10_000_000

_CLOSED = message("this writer is closed")
_BY_AN_ERROR = message("this writer was closed by an earlier error; what was not committed is lost")


class Writer:
    """Adds, replaces and deletes documents of an index in a directory. `naidi.Writer` is for one in a cluster, too.

        with Writer("index_data") as writer:
            writer.add(Document(id="a", text="..."))

    The end of the block commits; an exception discards the changes. One writer at a time holds an index. Searches go on
    meanwhile and see no change before the commit. Threads must not share a writer. It belongs to the process that made it: in a
    forked child it is closed.
    """

    def __init__(
        self,
        directory: str | Path,
        *,
        jobs: int = 1,
        lock_timeout: float = 5.0,
        rebuild: bool = False,
        force: bool = False,
        mode: int = FOLDER_MODE,
        flush_tokens: int = FLUSH_TOKENS,
        schema: Schema | None = None,
        store_texts: bool | None = None,
    ) -> None:
        """Create or open the index in `directory` and lock it. `naidi.Writer` says what each parameter means.

        Raises IndexLocked, IndexUnwritable, IndexDamaged, and IndexOutdated for an index of another analysis or format. Raises
        InvalidSchema for a schema that cannot be, or contradicts that of the index, and IndexUnwritable if `store_texts` does.
        Raises OSError as the system does.
        """
        self._lock: WriteLock | None = None
        self._directory = Path(directory)
        self._mode = mode
        self._wanted_fields = {} if schema is None else checked_schema(schema)
        prepare_directory(self._directory, force=force, mode=mode)
        self._pool = WorkerPool(jobs)
        self._buffer = DocumentBuffer(self._pool, flush_tokens)
        self._parts: list[SegmentState] = []
        self._changing = 0  # how many changes have begun and not come to their end
        self._left_by: BaseException | None = None  # the error that has cut one short, until it keeps no map
        self._outer: BaseException | None = None  # what was being handled before that
        self._merger = Merger(self._directory)
        self._why_closed = _CLOSED
        outer = sys.exc_info()[1]
        self._lock = WriteLock(self._directory / LOCK, lock_timeout, mode & FILE_MODE)
        try:
            self._live: Generation | None = None if rebuild else self._open_live()
            # What came before the first commit is of a writer that was killed.
            remove_unfinished(self._directory, keep=removable(self._directory) if self._live or rebuild else ())
            self._store_texts = self._texts_wanted(store_texts, rebuild)
            if self._live is not None and self._is_current():
                show_whoosh(self._directory, self._live.directory)
            self._reset()
            _writers.add(self)
        except BaseException as error:
            self._lock.release()
            self._lock = None
            self._parts, self._live = [], None
            let_go(error, outer)
            raise

    def _texts_wanted(self, asked: bool | None, rebuild: bool) -> bool:
        """Whether texts are stored. Raises IndexUnwritable if the index does otherwise than it is asked to."""
        kept = asked is None or asked
        if self._live is not None:
            kept = self._live.manifest.store_texts
        elif rebuild and asked is None:
            with suppress(IndexProblem):
                kept = newest_manifest(self._directory).store_texts
        if asked is not None and asked != kept:
            how = (
                message("stores the texts of its documents")
                if kept
                else message("does not store the texts of its documents")
            )
            raise IndexUnwritable(
                message(
                    "{directory}: {how}, and store_texts is {asked}; leave it out, or make a new index with "
                    "rebuild=True",
                    directory=self._directory,
                    how=how,
                    asked=asked,
                )
            )
        return kept

    def _open_live(self) -> Generation | None:
        try:
            live = open_generation(self._directory)
        except IndexMissing:
            return None
        if live.damage is not None:
            raise live.damage
        if live.manifest.fingerprint != fingerprint():
            what = UPGRADE if live.manifest.store_texts else WITHOUT_TEXTS
            raise IndexOutdated(
                message(
                    "{directory}: made by another version of the analysis; {what}", directory=self._directory, what=what
                )
            )
        return live

    def _reset(self) -> None:
        """Forget all changes since the last commit."""
        self._parts = []  # first: Windows removes no file that is mapped
        remove_staging(self._directory)
        self._optimizing = False
        self._verified: dict[str, FileEntry] = {}  # files that the commit need not read again
        self._segment_number = 0
        known: Schema = {} if self._live is None else self._live.manifest.schema
        self._schema = extended(known, self._wanted_fields)
        self._changed = self._schema != known
        dictionary = b""
        self._roots: dict[str, dict[str, Any]] = {}
        self._sources: bytes | None = None
        if self._live is not None:
            manifest = self._live.manifest
            self._roots = {root: dict(value) for root, value in manifest.roots.items()}
            for entry, segment, deleted, columns in zip(
                manifest.segments, self._live.segments, self._live.deleted, self._live.columns, strict=True
            ):
                state = SegmentState(segment, deleted, entry.deleted_count, entry.deletions, staged=False)
                state.column_file = columns
                self._parts.append(state)
            if self._parts:
                largest = max((part.segment for part in self._parts), key=lambda segment: segment.text_bytes)
                dictionary = largest.texts.dictionary
        self._buffer.reset(dictionary, self._schema)

    @property
    def pool(self) -> WorkerPool:
        """The worker processes, for code that prepares batches for this writer. The writer stops them."""
        return self._pool

    @property
    def directory(self) -> Path:
        """The index directory."""
        return self._directory

    @property
    def schema(self) -> dict[str, Field]:
        """The fields that documents may have."""
        return dict(self._schema)

    def extend_schema(self, schema: Schema) -> None:
        """Let documents have further fields. Raises InvalidSchema as the constructor does."""
        self._wanted_fields = extended(self._wanted_fields, checked_schema(schema))
        both = extended(self._schema, self._wanted_fields)
        self._changed |= both != self._schema
        self._schema = self._buffer.schema = both

    def add(self, document: Document) -> None:
        """Add a document. It replaces an earlier one with the same id.

        Raises InvalidDocument if it is no Document, or if its fields are not those of the schema.
        """
        if not isinstance(document, Document):
            raise InvalidDocument(
                message(
                    "expected a Document, got {name}; build one with Document(id=, text=)", name=type(document).__name__
                )
            )
        self._open_only()
        if document.fields:
            _checked_values(values_of, self._schema, document.id, document.fields)
        if self._buffer.put(document):
            self._submit()

    def add_many(self, documents: Iterable[Document]) -> None:
        """Add every document of an iterable, in constant memory. Raises as `add` does."""
        for document in documents:
            self.add(document)

    def delete(self, doc_id: str) -> bool:
        """Delete the document with this id. Returns whether there was one. Raises InvalidDocument for an id that is no str."""
        self._open_only()
        _str_only(doc_id)
        self._drain()
        with self._all_or_nothing():
            found = self._delete(doc_id)
        self._changed |= found
        return found

    def update(self, doc_id: str, *, fields: Mapping[str, Any]) -> bool:
        """Give a document other values of some fields. The others stay, and its text is not analysed again.

        Where one of the fields is a Text, all of the document is analysed again.

        Parameters:
          doc_id: the id of the document.
          fields: values by name, as those of a Document. None, or a list without values, takes a field away.

        Returns whether there is such a document. Raises InvalidDocument if the values are not those of the schema.
        """
        self._open_only()
        _str_only(doc_id)
        if not isinstance(fields, Mapping):
            raise InvalidDocument(
                message("document {doc_id!r}: fields must be a mapping of names to values", doc_id=doc_id)
            )
        columns, texts = _checked_values(changes_of, self._schema, doc_id, fields)
        if texts and not self._store_texts:
            raise InvalidDocument(
                message(
                    "document {doc_id!r}: field {texts!r} is searched with the text, which is not stored; add the "
                    "whole document again",
                    doc_id=doc_id,
                    texts=next(iter(texts)),
                )
            )
        self._drain()
        with self._all_or_nothing():
            found = self._with_text(doc_id, columns, texts) if texts else self._update(doc_id, columns)
        self._changed |= found
        return found

    def _update(self, doc_id: str, columns: Mapping[str, tuple[Stored, ...]]) -> bool:
        if self._buffer.update(doc_id, columns):
            return True
        if self._buffer.writes(doc_id):
            self._finish_segments()
        found = self._find(doc_id)
        if found is not None:
            found[0].update(found[1], columns)
        return found is not None

    def _find(self, doc_id: str) -> tuple[SegmentState, int] | None:
        """The segment in which a document is, and its number there."""
        for part in self._parts:
            doc = part.segment.doc_of_id(doc_id)
            if doc >= 0 and not part.deleted[doc]:
                return part, doc
        return None

    def _with_text(self, doc_id: str, columns: Mapping[str, tuple[Stored, ...]], texts: Mapping[str, str]) -> bool:
        """Update a document with texts of fields: it is added anew, from what is stored of it."""
        if self._buffer.holds(doc_id) or self._buffer.writes(doc_id):
            self._flush()
            self._finish_segments()
        found = self._find(doc_id)
        if found is None:
            return False
        part, doc = found
        document = stored_document(part.segment, doc, part.values_of(doc), self._schema)
        values = {**document.fields, **given_values(self._schema, columns, texts)}
        values |= {name: None for name, stored in columns.items() if not stored}
        batch = analyse([replace(document, fields=values)], self._schema)
        batch.synced = part.segment.is_synced(doc)
        self.add_analysed(batch)
        return True

    def delete_where(self, condition: Condition | FieldName | Mapping[str, Any]) -> int:
        """Delete all documents that a condition on their fields holds for.

        condition: such as `field("price") > 500`, or a mapping as for `Searcher.search(where=…)`.

        Returns how many there were. Raises InvalidQuery for a field that the index lacks, for values that its kind cannot have,
        and for a mapping without names: `clear` deletes all.
        """
        self._open_only()
        if isinstance(condition, Mapping) and not condition:
            raise InvalidQuery(message("delete_where was given no condition; clear() deletes all documents"))
        wanted = condition_of(condition)
        check_condition(wanted, self._schema)
        self._drain()
        with self._all_or_nothing():
            self._finish_segments()
            deleted = self._buffer.discard_where(wanted)
            for part in self._parts:
                columns = part.columns(self._schema)
                found = ~part.deleted & matching(wanted, columns.get, self._schema, part.segment.doc_count)
                for doc in np.flatnonzero(found).tolist():
                    part.delete(doc)
                    deleted += 1
        self._changed |= deleted > 0
        return deleted

    def _delete(self, doc_id: str) -> bool:
        found = self._buffer.discard(doc_id)
        if self._buffer.writes(doc_id):
            self._finish_segments()
        for part in self._parts:
            doc = part.segment.doc_of_id(doc_id)
            if doc >= 0 and not part.deleted[doc]:
                part.delete(doc)
                found = True
        return found

    def clear(self) -> None:
        """Delete all documents. This takes no longer for many than for few, and goes into the next commit as any change does.

        The index still follows its folders, and forgets what it has read of their files: the next sync reads them all again. To
        have a folder followed no more, use `drop`.
        """
        self._open_only()
        with self._all_or_nothing():
            roots = {root: {**noted, "synced_ns": 0} for root, noted in self._roots.items()}
            self._merger.stop()
            self._forget_changes()
            self._roots = roots
            self._changed |= bool(self._parts)
            if self._live is not None and SOURCES in self._live.manifest.files:
                self._sources = b""
            self._parts.clear()
            self._buffer.reset(b"", self._schema)  # a dictionary of texts has pieces of them

    def optimize(self) -> None:
        """Have the next commit merge all segments into one, or into few if they are very large, without the deleted documents.

        This makes searches a little faster and frees space; it is of use when an index will not change for long. The commit takes
        as long as the merge: about ten seconds for 100 MB of text. Without this call, merges follow the changes.
        """
        self._open_only()
        self._optimizing = True

    def _submit(self) -> None:
        with self._all_or_nothing():
            for analysed in self._buffer.submit():
                self.add_analysed(analysed)

    def _drain(self) -> None:
        """Wait until everything that was added is in the buffer, analysed."""
        self._submit()
        with self._all_or_nothing():
            for analysed in self._buffer.drain():
                self.add_analysed(analysed)

    def add_analysed(self, batch: AnalysedBatch) -> None:
        """Add documents that are analysed already. They replace earlier ones with the same ids.

        Files of a folder keep the fields that the application has given them, but for texts.
        """
        with self._all_or_nothing():
            if batch.synced and self._schema:
                self._keep_fields(batch)
            for doc_id in batch.ids if self._parts or self._buffer.is_writing else ():
                self._delete(doc_id)
            if not self._store_texts:
                batch.forget_texts()
            is_full = self._buffer.take(batch)
            self._changed |= bool(batch.ids)
            if is_full:
                self._flush()
            for path in self._buffer.write_full(self._new_segment_path, wait=False):
                self._add_part(path)

    def _keep_fields(self, batch: AnalysedBatch) -> None:
        """Give documents from files the values that their earlier versions have."""
        for number, doc_id in enumerate(batch.ids):
            found = None if batch.fields[number] else self._find(doc_id)
            if found is None:
                continue
            kept = {name: stored for name, stored in found[0].values_of(found[1]).items() if stored}
            batch.fields[number] = kept
            batch.kinds |= {name: kind.kind for name in kept if (kind := kind_of(self._schema, name)) is not None}

    def _new_segment_path(self) -> Path:
        path = self._staging() / f"{self._next_generation():08d}-{self._segment_number}.seg"
        self._segment_number += 1
        return path

    def _staging(self) -> Path:
        """The folder in which the next generation is written. Raises IndexLocked if the directory is not this writer's any more."""
        if self._lock is not None:
            self._lock.check()
        mode = self._mode
        if self._live is not None:
            mode &= os.stat(self._live.directory).st_mode
        return make_staging(self._directory, mode)

    def _next_generation(self) -> int:
        number = max([0, *taken_numbers(self._directory)]) + 1
        if number > LARGEST_NUMBER:
            name = generation_name(LARGEST_NUMBER)
            raise IndexUnwritable(
                message(
                    "{directory}: no number is left for a new state; move it away", directory=self._directory / name
                )
            )
        return number

    def _flush(self) -> None:
        """Write the documents in memory as a segment of the next generation."""
        for path in self._buffer.flush(self._new_segment_path):
            self._add_part(path)

    def _finish_segments(self) -> None:
        """Wait for the segments that are being written."""
        for path in self._buffer.finish(self._new_segment_path):
            self._add_part(path)

    def _add_part(self, path: Path) -> None:
        self._parts.append(SegmentState.of_new(path))

    def _finish_merges(self) -> None:
        """Wait for the merges that are due, and make them live. What was not committed is lost."""
        self.rollback()
        while self._merger.is_running:
            self._merger.wait()
            with self._all_or_nothing(), together():
                if not self._take_merged():
                    return
                self._merger.merge(self._parts, self._schema, self._new_segment_path)
                self._make_live()
            self._begin_merge()

    def _take_merged(self) -> bool:
        """Put the result of a merge that is done among the segments. Returns whether there was one."""
        taken = self._merger.take(self._parts, self._schema, self._new_segment_path)
        if taken is not None:
            self._changed = True
            self._verified.update([taken])
        return taken is not None

    def _begin_merge(self) -> None:
        """Begin a merge that was too long for the commit, if there is one. It is no error if that fails: the state is live."""
        if self._live is not None and not self._changing:
            self._merger.begin(self._parts, self._live.directory, self._mode)

    def commit(self) -> None:
        """Make all changes live at once, durably. Without changes, nothing is written unless the index is of an older format.

        Small merges are part of it. A larger one begins when the changes are live, and runs beside this writer: a later commit,
        or `close`, puts its result in place.

        Raises OSError, for example when the disk is full. Raises IndexDamaged if a new file does not read back, or if a
        damaged segment would have to be merged, and IndexLocked if the lock was removed. Then the index is as it was and this
        writer is closed: open another one to try again. What fails once the new state is live is no error: it is logged under
        "naidi".
        """
        self._open_only()
        with self._all_or_nothing(), together():
            self._drain()
            self._take_merged()
            self._changed |= self._optimizing and self._merger.has_more_than_needed(self._parts)
            if not self._changed and self._sources is None and self._is_current():
                self._optimizing = False
                return
            started = time.perf_counter()
            before = 0 if self._live is None else self._live.manifest.doc_count
            self._flush()
            self._finish_segments()
            if sum(part.segment.token_count for part in self._parts if part.size.new) >= LARGE_COMMIT_TOKENS:
                self._buffer.stop()
                self._buffer.forget_words()
            added = sum(part.live_count for part in self._parts if part.size.new)
            merge = self._merger.merge_all if self._optimizing else self._merger.merge
            merge(self._parts, self._schema, self._new_segment_path)
            self._make_live()
            self._tell(before, added, started)
        self._begin_merge()

    def _tell(self, before: int, added: int, started: float) -> None:
        """Log a commit. before: documents there were. added: new ones, with those that replace others."""
        logger = listener(_LOG, INFO)
        if logger is not None and self._live is not None:
            manifest, seconds = self._live.manifest, time.perf_counter() - started
            logger.info(
                "%s: committed %s, %d added, %d removed, %d documents in %d segments, %.3f s",
                *(self._directory, self._live.name, added, before + added - manifest.doc_count),
                *(manifest.doc_count, len(manifest.segments), seconds),
            )

    def _is_current(self) -> bool:
        """Whether there is an index, and of the format that a commit writes."""
        return self._live is not None and self._live.manifest.format_version == FORMAT_VERSION

    def _make_live(self) -> None:
        """Write the state that `_parts` describes as a generation and switch to it."""
        staging = self._staging()
        number = self._next_generation()
        known = {**(self._live.manifest.files if self._live else {}), **self._verified}
        live = None if self._live is None else self._live.directory
        entries = [part.stage(staging, number, live, self._schema) for part in self._parts]
        if self._sources is not None:
            known.pop(SOURCES, None)
            if self._sources:
                write_file(staging / SOURCES, self._sources)
        elif self._live is not None and SOURCES in self._live.manifest.files:
            link_or_copy(self._live.directory / SOURCES, staging / SOURCES)
        fields = {name: kind.to_json() for name, kind in self._schema.items()}
        write_whoosh_toc(staging, number, entries, fields)
        manifest = Manifest(
            generation=number,
            fingerprint=fingerprint(),
            created=datetime.now(timezone.utc).isoformat(timespec="seconds"),
            doc_count=sum(entry.doc_count - entry.deleted_count for entry in entries),
            segments=tuple(entries),
            files={},
            roots=self._roots,
            fields=fields,
            store_texts=self._store_texts,
        )
        assert self._lock is not None
        self._parts = []  # maps of staged files: Windows would not rename their folder
        self._live = commit_generation(
            self._directory,
            staging,
            manifest,
            known=known,
            keep=self._previous(),
            check=self._lock.check,
            before=self._live,
        )
        try:
            self._reset()
        except Exception:  # the new state is live, so that this is no error of the commit; but this writer cannot go on
            self._why_closed = message(
                "this writer was closed after its last commit, for want of memory; open another one"
            )
            self._changing += 1

    def _previous(self) -> list[str]:
        """The generation that answers if the next one is damaged: the live one, or else the newest."""
        if self._live is not None:
            return [self._live.name]
        try:
            return [read_current(self._directory)[0]]
        except IndexProblem:
            return generations(self._directory)[-1:]

    def rollback(self) -> None:
        """Forget all changes since the last commit. Raises IndexLocked if the lock was removed; then this writer is closed."""
        self._open_only()
        with self._all_or_nothing():
            self._forget_changes()

    def _forget_changes(self) -> None:
        if self._lock is not None:
            self._lock.check()  # what is staged may be another writer's by now
        self._buffer.stop()
        self._buffer.forget_words()
        self._reset()

    def close(self) -> None:
        """Release the lock. Changes that were not committed are lost.

        A merge that a commit has begun is waited for and made live; the changes of that commit are live before. Ctrl-C ends the
        wait, and the next writer merges. No error of a merge is raised here: it is logged under "naidi".
        """
        try:
            if (
                self._merger.is_running
                and self._lock is not None
                and not self._lock.is_inherited
                and not self._changing
            ):
                self._finish_merges()
        except (IndexProblem, OSError, MemoryError) as error:
            self._merger.has_failed(error)
        finally:
            self._release()

    def _release(self) -> None:
        """Close it without waiting for a merge."""
        self._let_go()
        lock = self._lock
        if lock is None:
            return
        if lock.is_inherited:
            self._disown()
            return
        try:
            self._parts, self._live = [], None  # maps of files: Windows would not remove them
            self._merger.stop()
            self._buffer.stop()
            with suppress(IndexProblem, OSError):  # after a removed lock, the folder is that of another writer
                lock.check()
                remove_staging(self._directory)
                remove_staging(self._directory, MERGING)
                if WINDOWS:  # which has kept what this writer had mapped
                    remove_older(self._directory)
        finally:
            lock.release()
            self._lock = None
            _writers.discard(self)

    def _let_go(self) -> None:
        """Let the error that has cut a change short keep no map. Without memory for that, the next use of the writer does it."""
        if self._left_by is not None:
            try:
                let_go(self._left_by, self._outer)
                self._left_by = self._outer = None
            except MemoryError:
                pass

    def _disown(self) -> None:
        """Close it in a forked child. The files, the lock and the workers are its parent's."""
        self._lock = None
        self._parts, self._live = [], None
        self._merger.disown()
        self._why_closed = message(
            "this writer belongs to the process that made it, from which this one was forked; open another one here"
        )

    def __del__(self) -> None:
        if getattr(self, "_lock", None) is not None:
            with suppress(Exception):  # the interpreter may be about to end
                warnings.warn(f"unclosed {self!r} of {self._directory}", ResourceWarning, stacklevel=2, source=self)
            with suppress(Exception):
                self._release()

    def _open_only(self) -> None:
        if self._lock is not None and self._lock.is_inherited:
            self._disown()
        if self._changing and self._lock is not None:
            if self._why_closed is _CLOSED:
                self._why_closed = _BY_AN_ERROR
            self._release()
        if self._lock is None:
            self._let_go()
            raise ValueError(self._why_closed)

    @contextmanager
    def _all_or_nothing(self) -> Iterator[None]:
        """Close the writer on an error, so that no later commit makes a part of the changes live."""
        outer = sys.exc_info()[1]
        # Without any memory left, an error may pass by the lines that close the writer. Then its next use does.
        self._changing += 1
        try:
            with blame(self._live.checked_files if self._live is not None else ()):
                yield
        except BaseException as error:
            if self._lock is not None:
                self._why_closed = _BY_AN_ERROR
            self._left_by, self._outer = error, outer
            self._release()
            raise
        self._changing -= 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self.commit()
                self.close()
        finally:
            self._release()

    # For `sync`.

    def merge_in_commits(self) -> None:
        """Have every merge done by the commit that calls for it. One commit is then all, and needs no room for two states."""
        self._merger.in_commits = True

    @property
    def roots(self) -> dict[str, dict[str, Any]]:
        """Synced folders: absolute path -> the notes of its sync, as in a manifest. Changes go into the next commit."""
        return self._roots

    def read_sources(self) -> bytes:
        """The table of files that the next commit will have; empty if there is none or it is altered.

        Raises IndexDamaged if it is missing, OSError as the system does.
        """
        if self._sources is not None:
            return self._sources
        return b"" if self._live is None else self._live.sources()

    def write_sources(self, table: bytes) -> None:
        """Replace the table of files at the next commit."""
        self._sources = table

    def document_origins(self) -> dict[str, bool]:
        """For the id of each document, whether a sync added it. Documents that are not committed yet are included."""
        self._drain()
        origins: dict[str, bool] = {}
        with self._all_or_nothing():
            self._finish_segments()
            for part in self._parts:
                origins.update(part.segment.origins(part.deleted))
        origins.update(self._buffer.origins)
        return origins

    def ids_from_older_naidi(self) -> set[str]:
        """The ids of committed documents whose files should be read again."""
        return set().union(*(part.segment.ids_from_older_naidi(part.deleted) for part in self._parts))


def _str_only(doc_id: object) -> None:
    """Raises InvalidDocument for an id that is no str: nothing was changed yet, and the writer goes on."""
    if not isinstance(doc_id, str):
        raise InvalidDocument(
            message("a document id is {doc_id!r}; it must be a str: str(value) makes one", doc_id=doc_id)
        )


def _checked_values(
    read: Callable[[Schema, Mapping[str, Any]], FieldValues], schema: Schema, doc_id: str, fields: Mapping[str, Any]
) -> FieldValues:
    """The values of a document as `read` gives them. Raises InvalidDocument if they are not those of the schema."""
    try:
        return read(schema, fields)
    except ValueError as error:
        raise InvalidDocument(message("document {doc_id!r}: {error}", doc_id=doc_id, error=error)) from None


_writers: weakref.WeakSet[Writer] = weakref.WeakSet()


def _disown_in_child() -> None:
    for writer in list(_writers):
        writer._disown()
    _writers.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_disown_in_child)
