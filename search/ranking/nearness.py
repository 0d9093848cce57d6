"""Gives a bonus to documents in which neighbours of the query are neighbours too.

Only the best documents, the candidates, can get a bonus. A bonus is never negative, so all other documents stay below them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from naidi.indexer.codec.pair_freqs import pair_freqs, pair_freqs_of_places
from naidi.indexer.codec.positions import Excess, excess_of
from naidi.indexer.codec.sorted_values import rows_in
from naidi.indexer.late import np

from ..cache import Attached
from ..collection import Bools, Floats, Integers, SegmentMemory
from ..query.analysed import Identity, Term
from .bm25 import FieldParameters, idf, length_norm, tf
from .matched_terms import MatchedTerm
from .postings import PostingReader

# Kinds of terms that may stand for thousands of stems. To look up each stem in `pair_freqs` would take longer than to read the
# positions that are needed.
_PATTERNS = frozenset(("prefix", "wildcard", "fuzzy"))
_EXCESS: Attached[SegmentMemory, Excess] = Attached(lambda memory: excess_of(memory.segment))


class PairFreqs(NamedTuple):
    """Two neighbouring terms of the query.

    left, right: the terms.
    freqs: number of a segment -> how often `right` stands directly behind `left`, for each candidate there. Segments where it never
      does are left out.
    doc_freq: the number of candidates in which it does.
    idf: of doc_freq among all candidates.
    """

    left: Term
    right: Term
    freqs: dict[int, Integers]
    doc_freq: int
    idf: float


class Nearness:
    """The bonus of each candidate: the sum over pairs of weight * idf * tf(freq, length of the text).

    The idf counts candidates, not all documents. So only the positions in the candidates are needed, and the ranking is as good. A
    word is matched by its own forms and by its stem.
    """

    def __init__(
        self,
        candidates: Mapping[int, Integers],
        pairs: Sequence[PairFreqs],
        lengths_of: Callable[[int, Integers], Integers],
        average_length: float,
        parameters: FieldParameters,
    ) -> None:
        """
        Parameters:
          candidates: number of a segment -> ascending documents of it.
          pairs: neighbouring terms of the query, with how often each candidate has them.
          lengths_of: gives the tokens of title and body together of documents of a segment.
          average_length: of all such lengths, in tokens.
          parameters: of the bonus.
        """
        self.candidates = candidates
        self.pairs = pairs
        self._lengths_of = lengths_of
        self._average_length = average_length
        self.parameters = parameters

    def bonus(self, number: int) -> Floats:
        """The bonus of each candidate of a segment, in their order, float64."""
        total = np.zeros(len(self.candidates[number]))
        for pair in self.pairs:
            if number in pair.freqs:
                total += self.weight(pair) * pair.idf * self._tf(pair, number)
        return total

    def holds(self, number: int, doc: int) -> bool:
        """Whether a document is a candidate."""
        return doc in self.candidates.get(number, ())

    def of_document(self, number: int, doc: int) -> Iterator[tuple[PairFreqs, int, float]]:
        """(pair, freq, its part of the bonus) for each pair that a candidate has."""
        place = int(np.searchsorted(self.candidates[number], doc))
        for pair in self.pairs:
            freq = int(pair.freqs[number][place]) if number in pair.freqs else 0
            if freq:
                yield pair, freq, float(self.weight(pair) * pair.idf * self._tf(pair, number)[place])

    def weight(self, pair: PairFreqs) -> float:
        """The weight of a pair, without its idf."""
        return self.parameters.weight * min(pair.left.boost, pair.right.boost)

    def _tf(self, pair: PairFreqs, number: int) -> Floats:
        lengths = self._lengths_of(number, self.candidates[number])
        return tf(pair.freqs[number], length_norm(lengths, self._average_length, self.parameters), self.parameters)


def nearness_of(
    reader: PostingReader,
    matched: Mapping[Identity, MatchedTerm],
    candidates: Mapping[int, Integers],
    average_length: float,
    pairs: Sequence[tuple[Term, Term]],
    parameters: FieldParameters,
) -> Nearness:
    """The nearness of some documents of an index.

    Parameters:
      reader: gives the positions of terms.
      matched: the postings of the terms of the query, by identity.
      candidates: number of a segment -> ascending documents of it.
      average_length: of title and body together, in tokens.
      pairs: neighbouring terms of the query, (left, right).
      parameters: of the bonus.
    """

    def lengths_of(number: int, docs: Integers) -> Integers:
        segment = reader.collection.views[number].segment
        return segment.title_lengths[docs].astype(np.int64) + segment.body_lengths[docs]

    freqs = _PairReader(reader, matched).freqs(candidates, pairs)
    return Nearness(candidates, pairs_found(pairs, freqs, candidates), lengths_of, average_length, parameters)


def pairs_found(
    pairs: Sequence[tuple[Term, Term]], freqs: Sequence[dict[int, Integers]], candidates: Mapping[int, Integers]
) -> list[PairFreqs]:
    """The pairs that any candidate has. freqs: of each pair, by segment, how often each candidate there has it."""
    total = sum(map(len, candidates.values()))
    found = []
    for (left, right), by_segment in zip(pairs, freqs, strict=True):
        doc_freq = sum([int(np.count_nonzero(counts)) for counts in by_segment.values()])
        if doc_freq:
            found.append(PairFreqs(left, right, by_segment, doc_freq, idf(total, doc_freq)))
    return found


class _PairReader:
    """Counts how often pairs of terms are neighbours in documents of an index."""

    def __init__(self, reader: PostingReader, matched: Mapping[Identity, MatchedTerm]) -> None:
        self._reader = reader
        self._matched = matched

    def freqs(
        self, candidates: Mapping[int, Integers], pairs: Sequence[tuple[Term, Term]]
    ) -> list[dict[int, Integers]]:
        """For each pair, by segment, how often each candidate there has it."""
        freqs: list[dict[int, Integers]] = [{} for _ in pairs]
        for number, docs in candidates.items():
            for found, counts in self._freqs(number, docs, pairs):
                freqs[found][number] = counts
        return freqs

    def _freqs(self, number: int, docs: Integers, pairs: Sequence[tuple[Term, Term]]) -> Iterator[tuple[int, Integers]]:
        """(number of a pair, its frequency in each of the documents). Pairs that none of the documents has may be left out."""
        view = self._reader.collection.views[number]
        if any(term.kind in _PATTERNS for pair in pairs for term in pair):
            yield from self._freqs_of_patterns(number, docs, pairs)
            return
        numbers: dict[Identity, int] = {}
        terms: list[Term] = []
        for pair in pairs:
            for term in pair:
                if term.identity not in numbers:
                    numbers[term.identity] = len(terms)
                    terms.append(term)
        asked = [(numbers[left.identity], numbers[right.identity]) for left, right in pairs]
        kept = [self._reader.keeps_places(view, term, with_stem=True) for term in terms]
        if all(kept):
            places = [self._reader.all_places(view, term, with_stem=True) for term in terms]
            known = [own for own in places if own is not None]
            if len(known) == len(terms):
                counts = pair_freqs_of_places(view.segment, known, asked, docs)
                if counts is not None:
                    yield from enumerate(counts)
                return
        words = [self._reader.word_rows(view, term) for term in terms]
        there = [number for number, word in enumerate(words) if len(word.stems)]
        numbering = {number: place for place, number in enumerate(there)}
        found_pairs = [place for place, (left, right) in enumerate(asked) if left in numbering and right in numbering]
        if not found_pairs:
            return
        excess = _EXCESS.of(view.memory)
        asked_there = [(numbering[asked[place][0]], numbering[asked[place][1]]) for place in found_pairs]
        found = pair_freqs(view.segment, excess, [words[number] for number in there], asked_there, docs)
        if found is not None:
            yield from zip(found_pairs, found, strict=True)

    def _freqs_of_patterns(
        self, number: int, docs: Integers, pairs: Sequence[tuple[Term, Term]]
    ) -> Iterator[tuple[int, Integers]]:
        """The same as `_freqs`, from the positions of each word, for terms that may have many stems."""
        view = self._reader.collection.views[number]
        there: dict[Identity, Bools] = {}
        for term in (term for pair in pairs for term in pair):
            if term.identity not in there:
                there[term.identity] = self._has_word(number, term, docs)
        together = [there[left.identity] & there[right.identity] for left, right in pairs]
        wanted: dict[Identity, Bools] = {}
        for (left, right), both in zip(pairs, together, strict=True):
            for term in (left, right):
                known = wanted.get(term.identity)
                wanted[term.identity] = both if known is None else known | both
        starts = view.segment.doc_starts[docs].astype(np.int64)
        positions: dict[Identity, Integers] = {}
        for place, ((left, right), both) in enumerate(zip(pairs, together, strict=True)):
            if not both.any():
                continue
            for term in (left, right):
                if term.identity not in positions:
                    positions[term.identity] = self._reader.word_positions(view, term, docs[wanted[term.identity]])
            counts = _pair_freqs(positions[left.identity], positions[right.identity], starts)
            if counts is not None:
                yield place, counts

    def _has_word(self, number: int, term: Term, docs: Integers) -> Bools:
        """For each of the documents, whether it has the term, by its own forms or by its stem."""
        matched = self._matched[term.identity]
        if matched.stem is None:
            return matched.own[number].rows_of(docs)[1]
        there = matched.stem[number].rows_of(docs)[1]
        return there if matched.nested[number] else there | matched.own[number].rows_of(docs)[1]


def _pair_freqs(left: Integers, right: Integers, starts: Integers) -> Integers | None:
    """How often `right` stands directly behind `left` in each document; None if it never does.

    left, right: positions, ascending.
    starts: the first position of each document, ascending.
    """
    wanted = left + 1
    hits = wanted[rows_in(right, wanted)[1]]
    if not len(hits):
        return None
    return np.bincount(starts.searchsorted(hits, side="right") - 1, minlength=len(starts))
