"""The reader of JSON Lines: each line is a document."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from ..messages import message, plural
from .content import Content, Source
from .rows import Columns, Limits
from .text import encoding_of, open_text

_MOST_COLUMNS = 500
_LONGEST_NAME = 200
# A value takes up to 200 bytes of memory. Lines with more of them are read as they stand.
_MOST_VALUES = 500_000
# Lines of a file mostly have the same keys, or keys of a few kinds.
_MOST_KINDS = 32


def read_json_lines(source: Source) -> Iterator[Content]:
    """A Content for each line, within Limits. Values inside of values are columns, too: `author.name`.

    Raises ValueError for binary data, and if no line is JSON.
    """
    encoding, warnings = encoding_of(source)
    yield Content("", warnings=warnings)
    lines = open_text(source, encoding)
    limits = Limits(source)
    chosen = source.options.columns
    kinds: dict[tuple[bool, tuple[str, ...]], tuple[Columns, bool]] = {}
    found: set[str] = set()
    number = bad = read = wide = 0
    while (why := limits.reached()) is None and (line := lines.readline()):
        number += 1
        if line.isspace():
            continue
        limits.rows += 1
        value: object
        if sum(map(line.count, ",[{")) > _MOST_VALUES:
            wide += 1
            value = line.strip()
        else:
            try:
                value = json.loads(line)
            except (ValueError, RecursionError):
                bad += 1
                continue
        read += 1
        row = _flat(value)
        kind = isinstance(value, dict), tuple(row)
        if kind not in kinds:
            if len(kinds) == _MOST_KINDS:
                kinds.clear()
            columns = tuple([name for name in chosen if name in row])
            found.update(columns)
            # A line without the chosen columns says nothing that was asked for.
            kinds[kind] = Columns(kind[1], columns, kind[0]), bool(columns) or not chosen
        of_kind, is_wanted = kinds[kind]
        if is_wanted:
            yield limits.take(of_kind.content(list(row.values()), number, number))
    if why is not None:
        yield limits.rest(lines, why)
    if bad and not read:
        raise ValueError(message("no line is JSON"))
    if bad:
        yield Content("", warnings=(plural("{count:,} line that is no JSON", "{count:,} lines that are no JSON", bad),))
    if wide:
        many = plural(
            "{count:,} line of more than {most:,} values, read as plain text",
            "{count:,} lines of more than {most:,} values, read as plain text",
            wide,
            most=_MOST_VALUES,
        )
        yield Content("", warnings=(many,))
    if chosen and not found:
        yield Content("", warnings=(message("no column is named {known}", known=", ".join(chosen)[:100]),))


def _flat(value: object) -> dict[str, str]:
    """The first values in a value, by the names under which they stand in one another."""
    row: dict[str, str] = {}
    waiting = [iter((("", value),))]
    while waiting and len(row) < _MOST_COLUMNS:
        following = next(waiting[-1], None)
        if following is None:
            waiting.pop()
            continue
        name, value = following
        if isinstance(value, str):
            _put(row, name, value)
        elif isinstance(value, dict):
            waiting.append(_inner(name, value.items()))
        elif isinstance(value, list):
            if all(isinstance(inner, (str, int, float)) for inner in value):
                _put(row, name, ", ".join(map(str, value)))
            else:
                waiting.append(_inner(name, enumerate(value)))
        elif value is not None and not isinstance(value, bool):
            _put(row, name, str(value))
    return row


def _inner(name: str, values: Iterable[tuple[object, object]]) -> Iterator[tuple[str, object]]:
    # Names are short: else a long one would repeat with each value under it.
    for key, value in values:
        yield (f"{name}.{key}" if name else str(key))[:_LONGEST_NAME], value


def _put(row: dict[str, str], name: str, value: str) -> None:
    row[f"{name} {len(row)}" if name in row else name] = value
