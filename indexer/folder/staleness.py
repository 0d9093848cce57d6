"""Tells whether a folder has changed since it was synced. The look is cheap: it reads no file and no table.

A changed file has a newer modification time than the sync. So has a folder in which an entry was added, renamed or
removed. The look stops at the first newer path or when its time is over, so a search never waits for a large folder.
"""

from __future__ import annotations

import os
import time

from ..state.layout import is_index
from ..typed import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

BUDGET_SECONDS = 0.05


def newer_than_index(
    roots: Mapping[str, Mapping[str, Any]], *, exclude: str | os.PathLike[str] | None, budget: float = BUDGET_SECONDS
) -> str | None:
    """The first path found that changed after its folder was synced, or None.

    Parameters:
      roots: the synced folders, as in a manifest.
      exclude: the index directory, which may lie in one of them; None for an index that lies in no directory.
      budget: seconds to look at most. Then the answer is None.

    A folder that is gone counts as unchanged: `missing_folders` tells of it.
    """
    deadline = time.monotonic() + budget
    excluded = "" if exclude is None else os.path.abspath(exclude)
    for root, noted in roots.items():
        for path, modified in _modification_times(root, excluded, deadline):
            if modified > int(noted["synced_ns"]):
                return path
    return None


def told_time(nanoseconds: int) -> str | None:
    """When a folder was synced, in ISO 8601; None for a time in no calendar, which a forged index may have."""
    from datetime import datetime, timezone

    try:
        return datetime.fromtimestamp(nanoseconds // 10**9, timezone.utc).isoformat(timespec="seconds")
    except (ValueError, OverflowError, OSError):
        return None


def missing_folders(roots: Iterable[str], paths: Iterable[str]) -> list[str]:
    """Those of the synced folders in which some of the paths lie and which are not there, sorted.

    Others are not told: the index may be all that is left of them. An error of the system does not mean that one is gone.
    """
    asked = list(paths)
    return sorted(root for root in roots if any(map(_starting(root), asked)) and not _may_be_there(root))


def _starting(root: str) -> Callable[[str], bool]:
    inside = os.path.join(root, "")
    return lambda path: path.startswith(inside)


def _may_be_there(folder: str) -> bool:
    try:
        os.stat(folder)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True


def _modification_times(root: str, excluded: str, deadline: float) -> Iterator[tuple[str, int]]:
    """(path, mtime in ns) of visible folders and files below root."""
    waiting = [root]
    while waiting and time.monotonic() < deadline:
        folder = waiting.pop()
        try:
            modified = os.stat(folder).st_mtime_ns
            with os.scandir(folder) as found:
                entries = list(found)
            if folder != root and is_index(folder, (entry.name for entry in entries)):
                continue
            yield folder, modified
            for entry in entries:
                if time.monotonic() >= deadline:
                    return
                if entry.name.startswith(".") or entry.path == excluded:
                    continue
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                elif entry.is_file(follow_symlinks=False):  # what a link inside leads to is seen itself
                    yield entry.path, entry.stat().st_mtime_ns
        except OSError:
            continue
