"""The functions that Whoosh calls when it reads the table of contents of an index.

The pickles in it name these functions. So the name of this module, the names of the functions and the order of their
parameters are part of the format. They must not change without a new format version.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from whoosh.fields import Schema

    from .codec import WhooshSegment
    from .segments import Segments


def whoosh_schema() -> Schema:
    """The schema of every index."""
    from .schema import make_schema

    return make_schema()


def whoosh_segment(file: str, deletions: str | None, doc_count: int, deleted_count: int) -> WhooshSegment:
    """A segment; files are named as they are seen from the table, or from the folder above. "" is a segment without documents."""
    from .codec import WhooshSegment

    return WhooshSegment(file, deletions, doc_count, deleted_count)


def whoosh_segments(*segments: WhooshSegment) -> Segments:
    """All segments of a generation."""
    from .segments import Segments

    return Segments(segments)
