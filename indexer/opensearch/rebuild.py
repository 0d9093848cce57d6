"""Makes the words index anew: by another version of the analysis, or with exact numbers. The documents stay as they are."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TypeVar

from ..errors import IndexProblem
from ..messages import message
from ..writing.vocabulary import describe
from .cluster import Cluster
from .indices import GRACE, layout_of, make_one_beside
from .mapping import documents_state, words_body, words_state
from .naming import token
from .sending import Outcome, send
from .word_writer import create_operation, set_operation
from .words import Word, word_of

_AT_ONCE = 8_192
_COUNTED_AT_ONCE = 500
_SCANNED_AT_ONCE = 10_000
Item = TypeVar("Item")

Progress = Callable[[int], None]
"""Is called with how many words are done."""


def rebuild_words(cluster: Cluster, *, progress: Progress | None = None) -> int:
    """Make keys and stems of all words anew, as this installation gives them. Returns how many words there are.

    Searches go on meanwhile, with the words as they were. Writers of the version that made them are told to stop.

    Raises IndexMissing if there is no index, ClusterUnavailable and its like; then the words are as they were.
    """
    documents_state(cluster)
    old = words_state(cluster).name
    ((_, before),) = cluster.shard_states(old).items()
    cluster.refresh(old)
    made = make_one_beside(cluster, "words", words_body(replicas=layout_of(cluster, old).replicas))
    try:
        count = 0
        for done in _described(_scan(cluster, old)):
            _send_words(cluster, made, done)
            count += len(done)
            if progress is not None:
                progress(count)
        # From here on nothing is added to the old words. What came while they were read is taken over, too.
        cluster.ask("PUT", f"/{old}/_block/write")
        cluster.refresh(old)
        for done in _described(_scan(cluster, old, before.global_checkpoint)):
            count += sum(outcome.status == 201 for outcome in _send_words(cluster, made, done))
        cluster.refresh(made)
        cluster.switch([(cluster.words, [old], made)])
    except BaseException:
        cluster.ask("PUT", f"/{old}/_settings", {"index.blocks.write": None})
        cluster.drop(made)
        raise
    time.sleep(GRACE)
    cluster.drop(old)
    return count


def recount(cluster: Cluster, *, progress: Progress | None = None) -> int:
    """Make the numbers of documents that have each word exact. Returns how many were wrong.

    Writers add up documents as they come, and subtract none that is deleted. What they write meanwhile may be counted or not.
    """
    documents_state(cluster)
    cluster.refresh(cluster.documents)
    wrong = count = 0
    for some in _groups(_scan(cluster, cluster.words), _COUNTED_AT_ONCE):
        bodies = [
            {"size": 0, "track_total_hits": True, "query": {"bool": {"filter": [{"term": {"all": token(word.form)}}]}}}
            for word in some
        ]
        answers = cluster.msearch(cluster.documents, bodies)
        found = [int(answer["hits"]["total"]["value"]) for answer in answers]
        operations = [
            set_operation(word.form, word.docs, docs)
            for word, docs in zip(some, found, strict=True)
            if word.docs != docs
        ]
        _check(cluster, send(cluster, cluster.words, operations))
        wrong += len(operations)
        count += len(some)
        if progress is not None:
            progress(count)
    cluster.refresh(cluster.words)
    return wrong


def _scan(cluster: Cluster, index: str, after: int = -1) -> Iterator[Word]:
    query = {"range": {"_seq_no": {"gt": after}}} if after >= 0 else None
    for hit in cluster.scan(index, query, sort="_seq_no", page=_SCANNED_AT_ONCE):
        yield word_of(hit["_source"])


def _described(words: Iterable[Word]) -> Iterator[list[Word]]:
    """The words with the keys and stems that this installation gives them."""
    for some in _groups(words, _AT_ONCE):
        described = describe([word.form for word in some])
        keys = described.keys.lines.decode().split("\n")
        stems = described.stems.decode().split("\n")
        rows, common = described.keys.rows.tolist(), described.keys.common.tolist()
        done: list[Word] = []
        start = 0
        for word, length, stem in zip(some, described.keys.counts.tolist(), stems, strict=False):
            own = range(start, start + length)
            start += length
            done.append(
                Word(
                    word.form,
                    tuple([keys[rows[one]] for one in own]),
                    stem,
                    tuple([bool(common[one]) for one in own]),
                    word.docs,
                )
            )
        yield done


def _groups(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    waiting = iter(items)
    while some := list(islice(waiting, size)):
        yield some


def _send_words(cluster: Cluster, index: str, words: list[Word]) -> list[Outcome]:
    return _check(cluster, send(cluster, index, list(map(create_operation, words)), is_alias=False))


def _check(cluster: Cluster, outcomes: list[Outcome]) -> list[Outcome]:
    for outcome in outcomes:
        if outcome.is_refused:
            raise IndexProblem(
                message(
                    "{place}: the cluster does not take a word: {reason}",
                    place=cluster.address.shown,
                    reason=outcome.reason,
                )
            )
    return outcomes
