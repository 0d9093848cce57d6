"""Says how surely a word of the index is what a misspelt word was meant to be."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from .spelling import frequency_weight

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..collection import Collection
    from .spelling import Suggestion

# What each ordinary typo takes from the logarithm of a share. English lists of typos want 2.9, Russian ones 1.8. At 2, two in three
# were right of words with a confidence of .5 to .6, and nineteen in twenty of those above .9.
LOG_SHARE_OF_TYPO = 2.0
# How many of the nearest words share the confidence. Those behind them would hardly change it.
COMPARED = 4


def spelling_confidence(collection: Collection, meant: Suggestion, others: Iterable[Suggestion]) -> float:
    """The share that a word has of the weights of all words that may have been meant, above 0 and at most 1.

    The weight of a word is e to the power of -LOG_SHARE_OF_TYPO times (cost of the typos - weight of frequency * ln(documents with
    it)): a noisy channel, whose model of the language is how many documents have a word.

    Parameters:
      collection: the index.
      meant: the word.
      others: the other words that may have been meant.
    """
    weight = frequency_weight(collection)

    def order(one: Suggestion) -> float:
        return one.cost - weight * math.log(max(one.doc_freq, 1))

    return share_of(order(meant), map(order, others))


def share_of(price: float, others: Iterable[float]) -> float:
    """The share of a word among all that may have been meant, by their prices. others: the prices of the others."""
    return 1.0 / (1.0 + sum(math.exp(LOG_SHARE_OF_TYPO * (price - other)) for other in others))
