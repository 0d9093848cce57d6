"""Opens generations, the committed states of an index. If the live one is damaged, the one before it answers.

    index_data/
      CURRENT                 "gen-00000007 <BLAKE2b-256 of its manifest>\\n": the live generation
      lock                    held by the writer
      gen-00000007/
        manifest.json         every other file with its size and digest, counts, fingerprint, format version
        <name>.seg            segments, shared with other generations by hard links
        <name>.del            deletions of a segment, a packed bitmap
        <name>.col            the values that its documents have in the fields of an application
        sources.json          the files that a sync has seen
      gen-00000006/           the generation before, which answers if the live one is damaged
      _MAIN_7.toc             for Whoosh: a link to the file of this name in gen-00000007
      gen-next.tmp/           one being written; the next writer removes what a killed one left
      gen-merge.tmp/          a segment that is being merged beside the writer; the same

A generation never changes once it has its name. `commit` makes one live by one atomic rename of CURRENT. So a reader sees the old
state or the new one, whenever the writer dies.

Only what is wrong with the index is told as damage, and only then the state before answers. An error of the system (too many open
files, no permission, a failing disk, no memory) goes up as it is: the index may well be sound.
"""

from __future__ import annotations

import os
import stat

from ..codec.container import Array
from ..codec.regular_file import read_bounded
from ..codec.segment import Segment
from ..digest import blake2b
from ..errors import IndexDamaged, IndexMissing, IndexOutdated, advised
from ..late import StrPath, cached_property, np, path_in
from ..messages import message, of_system, sentence
from ..record import replace
from ..typed import TYPE_CHECKING
from .files import file_digest, patiently
from .layout import (
    CURRENT,
    IN_MEMORY,
    NO_DIRECTORY,
    NOTHING_COMMITTED,
    SOURCES,
    current_bytes,
    generation_name,
    generations,
    parse_current,
)
from .manifest import (
    LONGEST_MANIFEST,
    MANIFEST,
    OLDEST_READABLE,
    FileEntry,
    Manifest,
    SegmentEntry,
    toc_name,
)
from .roots import all_resolved

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ..codec.column_file import ColumnFile

# A file that is not there, or whose folder is none.
NOT_THERE = (FileNotFoundError, NotADirectoryError)


def read_current(directory: StrPath) -> tuple[str, str]:
    """(name, manifest digest) of the live generation.

    Raises IndexMissing if there is no index or nothing was committed to it yet, IndexDamaged if CURRENT does not name a
    generation or is missing from an index that has some, OSError if it cannot be read.
    """
    path = path_in(directory, CURRENT)
    try:
        data = patiently(lambda: current_bytes(directory))
    except NotADirectoryError:
        raise IndexMissing(
            message(
                "{directory}: is a file, not an index directory; name the directory with --index", directory=directory
            )
        ) from None
    except FileNotFoundError:
        # The first commit makes CURRENT before it names a generation. So somebody has removed it.
        if os.path.isdir(directory) and _has_generations(directory):
            raise IndexDamaged(advised(message("{path}: missing", path=path))) from None
        raise _no_index(directory) from None
    if data == NOTHING_COMMITTED.encode():
        raise _no_index(directory)
    current = parse_current(data)
    if current is None:
        raise IndexDamaged(advised(message("{path}: does not name a generation", path=path)))
    return current


def _has_generations(directory: StrPath) -> bool:
    from pathlib import Path

    return bool(generations(Path(directory)))


def _no_index(directory: StrPath) -> IndexMissing:
    if os.fspath(directory) == IN_MEMORY:
        return IndexMissing(
            message("{directory}: is no directory; {no_directory}", directory=directory, no_directory=NO_DIRECTORY)
        )
    return IndexMissing(message("{directory}: no index here; build one with `naidi index FOLDER`", directory=directory))


def read_manifest(directory: StrPath, name: str, digest: str | None, oldest: int = OLDEST_READABLE) -> Manifest:
    """The manifest of a generation.

    Raises IndexDamaged if it is missing or has another digest, IndexOutdated as Manifest.from_json does, OSError as the system
    does.
    """
    path = path_in(directory, name, MANIFEST)
    try:
        data = read_bounded(path, LONGEST_MANIFEST)
    except NOT_THERE as error:
        raise _missing(path, error) from error
    if digest is not None and blake2b(data, digest_size=32).hexdigest() != digest:
        raise IndexDamaged(advised(message("{path}: altered since it was committed", path=path)))
    manifest = Manifest.from_json(data, path, oldest)
    manifest = replace(manifest, roots=all_resolved(manifest.roots, directory))
    if generation_name(manifest.generation) != name:
        raise IndexDamaged(
            advised(message("{path}: of another generation ({generation})", path=path, generation=manifest.generation))
        )
    return manifest


def _missing(path: StrPath, error: OSError) -> IndexDamaged:
    return IndexDamaged(advised(message("{path}: {reason}", path=path, reason=of_system(error))))


def _check_sizes(directory: StrPath, manifest: Manifest) -> None:
    """Raises IndexDamaged where a file of a generation is missing, no regular file or of another size."""
    for file, entry in manifest.files.items():
        if file == toc_name(manifest.generation):
            continue
        path = path_in(directory, file)
        try:
            found = os.stat(path)
        except NOT_THERE as error:
            raise _missing(path, error) from error
        if not stat.S_ISREG(found.st_mode):
            raise IndexDamaged(advised(message("{path}: not a regular file", path=path)))
        if found.st_size != entry.size:
            raise IndexDamaged(
                advised(
                    message("{path}: {found} bytes instead of {size}", path=path, found=found.st_size, size=entry.size)
                )
            )


def _read_deletions(
    directory: StrPath, entry: SegmentEntry, segment: Segment, files: Mapping[str, FileEntry]
) -> bytes | None:
    """The bitmap of the deleted documents of a segment; None if there are none.

    Raises IndexDamaged if it is not as it was written.
    """
    if segment.doc_count != entry.doc_count:
        raise IndexDamaged(
            advised(
                message(
                    "{directory}: not the segment that the manifest means", directory=path_in(directory, entry.file)
                )
            )
        )
    if entry.deletions is None:
        if entry.deleted_count:
            raise IndexDamaged(
                advised(
                    message(
                        "{directory}: documents are deleted, but no file says which",
                        directory=path_in(directory, entry.file),
                    )
                )
            )
        return None
    path = path_in(directory, entry.deletions)
    size = -(-segment.doc_count // 8)
    try:
        packed = read_bounded(path, size)
    except NOT_THERE as error:
        raise _missing(path, error) from error
    if len(packed) != size:
        raise IndexDamaged(advised(message("{path}: wrong size", path=path)))
    # The next commit may copy the bitmap: damage must not get a digest of its own.
    expected = files.get(entry.deletions)
    if expected is None or blake2b(packed, digest_size=32).hexdigest() != expected.digest:
        raise IndexDamaged(advised(message("{path}: content differs from what was written", path=path)))
    if (int.from_bytes(packed, "big") >> (-segment.doc_count % 8)).bit_count() != entry.deleted_count:
        raise IndexDamaged(advised(message("{path}: not as many deleted documents as the manifest says", path=path)))
    return packed if entry.deleted_count else None


def unpacked(bitmap: bytes | None, count: int) -> Array:
    """Which of `count` documents are deleted (bool). bitmap: as in `Generation.bitmaps`."""
    if bitmap is None:
        return np.zeros(count, bool)
    return np.unpackbits(np.frombuffer(bitmap, np.uint8), count=count).astype(bool)


class Generation:
    """An opened generation: its segments, mapped, with their deletions.

    index: the directory of the index.
    segments: the segments.
    bitmaps: for each segment its deleted documents, a bit a document, those of the highest value first; None if there are none.
    columns: for each segment the values that its documents have in the fields of an application; None if they have none.
    damage: why the live generation could not be opened, if this is an earlier one; else None.

    Once open, a generation stays readable even when a writer has removed its directory.
    """

    def __init__(self, directory: StrPath, name: str, digest: str | None, before: Generation | None = None) -> None:
        """Check names and sizes, map the segments. Raises IndexDamaged, or IndexOutdated for a manifest of another format.

        The file for Whoosh is left to `verify`: searches do not need it.

        before: an open generation. Segments that are in both are not opened again.
        """
        self.index = os.fspath(directory)
        self._place = path_in(directory, name)
        self.name = name
        self.damage: IndexDamaged | None = None
        self._digest = digest
        self.manifest = read_manifest(directory, name, digest)
        _check_sizes(self._place, self.manifest)
        try:
            self.segments = [self._segment(entry.file, before) for entry in self.manifest.segments]
        except IndexOutdated as error:  # but the manifest is of a format that has segments like ours
            raise IndexDamaged(sentence(error)) from error
        self.bitmaps = [
            _read_deletions(self._place, entry, segment, self.manifest.files)
            for entry, segment in zip(self.manifest.segments, self.segments, strict=True)
        ]
        self.columns = [self._columns(entry, before) for entry in self.manifest.segments]

    @property
    def checked_files(self) -> list[Segment | ColumnFile]:
        """All that `blame` should look at."""
        return [*self.segments, *filter(None, self.columns)]

    @property
    def directory(self) -> Path:
        """Of this generation."""
        from pathlib import Path

        return Path(self._place)

    @cached_property
    def deleted(self) -> list[Array]:
        """For each segment, whether each of its documents is deleted (bool)."""
        return [
            unpacked(bitmap, segment.doc_count) for bitmap, segment in zip(self.bitmaps, self.segments, strict=True)
        ]

    def _segment(self, file: str, before: Generation | None) -> Segment:
        """The segment, open already if `before` has the same file with the same content."""
        path = path_in(self._place, file)
        if before is not None and before.manifest.files.get(file) == self.manifest.files.get(file) is not None:
            for segment in before.segments:
                if segment.name == file and segment.container.is_at(path):
                    segment.container.moved_to(path)
                    return segment
        return Segment(path)

    def _columns(self, entry: SegmentEntry, before: Generation | None) -> ColumnFile | None:
        """The columns of a segment, open already if `before` has the same file."""
        if entry.columns is None:
            return None
        from ..codec.column_file import ColumnFile

        path = path_in(self._place, entry.columns)
        if before is not None and before.manifest.files.get(entry.columns) == self.manifest.files.get(entry.columns):
            for known, columns in zip(before.manifest.segments, before.columns, strict=True):
                if columns is not None and known.columns == entry.columns and columns.container.is_at(path):
                    columns.container.moved_to(path)
                    return columns
        try:
            columns = ColumnFile(path)
        except IndexOutdated as error:
            raise IndexDamaged(sentence(error)) from error
        if columns.doc_count != entry.doc_count:
            raise IndexDamaged(advised(message("{path}: not the columns of {file}", path=path, file=entry.file)))
        return columns

    @property
    def manifest_digest(self) -> str | None:
        """The digest of the manifest, if this generation was the live one when it was opened."""
        return self._digest

    def sources(self) -> bytes:
        """The table of files that syncs have seen; empty if there is none or it is altered.

        Raises IndexDamaged if it is missing, OSError as the system does.
        """
        entry = self.manifest.files.get(SOURCES)
        if entry is None:
            return b""
        path = path_in(self._place, SOURCES)
        try:
            table = read_bounded(path, entry.size)
        except NOT_THERE as error:
            raise _missing(path, error) from error
        # A damaged table must not be copied into the next one. Without it, all files are read again.
        return table if blake2b(table, digest_size=32).hexdigest() == entry.digest else b""

    def document_origins(self) -> dict[str, bool]:
        """For the id of each document, whether a sync added it. Raises IndexDamaged if that cannot be told."""
        from ..codec.check import blame

        with blame(self.checked_files):
            found = [one.origins(deleted) for one, deleted in zip(self.segments, self.deleted, strict=True)]
        return {doc_id: synced for origins in found for doc_id, synced in origins.items()}

    def verify(self) -> int:
        """Read every byte. Returns the number of files. Raises IndexDamaged at the first difference.

        The manifest is compared with CURRENT if this generation was the live one when it was opened. A writer may have removed
        files of it since, because another one is live: then those that are mapped are read there, and the others are left out.
        """
        try:
            read_manifest(self.index, self.name, self._digest)
            for file, entry in self.manifest.files.items():
                self._verify_file(file, entry)
            from pathlib import Path

            from .whoosh_tocs import verify_toc

            verify_toc(Path(self.index), self.manifest.generation, self.manifest.files)
        except IndexDamaged:
            if not self._is_superseded():
                raise
            self._verify_mapped()
        from ..codec.check import verify_file

        for mapped in self.checked_files:
            verify_file(mapped)
        return len(self.manifest.files) + 1

    def _verify_file(self, file: str, entry: FileEntry) -> None:
        path = path_in(self._place, file)
        try:
            found = file_digest(path, entry.size)
        except NOT_THERE as error:
            raise _missing(path, error) from error
        if found != entry:
            raise IndexDamaged(advised(message("{path}: content differs from what was written", path=path)))

    def _verify_mapped(self) -> None:
        names = [entry.columns for entry in self.manifest.segments if entry.columns is not None]
        for name, file in zip([segment.name for segment in self.segments] + names, self.checked_files, strict=True):
            if file.container.digest() != self.manifest.files[name].digest:
                raise IndexDamaged(
                    advised(message("{path}: content differs from what was written", path=file.container.path))
                )

    def _is_superseded(self) -> bool:
        """Whether another generation is live by now. Raises IndexMissing if none is any more."""
        try:
            return self._digest is not None and read_current(self.index) != (self.name, self._digest)
        except IndexDamaged:
            return False


def open_generation(directory: StrPath, before: Generation | None = None) -> Generation:
    """The live generation or, if it is damaged, the one before it (see `Generation.damage`).

    before: an open generation. Segments that are in both are not opened again.

    Raises IndexMissing, IndexOutdated, or IndexDamaged if no generation can be opened. Raises OSError as the system does.
    """
    while True:
        name, digest = "", ""
        try:
            name, digest = read_current(directory)
            return Generation(directory, name, digest, before)
        except IndexDamaged as damage:
            # A writer may have replaced and removed the generation between the reads: then CURRENT names another by now.
            if name and _is_replaced(directory, name, digest):
                continue
            return _open_previous(directory, name, damage)


def _is_replaced(directory: StrPath, name: str, digest: str) -> bool:
    try:
        return read_current(directory) != (name, digest)
    except IndexDamaged:
        return False


def _open_previous(directory: StrPath, damaged: str, damage: IndexDamaged) -> Generation:
    from pathlib import Path

    names = generations(Path(directory))[::-1]
    if damaged in names:
        # A later generation was not committed. It is still better than nothing.
        place = names.index(damaged)
        names = names[place + 1 :] + names[:place][::-1]
    for name in names:
        try:
            generation = Generation(directory, name, None)
        except (IndexDamaged, IndexOutdated):
            continue
        generation.damage = IndexDamaged(*damage.args)  # without its traceback, which holds what was opened
        return generation
    try:
        raise damage
    finally:
        del damage  # its traceback holds this frame
