"""Runs `naidi serve` for tests: the real command, at a free port."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]


class Served:
    """A server that runs.

    url: the address that it has printed.
    process: of the command.
    """

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        self.process = process
        self.url = process.stdout.readline().strip()

    @property
    def port(self) -> int:
        return int(self.url.split(":")[2].partition("/")[0])

    def end(self) -> tuple[int, str]:
        """End it as Ctrl-C does. Returns its status and what it wrote on stderr."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        _, said = self.process.communicate(timeout=30)
        return self.process.returncode, said


@contextmanager
def serve(index: Path, *arguments: str, env: dict[str, str] | None = None, cwd: Path | None = None) -> Iterator[Served]:
    """A server of an index, until the block ends."""
    command = [sys.executable, "-m", "naidi", "serve", "--index", str(index), "--port", "0", *arguments]
    kept = {name: value for name, value in os.environ.items() if name != "NAIDI_TOKEN"}
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={**kept, "LC_ALL": "C.UTF-8", "PYTHONPATH": str(ROOT / "src"), **(env or {})},
        cwd=cwd,
    )
    try:
        yield Served(process)
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()
