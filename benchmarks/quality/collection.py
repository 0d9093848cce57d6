"""A test collection: documents, queries, and judgements of which documents answer which query.

Its folder has the layout of BEIR: `corpus.jsonl` or `corpus.jsonl.gz` (`_id`, `title`, `text`), `queries.jsonl` (`_id`, `text`) and
`qrels.tsv` (a header line, then query, document and score, tab separated).
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.shared.records import Record


@dataclass(frozen=True)
class Collection:
    """Documents, queries and judgements that belong together.

    language: "ru" if most letters of the documents are Cyrillic, else "en"; "both" if each language has its own documents.
    queries: text by query id.
    judgements: score by document id, by query id.
    """

    name: str
    language: str
    records: list[Record]
    queries: dict[str, str]
    judgements: dict[str, dict[str, int]]


def load(folder: Path) -> Collection:
    """Read a collection. Raises FileNotFoundError or KeyError if it is not in the layout above."""
    records = [Record(row["_id"], row.get("title", ""), row["text"]) for row in _rows(_corpus(folder))]
    queries = {row["_id"]: row["text"] for row in _rows(folder / "queries.jsonl")}
    judgements: dict[str, dict[str, int]] = {}
    lines = (folder / "qrels.tsv").read_text(encoding="utf-8").splitlines()
    for line in lines[1:]:
        query, document, score = line.split("\t")
        judgements.setdefault(query, {})[document] = int(score)
    return Collection(folder.name, _language(records), records, queries, judgements)


def _corpus(folder: Path) -> Path:
    packed = folder / "corpus.jsonl.gz"
    return packed if packed.exists() else folder / "corpus.jsonl"


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


def _language(records: list[Record]) -> str:
    letters = "".join(record.text[:200] for record in records)
    cyrillic = sum("\u0400" <= letter <= "\u04ff" for letter in letters)
    return "ru" if cyrillic > 0.5 * sum(letter.isalpha() for letter in letters) else "en"
