"""`naidi` alone in a real terminal: tmux draws the screen, keys come through a pseudo-terminal."""

from __future__ import annotations

import os
import pty
import re
import shlex
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from naidi.indexer.homes import sync
from tests.commands import ROOT, called, naidi

pytest.importorskip("textual", reason="the extra tui is not installed")
if shutil.which("tmux") is None:  # the gate has it
    if os.environ.get("NAIDI_FACES"):
        pytest.fail("tmux is not installed", pytrace=False)
    pytest.skip("tmux is not installed", allow_module_level=True)

pytestmark = pytest.mark.slow

_SECONDS = 30


class Tmux:
    """A tmux of its own, with one terminal in which a command runs."""

    def __init__(self, folder: Path, command: list[str], environment: dict[str, str], columns: int, rows: int) -> None:
        self._socket = f"naidi-{uuid.uuid4().hex[:12]}"
        self._status = folder / f"{self._socket}.status"
        wanted = [f"{name}={shlex.quote(value)}" for name, value in environment.items()]
        # The size is that of the terminal, whatever these say.
        wanted += ["COLUMNS=80", "LINES=24"]
        unset = [f"-u {name}" for name in os.environ if name.startswith("NAIDI") or name == "NO_COLOR"]
        line = f"env {' '.join([*unset, *wanted])} {shlex.join(command)}; echo $? > {shlex.quote(str(self._status))}; sleep 1000"
        self._run("-f", "/dev/null", "new-session", "-d", "-x", str(columns), "-y", str(rows), "-c", str(folder), line)
        self._run("set-option", "-g", "escape-time", "0")

    def _run(self, *arguments: str) -> str:
        run = subprocess.run(
            ["tmux", "-u", "-L", self._socket, *arguments],
            capture_output=True,
            encoding="utf-8",
            check=True,
            timeout=30,
        )
        return run.stdout

    def type(self, text: str) -> None:
        """Press keys of letters."""
        self._run("send-keys", "-l", text)

    def press(self, *keys: str) -> None:
        """Press keys by their names, one after another."""
        for key in keys:
            self._run("send-keys", key)
            # A key right behind Escape would be one with Alt.
            time.sleep(0.3 if key == "Escape" else 0.05)

    def resize(self, columns: int, rows: int) -> None:
        """Give the terminal another size."""
        self._run("resize-window", "-x", str(columns), "-y", str(rows))

    def rows(self, *, styled: bool = False) -> list[str]:
        """What the terminal shows. styled: with escape sequences."""
        return self._run("capture-pane", "-p", *(["-e"] if styled else [])).split("\n")

    def text(self) -> str:
        return "\n".join(self.rows())

    def until(self, holds: Callable[[list[str]], object]) -> list[str]:
        """Wait until something holds for the rows. Returns them."""
        until = time.monotonic() + _SECONDS
        while time.monotonic() < until:
            rows = self.rows()
            if holds(rows):
                return rows
            time.sleep(0.05)
        raise AssertionError(self.text())

    def ended(self) -> int:
        """The status of the command, once it has ended."""
        until = time.monotonic() + _SECONDS
        while time.monotonic() < until:
            if self._status.exists() and (text := self._status.read_text().strip()):
                return int(text)
            time.sleep(0.05)
        raise AssertionError(self.text())

    def close(self) -> None:
        subprocess.run(["tmux", "-L", self._socket, "kill-server"], capture_output=True, check=False, timeout=30)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of texts with its index."""
    folder = tmp_path_factory.mktemp("library")
    for number in range(12):
        text = (
            f"Report {number}\n\nThe climate of region {number} is mild.\n" + "Filler line.\n" * 30 + "Climate again.\n"
        )
        (folder / f"report {number}.txt").write_text(text, encoding="utf-8")
    (folder / "вакцины.txt").write_text("Прививки\n\nВакцины защищают детей.\nБез вакцины хуже.\n", encoding="utf-8")
    sync(folder, folder / "index_data")
    return folder


@pytest.fixture
def opened(library: Path, tmp_path: Path) -> Iterator[Callable[..., Tmux]]:
    """Opens terminals with the screen."""
    terminals: list[Tmux] = []

    def open_one(*arguments: str, columns: int = 80, rows: int = 24, **environment: str) -> Tmux:
        every = {"PYTHONPATH": str(ROOT / "src"), "XDG_STATE_HOME": str(tmp_path / "state"), "LC_ALL": "C.UTF-8"}
        terminal = Tmux(library, [sys.executable, "-m", "naidi", *arguments], {**every, **environment}, columns, rows)
        terminals.append(terminal)
        return terminal

    yield open_one
    for terminal in terminals:
        terminal.close()


def waits(terminal: Tmux) -> None:
    terminal.until(lambda rows: any("13 documents in index_data" in row for row in rows))


def test_both_languages_at_80_columns(opened: Callable[..., Tmux]) -> None:
    terminal = opened()
    waits(terminal)
    terminal.type("climate")
    rows = terminal.until(lambda rows: "12 documents" in rows[1] and "word 1 of" in "".join(rows))
    assert rows[0] == "naidi> climate"
    assert rows[3].startswith("> Report")
    assert "The climate of region" in rows[4]
    assert "Enter open" in rows[23]
    terminal.press("C-u")
    waits(terminal)
    terminal.type("вакциной")
    rows = terminal.until(
        lambda rows: "1 document " in rows[1] and any("Вакцины защищают детей." in row for row in rows[8:])
    )
    assert rows[3].startswith("> вакцины")
    terminal.press("C-c")
    assert terminal.ended() == 0
    assert "Прививки" not in terminal.text(), "the terminal is as it was"


def test_words_one_after_another_and_the_editor(opened: Callable[..., Tmux], tmp_path: Path, library: Path) -> None:
    editor = tmp_path / "my editor"
    editor.write_text(
        f'#!/bin/sh\nprintf "%s\\n" "$@" > "{tmp_path}/called"\necho EDITING\nread answer\n', encoding="utf-8"
    )
    editor.chmod(0o755)
    terminal = opened(EDITOR=shlex.quote(str(editor)))
    waits(terminal)
    terminal.type("climate")
    terminal.until(lambda rows: "word 1 of 2" in "".join(rows))
    terminal.press("Down", "n")
    rows = terminal.until(lambda rows: "line 34 of 34, word 2 of 2" in "".join(rows))
    assert any(row.startswith("> Climate again.") for row in rows)
    terminal.press("N")
    terminal.until(lambda rows: "line 3 of 34, word 1 of 2" in "".join(rows))
    terminal.type("т")
    rows = terminal.until(lambda rows: "word 2 of 2" in "".join(rows))
    name = next(row for row in rows if row.startswith("── "))[3:].partition(" ─")[0]
    terminal.press("Enter")
    terminal.until(lambda rows: "EDITING" in rows[0])
    assert (tmp_path / "called").read_text(encoding="utf-8").splitlines() == ["+34", str(library / name)]
    terminal.press("Enter")
    terminal.until(lambda rows: "word 2 of 2" in "".join(rows) and rows[0] == "naidi> climate")
    terminal.press("q")
    assert terminal.ended() == 0
    history = tmp_path / "state" / "naidi" / "history"
    assert history.read_text(encoding="utf-8") == "climate\n"


@pytest.mark.parametrize("is_there", [False, True])
def test_an_editor_that_cannot_be_started_is_told_on_the_screen(
    opened: Callable[..., Tmux], tmp_path: Path, library: Path, is_there: bool
) -> None:
    editor = tmp_path / "editor"
    if is_there:
        editor.write_text("no program")
    terminal = opened(EDITOR=str(editor), columns=130)
    waits(terminal)
    terminal.type("climate")
    terminal.until(lambda rows: "word 1 of 2" in "".join(rows))
    terminal.press("Enter")
    reason = "Permission denied" if is_there else "No such file or directory"
    terminal.until(lambda rows: rows[0] == "naidi> climate" and f"{editor}: {reason}" in rows[1])
    run = called("search", "climate", "--open", "1", cwd=library, env={"EDITOR": str(editor)})
    assert run.stderr.splitlines()[-1] == f"naidi: {editor}: {reason}"
    terminal.press("Down", "n")
    terminal.until(lambda rows: "word 2 of 2" in "".join(rows))
    terminal.press("q")
    assert terminal.ended() == 0


def test_without_colour(opened: Callable[..., Tmux]) -> None:
    terminal = opened(NO_COLOR="1")
    waits(terminal)
    terminal.type("climate")
    terminal.until(lambda rows: "12 documents" in rows[1] and "word 1 of" in "".join(rows))
    styled = "\n".join(terminal.rows(styled=True))
    codes = {code for part in styled.split("\x1b[")[1:] for code in part.partition("m")[0].split(";")}
    assert codes <= {"", "0", "1", "4", "7", "39", "49"}, "bold, underlined and reversed, but no colour"
    assert "\x1b[1;4mclimate" in styled


def test_with_colour(opened: Callable[..., Tmux]) -> None:
    terminal = opened()
    waits(terminal)
    terminal.type("climate")
    terminal.until(lambda rows: "12 documents" in rows[1])
    assert "31m" in "\n".join(terminal.rows(styled=True))


@pytest.mark.parametrize("columns, rows", [(40, 10), (20, 4)])
def test_a_small_terminal(opened: Callable[..., Tmux], columns: int, rows: int) -> None:
    terminal = opened(columns=columns, rows=rows)
    terminal.until(lambda shown: "naidi>" in shown[0])
    terminal.type("climate")
    terminal.until(lambda shown: shown[0] == "naidi> climate" and "12 doc" in shown[1])
    terminal.press("Down", "n", "F3", "F2", "Escape", "F1", "Escape", "F3")
    terminal.resize(120, 30)
    shown = terminal.until(
        lambda shown: any("The climate of region" in row for row in shown) and "F3 view" in shown[29]
    )
    assert shown[0] == "naidi> climate"
    terminal.resize(60, 15)
    terminal.until(lambda shown: len(shown) <= 16 and "naidi> climate" in shown[0] and "Enter open" in shown[14])
    terminal.press("C-c")
    assert terminal.ended() == 0


def test_in_russian_the_keys_have_russian_names_and_the_last_line_says_how_to_leave(
    opened: Callable[..., Tmux],
) -> None:
    terminal = opened(LC_ALL="ru_RU.UTF-8", LANGUAGE="ru", PYTHONUTF8="1")
    rows = terminal.until(lambda rows: "13 документов" in "".join(rows))
    assert rows[23].startswith(" Enter открыть") and rows[23].endswith("  Ctrl-C выйти")
    terminal.type("climate")
    terminal.until(lambda rows: "word" not in rows[1] and "Report" in rows[3])
    terminal.press("Down")
    terminal.until(lambda rows: rows[23].endswith("  q выйти"))


def test_beside_each_other_where_there_is_room(opened: Callable[..., Tmux]) -> None:
    terminal = opened("screen", "climate", columns=130, rows=30)
    rows = terminal.until(lambda rows: "word 1 of" in rows[3])
    assert rows[3].startswith("> Report")
    assert any("The climate of region" in row[60:] for row in rows[4:])


def test_the_line_goes_to_stdout_alone(opened: Callable[..., Tmux], library: Path, tmp_path: Path) -> None:
    """stderr may be a file: the screen is not in it."""
    script = f"{shlex.quote(sys.executable)} -m naidi 2> {shlex.quote(str(tmp_path / 'err'))}"
    terminal = Tmux(
        library, ["sh", "-c", script], {"PYTHONPATH": str(ROOT / "src"), "XDG_STATE_HOME": str(tmp_path)}, 80, 24
    )
    try:
        waits(terminal)
        terminal.press("Escape")
        assert terminal.ended() == 0
    finally:
        terminal.close()
    assert (tmp_path / "err").read_bytes() == b""


@pytest.mark.skipif(shutil.which("bash") is None, reason="no shell with jobs")
def test_it_can_be_stopped_and_goes_on(library: Path, tmp_path: Path) -> None:
    environment = {"PYTHONPATH": str(ROOT / "src"), "XDG_STATE_HOME": str(tmp_path), "LC_ALL": "C.UTF-8", "PS1": "$ "}
    terminal = Tmux(library, ["bash", "--norc", "-i"], environment, 80, 24)
    try:
        terminal.until(lambda rows: rows[0].startswith("$"))
        terminal.type(f"{shlex.quote(sys.executable)} -m naidi\n")
        waits(terminal)
        terminal.type("climate")
        before = terminal.until(lambda rows: "12 documents" in rows[1] and "word 1 of" in "".join(rows))
        terminal.press("C-z")
        terminal.until(lambda rows: any("Stopped" in row for row in rows))
        terminal.type("fg\n")
        assert (
            terminal.until(lambda rows: rows[0] == "naidi> climate" and "word 1 of" in "".join(rows))[2:] == before[2:]
        )
    finally:
        terminal.close()


def test_a_bug_is_one_line(library: Path, tmp_path: Path) -> None:
    code = (
        "import sys\nfrom naidi.search.screen.hit_list import HitList\n"
        "def fails(self, y): raise ValueError('not \\x1b[31mso')\n"
        "HitList.render_line = fails\n"
        "sys.argv = ['naidi']\nfrom naidi.__main__ import main\nmain()"
    )
    environment = {"PYTHONPATH": str(ROOT / "src"), "XDG_STATE_HOME": str(tmp_path), "LC_ALL": "C.UTF-8"}
    terminal = Tmux(library, [sys.executable, "-c", code], environment, 120, 24)
    try:
        assert terminal.ended() == 2
        (line,) = [row for row in terminal.rows() if row]
        assert line.startswith("naidi: a bug in naidi: ValueError: not ␛[31mso; NAIDI_DEBUG=1 shows where")
    finally:
        terminal.close()


# -- where there is no screen


def test_not_on_a_terminal_there_is_the_help(library: Path) -> None:
    run = naidi(cwd=library)
    assert "Usage: naidi" in run.stdout + run.stderr
    assert run.returncode == naidi("nosuch", cwd=library).returncode or run.returncode == 0
    run = called("screen", cwd=library)
    assert run.returncode == 2
    assert run.stderr == "naidi: the screen needs a terminal; `naidi search` writes to files and pipes\n"


def on_terminal(code: str, cwd: Path, **environment: str) -> tuple[int, str]:
    """(status, output) of a program with a pseudo-terminal."""
    master, slave = pty.openpty()
    every = {name: value for name, value in os.environ.items() if not name.startswith("NAIDI")}
    run = subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        cwd=cwd,
        env={**every, "PYTHONPATH": str(ROOT / "src"), "TERM": "xterm", **environment},
    )
    os.close(slave)
    written = b""
    while True:
        try:
            data = os.read(master, 1 << 16)
        except OSError:
            break
        if not data:
            break
        written += data
    os.close(master)
    return run.wait(_SECONDS), written.decode().replace("\r\n", "\n")


MAIN = "import sys; sys.argv = ['naidi']; from naidi.__main__ import main; main()"


def test_without_textual_one_line_says_how(library: Path) -> None:
    code = f"import sys; sys.modules['textual'] = None; {MAIN}"
    status, written = on_terminal(code, library)
    assert status == 2
    assert written == (
        f"naidi: naidi screen needs textual: {sys.executable} -m pip install textual, or pip install '.[tui]' in a clone of "
        "naidi; `naidi --help` shows the commands\n"
    )


def test_without_an_index_one_line_says_so(tmp_path: Path) -> None:
    status, written = on_terminal(MAIN, tmp_path, XDG_DATA_HOME=str(tmp_path), XDG_STATE_HOME=str(tmp_path))
    expected = called("search", "x", cwd=tmp_path, env={"XDG_DATA_HOME": str(tmp_path)})
    assert (status, written) == (2, expected.stderr)


def test_on_a_terminal_that_cannot_be_drawn_on_there_is_the_help(library: Path) -> None:
    _, written = on_terminal(MAIN, library, TERM="dumb")
    assert "Usage: " in written
    assert "\x1b" not in written


def test_the_picture_of_the_page_is_a_real_one(tmp_path: Path) -> None:
    """docs/screen.md shows what a terminal of 80 columns shows, but for the time."""
    folder = tmp_path / "home"
    shutil.copytree(ROOT / "seeds", folder / "seeds")
    sync(folder / "seeds", folder / "index_data")
    page = (ROOT / "docs" / "screen.md").read_text("utf-8")
    (shown,) = re.findall(r"^```\n(naidi> .*?)^```$", page, re.DOTALL | re.MULTILINE)
    query = shown.split("\n")[0].removeprefix("naidi> ")
    terminal = Tmux(
        folder,
        [sys.executable, "-m", "naidi"],
        {"PYTHONPATH": str(ROOT / "src"), "XDG_STATE_HOME": str(tmp_path / "state"), "LC_ALL": "C.UTF-8"},
        80,
        24,
    )
    try:
        terminal.until(lambda rows: rows[0].startswith("naidi>"))
        terminal.type(query)
        rows = terminal.until(lambda rows: "word 7 of 10" in "".join(rows) and rows[2].startswith("Tab"))
    finally:
        terminal.close()
    timed = re.compile(r" *(?=\d+ documents)|\d+ ms$")
    assert [timed.sub("", row).rstrip() for row in rows if row.strip()] == [
        timed.sub("", row).rstrip() for row in shown.split("\n") if row.strip()
    ]


def test_the_screen_ends_with_its_terminal(library: Path, tmp_path: Path) -> None:
    """Where the signal is ignored, too, as under nohup. It went on, reading nothing over and over."""
    master, slave = pty.openpty()
    run = subprocess.Popen(
        ["sh", "-c", 'trap "" HUP; exec "$@"', "sh", sys.executable, "-m", "naidi"],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        cwd=library,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "TERM": "xterm", "XDG_STATE_HOME": str(tmp_path)},
        start_new_session=True,
    )
    os.close(slave)
    try:
        written = b""
        while b"13 documents" not in written:
            written += os.read(master, 1 << 16)
        os.close(master)
        assert run.wait(_SECONDS) != 0
    finally:
        run.kill()
        run.wait()
