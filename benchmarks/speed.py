"""How fast is naidi, how large its index, how much memory does it take, beside other engines?

    python benchmarks/speed.py CORPUS [--docs N] [--engines a,b] [--scale 1k,10k] [--json] [--seed N] [--keep]

CORPUS is a folder of `corpus-*.jsonl.gz` (else of any `*.jsonl.gz`), a document a line: `id`, `title`, `text`. One engine
runs after another, each in a process of its own, on the same documents and the same queries, each query in the engine's own
syntax; workload.py says how queries are drawn, peers/__init__.py how engines are set up, one_engine.py what is checked.

Indexing time is without the reading of the documents. The microseconds of a query are the median of three rounds after it was first
asked; the text of the query is parsed every time. p50 and p95 are taken over queries. Index size is that of the index folder.
Stock Whoosh is slow: it gets at most --whoosh-docs documents, and naidi is then measured at that size too.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from cold_start import cold_start, cold_start_line
from peers import TIMED, Record
from recombine import recombined
from report import comparison, growth, machine, summary
from workload import Sampler, Text

HERE = Path(__file__).resolve().parent
PHRASES_CHECKED = 10  # in each language
WORDS_CHECKED = 20


def load(corpus: Path, limit: int | None) -> list[Record]:
    """The first `limit` documents of the collection, or all. Raises SystemExit where there is none."""
    shards = sorted(corpus.glob("corpus-*.jsonl.gz")) or sorted(corpus.glob("*.jsonl.gz"))
    found = [record for record, _ in zip(_rows(shards), range(limit), strict=False)] if limit else list(_rows(shards))
    if not found:
        raise SystemExit(f"{corpus}: no *.jsonl.gz with documents here")
    return found


def _rows(shards: list[Path]) -> Iterator[Record]:
    for shard in shards:
        with gzip.open(shard, "rt", encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                yield Record(row["id"], row.get("title") or "", row["text"])


def prepare(directory: Path, records: Iterable[Record], sampler: Sampler, each: int) -> None:
    """Write what an engine is to be measured with. The documents are written as they come, never held together."""
    with (directory / "documents.jsonl").open("w", encoding="utf-8") as file:
        for record in records:
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
    workload = {"queries": sampler.queries(each), "phrases": [], "counts": {}}
    (directory / "workload.json").write_text(json.dumps(workload, ensure_ascii=False), encoding="utf-8")


def add_checks(directory: Path, records: list[Record], sampler: Sampler) -> None:
    """Let every engine show first that it finds what is there; only where the queries come from these very documents."""
    path = directory / "workload.json"
    workload = json.loads(path.read_text(encoding="utf-8"))
    workload["phrases"] = sampler.rare_phrases(PHRASES_CHECKED)
    whole = (Text(record.id, f"{record.title}\n{record.text}") for record in records)
    workload["counts"] = sampler.agreed_counts(whole, WORDS_CHECKED)
    path.write_text(json.dumps(workload, ensure_ascii=False), encoding="utf-8")


def run(engines: list[str], directory: Path) -> list[dict[str, Any]]:
    """Measure one engine after another. One that fails its checks says why and has no figures.

    Raises SystemExit if none is left.
    """
    results = []
    for engine in engines:
        print(f"{engine} ...", file=sys.stderr)
        # One thread for every library that would start more behind our back.
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}
        command = [sys.executable, str(HERE / "one_engine.py"), engine, str(directory)]
        if subprocess.run(command, env=environment).returncode:
            print(f"{engine} failed: it is left out", file=sys.stderr)
            continue
        results.append(json.loads((directory / f"{engine}.result.json").read_text(encoding="utf-8")))
    if not results:
        raise SystemExit("no figures")
    return results


def compare(
    records: list[Record], engines: list[str], seed: int, each: int
) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
    """The figures of the engines on these documents, and the cold start of naidi on its index if it is one of them."""
    sampler = Sampler((Text(record.id, record.text) for record in records), seed)
    with tempfile.TemporaryDirectory(prefix="naidi-speed-") as name:
        directory = Path(name)
        prepare(directory, records, sampler, each)
        add_checks(directory, records, sampler)
        results = run(engines, directory)
        cold = cold_start(directory / "naidi", sampler.middle_word()) if results[0]["engine"] == "naidi" else None
    return results, cold


def scale(
    records: list[Record], sizes: list[int], engines: list[str], seed: int, each: int
) -> list[list[dict[str, Any]]]:
    """The figures of the engines on made collections of these sizes, all with the same queries."""
    by_size = []
    for size in sizes:
        print(f"{size:,} documents", file=sys.stderr)
        # A sampler draws on; a new one with the same seed draws the same.
        sampler = Sampler((Text(record.id, record.text) for record in recombined(records, min(sizes), seed)), seed)
        with tempfile.TemporaryDirectory(prefix="naidi-scale-") as name:
            prepare(Path(name), recombined(records, size, seed), sampler, each)
            by_size.append(run(engines, Path(name)))
        if len(by_size[-1]) < len(engines):
            raise SystemExit("no growth without the figures of every engine")
    return by_size


def sizes(text: str) -> list[int]:
    """ "1k,10k,1m" as numbers, ascending. Raises argparse.ArgumentTypeError for anything else."""
    units = {"k": 1_000, "m": 1_000_000}
    try:
        found = [int(float(part.rstrip("km")) * units.get(part[-1:], 1)) for part in text.lower().split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a list of sizes such as 1k,10k") from None
    if min(found) < 1:
        raise argparse.ArgumentTypeError("a collection has at least one document")
    return sorted(found)


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    options.add_argument("corpus", type=Path, metavar="CORPUS")
    options.add_argument("--docs", type=int, metavar="N", help="the first N documents (default: all)")
    options.add_argument("--engines", metavar="A,B", help=f"of {','.join(TIMED)} (default: all; with --scale: naidi)")
    options.add_argument("--whoosh-docs", type=int, default=3000, metavar="N", help="at most so many for Whoosh (3000)")
    options.add_argument("--queries", type=int, default=40, metavar="N", help="of each kind in each language (40)")
    options.add_argument("--scale", type=sizes, metavar="1K,10K", help="instead: made collections of these sizes")
    options.add_argument("--seed", type=int, default=1, help="of queries and made collections (1)")
    options.add_argument("--json", action="store_true", help="print one JSON object instead of tables")
    options.add_argument("--keep", action="store_true", help="write the run to benchmarks/runs/")
    given = options.parse_args()
    asked = given.engines.split(",") if given.engines else ["naidi"] if given.scale else list(TIMED)
    if unknown := set(asked) - set(TIMED):
        options.error(f"no engine {', '.join(sorted(unknown))}; there are {', '.join(TIMED)}")
    engines = [name for name in TIMED if name in asked]  # naidi first
    records = load(given.corpus, given.docs)
    kept: dict[str, Any] = {
        "date": datetime.now(timezone.utc).date().isoformat(),
        "machine": machine(),
        "docs": len(records),
        "seed": given.seed,
        "queries_of_each_kind_and_language": given.queries,
        "engines": {name: TIMED[name] for name in engines},
    }
    kept["failed"] = []
    lines = [_machine_line(kept["machine"])]
    if given.scale:
        by_size = scale(records, given.scale, engines, given.seed, given.queries)
        kept["scale"] = [[summary(measured) for measured in results] for results in by_size]
        lines += ["", growth(by_size)]
    else:
        compared = [(records, engines)]
        if "whoosh" in engines and len(records) > given.whoosh_docs:
            small = records[: given.whoosh_docs]
            compared = [(records, [name for name in engines if name != "whoosh"])] if len(engines) > 1 else []
            compared.append((small, ["naidi", "whoosh"]))
        kept["runs"] = []
        for some, names in compared:
            results, cold = compare(some, names, given.seed, given.queries)
            kept["failed"] += sorted(set(names) - {measured["engine"] for measured in results})
            kept["runs"].append({"engines": [summary(measured) for measured in results], "cold_start": cold})
            lines += ["", comparison(results)]
            lines += ["", cold_start_line(cold)] if cold else []
        lines += ["", *(f"{name}: {TIMED[name]}" for name in engines)]
    if given.keep:
        runs = HERE / "runs"
        runs.mkdir(exist_ok=True)
        path = runs / f"{kept['date']}-{'scale-' if given.scale else ''}{max(given.scale or [len(records)])}.json"
        path.write_text(json.dumps(_rounded(kept), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        lines += ["", f"kept in {path}"]
    print(json.dumps(_rounded(kept), indent=1, ensure_ascii=False) if given.json else "\n".join(lines))
    if kept["failed"]:
        raise SystemExit(f"failed: {', '.join(kept['failed'])}")


def _machine_line(described: dict[str, Any]) -> str:
    line = f"{described['cpu']}, {described['cores']} cores, load {described['load']}, Python {described['python']}; "
    return line + ", ".join(f"{name} {version}" for name, version in described["versions"].items())


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 3)
    if isinstance(value, dict):
        return {name: _rounded(inner) for name, inner in value.items()}
    return [_rounded(inner) for inner in value] if isinstance(value, list) else value


if __name__ == "__main__":
    main()
