"""Matches a term or phrase of a query in all segments: its postings, and the weights of their scores."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from naidi.indexer.codec.segment import Segment
from naidi.indexer.late import np
from naidi.indexer.record import record

from ..cache import Attached, Cache
from ..query.analysed import Forms, Identity, NearPhrase, Scored, Term
from .bm25 import RankingParameters, idf, phrase_idf
from .postings import PostingReader, Postings

# Bytes for the cache of matched terms.
_MATCHED_BYTES = 3_000_000


class ScorePart(NamedTuple):
    """One of the scores that add up to the score of a term or phrase: weight * idf * impact of its postings.

    tier: how words are matched: "lemma", "lemmas" (of a form that may be of several: by forms that may be of all of them), "stem",
      "exact", "prefix", "wildcard", "fuzzy" or "phrase".
    doc_freq: live documents that have it, in the searched field.
    idf: raised to idf_power.
    weight: without idf and boost.
    postings: by segment.
    """

    tier: str
    doc_freq: int
    idf: float
    weight: float
    postings: list[Postings]


@record
class MatchedTerm:
    """The postings of a term or phrase in all segments.

    own: by segment, the postings of its own forms.
    stem: by segment, the postings of its stem; None if the stem does not count.
    nested: by segment, whether all documents of `own` are in `stem` too.
    parts: the parts of its score that any document has.
    lists: by segment, (weight without boost, postings) of the posting lists whose weighted impacts add up to the score: the stem's
      first, then its own, then those of the forms with all of its lemmas. Empty lists are left out. If the first two lists are the
      same, there is one with both weights.
    """

    own: list[Postings]
    stem: list[Postings] | None
    nested: list[bool]
    parts: list[ScorePart]
    lists: list[list[tuple[float, Postings]]]

    @property
    def weight(self) -> float:
        """The sum of weight * idf of its parts, without its boost; 0 if no document has it."""
        return sum(part.weight * part.idf for part in self.parts)

    @property
    def first_weight(self) -> float:
        """The weight * idf of the first of its parts; 0 if no document has it."""
        return self.parts[0].weight * self.parts[0].idf if self.parts else 0.0

    @property
    def idf(self) -> float:
        """The greatest idf of its parts; 1 if no document has it."""
        return max((part.idf for part in self.parts), default=1.0)


def matched_term(reader: PostingReader, term: Scored) -> MatchedTerm:
    """The postings of a term or phrase in all segments. Those of terms are cached: they depend on the index alone."""
    if isinstance(term, Term):
        return _MATCHED.of(reader).get(term.identity, lambda: match_term(reader, term))
    return match_term(reader, term)


def match_term(reader: PostingReader, term: Scored) -> MatchedTerm:
    """The postings of a term or phrase in all segments, without the cache."""
    views, parameters = reader.collection.views, reader.parameters
    stem: list[Postings] | None = None
    if isinstance(term, Term):
        words = [reader.word(view, term) for view in views]
        own, nested = [word.own for word in words], [word.nested for word in words]
        if term.stem is not None:
            stem = [word.stem for word in words if word.stem is not None]
    else:
        own, nested = [reader.phrase(view, term) for view in views], [False] * len(views)
    shared = shared_postings(reader, term) if isinstance(term, Term) and len(term.keys) > 1 else None
    return weighed_term(
        parameters,
        term,
        _counted(own),
        None if stem is None else _counted(stem),
        None if shared is None else _counted(shared),
        nested,
        partial(_idf, reader, term),
    )


class CountedPostings(NamedTuple):
    """How many live documents have words, and the postings of these by segment."""

    doc_freq: int
    postings: list[Postings]


def _counted(postings: list[Postings]) -> CountedPostings:
    return CountedPostings(sum([len(each.docs) for each in postings]), postings)


def weighed_term(
    parameters: RankingParameters,
    term: Scored,
    own: CountedPostings,
    stem: CountedPostings | None,
    shared: CountedPostings | None,
    nested: list[bool],
    idf_of: Callable[[int], float],
) -> MatchedTerm:
    """Weigh the postings of a term or phrase.

    Parameters:
      parameters: of the ranking.
      term: the term or phrase.
      own: of its own forms.
      stem: of its stem; None if the stem does not count.
      shared: of the forms with all of its keys; None if they do not count, or if no document has one.
      nested: by segment, whether all documents of `own` are in `stem` too.
      idf_of: the idf of a document frequency, raised to idf_power.
    """
    # A term without a stem gets the weight of both tiers, so that it weighs no less than a plain word.
    lemma_weight, stem_weight = parameters.lemma_weight, parameters.stem_weight
    tier = term.kind if isinstance(term, Term) else "phrase"
    tiers = [(tier, own, lemma_weight if stem is not None else lemma_weight + stem_weight)]
    if stem is not None:
        tiers.append(("stem", stem, stem_weight))
    parts = [
        ScorePart(name, counted.doc_freq, idf_of(counted.doc_freq), weight, counted.postings)
        for name, counted, weight in tiers
        if counted.doc_freq
    ]
    if shared is not None:
        whole = parts[0]
        kept = whole.weight * parameters.shared_lemmas
        parts[:1] = (
            whole._replace(weight=whole.weight - kept),
            whole._replace(tier="lemmas", weight=kept, postings=shared.postings),
        )
    of_own = sum([part.weight * part.idf for part in parts if part.postings is own.postings])
    if stem is None:
        lists = [[(of_own, each)] if len(each.docs) else [] for each in own.postings]
    else:
        of_stem = sum([part.weight * part.idf for part in parts if part.postings is stem.postings])
        lists = [
            _lists(each, of_own, of_its_stem, of_stem)
            for each, of_its_stem in zip(own.postings, stem.postings, strict=True)
        ]
    if shared is not None:
        weight = parts[1].weight * parts[1].idf
        lists = [
            [*of_both, (weight, each)] if len(each.docs) else of_both
            for of_both, each in zip(lists, shared.postings, strict=True)
        ]
    return MatchedTerm(own.postings, None if stem is None else stem.postings, nested, parts, lists)


def shared_postings(reader: PostingReader, term: Term) -> list[Postings] | None:
    """By segment, the postings of the forms that have all keys of a term. None if no document has such a form."""
    forms = partial(forms_of_all_keys, keys=term.keys)
    alike = replace(term, kind="exact", keys=(), forms=forms, stem=None, identity=("lemmas", term.keys, term.field))
    shared = [reader.word(view, alike).own for view in reader.collection.views]
    return shared if any(len(each.docs) for each in shared) else None


def forms_of_all_keys(segment: Segment, keys: Sequence[str]) -> Forms:
    """The numbers of the forms that have all of some keys, at least one, ascending."""
    forms = segment.forms_of_key(keys[0])
    for key in keys[1:]:
        forms = np.intersect1d(forms, segment.forms_of_key(key), assume_unique=True)
    return forms


def _idf(reader: PostingReader, term: Scored, doc_freq: int) -> float:
    doc_count, power = reader.collection.doc_count, reader.parameters.idf_power
    if not isinstance(term, NearPhrase):
        return float(idf(doc_count, doc_freq) ** power)
    freqs = [sum(len(reader.own(view, word)) for view in reader.collection.views) for word in term.parts]
    return phrase_idf(doc_count, freqs, power)


def _lists(own: Postings, own_weight: float, stem: Postings, stem_weight: float) -> list[tuple[float, Postings]]:
    """The lists of a term with a stem in one segment; see `MatchedTerm.lists`."""
    if stem is own:
        return [(own_weight + stem_weight, own)] if len(own.docs) else []
    found = [(stem_weight, stem)] if len(stem.docs) else []
    if len(own.docs):
        found.append((own_weight, own))
    return found


def _owned_bytes(matched: MatchedTerm) -> int:
    """Bytes of memory, about. Views of mapped files do not count."""
    return sum(1000 + postings.owned_bytes for postings in (*matched.own, *(matched.stem or ())))


_MATCHED: Attached[PostingReader, Cache[Identity, MatchedTerm]] = Attached(
    lambda _: Cache(_MATCHED_BYTES, _owned_bytes)
)
