"""Does a query of several words with one of them misspelt find what the right one finds, and are right queries left alone?

    python benchmarks/meaning/misspelt_queries.py DATA [--queries N] [--right N] [--documents N] [--seed N] [--misses N]

The first documents of DATA/corpus are indexed. Queries are two to five words as they stand side by side in titles and sentences of
these documents, in small letters, as many in English as in Russian. In each, a word of four letters and more is replaced by a typo
of it from DATA/spelling (`en.tsv.gz`, `ru.tsv.gz` and `ru.ruspellru.words.tsv.gz`) that no document has. Told is how many of the
first three documents of the right query are among the first three of the misspelt one, the mean over the queries; "mended" are
those in which the right word, or one with a key of it, was searched for. "as typed" is the same with `exact=True`.

Right queries are drawn in the same way and asked as they are: of the documents of the index, and of as many others, whose words the
index may lack. A false alarm is one of which something is told about its spelling: a word replaced, or offered.

Known queries are asked first; a wrong answer stops the run.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import random
import re
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

if not __package__:  # started as a file: the repository is not on the path
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.peers.naidi_engine import Naidi
from benchmarks.shared.records import Record, load
from benchmarks.shared.workload import LANGUAGES, language_of
from naidi import Searcher, open_index
from naidi.indexer.analysis.lemmatize.keys import keys
from naidi.indexer.analysis.normalize import fold_yo

LISTS = {"en": ("en.tsv.gz",), "ru": ("ru.tsv.gz", "ru.ruspellru.words.tsv.gz")}
KNOWN = {
    "oil pirces": "oil prices",
    "bank of englnad": "bank of england",
    "exchange rtae": "exchange rate",
    "министерство финнасов": "министерство финансов",
}
BEST = 3
FEWEST, MOST = 2, 5
LONG = 4
_WORD = {"en": re.compile("[a-z]+"), "ru": re.compile("[а-яё]+")}
_STOPS = re.compile(r"(?<=[^\W\d_]{3})[.,;:!?]+(?= |$)")


class Slip(NamedTuple):
    """A query with a slip. typed: the query; meant: the right one; word: the right word of the two that differ."""

    typed: str
    meant: str
    word: str


class Figure(NamedTuple):
    """asked: queries; value: the mean, or how many of them."""

    name: str
    asked: int
    value: float

    @property
    def share(self) -> float:
        return self.value / self.asked if self.asked else 0.0

    def __str__(self) -> str:
        return f"{self.name:56}{self.asked:7}{self.value:10.1f}{self.share:9.4f}"


def runs(record: Record, language: str) -> list[list[str]]:
    """The words of a document that stand side by side with nothing but a space between them, in small letters."""
    word = _WORD[language]
    found: list[list[str]] = []
    for line in (record.title, *record.text.splitlines()):
        run: list[str] = []
        for token in [*_STOPS.sub(" .", line).lower().split(" "), ""]:
            if word.fullmatch(token):
                run.append(token)
                continue
            if len(run) >= FEWEST:
                found.append(run)
            run = []
    return found


def drawn(records: Sequence[Record], language: str, chance: random.Random) -> Iterator[list[str]]:
    """Words side by side, of random documents, without end. Two of them at least are no short ones."""
    own = [record for record in records if language_of(record.text) == language]
    kept: dict[int, list[list[str]]] = {}
    while True:
        number = chance.randrange(len(own))
        if number not in kept:
            kept[number] = runs(own[number], language)
        if not kept[number]:
            continue
        run = chance.choice(kept[number])
        count = min(chance.randint(FEWEST, MOST), len(run))
        start = chance.randrange(len(run) - count + 1)
        words = run[start : start + count]
        if sum(len(word) >= LONG for word in words) >= FEWEST:
            yield words


def typos_of(data: Path, language: str, known: set[str]) -> dict[str, list[str]]:
    """The typos of each word that are none of the known words."""
    word, found = _WORD[language], defaultdict(set)
    for name in LISTS[language]:
        with gzip.open(data / "spelling" / name, "rt", encoding="utf-8") as lines:
            for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
                typo, right = fold_yo(row["typo"].lower()), row["correction"].lower()
                if word.fullmatch(typo) and word.fullmatch(right) and typo not in known and typo != fold_yo(right):
                    found[right].add(typo)
    return {right: sorted(typos) for right, typos in found.items()}


def slips(queries: Iterator[list[str]], typos: dict[str, list[str]], chance: random.Random) -> Iterator[Slip]:
    """Queries with a slip, each once."""
    seen = set()
    for words in queries:
        places = [place for place, word in enumerate(words) if len(word) >= LONG and word in typos]
        if not places:
            continue
        place = chance.choice(places)
        typed = [*words[:place], chance.choice(typos[words[place]]), *words[place + 1 :]]
        slip = Slip(" ".join(typed), " ".join(words), words[place])
        if slip not in seen:
            seen.add(slip)
            yield slip


def shares(searcher: Searcher, name: str, asked: Sequence[Slip], misses: int) -> list[Figure]:
    """What the misspelt queries find."""
    together, mended, alone = 0.0, 0, 0.0
    for slip in asked:
        best = {hit.id for hit in searcher.search(slip.meant, limit=BEST, snippets=0).hits}
        results = searcher.search(slip.typed, limit=BEST, snippets=0)
        plain = searcher.search(slip.typed, limit=BEST, snippets=0, exact=True)
        share, without = (len(best & {hit.id for hit in one.hits}) / len(best) for one in (results, plain))
        together += share
        alone += without
        meant = {*keys(slip.word), slip.word}
        said = [one.replacement for one in results.corrections if one.kind == "spelling" and one.action != "offered"]
        is_mended = any(not meant.isdisjoint((*keys(one), one)) for one in said)
        mended += is_mended
        if misses > 0 and not is_mended:
            misses -= 1
            told = [f"{one.original}: {one.replacement} ({one.kind}, {one.action})" for one in results.corrections]
            print(f"    {slip.typed!r}, meant {slip.word}, share {share:.2f}, told {told}")
    return [
        Figure(f"{name}: first {BEST} shared", len(asked), together),
        Figure(f"{name}: first {BEST} shared, as typed", len(asked), alone),
        Figure(f"{name}: mended", len(asked), mended),
    ]


def false_alarms(searcher: Searcher, name: str, asked: Sequence[str], misses: int) -> list[Figure]:
    """Of how many right queries something is told about their spelling."""
    replaced = offered = 0
    for query in asked:
        told = [one for one in searcher.search(query, limit=BEST, snippets=0).corrections if one.kind == "spelling"]
        searched = [one for one in told if one.action != "offered"]
        replaced += bool(searched)
        offered += bool(told) and not searched
        if searched and misses > 0:
            misses -= 1
            print(f"    {query!r}: {', '.join(f'{one.original}: {one.replacement}' for one in searched)}")
    return [Figure(f"{name}: replaced", len(asked), replaced), Figure(f"{name}: offered alone", len(asked), offered)]


def check(searcher: Searcher) -> None:
    """Raises AssertionError if a known query is not mended."""
    for typed, meant in KNOWN.items():
        found, expected = (
            {hit.id for hit in searcher.search(query, limit=BEST, snippets=0).hits} for query in (typed, meant)
        )
        assert found == expected, f"{typed} finds {found}, {meant} {expected}"


def figures_of(
    searcher: Searcher,
    records: Sequence[Record],
    others: Sequence[Record],
    data: Path,
    *,
    queries: int,
    right: int,
    seed: int,
    misses: int,
) -> Iterator[Figure]:
    """The figures of an index of `records`."""
    for language in LANGUAGES:
        known = {
            word
            for record in records
            if language_of(record.text) == language
            for run in runs(record, language)
            for word in run
        }
        typos = typos_of(data, language, set(map(fold_yo, known)))
        chance = random.Random(seed)
        asked = list(islice(slips(drawn(records, language, chance), typos, chance), queries // 2))
        few = min(len(asked), 30)
        yield from shares(searcher, f"{language}, the first {few}", asked[:few], 0)
        yield from shares(searcher, language, asked, misses)
        for name, own in (("documents of the index", records), ("other documents", others)):
            if own:
                some = [" ".join(words) for words in islice(drawn(own, language, random.Random(seed + 1)), right // 2)]
                yield from false_alarms(searcher, f"{language}, right queries of {name}", some, misses)


def measure(
    data: Path, *, queries: int = 600, right: int = 20_000, documents: int = 10_000, seed: int = 1, misses: int = 0
) -> Iterator[Figure]:
    """The figures. queries, right: of both languages. documents: of the index, and as many others."""
    records = load(data / "corpus", 2 * documents)
    records, others = records[:documents], records[documents:]
    with tempfile.TemporaryDirectory(prefix="naidi-misspelt-") as place:
        engine = Naidi(Path(place))
        engine.build(records)
        engine.close()
        with open_index(place) as searcher:
            check(searcher)
            yield from figures_of(
                searcher, records, others, data, queries=queries, right=right, seed=seed, misses=misses
            )


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    options.add_argument("data", type=Path, metavar="DATA")
    options.add_argument("--queries", type=int, default=600, help="misspelt ones (default: 600)")
    options.add_argument("--right", type=int, default=20_000, help="right queries (default: 20,000)")
    options.add_argument("--documents", type=int, default=10_000, help="documents of the index (default: 10,000)")
    options.add_argument("--seed", type=int, default=1, help="of the drawing (default: 1)")
    options.add_argument("--misses", type=int, default=0, metavar="N", help="print the first N of what went wrong")
    given = options.parse_args()
    chosen = measure(
        given.data,
        queries=given.queries,
        right=given.right,
        documents=given.documents,
        seed=given.seed,
        misses=given.misses,
    )
    for figure in chosen:
        print(figure, flush=True)


if __name__ == "__main__":
    main()
