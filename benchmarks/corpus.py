"""How fast a large collection goes in, how large its index is, how much memory that takes.

    python benchmarks/corpus.py CORPUS [--jobs N]

CORPUS is a folder of `*.jsonl.gz` files, a document a line: `id`, `text` and, if known, `title` and `date` (YYYY-MM-DD).
The number of documents is checked afterwards, and every byte of the index, before anything is printed.
"""

from __future__ import annotations

import argparse
import gzip
import json
import resource
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from indexer import Document, Writer, sync
from search import open_index


def documents(corpus: Path) -> Iterator[Document]:
    """Every document of the collection. Raises SystemExit where there is none."""
    shards = sorted(corpus.glob("*.jsonl.gz"))
    if not shards:
        raise SystemExit(f"{corpus}: no *.jsonl.gz here")
    for shard in shards:
        with gzip.open(shard, "rt", encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                yield Document(
                    id=row["id"], text=row["text"], title=row.get("title") or "", date=_day(row.get("date") or "")
                )


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


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    options.add_argument("corpus", type=Path, metavar="CORPUS")
    options.add_argument("--jobs", type=int, default=2, help="processes that analyse documents (default: 2)")
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="naidi-corpus-") as directory:
        started = time.perf_counter()
        with Writer(directory, jobs=given.jobs) as writer:
            writer.add_many(documents(given.corpus))
        seconds = time.perf_counter() - started
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
        worker_memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e3
        with open_index(directory) as searcher:
            count = len({document.id for document in documents(given.corpus)})
            assert searcher.doc_count == count == searcher.search("*", limit=0).total
            searcher.generation.verify()
            manifest = searcher.generation.manifest
            text = sum(segment.text_bytes for segment in searcher.generation.segments)
            size = sum(entry.size for entry in manifest.files.values())
    print(f"documents         {count:,}")
    print(f"text              {text / 1e6:.1f} MB")
    print(f"indexing          {text / 1e6 / seconds:.2f} MB/s, {seconds:.1f} s with {given.jobs} analysing processes")
    print(f"index / text      {size / text:.2f}")
    print(f"peak memory       {memory:.0f} MB, and {worker_memory:.0f} MB in the largest worker")
    print(f"unchanged folder  10,000 files confirmed in {seconds_to_confirm(10_000):.2f} s")


if __name__ == "__main__":
    main()
