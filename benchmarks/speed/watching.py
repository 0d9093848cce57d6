"""How long does it take from the change of a file until a search finds it, with `naidi index --watch`? What does the watch cost?

    python benchmarks/speed/watching.py CORPUS [--files N] [--edits N] [--idle S] [--burst N]

CORPUS is a folder of `corpus-*.jsonl.gz`. Its first documents become files of a folder that holds its index, too. The command
itself watches the folder. Then, one at a time, a file is changed, added, removed, and renamed. A searcher in this process is
refreshed every 5 ms until it finds a word that only this change has, or no longer finds the file that is gone; so each time ends
with a right answer. Afterwards nothing is done for a while, and the processor time of the watch and its children is counted. At
last many files are added at once: how many commits does that make, and how long does it take until all are found?

Exit status 1 if the 95th percentile is a second or more, if the idle watch takes more than IDLE_MS, or a burst more than one
commit.
"""

from __future__ import annotations

import argparse
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

if not __package__:  # started as a file: the repository is not on the path
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.shared.records import load
from benchmarks.shared.workload import percentile
from naidi import Searcher, open_index

KINDS = ("change", "add", "remove", "rename")
EVERY = 0.005
LONGEST = 60.0
MOST_SECONDS = 1.0
IDLE_MS = 20.0


def until(searcher: Searcher, holds: Callable[[], bool], longest: float = LONGEST) -> float:
    """Seconds until something holds of the newest state. Raises AssertionError if it takes too long."""
    started = time.perf_counter()
    while not holds():
        assert time.perf_counter() - started < longest, "the change is not found"
        time.sleep(EVERY)
        searcher.refresh()
    return time.perf_counter() - started


def processes(pid: int) -> list[int]:
    """A process and all that it has started."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
    except OSError:
        return []
    return [pid, *(other for child in children for other in processes(int(child)))]


def used_ms(pid: int) -> float:
    """Milliseconds of the processor that a process and its children have used: clock_getcpuclockid(3) as Linux computes it."""
    return sum(time.clock_gettime((~one << 3) | 2) for one in processes(pid)) * 1000


def edit(kind: str, number: int, folder: Path, searcher: Searcher) -> float:
    """Do one thing to a file of the folder. Returns seconds until it is found."""
    mark = f"qx{kind}{number}"
    path = folder / f"{number:05}.txt"
    renamed = path.with_name(f"{number:05} {mark}.txt")

    def has(word: str, path: Path) -> bool:
        return [doc_id for doc_id, _ in searcher.search_ids(word, exact=True)] == [f"{folder.name}/{path.name}"]

    if kind == "change":
        path.write_text(f"{path.read_text('utf-8')}\n\nAn edit: {mark}.", encoding="utf-8")
        return until(searcher, lambda: has(mark, path))
    if kind == "add":
        renamed.write_text(f"A new file, {mark}.", encoding="utf-8")
        return until(searcher, lambda: has(mark, renamed))
    if kind == "remove":
        assert has(f"path:{path.name}", path)
        path.unlink()
        return until(searcher, lambda: not searcher.search_ids(f"path:{path.name}"))
    path.rename(renamed)
    return until(searcher, lambda: has(mark, renamed))


def main() -> int:
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    options.add_argument("corpus", type=Path, metavar="CORPUS")
    options.add_argument("--files", type=int, default=2000, metavar="N", help="of the folder (2000)")
    options.add_argument("--edits", type=int, default=60, metavar="N", help="one at a time (60)")
    options.add_argument("--idle", type=float, default=20.0, metavar="S", help="seconds in which nothing is done (20)")
    options.add_argument("--burst", type=int, default=5000, metavar="N", help="files changed at once (5000)")
    given = options.parse_args()
    records = load(given.corpus, given.files)
    with tempfile.TemporaryDirectory(prefix="naidi-watch-") as place:
        folder = Path(place).resolve() / "texts"
        folder.mkdir()
        for number, record in enumerate(records):
            (folder / f"{number:05}.txt").write_text(f"{record.title}\n\n{record.text}", encoding="utf-8")
        command = [
            sys.executable,
            "-m",
            "naidi",
            "index",
            str(folder),
            "--index",
            str(folder / "index_data"),
            "--watch",
        ]
        log = open(Path(place) / "log", "w+", encoding="utf-8")  # noqa: SIM115
        watch = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            started = time.perf_counter()
            while "watching" not in (Path(place) / "log").read_text("utf-8"):
                assert watch.poll() is None and time.perf_counter() - started < 600, "the index was not made"
                time.sleep(0.1)
            time.sleep(1)
            with open_index(folder / "index_data") as searcher:
                fine = measure(given, folder, searcher, watch.pid)
        finally:
            watch.send_signal(signal.SIGINT)
            watch.wait(60)
            log.close()
            shutil.rmtree(folder)
    return 0 if fine else 1


def measure(given: argparse.Namespace, folder: Path, searcher: Searcher, pid: int) -> bool:
    """Print the figures. Returns whether they are within the limits."""
    times: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for number in range(given.edits):
        kind = KINDS[number % len(KINDS)]
        times[kind].append(edit(kind, number, folder, searcher))
        time.sleep(0.3)  # what the commit still cleans up is not the time of the next edit
    every = [one for kind in KINDS for one in times[kind]]
    for kind, found in (*times.items(), ("all", every)):
        print(
            f"{kind:8}{len(found):4} edits, found after p50 {percentile(found, 50):.2f} s, p95 {percentile(found, 95):.2f} s"
        )
    time.sleep(2)
    before = used_ms(pid)
    time.sleep(given.idle)
    idle = used_ms(pid) - before
    print(f"idle for {given.idle:.0f} s: {idle:.1f} ms of the processor")
    generation, count = searcher.generation.manifest.generation, searcher.doc_count
    for number in range(given.burst):
        (folder / f"burst{number:05}.txt").write_text(f"File {number} of qxburst, all at once.", encoding="utf-8")
    seconds = until(searcher, lambda: searcher.doc_count == count + given.burst, 600)
    time.sleep(5)
    searcher.refresh()
    assert searcher.search("qxburst", 0, snippets=0).total == given.burst
    commits = searcher.generation.manifest.generation - generation
    print(f"a burst of {given.burst:,} files: {commits} commit{'s' * (commits != 1)}, all found after {seconds:.1f} s")
    return percentile(every, 95) < MOST_SECONDS and idle <= IDLE_MS and commits == 1


if __name__ == "__main__":
    sys.exit(main())
