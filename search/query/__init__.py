"""From a query string to a tree.

`parse` reads the string, `to_text` writes a tree as a string again; `nodes` says what a tree is made of.
"""

from .parser import Mode, ParsedQuery, parse
from .printer import to_text

__all__ = ["Mode", "ParsedQuery", "parse", "to_text"]
