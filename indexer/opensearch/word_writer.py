"""Adds the forms of new documents to the words index, and how many documents have each."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from json.encoder import encode_basestring
from typing import NamedTuple

import numpy as np

from ..codec.container import Array
from ..errors import IndexOutdated, IndexProblem
from ..messages import message
from ..writing.vocabulary import Vocabulary
from .cluster import Cluster
from .mapping import words_state
from .naming import word_id
from .sending import Outcome, send
from .words import Word

_ASKED_AT_ONCE = 5_000
# Below this, each document more is told: rare words are where it matters. Above, a tenth more.
_FEW_DOCS, _SHARE = 10, 0.1
_COUNT = "ctx._source.docs = (long) Math.max((long) params.least, ctx._source.docs + params.n)"
_SHORT = 60  # characters: no form so short has a digest for its id
_quoted = encode_basestring


class Prepared(NamedTuple):
    """Words that the index lacks.

    numbers: of their forms.
    words: in the same order.
    operations: that put them into the index.
    """

    numbers: Array
    words: list[Word]
    operations: list[bytes]


class WordWriter:
    """The words of one writer. It remembers what it has sent, by the numbers of a vocabulary.

    How many documents have a form need not be exact: it tells which forms are common. So it is sent only when it matters. At the
    end, the rest is sent with a chance as great as the rest: no word falls behind in many small runs.
    """

    def __init__(
        self, cluster: Cluster, index: str, vocabulary: Vocabulary, *, is_empty: bool, is_alias: bool = True
    ) -> None:
        """Parameters:
        cluster, index: where words go.
        vocabulary: numbers the forms.
        is_empty: whether the index has no words yet: then it is not asked which it has.
        is_alias: whether `index` is an alias.
        """
        self._cluster = cluster
        self._index = index
        self._is_empty = is_empty
        self._is_alias = is_alias
        self._random = random.Random()
        self.begin(vocabulary)

    def begin(self, vocabulary: Vocabulary) -> None:
        """Go on with another vocabulary. What was counted and not sent is lost: `settle` before."""
        self._vocabulary = vocabulary
        self._sent = np.zeros(0, bool)
        self._docs = np.zeros(0, np.int64)  # of each form, as far as known
        self._pending = np.zeros(0, np.int64)  # how many more there are than the index says

    def go_on(self, alias: str) -> None:
        """The index has its alias now, and others write to it."""
        self._index, self._is_alias = alias, True
        self._is_empty = False

    def _grow(self) -> None:
        missing = len(self._vocabulary) - len(self._sent)
        if missing > 0:
            missing = max(missing, len(self._sent) // 2)
            self._sent = np.concatenate((self._sent, np.zeros(missing, bool)))
            self._docs = np.concatenate((self._docs, np.zeros(missing, np.int64)))
            self._pending = np.concatenate((self._pending, np.zeros(missing, np.int64)))

    def check(self) -> None:
        """Raises IndexOutdated if the words were made anew by another version of the analysis since the writer was opened."""
        if not words_state(self._cluster, self._index).is_current:
            raise IndexOutdated(
                message(
                    "{place}: its words were made by another version of the analysis; use that version",
                    place=self._cluster.address.shown,
                )
            )

    def prepare(self, documents: Iterable[Array]) -> Prepared:
        """The operations that put the forms of documents into the index, if it lacks them. Send them, and call `take`.

        documents: the numbers of the forms of each (uint32).

        The documents are counted as new ones: `uncount` those that were not.
        """
        self._grow()
        counts = np.zeros(len(self._sent), np.int64)
        for numbers in documents:
            counts[numbers] += 1  # once for each number, however often it is there
        met = np.flatnonzero(counts)
        self._pending[met] += counts[met]
        return self._prepare(met[~self._sent[met]])

    def _prepare(self, numbers: Array) -> Prepared:
        if not self._is_empty:
            numbers = self._lacking(numbers)
        words = self._words(numbers)
        return Prepared(numbers, words, list(map(create_operation, words)))

    def take(self, prepared: Prepared, outcomes: Sequence[Outcome]) -> None:
        """Note what became of the operations. Raises IndexProblem if the cluster refuses a word."""
        for number, word, outcome in zip(prepared.numbers.tolist(), prepared.words, outcomes, strict=True):
            if outcome.status == 409:  # another writer was quicker
                continue
            self._expect_done(outcome, word.form)
            self._docs[number] += word.docs
            self._pending[number] -= word.docs
        self._sent[prepared.numbers] = True

    def send(self, prepared: Prepared) -> list[Outcome]:
        """Send the operations. A thread may do that."""
        return send(self._cluster, self._index, prepared.operations, is_alias=self._is_alias)

    def uncount(self, numbers: Array) -> None:
        """Take back that a document with these forms is new."""
        self._pending[numbers] -= 1

    def _lacking(self, numbers: Array) -> Array:
        """Those of the numbers whose forms the index lacks. Of the others, it is noted how many documents they have."""
        forms = self._vocabulary.forms
        lacking: list[int] = []
        for start in range(0, len(numbers), _ASKED_AT_ONCE):
            some = numbers[start : start + _ASKED_AT_ONCE].tolist()
            for number, found in zip(
                some, self._cluster.mget(self._index, [word_id(forms[one]) for one in some], ["docs"]), strict=True
            ):
                if found is None:
                    lacking.append(number)
                else:
                    self._docs[number] = found["docs"]
                    self._sent[number] = True
        return np.array(lacking, np.int64)

    def _words(self, numbers: Array) -> list[Word]:
        """The words with these numbers, each with the documents that are counted for it."""
        if not len(numbers):
            return []
        described = self._vocabulary.keys_and_stems(numbers)
        keys, stems, forms = described.keys.strings(), described.stems.strings(), self._vocabulary.forms
        ends, key_numbers = described.form_key_ends.tolist(), described.form_keys.tolist()
        common = (described.common != 0).tolist()
        found: list[Word] = []
        start = 0
        for number, end, stem, docs in zip(
            numbers.tolist(), ends, described.form_stems.tolist(), self._pending[numbers].tolist(), strict=True
        ):
            own = tuple([keys[one] for one in key_numbers[start:end]])
            found.append(Word(forms[number], own, stems[stem], tuple(common[start:end]), max(docs, 1)))
            start = end
        return found

    def settle(self, *, at_end: bool = False) -> None:
        """Send how many documents have the forms, where it has changed enough.

        at_end: whether nothing will be counted any more.
        """
        pending, docs = self._pending, self._docs
        steps = np.maximum(1, np.where(docs < _FEW_DOCS, 1, docs * _SHARE)).astype(np.int64)
        due = self._sent & (np.abs(pending) >= steps)
        if at_end:
            rest = np.flatnonzero(self._sent & ~due & (pending != 0))
            chances = np.abs(pending[rest]) / steps[rest]
            chosen = rest[np.array([self._random.random() for _ in rest]) < chances] if len(rest) else rest
            pending[rest] = 0
            pending[chosen] = steps[chosen]
            due[chosen] = True
        self._update(np.flatnonzero(due))

    def _update(self, numbers: Array) -> None:
        forms = self._vocabulary.forms
        added = self._pending[numbers].tolist()
        operations = [_count(forms[number], more) for number, more in zip(numbers.tolist(), added, strict=True)]
        outcomes = send(self._cluster, self._index, operations, is_alias=self._is_alias)
        gone: list[int] = []
        for number, outcome in zip(numbers.tolist(), outcomes, strict=True):
            if outcome.status == 404:  # the index was made anew from an older state
                gone.append(number)
            elif outcome.status != 409:  # so many count at once that it had no turn: the next time
                self._expect_done(outcome, forms[number])
                self._docs[number] += self._pending[number]
                self._pending[number] = 0
        if gone:
            prepared = self._prepare(np.array(gone, np.int64))
            self.take(prepared, self.send(prepared))

    def _expect_done(self, outcome: Outcome, form: str) -> None:
        if outcome.is_refused:
            raise IndexProblem(
                message(
                    "{place}: the cluster does not take the word {form!r}: {reason}",
                    place=self._cluster.address.shown,
                    form=form[:60],
                    reason=outcome.reason,
                )
            )


def create_operation(word: Word) -> bytes:
    """The operation that adds a word, if it is not there yet."""
    # There may be hundreds of thousands: as text, in a third of the time that an encoder takes.
    form = _quoted(word.form)
    key = form if len(word.form) < _SHORT else _quoted(word_id(word.form))
    keys, common = ",".join(map(_quoted, word.keys)), ",".join(["true" if one else "false" for one in word.common])
    source = f'{{"form":{form},"keys":[{keys}],"stem":{_quoted(word.stem)},"common":[{common}],"docs":{word.docs}}}'
    return f'{{"create":{{"_id":{key}}}}}\n{source}\n'.encode()


def _count(form: str, more: int, *, least: int = 1) -> bytes:
    """The operation that counts further documents for a form.

    least: how many there are at least. A document that is no new one may be the only one with the form.
    """
    script = f'{{"script":{{"source":"{_COUNT}","lang":"painless","params":{{"n":{more},"least":{least}}}}}}}'
    return f'{{"update":{{"_id":{_quoted(word_id(form))},"retry_on_conflict":5}}}}\n{script}\n'.encode()


def set_operation(form: str, before: int, docs: int) -> bytes:
    """The operation that corrects the number of documents of a form by as much as it was wrong when it was read."""
    return _count(form, docs - before, least=0)
