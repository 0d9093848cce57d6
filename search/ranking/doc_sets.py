"""Operations on sets of documents of a segment. A set is an ascending array of doc ids, each once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from naidi.indexer.codec.sorted_values import rows_in
from naidi.indexer.late import np

from ..collection import Bools, Floats, Integers, SegmentView

if TYPE_CHECKING:
    import numpy.typing as npt

# A list more than this many times longer than the wanted documents is bisected for each of them. A shorter one is marked whole.
_MUCH_LONGER = 8
# If a segment has more than this many documents for each given one, sorting the given ones is faster than marking.
_SPARSE = 256


def among(view: SegmentView, docs: npt.NDArray[Any], wanted: Integers) -> Bools:
    """For each of the wanted documents, whether it is in `docs`. docs: ascending, each once."""
    if not len(docs):
        return np.zeros(len(wanted), bool)
    if len(docs) > _MUCH_LONGER * len(wanted):
        return rows_in(docs, wanted)[1]
    marks = view.marks()
    marks[docs] = True
    there = marks.take(wanted)
    marks[docs] = False
    return there


def first_of_runs(values: Integers) -> Bools:
    """For each of some ascending values, whether it is the first of its run of equal ones."""
    first = np.ones(len(values), bool)
    np.not_equal(values[1:], values[:-1], out=first[1:])
    return first


def distinct(view: SegmentView, docs: Integers) -> Integers:
    """The set of some documents, which may come in any order and several times."""
    if len(docs) * _SPARSE < view.doc_count:
        docs = np.sort(docs)
        return docs[first_of_runs(docs)]
    marks = view.marks()
    marks[docs] = True
    found = marks.nonzero()[0]
    marks[docs] = False
    return found


def sums_at(view: SegmentView, docs: Integers, scores: Floats, wanted: Integers) -> Floats:
    """For each of the wanted documents, the sum of its scores, float64.

    Parameters:
      docs: documents in any order, perhaps several times.
      scores: of each of `docs`.
      wanted: documents in any order, perhaps several times. Each of `docs` must be among them, since only their scratch values are
        set back to zero.
    """
    zeros = view.scratch()
    np.add.at(zeros, docs, scores)
    totals = zeros.take(wanted)
    zeros[wanted] = 0.0
    return totals
