"""What is an engine measured with? Documents and a workload, written to a folder that every engine reads.

documents.jsonl  a document a line: [id, title, text]
workload.json    queries: [kind, language, words] each; phrases and counts: what must be found (evidence.py); docs, text_bytes
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from benchmarks.shared.records import Record
from benchmarks.shared.workload import Query, Sampler
from benchmarks.speed.evidence import Candidates, Evidence

DOCUMENTS = "documents.jsonl"
WORKLOAD = "workload.json"
PHRASES_CHECKED = 10  # in each language
WORDS_CHECKED = 20


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
