"""How fast is an index in an OpenSearch cluster, how large, and how does it grow?

    python benchmarks/cluster.py CORPUS [--docs 10k,100k,1M] [--nodes 1,2,3] [--shards N] [--jobs N] [--each N] [--json]
    python benchmarks/cluster.py CORPUS --address https://host:9200/name …

CORPUS is a folder as speed.py takes it. Documents are real paragraphs put together anew (speed/recombine.py), queries are drawn as
shared/workload.py says. Without --address it starts nodes on this machine, with data in a temporary folder: figures of several
nodes then say what their talk costs, and not what several machines give. An index that --address names is made anew.

For each size an index in a folder is made of the same documents. Before a time is told, each query is asked of both, and the totals
must be equal; the top tens are compared, and the share of equal ones is told (documents with equal scores may change places).
The index of more than --compared documents is asked without.

    MB/s        text that goes in a second, analysis in this process and indexing in the cluster, commit included
    x text      bytes of all primaries, by bytes of text; of the documents index and of the words index
    words       forms of the index
    open        a searcher that has no mirror, and one that has
    two, one    milliseconds of a search with snippets, the best ten: p50 / p95, with exact scores (two questions) and without.
                first: of queries never asked before; again: of the same, with counts and words known
    bare        two questions without snippets, again
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

if not __package__:  # started as a file: the repository is not on the path
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.shared.records import Record, load, sampler_of
from benchmarks.shared.workload import LONG, Query, percentile
from benchmarks.speed.machine import machine
from benchmarks.speed.recombine import DOCUMENT_BYTES, Recombined
from naidi import Document, Searcher, Writer, open_index
from naidi.indexer.opensearch.address import ClusterAddress
from naidi.indexer.opensearch.cluster import connect
from naidi.search.cluster_searcher import ClusterSearcher

_SEED = 7
_UNITS = {"k": 1_000, "M": 1_000_000}
# Scores of a cluster are sums of single-precision parts.
_EQUAL = 1e-4


class Answered(NamedTuple):
    """What the checks found: queries asked, those with equal totals, those with equal top tens."""

    asked: int
    same_total: int
    same_page: int


def text_of(query: Query) -> str:
    """The query in naidi's language."""
    words = query.words
    if query.kind == "phrase":
        return '"' + " ".join(words) + '"'
    if query.kind == "near":
        return '"' + " ".join(words) + '"~6'
    if query.kind == "prefix":
        return f"{words[0]}*"
    return (" AND " if query.kind == "and" else " ").join(words)


def documents(records: Iterator[Record]) -> Iterator[Document]:
    """The records as documents."""
    for record in records:
        yield Document(id=record.id, title=record.title, text=record.text)


@contextlib.contextmanager
def addresses(given: str | None, nodes: int) -> Iterator[str]:
    """The address of an index: the given one, or one on nodes that are started here."""
    if given is not None:
        yield given
        return
    from tests.opensearch_nodes import Cluster, built

    with Cluster(built(), nodes=nodes, heap="1g" if nodes == 1 else "512m") as cluster:
        cluster.wait()
        hosts = ",".join(url.split("//")[1] for url in cluster.urls)
        yield f"http://{hosts}/naidi-benchmark-{uuid.uuid4().hex[:8]}?timeout=120"


def seconds(ask: Any) -> float:
    """How long a call takes."""
    started = time.perf_counter()
    ask()
    return time.perf_counter() - started


def in_ms(times: Sequence[float]) -> dict[str, float]:
    """The middle and the slow end of some times in seconds."""
    return {"p50": round(1000 * percentile(times, 50), 2), "p95": round(1000 * percentile(times, 95), 2)}


def compared(local: Searcher, remote: Searcher, queries: Sequence[str]) -> Answered:
    """Ask each query of both."""
    totals = pages = 0
    for query in queries:
        one, other = local.search(query, snippets=0), remote.search(query, snippets=0)
        totals += one.total == other.total
        pages += [hit.id for hit in one] == [hit.id for hit in other] or _equal_scores(one, other)
    return Answered(len(queries), totals, pages)


def _equal_scores(one: Any, other: Any) -> bool:
    """Whether two pages differ in documents of equal scores alone."""
    scores = {hit.id: hit.score for hit in one}
    last = min(scores.values(), default=0.0)
    near = len(one) == len(other)
    for mine, theirs in zip(one, other, strict=False):
        near = near and abs(mine.score - theirs.score) <= _EQUAL * max(mine.score, 1.0)
    return near and all(abs(hit.score - scores.get(hit.id, last)) <= _EQUAL * max(hit.score, 1.0) for hit in other)


def size_of(address: str) -> dict[str, int]:
    """Bytes and documents of both indices, by primaries."""
    with connect(ClusterAddress.of(address)) as cluster:
        for index in (cluster.documents, cluster.words):
            cluster.ask("POST", f"/{index}/_flush", timeout=600)
        found = {}
        for what, index in (("documents", cluster.documents), ("words", cluster.words)):
            stats = cluster.ask("GET", f"/{index}/_stats/store,docs")["_all"]["primaries"]
            found[f"{what}_bytes"] = int(stats["store"]["size_in_bytes"])
            found[what] = int(stats["docs"]["count"])
        return found


def remove(address: str) -> None:
    """Delete the indices of an address that was made here."""
    with connect(ClusterAddress.of(address)) as cluster:
        for alias in (cluster.documents, cluster.words):
            cluster.drop(*cluster.indices_of(alias))


def measure(
    made: Recombined, size: int, address: str, queries: Sequence[str], settings: argparse.Namespace, nodes: int
) -> dict[str, Any]:
    """The figures of one size on one cluster. Raises SystemExit if an answer is wrong."""
    text_bytes = sum(len(record.text.encode()) for record in made.documents(size))
    replicas = 0 if nodes == 1 else 1
    started = time.perf_counter()
    with Writer(
        address, rebuild=True, jobs=settings.jobs, shards=settings.shards or nodes, replicas=replicas
    ) as writer:
        writer.add_many(documents(made.documents(size)))
    took = time.perf_counter() - started
    stored = size_of(address)
    if stored["documents"] != size:
        raise SystemExit(f"{stored['documents']:,} documents of {size:,} are there")
    row: dict[str, Any] = {
        "docs": size,
        "nodes": nodes,
        "text_mb": round(text_bytes / 1e6, 1),
        "mb_per_s": round(text_bytes / 1e6 / took, 2),
        "x_text_documents": round(stored["documents_bytes"] / text_bytes, 2),
        "x_text_words": round(stored["words_bytes"] / text_bytes, 3),
        "words": stored["words"],
    }
    with tempfile.TemporaryDirectory(prefix="naidi-cluster-") as name:
        os.environ["XDG_CACHE_HOME"] = f"{name}/cache"
        row["open_without_mirror_s"] = round(seconds(lambda: ClusterSearcher(address).close()), 2)
        row["open_s"] = round(seconds(lambda: ClusterSearcher(address).close()), 3)
        for label, twice in (("two", True), ("one", False)):
            with ClusterSearcher(address, asks_twice=twice) as searcher:
                searcher.search("x")  # tables that a process reads once
                for round_name in ("first", "again"):
                    times = [seconds(lambda query=query: searcher.search(query)) for query in queries]  # type: ignore[misc]
                    row[f"{label}_{round_name}_ms"] = in_ms(times)
                if twice:
                    times = [seconds(lambda query=query: searcher.search(query, snippets=0)) for query in queries]  # type: ignore[misc]
                    row["bare_ms"] = in_ms(times)
        if size <= settings.compared:
            with Writer(f"{name}/index") as writer:
                writer.add_many(documents(made.documents(size)))
            with open_index(f"{name}/index") as local, ClusterSearcher(address) as remote:
                answered = compared(local, remote, queries)
            if answered.same_total < answered.asked:
                raise SystemExit(f"{answered.asked - answered.same_total} of {answered.asked} totals are wrong")
            row["same_page"] = round(answered.same_page / answered.asked, 4)
    return row


def _numbers(text: str) -> list[int]:
    return [int(float(one.rstrip("kM")) * _UNITS.get(one[-1], 1)) for one in text.split(",")]


def table(rows: Sequence[dict[str, Any]]) -> str:
    """The rows as a table in Markdown."""
    lines = [
        "| documents | nodes | MB/s | x text | words | open | two first | two again | one again | bare | same pages |",
        "|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for row in rows:
        times = [
            f"{row[name]['p50']:g} / {row[name]['p95']:g}"
            for name in ("two_first_ms", "two_again_ms", "one_again_ms", "bare_ms")
        ]
        lines.append(
            f"| {row['docs']:,} | {row['nodes']} | {row['mb_per_s']} | {row['x_text_documents']} + {row['x_text_words']} "
            f"| {row['words']:,} | {row['open_without_mirror_s']} s / {row['open_s']} s | {' | '.join(times)} "
            f"| {row.get('same_page', '-')} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Measure, and print a table or JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--docs", type=_numbers, default=[10_000])
    parser.add_argument("--nodes", type=_numbers, default=[1])
    parser.add_argument("--shards", type=int, help="of a new index; one for each node by default")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--each", type=int, default=10, help="queries of each kind and language")
    parser.add_argument("--compared", type=int, default=100_000)
    parser.add_argument("--address", help="of an index that is made anew; nodes are started if there is none")
    parser.add_argument("--json", action="store_true")
    settings = parser.parse_args()
    records = load(settings.corpus)
    made = Recombined(records, _SEED, DOCUMENT_BYTES)
    drawn = sampler_of(made.documents(min(settings.docs)), _SEED).queries(settings.each)
    queries = [text_of(query) for query in drawn if query.kind != LONG]
    rows = []
    for nodes in settings.nodes if settings.address is None else [0]:
        for size in settings.docs:
            print(f"{size:,} documents, {nodes or 'given'} nodes", file=sys.stderr)
            with addresses(settings.address, nodes) as address:
                try:
                    rows.append(measure(made, size, address, queries, settings, nodes))
                finally:
                    if settings.address is None:
                        remove(address)
    if settings.json:
        print(json.dumps({"machine": machine(), "rows": rows}, indent=1))
    else:
        print(table(rows))


if __name__ == "__main__":
    main()
