"""What does a file cost that was made to do harm? Reads each as `naidi index` does: what is no plain text, in a process of its own.

    python tests/hostile_report.py [WORD...] [--load N] [--all]

WORD: only the cases whose names have one of them. The cases are those of `hostile_texts.py` and `test_hostile_files.py`.

Prints for each what it took: seconds of the clock, seconds of processors, the most memory of the process that asks and of the child
that reads (MB beyond what they had before), and what came of it. --load: so many other processes keep the processors busy
meanwhile. Lines are printed worst first at the end; ! is beyond a limit, and then the exit status is 1.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT), str(ROOT / "tests")]

from hostile_texts import MORE, Make  # noqa: E402

SECONDS, MEGABYTES = 10.0, 500
"""What a file may cost. The seconds are those of the clock on the wall."""
_BUSY = "while True: pass"


def cases() -> dict[str, tuple[str, Make]]:
    """All cases: how the file is called, and what makes it."""
    from test_hostile_files import HOSTILE

    return {**{what: (name, make) for what, (name, make, _) in HOSTILE.items()}, **MORE}


def sizes(process: int | str) -> dict[str, int]:
    """The sizes in /proc/PROCESS/status in bytes."""
    try:
        lines = Path(f"/proc/{process}/status").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return {}
    pairs = [line.partition(":")[::2] for line in lines if line.endswith(" kB")]
    return {name: int(value.split()[0]) << 10 for name, value in pairs}


def read(path: Path) -> dict[str, Any]:
    """Read a file in this process and its child, which has read a decent file before."""
    import resource

    from naidi.indexer.errors import DocumentUnreadable
    from naidi.indexer.readers import confined
    from naidi.indexer.readers.read_file import read_documents

    def used() -> float:
        every = [resource.getrusage(each) for each in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return sum(each.ru_utime + each.ru_stime for each in every)

    decent = path.with_name("decent.rtf")
    decent.write_bytes(b"{\\rtf1 text}")
    read_documents(decent, file_id="x")
    process = confined._child._process
    assert process is not None
    peaks = {process.pid: 0}
    at_rest, ours = sizes(process.pid).get("VmRSS", 0), sizes("self").get("VmRSS", 0)
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.02):
            child = confined._child._process
            if child is not None:
                peaks[child.pid] = max(peaks.get(child.pid, 0), sizes(child.pid).get("VmHWM", 0))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    warnings: list[str] = []
    # What the child has used before is counted when it is waited for; it is little.
    started, before = time.perf_counter(), used()
    try:
        documents = read_documents(path, file_id="x", warn=warnings.append)
        came = f"{len(documents):,} documents, {sum(len(each.text) for each in documents):,} letters"
        came += f"; {warnings[0]}" if warnings else ""
    except DocumentUnreadable as error:
        came = f"left out: {error.reason}"
    wall = time.perf_counter() - started
    over.set()
    watcher.join()
    confined.stop_child()
    return {
        "wall": wall,
        "processor": used() - before,
        "child": max(max(peaks.values()) - at_rest, 0) >> 20,
        "ours": max(sizes("self").get("VmHWM", 0) - ours, 0) >> 20,
        "came": came,
    }


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    options.add_argument("words", nargs="*", metavar="WORD", help="of the names of cases (all)")
    options.add_argument("--load", type=int, default=0, metavar="N", help="processes that keep the processors busy (0)")
    options.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.one is not None:
        print(json.dumps(read(given.one)))
        return
    chosen = {
        what: case for what, case in cases().items() if not given.words or any(word in what for word in given.words)
    }
    busy = [subprocess.Popen([sys.executable, "-c", _BUSY]) for _ in range(given.load)]
    rows: list[dict[str, Any]] = []
    try:
        with tempfile.TemporaryDirectory(prefix="naidi-hostile-") as place:
            for what, (name, make) in chosen.items():
                rows.append(_measured(what, Path(place, name), make()))
                print(_line(rows[-1]), flush=True)
    finally:
        for process in busy:
            process.kill()
            process.wait()
    beyond = [row for row in rows if _is_beyond(row)]
    print(f"\nThe slowest of {len(rows)}:")
    for row in sorted(rows, key=lambda row: -row["wall"])[:10]:
        print(_line(row))
    print("The largest:")
    for row in sorted(rows, key=lambda row: -max(row["child"], row["ours"]))[:10]:
        print(_line(row))
    print(f"{len(rows)} files, {len(beyond)} beyond {SECONDS:.0f} s or {MEGABYTES} MB")
    raise SystemExit(bool(beyond))


def _measured(what: str, path: Path, data: bytes) -> dict[str, Any]:
    path.write_bytes(data)
    command = [sys.executable, str(Path(__file__)), "--one", str(path)]
    run = subprocess.run(
        command, capture_output=True, encoding="utf-8", env={**os.environ, "PYTHONIOENCODING": "utf-8"}
    )
    path.unlink()
    if run.returncode:
        error = f"ended with {run.returncode}: {run.stderr.strip()[-120:]}"
        return {"what": what, "size": len(data), "wall": 99.0, "processor": 0.0, "child": 0, "ours": 0, "came": error}
    return {"what": what, "size": len(data), **json.loads(run.stdout)}


def _is_beyond(row: dict[str, Any]) -> bool:
    return row["wall"] > SECONDS or max(row["child"], row["ours"]) > MEGABYTES


def _line(row: dict[str, Any]) -> str:
    mark = "!" if _is_beyond(row) else " "
    return (
        f"{mark} {row['what']:<42.42} {row['size'] / 1e6:>6.1f} MB {row['wall']:>6.2f} s {row['processor']:>6.2f} s"
        f" {row['child']:>5} MB {row['ours']:>5} MB  {ascii(row['came'])[1:-1][:90]}"
    )


if __name__ == "__main__":
    main()
