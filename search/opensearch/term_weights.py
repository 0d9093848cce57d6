"""The weights of the terms and phrases of a query, from the documents that the cluster counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from ..collection import Collection
from ..query.analysed import NearPhrase, Scored
from ..ranking.bm25 import RankingParameters, idf, phrase_idf
from ..ranking.matched_terms import CountedPostings, MatchedTerm, weighed_term
from ..ranking.postings import Postings
from .counts import Counts
from .word_rows import Row, TermRows, own_row, rows_of


class WeighedRow(NamedTuple):
    """A row with its part of the score. weight: with its idf, without the boost of the term."""

    row: Row
    weight: float


def rows_to_count(words: Collection, terms: Iterable[Scored]) -> list[Row]:
    """The rows whose counts give the weights of some terms and phrases. words: a collection with all forms of the index."""
    wanted: dict[Row, None] = {}
    for term in terms:
        wanted.update(dict.fromkeys(row for row in rows_of(words, term) if row is not None))
        if isinstance(term, NearPhrase):
            wanted.update(dict.fromkeys(own_row(words, part) for part in term.parts))
    return list(wanted)


class TermWeights:
    """The weights of the terms of one query. All counts that are not known yet are asked for at once.

    matched: the terms and phrases without postings, by identity.
    """

    def __init__(
        self, words: Collection, counts: Counts, parameters: RankingParameters, terms: Sequence[Scored]
    ) -> None:
        """
        Parameters:
          words: a collection with all forms of the index.
          counts: of the index.
          parameters: of the ranking.
          terms: terms and phrases.
        """
        self.parameters = parameters
        self._rows = {term.identity: rows_of(words, term) for term in terms}
        self._words_of = {
            term.identity: [own_row(words, part) for part in term.parts]
            for term in terms
            if isinstance(term, NearPhrase)
        }
        self._counted = counts.of(rows_to_count(words, terms))
        self._doc_count = counts.statistics.doc_count
        self.matched = {term.identity: self.with_postings(term, {}, None) for term in terms}
        self._parts = {term.identity: self._weighed_rows(term) for term in terms}

    def rows(self, term: Scored) -> TermRows:
        """The rows of a term or phrase."""
        return self._rows[term.identity]

    def parts(self, term: Scored) -> list[WeighedRow]:
        """The rows that add up to the score of a term or phrase; none if no document has it."""
        return self._parts[term.identity]

    def with_postings(self, term: Scored, postings: Mapping[Row, Postings], none: Postings | None) -> MatchedTerm:
        """A term or phrase with its postings among some documents.

        Parameters:
          term: one of those given.
          postings: by row.
          none: of all other rows; None for no documents at all, to have the weights alone.
        """

        def counted(row: Row) -> CountedPostings:
            found = postings.get(row, none)
            # Documents may come between two counts.
            doc_freq = min(self._counted[row], self._doc_count)
            return CountedPostings(doc_freq, [] if found is None else [found])

        rows = self._rows[term.identity]
        own = counted(rows.own)
        stem = None if rows.stem is None else counted(rows.stem)
        shared = None if rows.shared is None or not own.doc_freq else counted(rows.shared)
        if shared is not None and not shared.doc_freq:
            shared = None
        nested = [False] * len(own.postings)
        return weighed_term(self.parameters, term, own, stem, shared, nested, partial(self._idf, term))

    def _idf(self, term: Scored, doc_freq: int) -> float:
        power = self.parameters.idf_power
        if isinstance(term, NearPhrase):
            freqs = [min(self._counted[row], self._doc_count) for row in self._words_of[term.identity]]
            return phrase_idf(self._doc_count, freqs, power)
        return float(idf(self._doc_count, doc_freq) ** power)

    def _weighed_rows(self, term: Scored) -> list[WeighedRow]:
        rows = self._rows[term.identity]
        row_of = {"stem": rows.stem, "lemmas": rows.shared}
        weights: dict[Row, float] = {}
        for part in self.matched[term.identity].parts:
            row = row_of.get(part.tier) or rows.own
            weights[row] = weights.get(row, 0.0) + part.weight * part.idf
        return [WeighedRow(row, weight) for row, weight in weights.items()]
