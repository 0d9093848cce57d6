"""What do fields cost: filters, orders, counts, updates, and bytes of the index; beside tantivy and SQLite in the same run?

    python benchmarks/speed/fields.py DATA [--docs N] [--queries N] [--rounds N] [--only PART,...]

DATA is the folder of corpus-*.jsonl.gz. Each document gets five fields (shared/field_values.py). All three engines hold the same
documents and fields (peers/with_fields.py) and are asked the same queries in their own syntax, those of shared/workload.py. Before
anything is timed, answers are held against plain Python over the same data, and totals against SQLite (field_cases.py).

Each filter is timed in turns with the same query without one, by searchers that know nothing of each other; "adds" is the median of
the differences. Words are new where a searcher is asked for them the first time; "again" is the median of --rounds rounds after
that. Times of searching are those of the processor. Updates are timed by the clock, for they wait for the disk.

--only: of filters, orders, facets, updates, size.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

if not __package__:  # started as a file: the repository is not on the path
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

PARTS = ("filters", "orders", "facets", "updates", "size")
SEED = 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path, metavar="DATA", help="folder of corpus-*.jsonl.gz")
    parser.add_argument("--docs", type=int, metavar="N", help="the first N documents; all by default")
    parser.add_argument("--queries", type=int, default=10, metavar="N", help="of each kind in each language (10)")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="rounds after the first (3)")
    parser.add_argument("--only", default=",".join(PARTS), metavar="PART,...", help="of " + ", ".join(PARTS))
    given = parser.parse_args()
    parts = given.only.split(",")
    if not set(parts) <= set(PARTS):
        parser.error(f"--only takes some of {', '.join(PARTS)}")
    # Late, since the help needs no peer.
    from benchmarks.shared.field_values import load_with_values
    from benchmarks.speed.field_report import measured

    records, values = load_with_values(given.corpus, given.docs, SEED)
    for part in measured(records, values, given.queries, given.rounds, parts):
        print(part, end="\n\n", flush=True)


if __name__ == "__main__":
    main()
