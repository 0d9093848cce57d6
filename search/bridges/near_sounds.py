"""Finds the keys of a segment that sound nearly like a misspelt word, however many letters differ: `namouny` is pneumonia.

The consonants of a word, in classes, are its skeleton (see `naidi.indexer.analysis.skeleton`). Every segment has a table of the
skeletons of its keys. Keys count whose skeleton is that of the word, or has one class more, less or another in its place:
namouny is NMN, pneumonia PNMN.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from naidi.indexer.analysis.skeleton import CLASSES, is_cyrillic, skeleton, skeleton_hash
from naidi.indexer.codec.segment import Segment

from .near_forms import Integers, bounds_of_strings

# Too many words share a skeleton of fewer classes, or are one class away from it.
_SHORTEST, _SHORTEST_CHANGED = 2, 3
# Keys of a segment at most: those of the skeleton itself first, then those whose length is nearest.
MOST = 500


def near_sounds(segment: Segment, word: str) -> Integers:
    """The numbers of the keys that sound nearly like the word, the word itself included.

    word: small letters of one alphabet, with е for ё. No key is more than half as long again, nor less than half as long.
    """
    hashes = _hashes(word)
    if not hashes:
        return np.zeros(0, np.int64)
    table = segment.container["skeletons.hashes"]
    wanted = np.array(hashes, table.dtype)
    firsts, ends = np.searchsorted(table, wanted), np.searchsorted(table, wanted, side="right")
    found = [np.arange(first, end) for first, end in zip(firsts.tolist(), ends.tolist(), strict=True) if end > first]
    if not found:
        return np.zeros(0, np.int64)
    own = int(ends[0] - firsts[0])
    numbers = segment.container["skeletons.keys"][np.concatenate(found)].astype(np.int64)
    # Both alphabets have letters of one length in UTF-8, but for a few marks.
    lengths = bounds_of_strings(segment, "keys", numbers, 1 if is_cyrillic(word) else 0)[0]
    apart = np.abs(lengths - len(word))
    fits = np.flatnonzero(2 * apart <= len(word))
    if len(fits) > MOST:
        fits = fits[np.lexsort((apart[fits], fits >= own))[:MOST]]
    kept: Integers = numbers[fits]
    return kept


def sound_alike(word: str, other: str) -> bool:
    """Whether two words of one alphabet, in small letters, have skeletons as near as `near_sounds` wants them."""
    return skeleton_hash(skeleton(other), cyrillic=is_cyrillic(other) is True) in _hashes(word)


@lru_cache(maxsize=64)
def _hashes(word: str) -> tuple[int, ...]:
    """The hashes of the skeleton of the word, then of those that are one class away from it."""
    own = skeleton(word)
    cyrillic = is_cyrillic(word) is True
    if len(own) < _SHORTEST:
        return ()
    found = {own: None}
    if len(own) >= _SHORTEST_CHANGED:
        for place in range(len(own) + 1):
            before, after = own[:place], own[place:]
            found[before + after[1:]] = None
            for name in CLASSES:
                found[before + name + after] = None
                found[before + name + after[1:]] = None
    return tuple(dict.fromkeys([skeleton_hash(name, cyrillic=cyrillic) for name in found]))
