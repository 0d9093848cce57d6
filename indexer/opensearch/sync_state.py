"""What a cluster knows of the files of a folder: each document carries the note of its file, so that one write has both.

A file is whole if all documents that its note counts are there with this one note. What else has the id of the file is a stray: of
an earlier look, written by a sync that was slower or was killed. So whoever reads the state knows what is left to do.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from ..folder.notes import Note
from ..folder.options import FolderOptions, same_reading
from ..state.roots import file_id
from .cluster import Cluster

SOURCE_FIELD = "source"
"""The field of a document that has its FileSource, as a line of text in doc values: a scan reads no stored text."""
_SCAN_PAGE = 10_000
_READING = ("max_file_size", "columns", "ocr", "max_unpacked")


class FileSource(NamedTuple):
    """What a document notes of the file that it comes from.

    look: when the file was looked at, in microseconds since 1970: the version of what was written then. The latest look holds.
    size, mtime_ns, digest: as in a Note.
    parts: how many documents the file gave.
    options: how it was read, as `reading_of` gives it.
    """

    look: int
    size: int
    mtime_ns: int
    digest: str
    parts: int
    options: str = ""

    @property
    def note(self) -> Note:
        return Note(self.size, self.mtime_ns, self.digest)

    def line(self) -> str:
        """As a document has it."""
        return " ".join(map(str, self)).rstrip()

    @classmethod
    def of(cls, line: str) -> FileSource | None:
        """The source that `line` gave; None for what is none."""
        look, size, mtime_ns, digest, parts, *options = [*line.split(" ", 5), "", "", "", ""][:6]
        try:
            return cls(int(look), int(size), int(mtime_ns), digest, int(parts), *options)
        except ValueError:
            return None


class KeptNote(NamedTuple):
    """What is noted of a file beside its documents: why it has none, or that it was touched since these were written.

    look, options: as of a FileSource.
    """

    look: int
    note: Note
    options: str = ""

    def value(self) -> dict[str, Any]:
        """As the cluster stores it."""
        return {"look": self.look, "note": list(self.note), "options": self.options}

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> KeptNote:
        return cls(value["look"], Note(*value["note"]), value["options"])


class FileState(NamedTuple):
    """A file as the cluster knows it.

    note: what is noted of it.
    options: how it was read when this was noted.
    carried: what its documents say; None if it has none.
    is_whole: whether all of its documents are there, or whether it needs none.
    """

    note: Note
    options: str
    carried: FileSource | None
    is_whole: bool


class FolderState:
    """The files of a folder as the cluster knows them.

    doc_ids: the document of a folder or an application -> whether it is of the folder. Strays are not among them.
    files: relative path -> file.
    strays: the ids of documents that must go: they are no part of what their files gave last.
    kept: relative path -> what is noted beside the documents.
    last_look: the latest of all.
    """

    def __init__(self, prefix: str, documents: Iterable[tuple[str, str]], kept: Mapping[str, KeptNote]) -> None:
        """Parameters:
        prefix: the beginning of the ids of the folder's documents, without "/".
        documents: (id, line of its source or "") of each document whose id begins so.
        kept: by relative path.
        """
        self.doc_ids: dict[str, bool] = {}
        self.files: dict[str, FileState] = {}
        self.strays: list[str] = []
        self.kept = dict(kept)
        self.last_look = max((one.look for one in kept.values()), default=0)
        by_file: dict[str, list[tuple[str, FileSource]]] = {}
        for doc_id, line in documents:
            if not line:
                self.doc_ids[doc_id] = False
                continue
            source = FileSource.of(line) or FileSource(0, 0, 0, "", 0)
            by_file.setdefault(file_id(doc_id)[len(prefix) + 1 :], []).append((doc_id, source))
        for relative, found in by_file.items():
            newest = max((source for _, source in found), key=lambda source: source.look)
            ours = [doc_id for doc_id, source in found if source == newest]
            is_whole = len(ours) == newest.parts
            if is_whole:
                self.strays += [doc_id for doc_id, source in found if source != newest]
            else:
                ours = [doc_id for doc_id, _ in found]
            self.doc_ids |= dict.fromkeys(ours, True)
            self.files[relative] = _together(newest, is_whole, self.kept.get(relative))
            self.last_look = max(self.last_look, newest.look)
        for relative, one in self.kept.items():
            self.files.setdefault(relative, FileState(one.note, one.options, None, True))

    def notes(self) -> dict[str, Note]:
        """Relative path -> what is noted of the file."""
        return {relative: state.note for relative, state in self.files.items()}

    def outdated(self, options: FolderOptions) -> Iterator[str]:
        """The relative paths of files that must be read again even if they are as noted.

        options: how files are read now.
        """
        known: dict[str, FolderOptions] = {}
        for relative, state in self.files.items():
            before = known.get(state.options)
            if before is None:
                before = known[state.options] = reading_options(state.options)
            if not state.is_whole or not same_reading(before, options, state.note.size, relative):
                yield relative


def _together(newest: FileSource, is_whole: bool, kept: KeptNote | None) -> FileState:
    """The state of a file that has documents."""
    if kept is not None and kept.look > newest.look and is_whole:
        if kept.note.problem is not None:
            return FileState(kept.note, kept.options, newest, True)
        if kept.note.digest == newest.digest:  # it was touched, and its content is as it was
            return FileState(kept.note, newest.options, newest, True)
    return FileState(newest.note, newest.options, newest, is_whole)


def reading_of(options: FolderOptions) -> str:
    """Those of a folder's options that say how a file is read, as JSON; "" if all are the default."""
    noted = {name: value for name, value in options.noted().items() if name in _READING}
    return json.dumps(noted, ensure_ascii=False, separators=(",", ":"), sort_keys=True) if noted else ""


def reading_options(text: str) -> FolderOptions:
    """The options that `reading_of` gave."""
    try:
        return FolderOptions.from_noted(json.loads(text)) if text else FolderOptions()
    except (ValueError, AttributeError):
        return FolderOptions()


def documents_below(cluster: Cluster, prefix: str) -> Iterator[tuple[str, str]]:
    """(id, line of its source or "") of each document whose id begins with the prefix of a folder, as it is now."""
    return documents_found(cluster, {"prefix": {"id": f"{prefix}/"}})


def documents_found(cluster: Cluster, query: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(id, line of its source or "") of each document that a query finds, in the order of ids."""
    cluster.refresh(cluster.words)  # first, so that no search sees a document without its words
    cluster.refresh(cluster.documents)
    hits = cluster.scan(
        cluster.documents,
        query,
        source=False,
        page=_SCAN_PAGE,
        docvalue_fields=["id", SOURCE_FIELD],
        stored_fields="_none_",  # even an `_id` would have the cluster unpack the texts
    )
    for hit in hits:
        fields = hit["fields"]
        yield fields["id"][0], fields.get(SOURCE_FIELD, [""])[0]
