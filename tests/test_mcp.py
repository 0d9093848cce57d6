"""`naidi mcp` from end to end: the SDK's own client speaks to the real command, over stdio and over HTTP."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

import anyio
import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError
from mcp_types import ResourceTemplateReference

from naidi.indexer.document import Document
from naidi.indexer.homes import Writer
from naidi.search.agents.answers import DEFAULT_BUDGET
from naidi.search.agents.declared import TOOLS
from naidi.search.agents.over_http import host_and_port, is_loopback
from naidi.search.agents.quoting import address_of
from naidi.search.agents.tokens import tokens_in
from naidi.search.open_index import open_index
from tests import mcp_page
from tests.agent_answers import cited
from tests.agent_documents import ANSWERS, HOSTILE
from tests.commands import naidi
from tests.indexes import build
from tests.mcp_client import Conversation, command, environment, over_http, over_stdio

TOKEN = "a-secret-of-the-test"


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    directory = tmp_path_factory.mktemp("agents") / "index_data"
    build(directory, [*ANSWERS, *HOSTILE])
    yield directory


def text_of(result: Any) -> str:
    return "".join(content.text for content in result.content)


# --- over stdio


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_the_tools_over_stdio(index: Path, mode: str) -> None:
    """Both eras of the protocol: with the handshake and without."""

    async def talk(client: Client) -> None:
        tools = (await client.list_tools()).tools
        assert [tool.name for tool in tools] == ["search", "read", "similar", "suggest", "facets"]
        for tool in tools:
            assert tool.annotations is not None
            assert tool.annotations.read_only_hint and tool.annotations.open_world_hint is False
        assert "17 documents" in (client.instructions or "")
        assert client.server_info is not None and client.server_info.name == "naidi"
        found = await client.call_tool("search", {"query": "how long are copies kept"})
        assert "Copies are kept for ninety days." in text_of(found)
        assert found.structured_content is None and not found.is_error
        for tool_name, given in (
            ("read", {"id": "handbook/backups.md", "from": 5, "to": 5}),
            ("similar", {"id": "handbook/backups.md"}),
            ("suggest", {"text": "passw"}),
            ("facets", {"query": "backups"}),
        ):
            assert not (await client.call_tool(tool_name, given)).is_error, tool_name

    over_stdio(index, talk, mode=mode)


def test_errors_are_answers(index: Path) -> None:
    async def talk(client: Client) -> None:
        for name, given, told in (
            ("search", {"query": "x", "filters": "lang:zz"}, "Known filters: lang:ru"),
            ("search", {"query": "x", "limit": "many"}, "limit must be a whole number"),
            ("read", {"id": "nothing"}, "no document has the id"),
            ("find", {}, "there are search, read"),
        ):
            result = await client.call_tool(name, given)
            assert result.is_error and told in text_of(result)

    over_stdio(index, talk)


def test_values_are_given_where_asked_for(index: Path) -> None:
    async def talk(client: Client) -> None:
        result = await client.call_tool("search", {"query": "how long are copies kept", "budget": 600})
        values = result.structured_content
        assert values["hits"][0]["id"] == "handbook/backups.md"
        assert any("ninety" in passage["text"] for passage in values["hits"][0]["passages"])
        both = text_of(result) + json.dumps(values, ensure_ascii=False, separators=(",", ":"))
        assert tokens_in(both) <= 600

    over_stdio(index, talk, "--structured")


def test_documents_are_resources(index: Path) -> None:
    async def talk(client: Client) -> None:
        (template,) = (await client.list_resource_templates()).resource_templates
        assert template.uri_template == "naidi://documents/{id}"
        assert (await client.list_resources()).resources == []
        for document in (ANSWERS[1], HOSTILE[1]):
            (contents,) = (await client.read_resource(address_of(document.id))).contents
            assert contents.mime_type == "text/plain"
            assert contents.text == document.text  # type: ignore[union-attr]
        reference = ResourceTemplateReference(uri=template.uri_template)
        completed = await client.complete(reference, {"name": "id", "value": "handbook/"})
        assert "handbook/backups.md" in completed.completion.values
        for address in ("naidi://documents/none", "file:///etc/passwd", "naidi://documents/../../etc/passwd"):
            with pytest.raises(MCPError):
                await client.read_resource(address)

    over_stdio(index, talk)


def test_a_newer_state_is_seen(tmp_path: Path) -> None:
    directory = tmp_path / "index_data"
    build(directory, ANSWERS[:1])

    async def talk(client: Client) -> None:
        assert "no document found" in text_of(await client.call_tool("search", {"query": "zebra"}))
        build(directory, [Document(id="new", text="a zebra")])
        with anyio.fail_after(30):
            while "1. new" not in text_of(await client.call_tool("search", {"query": "zebra"})):
                await anyio.sleep(0.1)

    over_stdio(directory, talk)


def test_an_index_that_goes_ends_nothing(tmp_path: Path) -> None:
    """The state that is open goes on to answer, though nothing is left of it on the disk."""
    directory = tmp_path / "index_data"
    build(directory, ANSWERS)

    async def talk(client: Client) -> None:
        assert "ninety" in text_of(await client.call_tool("search", {"query": "copies"}))
        shutil.rmtree(directory)
        await anyio.sleep(1.1)
        for _ in range(3):
            assert not (await client.call_tool("search", {"query": "copies"})).is_error

    over_stdio(directory, talk)


def test_damage_is_told_to_the_agent(tmp_path: Path) -> None:
    """Files that are overwritten while they are open."""
    directory = tmp_path / "index_data"
    build(directory, ANSWERS)

    async def talk(client: Client) -> list[Any]:
        for path in directory.rglob("*.seg"):
            with path.open("r+b") as file:
                file.seek(path.stat().st_size // 20)
                file.write(b"\xff" * (path.stat().st_size * 9 // 10))
        return [
            await client.call_tool(name, given)
            for name, given in (
                ("search", {"query": "copies"}),
                ("read", {"id": "handbook/backups.md"}),
                ("facets", {}),
            )
        ]

    told = [text_of(result) for result in over_stdio(directory, talk) if result.is_error]
    assert len(told) == 3
    assert all("tell the user" in text and "naidi index --rebuild" in text for text in told), told


def test_a_damaged_index_is_one_line(tmp_path: Path) -> None:
    directory = tmp_path / "index_data"
    build(directory, ANSWERS)
    for path in directory.rglob("*.seg"):
        path.write_bytes(path.read_bytes()[:500])
    run = naidi("mcp", index=directory)
    assert run.returncode == 2 and run.stdout == ""
    assert re.fullmatch(r"naidi: .*damaged.*naidi index --rebuild.*\n", run.stderr), run.stderr


def test_stdout_has_nothing_but_the_protocol(index: Path) -> None:
    """Lines that are no requests, too. The log goes to stderr."""
    hello = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "initialize",
        "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}},
    }
    lines = [
        "no json\x1b[31m",
        json.dumps(hello),
        json.dumps({"jsonrpc": "2.0", "method": "notifications/initialized"}),
        json.dumps(
            {
                "jsonrpc": "2.0",
                "id": 2,
                "method": "tools/call",
                "params": {"name": "search", "arguments": {"query": "copies"}},
            }
        ),
    ]
    server = command(index)
    with subprocess.Popen(
        [server.command, *server.args],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=server.env,
        text=True,
        encoding="utf-8",
    ) as process:
        assert process.stdin is not None and process.stdout is not None and process.stderr is not None
        process.stdin.write("\n".join(lines) + "\n")
        process.stdin.flush()
        answers: list[dict[str, Any]] = []
        while not any(answer.get("id") == 2 for answer in answers):
            answers.append(json.loads(process.stdout.readline()))
        process.stdin.close()  # the client leaves
        assert process.wait(30) == 0
        assert all(json.loads(line)["jsonrpc"] == "2.0" for line in process.stdout)
        assert "\x1b" not in process.stderr.read()
    assert "ninety days" in json.dumps(answers)


def test_a_client_that_dies_is_no_error(index: Path) -> None:
    server = command(index)
    with subprocess.Popen(
        [server.command, *server.args],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=server.env,
    ) as process:
        assert process.stdin is not None and process.stdout is not None and process.stderr is not None
        process.stdout.close()
        hello = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
        process.stdin.write(f"{json.dumps(hello)}\n".encode())
        process.stdin.close()
        assert process.wait(30) == 0
        assert b"bug" not in process.stderr.read()


# --- questions answered and cited


@pytest.mark.parametrize(
    "question, answer, line",
    [
        (
            "How long are the copies of the servers kept?",
            "ninety days",
            "handbook/backups.md:5: Copies are kept for ninety days.",
        ),
        (
            "За сколько недель подать заявление на отпуск?",
            "за две недели",
            "handbook/otpusk.txt:3: Заявление на отпуск подают за две недели до его начала.",
        ),
        # Asked in the other language.
        (
            "vacation application",
            "за две недели",
            "handbook/otpusk.txt:3: Заявление на отпуск подают за две недели до его начала.",
        ),
    ],
)
def test_a_question_is_answered_and_cited_within_2000_tokens(
    index: Path, question: str, answer: str, line: str
) -> None:
    async def talk(client: Client) -> tuple[str, int]:
        conversation = Conversation(client)
        return await cited(conversation, question, answer), conversation.tokens

    found, tokens = over_stdio(index, talk)
    assert found == line
    assert tokens <= DEFAULT_BUDGET + 400 < 2_000


# --- docs/mcp.md

PAGE = mcp_page.PAGE.read_text(encoding="utf-8")


def test_the_transcript_of_the_page_is_a_real_one() -> None:
    assert mcp_page.written_transcript() == mcp_page.transcript(), "run: python tests/mcp_page.py"


def commands_in(value: Any) -> Iterator[list[str]]:
    """The commands that the settings of a client start."""
    if isinstance(value, dict):
        if "command" in value:
            command = value["command"]
            yield [command, *value["args"]] if isinstance(command, str) else command
        for inner in value.values():
            yield from commands_in(inner)


def test_the_lines_to_paste_start_the_command(index: Path) -> None:
    blocks = re.findall(r"^```(json|toml)\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    settings = [tomllib.loads(text) if kind == "toml" else json.loads(text) for kind, text in blocks]
    given = [started for each in settings for started in commands_in(each)]
    (shell,) = re.findall(r"^claude mcp add .* -- (naidi .*)$", PAGE, re.MULTILINE)
    given.append(shell.split())
    assert len(given) == 6
    for name, *arguments in given:
        assert name == "naidi"
        place = arguments.index("/home/ann/index_data")
        assert arguments[:place] == command(index).args[2 : 2 + place] and arguments[place + 1 :] == []


def test_the_page_tells_the_arguments_of_the_tools() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| .* \| (.*) \|$", PAGE, re.MULTILINE))
    assert {name: tuple(re.findall(r"`(\w+)`", taken)) for name, taken in rows.items()} == {
        tool.name: tuple(tool.properties) for tool in TOOLS
    }


# --- over HTTP


def posted(url: str, **headers: str) -> tuple[int, str]:
    """(status, body) of a request for the list of tools."""
    place = urlsplit(url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=30)
    sent = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
    for name, value in headers.items():
        sent[name] = value
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/list"})
    connection.request("POST", place.path, body, sent)
    response = connection.getresponse()
    told = response.read().decode()
    connection.close()
    return response.status, told


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_the_tools_over_http(index: Path, mode: str) -> None:
    async def run(url: str) -> None:
        with anyio.fail_after(60):
            async with Client(url, mode=mode) as client:
                assert len((await client.list_tools()).tools) == 5
                assert "ninety days" in text_of(await client.call_tool("search", {"query": "copies kept"}))
                assert (await client.call_tool("read", {"id": "none"})).is_error

    with over_http(index) as url:
        assert url.startswith("http://127.0.0.1:")
        anyio.run(run, url)


def test_a_page_of_another_site_is_kept_out(index: Path) -> None:
    with over_http(index) as url:
        port = urlsplit(url).port
        assert posted(url)[0] == 200
        assert posted(url, Host=f"localhost:{port}")[0] == 200
        assert posted(url, Origin=f"http://localhost:{port}")[0] == 200
        assert posted(url, Host=f"evil.example:{port}")[0] == 421
        assert posted(url, Host=f"127.0.0.1.evil.example:{port}")[0] == 421
        assert posted(url, Origin="https://evil.example")[0] == 403
        assert posted(url, Origin="http://localhost.evil.example")[0] == 403
        assert posted(url, Origin="null")[0] == 403
        assert posted(url, **{"Content-Type": "text/plain"})[0] in (400, 415)  # a form could send this


def test_a_token_is_asked_for(index: Path) -> None:
    async def run(url: str) -> str:
        with anyio.fail_after(60):
            async with (
                httpx2.AsyncClient(headers={"Authorization": f"Bearer {TOKEN}"}) as asking,
                Client(streamable_http_client(url, http_client=asking)) as client,
            ):
                return text_of(await client.call_tool("search", {"query": "copies kept"}))

    with over_http(index, NAIDI_TOKEN=TOKEN) as url:
        for wrong in ({}, {"Authorization": "Bearer x"}, {"Authorization": TOKEN}, {"Authorization": f"bearer{TOKEN}"}):
            status, told = posted(url, **wrong)
            assert status == 401 and TOKEN not in told
        assert "ninety days" in anyio.run(run, url)


def test_an_address_for_others_needs_a_token(index: Path) -> None:
    run = naidi("mcp", "--http", "0.0.0.0:0", index=index)
    assert run.returncode == 2
    assert run.stderr == "naidi: 0.0.0.0: others may come to this address: put a token into $NAIDI_TOKEN first\n"
    with over_http(index, place="0.0.0.0:0", NAIDI_TOKEN=TOKEN) as url:
        here = url.replace("0.0.0.0", "127.0.0.1")
        allowed = {"Authorization": f"Bearer {TOKEN}"}
        assert posted(here)[0] == 401
        assert posted(here, **allowed)[0] == 200
        assert posted(here, Host="search.example:8080", **allowed)[0] == 200
        assert posted(here, Origin="https://evil.example", **allowed)[0] == 403


def test_a_long_request_is_refused(index: Path) -> None:
    with over_http(index) as url:
        place = urlsplit(url)
        connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=30)
        connection.request("POST", place.path, b" " * 200_000, {"Content-Type": "application/json"})
        assert connection.getresponse().status == 413
        connection.close()


@pytest.mark.parametrize(
    "text, place",
    [
        ("8080", ("127.0.0.1", 8080)),
        ("localhost:1", ("localhost", 1)),
        ("[::1]:80", ("::1", 80)),
        ("0.0.0.0:0", ("0.0.0.0", 0)),
    ],
)
def test_a_place_is_read(text: str, place: tuple[str, int]) -> None:
    assert host_and_port(text) == place


def test_what_is_this_machine() -> None:
    assert all(map(is_loopback, ("127.0.0.1", "127.8.8.8", "::1", "localhost")))
    assert not any(map(is_loopback, ("0.0.0.0", "::", "192.168.1.2", "localhost.example", "")))


# --- how the command begins and ends


def test_no_index_is_one_line(tmp_path: Path) -> None:
    run = naidi("mcp", "--index", tmp_path / "none")
    assert run.returncode == 2 and run.stdout == ""
    assert re.fullmatch(r"naidi: .*none: .*naidi index.*\n", run.stderr), run.stderr


@pytest.mark.parametrize("place", ["x", "host:", "70000", "1.2.3.4:x", ""])
def test_a_wrong_place_is_one_line(index: Path, place: str) -> None:
    run = naidi("mcp", "--http", place, index=index)
    assert run.returncode == 2 and len(run.stderr.splitlines()) == 1


def test_a_port_in_use_is_one_line(index: Path) -> None:
    with over_http(index) as url:
        run = naidi("mcp", "--http", str(urlsplit(url).port), index=index)
    assert run.returncode == 2
    assert re.fullmatch(r"naidi: 127\.0\.0\.1:\d+: .*in use.*\n", run.stderr)


def test_without_the_sdk_it_says_how_to_get_it(index: Path, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\n"
        "class Hidden:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.partition('.')[0] == 'mcp':\n"
        "            raise ModuleNotFoundError(name=name)\n"
        "sys.meta_path.insert(0, Hidden())\n"
    )
    variables = environment()
    variables["PYTHONPATH"] = os.pathsep.join((str(tmp_path), variables["PYTHONPATH"]))
    run = subprocess.run(
        [sys.executable, "-m", "naidi", "mcp", "--index", str(index)], capture_output=True, text=True, env=variables
    )
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == (
        f"naidi: naidi mcp needs mcp: {sys.executable} -m pip install mcp, or pip install '.[mcp]' in a clone of naidi\n"
    )


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("options", [(), ("--http", "0")])
def test_it_ends_when_interrupted(index: Path, options: tuple[str, ...]) -> None:
    server = command(index, *options)
    with subprocess.Popen(
        [server.command, *server.args],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=server.env,
    ) as process:
        assert process.stdin is not None and process.stdout is not None and process.stderr is not None
        if options:
            assert process.stderr.readline().startswith(b"serving")
        else:
            hello = {
                "jsonrpc": "2.0",
                "id": 1,
                "method": "initialize",
                "params": {
                    "protocolVersion": "2025-06-18",
                    "capabilities": {},
                    "clientInfo": {"name": "t", "version": "1"},
                },
            }
            process.stdin.write(f"{json.dumps(hello)}\n".encode())
            process.stdin.flush()
            assert process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(30) in (0, 130)
        assert b"Traceback" not in process.stderr.read()


# --- a cluster


@pytest.mark.cluster
def test_an_index_in_a_cluster_answers_the_same(index: Path, opensearch: list[str], cluster_name: str) -> None:
    address = f"{opensearch[0]}/{cluster_name}"
    build_there = [*ANSWERS, HOSTILE[0], HOSTILE[9]]
    with Writer(address) as writer:
        writer.add_many(build_there)
    calls: list[tuple[str, dict[str, Any]]] = [
        ("search", {"query": "how long are copies of the servers kept"}),
        ("search", {"query": "отпуск", "filters": "date:2023"}),
        ("search", {"query": "zzqxv"}),
        ("search", {"query": "x", "filters": "lang:zz"}),
        ("read", {"id": "handbook/backups.md", "query": "ninety"}),
        ("read", {"id": "backups.md"}),
        ("read", {"id": "nothing"}),
        ("similar", {"id": "hostile/pages"}),
        ("suggest", {"text": "passw"}),
        ("facets", {"query": "backups"}),
    ]

    async def talk(client: Client) -> list[tuple[bool, str]]:
        results = [await client.call_tool(name, given) for name, given in calls]
        return [(bool(result.is_error), text_of(result)) for result in results]

    def without_why(results: list[tuple[bool, str]]) -> list[tuple[bool, str]]:
        """A cluster tells the marked words alone."""
        return [(is_error, re.sub(r" \| found: .*", "", text)) for is_error, text in results]

    folder = index.parent / "as_in_the_cluster"
    build(folder, build_there)
    there, here = over_stdio(address, talk), over_stdio(folder, talk)
    assert "found: servers; copies; kept" in there[0][1]
    assert without_why(there) == without_why(here)
    with open_index(address) as searcher:
        assert searcher.search("zzqxv", explain=True).hits == ()
