"""Which documents of each segment pass the filters of a search, as the core takes them."""

from __future__ import annotations

from naidi.indexer.late import np
from naidi.indexer.typed import TYPE_CHECKING

from ..cache import Attached, Cache
from ..collection import Bools, Collection, SegmentView
from ..query.analysed import AmongDocs, Filter

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

    Allowed: TypeAlias = "tuple[Bools, ...]"

# Bytes for what passes the filters of the last searches. An application asks with the same ones again and again.
_ALLOWED_BYTES = 20_000_000

_ALLOWED: Attached[Collection, Cache[tuple[Filter, ...], Allowed]] = Attached(
    lambda _: Cache(_ALLOWED_BYTES, lambda allowed: 500 + sum([mask.nbytes for mask in allowed]))
)


def allowed_docs(collection: Collection, filters: Sequence[Filter]) -> Allowed:
    """For each segment, which documents pass all filters, bool by doc id. Deleted documents may be among them."""
    if any(isinstance(one, AmongDocs) for one in filters):  # of one search alone
        return _allowed(collection, filters)
    key = tuple(filters)
    return _ALLOWED.of(collection).get(key, lambda: _allowed(collection, key))


def _allowed(collection: Collection, filters: Sequence[Filter]) -> Allowed:
    return tuple([_of_segment(view, filters) for view in collection.views])


def _of_segment(view: SegmentView, filters: Sequence[Filter]) -> Bools:
    from .segment_match import filter_mask

    masks = [filter_mask(view, one) for one in filters]
    return np.ascontiguousarray(masks[0] if len(masks) == 1 else np.logical_and.reduce(masks))
