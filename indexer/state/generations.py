"""Opens and commits generations, the committed states of an index. If the live one is damaged, the one before it answers.

    index_data/
      CURRENT                 "gen-00000007 <BLAKE2b-256 of its manifest>\\n": the live generation
      lock                    held by the writer
      gen-00000007/
        manifest.json         every other file with its size and digest, counts, fingerprint, format version
        <name>.seg            segments, shared with other generations by hard links
        <name>.del            deletions of a segment, a packed bitmap
        sources.json          the files that a sync has seen
      gen-00000006/           the generation before, which answers if the live one is damaged
      gen-next.tmp/           one being written; the next writer removes what a killed one left

A generation never changes once it has its name. A commit writes the files, checks them, fsyncs them and replaces CURRENT by
one atomic rename. So a reader sees the old state or the new one, whenever the writer dies.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np

from ..codec.check import verify_segment
from ..codec.container import Array
from ..codec.older_formats import OlderSegment
from ..codec.segment import Segment
from ..errors import IndexDamaged, IndexMissing, IndexOutdated, IndexUnwritable
from .manifest import OLDEST_READABLE, OLDEST_STORED, REBUILD, FileEntry, Manifest, SegmentEntry, toc_name

CURRENT = "CURRENT"
LOCK = "lock"
MANIFEST = "manifest.json"
SOURCES = "sources.json"
STAGING = "gen-next.tmp"
_GENERATION = re.compile(r"gen-(\d{8,})")
_CURRENT_LINE = re.compile(r"(gen-\d{8,}) ([0-9a-f]{64})\n")


def file_digest(path: Path) -> FileEntry:
    """Size and digest of a file."""
    digest = hashlib.blake2b(digest_size=32)
    with open(path, "rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
        return FileEntry(file.tell(), digest.hexdigest())


def fsync_directory(path: Path) -> None:
    """Make the names in a directory durable."""
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def write_file(path: Path, data: bytes) -> None:
    """Write a new file and fsync it."""
    with open(path, "xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def generation_name(number: int) -> str:
    return f"gen-{number:08d}"


def prepare_directory(directory: Path) -> None:
    """Create the index directory if need be. Raises IndexUnwritable if it cannot be one."""
    if directory.exists() and not directory.is_dir():
        raise IndexUnwritable(f"{directory}: is a file, not an index directory; choose another one with --index")
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise IndexUnwritable(f"{directory}: {error.strerror}; choose another directory with --index") from error


def generations(directory: Path) -> list[int]:
    """Numbers of the generations that are there, ascending, whether live or not."""
    found = (_GENERATION.fullmatch(entry.name) for entry in directory.iterdir())
    return sorted(int(match[1]) for match in found if match)


def read_current(directory: Path) -> tuple[str, str]:
    """(name, manifest digest) of the live generation.

    Raises IndexMissing if there is no index, IndexDamaged if CURRENT does not name a generation.
    """
    if directory.exists() and not directory.is_dir():
        raise IndexMissing(f"{directory}: is a file, not an index directory; name the directory with --index")
    path = directory / CURRENT
    try:
        line = path.read_bytes().decode("ascii", "replace")
    except FileNotFoundError:
        if directory.is_dir() and generations(directory):
            raise IndexDamaged(f"{path}: missing; {REBUILD}") from None
        raise IndexMissing(f"{directory}: no index here; build one with `naidi index FOLDER`") from None
    except OSError as error:
        raise IndexMissing(f"{path}: {error.strerror}; check the permissions") from error
    match = _CURRENT_LINE.fullmatch(line)
    if not match:
        raise IndexDamaged(f"{path}: does not name a generation; {REBUILD}")
    return match[1], match[2]


def read_manifest(directory: Path, name: str, digest: str | None, oldest: int = OLDEST_READABLE) -> Manifest:
    """The manifest of a generation.

    Raises IndexDamaged if it is missing or has another digest, IndexOutdated as Manifest.from_json does.
    """
    path = directory / name / MANIFEST
    try:
        data = path.read_bytes()
    except OSError as error:
        raise IndexDamaged(f"{path}: {error.strerror}; {REBUILD}") from error
    if digest is not None and hashlib.blake2b(data, digest_size=32).hexdigest() != digest:
        raise IndexDamaged(f"{path}: altered since it was committed; {REBUILD}")
    return Manifest.from_json(data, path, oldest)


def _check_sizes(directory: Path, manifest: Manifest) -> None:
    """Raises IndexDamaged where a file of a generation is missing or has another size."""
    for file, entry in manifest.files.items():
        if file == toc_name(manifest.generation):
            continue
        try:
            size = os.stat(directory / file).st_size
        except OSError as error:
            raise IndexDamaged(f"{directory / file}: {error.strerror}; {REBUILD}") from error
        if size != entry.size:
            raise IndexDamaged(f"{directory / file}: {size} bytes instead of {entry.size}; {REBUILD}")


def _read_deletions(directory: Path, entry: SegmentEntry, segment: Segment | OlderSegment) -> Array:
    """For each document of a segment, whether it is deleted (bool). Raises IndexDamaged if that cannot be read."""
    if segment.doc_count != entry.doc_count:
        raise IndexDamaged(f"{directory / entry.file}: not the segment that the manifest means; {REBUILD}")
    if entry.deletions is None:
        return np.zeros(segment.doc_count, bool)
    path = directory / entry.deletions
    try:
        packed = np.frombuffer(path.read_bytes(), np.uint8)
    except OSError as error:
        raise IndexDamaged(f"{path}: {error.strerror}; {REBUILD}") from error
    if len(packed) != -(-segment.doc_count // 8):
        raise IndexDamaged(f"{path}: wrong size; {REBUILD}")
    return np.unpackbits(packed, count=segment.doc_count).astype(bool)


class Generation:
    """An opened generation: its segments, mapped, with their deletions.

    segments: the segments.
    deleted: for each segment, whether each of its documents is deleted (bool).
    damage: why the live generation could not be opened, if this is an earlier one; else None.

    Once open, a generation stays readable even when a writer has removed its directory.
    """

    def __init__(self, directory: Path, name: str, digest: str | None, before: Generation | None = None) -> None:
        """Check names and sizes, map the segments. Raises IndexDamaged, or IndexOutdated for a manifest of another format.

        The file for Whoosh is left to `verify`: searches do not need it.

        before: an open generation. Segments that are in both are not opened again.
        """
        self.directory = directory / name
        self.name = name
        self.damage: IndexDamaged | None = None
        self._digest = digest
        self.manifest = read_manifest(directory, name, digest)
        _check_sizes(self.directory, self.manifest)
        try:
            self.segments = [self._segment(entry.file, before) for entry in self.manifest.segments]
        except IndexOutdated as error:  # but the manifest is of a format that has segments like ours
            raise IndexDamaged(str(error)) from error
        self.deleted = [
            _read_deletions(self.directory, entry, segment)
            for entry, segment in zip(self.manifest.segments, self.segments, strict=True)
        ]

    def _segment(self, file: str, before: Generation | None) -> Segment:
        """The segment, open already if `before` has the same file with the same content."""
        path = self.directory / file
        if before is not None and before.manifest.files.get(file) == self.manifest.files.get(file) is not None:
            for segment in before.segments:
                if segment.name == file and segment.container.is_at(path):
                    segment.container.path = path  # for messages: the name by which it was opened may be gone
                    return segment
        return Segment(path)

    @property
    def manifest_digest(self) -> str | None:
        """The digest of the manifest, if this generation was the live one when it was opened."""
        return self._digest

    def verify(self) -> int:
        """Read every byte. Returns the number of files. Raises IndexDamaged at the first difference.

        The manifest is compared with CURRENT if this generation was the live one when it was opened.
        """
        read_manifest(self.directory.parent, self.name, self._digest)
        for file, entry in self.manifest.files.items():
            try:
                found = file_digest(self.directory / file)
            except OSError as error:
                raise IndexDamaged(f"{self.directory / file}: {error.strerror}; {REBUILD}") from error
            if found != entry:
                raise IndexDamaged(f"{self.directory / file}: content differs from what was written; {REBUILD}")
        for segment in self.segments:
            verify_segment(segment)
        return len(self.manifest.files) + 1


class StoredGeneration:
    """The stored documents of a generation of any format, those of `Generation` included: what an index is built anew from.

    `segments` give `record`, `text`, `synced` and `dates`. deleted, damage: as in a Generation.
    """

    def __init__(self, directory: Path, name: str, digest: str | None) -> None:
        """Check names and sizes, map the segments. Raises IndexDamaged, or IndexOutdated for the format of a later naidi."""
        self.directory = directory / name
        self.damage: IndexDamaged | None = None
        self.manifest = read_manifest(directory, name, digest, OLDEST_STORED)
        _check_sizes(self.directory, self.manifest)
        try:
            self.segments = [self._segment(entry) for entry in self.manifest.segments]
        except IndexOutdated as error:
            raise IndexDamaged(str(error)) from error
        self.deleted = [
            _read_deletions(self.directory, entry, segment)
            for entry, segment in zip(self.manifest.segments, self.segments, strict=True)
        ]

    def _segment(self, entry: SegmentEntry) -> Segment | OlderSegment:
        version = self.manifest.format_version
        path = self.directory / entry.file
        return Segment(path) if version >= OLDEST_READABLE else OlderSegment(path, version)

    def read_sources(self) -> bytes:
        """The table of files of its syncs. It is empty if there is none or it cannot be read: then files are read anew."""
        try:
            return (self.directory / SOURCES).read_bytes() if SOURCES in self.manifest.files else b""
        except OSError:
            return b""


class _Opened(Protocol):
    damage: IndexDamaged | None


AnyGeneration = TypeVar("AnyGeneration", bound=_Opened)


def open_generation(directory: Path, before: Generation | None = None) -> Generation:
    """The live generation or, if it is damaged, the one before it (see `Generation.damage`).

    before: an open generation. Segments that are in both are not opened again.

    Raises IndexMissing, IndexOutdated, or IndexDamaged if no generation can be opened.
    """
    return _open_live(directory, partial(Generation, before=before))


def open_stored(directory: Path) -> StoredGeneration:
    """The stored documents of the live generation, whatever its format. In other respects as `open_generation`."""
    return _open_live(directory, StoredGeneration)


def _open_live(directory: Path, opened: Callable[[Path, str, str | None], AnyGeneration]) -> AnyGeneration:
    while True:
        name, digest = "", ""
        try:
            name, digest = read_current(directory)
            return opened(directory, name, digest)
        except IndexDamaged as damage:
            # A writer may have replaced and removed the generation between the reads: then CURRENT names another by now.
            if name and _is_replaced(directory, name):
                continue
            return _open_previous(directory, name, damage, opened)


def _is_replaced(directory: Path, name: str) -> bool:
    try:
        return read_current(directory)[0] != name
    except IndexDamaged:
        return False


def _open_previous(
    directory: Path,
    damaged: str,
    damage: IndexDamaged,
    opened: Callable[[Path, str, str | None], AnyGeneration],
) -> AnyGeneration:
    names = [generation_name(number) for number in reversed(generations(directory))]
    if damaged in names:
        # A later generation was not committed, or CURRENT itself is damaged. It is still better than nothing.
        place = names.index(damaged)
        names = names[place + 1 :] + names[:place][::-1]
    for name in names:
        try:
            generation = opened(directory, name, None)
        except (IndexDamaged, IndexOutdated):
            continue
        generation.damage = IndexDamaged(*damage.args)  # without its traceback, which holds what was opened
        return generation
    try:
        raise damage
    finally:
        del damage  # its traceback holds this frame


def commit_generation(
    directory: Path,
    staging: Path,
    manifest: Manifest,
    *,
    known: Mapping[str, FileEntry],
    keep: Sequence[str],
) -> Manifest:
    """Make the files of `staging` and `manifest` the live generation.

    Parameters:
      directory: the index directory.
      staging: the folder with the new files.
      manifest: the manifest; its `files` are filled in.
      known: entries of files that an earlier commit has verified.
      keep: names of generations that stay beside the new one. All others are removed.

    Returns the manifest as committed.

    Raises IndexDamaged if a new file does not read back, and OSError as the system does. The old generation is then still
    live.
    """
    files = {}
    for path in sorted(staging.iterdir()):
        files[path.name] = known.get(path.name) or file_digest(path)
    name = generation_name(manifest.generation)
    complete = Manifest(
        manifest.generation,
        manifest.fingerprint,
        manifest.created,
        manifest.doc_count,
        manifest.segments,
        files,
        manifest.roots,
    )
    data = complete.to_json()
    write_file(staging / MANIFEST, data)
    digest = hashlib.blake2b(data, digest_size=32).hexdigest()
    check = Generation(directory, staging.name, digest)
    for segment in check.segments:
        if segment.name not in known:
            segment.container.verify()
    del check
    fsync_directory(staging)
    target = directory / name
    if target.exists():
        shutil.rmtree(target)  # left by a writer that died before it switched CURRENT
    os.rename(staging, target)
    fsync_directory(directory)
    temporary = directory / f"{CURRENT}.tmp"
    temporary.unlink(missing_ok=True)
    write_file(temporary, f"{name} {digest}\n".encode())
    os.replace(temporary, directory / CURRENT)
    fsync_directory(directory)
    remove_generations(directory, keep=[name, *keep])
    return complete


def remove_generations(directory: Path, *, keep: Sequence[str]) -> None:
    """Remove all other generations and the remains of killed writers. Only the holder of the lock may call this."""
    for entry in directory.iterdir():
        if entry.name in keep or not entry.is_dir():
            continue
        if _GENERATION.fullmatch(entry.name) or (entry.name.startswith("gen-") and entry.name.endswith(".tmp")):
            shutil.rmtree(entry, ignore_errors=True)


def link_or_copy(source: Path, target: Path) -> None:
    """Share a file with another generation by a hard link. If the file system has none, copy it durably."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
        with open(target, "rb") as file:
            os.fsync(file.fileno())
