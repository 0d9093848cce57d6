"""How fast is naidi, how large its index, how much memory does it take, beside other engines?

    python benchmarks/speed/speed.py CORPUS [--docs N] [--engines a,b] [--whoosh-docs N|all] [--json] [--keep]
    python benchmarks/speed/speed.py CORPUS --scale 1k,10k,100k,1M [--engines a,b] [--json] [--keep]
    python benchmarks/speed/speed.py CORPUS --profile [--docs N]

CORPUS is a folder of `corpus-*.jsonl.gz` (else of any `*.jsonl.gz`), a document a line: `id`, `title`, `text`. One engine
runs after another, each in processes of its own, on the same documents and the same queries, each query in the engine's own
syntax; shared/workload.py says how queries are drawn, evidence.py and checks.py what an engine must find before it is timed,
peers/__init__.py how engines are set up. What naidi is meant to reach stands in targets.py.

Indexing time is without the reading of the documents. Peak memory is the sum of the peaks of all processes (process_memory.py). The
microseconds of a query are those of its first asking, in a fresh process on the finished index, for a person asks once; beside them
stand the medians of three rounds after that. The text of the query is parsed every time. p50 and p95 are taken over queries. Index
size is that of the index folder.
Stock Whoosh is slow: it gets at most --whoosh-docs documents, and naidi is then measured at that size too.

--scale makes collections of real paragraphs (recombine.py) and asks each the same queries, drawn from the smallest;
`--document-bytes 4000` makes longer documents than those of the corpus. --profile says where naidi's time goes (profiled.py).
compare.py compares two runs.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

if not __package__:  # started as a file: the repository is not on the path
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.peers import BUILT_ONLY, TIMED
from benchmarks.peers.naidi_engine import Naidi
from benchmarks.shared.records import Record, load, sampler_of
from benchmarks.speed import profiled
from benchmarks.speed.cold_start import cold_start
from benchmarks.speed.evidence import Evidence
from benchmarks.speed.machine import machine
from benchmarks.speed.one_engine import measure
from benchmarks.speed.preparation import candidates_of, prepare
from benchmarks.speed.recombine import DOCUMENT_BYTES, Recombined
from benchmarks.speed.report import full, summaries
from benchmarks.speed.targets import target_rows, targets

RUNS = Path(__file__).resolve().parents[1] / "runs"
WHOOSH_DOCS = 3000
FUNCTIONS_SHOWN = 15


def run(engines: Sequence[str], directory: Path, *, commits: bool = False) -> list[dict[str, Any]]:
    """Measure one engine after another. One that fails is left out. Raises SystemExit if none is left."""
    results = []
    for engine in engines:
        print(f"{engine} ...", file=sys.stderr)
        measured = measure(engine, directory, commits=commits)
        if measured is not None:
            results.append(measured)
    if not results:
        raise SystemExit("no figures")
    return summaries(results)


def compare(records: Sequence[Record], engines: Sequence[str], seed: int, each: int) -> dict[str, Any]:
    """The figures of the engines on these documents, and the cold start of naidi on its index if it is one of them."""
    sampler = sampler_of(records, seed)
    evidence = Evidence(candidates_of(records, sampler, seed), seed)
    with tempfile.TemporaryDirectory(prefix="naidi-speed-") as name:
        directory = Path(name)
        prepare(directory, records, sampler.queries(each), evidence)
        results = run(engines, directory)
        cold = cold_start(directory / "naidi", sampler.middle_word()) if results[0]["engine"] == "naidi" else None
    return {"engines": results, "cold_start": cold}


def scale(
    records: Sequence[Record], sizes: Sequence[int], engines: Sequence[str], seed: int, each: int, document_bytes: int
) -> list[dict[str, Any]]:
    """The figures of the engines on made collections of these sizes, all with the same queries.

    Raises SystemExit if one engine fails.
    """
    candidates = candidates_of(records, sampler_of(records, seed), seed)
    made = Recombined(records, seed, document_bytes)
    sampler = sampler_of(made.documents(min(sizes)), seed)
    queries, word = sampler.queries(each), sampler.middle_word()
    by_size = []
    for size in sizes:
        print(f"{size:,} documents", file=sys.stderr)
        with tempfile.TemporaryDirectory(prefix="naidi-scale-") as name:
            directory = Path(name)
            prepare(directory, made.documents(size), queries, Evidence(candidates, seed))
            results = run(engines, directory, commits=True)
            cold = cold_start(directory / "naidi", word) if results[0]["engine"] == "naidi" else None
        if len(results) < len(engines):
            raise SystemExit("no growth without the figures of every engine")
        by_size.append({"docs": size, "engines": results, "cold_start": cold})
    return by_size


def profile(records: Sequence[Record], seed: int, each: int) -> str:
    """Where the time of naidi's queries goes, on an index of these documents."""
    with tempfile.TemporaryDirectory(prefix="naidi-profile-") as name:
        engine = Naidi(Path(name), jobs=2)
        engine.build(records)
        engine.close()
        return profiled.report(Path(name), sampler_of(records, seed).queries(each), FUNCTIONS_SHOWN)


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


def whoosh_docs(text: str) -> int | None:
    """A number of documents; None for "all". Raises ValueError for anything else."""
    return None if text == "all" else int(text)


def _options() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    options.add_argument("corpus", type=Path, metavar="CORPUS")
    options.add_argument("--docs", type=int, metavar="N", help="the first N documents (default: all)")
    options.add_argument("--engines", metavar="A,B", help=f"of {','.join(TIMED)} (default: all; with --scale: naidi)")
    options.add_argument(
        "--whoosh-docs",
        type=whoosh_docs,
        default=WHOOSH_DOCS,
        metavar="N",
        help=f"at most so many for Whoosh, or all ({WHOOSH_DOCS})",
    )
    options.add_argument("--queries", type=int, default=40, metavar="N", help="of each kind in each language (40)")
    options.add_argument("--scale", type=sizes, metavar="1K,10K", help="instead: made collections of these sizes")
    options.add_argument(
        "--document-bytes", type=int, default=DOCUMENT_BYTES, metavar="N", help="of made ones, on average (1200)"
    )
    options.add_argument("--seed", type=int, default=1, help="of queries and made collections (1)")
    options.add_argument("--profile", action="store_true", help="instead: where the time of naidi's queries goes")
    options.add_argument("--json", action="store_true", help="print one JSON object instead of tables")
    options.add_argument("--keep", action="store_true", help="write the run to benchmarks/runs/")
    return options


def main() -> None:
    options = _options()
    given = options.parse_args()
    asked = given.engines.split(",") if given.engines else ["naidi"] if given.scale else list(TIMED)
    if unknown := set(asked) - set(TIMED):
        options.error(f"no engine {', '.join(sorted(unknown))}; there are {', '.join(TIMED)}")
    engines = [name for name in TIMED if name in asked and not (given.scale and name in BUILT_ONLY)]  # naidi first
    if set(engines) <= BUILT_ONLY:
        options.error(f"{given.engines} answers no queries: name another engine too")
    records = load(given.corpus, given.docs)
    if given.profile:
        print(profile(records, given.seed, given.queries))
        return
    kept: dict[str, Any] = {
        "date": datetime.now(timezone.utc).date().isoformat(),
        "machine": machine(),
        "docs": len(records),
        "seed": given.seed,
        "queries_of_each_kind_and_language": given.queries,
        "engines": {name: TIMED[name] for name in engines},
        "failed": [],
    }
    if given.scale:
        by_size = scale(records, given.scale, engines, given.seed, given.queries, given.document_bytes)
        kept["scale"] = {"document_bytes": given.document_bytes, "sizes": by_size}
    else:
        compared = [(records, engines)]
        if "whoosh" in engines and given.whoosh_docs is not None and len(records) > given.whoosh_docs:
            others = [name for name in engines if name != "whoosh"]
            compared = [(records, others)] if others else []
            compared.append((records[: given.whoosh_docs], ["naidi", "whoosh"]))
        kept["runs"] = []
        for some, names in compared:
            kept["runs"].append(compare(some, names, given.seed, given.queries))
            kept["failed"] += sorted(set(names) - {of["engine"] for of in kept["runs"][-1]["engines"]})
        if "naidi" in engines:
            cold = next((of["cold_start"] for of in kept["runs"] if of["cold_start"]), None)
            kept["targets"] = target_rows(targets([of["engines"] for of in kept["runs"]], cold))
    kept = _rounded(kept)
    if given.keep:
        RUNS.mkdir(exist_ok=True)
        name = f"{kept['date']}-{'scale-' if given.scale else ''}{max(given.scale or [len(records)])}.json"
        path = RUNS / name
        path.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        print(f"kept in {path}", file=sys.stderr)
    print(json.dumps(kept, indent=1, ensure_ascii=False) if given.json else full(kept))
    if kept["failed"]:
        raise SystemExit(f"failed: {', '.join(kept['failed'])}")


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 3)
    if isinstance(value, dict):
        return {name: _rounded(inner) for name, inner in value.items()}
    return [_rounded(inner) for inner in value] if isinstance(value, list) else value


if __name__ == "__main__":
    main()
