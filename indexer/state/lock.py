"""One writer at a time: an advisory lock that dies with its process."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import socket
import time
import weakref
from pathlib import Path

from ..errors import IndexLocked, IndexUnwritable

_POLL_SECONDS = 0.05


class WriteLock:
    """flock on a file of the index directory. The file names its owner, for the message to the next writer.

    The file stays when the lock is released. If it were removed, two writers could hold locks on two files of one name.
    """

    def __init__(self, path: Path, timeout: float) -> None:
        """Take the lock, waiting up to `timeout` seconds.

        Raises IndexLocked if another process holds it still, IndexUnwritable if the file cannot be opened for writing.
        """
        try:
            self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise IndexUnwritable(f"{path}: {error.strerror}; choose another directory with --index") from error
        deadline = time.monotonic() + timeout
        while True:
            try:
                fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError as error:
                if error.errno not in (errno.EAGAIN, errno.EACCES, errno.EINTR):
                    os.close(self._fd)
                    raise IndexUnwritable(f"{path}: cannot be locked ({error.strerror})") from error
                if time.monotonic() >= deadline:
                    owner = os.pread(self._fd, 200, 0).decode("utf-8", "replace").strip()
                    os.close(self._fd)
                    raise IndexLocked(
                        f"{path.parent}: another writer ({owner or 'unknown process'}) is at work; "
                        f"waited {timeout:g} s; try again when it has finished"
                    ) from None
                time.sleep(_POLL_SECONDS)
        with contextlib.suppress(OSError):  # a full disk, for example: the lock holds without the name of its owner
            os.ftruncate(self._fd, 0)
            os.pwrite(self._fd, f"pid {os.getpid()} on {socket.gethostname()}\n".encode(), 0)
        _held.add(self)

    def release(self) -> None:
        """Let the next writer in. Calling it again does nothing."""
        if self._fd >= 0:
            with contextlib.suppress(OSError):
                os.ftruncate(self._fd, 0)
                fcntl.flock(self._fd, fcntl.LOCK_UN)  # a child that was forked just now may not have closed it yet
            self._close()

    def _close(self) -> None:
        os.close(self._fd)
        self._fd = -1
        _held.discard(self)


_held: weakref.WeakSet[WriteLock] = weakref.WeakSet()


def _close_in_child() -> None:
    """Close the locks that a forked child shares with its parent. Else it would hold them when the parent is gone."""
    for lock in list(_held):
        lock._close()


os.register_at_fork(after_in_child=_close_in_child)
