"""The analysed query as the cluster takes it: it finds the same documents, and scores them as `ranking` does.

The fields of the documents index tell how often words stand in a document, and nothing else. Scripts make scores of that, with
exact lengths and the averages of all shards. Where that would take too many clauses, or places of words cannot be counted, scores
are nearly right; then `candidates` has the exact ones for the best documents.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from naidi.indexer.codec.posting_codes import MAX_EXACT_FREQ, MAX_TITLE_FREQ
from naidi.indexer.fields import Schema
from naidi.indexer.opensearch.condition_query import EVERY, NOTHING, any_of
from naidi.indexer.opensearch.naming import field_path

from ..query.analysed import (
    AnalysedNode,
    Bridged,
    Combination,
    Compound,
    Filter,
    NearPhrase,
    NoDocument,
    Scored,
    Term,
    Visitor,
)
from ..ranking.bm25 import FieldParameters
from ..ranking.bridge_weights import BridgeWeights
from .counts import Counts
from .filters import filter_body
from .row_queries import ALL, HEAD, Body, finds, has_any, intervals, is_chain, pieces, starts, synonyms, tokens_in
from .term_weights import TermWeights, WeighedRow
from .word_rows import BODY, TEXT, TITLE, Row

MOST_CLAUSES = 900
"""Clauses of one query, at most: the cluster allows 1,024."""
_GROUPS = 300  # of words of nearly the same weight, in a query of too many clauses

# The score of a row: BM25 without idf, from how often it is there and exact lengths. One source for all rows, since a cluster
# compiles few scripts a minute. placed: whether the score is f / (f + 1), of intervals, and not f; length: the tokens of the field;
# less: those of another field that do not count.
_IMPACT = (
    "double f = params.placed ? _score / (1.0 - _score) : _score;"
    "f = Math.min(f / params.copies, params.most);"
    "double n = doc[params.length].size() == 0 ? 0 : doc[params.length].value;"
    "if (params.less != null) { n -= doc[params.less].value; }"
    "double impact = params.weight * f / (f + params.k1 * (1.0 - params.b + params.b * n / params.average));"
    "return params.shared ? impact * doc['share'].value : impact;"
)
MOST_IN_TEXT, MOST_IN_TITLE, _MANY = float(MAX_EXACT_FREQ), float(MAX_TITLE_FREQ), 1e9
"""Further occurrences do not count: as in the codes of postings."""


class QueryBody:
    """Makes the bodies of one query."""

    def __init__(self, weights: TermWeights, counts: Counts, bridge_weights: BridgeWeights, schema: Schema) -> None:
        """
        Parameters:
          weights: of the terms and phrases of the query.
          counts: of the index.
          bridge_weights: the weights of the alternatives.
          schema: of the fields of the application.
        """
        self._weights = weights
        self._counts = counts
        self._bridge_weights = bridge_weights
        self._schema = schema

    def scored(self, root: AnalysedNode) -> tuple[Body, bool]:
        """(the documents found, with their scores; whether these are exact)."""
        for sparing in (False, True):
            scorer = _Scorer(self._weights, self._counts, self._bridge_weights, self._schema, sparing=sparing)
            body = root.accept(scorer)
            if scorer.clauses <= MOST_CLAUSES:
                return body, scorer.is_exact
        return {"bool": {"filter": [self.found(root)], "should": self._grouped(root, scorer)}}, False

    def _grouped(self, root: AnalysedNode, scorer: _Scorer) -> list[Body]:
        """Scores by the words of a very long query: those of nearly the same weight as if they were one word."""
        weighed = [
            (part.weight * term.boost, part.row.parts[0])
            for term in terms_of(root)
            if isinstance(term, Term) and term.field is None
            for part in self._weights.parts(term)[:1]
        ]
        weighed.sort(key=lambda each: -each[0])
        size = -(-len(weighed) // _GROUPS) or 1
        bodies: list[Body] = []
        for start in range(0, len(weighed), size):
            group = weighed[start : start + size]
            tokens = tuple(sorted({token for _, part in group for token in part}))
            bodies.append(scorer.counted(Row((tokens,)), sum(weight for weight, _ in group) / len(group)))
        return bodies

    def found(self, root: AnalysedNode) -> Body:
        """The documents found, without scores."""
        return root.accept(_Finder(self._weights, self._counts, self._schema, with_stems=True))


class _Finder(Visitor[Body]):
    """The documents that a node finds, without scores. with_stems: whether a word finds documents by its stem, too."""

    def __init__(self, weights: TermWeights, counts: Counts, schema: Schema, *, with_stems: bool) -> None:
        self._weights = weights
        self._counts = counts
        self._schema = schema
        self._with_stems = with_stems

    def term(self, node: Term) -> Body:
        tokens = tuple(sorted(self._tokens(node)))
        return finds(Row((tokens,), node.field or TEXT), self._counts.regions)

    def any_of(self, nodes: Sequence[AnalysedNode]) -> Body:
        """The documents that any of some nodes finds. All words that may stand anywhere are one clause."""
        tokens: set[str] = set()
        others: list[AnalysedNode] = []
        for node in nodes:
            if isinstance(node, Term) and node.field is None:
                tokens |= self._tokens(node)
            else:
                others.append(node)
        words = [has_any(ALL, tuple(sorted(tokens)))] if tokens else []
        return any_of([*words, *(node.accept(self) for node in others)])

    def _tokens(self, node: Term) -> set[str]:
        rows = self._weights.rows(node)
        found = {*rows.own.parts[0]}
        return found if rows.stem is None or not self._with_stems else found.union(rows.stem.parts[0])

    def near_phrase(self, node: NearPhrase) -> Body:
        return finds(self._weights.rows(node).own, self._counts.regions)

    def compound(self, node: Compound) -> Body:
        return self.near_phrase(node.phrase)

    def bridged(self, node: Bridged) -> Body:
        return self.any_of(node.arms)

    def filter(self, node: Filter) -> Body:
        return filter_body(node, self._schema)

    def no_document(self, node: NoDocument) -> Body:
        return NOTHING

    def combination(self, node: Combination) -> Body:
        made: dict[str, Any] = {}
        if node.must:
            made["filter"] = [child.accept(self) for child in node.must]
        elif node.should:
            made["filter"] = [self.any_of(node.should)]
        excluded = excluding(node, self._weights, self._counts, self._schema)
        if excluded:
            made["must_not"] = excluded
        return {"bool": made} if made else EVERY


def excluding(node: Combination, weights: TermWeights, counts: Counts, schema: Schema) -> list[Body]:
    """What a node excludes. A word is excluded by its own forms alone."""
    finder = _Finder(weights, counts, schema, with_stems=False)
    return [child.accept(finder) for child in node.must_not]


class _Scorer(Visitor[Body]):
    """The documents that a node finds, with their scores.

    clauses: how many clauses the bodies made so far have, about.
    is_exact: whether their scores are those of `ranking`, but for single precision.
    sparing: make a clause or two for each word, though scores are less exact.
    """

    def __init__(
        self, weights: TermWeights, counts: Counts, bridge_weights: BridgeWeights, schema: Schema, *, sparing: bool
    ) -> None:
        self._weights = weights
        self._counts = counts
        self._statistics = counts.statistics
        self._parameters = weights.parameters
        self._bridge_weights = bridge_weights
        self._schema = schema
        self._sparing = sparing
        self._finder = _Finder(weights, counts, schema, with_stems=True)
        self._adding = _Adding(self)
        self.clauses = 0
        self.is_exact = not sparing

    def term(self, node: Term) -> Body:
        parts = self._weights.parts(node)
        if not parts:
            return NOTHING
        if self._sparing:
            tokens = tuple(sorted({token for part in parts for token in part.row.parts[0]}))
            parts = [WeighedRow(Row((tokens,), parts[0].row.region), sum(part.weight for part in parts))]
        return any_of([body for part in parts for body in self._scored(part.row, node.boost * part.weight)])

    def _scored(self, row: Row, weight: float) -> list[Body]:
        """The documents with a row, with its part of the score; as alternatives that add up."""
        if len(row.parts) > 1 or row.region not in (TEXT, TITLE):
            return self._placed(row, weight)
        found = [self.counted(row, weight)]
        if row.region == TEXT and not self._sparing:
            found.append(self.counted(row._replace(region=TITLE), weight, shared=True))
        return found

    def counted(self, row: Row, weight: float, *, shared: bool = False) -> Body:
        """The documents with a word, scored by how often they have it. shared: as for `_by_length`."""
        in_title = row.region == TITLE
        found = synonyms(HEAD if in_title else ALL, row.parts[0])
        self.clauses += len(found)
        parameters = self._parameters.title if in_title else self._parameters.text
        length, most = ("head_len", MOST_IN_TITLE) if in_title else ("len", MOST_IN_TEXT)
        return self._by_length(row, weight, parameters, length, most, shared=shared, freqs=any_of(found))

    def _placed(self, row: Row, weight: float) -> list[Body]:
        """The same for rows whose places count."""
        self.clauses += 2
        size = sum(map(len, row.parts)) * (2 if row.region == TEXT else 1)
        if self.clauses + size > MOST_CLAUSES or len(pieces(row)) > 1:
            # All that have it score as if they had it once in a text of average length.
            self.is_exact = False
            return [{"constant_score": {"filter": finds(row, self._counts.regions), "boost": weight}}]
        self.clauses += size
        text, title = self._parameters.text, self._parameters.title
        if row.region == TITLE:
            return [self._by_length(row, weight, title, "head_len", MOST_IN_TITLE)]
        if row.region == TEXT:
            inside = self._by_length(row, weight, text, "len", MOST_IN_TEXT)
            head = self._by_length(row._replace(region=TITLE), weight, title, "head_len", MOST_IN_TITLE, shared=True)
            return [{"bool": {"must": [inside], "should": [head]}}]
        if row.region == BODY:
            return [self._by_length(row, weight, text, "len", _MANY, less="head_len")]
        return [self._by_length(row, weight, text, field_path(row.region), _MANY)]

    def _by_length(
        self,
        row: Row,
        weight: float,
        parameters: FieldParameters,
        length: str,
        most: float,
        *,
        less: str | None = None,
        shared: bool = False,
        freqs: Body | None = None,
    ) -> Body:
        """The documents with a row, scored by the length of a field.

        Parameters:
          row, weight, parameters: of the score.
          length, less: fields of the documents index; see _IMPACT.
          most: further occurrences do not count.
          shared: whether the score is multiplied by the body's share of the text.
          freqs: what finds the documents with the frequency as their score; None for places.
        """
        params = {
            "placed": freqs is None,
            "weight": weight * parameters.weight * (parameters.k1 + 1.0),
            "k1": parameters.k1,
            "b": parameters.b,
            "average": self._statistics.average(row.region) or 1.0,
            "length": length,
            "less": less,
            "most": most,
            "copies": self._counts.copies(row.region),
            "shared": shared,
        }
        script = {"source": _IMPACT, "params": params}
        if freqs is None:
            freqs = self._places(row)
        return {"script_score": {"query": freqs, "script": script}}

    def _places(self, row: Row) -> Body:
        """The documents with a row of several words, scored by the places of it."""
        shortest = intervals(row, self._counts.regions)
        if not row.slop:
            return shortest
        if not is_chain(row):
            begun = starts(row, self._counts.regions)
            more = tokens_in(begun) - tokens_in(shortest)
            if self.clauses + more <= MOST_CLAUSES:
                self.clauses += more
                return begun
        self.is_exact = False  # the shortest intervals do not tell how often it is there
        return shortest

    def near_phrase(self, node: NearPhrase) -> Body:
        parts = self._weights.parts(node)
        if not parts:
            return NOTHING
        return any_of([body for part in parts for body in self._scored(part.row, node.boost * part.weight)])

    def compound(self, node: Compound) -> Body:
        return {"bool": {"filter": [node.accept(self._finder)], "should": [node.accept(self._adding)]}}

    def filter(self, node: Filter) -> Body:
        return {"bool": {"filter": [filter_body(node, self._schema)]}}

    def no_document(self, node: NoDocument) -> Body:
        return NOTHING

    def bridged(self, node: Bridged) -> Body:
        if node.adds_anywhere():
            return {"bool": {"filter": [node.accept(self._finder)], "should": [node.accept(self._adding)]}}
        return self._best_of(node, self)

    def _best_of(self, node: Bridged, visitor: Visitor[Body]) -> Body:
        arms = [node.own.accept(visitor)]
        for other in node.alternatives:
            arms.append(times(other.node.accept(visitor), self._bridge_weights.of(node, other)))
        return {"dis_max": {"queries": arms}} if len(arms) > 1 else arms[0]

    def combination(self, node: Combination) -> Body:
        made: dict[str, Any] = {}
        narrowing = [child for child in node.must if isinstance(child, Filter)]
        must = [child.accept(self) for child in node.must if not isinstance(child, Filter)]
        if narrowing:
            made["filter"] = [filter_body(child, self._schema) for child in narrowing]
        if must:
            made["must"] = must
        if node.should:
            anywhere = any(child.adds_anywhere() for child in node.should)
            if node.must or anywhere:
                made["should"] = [child.accept(self._adding) for child in node.should]
                made["minimum_should_match"] = 0
                if not node.must:
                    made["filter"] = [self._finder.any_of(node.should)]
            else:
                made["should"] = [child.accept(self) for child in node.should]
                made["minimum_should_match"] = 1
        elif not node.must:
            made["filter"] = [EVERY]
        excluded = excluding(node, self._weights, self._counts, self._schema)
        if excluded:
            made["must_not"] = excluded
        if node.boost != 1.0:
            made["boost"] = node.boost
        return {"bool": made}


class _Adding(Visitor[Body]):
    """What a node adds to the score of a document that another node may have found: parts of a compound count anywhere."""

    def __init__(self, scorer: _Scorer) -> None:
        self._scorer = scorer

    def compound(self, node: Compound) -> Body:
        parts = [part.accept(self._scorer) for part in node.phrase.parts]
        return {"bool": {"should": parts, "minimum_should_match": 1, "boost": node.phrase.boost}}

    def bridged(self, node: Bridged) -> Body:
        return self._scorer._best_of(node, self)

    def other(self, node: AnalysedNode) -> Body:
        return node.accept(self._scorer)


def times(body: Body, factor: float) -> Body:
    """The same query with its scores multiplied."""
    return body if factor == 1.0 else {"bool": {"must": [body], "boost": factor}}


def terms_of(root: AnalysedNode) -> list[Scored]:
    """All terms and phrases of a query, each once: those that find documents, and the parts of compounds."""
    found: dict[object, Scored] = {}
    for term, _ in root.terms():
        found.setdefault(term.identity, term)
    for part in root.scoring_parts():
        found.setdefault(part.identity, part)
    return list(found.values())
