"""What an index knows of the file of a document, as numbers and marks that are part of its format."""

from __future__ import annotations

from .late import datetime
from .typed import Literal

DateSource = Literal["given", "metadata", "header", "name", "mtime"]

DATE_SOURCES = ("none", "given", "metadata", "header", "name", "mtime")
"""What a date may be taken from: nothing, as there is none; an application; the format of the file, such as front matter; a header
of its text; the name of the file; its time of modification. Their order is part of the format of an index."""

LATEST_MTIME = 253_402_300_799
"""The last second of the year 9999, in seconds since 1970."""

PART = "//"
"""Stands between the id of a file and the name of a part of it. No path inside a folder has it."""

CSV_ENDINGS = (".csv", ".tsv", ".tab")
JSON_LINES_ENDINGS = (".jsonl", ".ndjson", ".jsonlines")
_TABLES = (*CSV_ENDINGS, *JSON_LINES_ENDINGS)


def date_source(number: int) -> DateSource | None:
    """What a date was taken from, by its number in DATE_SOURCES; None for "none", and for a number that is forged."""
    named: DateSource | None = DATE_SOURCES[number] if 0 < number < len(DATE_SOURCES) else None  # type: ignore[assignment]
    return named


def file_time(seconds: int) -> datetime.datetime | None:
    """A time in UTC; None for -1, which is unknown, and for one that a forged index may have."""
    if not 0 <= seconds <= LATEST_MTIME:
        return None
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)


def is_row(doc_id: str) -> bool:
    """Whether a document of an indexed folder is a row of a table, by its id: `a.csv//3`, or in an archive `a.zip//b.csv/3`.

    All of its text counts as one line of the file, that in which the row begins.
    """
    file, _, part = doc_id.partition(PART)
    inner, _, number = part.rpartition("/")
    return number.isdecimal() and (inner or file).lower().endswith(_TABLES)
