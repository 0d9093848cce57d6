"""Numbers every form that a writer meets, and works out its keys and its stem.

Batches bring only forms. A form is described once for all batches. Worker processes or a thread do that, some thousand forms at a
time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..analysis.lemmatize.keys import KeyLines, key_lines
from ..analysis.lemmatize.stem import all_stems
from ..codec.container import Array
from ..codec.lines import Lines
from ..codec.word_numbers import LineNumbers, WordNumbers, line_numbers
from .workers import OrderedWorkers

# With more forms than this (some 150 MB), a writer begins a new vocabulary after its next segment.
CAPACITY = 500_000
_AT_ONCE = 8_192


@dataclass(slots=True)
class Described:
    """Keys and stems of some forms.

    keys: as `key_lines` gives them.
    stems: the stem of each form, in UTF-8, with a line feed behind it.
    """

    keys: KeyLines
    stems: bytes


def describe(forms: Sequence[str]) -> Described:
    """The keys and stems of forms. Worker processes or a thread run this."""
    return Described(key_lines(forms), "".join([f"{stem}\n" for stem in all_stems(forms)]).encode())


@dataclass(slots=True)
class KeysAndStems:
    """Keys and stems of some forms, in the order of the forms.

    keys, stems: the distinct ones, sorted by code points.
    form_key_ends: where the keys of each form end in `form_keys` (uint64).
    form_keys: numbers of keys, best first for each form (uint32).
    form_stems: the number of each form's stem (uint32).
    common: for each of form_keys, 1 if a dictionary has the key as a lemma of the form, and not only as a name or an
      abbreviation (uint8).
    """

    keys: Lines
    stems: Lines
    form_key_ends: Array
    form_keys: Array
    form_stems: Array
    common: Array


@dataclass(slots=True)
class MetForms:
    """The forms behind the form numbers of a batch.

    place: the process and thread that numbered them.
    serial: a random number that tells one numbering of this place from the next.
    first: the number of the first of `forms`.
    forms: the forms from number `first` on.

    A worker sends each form once. So its batches must be added in the order in which it made them.
    """

    place: str
    serial: int
    first: int
    forms: list[str]


@dataclass(slots=True)
class _WorkerForms:
    """The forms of one place, by its own numbers, and the number of each in the vocabulary, or _UNSEEN."""

    serial: int
    forms: list[str]
    numbers: Array


_UNSEEN = (1 << 32) - 1


class Vocabulary:
    """Numbers forms in the order in which they are met. `workers` call `describe`; with None this process does."""

    def __init__(self, workers: OrderedWorkers[Sequence[str], Described] | None = None) -> None:
        self._workers = OrderedWorkers(describe, 1) if workers is None else workers
        self._forms = WordNumbers()
        self._submitted = 0  # how many forms were given to the workers
        self._described = 0  # how many have come back
        self._keys, self._stems = line_numbers(), line_numbers()
        self._key_counts: list[Array] = []
        self._key_numbers: list[Array] = []
        self._stem_numbers: list[Array] = []
        self._common: list[Array] = []
        self._numberings: dict[str, _WorkerForms] = {}

    def __len__(self) -> int:
        """How many forms it has."""
        return len(self._forms)

    @property
    def forms(self) -> list[str]:
        """All forms, by number."""
        return self._forms.words

    def numbers(self, forms: Sequence[str]) -> Array:
        """The numbers of distinct forms (uint32); new ones get the next numbers."""
        numbers = self._forms.of(forms)
        if len(self._forms) - self._submitted >= _AT_ONCE:
            self.describe_new()
        return numbers

    def of_tokens(self, tokens: Array, met: MetForms) -> Array:
        """`tokens`, numbers of the forms in `met`, as numbers of this vocabulary (uint32).

        Raises ValueError if a batch was left out.
        """
        mine = self._numberings.get(met.place)
        if mine is None or mine.serial != met.serial:
            mine = self._numberings[met.place] = _WorkerForms(met.serial, [], np.zeros(0, np.uint32))
        known, count = len(mine.numbers), met.first + len(met.forms)
        if met.first > known:
            raise ValueError("batches of a worker must be added in the order in which it made them, and none left out")
        if count > known:
            mine.numbers = np.concatenate((mine.numbers, np.full(count - known, _UNSEEN, np.uint32)))
            mine.forms = [*mine.forms, *met.forms[known - met.first :]] if met.first else met.forms
        used = np.zeros(len(mine.numbers), bool)
        used[tokens] = True
        used &= mine.numbers == _UNSEEN
        unseen = used.nonzero()[0]
        if len(unseen):
            count_before = len(self)
            mine.numbers[unseen] = found = self.numbers([mine.forms[place] for place in unseen.tolist()])
            if met.first:  # of equal strings from several workers one is kept
                old = found < count_before
                for place, number in zip(unseen[old].tolist(), found[old].tolist(), strict=True):
                    mine.forms[place] = self._forms.words[number]
        return np.asarray(mine.numbers[tokens])

    def successor(self, workers: OrderedWorkers[Sequence[str], Described]) -> Vocabulary:
        """An empty vocabulary that still understands later batches of the same workers."""
        new = Vocabulary(workers)
        for place, mine in self._numberings.items():
            unseen = np.full(len(mine.numbers), _UNSEEN, np.uint32)
            new._numberings[place] = _WorkerForms(mine.serial, mine.forms, unseen)
        return new

    def describe_new(self) -> None:
        """Have the workers describe the forms that were not given to them yet."""
        new = self._forms.words[self._submitted :]
        self._submitted += len(new)
        for start in range(0, len(new), _AT_ONCE):
            for described in self._workers.put(new[start : start + _AT_ONCE]):
                self._take(described)

    def is_described(self, count: int) -> bool:
        """Whether `keys_and_stems` need not wait for any of the first `count` forms."""
        for described in self._workers.take(self._workers.ready()):
            self._take(described)
        return self._described >= count

    def _take(self, described: Described) -> None:
        keys = described.keys
        self._described += len(keys.counts)
        self._key_counts.append(keys.counts)
        self._common.append(keys.common)
        self._key_numbers.append(self._keys.of(keys.lines)[keys.rows])
        self._stem_numbers.append(self._stems.of(described.stems))

    def keys_and_stems(self, numbers: Array) -> KeysAndStems:
        """Keys and stems of the forms with these numbers, each given once. Waits for the workers."""
        if len(self) and not self._submitted:
            # Few forms: starting workers would take longer.
            self._submitted = len(self)
            self._take(describe(self.forms))
        needed = int(numbers.max()) + 1 if len(numbers) else 0
        if self._submitted < needed:
            self.describe_new()
        while self._described < needed:
            for described in self._workers.take(1):
                self._take(described)
        for parts in (self._key_counts, self._key_numbers, self._stem_numbers, self._common):
            parts[:] = [np.concatenate(parts)] if parts else [np.zeros(0, np.uint32)]
        counts = self._key_counts[0][numbers].astype(np.int64)
        first = (np.cumsum(self._key_counts[0], dtype=np.int64) - self._key_counts[0])[numbers]
        ends = np.cumsum(counts)
        rows = np.arange(ends[-1] if len(ends) else 0) + np.repeat(first - (ends - counts), counts)
        keys, form_keys = _sorted(self._keys, self._key_numbers[0][rows])
        stems, form_stems = _sorted(self._stems, self._stem_numbers[0][numbers])
        return KeysAndStems(keys, stems, ends.astype(np.uint64), form_keys, form_stems, self._common[0][rows])


def _sorted(words: LineNumbers, numbers: Array) -> tuple[Lines, Array]:
    """(the words with these numbers, sorted; for each number the rank of its word among them (uint32))."""
    lines, order = words.sorted(numbers)
    return lines, ranks_of(order, len(words))[numbers]


def ranks_of(order: Array, count: int) -> Array:
    """For each number below `count` its place in `order` (uint32); 0 if it is not there."""
    ranks = np.zeros(count, np.uint32)
    ranks[order] = np.arange(len(order), dtype=np.uint32)
    return ranks
