"""The server that tests put before a node. Here it stands before a small server, so no OpenSearch is needed."""

from __future__ import annotations

import json
import ssl
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.opensearch_front import Front, write_other_ca


class _Echo(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        answer = json.dumps([self.command, self.path, body.decode(), self.headers.get("Authorization")]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def node() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Echo) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def _ask(url: str, ca_file: Path | None = None, authorization: str | None = None) -> object:
    headers = {"Authorization": authorization} if authorization else {}
    request = urllib.request.Request(url, b"body", headers)
    context = ssl.create_default_context(cafile=ca_file) if ca_file else None
    with urllib.request.urlopen(request, timeout=10, context=context) as answer:
        return json.load(answer)


def test_requests_reach_the_node(node: str) -> None:
    with Front(node) as front:
        assert _ask(f"{front.url}/a/_search?b=c") == ["POST", "/a/_search?b=c", "body", None]
        assert [tuple(each) for each in front.asked] == [("POST", "/a/_search?b=c", b"body", None, 200)]


def test_tls_by_its_own_authority(node: str, tmp_path: Path) -> None:
    with Front(node, folder=tmp_path) as front:
        assert front.url.startswith("https://127.0.0.1:")
        assert _ask(front.url, front.ca_file) == ["POST", "/", "body", None]
        for ca_file in (None, write_other_ca(tmp_path)):
            with pytest.raises(urllib.error.URLError, match="CERTIFICATE_VERIFY_FAILED"):
                _ask(front.url, ca_file)
        assert len(front.asked) == 1


def test_a_certificate_for_another_host(node: str, tmp_path: Path) -> None:
    with (
        Front(node, folder=tmp_path, hosts=["search.example.org"]) as front,
        pytest.raises(urllib.error.URLError, match="not valid for"),
    ):
        _ask(front.url, front.ca_file)


def test_a_login_is_asked_for_and_not_passed_on(node: str) -> None:
    with Front(node, login="me:secret") as front:
        assert _ask(front.url, authorization="Basic bWU6c2VjcmV0") == ["POST", "/", "body", None]
        for wrong in (None, "Basic bWU6d3Jvbmc="):
            with pytest.raises(urllib.error.HTTPError) as refused:
                _ask(front.url, authorization=wrong)
            assert refused.value.code == 401
            refused.value.close()
        assert [(each.login, each.status) for each in front.asked] == [
            ("me:secret", 200),
            (None, 401),
            ("me:wrong", 401),
        ]


def test_failures_on_demand(node: str) -> None:
    failures = [(503, {"error": "busy"}), None]
    with Front(node) as front:
        front.answer = lambda method, path: failures.pop(0)
        with pytest.raises(urllib.error.HTTPError) as failed:
            _ask(front.url)
        with failed.value:
            assert (failed.value.code, json.load(failed.value)) == (503, {"error": "busy"})
        assert _ask(front.url) == ["POST", "/", "body", None]


def test_a_node_that_is_gone() -> None:
    with Front("http://127.0.0.1:1") as front, pytest.raises(urllib.error.HTTPError) as failed:
        _ask(front.url)
    assert failed.value.code == 502
    failed.value.close()
