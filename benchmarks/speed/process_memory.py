"""How much memory does a process take, and how much do the processes that it starts?

Peaks are those that the kernel keeps (VmHWM): the most that a process had resident at one time, pages of files among it. A
worker made by forking begins with the pages of its parent and shares them until either writes; a sum of peaks counts them twice,
so it is never too low.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

WATCH_SECONDS = 0.05


def status(process: int | str = "self") -> dict[str, int]:
    """The sizes in /proc/PROCESS/status, in bytes, by name; empty where there is no such file or process."""
    try:
        lines = Path(f"/proc/{process}/status").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return {}
    pairs = [line.partition(":")[::2] for line in lines if line.endswith(" kB")]
    return {name: int(value.split()[0]) * 1024 for name, value in pairs}


def peak_memory() -> int:
    """The most memory in bytes that this process had resident so far."""
    peak = status().get("VmHWM")  # not ru_maxrss, which begins with what the parent had
    if peak is None:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return peak


def anonymous_memory() -> int | None:
    """The bytes that this process has resident and that no file backs (RssAnon + RssShmem); None where nobody tells."""
    sizes = status()
    return sizes["RssAnon"] + sizes.get("RssShmem", 0) if "RssAnon" in sizes else None


def run_watched(command: Sequence[str], environment: Mapping[str, str]) -> tuple[int, list[int]]:
    """Run a command to its end: its exit code, and the peaks of every process that it started, largest first.

    They are read every WATCH_SECONDS from outside. Without /proc there are none.
    """
    peaks: dict[int, int] = {}
    with subprocess.Popen(command, env=dict(environment)) as process:
        while process.poll() is None:
            for child in _descendants(process.pid):
                peaks[child] = max(peaks.get(child, 0), status(child).get("VmHWM", 0))
            time.sleep(WATCH_SECONDS)
    return process.returncode, sorted((peak for peak in peaks.values() if peak), reverse=True)


def _descendants(process: int) -> list[int]:
    found: list[int] = []
    for tasks in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            children = [int(number) for number in tasks.read_text(encoding="ascii").split()]
        except OSError:  # it has ended
            continue
        for child in children:
            found += [child, *_descendants(child)]
    return found
