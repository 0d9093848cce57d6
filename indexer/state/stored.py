"""What an index of any format has stored: the documents that it can be built anew from.

Whoever copies stored documents gives them new checksums. So only what is as it was written is handed on, and the rest is
named. If something of the live state is damaged, the state before may have the same document, or an older version of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ..codec.column_file import ColumnFile
from ..codec.container import Array
from ..codec.older_formats import OlderSegment
from ..codec.segment import Segment
from ..codec.sound_documents import sound_documents
from ..digest import blake2b
from ..errors import IndexDamaged, IndexOutdated, NaidiError, advised, without_advice
from ..messages import message
from ..printable import counted
from .files import file_digest
from .generations import NOT_THERE, read_current, read_manifest
from .layout import SOURCES, generations
from .manifest import MANIFEST, OLDEST_READABLE, OLDEST_STORED, FileEntry, Manifest, SegmentEntry

AnySegment = Segment | OlderSegment

# What reading bytes that make no sense may raise.
UNREADABLE = (NaidiError, IndexError, KeyError, TypeError, ValueError, OverflowError)


class StoredSegment(NamedTuple):
    """A segment of which some documents can be taken.

    docs: the documents to take, ascending. Their bytes are as they were written.
    text_bytes: UTF-8 bytes of its texts, those of deleted documents included.
    columns: the values that its documents have in the fields of an application; None if they have none, or these are damaged.
    """

    segment: AnySegment
    docs: Array
    text_bytes: int
    columns: ColumnFile | None = None


class Kept(Enum):
    """What was taken instead of a damaged document."""

    OLDER = message("maybe an older version")
    UNSURE = message("it may have been changed or deleted since")  # whether it is one of the damaged is not known


class Lost(NamedTuple):
    """A document that cannot be taken as it was, or several whose ids cannot be read.

    name: its id. It may be wrong, since it comes from damaged bytes. Of several: of what they are.
    synced: whether it came from a synced folder, as far as can be told.
    reason: what is damaged.
    kept: what was taken instead; None if nothing was.
    number: of several, how many; 0 if that is not known. None for one that is named.
    """

    name: str
    synced: bool
    reason: str
    kept: Kept | None = None
    number: int | None = None

    def __str__(self) -> str:
        """How it is named in messages."""
        if not self.number:
            return self.name
        return message("{documents} of {name}", documents=counted(self.number, "document"), name=self.name)


@dataclass(slots=True)
class StoredDocuments:
    """The stored documents of an index.

    segments: what can be taken.
    lost: what cannot, or only in an older version.
    manifest: of the newest state that has a manifest; None if no state has one.
    sources: the table of files of its syncs; empty if there is none. It is also empty if anything is lost. Files are then
      read anew.
    listed: the table of files, also if something is lost; None if it is damaged or there is none.
    damage: why the live state cannot be taken as it is; None if it can.
    earlier: whether some documents are taken from an earlier state.
    """

    segments: list[StoredSegment] = field(default_factory=list)
    lost: list[Lost] = field(default_factory=list)
    manifest: Manifest | None = None
    sources: bytes = b""
    listed: bytes | None = None
    damage: IndexDamaged | None = None
    earlier: bool = False

    @property
    def reason(self) -> str:
        """What the damage is, without the advice to rebuild."""
        return without_advice(self.damage) if self.damage is not None else ""


def open_stored(directory: Path) -> StoredDocuments:
    """Read every byte of the index, and collect what is as it was written.

    Raises IndexMissing, IndexOutdated for an index of a later naidi, and OSError as the system does.
    """
    live, digest, damage = "", None, None
    try:
        live, digest = read_current(directory)
    except IndexDamaged as error:
        damage = error
    collected = _Collected(directory, damage)
    for name in _newest_first(directory, live):
        try:
            manifest = read_manifest(directory, name, digest if name == live else None, OLDEST_STORED)
        except IndexDamaged as error:
            collected.has_no_manifest(name, error)
        except IndexOutdated:
            if name == live:
                raise
        else:
            collected.take(name, manifest)
        if collected.is_whole():
            break
    return collected.result()


def followed_folders(directory: Path) -> list[str]:
    """The folders that the index follows, as far as a rebuild knows. Raises as `newest_manifest`."""
    return sorted(newest_manifest(directory).roots)


def newest_manifest(directory: Path) -> Manifest:
    """The manifest of the live state or, if it is damaged, that of another one. It may be of any format.

    Raises IndexMissing, IndexOutdated for an index of a later naidi, IndexDamaged if no manifest can be read, OSError as the
    system does.
    """
    live, digest, damage = "", None, None
    try:
        live, digest = read_current(directory)
    except IndexDamaged as error:
        damage = error
    for name in _newest_first(directory, live):
        try:
            return read_manifest(directory, name, digest if name == live else None, oldest=0)
        except IndexDamaged as error:
            damage = damage or error
        except IndexOutdated:
            if name == live:
                raise
    raise damage or IndexDamaged(advised(message("{directory}: no state has a manifest", directory=directory)))


def _newest_first(directory: Path, live: str) -> list[str]:
    """The generations in the order in which they are tried: the live one, those before it, and then those after it."""
    names = generations(directory)[::-1]
    if live not in names:
        return [live, *names] if live else names
    place = names.index(live)
    return names[place:] + names[:place][::-1]


class _Missing(NamedTuple):
    """A document that cannot be taken. segment, doc: where its bytes are, if they are all that is in doubt of it."""

    synced: bool
    reason: str
    segment: AnySegment | None
    doc: int


class _Collected:
    """What has been found, state by state, the newest first."""

    def __init__(self, directory: Path, damage: IndexDamaged | None) -> None:
        self._directory = directory
        self._damage = damage
        self._found = StoredDocuments()
        self._missing: dict[str, _Missing] = {}
        self._nameless: list[Lost] = []
        self._ids_unknown = (
            False  # some missing documents have no readable ids, so that any document may be one of them
        )
        self._replaced: list[Lost] = []
        self._has_unlisted = False  # whether there is a newer state without a manifest

    def is_whole(self) -> bool:
        """Whether nothing is missing, so that no earlier state is needed."""
        return self._damage is None and self._found.manifest is not None

    def result(self) -> StoredDocuments:
        found = self._found
        if self._damage is not None:
            found.damage, found.sources = self._damage, b""
            found.lost = [
                *(Lost(doc_id, missing.synced, missing.reason) for doc_id, missing in self._missing.items()),
                *self._nameless,
                *self._replaced,
            ]
            if found.manifest is None and not found.lost:
                found.lost.append(Lost(message("all documents"), False, without_advice(self._damage), number=0))
        return found

    def has_no_manifest(self, name: str, damage: IndexDamaged) -> None:
        """Note a state of which nothing says what belongs to it."""
        self._damage = self._damage or damage
        if self._found.manifest is None:
            self._has_unlisted = True
            self._name_unlisted(name, without_advice(damage))

    def _name_unlisted(self, name: str, reason: str) -> None:
        """Name the documents of segments that no manifest lists. Which of them are deleted is not known."""
        for path in sorted((self._directory / name).glob("*.seg")):
            try:
                segment = Segment(path)
                for doc in range(segment.doc_count):
                    missing = _Missing(bool(segment.synced[doc]), reason, segment, doc)
                    self._missing.setdefault(segment.doc_id(doc), missing)
            except UNREADABLE:
                self._nameless.append(Lost(message("the documents of {path}", path=path), False, reason, number=0))

    def take(self, name: str, manifest: Manifest) -> None:
        """Take what is as it was written, and what earlier calls have missed."""
        newest = self._found.manifest is None
        if newest:
            self._found.earlier = self._has_unlisted
            self._found.manifest = manifest
            self._found.listed = self._sources(name, manifest)
            self._found.sources = self._found.listed or b""
        taken = None if newest and not self._missing else {doc_id for doc_id, _, _ in self._ids(self._found.segments)}
        for entry in manifest.segments:
            part = self._read(name, manifest, entry, newest)
            if part is None:
                continue
            if taken is None:
                self._found.segments.append(part)
                continue
            docs = [
                doc for doc_id, _, doc in self._ids([part]) if self._is_wanted(doc_id, part.segment, doc, taken, newest)
            ]
            if docs:
                self._found.earlier |= not newest
                self._found.segments.append(part._replace(docs=np.array(docs)))
        if newest and self._missing:
            # What is replaced by a document of a sound segment is not missed.
            for doc_id, _, _ in self._ids(self._found.segments):
                self._missing.pop(doc_id, None)

    def _is_wanted(self, doc_id: str, segment: AnySegment, doc: int, taken: set[str], newest: bool) -> bool:
        """Whether to take a document of a state that is not the live one."""
        if doc_id in taken:
            return False
        missing = self._missing.pop(doc_id, None)
        if missing is None:
            if not newest and not self._ids_unknown:
                return False  # it was deleted since
            if not newest:
                reason = without_advice(self._damage) if self._damage is not None else ""
                self._replaced.append(Lost(doc_id, bool(segment.synced[doc]), reason, Kept.UNSURE))
        elif missing.segment is None or _content(missing.segment, missing.doc) != _content(segment, doc):
            self._replaced.append(Lost(doc_id, missing.synced, missing.reason, Kept.OLDER))
        taken.add(doc_id)
        return True

    def _ids(self, parts: list[StoredSegment]) -> Iterator[tuple[str, StoredSegment, int]]:
        for part in parts:
            for doc in part.docs.tolist():
                try:
                    yield id_of(part.segment, doc), part, doc
                except UNREADABLE:
                    continue  # whoever takes it will say so

    def _read(self, name: str, manifest: Manifest, entry: SegmentEntry, newest: bool) -> StoredSegment | None:
        """What can be taken of a segment of a state; None if nothing can. If the state is the newest, the rest is missing."""
        bad = self._directory / name / entry.file
        path = self._as_written(name, entry.file, manifest)
        try:
            segment = _open(path or bad, manifest.format_version)
            if segment.doc_count != entry.doc_count:
                raise IndexDamaged(message("{bad}: not the segment that the manifest means", bad=bad))
        except (IndexDamaged, IndexOutdated) as error:
            if newest:
                self._miss_all(entry, without_advice(error))
            return None
        # From here on, the number of documents is one for which the file has room.
        reason = message("{bad}: altered", bad=bad) if bad.exists() else message("{bad}: missing", bad=bad)
        sound = np.ones(segment.doc_count, bool)
        if path is None:
            sound = sound_documents(segment) if isinstance(segment, Segment) else ~sound
        live = self._live(name, manifest, entry)
        if live is None:
            sound[:] = False
            damaged = self._directory / name / (entry.deletions or MANIFEST)
            reason = message("{damaged}: damaged, so it is not known which documents are deleted", damaged=damaged)
        lost = ~sound if live is None else live & ~sound
        if newest and lost.any():
            self._miss(segment, np.flatnonzero(lost), entry, reason, deletions_known=live is not None)
        docs = np.flatnonzero(sound if live is None else live & sound)
        columns = self._columns(name, manifest, entry, newest)
        return StoredSegment(segment, docs, entry.text_bytes, columns) if len(docs) else None

    def _columns(self, name: str, manifest: Manifest, entry: SegmentEntry, newest: bool) -> ColumnFile | None:
        """The columns of a segment. If they are damaged, its documents are taken without them, and that is noted."""
        if entry.columns is None:
            return None
        path = self._as_written(name, entry.columns, manifest)
        try:
            if path is None:
                raise IndexDamaged(
                    message("{directory}: missing or altered", directory=self._directory / name / entry.columns)
                )
            return ColumnFile(path)
        except (IndexDamaged, IndexOutdated) as error:
            if newest:
                self._note_damage(without_advice(error))
                what = message("the values of fields of the documents of {file}", file=entry.file)
                self._nameless.append(Lost(what, False, without_advice(error), number=0))
            return None

    def _live(self, name: str, manifest: Manifest, entry: SegmentEntry) -> Array | None:
        """Which documents are not deleted; None if that cannot be read, or is not as many as the manifest says."""
        if entry.deletions is None:
            return None if entry.deleted_count else np.ones(entry.doc_count, bool)
        listed = manifest.files.get(entry.deletions)
        if listed is None or listed.size != -(-entry.doc_count // 8):
            return None  # a file of a forged size is not even read
        path = self._as_written(name, entry.deletions, manifest)
        if path is None:
            return None
        packed = path.read_bytes()
        live = ~np.unpackbits(np.frombuffer(packed, np.uint8), count=entry.doc_count).astype(bool)
        return live if np.count_nonzero(live) == entry.doc_count - entry.deleted_count else None

    def _miss(
        self, segment: AnySegment, docs: Array, entry: SegmentEntry, reason: str, *, deletions_known: bool
    ) -> None:
        """Note documents of a damaged segment, by their ids if these can be read.

        deletions_known: whether it is known that these are not deleted.
        """
        self._note_damage(reason)
        named = 0
        for doc in docs.tolist():
            try:
                doc_id, synced = id_of(segment, doc), bool(segment.synced[doc])
            except UNREADABLE:
                continue
            named += 1
            self._missing[doc_id] = _Missing(synced, reason, segment if deletions_known else None, doc)
        self._miss_nameless(min(len(docs), entry.doc_count - entry.deleted_count) - named, entry, reason)

    def _miss_all(self, entry: SegmentEntry, reason: str) -> None:
        """Note that nothing of a segment can be read."""
        self._note_damage(reason)
        self._miss_nameless(entry.doc_count - entry.deleted_count, entry, reason)

    def _miss_nameless(self, count: int, entry: SegmentEntry, reason: str) -> None:
        if count > 0:
            self._ids_unknown = True
            self._nameless.append(Lost(entry.file, False, reason, number=count))

    def _note_damage(self, reason: str) -> None:
        self._damage = self._damage or IndexDamaged(advised(reason))

    def _sources(self, name: str, manifest: Manifest) -> bytes | None:
        """The table of files of a state; None if it is not as it was written."""
        if SOURCES not in manifest.files:
            return b""
        path = self._as_written(name, SOURCES, manifest)
        return path.read_bytes() if path is not None else None

    def _as_written(self, name: str, file: str, manifest: Manifest) -> Path | None:
        """Where a file of a state is as the manifest says: there, or else in another generation, which may have a copy."""
        entry = manifest.files.get(file)
        if entry is None:
            return None
        for folder in dict.fromkeys([name, *_newest_first(self._directory, name)]):
            path = self._directory / folder / file
            if _found_entry(path, entry.size) == entry:
                return path
        return None


def _found_entry(path: Path, size: int) -> FileEntry | None:
    """Size and digest of a file that should have `size` bytes; None if it is not there."""
    try:
        return file_digest(path, size)
    except (*NOT_THERE, IndexDamaged):  # the latter for what is no regular file
        return None


def _open(path: Path, version: int) -> AnySegment:
    return Segment(path) if version >= OLDEST_READABLE else OlderSegment(path, version)


def id_of(segment: AnySegment, doc: int) -> str:
    """The id of a document. Raises one of UNREADABLE."""
    return segment.doc_id(doc) if isinstance(segment, Segment) else str(segment.record(doc)["id"])


def _content(segment: AnySegment, doc: int) -> bytes | None:
    """A digest of all that is stored of a document; None if it cannot be read."""
    try:
        record = segment.record(doc)
        stored = repr((sorted(record.items()), int(segment.dates[doc]), bool(segment.synced[doc]), segment.text(doc)))
    except UNREADABLE:
        return None
    return blake2b(stored.encode("utf-8", "surrogatepass")).digest()
