"""naidi's own searches while nodes are killed and while an index is made anew: none fails, and none is wrong."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator

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


def question(searcher: Searcher) -> Callable[[int], bool]:
    """Asks one query after another, and says whether the answer is that of the beginning."""
    expected = {query: answer(searcher, query) for query in QUERIES}

    def ask(number: int) -> bool:
        query = QUERIES[number % len(QUERIES)]
        return answer(searcher, query) == expected[query]

    return ask


def answer(searcher: Searcher, query: str) -> object:
    """What must not change. Copies of a shard have other statistics until they are merged alike, so scores are rounded."""
    found = searcher.search(query)
    corrections = [(one.original, one.replacement) for one in found.corrections]
    return found.total, sorted((round(hit.score, 3), len(hit.snippets)) for hit in found), corrections


@pytest.mark.parametrize("count", [600, pytest.param(5_000, marks=pytest.mark.slow)])
def test_no_search_fails_while_each_node_is_killed(opensearch_three: Cluster, searcher: Searcher, count: int) -> None:
    each = count // 6
    with Load(question(searcher), threads=2) as load:
        for number in range(3):
            load.wait_for(each)
            opensearch_three.kill(number)
            load.wait_for(each)
            opensearch_three.start_node(number)
            opensearch_three.wait("green")
    summary = load.summary()
    print(summary)
    assert summary.answers >= count
    assert summary.bad == 0, str(summary)


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
