"""How much memory does it take to index a large collection?

    python benchmarks/speed/memory.py CORPUS [--gigabytes 1] [--one-process] [--seed N]

CORPUS is a folder as `speed.py` takes it; the collection is made of its paragraphs, put together anew, and read from a file. What
is printed is the most that each process had resident, as the kernel keeps it (process_memory.py).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

if not __package__:  # started as a file: the repository is not on the path
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.shared.records import load
from benchmarks.speed.one_engine import run_phase
from benchmarks.speed.preparation import prepare
from benchmarks.speed.recombine import DOCUMENT_BYTES, Recombined


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    options.add_argument("corpus", type=Path, metavar="CORPUS")
    options.add_argument("--gigabytes", type=float, default=1.0, metavar="N", help="of text (1)")
    options.add_argument("--one-process", action="store_true", help="without workers (else two)")
    options.add_argument("--document-bytes", type=int, default=DOCUMENT_BYTES, metavar="N", help="on average (1200)")
    options.add_argument("--seed", type=int, default=1, help="of the collection (1)")
    given = options.parse_args()
    engine = "naidi-1" if given.one_process else "naidi"
    with tempfile.TemporaryDirectory(prefix="naidi-memory-") as name:
        directory = Path(name)
        made = Recombined(load(given.corpus), given.seed, given.document_bytes)
        prepare(directory, made.documents(int(given.gigabytes * 1e9 / given.document_bytes)), [], None)
        del made
        figures = run_phase(engine, directory, "build")
    if figures is None:
        raise SystemExit("indexing failed")
    text, parent, workers = figures["text_bytes"], figures["memory_build"], figures["memory_workers"]
    print(f"documents     {figures['docs']:,}, {text / figures['docs']:,.0f} bytes on average, of real paragraphs")
    print(f"text          {text / 1e6:,.1f} MB")
    print(f"indexing      {text / 1e6 / figures['build_seconds']:.2f} MB/s, {figures['build_seconds']:.1f} s")
    print(f"index / text  {figures['index_bytes'] / text:.2f}")
    print(f"peak memory   {parent / 1e6:,.0f} MB in the process that writes")
    for number, peak in enumerate(workers, 1):
        print(f"              {peak / 1e6:,.0f} MB in process {number} that it started")
    print(f"              {(parent + sum(workers)) / 1e6:,.0f} MB together; pages that they share are counted in each")


if __name__ == "__main__":
    main()
