"""The reader of CSV and TSV: each row is a document. Separator and header are guessed, since files do not say them."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Literal

from .content import Content, Source
from .rows import ID_COLUMNS, MAX_ROWS, TEXT_COLUMNS, TITLE_COLUMNS, row_content, too_many
from .text import read_text

_SEPARATORS = ",;\t|"
_SAMPLE = 1 << 16
_SAMPLE_ROWS = 60
_DECLARED = re.compile(r"sep=([,;\t|])\n", re.IGNORECASE)  # Excel writes and reads this
_NUMBER = re.compile(r"[\s\d.,:/%+$€₽-]*$")
_LONGEST_NAME = 60
# A quote that is never closed takes the rest of the file for one field. A field of so many lines, at the end, is none.
_LONGEST_FIELD = 1_000
_MAX_FIELD = 1 << 30


def read_csv(source: Source) -> Iterator[Content]:
    """A Content for each row of a table, at most MAX_ROWS.

    Raises UndecodableBytes (a ValueError) for binary data.
    """
    content = read_text(source)
    text = content.text
    declared = _DECLARED.match(text)
    if declared:
        text = text[declared.end() :]
    separator = (
        declared[1] if declared else "\t" if source.name.lower().endswith((".tsv", ".tab")) else separator_of(text)
    )
    rows, count, warnings = _rows(text, separator)
    yield Content("", warnings=(*content.warnings, *warnings))
    width = max(map(len, rows), default=0)
    header = rows.pop(0) if has_header(rows) else None
    names = _distinct(header or [], width)
    columns = tuple(name for name in source.options.columns if name in names)
    if source.options.columns and not columns:
        yield Content("", warnings=(f"no column is named {', '.join(source.options.columns)[:100]}: all are read",))
    count -= header is not None
    if count > MAX_ROWS:
        yield too_many(count)
    for number, row in enumerate(rows[:MAX_ROWS], start=1):
        yield row_content(dict(zip(names, row, strict=False)), number, columns, header is not None)


def separator_of(text: str) -> str:
    """The separator that cuts most of the first lines into the same number of fields, more than one."""
    sample = text[:_SAMPLE]
    if len(text) > _SAMPLE:
        sample = sample[: sample.rfind("\n") + 1] or sample
    best, separator = 0.0, ","
    for mark in _SEPARATORS:
        if mark not in sample:
            continue
        widths = Counter(len(row) for row in _parsed(sample, mark, _SAMPLE_ROWS)[0])
        width, count = max(widths.items(), key=lambda one: (one[0] > 1, one[1]), default=(0, 0))
        score = count / max(1, widths.total()) + min(width, 20) / 1000
        if width > 1 and score > best:
            best, separator = score, mark
    return separator


def has_header(rows: list[list[str]]) -> bool:
    """Whether the first row names the columns: short names, all different, none a number."""
    if len(rows) < 2:
        return False
    names = [name.strip() for name in rows[0]]
    lower = [name.lower() for name in names]
    if any(name in (*TITLE_COLUMNS, *TEXT_COLUMNS, *ID_COLUMNS, "date", "дата") for name in lower):
        return True
    filled = [name for name in lower if name]
    if len(set(filled)) < len(filled) or len(filled) < max(1, len(names) - 1):
        return False
    if any(_NUMBER.match(name) or len(name) > _LONGEST_NAME or name.endswith((".", "!", "?")) for name in filled):
        return False
    return len(names) > 1


def _rows(text: str, separator: str) -> tuple[list[list[str]], int, list[str]]:
    """The first rows that are not blank, how many there are, and warnings."""
    rows, count, longest_last = _parsed(text, separator)
    if longest_last <= _LONGEST_FIELD:
        return rows, count, []
    rows, count, _ = _parsed(text, separator, quoting=csv.QUOTE_NONE)
    return rows, count, ["a quote is never closed: quotes are read as text"]


def _parsed(
    text: str, separator: str, most: int | None = None, quoting: Literal[0, 3] = csv.QUOTE_MINIMAL
) -> tuple[list[list[str]], int, int]:
    """Of the rows that are not blank, of the first `most`: those that are read, how many there are, how many lines the last has."""
    limit = csv.field_size_limit(_MAX_FIELD)
    try:
        reader = csv.reader(io.StringIO(text, newline="\n"), delimiter=separator, quoting=quoting)
        rows: list[list[str]] = []
        count = before = last = 0
        for row in islice(reader, most):
            if any(map(str.strip, row)):
                count += 1
                if (
                    count <= MAX_ROWS + 1
                ):  # with a header; the others are counted, for they take many times their size in memory
                    rows.append(row)
            last, before = reader.line_num - before, reader.line_num
        return rows, count, last
    except csv.Error as error:
        raise ValueError(f"no table: {error}") from error
    finally:
        csv.field_size_limit(limit)


def _distinct(header: list[str], width: int) -> list[str]:
    """A name for each column, no two alike."""
    names: dict[str, None] = {}
    for number in range(width):
        name = " ".join(header[number].split())[:_LONGEST_NAME] if number < len(header) else ""
        names[name if name and name not in names else f"{name} {number + 1}".strip()] = None
    return list(names)
