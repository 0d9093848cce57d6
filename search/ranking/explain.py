"""Why a document was found: the parts of its score, and which word met which form through which key."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from indexer.analysis.normalize import fold_yo
from indexer.codec.segment import Segment
from search.collection import Collection
from search.query.analysed import AnalysedNode, Combination, Compound, Forms, NearPhrase, Scored, Term
from search.ranking.bm25 import tf
from search.ranking.evaluate import Evaluation, Part, field_lengths
from search.ranking.matching import TEXT, Matches
from search.ranking.nearness import Nearness
from search.results import Explanation, FormMatch, TermMatch


def explain(
    evaluation: Evaluation,
    root: AnalysedNode,
    collection: Collection,
    nearness: Nearness | None,
    number: int,
    doc: int,
    total: float,
) -> Explanation:
    """The explanation of a document that was found: doc id `doc` in segment `number`, with the score `total`.

    The scores of its matches add up to `total`.
    """
    segment = collection.segments[number]
    matches = []
    for leaf, boost in _boosted_leaves(root, 1.0, evaluation, number, doc):
        for part in evaluation.leaves[leaf.identity].parts:
            place = _place(part.matches[number], doc)
            if place is None or not part.matches[number].freqs_in(part.field)[place]:
                continue
            lengths = field_lengths(segment, part.field)
            norms = evaluation.norms(number, part.field)[[doc]]
            freqs = part.matches[number].freqs_in(part.field)[[place]]
            weight = leaf.boost * part.weight * boost
            if part.field == "title" and leaf.field is None:
                weight *= float(evaluation.title_share(number)[doc])
            matches.append(
                TermMatch(
                    word=leaf.text if isinstance(leaf, Term) else " ".join(term.text for term in leaf.parts),
                    field=part.field,
                    tier=part.tier,
                    forms=tuple(_form_matches(segment, leaf, part, doc)),
                    doc_freq=part.doc_freq,
                    idf=part.idf,
                    field_length=int(lengths[doc]),
                    avg_field_length=collection.fields[part.field].average_length,
                    boost=weight,
                    score=float(weight * part.idf * tf(freqs, norms, evaluation.field_parameters(part.field))[0]),
                )
            )
    if nearness is not None and nearness.holds(number, doc):
        matches += _nearness_matches(nearness, collection, number, doc)
    return Explanation(tuple(matches), total)


def _nearness_matches(nearness: Nearness, collection: Collection, number: int, doc: int) -> Iterator[TermMatch]:
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


def _boosted_leaves(
    node: AnalysedNode, boost: float, evaluation: Evaluation, number: int, doc: int
) -> Iterator[tuple[Scored, float]]:
    """The leaves that add to the document's score, with the product of the boosts above them."""
    if isinstance(node, (Term, NearPhrase)):
        yield node, boost
    elif isinstance(node, Compound):
        for part in node.phrase.parts:
            yield part, boost * node.phrase.boost
    elif isinstance(node, Combination):
        for child in (*node.must, *node.should):
            # What a nested combination adds counts only where the combination as a whole is met.
            if not isinstance(child, Combination) or evaluation.finds(number, child, doc):
                yield from _boosted_leaves(child, boost * node.boost, evaluation, number, doc)


def _place(matches: Matches, doc: int) -> int | None:
    place = int(np.searchsorted(matches.docs, doc))
    return place if place < len(matches.docs) and int(matches.docs[place]) == doc else None


def _form_matches(segment: Segment, leaf: Scored, part: Part, doc: int) -> Iterator[FormMatch]:
    """The forms of the leaf that stand in the field of the document, most frequent first."""
    found = []
    for term in leaf.parts if isinstance(leaf, NearPhrase) else (leaf,):
        numbers: Forms = term.forms(segment)
        if part.tier == "stem" and term.stem is not None:
            numbers = segment.forms_of_stem(term.stem)
        for number in numbers.tolist():
            docs, body_freqs, title_freqs = segment.postings(number)
            place = int(np.searchsorted(docs, doc))
            if place < len(docs) and int(docs[place]) == doc:
                freq = 0
                if part.field in ("body", TEXT):
                    freq += int(body_freqs[place])
                if part.field in ("title", TEXT):
                    freq += int(title_freqs[place])
                if freq:
                    found.append(FormMatch(segment.forms[number], _shared_keys(segment, term, part, number), freq))
    yield from sorted(found, key=lambda match: (-match.term_freq, match.form))


def _shared_keys(segment: Segment, term: Term, part: Part, number: int) -> tuple[str, ...]:
    """Through what the form answers the term: keys that both have, the stem, or the form itself."""
    if part.tier == "stem" and term.stem is not None:
        return (term.stem,)
    if term.keys:
        return tuple(key for key in segment.keys_of_form(number) if key in term.keys)
    return (fold_yo(segment.forms[number]),)
