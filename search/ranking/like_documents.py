"""Which query finds documents that are like a given one? Its weightiest words, none of them needed.

    weight = sqrt(freq) * idf

as in Lucene's MoreLikeThis, whose classic similarity takes the root of the frequency; a word's term is boosted by that root, and
its idf is applied when it is scored. Of paragraphs of the same article, news of the same section and pieces of the same book,
boosts by the frequency as it is find .01 to .05 fewer among the first, and a boost of 1 for all up to .07 fewer (.02 more of the
news).
"""

from __future__ import annotations

import math
from dataclasses import replace

from ..collection import Collection
from ..query.analysed import AnalysedNode, Combination, NoDocument
from ..query.rewrite import lemma_term
from .bm25 import idf
from .document_words import document_words

# Twice as many find .01 to .04 more of the same section, book or folder, .01 to .03 fewer of the same article, and take twice the
# time; 15 find .01 to .05 fewer of all.
TERMS = 25


def similar_query(collection: Collection, number: int, doc: int, terms: int = TERMS) -> Combination:
    """A query of at most so many words of a document, by the number of its segment and its doc id there. It finds the document too.

    Words that no other document has are left out; of a document without others the query finds nothing. The words come in no
    order, so that it is to be evaluated with nothing `ordered`. Raises IndexDamaged if the document cannot be read.
    """
    doc_count = collection.doc_count
    weighed = []
    for word in document_words(collection, number, doc):
        if word.doc_freq > 1:
            boost = math.sqrt(word.freq)
            # Deleted documents are counted until they are merged away.
            weighed.append((-boost * idf(doc_count, min(word.doc_freq, doc_count)), word.key, word.form, boost))
    best = sorted(weighed)[:terms]
    found: list[AnalysedNode] = [
        replace(lemma_term(collection, form, key), boost=boost) for _, key, form, boost in best
    ]
    return Combination(should=tuple(found) or (NoDocument(),))
