"""How is a query read while its last word is being typed?

«вакц» is no word, and no slip either: the word goes on. So the last word stands for all words that begin so, as `вакц*` does,
unless the index has it as it is, or has no word that begins so. Then it is read as in any search, with its corrections.
"""

from __future__ import annotations

import re

from ..open_index import Searcher

_LAST = re.compile(r"(?:\A|\s)\+?([^\W\d_]{2,40})\Z")
_OPERATORS = frozenset(("AND", "OR", "NOT", "TO"))


def last_word(query: str) -> str | None:
    """The last word of a query, if it is letters alone and may go on; None for a phrase that is open, a filter, an operator."""
    found = _LAST.search(query)
    if found is None or found[1] in _OPERATORS or query.count('"') % 2 or query.count("«") > query.count("»"):
        return None
    return found[1]


def beginning_of(searcher: Searcher, query: str) -> str | None:
    """The query with its last word as a beginning; None where it is to be read as it is. It may find nothing.

    Parameters:
      searcher: of the index that knows words.
      query: the typed text, with the cursor at its end.
    """
    word = last_word(query)
    if word is None or searcher.search_ids(f"={word}", 1, exact=True):
        return None
    if not searcher.search_ids(f"{word}*", 1, exact=True):
        return None
    return f"{query}*"
