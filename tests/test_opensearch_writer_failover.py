"""Writing goes on while nodes are killed, and nothing is lost or told twice."""

from __future__ import annotations

import threading
import uuid

import pytest

from naidi import Document
from naidi.indexer.analysis import tokenizer
from naidi.indexer.opensearch import words
from naidi.indexer.opensearch.cluster import connect
from naidi.indexer.opensearch.writer import ClusterWriter
from tests.opensearch_nodes import Cluster

pytestmark = [pytest.mark.cluster, pytest.mark.slow]


def test_writing_while_each_node_is_killed_in_turn(opensearch_three: Cluster) -> None:
    """A document that a commit has taken is there once, whichever node took it, and so are its words."""
    hosts = ",".join(url.partition("://")[2] for url in opensearch_three.urls)
    url = f"http://{hosts}/naidi-test-{uuid.uuid4().hex[:12]}?timeout=30"
    committed: dict[str, str] = {}
    failures: list[str] = []
    ended = threading.Event()

    def write(number: int) -> None:
        try:
            with ClusterWriter(url, shards=3, replicas=1) as one:
                turn = 0
                while not ended.is_set() or turn < 3:
                    turn += 1
                    documents = {
                        f"{number}-{turn}-{each}": f"слово{number} раз{turn} номер{each}" for each in range(30)
                    }
                    one.add_many(Document(id=name, text=text) for name, text in documents.items())
                    one.delete(f"{number}-{turn - 1}-0")
                    one.commit()
                    committed.update(documents)
                    committed.pop(f"{number}-{turn - 1}-0", None)
        except Exception as error:
            failures.append(f"{type(error).__name__}: {error}")

    with connect(url) as cluster:
        with ClusterWriter(url, shards=3, replicas=1):
            pass
        opensearch_three.wait("green")
        writers = [threading.Thread(target=write, args=(number,)) for number in range(2)]
        for one in writers:
            one.start()
        for node in range(3):
            before = len(committed)
            opensearch_three.kill(node)
            opensearch_three.wait("yellow")
            opensearch_three.start_node(node)
            opensearch_three.wait("green")
            assert len(committed) > before or failures
        ended.set()
        for one in writers:
            one.join()
        assert failures == []
        found = {
            hit["_source"]["id"]: hit["_source"]["text"]
            for hit in cluster.scan(cluster.documents, source=["id", "text"])
        }
        assert found == committed
        forms = {word.form for word in words.changes(cluster)[0]}
        assert {form for text in committed.values() for form in tokenizer.forms(text)} <= forms
        cluster.drop(*cluster.indices_like(f"{cluster.documents}-*"))
