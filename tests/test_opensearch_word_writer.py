"""How the numbers of documents that have a word are told, without a node."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from naidi.indexer.opensearch import word_writer
from naidi.indexer.opensearch.address import ClusterAddress
from naidi.indexer.opensearch.cluster import Cluster
from naidi.indexer.opensearch.sending import Outcome
from naidi.indexer.opensearch.word_writer import WordWriter
from naidi.indexer.writing.vocabulary import Vocabulary


class Words(Cluster):
    """A words index in memory."""

    def __init__(self) -> None:
        super().__init__(ClusterAddress.of("http://h/books"))
        self.docs: dict[str, int] = {}
        self.updates = 0

    def mget(self, index: str, ids: Sequence[str], source: Sequence[str] | bool = True) -> list[dict[str, Any] | None]:
        return [{"docs": self.docs[one]} if one in self.docs else None for one in ids]

    def take(self, cluster: Cluster, index: str, operations: Sequence[bytes], **_: Any) -> list[Outcome]:
        outcomes = []
        for operation in operations:
            action, body = map(json.loads, operation.splitlines())
            ((verb, about),) = action.items()
            if verb == "create":
                status = 409 if about["_id"] in self.docs else 201
                self.docs.setdefault(about["_id"], body["docs"])
            else:
                status = 200 if about["_id"] in self.docs else 404
                self.updates += 1
                if status == 200:
                    self.docs[about["_id"]] += body["script"]["params"]["n"]
            outcomes.append(Outcome(status, "", "", ""))
        return outcomes


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Words:
    found = Words()
    monkeypatch.setattr(word_writer, "send", found.take)
    return found


def write(cluster: Words, documents: Sequence[str], seed: int, *, commits: int = 1) -> None:
    vocabulary = Vocabulary()
    one = WordWriter(cluster, "books-words", vocabulary, is_empty=False)
    one._random = random.Random(seed)
    for part in range(commits):
        some = documents[part::commits]
        rows = [vocabulary.numbers(list(dict.fromkeys(text.split()))) for text in some]
        prepared = one.prepare(rows)
        one.take(prepared, one.send(prepared))
        one.settle()
    one.settle(at_end=True)


def test_what_is_told_is_right_at_once_for_rare_words(cluster: Words) -> None:
    write(cluster, ["a b", "a a c", "a"], 0)
    assert cluster.docs == {"a": 3, "b": 1, "c": 1}
    write(cluster, ["a c", "d"], 0)
    assert cluster.docs == {"a": 4, "b": 1, "c": 2, "d": 1}


def test_many_small_runs_are_told_well_enough(cluster: Words) -> None:
    """Frequent words are seldom told, and none falls behind."""
    write(cluster, ["a"] * 100, 0)
    for seed in range(2_000):
        write(cluster, ["a b"], seed)
    assert cluster.docs["a"] == pytest.approx(2_100, rel=0.5)
    assert cluster.docs["b"] == pytest.approx(2_000, rel=0.5)
    assert cluster.updates < 300  # of 4,000


def test_one_long_run_is_told_to_a_tenth(cluster: Words) -> None:
    documents = ["a " * (number % 2) + "b " * (number % 100 == 0) + "c" for number in range(10_000)]
    write(cluster, documents, 0, commits=100)
    for word, docs in (("a", 5_000), ("b", 100), ("c", 10_000)):
        assert cluster.docs[word] == pytest.approx(docs, rel=0.12)
    assert cluster.updates < 200


def test_another_writer_was_quicker(cluster: Words) -> None:
    """Between the look and the word. And one whose words were made anew without this one."""
    vocabulary = Vocabulary()
    one = WordWriter(cluster, "books-words", vocabulary, is_empty=False)
    prepared = one.prepare([vocabulary.numbers(["a", "b"])])
    cluster.docs["a"] = 5
    one.take(prepared, one.send(prepared))
    one.settle()
    assert cluster.docs == {"a": 6, "b": 1}
    del cluster.docs["b"]
    more = one.prepare([vocabulary.numbers(["b"])])
    assert more.words == []
    one.take(more, [])
    one.settle()
    assert cluster.docs == {"a": 6, "b": 1}


def test_documents_that_were_not_new(cluster: Words) -> None:
    vocabulary = Vocabulary()
    one = WordWriter(cluster, "books-words", vocabulary, is_empty=False)
    rows = [vocabulary.numbers(["a", "b"]), vocabulary.numbers(["a"])]
    prepared = one.prepare(rows)
    one.take(prepared, one.send(prepared))
    one.uncount(np.concatenate((rows[0], rows[0])))  # its tokens, some twice
    one.settle()
    assert cluster.docs == {"a": 1, "b": 0}
