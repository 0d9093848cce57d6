"""Finds a space that was left out between two words, or put into one."""

from __future__ import annotations

import math

from naidi.indexer.analysis.normalize import fold_yo

from ..collection import Collection
from .near_forms import LONGEST, RUSSIAN, alphabet_of
from .spelling import doc_freq_of_word
from .unknown_words import is_dictionary_word

# The cost of a missing space, to be compared with `spelling`: a suggestion that costs less is likelier than two words.
COST_OF_SPACE = 1.2

# The least share of all documents that a part needs, by its letters. Any string can be cut into a short word and a rest, so
# short words need more.
_SHARE_BY_LETTERS = {1: 1 / 20, 2: 1 / 50, 3: 1 / 500}
_SHARE = 1 / 5000
_ONE_LETTER = frozenset("авикосуяai")
_SHORTEST = 5


def split_word(collection: Collection, word: str) -> tuple[str, str] | None:
    """The two words of the index that make up the word without a space; None if there are none.

    word: a word that the index does not know, in upper or lower case. Of several cuts that with the more frequent words
    counts. The result is None for a word of a dictionary, which is loaded only if there is something to offer.
    """
    folded = fold_yo(word.casefold())
    alphabet = alphabet_of(folded)
    if alphabet is None or not _SHORTEST <= len(folded) <= LONGEST:
        return None
    best, found = -math.inf, None
    for cut in range(1, len(folded)):
        first, second = folded[:cut], folded[cut:]
        likely = _log_share(collection, first, second, alphabet) if second[0] not in "ьъ" else None
        if likely is not None and likely > best:
            best, found = likely, (first, second)
    return None if found is None or is_dictionary_word(word) else found


def joined_word(collection: Collection, first: str, second: str) -> str | None:
    """The word that two neighbouring words of a query make up; None if the index lacks it, or has both words."""
    one, other = fold_yo(first.casefold()), fold_yo(second.casefold())
    whole = one + other
    if alphabet_of(whole) is None or not doc_freq_of_word(collection, whole):
        return None
    return None if doc_freq_of_word(collection, one) and doc_freq_of_word(collection, other) else whole


def _log_share(collection: Collection, first: str, second: str, alphabet: int) -> float | None:
    """The log likelihood of the two words, by their own document frequencies; None if one is too rare."""
    total = 0.0
    for part in (first, second):
        if len(part) == 1 and part not in _ONE_LETTER:
            return None
        needed = _SHARE_BY_LETTERS.get(len(part), _SHARE) * collection.doc_count
        if alphabet == RUSSIAN and part is second and len(part) == 1:  # a preposition comes before its word
            return None
        frequency = doc_freq_of_word(collection, part)
        if not frequency or frequency < needed:
            return None
        total += math.log(frequency / collection.doc_count)
    return total
