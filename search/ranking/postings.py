"""Reads the postings and the positions of terms and phrases in a segment. Arrays out.

The postings of a plain word are one posting list of its key and one of its stem. A term without a list gets its postings from the
positions of its forms.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from naidi.indexer.codec.positions import StemRows, keyword_freqs, positions_in, postings_of, stem_rows_of
from naidi.indexer.codec.posting_codes import posting_codes
from naidi.indexer.codec.ragged import row_ranges
from naidi.indexer.codec.segment import Segment
from naidi.indexer.codec.sorted_values import rows_in
from naidi.indexer.late import np

from ..budget import check
from ..cache import Attached, Cache, Owner
from ..collection import Bools, Collection, Floats, Integers, SegmentMemory, SegmentView
from ..query.analysed import Forms, Identity, NearPhrase, Term
from .bm25 import RankingParameters, length_norm, tf
from .doc_sets import among, distinct, first_of_runs
from .impacts import Impacts, impacts_of
from .text_fields import average_text_length, text_places

if TYPE_CHECKING:
    import numpy.typing as npt

TEXT = "text"  # title and body as one field; words of its keywords count, but not in its length
# Bytes for the caches of postings, of stem rows and of positions.
_OWN_BYTES = 1_000_000
_FOUND_BYTES = 3_000_000
_ROWS_BYTES = 3_000_000
_PLACES_BYTES = 10_000_000
# The positions of a term are kept from its second query on, unless the stems of its forms have more tokens than this.
_MOST_PLACES = 125_000
# Two lists of positions are merged if the shorter has at least _MANY and the longer is at most _MUCH_LONGER times as long. Else
# the positions of the shorter are bisected in the longer.
_MANY = 4_096
# More forms than this may have more tokens than are to be put together in one step.
_FEW_FORMS, _AT_ONCE = 64, 250_000
_MUCH_LONGER = 8


class Postings:
    """The postings of a term, a phrase or a posting list in a segment.

    docs: live documents, ascending, each once, unsigned.
    codes: the code of each posting.
    impacts: computes the impacts from documents and codes.
    given: the impact of each posting, if it does not come from a code; else None.
    """

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
        """Bytes of memory, about. Views of mapped files do not count."""
        base = self.docs.base
        mapped = base is not None and self.given is None
        return 0 if mapped else 9 * len(self.docs) + (0 if self.given is None else 8 * len(self.docs))

    def whole(self) -> tuple[Integers, Floats]:
        """(docs as int64, impacts) of all postings."""
        docs = self.docs.astype(np.int64)
        return docs, self.impacts.total(docs, self.codes) if self.given is None else self.given

    def all_impacts(self) -> Floats:
        """The impacts of all postings."""
        return self.impacts.total(self.docs.astype(np.int64), self.codes) if self.given is None else self.given

    def impacts_at(self, rows: Integers, docs: Integers) -> Floats:
        """The impacts of some postings. rows: their indices; docs: the document of each."""
        return self.impacts.total(docs, self.codes.take(rows)) if self.given is None else self.given.take(rows)

    def rows_of(self, docs: Integers) -> tuple[Integers, Bools]:
        """(rows, whether there is a posting) for each of the documents. The row of a document without a posting is any row."""
        return rows_in(self.docs, docs)


class WordPostings(NamedTuple):
    """The postings of a word in a segment.

    own: by its own forms.
    stem: by its stem; None if the stem does not count.
    nested: whether all documents of `own` are in `stem` too.
    """

    own: Postings
    stem: Postings | None
    nested: bool


class _Found(NamedTuple):
    """A term in a segment, deleted documents included.

    own: the number of the posting list of its own forms, -1 for none; (docs, codes) if it has no list.
    stem: the number of the posting list of its stem, -1 for none.
    nested: whether all documents of `own` are in the list of the stem.
    """

    own: int | tuple[Integers, npt.NDArray[np.uint8]]
    stem: int
    nested: bool

    @property
    def owned_bytes(self) -> int:
        """Bytes of memory, about."""
        return 500 + (0 if isinstance(self.own, int) else sum(column.nbytes for column in self.own))


_FOUND: Attached[SegmentMemory, Cache[Identity, _Found]] = Attached(
    lambda memory: Cache(memory.room(_FOUND_BYTES), lambda kept: kept.owned_bytes)
)


class _Word(NamedTuple):
    """A term. with_stem: whether words that only share its stem count too."""

    identity: Identity
    with_stem: bool


# The stem rows of terms, and all positions of those that were asked for again.
_ROWS: Attached[SegmentMemory, Cache[_Word, StemRows]] = Attached(
    lambda memory: Cache(memory.room(_ROWS_BYTES), lambda kept: kept.owned_bytes)
)
_PLACES: Attached[SegmentMemory, Cache[_Word, npt.NDArray[Any] | None]] = Attached(
    lambda memory: Cache(memory.room(_PLACES_BYTES), lambda kept: 500 if kept is None else 500 + kept.nbytes)
)


class PostingReader(Owner):
    """Reads the postings of terms and phrases in the segments of a collection. Threads may share it."""

    def __init__(self, collection: Collection, parameters: RankingParameters) -> None:
        super().__init__()
        self.collection = collection
        self.parameters = parameters
        self._own: Cache[tuple[int, Identity], Postings] = Cache(_OWN_BYTES, lambda kept: 500 + kept.owned_bytes)
        self.fields = {TEXT: parameters.text, "body": parameters.text, "title": parameters.title}
        self._text_lengths: dict[str, float] = {}
        self._impacts = [impacts_of(collection, view, parameters) for view in collection.views]
        self._none = [
            Postings(view.docs[:0], view.codes[:0], impacts)
            for view, impacts in zip(collection.views, self._impacts, strict=True)
        ]
        self._absent = [WordPostings(none, none, True) for none in self._none]

    def word(self, view: SegmentView, term: Term) -> WordPostings:
        """The postings of a term in its field, or in all fields."""
        if term.field is not None:
            own = self._in_field(view, term.forms(view.segment), term.field)
            stem = (
                None if term.stem is None else self._in_field(view, view.segment.forms_of_stem(term.stem), term.field)
            )
            return WordPostings(own, stem, False)
        own_list, stem_list, nested = self._look_up(view, term)
        if own_list == -1 == stem_list and term.stem is not None:
            return self._absent[view.number]  # there are many small segments, which lack most words
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
        """(posting list of the term's own forms, or its postings if it has no list; posting list of its stem; nested).

        Lists are given by their numbers; -1 means that the segment has none. The list of a stem has the number of the stem.
        """
        found = _FOUND.of(view.memory).get(term.identity, lambda: _found(view.segment, term))
        if isinstance(found.own, int):
            return found.own, found.stem, found.nested
        docs, codes = _live(view, *found.own)
        return Postings(docs, codes, self._impacts[view.number]), found.stem, found.nested

    def _of_list(self, view: SegmentView, number: int) -> Postings:
        if number < 0:
            return self._none[view.number]
        start, end = view.bounds(number)
        docs, codes = view.docs[start:end], view.codes[start:end]
        kept = view.live_rows(docs)
        if kept is not None:
            docs, codes = docs[kept], codes[kept]
        return Postings(docs, codes, self._impacts[view.number])

    def _counted(self, view: SegmentView, docs: Integers, freqs: Integers, title_freqs: Integers) -> Postings:
        codes = posting_codes(freqs, title_freqs, _has_more(view.segment, docs))
        return Postings(docs, codes, self._impacts[view.number])

    def _in_field(self, view: SegmentView, forms: Forms, field: str) -> Postings:
        if not len(forms):
            return self._none[view.number]
        docs, freqs, title_freqs = _live(view, *_postings_of(view.segment, forms))
        if field == "title":
            return self._limited(view, docs, title_freqs, field)
        if field != "body":
            positions = positions_in(view.segment, stem_rows_of(view.segment, forms), docs)
            return self._in_text_field(view, docs, positions, field)
        return self._limited(view, docs, freqs - title_freqs - _keyword_freqs(view.segment, forms, docs), field)

    def _in_text_field(
        self, view: SegmentView, docs: Integers, positions: Integers, field: str, ends: Integers | None = None
    ) -> Postings:
        """The postings of a text field of the application.

        Parameters:
          view: the segment.
          docs: documents, ascending.
          positions: places in these documents, ascending.
          field: its name.
          ends: where what begins at these places ends, so that it is one copy; None for words.
        """
        places = text_places(view, field, docs)
        rows = np.searchsorted(view.segment.doc_starts[docs], positions, "right") - 1
        inside = places.copies(rows, positions)
        there = inside >= 0
        if ends is not None:
            there &= inside == places.copies(rows, ends)
        counts = np.bincount(rows[there], minlength=len(docs)) // places.times
        found = np.flatnonzero(counts)
        docs, counts = docs[found], counts[found]
        parameters = self.parameters.text
        norms = length_norm(places.lengths[found], self._text_length(field), parameters)
        codes = posting_codes(counts, np.zeros_like(counts), np.ones(len(docs), bool))
        return Postings(docs, codes, self._impacts[view.number], parameters.weight * tf(counts, norms, parameters))

    def _text_length(self, field: str) -> float:
        if field not in self._text_lengths:
            self._text_lengths[field] = average_text_length(self.collection, field)
        return self._text_lengths[field]

    def _limited(self, view: SegmentView, docs: Integers, counts: Integers, field: str) -> Postings:
        """The postings of one field. counts: exact frequencies there."""
        there = np.flatnonzero(counts)
        docs, counts = docs[there], counts[there]
        lengths = (view.segment.title_lengths if field == "title" else view.segment.body_lengths)[docs]
        parameters = self.fields[field]
        norms = length_norm(lengths, self.collection.fields[field].average_length, parameters)
        codes = posting_codes(counts, counts if field == "title" else np.zeros_like(counts), np.ones(len(docs), bool))
        return Postings(docs, codes, self._impacts[view.number], parameters.weight * tf(counts, norms, parameters))

    def word_positions(self, view: SegmentView, term: Term, docs: Integers) -> Integers:
        """The positions of a term in some documents, by its own forms or by its stem, ascending, int64. docs: ascending."""
        return positions_in(view.segment, self.word_rows(view, term), docs)

    def word_rows(self, view: SegmentView, term: Term) -> StemRows:
        """The stem rows from which the positions of a term are read, by its own forms or by its stem."""
        return self._stem_rows(view, term, with_stem=True)

    def own_positions(self, view: SegmentView, term: Term, docs: Integers) -> Integers:
        """The same as `word_positions`, by the term's own forms alone."""
        return positions_in(view.segment, self._stem_rows(view, term, with_stem=False), docs)

    def _stem_rows(self, view: SegmentView, term: Term, *, with_stem: bool) -> StemRows:
        def make() -> StemRows:
            segment = view.segment
            forms = term.forms(segment)
            if with_stem and term.stem is not None:
                forms = np.union1d(forms, segment.forms_of_stem(term.stem))
            return stem_rows_of(segment, forms)

        return _ROWS.of(view.memory).get(_Word(term.identity, with_stem), make)

    def keeps_places(self, view: SegmentView, term: Term, *, with_stem: bool) -> bool:
        """Whether to call `all_places`, which keeps all positions of a term: from the second call with the same arguments on."""
        return _PLACES.of(view.memory).is_asked_again(_Word(term.identity, with_stem))

    def all_places(self, view: SegmentView, term: Term, *, with_stem: bool) -> npt.NDArray[Any] | None:
        """All positions of a term in a segment, ascending, unsigned. They are kept for further queries.

        None if there are too many. To read those of some documents is less work then.

        Parameters:
          view: the segment.
          term: the term.
          with_stem: by its own forms or by its stem; else by its own forms alone.
        """
        word = _Word(term.identity, with_stem)
        return _PLACES.of(view.memory).get(word, lambda: self._all_places(view, term, with_stem))

    def _token_count(self, view: SegmentView, term: Term, with_stem: bool) -> int:
        """How many tokens the stems of the term's forms have. The term has no more positions than that."""
        stems = self._stem_rows(view, term, with_stem=with_stem).stems
        return int(row_ranges(view.segment.container["places.ends"], stems)[1].sum())

    def _all_places(self, view: SegmentView, term: Term, with_stem: bool) -> npt.NDArray[Any] | None:
        if self._token_count(view, term, with_stem) > _MOST_PLACES:
            return None
        segment, rows = view.segment, self._stem_rows(view, term, with_stem=with_stem)
        docs = rows.lists[0] if len(rows.lists) == 1 else np.zeros(0, np.int64)
        if len(rows.lists) > 1:
            docs = distinct(view, np.concatenate(rows.lists))
        return positions_in(segment, rows, docs).astype(self._position_types[view.number])

    @cached_property
    def _position_types(self) -> list[type[np.unsignedinteger[Any]]]:
        """A dtype for each segment that holds all its positions. Mostly it is that of `doc_starts`, so numpy converts neither."""
        ends = [view.segment.doc_starts[-1:].astype(np.int64) for view in self.collection.views]
        longest = np.iinfo(np.int32).max  # tokens of a document at most
        return [np.uint32 if not len(end) or end[0] + longest < 2**32 else np.uint64 for end in ends]

    def phrase(self, view: SegmentView, phrase: NearPhrase) -> Postings:
        """The postings of a phrase. Its frequency is the number of positions of its first word from which it can be completed."""
        starts, ends, docs = phrase_places(self, view, phrase)
        segment = view.segment
        if not len(docs):
            return self._none[view.number]
        if phrase.field not in (None, "title", "body"):
            assert phrase.field is not None
            return self._in_text_field(view, docs[first_of_runs(docs)], starts, phrase.field, ends)
        in_title = starts - segment.doc_starts.take(docs) < segment.title_lengths.take(docs)
        if phrase.field is not None:
            wanted = in_title
            if phrase.field != "title":
                wanted = ~in_title & (starts < segment.body_ends.take(docs))
            docs = docs[wanted]
            if not len(docs):
                return self._none[view.number]
        heads = first_of_runs(docs).nonzero()[0]
        found = docs.take(heads)
        counts = np.empty(len(heads), np.int64)
        np.subtract(heads[1:], heads[:-1], out=counts[:-1])
        counts[-1] = len(docs) - heads[-1]
        if phrase.field is not None:
            return self._limited(view, found, counts, phrase.field)
        return self._counted(view, found, counts, np.add.reduceat(in_title, heads, dtype=np.int64))


def _found(segment: Segment, term: Term) -> _Found:
    stem = segment.stems.find(term.stem) if term.stem is not None else -1
    keys = [number for number in map(segment.keys.find, term.keys) if number >= 0]
    if len(keys) == 1:
        stems = segment.form_stems[segment.forms_of_key_number(keys[0])]
        return _Found(int(segment.key_lists[keys[0]]), stem, bool((stems == stem).all()))
    forms = term.forms(segment)
    if not len(forms):
        return _Found(-1, stem, False)
    stems = segment.form_stems[forms]
    nested = bool((stems == stem).all())
    for key in keys:
        if len(segment.forms_of_key_number(key)) == len(forms):
            return _Found(int(segment.key_lists[key]), stem, nested)
    first = int(stems[0])
    if (stems == first).all() and len(forms) == segment.form_count_of_stem(first):
        return _Found(first, stem, nested)
    docs, freqs, title_freqs = _postings_of(segment, forms)
    return _Found((docs, posting_codes(freqs, title_freqs, _has_more(segment, docs))), stem, nested)


def _has_more(segment: Segment, docs: Integers) -> Bools:
    """For each document, whether it has more than a title."""
    has_body = np.asarray(segment.body_lengths[docs] > 0)
    return has_body | (segment.keyword_lengths[docs] > 0) if segment.has_keywords else has_body


def _keyword_freqs(segment: Segment, forms: Forms, docs: Integers) -> Integers:
    """How often any of the forms stands in the keywords of each document, some forms at a time, so that memory is bounded."""
    freqs = np.zeros(len(docs), np.int64)
    for start in range(0, len(forms), _FEW_FORMS) if segment.has_keywords else ():
        check()
        freqs += keyword_freqs(segment, forms[start : start + _FEW_FORMS], docs)
    return freqs


_READERS: Attached[Collection, dict[RankingParameters, PostingReader]] = Attached(lambda _: {})


def reader_of(collection: Collection, parameters: RankingParameters) -> PostingReader:
    """The reader of a collection, made at the first request."""
    readers = _READERS.of(collection)
    reader = readers.get(parameters)
    if reader is None:
        reader = readers.setdefault(parameters, PostingReader(collection, parameters))
    return reader


def _postings_of(segment: Segment, forms: Forms) -> tuple[Integers, Integers, Integers]:
    """(docs, freqs, title_freqs) of several forms together, in steps of _AT_ONCE tokens, so that memory is bounded."""
    check()
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
    freqs, title_freqs = np.zeros(segment.doc_count, np.int64), np.zeros(segment.doc_count, np.int64)
    for start, stop in pairwise(cuts):
        check()
        docs, own, own_titles = postings_of(segment, np.sort(forms[order[start:stop]]))
        freqs[docs] += own
        title_freqs[docs] += own_titles
    found = freqs.nonzero()[0]
    return found, freqs[found], title_freqs[found]


def _live(view: SegmentView, docs: Integers, *columns: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], ...]:
    if view.live is None:
        return docs, *columns
    kept = view.live[docs]
    return docs[kept], *(column[kept] for column in columns)


def phrase_places(
    reader: PostingReader, view: SegmentView, phrase: NearPhrase, docs: Integers | None = None
) -> tuple[Integers, Integers, Integers]:
    """Find a phrase in a segment. All its words must stand in one field.

    Parameters:
      reader: gives the positions of its words.
      view: the segment.
      phrase: the phrase. Its own field is not looked at here.
      docs: the documents to look at, ascending; None for all.

    Returns (position of the first word, position of the last word, document) of each occurrence: three int64 arrays, ascending by
    the first position.
    """
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
    # POSITION_GAP separates fields and documents, so neighbours are in one field. The words of a near phrase may have a gap between
    # them; such an occurrence is dropped here.
    title_ends = begins.take(place) + segment.title_lengths.take(owners)
    same = (place == begins.searchsorted(ends, side="right") - 1) & ((starts < title_ends) == (ends < title_ends))
    if segment.has_keywords:
        body_ends = segment.body_ends.take(owners)
        same &= (starts < body_ends) == (ends < body_ends)
    return starts[same], ends[same], owners[same]


def _adjacent_places(
    reader: PostingReader, view: SegmentView, phrase: NearPhrase, places: Sequence[npt.NDArray[Any] | None]
) -> tuple[Integers, Integers, Integers]:
    """The same as `phrase_places` for a phrase without slop, from the kept positions of its words.

    places: all positions of each word, None if they are not kept. Those of at least one word are.
    """
    known = [(number, own) for number, own in enumerate(places) if own is not None]
    (first, found), *others = sorted(known, key=lambda word: len(word[1]))
    # Computed in the dtype of the positions. A start before the first document wraps to a large value, where no word stands.
    kind = found.dtype.type
    found = found - kind(first)
    for number, own in others:
        found = _common(own, found + kind(number)) - kind(number)
        if not len(found):
            break
    doc_starts = view.segment.doc_starts
    # The document is that of a word which certainly stands there. Gaps behind title and body keep neighbours inside a field.
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
    """The values that are in both arrays, ascending. Both are ascending, without repeats, and of one dtype."""
    if len(wanted) < _MANY or len(wanted) * _MUCH_LONGER < len(values):
        return np.asarray(wanted[rows_in(values, wanted)[1]])
    both = np.concatenate((values, wanted))
    both.sort(kind="stable")  # merges ascending runs
    return np.asarray(both[1:][both[1:] == both[:-1]])


def _exact_places(
    reader: PostingReader, view: SegmentView, phrase: NearPhrase, words: list[Postings], docs: Integers
) -> Integers:
    """The positions of the first word where all words of the phrase are neighbours, ascending.

    Words are looked up from the rarest on, each only in the documents that have passed the words before.
    """
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
            # The document is that of the rarest word, which certainly stands there. A start may lie before the document.
            anchors = (starts + order[0]).astype(begins.dtype)
            places = begins.searchsorted(anchors, side="right") - 1
            docs = docs[places[first_of_runs(places)]]
    return starts


def _near_places(
    reader: PostingReader, view: SegmentView, phrase: NearPhrase, docs: Integers
) -> tuple[Integers, Integers]:
    """(positions of the first word, positions of the last word) where the words stand in order within the slop.

    From each position of the first word, the nearest position of the next word behind it is taken, and so on. That gives the
    shortest span from this start. So no start from which the phrase fits within the slop is missed.
    """
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
        # A span can only grow, so those that are too long already are dropped.
        near = ends - starts - number <= phrase.slop
        starts, ends = starts[near], ends[near]
    return starts, ends


def documents_with(view: SegmentView, words: list[Postings]) -> Integers:
    """The documents that have all of the words, ascending, int64."""
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
