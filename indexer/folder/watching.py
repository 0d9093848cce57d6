"""Waits until something in a folder changes that may concern the index. While nothing changes it costs nothing.

Changes under the index itself do not count, nor those of hidden and left-out files: a sync would find nothing.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..errors import NaidiError
from ..messages import message
from .ignore import IGNORE_FILES
from .left_out import BY_DEFAULT
from .options import FolderOptions

# A burst of changes is over when nothing has changed for so long, and is cut after so long. In milliseconds.
_QUIET = 100
_LONGEST = 3_000

# How long after the beginning it is said that all before may have gone unseen. In milliseconds.
_FIRST = 500

# File systems that do not tell of changes made elsewhere. They are looked at every so many milliseconds.
_REMOTE = (
    "nfs",
    "cifs",
    "smb",
    "9p",
    "afs",
    "fuse.sshfs",
    "fuse.rclone",
    "vboxsf",
    "prl_fs",
    "fuse.vmhgfs-fuse",
    "ncpfs",
)
_POLLED_EVERY = 2_000

INSTALL = "pip install watchfiles"


def changes(
    folders: Sequence[str],
    index: Path | None,
    options: FolderOptions | None = None,
    *,
    polling: bool | None = None,
    stop: threading.Event | None = None,
) -> Iterator[set[str]]:
    """The paths that have changed, each time that something has changed and come to rest.

    Watching begins with the first `next`. What has changed before is not told: so the first answer may be empty, soon after
    the beginning, and whoever has looked at the folders before looks once more.

    Parameters:
      folders: what is watched.
      index: the index directory. What changes in it does not count. None if the index lies in none.
      options: of the folders; with `hidden`, hidden files count too.
      polling: look at the files from time to time, instead of waiting for the system to tell. None means where the system does
        not tell: on network drives.
      stop: ends the iteration when it is set.

    Raises NaidiError at once if the package watchfiles is not installed. Ctrl-C ends the iteration.
    """
    try:
        from watchfiles import watch
    except ImportError as error:
        raise NaidiError(message("--watch needs the package watchfiles: {install}", install=INSTALL)) from error
    concerns = Concern(folders, index, options or FolderOptions())
    remote = any(map(is_remote, folders)) if polling is None else polling

    def each() -> Iterator[set[str]]:
        has_begun = False
        for found in watch(
            *folders,
            watch_filter=lambda _, path: concerns(path),
            debounce=_LONGEST,
            step=_QUIET,
            stop_event=stop,
            rust_timeout=_FIRST,
            yield_on_timeout=True,
            raise_interrupt=False,
            force_polling=True if remote else None,
            poll_delay_ms=_POLLED_EVERY,
            ignore_permission_denied=True,
        ):
            if found or not has_begun:
                has_begun = True
                yield {path for _, path in found}

    return each()


class Concern:
    """Whether a change of a path may change the index."""

    def __init__(self, folders: Sequence[str], index: Path | None, options: FolderOptions) -> None:
        self._roots = [os.path.join(os.path.abspath(folder), "") for folder in folders]
        self._index = None if index is None else os.path.abspath(index)
        self._hidden = options.hidden

    def __call__(self, path: str) -> bool:
        if os.path.join(path, "") in self._roots:
            return False
        if self._index is not None and (path == self._index or path.startswith(self._index + os.sep)):
            return False
        root = max((root for root in self._roots if path.startswith(root)), key=len, default=None)
        if root is None:
            return True
        parts = path[len(root) :].split(os.sep)
        for place, part in enumerate(parts):
            is_last = place == len(parts) - 1
            if part.startswith(".") and not self._hidden and not (is_last and part in IGNORE_FILES):
                return False
            if BY_DEFAULT.patterns.verdict(part if is_last else part + "/"):
                return False
        return True


def is_remote(folder: str) -> bool:
    """Whether a folder lies on a network drive, as far as can be told."""
    best, kind = "", ""
    place = os.path.realpath(folder)
    try:
        with open("/proc/self/mounts", encoding="utf-8", errors="surrogateescape") as mounts:
            for line in mounts:
                fields = line.split(" ")
                point = fields[1].replace("\\040", " ")
                if len(point) >= len(best) and (place == point or place.startswith(os.path.join(point, ""))):
                    best, kind = point, fields[2]
    except (OSError, IndexError):
        return False
    return kind.startswith(_REMOTE)
