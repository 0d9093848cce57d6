"""Asks the compiled core for snippets. `highlighter`, with `finder` and `passages`, is the definition."""

from __future__ import annotations

from naidi.indexer import core
from naidi.indexer.analysis.sentences import abbreviation_rules
from naidi.indexer.analysis.tokenizer import WORD
from naidi.indexer.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from naidi._core import Highlighter

    from .finder import Finder
    from .query_words import Worth

# The core has room for the bits of so many words.
_MOST_WORDS = 128


def core_highlighter(finder: Finder, worth: Worth, max_chars: int, max_snippets: int) -> Highlighter | None:
    """What makes the snippets of a query in the core; None if it is not there or cannot find the words of the query."""
    if not core.is_used or not max_snippets or not 0 < len(worth.weights) <= _MOST_WORDS:
        return None
    searched = finder.for_core()
    if searched is None:
        return None
    from naidi._core import Highlighter

    return Highlighter(
        searched,
        (finder.marks, lambda *place: WORD.match(*place), _may_hide_words, *abbreviation_rules()),
        (tuple(worth.weights), worth.side_by_side, max_chars, max_snippets),
    )


def _may_hide_words(text: str) -> bool:
    if text.isascii():
        return False
    from .needles import may_hide_words

    return may_hide_words(text)
