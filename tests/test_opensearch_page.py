"""Pages, orders, cursors, recency and facets of an index in a cluster are those of the same index in files."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from naidi import field
from naidi.indexer.document import Document
from naidi.indexer.errors import InvalidQuery, NotSupported
from naidi.search.answer import answer_to
from naidi.search.facets import facets_of
from naidi.search.opensearch import page as page_module
from naidi.search.opensearch.cluster_state import ClusterState
from naidi.search.opensearch.counts import Counts
from naidi.search.opensearch.dates import cluster_recency
from naidi.search.opensearch.evaluation import ClusterEvaluation
from naidi.search.opensearch.facets import cluster_facets
from naidi.search.opensearch.filters import filter_body
from naidi.search.opensearch.page import cluster_page, sort_body
from naidi.search.query.analysed import AmongDocs, AmongIds, Bridged, Combination, LanguageIs
from naidi.search.question import Question
from naidi.search.ranking.evaluate import Evaluation
from naidi.search.ranking.page_cut import PageCut
from naidi.search.ranking.recency import recency_of
from naidi.search.segments_state import SegmentsState
from tests.cluster_collections import PARAMETERS, SCHEMA, WORDS, Both, documents, queries

pytestmark = pytest.mark.cluster
DOCUMENTS = 180


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory, opensearch: list[str]) -> Iterator[Both]:
    address = f"{opensearch[0]}/naidi-test-{uuid.uuid4().hex[:12]}"
    made = Both(tmp_path_factory.mktemp("page") / "index", address, documents(DOCUMENTS, seed=8), shards=2)
    yield made
    made.cluster.drop(*made.cluster.indices_like(f"{made.cluster.documents}*"))
    made.close()


@pytest.mark.parametrize("query", ["walk кошка", "*", "the -и", '"in the" OR мир'])
def test_all_pages_together_have_each_document_once(both: Both, query: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # Blocks and windows so small that a page begins in one and ends in another.
    monkeypatch.setattr(page_module, "FIRST_WITH_TEXTS", 20)
    monkeypatch.setattr(page_module, "BLOCK", 50)
    monkeypatch.setattr(page_module, "WINDOW", 60)
    local = both.local(query, limit=DOCUMENTS)
    paged: list[str] = []
    for offset in range(0, DOCUMENTS, 7):
        far = both.far(local.root, cut=PageCut(7, offset))
        assert far.total == local.total
        paged += far.ids
    assert len(paged) == len(set(paged)) == local.total
    assert set(paged) == set(local.ids)


def test_all_ids(both: Both) -> None:
    local = both.local("walk -мир", limit=DOCUMENTS)
    assert list(both.evaluation(local.root).found_ids()) == sorted(local.ids)


def test_a_long_page(both: Both) -> None:
    local = both.local("walk кошка the", limit=DOCUMENTS)
    assert both.far(local.root, limit=DOCUMENTS).ids == local.ids


@pytest.mark.parametrize(
    "keys",
    [
        ["date"],
        ["-date"],
        ["title"],
        ["-title", "date"],
        ["brand", "-price"],
        ["-sizes"],
        ["sizes", "-made"],
        ["-seen"],
        ["tags", "sold"],
        ["brand", "score"],
        ["-sold", "-score"],
    ],
)
def test_sorted_pages(both: Both, keys: list[str]) -> None:
    query = "walk OR мир OR the"
    local = both.local(query, limit=DOCUMENTS, sort=keys)
    far = both.far(local.root, limit=DOCUMENTS, sort=keys)
    assert far.ids == local.ids
    assert far.total == local.total
    assert dict(far.hits) == pytest.approx(dict(local.hits))


def test_sort_keys_that_are_no_fields() -> None:
    for key in ("nothing", "summary"):
        with pytest.raises(InvalidQuery, match=key):
            sort_body([key], SCHEMA)


def test_each_value_once(both: Both) -> None:
    for name in ("brand", "price"):
        local = both.local("walk OR мир OR the", limit=DOCUMENTS, collapse=name)
        far = both.far(local.root, cut=PageCut(DOCUMENTS, 0, collapse=name))
        assert far.total == local.total == len(far.hits)
        assert far.ids == local.ids
        second = both.far(local.root, cut=PageCut(5, 3, collapse=name))
        assert second.ids == local.ids[3:8]


def test_a_page_behind_a_document(both: Both) -> None:
    root = both.local("walk OR мир OR the").root
    every = both.far(root, limit=DOCUMENTS).ids
    behind = (0, both.state.table.number_of(every[11]))
    page = cluster_page(both.evaluation(root), PageCut(4, 0, behind))
    assert [both.state.table.id_of(one.doc) for one in page.found] == every[12:16]
    assert page.offset == 12
    unknown = (0, both.state.table.number_of("no such document"))
    assert cluster_page(both.evaluation(root), PageCut(4, 2, unknown)).offset == 2


def test_newer_documents_first(both: Both) -> None:
    recency = cluster_recency(both.state.counts)
    assert recency == recency_of([view.segment.dates for view in both.collection.views])
    for query in ("walk", "дом кошка", "*"):
        local = both.local(query, limit=DOCUMENTS, recent=True)
        far = both.far(local.root, limit=DOCUMENTS, recency=recency)
        assert dict(far.hits) == pytest.approx(dict(local.hits))
        assert [score for _, score in far.hits] == sorted((score for _, score in far.hits), reverse=True)


def test_a_document_may_be_left_out(both: Both) -> None:
    root = both.local("walk OR мир").root
    every = both.far(root, limit=DOCUMENTS)
    without = (0, both.state.table.number_of(every.ids[0]))
    far = both.far(root, limit=DOCUMENTS, without=without)
    assert far.total == every.total - 1
    assert every.ids[0] not in far.ids


def test_few_of_very_many_ids(both: Both) -> None:
    some = both.local("*", limit=40).ids
    ids = frozenset([*some, *(f"missing {number}" for number in range(70_000))])
    root = Combination(must=(both.local("walk OR the").root, AmongIds(ids)))
    far = both.far(root, limit=DOCUMENTS)
    expected = [one for one in both.local("walk OR the", limit=DOCUMENTS).ids if one in ids]
    assert sorted(far.ids) == sorted(expected)
    with pytest.raises(InvalidQuery, match="no id"):
        both.far(AmongIds(frozenset([7])))  # type: ignore[list-item]
    with pytest.raises(NotSupported):
        both.far(AmongDocs([]))


def test_one_question(tmp_path: Path, opensearch: list[str], cluster_name: str) -> None:
    docs = documents(DOCUMENTS, seed=8, own=False)
    both = Both(tmp_path / "index", f"{opensearch[0]}/{cluster_name}", docs, shards=2, own=False)
    state = ClusterState(both.cluster, both.collection, asks_twice=False)
    overlaps = []
    for query in queries(4, seed=9, own=False):
        local = both.local(query.text)
        if local.root is None:
            continue
        page = cluster_page(ClusterEvaluation(state, local.root, PARAMETERS), PageCut(10, 0))
        assert page.total == local.total, query
        assert page.nearness is None
        if local.hits:
            found = {state.table.id_of(one.doc) for one in page.found}
            overlaps.append(len(found & {*local.ids}) / len(local.ids))
    both.close()
    # Scores without nearness, and with lengths in one byte. Here few words make most of the score.
    assert sum(overlaps) / len(overlaps) > 0.8


def test_arms_that_tell(both: Both) -> None:
    compared = 0
    for query in queries(25, seed=10):
        root = both.local(query.text).root
        bridges = [] if root is None else list({id(node): node for node, _ in root.bridges()}.values())
        if not bridges:
            continue
        local, far = Evaluation(both.collection, root, PARAMETERS), both.evaluation(root)
        ids = both.far(root).ids
        places = [both.collection.place_of(one) for one in ids]
        for node in bridges:
            assert isinstance(node, Bridged)
            expected = local.best_arms(node, [(view.number, doc) for view, doc in filter(None, places)])
            assert far.best_arms(node, [(0, both.state.table.number_of(one)) for one in ids]) == expected, query
            compared += 1
        for one, place in zip(ids, places, strict=True):
            assert place is not None
            mine = far.best_arm(0, bridges[0], both.state.table.number_of(one))
            alternative, weight = local.best_arm(place[0].number, bridges[0], place[1])
            assert (mine[0], mine[1]) == (alternative, pytest.approx(weight))
    assert compared > 20


def test_counts_of_phrases_and_of_what_may_be_seen(both: Both) -> None:
    root = both.local('"in the"').root
    evaluation = both.evaluation(root)
    local = both.local('"in the"')
    assert evaluation.phrase_freq(root) == local.total
    narrow = filter_body(LanguageIs("ru"), both.collection.schema)
    counts = Counts(both.cluster, both.collection.schema, within=[narrow])
    state = ClusterState(both.cluster, both.collection, schema=both.collection.schema, counts=counts)
    found = both.local("lang:ru").total
    assert counts.statistics.doc_count == found
    assert ClusterEvaluation(state, root, PARAMETERS).phrase_freq(root) == both.local('"in the" lang:ru').total


FACETS = [
    "language",
    "year",
    "folder",
    "type",
    "brand",
    "tags",
    "price",
    "sold",
    field("sizes").counts(3),
    field("color").counts(1),
    field("color.name"),
    field("made").by("month"),
]
MORE_FACETS = [
    field("price").ranges((None, 0), (0, 10), (10, None), (5, 5)),
    field("made").ranges((date(2020, 3, 1), date(2021, 1, 1)), (None, date(2020, 6, 1))),
    field("sizes").ranges((0, 4), (2, 8)),
    field("seen").by("week"),
    field("tags").counts(2),
]


@pytest.mark.parametrize("query", ["*", "walk OR мир", "zzzz", "the -lang:ru"])
def test_facets(both: Both, query: str) -> None:
    answer = answer_to(SegmentsState(both.collection, PARAMETERS), Question(query, 10), count_all=True, tell=False)
    evaluation = both.evaluation(answer.root)
    for wanted in (FACETS, MORE_FACETS, [field("sizes").by(2), field("price").by(2.5)], [field("seen").by("year")]):
        assert cluster_facets(evaluation, both.collection.schema, wanted) == facets_of(both.collection, answer, wanted)
    with pytest.raises(InvalidQuery):
        cluster_facets(evaluation, both.collection.schema, ["nothing"])


@pytest.mark.parametrize("between", [" ", " AND "])
def test_very_long_queries(both: Both, between: str) -> None:
    # Each word with another boost, so that all of them are searched for by themselves.
    words = [f"{word}^{1 + number / 100:.2f}" for number in range(11) for word in WORDS]
    query = between.join(words)
    local = both.local(query)
    far = both.far(local.root)
    assert local.root is not None
    assert far.total == local.total
    assert dict(far.hits) == pytest.approx(dict(local.hits))
    assert list(both.evaluation(local.root).found_ids()) == sorted(both.local(query, limit=DOCUMENTS).ids)


def test_patterns_of_thousands_of_forms(tmp_path: Path, opensearch: list[str], cluster_name: str) -> None:
    draw = random.Random(4)
    forms = [f"{draw.choice('qx')}{number}z" for number in range(4_000)]
    docs = [
        Document(id=str(number), title=draw.choice(forms), text=" ".join(draw.choices([*forms, "walk"], k=60)))
        for number in range(150)
    ]
    both = Both(tmp_path / "index", f"{opensearch[0]}/{cluster_name}", docs, shards=1, own=False)
    for query in ("q*", "*z", "title:q* walk", "walk -q1*", '"walk q*"', '-"q* x*"', '"q* x*"', "q?1*^2 x*"):
        local = both.local(query, limit=150)
        far = both.far(local.root, limit=150)
        assert far.total == local.total, query
        assert dict(far.hits) == pytest.approx(dict(local.hits)), query
    for query in ("body:q*", '"walk q*"~2'):
        with pytest.raises(NotSupported, match="write more letters"):
            both.far(both.local(query).root)
    both.close()
