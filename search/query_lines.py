"""Answers queries that come line by line, for a program that keeps naidi running.

A line is a query, or a JSON object with a query and options. Each line has one answer: a line with a JSON object. An error is the
answer to its line, and ends nothing. docs/json.md describes both sides.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from time import monotonic
from typing import Any, BinaryIO

from naidi.indexer.errors import InvalidQuery, NaidiError
from naidi.indexer.printable import dumps
from naidi.indexer.state.layout import CURRENT

from .collection import SYNONYMS, FileState
from .query.filters import read_days
from .searcher import Searcher
from .show.as_json import VERSION, to_line

MAX_LINE = 1 << 20
"""Bytes of a line that are read. A longer line is refused."""

_NAMES = """
    limit offset mode language since until sort exact recent expand timeout snippets explain duplicates facets count_all
"""
_OPTIONS = _NAMES.split()
_KEYS = ("query", "id", *_OPTIONS)
_MOST_FACETS = 10
# Whether there is a newer state is looked up so often even where the state of a file tells nothing, in seconds.
_REFRESH = 1.0


class _BadLine(Exception):
    """What is wrong with a line."""


def answer_lines(searcher: Searcher, source: BinaryIO, sink: BinaryIO, defaults: Mapping[str, Any]) -> None:
    """Answer each line of `source` by a line in `sink`, until `source` ends.

    Parameters:
      searcher: answers the queries. Before each it moves on to the newest state.
      source: lines of UTF-8.
      sink: is flushed behind each answer.
      defaults: options of `Searcher.search` for lines that do not say otherwise.

    Raises BrokenPipeError if nobody reads the answers any more.
    """
    newest = _Newest(searcher)
    for line in _lines(source):
        sink.write(f"{_answer(searcher, newest, line, defaults)}\n".encode())
        sink.flush()


def _lines(source: BinaryIO) -> Iterator[bytes | None]:
    """The lines, without their ends; None for one that is too long."""
    first = True
    while line := source.readline(MAX_LINE + 1):
        if len(line) > MAX_LINE and not line.endswith(b"\n"):
            while (rest := source.readline(MAX_LINE)) and not rest.endswith(b"\n"):
                pass
            yield None
        else:
            yield line.removeprefix(b"\xef\xbb\xbf") if first else line
        first = False


def _answer(searcher: Searcher, newest: _Newest, line: bytes | None, defaults: Mapping[str, Any]) -> str:
    given: Mapping[str, Any] = {}
    echoed: dict[str, Any] = {}
    try:
        given = _read(line)
        if "id" in given:
            echoed = {"id": _id(given["id"])}
        query, options = _asked(given, defaults)
        stale = newest.look()
        results = searcher.search(query, **options)
        return to_line(results, echoed if stale is None else {**echoed, "stale": stale})
    except (_BadLine, NaidiError, OSError) as error:
        reason = str(error)
    except MemoryError:
        reason = "out of memory"
    except Exception as error:
        reason = f"a bug in naidi: {type(error).__name__}: {error}"
    typed = given.get("query")
    return dumps(
        {"v": VERSION, **echoed, "query": typed if isinstance(typed, str) else None, "error": " ".join(reason.split())}
    )


def _read(line: bytes | None) -> Mapping[str, Any]:
    """The keys of a line. Raises _BadLine."""
    if line is None:
        raise _BadLine(f"the line is longer than {MAX_LINE:,} bytes")
    try:
        text = line.decode("utf-8").strip("\r\n")
    except UnicodeDecodeError as error:
        raise _BadLine("the line is not UTF-8") from error
    if not text.lstrip().startswith("{"):
        return {"query": text}
    try:
        given: dict[str, Any] = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _BadLine(f"the line begins with {{ but is no JSON object: {error}") from error
    return given


def _id(value: Any) -> str | int:
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise _BadLine("id must be a string or a whole number")
    return value


def _asked(given: Mapping[str, Any], defaults: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """(query, options of the search) of a line. Raises _BadLine."""
    unknown = next((key for key in given if key not in _KEYS), None)
    if unknown is not None:
        raise _BadLine(f"unknown key {unknown[:100]!r}: use {', '.join(_KEYS)}")
    query = given.get("query")
    if not isinstance(query, str):
        raise _BadLine("query must be a string")
    options = {key: _value(key, given[key]) for key in _OPTIONS if key in given}
    return query, {**defaults, **options} if options else defaults


def _value(key: str, value: Any) -> Any:
    """The value of an option of `Searcher.search`. That checks most of them."""
    if key in ("since", "until") and value is not None:
        if not isinstance(value, str):
            raise _BadLine(f"{key} must be a string, a date")
        try:
            days = read_days(value)
        except InvalidQuery as error:
            raise _BadLine(f"{key} {value[:100]}: {error}") from error
        return days.since if key == "since" else days.until
    if key == "snippets" and isinstance(value, bool):
        return 3 if value else 0
    if key in ("explain", "duplicates", "count_all") and not isinstance(value, bool):
        raise _BadLine(f"{key} must be true or false")
    if key == "facets":
        if not isinstance(value, list) or len(value) > _MOST_FACETS or not all(isinstance(name, str) for name in value):
            raise _BadLine("facets must be a list of names")
        return tuple(value)
    return value


class _Newest:
    """Keeps a searcher at the newest state. To look takes a few microseconds."""

    def __init__(self, searcher: Searcher) -> None:
        self._searcher = searcher
        directory = searcher.generation.directory.parent
        self._paths = directory / CURRENT, directory / SYNONYMS
        self._seen = self._files()
        self._looked = monotonic()
        self._stale: str | None = None

    def look(self) -> str | None:
        """Move on if there is a newer state. Returns why that could not be done; then the state before answers."""
        files, now = self._files(), monotonic()
        if files != self._seen or now - self._looked > _REFRESH:
            self._looked = now
            try:
                self._searcher.refresh()
                self._stale = None
            except (NaidiError, OSError) as error:
                self._stale = f"answered from the state before: {' '.join(str(error).split())}"
            else:
                self._seen = files
        return self._stale

    def _files(self) -> tuple[FileState, FileState]:
        return FileState.of(self._paths[0]), FileState.of(self._paths[1])
