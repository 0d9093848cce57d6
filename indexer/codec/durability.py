"""Which files outlive a loss of power: all that are synced, but those of an index that is thrown away with its process."""

from __future__ import annotations

import os

from ..late import StrPath

_fleeting: set[str] = set()


def sync(descriptor: int, path: StrPath) -> None:
    """Make an open file or directory durable, unless it is to be thrown away.

    path: where it is.

    Raises OSError as the system does.
    """
    if not _fleeting or not _is_fleeting(os.path.abspath(path)):
        os.fsync(descriptor)


def throw_away(directory: str) -> None:
    """From now on, nothing in this directory is made durable by this process. directory: its absolute path."""
    _fleeting.add(os.path.join(directory, ""))


def keep(directory: str) -> None:
    """Take `throw_away` back: the directory is gone."""
    _fleeting.discard(os.path.join(directory, ""))


def _is_fleeting(path: str) -> bool:
    return any(os.path.join(path, "").startswith(beginning) for beginning in _fleeting)
