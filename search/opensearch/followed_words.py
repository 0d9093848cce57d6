"""Brings the mirror of a cluster's words up to date."""

from __future__ import annotations

from naidi.indexer.opensearch.words import Checkpoint, changes, checkpoint, is_continued
from naidi.indexer.typed import TYPE_CHECKING, NamedTuple

from .mirror import Mirror
from .mirror_folder import MirrorFolder

if TYPE_CHECKING:
    from naidi.indexer.opensearch.address import ClusterAddress
    from naidi.indexer.opensearch.cluster import Cluster


class FollowedWords(NamedTuple):
    """A mirror and what it is of.

    read_to: as `words.checkpoint`.
    """

    mirror: Mirror
    read_to: Checkpoint


def follow(cluster: Cluster, doc_count: int, before: FollowedWords | None = None) -> FollowedWords:
    """The words of a cluster's index as they are now.

    Parameters:
      doc_count: documents of the index.
      before: how they were; None to begin with what the user's cache has of them.

    Raises as `words.changes`. Raises OSError if the words can be kept nowhere on this machine.
    """
    words = before or _kept(cluster.address, checkpoint(cluster))
    while True:
        mirror = words.mirror
        since = words.read_to._replace(seq_no=mirror.state.checkpoint)
        rows, now = changes(cluster, since)
        if is_continued(since, now):
            if now.seq_no > since.seq_no:
                mirror.take(rows, now.seq_no, doc_count)
            return FollowedWords(mirror, now)
        # The words were made anew: all of them come, and this mirror is of those before.
        words = _kept(cluster.address, now)


def _kept(address: ClusterAddress, read_to: Checkpoint) -> FollowedWords:
    folder = MirrorFolder.of(address.shown, f"{read_to.uuid} {read_to.lemmas}")
    return FollowedWords(Mirror(folder), read_to)
