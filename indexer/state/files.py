"""Files of an index: written durably, shared, compared with their digests, removed."""

from __future__ import annotations

import os
import time

from ..codec.regular_file import open_regular
from ..digest import blake2b
from ..late import StrPath, suppress
from ..typed import TYPE_CHECKING, TypeVar
from .manifest import MANIFEST, FileEntry

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

WINDOWS = os.name == "nt"
# What a file and a folder may be at most; the umask of the process takes away from it.
FILE_MODE = 0o666
FOLDER_MODE = 0o777
# Windows lets nobody replace or remove a file that another process has open. A reader has CURRENT open for a moment.
_PATIENCE_SECONDS = 2.0

Result = TypeVar("Result")


def file_digest(path: StrPath, size: int | None = None) -> FileEntry:
    """Size and digest of a file. With `size`, not much more than so many bytes are read: a longer file is another one anyway.

    Raises IndexDamaged if it is no regular file, OSError as the system does.
    """
    digest = blake2b(digest_size=32)
    with open_regular(path) as file:
        while (size is None or file.tell() <= size) and (chunk := file.read(1 << 20)):
            digest.update(chunk)
        return FileEntry(file.tell(), digest.hexdigest())


def fsync_directory(path: Path) -> None:
    """Make the names in a directory durable. Windows has no such call; there its journal of names must do."""
    if WINDOWS:
        return
    from ..codec.durability import sync

    fd = os.open(path, os.O_RDONLY)
    try:
        sync(fd, path)
    finally:
        os.close(fd)


def write_file(path: Path, data: bytes, mode: int = FILE_MODE) -> None:
    """Write a new file and fsync it. mode: its permissions, of which the umask takes away."""
    from ..codec.durability import sync

    with open(path, "xb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
        file.write(data)
        file.flush()
        sync(file.fileno(), path)


def link_or_copy(source: Path, target: Path) -> None:
    """Share a file with another generation by a hard link. If the file system has none, copy it durably."""
    try:
        os.link(source, target)
    except OSError:
        from shutil import copyfile

        from ..codec.durability import sync

        copyfile(source, target)
        with open(target, "r+b") as file:
            sync(file.fileno(), target)


def replace(source: Path, target: Path) -> None:
    """Rename a file onto another one, in one step."""
    patiently(lambda: os.replace(source, target))


def patiently(act: Callable[[], Result]) -> Result:
    """Do something that Windows refuses while another process has the file open. Elsewhere it is tried once."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            return act()
        except PermissionError:
            if not WINDOWS or time.monotonic() >= deadline:
                raise
            time.sleep(0.005)


def remove_folder(folder: Path) -> None:
    """Remove a generation or what was to be one, as far as the system lets us.

    The manifest goes last, so that a folder which is removed in part is still known as ours. Before that, the folder gets a name
    that says so too. Folders in it are none of ours: they stay, and `folder` with them.
    """
    with suppress(OSError):
        whole = True
        for name in os.listdir(folder):
            if name != MANIFEST:
                whole &= _unlinked(folder / name)
        if not whole:
            return
        if not folder.suffix:
            from ..codec.durability import sync_noted

            folder = set_aside(folder)
            fsync_directory(folder.parent)
            sync_noted()
        if _unlinked(folder / MANIFEST):
            os.rmdir(folder)


def set_aside(folder: Path) -> Path:
    """Give a generation the name of what is being removed, unless it has it. Returns the new path. Raises OSError."""
    if folder.suffix:
        return folder
    named = folder.with_name(f"{folder.name}.removed")
    os.rename(folder, named)
    return named


def _unlinked(path: Path) -> bool:
    """Remove a file. Returns whether it is gone: Windows keeps one that somebody has open. The next writer tries again."""
    try:
        path.unlink(missing_ok=True)
    except OSError:
        return False
    return True
