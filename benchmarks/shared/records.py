"""Which documents does every engine get? Those of a folder of `*.jsonl.gz` files, a document a line."""

from __future__ import annotations

import gzip
import itertools
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.shared.workload import Sampler, Text


class Record(NamedTuple):
    """A document as every engine gets it."""

    id: str
    title: str
    text: str


def load(corpus: Path, limit: int | None = None) -> list[Record]:
    """The first `limit` documents of the collection, or all. Raises SystemExit where there is none."""
    shards = "corpus-*.jsonl.gz" if any(corpus.glob("corpus-*.jsonl.gz")) else "*.jsonl.gz"
    of_shards = (Record(row["id"], row.get("title") or "", row["text"]) for row in rows(corpus, shards))
    found = list(itertools.islice(of_shards, limit or None))
    if not found:
        raise SystemExit(f"{corpus}: no *.jsonl.gz with documents here")
    return found


def rows(corpus: Path, shards: str) -> Iterator[dict[str, Any]]:
    """The documents of a folder as its files have them. shards: a pattern of their names. Raises SystemExit if there is none."""
    found = sorted(corpus.glob(shards))
    if not found:
        raise SystemExit(f"{corpus}: no {shards} with documents here")
    for shard in found:
        with gzip.open(shard, "rt", encoding="utf-8") as lines:
            yield from map(json.loads, lines)


def sampler_of(records: Iterable[Record], seed: int) -> Sampler:
    """Draws from the texts of these records."""
    return Sampler((Text(record.id, record.text) for record in records), seed)
