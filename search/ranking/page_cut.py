"""Which part of the documents in order is the page."""

from __future__ import annotations

from naidi.indexer.late import np
from naidi.indexer.typed import NamedTuple

from ..collection import Collection, Integers

_ALL = 1 << 62


class PageCut(NamedTuple):
    """The places of a page among the documents in order.

    limit: how many documents it has.
    offset: how many come before it.
    behind: (number of its segment, doc id) of a document behind which it begins, wherever that is; None for `offset`. If it is not
      among those found, `offset` counts.
    collapse: the field of whose values each stands once; None for all documents.
    """

    limit: int
    offset: int
    behind: tuple[int, int] | None = None
    collapse: str | None = None

    @property
    def is_plain(self) -> bool:
        """Whether limit and offset say all."""
        return self.behind is None and self.collapse is None

    @property
    def depth(self) -> int:
        """How many of the first documents must be in order."""
        return self.limit + self.offset if self.is_plain else _ALL

    def of(
        self, collection: Collection, order: Integers, numbers: Integers | None, only: int, docs: Integers
    ) -> tuple[Integers, int, int | None]:
        """(the indices of the documents of the page; how many lie before it; how many hits there are with `collapse`, else None).

        Parameters:
          collection: the index.
          order: the indices of the first `depth` documents in order.
          numbers: the segment of each document; None if all are of the segment `only`.
          docs: the documents, by index.
        """
        count = None
        if self.collapse is not None:
            order = self._first_of_each(collection, order, numbers, only, docs)
            count = len(order)
        start = self.offset
        if self.behind is not None:
            number, doc = self.behind
            there = docs[order] == doc
            there &= (np.full(len(order), only) if numbers is None else numbers[order]) == number
            at = np.flatnonzero(there)
            start = int(at[0]) + 1 if len(at) else start
        return order[start : start + self.limit], start, count

    def _first_of_each(
        self, collection: Collection, order: Integers, numbers: Integers | None, only: int, docs: Integers
    ) -> Integers:
        """The first document of each value. Those without a value all stay."""
        from .sort_keys import field_ranks

        assert self.collapse is not None
        groups = np.zeros(len(order), np.int64)
        of_places = np.full(len(order), only) if numbers is None else numbers[order]
        for number in np.unique(of_places).tolist():
            there = of_places == number
            groups[there] = field_ranks(collection, self.collapse, number, docs[order[there]])
        first = np.zeros(len(order), bool)
        first[np.unique(groups, return_index=True)[1]] = True
        kept: Integers = order[first | (groups == 0)]
        return kept


def id_ranks(collection: Collection, numbers: Integers, docs: Integers) -> Integers:
    """The ranks of documents in the order of their ids. One segment stores them; for several, the ids are compared."""
    segments = collection.segments
    if len(segments) == 1:
        return np.asarray(segments[0].id_ranks[docs], np.int64)
    ids = [segments[number].doc_id(doc) for number, doc in zip(numbers.tolist(), docs.tolist(), strict=True)]
    ranks = np.empty(len(ids), np.int64)
    ranks[sorted(range(len(ids)), key=ids.__getitem__)] = np.arange(len(ids))
    return ranks
