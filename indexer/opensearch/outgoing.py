"""What a writer has for a cluster and has not sent: the last change of each document, the words before the documents."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import NamedTuple

import numpy as np

from ..codec.container import Array
from ..errors import ClusterUnavailable
from ..messages import message
from ..writing.batch import AnalysedBatch
from ..writing.vocabulary import CAPACITY, Vocabulary
from ..writing.workers import ThreadPool
from .analysing import Describing
from .cluster import Cluster
from .documents import Source
from .indices import Pair
from .naming import document_key, token
from .sending import Outcome, send
from .word_writer import Prepared, WordWriter

_CONFLICT = 409
_CURRENT_VERSION = re.compile(r"current version \[(\d+)\]")
_AHEAD = 60_000_000  # microseconds
_ROUNDS = 20  # how often a change may find that another writer was there between
_NO_FORMS = np.zeros(0, np.uint32)


class _Change(NamedTuple):
    """A document that is added, or deleted: then `line` is empty. version: None if the last one wins."""

    doc_id: str
    line: bytes
    forms: Array
    version: int | None


class _Flight(NamedTuple):
    """Changes that are being sent, each with its version, behind their words."""

    words: Prepared
    changes: list[_Change]
    versions: list[int]


class Outgoing:
    """Changes on their way to two indices.

    tokens: what stands for a form in a document, by the number of the form.
    size: bytes that wait.
    sent: how many changes were sent since the last `take_counts`.
    """

    def __init__(self, cluster: Cluster, target: Pair, describing: Callable[[], Describing], *, is_new: bool) -> None:
        """Parameters:
        cluster, target: where they go.
        describing: gives the workers that describe the forms.
        is_new: whether these indices are new and no alias means them.
        """
        self._cluster = cluster
        self._target = target
        self._is_new = is_new
        self._describing = describing
        self._vocabulary = Vocabulary(describing())
        is_empty = is_new or all(state.max_seq_no < 0 for state in cluster.shard_states(target.words).values())
        self._words = WordWriter(cluster, target.words, self._vocabulary, is_empty=is_empty, is_alias=not is_new)
        self._changes: dict[str, _Change] = {}
        self._refused: list[tuple[str, str]] = []
        self._clock = 0
        self._thread = ThreadPool(1)  # while the cluster takes what is sent, this process goes on
        self._flight: _Flight | None = None
        self._under_way: Future[tuple[list[Outcome], list[Outcome]]] | None = None
        self._added = self._removed = 0
        self.tokens: list[str] = []
        self.size = 0
        self.sent = 0

    def go_on(self, target: Pair) -> None:
        """The indices have their aliases now."""
        self._target, self._is_new = target, False
        self._words.go_on(target.words)

    def numbers(self, batch: AnalysedBatch) -> Array:
        """The forms of a batch by their numbers in `tokens` (uint32)."""
        if len(self._vocabulary) >= CAPACITY:
            self.flush()
            self._words.settle(at_end=True)
            self._vocabulary = self._vocabulary.successor(self._describing())
            self._words.begin(self._vocabulary)
            self.tokens = []
        numbers = self._vocabulary.of_tokens(batch.tokens, batch.forms)
        self.tokens += map(token, self._vocabulary.forms[len(self.tokens) :])
        return numbers

    # What waits.

    def put(self, source: Source, forms: Array, version: int | None) -> None:
        """Add a document. forms: its tokens, by their numbers."""
        self._forget(source.doc_id)
        self._changes[source.doc_id] = _Change(source.doc_id, source.line, forms, version)
        self.size += len(source.line)

    def delete(self, doc_id: str, version: int | None) -> None:
        """Delete a document."""
        self._forget(doc_id)
        self._changes[doc_id] = _Change(doc_id, b"", _NO_FORMS, version)

    def _forget(self, doc_id: str) -> None:
        before = self._changes.pop(doc_id, None)
        if before is not None:
            self.size -= len(before.line)

    def holds(self, doc_id: str) -> bool | None:
        """Whether a document will be there once all is sent; None if nothing of it waits."""
        found = self._changes.get(doc_id)
        return None if found is None else bool(found.line)

    # What is sent.

    def flush(self) -> None:
        """Send all changes, and wait until they are there."""
        self.begin()
        self.finish()

    def begin(self) -> None:
        """Begin to send all changes. What is under way is waited for before: a document has one order of its changes."""
        self.finish()
        changes, self._changes, self.size = list(self._changes.values()), {}, 0
        if not changes:
            return
        if not self._is_new:
            self._words.check()
        words = self._words.prepare([change.forms for change in changes if change.line])
        self._flight = _Flight(words, changes, self._versions(changes))
        self.sent += len(changes)
        self._under_way = self._thread.submit(self._fly, self._flight)

    def _fly(self, flight: _Flight) -> tuple[list[Outcome], list[Outcome]]:
        """Send words and documents. A thread runs this, so it changes nothing here."""
        words = self._words.send(flight.words)
        return words, self._send(flight.changes, flight.versions)

    def finish(self) -> None:
        """Wait for what is under way. Raises its errors."""
        if self._flight is None or self._under_way is None:
            return
        flight, under_way, self._flight, self._under_way = self._flight, self._under_way, None, None
        words, outcomes = under_way.result()
        self._words.take(flight.words, words)
        changes = self._note_all(flight.changes, flight.versions, outcomes)
        for _ in range(_ROUNDS):
            if not changes:
                return
            versions = self._versions(changes)
            changes = self._note_all(changes, versions, self._send(changes, versions))
        raise ClusterUnavailable(
            message(
                "{place}: document {doc_id!r} is written by others all the time; try again",
                place=self._cluster.address.shown,
                doc_id=changes[0].doc_id,
            )
        )

    def _versions(self, changes: list[_Change]) -> list[int]:
        """Of each change: microseconds since 1970, and more than all before."""
        self._clock = max(self._clock + 1, time.time_ns() // 1000)
        return [self._clock if change.version is None else change.version for change in changes]

    def _send(self, changes: list[_Change], versions: list[int]) -> list[Outcome]:
        operations = [_operation(change, version) for change, version in zip(changes, versions, strict=True)]
        return send(self._cluster, self._target.documents, operations, is_alias=not self._is_new)

    def _note_all(self, changes: list[_Change], versions: list[int], outcomes: list[Outcome]) -> list[_Change]:
        """Note what became of changes. Returns those before which another writer was, with a clock that is ahead."""
        again: list[_Change] = []
        for change, version, outcome in zip(changes, versions, outcomes, strict=True):
            if outcome.status == _CONFLICT and change.version is None:
                there = _CURRENT_VERSION.search(outcome.reason)
                # The clock of another machine may be ahead. What comes later wins, whatever the clocks say.
                current = int(there[1]) if there else version + _AHEAD
                if current != version:
                    self._clock = max(self._clock, current)
                    again.append(change)
                    continue
                # The request was sent twice, since its answer was lost: then it is done.
            elif outcome.result != "created":
                self._words.uncount(change.forms)
            self._note(change, outcome)
        return again

    def _note(self, change: _Change, outcome: Outcome) -> None:
        if outcome.is_refused:
            self._refused.append((change.doc_id, outcome.reason))
        elif outcome.result in ("created", "updated"):
            self._added += 1
        elif outcome.result == "deleted":
            self._removed += 1

    def settle(self, *, at_end: bool = False) -> None:
        """Tell how many documents have the words, see `WordWriter`. Call `flush` before."""
        self._words.settle(at_end=at_end)

    def stop(self) -> None:
        """Wait for the request that is under way, and send no more. Then `sent` says what cannot be taken back."""
        if self._flight is not None and self._under_way is not None and self._under_way.cancel():
            self.sent -= len(self._flight.changes)
        self._thread.close()

    def take_refused(self) -> list[tuple[str, str]]:
        """(id, reason) of documents that the cluster refused since the last call."""
        refused, self._refused = self._refused, []
        return refused

    def take_counts(self) -> tuple[int, int]:
        """(documents sent, documents deleted) since the last call."""
        counts = self._added, self._removed
        self._added = self._removed = self.sent = 0
        return counts


def _operation(change: _Change, version: int) -> bytes:
    verb = "index" if change.line else "delete"
    key = json.dumps(document_key(change.doc_id), ensure_ascii=False)
    action = f'{{"{verb}":{{"_id":{key},"version":{version},"version_type":"external"}}}}\n'.encode()
    return b"%b%b\n" % (action, change.line) if change.line else action
