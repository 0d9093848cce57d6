"""What is an engine measured with? Documents and a workload, written to a folder that every engine reads.

documents.jsonl  a document a line: [id, title, text]
workload.json    queries: [kind, language, words] each; phrases and counts: what must be found (evidence.py); docs, text_bytes
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from evidence import Candidates, Evidence
from peers import Record
from workload import Query, Sampler, Text

DOCUMENTS = "documents.jsonl"
WORKLOAD = "workload.json"
PHRASES_CHECKED = 10  # in each language
WORDS_CHECKED = 20


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


def candidates_of(records: Sequence[Record], sampler: Sampler, seed: int) -> Candidates:
    """What may be looked for in these records, and in collections made of them. `sampler` has the same records."""
    return Candidates(records, sampler, seed, WORDS_CHECKED)


def prepare(directory: Path, records: Iterable[Record], queries: Sequence[Query], evidence: Evidence | None) -> None:
    """Write both files. The documents are written as they come, never held together."""
    docs = text_bytes = 0
    quoted = json.JSONEncoder(ensure_ascii=False).encode
    with (directory / DOCUMENTS).open("wb") as file:
        for record in evidence.watch(records) if evidence else records:
            file.write(f"[{quoted(record.id)}, {quoted(record.title)}, {quoted(record.text)}]\n".encode())
            docs += 1
            text_bytes += len(record.title.encode()) + len(record.text.encode())
    workload = {
        "queries": queries,
        "phrases": evidence.phrases(PHRASES_CHECKED) if evidence else [],
        "counts": evidence.counts(WORDS_CHECKED) if evidence else {},
        "docs": docs,
        "text_bytes": text_bytes,
    }
    (directory / WORKLOAD).write_text(json.dumps(workload, ensure_ascii=False), encoding="utf-8")


def prepared_records(directory: Path) -> Iterator[Record]:
    """The documents that were written, one by one."""
    with (directory / DOCUMENTS).open(encoding="utf-8") as lines:
        for line in lines:
            yield Record(*json.loads(line))
