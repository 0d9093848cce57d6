"""The measurements of `fields.py`, and their tables."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.peers.with_fields import Engines, NaidiWithFields
from benchmarks.shared.field_values import COMMON, RARE, Values
from benchmarks.shared.records import Record, sampler_of
from benchmarks.shared.workload import Query, percentile
from benchmarks.speed.evidence import Evidence
from benchmarks.speed.field_cases import Case, cases_of, check
from benchmarks.speed.preparation import WORDS_CHECKED, candidates_of
from naidi import Writer, field, open_index
from naidi.indexer.codec.column_file import ColumnFile

SEED = 1
UPDATES = 50
TOGETHER = 1_000
MOST_FACETED = 60  # queries

Ask = Callable[[str], object]


def _milliseconds(ask: Ask, text: str) -> float:
    started = time.thread_time_ns()
    ask(text)
    return (time.thread_time_ns() - started) / 1e6


def in_turns(plain: Ask, other: Ask, texts: Sequence[str], rounds: int) -> list[list[tuple[float, float]]]:
    """For each round, the first one included, the milliseconds of both for each query. One begins as often as the other."""
    found = []
    for turn in range(1 + rounds):
        times = []
        for number, text in enumerate(texts):
            if (turn + number) % 2:
                late = _milliseconds(other, text)
                times.append((_milliseconds(plain, text), late))
            else:
                early = _milliseconds(plain, text)
                times.append((early, _milliseconds(other, text)))
        found.append(times)
    return found


class Timed:
    """Times of a filter beside no filter: medians over queries. median, slow: of the filter; adds: of the differences."""

    def __init__(self, rounds: Sequence[Sequence[tuple[float, float]]]) -> None:
        of_queries = list(zip(*rounds, strict=True))
        plain = [statistics.median(one[0] for one in query) for query in of_queries]
        other = [statistics.median(one[1] for one in query) for query in of_queries]
        self.plain, self.median, self.slow = statistics.median(plain), statistics.median(other), percentile(other, 95)
        self.adds = statistics.median(late - early for early, late in zip(plain, other, strict=True))


def filters(engines: Engines, cases: Sequence[Case], queries: Sequence[Query], rounds: int) -> str:
    """The table of all cases but the first, which is what they are compared with."""
    lines = [
        "Filters: p50 (p95) of the best ten, and what the filter adds, in ms",
        f"{'':30} {'naidi, words new':>27} {'again':>27} {'snippets, new':>27} {'again':>27} {'tantivy':>27} {'FTS5+SQL':>27}",
    ]
    of_peers: dict[str, list[Timed]] = {}
    own = [engines.naidi.syntax(query) for query in queries]
    for case in cases[1:]:
        columns = []
        for name in ("ids", "shown"):
            searchers = [NaidiWithFields(engines.naidi.directory) for _ in range(2)]
            for one in searchers:
                one.open()
                getattr(one, name)("*", {})  # what is loaded late
            plain, other = (getattr(one, name) for one in searchers)
            told = in_turns(lambda text: plain(text, {}), lambda text: other(text, case.options), own, rounds)  # noqa: B023
            columns += [Timed(told[:1]), Timed(told[1:])]
            for one in searchers:
                one.close()
        if case.sql is not None:
            of_peers[case.name] = _of_peers(engines, case, queries, rounds)
        timed = [*columns, *of_peers[case.like or case.name]]
        shown = [f"{one.median:8.3f} ({one.slow:7.3f}) {one.adds:+8.3f}" for one in timed]
        ratios = [f"{columns[1].median / peer.median:.2f}" for peer in of_peers[case.like or case.name]]
        lines.append(f"{case.name:30} {' '.join(shown)}   of tantivy, FTS5: {', '.join(ratios)}")
    cells = [f"{one.plain:8.3f} {'':18}" for one in timed]
    lines.append(f"{cases[0].name:30} {' '.join(cells)}")
    return "\n".join(lines)


def _of_peers(engines: Engines, case: Case, queries: Sequence[Query], rounds: int) -> list[Timed]:
    peer, sqlite = engines.tantivy, engines.sqlite
    found = []
    for plain, other, texts in (
        (lambda text: peer.ids(text, None), lambda text: peer.ids(text, case.condition), list(map(peer.syntax, queries))),
        (lambda text: sqlite.ids(text, ""), lambda text: sqlite.ids(text, case.sql or ""), list(map(sqlite.syntax, queries))),
    ):  # fmt: skip
        found.append(Timed(in_turns(plain, other, texts, rounds)[1:]))
    return found


def _alone(ask: Ask, texts: Sequence[str], rounds: int) -> str:
    for text in texts:
        ask(text)
    of_queries = [statistics.median(_milliseconds(ask, text) for _ in range(rounds)) for text in texts]
    return f"{statistics.median(of_queries):8.3f} ({percentile(of_queries, 95):8.3f})"


def orders(engines: Engines, queries: Sequence[Query], rounds: int) -> str:
    """The table of orders; words were asked for before."""
    naidi, peer, sqlite = engines
    own, theirs, sql = ([engine.syntax(query) for query in queries] for engine in engines)
    rows: list[tuple[str, Ask, Ask | None, Ask | None]] = [
        ("best ten", lambda text: naidi.ids(text, {}), lambda text: peer.ids(text, None), lambda text: sqlite.ids(text, "")),
        ("by a number", lambda text: naidi.ids(text, {"sort": "-price"}), lambda text: peer.ids(text, None, sort="-price"),
         lambda text: sqlite.ids(text, "", sort="f.price DESC")),
        ("by a keyword and a number", lambda text: naidi.ids(text, {"sort": ["team", "-price"]}), None,
         lambda text: sqlite.ids(text, "", sort="f.team, f.price DESC")),
        ("one hit for each keyword", lambda text: naidi.ids(text, {"collapse": "team"}), None, None),
    ]  # fmt: skip
    lines = ["Orders: p50 (p95) of ten ids, in ms", f"{'':30} {'naidi':>19} {'tantivy':>19} {'FTS5+SQL':>19}"]
    for name, *asks in rows:
        cells = [
            f"{'-':>19}" if ask is None else _alone(ask, texts, rounds)
            for ask, texts in zip(asks, (own, theirs, sql), strict=True)
        ]
        lines.append(f"{name:30} {' '.join(cells)}")
    return "\n".join(lines)


def facets(engines: Engines, queries: Sequence[Query], rounds: int) -> str:
    """The table of counts over all documents found, beside ten hits without snippets; words were asked for before."""
    naidi, peer, sqlite = engines
    some = queries[:MOST_FACETED]
    terms = {name: {"terms": {"field": name, "size": 100}} for name in ("team", "tags", "stock")}
    histogram = {"years": {"histogram": {"field": "price", "interval": 100.0}}}
    by = field("price").by(100)
    rows: list[tuple[str, Any, Any, Any]] = [
        ("none", (), None, None),
        ("three fields", ("team", "tags", "stock"), terms, sqlite.facets),
        ("one keyword", ("team",), {"team": terms["team"]}, None),
        ("a date by month", (field("created").by("month"),), None, None),
        ("a number by steps of 100", (by,), histogram, None),
        ("three ranges of a number", (field("price").ranges((None, 50), (50, 200), (200, None)),), None, None),
    ]
    lines = [
        "Facets over all documents found, beside ten hits: p50 (p95) in ms; then for the query *",
        f"{'':30} {'naidi':>19} {'tantivy':>19} {'FTS5+SQL':>19} {'naidi *':>19} {'tantivy *':>19} {'FTS5+SQL *':>19}",
    ]
    for name, wanted, aggregation, sql in rows:

        def own(text: str | None, wanted: Any = wanted) -> object:
            return naidi.results("*" if text is None else text, {}, 10, snippets=0, facets=wanted)

        def theirs(text: str | None, aggregation: Any = aggregation) -> object:
            return peer.aggregate(text, aggregation)

        cells = []
        for texts in ([[engine.syntax(query) for query in some] for engine in engines], [[None]] * 3):
            for ask, mine in ((own, texts[0]), (theirs if aggregation else None, texts[1]), (sql, texts[2])):
                cells.append(
                    f"{'-':>19}" if ask is None else _alone(ask, mine, max(rounds, 5 if mine == [None] else 1))
                )
        lines.append(f"{name:30} {' '.join(cells)}")
    return "\n".join(lines)


def updates(engines: Engines, records: Sequence[Record], values: Sequence[Values]) -> str:
    """The table of updates of one field of one document, each with a commit; the last index has other values then."""
    naidi, peer, sqlite = engines
    step = max(1, len(records) // (UPDATES + 1))
    places = [number * step for number in range(min(UPDATES, len(records) - 1))]
    lines = [f"Updates of one field of one document with a commit, {len(places)} of each: p50 and slowest in ms"]

    def timed(name: str, update: Callable[[int], object]) -> None:
        update(places[0])
        times = []
        for place in places:
            started = time.perf_counter()
            update(place)
            times.append((time.perf_counter() - started) * 1000)
        lines.append(f"{name:50} {statistics.median(times):8.1f} {max(times):8.1f}")

    with open_index(naidi.directory) as searcher:
        with Writer(naidi.directory) as writer:

            def one(place: int) -> None:
                writer.update(records[place].id, fields={"price": place + 0.25})
                writer.commit()

            def seen(place: int) -> None:
                one(place)
                searcher.refresh()
                found = searcher.search_ids("*", where=field("price") == place + 0.25)
                assert found[0][0] == records[place].id, "an update is not found"

            def team(place: int) -> None:
                writer.update(records[place].id, fields={"team": RARE})
                writer.commit()

            timed("naidi, a number", one)
            timed("naidi, a keyword", team)
            timed("naidi, a number, seen by a refreshed searcher", seen)
            started = time.perf_counter()
            for number in range(min(TOGETHER, len(records))):
                writer.update(records[number].id, fields={"price": float(number)})
            writer.commit()
            lines.append(
                f"{f'naidi, {TOGETHER:,} updates in one commit':50} {(time.perf_counter() - started) * 1000:8.1f}"
            )

        def opened(place: int) -> None:
            with Writer(naidi.directory) as own:
                own.update(records[place].id, fields={"price": place + 0.5})

        timed("naidi, a writer opened for each", opened)
    timed("tantivy, the document is added again",
          lambda place: peer.update(place, records[place], values[place]._replace(price=place + 0.25)))  # fmt: skip
    timed("SQLite, UPDATE of a row", lambda place: sqlite.update(place, place + 0.25))
    with Writer(naidi.directory) as writer:
        started = time.perf_counter()
        deleted = writer.delete_where(field("team") == RARE)
        writer.commit()
        lines.append(
            f"{f'naidi, delete_where of {deleted:,} documents, commit':50} {(time.perf_counter() - started) * 1000:8.1f}"
        )
    return "\n".join(lines)


def size(engines: Engines, records: Sequence[Record], values: Sequence[Values], directory: Path) -> str:
    """What fields add to an index: in all, and for each by what its column holds."""
    bare = NaidiWithFields(directory / "bare")
    bare.build(records, None)
    without, with_fields = (_bytes(home) for home in (bare.directory, engines.naidi.directory))
    columns: dict[str, list[int]] = {}
    for path in engines.naidi.directory.rglob("*.col"):
        file = ColumnFile(path)
        for name in file.kinds:
            number = list(file.kinds).index(name)
            sections = [row for key, row in file.container.table.items() if key.startswith(f"{number}.")]
            held = sum(count * int(kind.rstrip("?")[-1]) for _, count, kind in sections)
            columns.setdefault(name, []).append(held)
    counts = {name: sum(_count(getattr(own, name)) for own in values) for name in values[0]._fields}
    lines = [
        f"Index: {without:,} bytes without fields, {with_fields:,} with five: {(with_fields - without) / without:+.2%},"
        f" {(with_fields - without) / len(records):.1f} bytes a document",
        f"{'':10} {'kind':10} {'values':>10} {'bytes':>12} {'bytes a value':>14}",
    ]
    for name, own in columns.items():
        lines.append(
            f"{name:10} {file.kinds[name]:10} {counts[name]:10,} {sum(own):12,} {sum(own) / counts[name]:14.2f}"
        )
    return "\n".join(lines)


def _count(value: object) -> int:
    return len(value) if isinstance(value, tuple) else int(value is not None)


def _bytes(home: Path) -> int:
    live = (home / "CURRENT").read_text(encoding="utf-8").split()[0]
    return sum(path.stat().st_size for path in (home / live).rglob("*") if path.is_file())


def measured(
    records: Sequence[Record], values: Sequence[Values], each: int, rounds: int, parts: Sequence[str]
) -> Iterator[str]:
    """The report, part by part."""
    sampler = sampler_of(records, SEED)
    evidence = Evidence(candidates_of(records, sampler, SEED), SEED)
    for _ in evidence.watch(records):
        pass
    queries = sampler.queries(each)
    with tempfile.TemporaryDirectory(prefix="naidi-fields-") as place:
        engines = Engines.built(Path(place), records, values)
        try:
            cases = cases_of(engines, records, SEED)
            checked = check(engines, records, values, cases, queries, evidence.counts(WORDS_CHECKED))
            common = sum(own.team == COMMON for own in values)
            yield (
                f"{len(records):,} documents, {common:,} with the frequent keyword; {len(queries)} queries; "
                f"{checked:,} answers checked"
            )
            run: dict[str, Callable[[], str]] = {
                "size": lambda: size(engines, records, values, Path(place)),
                "filters": lambda: filters(engines, cases, queries, rounds),
                "orders": lambda: orders(engines, queries, rounds),
                "facets": lambda: facets(engines, queries, rounds),
                "updates": lambda: updates(engines, records, values),
            }
            for part, told in run.items():
                if part in parts:
                    yield told()
        finally:
            engines.close()
