"""Nodes are killed while threads search: nobody sees an error, and no answer is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from opensearchpy import OpenSearch

from tests.opensearch_load import Load
from tests.opensearch_nodes import Cluster, ask

pytestmark = pytest.mark.cluster
DOCUMENTS = 600
WORDS = ["two", "three", "five", "seven"]
DIVISORS = dict(zip(WORDS, (2, 3, 5, 7), strict=True))


@pytest.fixture(scope="module")
def numbers(opensearch_three: Cluster) -> str:
    """An index whose shards have each a copy on another node."""
    return _filled(opensearch_three, "numbers", replicas=1)


def _filled(cluster: Cluster, index: str, replicas: int) -> str:
    """The numbers from 1 on, each with the words for what divides it."""
    settings = {"number_of_shards": 3, "number_of_replicas": replicas}
    ask(cluster.urls[0], f"/{index}?wait_for_active_shards=all", {"settings": settings}, method="PUT")
    lines: list[dict[str, object]] = []
    for number in range(1, DOCUMENTS + 1):
        words = [word for word, divisor in DIVISORS.items() if number % divisor == 0]
        lines += [{"index": {"_id": str(number)}}, {"words": " ".join(words)}]
    client = OpenSearch(cluster.urls, timeout=30)
    assert not client.bulk(index=index, body=lines, params={"refresh": "true"})["errors"]
    client.close()
    return index


@pytest.fixture
def client(opensearch_three: Cluster) -> Iterator[OpenSearch]:
    """As naidi connects: all nodes, and an error only after several were asked."""
    made = OpenSearch(
        opensearch_three.urls, timeout=10, max_retries=4, retry_on_timeout=True, retry_on_status=(429, 500, 502, 503, 504)
    )
    yield made
    made.close()


def _question(client: OpenSearch, index: str) -> Callable[[int], bool]:
    def question(number: int) -> bool:
        word = WORDS[number % len(WORDS)]
        body = {"query": {"match": {"words": word}}, "size": 10, "track_total_hits": True}
        found = client.search(index=index, body=body, params={"allow_partial_search_results": "false"})
        ids = [int(hit["_id"]) for hit in found["hits"]["hits"]]
        right = all(each % DIVISORS[word] == 0 for each in ids) and len(set(ids)) == 10
        return (
            right and found["hits"]["total"]["value"] == DOCUMENTS // DIVISORS[word] and not found["_shards"]["failed"]
        )

    return question


def test_searches_while_each_node_is_killed_in_turn(
    opensearch_three: Cluster, numbers: str, client: OpenSearch
) -> None:
    opensearch_three.wait("green")
    with Load(_question(client, numbers), threads=2, pause=0.005) as load:
        load.wait_for(50)
        for number in range(3):
            opensearch_three.kill(number)
            load.wait_for(200)
            opensearch_three.start_node(number)
            opensearch_three.wait("green")
            load.wait_for(50)
    print(load.summary())
    assert load.summary().answers >= 800
    assert load.summary().bad == 0, str(load.summary())


def test_a_question_whose_shards_are_gone_is_an_error(opensearch_three: Cluster, client: OpenSearch) -> None:
    """The counterpart: without copies, a killed node must be noticed by the load, or the test above could not fail."""
    ask_one = _question(client, _filled(opensearch_three, "lonely", replicas=0))
    assert ask_one(0)
    opensearch_three.kill(2)
    with Load(ask_one, threads=1) as load:
        load.wait_for(3)
    assert load.summary().bad >= 3
    opensearch_three.start_node(2)
    opensearch_three.wait("green")
    assert ask_one(0)
