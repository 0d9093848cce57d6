"""Makes files durable: one by one, or several at once, and not at all those of an index that goes with its process.

A disk has to be waited for, but not for one file after another: four at once take as long as one. So a commit notes what it writes
and syncs it at a few points, before each step that relies on it.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from ..late import StrPath

# So many files wait at most: each keeps a descriptor.
_MOST_WAITING = 32

_fleeting: set[str] = set()
# For checks that count calls of the system, and want them in an order: then nothing waits.
in_turn = sys.platform == "win32"  # which renames no folder of an open file


class _Noted(threading.local):
    """The descriptors that this thread has to sync; None if it syncs each at once."""

    descriptors: list[int] | None = None


_noted = _Noted()


def sync(descriptor: int, path: StrPath) -> None:
    """Make an open file or directory durable: now, or in a block of `together` at the next `sync_noted`.

    path: where it is. In a directory that goes with the process nothing is done.

    Raises OSError as the system does.
    """
    if _fleeting and _is_fleeting(os.path.abspath(path)):
        return
    if _noted.descriptors is not None:
        try:
            # A copy tells of errors that came before.
            _noted.descriptors.append(os.dup(descriptor))
        except OSError:  # no descriptor is left
            pass
        else:
            if len(_noted.descriptors) >= _MOST_WAITING:
                sync_noted()
            return
    os.fsync(descriptor)


@contextmanager
def together() -> Iterator[None]:
    """A block in which `sync` only notes what this thread has written. Its end, without an error, syncs what is left."""
    if in_turn or _noted.descriptors is not None:
        yield
        return
    _noted.descriptors = []
    try:
        yield
        sync_noted()
    finally:
        left, _noted.descriptors = _noted.descriptors, None
        for descriptor in left:
            os.close(descriptor)


def sync_noted() -> None:
    """Sync all that is noted, at once. Raises OSError as the system does; then something of it may not be durable."""
    left = _noted.descriptors
    if not left:
        return
    _noted.descriptors = []
    errors: list[BaseException] = []
    threads = []
    try:
        while len(left) > 1:
            thread = threading.Thread(target=_sync_one, args=(left[-1], errors), name="naidi sync")
            try:
                thread.start()
            except (RuntimeError, MemoryError):  # no thread can be started: its stack takes memory
                _sync_one(left.pop(), errors)
            else:
                left.pop()
                threads.append(thread)
        _sync_one(left.pop(), errors)
        for thread in threads:
            thread.join()
    finally:
        for descriptor in left:
            os.close(descriptor)
    if errors:
        raise errors[0]


def _sync_one(descriptor: int, errors: list[BaseException]) -> None:
    """Sync a file and close it. What fails is added to `errors`."""
    try:
        os.fsync(descriptor)
    except BaseException as error:
        errors.append(error)
    finally:
        os.close(descriptor)


def throw_away(directory: str) -> None:
    """From now on, nothing in this directory is made durable by this process. directory: its absolute path."""
    _fleeting.add(os.path.join(directory, ""))


def keep(directory: str) -> None:
    """Take `throw_away` back: the directory is gone."""
    _fleeting.discard(os.path.join(directory, ""))


def _is_fleeting(path: str) -> bool:
    return any(os.path.join(path, "").startswith(beginning) for beginning in _fleeting)
