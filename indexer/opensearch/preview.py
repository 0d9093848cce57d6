"""What a sync of an index in a cluster would do, without doing it: nothing is written, and of files names, sizes and times are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import IndexMissing
from ..folder.followed import Followed
from ..folder.notes import Note
from ..folder.options import FolderChoices, FolderOptions
from ..folder.preview import Preview, preview_of
from .address import ClusterAddress
from .cluster import Cluster, connect
from .followed_folders import FolderStates, entries, located
from .mapping import documents_state


def preview(
    named: Sequence[str] | None,
    address: str | ClusterAddress,
    options: FolderOptions | FolderChoices | None = None,
) -> Preview:
    """What `sync` would do now.

    Parameters:
      named: folders; None means all that the index follows.
      address: of the index, which need not be there if folders are named.
      options: as for `sync`.

    Raises NaidiError as `sync` does.
    """
    with connect(address) as cluster:
        return preview_of(_FollowedThere(cluster, may_be_missing=named is not None), named, options)


class _FollowedThere:
    """What an index in a cluster knows of its folders."""

    directory = None

    def __init__(self, cluster: Cluster, *, may_be_missing: bool) -> None:
        self.roots: dict[str, dict[str, Any]] = {}
        self._state: FolderStates | None = None  # None without an index
        try:
            documents_state(cluster)
        except IndexMissing:
            if not may_be_missing:
                raise
            return
        known = entries(cluster)
        self.roots = {path: entry.noted() for path, entry in located(known.values()).items()}
        self._state = FolderStates(cluster, known)

    def notes(self, root: str) -> Mapping[str, Note]:
        if self._state is None or root not in self.roots:
            return {}
        return self._state(self.roots[root]["prefix"]).notes()

    def move(self, before: str, now: str) -> None:
        self.roots[now] = self.roots.pop(before)

    def origins(self, root: str) -> Mapping[str, bool]:
        return {} if self._state is None else self._state(self.roots[root]["prefix"]).doc_ids

    def outdated(self, folder: Followed) -> set[str]:
        if self._state is None:
            return set()
        return {f"{folder.prefix}/{relative}" for relative in self._state(folder.prefix).outdated(folder.options)}
