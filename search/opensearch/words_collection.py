"""The words of a cluster's index as a collection: query analysis and all bridges run on it as on the state of a local index.

Its segments are those of the mirror. They say which words there are, and about how many documents have each. What is known exactly
comes from `KeyCounts`. What is not known there yet is estimated, and noted. So a query is read by guess, all that was noted is
asked at once, and if a guess was wrong the query is read again:

    reading = read(collection)
    while asked := list(collection.asked):
        settled = collection.settled({key: count(collection.forms_of_keys([key])) for key in asked})
        if settled is not collection:
            collection = settled
            reading = read(collection)
"""

from __future__ import annotations

import copy

from naidi.indexer.typed import TYPE_CHECKING

from ..cache import Owner
from ..collection import Collection, FieldStatistics, SegmentMemory, SegmentView, StateFacts
from ..field_columns import FieldColumns
from .words_segment import WordsSegment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from ..collection import Bools

# So many counts are known at most. Then all are forgotten.
_MOST_COUNTS = 200_000


class KeyCounts:
    """How many documents have each key, as the cluster has said. Threads may share it."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}

    def get(self, key: str) -> int | None:
        """How many documents have a key; None if that is not known yet."""
        return self._known.get(key)

    def put(self, counts: Mapping[str, int]) -> None:
        """Note how many documents have each key."""
        if len(self._known) + len(counts) > _MOST_COUNTS:
            self._known = {}
        self._known.update(counts)

    def forget(self) -> None:
        """Forget all: the documents have changed."""
        self._known = {}


class WordsCollection(Collection):
    """One state of a cluster's index, as far as words go. Threads may share it.

    asked: the keys whose counts were estimated, with the estimates. Another thread may add some at any time.
    """

    holds_documents = False
    count_error = 0.15  # the estimates of `words_writer` are seldom farther below

    def __init__(
        self,
        facts: StateFacts,
        segments: Sequence[WordsSegment],
        counts: KeyCounts,
        *,
        fields: Mapping[str, FieldStatistics] | None = None,
        dated_count: int = 0,
        before: WordsCollection | None = None,
        count_now: Callable[[WordsCollection, str], int] | None = None,
    ) -> None:
        """
        Parameters:
          facts: of the state.
          segments: of the mirror.
          counts: those that are known exactly.
          fields: as `Collection.fields`, if they are known.
          dated_count: as in `Collection`.
          before: an earlier state. What was learnt of segments that both have is shared.
          count_now: counts the documents that have a key. With it nothing is estimated: an estimate would tell words of hidden
            documents.
        """
        self._count_now = count_now
        self._begin(facts, before)
        self._counts = counts
        self.asked: dict[str, int] = {}
        self.dated_count = dated_count
        if fields is not None:
            self.fields = fields
        self.segments = list(segments)
        self.checked_files = list(segments)
        earlier = {} if before is None else {id(view.segment): view for view in before.views}
        words = max(sum(len(segment.forms) for segment in segments), 1)
        for number, segment in enumerate(segments):
            view = earlier.get(id(segment))
            if view is None:
                memory = SegmentMemory(segment, len(segment.forms) / words)
                view = SegmentView(number, memory, None, FieldColumns(None, self.schema, 0))
            self.views.append(view.moved_to(number, view.fields))

    def settled(self, counts: Mapping[str, int]) -> WordsCollection:
        """The same state, with exact counts for some keys of `asked`.

        It is this object if they are as estimated. Otherwise it is another one, which has learnt nothing from estimates.
        """
        self._counts.put(counts)
        if any(self.asked.get(key) != count for key, count in counts.items()):
            return self.anew()
        for key in counts:
            self.asked.pop(key, None)
        return self

    def anew(self) -> WordsCollection:
        """The same state without what was learnt from estimates."""
        fresh = copy.copy(self)
        Owner.__init__(fresh)
        fresh._forget_known()
        fresh.asked = {}
        return fresh

    def narrowed(self, allowed: Sequence[Bools]) -> Collection:
        """Not possible: raises NotImplementedError."""
        raise NotImplementedError("a mirror of words does not know which documents have them")

    def knows_key(self, key: str) -> bool:
        return self._count(key) > 0

    def doc_freq(self, keys: Iterable[str]) -> int:
        """How many documents have the most frequent of the keys."""
        return max(map(self._count, keys), default=0)

    def _count(self, key: str) -> int:
        """How many documents have a key: as counted, or about."""
        known = self._counts.get(key)
        if known is not None:
            return known
        lists = ((view, view.segment.container.items("key_lists")[number]) for view, number in self._places_of_key(key))
        lengths = [view.bounds(number) for view, number in lists]
        if not lengths:
            return 0
        if self._count_now is not None:
            count = self._count_now(self, key)
            self._counts.put({key: count})
            return count
        self.asked[key] = about = min(sum(end - start for start, end in lengths), self.doc_count)
        return about

    def counted(self, key: str, about: int, *, at_most: bool = False) -> int:
        if not about:
            return 0
        count = self._count(key)
        return min(about, count) if at_most else count

    def _places_of_key(self, key: str) -> Iterable[tuple[SegmentView, int]]:
        """The segments that have a key, with its number in each."""
        for view in self.views:
            number = view.segment.keys.find(key)
            if number >= 0:
                yield view, number

    def forms_of_keys(self, keys: Iterable[str]) -> list[str]:
        """All forms that have any of the keys, sorted."""
        return sorted(
            {
                view.segment.forms[form]
                for key in keys
                for view, number in self._places_of_key(key)
                for form in view.segment.forms_of_key_number(number).tolist()
            }
        )

    def forms_of_stem(self, stem: str) -> list[str]:
        """All forms that have a stem, sorted."""
        return sorted(
            {view.segment.forms[form] for view in self.views for form in view.segment.forms_of_stem(stem).tolist()}
        )
