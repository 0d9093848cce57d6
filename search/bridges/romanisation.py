"""Finds keys of the other alphabet that may be the same word: `vaktsinatsiya` is вакцинация, Гебрейесус is Ghebreyesus.

The keys with a skeleton of the word, in one of its readings (`near_skeletons`), are compared with the word letter by letter
(`correspondences`). The similar ones are the candidates.
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

from ..budget import check, need_dictionaries
from ..cache import Attached, Cache
from ..collection import Collection
from .correspondences import LONGEST, correspondences
from .near_skeletons import near_skeletons

# The lowest similarity of a candidate: if neither the word nor the key is a common word (two names, for example); if one of
# them is; and for a word that the index knows. Common words look alike by chance more often (washer, ваш), and if they are
# the same word they look more alike.
LEAST = 0.3
LEAST_COMMON = 0.5
LEAST_STRICT = 0.5
# The fewest letters of a word that the index knows: short words resemble too many others.
SHORTEST_STRICT = 4
MOST_COMPARED = 800  # keys of a segment that are compared, those with the likeliest skeletons
# If a candidate is at least as similar as this, no skeletons with more changes are tried.
_CERTAIN = 0.85
_MOST_REMEMBERED = 16
_KNOWN_BYTES = 2_000_000  # for the candidates of all words
_MOST_SPELLINGS = 4  # spellings of the word that are compared: itself and its keys

_LETTERS_AND_FOURS = re.compile("[a-z]*4[a-z]+4?[a-z]*|[a-z]+4").fullmatch
_VOWELS = re.compile("[aeiouyаеиоуыэюяй\u00df-\u00ff]+").findall


class Candidate(NamedTuple):
    """A key of the other alphabet in a live document.

    similarity: of spelling and sound, from 0 to 1, which is letter for letter.
    """

    key: str
    similarity: float


class Skeletons(NamedTuple):
    """The keys of a segment by their skeletons: hashes, ascending, and the number of the key of each."""

    hashes: memoryview
    keys: memoryview


_KNOWN: Attached[Collection, Cache[tuple[str, bool], tuple[Candidate, ...]]] = Attached(
    lambda _: Cache(_KNOWN_BYTES, lambda kept: 300 + 150 * len(kept))
)


def candidates(collection: Collection, word: str, *, limit: int = 8, strict: bool = False) -> list[Candidate]:
    """The keys of the other alphabet that may be this word, best first.

    Parameters:
      collection: the index.
      word: any form of the word, in upper or lower case. A word of neither alphabet has no candidates.
      limit: how many candidates at most.
      strict: for a word that the index knows. Gives only near-certain candidates, and none if the word or the candidate
        is a common word of a dictionary.

    No dictionary is loaded for a word that the index knows.
    """
    found = _KNOWN.of(collection).get((word, strict), lambda: _candidates(collection, word, strict))
    return list(found[:limit])


def is_common(collection: Collection, segment: int, key: int) -> bool:
    """Whether a key of a segment is a word of a dictionary, and not only a name or an abbreviation."""
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
            check()
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
    """A Latin word with ch for 4, which stands for ч in short messages (4elovek, no4). Other words stay as they are."""
    return word.replace("4", "ch") if "4" in word and len(word) > 2 and _LETTERS_AND_FOURS(word) else word


def _is_ordinary(collection: Collection, word: str) -> bool:
    """Whether a dictionary has every key of the word, none only as a name or an abbreviation."""
    form = normalize.form(word)
    known = collection.known_form(form)
    if known:
        return all(map(collection.is_common_key, known[0]))
    need_dictionaries()
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
    """Add to `best` the keys of a segment that have one of the hashes, each with its similarity."""
    segment = collection.segments[number]
    found = list(islice(_keys_of(skeletons(collection, number), hashes), MOST_COMPARED))
    if strict:
        found = [key for key in found if not is_common(collection, number, key)]
    if not found:
        return
    words = [segment.keys[key] for key in found]
    if strict:  # most words end here: a comparison letter by letter takes ten times as long
        own = set(map(_syllables, spellings))
        near = [not own.isdisjoint(range(count - 1, count + 2)) for count in map(_syllables, words)]
        if not any(near):
            return
        found, words = list(compress(found, near)), list(compress(words, near))
    likeness = _likeness(spellings, words, is_cyrillic(spellings[0]) is True)
    # Posting lists are read only for keys that may be among the best.
    enough = 0
    for place in np.argsort(-likeness, kind="stable").tolist():
        if likeness[place] <= 0 or enough == _MOST_REMEMBERED:
            break
        if collection.views[number].has_key(found[place]):
            enough += 1
            best[words[place]] = max(best.get(words[place], 0.0), float(likeness[place]))


def _spellings(collection: Collection, word: str, folded: str, cyrillic: bool) -> list[str]:
    """The word and its keys. The other alphabet has names in the nominative, so an inflected form needs its keys."""
    form = normalize.form(word)
    known = collection.known_form(form)
    if known and len(known[0]) == 1:
        return [known[0][0].casefold()]
    found = [folded.removesuffix("'s")]
    if not known:
        need_dictionaries()
    for key in known[0] if known else keys(form):
        key = key.casefold()
        if is_cyrillic(key) is cyrillic:
            found.append(key)
    return list(dict.fromkeys(found))[:_MOST_SPELLINGS]


def _syllables(word: str) -> int:
    """How many groups of vowels a word has. An e at the end does not count: it is seldom heard."""
    return len(_VOWELS(word.removesuffix("e")))


def _hashes(spellings: list[str], cyrillic: bool, changes: int) -> list[int]:
    """The hashes that keys of the other alphabet may have, likeliest first."""
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
    """The similarity of each word to the nearest of the spellings, from 0 to 1.

    It is exp(-1.4 c / n) for the cost c, where n is the sum of the letters of both, less three. Fitted on 4,767 names in a
    collection with 200,000 keys: among pairs with the same chance of being right, the cost grew in proportion to n. At a
    similarity of 0.5 about half of the pairs were right.
    """
    lengths = np.array([len(word) for word in words])
    found = np.zeros(len(words))
    for spelling in spellings:
        costs = correspondences().costs(spelling, words, cyrillic=cyrillic)
        np.maximum(found, np.exp(-1.4 * costs / np.maximum(lengths + (len(spelling) - 3), 1)), out=found)
    return found
