"""Makes the query that finds documents like a given one: the key terms of the document, all optional.

    weight = sqrt(freq) * idf

This is the weight of Lucene's MoreLikeThis with its classic similarity. The term of a word gets the boost sqrt(freq); its idf is
applied when it is scored.

Tried and left out, by the share of the right documents among the first (paragraphs of the same article, news of the same section,
pieces of the same book): a boost of freq finds .01 to .05 fewer; a boost of 1 for all finds up to .07 fewer, but .02 more of the
news.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

from ..collection import Collection
from ..query.analysed import AnalysedNode, Combination, NoDocument
from ..query.rewrite import lemma_term
from .bm25 import idf
from .document_words import DocumentWord, document_words

# 50 find .01 to .04 more of the same section, book or folder and .01 to .03 fewer of the same article, in twice the time. 15 find
# .01 to .05 fewer of all.
TERMS = 25


def similar_query(collection: Collection, number: int, doc: int, terms: int = TERMS) -> Combination:
    """The query for documents like a given one. It finds that document too.

    Words that no other document has are left out. If none is left, the query finds nothing. The words come in no order, so evaluate
    the query with NoDocument as its `ordered` part.

    Parameters:
      collection: the index.
      number: of the document's segment.
      doc: the doc id there.
      terms: how many words the query has at most.

    Raises IndexDamaged if the document cannot be read.
    """
    return query_of_words(collection, document_words(collection, number, doc), terms)


def query_of_words(collection: Collection, words: Iterable[DocumentWord], terms: int = TERMS) -> Combination:
    """The query for documents like one with some words. The parameters are those of `similar_query`."""
    doc_count = collection.doc_count
    weighed = []
    for word in words:
        if word.doc_freq > 1:
            boost = math.sqrt(word.freq)
            # doc_freq counts deleted documents until they are merged away, so it may exceed doc_count.
            weighed.append((-boost * idf(doc_count, min(word.doc_freq, doc_count)), word.key, word.form, boost))
    best = sorted(weighed)[:terms]
    found: list[AnalysedNode] = [
        replace(lemma_term(collection, form, key), boost=boost) for _, key, form, boost in best
    ]
    return Combination(should=tuple(found) or (NoDocument(),))
