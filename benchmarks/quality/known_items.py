"""Two test collections made of the documents of DATA/corpus: each query looks for one document that is known.

    python benchmarks/quality/known_items.py DATA [--show N]

    news   The query is the title of a story. The story is indexed without any title.
    docs   The query is what a page of documentation says of itself: its first paragraph, or in books a heading below that of the
           page. These words are taken out of the page; its title stays.

Both languages stand in one index. A page in the other language is no answer. Queries that stand in the text of their document word
by word, or that two documents of a source have, are left out. They are plain words: markup and operators of a query are taken out.
Of two stories with the same beginning, either is an answer. The choice depends on the ids and on SEED alone. The program shows some
of the queries.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

if not __package__:  # started as a file: the repository is not on the path
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.quality.collection import Collection
from benchmarks.shared.records import Record, rows

SEED = "1"
NEWS = ("lenta", "nerel", "bbc", "reuters")
UNTITLED = ("abc-rural", "abc-science")  # stories without titles, which are in the way
# Documentation without the language at the end of its name: pages that describe themselves, and books.
DESCRIBED = ("php", "cpp", "dotnet", "win32", "react")
BOOKS = ("rust", "progit")
# Documents of a source, and queries of it, at most.
MOST_DOCUMENTS = 3_000
MOST_NEWS = 150
MOST_PAGES = 60
# Words of a query. What says less does not name one document; a longer paragraph is cut.
FEWEST, MOST = 4, 25
# Two stories are the same if so many words at their beginnings are.
SAME_BEGINNING = 30

_WORD = re.compile(r"\w+")
_HEADING = re.compile(r"(#{1,6}|={2,6}) +(.+?)(?: *\{/\*.*\*/\})?$")
# What is no paragraph of prose: headings, tables, lists, quotes, code, notes, tags and lines of markup.
_NO_PROSE = re.compile(r"[#=|>`\-*+:<\[(!.~]|\d+\.")
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
# What is markup, or would be an operator in a query.
_MARKUP = re.compile(r"<xref:[^>]*>|[^\w\s.,'’#+/$%&-]|(?<!\S)[-+]+|_(?!\w)|(?<!\w)_")
_SENTENCE = re.compile(r"(?<=[.!?:])\s")


def news(corpus: Path) -> Collection:
    """Titles of news, as queries for the stories."""
    records, candidates = [], []
    same: dict[tuple[str, ...], list[str]] = defaultdict(list)
    beginnings: dict[str, tuple[str, ...]] = {}
    for row in _rows(corpus, (*NEWS, *UNTITLED)):
        text, title = row["text"], row["title"]
        records.append(Record(row["id"], "", text))
        beginnings[row["id"]] = tuple(_words(text)[:SAME_BEGINNING])
        same[beginnings[row["id"]]].append(row["id"])
        if row["source"] in NEWS:
            candidates.append((row["source"], row["id"], title, text))
    queries = _queries(candidates, MOST_NEWS)
    judgements = {query: dict.fromkeys(same[beginnings[query]], 1) for query in queries}
    return Collection("news", "both", records, queries, judgements)


def docs(corpus: Path) -> Collection:
    """What pages of documentation say of themselves, as queries for the pages."""
    records, candidates = [], []
    for row in _rows(corpus, (*DESCRIBED, *BOOKS)):
        kind = row["source"].rpartition("-")[0]
        text, query = (_without_description if kind in DESCRIBED else _without_heading)(
            row["id"], row["title"], row["text"]
        )
        records.append(Record(row["id"], row["title"], text))
        candidates.append((row["source"], row["id"], query, text))
    queries = _queries(candidates, MOST_PAGES)
    return Collection("docs", "both", records, queries, {query: {query: 1} for query in queries})


SETS: Mapping[str, Callable[[Path], Collection]] = {"news": news, "docs": docs}


def _rows(corpus: Path, sources: tuple[str, ...]) -> Iterable[dict[str, Any]]:
    """The documents of some sources, MOST_DOCUMENTS of each at most. Pages that are twins are both there or both left out."""
    of_source: dict[str, list[tuple[bytes, str, dict[str, Any]]]] = defaultdict(list)
    for row in rows(corpus, "corpus-*.jsonl.gz"):
        if row["source"] in sources or row["source"].rpartition("-")[0] in sources:
            of_source[row["source"]].append((_lot(row["id"].partition(":")[2]), row["id"], row))
    for source in sorted(of_source):
        for _, _, row in sorted(of_source[source], key=lambda entry: entry[:2])[:MOST_DOCUMENTS]:
            yield row


def _lot(name: str) -> bytes:
    return hashlib.sha256(f"{SEED} {name}".encode()).digest()


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _queries(candidates: Iterable[tuple[str, str, str, str]], most: int) -> dict[str, str]:
    """The text of each query, by the id of its document. candidates: (source, id, query, text of the document)."""
    chosen = [(_lot(f"query {name}"), source, name, _plain(query), text) for source, name, query, text in candidates]
    times = Counter((source, *_words(query)) for _, source, _, query, _ in chosen)
    taken: Counter[str] = Counter()
    queries = {}
    for _, source, name, query, text in sorted(chosen):
        words = _words(query)
        said = f" {' '.join(words)} " in f" {' '.join(_words(text))} "
        if taken[source] < most and len(words) >= FEWEST and times[(source, *words)] == 1 and not said:
            taken[source] += 1
            queries[name] = query
    return queries


def _plain(text: str) -> str:
    """The words as somebody would type them. A title in capitals would shout, and its NOT would be an operator."""
    return " ".join(_MARKUP.sub(" ", text.lower() if text.isupper() else text).split())


def _without_description(name: str, title: str, text: str) -> tuple[str, str]:
    """(a page without its first paragraph of prose, the first sentence of that paragraph). The text and "" if there is none.

    A paragraph with the title of the page in it says how a function is called.
    """
    paragraphs = text.split("\n\n")
    for place, paragraph in enumerate(paragraphs[:6]):
        lines = paragraph.strip().split("\n")
        kept = []
        while lines and (_HEADING.match(lines[0]) or lines[0].startswith("<Intro>")):
            kept.append(lines.pop(0))
        prose = " ".join(line.strip() for line in lines)
        if _NO_PROSE.match(prose) or len(_words(prose)) < FEWEST or title in prose:
            continue
        rest = [*paragraphs[:place], *(["\n".join(kept)] if kept else []), *paragraphs[place + 1 :]]
        said = _SENTENCE.split(_LINK.sub(r"\1", prose))[0]
        return "\n\n".join(rest), " ".join(said.split()[:MOST])
    return text, ""


def _without_heading(name: str, title: str, text: str) -> tuple[str, str]:
    """(a page without one of its headings, the path of that heading below the page's own). The text and "" if it has one alone."""
    lines = text.split("\n")
    path: dict[int, str] = {}
    headings: list[tuple[int, str]] = []
    for place, line in enumerate(lines):
        found = _HEADING.match(line)
        if found:
            level = len(found[1])
            path = {other: words for other, words in path.items() if other < level} | {level: found[2]}
            headings.append((place, " ".join(list(path.values())[1:])))
    below = [(_lot(f"{name} {place}"), place, words) for place, words in headings[1:] if len(_words(words)) >= FEWEST]
    if not below:
        return text, ""
    _, place, words = min(below)
    return "\n".join(lines[:place] + lines[place + 1 :]), words


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    options.add_argument("data", type=Path, metavar="DATA", help="folder with a folder `corpus`")
    options.add_argument(
        "--show", type=int, default=20, metavar="N", help="queries of each collection to show (default: 20)"
    )
    given = options.parse_args()
    for name, make in SETS.items():
        made = make(given.data / "corpus")
        print(f"{name}: {len(made.records)} documents, {len(made.queries)} queries")
        print(dict(Counter(query.partition(":")[0] for query in made.queries)))
        for query, text in list(made.queries.items())[: given.show]:
            print(f"  {query}: {text}")


if __name__ == "__main__":
    main()
