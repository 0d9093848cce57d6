"""Finds the words of an index that begin with certain prefixes, the most frequent first.

A word is a key (lemma). It may also be a group of forms of one stem whose key begins otherwise: «люди» of «человек», "went"
of "go". Each segment gives its most frequent candidates. Deletions never make a posting list longer. So the sum of whole
lists is an upper bound for a word. Words are looked at in the order of these bounds, until no other can be among the best.
This is the threshold algorithm: Fagin, Lotem and Naor, "Optimal aggregation algorithms for middleware", 2003.
"""

from __future__ import annotations

from collections.abc import Collection as Names
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from naidi.indexer.analysis.normalize import ABBREVIATION_LETTERS, fold_yo, is_abbreviation
from naidi.indexer.codec.ragged import row_ranges, value_indices
from naidi.indexer.codec.segment import Segment

from ..budget import check
from ..cache import Attached, Cache
from ..collection import Collection, SegmentMemory, SegmentView
from .prefix_edits import prefix_ranges

Integers = npt.NDArray[np.int64]

# How many candidates of a segment are looked at for each word wanted. More are, if deletions or other segments change the
# order.
_A_WANTED = 8
# The best candidates of a wider range are remembered: mostly those of one or two letters. _KEPT: how many of them.
_WIDE = 2_000
_KEPT = 128
# How many tokens of a stem are sampled at most, evenly spread, to find its most frequent form.
_TOKENS = 4_096
# Up to this many prefixes are looked up one by one, more of them all at once.
_FEW = 30
# Counts below this are tallied, see `_kth_greatest`.
_GREAT = 1_000
_NOTHING = np.zeros(0, np.int64)
_YO = {"е": "ё", "Е": "Ё"}
# An abbreviation stands for the word in small letters, too, if it has at least half as many documents. If the word in small
# letters is a common one, the abbreviation is shown as well unless it is more than ten times rarer.
_SHARE = 2
_RARE = 10


class CompletedWord(NamedTuple):
    """A word that completes a prefix.

    form: the word as shown.
    doc_freq: how many live documents have it, as in Completion: an upper bound for a form whose lemma begins otherwise.
    key: the key of the form.
    """

    form: str
    doc_freq: int
    key: str


class _Name(NamedTuple):
    """The name of a candidate, the same in every segment: a key; or a stem, with the best key of its forms."""

    key: str
    stem: str | None


class _Best(NamedTuple):
    """The most frequent candidates of a segment.

    keys: the number of the key of each candidate.
    stems: the number of its stem, or -1 if the candidate is the key itself.
    counts: its documents, deleted ones included; an upper bound.
    rest: no candidate that was left out has more documents than this.
    """

    keys: Integers
    stems: Integers
    counts: Integers
    rest: int


_Prefixes: TypeAlias = "tuple[str, ...]"
# The best of a segment for prefixes of many words; live documents of posting lists, by their numbers; which form is shown.
_WIDEST: Attached[SegmentMemory, Cache[_Prefixes, _Best]] = Attached(
    lambda memory: Cache(memory.room(2_000_000), lambda best: 500 + 24 * len(best.keys))
)
_LIVE_COUNTS: Attached[SegmentView, Cache[int, int]] = Attached(lambda _: Cache(500_000))
_SHOWN: Attached[Collection, Cache[tuple[_Name, _Prefixes], str | None]] = Attached(lambda _: Cache(1_000_000))
# How often a segment has each form of a word that begins with a prefix.
_TALLIES: Attached[SegmentMemory, Cache[tuple[_Name, _Prefixes], dict[str, int]]] = Attached(
    lambda memory: Cache(memory.room(1_000_000), lambda tallies: 500 + 150 * len(tallies))
)


class PrefixWords:
    """The words of a collection that begin with any of some prefixes.

    collection: the index.
    prefixes: case-folded, with е for ё.
    """

    def __init__(self, collection: Collection, prefixes: Sequence[str]) -> None:
        self._collection = collection
        self.prefixes = tuple(prefixes)
        self._spellings = [spelling for prefix in prefixes for spelling in _spellings(prefix)]
        # Many prefixes are guesses. For them, forms with ё are not worth the time.
        self._form_spellings = (
            list(prefixes)
            if len(prefixes) > _FEW
            else [twin for spelling in self._spellings for twin in _twins(spelling)]
        )

    def best(self, limit: int, without: Names[str] = ()) -> list[CompletedWord]:
        """The `limit` most frequent words whose keys are not in `without`, in the order of doc_freq (falling) and form."""
        wanted = limit + len(without)
        count = _A_WANTED * wanted
        while True:
            words, complete = self._among_best(count, wanted)
            if complete:
                return [word for word in words if word.key not in without][:limit]
            count *= 8

    def _among_best(self, count: int, wanted: int) -> tuple[list[CompletedWord], bool]:
        """(words, whether the best `wanted` are certain), from the best `count` candidates of each segment."""
        views = self._collection.views
        parts = []
        for view in views:
            check()
            parts.append(self._best_of(view, count))
        unseen = sum(part.rest for part in parts)
        bounds: dict[_Name, int] = {}
        for view, part in zip(views, parts, strict=True):
            for key, stem in zip(part.keys.tolist(), part.stems.tolist(), strict=True):
                segment = view.segment
                name = _Name(segment.keys[key], segment.stems[stem] if stem >= 0 else None)
                if name not in bounds:
                    whole = sum(self._count(other, name, live=False) for other in views)
                    bounds[name] = whole + round(whole * self._collection.count_error)
        found: dict[str, CompletedWord] = {}
        key_of: dict[str, str] = {}
        for name, bound in sorted(bounds.items(), key=lambda item: (-item[1], item[0].key, item[0].stem or "")):
            if len(found) >= wanted and sorted(word.doc_freq for word in found.values())[-wanted] > bound:
                break
            check()
            word = self._word(name)
            if word is not None:
                _keep(word, found, key_of)
        words = sorted(found.values(), key=_order)
        return words, not unseen or (len(words) >= wanted and words[wanted - 1].doc_freq >= unseen)

    def forms(self, view: SegmentView) -> Integers:
        """The numbers of the forms of a segment that begin with a prefix, ascending."""
        found = _ranges(view.segment, "forms", self._form_spellings)
        return np.concatenate([_NOTHING, *(np.arange(one.start, one.stop) for one in found)])

    def word(self, key: str) -> CompletedWord | None:
        """The word with a key, as `best` gives it. None if its key or no live document has the beginning, or if `best` shows
        it under another name."""
        return self._word(_Name(key, None)) if self._begins(key) else None

    # -- the candidates of a segment

    def _best_of(self, view: SegmentView, count: int) -> _Best:
        ranges = _ranges(view.segment, "keys", self._spellings)
        if sum(map(len, ranges)) < _WIDE or count > _KEPT or len(self.prefixes) > 1:
            return self._candidates(view, ranges, count)
        return _WIDEST.of(view.memory).get(self.prefixes, lambda: self._candidates(view, ranges, _KEPT))

    def _candidates(self, view: SegmentView, ranges: Sequence[range], count: int) -> _Best:
        segment = view.segment
        ends = segment.list_ends
        other_keys, other_stems = self._forms_of_other_keys(view, ranges)
        others = np.minimum(_lengths(ends, segment.key_lists[other_keys]), _lengths(ends, other_stems))
        keys = np.concatenate([*(np.arange(one.start, one.stop) for one in ranges), other_keys])
        stems = np.concatenate([np.full(len(keys) - len(other_keys), -1), other_stems])
        counts = np.concatenate([*(_lengths(ends, segment.key_lists[one.start : one.stop]) for one in ranges), others])
        if len(counts) <= count:
            return _Best(keys, stems, counts, 0)
        least = _kth_greatest(counts, count)
        more, equal = np.flatnonzero(counts > least), np.flatnonzero(counts == least)
        # Keys are numbered in the order of their strings. So among equals the first strings are taken.
        chosen = np.concatenate((more, equal[: count - len(more)]))
        return _Best(keys[chosen], stems[chosen], counts[chosen], least)

    def _forms_of_other_keys(self, view: SegmentView, ranges: Sequence[range]) -> tuple[Integers, Integers]:
        """(best keys, stems) of the forms that begin with a prefix though none of their keys does; each pair once.

        ranges: the keys that begin with a prefix.
        """
        segment = view.segment
        found = _ranges(segment, "forms", self._form_spellings)
        form_keys = segment.container["form_keys"]
        ends = segment.container["form_keys.ends"]
        starts = np.concatenate([_NOTHING, *(_starts(ends, one) for one in found)])
        # The best key of most forms is in `ranges`. Only for the other forms all keys are looked at.
        rest = np.flatnonzero(~_inside(form_keys.take(starts), ranges))
        forms = self.forms(view)[rest]
        starts, lengths = row_ranges(ends, forms)
        there = _inside(form_keys[value_indices(starts, lengths)], ranges)
        rows = np.repeat(np.arange(len(forms)), lengths)
        other = np.bincount(rows[there], minlength=len(forms)) == 0
        keys = form_keys[starts[other]].astype(np.int64)
        stems = segment.form_stems[forms[other]].astype(np.int64)
        stem_count = max(len(segment.stems), 1)
        pairs = np.unique(keys * stem_count + stems)
        return pairs // stem_count, pairs % stem_count

    # -- one word

    def _count(self, view: SegmentView, name: _Name, *, live: bool) -> int:
        """How many documents of a segment have a word; a stem gives an upper bound. live: without deleted documents."""
        segment = view.segment
        key = segment.keys.find(name.key)
        if key < 0:
            return 0
        lists = [int(segment.key_lists[key])]
        if name.stem is not None:
            stem = segment.stems.find(name.stem)
            if stem < 0:
                return 0
            lists.append(stem)
        return min(self._list_count(view, number, live=live) for number in lists)

    def _list_count(self, view: SegmentView, number: int, *, live: bool) -> int:
        start, end = view.bounds(number)
        alive = view.live
        if alive is None or not live:
            return end - start
        return _LIVE_COUNTS.of(view).get(number, lambda: int(np.count_nonzero(alive.take(view.docs[start:end]))))

    def _live_count(self, name: _Name) -> int:
        about = sum(self._count(view, name, live=True) for view in self._collection.views)
        return self._collection.counted(name.key, about, at_most=name.stem is not None)

    def _word(self, name: _Name) -> CompletedWord | None:
        """The word as shown; None if no live document has it, or if it is shown under another name."""
        doc_freq = self._live_count(name)
        if not doc_freq:
            return None
        key = name.key
        if name.stem is not None:
            form = self._most_frequent(name)
            return None if form is None else CompletedWord(form, doc_freq, key)
        if is_abbreviation(key):
            return CompletedWord(key, doc_freq, key) if self._is_meant(key, doc_freq) else None
        capitals = key.upper()
        if is_abbreviation(capitals) and _SHARE * self._live_count(_Name(capitals, None)) >= doc_freq:
            return None  # mostly the abbreviation is meant, which is shown itself
        form = key if self._is_written(key) else self._most_frequent(name)
        if form is None or ((fold_yo(form) != key or form == key) and self._is_shown_as_another(form, key)):
            return None
        return CompletedWord(form, doc_freq, key)

    def _is_meant(self, abbreviation: str, doc_freq: int) -> bool:
        """Whether an abbreviation is worth showing in capitals.

        If small letters make a common word, that word must be at most _RARE times as frequent. If capitals make no
        difference (COVID, Covid), the word in small letters must be at most _SHARE times as frequent.
        """
        known = self._collection.known_form(abbreviation)
        if known is None:
            return True
        share = _RARE if known[0][0] == abbreviation else _SHARE
        return all(self._live_count(_Name(key, None)) <= share * doc_freq for key in known[0])

    def _is_written(self, key: str) -> bool:
        return any(view.segment.forms.find(key) >= 0 for view in self._collection.views)

    def _is_shown_as_another(self, form: str, key: str) -> bool:
        """Whether a better key of the form, which texts have, is shown instead: «элементов» also has itself as a key."""
        known = self._collection.known_form(form)
        assert known is not None
        better = known[0][: known[0].index(key)] if form == key and key in known[0] else known[0]
        return any(other != key and self._begins(other) and self._is_written(other) for other in better)

    def _begins(self, form: str) -> bool:
        return fold_yo(form.casefold()).startswith(self.prefixes)

    def _most_frequent(self, name: _Name) -> str | None:
        """The most frequent form of a word that begins with a prefix; None if there is none.

        The key, also if spelt with ё, comes before all other forms.
        """
        if len(self.prefixes) > 1:  # hundreds of strings are too long a key for the cache
            return self._counted_forms(name)
        return _SHOWN.of(self._collection).get((name, self.prefixes), lambda: self._counted_forms(name))

    def _counted_forms(self, name: _Name) -> str | None:
        totals: dict[str, int] = {}
        for view in self._collection.views:
            for form, tokens in self._tallies(view, name).items():
                totals[form] = totals.get(form, 0) + tokens
        if not totals:
            return None
        return min(totals, key=lambda form: (fold_yo(form) != name.key, -totals[form], form))

    def _tallies(self, view: SegmentView, name: _Name) -> dict[str, int]:
        """How many tokens a segment has, about, of each form of a word that begins with a prefix."""
        if len(self.prefixes) > 1:
            return self._counted_in_segment(view.segment, name)
        place = name, self.prefixes
        return _TALLIES.of(view.memory).get(place, lambda: self._counted_in_segment(view.segment, name))

    def _counted_in_segment(self, segment: Segment, name: _Name) -> dict[str, int]:
        totals: dict[str, int] = {}
        numbers = segment.forms_of_key(name.key).astype(np.int64)
        if name.stem is not None:
            numbers = np.intersect1d(numbers, segment.forms_of_stem(name.stem))
        forms = {number: form for number in numbers.tolist() if self._begins(form := segment.forms[number])}
        stems = np.unique(segment.form_stems[list(forms)])
        for stem in stems.tolist():
            for number, tokens in _tokens_of_forms(segment, stem):
                if number in forms:
                    totals[forms[number]] = totals.get(forms[number], 0) + tokens
        return totals


def _keep(word: CompletedWord, found: dict[str, CompletedWord], key_of: dict[str, str]) -> None:
    """Add a word to `found` (key -> word), unless a better word has its key or its form. key_of: form -> key."""
    rivals = {key for key in (word.key, key_of.get(word.form)) if key is not None and key in found}
    if all(_order(word) < _order(found[key]) for key in rivals):
        for key in rivals:
            del key_of[found.pop(key).form]
        found[word.key], key_of[word.form] = word, word.key


def _order(word: CompletedWord) -> tuple[int, str, str]:
    return -word.doc_freq, word.form, word.key


def _spellings(prefix: str) -> list[str]:
    """The prefix, and the prefix in capitals if it can be that of an abbreviation."""
    capitals = prefix.upper()
    return [prefix, capitals] if capitals != prefix and len(prefix) <= ABBREVIATION_LETTERS[1] else [prefix]


def _twins(spelling: str) -> Iterator[str]:
    """The spelling, and the spellings with one е replaced by ё: no word has several ё."""
    yield spelling
    for place, letter in enumerate(spelling):
        if letter in _YO:
            yield f"{spelling[:place]}{_YO[letter]}{spelling[place + 1 :]}"


def _ranges(segment: Segment, name: str, prefixes: Sequence[str]) -> list[range]:
    """The numbers of the strings of a table that begin with any of the prefixes."""
    if len(prefixes) > _FEW:
        return _merged(prefix_ranges(segment, name, prefixes))
    table = segment.keys if name == "keys" else segment.forms
    return _merged(map(table.prefix_range, prefixes))


def _merged(ranges: Iterable[range]) -> list[range]:
    """The ranges, ascending. Ranges that meet are joined; empty ones are dropped."""
    merged: list[range] = []
    for one in sorted((one for one in ranges if one), key=lambda one: (one.start, one.stop)):
        if merged and one.start <= merged[-1].stop:
            merged[-1] = range(merged[-1].start, max(merged[-1].stop, one.stop))
        else:
            merged.append(one)
    return merged


def _lengths(ends: npt.NDArray[np.integer], lists: npt.NDArray[np.integer]) -> Integers:
    """How many documents each posting list has. For a hundred thousand lists, twice as fast as `row_ranges`."""
    lengths = ends.take(lists).astype(np.int64)
    before = np.asarray(lists).astype(np.int64) - 1
    lengths -= ends.take(before, mode="clip").astype(np.int64)
    if len(first := np.flatnonzero(before < 0)):
        lengths[first] = int(ends[0])
    return lengths


def _kth_greatest(counts: Integers, k: int) -> int:
    """The k-th greatest count.

    Most counts are small and equal, and a partition of equal values is slow. So small counts are tallied, and only greater
    ones are partitioned.
    """
    tallies = np.bincount(np.minimum(counts, _GREAT))
    no_less = tallies[::-1].cumsum()[::-1]
    least = int(np.flatnonzero(no_less >= k)[-1])
    if least < _GREAT:
        return least
    great = counts[counts >= _GREAT]
    return int(np.partition(great, len(great) - k)[len(great) - k])


def _starts(ends: npt.NDArray[np.integer], rows: range) -> Integers:
    """Where neighbouring rows start."""
    starts = np.zeros(len(rows), np.int64)
    skipped = 0 if rows.start else 1
    starts[skipped:] = ends[rows.start - 1 + skipped : rows.stop - 1]
    return starts


def _inside(values: npt.NDArray[np.integer], ranges: Sequence[range]) -> npt.NDArray[np.bool_]:
    """For each value, whether it is in any of the ranges. These ascend and do not meet."""
    if len(ranges) > 8:
        bounds = np.array([(one.start, one.stop) for one in ranges], np.int64).ravel()
        return np.asarray(bounds.searchsorted(values, side="right") % 2 == 1)
    found = np.zeros(len(values), bool)
    for one in ranges:
        found |= (values >= one.start) & (values < one.stop)
    return found


def _tokens_of_forms(segment: Segment, stem: int) -> list[tuple[int, int]]:
    """(form, about how many tokens it has) for each form of a stem."""
    forms, tallies = segment.form_tallies(stem, _TOKENS)
    counts = tallies * segment.token_count_of_stem(stem) // max(int(tallies.sum()), 1)
    return list(zip(forms.tolist(), counts.tolist(), strict=True))
