"""Ask an index: `open_index(directory).search(query)`.

The names are loaded when first used, so that `naidi --help` pays for none of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from search.results import Completion, Correction, Explanation, Hit, Results, Snippet
    from search.searcher import Searcher, open_index

__all__ = ["Completion", "Correction", "Explanation", "Hit", "Results", "Searcher", "Snippet", "open_index"]

_HOME = {
    "Completion": "search.results",
    "Correction": "search.results",
    "Explanation": "search.results",
    "Hit": "search.results",
    "Results": "search.results",
    "Searcher": "search.searcher",
    "Snippet": "search.results",
    "open_index": "search.searcher",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = globals()[name] = getattr(import_module(_HOME[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
