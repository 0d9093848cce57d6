"""Opens and reads the files of an index. What is wrong with the index is told apart from what is wrong with the system.

A missing file and one that is no regular file say something of the index. Too many open files, no permission, a failing disk and
too little memory do not: those errors go up as they are.
"""

from __future__ import annotations

import errno
import os
import stat

from ..errors import IndexDamaged, advised
from ..late import StrPath
from ..messages import message
from ..typed import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import BinaryIO

# Without O_NONBLOCK, opening a pipe would wait for somebody who writes into it.
_FLAGS = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def open_regular(path: StrPath) -> BinaryIO:
    """Open a file for reading.

    Raises IndexDamaged for a folder, a pipe, a device or a socket. Raises OSError as the system does, FileNotFoundError among
    others.
    """
    return open(
        path, "rb", opener=_opened
    )  # which owns the descriptor from the first moment, and closes it if it fails


def _opened(path: str, flags: int) -> int:
    """A descriptor of a regular file."""
    try:
        fd = os.open(path, _FLAGS)
    except OSError as error:
        # A socket cannot be opened, nor can a folder on Windows.
        if error.errno in (errno.ENXIO, errno.EACCES) and not stat.S_ISREG(os.stat(path).st_mode):
            raise _not_regular(path) from error
        raise
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise _not_regular(path)
    except BaseException:
        os.close(fd)
        raise
    return fd


def read_bounded(path: StrPath, limit: int) -> bytes:
    """The content of a file of at most `limit` bytes. Raises IndexDamaged for a longer one, and as `open_regular` does."""
    with open_regular(path) as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise IndexDamaged(advised(message("{path}: more than {limit} bytes", path=path, limit=limit)))
    return data


def _not_regular(path: StrPath) -> IndexDamaged:
    return IndexDamaged(advised(message("{path}: not a regular file", path=path)))
