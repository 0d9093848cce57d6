"""Under which keys of the other alphabet may an index have a word?

`vaktsinatsiya` is вакцинация, Гебрейесус is Ghebreyesus. The keys that share a skeleton with one of the word's readings
(`near_skeletons`) are compared with it letter by letter (`correspondences`); those that are like enough are the candidates.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable
from itertools import compress, islice
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from naidi.indexer.analysis import normalize
from naidi.indexer.analysis.lemmatize.keys import are_common_keys, keys
from naidi.indexer.analysis.skeleton import is_cyrillic, skeleton_hash

from ..cache import Attached, Cache
from ..collection import Collection
from .correspondences import LONGEST, correspondences
from .near_skeletons import near_skeletons

# The least similarity of a candidate: if neither the word nor the key is a dictionary's, but names, say; else; and for a word that
# the index knows. More dictionary words look alike by chance (washer, ваш), and those that are one word look more alike.
LEAST = 0.3
LEAST_COMMON = 0.5
LEAST_STRICT = 0.5
# Letters that a word known to the index needs: short ones are like too many.
SHORTEST_STRICT = 4
MOST_COMPARED = 800  # keys a segment, those of the likeliest skeletons
# Where there is one as like as this, no farther ones are looked for.
_CERTAIN = 0.85
_MOST_REMEMBERED = 16
_KNOWN_BYTES = 2_000_000  # for all words
_MOST_SPELLINGS = 4  # of the word itself: it and its keys

_LETTERS_AND_FOURS = re.compile("[a-z]*4[a-z]+4?[a-z]*|[a-z]+4").fullmatch
_VOWELS = re.compile("[aeiouyаеиоуыэюяй\u00df-\u00ff]+").findall


class Candidate(NamedTuple):
    """A key of the other alphabet that a live document has. similarity: 0 to 1, of spelling and sound; 1 is letter for letter."""

    key: str
    similarity: float


class Skeletons(NamedTuple):
    """The keys of a segment by the hash of their skeleton: ascending hashes, and the number of the key that each is of."""

    hashes: memoryview
    keys: memoryview


_KNOWN: Attached[Collection, Cache[tuple[str, bool], tuple[Candidate, ...]]] = Attached(
    lambda _: Cache(_KNOWN_BYTES, lambda kept: 300 + 150 * len(kept))
)


def candidates(collection: Collection, word: str, *, limit: int = 8, strict: bool = False) -> list[Candidate]:
    """The keys of the other alphabet that may be this word, best first, at most `limit`; none for what is neither alphabet's.

    Any form of the word will do, in any case. strict, for a word that the index knows: near-certain ones alone, and only if
    neither they nor the word are common words of a dictionary. No dictionary is loaded for a word that the index knows.
    """
    found = _KNOWN.of(collection).get((word, strict), lambda: _candidates(collection, word, strict))
    return list(found[:limit])


def is_common(collection: Collection, segment: int, key: int) -> bool:
    """Whether a key of a segment is a word of a dictionary, not a name or abbreviation."""
    return collection.segments[segment].is_common_key(key)


def skeletons(collection: Collection, segment: int) -> Skeletons:
    """The skeletons of a segment's keys."""
    found = collection.segments[segment]
    return Skeletons(found.skeleton_hashes.data, found.skeleton_keys.data)


def _candidates(collection: Collection, word: str, strict: bool) -> tuple[Candidate, ...]:
    folded = _with_letters(normalize.fold_yo(word.casefold()))
    cyrillic = is_cyrillic(folded)
    shortest = SHORTEST_STRICT if strict else 2
    if cyrillic is None or not shortest <= len(folded) <= LONGEST:
        return ()
    if strict and _is_ordinary(collection, word):
        return ()
    spellings = _spellings(collection, word, folded, cyrillic)
    best: dict[str, float] = {}
    tried: set[int] = set()
    for changes in (1,) if strict else (1, 2):
        hashes = [each for each in _hashes(spellings, cyrillic, changes) if each not in tried]
        tried.update(hashes)
        for number in range(len(collection.segments)):
            _compare(collection, number, spellings, hashes, best, strict=strict)
        if max(best.values(), default=0.0) >= _CERTAIN:
            break
    least = LEAST_STRICT if strict else LEAST
    order = sorted([key for key in best if best[key] >= least], key=lambda key: (-best[key], key))[:_MOST_REMEMBERED]
    if not strict and order and best[order[-1]] < LEAST_COMMON:
        common = _is_ordinary(collection, word)
        order = [key for key in order if best[key] >= LEAST_COMMON or not (common or collection.is_common_key(key))]
    return tuple(Candidate(key, round(best[key], 4)) for key in order)


def _with_letters(word: str) -> str:
    """A Latin word in which 4 stands for ч, as in short messages (4elovek, no4), with ch; others as they are."""
    return word.replace("4", "ch") if "4" in word and len(word) > 2 and _LETTERS_AND_FOURS(word) else word


def _is_ordinary(collection: Collection, word: str) -> bool:
    """Whether a dictionary has the word as whatever it may be, and never only as a name."""
    form = normalize.form(word)
    known = collection.known_form(form)
    if known:
        return all(map(collection.is_common_key, known[0]))
    return all(are_common_keys([form], [keys(form)]))


def _compare(
    collection: Collection,
    number: int,
    spellings: list[str],
    hashes: list[int],
    best: dict[str, float],
    *,
    strict: bool,
) -> None:
    """Add the keys of a segment that have one of the hashes, each with its likeness."""
    segment = collection.segments[number]
    found = list(islice(_keys_of(skeletons(collection, number), hashes), MOST_COMPARED))
    if strict:
        found = [key for key in found if not is_common(collection, number, key)]
    if not found:
        return
    words = [segment.keys[key] for key in found]
    if strict:  # many words end here: comparing letter by letter takes ten times as long
        own = set(map(_syllables, spellings))
        near = [not own.isdisjoint(range(count - 1, count + 2)) for count in map(_syllables, words)]
        if not any(near):
            return
        found, words = list(compress(found, near)), list(compress(words, near))
    likeness = _likeness(spellings, words, is_cyrillic(spellings[0]) is True)
    # Lists are read for those alone that may be among the best.
    enough = 0
    for place in np.argsort(-likeness, kind="stable").tolist():
        if likeness[place] <= 0 or enough == _MOST_REMEMBERED:
            break
        if collection.views[number].has_key(found[place]):
            enough += 1
            best[words[place]] = max(best.get(words[place], 0.0), float(likeness[place]))


def _spellings(collection: Collection, word: str, folded: str, cyrillic: bool) -> list[str]:
    """The word and its keys: the other alphabet has names as they are, not in our cases."""
    form = normalize.form(word)
    known = collection.known_form(form)
    if known and len(known[0]) == 1:
        return [known[0][0].casefold()]
    found = [folded.removesuffix("'s")]
    for key in known[0] if known else keys(form):
        key = key.casefold()
        if is_cyrillic(key) is cyrillic:
            found.append(key)
    return list(dict.fromkeys(found))[:_MOST_SPELLINGS]


def _syllables(word: str) -> int:
    """How many groups of vowels a word has; an e at the end is seldom heard."""
    return len(_VOWELS(word.removesuffix("e")))


def _hashes(spellings: list[str], cyrillic: bool, changes: int) -> list[int]:
    """What the other alphabet's keys may have, the likeliest first."""
    near = [near_skeletons(spelling, changes=changes) for spelling in spellings]
    first = [each[0] for each in near]
    return [
        skeleton_hash(each, cyrillic=not cyrillic)
        for each in dict.fromkeys((*first, *(name for some in near for name in some)))
    ]


def _keys_of(table: Skeletons, hashes: Iterable[int]) -> Iterable[int]:
    """The numbers of the keys that have one of the hashes."""
    count = len(table.hashes)
    for wanted in hashes:
        place = bisect_left(table.hashes, wanted)
        while place < count and table.hashes[place] == wanted:
            yield table.keys[place]
            place += 1


def _likeness(spellings: list[str], words: list[str], cyrillic: bool) -> npt.NDArray[np.float64]:
    """The similarity of each of the words to the spelling that it is most like.

    About half of those of 0.5 are right where a collection has 200,000 keys. The more letters, the more they may cost: of names of
    the same chance to be right, the cost grew with the letters less three (fitted on 4,767 names asked in such a collection).
    """
    lengths = np.array([len(word) for word in words])
    found = np.zeros(len(words))
    for spelling in spellings:
        costs = correspondences().costs(spelling, words, cyrillic=cyrillic)
        np.maximum(found, np.exp(-1.4 * costs / np.maximum(lengths + (len(spelling) - 3), 1)), out=found)
    return found
