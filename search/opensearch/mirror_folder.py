"""Where the mirror of a cluster's words is kept between runs: a folder of the user's cache for each words index.

It is never the truth. What is missing, damaged or another's is made anew. Several processes may use a folder: files are replaced as
a whole, and each says which one it stands behind. Where there can be no such folder, files have no name and go with the process.
"""

from __future__ import annotations

import os
import secrets
import stat
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from naidi.indexer.digest import blake2b
from naidi.indexer.errors import IndexDamaged, IndexOutdated
from naidi.indexer.messages import message
from naidi.indexer.typed import TYPE_CHECKING, Any

from .words_segment import WordsSegment
from .words_writer import write_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from naidi.indexer.opensearch.words import Word

_SUFFIX, _UNFINISHED = ".words", ".tmp"
# An unfinished file of this age, in seconds, was left by a process that is gone.
_LEFT = 3600.0
_DIGEST_BYTES = 16


def cache_home() -> Path | None:
    """The folder for caches of naidi, $XDG_CACHE_HOME/naidi or ~/.cache/naidi; None if nobody knows where the user's home is."""
    named = os.environ.get("XDG_CACHE_HOME", "")
    if os.path.isabs(named):  # another one is to be ignored, says the XDG Base Directory Specification
        return Path(named, "naidi")
    try:
        return Path.home() / ".cache" / "naidi"
    except RuntimeError:
        return None


class MirrorFolder:
    """The files of a mirror.

    path: the folder; None for none.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path

    @classmethod
    def of(cls, address: str, words: str) -> MirrorFolder:
        """The folder of a words index. No part of the address can be read from its name.

        Parameters:
          address: of the cluster and the index in it, without user and password.
          words: the unique id of the words index.
        """
        home = cache_home()
        return cls(None if home is None else home / "opensearch" / _hashed(address) / _hashed(words))

    def open(self, name: str) -> WordsSegment | None:
        """A file of the mirror; None if there is no sound one."""
        if self.path is None or not _is_ours(self.path):
            return None
        try:
            return WordsSegment(os.fspath(self.path / f"{name}{_SUFFIX}"))
        except (IndexDamaged, IndexOutdated, OSError):
            return None

    def write(
        self, name: str, rows: Iterable[Word], definitions: Mapping[str, int], doc_count: int, noted: Mapping[str, Any]
    ) -> WordsSegment:
        """Write a file of the mirror in the place of the one there is, and open it. As `write_words`.

        Raises OSError if it can be written neither there nor among temporary files.
        """
        rows = list(rows)
        if self.path is not None:
            with suppress(OSError):
                return self._write(self._made(self.path), name, rows, definitions, doc_count, noted)
        with tempfile.TemporaryDirectory(prefix="naidi-", ignore_cleanup_errors=True) as folder:
            return self._write(Path(folder), name, rows, definitions, doc_count, noted)

    def _write(
        self,
        folder: Path,
        name: str,
        rows: Iterable[Word],
        definitions: Mapping[str, int],
        doc_count: int,
        noted: Mapping[str, Any],
    ) -> WordsSegment:
        path = folder / f"{name}-{os.getpid()}-{secrets.token_hex(4)}{_UNFINISHED}"
        try:
            write_words(path, rows, definitions, doc_count, noted)
            segment = WordsSegment(os.fspath(path))
            os.replace(path, folder / f"{name}{_SUFFIX}")
        finally:
            path.unlink(missing_ok=True)
        segment.container.moved_to(folder / f"{name}{_SUFFIX}")
        return segment

    def remove(self, name: str) -> None:
        """Remove a file of the mirror, if there is one."""
        if self.path is not None and _is_ours(self.path):
            with suppress(OSError):
                (self.path / f"{name}{_SUFFIX}").unlink(missing_ok=True)

    def remove_others(self) -> None:
        """Remove the mirrors of earlier words indices at the same address, and what processes that are gone have left."""
        if self.path is None or not _is_ours(self.path.parent):
            return
        for name in os.listdir(self.path.parent):
            folder = self.path.parent / name
            if len(name) == 2 * _DIGEST_BYTES and _is_ours(folder):
                with suppress(OSError):
                    _empty(folder, whole=folder != self.path)

    @staticmethod
    def _made(path: Path) -> Path:
        """The folder, made with those above it if need be. Raises OSError if it cannot be, or if others may write into it."""
        for folder in (path.parent.parent, path.parent, path):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not _is_ours(path):
            raise PermissionError(message("{path}: not a folder of this user alone", path=path))
        return path


def _hashed(text: str) -> str:
    digest = blake2b(digest_size=_DIGEST_BYTES)
    digest.update(text.encode())
    return digest.hexdigest()


def _is_ours(folder: Path) -> bool:
    """Whether it is a folder that is no link, belongs to this user, and is for no one else to write into."""
    try:
        found = os.lstat(folder)
    except OSError:
        return False
    if sys.platform == "win32":  # where a profile is its user's alone
        return stat.S_ISDIR(found.st_mode)
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o022


def _empty(folder: Path, *, whole: bool) -> None:
    """Remove what is left over in a folder; whole: all that is ours, and then itself."""
    for file in folder.iterdir():
        if file.suffix == _UNFINISHED:
            left = whole or time.time() - file.lstat().st_mtime > _LEFT
        else:
            left = whole and file.suffix == _SUFFIX
        if left:
            file.unlink(missing_ok=True)
    if whole:
        folder.rmdir()
