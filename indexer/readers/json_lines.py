"""The reader of JSON Lines: each line is a document."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator

from .content import Content, Source
from .rows import MAX_ROWS, row_content, too_many
from .text import read_text

_MOST_COLUMNS = 500


def read_json_lines(source: Source) -> Iterator[Content]:
    """A Content for each line, at most MAX_ROWS. Values inside of values are columns, too: `author.name`.

    Raises ValueError for binary data, and if no line is JSON.
    """
    content = read_text(source)
    lines: list[tuple[int, str]] = []
    count = 0
    for number, line in enumerate(io.StringIO(content.text, newline="\n"), start=1):
        if not line.isspace():
            count += 1
            if count <= MAX_ROWS:  # the others are counted: short lines take many times their size in memory
                lines.append((number, line))
    yield Content("", warnings=content.warnings)
    if count > MAX_ROWS:
        yield too_many(count)
    bad = read = 0
    found: set[str] = set()
    chosen = source.options.columns
    for number, line in lines:
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            bad += 1
            continue
        row: dict[str, str] = {}
        _flatten(value, "", row)
        columns = tuple([name for name in chosen if name in row])
        found.update(columns)
        read += 1
        # A line without the chosen columns says nothing that was asked for.
        if not chosen or columns:
            yield row_content(row, number, columns, isinstance(value, dict))
    if bad and not read:
        raise ValueError("no line is JSON")
    if bad:
        yield Content("", warnings=(f"{bad:,} line{'s' * (bad != 1)} that {'are' if bad != 1 else 'is'} no JSON",))
    if chosen and not found:
        yield Content("", warnings=(f"no column is named {', '.join(chosen)[:100]}",))


def _flatten(value: object, name: str, row: dict[str, str]) -> None:
    """Put the value, or the values inside of it, under their names into the row."""
    waiting = [(name, value)]
    while waiting and len(row) < _MOST_COLUMNS:
        name, value = waiting.pop()
        if isinstance(value, dict):
            waiting += [(f"{name}.{key}" if name else key, inner) for key, inner in reversed(value.items())]
        elif isinstance(value, list):
            if all(isinstance(inner, (str, int, float)) for inner in value):
                row[name] = ", ".join(map(str, value))
            else:
                waiting += [
                    (f"{name}.{place}" if name else str(place), inner) for place, inner in reversed([*enumerate(value)])
                ]
        elif value is not None and not isinstance(value, bool):
            row[name] = str(value)
