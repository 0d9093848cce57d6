"""Makes a staged generation the live one.

A commit writes the files and fsyncs them, gives their folder its name, reads it back and replaces CURRENT by one atomic rename.
Up to that moment the old state is live, whatever fails; from then on the new one, whatever fails. The first commit lets CURRENT
say before that nothing is committed: an index that was never finished is told from one whose CURRENT was lost.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from ..codec.durability import sync_noted
from ..digest import blake2b
from ..errors import IndexDamaged, IndexMissing, IndexUnwritable
from ..messages import message, of_system
from ..record import replace as changed
from .files import (
    FILE_MODE,
    FOLDER_MODE,
    WINDOWS,
    file_digest,
    fsync_directory,
    remove_folder,
    replace,
    set_aside,
    write_file,
)
from .generations import Generation, read_current
from .layout import (
    CURRENT,
    CURRENT_TMP,
    IGNORE,
    IGNORE_ALL,
    IN_MEMORY,
    MERGING,
    NO_DIRECTORY,
    NOTHING_COMMITTED,
    STAGING,
    current_bytes,
    foreign_names,
    generation_name,
    generations,
    is_staged,
    removable,
)
from .manifest import LONGEST_MANIFEST, MANIFEST, MAX_ROOTS, FileEntry, Manifest
from .roots import all_portable
from .whoosh_tocs import is_published, publish_toc

_NAMED = 3
# What makes a directory unfit, rather than the system unable for the moment.
_UNFIT = {
    errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST, errno.ELOOP, errno.ENAMETOOLONG, errno.EISDIR,
}  # fmt: skip

log = logging.getLogger("naidi")


def prepare_directory(directory: Path, *, force: bool = False, mode: int = FOLDER_MODE) -> None:
    """Make the index directory if need be.

    Parameters:
      directory: where it is to be.
      force: take one that holds other things, too.
      mode: the permissions of a new directory, of which the umask takes away.

    Raises IndexUnwritable if it cannot be one, OSError as the system does.
    """
    if os.fspath(directory) == IN_MEMORY:
        raise IndexUnwritable(
            message("{directory}: is no directory; {no_directory}", directory=directory, no_directory=NO_DIRECTORY)
        )
    try:
        is_new = _make(directory, mode)
    except OSError as error:
        if error.errno not in _UNFIT:
            raise
        place = error.filename or directory
        if os.path.islink(place) and not os.path.exists(place):
            what: str = message("is a link that leads nowhere")
        elif os.path.exists(place) and not os.path.isdir(place):
            what = message("is a file, not an index directory")
        else:
            what = of_system(error)
        raise IndexUnwritable(
            message("{place}: {what}; choose another directory with --index", place=place, what=what)
        ) from error
    foreign = [] if force else foreign_names(directory)
    if foreign:
        named: str = ", ".join(map(repr, foreign[:_NAMED]))
        if len(foreign) > _NAMED:
            named = message("{named} and more", named=named)
        raise IndexUnwritable(
            message(
                "{directory}: is no index and holds other things ({named}); choose another directory with "
                "--index, or say --force",
                directory=directory,
                named=named,
            )
        )
    if is_new or not os.listdir(directory):  # the latter if a first build was killed before it had written anything
        # An index often lies in a folder that git follows. It is no work of anybody, and large.
        with contextlib.suppress(OSError):
            write_file(directory / IGNORE, IGNORE_ALL, mode & FILE_MODE)


def _make(directory: Path, mode: int) -> bool:
    """Make a directory and those above it, durably. Returns whether it was not there."""
    if directory.is_dir():
        return False
    parent = directory.parent
    if parent != directory:
        _make(parent, FOLDER_MODE)
    try:
        os.mkdir(directory, mode)
    except FileExistsError:
        if not directory.is_dir():
            raise
        return False
    _fsync_parent(directory)
    return True


def _fsync_parent(directory: Path) -> None:
    """Make the name of a directory durable, if the directory above may be opened."""
    try:
        fsync_directory(directory.absolute().parent)
    except PermissionError:
        log.info("%s: may not be opened, so its entries are as durable as the system makes them", directory.parent)


def make_staging(directory: Path, mode: int, name: str = STAGING) -> Path:
    """Make the folder in which a generation is written, unless it is there. name: MERGING for that of a merge.

    Raises IndexUnwritable if something else has its name.
    """
    staging = directory / name
    try:
        os.mkdir(staging, mode)
    except FileExistsError:
        if not is_staged(staging):
            raise IndexUnwritable(
                message(
                    "{staging}: is not of naidi, and stands where a new state is written; move it away", staging=staging
                )
            ) from None
    return staging


def remove_staging(directory: Path, name: str = STAGING) -> None:
    """Remove what a writer has staged, or a merge."""
    try:
        if is_staged(directory / name):
            remove_folder(directory / name)
    except OSError as error:
        log.warning("%s: not removed (%s)", directory / name, error.strerror)


def remove_unfinished(directory: Path, *, keep: Collection[str]) -> None:
    """Remove what killed writers have left: as `remove_generations` does, and what their merges have written."""
    remove_generations(directory, keep=keep)
    remove_staging(directory, MERGING)


def remove_generations(directory: Path, *, keep: Collection[str]) -> None:
    """Remove all other generations and the remains of killed writers. Only the holder of the lock may call this.

    What naidi has not made stays. What the system does not let go stays for the next writer.
    """
    try:
        remove_staging(directory)
        for name in removable(directory):
            if name not in keep:
                remove_folder(directory / name)
    except OSError as error:
        log.warning("%s: earlier states are not removed (%s)", directory, error.strerror)


def remove_older(directory: Path) -> None:
    """Remove all but the live generation and the one before it. Only the holder of the lock may call this."""
    try:
        live = read_current(directory)[0]
        earlier = [name for name in generations(directory) if name < live]
    except (OSError, IndexDamaged, IndexMissing):
        return
    remove_generations(directory, keep=[live, *earlier[-1:]])


def commit_generation(
    directory: Path,
    staging: Path,
    manifest: Manifest,
    *,
    known: Mapping[str, FileEntry],
    keep: Collection[str],
    check: Callable[[], None],
    before: Generation | None = None,
) -> Generation:
    """Make the files of `staging` and `manifest` the live generation.

    Parameters:
      directory: the index directory.
      staging: the folder with the new files. Nothing may have them open: Windows could not rename it then.
      manifest: the manifest; its `files` are filled in.
      known: entries of files that have been verified: by an earlier commit, or by the merge that has written them.
      keep: names of generations that stay beside the new one. All others are removed.
      check: called just before the switch; raises if this process may no longer write.
      before: the state before, open. Segments that are in both are not opened again.

    In a block of `together`, what is durable at the same moment is synced at once.

    Returns the generation, opened.

    Raises IndexDamaged if a new file does not read back, IndexUnwritable for a manifest that is too long, what `check` raises, and
    OSError as the system does. The old generation is then still live. What fails later is only logged.
    """
    name = generation_name(manifest.generation)
    digest = _finish(staging, manifest, known)
    _say_that_nothing_is_committed(directory)
    target = directory / name
    line = f"{name} {digest}\n".encode()
    os.rename(staging, target)
    try:
        generation = Generation(directory, name, digest, None if WINDOWS else before)
        for file in generation.checked_files:
            if file.container.path.name not in known:
                file.container.verify()
        check()
        fsync_directory(directory)
        _switch(directory, line, _mode_of(target) & FILE_MODE)
    except BaseException:
        # Ctrl-C may come just behind the switch. What may be live stays.
        if _says(directory, line) is False:
            remove_folder(target)
        raise
    try:
        _tidy(directory, target, keep)
    except Exception:  # for want of memory, perhaps; so nothing here may need any
        try:  # noqa: SIM105
            log.warning("%s: is live, but what follows a commit was cut short", target, exc_info=True)
        except Exception:
            pass
    return generation


def _tidy(directory: Path, live: Path, keep: Collection[str]) -> None:
    """What follows the switch: it is of use, but the new state is live without it."""
    _set_aside(directory, [live.name, *keep])
    try:
        fsync_directory(directory)
        sync_noted()
    except OSError as error:
        log.warning("%s: is live, but may not survive a power failure (%s)", live, error.strerror)
        return
    show_whoosh(directory, live, keep)
    remove_generations(directory, keep=[live.name, *keep])


def _set_aside(directory: Path, keep: Collection[str]) -> None:
    """Give generations the name of what is being removed. It becomes durable together with the switch."""
    with contextlib.suppress(OSError):
        for name in removable(directory):
            if name not in keep and is_staged(directory / name):
                set_aside(directory / name)


def show_whoosh(directory: Path, live: Path, keep: Collection[str] | None = None) -> None:
    """Let Whoosh find the live generation. Only the holder of the lock may call this. What fails is only logged.

    keep: names of the other generations that stay; None: all that are there.
    """
    try:
        if keep is None:
            if is_published(directory, live):
                return
            keep = generations(directory)
        publish_toc(directory, live, [live.name, *keep])
    except OSError as error:
        log.warning("%s: Whoosh may not find it (%s)", live, error.strerror)


def _finish(staging: Path, manifest: Manifest, known: Mapping[str, FileEntry]) -> str:
    """Write the manifest of a staged generation and make all durable. Returns the digest of the manifest."""
    mode = _mode_of(staging) & FILE_MODE
    files = {}
    for path in sorted(staging.iterdir()):
        files[path.name] = known.get(path.name) or file_digest(path)
        if _mode_of(path) & ~mode and not WINDOWS:
            with contextlib.suppress(
                PermissionError
            ):  # a file of another user, shared with the state before: its folder is closed
                os.chmod(path, _mode_of(path) & mode)
    data = changed(manifest, files=files, roots=all_portable(manifest.roots, staging.parent)).to_json()
    if len(manifest.roots) > MAX_ROOTS:
        raise IndexUnwritable(
            message(
                "an index follows at most {most:,} folders, not {count:,}; name one above them",
                most=MAX_ROOTS,
                count=len(manifest.roots),
            )
        )
    if len(data) > LONGEST_MANIFEST:
        raise IndexUnwritable(
            message(
                "{staging}: {count:,} bytes; an index cannot follow so many folders",
                staging=staging / MANIFEST,
                count=len(data),
            )
        )
    write_file(staging / MANIFEST, data, mode)
    fsync_directory(staging)
    sync_noted()
    return blake2b(data, digest_size=32).hexdigest()


def _say_that_nothing_is_committed(directory: Path) -> None:
    """In an index without any state, let CURRENT say so. The state that comes next is then known as one that is not live yet."""
    if _has_index(directory) or generations(directory):
        return
    _switch(directory, NOTHING_COMMITTED.encode(), FILE_MODE)
    fsync_directory(directory)
    _fsync_parent(directory)
    sync_noted()


def _has_index(directory: Path) -> bool:
    """Whether there is an index, be it damaged."""
    try:
        read_current(directory)
    except IndexMissing:
        return False
    except IndexDamaged:
        return True
    return True


def _switch(directory: Path, line: bytes, mode: int) -> None:
    """Replace CURRENT by one atomic rename."""
    temporary = directory / CURRENT_TMP
    temporary.unlink(missing_ok=True)
    write_file(temporary, line, mode)
    sync_noted()
    try:
        replace(temporary, directory / CURRENT)
    except (OSError, MemoryError):
        # It may fail after it has renamed. What CURRENT says counts, not what the call has told.
        if not _says(directory, line):
            raise


def _says(directory: Path, line: bytes) -> bool | None:
    """Whether CURRENT has this content. None if that cannot be told."""
    try:
        return current_bytes(directory) == line
    except FileNotFoundError:
        return False
    except (OSError, IndexDamaged, MemoryError):
        return None


def _mode_of(path: Path) -> int:
    return os.stat(path).st_mode & 0o777
