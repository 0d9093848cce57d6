"""The functions that Whoosh calls when it reads the table of contents of an index.

The pickles in it name these functions. So the name of this module, the names of the functions and the order of their
parameters are part of the format. They must not change without a new format version.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from whoosh.fields import Schema

    from .codec import WhooshSegment


def whoosh_schema(fields: str = "{}") -> Schema:
    """The schema of an index. fields: those of the application, JSON."""
    from .own_fields import schema_of_json
    from .schema import make_schema

    return make_schema(schema_of_json(fields))


def whoosh_segment(
    file: str, deletions: str | None, doc_count: int, deleted_count: int, columns: str | None = None, fields: str = "{}"
) -> WhooshSegment:
    """A segment; files are named as they are seen from the table, or from the folder above. "" is a segment without documents.

    columns: the file of its columns. fields: those of the application, JSON.
    """
    from .codec import WhooshSegment

    return WhooshSegment(file, deletions, doc_count, deleted_count, columns, fields)


def whoosh_segments(*segments: WhooshSegment) -> Segments:
    """All segments of a generation."""
    return Segments(segments)


class Segments(list["WhooshSegment"]):
    """The segments of a state, and no others.

    When Whoosh refreshes a searcher, it adds the segments that the searcher has to those of the new state. Then documents would be
    found that are deleted, or twice. The readers of segments that are in both states are kept all the same. But a reader that is
    all there is tells the searcher its state; so that one is opened anew.
    """

    def __init__(self, segments: Iterable[WhooshSegment]) -> None:
        super().__init__(segments)
        for segment in self:
            segment.is_alone = len(self) == 1

    def __reduce__(self) -> tuple[Any, ...]:
        return whoosh_segments, tuple(self)

    def extend(self, other: Iterable[WhooshSegment]) -> None:
        """Leave the list as it is."""
