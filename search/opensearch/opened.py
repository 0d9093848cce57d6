"""An index in a cluster that is open: what its searches share, until a newer state is taken."""

from __future__ import annotations

import copy
import time
import zlib

from naidi.indexer.errors import IndexDamaged, IndexMissing, NaidiError
from naidi.indexer.late import Lock
from naidi.indexer.messages import message
from naidi.indexer.opensearch.cluster import Cluster, connect
from naidi.indexer.opensearch.followed_folders import entries, located
from naidi.indexer.opensearch.mapping import documents_state
from naidi.indexer.typed import TYPE_CHECKING

from ..collection import StateFacts
from .cluster_state import ClusterState
from .counts import Counts
from .dates import cluster_recency
from .filters import filter_body
from .followed_words import FollowedWords, follow
from .named import NamedDocuments
from .timed_cluster import TimedCluster
from .word_rows import Row, key_row, rows_of
from .words_collection import KeyCounts, WordsCollection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    from naidi.indexer.opensearch.address import ClusterAddress

    from ..query.analysed import Filter, NearPhrase
    from ..ranking.recency import Recency
    from .document_table import DocumentTable
    from .mirror import Mirror

# The mirror asks for new words at most so often, in seconds, because a query has a word that it lacks.
_CATCH_UP = 1.0
# So many definitions of acronyms are asked for, the commonest.
_MOST_DEFINITIONS = 10_000


class OpenedCluster:
    """A state of an index in a cluster. Threads may share it.

    cluster: is asked.
    pinned: the cluster with the documents index of this state, whatever the alias means by now.
    documents: what the documents index says of itself.
    named: its documents by name.
    counts: what the cluster has counted of this state.
    words: the words of the index, as they are known now.
    token: changes with every change of the index.
    generation: a number that stands for the token.
    """

    def __init__(self, address: ClusterAddress, before: OpenedCluster | None = None) -> None:
        """Open the index as it is now. before: an earlier state; its connections and its mirror go on.

        Raises IndexMissing, IndexOutdated, IndexDamaged, ClusterUnavailable, ClusterRefused and NotSupported.
        """
        self.cluster: Cluster = connect(address) if before is None else before.cluster
        self._look_at = 0.0
        try:
            self.documents = documents_state(self.cluster)
            self.token = self._newest_token()
            followed = located(entries(self.cluster).values())
            self._roots = {path: entry.noted() for path, entry in followed.items()}
            self.generation = zlib.crc32(self.token.encode())
            # The two questions of a search must be asked of one index, even if another one takes its place meanwhile.
            self.pinned = TimedCluster(self.cluster, self.documents.name)
            self.counts = Counts(self.pinned, self.documents.schema)
            self._recency: Recency | None = None
            self._key_counts = KeyCounts()
            self._learning = Lock()
            self._followed: FollowedWords | None = None if before is None else before._followed
            self._dates_counted = False
            self._take_words()
            self._take_definitions()
            self.words: WordsCollection = self._collection(None if before is None else before.words)
            self.named = NamedDocuments(
                self.pinned, self.documents.schema, self.words.roots, store_texts=self.documents.store_texts
            )
        except BaseException:
            if before is None:
                self.cluster.close()
            raise

    def _newest_token(self) -> str:
        """The token of the newest state. Raises IndexDamaged if there are documents without words."""
        try:
            return self.cluster.state_token()
        except IndexMissing:
            if self.cluster.indices_of(self.cluster.words):
                raise
            raise IndexDamaged(
                message(
                    "{index}: the words of its documents are missing; `naidi index --upgrade` makes them anew",
                    index=self.cluster.address.shown,
                )
            ) from None

    def is_newest(self) -> bool:
        """Whether nothing has changed in the cluster since."""
        return self.cluster.state_token() == self.token

    def _take_words(self) -> bool:
        """Have the mirror follow the words index. Returns whether there was anything new."""
        before = None if self._followed is None else (self._followed.mirror, self._followed.mirror.state.segments)
        self._followed = follow(self.cluster, self.counts.statistics.doc_count, self._followed)
        return before != (self._followed.mirror, self._followed.mirror.state.segments)

    def _take_definitions(self) -> None:
        """Have the mirror know the acronyms that documents define."""
        if self._mirror.state.definitions_of == self.token:
            return
        terms = {"field": "defs", "size": _MOST_DEFINITIONS}
        asked: dict[str, Any] = {"size": 0, "track_total_hits": False, "aggs": {"defs": {"terms": terms}}}
        answer = self.pinned.search(self.pinned.documents, asked)
        found = {one["key"]: one["doc_count"] for one in answer["aggregations"]["defs"]["buckets"]}
        self._mirror.take_definitions(found, self.token)

    @property
    def _mirror(self) -> Mirror:
        assert self._followed is not None
        return self._followed.mirror

    def _collection(
        self, before: WordsCollection | None, count_now: Callable[[WordsCollection, str], int] | None = None
    ) -> WordsCollection:
        assert self._followed is not None
        statistics = self.counts.statistics
        facts = StateFacts(
            self._mirror.directory,
            self._roots,
            statistics.doc_count,
            self.generation,
            self.documents.schema,
            self.documents.store_texts,
            self._followed.read_to.lemmas,
        )
        return WordsCollection(
            facts,
            self._mirror.state.segments,
            self._key_counts,
            fields=statistics.fields,
            before=before,
            count_now=count_now,
        )

    def blame(self, error: BaseException) -> None:
        """After an unexpected error: if what this machine keeps of the words is damaged, read them anew, and raise IndexDamaged."""
        if isinstance(error, (NaidiError, OSError, MemoryError)) and not isinstance(error, IndexDamaged):
            return
        with self._learning:
            if not isinstance(error, Exception) or not self._mirror.forget_if_damaged():
                return
            self._take_words()
            self._take_definitions()
            self.words = self._collection(None)
        shown = self.cluster.address.shown
        raise IndexDamaged(
            message(
                "{index}: what this machine kept of its words was damaged; they have been read anew, so ask again",
                index=shown,
            )
        ) from error

    # -- what reading asks

    def catch_up(self) -> bool:
        """Take words that came since, because a query has one that the mirror lacks. Returns whether there were any."""
        with self._learning:
            now = time.monotonic()
            if now < self._look_at:
                return False
            self._look_at = now + _CATCH_UP
            if not self._take_words():
                return False
            self._key_counts.forget()
            self.words = self._collection(self.words)
            return True

    def learn(self, words: WordsCollection, phrases: Sequence[Row], more: Iterable[Row] = ()) -> WordsCollection:
        """Ask the cluster for all that was guessed. Returns the words to go on with: others if a guess was wrong.

        Parameters:
          words: with what was guessed of them.
          phrases: those of which it was guessed that no document has them.
          more: what will be asked next, and may be counted in the same request.
        """
        rows = {key_row(words, key): key for key in list(words.asked)}
        if not rows and not phrases:
            return words  # what comes next asks for itself
        counted = self.counts.of([*rows, *phrases, *more])
        settled = words.settled({key: counted[row] for row, key in rows.items()})
        if settled is words and any(counted[row] for row in phrases):
            settled = words.anew()
        with self._learning:
            if self.words is words:  # and not newer ones, which another search has taken
                self.words = settled
        return settled

    def phrase_freq(self, words: WordsCollection, phrase: NearPhrase) -> int:
        """How many documents have a phrase."""
        row = rows_of(words, phrase).own
        return self.counts.of([row])[row]

    def count_dates(self) -> None:
        """Count the documents that have a date, once."""
        if not self._dates_counted:
            dated = self.pinned.count(self.pinned.documents, {"exists": {"field": "date"}})
            self.words.dated_count = dated
            self._dates_counted = True

    def recency(self) -> Recency:
        """The factors of scores by date. They are asked for once."""
        if self._recency is None:
            self._recency = cluster_recency(self.counts)
        return self._recency

    def within(self, filters: Sequence[Filter]) -> OpenedCluster:
        """The index as if it had those documents alone that pass filters."""
        narrow = copy.copy(self)
        bodies = [filter_body(one, self.documents.schema) for one in filters]
        narrow.counts = Counts(self.pinned, self.documents.schema, bodies)
        narrow._key_counts, narrow._recency = KeyCounts(), None
        narrow._learning, narrow._dates_counted = Lock(), False
        narrow.words = narrow._collection(None, narrow._count_now)
        return narrow

    def _count_now(self, words: WordsCollection, key: str) -> int:
        row = key_row(words, key)
        return self.counts.of([row])[row]

    def state_of(self, words: WordsCollection, *, asks_twice: bool, table: DocumentTable | None) -> ClusterState:
        """What one search needs. table: of the numbers of its documents; None for a new one."""
        schema = self.documents.schema
        return ClusterState(self.pinned, words, schema=schema, asks_twice=asks_twice, counts=self.counts, table=table)
