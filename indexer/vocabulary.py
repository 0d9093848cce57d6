"""Every form that a writer has met, numbered, with its keys and its stem.

Batches come with their forms only. What is to be known of a form is worked out once for all batches, some thousand forms at a
time, by the workers that analyse documents if there are any.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import chain, islice

import numpy as np

from indexer.analysis.lemmatize.keys import all_keys
from indexer.analysis.lemmatize.stem import all_stems
from indexer.codec.container import Array
from indexer.workers import OrderedWorkers

# Forms past which a writer had better begin a new vocabulary when it has written a segment: some 150 MB.
CAPACITY = 500_000
_AT_ONCE = 8_192


@dataclass(slots=True)
class Described:
    """Keys and stems of some forms. keys, stems: each once, one a line, in the order in which the forms bring them.

    key_counts: keys of each form (uint32); key_numbers, of all forms, and stem_numbers, one a form: lines in keys, stems (uint32).
    """

    keys: str
    stems: str
    key_counts: Array
    key_numbers: Array
    stem_numbers: Array


def describe(forms: Sequence[str]) -> Described:
    """The keys and stems of forms; what worker processes run."""
    keys, stems = all_keys(forms), all_stems(forms)
    key_counts = np.fromiter(map(len, keys), np.uint32, len(keys))
    key_numbers, distinct_keys = _numbered(list(chain.from_iterable(keys)))
    stem_numbers, distinct_stems = _numbered(stems)
    return Described("\n".join(distinct_keys), "\n".join(distinct_stems), key_counts, key_numbers, stem_numbers)


def _numbered(words: list[str]) -> tuple[Array, list[str]]:
    """The number of each word among the distinct ones, and these in the order in which they come."""
    distinct = list(dict.fromkeys(words))
    number_of = dict(zip(distinct, range(len(distinct)), strict=True))
    return np.fromiter(map(number_of.__getitem__, words), np.uint32, len(words)), distinct


class _Numbers(dict[str, int]):
    """Word -> number, in the order in which they are asked for."""

    def __missing__(self, word: str) -> int:
        number = self[word] = len(self)
        return number

    def of(self, words: Collection[str]) -> Array:
        return np.fromiter(map(self.__getitem__, words), np.uint32, len(words))


@dataclass(slots=True)
class KeysAndStems:
    """What is known of some forms, in their order. keys, stems: the distinct ones, sorted by code points.

    form_key_ends (uint64) bound each form's rows in form_keys, numbers of keys, best first (uint32); form_stems: numbers of stems
    (uint32).
    """

    keys: list[str]
    stems: list[str]
    form_key_ends: Array
    form_keys: Array
    form_stems: Array


class Vocabulary:
    """Numbers forms in the order in which they are met. `workers` call `describe`; None: it is called here."""

    def __init__(self, workers: OrderedWorkers[Sequence[str], Described] | None = None) -> None:
        self._workers = OrderedWorkers(describe, 1) if workers is None else workers
        self._forms = _Numbers()
        self._submitted = 0  # so many forms were given to the workers
        self._keys, self._stems = _Numbers(), _Numbers()
        self._key_counts: list[Array] = []
        self._key_numbers: list[Array] = []
        self._stem_numbers: list[Array] = []

    def __len__(self) -> int:
        """How many forms it has."""
        return len(self._forms)

    @property
    def forms(self) -> list[str]:
        """All forms, by number."""
        return list(self._forms)

    def numbers(self, forms: Collection[str]) -> Array:
        """The numbers of the forms (uint32); new ones get the next numbers."""
        numbers = self._forms.of(forms)
        if len(self._forms) - self._submitted >= _AT_ONCE:
            self._describe_new()
        return numbers

    def _describe_new(self) -> None:
        new = list(islice(reversed(self._forms), len(self._forms) - self._submitted))[::-1]
        self._submitted += len(new)
        for start in range(0, len(new), _AT_ONCE):
            for described in self._workers.put(new[start : start + _AT_ONCE]):
                self._take(described)

    def _take(self, described: Described) -> None:
        self._key_counts.append(described.key_counts)
        self._key_numbers.append(self._keys.of(described.keys.split("\n"))[described.key_numbers])
        self._stem_numbers.append(self._stems.of(described.stems.split("\n"))[described.stem_numbers])

    def keys_and_stems(self, numbers: Array) -> KeysAndStems:
        """What is known of the forms with these numbers, each given once. Waits for the workers."""
        if len(self) and not self._submitted:
            # Few forms: to start workers for them would take longer.
            self._submitted = len(self)
            self._take(describe(self.forms))
        self._describe_new()
        for described in self._workers.drain():
            self._take(described)
        for parts in (self._key_counts, self._key_numbers, self._stem_numbers):
            parts[:] = [np.concatenate(parts)] if parts else [np.zeros(0, np.uint32)]
        counts = self._key_counts[0][numbers].astype(np.int64)
        first = (np.cumsum(self._key_counts[0], dtype=np.int64) - self._key_counts[0])[numbers]
        ends = np.cumsum(counts)
        rows = np.arange(ends[-1] if len(ends) else 0) + np.repeat(first - (ends - counts), counts)
        keys, form_keys = _sorted(self._keys, self._key_numbers[0][rows])
        stems, form_stems = _sorted(self._stems, self._stem_numbers[0][numbers])
        return KeysAndStems(keys, stems, ends.astype(np.uint64), form_keys, form_stems)


def _sorted(all_words: dict[str, int], numbers: Array) -> tuple[list[str], Array]:
    """The words that have these numbers, sorted, and for each number the place of its word among them (uint32)."""
    words = list(all_words)
    used = np.flatnonzero(np.bincount(numbers, minlength=len(words))).tolist()
    used.sort(key=words.__getitem__)
    place = np.zeros(len(words), np.uint32)
    place[used] = np.arange(len(used), dtype=np.uint32)
    return [words[number] for number in used], place[numbers]
