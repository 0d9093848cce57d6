"""Where the texts of an application's fields stand in a segment: behind the keywords of a document, in the order of the schema.

A text stands there as often as its weight says, one copy behind the other. So a word counts by its weight, and a search of the
field alone looks only at where its copies stand.
"""

from __future__ import annotations

from typing import NamedTuple

from naidi.indexer.codec.columns import Column
from naidi.indexer.codec.posting_codes import POSITION_GAP
from naidi.indexer.fields import Text
from naidi.indexer.late import np

from ..collection import Collection, Integers, SegmentView


class TextPlaces(NamedTuple):
    """The places of a text field in some documents of a segment.

    starts: the position of its first token.
    lengths: tokens of one copy; 0 for documents without the field.
    times: how many copies there are.
    """

    starts: Integers
    lengths: Integers
    times: int

    def copies(self, rows: Integers, positions: Integers) -> Integers:
        """In which copy each position lies, -1 for none. rows: the index of the document of each among those asked for."""
        since, lengths = positions - self.starts[rows], self.lengths[rows]
        there = (since >= 0) & (since < lengths * self.times)
        return np.where(there, since // np.maximum(lengths, 1), -1)


def text_places(view: SegmentView, name: str, docs: Integers) -> TextPlaces:
    """Where a text field stands in some documents."""
    segment, schema = view.segment, view.fields.schema
    texts = [(other, kind.times) for other, kind in schema.items() if isinstance(kind, Text)]
    own = [other for other, _ in texts].index(name)
    behind = np.zeros(len(docs), np.int64)  # tokens from the field on
    for other, times in texts[own:]:
        behind += _lengths(view.fields.column(other), docs) * times
    starts = segment.body_ends[docs] + POSITION_GAP + segment.keyword_lengths[docs].astype(np.int64) - behind
    return TextPlaces(starts, _lengths(view.fields.column(name), docs), texts[own][1])


def average_text_length(collection: Collection, name: str) -> float:
    """The mean length of a text field in the live documents that have it; 0 if there are none."""
    tokens = count = 0
    for view in collection.views:
        docs = np.arange(view.doc_count) if view.live is None else np.flatnonzero(view.live)
        lengths = _lengths(view.fields.column(name), docs)
        tokens += int(lengths.sum())
        count += int(np.count_nonzero(lengths))
    return tokens / count if count else 0.0


def _lengths(column: Column | None, docs: Integers) -> Integers:
    if column is None:
        return np.zeros(len(docs), np.int64)
    return np.concatenate(([0], np.asarray(column.values)))[column.places[docs]]
