"""Documents go in while a node is gone, an index is made anew while threads search, and shards do not change an answer."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from naidi import Document, Searcher, Writer, open_index
from tests.opensearch_load import Load
from tests.opensearch_nodes import Cluster
from tests.two_homes import SCHEMA, Home, documents

pytestmark = pytest.mark.cluster
QUERIES = [
    "vaccine", "вакцинами doctor", "health care", '"первичная помощь"', "hosp*", "vaccine -hospital", "Токаев", "vacine",
    "+врачи больница", "price:<500 vaccine", "lang:ru vaccine", "dfrwbyf",
]  # fmt: skip


@pytest.fixture
def address(opensearch_three: Cluster) -> str:
    """Of an index that is not there yet, with all nodes."""
    hosts = ",".join(url.split("//")[1] for url in opensearch_three.urls)
    return f"http://{hosts}/survive-{uuid.uuid4().hex[:8]}?timeout=20"


@pytest.fixture
def searcher(opensearch_three: Cluster, address: str) -> Iterator[Searcher]:
    opensearch_three.wait("green")
    Home(address).fill(documents(), schema=SCHEMA, shards=3, replicas=1)
    opensearch_three.wait("green")
    with open_index(address) as searcher:
        yield searcher


def test_documents_go_in_while_a_node_is_gone(opensearch_three: Cluster, address: str, searcher: Searcher) -> None:
    opensearch_three.kill(1)
    with Writer(address) as writer:
        writer.add_many([Document(id=f"more-{number}", text="неслыханное слово") for number in range(20)])
    searcher.refresh()
    assert searcher.search("неслыханные слова").total == 20
    opensearch_three.start_node(1)
    opensearch_three.wait("green")
    assert searcher.search("неслыханные слова").total == 20


def test_no_search_sees_a_rebuild_half_done(searcher: Searcher, address: str) -> None:
    """The alias goes over to another index at once: an answer is of the old documents or of the new ones."""
    old = {hit.id for hit in searcher.search("vaccine", 200, snippets=0)}
    seen: set[frozenset[str]] = set()

    def ask(_: int) -> bool:
        found = frozenset(one for one, _ in searcher.search_ids("vaccine", 200))
        seen.add(found)
        return found in (old, {"only"})

    with Load(ask, threads=2) as load:
        load.wait_for(40)
        for _ in range(3):
            Home(address).fill([Document(id="only", text="vaccine")], rebuild=True)
            load.wait_for(20)
            Home(address).fill(documents(), schema=SCHEMA, rebuild=True)
            load.wait_for(20)
    assert load.summary().bad == 0, str(load.summary())
    assert seen == {frozenset(old), frozenset({"only"})}


def test_three_shards_answer_as_one(opensearch: list[str], cluster_name: str) -> None:
    answers = []
    for shards in (1, 3):
        home = Home(f"{opensearch[0]}/{cluster_name}-{shards}")
        home.fill(documents(), schema=SCHEMA, shards=shards, replicas=0)
        with home.searcher() as searcher:
            answers.append(
                [
                    [(hit.id, round(hit.score, 4)) for hit in searcher.search(query, 100, snippets=0)]
                    for query in QUERIES
                ]
            )
    for query, one, three in zip(QUERIES, *answers, strict=True):
        assert sorted(score for _, score in one) == sorted(score for _, score in three), query
        assert len({*one} & {*three}) >= 0.95 * len(one), query
