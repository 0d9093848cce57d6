"""A cluster finds the same documents as files do, with the same scores, in the same order."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.cluster_collections import Both, Found, documents, queries

pytestmark = pytest.mark.cluster
# All documents found are scored exactly, and may get a bonus for nearness.
FEW, MANY = 95, 400
# Scores as near as this are equal: they come from sums in another order.
EQUAL = 1e-9


@pytest.fixture(scope="module", params=[1, 3], ids=["one shard", "three shards"])
def few(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, opensearch: list[str]
) -> Iterator[Both]:
    yield from _both(tmp_path_factory.mktemp("few") / "index", opensearch, FEW, request.param)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory, opensearch: list[str]) -> Iterator[Both]:
    yield from _both(tmp_path_factory.mktemp("many") / "index", opensearch, MANY, 2)


def _both(directory: Path, urls: list[str], count: int, shards: int) -> Iterator[Both]:
    address = f"{urls[0]}/naidi-test-{uuid.uuid4().hex[:12]}"
    both = Both(directory, address, documents(count, seed=count), shards=shards)
    yield both
    both.cluster.drop(*both.cluster.indices_like(f"{both.cluster.documents}*"))
    both.close()


def in_order(found: Found) -> list[tuple[float, str]]:
    """The hits with those of nearly the same score in the order of their ids."""
    groups: list[list[tuple[float, str]]] = []
    for doc_id, score in found.hits:
        if not groups or abs(groups[-1][0][0] - score) > EQUAL * max(abs(score), 1.0):
            groups.append([])
        groups[-1].append((score, doc_id))
    return [each for group in groups for each in sorted(group, key=lambda hit: hit[1])]


def test_few_documents_are_found_as_in_files(few: Both) -> None:
    compared = 0
    for query in queries(12, seed=5):
        local = few.local(query.text, limit=FEW)
        if local.root is None:
            continue
        far = few.far(local.root, limit=FEW)
        assert far.total == local.total, query
        compared += 1
        expected, got = in_order(local), in_order(far)
        assert [doc_id for _, doc_id in got] == [doc_id for _, doc_id in expected], query
        for (score, _), (far_score, _) in zip(expected, got, strict=True):
            assert far_score == pytest.approx(score, rel=1e-6, abs=1e-9), query
    assert compared > 300


def test_many_documents(many: Both) -> None:
    overlaps = []
    for query in queries(8, seed=7):
        local = many.local(query.text, limit=60)
        if local.root is None:
            continue
        far = many.far(local.root)
        assert far.total == local.total, query
        if local.hits:
            # Those that score as the tenth may stand for it.
            last = local.hits[min(9, len(local.hits) - 1)][1] * (1 - 1e-6)
            best = {doc_id for doc_id, score in local.hits if score >= last}
            overlaps.append(len(best & {*far.ids}) / min(10, len(local.hits)))
            if query.kind in ("word", "and", "phrase"):
                scores = dict(local.hits)
                assert all(score == pytest.approx(scores[one], rel=0.02) for one, score in far.hits if one in scores), (
                    query
                )
    assert sum(overlaps) / len(overlaps) >= 0.995


def test_deleted_and_replaced_documents(tmp_path: Path, opensearch: list[str], cluster_name: str) -> None:
    docs = documents(FEW, seed=3)
    both = Both(tmp_path / "index", f"{opensearch[0]}/{cluster_name}", docs, shards=2)
    both.close()
    again = [replace(doc, text=f"{doc.text} кошки walking") for doc in docs[:15]]
    # The longest texts stay: files remember the length of one that is gone, as a bound.
    gone = [doc.id for doc in sorted(docs[15:], key=lambda doc: len(doc.text))[:20]]
    both = Both(tmp_path / "index", f"{opensearch[0]}/{cluster_name}", again, shards=None, gone=gone)
    assert both.state.counts.statistics.doc_count == FEW - len(gone)
    for query in queries(4, seed=12):
        local = both.local(query.text, limit=FEW)
        if local.root is not None:
            far = both.far(local.root, limit=FEW)
            assert far.total == local.total, query
            assert dict(far.hits) == pytest.approx(dict(local.hits)), query
    both.close()
