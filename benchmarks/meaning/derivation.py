"""Which words of one root does `naidi.search.bridges.derivation` find, which look-alikes does it leave alone, and in what time?

    python benchmarks/meaning/derivation.py DATA [--show]

derivation_words.txt, beside this file, has word families and traps. Half of them, by a hash of the first word, were looked at
while the tables of endings were made ("seen"); the other half was not ("unseen"). families found: share of the pairs (first word,
another of its family) that are relatives by the tables; pairs with the same Snowball stem are left out, since a search finds those
anyway. traps avoided: share of the trap pairs that are no relatives. --show prints what goes wrong in the half that may be seen.

Look-ups are timed in an index of the words of DATA/lemma and DATA/names, in one segment: the words of the families, then words
drawn at random (always the same) from the index; percentiles of one look-up, nothing remembered. Some known words are looked up
before anything is timed; a wrong answer stops the run.
"""

from __future__ import annotations

import argparse
import gzip
import random
import statistics
import tempfile
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from naidi.indexer.analysis.lemmatize.stem import stem
from naidi.indexer.document import Document
from naidi.indexer.state.generations import open_generation
from naidi.indexer.writing.writer import Writer
from naidi.search.bridges.derivation import derivation, relatives
from naidi.search.collection import Collection

WORDS = Path(__file__).with_name("derivation_words.txt")
LANGUAGES = {"ru": "russian", "en": "english"}
KNOWN = {
    "казахстан": "казахстанский",
    "япония": "японский",
    "экономика": "экономический",
    "kazakhstan": "kazakhstani",
    "economy": "economic",
}
UNKNOWN = ("порт портрет", "стол столица", "part party", "organ organize")
DRAWN = 3000
ROUNDS = 5


class Pair(NamedTuple):
    language: str
    word: str
    other: str
    trap: bool
    seen: bool


class Figure(NamedTuple):
    name: str
    value: float
    unit: str


def pairs(text: str) -> Iterator[Pair]:
    """The pairs of a table such as derivation_words.txt, folded."""
    for line in text.replace("ё", "е").splitlines():
        words = line.split()
        if not words or line.startswith("#"):
            continue
        trap = words[0] == "!"
        first, *others = words[trap:]
        language = "en" if first.isascii() else "ru"
        seen = zlib.crc32(first.encode()) % 2 == 0
        for other in others:
            if trap or stem(first) != stem(other):
                yield Pair(language, first, other, trap, seen)


def related(pair: Pair) -> bool:
    """Whether the tables make relatives of the two words."""
    return pair.other in derivation(LANGUAGES[pair.language]).candidates(pair.word)


def judged(found: list[Pair]) -> list[Figure]:
    figures = []
    for language in LANGUAGES:
        for seen in (True, False):
            of_half = [pair for pair in found if (pair.language, pair.seen) == (language, seen)]
            half = f"{language}, {'seen' if seen else 'unseen'}"
            for trap, name in ((False, "families found"), (True, "traps avoided")):
                right = [related(pair) != trap for pair in of_half if pair.trap == trap]
                figures.append(Figure(f"{half}: {name} of {len(right)}", 100 * sum(right) / max(1, len(right)), "%"))
    return figures


def check(collection: Collection) -> None:
    """Raises AssertionError if a known word leads elsewhere."""
    for word, other in KNOWN.items():
        found = [relative.key for relative in relatives(collection, (word,))]
        assert other in found, f"{word} leads to {found}, not to {other}"
    for line in UNKNOWN:
        word, other = line.split()
        assert other not in [relative.key for relative in relatives(collection, (word,))], f"{word} leads to {other}"


def timed(collection: Collection, words: list[str]) -> list[float]:
    """Microseconds of each look-up, the least of ROUNDS."""
    best = [float("inf")] * len(words)
    for _ in range(ROUNDS):
        for place, word in enumerate(words):
            start = time.perf_counter_ns()
            relatives(collection, (word,))
            best[place] = min(best[place], (time.perf_counter_ns() - start) / 1000)
    return best


def measure(data: Path) -> list[Figure]:
    """The figures. Raises AssertionError if a known word leads elsewhere, SystemExit where DATA has no words."""
    table = list(pairs(WORDS.read_text(encoding="utf-8")))
    figures = judged(table)
    known = {word for pair in table if not pair.trap for word in (pair.word, pair.other)}
    lexicon = sorted(known | {word for line in UNKNOWN for word in line.split()} | set(KNOWN) | set(KNOWN.values()))
    with tempfile.TemporaryDirectory() as directory:
        with Writer(Path(directory)) as writer:
            writer.add(Document(id="families", text=" ".join(lexicon)))
            for number, text in enumerate(_texts(data)):
                writer.add(Document(id=str(number), text=text))
        collection = Collection(open_generation(Path(directory)))
        check(collection)
        all_keys = collection.segments[0].keys.strings()
        figures.append(Figure("keys of the index", len(all_keys), ""))
        for name, words in (
            ("words of the families", sorted({pair.word for pair in table})),
            ("words drawn at random", random.Random(1).sample(all_keys, min(DRAWN, len(all_keys)))),
        ):
            times = sorted(timed(collection, words))
            figures.append(Figure(f"{name}: median look-up", statistics.median(times), "us"))
            figures.append(Figure(f"{name}: 99th percentile", times[len(times) * 99 // 100], "us"))
    return figures


def _texts(data: Path) -> Iterator[str]:
    """The words to look among, some thousands a text."""
    columns = {"lemma/ru.types.tsv.gz": (0,), "lemma/en.types.tsv.gz": (0,), "names/en-ru.tsv.gz": (0, 1)}
    paths = [(data / name, wanted) for name, wanted in columns.items() if (data / name).exists()]
    if not paths:
        raise SystemExit(f"{data} has neither lemma/ nor names/")
    for path, wanted in paths:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            rows = [line.rstrip("\n").split("\t") for line in file]
        for start in range(0, len(rows), 5000):
            yield " ".join(row[column] for row in rows[start : start + 5000] for column in wanted)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=(__doc__ or "").partition("\n")[0], epilog="What the figures mean stands in the file itself."
    )
    parser.add_argument("data", type=Path, metavar="DATA", help="folder that has lemma/ and names/")
    parser.add_argument("--show", action="store_true", help="print what goes wrong in the half that may be seen")
    arguments = parser.parse_args()
    for figure in measure(arguments.data):
        print(f"{figure.name:44} {figure.value:10,.1f} {figure.unit}")
    if arguments.show:
        for pair in pairs(WORDS.read_text(encoding="utf-8")):
            if pair.seen and related(pair) == pair.trap:
                print("trap" if pair.trap else "missed", pair.word, pair.other)


if __name__ == "__main__":
    main()
