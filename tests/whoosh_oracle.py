"""What do Whoosh's own matchers find for an analysed query, and with which scores? The slow second opinion on `evaluate`.

`to_whoosh` turns an analysed tree into a tree of Whoosh's queries over the fields of
`naidi.indexer.whoosh.schema`; `Weighting` is the formula of `bm25`, written once more, without arrays. Counts and average lengths
are of live documents, taken by asking Whoosh for each.

    with open_dir(generation_directory).searcher(weighting=Weighting(parameters)) as searcher:
        whoosh_scores(searcher, to_whoosh(root, segments))
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator, Sequence
from functools import reduce
from typing import Any

from whoosh.collectors import UnlimitedCollector
from whoosh.matching.binary import UnionMatcher
from whoosh.matching.mcore import NullMatcher
from whoosh.matching.wrappers import WrappingMatcher
from whoosh.query import compound, qcore, ranges, spans
from whoosh.query import terms as term_queries
from whoosh.query.wrappers import Not, WrappingQuery
from whoosh.scoring import BaseScorer, WeightingModel, WeightScorer

from naidi.indexer.codec.posting_codes import MAX_EXACT_FREQ, MAX_TITLE_FREQ, POSITION_GAP
from naidi.indexer.codec.segment import Segment
from naidi.indexer.whoosh.schema import FORMS, KEYS, STEMS, TEXT, TITLE, WORD_FIELDS, field_of
from naidi.search.query.analysed import (
    AnalysedNode,
    Combination,
    Compound,
    FilterCombination,
    NearPhrase,
    NoDocument,
    Scored,
    Term,
)
from naidi.search.query.nodes import DateRange, EveryDocument, LanguageIs
from naidi.search.ranking.bm25 import RankingParameters

KEYWORDS = "keywords"  # no field of Whoosh's: the places of the whole text that are behind the body
_PARTS = (TITLE, "body", KEYWORDS)


class Weighting(WeightingModel):
    """BM25 of naidi for Whoosh, for terms of the whole text, and of the title as what it adds to that. Make one a searcher."""

    def __init__(self, parameters: RankingParameters) -> None:
        self.parameters = parameters
        self._average_lengths: dict[str, float] = {}

    def average_length(self, searcher: Any, fieldname: str) -> float:
        """Mean length of the live documents in which the field is not empty."""
        if fieldname not in self._average_lengths:
            reader = searcher.get_parent().reader()
            lengths = [reader.doc_field_length(doc, fieldname) for doc in reader.all_doc_ids()]
            lengths = [length for length in lengths if length]
            self._average_lengths[fieldname] = sum(lengths) / len(lengths) if lengths else 0.0
        return self._average_lengths[fieldname]

    def idf_of(self, searcher: Any, doc_freq: int) -> float:
        """The weight of a word that so many live documents have."""
        doc_count = searcher.get_parent().doc_count()
        return math.log(1 + (doc_count - doc_freq + 0.5) / (doc_freq + 0.5)) ** self.parameters.idf_power  # type: ignore[no-any-return]

    def idf(self, searcher: Any, fieldname: str, text: Any) -> float:
        terms = WORD_FIELDS[fieldname].terms
        term = text.decode() if isinstance(text, bytes) else text
        return self.idf_of(searcher, Words(field_of(terms, TEXT), (term,)).live_doc_freq(searcher))

    def scorer(self, searcher: Any, fieldname: str, text: Any, qf: int = 1) -> BaseScorer:
        if fieldname not in WORD_FIELDS:
            return WeightScorer(1.0)
        return FieldScorer(self, searcher, fieldname, self.idf(searcher, fieldname, text), everywhere=True)


class FieldScorer(BaseScorer):
    """Scores the postings of a word in a field.

    alone: the word is looked up in one way only, not by its lemmas and its stem. everywhere: the word is not limited to this
    field; then frequencies count as the codes of postings tell them, and a title, which is scored beside the whole text, says only
    as much more as there is beside it.
    """

    def __init__(
        self,
        weighting: Weighting,
        searcher: Any,
        fieldname: str,
        idf: float,
        *,
        alone: bool = False,
        everywhere: bool = False,
    ) -> None:
        field, ranking = WORD_FIELDS[fieldname], weighting.parameters
        self._parameters = ranking.title if field.part == TITLE else ranking.text
        tier = ranking.stem_weight if field.terms == STEMS else ranking.lemma_weight
        if alone:
            tier = ranking.lemma_weight + ranking.stem_weight
        self._factor = self._parameters.weight * tier * idf
        self._everywhere = everywhere
        self._is_title = field.part == TITLE
        self._average_length = weighting.average_length(searcher, fieldname)
        self._searcher = searcher
        self._fieldname = fieldname

    def supports_block_quality(self) -> bool:
        return False

    def max_quality(self) -> float:
        return self._factor * (self._parameters.k1 + 1)

    def score(self, matcher: Any) -> float:
        k1, b = self._parameters.k1, self._parameters.b
        freq = matcher.weight()
        if not freq:
            return 0.0
        doc, length_of = matcher.id(), self._searcher.doc_field_length
        length = length_of(doc, self._fieldname) / self._average_length
        share = 1.0
        if self._everywhere:
            freq = min(freq, MAX_TITLE_FREQ if self._is_title else MAX_EXACT_FREQ)
            if self._is_title:
                share = length_of(doc, "body") / length_of(doc, "text")
        return float(share * self._factor * freq * (k1 + 1) / (freq + k1 * (1 - b + b * length)))


class OneTermMatcher(WrappingMatcher):
    """Makes of whatever it wraps a single term, which is at every place where one of the wrapped is."""

    def __init__(self, child: Any, scorer: BaseScorer) -> None:
        super().__init__(child)  # type: ignore[no-untyped-call]
        self._scorer = scorer

    def copy(self) -> OneTermMatcher:
        return OneTermMatcher(self.child.copy(), self._scorer)

    def _replacement(self, newchild: Any) -> OneTermMatcher:
        return OneTermMatcher(newchild, self._scorer)

    def supports_block_quality(self) -> bool:
        return False

    def max_quality(self) -> float:
        return self._scorer.max_quality()

    def weight(self) -> float:
        # Not the sum of the weights: two keys may be those of one word in the text.
        return float(len({span.start for span in self.child.spans()}))

    def score(self) -> float:
        return self._scorer.score(self)


class _Leaf(qcore.Query):
    """A query of ours."""

    def estimate_size(self, ixreader: Any) -> int:
        return int(ixreader.doc_count_all())


class Words(_Leaf):
    """Documents with any of the terms in a field; together they count as one term.

    counted_in: the field whose documents give the idf, if that is another one. alone: as FieldScorer has it.
    shared: those of the terms of all keys, if there are several keys; they take a part of the score. counted_as: what gives the idf
    if these are such terms themselves.
    """

    def __init__(
        self,
        fieldname: str,
        terms: tuple[str, ...],
        counted_in: str | None = None,
        *,
        alone: bool = False,
        shared: Words | None = None,
        counted_as: Words | None = None,
    ) -> None:
        self.fieldname = fieldname
        self.words = terms
        self.counted_in = counted_in or fieldname
        self.alone = alone
        self.shared = shared
        self.counted_as = counted_as

    def __repr__(self) -> str:
        return f"Words({self.fieldname!r}, {self.words!r}, {self.counted_in!r}, alone={self.alone})"

    def _union(self, searcher: Any) -> Any:
        reader, field = searcher.reader(), searcher.schema[self.fieldname]
        texts = [text for text in map(field.to_bytes, self.words) if (self.fieldname, text) in reader]
        matchers = [reader.postings(self.fieldname, text, scorer=WeightScorer(1.0)) for text in texts]
        return reduce(UnionMatcher, matchers) if matchers else NullMatcher()

    def matches_any(self, searcher: Any) -> bool:
        """Whether the searcher's segment has a live document with any of the terms."""
        return bool(self._union(searcher).is_active())

    def live_doc_freq(self, searcher: Any) -> int:
        """How many live documents of the index have any of the terms."""
        leaves = searcher.get_parent().leaf_searchers()
        return sum(len(list(self._union(leaf).all_ids())) for leaf, _ in leaves)

    def matcher(self, searcher: Any, context: Any = None) -> Any:
        union = self._union(searcher)
        if not union.is_active():
            return NullMatcher()
        doc_freq = (self.counted_as or Words(self.counted_in, self.words)).live_doc_freq(searcher)
        weighting = searcher.weighting
        part = 1.0
        if self.counted_as is not None:
            part = weighting.parameters.shared_lemmas
        elif self.shared is not None and self.shared.live_doc_freq(searcher):
            part = 1.0 - weighting.parameters.shared_lemmas
        idf = weighting.idf_of(searcher, doc_freq)
        everywhere = WORD_FIELDS[self.counted_in].part == TEXT
        scorer = FieldScorer(weighting, searcher, self.fieldname, idf, alone=self.alone, everywhere=everywhere)
        return WrappingMatcher(OneTermMatcher(union, scorer), part)  # type: ignore[no-untyped-call]


class NearWords(_Leaf):
    """Documents with the words in this order in a field, with at most `slop` others between; as often as they begin anywhere.

    words: of each, the kind of its terms (KEYS or FORMS) and the terms. part: TEXT for the title or the body. everywhere: as
    FieldScorer has it.
    """

    def __init__(
        self, part: str, words: tuple[tuple[str, tuple[str, ...]], ...], slop: int, *, everywhere: bool
    ) -> None:
        self.part = part
        self.words = words
        self.slop = slop
        self.everywhere = everywhere

    def __repr__(self) -> str:
        return f"NearWords({self.part!r}, {self.words!r}, {self.slop!r})"

    def _in_part(self, part: str, searcher: Any, context: Any) -> Any:
        if part == KEYWORDS:
            return _InKeywords(self._in_part(TEXT, searcher, context), searcher)  # type: ignore[no-untyped-call]
        queries = [Words(field_of(kind, part), terms) for kind, terms in self.words]
        if not all(word.matches_any(searcher) for word in queries):
            return NullMatcher()
        near = spans.SpanNear2(queries, slop=self.slop + 1)  # type: ignore[no-untyped-call]
        return _WithinSlop(near.matcher(searcher, context), len(queries), self.slop)  # type: ignore[no-untyped-call]

    def matcher(self, searcher: Any, context: Any = None) -> Any:
        parts = [self._in_part(part, searcher, context) for part in _PARTS if self.part in (TEXT, part)]
        weighting = searcher.weighting
        idf = sum(
            weighting.idf_of(searcher, Words(field_of(kind, TEXT), terms).live_doc_freq(searcher))
            for kind, terms in self.words
        )
        fieldname = field_of(KEYS, self.part)
        scorer = FieldScorer(weighting, searcher, fieldname, idf, alone=True, everywhere=self.everywhere)
        return OneTermMatcher(reduce(UnionMatcher, parts), scorer)


class _WithinSlop(spans.SpanWrappingMatcher):
    """SpanNear2 bounds each gap; this keeps the spans whose gaps together are within the slop, one for each start."""

    def __init__(self, child: Any, word_count: int, slop: int) -> None:
        self._longest = word_count - 1 + slop
        super().__init__(child)  # type: ignore[no-untyped-call]

    def _get_spans(self) -> list[Any]:
        starts = {span.start for span in self.child.spans() if span.end - span.start <= self._longest}
        return [spans.Span(start) for start in sorted(starts)]  # type: ignore[no-untyped-call]

    def replace(self, minquality: float = 0) -> Any:
        return self if self.child.is_active() else NullMatcher()


class _InKeywords(spans.SpanWrappingMatcher):
    """The spans of the whole text that begin in the names and keywords, which stand behind the title, a gap and the body."""

    def __init__(self, child: Any, searcher: Any) -> None:
        self._searcher = searcher
        super().__init__(child)  # type: ignore[no-untyped-call]

    def _get_spans(self) -> list[Any]:
        doc, length_of = self.child.id(), self._searcher.doc_field_length
        start = length_of(doc, "title") + POSITION_GAP + length_of(doc, "body")
        return [span for span in self.child.spans() if span.start >= start]

    def replace(self, minquality: float = 0) -> Any:
        return self if self.child.is_active() else NullMatcher()


class _Boosted(WrappingQuery):
    """A query whose scores are multiplied; with 0 it only narrows. Whoosh's own boosts are lost where a query has one child."""

    def __init__(self, child: qcore.Query, factor: float) -> None:
        super().__init__(child)
        self.factor = factor

    def __repr__(self) -> str:
        return f"{self.child!r}^{self.factor}"

    __str__ = __repr__

    def matcher(self, searcher: Any, context: Any = None) -> Any:
        return WrappingMatcher(self.child.matcher(searcher, context), self.factor)  # type: ignore[no-untyped-call]


def to_whoosh(node: AnalysedNode, segments: Sequence[Segment], *, excluded: bool = False) -> qcore.Query:
    """The query that finds the same documents and, under `Weighting`, gives them the same scores.

    segments: those of the index, for the forms that a pattern means. excluded: as part of what must not be there.
    """
    if isinstance(node, (Term, NearPhrase)):
        return _unscored_leaf(node, segments) if excluded else _scored_leaf(node, segments)
    if isinstance(node, Combination):
        return _combination(node, segments, excluded=excluded)
    if isinstance(node, Compound):
        return to_whoosh(Combination(should=(node,)), segments, excluded=excluded)
    if isinstance(node, EveryDocument):
        return _Boosted(qcore.Every(), 0.0)  # type: ignore[no-untyped-call]
    if isinstance(node, NoDocument):
        return qcore.NullQuery
    if isinstance(node, LanguageIs):
        return _Boosted(term_queries.Term("language", node.code), 0.0)
    if isinstance(node, DateRange):
        return _Boosted(_dates(node), 0.0)
    if isinstance(node, FilterCombination):  # filters have no score, however they are joined
        joined = Combination(node.must, node.should, node.must_not)
        return _Boosted(to_whoosh(joined, segments, excluded=excluded), 0.0)
    raise TypeError(f"Whoosh is asked for what was typed alone, not for {node}")


def _combination(node: Combination, segments: Sequence[Segment], *, excluded: bool) -> qcore.Query:
    adding = [part for part in node.should if isinstance(part, Compound)]
    should = [
        # What a compound finds has no score by itself.
        _Boosted(_unscored_leaf(child.phrase, segments), 0.0)
        if isinstance(child, Compound)
        else to_whoosh(child, segments, excluded=excluded)
        for child in node.should
    ]
    must = [to_whoosh(child, segments, excluded=excluded) for child in node.must]
    wanted: qcore.Query = _Boosted(qcore.Every(), 0.0)  # type: ignore[no-untyped-call]
    if must:
        wanted = _with_more(compound.And(must), should)
    elif should:
        wanted = compound.DefaultOr(should)
    if adding and not excluded:
        parts = [
            _Boosted(_scored_leaf(part, segments), child.phrase.boost)
            for child in adding
            for part in child.phrase.parts
        ]
        wanted = _with_more(wanted, parts)
    if node.must_not:
        unwanted = compound.DefaultOr([to_whoosh(child, segments, excluded=True) for child in node.must_not])
        # Not AndNot: its matcher overlooks an exclusion that begins before the first document found.
        wanted = compound.And([wanted, _Boosted(Not(unwanted), 0.0)])
    return _Boosted(wanted, node.boost)


def _with_more(wanted: qcore.Query, more: Sequence[qcore.Query]) -> qcore.Query:
    """What is wanted, with the scores of more added. Not AndMaybe: its matcher may lose them where it skips documents."""
    return compound.And([compound.DefaultOr([wanted, *more]), _Boosted(wanted, 0.0)]) if more else wanted


def _dates(node: DateRange) -> qcore.Query:
    if node.since is None and node.until is None:
        return qcore.Every("date")  # type: ignore[no-untyped-call]
    return ranges.DateRange("date", _midnight(node.since), _midnight(node.until))


def _midnight(day: datetime.date | None) -> datetime.datetime | None:
    return None if day is None else datetime.datetime.combine(day, datetime.time())


def _terms(term: Term, segments: Sequence[Segment]) -> tuple[str, tuple[str, ...]]:
    """(kind, terms) that a query word is looked up by."""
    if term.kind == "lemma":
        return KEYS, term.keys
    forms = {segment.forms[number] for segment in segments for number in term.forms(segment).tolist()}
    return FORMS, tuple(sorted(forms))


def _near(phrase: NearPhrase, part: str, segments: Sequence[Segment]) -> NearWords:
    words = tuple(_terms(term, segments) for term in phrase.parts)
    return NearWords(part, words, phrase.slop, everywhere=phrase.field is None)


def _unscored_leaf(leaf: Scored, segments: Sequence[Segment]) -> qcore.Query:
    part = leaf.field or TEXT
    if isinstance(leaf, NearPhrase):
        return _near(leaf, part, segments)
    kind, terms = _terms(leaf, segments)
    return Words(field_of(kind, part), terms)


def _scored_leaf(leaf: Scored, segments: Sequence[Segment]) -> qcore.Query:
    queries: list[qcore.Query] = []
    for part in (TEXT, TITLE) if leaf.field is None else (leaf.field,):
        if isinstance(leaf, NearPhrase):
            queries.append(_near(leaf, part, segments))
        else:
            queries += _term_queries(leaf, part, segments)
    return _Boosted(compound.DefaultOr(queries), leaf.boost)


def _term_queries(leaf: Term, part: str, segments: Sequence[Segment]) -> Iterator[qcore.Query]:
    alone = leaf.stem is None
    tiers = [_terms(leaf, segments)]
    if leaf.stem is not None:
        tiers.append((STEMS, (leaf.stem,)))
    if len(leaf.keys) > 1:
        kind, whole = field_of(KEYS, part), field_of(KEYS, leaf.field or TEXT)
        forms = tuple({segment.forms[form] for segment in segments for form in _forms_of_all(segment, leaf.keys)})
        shared = Words(field_of(FORMS, leaf.field or TEXT), forms)
        yield Words(kind, leaf.keys, whole, alone=alone, shared=shared)
        counted_as, whole = Words(whole, leaf.keys), field_of(FORMS, leaf.field or TEXT)
        yield Words(field_of(FORMS, part), forms, whole, alone=alone, counted_as=counted_as)
        tiers = tiers[1:]
    for kind, terms in tiers:
        if leaf.field is None and len(terms) == 1 and not alone:
            yield term_queries.Term(field_of(kind, part), terms[0])
        else:
            yield Words(field_of(kind, part), terms, field_of(kind, leaf.field or TEXT), alone=alone)


def _forms_of_all(segment: Segment, keys: Sequence[str]) -> set[int]:
    return set.intersection(*(set(segment.forms_of_key(key).tolist()) for key in keys))


def whoosh_scores(searcher: Any, whoosh_query: qcore.Query) -> dict[str, float]:
    """The id of every document found, with its score."""
    collector = UnlimitedCollector()  # type: ignore[no-untyped-call]
    searcher.search_with_collector(whoosh_query, collector)
    return {searcher.stored_fields(doc)["id"]: float(score) for score, doc in collector.items}
