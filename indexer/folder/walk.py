"""Walks a folder: finds the files to be indexed, and says why others are not.

It looks only at names and at what the file system says about them. Reading shows later whether a file is binary or empty.
Hidden files and files that `.gitignore` or `.ignore` name are left out, as developers expect of a search tool. So are folders
that programs fill, and the temporary files of editors (`left_out`).
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from ..errors import NaidiError
from ..messages import message, of_system
from ..readers import format_of, may_be_read, unsupported_format
from ..readers.ocr import PICTURE
from ..state.layout import is_index
from .ignore import IgnoreRules, RulesUnreadable, ignored_by, read_rules
from .left_out import BY_DEFAULT, Choice
from .options import FolderOptions

Identity = tuple[int, int]
"""The device and the number of a file there."""

Skip = Callable[[str, str], None]
DirEntry = os.DirEntry[str]

_OPTIONS = FolderOptions()
_FOLDER = "folder"
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
    options: FolderOptions = _OPTIONS,
    seen: set[Identity] | None = None,
    out_of_reach: Callable[[str], object] | None = None,
) -> Iterator[FoundFile]:
    """The files below `root` that have a reader, folder by folder in the order of their names: the same each time.

    Links to files below `root` are followed, links to folders are not. Links come last, so a file that has a name of its own below
    `root` is found by that name. A folder that holds an index of naidi is left out. Ignore files above `root` do not count. A
    root that is a file is found alone, even if it is hidden or ignored.

    Parameters:
      root: a folder, or one file.
      skip: called as skip(relative path, reason) for each file and folder that is left out. The path can always be
        printed. That of a folder ends with "/"; nothing is said about its content.
      exclude: files or folders to leave out wherever they are met, such as the index itself.
      options: which files count. With follow_links, links to files and folders elsewhere are followed, too. A link in a folder
        that came from somebody else can name any file of this machine, such as a private key.
      seen: the files that were found before, such as those of another root. A link to one of them is left out. The
        walk adds its own.
      out_of_reach: called with the relative path, without a "/" at its end, of each file and folder at which the system did
        not let us look. It is left out too, but what is there is not known.

    Reasons: "hidden", "ignored by .gitignore", "ignored by .ignore", "left out by default",
    "excluded by a pattern", "not included", "unsupported format .xyz", "the same file as NAME", "the same folder as NAME",
    "symlink to a directory", "link out of the folder", "dangling link", "symlink loop", "not a regular file",
    "no permission", "name is not valid UTF-8", "an index of naidi", "excluded", "gone" (deleted meanwhile),
    "cannot be read: ..." with the system's words. A folder whose ignore file cannot be read is left out as a whole, with the name
    of that file before the reason: files may lie there that are not meant to be found.

    Raises NaidiError at once if `root` does not exist, cannot be listed or has an ignore file that cannot be read: an empty walk
    would look like an empty folder. Raises OSError if the system fails for the moment.
    """
    root = os.fspath(root)
    note = skip or _forget
    try:
        info = os.stat(root)
    except OSError as error:
        if error.errno not in _UNFIT:
            raise
        reason = message("no such file or folder") if isinstance(error, FileNotFoundError) else _reason(error)
        raise NaidiError(
            message("{root}: {reason}; name an existing folder of documents", root=_printable(root), reason=reason)
        ) from error
    if stat.S_ISREG(info.st_mode):
        return _single(root, info, options, note)
    if not stat.S_ISDIR(info.st_mode):
        raise NaidiError(
            message("{root}: neither a folder nor a file; name an existing folder of documents", root=_printable(root))
        )
    try:
        entries = _list(root)
        rules = read_rules(root, "", _names(entries))
    except OSError as error:
        if error.errno not in _UNFIT:
            raise
        raise NaidiError(
            message(
                "{root}: cannot be listed: {error}; make it readable or name another",
                root=_printable(root),
                error=_reason(error),
            )
        ) from error
    except RulesUnreadable as unreadable:
        if unreadable.error.errno not in _UNFIT:
            raise unreadable.error from None
        path = _printable(os.path.join(root, unreadable.source))
        raise NaidiError(
            message("{path}: {error}; make it readable, or move it away", path=path, error=_reason(unreadable.error))
        ) from unreadable
    run = _Walk(
        root, options, frozenset(_identities(exclude)), note, out_of_reach or _ignore, set() if seen is None else seen
    )
    return run.files(entries, (BY_DEFAULT, *rules))


def _single(root: str, info: os.stat_result, options: FolderOptions, note: Skip) -> Iterator[FoundFile]:
    name = os.path.basename(os.path.abspath(root))
    reason: str | None = None
    if not _is_utf8(name):
        reason = message("name is not valid UTF-8")
    elif not may_be_read(name, options.extensions):
        reason = unsupported_format(name)
    if reason is None:
        yield FoundFile(root, name, info.st_size, info.st_mtime_ns)
    else:
        note(_printable(name), reason)


class _Walk:
    """One walk."""

    def __init__(
        self,
        root: str,
        options: FolderOptions,
        excluded: frozenset[Identity],
        note: Skip,
        out_of_reach: Callable[[str], object],
        seen: set[Identity],
    ) -> None:
        self._root = root
        self._inside = os.path.join(os.path.realpath(root), "")
        self._follow = options.follow_links
        self._hidden = options.hidden
        self._ocr = options.ocr
        self._extensions = frozenset(options.extensions)
        self._choice = Choice(options.include, options.exclude)
        self._excluded = excluded
        self._note = note
        self._out_of_reach = out_of_reach
        self._seen = seen
        self._folders: dict[Identity, str] = {}  # those that were gone into, if links to folders are followed

    def files(self, entries: list[DirEntry], rules: tuple[IgnoreRules, ...]) -> Iterator[FoundFile]:
        """entries, rules: those of the root."""
        links: list[tuple[FoundFile, Identity]] = []
        names: dict[Identity, str] = {}
        # The folders being walked, outermost first. A stack, because recursion would fail on deep trees.
        stack = [(iter(entries), "", rules)]
        if self._follow:
            self._enter(self._root, ".")
        while stack:
            remaining, prefix, rules = stack[-1]
            for entry in remaining:
                relative = prefix + entry.name
                inner = rules
                try:
                    verdict = self._examine(entry, relative, rules)
                    if verdict is _FOLDER:
                        entries = _list(entry.path)
                        if is_index(entry.path, (one.name for one in entries)):
                            verdict = message("an index of naidi")
                        elif self._follow and (known := self._enter(entry.path, relative)) is not None:
                            verdict = message("the same folder as {known}", known=_printable(known))
                        else:
                            inner += read_rules(entry.path, relative + "/", _names(entries))
                except RulesUnreadable as unreadable:
                    verdict = message("{source}: {error}", source=unreadable.source, error=_reason(unreadable.error))
                    self._out_of_reach(relative)
                except OSError as error:
                    dangling = isinstance(error, FileNotFoundError) and entry.is_symlink()
                    verdict = message("dangling link") if dangling else _reason(error)
                    if not isinstance(error, FileNotFoundError) and error.errno != errno.ELOOP:
                        self._out_of_reach(relative)
                if isinstance(verdict, FoundFile):
                    identity = _identity(entry)
                    if entry.is_symlink():
                        links.append((verdict, identity))
                        continue
                    self._seen.add(identity)
                    names.setdefault(identity, relative)
                    yield verdict
                elif verdict is _FOLDER:
                    stack.append((iter(entries), relative + "/", inner))
                    break
                else:
                    self._note(_printable(relative + "/" if _is_folder(entry) else relative), verdict)
            else:
                stack.pop()
        for file, identity in links:
            if identity in self._seen:
                known = names.get(identity)
                where = _printable(known) if known else message("one of another folder")
                self._note(_printable(file.relative), message("the same file as {known}", known=where))
                continue
            self._seen.add(identity)
            names[identity] = file.relative
            yield file

    def _enter(self, path: str, relative: str) -> str | None:
        """Note that a folder is gone into. Returns the name under which it was before, or None."""
        info = os.stat(path)
        known = self._folders.setdefault((info.st_dev, info.st_ino), relative)
        return known if known != relative else None

    def _examine(self, entry: DirEntry, relative: str, rules: tuple[IgnoreRules, ...]) -> FoundFile | str:
        """The file, _FOLDER for a folder to go into, or the reason why the entry is left out."""
        if not _is_utf8(entry.name):
            return message("name is not valid UTF-8")
        if entry.name.startswith(".") and not self._hidden:
            return message("hidden")
        if self._excluded and (entry.stat().st_dev, entry.stat().st_ino) in self._excluded:
            return message("excluded")
        if entry.is_dir(follow_symlinks=self._follow):
            return self._left_out(relative + "/", rules) or _FOLDER
        if entry.is_symlink() and stat.S_ISDIR(entry.stat().st_mode):
            return message("symlink to a directory")
        if not stat.S_ISREG(entry.stat().st_mode):
            return message("not a regular file")
        if why := self._left_out(relative, rules):
            return why
        found = format_of(entry.name)
        if found is None:
            if not may_be_read(entry.name, self._extensions):
                return unsupported_format(entry.name)
        elif found.needs_ocr and not self._ocr:
            return PICTURE
        if not self._choice.is_included(relative):
            return message("not included")
        if not self._follow and entry.is_symlink() and not os.path.realpath(entry.path).startswith(self._inside):
            return message("link out of the folder")
        info = entry.stat()  # kept by the entry: the system is asked once
        return FoundFile(entry.path, relative, info.st_size, info.st_mtime_ns)

    def _left_out(self, relative: str, rules: tuple[IgnoreRules, ...]) -> str | None:
        """Why a pattern leaves the path out, or None. What the user says counts more than any file does."""
        chosen = self._choice.excluded(relative)
        if chosen is not None:
            return message("excluded by a pattern") if chosen else None
        source = ignored_by(relative, rules)
        if source is None:
            return None
        return source if source == BY_DEFAULT.source else message("ignored by {source}", source=source)


def _list(folder: str) -> list[DirEntry]:
    with os.scandir(folder) as entries:
        return sorted(entries, key=lambda entry: entry.name)


def _names(entries: list[DirEntry]) -> frozenset[str]:
    return frozenset(entry.name for entry in entries if entry.name.startswith("."))


def _identity(entry: DirEntry) -> Identity:
    info = entry.stat()
    if not info.st_ino:  # Windows tells it only when it is asked for the file alone
        info = os.stat(entry.path)
    return info.st_dev, info.st_ino


def _is_folder(entry: DirEntry) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


def _identities(paths: Iterable[str | os.PathLike[str]]) -> Iterator[Identity]:
    for path in paths:
        try:
            info = os.stat(path)
        except (FileNotFoundError, NotADirectoryError):
            continue  # what does not exist cannot be met
        yield info.st_dev, info.st_ino


def _reason(error: OSError) -> str:
    if isinstance(error, PermissionError):
        return message("no permission")
    if error.errno == errno.ELOOP:
        return message("symlink loop")
    if isinstance(error, FileNotFoundError):
        return message("gone")
    return message("cannot be read: {reason}", reason=of_system(error, inside=True))


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
