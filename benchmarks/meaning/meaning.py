"""Does a search find what people mean? Every measure of it in one run, with the counts, and the targets at the end.

    python benchmarks/meaning/meaning.py DATA [--only names,layout,...] [--peers]

Parts: names (in the other alphabet), layout, spelling, queries (with a misspelt word), synonyms, derivation, more (completion,
similar documents, expansion), right (what queries of right words pay), retrieval (ranking with all help on; with --peers beside
the other engines). Each part checks answers that are known before it measures; each is a program of its own, which says what
its figures are: names.py and so on, and quality/quality.py.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

if not __package__:  # started as a file: the repository is not on the path
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.meaning import derivation, layout, misspelt_queries, more, names, right, spelling, synonyms
from benchmarks.peers import NAIDI, PEERS
from benchmarks.quality import quality

# nDCG@10 of the ranking alone, without help: what help must not lower. Of version 0.1, by quality.py.
BEFORE = {"cacm": 0.5083, "cranfield": 0.4509, "dotnet-ru": 0.8923, "xquad-en": 0.9752, "xquad-ru": 0.9641}
# The best other engine's mean over the English sets, by quality.py --peers.
BEST_PEER_ENGLISH = (0.4935 + 0.4358 + 0.9683) / 3
_ROUNDED = 0.00005


class Target(NamedTuple):
    """A figure and what it must be: at least, or at most."""

    what: str
    value: float
    least: float | None = None
    most: float | None = None

    def __str__(self) -> str:
        wanted = f"at least {self.least:g}" if self.least is not None else f"at most {self.most:g}"
        met = self.value >= self.least if self.least is not None else self.value <= (self.most or 0.0)
        return f"{'met   ' if met else 'MISSED'} {self.what}: {self.value:.4f}, {wanted}"


def of_names(data: Path) -> Iterator[Target]:
    for figure in _shown(names.measure(data, both=True)):
        if figure.name in ("Latin to Russian", "Russian to Latin"):
            yield Target(f"names, {figure.name}, share among the first five", figure.found / figure.asked, 0.88)
            yield Target(f"names, {figure.name}, median ms", figure.median, most=10)


def of_layout(data: Path) -> Iterator[Target]:
    for figure in _shown(layout.measure(data)):
        share = figure.counted / figure.asked if figure.asked else 0.0
        if figure.name.endswith("words mended"):
            yield Target(f"layout, {figure.name}", share, 0.99)
        elif figure.name.endswith("turned wrongly"):
            yield Target(f"layout, {figure.name}", share, most=0.001)


def of_spelling(data: Path) -> Iterator[Target]:
    for figure in _shown(spelling.measure(data)):
        if figure.name in spelling.TARGETS:
            least, most = spelling.TARGETS[figure.name]
            yield Target(f"spelling, {figure.name}", figure.share, least, most)


def of_queries(data: Path) -> Iterator[Target]:
    for figure in _shown(misspelt_queries.measure(data)):
        if figure.name.endswith(": first 3 shared"):
            yield Target(f"misspelt queries, {figure.name}", figure.share, 0.85)
        elif figure.name.endswith("documents of the index: replaced"):
            yield Target(figure.name, figure.share, most=0.005)


def of_synonyms(data: Path) -> Iterator[Target]:
    for figure in synonyms.measure(data)[0]:
        print(f"{figure.name:58}{figure.value:12,.2f} {figure.unit}")
    return iter(())


def of_derivation(data: Path) -> Iterator[Target]:
    for figure in derivation.measure(data):
        print(f"{figure.name:58}{figure.value:12,.2f} {figure.unit}")
    return iter(())


def of_more(data: Path) -> Iterator[Target]:
    for figure in _shown(more.measure(data)):
        if figure.name.startswith("completion"):
            yield Target(f"{figure.name}, 95th ms", figure.slow, most=5)


def of_right(data: Path) -> Iterator[Target]:
    for figure in _shown(right.measure(data)):
        if figure.exact:
            yield Target(f"right words, {figure.name}, time with help / without", figure.ratio, most=1.1)


def of_retrieval(data: Path, *, peers: bool = False) -> Iterator[Target]:
    found = {}
    for folder in sorted(path.parent for path in (data / "retrieval").glob("*/qrels.tsv")):
        collection = quality.load(folder)
        engines = {**NAIDI, **(PEERS if peers else {})}
        found[folder.name] = {name: quality.measure(collection, make) for name, make in engines.items()}
    print(quality.table(found))
    own = {name: of["naidi"].ndcg_10 for name, of in found.items()}
    for name, score in own.items():
        if name in BEFORE:
            yield Target(f"nDCG@10, {name}", score, BEFORE[name] - _ROUNDED)
    english = [name for name in ("cacm", "cranfield", "xquad-en") if name in own]
    if len(english) == 3:
        best = BEST_PEER_ENGLISH
        if peers:
            best = sum(max(of.ndcg_10 for engine, of in found[name].items() if engine in PEERS) for name in english) / 3
        lead = sum(own[name] for name in english) / 3 - best
        yield Target("nDCG@10, mean of the English sets above the best other engines'", lead, 0.01)


def _shown(figures: Iterable[Any]) -> Iterator[Any]:
    for figure in figures:
        print(figure, flush=True)
        yield figure


PARTS: dict[str, Callable[[Path], Iterator[Target]]] = {
    "names": of_names,
    "layout": of_layout,
    "spelling": of_spelling,
    "queries": of_queries,
    "synonyms": of_synonyms,
    "derivation": of_derivation,
    "more": of_more,
    "right": of_right,
    "retrieval": of_retrieval,
}


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    options.add_argument("data", type=Path, metavar="DATA")
    options.add_argument("--only", metavar="A,B", help=f"of {', '.join(PARTS)}")
    options.add_argument("--peers", action="store_true", help="measure the ranking of the other engines too")
    given = options.parse_args()
    chosen = given.only.split(",") if given.only else list(PARTS)
    unknown = [name for name in chosen if name not in PARTS]
    if unknown:
        options.error(f"no part {', '.join(unknown)}; there are {', '.join(PARTS)}")
    targets: list[Target] = []
    for name in chosen:
        print(f"\n-- {name}", flush=True)
        if name == "retrieval":
            targets += of_retrieval(given.data, peers=given.peers)
        else:
            targets += PARTS[name](given.data)
    print("\n-- targets")
    for target in targets:
        print(target)


if __name__ == "__main__":
    main()
