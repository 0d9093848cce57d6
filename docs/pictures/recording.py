"""What happens in a terminal while commands are typed into a real shell, with times: recorded, written and read as asciinema does.

The format is version 2 of https://docs.asciinema.org/manual/asciicast/v2/: a line of JSON that says how large the terminal is, and
one for each piece of output.
"""

from __future__ import annotations

import codecs
import fcntl
import json
import os
import random
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

COLUMNS, ROWS = 80, 24
ENTER, UP, DOWN = "\r", "\x1b[A", "\x1b[B"
PROMPT = "\x1b[1;32m$\x1b[0m "
# Seconds: between two keys, before Enter, without output before the end of a command is believed, of a command at most.
_KEY, _BEFORE_ENTER, _QUIET, _MOST = (0.035, 0.085), 0.35, 0.15, 300

# A shell that has its stdin for the terminal of its session.
_START = (
    "import fcntl, os, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
    "os.execvp('bash', ['bash', '--norc', '--noprofile', '-i'])"
)


class Recording(NamedTuple):
    """Output of a terminal: (seconds from the start, text), in order."""

    columns: int
    rows: int
    events: Sequence[tuple[float, str]]
    title: str = ""

    def text(self) -> str:
        """All output, with its escape sequences."""
        return "".join(output for _, output in self.events)


class Step(NamedTuple):
    """What is typed at a time.

    keys: characters, and the sequences of other keys.
    seconds: in which what is shown then can be read.
    prompt: whether the shell asks for a command then; else the end is when nothing more is shown.
    """

    keys: Sequence[str]
    seconds: float = 1.0
    prompt: bool = False


def command(line: str, seconds: float) -> Step:
    """A line for the shell that ends by itself."""
    return Step([*line, ENTER], seconds, prompt=True)


def record(
    steps: Sequence[Step],
    folder: Path,
    environment: Mapping[str, str],
    *,
    title: str = "",
    columns: int = COLUMNS,
    rows: int = ROWS,
) -> Recording:
    """Type into a shell in a terminal, and keep what is shown.

    Parameters:
      steps: in order.
      folder: in which the shell starts.
      environment: of the shell; what a prompt and a terminal need is added.
      title: of the recording.
      columns, rows: of the terminal.

    Raises RuntimeError if a command has not ended after five minutes.
    """
    (folder / ".inputrc").write_text("set enable-bracketed-paste off\nset bell-style none\n", encoding="ascii")
    own = {"PS1": PROMPT, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "INPUTRC": str(folder / ".inputrc")}
    terminal, inside = os.openpty()
    fcntl.ioctl(inside, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    started = subprocess.Popen(
        [sys.executable, "-c", _START],
        cwd=folder,
        env={**environment, **own},
        stdin=inside,
        stdout=inside,
        stderr=inside,
        start_new_session=True,
    )
    os.close(inside)
    shell = _Shell(terminal)
    try:
        shell.until_end(PROMPT)
        pace = random.Random(80)
        shell.wait(0.6)
        for step in steps:
            for key in step.keys:
                if key == ENTER:
                    shell.wait(_BEFORE_ENTER)
                shell.type(key)
                if key != ENTER:
                    shell.wait(pace.uniform(*_KEY))
            shell.until_end(PROMPT if step.prompt else "")
            shell.wait(step.seconds)
    finally:
        os.close(terminal)  # what runs in it is told
        started.kill()
        started.wait()
    return Recording(columns, rows, shell.events, title)


class _Shell:
    """The side of a terminal from which it is read. events: what was read."""

    def __init__(self, terminal: int) -> None:
        self.events: list[tuple[float, str]] = []
        self._terminal = terminal
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._started = time.monotonic()
        self._end = ""  # of what was read since the last key

    def type(self, key: str) -> None:
        """Send a key."""
        self._end = ""
        os.write(self._terminal, key.encode())

    def wait(self, seconds: float) -> None:
        """Read for so long."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self._read(left)

    def until_end(self, end: str) -> None:
        """Read until nothing more comes and the last that came since the last key is `end`."""
        until = time.monotonic() + _MOST
        while time.monotonic() < until:
            if not self._read(_QUIET) and self._end.endswith(end):
                return
        raise RuntimeError(f"not ended after {_MOST} seconds; the last that was read: {self._end!r}")

    def _read(self, seconds: float) -> bool:
        """Whether there was anything to read within so many seconds."""
        if not select.select([self._terminal], [], [], seconds)[0]:
            return False
        text = self._decoder.decode(os.read(self._terminal, 65_536))
        self.events.append((round(time.monotonic() - self._started, 3), text))
        self._end = f"{self._end}{text}"[-1_000:]
        return True


def write_cast(recording: Recording, path: Path) -> None:
    """Write the file that `asciinema play` plays."""
    head = {"version": 2, "width": recording.columns, "height": recording.rows, "title": recording.title}
    head["env"] = {"TERM": "xterm-256color", "SHELL": "/bin/bash"}
    lines = [head, *([at, "o", text] for at, text in recording.events)]
    path.write_text("".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines), encoding="utf-8")


def read_cast(path: Path) -> Recording:
    """Read such a file. Raises ValueError for one of another kind."""
    lines = path.read_text(encoding="utf-8").split("\n")
    head = json.loads(lines[0])
    if not isinstance(head, dict) or head.get("version") != 2:
        raise ValueError(f"{path}: no recording of asciinema in version 2")
    return Recording(head["width"], head["height"], list(_outputs(lines[1:], path)), head.get("title", ""))


def _outputs(lines: Sequence[str], path: Path) -> Iterator[tuple[float, str]]:
    before = 0.0
    for line in filter(None, lines):
        at, kind, text = json.loads(line)
        if at < before:
            raise ValueError(f"{path}: times run backwards at {at}")
        before = at
        if kind == "o":
            yield at, text
