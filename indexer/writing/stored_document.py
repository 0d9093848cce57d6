"""Puts a stored document together from what an index has of it: its record, its text and the columns."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from ..codec.columns import Column
from ..codec.older_formats import OlderSegment
from ..codec.segment import Segment
from ..document import Document
from ..fields import Schema, given_values
from ..file_facts import DATE_SOURCES


def stored_document(
    segment: Segment | OlderSegment,
    doc: int,
    columns: Mapping[str, Column],
    schema: Schema,
) -> Document:
    """The document as it was added. If it cannot be read, raises IndexDamaged, ValueError or another error.

    Parameters:
      segment, doc: where it is stored.
      columns: of the segment.
      schema: of the fields of the application.
    """
    record = segment.record(doc)
    ordinal = int(segment.dates[doc])
    return Document(
        id=record["id"],
        text=segment.text(doc),
        title=record["title"],
        date=date.fromordinal(ordinal) if ordinal else None,
        path=record["path"],
        meta=record["meta"],
        language=record.get("language"),
        keywords=record.get("keywords", ""),
        names=record.get("names", ""),
        pages=record.get("pages", ()),
        first_line=record.get("first_line", 1),
        fields=fields_of(record, doc, columns, schema),
        **_of_file(segment, doc),
    )


def _of_file(segment: Segment | OlderSegment, doc: int) -> dict[str, Any]:
    """What the columns say of the file of a document. Older segments have none of them."""
    if isinstance(segment, OlderSegment):
        return {}
    size, mtime = segment.file_size(doc), segment.mtime(doc)
    return {
        "size": None if size < 0 else size,
        "mtime": None if mtime < 0 else mtime,
        "date_source": DATE_SOURCES[int(segment.date_sources[doc])],
    }


def fields_of(record: Mapping[str, Any], doc: int, columns: Mapping[str, Column], schema: Schema) -> dict[str, Any]:
    """The values of a document in the fields of its application. record: as stored."""
    if not schema:
        return {}
    stored = {name: column.stored(doc) for name, column in columns.items() if column.kind != "text"}
    return given_values(schema, stored, record.get("texts", {}))
