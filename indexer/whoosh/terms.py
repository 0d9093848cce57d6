"""The terms of a field of a segment, and the postings of a term. Needs our arrays only, not Whoosh."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import NamedTuple, Protocol

import numpy as np

from ..codec.container import Array
from ..codec.positions import keyword_freqs, positions_in_documents, positions_of, postings_of, tokens_of_stems
from ..codec.ragged import lengths_of
from ..codec.segment import Segment
from ..codec.strings import StringTable


class ListedPostings(NamedTuple):
    """The postings of a term.

    docs: document ids, ascending, each once.
    freqs: occurrences in each document.
    positions: positions of all occurrences, document by document, counted from the start of the document.
    position_ends: where those of each document end. Without positions both are empty.
    """

    docs: Array
    freqs: Array
    positions: Array
    position_ends: Array


class FieldTerms(Protocol):
    """The terms of a field, as bytes."""

    def iter_from(self, start: bytes) -> Iterator[bytes]:
        """The terms from `start` on, ascending."""

    def postings(self, term: bytes) -> ListedPostings | None:
        """The postings of a term, or None if the field does not have it. Deleted documents are among them."""


class ListedTerms:
    """Terms without frequencies and positions: ids, languages, dates."""

    def __init__(self, docs: Mapping[bytes, Array]) -> None:
        """docs: the documents of each term, ascending."""
        self._docs = docs

    @cached_property
    def _sorted(self) -> list[bytes]:
        return sorted(self._docs)

    def iter_from(self, start: bytes) -> Iterator[bytes]:
        yield from self._sorted[bisect_left(self._sorted, start) :]

    def postings(self, term: bytes) -> ListedPostings | None:
        docs = self._docs.get(term)
        if docs is None:
            return None
        nothing = np.zeros(0, np.int64)
        return ListedPostings(docs, np.ones(len(docs)), nothing, nothing)


class WordTerms:
    """Keys, stems or forms in a part of the documents."""

    def __init__(self, segment: Segment, terms: str, part: str, joint: bytes) -> None:
        """terms: "keys", "stems" or "forms". part: "text", "title" or "body". joint: stands between the terms of a joined one."""
        self._segment = segment
        self._terms = terms
        self._part = part
        self._joint = joint
        self._table: StringTable = getattr(segment, terms)

    @cached_property
    def _present(self) -> Array:
        """Whether each string of the table stands in the part."""
        segment, container = self._segment, self._segment.container
        if self._part == "text":
            return np.ones(len(self._table), bool)
        stems = np.arange(len(segment.stems))
        freqs, title_freqs = segment.exact_freqs(segment.rows_of_lists(stems))
        # The tokens of a stem in a document begin with those of its title.
        ends = np.cumsum(freqs)
        in_title = np.arange(int(freqs.sum())) < np.repeat(ends - freqs + title_freqs, freqs)
        token_forms = tokens_of_stems(segment, stems)[1]
        wanted = token_forms[in_title if self._part == "title" else ~in_title & ~self._in_keywords(stems, freqs)]
        forms = np.bincount(wanted, minlength=len(segment.forms)) > 0
        if self._terms == "forms":
            return forms
        if self._terms == "stems":
            rows, strings = np.arange(len(forms)), segment.form_stems
        else:
            rows = np.repeat(np.arange(len(forms)), lengths_of(container["form_keys.ends"]))
            strings = container["form_keys"]
        return np.bincount(strings, forms[rows], len(self._table)) > 0

    def _in_keywords(self, stems: Array, freqs: Array) -> Array:
        """For each token of the stems, whether it stands in the keywords of its document. freqs: tokens of each posting."""
        segment = self._segment
        docs = np.repeat(segment.list_docs[segment.rows_of_lists(stems)], freqs)
        positions = positions_in_documents(segment, np.arange(len(docs)))
        return np.asarray(positions >= (segment.body_ends - segment.doc_starts)[docs])

    def iter_from(self, start: bytes) -> Iterator[bytes]:
        first = self._table.lower_bound(start)
        for number in np.flatnonzero(self._present[first:]).tolist():
            yield self._table.raw(first + number)

    def _forms(self, term: bytes) -> Array:
        segment = self._segment
        found = []
        for part in term.split(self._joint):
            string = part.decode("utf-8", "replace")
            if self._terms == "keys":
                found.append(segment.forms_of_key(string))
            elif self._terms == "stems":
                found.append(segment.forms_of_stem(string))
            else:
                number = segment.forms.find(string)
                found.append(np.array([number] if number >= 0 else [], np.uint32))
        # A form may have several of the keys, and counts once.
        return np.unique(np.concatenate(found))

    def postings(self, term: bytes) -> ListedPostings | None:
        segment, forms = self._segment, self._forms(term)
        docs, freqs, title_freqs = postings_of(segment, forms)
        in_body_freqs = freqs - title_freqs - keyword_freqs(segment, forms, docs)
        counts = {"title": title_freqs, "body": in_body_freqs, "text": freqs}[self._part]
        docs, counts = docs[counts > 0], counts[counts > 0]
        if not len(docs):
            return None
        positions = positions_of(segment, forms)
        position_docs = segment.docs_of_positions(positions)
        behind_title = positions >= segment.body_starts[position_docs]
        if self._part != "text":
            in_body = behind_title & (positions < segment.body_ends[position_docs])
            wanted = in_body if self._part == "body" else ~behind_title
            positions, position_docs = positions[wanted], position_docs[wanted]
        ends = np.searchsorted(position_docs, docs, side="right")
        return ListedPostings(docs, counts.astype(np.float64), positions - segment.doc_starts[position_docs], ends)
