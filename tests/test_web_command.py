"""The command `naidi serve`, as it is typed: what it prints, who is let in, and how it ends."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from commands import ROOT, called, naidi
from naidi import Document, Writer
from served import serve

pytest.importorskip("uvicorn", reason="the extra [web] is not installed")

TOKEN = "a-token-of-many-letters"


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("served") / "index"
    with Writer(directory) as writer:
        writer.add(Document("a/b.txt", "The vaccine arrived.", title="News"))
    return directory


def get(port: int, path: str, host: str = "127.0.0.1", **headers: str) -> tuple[int, dict[str, str], str]:
    """(status, headers, body) of an answer."""
    connection = http.client.HTTPConnection(host, port, timeout=30)
    try:
        connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read().decode()
    finally:
        connection.close()


def test_it_serves_and_ends(directory: Path) -> None:
    with serve(directory) as served:
        assert served.url == f"http://127.0.0.1:{served.port}/"
        status, headers, page = get(served.port, "/?q=vaccines")
        assert status == 200 and "<mark>vaccine</mark>" in page and "server" not in headers
        status, _, found = get(served.port, "/api/search?query=vaccines")
        assert status == 200 and json.loads(found)["hits"][0]["id"] == "a/b.txt"
        assert get(served.port, "/api/documents/a%2Fb.txt")[0] == 200
        assert get(served.port, "/", Host="evil.example")[0] == 421
        assert served.end() == (0, "naidi: ended\n")


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such signal")
def test_it_ends_when_a_service_manager_says_so(directory: Path) -> None:
    with serve(directory) as served:
        assert get(served.port, "/")[0] == 200
        served.process.send_signal(signal.SIGTERM)
        _, said = served.process.communicate(timeout=30)
        assert served.process.returncode in (0, -signal.SIGTERM) and not said


def test_connections_are_kept(directory: Path) -> None:
    with serve(directory) as served:
        connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=30)
        connection.connect()
        first = connection.sock
        for _ in range(5):
            connection.request("GET", "/api/suggest?text=vac")
            assert connection.getresponse().read()
            assert connection.sock is first
        connection.close()


def test_a_commit_is_seen(tmp_path: Path) -> None:
    with Writer(tmp_path / "index") as writer:
        writer.add(Document("a", "apple"))
    with serve(tmp_path / "index") as served:
        with Writer(tmp_path / "index") as writer:
            writer.add(Document("b", "apple"))
        total = 0
        while total != 2:  # within a second or so; else the test ends with its time
            total = json.loads(get(served.port, "/api/search?query=apple")[2])["total"]


def test_others_need_the_token_that_is_printed(directory: Path) -> None:
    with serve(directory, "--host", "0.0.0.0") as served:
        address = urlsplit(served.url)
        (token,) = parse_qs(address.query)["token"]
        assert len(token) >= 40 and address.hostname == socket.gethostname().lower()
        assert get(served.port, "/")[0] == get(served.port, "/api/search?query=a")[0] == 401
        status, headers, _ = get(served.port, f"/?token={token}")
        assert status == 303 and headers["location"] == "/" and token not in headers["set-cookie"]
        cookie = headers["set-cookie"].partition(";")[0]
        assert get(served.port, "/", Cookie=cookie)[0] == 200
        assert get(served.port, "/api/search?query=a", Authorization=f"Bearer {token}")[0] == 200


def test_a_token_of_ones_own_is_not_printed(directory: Path, tmp_path: Path) -> None:
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    for arguments, env in ((["--token-file", str(tmp_path / "token")], {}), ([], {"NAIDI_TOKEN": TOKEN})):
        with serve(directory, *arguments, env=env) as served:
            assert TOKEN not in served.url
            assert get(served.port, "/api/search?query=a")[0] == 401
            assert get(served.port, "/api/search?query=a", Authorization=f"Bearer {TOKEN}")[0] == 200


def test_behind_a_proxy(directory: Path) -> None:
    with serve(directory, "--name", "docs.example", "--root-path", "find/") as served:
        assert served.url.endswith(f":{served.port}/find/")
        status, _, page = get(served.port, "/find/?q=vaccine", Host="docs.example")
        assert status == 200 and 'action="/find/"' in page and 'href="/find/documents/a/b.txt?q=vaccine"' in page
        assert get(served.port, "/?q=vaccine", Host="docs.example")[0] == 200  # a proxy may have taken the path away
        assert get(served.port, "/find/", Host="other.example")[0] == 421


def test_a_port_in_use(directory: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = called("serve", "--port", port, index=directory)
        assert ended.returncode == 2 and not ended.stdout
        assert ended.stderr == f"naidi: port {port} of 127.0.0.1 is in use: --port 0 takes a free one\n"


def test_what_is_refused_in_one_line(directory: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "short").write_text("short")
    for arguments, said in (
        (["--token-file", str(tmp_path / "empty")], "the file of the token is empty"),
        (["--token-file", str(tmp_path / "short")], "a token has at least 16 ASCII characters"),
        (["--token-file", str(tmp_path / "none")], "No such file"),
        (["--host", "999.1.1.1"], "cannot listen at 999.1.1.1"),
        (["--host", "192.0.2.1"], "cannot listen at 192.0.2.1"),
        (["--name", "bad name"], "--name 'bad name': write the name of a host"),
        (["--name", "docs.example:80"], "--name 'docs.example:80': write the name of a host"),
        (["--name", ""], "--name '': write the name of a host"),
    ):
        ended = called("serve", "--port", "0", *arguments, index=directory)
        assert ended.returncode == 2 and ended.stderr.count("\n") == 1, ended.stderr
        assert said in ended.stderr and ended.stderr.startswith("naidi: ")
    ended = called("serve", "--port", "0", index=tmp_path / "nothing")
    assert ended.returncode == 2 and "no index" in ended.stderr and ended.stderr.count("\n") == 1


def test_without_the_extra_it_says_how(directory: Path, tmp_path: Path) -> None:
    (tmp_path / "starlette.py").write_text(
        "raise ModuleNotFoundError(\"No module named 'starlette'\", name='starlette')\n"
    )
    ended = naidi("serve", index=directory, env={"PYTHONPATH": os.pathsep.join((str(tmp_path), str(ROOT / "src")))})
    assert ended.returncode == 2 and ended.stderr.count("\n") == 1
    assert "naidi serve needs starlette" in ended.stderr and "pip install '.[web]' in a clone of naidi" in ended.stderr


@pytest.mark.parametrize("setting", ['host = "0.0.0.0"', 'name = ["evil.example"]', 'token-file = "known"'])
def test_a_file_beside_documents_lets_nobody_in(directory: Path, tmp_path: Path, setting: str) -> None:
    """A `naidi.toml` may have come with documents of somebody else."""
    (tmp_path / "naidi.toml").write_text(f"[serve]\n{setting}\n")
    (tmp_path / "known").write_text("0123456789abcdef")
    ended = called("serve", "--port", "0", index=directory, cwd=tmp_path)
    assert ended.returncode == 2 and "this file may have come with documents" in ended.stderr


def test_a_file_of_settings_may_set_the_rest(directory: Path, tmp_path: Path) -> None:
    (tmp_path / "naidi.toml").write_text("[serve]\ntimeout = 2.5\n")
    with serve(directory, cwd=tmp_path) as served:
        told = json.loads(get(served.port, "/api/openapi.json")[2])
        (timeout,) = [one for one in told["paths"]["/api/search"]["get"]["parameters"] if one["name"] == "timeout"]
        assert timeout["schema"]["maximum"] == 2.5


def test_a_wrong_request_ends_nothing(directory: Path) -> None:
    with serve(directory) as served:
        for sent, status, said in (
            (b"\x00\xff\r\n\r\n", 400, "Invalid HTTP request received."),
            (b"GET /?q=" + b"a" * 66_000, 414, "The address is too long."),
            (b"GET /?q=" + b"a" * 20_000 + b" HTTP/1.1\r\nX: " + b"a" * 50_000, 414, "The address is too long."),
            (
                b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"a" * 66_000,
                431,
                "The headers of the request are too long.",
            ),
        ):
            with socket.create_connection(("127.0.0.1", served.port), timeout=30) as connection:
                connection.sendall(sent)
                answer = http.client.HTTPResponse(connection)
                answer.begin()
                assert (answer.status, json.load(answer)["error"]) == (status, said)
                assert answer.getheader("Content-Type") == "application/json"
                assert answer.getheader("X-Content-Type-Options") == "nosniff"
        assert get(served.port, "/?q=" + "a" * 17_000)[0] == 414
        assert get(served.port, "/", X_Long="a" * 40_000)[0] == 431
        assert get(served.port, "/?q=vaccine")[0] == 200
