"""Adds key terms of the best documents to a query: pseudo-relevance feedback.

The best documents are taken as relevant. The relevance of a word is

    relevance(word) = sum over the best documents of freq / length / rank

It estimates the probability of the word in relevant documents (Lavrenko and Croft, "Relevance-based language models", SIGIR 2001).
Here documents are weighed by 1 / rank instead of their likelihood. The TERMS words with the greatest relevance * idf ** power are
added to the query. The boost of each is

    WEIGHT * relevance * idf ** (1 - power) / (the greatest of these products)

Its score has idf ** power already, so its idf counts once. The query keeps its own weights (interpolation as in RM3; Abdul-Jaleel
et al., "UMass at TREC 2004"). A word that the query has already gets more weight instead of a second term.

Feedback finds more if a query describes its subject in many words. It finds less if one document is wanted that is first already.
So it is an option and never a default.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..collection import Collection
from ..query.analysed import AnalysedNode, Bridged, Combination, Filter, Scored, Term
from ..query.rewrite import lemma_term
from .bm25 import RankingParameters, idf
from .document_words import DocumentWord, document_words
from .found_page import FoundDocument

# nDCG@10 of Cranfield / CACM rises from .450 / .502 to .476 / .502. With half the documents CACM loses .01, with half the words or
# more weight .003. With twice as many documents Cranfield loses .002, with less weight .006.
DOCUMENTS = 10
TERMS = 40
WEIGHT = 0.5
# How many characters of each document are read. The beginning of a long document says what it is about.
LETTERS = 4_000


def expanded(
    collection: Collection,
    root: AnalysedNode,
    best: Sequence[FoundDocument],
    parameters: RankingParameters | None = None,
) -> AnalysedNode:
    """The query with key terms of its best documents.

    Required and excluded parts and filters stay as they are; beside required parts the new words only change the order. A query
    without words stays as it is. The new words come in no order, so evaluate the result with `root` as its `ordered` part.

    Parameters:
      collection: the index.
      root: the query.
      best: its documents, best first; only the first DOCUMENTS are read.
      parameters: of the ranking; None for the defaults.

    Raises IndexDamaged if a document cannot be read.
    """
    if not best or not any(not excluded for _, excluded in root.terms()):
        return root
    unwanted = {key for term, excluded in root.terms() if excluded for key in _keys_of(term)}
    power = (parameters or RankingParameters()).idf_power
    weighed = _weighed(collection, best[:DOCUMENTS], power, unwanted)
    return _expanded(collection, root, weighed) if weighed else root


def _weighed(
    collection: Collection, best: Sequence[FoundDocument], power: float, unwanted: set[str]
) -> dict[str, tuple[DocumentWord, float]]:
    """key -> (word, boost) of the words to add to the query, best first. unwanted: keys of excluded words."""
    relevance: dict[str, float] = {}
    word_of: dict[str, DocumentWord] = {}
    for rank, (number, doc, _) in enumerate(best, 1):
        words = document_words(collection, number, doc, LETTERS)
        length = sum(word.freq for word in words)
        for word in words:
            relevance[word.key] = relevance.get(word.key, 0.0) + word.freq / length / rank
            word_of.setdefault(word.key, word)
    doc_count = collection.doc_count
    ranked = []
    for key, value in relevance.items():
        # A word of one document alone leads to no other document. Numbers say little about the subject.
        if word_of[key].doc_freq > 1 and key not in unwanted and not key.isdecimal():
            weight = idf(doc_count, min(word_of[key].doc_freq, doc_count))
            ranked.append((-value * weight**power, key, value * weight ** (1.0 - power)))
    chosen = sorted(ranked)[:TERMS]
    most = max((value for _, _, value in chosen), default=1.0)
    return {key: (word_of[key], WEIGHT * value / most) for _, key, value in chosen}


def _expanded(
    collection: Collection, root: AnalysedNode, weighed: Mapping[str, tuple[DocumentWord, float]]
) -> Combination:
    """The query with the weighed words: those that it has get more weight, the others are added as optional words."""
    if isinstance(root, Combination) and not root.should:
        needed = [node for node in root.must if not isinstance(node, Filter)]
        if len(needed) == 1:  # a query with filters around it
            inner = _expanded(collection, needed[0], weighed)
            return replace(root, must=tuple(inner if node is needed[0] else node for node in root.must))
    has = {key for term, _ in root.terms() for key in _keys_of(term)}
    patterns = [term for term, _ in root.terms() if isinstance(term, Term) and not term.keys]
    boosts = {key: boost for key, (_, boost) in weighed.items()}
    more = tuple(
        replace(lemma_term(collection, word.form, key), boost=boost)
        for key, (word, boost) in weighed.items()
        if key not in has and not any(_answers(collection, pattern, word.form) for pattern in patterns)
    )
    raised = root.with_terms(lambda term: _raised(term, boosts))
    if isinstance(raised, Combination):
        return replace(raised, should=(*raised.should, *more))
    if isinstance(raised, Bridged) or (isinstance(raised, Term) and raised.kind == "lemma" and raised.field is None):
        return Combination(should=(raised, *more))
    # A phrase, a pattern or a word in a field was asked for as it is, so documents must have it.
    return Combination(must=(raised,), should=more)


def _raised(term: Term, boosts: Mapping[str, float]) -> Term:
    """The term, with more weight if it is a plain word that has a boost here."""
    more = max((boosts[key] for key in term.keys if key in boosts), default=0.0)
    return replace(term, boost=term.boost * (1.0 + more)) if more and term.kind == "lemma" else term


def _answers(collection: Collection, pattern: Term, form: str) -> bool:
    """Whether a form matches a pattern or an exact word, in any segment."""
    for segment in collection.segments:
        number = segment.forms.find(form)
        if number >= 0 and number in pattern.forms(segment):
            return True
    return False


def _keys_of(term: Scored) -> Sequence[str]:
    return [key for part in term.parts for key in part.keys]
