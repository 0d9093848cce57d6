"""What an index in a cluster knows of the folders that it follows, as a sync and its preview ask for it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ..errors import IndexMissing
from ..folder.followed import Followed
from ..folder.notes import Note
from .cluster import Cluster
from .followed_folders import entries, kept_notes, located
from .sync_state import FolderState, documents_below


class KnownFolders:
    """The folders and their files, read when they are first asked for.

    entries: prefix -> folder, those included that were dropped.
    located: path on this machine -> folder.
    roots: path on this machine -> what a manifest would note.
    """

    directory = None

    def __init__(self, cluster: Cluster, *, anew: bool = False) -> None:
        """anew: whether all files are to be read again."""
        self._cluster = cluster
        self._anew = anew
        self.entries = entries(cluster)
        self.located = located(self.entries.values())
        self.roots: dict[str, dict[str, Any]] = {path: entry.noted() for path, entry in self.located.items()}
        self._states: dict[str, FolderState] = {}  # by prefix

    def state(self, prefix: str) -> FolderState:
        """The files of a folder, by the beginning of its ids."""
        if prefix not in self._states:
            inner = tuple(f"{other}/" for other in self.entries if other.startswith(f"{prefix}/"))
            try:
                found = list(documents_below(self._cluster, prefix))
            except IndexMissing:  # a sync makes it first, a preview does not
                found = []
            ours = ((doc_id, line) for doc_id, line in found if not doc_id.startswith(inner))
            self._states[prefix] = FolderState(prefix, ours, kept_notes(self._cluster, prefix))
        return self._states[prefix]

    def notes(self, root: str) -> Mapping[str, Note]:
        """Relative path -> what is noted of a file of a folder."""
        return self.state(self.roots[root]["prefix"]).notes() if root in self.roots else {}

    def move(self, before: str, now: str) -> None:
        """A folder lies elsewhere on this machine."""
        self.roots[now] = self.roots.pop(before)
        self.located[now] = self.located.pop(before)

    def origins(self, roots: Collection[str]) -> dict[str, bool]:
        """The documents whose ids begin as those of the folders -> whether a sync added them. Strays are not among them."""
        found: dict[str, bool] = {}
        for root in roots:
            found |= self.state(self.roots[root]["prefix"]).doc_ids
        return found

    def outdated(self, folders: Sequence[Followed]) -> set[str]:
        """The ids of files that must be read again even if they are as noted."""
        found: set[str] = set()
        for folder in folders:
            state = self.state(folder.prefix)
            again = state.files if self._anew else state.outdated(folder.options)
            found.update(f"{folder.prefix}/{relative}" for relative in again)
        return found
