"""Reads a query string into a tree, and analyses the tree.

`parse` reads a string into a tree of `nodes`, and `to_text` writes such a tree as a string. `rewrite` turns its words into the
terms of `analysed`.
"""

from .parser import Mode, ParsedQuery, parse
from .printer import to_text

__all__ = ["Mode", "ParsedQuery", "parse", "to_text"]
