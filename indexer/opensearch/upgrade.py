"""`upgrade` brings the words of an index in a cluster up to date. Its documents have forms alone, which no dictionary changes."""

from __future__ import annotations

from ..writing.upgrade import UpgradeReport
from .address import ClusterAddress
from .cluster import connect
from .mapping import documents_state, words_state
from .rebuild import rebuild_words, recount


def upgrade(address: str | ClusterAddress, *, anew: bool = False) -> UpgradeReport:
    """Make the words of an index anew if another version of the analysis has made them, as `naidi.upgrade` does for a directory.

    Parameters:
      address: of the index.
      anew: make the words anew in any case, and count anew how many documents have each.

    Returns an UpgradeReport. Searches go on meanwhile.
    Raises IndexMissing, IndexOutdated for documents of another format or other rules for words, which have to be indexed again, and
    what `connect` raises.
    """
    with connect(address) as cluster:
        documents_state(cluster)
        is_current = words_state(cluster).is_current
        documents = cluster.count(cluster.documents, {"match_all": {}})
        if is_current and not anew:
            return UpgradeReport(None, documents)
        rebuild_words(cluster)
        if anew:
            recount(cluster)
        return UpgradeReport("made by another version of the analysis" if not is_current else "as asked", documents)
