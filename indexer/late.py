"""What is loaded or compiled when it is first used, since most searches from the terminal end before.

numpy takes half the time of such a search, and the core does without. The patterns of the query language took a tenth, and the
modules of the standard library that stand here a third: `re` alone, with what it imports, takes half as long as Python to start.
Where a name is needed at once, it is taken from the compiled module behind the one that has it.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False  # the module typing takes as long as ten of ours
if TYPE_CHECKING:
    import bisect
    import datetime
    import json
    import math
    import re
    import threading
    import unicodedata
    import zlib
    from collections import defaultdict
    from contextlib import suppress
    from functools import cache, cached_property, lru_cache, partial
    from operator import attrgetter
    from threading import Lock
    from threading import local as OfThread
    from typing import Any, AnyStr, TypeAlias

    import numpy as np

StrPath: TypeAlias = "str | os.PathLike[str]"

__all__ = [
    "Lock",
    "OfThread",
    "StrPath",
    "attrgetter",
    "bisect",
    "cache",
    "cached_property",
    "datetime",
    "defaultdict",
    "json",
    "json_value",
    "lru_cache",
    "math",
    "np",
    "partial",
    "path_in",
    "path_text",
    "pattern",
    "suppress",
    "threading",
    "unicodedata",
    "zlib",
]


def pattern(text: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """A regular expression that is compiled when one of its methods is first asked for."""
    late: Any = _Pattern(text, flags)
    return late  # type: ignore[no-any-return]


class _Pattern:
    """Its attributes are those of the compiled pattern, each taken over at its first use."""

    def __init__(self, text: Any, flags: int) -> None:
        self._made = text, flags

    def __getattr__(self, name: str) -> Any:
        import re

        text, flags = self._made
        value = getattr(re.compile(text, flags), name)
        setattr(self, name, value)
        return value


class _Module:
    """A module with the attributes that were used: the first one that there is of some names."""

    def __init__(self, *names: str) -> None:
        self._names = names

    def __getattr__(self, name: str) -> Any:
        for module in self._names:
            try:
                value = getattr(__import__(module), name)
                break
            except ImportError:  # another Python
                if module == self._names[-1]:
                    raise
        setattr(self, name, value)
        return value


# What JSON takes for blanks.
_BLANKS = " \t\n\r"


def json_value(text: str | bytes) -> Any:
    """What `json.loads` gives, errors included. Mostly it is read by the compiled half of json, without `re`."""
    scan = _scanner()
    if scan is not None:
        if isinstance(text, bytes) and text[:1] in (b"{", b"[") and text[1:2] not in (b"", b"\0"):
            text = text.decode("utf-8", "surrogatepass")
        if isinstance(text, str):
            try:
                value, end = scan(text, 0)
            except (StopIteration, ValueError, SystemError):  # the last by Python 3.10 and 3.11, if json is not loaded
                end = -1
            if end >= 0 and not text[end:].strip(_BLANKS):
                return value
    return json.loads(text)


def path_text(path: StrPath) -> str:
    """`str(Path(path))`: mostly the very text, and then pathlib is not loaded."""
    text = os.fspath(path)
    if os.sep == "/" and isinstance(text, str) and text:
        absolute = text[0] == "/"
        parts = text[absolute:].split("/")
        if "" not in parts and "." not in parts:
            return text
    from pathlib import Path

    return str(Path(text))


def path_in(folder: StrPath, *names: str) -> str:
    """`str(Path(folder, *names))`, for a folder as from `path_text` or pathlib, and names without separators."""
    text = os.fspath(folder)
    return os.path.join(*names) if text == "." else os.path.join(text, *names)


if not TYPE_CHECKING:
    from _collections import defaultdict
    from _operator import attrgetter

    np, json, math, threading = map(_Module, ("numpy", "json", "math", "threading"))
    unicodedata, zlib = _Module("unicodedata"), _Module("zlib")
    datetime, bisect = _Module("_datetime", "datetime"), _Module("_bisect", "bisect")
    from _thread import allocate_lock as Lock

    try:
        from _functools import _lru_cache_wrapper, partial
        from _thread import _local as OfThread
    except ImportError:  # another Python
        from functools import cache, lru_cache, partial
        from threading import local as OfThread
    else:
        _TAKEN_OVER = ("__module__", "__name__", "__qualname__", "__doc__")

        def _cache_info(*values):
            """As `functools` has it, whose class it takes."""
            from functools import _CacheInfo

            return _CacheInfo(*values)

        def lru_cache(maxsize):
            def cached(function):
                made = _lru_cache_wrapper(function, maxsize, False, _cache_info)
                for name in _TAKEN_OVER:
                    setattr(made, name, getattr(function, name))
                made.__wrapped__ = function
                return made

            return cached

        cache = lru_cache(None)

    class cached_property:
        """As that of `functools` since Python 3.12: without a lock."""

        def __init__(self, make):
            self._make = make
            self.__doc__ = make.__doc__

        def __set_name__(self, owner, name):
            self._name = name

        def __get__(self, one, owner=None):
            if one is None:
                return self
            value = one.__dict__[self._name] = self._make(one)
            return value

    class suppress:
        """As that of `contextlib`."""

        def __init__(self, *errors):
            self._errors = errors

        def __enter__(self):
            return None

        def __exit__(self, kind, error, trace):
            return kind is not None and issubclass(kind, self._errors)


_SCANNER: list[Any] = []


def _scanner() -> Any:
    """Reads a value of JSON in a text from a place on: (value, end). None where json has no compiled half."""
    if not _SCANNER:
        try:
            from _json import make_scanner
        except ImportError:
            _SCANNER.append(None)
        else:
            _SCANNER.append(make_scanner(_Choices()))  # type: ignore[arg-type]
    return _SCANNER[0]


class _Choices:
    """How json reads values unless it is told otherwise."""

    strict = True
    object_hook = None
    object_pairs_hook = None
    parse_float = float
    parse_int = int
    parse_constant = {"-Infinity": float("-inf"), "Infinity": float("inf"), "NaN": float("nan")}.__getitem__
