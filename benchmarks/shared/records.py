"""Which documents does every engine get? Those of a folder of `*.jsonl.gz` files, a document a line."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks.shared.workload import Sampler, Text


class Record(NamedTuple):
    """A document as every engine gets it."""

    id: str
    title: str
    text: str


def load(corpus: Path, limit: int | None = None) -> list[Record]:
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


def sampler_of(records: Iterable[Record], seed: int) -> Sampler:
    """Draws from the texts of these records."""
    return Sampler((Text(record.id, record.text) for record in records), seed)
