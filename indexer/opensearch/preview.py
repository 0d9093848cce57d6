"""What a sync would do to an index in a cluster, without doing it, and which files are left out of it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from ..errors import IndexMissing
from ..folder.options import FolderChoices, FolderOptions
from ..folder.preview import Preview, preview_of
from .address import ClusterAddress
from .cluster import connect
from .known_folders import KnownFolders
from .mapping import documents_state


def preview(
    named: Sequence[str] | None,
    address: str | ClusterAddress,
    options: FolderOptions | FolderChoices | None = None,
) -> Preview:
    """What `sync` would do now, as `naidi index --dry-run` says of an index in a directory.

    Parameters:
      named: folders; None means all that the index follows.
      address: of the index, which need not exist if folders are named.
      options: as for `sync`.

    Raises NaidiError as `sync` does.
    """
    with connect(address) as cluster:
        with suppress(*(() if named is None else (IndexMissing,))):
            documents_state(cluster)
        return preview_of(named, KnownFolders(cluster), options)


def skipped_files(address: str | ClusterAddress) -> list[tuple[str, str]]:
    """(path, reason) of each file and folder that is left out of the folders that the index follows, sorted.

    The folders are walked. What is in a file is known from the last sync. Raises as `preview` does.
    """
    return preview(None, address).skipped
