"""Which parts of a long text are looked through for snippets? Those pieces in which the index says that the words stand.

A text of a book is kept in pieces, and unpacking and searching all of it for three snippets would take longer than the search.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from naidi.indexer.codec.posting_codes import POSITION_GAP

from ..collection import SegmentView
from ..query.analysed import Scored, Term
from ..ranking.evaluate import Evaluation
from ..ranking.postings import phrase_places

# Even for one snippet the best of a few pieces is wanted.
_FEWEST_PIECES = 3


def text_to_show(
    evaluation: Evaluation, view: SegmentView, doc: int, leaves: Iterable[Scored], max_snippets: int
) -> str:
    """The text of a document or, of one in pieces, the pieces that have most of the query, those apart with a blank line between.

    leaves: those by which it may be found. Raises IndexDamaged if the text cannot be read.
    """
    segment = view.segment
    ends = segment.piece_ends(doc)
    if ends is None:
        return segment.text(doc)
    worth = np.zeros(len(ends))
    body_start = int(segment.doc_starts[doc]) + int(segment.title_lengths[doc]) + POSITION_GAP
    for leaf in leaves:
        tokens = _positions(evaluation, view, doc, leaf) - body_start
        counts = np.bincount(ends.searchsorted(tokens[tokens >= 0], side="right"), minlength=len(ends))[: len(ends)]
        if counts.any():
            idf = evaluation.matched[leaf.identity].idf
            # That a word is there counts most; how often it is decides between pieces that have the same words.
            worth += idf * (np.minimum(counts, 1) + np.log1p(counts) / 100)
    chosen = np.sort((-worth).argsort(kind="stable")[: max(_FEWEST_PIECES, max_snippets)])
    chosen = chosen[worth[chosen] > 0] if worth.any() else chosen[:1]
    parts: list[str] = []
    last = -2
    for number in chosen.tolist():
        if parts and number > last + 1:
            parts.append("\n\n")
        parts.append(segment.text_piece(doc, number))
        last = number
    return "".join(parts)


def _positions(
    evaluation: Evaluation, view: SegmentView, doc: int, leaf: Scored
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Where a word stands in a document, else where others of its stem do; where a phrase begins."""
    docs = np.array([doc])
    if not isinstance(leaf, Term):
        return phrase_places(evaluation.reader, view, leaf, docs)[0]
    own = evaluation.reader.own_positions(view, leaf, docs)
    return own if len(own) or leaf.stem is None else evaluation.reader.word_positions(view, leaf, docs)
