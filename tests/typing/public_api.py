"""What type checkers make of the public names. It is never run: `mypy --strict tests/typing` reads it, as .ci/run does."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from pathlib import Path

from typing_extensions import Unpack, assert_type

import naidi
from naidi import (
    ClusterRefused,
    ClusterUnavailable,
    Completion,
    Correction,
    Document,
    DocumentMissing,
    DocumentUnreadable,
    Explanation,
    FieldParameters,
    FolderChoices,
    FolderOptions,
    FormMatch,
    Hit,
    IndexDamaged,
    IndexLocked,
    IndexMissing,
    IndexOutdated,
    IndexProblem,
    IndexUnwritable,
    InvalidAddress,
    InvalidDocument,
    InvalidQuery,
    MemoryIndex,
    NaidiError,
    NotSupported,
    Progress,
    RankingParameters,
    Results,
    Searcher,
    SearchOptions,
    Snippet,
    StoredDocument,
    SyncReport,
    TermMatch,
    UpgradeReport,
    Writer,
    open_index,
    quote,
    sync,
    upgrade,
)

assert_type(naidi.__version__, str)
assert_type(naidi.open_index(), Searcher)
assert_type(naidi.open_index("a", refresh_every=0.5), Searcher)
assert_type(quote("a"), str)


def writes(directory: Path) -> None:
    document = Document(id="a", text="b", title="c", date=datetime.date(2026, 1, 2), meta={"pages": 3}, language="en")
    assert_type(document.title, str)
    assert_type(document.date, datetime.date | None)
    with Writer(directory, jobs=2) as writer:
        assert_type(writer, Writer)
        writer.optimize()
        writer.clear()
    with MemoryIndex([Document("a", "text")], store_texts=False) as index:
        assert_type(index, MemoryIndex)
        assert_type(index.directory, Path)
        assert_type(index.writer(jobs=1), Writer)
        assert_type(index.searcher(), Searcher)
        assert_type(index.searcher().get("a").text, str | None)
        writer.add(document)
        writer.add_many([document])
        assert_type(writer.delete("a"), bool)
        writer.commit()
    report = sync("seeds", directory, jobs=None, options=FolderOptions(columns=("title", "text")))
    assert_type(report, SyncReport)
    choices: FolderChoices = {"exclude": ["*.log"], "hidden": True}
    sync("seeds", directory, options=choices)
    sync("seeds", directory, options={"exclude": "*.log"})  # type: ignore[arg-type]
    assert_type(report.added, int)
    assert_type(report.skipped, list[tuple[str, str]])
    assert_type(report.lost, list[tuple[str, str]])
    assert_type(report.older, list[tuple[str, str]])
    assert_type(report.recovered, list[tuple[str, str]])


def brings_up_to_date(directory: Path) -> None:
    def show(progress: Progress) -> None:
        assert_type(progress.files, int)

    report = upgrade(directory, jobs=2, lock_timeout=1.0, progress=show)
    assert_type(report, UpgradeReport)
    assert_type(report.reason, str | None)
    assert_type(report.lost, list[tuple[str, str]])
    assert_type(report.older, list[tuple[str, str]])


def in_a_cluster(address: str) -> None:
    with Writer(address, shards=2, replicas=0, jobs=2) as writer:
        assert_type(writer, Writer)
        assert_type(writer.delete("a"), bool)
    Writer(address, shards="2")  # type: ignore[arg-type]
    with open_index(address) as searcher:
        assert_type(searcher, Searcher)
    assert_type(Searcher(address, asks_twice=False), Searcher)
    assert_type(sync("seeds", address, replicas=1), SyncReport)
    assert_type(naidi.drop("seeds", address), int)
    assert_type(upgrade(address), UpgradeReport)
    assert_type(naidi.from_whoosh("old", address), naidi.WhooshReport)
    try:
        open_index(address)
    except (InvalidAddress, NotSupported, ClusterUnavailable, ClusterRefused) as error:
        root: NaidiError = error
        print(root)


def searches(directory: str) -> None:
    with open_index(directory) as searcher:
        assert_type(searcher, Searcher)
        assert_type(searcher.doc_count, int)
        assert_type(searcher.refresh(), bool)
        assert_type(searcher.refresh(warm=["a"]), bool)
        results = searcher.search("a", 5, since=datetime.date(2026, 1, 2), sort="-date", exact=True, explain=True)
        assert_type(results, Results)
        assert_type(searcher.similar("a"), Results)
        assert_type(searcher.search_ids("a"), list[tuple[str, float]])
        assert_type(searcher.suggest("a"), list[Completion])
        assert_type(searcher.get("a"), StoredDocument)
        assert_type(searcher.get("a").mtime, datetime.datetime | None)
        assert_type(searcher.ids(), Iterator[str])
        assert_type(searcher.highlight("a", "b", exact=True), Snippet)
        assert_type(searcher.snippets("a", "b", 2, chars=100), tuple[Snippet, ...])
        assert_type("a" in searcher, bool)
        assert_type(len(searcher), int)


def hands_options_on(searcher: Searcher, **options: Unpack[SearchOptions]) -> list[Results]:
    newest: SearchOptions = {"sort": "-date", "since": datetime.date(2026, 1, 2)}
    return [searcher.search("a", 5, **options), searcher.search("a", **newest)]


def reads(results: Results) -> None:
    assert_type(results.total, int)
    assert_type(results.total_is_exact, bool)
    assert_type(results.warnings, tuple[str, ...])
    assert_type(results.corrections, tuple[Correction, ...])
    assert_type(results.hits, tuple[Hit, ...])
    for hit in results.hits:
        assert_type(hit.id, str)
        assert_type(hit.path, str | None)
        assert_type(hit.score, float)
        assert_type(hit.meta, Mapping[str, str | int | float | bool | None])
        assert_type(hit.snippets, tuple[Snippet, ...])
        assert_type(hit.snippets[0].html(), str)
        assert_type(hit.html(separator="<br>"), str)
        assert_type(hit.title_html("b"), str)
        assert_type(hit.explanation, Explanation | None)
        assert_type(hit.duplicates, tuple[str, ...])
        if hit.explanation is not None:
            assert_type(hit.explanation.matches, tuple[TermMatch, ...])
            assert_type(hit.explanation.matches[0].forms, tuple[FormMatch, ...])


def tunes(directory: str) -> Searcher:
    parameters = RankingParameters(text=FieldParameters(k1=1.0, b=0.5, weight=1.0))
    return Searcher(directory, parameters=parameters)


def fails(directory: str) -> str:
    try:
        open_index(directory).search("a")
    except (InvalidQuery, InvalidDocument, DocumentMissing) as error:
        assert_type(error, InvalidQuery | InvalidDocument | DocumentMissing)
    except DocumentUnreadable as error:
        return f"{error.path}: {error.reason}"
    except (IndexMissing, IndexDamaged, IndexOutdated, IndexLocked, IndexUnwritable) as error:
        problem: IndexProblem = error
        root: NaidiError = problem
        return str(root)
    return ""
