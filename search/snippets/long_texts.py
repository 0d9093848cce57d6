"""Chooses the pieces of a long text that are searched for snippets: those in which the index has the words.

The text of a book is stored in pieces. To unpack and search all of it for three snippets would take longer than the search.
"""

from __future__ import annotations

from naidi.indexer.codec.posting_codes import POSITION_GAP
from naidi.indexer.late import np
from naidi.indexer.typed import TYPE_CHECKING, NamedTuple

from ..collection import SegmentView
from ..query.analysed import Scored, Term
from ..ranking.evaluate import Evaluation

if TYPE_CHECKING:
    from collections.abc import Iterable

# Even one snippet is the best of a few pieces.
_FEWEST_PIECES = 3


class ShownText(NamedTuple):
    """Some pieces of a text, to take snippets from.

    text: the pieces. A blank line separates those that are not neighbours.
    pieces: for each piece where it begins in `text`, and the characters and line feeds before it in the whole text.
    """

    text: str
    pieces: tuple[tuple[int, int, int], ...]


def pieces_to_show(
    evaluation: Evaluation, view: SegmentView, doc: int, leaves: Iterable[Scored], max_snippets: int
) -> ShownText:
    """The pieces with most of the query, of a text in pieces. Raises IndexDamaged if they cannot be read.

    leaves: the terms and phrases by which the document may be found.
    """
    segment = view.segment
    ends = segment.piece_ends(doc)
    assert ends is not None
    worth = np.zeros(len(ends))
    body_start = int(segment.doc_starts[doc]) + int(segment.title_lengths[doc]) + POSITION_GAP
    for leaf in leaves:
        tokens = _positions(evaluation, view, doc, leaf) - body_start
        counts = np.bincount(ends.searchsorted(tokens[tokens >= 0], side="right"), minlength=len(ends))[: len(ends)]
        if counts.any():
            idf = evaluation.weighed(leaf).idf
            # Presence of a word counts most. Its frequency decides between pieces with the same words.
            worth += idf * (np.minimum(counts, 1) + np.log1p(counts) / 100)
    chosen = np.sort((-worth).argsort(kind="stable")[: max(_FEWEST_PIECES, max_snippets)])
    chosen = chosen[worth[chosen] > 0] if worth.any() else chosen[:1]
    parts: list[str] = []
    pieces: list[tuple[int, int, int]] = []
    last, size = -2, 0
    for number in chosen.tolist():
        if parts and number > last + 1:
            parts.append("\n\n")
            size += 2
        parts.append(segment.text_piece(doc, number))
        pieces.append((size, *segment.piece_place(doc, number)))
        size += len(parts[-1])
        last = number
    return ShownText("".join(parts), tuple(pieces))


def _positions(
    evaluation: Evaluation, view: SegmentView, doc: int, leaf: Scored
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """The positions of a word in a document, or of other words of its stem if it has none; the starts of a phrase."""
    from ..ranking.postings import phrase_places

    docs = np.array([doc])
    if not isinstance(leaf, Term):
        return phrase_places(evaluation.reader, view, leaf, docs)[0]
    own = evaluation.reader.own_positions(view, leaf, docs)
    return own if len(own) or leaf.stem is None else evaluation.reader.word_positions(view, leaf, docs)
