"""The plain forms of `naidi search`, without click: to load it takes as long as the whole search.

Plain are words with `-l`, `--json`, `--count`, `-n` and `--index`, where neither a file of settings nor the environment says more.
All else is left to `search`, which is the definition: other options, excluded words, help, and every call that is wrong.
"""

from __future__ import annotations

import os
import sys

from naidi.indexer.config.places import INDEX, index_path, settings_paths
from naidi.indexer.typed import TYPE_CHECKING

from .ending import status_of
from .printing_choices import Printing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

_OUTPUTS = {"-l": "as_paths", "--paths": "as_paths", "--json": "as_json", "--count": "as_count"}
_WITH_VALUE = {"-n": "limit", "--limit": "limit", "--index": "index"}
_LIMIT = 10
# Variables that say nothing of a search that click would have to read.
_OF_CLUSTERS = ("NAIDI_OPENSEARCH_USER", "NAIDI_OPENSEARCH_PASSWORD", "NAIDI_OPENSEARCH_CA")
_ASIDE = ("NAIDI_INDEX", "NAIDI_PURE", "NAIDI_DEBUG", "NAIDI_PAGER", "NAIDI_TOKEN", *_OF_CLUSTERS)
# Words with such a beginning mean something else to click.
_MARKS = ("-", "\ue000")


class _Call:
    """A plain call: the words, the output asked for ("" for text), and the values of options."""

    __slots__ = ("index", "limit", "output", "words")

    def __init__(self, words: list[str], output: str, limit: str, index: str) -> None:
        self.words = words
        self.output = output
        self.limit = limit
        self.index = index


def run_plain(arguments: Sequence[str]) -> int | None:
    """Search, print, and return the status of the command. None if the call is not plain: then nothing was done.

    arguments: of the command line, from the name of the command on.
    """
    call = _read(arguments)
    return None if call is None else status_of(lambda: _run(call))


def _read(arguments: Sequence[str]) -> _Call | None:
    if not arguments or arguments[0] != "search" or sys.platform == "win32":  # where click expands patterns
        return None
    if any(name.startswith(("NAIDI_", "_NAIDI")) and name not in _ASIDE for name in os.environ):
        return None
    words: list[str] = []
    values: dict[str, str] = {}
    output = ""
    rest = iter(arguments[1:])
    for argument in rest:
        if argument == "-" or not argument.startswith(_MARKS):
            words.append(argument)
            continue
        name, equals, value = argument.partition("=")
        if argument in _OUTPUTS:
            if output not in ("", _OUTPUTS[argument]):
                return None
            output = _OUTPUTS[argument]
            continue
        if name not in _WITH_VALUE or (equals and not name.startswith("--")):
            return None
        value = value if equals else next(rest, "")
        if not value or _WITH_VALUE[name] in values or value.startswith(_MARKS):
            return None
        values[_WITH_VALUE[name]] = value
    limit = values.get("limit", str(_LIMIT))
    if not words or not (limit.isascii() and limit.isdecimal() and len(limit) < 10):
        return None
    if words == ["-"] and output not in ("", "as_json"):
        return None
    try:
        here = os.getcwd()
        if settings_paths(here):
            return None
        index = values.get("index") or os.environ.get("NAIDI_INDEX") or (index_path(here) or INDEX)
    except OSError:  # such as a working directory that is gone
        return None
    return _Call(words, output, limit, index)


def _run(call: _Call) -> int:
    from .asking import ask

    chosen: dict[str, Any] = {call.output: True} if call.output else {}
    printing = Printing(**chosen)
    return ask(call.index, " ".join(call.words), printing.asks_for(int(call.limit), 0), printing)
