"""The file of the columns of a segment.

It is a container. `meta` has doc_count and columns, a list of [name, kind, base, unit]; number i of it has the sections

    i.values              numbers: the distinct values; those of whole numbers less `base`, divided by `unit`
    i.values.bytes/.ends  keywords: the distinct values, as a sorted table of strings
    i.places              see `Column`
    i.ends                see `Column`; only if a document has several values
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..fields import KINDS, MAX_FIELDS, Stored
from ..late import StrPath
from .columns import Column
from .container import ALIGNMENT, Array, Container, ContainerWriter, item_bytes, narrowest
from .lines import Lines
from .ragged import lengths_of
from .strings import StringTable

# Of a section in the header, beside its name.
_HEADER_BYTES_A_SECTION = 80
_UNSIGNED = ("|u1", "<u2", "<u4", "<u8")


def write_columns(path: Path, doc_count: int, columns: Mapping[str, Column]) -> None:
    """Write a file of columns. Raises as ContainerWriter does."""
    meta: dict[str, Any] = {"doc_count": doc_count, "columns": []}
    sections: dict[str, Array] = {}
    for number, (name, column) in enumerate(columns.items()):
        base, unit = 0, 0
        values = column.values
        if isinstance(values, (Lines, StringTable)):
            lines = values if isinstance(values, Lines) else _lines(values)
            sections[f"{number}.values.bytes"] = np.frombuffer(lines.data, np.uint8)
            sections[f"{number}.values.ends"] = narrowest(lines.ends)
        else:
            base, unit, sections[f"{number}.values"] = _smaller(values)
        sections[f"{number}.places"] = column.places
        if column.ends is not None:
            sections[f"{number}.ends"] = column.ends
        meta["columns"].append([name, column.kind, base, unit])
    # Names of fields have no character that JSON escapes.
    room = (2 + len(sections) + len(columns)) * _HEADER_BYTES_A_SECTION + sum(len(name.encode()) for name in columns)
    with ContainerWriter(path, meta, header_bytes=-(-room // ALIGNMENT) * ALIGNMENT) as file:
        for name, array in sections.items():
            file.put(name, array)


def _lines(table: StringTable) -> Lines:
    data, lengths = table.rows(np.arange(len(table)))
    return Lines(data, np.cumsum(lengths).astype(np.uint64))


def _smaller(values: Array) -> tuple[int, int, Array]:
    """(base, unit, the values as they are stored). unit: 0 for values that stand as they are."""
    if not len(values) or not (values == np.floor(values)).all() or abs(values[[0, -1]]).max() > 1 << 62:
        return 0, 0, values
    whole = values.astype(np.int64)
    base = int(whole[0])
    steps = whole - base
    unit = max(int(np.gcd.reduce(steps)), 1)
    return base, unit, narrowest(steps // unit)


class ColumnFile:
    """The columns of a segment, mapped. doc_count: documents of the segment. kinds: name of each column -> its kind."""

    def __init__(self, path: StrPath) -> None:
        """Map the file and check its header. Raises as Container does."""
        self.container = Container(path)
        self._read: dict[str, Column] = {}
        self.kinds: dict[str, str] = {}
        self._stored: dict[str, tuple[int, int, int]] = {}
        try:
            meta = self.container.meta
            self.doc_count: int = meta["doc_count"]
            if type(self.doc_count) is not int or self.doc_count < 0 or len(meta["columns"]) > MAX_FIELDS:
                raise ValueError("counts")
            for number, (name, kind, base, unit) in enumerate(meta["columns"]):
                if (
                    type(name) is not str
                    or kind not in KINDS
                    or type(base) is not int
                    or type(unit) is not int
                    or unit < 0
                ):
                    raise ValueError(f"column {number}")
                self.kinds[name] = kind
                self._stored[name] = number, base, unit
                self._check_header(number, kind, unit)
            if len(self.kinds) < len(meta["columns"]):
                raise ValueError("a column stands there twice")
        except (ValueError, TypeError, KeyError, OverflowError) as error:
            raise self.container.damaged(f"header of columns: {error}") from error

    def _check_header(self, number: int, kind: str, unit: int) -> None:
        table = self.container.table
        documents = f"{number}.ends" if f"{number}.ends" in table else f"{number}.places"
        wanted: dict[str, tuple[str, ...]] = {documents: _UNSIGNED, f"{number}.places": _UNSIGNED}
        if kind == "keyword":
            wanted |= {f"{number}.values.bytes": ("|u1",), f"{number}.values.ends": _UNSIGNED}
        else:
            wanted[f"{number}.values"] = _UNSIGNED if unit else ("<f8",) if kind == "number" else ("<i8",)
        for name, kinds in wanted.items():
            if table[name][2] not in kinds:
                raise ValueError(f"section {name}")
        if table[documents][1] != self.doc_count:
            raise ValueError(f"section {documents}: not one for each document")

    def column(self, name: str) -> Column | None:
        """A column; None if no document has the field."""
        found = self._read.get(name)
        if found is None and name in self._stored:
            found = self._read[name] = self._column(name)
        return found

    def _column(self, name: str) -> Column:
        number, base, unit = self._stored[name]
        container, kind = self.container, self.kinds[name]
        values: Any
        if kind == "keyword":
            values = StringTable(container, f"{number}.values")
        else:
            values = container[f"{number}.values"]
            dtype = np.float64 if kind == "number" else np.int64
            if unit:
                values = (values.astype(np.int64) * unit + base).astype(dtype)
        has_ends = f"{number}.ends" in container
        ends = container[f"{number}.ends"] if has_ends else None
        return Column(kind, values, container[f"{number}.places"], ends)

    def columns(self) -> dict[str, Column]:
        """All columns by name."""
        return {name: self._read.get(name) or self._column(name) for name in self._stored}

    def values_of(self, doc: int) -> dict[str, tuple[Stored, ...]]:
        """What a document has in each column, without the lengths of texts; empty where it has nothing."""
        columns = {name: self.column(name) for name, kind in self.kinds.items() if kind != "text"}
        return {name: column.stored(doc) for name, column in columns.items() if column is not None}

    def verify(self) -> None:
        """Read every byte, and check that the sections fit together. Raises IndexDamaged if anything is wrong."""
        self.container.verify()
        try:
            end = 0
            for offset, count, kind in sorted(self.container.table.values(), key=lambda row: row[:2]):
                if offset < end or offset % ALIGNMENT:
                    raise ValueError("sections lie upon each other")
                end = offset + count * item_bytes(kind)
            for name, column in self.columns().items():
                _check(name, column)
        except (ValueError, IndexError, OverflowError) as error:
            raise self.container.damaged(f"columns: {error}") from error


def _check(name: str, column: Column) -> None:
    """Raises ValueError if the parts of a column contradict each other."""
    count = len(column.values)
    used = np.unique(column.places)
    used = used[used > 0]
    if len(used) != count or (count and int(used[-1]) != count):
        raise ValueError(f"{name}: its values are not those of documents")
    if isinstance(column.values, StringTable):
        values = column.values.strings()
        ascends = all(map(str.__lt__, values, values[1:]))
    else:
        own = np.asarray(column.values)
        ascends = bool(np.isfinite(own).all()) and bool((own[1:] > own[:-1]).all())
    if not ascends:
        raise ValueError(f"{name}: its values do not ascend")
    if column.ends is not None:
        lengths = lengths_of(column.ends)
        if (lengths < 0).any() or int(lengths.sum()) != len(column.places) or not column.places.all():
            raise ValueError(f"{name}: its values are not divided among the documents")
        owners = np.repeat(np.arange(len(lengths)), lengths)
        same = owners[1:] == owners[:-1]
        places = column.places.astype(np.int64)
        if (places[1:] <= places[:-1])[same].any():
            raise ValueError(f"{name}: the values of a document do not ascend")
