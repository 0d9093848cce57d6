"""Are words typed with the keyboard switched to the other language mended, and right words left alone?

    python benchmarks/meaning/layout.py DATA [--words N] [--documents N] [--misses]

DATA has `corpus/corpus-*.jsonl.gz`, `names/en-ru.tsv.gz` and `lemma/{ru,en}.types.tsv.gz`. An index holds documents from the first
shard of the corpus and half of the names and of the lemma data's words. A sample, always the same, of its words of two letters
and more is turned and must come back; words that are words of the index in the other layout, too, are counted apart. Words of the
other half and of later documents, most of them unknown, must stay as they are. Asked are words alone and queries of three words
with one of them turned; the time is the median of a query.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import statistics
import tempfile
import time
import zlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from naidi import Document, Writer
from naidi.indexer.analysis.normalize import fold_yo, form
from naidi.indexer.analysis.tokenizer import forms
from naidi.indexer.state.generations import open_generation
from naidi.search.bridges.keyboard import mend_layout, turned
from naidi.search.bridges.word_bridges import WordBridges, bridges_of
from naidi.search.collection import Collection

KNOWN = {"dfrwbyf": "вакцина", "мфссшту": "vaccine", "j,]trn": "объект", "ghtpbltyn": "президент"}


class Figure(NamedTuple):
    name: str
    asked: int
    counted: int
    microseconds: float

    def __str__(self) -> str:
        share = self.counted / self.asked if self.asked else 0.0
        return f"{self.name:58}{self.asked:7} asked{self.counted:7} counted {share:8.3%}{self.microseconds:8.1f} us"


def read_texts(data: Path, shard: int, count: int) -> list[str]:
    """The texts of documents of a shard. Raises SystemExit where there are none."""
    shards = sorted((data / "corpus").glob("corpus-*.jsonl.gz"))
    if shard >= len(shards):
        raise SystemExit(f"{data / 'corpus'}: no shard {shard} of *.jsonl.gz")
    with gzip.open(shards[shard], "rt", encoding="utf-8") as lines:
        return [json.loads(line)["text"] for line in islice(lines, count)]


def read_words(data: Path) -> Iterator[str]:
    """Names and words of the lemma data."""
    for path, columns in (
        ("names/en-ru.tsv.gz", (0, 1)),
        ("lemma/ru.types.tsv.gz", (0,)),
        ("lemma/en.types.tsv.gz", (0,)),
    ):
        with gzip.open(data / path, "rt", encoding="utf-8") as lines:
            for line in islice(lines, 1, None):
                fields = line.rstrip("\n").split("\t")
                yield from (word for column in columns if (word := fields[column]).isalpha())


def in_first_half(word: str) -> bool:
    return zlib.crc32(form(word).casefold().encode()) % 2 == 0


class Knowledge:
    """What the index knows of words."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    def __call__(self, word: str) -> bool:
        plain = form(word)
        collection = self._collection
        return collection.known_form(plain) is not None or collection.knows_key(fold_yo(plain.casefold()))


def mended(queries: list[str], bridges: WordBridges) -> tuple[list[str], float]:
    """The queries once mended, as a search does, and microseconds each took, in the median."""
    found, times = [], []
    for query in queries:
        started = time.perf_counter()
        found.append(mend_layout(query, bridges.knows, bridges.may_mean, bridges.may_be_right)[0])
        times.append(1e6 * (time.perf_counter() - started))
    return found, statistics.median(times) if times else 0.0


def build(directory: Path, texts: list[str], words: list[str]) -> Collection:
    with Writer(directory) as writer:
        writer.add_many(Document(id=f"text {number}", text=text) for number, text in enumerate(texts))
        for start in range(0, len(words), 100):
            writer.add(Document(id=f"words {start}", text=", ".join(words[start : start + 100])))
        writer.add(Document(id="known", text=" ".join(KNOWN.values())))
    return Collection(open_generation(directory))


def measure(data: Path, *, words: int = 5000, documents: int = 1500, misses: bool = False) -> list[Figure]:
    """The figures. Raises AssertionError if a well-known word is not mended, SystemExit where there is no data."""
    chance = random.Random(7)
    listed = sorted(set(read_words(data)))
    inside = [word for word in listed if in_first_half(word)]
    texts = read_texts(data, 0, documents)
    with tempfile.TemporaryDirectory(prefix="naidi-layout-") as directory:
        collection = build(Path(directory), texts, inside)
        knows, bridges = Knowledge(collection), bridges_of(collection)
        for typed, meant in KNOWN.items():
            found = mend_layout(typed, bridges.knows, bridges.may_mean, bridges.may_be_right)
            assert found == (meant, [(typed, meant)]), f"{typed} becomes {found[0]}, not {meant}"
        figures = []
        known = sorted(
            {word for text in texts for word in forms(text) if word.isalpha()} | {form(word) for word in inside}
        )
        for name in ("Russian", "English"):
            russian = name == "Russian"
            pool = [
                word
                for word in known
                if word.isascii() != russian and len(word) > 1 and turned(word) is not None and knows(word)
            ]
            chosen = chance.sample(pool, min(words, len(pool)))
            typed_words = [turned(word) or "" for word in chosen]
            both = sum(knows(typed) for typed in typed_words)
            figures.append(Figure(f"{name} words of the index that the other layout has too", len(chosen), both, 0.0))
            pairs = [(typed, word) for typed, word in zip(typed_words, chosen, strict=True) if not knows(typed)]
            found, took = mended([typed for typed, _ in pairs], bridges)
            wrong = [(typed, word, got) for (typed, word), got in zip(pairs, found, strict=True) if got != word]
            figures.append(Figure(f"{name} words mended", len(pairs), len(pairs) - len(wrong), took))
            if misses:
                print(*wrong[:30], sep="\n")
            around = [chance.sample(pool, 2) for _ in pairs]
            queries = [f"{left} {typed}, {right}" for (left, right), (typed, _) in zip(around, pairs, strict=True)]
            expected = [f"{left} {word}, {right}" for (left, right), (_, word) in zip(around, pairs, strict=True)]
            found, took = mended(queries, bridges)
            right = sum(got == wanted for got, wanted in zip(found, expected, strict=True))
            figures.append(
                Figure(f"{name} words mended between two right ones, before a comma", len(queries), right, took)
            )
        later = {word for text in read_texts(data, 1, documents) for word in forms(text) if word.isalpha()}
        asked = sorted({form(word) for word in listed if not in_first_half(word)} | later)
        for name, sample in (
            ("right words", chance.sample(asked, min(4 * words, len(asked)))),
            ("right words unknown to the index", [word for word in asked if not knows(word)][: 8 * words]),
        ):
            found, took = mended(sample, bridges)
            wrong_words = [(word, got) for word, got in zip(sample, found, strict=True) if got != word]
            figures.append(Figure(f"{name} turned wrongly", len(sample), len(wrong_words), took))
            if misses:
                print(*wrong_words[:30], sep="\n")
    return figures


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    options.add_argument("data", type=Path, metavar="DATA")
    options.add_argument("--words", type=int, default=5000, help="how many of each alphabet are turned (default: 5000)")
    options.add_argument(
        "--documents", type=int, default=1500, help="documents of the corpus in the index (default: 1500)"
    )
    options.add_argument("--misses", action="store_true", help="print some of what went wrong")
    given = options.parse_args()
    for figure in measure(given.data, words=given.words, documents=given.documents, misses=given.misses):
        print(figure)


if __name__ == "__main__":
    main()
