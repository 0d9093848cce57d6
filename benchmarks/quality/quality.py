"""How well naidi ranks, beside other engines, on test collections with relevance judgements.

    python benchmarks/quality/quality.py DATA [--peers] [--json] [--sets a,b]

DATA, or its folder `retrieval`, holds a folder for each collection; see collection.py. Where DATA has a folder `corpus`, two more
are made of its documents; see known_items.py.
All engines get the same documents and the same query texts, 100 results a query. The measures are defined in
shared/measures.py. The best peer of a collection is the best of all configurations of all peers.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

if not __package__:  # started as a file: the repository is not on the path
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.peers import NAIDI, PEERS, Engine
from benchmarks.quality.collection import Collection, load
from benchmarks.quality.known_items import SETS
from benchmarks.shared.measures import Quality, quality

DEPTH = 100


def measure(collection: Collection, make: Callable[[Path, str], Engine]) -> Quality:
    """Index the collection with a fresh engine, ask every judged query and take the means."""
    with tempfile.TemporaryDirectory(prefix="naidi-quality-") as directory:
        engine = make(Path(directory), collection.language)
        try:
            engine.build(collection.records)
            check(engine, collection)
            asked = {query: collection.queries[query] for query in collection.judgements}
            return quality({query: engine.search(text, DEPTH) for query, text in asked.items()}, collection.judgements)
        finally:
            engine.close()


def check(engine: Engine, collection: Collection) -> None:
    """Ask for the beginning of some documents: an engine that was set up wrongly would flatter the others.

    Raises AssertionError if the engine does not bring nearly all of them back among the first ten.
    """
    known = [record for record in collection.records if len(record.text.split()) > 40][::50]
    found = sum(record.id in engine.search(" ".join(record.text.split()[:25]), 10) for record in known)
    where = f"{collection.name}, {type(engine).__name__}"
    assert found >= 0.9 * len(known), f"{where}: only {found} of {len(known)} documents are found by their own words"
    assert engine.search("", 10) == [], f"{where}: an empty query finds documents"


def table(results: Mapping[str, Mapping[str, Quality]]) -> str:
    """A Markdown table: a row for each engine, a column for each collection, all three measures in a cell."""
    engines = list(dict.fromkeys(engine for by_engine in results.values() for engine in by_engine))
    lines = ["| nDCG@10 / MRR@10 / recall@100 | " + " | ".join(results) + " |", "|---" * (len(results) + 1) + "|"]
    for engine in engines:
        rows = [of[engine] for of in results.values()]
        cells = [f"{row.ndcg_10:.4f} / {row.mrr_10:.4f} / {row.recall_100:.4f}" for row in rows]
        lines.append(f"| {engine} | " + " | ".join(cells) + " |")
    rivals = [engine for engine in engines if engine in PEERS]
    if rivals:
        best = [max((of[engine].ndcg_10, engine) for engine in rivals) for of in results.values()]
        lines.append("| best peer, nDCG@10 | " + " | ".join(f"{score:.4f} {engine}" for score, engine in best) + " |")
    return "\n".join(lines)


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    options.add_argument("data", type=Path, metavar="DATA", help="folder of collections")
    options.add_argument("--peers", action="store_true", help="measure the other engines too")
    options.add_argument("--peers-only", action="store_true", help="measure the other engines alone")
    options.add_argument("--sets", metavar="A,B", help="only these collections (default: all in DATA)")
    options.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    given = options.parse_args()
    judged = given.data / "retrieval" if (given.data / "retrieval").is_dir() else given.data
    made = SETS if (given.data / "corpus").is_dir() else {}
    names = (
        given.sets.split(",")
        if given.sets
        else [*sorted(path.parent.name for path in judged.glob("*/qrels.tsv")), *made]
    )
    if not names:
        options.error(f"no collection in {given.data}")
    makers = {} if given.peers_only else dict(NAIDI)
    if given.peers or given.peers_only:
        makers |= PEERS
    results: dict[str, dict[str, Quality]] = {}
    for name in names:
        collection = made[name](given.data / "corpus") if name in made else load(judged / name)
        results[name] = {}
        for engine, make in makers.items():
            print(f"{name}: {engine}", file=sys.stderr)
            results[name][engine] = measure(collection, make)
    if given.json:
        plain = {name: {engine: row._asdict() for engine, row in rows.items()} for name, rows in results.items()}
        print(json.dumps(plain, indent=1))
    else:
        print(table(results))


if __name__ == "__main__":
    main()
