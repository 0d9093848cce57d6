"""Which documents of a segment is a term or phrase in, and what does each posting add to a score? Arrays out.

A plain word is one posting list of the segment, by its key, and another by its stem; what has no list is put together from the
places of its forms.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from naidi.indexer.codec.positions import StemRows, positions_in, postings_of, stem_rows_of
from naidi.indexer.codec.posting_codes import posting_codes
from naidi.indexer.codec.ragged import row_ranges
from naidi.indexer.codec.sorted_values import rows_in

from ..budget import check
from ..cache import Attached, Cache, Owner
from ..collection import Bools, Collection, Floats, Integers, SegmentView
from ..query.analysed import Forms, Identity, NearPhrase, Term
from .bm25 import RankingParameters, length_norm, tf
from .doc_sets import among, distinct, first_of_runs
from .impacts import Impacts

TEXT = "text"  # title and body as one field
# Bytes for what is kept of the words of queries.
_OWN_BYTES = 1_000_000
_ROWS_BYTES = 3_000_000
_PLACES_BYTES = 10_000_000
# All places of a word are kept when it is asked for again, unless there are more than this.
_MOST_PLACES = 125_000
# Two lists of so many places or more, neither of them so many times longer, are merged; else those of one are searched for.
_MANY = 4_096
# More forms than this may have more tokens than are to be put together in one step.
_FEW_FORMS, _AT_ONCE = 64, 250_000
_MUCH_LONGER = 8


class Postings:
    """docs: live documents, ascending, each once. What each adds comes from its code, or is given outright as `given`."""

    __slots__ = ("codes", "docs", "given", "impacts")

    def __init__(
        self, docs: npt.NDArray[Any], codes: npt.NDArray[np.uint8], impacts: Impacts, given: Floats | None = None
    ) -> None:
        self.docs = docs
        self.codes = codes
        self.impacts = impacts
        self.given = given

    def __len__(self) -> int:
        return len(self.docs)

    @property
    def owned_bytes(self) -> int:
        """Memory that is not a view of a mapped file, about."""
        base = self.docs.base
        mapped = base is not None and self.given is None
        return 0 if mapped else 9 * len(self.docs) + (0 if self.given is None else 8 * len(self.docs))

    def whole(self) -> tuple[Integers, Floats]:
        """(docs, impacts) of all postings."""
        docs = self.docs.astype(np.int64)
        return docs, self.impacts.total(docs, self.codes) if self.given is None else self.given

    def all_impacts(self) -> Floats:
        """The impacts of all postings."""
        return self.impacts.total(self.docs.astype(np.int64), self.codes) if self.given is None else self.given

    def impacts_at(self, rows: Integers, docs: Integers) -> Floats:
        """The impacts of postings, by their rows and documents."""
        return self.impacts.total(docs, self.codes.take(rows)) if self.given is None else self.given.take(rows)

    def rows_of(self, docs: Integers) -> tuple[Integers, Bools]:
        """(row, whether it is that document's) for each of the documents; any row where it has no posting."""
        return rows_in(self.docs, docs)


class WordPostings(NamedTuple):
    """own: by the word's own forms. stem: by its stem, None where that does not count. nested: all of own are among stem."""

    own: Postings
    stem: Postings | None
    nested: bool


class _Place(NamedTuple):
    """A term in a segment, by its number; with_stem: whether words that merely share its stem count."""

    segment: int
    identity: Identity
    with_stem: bool


class PostingReader(Owner):
    """The postings of terms and phrases in the segments of a collection."""

    def __init__(self, collection: Collection, parameters: RankingParameters) -> None:
        super().__init__()
        self.collection = collection
        self.parameters = parameters
        self._own: Cache[tuple[int, Identity], Postings] = Cache(_OWN_BYTES, lambda kept: 500 + kept.owned_bytes)
        self._rows: Cache[_Place, StemRows] = Cache(_ROWS_BYTES, lambda kept: kept.owned_bytes)
        self._places: Cache[_Place, npt.NDArray[Any] | None] = Cache(
            _PLACES_BYTES, lambda kept: 500 if kept is None else 500 + kept.nbytes
        )
        self.fields = {TEXT: parameters.text, "body": parameters.text, "title": parameters.title}
        self._impacts = [Impacts(collection, view, parameters) for view in collection.views]

    def word(self, view: SegmentView, term: Term) -> WordPostings:
        """The postings of a term."""
        if term.field is not None:
            own = self._in_field(view, term.forms(view.segment), term.field)
            stem = (
                None if term.stem is None else self._in_field(view, view.segment.forms_of_stem(term.stem), term.field)
            )
            return WordPostings(own, stem, False)
        own_list, stem_list, nested = self._look_up(view, term)
        own = self._of_list(view, own_list) if isinstance(own_list, int) else own_list
        if term.stem is None:
            return WordPostings(own, None, False)
        if stem_list == own_list:
            return WordPostings(own, own, True)
        return WordPostings(own, self._of_list(view, stem_list), nested)

    def own(self, view: SegmentView, term: Term) -> Postings:
        """The postings of a term by its own forms, in any field."""
        return self._own.get((view.number, term.identity), lambda: self.word(view, term).own)

    def _look_up(self, view: SegmentView, term: Term) -> tuple[int | Postings, int, bool]:
        """(number of the list of the term's own forms, or its postings; number of its stem's list; nested); -1: none."""
        segment = view.segment
        stem = segment.stems.find(term.stem) if term.stem is not None else -1
        keys = [number for number in map(segment.keys.find, term.keys) if number >= 0]
        if len(keys) == 1:
            stems = segment.form_stems[segment.forms_of_key_number(keys[0])]
            return int(segment.key_lists[keys[0]]), stem, bool((stems == stem).all())
        forms = term.forms(segment)
        if not len(forms):
            return -1, stem, False
        stems = segment.form_stems[forms]
        nested = bool((stems == stem).all())
        for key in keys:
            if len(segment.forms_of_key_number(key)) == len(forms):
                return int(segment.key_lists[key]), stem, nested
        first = int(stems[0])
        if (stems == first).all() and len(forms) == segment.form_count_of_stem(first):
            return first, stem, nested
        return self._put_together(view, forms), stem, nested

    def _of_list(self, view: SegmentView, number: int) -> Postings:
        if number < 0:
            return self._none(view)
        start, end = view.bounds(number)
        docs, codes = view.docs[start:end], view.codes[start:end]
        if view.live is not None:
            kept = view.live[docs]
            docs, codes = docs[kept], codes[kept]
        return Postings(docs, codes, self._impacts[view.number])

    def _none(self, view: SegmentView) -> Postings:
        return Postings(view.docs[:0], view.codes[:0], self._impacts[view.number])

    def _put_together(self, view: SegmentView, forms: Forms) -> Postings:
        docs, freqs, title_freqs = _live(view, *_postings_of(view, forms))
        return self._counted(view, docs, freqs, title_freqs)

    def _counted(self, view: SegmentView, docs: Integers, freqs: Integers, title_freqs: Integers) -> Postings:
        codes = posting_codes(freqs, title_freqs, view.segment.body_lengths[docs] > 0)
        return Postings(docs, codes, self._impacts[view.number])

    def _in_field(self, view: SegmentView, forms: Forms, field: str) -> Postings:
        if not len(forms):
            return self._none(view)
        docs, freqs, title_freqs = _live(view, *_postings_of(view, forms))
        return self._limited(view, docs, freqs, title_freqs, field)

    def _limited(
        self, view: SegmentView, docs: Integers, freqs: Integers, title_freqs: Integers, field: str | None
    ) -> Postings:
        """The postings of one field, or of the whole text; both frequencies are exact."""
        if field is None:
            return self._counted(view, docs, freqs, title_freqs)
        counts = title_freqs if field == "title" else freqs - title_freqs
        there = np.flatnonzero(counts)
        docs, counts = docs[there], counts[there]
        lengths = (view.segment.title_lengths if field == "title" else view.segment.body_lengths)[docs]
        parameters = self.fields[field]
        norms = length_norm(lengths, self.collection.fields[field].average_length, parameters)
        codes = posting_codes(counts, counts if field == "title" else np.zeros_like(counts), np.ones(len(docs), bool))
        return Postings(docs, codes, self._impacts[view.number], parameters.weight * tf(counts, norms, parameters))

    def word_positions(self, view: SegmentView, term: Term, docs: Integers) -> Integers:
        """Where the term stands in these documents, by its own forms or by its stem; ascending."""
        return positions_in(view.segment, self.word_rows(view, term), docs)

    def word_rows(self, view: SegmentView, term: Term) -> StemRows:
        """What tells where the term stands, by its own forms or by its stem."""
        return self._stem_rows(view, term, with_stem=True)

    def own_positions(self, view: SegmentView, term: Term, docs: Integers) -> Integers:
        """The same by its own forms alone."""
        return positions_in(view.segment, self._stem_rows(view, term, with_stem=False), docs)

    def _stem_rows(self, view: SegmentView, term: Term, *, with_stem: bool) -> StemRows:
        def make() -> StemRows:
            segment = view.segment
            forms = term.forms(segment)
            if with_stem and term.stem is not None:
                forms = np.union1d(forms, segment.forms_of_stem(term.stem))
            return stem_rows_of(segment, forms)

        return self._rows.get(_Place(view.number, term.identity, with_stem), make)

    def keeps_places(self, view: SegmentView, term: Term, *, with_stem: bool) -> bool:
        """Whether `all_places` are worth while: from the second time on that this is asked."""
        return self._places.is_asked_again(_Place(view.number, term.identity, with_stem))

    def all_places(self, view: SegmentView, term: Term, *, with_stem: bool) -> npt.NDArray[Any] | None:
        """Where the term stands in the whole segment, by its own forms or by its stem too; ascending, unsigned. None where these
        are too many: to read those of some documents is then less work."""
        place = _Place(view.number, term.identity, with_stem)
        return self._places.get(place, lambda: self._all_places(view, term, with_stem))

    def _token_count(self, view: SegmentView, term: Term, with_stem: bool) -> int:
        """How many tokens the stems have among which those of the term are."""
        stems = self._stem_rows(view, term, with_stem=with_stem).stems
        return int(row_ranges(view.segment.container["places.ends"], stems)[1].sum())

    def _all_places(self, view: SegmentView, term: Term, with_stem: bool) -> npt.NDArray[Any] | None:
        if self._token_count(view, term, with_stem) > _MOST_PLACES:
            return None
        segment, sources = view.segment, self._stem_rows(view, term, with_stem=with_stem)
        docs = sources.lists[0] if len(sources.lists) == 1 else np.zeros(0, np.int64)
        if len(sources.lists) > 1:
            docs = distinct(view, np.concatenate(sources.lists))
        return positions_in(segment, sources, docs).astype(self._position_types[view.number])

    @cached_property
    def _position_types(self) -> list[type[np.unsignedinteger[Any]]]:
        """What any position of each segment fits in: as a rule the dtype of `doc_starts`, so that numpy converts neither."""
        ends = [view.segment.doc_starts[-1:].astype(np.int64) for view in self.collection.views]
        longest = np.iinfo(np.int32).max  # no document has more tokens
        return [np.uint32 if not len(end) or end[0] + longest < 2**32 else np.uint64 for end in ends]

    def phrase(self, view: SegmentView, phrase: NearPhrase) -> Postings:
        """The documents that have the phrase, and how often: from how many places of its first word it can be completed."""
        starts, _, docs = phrase_places(self, view, phrase)
        segment = view.segment
        if not len(docs):
            return self._none(view)
        in_title = starts - segment.doc_starts.take(docs) < segment.title_lengths.take(docs)
        heads = first_of_runs(docs).nonzero()[0]
        found = docs.take(heads)
        counts = np.empty(len(heads), np.int64)
        np.subtract(heads[1:], heads[:-1], out=counts[:-1])
        counts[-1] = len(docs) - heads[-1]
        title_freqs = np.add.reduceat(in_title, heads, dtype=np.int64)
        return self._limited(view, found, counts, title_freqs, phrase.field)


_READERS: Attached[Collection, dict[RankingParameters, PostingReader]] = Attached(lambda _: {})


def reader_of(collection: Collection, parameters: RankingParameters) -> PostingReader:
    """The reader of a collection, made when first asked for."""
    readers = _READERS.of(collection)
    reader = readers.get(parameters)
    if reader is None:
        reader = readers.setdefault(parameters, PostingReader(collection, parameters))
    return reader


def _postings_of(view: SegmentView, forms: Forms) -> tuple[Integers, Integers, Integers]:
    """(docs, freqs, title_freqs) of several forms together, in steps of _AT_ONCE tokens, so that memory is bounded."""
    check()
    segment = view.segment
    if len(forms) <= _FEW_FORMS:
        return postings_of(segment, forms)
    # All forms of a stem come in one step.
    stems = segment.form_stems[forms]
    order = stems.argsort(kind="stable")
    first = first_of_runs(stems[order])
    sizes = row_ranges(segment.container["places.ends"], stems[order])[1] * first
    if sizes.sum() <= _AT_ONCE:
        return postings_of(segment, forms)
    heads = first.nonzero()[0]
    steps = sizes.cumsum()[heads] // _AT_ONCE
    cuts = [*heads[first_of_runs(steps)].tolist(), len(order)]
    freqs, title_freqs = np.zeros(view.doc_count, np.int64), np.zeros(view.doc_count, np.int64)
    for start, stop in pairwise(cuts):
        check()
        docs, own, own_titles = postings_of(segment, np.sort(forms[order[start:stop]]))
        freqs[docs] += own
        title_freqs[docs] += own_titles
    found = freqs.nonzero()[0]
    return found, freqs[found], title_freqs[found]


def _live(view: SegmentView, docs: Integers, *columns: Integers) -> tuple[Integers, ...]:
    if view.live is None:
        return docs, *columns
    kept = view.live[docs]
    return docs[kept], *(column[kept] for column in columns)


def phrase_places(
    reader: PostingReader, view: SegmentView, phrase: NearPhrase, docs: Integers | None = None
) -> tuple[Integers, Integers, Integers]:
    """(positions of the first words, of the last words, documents) of the places where the phrase stands in a field, in these
    documents (ascending) or in all."""
    nothing = np.zeros(0, np.int64)
    words = [reader.own(view, part) for part in phrase.parts]
    if docs is None and not phrase.slop:
        kept = [reader.keeps_places(view, part, with_stem=False) for part in phrase.parts]
        rarest = min(range(len(words)), key=lambda number: len(words[number]))
        if kept[rarest] and reader.all_places(view, phrase.parts[rarest], with_stem=False) is not None:
            places = [
                reader.all_places(view, part, with_stem=False) if there else None
                for part, there in zip(phrase.parts, kept, strict=True)
            ]
            return _adjacent_places(reader, view, phrase, places)
    if docs is None:
        docs = documents_with(view, words)
    if not len(docs):
        return nothing, nothing, nothing
    if phrase.slop:
        starts, ends = _near_places(reader, view, phrase, docs)
    else:
        starts = _exact_places(reader, view, phrase, words, docs)
        ends = starts + (len(words) - 1)
    if not len(starts):
        return nothing, nothing, nothing
    segment = view.segment
    begins = segment.doc_starts.take(docs).astype(np.int64)
    place = begins.searchsorted(starts, side="right") - 1
    owners = docs.take(place)
    # POSITION_GAP keeps neighbours inside a field; what is near may still have the gap between its words.
    title_ends = begins.take(place) + segment.title_lengths.take(owners)
    same = (place == begins.searchsorted(ends, side="right") - 1) & ((starts < title_ends) == (ends < title_ends))
    return starts[same], ends[same], owners[same]


def _adjacent_places(
    reader: PostingReader, view: SegmentView, phrase: NearPhrase, places: Sequence[npt.NDArray[Any] | None]
) -> tuple[Integers, Integers, Integers]:
    """What `phrase_places` gives for neighbours, from all places of those words of which they are known, the rarest among them."""
    known = [(number, own) for number, own in enumerate(places) if own is not None]
    (first, found), *others = sorted(known, key=lambda word: len(word[1]))
    # In their own dtype, which wraps where a start would lie before the first document: no first word stands there.
    kind = found.dtype.type
    found = found - kind(first)
    for number, own in others:
        found = _common(own, found + kind(number)) - kind(number)
        if not len(found):
            break
    doc_starts = view.segment.doc_starts
    # By a word that is known to stand there; the gaps behind title and body keep neighbours inside a field.
    docs = doc_starts.searchsorted(found + kind(first), side="right") - 1
    if view.live is not None:
        kept = view.live.take(docs)
        found, docs = found[kept], docs[kept]
    starts = found.astype(np.int64)
    for number, unknown in enumerate(places):
        if unknown is None and len(starts):
            positions = reader.own_positions(view, phrase.parts[number], docs[first_of_runs(docs)])
            there = rows_in(positions, starts + number)[1]
            starts, docs = starts[there], docs[there]
    return starts, starts + (len(places) - 1), docs


def _common(values: npt.NDArray[Any], wanted: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """What is in both; both ascending, each value once, of one dtype."""
    if len(wanted) < _MANY or len(wanted) * _MUCH_LONGER < len(values):
        return np.asarray(wanted[rows_in(values, wanted)[1]])
    both = np.concatenate((values, wanted))
    both.sort(kind="stable")  # merges ascending runs
    return np.asarray(both[1:][both[1:] == both[:-1]])


def _exact_places(
    reader: PostingReader, view: SegmentView, phrase: NearPhrase, words: list[Postings], docs: Integers
) -> Integers:
    """Positions of the first words where the words of the phrase are neighbours: from the rarest word on, those documents alone
    that have come through."""
    order = sorted(range(len(words)), key=lambda place: len(words[place]))
    starts = reader.own_positions(view, phrase.parts[order[0]], docs) - order[0]
    for place in order[1:]:
        check()
        positions = reader.own_positions(view, phrase.parts[place], docs)
        wanted = starts + place
        if not len(positions):
            return positions
        starts = starts[rows_in(positions, wanted)[1]]
        if not len(starts):
            return starts
        if len(docs) > len(starts):
            begins = view.segment.doc_starts.take(docs)
            # By the word that is known to stand there: a start may turn out to lie before its document.
            anchors = (starts + order[0]).astype(begins.dtype)
            places = begins.searchsorted(anchors, side="right") - 1
            docs = docs[places[first_of_runs(places)]]
    return starts


def _near_places(
    reader: PostingReader, view: SegmentView, phrase: NearPhrase, docs: Integers
) -> tuple[Integers, Integers]:
    """For each place of the first word the nearest place of the next one after it is taken, and so on: that gives the shortest
    stretch from this start, so a phrase within the slop is never missed."""
    starts = ends = reader.own_positions(view, phrase.parts[0], docs)
    of_part: dict[Identity, Integers] = {phrase.parts[0].identity: starts}
    for number, part in enumerate(phrase.parts[1:], 1):
        check()
        positions = of_part.get(part.identity)
        if positions is None:
            positions = of_part[part.identity] = reader.own_positions(view, part, docs)
        following = positions.searchsorted(ends, side="right")
        there = following < len(positions)
        starts, ends = starts[there], positions[following[there]]
        # The span can only grow, so whatever is too long already is out.
        near = ends - starts - number <= phrase.slop
        starts, ends = starts[near], ends[near]
    return starts, ends


def documents_with(view: SegmentView, words: list[Postings]) -> Integers:
    """The documents that all of the words are in."""
    words = sorted(words, key=len)
    found = words[0].docs.astype(np.int64)
    for before, word in pairwise(words):
        if not len(found):
            break
        if word is before:  # the same word again
            continue
        check()
        found = found[among(view, word.docs, found)]
    return found
