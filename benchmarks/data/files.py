"""How are the files of DATA written? Packed ones are the same to the byte whenever their content is."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from benchmarks.data.cuts import Row


def write_table(path: Path, header: Row, rows: Iterable[Row]) -> None:
    """Tab separated, with a header line."""
    write_lines(path, ("\t".join(row) for row in (header, *rows)))


def write_records(path: Path, records: Iterable[Mapping[str, str]]) -> None:
    """One JSON object a line, characters as they are."""
    write_lines(path, (json.dumps(record, ensure_ascii=False) for record in records))


def write_lines(path: Path, lines: Iterable[str]) -> None:
    """Lines in UTF-8; packed by gzip, without a name or a time, where the path ends in `.gz`. Folders are made as needed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data = "".join(f"{line}\n" for line in lines).encode()
    path.write_bytes(gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)


def content(path: Path) -> bytes:
    """What a file says, unpacked where its name ends in `.gz`."""
    data = path.read_bytes()
    return gzip.decompress(data) if path.suffix == ".gz" else data
