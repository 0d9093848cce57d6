"""Answers queries that come line by line, for a program that keeps naidi running.

A line is a query, or a JSON object with a query and options. Each line has one answer: a line with a JSON object. An error is the
answer to its line, and ends nothing. docs/json.md describes both sides.
"""

from __future__ import annotations

import datetime
import json
import os
from collections.abc import Hashable, Iterator, Mapping
from time import monotonic, perf_counter
from typing import Any, BinaryIO, Protocol

from naidi.indexer.errors import InvalidQuery, NaidiError
from naidi.indexer.printable import dumps
from naidi.indexer.state.layout import CURRENT, DICTIONARIES

from .cache import Cache
from .collection import SYNONYMS, FileState
from .query.filters import read_days
from .searcher import Searcher
from .show.as_json import VERSION, AnswerLine, answer_line

MAX_LINE = 1 << 20
"""Bytes of a line that are read. A longer line is refused."""

_NAMES = """
    limit offset mode language since until where only sort after collapse strict exact translate recent expand timeout snippets
    explain duplicates facets count_all
"""
_OPTIONS = _NAMES.split()
_KEYS = ("query", "id", *_OPTIONS)
_SWITCHES = ("strict", "exact", "translate", "recent", "explain", "duplicates", "count_all")
_MOST_FACETS = 10
# Whether there is a newer state is looked up so often even where the state of a file tells nothing, in seconds.
_REFRESH = 1.0
# While more lines wait, answers are gathered, and the state stays, for no longer than this, in seconds.
_GATHERED = 0.01
# Bytes that are read at a time, and of answers that are kept.
_READ = 1 << 16
_KEPT_BYTES = 8_000_000
_LONGEST_KEPT = 500
_MARK = b"\xef\xbb\xbf"


class _BadLine(Exception):
    """What is wrong with a line."""


class Readable(Protocol):
    """A source of bytes, as `sys.stdin.buffer` is."""

    def read1(self, size: int = ..., /) -> bytes:
        """The bytes that are there, at most `size`. Waits if there are none. Empty at the end."""


def answer_lines(searcher: Searcher, source: Readable, sink: BinaryIO, defaults: Mapping[str, Any]) -> None:
    """Answer each line of `source` by a line in `sink`, until `source` ends.

    Parameters:
      searcher: answers the queries. It moves on to the newest state before a line that it had to wait for, and every 10 ms.
      source: lines of UTF-8.
      sink: is flushed when no line waits for its answer, and every 10 ms.
      defaults: options of `Searcher.search` for lines that do not say otherwise.

    Raises BrokenPipeError if nobody reads the answers any more.
    """
    answers = _Answers(searcher, defaults)
    for lines in _lines(source):
        answers.move_on()
        begun = monotonic()
        for line in lines:
            if monotonic() - begun > _GATHERED:
                sink.flush()
                answers.move_on()
                begun = monotonic()
            sink.write(answers.to(line))
        sink.flush()


def _lines(source: Readable) -> Iterator[list[bytes | None]]:
    """The lines that are there at a time, without their ends; None for one that is too long."""
    begun, too_long, first = bytearray(), False, True
    while read := source.read1(_READ):
        end, *others = read.split(b"\n")
        begun += end
        if len(begun) > MAX_LINE:
            begun, too_long = bytearray(), True
        if others:
            line = None if too_long else bytes(begun)
            yield [line.removeprefix(_MARK) if first and line else line, *others[:-1]]
            begun, too_long, first = bytearray(others[-1]), False, False
    if begun or too_long:
        yield [None if too_long else bytes(begun).removeprefix(_MARK if first else b"")]


class _Answers:
    """The answers of a searcher to lines. Those given last are kept as they were written, until there is a newer state."""

    def __init__(self, searcher: Searcher, defaults: Mapping[str, Any]) -> None:
        self._searcher = searcher
        self._defaults = defaults
        self._newest = _Newest(searcher)
        self._kept = _kept()

    def move_on(self) -> None:
        """Answer from the newest state from now on."""
        if self._newest.look():
            self._kept = _kept()

    def to(self, line: bytes | None) -> bytes:
        """The line that answers a line, with its end."""
        given: Mapping[str, Any] = {}
        told: dict[str, Any] = {}
        try:
            started = perf_counter()
            given = _read(line)
            if "id" in given:
                told["id"] = _id(given["id"])
            query, options = _asked(given, self._searcher)
            answer = self._answer(query, options)
            stale = self._newest.stale
            values = told if stale is None else {**told, "stale": stale}
            return answer.with_values(values, (perf_counter() - started) * 1000)
        except (_BadLine, NaidiError, OSError) as error:
            reason = str(error)
        except MemoryError:
            reason = "out of memory"
        except Exception as error:
            reason = f"a bug in naidi: {type(error).__name__}: {error}"
        typed = given.get("query")
        told |= {"query": typed if isinstance(typed, str) else None, "error": " ".join(reason.split())}
        return f"{dumps({'v': VERSION, **told})}\n".encode()

    def _answer(self, query: str, options: Mapping[str, Any]) -> AnswerLine:
        def make() -> AnswerLine:
            defaults = self._defaults
            if options.get("after") is not None and "offset" not in options:
                defaults = {**defaults, "offset": 0}  # the cursor says where the page begins
            return answer_line(self._searcher.search(query, **{**defaults, **options}))

        if not all(map(_is_small, options.values())):
            return make()
        # True is no 1. What "today" means in a query is said by the day.
        kinds = tuple(map(type, options.values()))
        return self._kept.get((query, *options.items(), kinds, datetime.date.today()), make)


def _is_small(value: Any) -> bool:
    """Whether answers with an option of this value are kept: it can be hashed, and is not much longer than the answer."""
    if isinstance(value, (str, tuple)):
        return len(value) <= _LONGEST_KEPT
    return value is None or isinstance(value, (bool, int, float, datetime.date))


def _kept() -> Cache[Hashable, AnswerLine]:
    return Cache(_KEPT_BYTES, lambda answer: _KEPT_BYTES if answer.partial else 1000 + answer.size)


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


def _asked(given: Mapping[str, Any], searcher: Searcher) -> tuple[str, Mapping[str, Any]]:
    """(query, options of the search) that a line gives. Raises _BadLine and InvalidQuery."""
    unknown = next((key for key in given if key not in _KEYS), None)
    if unknown is not None:
        raise _BadLine(f"unknown key {unknown[:100]!r}: use {', '.join(_KEYS)}")
    query = given.get("query")
    if not isinstance(query, str):
        raise _BadLine("query must be a string")
    if len(given) == 1:
        return query, {}
    return query, {key: _value(key, given[key], searcher) for key in _OPTIONS if key in given}


def _value(key: str, value: Any, searcher: Searcher) -> Any:
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
    if key in _SWITCHES and not isinstance(value, bool):
        raise _BadLine(f"{key} must be true or false, not {dumps(value)[:100]}")
    if key == "expand" and not isinstance(value, bool) and value != "auto":
        raise _BadLine(f'expand must be true, false or "auto", not {dumps(value)[:100]}')
    if key == "timeout" and value is not None and (isinstance(value, bool) or not isinstance(value, (int, float))):
        raise _BadLine(f"timeout must be a number of seconds above 0, or null, not {dumps(value)[:100]}")
    if key == "facets":
        if not isinstance(value, list) or len(value) > _MOST_FACETS or not all(isinstance(name, str) for name in value):
            raise _BadLine("facets must be a list of names")
        from .facets import read_facet

        return tuple(map(read_facet, value))
    if key == "sort" and isinstance(value, list):
        return tuple(value)  # a search says what is wrong with it
    if key == "where" and value is not None and not isinstance(value, str):
        if not isinstance(value, dict):
            raise _BadLine(f"where must be a string of filters or an object, not {dumps(value)[:100]}")
        from .query.where_object import read_where_object

        return read_where_object(value, searcher.schema)
    if key == "only" and value is not None:
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise _BadLine("only must be a list of ids")
        return frozenset(value)
    return value


class _Newest:
    """Keeps a searcher at the newest state. To look at files takes a few microseconds."""

    def __init__(self, searcher: Searcher) -> None:
        self._searcher = searcher
        directory = searcher.directory
        # An index in a cluster has no files here: whether there is a newer state, it is asked once a second.
        names = () if directory is None else (CURRENT, SYNONYMS, DICTIONARIES)
        self._paths = tuple(os.path.join(directory or "", name) for name in names)
        self._seen = self._files()
        self._looked = monotonic()
        self.stale: str | None = None

    def look(self) -> bool:
        """Move on if there is a newer state. Returns whether answers may have changed.

        If it cannot be used, `stale` says why, and the state before answers.
        """
        files, now = self._files(), monotonic()
        if files == self._seen and now - self._looked <= _REFRESH:
            return False
        self._looked = now
        try:
            changed = self._searcher.refresh() or self.stale is not None
        except Exception as error:
            self.stale = f"answered from the state before: {' '.join(str(error).split()) or type(error).__name__}"
            return True
        self._seen, self.stale = files, None
        return changed

    def _files(self) -> tuple[FileState, ...]:
        return tuple(map(FileState.of, self._paths))
