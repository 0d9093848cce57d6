"""Which words do the best documents of a search have in common, and how does the query look with them? Pseudo-relevance feedback.

The best documents are taken for what was meant. A word weighs

    relevance(word) = sum over them of freq / length / rank

an estimate of how likely it is in what was meant (Lavrenko and Croft, "Relevance-based language models", SIGIR 2001; documents
are weighed by their rank instead of their likelihood). The TERMS words of greatest relevance * idf ** power come into the query,
each with the boost

    WEIGHT * relevance * idf ** (1 - power) / (the greatest of all these)

so that its idf counts once in its score. The query itself is kept with its own weights (interpolation as in RM3; Abdul-Jaleel et
al., "UMass at TREC 2004"); a word that it has already gets more weight, no second leaf.

Feedback finds more where a query says much about its subject in words of its own, and less where one document is wanted that is
already first: it is asked for and never a default.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..collection import Collection
from ..query.analysed import AnalysedNode, Bridged, Combination, Filter, Scored, Term
from ..query.rewrite import lemma_term
from .bm25 import RankingParameters, idf
from .document_words import DocumentWord, document_words
from .page import FoundDocument

# nDCG@10 of Cranfield / CACM rises from .450 / .502 to .476 / .502. Half the documents lose .01 on CACM, half the words or more
# weight .003; twice as many documents lose .002 on Cranfield, less weight .006.
DOCUMENTS = 10
TERMS = 40
WEIGHT = 0.5
# Read of each document. What a long one is about stands at its beginning.
LETTERS = 4_000


def expanded(
    collection: Collection,
    root: AnalysedNode,
    best: Sequence[FoundDocument],
    parameters: RankingParameters | None = None,
) -> AnalysedNode:
    """The query with words of its best documents (best first; those from DOCUMENTS on are not looked at).

    What must be there or must not, and what is filtered, stays as it is: then the words only change the order. A query without
    words is given back as it is. The new words come in no order, so the result is evaluated with `root` as what is ordered.

    Raises IndexDamaged if a document cannot be read.
    """
    if not best or not any(not excluded for _, excluded in root.terms()):
        return root
    unwanted = {key for leaf, excluded in root.terms() if excluded for key in _keys_of(leaf)}
    power = (parameters or RankingParameters()).idf_power
    weighed = _weighed(collection, best[:DOCUMENTS], power, unwanted)
    return _expanded(collection, root, weighed) if weighed else root


def _weighed(
    collection: Collection, best: Sequence[FoundDocument], power: float, unwanted: set[str]
) -> dict[str, tuple[DocumentWord, float]]:
    """key -> (word, boost) of the words that come into the query, the best first."""
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
        # What one document alone has leads to no other, and numbers tell little.
        if word_of[key].doc_freq > 1 and key not in unwanted and not key.isdecimal():
            weight = idf(doc_count, min(word_of[key].doc_freq, doc_count))
            ranked.append((-value * weight**power, key, value * weight ** (1.0 - power)))
    chosen = sorted(ranked)[:TERMS]
    most = max((value for _, _, value in chosen), default=1.0)
    return {key: (word_of[key], WEIGHT * value / most) for _, key, value in chosen}


def _expanded(
    collection: Collection, root: AnalysedNode, weighed: Mapping[str, tuple[DocumentWord, float]]
) -> Combination:
    """The query with more weight for the words it has, and the others beside them."""
    if isinstance(root, Combination) and not root.should:
        needed = [node for node in root.must if not isinstance(node, Filter)]
        if len(needed) == 1:  # a query with filters around it
            inner = _expanded(collection, needed[0], weighed)
            return replace(root, must=tuple(inner if node is needed[0] else node for node in root.must))
    has = {key for leaf, _ in root.terms() for key in _keys_of(leaf)}
    patterns = [leaf for leaf, _ in root.terms() if isinstance(leaf, Term) and not leaf.keys]
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
    # A phrase, a pattern, a word in a field: asked for as it is written, it has to be there.
    return Combination(must=(raised,), should=more)


def _raised(term: Term, boosts: Mapping[str, float]) -> Term:
    """A word with more weight if it is a plain one among those weighed."""
    more = max((boosts[key] for key in term.keys if key in boosts), default=0.0)
    return replace(term, boost=term.boost * (1.0 + more)) if more and term.kind == "lemma" else term


def _answers(collection: Collection, pattern: Term, form: str) -> bool:
    """Whether a form is one of those that a pattern or an exact word stands for."""
    for segment in collection.segments:
        number = segment.forms.find(form)
        if number >= 0 and number in pattern.forms(segment):
            return True
    return False


def _keys_of(leaf: Scored) -> Sequence[str]:
    return [key for part in leaf.parts for key in part.keys]
