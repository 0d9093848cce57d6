"""What Whoosh asks of a field: its terms in order, and the postings of each. Here of fields whose terms are listed.

Needs our arrays only, not Whoosh.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import NamedTuple, Protocol

import numpy as np

from ..codec.container import Array
from ..codec.segment import Segment

# (positions of all occurrences, document by document, counted from the start of the document; where those of each document end)
Places = tuple[Array, Array]


class Postings(NamedTuple):
    """The postings of a term.

    docs: document ids, ascending, each once.
    freqs: occurrences in each document.
    total: occurrences in all.
    source: where the term is one of words, its number; or, of a joined one, the numbers of its forms, ascending.
    """

    docs: Array
    freqs: Array
    total: int
    source: int | Array = 0


class FieldTerms(Protocol):
    """The terms of a field, as bytes, ascending."""

    def iter_from(self, start: bytes) -> Iterator[bytes]:
        """The terms from `start` on."""

    def items_from(self, start: bytes) -> Iterator[tuple[bytes, Postings | None]]:
        """The terms from `start` on, each with its postings if they were read along with others."""

    def first_from(self, start: bytes) -> int:
        """The place of the first term that is not below `start`."""

    def at(self, place: int) -> bytes | None:
        """The term at a place; None behind the last."""

    def postings(self, term: bytes) -> Postings | None:
        """The postings of a term, or None if the field does not have it. Deleted documents are among them."""

    def has(self, term: bytes) -> bool:
        """Whether the field has a term."""

    def total(self, term: bytes) -> int:
        """How often a term occurs; 0 if the field does not have it."""

    def places(self, postings: Postings) -> Places:
        """The positions of all occurrences; none in a field without positions."""


class ListedTerms:
    """Terms without frequencies and positions: languages, dates, the values of a field."""

    def __init__(self, docs: Mapping[bytes, Array]) -> None:
        """docs: the documents of each term, ascending."""
        self._docs = docs

    @cached_property
    def _sorted(self) -> list[bytes]:
        return sorted(self._docs)

    def iter_from(self, start: bytes) -> Iterator[bytes]:
        yield from self._sorted[bisect_left(self._sorted, start) :]

    def items_from(self, start: bytes) -> Iterator[tuple[bytes, Postings]]:
        return ((term, _once(self._docs[term])) for term in self.iter_from(start))

    def first_from(self, start: bytes) -> int:
        return bisect_left(self._sorted, start)

    def at(self, place: int) -> bytes | None:
        return self._sorted[place] if place < len(self._sorted) else None

    def postings(self, term: bytes) -> Postings | None:
        docs = self._docs.get(term)
        return None if docs is None else _once(docs)

    def has(self, term: bytes) -> bool:
        return term in self._docs

    def total(self, term: bytes) -> int:
        return len(self._docs.get(term, ()))

    def places(self, postings: Postings) -> Places:
        return _nowhere(postings)


class IdTerms:
    """The ids of documents. They are sorted in the segment, so nothing is made of them."""

    def __init__(self, segment: Segment) -> None:
        self._table = segment.ids
        self._docs = segment.id_docs

    def iter_from(self, start: bytes) -> Iterator[bytes]:
        return map(self._table.raw, range(self.first_from(start), len(self._table)))

    def items_from(self, start: bytes) -> Iterator[tuple[bytes, Postings]]:
        for rank in range(self.first_from(start), len(self._table)):
            yield self._table.raw(rank), _once(self._docs[rank : rank + 1])

    def first_from(self, start: bytes) -> int:
        return self._table.lower_bound(start)

    def at(self, place: int) -> bytes | None:
        return self._table.raw(place) if place < len(self._table) else None

    def _rank(self, term: bytes) -> int:
        return self._table.find(term.decode("utf-8", "replace"))

    def postings(self, term: bytes) -> Postings | None:
        rank = self._rank(term)
        return _once(self._docs[rank : rank + 1]) if rank >= 0 else None

    def has(self, term: bytes) -> bool:
        return self._rank(term) >= 0

    def total(self, term: bytes) -> int:
        return int(self.has(term))

    def places(self, postings: Postings) -> Places:
        return _nowhere(postings)


def _once(docs: Array) -> Postings:
    return Postings(docs, np.ones(len(docs), np.int64), len(docs))


def _nowhere(postings: Postings) -> Places:
    return np.zeros(0, np.int64), np.zeros(len(postings.docs), np.int64)
