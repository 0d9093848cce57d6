"""Finds keys of the other alphabet that may be the same word: `vaktsinatsiya` is вакцинация, Гебрейесус is Ghebreyesus.

The keys with a skeleton of the word, in one of its readings (`near_skeletons`), are compared with the word letter by letter
(`correspondences`). The similar ones are the candidates.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from functools import lru_cache, partial
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from naidi.indexer import core
from naidi.indexer.analysis import normalize
from naidi.indexer.analysis.lemmatize.keys import are_common_keys, keys
from naidi.indexer.analysis.skeleton import is_cyrillic, skeleton_hash
from naidi.indexer.codec.segment import Segment

from ..budget import check, need_dictionaries
from ..cache import Attached, Cache
from ..collection import Collection, SegmentMemory, SegmentView
from .correspondences import LONGEST, correspondences
from .near_skeletons import core_skeletons, near_skeletons

if TYPE_CHECKING:
    from naidi._core import Correspondences as CoreCorrespondences
    from naidi._core import Lexicon
    from naidi._core import Skeletons as CoreSkeletons

# The lowest similarity of a candidate: if neither the word nor the key is a common word (two names, for example); if one of them
# is; if both are; and for a word that the index knows. `docs/decisions.md` has how often candidates of running texts are right.
# Common words look alike by chance more often (washer, ваш), and if they are the same word they look more alike. A common word
# that was typed has a meaning of its own (herb is not «герб»).
LEAST = 0.4
LEAST_COMMON = 0.7
LEAST_BOTH_COMMON = 0.77
LEAST_STRICT = 0.5
# The fewest letters of a word that the index knows: short words resemble too many others.
SHORTEST_STRICT = 4
MOST_COMPARED = 800  # keys of a segment that are compared, those with the likeliest skeletons
# If a candidate is at least as similar as this, no skeletons with more changes are tried.
_CERTAIN = 0.85
# A word of at least so many letters, with a candidate so similar, was typed in its own keyboard layout.
_SHORTEST_SURE, _SURE = 3, 0.75
_MOST_REMEMBERED = 16
_KNOWN_BYTES = 2_000_000  # for the candidates of all words
_SIMILAR_BYTES = 2_000_000  # for those of them in each segment
_MOST_SPELLINGS = 4  # spellings of the word that are compared: itself and its keys

_LETTERS_AND_FOURS = re.compile("[a-z]*4[a-z]+4?[a-z]*|[a-z]+4").fullmatch
_VOWELS = re.compile("[aeiouyаеиоуыэюяй\u00df-\u00ff]+").findall


class Candidate(NamedTuple):
    """A key of the other alphabet in a live document.

    similarity: of spelling and sound, from 0 to 1, which is letter for letter.
    """

    key: str
    similarity: float


class _Asked(NamedTuple):
    """What is looked for in each segment. changes: letters in another reading."""

    spellings: tuple[str, ...]
    changes: int
    strict: bool


class _SimilarKey(NamedTuple):
    """A key of a segment that may be the word that was asked for."""

    number: int
    key: str
    similarity: float


class Skeletons(NamedTuple):
    """The keys of a segment by their skeletons: hashes, ascending, and the number of the key of each."""

    hashes: memoryview
    keys: memoryview


_KNOWN: Attached[Collection, Cache[tuple[str, bool], tuple[Candidate, ...]]] = Attached(
    lambda _: Cache(_KNOWN_BYTES, lambda kept: 300 + 150 * len(kept))
)


# What a segment has for the words that were asked for, whether a live document has it or not.
_SIMILAR: Attached[SegmentMemory, Cache[_Asked, tuple[_SimilarKey, ...]]] = Attached(
    lambda memory: Cache(memory.room(_SIMILAR_BYTES), lambda kept: 500 + 200 * len(kept))
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


def is_written_otherwise(collection: Collection, word: str) -> bool:
    """Whether the index almost certainly has a word, of three letters or more, in the other alphabet."""
    if len(word) < _SHORTEST_SURE:
        return False
    return any(found.similarity >= _SURE for found in candidates(collection, word, limit=1))


def may_have_names(collection: Collection, lexicon: Lexicon, word: str, keys: Sequence[str]) -> bool:
    """Whether a word of the index may have candidates under `strict`. It seldom has, and then no more need be done.

    Parameters:
      lexicon: of the collection.
      word: a word of one alphabet that is no common word.
      keys: its keys.
    """
    folded = normalize.fold_yo(word.casefold())
    cyrillic = is_cyrillic(folded)
    in_core, tables, shortest, longest, _, least = name_tables()
    if cyrillic is None or not shortest <= len(folded) <= longest:
        return False
    spellings = (keys[0].casefold(),) if len(keys) == 1 else _spellings(collection, word, folded, cyrillic)
    return any(len(each) > longest for each in spellings) or in_core.may_be_names(
        tables, lexicon, spellings, cyrillic, least
    )


def name_tables() -> tuple[CoreSkeletons, CoreCorrespondences, int, int, int, float]:
    """What the core needs for that: tables, the fewest and the most letters of a word, the most spellings, the least similarity."""
    # A little less than what counts, so that rounding cannot matter.
    return core_skeletons(), correspondences().in_core, SHORTEST_STRICT, LONGEST, _MOST_SPELLINGS, LEAST_STRICT * 0.999


def is_common(segment: Segment, key: int) -> bool:
    """Whether a key of a segment is a word of a dictionary, and not only a name or an abbreviation."""
    return segment.is_common_key(key)


def skeletons(segment: Segment) -> Skeletons:
    """The skeletons of a segment's keys."""
    return Skeletons(segment.skeleton_hashes, segment.skeleton_keys)


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
    for changes in (1,) if strict else (1, 2):
        asked = _Asked(spellings, changes, strict)
        for view in collection.views:
            check()
            _add_live(view, _SIMILAR.of(view.memory).get(asked, partial(_similar, view.memory, asked)), best)
        if max(best.values(), default=0.0) >= _CERTAIN:
            break
    least = LEAST_STRICT if strict else LEAST
    order = sorted([key for key in best if best[key] >= least], key=lambda key: (-best[key], key))[:_MOST_REMEMBERED]
    if not strict and order and best[order[-1]] < LEAST_BOTH_COMMON:
        of_other, of_common = LEAST, LEAST_COMMON
        if _is_ordinary(collection, word):
            of_other, of_common = LEAST_COMMON, LEAST_BOTH_COMMON
        order = [
            key
            for key in order
            if best[key] >= of_common or (best[key] >= of_other and not collection.is_common_key(key))
        ]
    return tuple(Candidate(key, round(best[key], 4)) for key in order)


def _with_letters(word: str) -> str:
    """A Latin word with ch for 4, which stands for ч in short messages (4elovek, no4). Other words stay as they are."""
    return word.replace("4", "ch") if "4" in word and len(word) > 2 and _LETTERS_AND_FOURS(word) else word


def _is_ordinary(collection: Collection, word: str) -> bool:
    """Whether a dictionary has every key of the word, none only as a name or an abbreviation."""
    form = normalize.form(word)
    if (lexicon := collection.lexicon) is not None and (facts := lexicon.known(form)) is not None:
        return facts[4]
    known = collection.known_form(form)
    if known:
        return all(map(collection.is_common_key, known[0]))
    need_dictionaries()
    return all(are_common_keys(form, keys(form)))


def _similar(memory: SegmentMemory, asked: _Asked) -> tuple[_SimilarKey, ...]:
    """The keys of a segment that may be a word, deleted documents included, the most similar first."""
    spellings, segment = asked.spellings, memory.segment
    if core.is_used:
        syllables = set(map(_syllables, spellings)) if asked.strict else ()
        names = sum([1 << count for count in syllables])
        found = memory.core.keys_of_skeletons(_hashes_of(asked), MOST_COMPARED, names)
    else:
        found = _with_skeletons(segment, asked)
    words = [segment.keys[key] for key in found]
    if any(len(word) > LONGEST for word in words):
        found = [key for key, word in zip(found, words, strict=True) if len(word) <= LONGEST]
        words = [word for word in words if len(word) <= LONGEST]
    if not found:
        return ()
    likeness = _likeness(spellings, words, is_cyrillic(spellings[0]) is True)
    order = np.argsort(-likeness, kind="stable")
    return tuple(
        _SimilarKey(found[place], words[place], float(likeness[place]))
        for place in order[: int(np.count_nonzero(likeness >= LEAST))].tolist()
    )


def _with_skeletons(segment: Segment, asked: _Asked) -> list[int]:
    """The keys of a segment with a skeleton of the word; for a strict search no common words, and none much longer or shorter."""
    found = list(islice(_keys_of(skeletons(segment), _hashes_of(asked)), MOST_COMPARED))
    if not asked.strict:
        return found
    # Most words end here: a comparison letter by letter takes ten times as long.
    own = {near for spelling in asked.spellings for near in range(_syllables(spelling) - 1, _syllables(spelling) + 2)}
    return [key for key in found if not is_common(segment, key) and _syllables(segment.keys[key]) in own]


def _add_live(view: SegmentView, similar: Iterable[_SimilarKey], best: dict[str, float]) -> None:
    """Add the best of the keys that live documents have. Posting lists are read only for keys that may be among them."""
    enough = 0
    for number, key, similarity in similar:
        if enough == _MOST_REMEMBERED:
            break
        if view.has_key(number):
            enough += 1
            best[key] = max(best.get(key, 0.0), similarity)


def _spellings(collection: Collection, word: str, folded: str, cyrillic: bool) -> tuple[str, ...]:
    """The word and its keys. The other alphabet has names in the nominative, so an inflected form needs its keys."""
    form = normalize.form(word)
    known = collection.known_form(form)
    if known and len(known[0]) == 1:
        return (known[0][0].casefold(),)
    found = [folded.removesuffix("'s")]
    if not known:
        need_dictionaries()
    for key in known[0] if known else keys(form):
        key = key.casefold()
        if is_cyrillic(key) is cyrillic:
            found.append(key)
    return tuple(dict.fromkeys(found))[:_MOST_SPELLINGS]


def _syllables(word: str) -> int:
    """How many groups of vowels a word has. An e at the end does not count: it is seldom heard."""
    return len(_VOWELS(word.removesuffix("e")))


@lru_cache(maxsize=256)
def _hashes_of(asked: _Asked) -> tuple[int, ...]:
    """The hashes to look for, without those that were looked for with fewer changes. Every segment is asked for the same ones."""
    cyrillic = is_cyrillic(asked.spellings[0]) is True
    hashes = _hashes(asked.spellings, cyrillic, asked.changes)
    tried = set(_hashes(asked.spellings, cyrillic, asked.changes - 1)) if asked.changes > 1 else set()
    return tuple(each for each in hashes if each not in tried)


def _hashes(spellings: Sequence[str], cyrillic: bool, changes: int) -> list[int]:
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


def _likeness(spellings: Sequence[str], words: list[str], cyrillic: bool) -> npt.NDArray[np.float64]:
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
