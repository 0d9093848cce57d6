"""Sets of documents: ascending arrays, each document once. Which of them are in another one, and which there are at all?"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from naidi.indexer.codec.sorted_values import rows_in

from ..collection import Bools, Floats, Integers, SegmentView

# A list this many times longer is searched for each document; a shorter one is marked whole.
_MUCH_LONGER = 8
# Of so many documents of a segment to each one wanted, it is quicker to sort these than to look at those.
_SPARSE = 256


def among(view: SegmentView, docs: npt.NDArray[Any], wanted: Integers) -> Bools:
    """Which of the wanted documents are in `docs`."""
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
    """Where a value comes up first; values ascending."""
    first = np.ones(len(values), bool)
    np.not_equal(values[1:], values[:-1], out=first[1:])
    return first


def distinct(view: SegmentView, docs: Integers) -> Integers:
    """The set of documents that come in any order, some several times."""
    if len(docs) * _SPARSE < view.doc_count:
        docs = np.sort(docs)
        return docs[first_of_runs(docs)]
    marks = view.marks()
    marks[docs] = True
    found = marks.nonzero()[0]
    marks[docs] = False
    return found


def sums_at(view: SegmentView, docs: Integers, scores: Floats, wanted: Integers) -> Floats:
    """The sum of the scores of each of the wanted documents, which hold all of `docs`; both may have a document several times."""
    zeros = view.scratch()
    np.add.at(zeros, docs, scores)
    totals = zeros.take(wanted)
    zeros[wanted] = 0.0
    return totals
