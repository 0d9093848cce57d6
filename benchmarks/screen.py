"""How long does the screen take from a key to the answer for what is typed then?

    python benchmarks/screen.py INDEX [--size 80x24] [--rounds 3] [--slowest N] [--json]

Needs the extra `tui` and pyte. The real command runs in a pseudo-terminal. Queries in both languages are typed letter by letter, as
fast as people type (a key each 0.12 to 0.25 s) and faster (each 0.04 s, as a key that is held down). The time of a key is from its
being written until the terminal has received the screen that shows the line as typed, the number of documents found, and the first
hits. What must be shown is asked of the index before, so a wrong answer is never timed. The first query is typed once before.

A key is overtaken if the next one is written before its answer is there. Overtaken keys are counted apart.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import pty
import queue
import random
import re
import signal
import statistics
import struct
import sys
import termios
import threading
import time
from pathlib import Path
from typing import NamedTuple

from naidi import open_index
from naidi.indexer.printable import printable
from naidi.search.screen.unfinished import beginning_of
from naidi.search.show.as_text import shown

QUERIES = (
    "vaccine safety in children",
    "вакцина для детей",
    "health policy",
    "первичная медицинская помощь",
    "climate change report",
    "экономический рост",
    "machine learning models",
    "суд принял решение",
    "vaccinaton",
    "dfrwbyf",
    '"human rights" -war',
    "погода в москве",
)
SPEEDS = {"human": (0.12, 0.25), "fast": (0.04, 0.04)}
_UNKNOWN = re.compile(rb"\x1b\[[<>=][0-9;]*[a-zA-Z]|\x1b\[\?[0-9;]*\$[a-z]")
_TOP = 3  # rows above the list
_CHECKED = 3  # hits that must be right


class Expected(NamedTuple):
    """What the screen must show for a query: its line, the number of documents, and the beginnings of the first titles."""

    query: str
    count: str
    titles: tuple[str, ...]


def expectations(index: str, texts: set[str]) -> dict[str, Expected]:
    """What must be shown for each text."""
    found = {}
    with open_index(index) as searcher:
        for text in sorted(texts):
            asked = beginning_of(searcher, text) or text
            results = searcher.search(asked, 12, snippets=1, snippet_chars=240)
            count = f"{results.total:,} document" if results.total else "no documents"
            titles = []
            for hit in results.hits[:_CHECKED]:
                title, _ = shown(" ".join(hit.title.split()), hit.title_marks, hit.path)
                titles.append(printable(title)[:20].rstrip())
            found[text] = Expected(text.rstrip(), count, tuple(titles))
    return found


class Terminal:
    """The command in a pseudo-terminal, and what it has drawn."""

    def __init__(self, command: list[str], columns: int, rows: int) -> None:
        import pyte  # those who ask for help need not have it

        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self._chunks: queue.Queue[tuple[float, bytes]] = queue.Queue()
        self._rest = b""
        self.pid, self._file = pty.fork()
        if not self.pid:
            os.execve(command[0], command, {**os.environ, "TERM": "xterm-256color"})
        fcntl.ioctl(self._file, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self._file, 1 << 16)
            except OSError:
                return
            self._chunks.put((time.perf_counter(), data))

    def write(self, text: str) -> float:
        """Press keys. Returns when."""
        now = time.perf_counter()
        os.write(self._file, text.encode())
        return now

    def wait(self, expected: Expected, lines: int, until: float) -> float | None:
        """When the terminal had what is expected; None if it had not until then."""
        if self.shows(expected, lines):
            return time.perf_counter()
        while (left := until - time.perf_counter()) > 0:
            try:
                at, data = self._chunks.get(timeout=left)
            except queue.Empty:
                break
            self._feed(data)
            if self.shows(expected, lines):
                return at
        return None

    def _feed(self, data: bytes) -> None:
        data = self._rest + data
        cut = data.rfind(b"\x1b", max(len(data) - 40, 0))
        whole = cut < 0 or re.match(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|[^\[])", data[cut:]) is not None
        self._rest = b"" if whole else data[cut:]
        self._stream.feed(_UNKNOWN.sub(b"", data if whole else data[:cut]))

    def shows(self, expected: Expected, lines: int) -> bool:
        """Whether the screen shows a query with its answer. lines: of a hit."""
        rows = self.screen.display
        if rows[0].rstrip() != f"naidi> {expected.query}".rstrip():
            return False
        if f" {expected.count}" not in f" {rows[1]}":
            return False
        return all(
            rows[_TOP + lines * number][2:].startswith(title)
            for number, title in enumerate(expected.titles)
            if _TOP + lines * number < self.screen.lines - 1
        )

    def shows_beginning(self) -> bool:
        """Whether nothing is asked."""
        return "F1" in self.screen.display[-1] and any("documents in" in row for row in self.screen.display)

    def wait_for_beginning(self) -> None:
        """Wait until nothing is asked."""
        until = time.perf_counter() + 20
        while not self.shows_beginning():
            self._feed(self._chunks.get(timeout=max(until - time.perf_counter(), 0.01))[1])

    def close(self) -> None:
        """End the command."""
        self.write("\x03")
        for _ in range(100):
            if os.waitpid(self.pid, os.WNOHANG)[0]:
                return
            time.sleep(0.05)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


def typed(
    terminal: Terminal, text: str, speed: tuple[float, float], known: dict[str, Expected], lines: int
) -> list[float | None]:
    """Milliseconds of each key of a text; None for those that were overtaken."""
    times = []
    for end in range(1, len(text) + 1):
        gap = random.uniform(*speed)
        expected = known[text[:end]]
        at = terminal.write(text[end - 1])
        last = end == len(text)
        seen = terminal.wait(expected, lines, at + (10 if last else gap))
        if last and seen is None:
            raise SystemExit(f"{text!r}: the screen does not show {expected}:\n" + "\n".join(terminal.screen.display))
        times.append(None if seen is None else (seen - at) * 1000)
        time.sleep(max(at + gap - time.perf_counter(), 0))
    terminal.write("\x15")
    terminal.wait_for_beginning()
    return times


def measured(index: str, columns: int, rows: int, rounds: int, slowest: int) -> dict[str, dict[str, float]]:
    """The figures of each speed. slowest: so many of the slowest keys are printed."""
    random.seed(5)
    known = expectations(index, {query[:end] for query in QUERIES for end in range(1, len(query) + 1)})
    command = [sys.executable, "-m", "naidi", "screen", "--no-history", "--index", str(Path(index).resolve())]
    terminal = Terminal(command, columns, rows)
    figures = {}
    try:
        terminal.wait_for_beginning()
        time.sleep(3)
        lines = 2 if rows < 40 and columns < 110 else 3
        typed(terminal, QUERIES[0], SPEEDS["human"], known, lines)
        for name, speed in SPEEDS.items():
            times: list[float | None] = []
            texts: list[str] = []
            for _ in range(rounds):
                for query in QUERIES:
                    texts += [query[:end] for end in range(1, len(query) + 1)]
                    times += typed(terminal, query, speed, known, lines)
            shown_times = sorted(one for one in times if one is not None)
            if slowest:
                worst = sorted(((one or 0.0, text) for one, text in zip(times, texts, strict=True)), reverse=True)[
                    :slowest
                ]
                print(f"{name}: " + ", ".join(f"{text!r} {one:.0f}" for one, text in worst))
            figures[name] = {
                "keys": len(times),
                "overtaken": len(times) - len(shown_times),
                "p50": statistics.median(shown_times),
                "p95": shown_times[int(len(shown_times) * 0.95)],
                "p99": shown_times[int(len(shown_times) * 0.99)],
                "max": shown_times[-1],
            }
    finally:
        terminal.close()
    return figures


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("index")
    parser.add_argument("--size", default="80x24")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--slowest", type=int, default=0, help="print so many of the slowest keys")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    columns, rows = map(int, chosen.size.split("x"))
    figures = measured(chosen.index, columns, rows, chosen.rounds, chosen.slowest)
    if chosen.json:
        print(json.dumps(figures))
        return
    print(
        f"{chosen.index}, {columns}x{rows}, load {os.getloadavg()[0]:.1f}; from a key to its answer on the screen, ms"
    )
    for name, one in figures.items():
        print(
            f"{name:6} {one['keys']:5} keys, {one['overtaken']:3} overtaken: "
            f"p50 {one['p50']:5.1f}  p95 {one['p95']:5.1f}  p99 {one['p99']:5.1f}  max {one['max']:5.1f}"
        )


if __name__ == "__main__":
    main()
