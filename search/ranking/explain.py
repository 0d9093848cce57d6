"""Explains why documents were found: the parts of its score, and the forms and keys through which each word was matched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple, Protocol, TypeAlias

import numpy as np

from naidi.indexer.analysis.normalize import fold_yo
from naidi.indexer.codec.positions import StemRows, forms_in, stem_rows_of
from naidi.indexer.codec.segment import Segment

from ..collection import Collection
from ..explanation import Explanation, FormMatch, TermMatch, bridge_of
from ..query.analysed import (
    AnalysedNode,
    Bridged,
    Combination,
    Compound,
    Forms,
    Identity,
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


class Explainer:
    """Explains why documents were found. What it looks up for a word serves all documents of a segment.

    Parameters:
      evaluation: of the query.
      root: the query.
      collection: the index.
      nearness: the bonuses for nearness; None if there are none.
    """

    def __init__(
        self, evaluation: Evaluation, root: AnalysedNode, collection: Collection, nearness: Bonus | None
    ) -> None:
        self._evaluation = evaluation
        self._root = root
        self._collection = collection
        self._nearness = nearness
        self._answering: dict[tuple[int, Identity, str], list[tuple[Term, StemRows]]] = {}

    def explain(self, number: int, doc: int, total: float) -> Explanation:
        """Explain why a document was found. The scores of the matches add up to its score, but for the factor of recency.

        Parameters:
          number: of the segment.
          doc: the doc id there.
          total: the score of the document.
        """
        matches: list[TermMatch] = []
        for term, boost, bridge in self._root.accept(_Contributions(self._evaluation, number, doc)):
            for part in self._evaluation.matched[term.identity].parts:
                weight = boost * term.boost * part.weight
                found = self._part_matches(term, part, weight, number, doc)
                matches += [replace(match, bridge=bridge) for match in found] if bridge else found
        if self._nearness is not None and self._nearness.holds(number, doc):
            matches += _nearness_matches(self._nearness, self._collection, number, doc)
        return Explanation(tuple(matches), total)

    def _part_matches(self, term: Scored, part: ScorePart, weight: float, number: int, doc: int) -> Iterator[TermMatch]:
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
        impacts = [(field, impact) for field, impact in impacts if impact]
        if not impacts:
            return
        segment = self._collection.segments[number]
        lengths = {"title": int(segment.title_lengths[doc]), "body": int(segment.body_lengths[doc])}
        occurrences = self._occurrences(term, part, number, doc)
        for field, impact in impacts:
            yield TermMatch(
                word=term.typed_text,
                field=field,
                tier=part.tier,
                forms=_form_matches(occurrences, field),
                doc_freq=part.doc_freq,
                idf=part.idf,
                field_length=lengths[field] if field in lengths else sum(lengths.values()),
                avg_field_length=self._collection.fields[field].average_length,
                boost=weight,
                score=weight * part.idf * impact,
                keyword_freq=sum(found.in_keywords for found in occurrences) if field == TEXT else 0,
            )

    def _occurrences(self, term: Scored, part: ScorePart, number: int, doc: int) -> list[_Occurrences]:
        """The forms of the document that answer the term."""
        segment = self._collection.segments[number]
        key = number, term.identity, part.tier
        answering = self._answering.get(key)
        if answering is None:
            answering = [(word, stem_rows_of(segment, _forms_of(segment, word, part))) for word in term.parts]
            self._answering[key] = answering
        title_end = int(segment.doc_starts[doc]) + int(segment.title_lengths[doc])
        body_end = int(segment.body_ends[doc])
        return [
            _Occurrences(
                segment.forms[form],
                _shared_keys(segment, word, part, form),
                in_title=int(np.count_nonzero(positions < title_end)),
                in_keywords=int(np.count_nonzero(positions >= body_end)),
                in_all=len(positions),
            )
            for word, sources in answering
            for form, positions in forms_in(sources, doc)
        ]


class _Occurrences(NamedTuple):
    """A form in a document that answers a word, and how often it stands in each part of the document."""

    form: str
    keys: tuple[str, ...]
    in_title: int
    in_keywords: int
    in_all: int

    def freq(self, field: str) -> int:
        """How often it stands in a field."""
        return {"title": self.in_title, "body": self.in_all - self.in_title - self.in_keywords, TEXT: self.in_all}[
            field
        ]


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


def _forms_of(segment: Segment, word: Term, part: ScorePart) -> Forms:
    """The numbers of the forms that answer a word in this part of its score."""
    if part.tier == "stem" and word.stem is not None:
        return segment.forms_of_stem(word.stem)
    if part.tier == "lemmas":
        return forms_of_all_keys(segment, word.keys)
    return word.forms(segment)


def _form_matches(occurrences: list[_Occurrences], field: str) -> tuple[FormMatch, ...]:
    """The forms that match the term in a field of the document, most frequent first."""
    found = [FormMatch(each.form, each.keys, freq) for each in occurrences if (freq := each.freq(field))]
    return tuple(sorted(found, key=lambda match: (-match.term_freq, match.form)))


def _shared_keys(segment: Segment, term: Term, part: ScorePart, number: int) -> tuple[str, ...]:
    """The keys that the form and the term share; the stem for a match by stem; the form itself for a term without keys."""
    if part.tier == "stem" and term.stem is not None:
        return (term.stem,)
    if term.keys:
        return tuple(key for key in segment.keys_of_form(number) if key in term.keys)
    return (fold_yo(segment.forms[number]),)
