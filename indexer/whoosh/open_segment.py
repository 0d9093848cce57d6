"""A segment with its deletions, open for Whoosh: what each field has, made when it is first asked for."""

from __future__ import annotations

import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from whoosh.util.times import datetime_to_long

from ..codec.column_file import ColumnFile
from ..codec.columns import Column
from ..codec.container import Array
from ..codec.segment import Segment
from ..errors import IndexDamaged, advised
from ..fields import Field, Schema, Text, kind_of
from ..messages import message
from .own_fields import DateField, column_of, stored_of, terms_of
from .schema import JOINT, WORD_FIELDS
from .terms import FieldTerms, IdTerms, ListedTerms
from .words import BODY, TITLE, WordTerms

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

_COLUMNS = ("id", "language", "date", "title")
# The names of fields that every index has.
_TAKEN = {*WORD_FIELDS, "id", "language", "date", "path", "meta"}


class Lengths(NamedTuple):
    """How many tokens the documents have in a part.

    of: of each document. view: the same, for one look after another.
    """

    of: Array
    view: memoryview
    total: int
    least: int
    most: int


class OpenSegment:
    """A segment and its deletions, and the terms and columns of each field as they are asked for."""

    def __init__(
        self, folder: Path, file: str, deletions: str | None, columns: str | None = None, schema: Schema | None = None
    ) -> None:
        """Open the files.

        file: "" is a segment without documents.
        columns: the file of the columns.
        schema: the fields of the application.

        Raises IndexDamaged, and OSError where a file is not there any more.
        """
        self.segment = Segment(folder / file) if file else None
        self.doc_count = self.segment.doc_count if self.segment else 0
        self.deleted = np.zeros(self.doc_count, bool)
        if deletions is not None:
            packed = np.frombuffer((folder / deletions).read_bytes(), np.uint8)
            if len(packed) != -(-self.doc_count // 8):
                raise IndexDamaged(advised(message("{folder}: wrong size", folder=folder / deletions)))
            self.deleted = np.unpackbits(packed, count=self.doc_count).astype(bool)
        file_of_columns = ColumnFile(folder / columns) if columns is not None and self.segment is not None else None
        self.own = own_columns(file_of_columns, schema or {})
        self._schema = schema or {}
        self._terms: dict[str, FieldTerms] = {}
        self._lengths: dict[str, Lengths] = {}
        self._columns: dict[str, Sequence[Any]] = {}

    @cached_property
    def indexed(self) -> list[str]:
        """The names of the fields that have terms."""
        return sorted({*WORD_FIELDS, "id", "language", "date", *self.own})

    @cached_property
    def columns(self) -> list[str]:
        """The names of the fields that have columns. One of a field that no document here has is empty."""
        known = [name for name, kind in self._schema.items() if not isinstance(kind, Text) and "*" not in name]
        return list(dict.fromkeys((*_COLUMNS, *self.own, *(name for name in known if name not in _TAKEN))))

    @cached_property
    def deleted_docs(self) -> frozenset[int]:
        return frozenset(np.flatnonzero(self.deleted).tolist())

    def lengths(self, fieldname: str) -> Lengths | None:
        """Tokens in a word field of each document; None for other fields."""
        if fieldname not in WORD_FIELDS:
            return None
        part = WORD_FIELDS[fieldname].part
        if part not in self._lengths:
            self._lengths[part] = self._lengths_of(part)
        return self._lengths[part]

    def _lengths_of(self, part: str) -> Lengths:
        lengths: npt.NDArray[np.int64] = np.zeros(self.doc_count, np.int64)
        if self.segment is not None:
            if part != TITLE:
                lengths += self.segment.body_lengths
            if part != BODY:
                lengths += self.segment.title_lengths
        if not len(lengths):
            return Lengths(lengths, lengths.data, 0, 0, 0)
        return Lengths(lengths, lengths.data, int(lengths.sum()), int(lengths.min()), int(lengths.max()))

    def terms(self, fieldname: str) -> FieldTerms:
        """The terms of a field; none if it is not indexed."""
        if fieldname not in self._terms:
            self._terms[fieldname] = self._terms_of(fieldname)
        return self._terms[fieldname]

    def _terms_of(self, fieldname: str) -> FieldTerms:
        segment = self.segment
        if segment is None:
            return ListedTerms({})
        if fieldname in WORD_FIELDS:
            field = WORD_FIELDS[fieldname]
            return WordTerms(segment, field.terms, field.part, JOINT.encode())
        if fieldname == "id":
            return IdTerms(segment)
        if fieldname == "language":
            names = enumerate(segment.language_names)
            found = {name.encode(): np.flatnonzero(segment.languages == code) for code, name in names}
            return ListedTerms({name: docs for name, docs in found.items() if len(docs)})
        if fieldname == "date":
            return ListedTerms(_date_terms(segment.dates, DateField()))
        if fieldname in self.own:
            return ListedTerms(terms_of(*self.own[fieldname]))
        return ListedTerms({})

    def column(self, fieldname: str, default: Any) -> Sequence[Any]:
        """The values of a column, one a document. default: that of documents without one."""
        if fieldname not in self._columns:
            self._columns[fieldname] = self._column_of(fieldname, default)
        return self._columns[fieldname]

    def _column_of(self, fieldname: str, default: Any) -> Sequence[Any]:
        segment = self.segment
        if segment is None:
            return []
        if fieldname == "date":
            days = segment.dates.tolist()
            known = {day: datetime_to_long(midnight(day)) if day else default for day in set(days)}
            return [known[day] for day in days]
        if fieldname == "language":
            names = [name.encode() for name in segment.language_names]
            return [names[code] for code in segment.languages.tolist()]
        if fieldname == "title":
            return list(map(segment.titles.raw, range(self.doc_count)))
        if fieldname in self.own:
            return column_of(*self.own[fieldname], default)
        if fieldname != "id":
            return [default] * self.doc_count
        return list(map(segment.ids.raw, segment.id_ranks.tolist()))

    def stored_fields(self, docnum: int) -> dict[str, Any]:
        """What a hit shows of a document."""
        segment = self.segment
        if segment is None:
            raise IndexError(docnum)
        record = segment.record(docnum)
        ordinal = int(segment.dates[docnum])
        values = {
            "id": record["id"],
            "title": record["title"],
            "path": record["path"],
            "date": midnight(ordinal) if ordinal else None,
            "language": segment.language_names[int(segment.languages[docnum])],
            "meta": record["meta"],
            "text": segment.text(docnum),
        }
        texts = record.get("texts", {})
        values |= {
            name: texts.get(name)
            for name, kind in self._schema.items()
            if isinstance(kind, Text) and name not in values
        }
        values |= {name: stored_of(column, kind, docnum) for name, (column, kind) in self.own.items()}
        return {name: value for name, value in values.items() if value is not None}


def own_columns(file: ColumnFile | None, schema: Schema) -> dict[str, tuple[Column, Field]]:
    """The columns of the fields of the application, with their kinds; none of one that has the name of a field of every index."""
    found = {}
    for name, stored_kind in ({} if file is None else file.kinds).items():
        kind, column = kind_of(schema, name), None if file is None else file.column(name)
        if stored_kind != "text" and kind is not None and column is not None and name not in _TAKEN and name[0] != "_":
            found[name] = column, kind
    return found


def midnight(ordinal: int) -> datetime.datetime:
    """A day as Whoosh has it."""
    return datetime.datetime.fromordinal(ordinal)


def _date_terms(dates: Array, field: Any) -> Mapping[bytes, Array]:
    """The terms of each precision, as Whoosh's numeric fields have them, so that ranges work."""
    order = np.argsort(dates, kind="stable")
    ordinals, starts = np.unique(dates[order], return_index=True)
    docs: dict[bytes, list[Array]] = {}
    for ordinal, of_day in zip(ordinals.tolist(), np.split(order, starts[1:]), strict=True):
        if ordinal <= 0:
            continue
        for shift in range(0, field.bits, field.shift_step):
            docs.setdefault(field.to_bytes(midnight(ordinal), shift), []).append(of_day)
    return {term: parts[0] if len(parts) == 1 else np.sort(np.concatenate(parts)) for term, parts in docs.items()}
