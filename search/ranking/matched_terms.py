"""What are the postings of a term or phrase of a query in all segments, and how much does each weigh?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from ..cache import Attached, Cache
from ..query.analysed import Identity, NearPhrase, Scored, Term
from .bm25 import idf
from .postings import PostingReader, Postings

# Bytes for the terms of queries.
_MATCHED_BYTES = 3_000_000


class ScorePart(NamedTuple):
    """One of the scores that add up to a leaf's: weight * idf * factor of the postings of a tier ("lemma", "stem", ...)."""

    tier: str
    doc_freq: int
    idf: float  # raised to idf_power
    weight: float  # without idf and boost
    postings: list[Postings]  # by segment


@dataclass(frozen=True, slots=True)
class MatchedTerm:
    """own: postings by the leaf's own forms, by segment. stem: by its stem, None if that does not count. nested: by segment,
    whether own is part of stem. parts: of its score. lists: by segment, (weight without boost, postings) of the lists whose factors
    make the score; one where both are the same."""

    own: list[Postings]
    stem: list[Postings] | None
    nested: list[bool]
    parts: list[ScorePart]
    lists: list[list[tuple[float, Postings]]]

    @property
    def weight(self) -> float:
        """What its impacts are multiplied by where it is one list, without its boost; 0 if nothing has it."""
        return sum(part.weight * part.idf for part in self.parts)

    @property
    def idf(self) -> float:
        """The greatest of its parts; 1 if nothing has it."""
        return max((part.idf for part in self.parts), default=1.0)


def matched_term(reader: PostingReader, leaf: Scored) -> MatchedTerm:
    """The postings of a term or phrase in all segments. Those of a term are kept: they depend on the index alone."""
    if isinstance(leaf, Term):
        return _MATCHED.of(reader).get(leaf.identity, lambda: match_term(reader, leaf))
    return match_term(reader, leaf)


def match_term(reader: PostingReader, leaf: Scored) -> MatchedTerm:
    """The postings of a term or phrase in all segments, looked up anew."""
    views, parameters = reader.collection.views, reader.parameters
    lemma_weight, stem_weight = parameters.lemma_weight, parameters.stem_weight
    stem: list[Postings] | None = None
    if isinstance(leaf, Term):
        words = [reader.word(view, leaf) for view in views]
        own, nested = [word.own for word in words], [word.nested for word in words]
        if leaf.stem is not None:
            stem = [word.stem for word in words if word.stem is not None]
        tier = leaf.kind
    else:
        own, nested = [reader.phrase(view, leaf) for view in views], [False] * len(views)
        tier = "phrase"
    # What has no stem must not weigh less than a plain word for it.
    tiers = [(tier, own, lemma_weight if stem is not None else lemma_weight + stem_weight)]
    if stem is not None:
        tiers.append(("stem", stem, stem_weight))
    parts = []
    for name, postings, weight in tiers:
        doc_freq = sum(map(len, postings))
        if doc_freq:
            parts.append(ScorePart(name, doc_freq, _idf(reader, leaf, doc_freq), weight, postings))
    lists = [list(_lists(number, own, stem, parts)) for number in range(len(views))]
    return MatchedTerm(own, stem, nested, parts, lists)


def _idf(reader: PostingReader, leaf: Scored, doc_freq: int) -> float:
    doc_count, power = reader.collection.doc_count, reader.parameters.idf_power
    if not isinstance(leaf, NearPhrase):
        return float(idf(doc_count, doc_freq) ** power)
    # As in Lucene, a phrase weighs what its words weigh together.
    total = 0.0
    for term in leaf.parts:
        freqs = sum(len(reader.own(view, term)) for view in reader.collection.views)
        total += idf(doc_count, freqs) ** power
    return total


def _lists(
    number: int, own: list[Postings], stem: list[Postings] | None, parts: list[ScorePart]
) -> Iterator[tuple[float, Postings]]:
    own_weight = sum(part.weight * part.idf for part in parts if part.postings is own)
    if stem is None:
        if len(own[number]):
            yield own_weight, own[number]
        return
    stem_weight = sum(part.weight * part.idf for part in parts if part.postings is stem)
    if stem[number] is own[number]:
        own_weight += stem_weight
    elif len(stem[number]):
        yield stem_weight, stem[number]
    if len(own[number]):
        yield own_weight, own[number]


def _owned_bytes(matched: MatchedTerm) -> int:
    """Bytes of memory, about. What was put together counts; the rest are views of mapped files."""
    return sum(1000 + postings.owned_bytes for postings in (*matched.own, *(matched.stem or ())))


_MATCHED: Attached[PostingReader, Cache[Identity, MatchedTerm]] = Attached(
    lambda _: Cache(_MATCHED_BYTES, _owned_bytes)
)
