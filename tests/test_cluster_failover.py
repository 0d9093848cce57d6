"""Nodes are killed while threads search: nobody sees an error, and no answer is another one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from naidi import ClusterUnavailable
from naidi.indexer.opensearch.writer import ClusterWriter
from naidi.search.cluster_searcher import ClusterSearcher
from tests.cluster_collections import documents, queries
from tests.opensearch_load import Load
from tests.opensearch_nodes import Cluster

pytestmark = pytest.mark.cluster


@pytest.fixture(scope="module")
def searcher(opensearch_three: Cluster) -> Iterator[ClusterSearcher]:
    """Of an index whose shards have each a copy on another node."""
    yield from _searcher(opensearch_three, "copied", replicas=1)


def _searcher(cluster: Cluster, name: str, replicas: int) -> Iterator[ClusterSearcher]:
    address = f"http://{','.join(url.removeprefix('http://') for url in cluster.urls)}/{name}"
    with ClusterWriter(address, shards=3, replicas=replicas) as writer:
        for document in documents(300, seed=1, own=False):
            writer.add(document)
    cluster.wait("green")
    searcher = ClusterSearcher(address)
    yield searcher
    searcher.close()


Answer = tuple[int, list[Any]]


def _answer(searcher: ClusterSearcher, query: str) -> Answer:
    """What a user sees of a search: how many documents, and the first ten with their snippets."""
    found = searcher.search(query, limit=10)
    # The shards add up scores in another order each time.
    return found.total, [(hit.id, hit.title, f"{hit.score:.5g}", hit.snippets) for hit in found.hits]


def _question(searcher: ClusterSearcher) -> Callable[[int], bool]:
    """Asks queries of all kinds in turn: is the answer the one that there was while all nodes ran?"""
    asked = [query.text for query in queries(2, seed=3, own=False)]
    expected = [_answer(searcher, query) for query in asked]
    assert sum(total > 0 for total, _ in expected) > len(asked) / 2
    return lambda number: _answer(searcher, asked[number % len(asked)]) == expected[number % len(asked)]


@pytest.mark.parametrize("count", [60, pytest.param(840, marks=pytest.mark.slow)])
def test_searches_while_each_node_is_killed_in_turn(
    opensearch_three: Cluster, searcher: ClusterSearcher, count: int
) -> None:
    with Load(_question(searcher), threads=2) as load:
        for number in range(3):
            load.wait_for(count // 2, seconds=300)
            killed = time.monotonic()
            opensearch_three.kill(number)
            load.wait_for(count, seconds=300)
            print(f"node {number} was killed: {load.summary(killed)}")
            opensearch_three.start_node(number)
            opensearch_three.wait("green")
            load.wait_for(count // 2, seconds=300)
    summary = load.summary()
    print(f"in all: {summary}")
    assert summary.answers >= 6 * count  # 5,040 in the slow one
    assert summary.bad == 0, str(summary)


def test_what_has_no_copy_is_told_to_be_missing(opensearch_three: Cluster) -> None:
    """The counterpart: the load notices a failure. Answers are errors, never a part of what there is; and right when it is back."""
    for searcher in _searcher(opensearch_three, "single", replicas=0):
        question = _question(searcher)
        opensearch_three.kill(2)
        try:
            with Load(question, threads=1) as load:
                load.wait_for(3)
            with pytest.raises(ClusterUnavailable):
                searcher.search("walk")
        finally:
            opensearch_three.start_node(2)
            opensearch_three.wait("green")
        assert load.summary().errors and load.summary().wrong == 0, str(load.summary())
        assert all(what.startswith("ClusterUnavailable") for what in load.summary().errors)
        assert question(0) and question(1)
