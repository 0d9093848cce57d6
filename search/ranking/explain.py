"""Explains why a document was found: the parts of its score, and the forms and keys through which each word was matched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Protocol, TypeAlias

import numpy as np

from naidi.indexer.analysis.normalize import fold_yo
from naidi.indexer.codec.positions import Positions, forms_in
from naidi.indexer.codec.segment import Segment

from ..collection import Collection
from ..explanation import Explanation, FormMatch, TermMatch, bridge_of
from ..query.analysed import (
    AnalysedNode,
    Bridged,
    Combination,
    Compound,
    Forms,
    NearPhrase,
    Scored,
    Term,
    Visitor,
)
from .evaluate import Evaluation
from .matched_terms import ScorePart, forms_of_all_keys
from .nearness import PairFreqs
from .postings import TEXT


class Bonus(Protocol):
    """The bonus of documents for nearness, as `Nearness` tells it."""

    def holds(self, number: int, doc: int) -> bool: ...
    def of_document(self, number: int, doc: int) -> Iterator[tuple[PairFreqs, int, float]]: ...
    def weight(self, pair: PairFreqs) -> float: ...


def explain(
    evaluation: Evaluation,
    root: AnalysedNode,
    collection: Collection,
    nearness: Bonus | None,
    number: int,
    doc: int,
    total: float,
) -> Explanation:
    """Explain why a document was found. The scores of the matches add up to its score, but for the factor of recency.

    Parameters:
      evaluation: of the query.
      root: the query.
      collection: the index.
      nearness: the bonuses for nearness; None if there are none.
      number: of the segment.
      doc: the doc id there.
      total: the score of the document.
    """
    matches: list[TermMatch] = []
    for term, boost, bridge in root.accept(_Contributions(evaluation, number, doc)):
        for part in evaluation.matched[term.identity].parts:
            weight = boost * term.boost * part.weight
            found = _part_matches(evaluation, collection, term, part, weight, number, doc)
            matches += [replace(match, bridge=bridge) for match in found] if bridge else found
    if nearness is not None and nearness.holds(number, doc):
        matches += _nearness_matches(nearness, collection, number, doc)
    return Explanation(tuple(matches), total)


def _nearness_matches(nearness: Bonus, collection: Collection, number: int, doc: int) -> Iterator[TermMatch]:
    segment = collection.segments[number]
    for pair, freq, score in nearness.of_document(number, doc):
        words = f"{pair.left.text} {pair.right.text}"
        yield TermMatch(
            word=words,
            field=TEXT,
            tier="nearness",
            forms=(FormMatch(words, (), freq),),
            doc_freq=pair.doc_freq,
            idf=pair.idf,
            field_length=int(segment.title_lengths[doc]) + int(segment.body_lengths[doc]),
            avg_field_length=collection.fields[TEXT].average_length,
            boost=nearness.weight(pair),
            score=score,
        )


_Contribution: TypeAlias = "tuple[Scored, float, str]"


class _Contributions(Visitor["Iterator[_Contribution]"]):
    """The terms and phrases that add to a document's score: (term or phrase, boost, bridge) of each.

    boost: the product of the boosts and weights above it.
    bridge: how its words came into the query, for example "romanisation of Токаев"; empty for typed words.
    """

    def __init__(self, evaluation: Evaluation, number: int, doc: int, boost: float = 1.0, bridge: str = "") -> None:
        self._evaluation = evaluation
        self._number = number
        self._doc = doc
        self._boost = boost
        self._bridge = bridge

    def _below(self, node: AnalysedNode, boost: float, bridge: str) -> Iterator[_Contribution]:
        """The terms below a node. A combination adds only to documents that it finds."""
        if isinstance(node, Combination) and not self._evaluation.finds(self._number, node, self._doc):
            return iter(())
        return node.accept(_Contributions(self._evaluation, self._number, self._doc, boost, bridge))

    def term(self, node: Term) -> Iterator[_Contribution]:
        yield node, self._boost, self._bridge

    def near_phrase(self, node: NearPhrase) -> Iterator[_Contribution]:
        yield node, self._boost, self._bridge

    def compound(self, node: Compound) -> Iterator[_Contribution]:
        for part in node.phrase.parts:
            yield part, self._boost * node.phrase.boost, self._bridge

    def bridged(self, node: Bridged) -> Iterator[_Contribution]:
        alternative, weight = self._evaluation.best_arm(self._number, node, self._doc)
        if alternative is None:
            return self._below(node.own, self._boost * weight, self._bridge)
        bridge = bridge_of(alternative.kind, node.own.typed_text)
        return self._below(alternative.node, self._boost * weight, bridge)

    def combination(self, node: Combination) -> Iterator[_Contribution]:
        for child in node.wanted:
            yield from self._below(child, self._boost * node.boost, self._bridge)

    def other(self, node: AnalysedNode) -> Iterator[_Contribution]:
        return iter(())


def _part_matches(
    evaluation: Evaluation, collection: Collection, term: Scored, part: ScorePart, weight: float, number: int, doc: int
) -> Iterator[TermMatch]:
    """The matches of one part of a term's score: in the whole text and in the title, or in the one field that is searched."""
    postings = part.postings[number]
    rows, there = postings.rows_of(np.array([doc]))
    if not there[0]:
        return
    docs, codes = np.array([doc]), postings.codes[rows]
    if postings.given is not None:
        assert term.field is not None
        impacts = [(term.field, float(postings.given[rows[0]]))]
    else:
        both = postings.impacts.text(docs, codes), postings.impacts.title(docs, codes)
        impacts = [(field, float(values[0])) for field, values in zip((TEXT, "title"), both, strict=True)]
    segment = collection.segments[number]
    for field, impact in impacts:
        if not impact:
            continue
        lengths = {"title": int(segment.title_lengths[doc]), "body": int(segment.body_lengths[doc])}
        yield TermMatch(
            word=term.typed_text,
            field=field,
            tier=part.tier,
            forms=tuple(_form_matches(segment, term, part, field, doc)),
            doc_freq=part.doc_freq,
            idf=part.idf,
            field_length=lengths[field] if field in lengths else sum(lengths.values()),
            avg_field_length=collection.fields[field].average_length,
            boost=weight,
            score=weight * part.idf * impact,
            keyword_freq=_keyword_freq(segment, term, part, doc) if field == TEXT else 0,
        )


def _keyword_freq(segment: Segment, term: Scored, part: ScorePart, doc: int) -> int:
    """How often the words of a term stand in the names and keywords of the document."""
    if not segment.keyword_lengths[doc]:
        return 0
    positions = [positions for word in term.parts for _, positions in _found_forms(segment, word, part, doc)]
    return int(sum(np.count_nonzero(found >= segment.body_ends[doc]) for found in positions))


def _found_forms(segment: Segment, word: Term, part: ScorePart, doc: int) -> Iterator[tuple[int, Positions]]:
    """(form, its positions) for the forms of the document that answer a word."""
    numbers: Forms = word.forms(segment)
    if part.tier == "stem" and word.stem is not None:
        numbers = segment.forms_of_stem(word.stem)
    elif part.tier == "lemmas":
        numbers = forms_of_all_keys(segment, word.keys)
    return forms_in(segment, numbers, doc)


def _form_matches(segment: Segment, term: Scored, part: ScorePart, field: str, doc: int) -> Iterator[FormMatch]:
    """The forms that match the term in a field of the document, most frequent first."""
    found = []
    title_end = int(segment.doc_starts[doc]) + int(segment.title_lengths[doc])
    body_end = int(segment.body_ends[doc])
    for word in term.parts:
        for number, positions in _found_forms(segment, word, part, doc):
            in_title = int(np.count_nonzero(positions < title_end))
            in_body = int(np.count_nonzero(positions < body_end)) - in_title
            freq = {"title": in_title, "body": in_body, TEXT: len(positions)}[field]
            if freq:
                found.append(FormMatch(segment.forms[number], _shared_keys(segment, word, part, number), freq))
    yield from sorted(found, key=lambda match: (-match.term_freq, match.form))


def _shared_keys(segment: Segment, term: Term, part: ScorePart, number: int) -> tuple[str, ...]:
    """The keys that the form and the term share; the stem for a match by stem; the form itself for a term without keys."""
    if part.tier == "stem" and term.stem is not None:
        return (term.stem,)
    if term.keys:
        return tuple(key for key in segment.keys_of_form(number) if key in term.keys)
    return (fold_yo(segment.forms[number]),)
