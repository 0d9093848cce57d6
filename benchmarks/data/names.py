"""DATA/names: words of personal names in English and in Russian."""

from __future__ import annotations

from pathlib import Path

from benchmarks.data.clones import Clone
from benchmarks.data.cuts import Row, in_half, mixed
from benchmarks.data.files import write_table
from benchmarks.data.sources import NAMES

# Two parts of the source's split into training and test: together all of its Russian pairs.
PARTS = ("data/wd_russian_80", "data/wd_russian_20")


def build(clones: Path, out: Path) -> None:
    """Write en-ru.tsv.gz into a folder. Raises NotThere where the source is missing."""
    with Clone(clones, NAMES) as clone:
        rows = [row for path in PARTS for row in pairs(clone.text(path))]
    write_table(out / "en-ru.tsv.gz", ("en", "ru", "count"), mixed(row for row in rows if in_half(row[0])))


def pairs(text: str) -> list[Row]:
    """English, Russian and count of a file of the source, whose Russian letters stand apart."""
    rows: list[Row] = []
    for line in text.split("\n"):
        if line:
            english, russian, count = line.split("\t")
            rows.append((english, russian.replace(" ", ""), count))
    return rows
