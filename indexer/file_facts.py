"""What an index knows of the file of a document, as numbers and marks that are part of its format."""

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


def is_row(doc_id: str) -> bool:
    """Whether a document of an indexed folder is a row of a table, by its id: `a.csv//3`, or in an archive `a.zip//b.csv/3`.

    All of its text counts as one line of the file, that in which the row begins.
    """
    file, _, part = doc_id.partition(PART)
    inner, _, number = part.rpartition("/")
    return number.isdecimal() and (inner or file).lower().endswith(_TABLES)
