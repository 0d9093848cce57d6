"""Reads a query string into a tree, and analyses the tree.

`parse` reads a string into a tree of `nodes`, and `to_text` writes such a tree as a string. `rewrite` turns its words into the
terms of `analysed`.
"""

from __future__ import annotations

from naidi.indexer.typed import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .parser import Mode, ParsedQuery, parse
    from .printer import to_text

__all__ = ["Mode", "ParsedQuery", "parse", "to_text"]


def __getattr__(name: str) -> Any:
    # Loaded late: a plain query needs no grammar, and none is printed in a search.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from . import parser, printer

    return getattr(printer if name == "to_text" else parser, name)
