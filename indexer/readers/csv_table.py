"""The reader of CSV and TSV: each row is a document. Separator and header are guessed, since files do not say them."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from itertools import chain, islice
from typing import Literal

from ..messages import message
from .content import Content, Source
from .rows import ID_COLUMNS, TEXT_COLUMNS, TITLE_COLUMNS, Columns, Limits
from .text import encoding_of, open_text

_SEPARATORS = ",;\t|"
_SAMPLE = 1 << 16
_SAMPLE_ROWS = 60
_DECLARED = re.compile(r"sep=([,;\t|])\n", re.IGNORECASE)  # Excel writes and reads this
_NUMBER = re.compile(r"[\s\d.,:/%+$€₽-]*$")
_LONGEST_NAME = 60
# A quote that is never closed takes the rest of the file for one field. A field of so many lines is none if it is the last, or has
# more letters than this.
_LONGEST_FIELD = 1_000
_MOST_LETTERS = 16_000_000
_MAX_FIELD = 1 << 30
# Excel has as many columns.
_MOST_COLUMNS = 16_384
# A row is in memory whole, and a field takes 60 bytes and more.
_MOST_FIELDS = 2_000_000


def read_csv(source: Source) -> Iterator[Content]:
    """A Content for each row of a table, within Limits.

    Raises UndecodableBytes (a ValueError) for binary data, and ValueError if not even one row can be read.
    """
    encoding, damage = encoding_of(source)
    yield Content("", warnings=damage)
    sample = open_text(source, encoding).read(_SAMPLE + 1)
    declared = _DECLARED.match(sample)
    tabs = source.name.lower().endswith((".tsv", ".tab"))
    separator = declared[1] if declared else "\t" if tabs else separator_of(sample)
    limits = Limits(source)
    warnings: list[str] = []
    rows = _rows(source, encoding, separator, bool(declared), limits, warnings)
    first = list(islice(rows, 2))
    header = first.pop(0)[1] if has_header([row for _, row in first]) else None
    limits.rows -= header is not None
    names: list[str] = []
    columns = Columns(names)
    widest = 0
    for number, (line, row) in enumerate(chain(first, rows), start=1):
        if (width := max(len(row), len(header or ()))) > widest:
            widest = width
            names = _distinct(header or [], min(width, _MOST_COLUMNS))
            chosen = tuple(name for name in source.options.columns if name in names)
            columns = Columns(names, chosen, header is not None)
            if number == 1 and source.options.columns and not chosen:
                wanted = ", ".join(source.options.columns)[:100]
                yield Content("", warnings=(message("no column is named {wanted}: all are read", wanted=wanted),))
        yield limits.take(columns.content(row[:_MOST_COLUMNS], number, line))
    if widest > _MOST_COLUMNS:
        warnings.append(message("columns behind column {most:,} are left out", most=_MOST_COLUMNS))
    yield Content("", warnings=tuple(warnings))


def separator_of(text: str) -> str:
    """The separator that cuts most of the first lines into the same number of fields, more than one."""
    sample = text[:_SAMPLE]
    if len(text) > _SAMPLE:
        sample = sample[: sample.rfind("\n") + 1] or sample
    best, separator = 0.0, ","
    for mark in _SEPARATORS:
        if mark not in sample:
            continue
        widths = Counter(len(row) for row in _sampled(sample, mark))
        width, count = max(widths.items(), key=lambda one: (one[0] > 1, one[1]), default=(0, 0))
        score = count / max(1, widths.total()) + min(width, 20) / 1000
        if width > 1 and score > best:
            best, separator = score, mark
    return separator


def _sampled(sample: str, separator: str) -> list[list[str]]:
    limit = csv.field_size_limit(_MAX_FIELD)
    try:
        rows = csv.reader(io.StringIO(sample, newline="\n"), delimiter=separator)
        return [row for row in islice(rows, _SAMPLE_ROWS) if any(map(str.strip, row))]
    except csv.Error as error:
        raise ValueError(message("no table: {error}", error=error)) from error
    finally:
        csv.field_size_limit(limit)


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


class _NeverClosed(Exception):
    """A quote that is opened is not closed."""


class _Lines:
    """The lines of a file for csv.reader, which keeps all lines of a row in memory. `begin` is called before each row.

    lines: how many the row has so far.
    """

    def __init__(self, text: io.TextIOWrapper, separator: str) -> None:
        self._text = text
        self._ahead = ""
        self._separator = separator
        self.begin()

    def begin(self) -> None:
        self.lines = self._letters = self._fields = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line, self._ahead = self._ahead or self._text.readline(), ""
        if not line:
            raise StopIteration
        self.lines += 1
        self._letters += len(line)
        self._fields += line.count(self._separator)
        is_wide = self._fields > _MOST_FIELDS
        if self.lines > _LONGEST_FIELD and (is_wide or self._letters > _MOST_LETTERS):
            raise _NeverClosed
        if is_wide:
            raise csv.Error(message("a row of more than {most:,} fields", most=_MOST_FIELDS))
        return line

    def is_last(self) -> bool:
        """Whether there are no more lines."""
        self._ahead = self._ahead or self._text.readline()
        return not self._ahead


def _rows(
    source: Source, encoding: str, separator: str, begin: int, limits: Limits, warnings: list[str]
) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not blank, each with the line in which it begins. What is lost is told in `warnings`.

    begin: how many lines come before the first row.

    From the row on that opens a quote and does not close it, quotes are letters.
    """
    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL
    why: str | None = None
    while why is None:
        lines = _Lines(_behind(source, encoding, begin), separator)
        reader = csv.reader(lines, delimiter=separator, quoting=quoting)
        start = begin
        try:
            while (why := limits.reached()) is None:
                lines.begin()
                row = _next_row(reader)
                if row is None:
                    return
                if lines.lines > _LONGEST_FIELD and lines.is_last():
                    raise _NeverClosed
                first_line, begin = begin + 1, start + reader.line_num
                if any(map(str.strip, row)):
                    limits.rows += 1
                    yield first_line, row
        except _NeverClosed:
            quoting = csv.QUOTE_NONE
            warnings.append(message("a quote is never closed: quotes are read as text"))
        except csv.Error as error:
            if not limits.rows:
                raise ValueError(message("no table: {error}", error=error)) from error
            why = message(": {error}", error=error)
    warnings += limits.rest(_behind(source, encoding, begin), why).warnings


def _behind(source: Source, encoding: str, lines: int) -> io.TextIOWrapper:
    text = open_text(source, encoding)
    for _ in islice(text, lines):
        pass
    return text


def _next_row(reader: Iterator[list[str]]) -> list[str] | None:
    # The limit is that of all readers of this process, so it is changed for a moment.
    limit = csv.field_size_limit(_MAX_FIELD)
    try:
        return next(reader, None)
    finally:
        csv.field_size_limit(limit)


def _distinct(header: list[str], width: int) -> list[str]:
    """A name for each column, no two alike."""
    names: dict[str, None] = {}
    for number in range(width):
        name = " ".join(header[number].split())[:_LONGEST_NAME] if number < len(header) else ""
        names[name if name and name not in names else f"{name} {number + 1}".strip()] = None
    return list(names)
