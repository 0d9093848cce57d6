"""The segments of an index, as its table of contents lists them for Whoosh."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from .unpickle import whoosh_segments

if TYPE_CHECKING:
    from .codec import WhooshSegment


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
