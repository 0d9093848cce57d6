"""What operators are told under the logger "naidi", and that it costs nothing where nobody listens."""

from __future__ import annotations

import logging
import re
import subprocess
import sys
from pathlib import Path

import pytest

from commands import ROOT
from naidi import Document, Writer, open_index
from naidi.search import searcher as searcher_module

PAGE = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")


def told(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str, str]]:
    """(logger, level, message with its numbers of seconds as N) of what was told since the last call."""
    found = [
        (record.name, record.levelname, re.sub(r"\d+\.\d{3} s", "N s", record.getMessage()))
        for record in caplog.records
    ]
    caplog.clear()
    return found


def test_commits_and_states(index: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="naidi")
    with Writer(index) as writer:
        writer.add_many([Document(id=str(number), text="vaccine") for number in range(3)])
    message = f"{index}: committed gen-00000001, 3 added, 0 removed, 3 documents in 1 segments, N s"
    assert told(caplog) == [("naidi.writer", "INFO", message)]
    with open_index(index) as searcher:
        assert told(caplog) == [("naidi.search", "INFO", f"{index}: opened gen-00000001, 3 documents, N s")]
        searcher.search("vaccine")
        assert not searcher.refresh() and told(caplog) == []
        with Writer(index) as writer:
            writer.add(Document(id="0", text="vaccine again"))
            writer.add(Document(id="new", text="vaccine"))
            writer.delete("1")
        ((name, _, message),) = told(caplog)
        assert name == "naidi.writer" and "2 added, 2 removed, 3 documents" in message
        assert searcher.refresh()
        assert told(caplog) == [("naidi.search", "INFO", f"{index}: moved on to gen-00000002, 3 documents, N s")]
    with Writer(index) as writer:
        pass  # nothing to commit
    assert told(caplog) == []


def test_merges(index: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="naidi")
    for number in range(12):
        with Writer(index) as writer:
            writer.add(Document(id=str(number), text="vaccine"))
    merges = [message for name, level, message in told(caplog) if (name, level) == ("naidi.writer", "DEBUG")]
    assert merges and all(re.fullmatch(rf"{re.escape(str(index))}: merged \d+ segments, N s", each) for each in merges)


def test_a_slow_search_and_no_other(
    index: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Writer(index) as writer:
        writer.add(Document(id="a", text="vaccine"))
    with open_index(index) as searcher:
        caplog.set_level(logging.DEBUG, logger="naidi")
        searcher.search("vaccine")
        assert told(caplog) == []
        monkeypatch.setattr(searcher_module, "_SLOW_MS", 0.0)
        searcher.search("vaccine \x1b[31m\n" + "x" * 300)
        ((name, level, message),) = told(caplog)
        assert (name, level) == ("naidi.search", "INFO")
        assert (
            message.startswith(f"{index}: slow search, N s, 1 documents: 'vaccine \\x1b[31m\\nxxx")
            and "\n" not in message
        )
        assert len(message) < len(str(index)) + 300


def test_nobody_is_told_who_does_not_listen(index: Path) -> None:
    code = f"""
import sys
sys.path.insert(0, {str(ROOT / "src")!r})
from naidi.indexer.log import INFO, listener
from naidi import Searcher
with Searcher({str(index)!r}) as searcher:
    assert searcher.search("vaccine", snippets=0).total == 1
assert "logging" not in sys.modules and listener("naidi", INFO) is None
import logging
assert listener("naidi.search", INFO) is None
logging.getLogger("naidi").setLevel(logging.INFO)
assert listener("naidi.search", INFO).name == "naidi.search"
"""
    with Writer(index) as writer:
        writer.add(Document(id="a", text="vaccine"))
    run = subprocess.run(
        [sys.executable, "-S", "-c", code], capture_output=True, text=True, env={"PYTHONPATH": ":".join(sys.path)}
    )
    assert (run.returncode, run.stderr) == (0, "")


def test_the_page_names_the_loggers() -> None:
    rows = re.findall(r"^\| `(naidi[.\w]*)` \| (INFO|WARNING|DEBUG) \|", PAGE, re.MULTILINE)
    assert {name for name, _ in rows} == {"naidi.search", "naidi.writer", "naidi"}
    sources = [*(ROOT / "indexer").rglob("*.py"), *(ROOT / "search").rglob("*.py")]
    used = {
        name for path in sources for name in re.findall(r'"(naidi(?:\.(?:search|writer))?)"', path.read_text("utf-8"))
    }
    assert used - {"naidi"} == {"naidi.search", "naidi.writer"}
