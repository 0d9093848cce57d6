"""The words index: which forms the documents have, and the keys and the stem of each.

A form comes before the first document that has it, and stays. The numbers of its operations are a log of changes: who has read up
to a checkpoint need only read what came behind it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from ..errors import IndexOutdated
from ..messages import message
from .cluster import Cluster
from .mapping import WordsState, words_state

_PAGE = 10_000


class Word(NamedTuple):
    """A form of the documents.

    form: the word, case-folded.
    keys: what it is looked up by, best first.
    stem: what Snowball makes of it.
    common: for each key, whether a dictionary has it as a lemma of the form, and not only as a name or an abbreviation.
    docs: about how many documents have the form: deletions are not subtracted. `recount` makes it exact.
    """

    form: str
    keys: tuple[str, ...]
    stem: str
    common: tuple[bool, ...]
    docs: int


class Checkpoint(NamedTuple):
    """Up to where the words were read.

    uuid: of the words index. Another one has other numbers: it must be read from the beginning.
    seq_no: all operations up to this number have been seen; -1 for none.
    lemmas: the fingerprint by which keys and stems were made.
    """

    uuid: str
    seq_no: int
    lemmas: str


def checkpoint(cluster: Cluster) -> Checkpoint:
    """The newest state of the words that can be read wholly, without reading any. Raises as `changes`.

    Operations may still be under way: one with a lower number may be done after one with a higher. All up to the number of this
    checkpoint are done on every copy, so that a search after a refresh sees them, whichever copy it asks.
    """
    return _checkpoint(cluster, _current(cluster))


def changes(cluster: Cluster, since: Checkpoint | None = None) -> tuple[Iterator[Word], Checkpoint]:
    """(The words that are new or have another `docs` since a checkpoint, the checkpoint to go on from).

    All words come if `since` is None or of another words index. `is_continued(since, checkpoint)` tells: if it is not, what was
    read before is no longer true. A word may come again that was read before. Keep the new checkpoint only when all words were
    read: the iterator asks the cluster as it goes.

    Raises IndexMissing without an index, IndexOutdated if the keys were made by another version of the analysis.
    """
    state = _current(cluster)
    now = _checkpoint(cluster, state)  # before the refresh: what is behind it is read again the next time
    after = since.seq_no if since is not None and is_continued(since, now) else -1
    if after >= now.seq_no:
        return iter(()), now
    cluster.refresh(state.name)
    return _read(cluster, state.name, after), now


def _current(cluster: Cluster) -> WordsState:
    state = words_state(cluster)
    if not state.is_current:
        raise IndexOutdated(
            message(
                "{place}: its words were made by another version of the analysis; `naidi index --upgrade` makes "
                "them anew, and leaves the documents as they are",
                place=cluster.address.shown,
            )
        )
    return state


def _checkpoint(cluster: Cluster, state: WordsState) -> Checkpoint:
    ((uuid, _), shard), *_ = cluster.shard_states(state.name).items()
    return Checkpoint(uuid, shard.global_checkpoint, state.lemmas)


def is_continued(since: Checkpoint, now: Checkpoint) -> bool:
    """Whether a checkpoint is of the same words index."""
    return since.uuid == now.uuid and since.lemmas == now.lemmas


def _read(cluster: Cluster, index: str, after: int) -> Iterator[Word]:
    query: dict[str, Any] = {"range": {"_seq_no": {"gt": after}}} if after >= 0 else {"match_all": {}}
    for hit in cluster.scan(index, query, sort="_seq_no", page=_PAGE):
        yield word_of(hit["_source"])


def word_of(source: dict[str, Any]) -> Word:
    """The word that the words index stores so."""
    return Word(source["form"], tuple(source["keys"]), source["stem"], tuple(source["common"]), source["docs"])
