"""Columns: for each field of an application, the values that the documents of a segment have.

A column has its distinct values once, ascending, and for each document which of them it has. So a condition is a range of
values, a count is one of small numbers, and an order is that of these numbers.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TypeAlias

import numpy as np

from ..fields import Stored
from .container import Array, narrowest
from .lines import Lines, lines_of, merged_lines
from .ragged import Indices, lengths_of, starts_of, value_indices
from .strings import StringTable

Values: TypeAlias = "Array | Lines | StringTable"


@dataclass(slots=True, eq=False)
class Column:
    """The values of a field by document.

    kind: of the field; "text" for how many tokens the text of a document has.
    values: the distinct values, ascending: strings for "keyword", else float64 or int64. Each is the value of a document.
    places: 1 + the place of a value among `values`. One for each document, 0 for none; or with `ends` those of all documents, one
      after another, ascending in each.
    ends: where those of each document end; None if no document has several values.
    """

    kind: str
    values: Values
    places: Array
    ends: Array | None = None

    @property
    def doc_count(self) -> int:
        """Documents of the segment."""
        return len(self.places if self.ends is None else self.ends)

    def of_docs(self, docs: Indices) -> tuple[Indices, Indices]:
        """(places of the values of some documents, one document after another; how many each has)."""
        whole = len(docs) == self.doc_count and bool((docs == np.arange(len(docs))).all())
        if self.ends is None:
            places = (self.places if whole else self.places[docs]).astype(np.int64)
            there = places > 0
            return places[there], there.astype(np.int64)
        if whole:
            return self.places.astype(np.int64), lengths_of(self.ends)
        lengths = lengths_of(self.ends)[docs]
        rows = value_indices(starts_of(self.ends)[docs], lengths)
        return self.places[rows].astype(np.int64), lengths

    def stored(self, doc: int) -> tuple[Stored, ...]:
        """The values of a document, as `naidi.indexer.fields` has them."""
        if self.ends is None:
            place = int(self.places[doc])
            return (self.value(place),) if place else ()
        start = int(self.ends[doc - 1]) if doc else 0
        return tuple(self.value(place) for place in self.places[start : int(self.ends[doc])].tolist())

    def lines(self, used: Array | None = None) -> tuple[memoryview, int, Array | None]:
        """The values of a keyword as `merged_lines` takes them. used: which of them are used (bool); None for all."""
        data = self.values.data
        return memoryview(data) if isinstance(data, bytes) else data, len(self.values), used

    def lower_bound(self, wanted: bytes) -> int:
        """How many values of a keyword are below `wanted`, in UTF-8."""
        if isinstance(self.values, StringTable):
            return self.values.lower_bound(wanted)
        assert isinstance(self.values, Lines)
        return bisect_left([line[:-1] for line in self.values], wanted)

    def strings(self) -> list[str]:
        """The values of a keyword."""
        assert isinstance(self.values, (StringTable, Lines))
        return self.values.strings()

    def value(self, place: int) -> Stored:
        """The value at a place, which counts from 1."""
        if isinstance(self.values, StringTable):
            return self.values[place - 1]
        if isinstance(self.values, Lines):
            ends = self.values.ends
            return self.values.data[int(ends[place - 2]) if place > 1 else 0 : int(ends[place - 1]) - 1].decode()
        value: Stored = self.values[place - 1].item()
        return value


def column_of_rows(kind: str, rows: Sequence[Sequence[Stored]]) -> Column:
    """The column of documents with these values, which ascend in each."""
    distinct = sorted(set(chain.from_iterable(rows)))
    place_of = {value: place for place, value in enumerate(distinct, 1)}
    lengths = np.fromiter(map(len, rows), np.int64, len(rows))
    flat = np.fromiter(map(place_of.__getitem__, chain.from_iterable(rows)), np.int64, int(lengths.sum()))
    values: Values = lines_of(distinct) if kind == "keyword" else _numbers(kind, distinct)  # type: ignore[arg-type]
    return _made(kind, values, flat, lengths)


def _numbers(kind: str, values: Sequence[Stored]) -> Array:
    return np.array(values, np.float64 if kind == "number" else np.int64)


def _made(kind: str, values: Values, flat: Indices, lengths: Indices) -> Column:
    """The column of places in a row, and of how many each document has."""
    if len(lengths) and int(lengths.max()) > 1:
        return Column(kind, values, narrowest(flat), narrowest(np.cumsum(lengths)))
    places = np.zeros(len(lengths), np.int64)
    places[lengths > 0] = flat
    return Column(kind, values, narrowest(places))


def gathered(kind: str, parts: Sequence[tuple[Column | None, Indices]], order: Indices | None = None) -> Column | None:
    """One column of some documents of several.

    Parameters:
      kind: of the field.
      parts: columns, None for documents without values, each with the documents to take.
      order: for each document of the result its place among those taken; None to keep their order.

    Returns None if none has a value.
    """
    columns: list[Column] = []
    taken: list[Indices] = []
    counts: list[Indices] = []
    for column, docs in parts:
        if column is None:
            counts.append(np.zeros(len(docs), np.int64))
            continue
        flat, lengths = column.of_docs(docs)
        counts.append(lengths)
        columns.append(column)
        taken.append(flat)
    if not any(map(len, taken)):
        return None
    used = []
    for column, flat in zip(columns, taken, strict=True):
        mask = np.zeros(len(column.values), bool)
        mask[flat - 1] = True
        used.append(mask)
    values, maps = _union(kind, columns, used)
    places = np.concatenate([numbers[flat - 1] for numbers, flat in zip(maps, taken, strict=True)]) + 1
    lengths = np.concatenate(counts)
    if order is not None:
        starts = np.cumsum(lengths) - lengths
        lengths = lengths[order]
        places = places[value_indices(starts[order], lengths)]
    return _made(kind, values, places, lengths)


def _union(kind: str, columns: Sequence[Column], used: Sequence[Array]) -> tuple[Values, list[Indices]]:
    """(the used values of all columns, ascending; for each column, the number there of each of its values, -1 if unused)."""
    if kind == "keyword":
        lines, numbers = merged_lines([column.lines(mask) for column, mask in zip(columns, used, strict=True)])
        return lines, [each.astype(np.int64) for each in numbers]
    own = [np.asarray(column.values) for column in columns]
    values = np.unique(np.concatenate([each[mask] for each, mask in zip(own, used, strict=True)]))
    return values, [np.where(mask, np.searchsorted(values, each), -1) for each, mask in zip(own, used, strict=True)]


def changed(kind: str, column: Column | None, doc_count: int, rows: Mapping[int, Sequence[Stored]]) -> Column | None:
    """The column with other values for some documents. rows: document -> its values from now on, ascending."""
    docs = np.fromiter(sorted(rows), np.int64, len(rows))
    patch = column_of_rows(kind, [rows[doc] for doc in docs.tolist()])
    if column is not None and column.ends is None and patch.ends is None:
        return _changed_singly(kind, column, docs, patch)
    others = np.ones(doc_count, bool)
    others[docs] = False
    kept = np.flatnonzero(others)
    order = np.empty(doc_count, np.int64)
    order[kept] = np.arange(len(kept))
    order[docs] = np.arange(len(kept), doc_count)
    return gathered(kind, [(column, kept), (patch, np.arange(len(docs)))], order)


def _changed_singly(kind: str, column: Column, docs: Indices, patch: Column) -> Column | None:
    """The column with the values of a patch for some documents, where none has several: in a third of the time of `gathered`."""
    places = column.places.copy()
    places[docs] = 0
    used = np.bincount(places, minlength=len(column.values) + 1)[1:] > 0
    if not used.any() and not len(patch.values):
        return None
    values, maps = _union(kind, [column, patch], [used, np.ones(len(patch.values), bool)])
    places = np.concatenate(([0], maps[0] + 1))[places]
    places[docs] = np.concatenate(([0], maps[1] + 1))[patch.places]
    return Column(kind, values, narrowest(places))


def columns_of_rows(kinds: Mapping[str, str], rows: Sequence[Mapping[str, Sequence[Stored]]]) -> dict[str, Column]:
    """The columns of documents. kinds: name of each field that any may have -> its kind. rows: the values of each, by name."""
    found = {name: column_of_rows(kind, [row.get(name, ()) for row in rows]) for name, kind in kinds.items()}
    return {name: column for name, column in found.items() if len(column.values)}


def merged_columns(parts: Sequence[tuple[Mapping[str, Column], Indices]]) -> dict[str, Column]:
    """The columns of several segments, one after another. parts: the columns of each, with the documents to take."""
    found = {}
    for name in dict.fromkeys(chain.from_iterable(columns for columns, _ in parts)):
        kind = next(columns[name].kind for columns, _ in parts if name in columns)
        column = gathered(kind, [(columns.get(name), docs) for columns, docs in parts])
        if column is not None:
            found[name] = column
    return found
