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
So it is an option and never a default. "auto" takes it only where it promises something (see `_promises`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
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
# When it promises something. See "Documents as queries" in docs/decisions.md, which has the figures.
FEWEST_WORDS = 10
LEAST_LEAD = 0.08
LEAST_AGREEMENT = 0.08
MOST_COVERED = 0.4


def expanded(
    collection: Collection,
    root: AnalysedNode,
    best: Sequence[FoundDocument],
    parameters: RankingParameters | None = None,
    *,
    careful: bool = False,
    words_of: Callable[[Sequence[FoundDocument]], Sequence[Sequence[DocumentWord]]] | None = None,
) -> AnalysedNode:
    """The query with key terms of its best documents.

    Required and excluded parts and filters stay as they are; beside required parts the new words only change the order. A query
    without words stays as it is. The new words come in no order, so evaluate the result with `root` as its `ordered` part.

    Parameters:
      collection: the index.
      root: the query.
      best: its documents, best first; only the first DOCUMENTS are read.
      parameters: of the ranking; None for the defaults.
      careful: leave the query as it is where its documents do not promise that it gains.
      words_of: gives the words of documents, of LETTERS of each; None reads them from the segments of the collection.

    Raises IndexDamaged if a document cannot be read.
    """
    if not best or not any(not excluded for _, excluded in root.terms()):
        return root
    best = best[:DOCUMENTS]
    if careful and not _says_enough(root, best):
        return root
    if words_of is None:
        documents: Sequence[Sequence[DocumentWord]] = [
            document_words(collection, number, doc, LETTERS) for number, doc, _ in best
        ]
    else:
        documents = words_of(best)
    if careful and not _promises(root, documents, collection.doc_count):
        return root
    unwanted = {key for term, excluded in root.terms() if excluded for key in _keys_of(term)}
    power = (parameters or RankingParameters()).idf_power
    weighed = _weighed(documents, collection.doc_count, power, unwanted)
    return _expanded(collection, root, weighed) if weighed else root


def added_words(root: AnalysedNode, more: AnalysedNode) -> list[tuple[str, float]]:
    """(word, weight) of the key terms that an expanded query has beside its own words, the weightiest first.

    Parameters:
      root: the query.
      more: what `expanded` made of it.

    A weight is above 0 and at most 1, that of the weightiest key term.
    """
    has = {term.identity for term, _ in root.terms()}
    added = [term for term, _ in more.terms() if isinstance(term, Term) and term.identity not in has]
    return [(term.text, term.boost / WEIGHT) for term in sorted(added, key=lambda term: (-term.boost, term.text))]


def _says_enough(root: AnalysedNode, best: Sequence[FoundDocument]) -> bool:
    """Whether a query has many words, and its best document leads by so much that it certainly is about the subject.

    With fewer words a document is looked for rather than described. Where two documents are nearly as good, further words change
    their places.
    """
    words = {term.identity for term in root.typed_words()}
    if len(words) < FEWEST_WORDS or len(best) < DOCUMENTS:
        return False
    first, second = best[0].score, best[1].score
    return first - second >= LEAST_LEAD * first


def _promises(root: AnalysedNode, documents: Sequence[Sequence[DocumentWord]], doc_count: int) -> bool:
    """Whether the best documents are about one subject, and lack what the query says of it.

    If the first one has nearly all words of the query, it is what was looked for.
    """
    return _agreement(documents, doc_count) >= LEAST_AGREEMENT and _covered(root, documents, doc_count) <= MOST_COVERED


def _covered(root: AnalysedNode, documents: Sequence[Sequence[DocumentWord]], doc_count: int) -> float:
    """Which part of the words of a query the first document has, each weighed by its idf, from 0 to 1."""
    doc_freqs = {word.key: word.doc_freq for words in documents for word in words}
    first = {word.key for word in documents[0]}
    covered = total = 0.0
    for keys in {term.identity: term.keys for term in root.typed_words()}.values():
        doc_freq = max((doc_freqs[key] for key in keys if key in doc_freqs), default=0)
        weight = idf(doc_count, min(doc_freq, doc_count))
        total += weight
        covered += weight if not first.isdisjoint(keys) else 0.0
    return covered / total if total else 1.0


def _agreement(documents: Sequence[Sequence[DocumentWord]], doc_count: int) -> float:
    """How alike documents are, from 0 to 1: the mean cosine of all pairs, with (1 + ln freq) * idf as the weight of a word.

    Documents about one subject share its words. The answers to a question share little but the words of the question.
    """
    vectors = []
    for words in documents:
        weights = {
            word.key: (1.0 + math.log(word.freq)) * idf(doc_count, min(word.doc_freq, doc_count)) for word in words
        }
        length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
        vectors.append({key: weight / length for key, weight in weights.items()})
    total: dict[str, float] = {}
    for vector in vectors:
        for key, weight in vector.items():
            total[key] = total.get(key, 0.0) + weight
    # The square of the sum of the vectors has each pair twice, and each vector with itself.
    alone = sum(weight * weight for vector in vectors for weight in vector.values())
    pairs = len(vectors) * (len(vectors) - 1)
    return (sum(weight * weight for weight in total.values()) - alone) / pairs if pairs else 0.0


def _weighed(
    documents: Sequence[Sequence[DocumentWord]], doc_count: int, power: float, unwanted: set[str]
) -> dict[str, tuple[DocumentWord, float]]:
    """key -> (word, boost) of the words to add to the query, best first.

    documents: the words of the best documents. unwanted: keys of excluded words.
    """
    relevance: dict[str, float] = {}
    word_of: dict[str, DocumentWord] = {}
    for rank, words in enumerate(documents, 1):
        length = sum(word.freq for word in words)
        for word in words:
            relevance[word.key] = relevance.get(word.key, 0.0) + word.freq / length / rank
            word_of.setdefault(word.key, word)
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
