"""Walks a folder: finds the files to be indexed, and says why others are not.

It looks only at names and at what the file system says about them. Reading shows later whether a file is binary or empty.
Hidden files and files that `.gitignore` or `.ignore` name are left out, as developers expect of a search tool.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from ..errors import NaidiError
from ..readers import may_be_read, unsupported_format
from ..state.layout import CURRENT
from ..state.manifest import MANIFEST
from .ignore import IgnoreRules, ignored_by, read_rules

Skip = Callable[[str, str], None]
DirEntry = os.DirEntry[str]

_FOLDER = "folder"
_GENERATION = re.compile(r"gen-[0-9]{8,9}")
# What is wrong with a folder, rather than with the system for the moment.
_UNFIT = {
    errno.ENOENT, errno.ENOTDIR, errno.EACCES, errno.EPERM, errno.ELOOP, errno.ENAMETOOLONG, errno.EINVAL,
}  # fmt: skip


class FoundFile(NamedTuple):
    """A file to be indexed.

    path: opens the file.
    relative: its path below the root, with "/" between the parts.
    size: bytes.
    mtime_ns: its modification time in nanoseconds; for a link, that of its target.
    """

    path: str
    relative: str
    size: int
    mtime_ns: int


def walk(
    root: str | os.PathLike[str],
    *,
    skip: Skip | None = None,
    exclude: Iterable[str | os.PathLike[str]] = (),
    follow_links: bool = False,
    out_of_reach: Callable[[str], object] | None = None,
) -> Iterator[FoundFile]:
    """The files below `root` that have a reader, folder by folder in the order of their names: the same each time.

    Links to files below `root` are followed, links to folders are not. A folder that holds an index of naidi is left out.
    Ignore files above `root` do not count. A root that is a file is found alone, even if it is hidden or ignored.

    Parameters:
      root: a folder, or one file.
      skip: called as skip(relative path, reason) for each file and folder that is left out. The path can always be
        printed. That of a folder ends with "/"; nothing is said about its content.
      exclude: files or folders to leave out wherever they are met, such as the index itself.
      follow_links: whether links to files elsewhere are followed, too. A link in a folder that came from somebody else can
        name any file of this machine, such as a private key.
      out_of_reach: called with the relative path, without a "/" at its end, of each file and folder at which the system did
        not let us look. It is left out too, but what is there is not known.

    Reasons: "hidden", "ignored by .gitignore", "ignored by .ignore", "unsupported format .xyz",
    "symlink to a directory", "link out of the folder", "dangling link", "symlink loop", "not a regular file",
    "no permission", "name is not valid UTF-8", "an index of naidi", "excluded", "gone" (deleted meanwhile),
    "cannot be read: ..." with the system's words.

    Raises NaidiError at once if `root` does not exist or cannot be listed: an empty walk would look like an empty folder. Raises
    OSError if the system fails for the moment.
    """
    root = os.fspath(root)
    note = skip or _forget
    try:
        info = os.stat(root)
    except OSError as error:
        if error.errno not in _UNFIT:
            raise
        reason = "no such file or folder" if isinstance(error, FileNotFoundError) else _reason(error)
        raise NaidiError(f"{_printable(root)}: {reason}; name an existing folder of documents") from error
    if stat.S_ISREG(info.st_mode):
        return _single(root, info, note)
    if not stat.S_ISDIR(info.st_mode):
        raise NaidiError(f"{_printable(root)}: neither a folder nor a file; name an existing folder of documents")
    try:
        entries = _list(root)
    except OSError as error:
        if error.errno not in _UNFIT:
            raise
        raise NaidiError(
            f"{_printable(root)}: cannot be listed: {_reason(error)}; make it readable or name another"
        ) from error
    inside = None if follow_links else os.path.join(os.path.realpath(root), "")
    return _walk(root, entries, note, out_of_reach or _ignore, frozenset(_identities(exclude)), inside)


def _single(root: str, info: os.stat_result, note: Skip) -> Iterator[FoundFile]:
    name = os.path.basename(os.path.abspath(root))
    reason = None
    if not _is_utf8(name):
        reason = "name is not valid UTF-8"
    elif not may_be_read(name):
        reason = unsupported_format(name)
    if reason is None:
        yield FoundFile(root, name, info.st_size, info.st_mtime_ns)
    else:
        note(_printable(name), reason)


def _walk(
    root: str,
    entries: list[DirEntry],
    note: Skip,
    out_of_reach: Callable[[str], object],
    excluded: frozenset[tuple[int, int]],
    inside: str | None,
) -> Iterator[FoundFile]:
    # The folders being walked, outermost first. A stack, because recursion would fail on deep trees.
    stack = [(iter(entries), "", read_rules(root, "", _names(entries)))]
    while stack:
        remaining, prefix, rules = stack[-1]
        for entry in remaining:
            relative = prefix + entry.name
            try:
                verdict = _examine(entry, relative, rules, excluded, inside)
                if verdict is _FOLDER:
                    entries = _list(entry.path)
                    if is_index(entry.path, (one.name for one in entries)):
                        verdict = "an index of naidi"
            except OSError as error:
                dangling = isinstance(error, FileNotFoundError) and entry.is_symlink()
                verdict = "dangling link" if dangling else _reason(error)
                if not isinstance(error, FileNotFoundError) and error.errno != errno.ELOOP:
                    out_of_reach(relative)
            if isinstance(verdict, FoundFile):
                yield verdict
            elif verdict is _FOLDER:
                below = relative + "/"
                stack.append((iter(entries), below, rules + read_rules(entry.path, below, _names(entries))))
                break
            else:
                note(_printable(relative + "/" if _is_folder(entry) else relative), verdict)
        else:
            stack.pop()


def _examine(
    entry: DirEntry,
    relative: str,
    rules: tuple[IgnoreRules, ...],
    excluded: frozenset[tuple[int, int]],
    inside: str | None,
) -> FoundFile | str:
    """The file, _FOLDER for a folder to go into, or the reason why the entry is left out.

    inside: the real path of the root with "/" at its end; links to files elsewhere are left out. None means that they stay.
    """
    if not _is_utf8(entry.name):
        return "name is not valid UTF-8"
    if entry.name.startswith("."):
        return "hidden"
    if excluded and (entry.stat().st_dev, entry.stat().st_ino) in excluded:
        return "excluded"
    if entry.is_dir(follow_symlinks=False):
        source = ignored_by(relative + "/", rules)
        return f"ignored by {source}" if source else _FOLDER
    if entry.is_symlink() and stat.S_ISDIR(entry.stat().st_mode):
        return "symlink to a directory"
    if not stat.S_ISREG(entry.stat().st_mode):
        return "not a regular file"
    if not may_be_read(entry.name):
        return unsupported_format(entry.name)
    if source := ignored_by(relative, rules):
        return f"ignored by {source}"
    if inside is not None and entry.is_symlink() and not os.path.realpath(entry.path).startswith(inside):
        return "link out of the folder"
    info = entry.stat()  # kept by the entry: the system is asked once
    return FoundFile(entry.path, relative, info.st_size, info.st_mtime_ns)


def is_index(folder: str, names: Iterable[str]) -> bool:
    """Whether a folder with these entries is the directory of an index. Its synonyms.txt is no document."""
    found = set(names)
    return CURRENT in found and any(
        _GENERATION.fullmatch(name) and os.path.isfile(os.path.join(folder, name, MANIFEST)) for name in found
    )


def _list(folder: str) -> list[DirEntry]:
    with os.scandir(folder) as entries:
        return sorted(entries, key=lambda entry: entry.name)


def _names(entries: list[DirEntry]) -> frozenset[str]:
    return frozenset(entry.name for entry in entries if entry.name.startswith("."))


def _is_folder(entry: DirEntry) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


def _identities(paths: Iterable[str | os.PathLike[str]]) -> Iterator[tuple[int, int]]:
    for path in paths:
        try:
            info = os.stat(path)
        except OSError:
            continue  # what does not exist cannot be met
        yield info.st_dev, info.st_ino


def _reason(error: OSError) -> str:
    if isinstance(error, PermissionError):
        return "no permission"
    if error.errno == errno.ELOOP:
        return "symlink loop"
    if isinstance(error, FileNotFoundError):
        return "gone"
    return f"cannot be read: {(error.strerror or str(error)).lower()}"


def _is_utf8(name: str) -> bool:
    """Could Python decode every byte of the name? (Others come as lone surrogates.)"""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _printable(path: str) -> str:
    return path if _is_utf8(path) else path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _forget(path: str, reason: str) -> None:
    """Takes the reports if the caller wants none."""


def _ignore(path: str) -> None:
    """Takes the paths out of reach if the caller wants none."""
