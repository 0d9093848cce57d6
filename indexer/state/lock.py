"""One writer at a time: a lock on a file of the index directory that dies with its process.

The file is locked by the system: flock, or on Windows a locked byte. It stays when the lock is released. If it were removed, two
writers could hold locks on two files of one name; `WriteLock.check` finds out when somebody else has removed it.

Who has to wait draws a ticket: a file `lock.<time>-<pid>-<n>` that it holds locked itself. The lock belongs to the earliest ticket
that is still held, so writers are served in turn. The ticket of a killed writer is not held any more; whoever meets it removes it.
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import socket
import stat
import sys
import time
import weakref
from pathlib import Path

from ..errors import IndexLocked, IndexUnwritable
from ..messages import message, of_system

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

# The first in the queue looks often: until it does, nobody writes.
_POLL_SECONDS = 0.02
_POLL_FIRST_SECONDS = 0.002
# Windows locks bytes, and nobody else can read them: this one lies behind the name of the owner.
_LOCKED_BYTE = 1 << 30
_FLAGS = (
    os.O_RDWR
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOINHERIT", 0)
    | getattr(os, "O_BINARY", 0)
)
# What makes a file unfit to be the lock, rather than the system unable for the moment.
_UNFIT = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ELOOP, errno.EISDIR, errno.ENXIO, errno.EMLINK}
_NO_LOCKS = {errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL}


class WriteLock:
    """The lock of an index directory. The file names its owner, for the message to the next writer."""

    def __init__(self, path: Path, timeout: float, mode: int = 0o666) -> None:
        """Take the lock, waiting up to `timeout` seconds. mode: permissions of a new file, of which the umask takes away.

        Raises IndexLocked if another writer holds it still, IndexUnwritable if the file cannot be a lock, OSError as the system
        does.
        """
        self._path = path
        self._mode = mode
        self._fd = -1
        self._pid = os.getpid()
        deadline = time.monotonic() + timeout
        ticket: _Ticket | None = None
        try:
            while not self._taken(ticket):
                if time.monotonic() >= deadline:
                    raise IndexLocked(
                        message(
                            "{parent}: another writer ({owner}) is at work; waited {timeout:g} s; try again when it has "
                            "finished",
                            parent=path.parent,
                            owner=self._owner(),
                            timeout=timeout,
                        )
                    )
                if ticket is None:
                    with contextlib.suppress(OSError):  # without a ticket it is only less fair
                        ticket = _Ticket(path)
                first = ticket is not None and not _is_waited_for(path, ticket.name)
                time.sleep(_POLL_FIRST_SECONDS if first else _POLL_SECONDS)
        except BaseException:
            self._close()
            raise
        finally:
            if ticket is not None:
                ticket.give_back()
        self._name_owner()
        _held.add(self)

    def _taken(self, ticket: _Ticket | None) -> bool:
        """Take the lock if it is free and nobody was there before. Returns whether it is ours."""
        if self._fd < 0:
            self._fd = _open_lock(self._path, self._mode)
        if _is_waited_for(self._path, ticket.name if ticket else None):
            return False
        try:
            if not _lock(self._fd):
                return False
        except OSError as error:
            if error.errno in _NO_LOCKS:
                raise IndexUnwritable(
                    message("{path}: cannot be locked ({reason})", path=self._path, reason=of_system(error))
                ) from error
            raise
        if _is_file(self._fd, self._path):
            return True
        self._close()  # it was removed between opening and locking
        return False

    def _owner(self) -> str:
        if self._fd < 0:
            return message("unknown process")
        os.lseek(self._fd, 0, os.SEEK_SET)
        return os.read(self._fd, 200).decode("utf-8", "replace").strip() or message("unknown process")

    def _name_owner(self) -> None:
        with contextlib.suppress(OSError):  # a full disk, for example: the lock holds without the name of its owner
            os.ftruncate(self._fd, 0)
            os.lseek(self._fd, 0, os.SEEK_SET)
            os.write(self._fd, f"pid {self._pid} on {socket.gethostname()}\n".encode())

    @property
    def is_inherited(self) -> bool:
        """Whether another process has taken the lock, from which this one was forked."""
        return self._pid != os.getpid()

    def check(self) -> None:
        """Raises IndexLocked if the lock does not keep others out any more: its file was removed or replaced. OSError as the system
        does."""
        if self._fd < 0 or self.is_inherited:
            raise IndexLocked(message("{path}: not held by this process", path=self._path))
        if not _is_file(self._fd, self._path):
            raise IndexLocked(
                message(
                    "{path}: was removed or replaced while this writer held it, and another writer may be at work; "
                    "nothing was committed; open a new writer",
                    path=self._path,
                )
            )

    def release(self) -> None:
        """Let the next writer in. Calling it again does nothing; nor does it in a forked child."""
        if self._fd >= 0 and not self.is_inherited:
            with contextlib.suppress(OSError):
                os.ftruncate(self._fd, 0)
                _unlock(self._fd)  # a child that was forked just now may not have closed it yet
        self._close()

    def _close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
        _held.discard(self)

    def __del__(self) -> None:
        with contextlib.suppress(Exception):
            self._close()


class _Ticket:
    """A place in the queue: a file that is locked as long as its owner waits."""

    _numbers = itertools.count()

    def __init__(self, lock: Path) -> None:
        """Raises OSError if there can be none."""
        while True:
            self.name = f"{lock.name}.{time.time_ns():020d}-{os.getpid()}-{next(self._numbers)}"
            self._path = lock.with_name(self.name)
            self._fd = os.open(self._path, _FLAGS | os.O_CREAT | os.O_EXCL, 0o666)
            try:
                # Another one may look at it before it is locked, and take it for that of a killed writer.
                if _lock(self._fd) and _is_file(self._fd, self._path):
                    return
            except BaseException:
                os.close(self._fd)
                raise
            os.close(self._fd)

    def give_back(self) -> None:
        with contextlib.suppress(OSError):
            if sys.platform != "win32":
                os.unlink(self._path)
        os.close(self._fd)
        with contextlib.suppress(OSError):
            if sys.platform == "win32":  # which removes no open file
                os.unlink(self._path)


def _is_waited_for(lock: Path, own: str | None) -> bool:
    """Whether a writer waits for the lock that came before the owner of the ticket `own`, or any if that is None."""
    start = f"{lock.name}."
    with contextlib.suppress(OSError):
        for name in sorted(name for name in os.listdir(lock.parent) if name.startswith(start)):
            if own is not None and name >= own:
                return False
            if _is_held(lock.with_name(name)):
                return True
    return False


def _is_held(ticket: Path) -> bool:
    """Whether the owner of a ticket still waits. If not, the ticket is removed."""
    try:
        fd = os.open(ticket, _FLAGS)
    except OSError:
        return False
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode) or not _lock(fd):
            return True
        if sys.platform != "win32":
            os.unlink(ticket)
    except OSError:
        return False
    finally:
        os.close(fd)
    with contextlib.suppress(OSError):
        if sys.platform == "win32":
            os.unlink(ticket)
    return False


def _open_lock(path: Path, mode: int) -> int:
    """Open the lock file, which is made if there is none. Raises IndexUnwritable for anything but a plain file of its own."""
    if os.path.islink(path):  # Windows has no O_NOFOLLOW
        raise _unfit(path, message("is a link, not a lock"))
    try:
        fd = os.open(path, _FLAGS | os.O_CREAT, mode)
    except OSError as error:
        if error.errno in _UNFIT:
            raise _unfit(path, of_system(error)) from error
        raise
    status = os.fstat(fd)
    if not stat.S_ISREG(status.st_mode) or status.st_nlink > 1:
        os.close(fd)
        raise _unfit(path, message("is not a file of its own, but a link or a device"))
    return fd


def _unfit(path: Path, what: str) -> IndexUnwritable:
    return IndexUnwritable(message("{place}: {what}; choose another directory with --index", place=path, what=what))


def _is_file(fd: int, path: Path) -> bool:
    """Whether the path still leads to the open file."""
    try:
        return os.path.samestat(os.fstat(fd), os.lstat(path))
    except (FileNotFoundError, NotADirectoryError):
        return False


def _lock(fd: int) -> bool:
    """Lock an open file. Returns False if somebody else has locked it. Raises OSError as the system does."""
    try:
        if sys.platform == "win32":
            os.lseek(fd, _LOCKED_BYTE, os.SEEK_SET)
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EAGAIN, errno.EWOULDBLOCK, errno.EACCES, errno.EDEADLK):
            return False
        raise
    return True


def _unlock(fd: int) -> None:
    if sys.platform == "win32":
        os.lseek(fd, _LOCKED_BYTE, os.SEEK_SET)
        msvcrt.locking(fd, msvcrt.LK_UNLCK, 1)
    else:
        fcntl.flock(fd, fcntl.LOCK_UN)


_held: weakref.WeakSet[WriteLock] = weakref.WeakSet()


def _close_in_child() -> None:
    """Close the locks that a forked child shares with its parent. Else it would hold them when the parent is gone."""
    for lock in list(_held):
        lock._close()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_close_in_child)
