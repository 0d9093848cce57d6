"""Counts all documents found by folder, type, language and year."""

from __future__ import annotations

import datetime
import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from naidi.indexer.codec.segment import Segment
from naidi.indexer.conditions import FacetRequest, FieldName
from naidi.indexer.errors import InvalidQuery
from naidi.indexer.fields import Schema, kind_of
from naidi.indexer.file_facts import PART
from naidi.indexer.late import pattern
from naidi.indexer.messages import message

from .answer import Answer
from .budget import check
from .collection import Collection
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
    for number, segment in enumerate(collection.segments):
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
                counter.update(FACETS[name](segment, docs))
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


def _languages(segment: Segment, docs: _Docs) -> dict[str, int]:
    counts = np.bincount(segment.languages[docs], minlength=0).tolist()
    return {segment.language_names[number]: count for number, count in enumerate(counts) if count}


def _years(segment: Segment, docs: _Docs) -> Counter[str]:
    days, counts = np.unique(segment.dates[docs], return_counts=True)
    years: Counter[str] = Counter()
    for day, count in zip(days.tolist(), counts.tolist(), strict=True):
        if day:
            years[f"{datetime.date.fromordinal(day).year:04}"] += count
    return years


def _folders(segment: Segment, docs: _Docs) -> Counter[str]:
    return Counter(os.path.dirname(path) for path in _files(segment, docs))


def _types(segment: Segment, docs: _Docs) -> Counter[str]:
    return Counter(os.path.splitext(path)[1][1:].lower() for path in _files(segment, docs))


def _files(segment: Segment, docs: _Docs) -> Iterable[str]:
    """The files of documents. The id of a document from a folder has the path; of others the path is read, if they have one."""
    synced = segment.synced
    for number, doc in enumerate(docs.tolist()):
        if not number % _DOCS_A_CHECK:
            check()
        if synced[doc]:
            yield segment.doc_id(doc).partition(PART)[0]
        elif (path := segment.record(doc)["path"]) is not None:
            yield path


FACETS: dict[str, Callable[[Segment, _Docs], dict[str, int] | Counter[str]]] = {
    "folder": _folders,
    "type": _types,
    "language": _languages,
    "year": _years,
}
"""The facets, and how the values of documents of a segment are counted."""
