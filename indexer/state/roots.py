"""How the folders that an index follows are written down: so that an index that is moved together with them finds them.

A folder that lies together with the index (it holds the index, or stands beside it) is written relative to the index
directory. Any other one is written as an absolute path. In memory all are absolute.
"""

from __future__ import annotations

import os

from ..file_facts import PART
from ..typed import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Noted = TypeVar("Noted")


def portable(root: str, directory: str | os.PathLike[str]) -> str:
    """The root as it is written into an index.

    Parameters:
      root: the absolute path of a folder.
      directory: the index directory.
    """
    index = os.path.abspath(directory)
    beside = os.path.dirname(index)
    if _is_in(beside, root) or _is_in(root, beside):
        return os.path.relpath(root, index).replace(os.sep, "/")
    return root


def resolved(written: str, directory: str | os.PathLike[str]) -> str:
    """The absolute path of a root that `portable` has written."""
    return os.path.normpath(os.path.join(os.path.abspath(directory), written))


def all_portable(roots: Mapping[str, Noted], directory: str | os.PathLike[str]) -> dict[str, Noted]:
    """What is noted of each root, by the root as it is written into an index."""
    return {portable(root, directory): noted for root, noted in roots.items()}


def all_resolved(written: Mapping[str, Noted], directory: str | os.PathLike[str]) -> dict[str, Noted]:
    """What is noted of each root, by its absolute path."""
    return {resolved(root, directory): noted for root, noted in written.items()}


def file_id(doc_id: str) -> str:
    """The id of the file that a synced document is the whole or a part of."""
    return doc_id.partition(PART)[0]


def root_of(doc_id: str, roots: Mapping[str, Mapping[str, str]]) -> str | None:
    """The root whose sync has made the id of a document: the one with the longest prefix. None if there is none."""
    found = [root for root, noted in roots.items() if doc_id.startswith(f"{noted['prefix']}/")]
    return max(found, key=lambda root: len(roots[root]["prefix"]), default=None)


def path_of(doc_id: str, roots: Mapping[str, Mapping[str, str]]) -> str | None:
    """The path of the file of a synced document, where its folder is now. None if the index follows no such folder."""
    return paths_in(roots)(doc_id)


def paths_in(roots: Mapping[str, Mapping[str, str]]) -> Callable[[str], str | None]:
    """What `path_of` gives for a document, for all documents of a page."""
    # Each hit has a path, and `join` takes as long as all else that is done for it.
    beginnings = [(f"{noted['prefix']}/", os.path.join(root, "")) for root, noted in roots.items()]
    beginnings.sort(key=lambda one: len(one[0]), reverse=True)

    def path(doc_id: str) -> str | None:
        for beginning, folder in beginnings:
            if doc_id.startswith(beginning):
                inside = file_id(doc_id)[len(beginning) :]
                if os.sep == "/" and not inside.startswith("/"):
                    return folder + inside
                return os.path.join(folder, inside.replace("/", os.sep))
        return None

    return path


def _is_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(os.path.join(folder, ""))
