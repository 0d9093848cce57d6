"""Puts a stored document together from what an index has of it: its record, its text and the columns."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from ..codec.older_formats import OlderSegment
from ..codec.segment import Segment
from ..document import Document
from ..fields import Schema, Stored, given_values
from ..file_facts import DATE_SOURCES


def stored_document(
    segment: Segment | OlderSegment,
    doc: int,
    values: Mapping[str, tuple[Stored, ...]],
    schema: Schema,
) -> Document:
    """The document as it was added. If it cannot be read, raises IndexDamaged, ValueError or another error.

    Parameters:
      segment, doc: where it is stored.
      values: those that it has in columns, by the name of the field.
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
        fields=given_values(schema, values, record.get("texts", {})),
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
