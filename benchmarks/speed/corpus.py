"""How fast a large collection goes in, how large its index is, how much memory that takes.

    python benchmarks/speed/corpus.py CORPUS [--jobs N]
    python benchmarks/speed/corpus.py --unchanged

CORPUS is a folder of `*.jsonl.gz` files, a document a line: `id`, `text` and, if known, `title` and `date` (YYYY-MM-DD).
The number of documents is checked afterwards, and every byte of the index, before anything is printed.
--unchanged: only how long a sync takes to confirm 10,000 files.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

if not __package__:  # started as a file: the repository is not on the path
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.shared.records import rows
from benchmarks.speed.process_memory import peak_memory
from naidi import Document, Writer, open_index, sync


def documents(corpus: Path) -> Iterator[Document]:
    """Every document of the collection. Raises SystemExit where there is none."""
    for row in rows(corpus, "*.jsonl.gz"):
        yield Document(id=row["id"], text=row["text"], title=row.get("title") or "", date=_day(row.get("date") or ""))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:  # a year alone
        return None


def seconds_to_confirm(files: int) -> float:
    """The median time in which a sync finds that nothing changed in a folder of so many files."""
    with tempfile.TemporaryDirectory(prefix="naidi-folder-") as place:
        folder, index = Path(place, "docs"), Path(place, "index")
        for number in range(files):
            path = folder / f"{number % 100:02}" / f"{number}.txt"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"Document {number} about вакцины.\n", encoding="utf-8")
        time.sleep(0.1)  # files that have just been written are read once more
        assert sync(folder, index).added == files
        sync(folder, index)
        times = []
        for _ in range(5):
            started = time.perf_counter()
            assert sync(folder, index).unchanged == files
            times.append(time.perf_counter() - started)
    return statistics.median(times)


def print_unchanged() -> None:
    """How long 10,000 files take."""
    print(f"unchanged folder  10,000 files confirmed in {seconds_to_confirm(10_000):.2f} s")


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    options.add_argument("corpus", type=Path, metavar="CORPUS", nargs="?")
    options.add_argument("--unchanged", action="store_true", help="index no collection")
    options.add_argument("--jobs", type=int, default=2, help="processes that analyse documents (default: 2)")
    given = options.parse_args()
    if given.unchanged:
        return print_unchanged()
    if given.corpus is None:
        options.error("a CORPUS, or --unchanged")
    ids, text = set(), 0
    for document in documents(given.corpus):
        ids.add(document.id)
        text += len(document.title.encode()) + len(document.text.encode())
    with tempfile.TemporaryDirectory(prefix="naidi-corpus-") as directory:
        started = time.perf_counter()
        with Writer(directory, jobs=given.jobs) as writer:
            writer.add_many(documents(given.corpus))
        seconds = time.perf_counter() - started
        memory, workers = peak_memory(), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
        with open_index(directory) as searcher:
            assert searcher.doc_count == len(ids) == searcher.search("*", limit=0).total
            searcher.generation.verify()
        size = sum(path.stat().st_size for path in Path(directory).rglob("*") if path.is_file())
    print(f"documents         {len(ids):,}")
    print(f"text              {text / 1e6:.1f} MB")
    print(f"indexing          {text / 1e6 / seconds:.2f} MB/s, {seconds:.1f} s with {given.jobs} analysing processes")
    print(f"index / text      {size / text:.2f}")
    print(f"peak memory       {memory / 1e6:.0f} MB, and {workers / 1e6:.0f} MB in the largest worker")
    print_unchanged()


if __name__ == "__main__":
    main()
