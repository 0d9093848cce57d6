"""`naidi search` on a terminal: the pager, colour and links, as a person meets them."""

from __future__ import annotations

import os
import pty
import select
import struct
import subprocess
import sys
import time
from pathlib import Path

import pytest

from commands import ROOT
from naidi import Document, Writer

fcntl = pytest.importorskip("fcntl")
termios = pytest.importorskip("termios")


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("terminal") / "index"
    with Writer(directory) as writer:
        for number in range(30):
            text = f"The {'lonely' if number == 7 else 'usual'} ship number {number} came to port {number * 7}."
            writer.add(
                Document(
                    id=f"ship{number}",
                    text=text,
                    title="Arrivals" if number % 2 else "",
                    path=f"/tmp/ship {number}.txt",
                )
            )
    return directory


def on_a_terminal(
    index: Path,
    *arguments: str,
    rows: int = 24,
    typed: bytes = b"",
    stdin_too: bool = True,
    wait_for: bytes = b"",
    env: dict[str, str] | None = None,
) -> tuple[int, str]:
    """(status, what the terminal shows). `typed` is typed once `wait_for` is shown."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, 80, 0, 0))
    environment = {
        name: value for name, value in os.environ.items() if name not in (*VARIABLES, "NO_COLOR", "LINES", "COLUMNS")
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "naidi", "search", *arguments, "--index", str(index)],
        stdin=slave if stdin_too else subprocess.DEVNULL,
        stdout=slave,
        stderr=slave,
        cwd="/",
        start_new_session=True,
        preexec_fn=(lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0)) if stdin_too else None,
        env={**environment, "PYTHONPATH": str(ROOT / "src"), "TERM": "xterm", **(env or {})},
    )
    os.close(slave)
    shown = b""
    ends = time.monotonic() + 60
    while time.monotonic() < ends:
        if typed and wait_for in shown:
            os.write(master, typed)
            typed = b""
        if not select.select([master], [], [], 0.1)[0]:
            continue
        try:
            chunk = os.read(master, 65_536)
        except OSError:  # Linux says so when the other end is closed
            break
        if not chunk:
            break
        shown += chunk
    process.wait(10)
    os.close(master)
    return process.returncode, shown.decode("utf-8").replace("\r\n", "\n")


VARIABLES = "PAGER NAIDI_PAGER LESS TERM_PROGRAM VTE_VERSION KITTY_WINDOW_ID WT_SESSION KONSOLE_VERSION TMUX EDITOR VISUAL".split()  # noqa: SIM905


def pager(folder: Path, *, reads: str = "cat") -> str:
    """A pager that says that it is there and prints what it reads."""
    script = folder / "my pager"
    script.write_text(f'#!/bin/sh\necho PAGER-BEGINS "$LESS" "$@"\n{reads}\necho PAGER-ENDS\n')
    script.chmod(0o755)
    return f"'{script}' -x 'a b'"


def test_long_output_is_paged(index: Path, tmp_path: Path) -> None:
    env = {"PAGER": "false", "NAIDI_PAGER": pager(tmp_path)}
    status, shown = on_a_terminal(index, "ship", env=env)
    assert status == 0
    before, rest = shown.split("PAGER-BEGINS FRX -x a b\n")
    paged, after = rest.split("PAGER-ENDS\n")
    assert before == "" and "1. " in paged and "10. " in paged and "\x1b[1;31mship\x1b[0m" in paged
    assert after.startswith("30 documents, 1-10 shown (")
    assert "PAGER-BEGINS" in on_a_terminal(index, "ship", env={"PAGER": pager(tmp_path)})[1]


@pytest.mark.parametrize("why", ["short", "asked", "no keyboard", "other output", "cat", "missing", "dumb"])
def test_there_is_no_pager(index: Path, tmp_path: Path, why: str) -> None:
    env = {"PAGER": pager(tmp_path)}
    arguments = ["lonely"] if why == "short" else ["ship"]
    arguments += ["--no-pager"] * (why == "asked") + ["-l", "-n", "30"] * (why == "other output")
    env |= {"cat": {"NAIDI_PAGER": "cat"}, "missing": {"PAGER": "no-such-pager -R"}, "dumb": {"TERM": "dumb"}}.get(
        why, {}
    )
    status, shown = on_a_terminal(index, *arguments, stdin_too=why != "no keyboard", env=env)
    assert status == 0 and "PAGER" not in shown
    assert "ship" in shown


def test_a_pager_that_is_left_early_is_no_error(index: Path, tmp_path: Path) -> None:
    status, shown = on_a_terminal(index, "ship", "-n", "30", env={"PAGER": pager(tmp_path, reads="head -n 1")})
    assert status == 0 and "PAGER-ENDS" in shown and "Traceback" not in shown and "rror" not in shown


def test_a_pager_that_cannot_be_read_is_one_line(index: Path) -> None:
    status, shown = on_a_terminal(index, "ship", env={"PAGER": "less 'x"})
    assert status == 2 and shown.splitlines()[-1].startswith("naidi: $NAIDI_PAGER or $PAGER cannot be read")


def test_an_interrupt_is_for_the_pager(index: Path, tmp_path: Path) -> None:
    """As in less, where Ctrl-C stops a search in the text and not the pager."""
    # An interrupt also takes away what is on its way to the terminal, so a file is the witness.
    witness = tmp_path / "interrupted"
    stays = f"trap 'touch {witness}' INT\ncat >/dev/null\necho READY\n"
    stays += 'until [ "$answer" = yes ]; do read answer </dev/tty; done; echo ANSWER'
    env = {"PAGER": pager(tmp_path, reads=stays)}
    status, shown = on_a_terminal(index, "ship", env=env, typed=b"\x03yes\n", wait_for=b"READY")
    assert witness.exists() and "ANSWER" in shown and "PAGER-ENDS" in shown
    assert status == 0 and "30 documents" in shown


def test_marks_on_a_terminal(index: Path) -> None:
    assert "«lonely»" in on_a_terminal(index, "lonely", env={"NO_COLOR": "1"})[1]
    coloured = on_a_terminal(index, "lonely")[1]
    assert "\x1b[1;31mlonely\x1b[0m" in coloured and "«" not in coloured
    assert "«" not in on_a_terminal(index, "lonely", "--mark", "never", env={"NO_COLOR": "1"})[1]


LINK = "\x1b]8;;file://"


def test_links_where_the_terminal_copes(index: Path) -> None:
    for env in (
        {"VTE_VERSION": "6003"},
        {"TERM_PROGRAM": "WezTerm"},
        {"TERM": "xterm-kitty"},
        {"KONSOLE_VERSION": "220401"},
    ):
        shown = on_a_terminal(index, "lonely", env=env)[1]
        assert LINK in shown and "/tmp/ship%207.txt\x1b\\" in shown and "tmp/ship 7.txt" in shown
    for env in ({}, {"VTE_VERSION": "4000"}, {"VTE_VERSION": "6003", "TMUX": "x"}, {"TERM_PROGRAM": "Apple_Terminal"}):
        assert LINK not in on_a_terminal(index, "lonely", env=env)[1]
    assert LINK not in on_a_terminal(index, "lonely", "--links", "never", env={"VTE_VERSION": "6003"})[1]
    assert LINK in on_a_terminal(index, "lonely", "--links", "always")[1]
    assert LINK in on_a_terminal(index, "-l", "lonely", env={"VTE_VERSION": "6003"})[1]


def test_an_editor_has_the_terminal(index: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("x\n")
    with Writer(tmp_path / "i") as writer:
        writer.add(Document(id="a", text="First line.\nThe yawl is in the second line.", path=str(path)))
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\nread typed\ntest -t 1 && where="on a terminal"\necho EDITS "$@" "$typed" "$where"\n')
    editor.chmod(0o755)
    status, shown = on_a_terminal(tmp_path / "i", "--open", "1", "yawl", typed=b"keys\n", env={"VISUAL": str(editor)})
    assert status == 0 and f"EDITS +2 {path} keys on a terminal" in shown
