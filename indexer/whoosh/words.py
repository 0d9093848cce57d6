"""The terms of the word fields, read out of the posting lists and places of a segment. Needs our arrays only, not Whoosh.

Whoosh asks for one term after another: for each word of a pattern, or for each word that there is. A term alone is a slice of
a list, where the list says all that is asked. Whoever asks for neighbours in order gets them read ahead, many at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

import numpy as np

from ..codec.container import Array
from ..codec.form_tags import read_tags, tag_width
from ..codec.positions import keyword_freqs, positions_in_documents, positions_of, postings_of, tokens_of_stems
from ..codec.posting_codes import MAX_EXACT_FREQ, MAX_TITLE_FREQ, freqs_of, title_freqs_of
from ..codec.ragged import Indices, row_bounds, row_ranges, value_indices
from ..codec.segment import Segment
from ..codec.strings import StringTable
from .terms import Places, Postings

KEYS, STEMS, FORMS = "keys", "stems", "forms"
TEXT, TITLE, BODY = "text", "title", "body"

# Terms that are read ahead at once: so many at first, each time four times as many, at most so many.
_FEW, _MANY = 32, 4_096
# Several calls ask for the same term: whether it is there, its statistics, its postings.
_REMEMBERED = 8


class _Chunk(NamedTuple):
    """The postings of neighbouring terms, from number `first` on; a term that the part does not have has none.

    ends: where the postings of each term end.
    totals: the occurrences of each term.
    """

    first: int
    ends: list[int]
    totals: list[int]
    docs: Array
    freqs: Array

    @property
    def end(self) -> int:
        return self.first + len(self.ends)

    def of(self, number: int) -> Postings:
        """The postings of a term."""
        place = number - self.first
        rows = slice(self.ends[place - 1] if place else 0, self.ends[place])
        return Postings(self.docs[rows], self.freqs[rows], self.totals[place], number)


class WordTerms:
    """Keys, stems or forms in a part of the documents."""

    def __init__(self, segment: Segment, terms: str, part: str, joint: bytes) -> None:
        """terms: KEYS, STEMS or FORMS. part: TEXT, TITLE or BODY. joint: stands between the terms of a joined one."""
        self._segment = segment
        self._terms = terms
        self._part = part
        self._joint = joint
        self._table: StringTable = getattr(segment, terms)
        self._chunk = _Chunk(0, [], [], np.zeros(0, np.int64), np.zeros(0, np.int64))
        self._next = -1  # the number that somebody who asks in order will ask for
        self._remembered: dict[bytes, Postings] = {}

    @cached_property
    def _numbers(self) -> Array | None:
        """The numbers of the terms that stand in the part, ascending; None if all do."""
        if self._part == TEXT:
            return None
        found = [np.zeros(0, np.int64)]
        for first in range(0, len(self._table), _MANY):
            chunk = self._read_chunk(first, min(first + _MANY, len(self._table)))
            found.append(first + np.flatnonzero(np.diff(chunk.ends, prepend=0)))
        return np.concatenate(found)

    @cached_property
    def _only_title(self) -> Array | None:
        """Whether each document is a title alone, whose codes do not say so; None if no document is."""
        segment = self._segment
        alone = (segment.body_lengths == 0) & (segment.keyword_lengths == 0)
        return np.asarray(alone) if alone.any() else None

    # -- the terms in order

    def first_from(self, start: bytes) -> int:
        number = self._table.lower_bound(start)
        return number if self._numbers is None else int(self._numbers.searchsorted(number))

    def at(self, place: int) -> bytes | None:
        if self._numbers is None:
            return self._table.raw(place) if place < len(self._table) else None
        return self._table.raw(int(self._numbers[place])) if place < len(self._numbers) else None

    def iter_from(self, start: bytes) -> Iterator[bytes]:
        for numbers in self._steps(start):
            yield from self._raw(numbers)

    def items_from(self, start: bytes) -> Iterator[tuple[bytes, Postings | None]]:
        steps = self._steps(start)
        # Who wants few terms may not want the postings of all.
        for term in self._raw(next(steps, np.zeros(0, np.int64))):
            yield term, None
        for numbers in steps:
            low = int(numbers[0])
            chunk = self._read_chunk(low, int(numbers[-1]) + 1)
            for number, term in zip(numbers.tolist(), self._raw(numbers), strict=True):
                yield term, chunk.of(number)

    def _steps(self, start: bytes) -> Iterator[Array]:
        """The numbers of the terms from `start` on, few of them at first, as most who ask soon stop."""
        place, size, all_numbers = self.first_from(start), _FEW, self._numbers
        count = len(self._table) if all_numbers is None else len(all_numbers)
        while place < count:
            end = min(place + size, count)
            yield np.arange(place, end) if all_numbers is None else all_numbers[place:end]
            place, size = end, min(4 * size, _MANY)

    def _raw(self, numbers: Array) -> list[bytes]:
        """Forms, keys and stems have no line feed of their own."""
        return self._table.rows(numbers)[0].split(b"\n")[:-1]

    # -- the postings of a term

    def has(self, term: bytes) -> bool:
        if self._part == TEXT and self._joint not in term:
            return self._table.find(term.decode("utf-8", "replace")) >= 0
        return self.postings(term) is not None

    def total(self, term: bytes) -> int:
        if self._terms == FORMS and self._part == TEXT and term not in self._remembered and self._joint not in term:
            number = self._table.find(term.decode("utf-8", "replace"))
            return self._tokens_of_form(number) if number >= 0 else 0
        postings = self.postings(term)
        return postings.total if postings else 0

    def _tokens_of_form(self, form: int) -> int:
        """How many tokens a form has: as many of its stem as have its tag."""
        container = self._segment.container
        stem = int(container.items("form_stems")[form])
        first, end = row_bounds(container.items("places.ends"), stem)
        first_form, end_form = row_bounds(container.items("stem_forms.ends"), stem)
        count, form_count = end - first, end_form - first_form
        if form_count == 1 or count == form_count:  # no form is without a token
            return count // form_count
        width, start = tag_width(form_count), row_bounds(container.items("tags.ends"), stem)[0]
        forms = container.items("stem_forms")
        tag = next(place for place in range(form_count) if forms[first_form + place] == form)
        tags = read_tags(container["tags"], np.arange(start, start + count * width, width), width)
        return int(np.count_nonzero(tags == tag))

    def postings(self, term: bytes) -> Postings | None:
        found = self._remembered.get(term)
        if found is None:
            if len(self._remembered) >= _REMEMBERED:
                self._remembered.clear()
            found = self._remembered[term] = self._read(term)
        return found if len(found.docs) else None

    def _read(self, term: bytes) -> Postings:
        if self._joint in term:
            return self._of_forms(self._forms_of_any(term.split(self._joint)))
        number = self._table.find(term.decode("utf-8", "replace"))
        if number < 0:
            return self._of_forms(np.zeros(0, np.uint32))
        chunk = self._chunk  # another thread may replace it
        if not chunk.first <= number < chunk.end:
            if number != self._next:
                self._next = number + 1
                return self._of_number(number)
            size = min(4 * len(chunk.ends), _MANY) if chunk.end == number else _FEW
            self._chunk = chunk = self._read_chunk(number, min(number + max(size, _FEW), len(self._table)))
            self._next = chunk.end
        return chunk.of(number)

    def _of_number(self, number: int) -> Postings:
        """The postings of one term: those of its list, if the codes there are exact."""
        segment = self._segment
        list_number = self._list_of(number)
        if list_number is not None and not (self._part == BODY and segment.has_keywords):
            start, end = row_bounds(segment.container.items("lists.ends"), list_number)
            codes = segment.list_codes[start:end]
            if int(np.bitwise_and(codes, 63).max()) + 1 < MAX_EXACT_FREQ and int(codes.max()) >> 6 < MAX_TITLE_FREQ:
                docs = segment.list_docs[start:end]
                docs, freqs = self._in_part(docs, freqs_of(codes), title_freqs_of(codes))
                return Postings(docs, freqs, int(freqs.sum()), number)
        return self._of_forms(self._forms(number))

    def _list_of(self, number: int) -> int | None:
        """The posting list that has just the documents of a term; None if there is none."""
        if self._terms == STEMS:
            return number
        container = self._segment.container
        if self._terms == KEYS:
            return int(container.items("key_lists")[number])
        stem = int(container.items("form_stems")[number])
        return stem if self._segment.form_count_of_stem(stem) == 1 else None

    def _in_part(self, docs: Array, freqs: Array, title_freqs: Array) -> tuple[Array, Array]:
        """The documents that have a term in the part, and how often. Title frequencies are as codes have them."""
        if self._part == TEXT:
            return docs, freqs
        if self._only_title is not None:
            title_freqs = np.where(self._only_title[docs], freqs, title_freqs)
        counts = title_freqs if self._part == TITLE else freqs - title_freqs
        there = counts > 0
        return docs[there], counts[there]

    def _forms(self, number: int) -> Array:
        """The forms of a term, ascending."""
        if self._terms == FORMS:
            return np.array([number], np.uint32)
        section = "key_forms" if self._terms == KEYS else "stem_forms"
        container = self._segment.container
        start, end = row_bounds(container.items(f"{section}.ends"), number)
        return container[section][start:end]

    def _forms_of_any(self, parts: list[bytes]) -> Array:
        """A form may have several of the terms, and counts once."""
        numbers = [self._table.find(part.decode("utf-8", "replace")) for part in parts]
        found = [self._forms(number) for number in numbers if number >= 0]
        return np.unique(np.concatenate(found)) if found else np.zeros(0, np.uint32)

    def _of_forms(self, forms: Array) -> Postings:
        """The postings of any forms (ascending)."""
        segment = self._segment
        docs, freqs, title_freqs = postings_of(segment, forms)
        if self._part == TITLE:
            freqs = title_freqs
        elif self._part == BODY:
            freqs = freqs - title_freqs - keyword_freqs(segment, forms, docs)
        docs, freqs = docs[freqs > 0], freqs[freqs > 0]
        return Postings(docs, freqs, int(freqs.sum()), forms)

    def places(self, postings: Postings) -> Places:
        """The positions of all occurrences."""
        segment, docs, source = self._segment, postings.docs, postings.source
        positions = positions_of(segment, self._forms(source) if isinstance(source, int) else source, docs)
        position_docs = segment.docs_of_positions(positions)
        if self._part != TEXT:
            behind_title = positions >= segment.body_starts[position_docs]
            in_body = behind_title & (positions < segment.body_ends[position_docs])
            wanted = in_body if self._part == BODY else ~behind_title
            positions, position_docs = positions[wanted], position_docs[wanted]
        ends = np.searchsorted(position_docs, docs, side="right")
        return positions - segment.doc_starts[position_docs].astype(np.int64), ends

    # -- the postings of many terms

    def _read_chunk(self, first: int, end: int) -> _Chunk:
        """The postings of the terms from `first` on, before `end`."""
        exact = self._of_lists(first, end) if self._terms != FORMS else None
        numbers, docs, freqs = self._of_tokens(first, end) if exact is None else exact
        ends = np.searchsorted(numbers, np.arange(first, end), side="right")
        sums = np.concatenate(([0], freqs.cumsum()))[ends]
        return _Chunk(first, ends.tolist(), np.diff(sums, prepend=0).tolist(), docs, freqs)

    def _of_lists(self, first: int, end: int) -> tuple[Indices, Array, Array] | None:
        """(number, document, occurrences) of each posting, from lists alone. None if keywords have to be told from the body."""
        segment = self._segment
        if self._part == BODY and segment.has_keywords:
            return None
        numbers = np.arange(first, end)
        lists = numbers if self._terms == STEMS else segment.key_lists[first:end].astype(np.int64)
        starts, sizes = row_ranges(segment.list_ends, lists)
        rows = value_indices(starts, sizes)
        docs, codes = segment.list_docs[rows].astype(np.int64), segment.list_codes[rows]
        owners = numbers.repeat(sizes)
        capped = ((codes & 63) + 1 >= MAX_EXACT_FREQ) | (codes >> 6 >= MAX_TITLE_FREQ)
        freqs, title_freqs = freqs_of(codes), title_freqs_of(codes)
        if self._only_title is not None:
            title_freqs = np.where(self._only_title[docs], freqs, title_freqs)
        for number in np.unique(owners[capped]).tolist():
            own = slice(int(owners.searchsorted(number)), int(owners.searchsorted(number, side="right")))
            freqs[own], title_freqs[own] = postings_of(segment, self._forms(number))[1:]
        counts = {TEXT: freqs, TITLE: title_freqs, BODY: freqs - title_freqs}[self._part]
        there = np.flatnonzero(counts)
        return owners[there], docs[there], counts[there]

    def _of_tokens(self, first: int, end: int) -> tuple[Indices, Array, Array]:
        """As `_of_lists`, from the places of all forms of the terms."""
        segment, container = self._segment, self._segment.container
        if self._terms == FORMS:
            owners = forms = np.arange(first, end)
        else:
            section = "key_forms" if self._terms == KEYS else "stem_forms"
            starts, sizes = row_ranges(container[f"{section}.ends"], np.arange(first, end))
            forms = container[section][value_indices(starts, sizes)].astype(np.int64)
            owners = np.arange(first, end).repeat(sizes)
        token_forms, docs = self._tokens(np.unique(segment.form_stems[forms]))
        order = np.argsort(forms, kind="stable")
        forms, owners = forms[order], owners[order]
        low = forms.searchsorted(token_forms)
        times = forms.searchsorted(token_forms, side="right") - low
        found = owners[value_indices(low, times)]
        # Unique pairs of a term and a document, in order.
        pairs = found * segment.doc_count + docs.repeat(times)
        pairs, counts = np.unique(pairs, return_counts=True)
        numbers, found_docs = np.divmod(pairs, max(1, segment.doc_count))
        return numbers, found_docs, counts

    def _tokens(self, stems: Array) -> tuple[Array, Array]:
        """(the form, the document) of each token of the stems in the part."""
        segment = self._segment
        rows = segment.rows_of_lists(stems)
        freqs, title_freqs = segment.exact_freqs(rows)
        tokens, token_forms, _ = tokens_of_stems(segment, stems)
        docs = segment.list_docs[rows].astype(np.int64).repeat(freqs)
        if self._part == TEXT:
            return token_forms, docs
        # The tokens of a stem in a document begin with those of its title.
        ends = np.cumsum(freqs)
        wanted = np.arange(len(docs)) < (ends - freqs + title_freqs).repeat(freqs)
        if self._part == BODY:
            wanted = ~wanted
            if segment.has_keywords:
                wanted &= positions_in_documents(segment, tokens) < (segment.body_ends - segment.doc_starts)[docs]
        return token_forms[wanted], docs[wanted]
