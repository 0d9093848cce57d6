"""The second question of a search: what some documents have of the rows of a query, exactly.

Each row is a named query with its score, from which its frequency is worked out. The documents are then scored by the arithmetic of
`ranking`, as those of a segment are.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from naidi.indexer.codec.posting_codes import posting_codes
from naidi.indexer.fields import Schema
from naidi.indexer.opensearch.condition_query import EVERY
from naidi.indexer.opensearch.naming import document_key, field_path

from ..budget import check
from ..collection import Bools, Floats, Integers
from ..query.analysed import Filter
from ..ranking.bm25 import RankingParameters, length_norm, tf
from ..ranking.impacts import Impacts
from ..ranking.postings import Postings
from .counts import Counts
from .filters import filter_body
from .row_queries import NOT_STORED, Body, intervals, is_chain, pieces, starts
from .word_rows import BODY, TEXT, TITLE, Row

# Documents that are asked for at once.
_AT_ONCE = 1_000
# Places with more gaps of a near row whose places may share words are not counted.
_MOST_GAPS = 20
# A frequency of which the score is so near to 1 that it cannot be told.
_MOST_FREQ = 1e7


class Wanted(NamedTuple):
    """What is asked of documents.

    rows: how often they have each.
    filters: whether they pass each.
    fields: values of other fields.
    """

    rows: Sequence[Row]
    filters: Sequence[Filter] = ()
    fields: Sequence[str] = ()


class Candidates:
    """Documents with what they have of a query. They are numbered from 0 in the order of `ids`.

    ids: of those that are still there.
    title_lengths, body_lengths: tokens of each.
    dates: ordinals, 0 if unknown.
    passing: for each filter, which documents pass it.
    """

    def __init__(self, wanted: Wanted, ids: Sequence[str], hits: Sequence[Mapping[str, Any]], counts: Counts) -> None:
        """
        Parameters:
          wanted: what was asked.
          ids: of the documents.
          hits: what the cluster tells of each, with names `r<row>.<piece>` and `f<filter>`.
          counts: of all documents.
        """
        self.ids = ids
        self._values = [hit.get("fields", {}) for hit in hits]
        self._statistics = counts.statistics
        self._copies = counts.copies
        self._named = [hit.get("matched_queries") or {} for hit in hits]
        lengths, titles = self.column("len"), self.column("head_len")
        self.title_lengths, self.body_lengths = titles, lengths - titles
        self._lengths = lengths.astype(np.float64)
        self._freqs = {row: self._freqs_of(number, row) for number, row in enumerate(wanted.rows)}
        self.passing: dict[Filter, Bools] = {
            one: np.array([f"f{number}" in named for named in self._named], bool)
            for number, one in enumerate(wanted.filters)
        }

    def __len__(self) -> int:
        return len(self.ids)

    def column(self, field: str) -> Integers:
        """The whole number that each has in a field of the documents index, 0 for none."""
        return np.array([int(values[field][0]) if field in values else 0 for values in self._values], np.int64)

    @property
    def dates(self) -> Integers:
        days = [values.get("date") for values in self._values]
        known = [datetime.date.fromisoformat(day[0][:10]).toordinal() if day else 0 for day in days]
        return np.array(known, np.int64)

    def freqs(self, row: Row) -> Integers:
        """How often each document has a row, 0 for a row that was not asked for."""
        found = self._freqs.get(row)
        return np.zeros(len(self), np.int64) if found is None else found

    def _freqs_of(self, number: int, row: Row) -> Integers:
        sums = [self._sums(f"r{number}.{piece}") for piece in range(len(_questions(row)))]
        if row.slop and is_chain(row):
            sums = _by_gaps(row, sums)
        total = sum(map(np.round, sums), np.zeros(len(self))).astype(np.int64)
        found = total // self._copies(row.region)
        # Of a near row of very many forms, places with gaps count less than one each.
        return np.maximum(found, sums[0] > 0.0) if row.slop else found

    def _sums(self, name: str) -> Floats:
        """f for each document, from the score f / (f + 1)."""
        scores = np.array([float(named.get(name, 0.0)) for named in self._named])
        with np.errstate(divide="ignore"):
            return np.minimum(scores / (1.0 - scores), _MOST_FREQ)

    def postings(self, parameters: RankingParameters) -> dict[Row, Postings]:
        """The postings of the rows among these documents."""
        return {row: self._postings(row, parameters) for row in self._freqs}

    @property
    def no_postings(self) -> Postings:
        """The postings of a row that none of them has."""
        return Postings(np.zeros(0, np.int64), np.zeros(0, np.uint8), self._impacts(RankingParameters()))

    def _impacts(self, parameters: RankingParameters) -> Impacts:
        averages = {name: self._statistics.average(name) for name in (TEXT, TITLE)}
        return Impacts(self, lambda: self._lengths, averages, parameters)

    def _postings(self, row: Row, parameters: RankingParameters) -> Postings:
        counts = self._freqs[row]
        docs = np.flatnonzero(counts)
        counts, impacts = counts[docs], self._impacts(parameters)
        if row.region == TEXT:
            # The share of a document that is a title alone is 0, so that its title does not count.
            titles = self.freqs(row._replace(region=TITLE))[docs]
            return Postings(docs, posting_codes(counts, titles, np.ones(len(docs), bool)), impacts)
        if row.region == TITLE:
            of_field, lengths = parameters.title, self.title_lengths
        elif row.region == BODY:
            of_field, lengths = parameters.text, self.body_lengths
        else:
            of_field, lengths = parameters.text, self.column(field_path(row.region))
        norms = length_norm(lengths[docs], self._statistics.average(row.region), of_field)
        codes = np.zeros(len(docs), np.uint8)
        return Postings(docs, codes, impacts, of_field.weight * tf(counts, norms, of_field))


def ask(counts: Counts, wanted: Wanted, ids: Sequence[str], schema: Schema) -> Candidates:
    """What documents have of a query, in the order of `ids`. Those that are gone are left out. Raises TimeUp."""
    rows = list(dict.fromkeys(_with_titles(wanted.rows)))
    wanted = wanted._replace(rows=[row for row in rows if not row.is_empty])
    named = [*_named_rows(wanted.rows, counts), *_named_filters(wanted.filters, schema)]
    texts = {row.region for row in wanted.rows} - {TEXT, TITLE, BODY}
    fields: list[Any] = ["id", "len", "head_len", *map(field_path, sorted(texts)), *wanted.fields]
    hits: dict[str, Mapping[str, Any]] = {}
    for start in range(0, len(ids), _AT_ONCE):
        check()
        some = list(map(document_key, ids[start : start + _AT_ONCE]))
        answer = counts.cluster.search(
            counts.cluster.documents, _question(some, named, fields), include_named_queries_score=True
        )
        hits.update((hit["fields"]["id"][0], hit) for hit in answer["hits"]["hits"])
    there = [one for one in ids if one in hits]
    return Candidates(wanted, there, [hits[one] for one in there], counts)


def _question(keys: list[str], named: Sequence[Body], fields: Sequence[str]) -> Body:
    # What is optional beside a filter is not looked for when documents are found, but only for those that are told.
    told: Body = {"bool": {"filter": [EVERY], "should": list(named), "minimum_should_match": 0}}
    return {
        "size": len(keys),
        "query": {"bool": {"filter": [{"ids": {"values": keys}}, told]}},
        "stored_fields": NOT_STORED,
        "track_total_hits": False,
        "docvalue_fields": list(fields),
    }


def _with_titles(rows: Iterable[Row]) -> Iterable[Row]:
    for row in rows:
        yield row
        if row.region == TEXT:
            yield row._replace(region=TITLE)


def _by_gaps(row: Row, sums: Sequence[Floats]) -> list[Floats]:
    """How many places a near row has with each number of gaps. sums: of what places with up to so many gaps add to f.

    Each place adds 1 / (1 + gaps), so what n adds to what n - 1 has is told by places with n gaps. If all words are the same, the
    cluster takes a place to be as short as one word, unless no gaps are allowed: it adds 1 / (words + gaps).
    """
    shortest = len(row.parts) if len(set(row.parts)) == 1 else 1
    found = [sums[0]]
    before = sums[0] / shortest
    for gaps, more in enumerate(sums[1:], 1):
        found.append((more - before) * (shortest + gaps))
        before = more
    return found


def _questions(row: Row) -> list[Row]:
    """The rows that are asked for to count one."""
    if not row.slop:
        return pieces(row)
    return [row._replace(slop=gaps) for gaps in range(min(row.slop, _MOST_GAPS) + 1)] if is_chain(row) else [row]


def _named_rows(rows: Sequence[Row], counts: Counts) -> Iterable[Body]:
    for number, row in enumerate(rows):
        places = starts if row.slop and not is_chain(row) else intervals
        for name, piece in enumerate(_questions(row)):
            yield {"bool": {"must": [places(piece, counts.regions)], "_name": f"r{number}.{name}"}}


def _named_filters(filters: Sequence[Filter], schema: Schema) -> Iterable[Body]:
    for number, one in enumerate(filters):
        yield {"bool": {"filter": [filter_body(one, schema)], "_name": f"f{number}"}}
