"""What a cluster answers, and what naidi says of it: one line, the right class, never the password. No node is needed."""

from __future__ import annotations

import base64
import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from naidi import (
    ClusterRefused,
    ClusterUnavailable,
    IndexMissing,
    IndexOutdated,
    IndexProblem,
    IndexUnwritable,
    NaidiError,
    NotSupported,
)
from naidi.indexer.opensearch import cluster as cluster_module
from naidi.indexer.opensearch import sending
from naidi.indexer.opensearch.address import CA, PASSWORD, USER, ClusterAddress
from naidi.indexer.opensearch.cluster import TRIES, Cluster, connect
from tests.opensearch_front import Front, write_other_ca

Answer = tuple[int, Any] | None
FLOOD = (
    "index [b-docs-1] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark, "
    "index has read-only-allow-delete block];"
)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (USER, PASSWORD, CA):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(cluster_module, "_FIRST_PAUSE", 0.001)
    monkeypatch.setattr(cluster_module, "_LONGEST_BULK_PAUSE", 0.002)
    monkeypatch.setattr(sending, "_FIRST_PAUSE", 0.001)
    monkeypatch.setattr(sending, "_LONGEST_PAUSE", 0.002)


@pytest.fixture
def front() -> Iterator[Front]:
    """A server that answers what a test has it answer."""
    with Front("http://127.0.0.1:9") as made:
        yield made


def cluster_of(front: Front, settings: str = "", login: str = "") -> Cluster:
    return Cluster(ClusterAddress.of(front.url.replace("://", f"://{login}") + "/books" + settings))


def error(kind: str, reason: str, **more: Any) -> dict[str, Any]:
    told: dict[str, Any] = {"type": kind, "reason": reason}
    return {"error": {"root_cause": [dict(told)], **told, **more}}


@pytest.mark.parametrize(
    ("status", "told", "kind", "what"),
    [
        (
            404,
            error("index_not_found_exception", "no such index [books]"),
            IndexMissing,
            "no such index in this cluster",
        ),
        (401, {"error": "Unauthorized"}, ClusterRefused, USER),
        (
            403,
            error("security_exception", "no permissions for [indices:data/read/search]"),
            ClusterRefused,
            "indices:data/read",
        ),
        (403, error("cluster_block_exception", "[FORBIDDEN/5/index read-only (api)]"), IndexUnwritable, "set so"),
        (429, error("cluster_block_exception", FLOOD), IndexUnwritable, "disks are full"),
        (
            429,
            error("circuit_breaking_exception", "[parent] Data too large"),
            ClusterUnavailable,
            "too much to do, 5 tries",
        ),
        (503, error("cluster_block_exception", "[SERVICE_UNAVAILABLE/1/no state]"), ClusterUnavailable, "5 tries"),
        (
            503,
            error(
                "search_phase_execution_exception", "", caused_by={"reason": "missing shards [[b][0]]"}, root_cause=[]
            ),
            ClusterUnavailable,
            "missing shards",
        ),
        (
            400,
            error("illegal_argument_exception", "Unknown filter type [pattern_capture]"),
            ClusterUnavailable,
            "analysis-common",
        ),
        (
            400,
            error("illegal_argument_exception", "script_lang not supported [painless]"),
            ClusterUnavailable,
            "lang-painless",
        ),
        (
            400,
            error("illegal_argument_exception", "cannot execute [inline] scripts"),
            ClusterUnavailable,
            "inline scripts",
        ),
        (400, error("parsing_exception", "unknown query [nope]"), IndexProblem, "answers 400: unknown query"),
        (413, {}, IndexProblem, "no request so large"),
        (500, error("null_pointer_exception", "oops"), ClusterUnavailable, "answers 500: oops"),
        (504, {}, ClusterUnavailable, "answers 504"),
        (500, "gateway", ClusterUnavailable, "no OpenSearch"),
        (200, None, ClusterUnavailable, "no OpenSearch"),
    ],
)
def test_what_an_answer_means(front: Front, status: int, told: Any, kind: type[NaidiError], what: str) -> None:
    front.answer = lambda method, path: (status, told)
    with cluster_of(front) as asked, pytest.raises(kind) as raised:
        asked.search("books", {"query": {"match_all": {}}})
    shown = str(raised.value)
    assert type(raised.value) is kind or kind is IndexProblem
    assert what in shown and "\n" not in shown and shown.startswith(front.url)
    passes = status in (429, 502, 503, 504) and kind is ClusterUnavailable
    assert len(front.asked) == (TRIES if passes else 1)


def test_a_failure_that_passes_is_not_told(front: Front) -> None:
    answers = iter([(503, {}), (429, {}), (502, {}), (200, {"hits": 1, "_shards": {}})])
    front.answer = lambda method, path: next(answers)
    with cluster_of(front) as asked:
        assert asked.search("books", {}) == {"hits": 1, "_shards": {}}


# As a node says it that was fetching hits from one that was killed.
LOST = {
    "type": "node_disconnected_exception",
    "reason": "[n1][127.0.0.1:21544][indices:data/read/search[phase/fetch/id]] disconnected",
}
LOST_IN_FETCH = {
    "error": {
        "root_cause": [LOST],
        "type": "search_phase_execution_exception",
        "reason": "Partial shards failure",
        "phase": "fetch",
        "grouped": True,
        "failed_shards": [{"shard": 0, "index": "books-docs-1", "node": "1osyPejpQF6jXpKmjCTRoQ", "reason": LOST}],
        "caused_by": LOST,
    },
    "status": 500,
}


def test_a_node_lost_in_the_middle_of_an_answer_is_not_told(front: Front) -> None:
    answers: list[tuple[int, Any]] = [(500, LOST_IN_FETCH), (200, {"hits": 1, "_shards": {}})]
    front.answer = lambda method, path: answers.pop(0)
    with cluster_of(front) as asked:
        assert asked.search("books", {}) == {"hits": 1, "_shards": {}}
        answers += [
            (200, {"responses": [{"hits": 1, "_shards": {}}, LOST_IN_FETCH]}),
            (200, {"responses": [{"hits": 1, "_shards": {}}, {"hits": 2, "_shards": {}}]}),
        ]
        assert asked.msearch("books", [{}, {}]) == [{"hits": 1, "_shards": {}}, {"hits": 2, "_shards": {}}]


def test_nodes_that_stay_lost(front: Front) -> None:
    front.answer = lambda method, path: (500, LOST_IN_FETCH)
    with cluster_of(front) as asked, pytest.raises(ClusterUnavailable, match=r"answers 500, 5 tries: .*disconnected"):
        asked.search("books", {})
    assert len(front.asked) == TRIES


def test_what_must_not_be_done_twice_is_sent_once(front: Front) -> None:
    front.answer = lambda method, path: (503, {})
    with cluster_of(front) as asked, pytest.raises(ClusterUnavailable):
        asked.create("books-docs-1", {})
    assert len(front.asked) == 1


def test_a_search_asks_for_whole_answers_alone(front: Front) -> None:
    part = {"_shards": {"total": 3, "failed": 1, "failures": [{"reason": {"type": "x", "reason": "node left"}}]}}
    front.answer = lambda method, path: (200, part)
    with (
        cluster_of(front) as asked,
        pytest.raises(ClusterUnavailable, match="1 of 3 parts of the index do not answer: node left"),
    ):
        asked.search("books", {})
    assert "allow_partial_search_results=false" in front.asked[0].path
    front.answer = lambda method, path: (200, {"responses": [{"hits": {}, "_shards": {}}, part]})
    with cluster_of(front) as asked, pytest.raises(ClusterUnavailable, match="1 of 3"):
        asked.msearch("books", [{}, {}])
    assert front.asked[1].body.count(b'{"allow_partial_search_results":false}\n') == 2


def test_one_failed_search_of_several_is_an_error(front: Front) -> None:
    failed = {"status": 400, **error("parsing_exception", "unknown query [nope]")}
    front.answer = lambda method, path: (200, {"responses": [{"hits": {}, "_shards": {}}, failed]})
    with cluster_of(front) as asked, pytest.raises(IndexProblem, match="unknown query"):
        asked.msearch("books", [{}, {}])
    passing = iter([{"status": 429, **error("rejected", "full")}, {"hits": {}, "_shards": {}}])
    front.answer = lambda method, path: (200, {"responses": [next(passing)]})
    with cluster_of(front) as asked:
        assert asked.msearch("books", [{}]) == [{"hits": {}, "_shards": {}}]
        assert asked.msearch("books", []) == []


def test_nobody_answers() -> None:
    with connect_fails("http://127.0.0.1:9/books", ClusterUnavailable) as shown:
        assert "cannot be reached, 2 tries: Connection refused" in shown()


def test_an_answer_that_takes_too_long(front: Front) -> None:
    gone = threading.Event()

    def wait(method: str, path: str) -> Answer:
        gone.wait(5)
        return 200, {}

    front.answer = wait
    started = time.monotonic()
    with (
        cluster_of(front, "?timeout=0.05") as asked,
        pytest.raises(ClusterUnavailable, match=r"no answer within 0\.05 s, 5 tries"),
    ):
        asked.ask("GET", "/")
    assert time.monotonic() - started < 4
    gone.set()


class connect_fails:
    """The text of the error that a URL gives."""

    def __init__(self, url: str, kind: type[NaidiError]) -> None:
        with pytest.raises(kind) as raised:
            connect(url)
        self.text = str(raised.value)

    def __enter__(self) -> Callable[[], str]:
        return lambda: self.text

    def __exit__(self, *_: object) -> None:
        assert "\n" not in self.text


@pytest.mark.parametrize(
    ("version", "what"),
    [
        ({"number": "8.11.0", "build_flavor": "default"}, "no OpenSearch"),
        ({"distribution": "opensearch", "number": "1.3.14"}, "needs 2.4"),
        ({"distribution": "opensearch", "number": "2.3.0"}, "needs 2.4"),
        ({}, "no OpenSearch"),
    ],
)
def test_servers_that_will_not_do(front: Front, version: dict[str, str], what: str) -> None:
    front.answer = lambda method, path: (200, {"version": version})
    with connect_fails(f"{front.url}/books", IndexOutdated) as shown:
        assert what in shown()


def test_servers_that_will_do(front: Front) -> None:
    front.answer = lambda method, path: (200, {"version": {"distribution": "opensearch", "number": "3.9.0-SNAPSHOT"}})
    with connect(f"{front.url}/books") as found:
        assert found.version == (3, 9) and (found.documents, found.words) == ("books", "books-words")
    front.answer = lambda method, path: (403, error("security_exception", "no permissions for [cluster:monitor/main]"))
    with connect(f"{front.url}/books") as found:  # it may not ask for the version
        assert found.version == ()


def test_tls_and_a_login(tmp_path: Path) -> None:
    with Front("http://127.0.0.1:9", folder=tmp_path, login="me:s3cret!") as front:
        front.answer = lambda method, path: (200, {"version": {"distribution": "opensearch", "number": "2.19.0"}})
        good = front.url.replace("://", "://me:s3cret!@") + "/books"
        with connect(f"{good}?ca={front.ca_file}") as found:
            assert found.version == (2, 19)
        for ca in (None, write_other_ca(tmp_path)):
            before = len(front.asked)
            with connect_fails(f"{good}?ca={ca}" if ca else good, ClusterRefused) as shown:
                assert "TLS failed" in shown() and "s3cret" not in shown()
                assert (str(ca) if ca else "ca=") in shown()
            assert len(front.asked) == before  # no password was sent to a stranger
        with connect_fails(f"{good}?ca={tmp_path}/none.pem", ClusterRefused) as shown:
            assert "none.pem" in shown()
        with connect_fails(f"{front.url}/books?ca={front.ca_file}", ClusterRefused) as shown:
            assert USER in shown() and PASSWORD in shown()
        with connect_fails(f"{good.replace('s3cret', 'wr0ng')}?ca={front.ca_file}", ClusterRefused) as shown:
            assert "does not know this user" in shown() and "wr0ng" not in shown()


def test_tls_where_there_is_none(front: Front) -> None:
    with connect_fails(front.url.replace("http:", "https:") + "/books", ClusterRefused) as shown:
        assert "TLS failed" in shown()


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 429, 500, 503])
def test_no_message_has_the_password(front: Front, status: int) -> None:
    """Not even if the cluster, or a server before it, tells it."""
    secret = "p@ss wörd"
    coded = base64.b64encode(f"me:{secret}".encode()).decode()
    for reason in (secret, f"User [{coded}] failed", "p%40ss%20w%C3%B6rd"):
        front.answer = lambda method, path, reason=reason: (status, error("some_exception", f"what {reason} is\nthis"))  # type: ignore[misc]
        with cluster_of(front, login="me:p%40ss%20w%C3%B6rd@") as asked, pytest.raises(NaidiError) as raised:
            asked.search("books", {})
        shown = str(raised.value)
        assert reason not in shown and "\n" not in shown and raised.value.__cause__ is None
        assert raised.value.__suppress_context__


def test_without_the_client(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opensearchpy", None)
    with pytest.raises(NotSupported, match=r"naidi\[opensearch\]"):
        connect("http://127.0.0.1:9/books")


def operations(count: int) -> list[bytes]:
    return [f'{{"index":{{"_id":"{number}"}}}}\n{{"a":{number}}}\n'.encode() for number in range(count)]


def sent_ids(body: bytes) -> list[str]:
    return [json.loads(line)["index"]["_id"] for line in body.splitlines()[::2]]


class Bulk:
    """Stands for `Cluster.bulk`: each request answers 201 for all but what its verdict says, _id -> (status, reason)."""

    def __init__(self, *verdicts: dict[str, tuple[int, str]]) -> None:
        self.verdicts = list(verdicts)
        self.requests: list[list[str]] = []

    def __call__(self, index: str, lines: bytes, **params: Any) -> list[dict[str, Any]]:
        self.requests.append(sent_ids(lines))
        verdict = self.verdicts.pop(0) if self.verdicts else {}
        items: list[dict[str, Any]] = []
        for one in self.requests[-1]:
            status, reason = verdict.get(one, (201, ""))
            told = {"error": {"type": "t", "reason": reason}} if status >= 400 else {"result": "created"}
            items.append({"_id": one, "status": status, **told})
        return items


def test_what_was_turned_away_is_sent_again_alone(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    bulk = Bulk({"1": (429, "full"), "2": (503, "gone"), "3": (400, "bad")}, {"2": (429, "full")})
    with cluster_of(front) as asked:
        monkeypatch.setattr(asked, "bulk", bulk)
        outcomes = sending.send(asked, "books", operations(4))
    assert bulk.requests == [["0", "1", "2", "3"], ["1", "2"], ["2"]]
    assert [one.status for one in outcomes] == [201, 201, 201, 400]
    assert [one.is_refused for one in outcomes] == [False, False, False, True] and outcomes[3].reason == "bad"


def test_requests_have_bounds(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "REQUEST_OPERATIONS", 3)
    bulk = Bulk()
    with cluster_of(front) as asked:
        monkeypatch.setattr(asked, "bulk", bulk)
        assert len(sending.send(asked, "books", operations(8))) == 8
        assert [len(one) for one in bulk.requests] == [3, 3, 2]
        bulk.requests.clear()
        monkeypatch.setattr(sending, "REQUEST_BYTES", 2 * len(operations(1)[0]))
        sending.send(asked, "books", operations(4))
        assert [len(one) for one in bulk.requests] == [2, 2]
        assert sending.send(asked, "books", []) == []


def test_a_cluster_that_stays_full(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    bulk = Bulk(*[{"0": (429, "rejected execution")}] * 20)
    with (
        cluster_of(front) as asked,
        pytest.raises(ClusterUnavailable, match="too much to do, 12 tries: rejected execution"),
    ):
        monkeypatch.setattr(asked, "bulk", bulk)
        sending.send(asked, "books", operations(1))


def test_a_node_whose_memory_is_full_is_waited_for(front: Front) -> None:
    answers = iter([(429, error("circuit_breaking_exception", "[parent] Data too large"))] * 11)
    done = {"items": [{"index": {"_id": "0", "status": 201, "result": "created"}}]}
    front.answer = lambda method, path: next(answers, (200, done))
    with cluster_of(front) as asked:
        assert [one.status for one in sending.send(asked, "books", operations(1))] == [201]
        assert len(front.asked) == 12
        front.answer = lambda method, path: (429, error("circuit_breaking_exception", "[parent] Data too large"))
        with pytest.raises(ClusterUnavailable, match="12 tries"):
            sending.send(asked, "books", operations(1))


def test_a_full_disk_ends_it_at_once(front: Front) -> None:
    item = {"index": {"_id": "0", "status": 429, "error": {"type": "cluster_block_exception", "reason": FLOOD}}}
    front.answer = lambda method, path: (200, {"items": [item]})
    with cluster_of(front) as asked, pytest.raises(IndexUnwritable, match="disks are full"):
        sending.send(asked, "books", operations(1))
    assert len(front.asked) == 1


def test_an_index_that_is_gone_is_not_made_by_the_cluster(front: Front) -> None:
    item = {"index": {"_id": "0", "status": 404, **error("index_not_found_exception", "no such index")}}
    front.answer = lambda method, path: (200, {"items": [item]})
    with cluster_of(front) as asked, pytest.raises(IndexMissing, match="removed"):
        sending.send(asked, "books", operations(1))
    assert "require_alias=true" in front.asked[0].path


def test_a_request_that_is_too_large_is_halved(front: Front) -> None:
    with cluster_of(front) as asked:
        sizes: list[int] = []

        def bulk(index: str, lines: bytes, **params: Any) -> list[dict[str, Any]]:
            ids = sent_ids(lines)
            sizes.append(len(ids))
            if len(ids) > 2 or "5" in ids:
                raise sending.RequestTooLarge("too large")
            return [{"_id": one, "status": 201, "result": "created"} for one in ids]

        asked.bulk = bulk  # type: ignore[method-assign, assignment]
        outcomes = sending.send(asked, "books", operations(8))
    assert [one.status for one in outcomes] == [201] * 5 + [413] + [201] * 2
    assert sizes[0] == 8


def test_a_token_of_the_state(front: Front) -> None:
    def stats(seq_no: int) -> dict[str, Any]:
        copies = [
            {"routing": {"primary": first}, "seq_no": {"max_seq_no": seq_no, "global_checkpoint": 4}}
            for first in (False, True)
        ]
        return {"indices": {"b": {"uuid": "u", "shards": {"0": copies}}}}

    seen = []
    with cluster_of(front) as asked:
        for number in (5, 5, 6):
            front.answer = lambda method, path, number=number: (200, stats(number))  # type: ignore[misc]
            seen.append(asked.state_token())
        assert seen[0] == seen[1] != seen[2]
        front.answer = lambda method, path: (200, {"indices": {}})
        with pytest.raises(ClusterUnavailable):
            asked.state_token()


def test_no_log_has_the_password(front: Front, caplog: pytest.LogCaptureFixture) -> None:
    """Not even what the client logs for those who look for mistakes in it."""
    caplog.set_level(1)
    login = base64.b64encode(b"me:s3cret").decode()
    with cluster_of(front, login="me:s3cret@") as asked:
        for status in (200, 400, 503):
            front.answer = lambda method, path, status=status: (status, {"hits": 1, "_shards": {}})  # type: ignore[misc]
            try:
                asked.search("books", {"query": {"match_all": {}}})
            except NaidiError:
                assert status != 200
    assert front.asked[0].login == "me:s3cret" and "books/_search" in caplog.text
    assert "s3cret" not in caplog.text and login not in caplog.text
