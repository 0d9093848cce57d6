"""Counts all documents found by folder, type, language and year."""

from __future__ import annotations

import datetime
import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from naidi.indexer.conditions import FacetRequest, FieldName
from naidi.indexer.errors import InvalidQuery
from naidi.indexer.fields import Schema, kind_of
from naidi.indexer.file_facts import PART
from naidi.indexer.late import Lock, pattern
from naidi.indexer.messages import message

from .answer import Answer
from .budget import check
from .cache import Attached
from .collection import Collection, SegmentMemory
from .field_facets import FieldCounter, FieldFacet
from .ranking.evaluate import Evaluation
from .results import Facet

MAX_VALUES = 100
"""So many values of a facet are given; the documents of all others are counted together."""

_DOCS_A_CHECK = 1_000
_Docs = npt.NDArray[np.int64]


def facets_of(
    collection: Collection, answer: Answer, wanted: Sequence[str | FacetRequest | FieldName]
) -> dict[str, Facet]:
    """The facets of all documents found, shown or not.

    Parameters:
      collection: the index.
      answer: to the question.
      wanted: names of fields or of FACETS, and requests. A field of the application hides one of FACETS with its name.

    Raises InvalidQuery for another name, for two of the same name, and for what a field has not. Raises TimeUp.
    """
    counters: dict[str, FieldCounter | Counter[str]] = {
        name: Counter() if facet is None else FieldCounter(collection, facet)
        for name, facet in checked_facets(collection.schema, wanted).items()
    }
    if answer.evaluation is None:
        return {name: Facet() for name in counters}
    assert isinstance(answer.evaluation, Evaluation)  # of this collection
    for number, view in enumerate(collection.views):
        check()
        found = answer.evaluation.found(number)
        if found is None:
            continue
        docs = np.asarray(found.docs, np.int64)
        if answer.without is not None and answer.without[0] == number:
            docs = docs[docs != answer.without[1]]
        for name, counter in counters.items():
            if isinstance(counter, FieldCounter):
                counter.count(number, docs)
            else:
                counter.update(FACETS[name](view.memory, docs))
    return {
        name: counter.facet() if isinstance(counter, FieldCounter) else most_frequent(counter, answer.page.total)
        for name, counter in counters.items()
    }


def checked_facets(schema: Schema, wanted: Sequence[str | FacetRequest | FieldName]) -> dict[str, FieldFacet | None]:
    """What is asked for, by name; None for one of FACETS. Raises InvalidQuery as `facets_of` does."""
    found: dict[str, FieldFacet | None] = {}
    for each in wanted:
        one = each.name if isinstance(each, FieldName) else each
        name = one.name if isinstance(one, FacetRequest) else one
        if not isinstance(name, str):
            raise InvalidQuery(
                message("facets: {one} is no name; there is field(name).ranges(…) and .by(…) too", one=repr(one))
            )
        if name in found:
            if one == name:
                continue
            raise InvalidQuery(message("the facet {name} is asked for twice", name=name))
        if isinstance(one, FacetRequest) or kind_of(schema, name) is not None:
            found[name] = FieldFacet(schema, one if isinstance(one, FacetRequest) else FacetRequest(name))
        elif name in FACETS:
            found[name] = None
        else:
            raise InvalidQuery(
                message(
                    "there is no facet {name}: use {facets} or a field of the application",
                    name=name,
                    facets=", ".join(FACETS),
                )
            )
    return found


def read_facet(text: str) -> str | FacetRequest:
    """A facet as it is typed: a name, or a name and the step of a histogram, `created:month`, `price:50`.

    Raises InvalidQuery for what has no name or an empty step.
    """
    name, colon, step = text.strip().partition(":")
    if not name or (colon and not step):
        raise InvalidQuery(
            message(
                "{text} is no facet: write a name, or a name and a step, such as created:month", text=repr(text[:80])
            )
        )
    if not colon:
        return name
    return FacetRequest(name, step=float(step) if _NUMBER.fullmatch(step) else step)


_NUMBER = pattern(r"[0-9]{1,15}(\.[0-9]{1,15})?")


def most_frequent(counts: Mapping[str, int], total: int) -> Facet:
    """The facet of some values: those with the most documents. total: documents found."""
    in_order = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:MAX_VALUES]
    return Facet(tuple(in_order), total - sum(count for _, count in in_order))


def _languages(memory: SegmentMemory, docs: _Docs) -> dict[str, int]:
    segment = memory.segment
    counts = np.bincount(segment.languages[docs], minlength=0).tolist()
    return {segment.language_names[number]: count for number, count in enumerate(counts) if count}


def _years(memory: SegmentMemory, docs: _Docs) -> Counter[str]:
    days, counts = np.unique(memory.segment.dates[docs], return_counts=True)
    years: Counter[str] = Counter()
    for day, count in zip(days.tolist(), counts.tolist(), strict=True):
        if day:
            years[f"{datetime.date.fromordinal(day).year:04}"] += count
    return years


def _folders(memory: SegmentMemory, docs: _Docs) -> dict[str, int]:
    return _FILES.of(memory).folders(docs)


def _types(memory: SegmentMemory, docs: _Docs) -> dict[str, int]:
    return _FILES.of(memory).types(docs)


class _Names:
    """Names, numbered in the order in which they come. 0 is that of documents without a file."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._names = [""]

    def number(self, name: str) -> int:
        """The number of a name, from 1."""
        number = self._numbers.get(name)
        if number is None:
            self._names.append(name)
            number = self._numbers[name] = len(self._numbers) + 1
        return number

    def counted(self, numbers: npt.NDArray[np.int32]) -> dict[str, int]:
        """How often each name is among some numbers."""
        counts = np.bincount(numbers).tolist()
        return {self._names[number]: count for number, count in enumerate(counts) if count and number}


class _Files:
    """Folders and types of the files of a segment, as numbers.

    To read the path of a document takes three microseconds, which is 60 ms for a common word of 20,000 documents. So what was
    read for one question is kept for the next: two numbers of four bytes a document, once a facet has been asked for.
    """

    def __init__(self, memory: SegmentMemory) -> None:
        # Only the segment is kept, not what the values are attached to: nothing here holds its owner.
        self._segment = memory.segment
        self._folder_names, self._type_names = _Names(), _Names()
        self._folders = np.full(memory.segment.doc_count, -1, np.int32)
        self._types = np.zeros(memory.segment.doc_count, np.int32)
        self._reading = Lock()

    def folders(self, docs: _Docs) -> dict[str, int]:
        """How many documents have their file in which folder. Raises TimeUp."""
        self._read(docs)
        return self._folder_names.counted(self._folders[docs])

    def types(self, docs: _Docs) -> dict[str, int]:
        """How many documents have a file of which type. Raises TimeUp."""
        self._read(docs)
        return self._type_names.counted(self._types[docs])

    def _read(self, docs: _Docs) -> None:
        """Note those of the documents that are not known yet. If the time runs out, what was read stays."""
        if (self._folders[docs] >= 0).all():
            return
        with self._reading:
            segment, synced = self._segment, self._segment.synced
            for number, doc in enumerate(docs[self._folders[docs] < 0].tolist()):
                if not number % _DOCS_A_CHECK:
                    check()
                # The id of a document from a folder has the path; of others the path is read, if they have one.
                path = segment.doc_id(doc).partition(PART)[0] if synced[doc] else segment.record(doc)["path"]
                if path is None:
                    self._folders[doc] = 0
                    continue
                self._types[doc] = self._type_names.number(os.path.splitext(path)[1][1:].lower())
                self._folders[doc] = self._folder_names.number(
                    os.path.dirname(path)
                )  # last: it says that both are known


_FILES: Attached[SegmentMemory, _Files] = Attached(_Files)

FACETS: dict[str, Callable[[SegmentMemory, _Docs], Mapping[str, int]]] = {
    "folder": _folders,
    "type": _types,
    "language": _languages,
    "year": _years,
}
"""The facets, and how the values of documents of a segment are counted."""
