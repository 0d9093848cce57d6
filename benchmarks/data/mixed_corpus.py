"""DATA/corpus: documents of many sources, mixed, in shards; and a few whole novels."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks.data import books, docbook, news
from benchmarks.data.clones import UNREADABLE, Clone, NotThere, Source, reason
from benchmarks.data.cuts import in_share, place_of
from benchmarks.data.documents import Text, kept, tidy
from benchmarks.data.files import write_records
from benchmarks.data.markdown import pages
from benchmarks.data.sources import (
    ABC,
    BBC,
    CPP_EN,
    CPP_RU,
    DOTNET_RU,
    ENWIKI,
    EXPECTATIONS,
    LENTA,
    NEREL,
    PHP_EN,
    PHP_RU,
    PRIDE,
    PROGIT_EN,
    PROGIT_RU,
    REACT_EN,
    REACT_RU,
    REUTERS,
    RUSLIT,
    RUST_EN,
    RUST_RU,
    SHERLOCK,
    WAR_AND_PEACE,
    WIN32,
)

SHARD = 5000

Reader = Callable[[Clone], Iterator[Text]]


class Part(NamedTuple):
    """A repository of a source of the corpus: who reads it, and which share of the documents is taken (of their keys' SHA-1)."""

    name: str
    language: str
    source: Source
    read: Reader
    share: float = 1.0


def human(key: str, fields: dict[str, str]) -> bool:
    """Is a page of the .NET documentation a whole page, translated by people?"""
    return fields.get("ms.translationtype") == "HT" and "/includes/" not in key


def _rust_page(key: str, fields: dict[str, str]) -> bool:
    return key not in ("src/SUMMARY", "src/title-page")


PARTS = [
    Part("abc-rural", "en", ABC, lambda clone: news.abc(clone, "rural"), 0.5),
    Part("abc-science", "en", ABC, lambda clone: news.abc(clone, "science"), 0.5),
    Part("bbc", "en", BBC, news.bbc, 0.7),
    Part("cpp-en", "en", CPP_EN, lambda clone: pages(clone, "docs/", ".md", 0.14)),
    Part("enwiki", "en", ENWIKI, news.enwiki, 0.7),
    Part(
        "gutenberg", "en", PRIDE, lambda clone: books.gutenberg(clone, "1342-0", "utf-8", "Pride and Prejudice", 7573)
    ),
    Part(
        "gutenberg",
        "en",
        SHERLOCK,
        lambda clone: books.gutenberg(clone, "1661-8", "latin-1", "The Adventures of Sherlock Holmes", 7976),
    ),
    Part(
        "gutenberg",
        "en",
        EXPECTATIONS,
        lambda clone: books.gutenberg(clone, "1400-0", "utf-8", "Great Expectations", 8459),
    ),
    Part("php-en", "en", PHP_EN, lambda clone: docbook.manual(clone, 0.5)),
    Part("progit-en", "en", PROGIT_EN, lambda clone: pages(clone, "book/", ".asc", 1)),
    Part("react-en", "en", REACT_EN, lambda clone: pages(clone, "src/content/", ".md", 0.5)),
    Part("reuters", "en", REUTERS, news.reuters),
    Part("rust-en", "en", RUST_EN, lambda clone: pages(clone, "src/", ".md", 1, wanted=_rust_page)),
    Part("win32-en", "en", WIN32, lambda clone: pages(clone, "desktop-src/", ".md", 0.02)),
    Part("cpp-ru", "ru", CPP_RU, lambda clone: pages(clone, "docs/", ".md", 0.14)),
    Part("dotnet-ru", "ru", DOTNET_RU, lambda clone: pages(clone, "docs/", ".md", 0.65, wanted=human)),
    Part("lenta", "ru", LENTA, news.lenta, 0.7),
    Part("nerel", "ru", NEREL, news.nerel),
    Part("php-ru", "ru", PHP_RU, lambda clone: docbook.manual(clone, 0.5)),
    Part("progit-ru", "ru", PROGIT_RU, lambda clone: pages(clone, "book/", ".asc", 1)),
    Part("react-ru", "ru", REACT_RU, lambda clone: pages(clone, "src/content/", ".md", 0.5)),
    Part("ruslit", "ru", RUSLIT, books.russian),
    Part(
        "rust-ru", "ru", RUST_RU, lambda clone: pages(clone, "rustbook-ru/src/", ".md", 1, "rustbook-ru/", _rust_page)
    ),
]


def build(clones: Path, out: Path, say: Callable[[str], None]) -> None:
    """Write corpus-00.jsonl.gz and so on into a folder.

    Parameter: say, what is told how many documents each source gave. A source whose repository, or a file of it, cannot be read is
    left out and told of. Raises NotThere after all is written where there was one, and before where there is no source at all.
    """
    records: list[dict[str, str]] = []
    lacking: list[str] = []
    for part in PARTS:
        try:
            found = list(documents(clones, part))
        except UNREADABLE as error:
            lacking.append(part.name)
            say(f"  {part.name}: left out: {reason(error)}")
            continue
        say(f"  {part.name}: {len(found):,} documents")
        records += found
    if not records:
        raise NotThere("none of the sources of the corpus is there")
    for old in out.glob("corpus-*.jsonl.gz"):
        old.unlink()
    records.sort(key=lambda record: place_of(record["id"]))
    for number, start in enumerate(range(0, len(records), SHARD)):
        write_records(out / f"corpus-{number:02}.jsonl.gz", records[start : start + SHARD])
    if lacking:
        raise NotThere(f"written without {', '.join(lacking)}")


def documents(clones: Path, part: Part) -> Iterator[dict[str, str]]:
    """What a repository gives to the corpus, as it is written. Raises NotThere where it is missing."""
    with Clone(clones, part.source) as clone:
        taken = (found for found in part.read(clone) if in_share(found.key, part.share))
        for found in kept(taken, part.language):
            yield record(part.name, found, part.language)


def record(name: str, found: Text, language: str) -> dict[str, str]:
    """A document as it is written. Parameter: name, of its source."""
    written = {"id": f"{name}:{found.key}", "title": found.title, "text": found.text, "lang": language, "source": name}
    return written | {"date": found.date} if found.date else written


def build_long(clones: Path, out: Path) -> None:
    """Write long.jsonl.gz, three novels, into a folder. Raises NotThere where one is missing."""
    with Clone(clones, WAR_AND_PEACE) as clone:
        text = tidy(books.gutenberg_body(clone.text("2600-0.txt")))
    whole = [record("gutenberg-whole", Text("2600-0", "War and Peace", text), "en")]
    with Clone(clones, RUSLIT) as clone:
        for author, name in (("Gogol", "Мёртвые души"), ("Tolstoy", "Анна Каренина")):
            whole.append(record("ruslit-whole", books.russian_whole(clone, author, name), "ru"))
    write_records(out / "long.jsonl.gz", whole)
