"""The BM25 score of a word in a field, and the parameters of ranking. Pure functions of numbers and arrays.

    score = weight * idf(N, n) ** power * tf(freq, length)
    idf(N, n) = ln(1 + (N - n + 0.5) / (n + 0.5))
    tf(freq, length) = freq * (k1 + 1) / (freq + k1 * (1 - b + b * length / average length))

N: documents of the collection.
n: documents that have the word, in the field that the query names, else in any field.
freq: occurrences of the word in the field of the document.
length: tokens of the field in the document.

Source: Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), section 3.4. The idf is Lucene's,
which is never negative.
"""

from __future__ import annotations

from naidi.indexer.late import math, np
from naidi.indexer.record import record
from naidi.indexer.typed import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeAlias

    import numpy.typing as npt

Floats: TypeAlias = "npt.NDArray[np.float64]"


@record
class FieldParameters:
    """The parameters of a field in BM25.

    k1: from 0. The greater it is, the more do further occurrences count; with 0 only the first one counts.
    b: from 0 to 1. How much the length of the field matters; with 0 it does not.
    weight: the factor of the field's score.
    """

    k1: float
    b: float
    weight: float


@record
class RankingParameters:
    """The parameters of ranking.

    A word is scored in the whole text (title and body as one field) and once more in the title, by its lemmas and by its stem. The
    four scores add up. The title's score is multiplied by the body's share of the text, since the title of a document without a
    body has been counted as its text already. A form may be one of several lemmas. Then a part of the score by lemmas is for forms
    that may be of all of them, as it is itself: for выборы (выборы, выбор), a text with выборам comes before one with выбор.

    text: for the whole text; also for a word that is asked for in the body alone.
    title: for the title.
    lemma_weight: the factor of scores by lemmas.
    stem_weight: the factor of scores by stems.
    shared_lemmas: from 0 to 1; which part of the scores by lemmas goes to forms that have all lemmas of the typed one. It counts if
      a document of the index has such a form.
    idf_power: the exponent of idf. Above 1, frequent words count for less, so no list of stop words is needed.
    pair: for the bonus of neighbours in the query that are neighbours in the document (see `nearness`).
    rescored: how many of the best documents may get this bonus.

    The defaults were tuned on the development sets and on known-item searches over other texts, so that no set falls below the best
    of the other engines. `python benchmarks/quality/quality.py DATA` measures them.
    """

    text: FieldParameters = FieldParameters(k1=1.2, b=0.85, weight=1.0)
    title: FieldParameters = FieldParameters(k1=1.2, b=0.75, weight=1.2)
    lemma_weight: float = 0.5
    stem_weight: float = 0.5
    shared_lemmas: float = 0.02
    idf_power: float = 1.3
    pair: FieldParameters = FieldParameters(k1=1.0, b=0.75, weight=0.4)
    rescored: int = 100


def idf(doc_count: int, doc_freq: int) -> float:
    """The inverse document frequency of a word that `doc_freq` of `doc_count` documents have. Above 0 if doc_freq <= doc_count."""
    return math.log1p((doc_count - doc_freq + 0.5) / (doc_freq + 0.5))


def phrase_idf(doc_count: int, doc_freqs: Iterable[int], power: float) -> float:
    """The idf of a phrase: as in Lucene, the sum of those of its words, each raised to `power`. doc_freqs: of the words."""
    total = 0.0
    for doc_freq in doc_freqs:
        total += idf(doc_count, doc_freq) ** power
    return total


def length_norm(lengths: npt.NDArray[Any], average: float, parameters: FieldParameters) -> Floats:
    """k1 * (1 - b + b * length / average) for each length, float64. Lengths and average are in tokens."""
    norms = np.divide(lengths, average, dtype=np.float64) if average > 0 else np.ones(len(lengths))
    norms *= parameters.b
    norms += 1.0 - parameters.b
    norms *= parameters.k1
    return norms


def tf_of_one(length: int, average: float, parameters: FieldParameters) -> float:
    """`tf` of a word that stands once in a field of this length."""
    norm = ((length / average if average > 0 else 1.0) * parameters.b + (1.0 - parameters.b)) * parameters.k1
    return (parameters.k1 + 1.0) / (1.0 + norm)


def most_of_posting(parameters: RankingParameters) -> float:
    """An upper bound of all impacts: tf is below k1 + 1."""
    return sum(field.weight * (field.k1 + 1.0) for field in (parameters.text, parameters.title))


def tf(freqs: npt.NDArray[Any], norms: Floats, parameters: FieldParameters) -> Floats:
    """The part of the score that grows with freq, in [0, k1 + 1), float64. norms: from `length_norm`, one for each freq."""
    return np.asarray(freqs * (parameters.k1 + 1.0) / (freqs + norms))
