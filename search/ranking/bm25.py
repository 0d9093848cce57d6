"""The score of a word in a field: BM25, with its parameters and their sources. Pure functions of numbers and arrays.

    score = weight * idf(N, n) ** power * tf(freq, length)
    idf(N, n) = ln(1 + (N - n + 0.5) / (n + 0.5))
    tf(freq, length) = freq * (k1 + 1) / (freq + k1 * (1 - b + b * length / average length))

N: documents; n: documents that have the word, in the field that the query names, else in any; freq: how often it is in the field.
Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), section 3.4; the idf is Lucene's, which is
never negative.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class FieldParameters:
    """k1: how slowly further occurrences stop to count (0: at once). b: how much length matters (0 to 1). weight: of the field."""

    k1: float
    b: float
    weight: float


@dataclass(frozen=True, slots=True)
class RankingParameters:
    """Everything that can be tuned.

    A word is scored in the whole text (title and body as one field) and once more in the title, by its lemmas and by its stem; the
    four scores add up. What the title adds is multiplied by the body's share of the text: of a document that is a title only, it
    says nothing more. `idf_power` above 1 lets frequent words count for less without a list of stop words.

    pair: of the bonus for words that stand side by side as in the query, given to the best `rescored` documents (see `nearness`).

    Tuned on the development sets and on known-item searches over other texts, so that no set falls below the best of the other
    engines; `python benchmarks/quality/quality.py` measures them.
    """

    text: FieldParameters = FieldParameters(k1=1.2, b=0.85, weight=1.0)
    title: FieldParameters = FieldParameters(k1=1.2, b=0.75, weight=1.2)
    lemma_weight: float = 0.5
    stem_weight: float = 0.5
    idf_power: float = 1.3
    pair: FieldParameters = FieldParameters(k1=1.0, b=0.75, weight=0.4)
    rescored: int = 100


def idf(doc_count: int, doc_freq: int) -> float:
    """Weight of a word that `doc_freq` of `doc_count` documents have; 0 < idf where doc_freq <= doc_count."""
    return math.log1p((doc_count - doc_freq + 0.5) / (doc_freq + 0.5))


def length_norm(lengths: npt.NDArray[Any], average: float, parameters: FieldParameters) -> Floats:
    """k1 * (1 - b + b * length / average) for each length (tokens)."""
    norms = np.divide(lengths, average, dtype=np.float64) if average > 0 else np.ones(len(lengths))
    norms *= parameters.b
    norms += 1.0 - parameters.b
    norms *= parameters.k1
    return norms


def tf(freqs: npt.NDArray[Any], norms: Floats, parameters: FieldParameters) -> Floats:
    """The part of the score that grows with freq, in [0, k1 + 1); norms as length_norm gives them."""
    return np.asarray(freqs * (parameters.k1 + 1.0) / (freqs + norms))
