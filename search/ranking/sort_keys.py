"""By what documents are put in order: numbers that compare as the values of a field do, in all segments alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from naidi.indexer.codec.columns import Column
from naidi.indexer.codec.lines import merged_lines
from naidi.indexer.errors import InvalidQuery
from naidi.indexer.fields import Text, kind_of, unknown_field
from naidi.indexer.messages import message

from ..cache import Attached, Cache
from ..collection import Collection, Floats, Integers

if TYPE_CHECKING:
    import numpy.typing as npt

_RANK_BYTES = 50_000_000
# A float has every whole number up to here.
_EXACT = 1 << 53


class Ranks(NamedTuple):
    """The places of the values of a field among those of all segments.

    of_values: for each segment, the rank of each of its distinct values, from 1 on.
    total: how many distinct values there are.
    """

    of_values: list[Integers]
    total: int

    @property
    def nbytes(self) -> int:
        return sum(ranks.nbytes for ranks in self.of_values)


_RANKS: Attached[Collection, Cache[str, Ranks]] = Attached(
    lambda _: Cache(_RANK_BYTES, lambda ranks: 500 + ranks.nbytes)
)


def ranks_of_field(collection: Collection, name: str) -> Ranks:
    """The ranks of the values of a field."""
    return _RANKS.of(collection).get(name, lambda: _ranks(collection, name))


def _ranks(collection: Collection, name: str) -> Ranks:
    columns = [view.fields.column(name) for view in collection.views]
    known = [column for column in columns if column is not None]
    count = 0
    if known and known[0].kind == "keyword":
        lines, numbers = merged_lines([column.lines() for column in known])
        ranks, count = [each.astype(np.int64) + 1 for each in numbers], len(lines)
    else:
        values = [np.asarray(column.values) for column in known]
        union = np.unique(np.concatenate(values)) if values else np.zeros(0)
        ranks, count = [np.searchsorted(union, each) + 1 for each in values], len(union)
    given = iter(ranks)
    return Ranks([np.zeros(0, np.int64) if column is None else next(given) for column in columns], count)


def field_ranks(collection: Collection, name: str, number: int, docs: Integers, *, last: bool = False) -> Integers:
    """The rank of the value of each document of a segment, 0 for none. last: the greatest of several values; else the least."""
    column = collection.views[number].fields.column(name)
    if column is None:
        return np.zeros(len(docs), np.int64)
    ranks = ranks_of_field(collection, name).of_values[number]
    return np.concatenate(([0], ranks))[_place_of(column, docs, last=last)]


def _place_of(column: Column, docs: Integers, *, last: bool) -> Integers:
    if column.ends is None:
        return column.places[docs].astype(np.int64)
    ends = column.ends[docs].astype(np.int64)
    starts = np.where(docs > 0, column.ends[docs - 1], 0).astype(np.int64)
    at = ends - 1 if last else starts
    found = np.zeros(len(docs), np.int64)
    there = ends > starts
    found[there] = column.places[at[there]]
    return found


def _title_ranks(collection: Collection) -> list[Integers]:
    """For each segment the rank of the title of each document, without regard to case; 0 for none."""
    titles = [[title.casefold() for title in segment.titles.strings()] for segment in collection.segments]
    rank_of = {title: rank for rank, title in enumerate(sorted(set().union(*titles) - {""}), 1)}
    return [np.fromiter((rank_of.get(title, 0) for title in each), np.int64, len(each)) for each in titles]


_TITLES = Attached(_title_ranks)


def check_groups(collection: Collection, name: str) -> None:
    """Raises InvalidQuery if hits cannot be collapsed by a field."""
    kind = kind_of(collection.schema, name)
    if kind is None:
        raise InvalidQuery(message("collapse: {error}", error=unknown_field(collection.schema, name)))
    if isinstance(kind, Text) or kind.multiple:
        raise InvalidQuery(message("collapse: {name} has no single value to a document", name=name))


class SortKeys:
    """Puts documents in order by several keys. keys: names, with "-" before those that go the other way round.

    Raises InvalidQuery for a name that is no field of the index.
    """

    def __init__(self, collection: Collection, keys: Sequence[str]) -> None:
        self._collection = collection
        self._keys = [(key.removeprefix("-"), key.startswith("-")) for key in keys]
        for name, _ in self._keys:
            if name in ("score", "date", "title"):
                continue
            kind = kind_of(collection.schema, name)
            if kind is None:
                raise InvalidQuery(
                    message("sort: {error}; or score, date, title", error=unknown_field(collection.schema, name))
                )
            if isinstance(kind, Text):
                raise InvalidQuery(message("sort: {name} is a Text, which has no order", name=name))

    def of(self, parts: Sequence[tuple[int, Integers, Floats]]) -> Floats:
        """For each document a number, the greatest for the first one.

        parts: number of a segment, documents of it, their scores.
        """
        combined: npt.NDArray[np.int64] | None = None
        for name, down in self._keys:
            ranks = np.concatenate([self._ranks(name, down, *part) for part in parts])
            # Greatest first: what goes up from the least is turned round. 0 stays for no value, which comes last.
            most = int(ranks.max()) if len(ranks) else 0
            if not down:
                ranks = np.where(ranks > 0, most + 1 - ranks, 0)
            if combined is None:
                combined = ranks
                continue
            if int(combined.max()) * (most + 1) + most >= _EXACT:
                combined = np.unique(combined, return_inverse=True)[1].astype(np.int64)
            if int(combined.max()) * (most + 1) + most >= _EXACT:
                ranks = np.unique(ranks, return_inverse=True)[1].astype(np.int64)
                most = int(ranks.max())
            combined = combined * (most + 1) + ranks
        assert combined is not None
        if len(combined) and int(combined.max()) >= _EXACT:
            combined = np.unique(combined, return_inverse=True)[1]
        return combined.astype(np.float64)

    def _ranks(self, name: str, down: bool, number: int, docs: Integers, scores: Floats) -> Integers:
        """A rank for each document, 0 for no value. down: the greatest comes first."""
        if name == "score":
            # "score" is best first, so that it is turned round as the others are.
            return _score_ranks(scores)
        if name == "date":
            return self._collection.segments[number].dates[docs].astype(np.int64)
        if name == "title":
            return np.asarray(_TITLES.of(self._collection)[number][docs])
        return field_ranks(self._collection, name, number, docs, last=down)


def _score_ranks(scores: Floats) -> Integers:
    """Whole numbers in the order of the scores turned round: bits of a float that is not negative compare as it does."""
    bits = (scores + 0.0).astype(np.float32).view(np.int32).astype(np.int64)
    return np.asarray(np.iinfo(np.int32).max - bits + 1)
