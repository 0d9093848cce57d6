"""Are names found in the other alphabet, how fast, and what is found that should not be?

    python benchmarks/meaning/names.py DATA [--queries N] [--both] [--misses N]

DATA/names/en-ru.tsv.gz: a header, then `en`, `ru`, `count`, tab separated: the spellings of personal names. Every spelling is a
document of one word; each alphabet is an index of its own, with --both also one index has all. Names that were counted at least
three times are asked in the other alphabet, a sample that is always the same; a hit is a listed counterpart among the first five
documents.
"validation" are the names, by a hash of the Latin spelling, that the costs of `correspondences.txt` were not counted from.

Known names are looked up first; a wrong answer stops the run. Building takes two minutes.
"""

from __future__ import annotations

import argparse
import gzip
import random
import statistics
import tempfile
import time
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from naidi import Document, Searcher, Writer, open_index

Ask = Callable[[Searcher, str], list[str]]

FIRST = 5
LEAST_COUNT = 3
KNOWN = {"barclay": "барклай", "tarasov": "тарасов", "гринберг": "grinberg", "щербаков": "shcherbakov"}


class Figure(NamedTuple):
    name: str
    asked: int
    found: int
    median: float  # ms
    slow: float  # ms, the 95th of a hundred

    def __str__(self) -> str:
        share = self.found / self.asked if self.asked else 0.0
        times = f"{self.median:6.2f} ms, 95th {self.slow:6.2f} ms"
        return f"{self.name:34}{self.asked:6} asked{self.found:6} found {share:6.1%}  {times}"


class Pair(NamedTuple):
    latin: str
    cyrillic: str
    count: int


def read_pairs(data: Path) -> list[Pair]:
    """The pairs of names. Raises SystemExit where there are none."""
    path = data / "names" / "en-ru.tsv.gz"
    if not path.exists():
        raise SystemExit(f"{path}: no such file")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [line.rstrip("\n").split("\t") for line in islice(lines, 1, None)]
    return [Pair(latin, cyrillic, int(count)) for latin, cyrillic, count in rows]


def is_validation(latin: str) -> bool:
    """Whether a name is one that no cost was counted from: four of ten."""
    return zlib.crc32(latin.encode()) % 10 < 4


def ask_search(searcher: Searcher, word: str) -> list[str]:
    """The ids of the first documents."""
    return [hit.id for hit in searcher.search(word, limit=FIRST, snippets=0).hits]


def build(directory: Path, words: Iterable[str]) -> None:
    """An index with a document a word."""
    with Writer(directory) as writer:
        writer.add_many(Document(id=word, text=word) for word in sorted(set(words)))


def figure(name: str, searcher: Searcher, wanted: dict[str, set[str]], ask: Ask, misses: int) -> Figure:
    """How many of the words lead to one of theirs."""
    hits = 0
    times = []
    missed = []
    for word, counterparts in wanted.items():
        started = time.perf_counter()
        found = ask(searcher, word)
        times.append(1000 * (time.perf_counter() - started))
        if counterparts & set(found[:FIRST]):
            hits += 1
        else:
            missed.append(f"    {word}: {', '.join(sorted(counterparts))}; found {', '.join(found) or '-'}")
    for line in missed[:misses]:
        print(line)
    times.sort()
    return Figure(name, len(wanted), hits, statistics.median(times), times[len(times) * 95 // 100])


def wanted_pairs(pairs: list[Pair], count: int, *, to_russian: bool, validation: bool) -> dict[str, set[str]]:
    """A sample of names and what each should lead to."""
    listed: dict[str, set[str]] = defaultdict(set)
    for pair in pairs:
        if pair.count >= LEAST_COUNT and (not validation or is_validation(pair.latin)):
            own, other = (pair.latin, pair.cyrillic) if to_russian else (pair.cyrillic, pair.latin)
            listed[own].add(other)
    chosen = random.Random(20).sample(sorted(listed), min(count, len(listed)))
    return {word: listed[word] for word in chosen}


def measure(
    data: Path,
    *,
    queries: int = 1000,
    both: bool = False,
    ask: Ask = ask_search,
    misses: int = 0,
    place: Path | None = None,
) -> list[Figure]:
    """The figures. place: where indexes are built, or are from a run before; None for a folder that is removed.

    Raises AssertionError if a known name is not found, SystemExit where there is no data.
    """
    pairs = read_pairs(data)
    with tempfile.TemporaryDirectory(prefix="naidi-names-") as temporary:
        folder = place or Path(temporary)
        sides = {"latin": {pair.latin for pair in pairs}, "russian": {pair.cyrillic for pair in pairs}}
        if both:
            sides["both"] = sides["latin"] | sides["russian"]
        indexes = {}
        for name, words in sides.items():
            if not (folder / name).exists():
                build(folder / name, words)
            indexes[name] = open_index(folder / name)
        for word, expected in KNOWN.items():
            found = ask(indexes["russian" if word.isascii() else "latin"], word)
            assert expected in found, f"{word} leads to {found}, not to {expected}"
        figures = []
        for to_russian in (True, False):
            direction = "Latin to Russian" if to_russian else "Russian to Latin"
            for validation in (False, True):
                wanted = wanted_pairs(pairs, queries, to_russian=to_russian, validation=validation)
                name = f"{direction}{', validation' if validation else ''}"
                figures.append(
                    figure(name, indexes["russian" if to_russian else "latin"], wanted, ask, misses * validation)
                )
                if both and not validation:
                    figures.append(figure(f"{direction}, one index", indexes["both"], wanted, ask, 0))
        for searcher in indexes.values():
            searcher.close()
        return figures


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    options.add_argument("data", type=Path, metavar="DATA")
    options.add_argument("--queries", type=int, default=1000, help="names asked in each direction (default: 1000)")
    options.add_argument("--both", action="store_true", help="also ask an index of both alphabets")
    options.add_argument(
        "--misses", type=int, default=0, help="show so many of the validation names that were not found"
    )
    options.add_argument("--place", type=Path, help="keep the indexes here")
    given = options.parse_args()
    for each in measure(given.data, queries=given.queries, both=given.both, misses=given.misses, place=given.place):
        print(each)


if __name__ == "__main__":
    main()
