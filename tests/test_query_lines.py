"""`naidi search -` answers queries that come line by line."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO, cast

import pytest

from commands import ROOT, SEEDS, called
from naidi import Document, Writer, open_index
from naidi.search.query_lines import answer_lines

FOUND, FAILED = 0, 2


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of the owner's documents."""
    index = tmp_path_factory.mktemp("lines") / "index"
    assert called("index", SEEDS, "--index", index).returncode == FOUND
    return index


class Server:
    """`naidi search -` at work."""

    def __init__(self, index: Path, *options: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "naidi", "search", *options, "-"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "NAIDI_INDEX": str(index)},
        )

    def ask(self, line: bytes | str | dict[str, Any]) -> dict[str, Any]:
        """The answer to a line, which must come before the next line is sent."""
        assert self.process.stdin is not None and self.process.stdout is not None
        data = json.dumps(line) if isinstance(line, dict) else line
        self.process.stdin.write((data.encode() if isinstance(data, str) else data) + b"\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer

    def end(self) -> tuple[int, bytes, bytes]:
        """(status, what is left of stdout, stderr) after the end of input."""
        out, err = self.process.communicate(timeout=60)
        return self.process.returncode, out, err


@pytest.fixture
def server(seeds: Path) -> Iterator[Server]:
    started = Server(seeds)
    yield started
    started.process.kill()
    started.process.communicate()


def test_each_line_has_its_answer_at_once(server: Server) -> None:
    first = server.ask("vaccine")
    assert (first["query"], first["total"], len(first["hits"])) == ("vaccine", 2, 2)
    assert first["hits"][0]["title"] and first["hits"][0]["snippets"] == []
    second = server.ask({"query": "vaccine", "limit": 1, "offset": 1, "snippets": True, "id": 7})
    assert (second["id"], second["total"], [hit["rank"] for hit in second["hits"]]) == (7, 2, [2])
    assert second["hits"][0]["snippets"]
    assert server.ask("")["total"] == 0
    assert server.ask("вакцина\r")["query"] == "вакцина"
    assert server.end() == (0, b"", b"")


def test_options_of_a_line(server: Server) -> None:
    def total(**keys: Any) -> int:
        return int(server.ask({"query": "vaccine Omicron", **keys})["total"])

    assert (total(), total(mode="all"), total(language="ru"), total(since="2021-12")) == (2, 1, 0, 1)
    assert (total(until="ноябрь 2021"), total(since="01.06.2021", until="2021")) == (1, 1)
    newest = server.ask({"query": "*", "sort": "-date", "facets": ["year"], "explain": True, "timeout": 60})
    assert [hit["date"][:4] for hit in newest["hits"]] == ["2025", "2021", "2021"]
    assert newest["facets"]["year"]["values"][0] == {"value": "2021", "count": 2}
    assert (
        server.ask({"query": "vaccinaton"})["corrections"]
        and not server.ask({"query": "vaccinaton", "exact": True})["total"]
    )


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"\xff\xfe", "not UTF-8"),
        (b"{", "is no JSON object"),
        (b'{"query": "x"} y', "is no JSON object"),
        (b'{"query": ' + b"[" * 100_000, "is no JSON object"),
        (b'{"query": 1}', "query must be a string"),
        (b"{}", "query must be a string"),
        (b'{"query": "x", "limit": -1}', "limit must be"),
        (b'{"query": "x", "limit": true}', "limit must be"),
        (b'{"query": "x", "limit": 1' + b"0" * 5000 + b"}", "no JSON object"),
        (b'{"query": "x", "mode": "most"}', "mode must be"),
        (b'{"query": "x", "since": "2023-02-30"}', "since 2023-02-30: there is no day"),
        (b'{"query": "x", "since": 2023}', "since must be a string"),
        (b'{"query": "x", "snippets": "many"}', "snippets must be"),
        (b'{"query": "x", "explain": 1}', "explain must be true or false, not 1"),
        (b'{"query": "x", "expand": "no"}', 'expand must be true, false or "auto", not "no"'),
        (b'{"query": "x", "expand": 1}', 'expand must be true, false or "auto", not 1'),
        (b'{"query": "x", "exact": "no"}', 'exact must be true or false, not "no"'),
        (b'{"query": "x", "timeout": "1"}', 'timeout must be a number of seconds above 0, or null, not "1"'),
        (b'{"query": "x", "facets": "year"}', "facets must be"),
        (b'{"query": "x", "facets": ["size"]}', "there is no facet size"),
        (b'{"query": "x", "timeout": NaN}', "timeout must be"),
        (b'{"query": "x", "nosuch": 1}', "unknown key 'nosuch'"),
        (b'{"query": "x", "id": [1]}', "id must be"),
        (b"x" * ((1 << 20) + 5), "longer than"),
    ],
    ids=range(24),
)
def test_an_error_is_an_answer_and_not_the_end(server: Server, line: bytes, reason: str) -> None:
    answer = server.ask(line)
    assert reason in answer["error"] and "hits" not in answer and answer["v"] == 1
    assert server.ask("vaccine")["total"] == 2
    assert server.end()[0] == 0


def test_an_error_keeps_the_id(server: Server) -> None:
    answer = server.ask({"query": "x", "id": "seven", "limit": "ten"})
    assert (answer["id"], answer["query"]) == ("seven", "x") and "limit" in answer["error"]


def test_new_commits_are_seen_at_the_next_line(tmp_path: Path) -> None:
    index = tmp_path / "i"
    with Writer(index) as writer:
        writer.add(Document(id="a", text="ship"))
    server = Server(index, "--no-snippets", "-n", "5")
    for count in range(1, 6):
        assert server.ask("ship")["total"] == count
        with Writer(index) as writer:
            writer.add(Document(id=f"b{count}", text="ship"))
    (index / "synonyms.txt").write_text("boat = ship\n", encoding="utf-8")
    assert server.ask("boat")["total"] == 6
    shutil.rmtree(index)
    gone = server.ask("ship")
    assert gone["total"] == 6 and gone["stale"].startswith("answered from the state before: ")
    assert server.end()[0] == 0


def test_options_of_the_command_hold_for_lines_that_say_nothing(seeds: Path) -> None:
    server = Server(seeds, "--lang", "en", "-n", "1", "--no-snippets")
    answer = server.ask("*")
    assert answer["total"] == 2 and len(answer["hits"]) == 1 and answer["hits"][0]["snippets"] == []
    assert server.ask({"query": "*", "language": None, "limit": 5, "snippets": 1})["total"] == 3
    assert server.end() == (0, b"", b"")


def test_snippets_come_with_the_option(seeds: Path) -> None:
    server = Server(seeds, "--snippets", "1")
    assert [len(hit["snippets"]) for hit in server.ask("vaccine")["hits"]] == [1, 1]
    assert server.ask({"query": "vaccine", "snippets": False})["hits"][0]["snippets"] == []
    assert server.end() == (0, b"", b"")


def test_an_answer_that_is_kept_is_the_same(server: Server) -> None:
    def asked(**keys: Any) -> dict[str, Any]:
        answer = server.ask({"query": 'vaccine "took_ms": 1', **keys})
        assert answer.pop("took_ms", 0) >= 0
        return answer

    first = asked(limit=1)
    assert len(first["hits"]) == 1 and first["total"] == 2
    assert asked(limit=1) == first
    assert asked(limit=1, id="took_ms") == {**first, "id": "took_ms"}
    assert "limit" in asked(limit=True)["error"] and "limit" in asked(limit=[1])["error"]
    assert asked(limit=1, offset=1)["hits"] != first["hits"]
    assert asked(limit=1, exact=False) == first


def test_lines_that_come_at_once_are_answered_in_order(seeds: Path) -> None:
    """Also where pieces of what is read begin and end inside of lines, and where there is none for a while."""
    queries = [f"vaccine {'x' * (number % 700)} {number}" for number in range(600)]
    queries[300] = "y" * ((1 << 20) + 10)
    data = "\n".join(queries).encode()
    server = Server(seeds, "-n", "0")
    assert server.process.stdin is not None
    out, err = server.process.communicate(data, timeout=60)
    answers = [json.loads(line) for line in out.splitlines()]
    assert not err and "longer than" in answers[300].pop("error")
    assert [answer["query"] for answer in answers] == [None if len(query) > 9999 else query for query in queries]
    server = Server(seeds, "-n", "0")
    assert server.process.stdin is not None and server.process.stdout is not None
    server.process.stdin.write(b"one\ntwo\nthr")
    server.process.stdin.flush()
    assert [json.loads(server.process.stdout.readline())["query"] for _ in range(2)] == ["one", "two"]
    assert server.ask("ee")["query"] == "three"
    assert server.end() == (0, b"", b"")


class _Slow:
    """A source of lines that come in one piece, and a sink that notes what has been flushed."""

    def __init__(self, lines: bytes) -> None:
        self.left = [lines, b""]
        self.written: list[bytes] = []
        self.flushed: list[int] = []

    def read1(self, size: int = -1, /) -> bytes:
        return self.left.pop(0)

    def write(self, data: bytes) -> int:
        self.written.append(data)
        time.sleep(0.004)
        return len(data)

    def flush(self) -> None:
        self.flushed.append(len(self.written))


def test_gathered_answers_wait_no_longer_than_some_milliseconds(seeds: Path) -> None:
    ends = _Slow(b"vaccine\n" * 40)
    with open_index(seeds) as searcher:
        answer_lines(searcher, ends, cast("BinaryIO", ends), {})
    assert len(ends.written) == 40 and ends.flushed[-1] == 40
    assert max(b - a for a, b in pairwise([0, *ends.flushed])) < 10


def test_an_answer_that_ran_out_of_time_is_not_kept(seeds: Path) -> None:
    with open_index(seeds) as searcher:
        whole = searcher.search("vaccine")
        found = [replace(whole, hits=(), total=0, partial=True), whole]
        ends = _Slow(b"vaccine\n" * 2)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(searcher, "search", lambda *_, **__: found.pop(0))
            answer_lines(searcher, ends, cast("BinaryIO", ends), {})
    assert [json.loads(line)["total"] for line in ends.written] == [0, 2]


def test_no_input_no_output(seeds: Path) -> None:
    assert Server(seeds).end() == (0, b"", b"")
    server = Server(seeds)
    assert server.process.stdin is not None
    server.process.stdin.write(b"\xef\xbb\xbfvaccine")  # a BOM, and no line end
    out = server.end()[1]
    assert json.loads(out)["query"] == "vaccine"


def test_what_is_no_answer_in_json_is_refused(seeds: Path) -> None:
    for option in ("-l", "--count", "-q", "-0"):
        run = called("search", "-", option, index=seeds)
        assert run.returncode == FAILED and "stdin" in run.stderr


def test_a_reader_that_leaves_is_no_error(seeds: Path) -> None:
    command = f"yes vaccine | {sys.executable} -m naidi search - | head -n 2 | wc -l; echo ${{PIPESTATUS[1]}}"
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "NAIDI_INDEX": str(seeds)}
    run = subprocess.run(["bash", "-c", command], capture_output=True, text=True, env=env, timeout=60)
    assert (run.stdout.split(), run.stderr) == (["2", "0"], "")
