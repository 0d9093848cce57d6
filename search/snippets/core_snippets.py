"""Asks the compiled core for snippets. `highlighter`, with `finder` and `passages`, is the definition."""

from __future__ import annotations

from naidi.indexer import core
from naidi.indexer.analysis.sentences import ruled_words
from naidi.indexer.analysis.tokenizer import WORD
from naidi.indexer.late import cache
from naidi.indexer.typed import TYPE_CHECKING

from ..results import Snippet

if TYPE_CHECKING:
    import re

    from naidi._core import Highlighter, RecordMaker, SentenceRules

    from .finder import Finder
    from .query_words import Worth

# The core has room for the bits of so many words.
MOST_WORDS = 128


def core_highlighter(finder: Finder, worth: Worth, max_chars: int, max_snippets: int) -> Highlighter | None:
    """What makes the snippets of a query in the core; None if it is not there or cannot find the words of the query.

    Raises NotImplementedError for words of a collection whose forms only Python can look for.
    """
    if not core.is_used or not max_snippets or not 0 < len(worth.weights) <= MOST_WORDS:
        return None
    searched = finder.for_core()
    if searched is None:
        return None
    from naidi._core import Highlighter

    return Highlighter(
        searched,
        (finder.marks, _word_at, _may_hide_words, _sentence_rules(), _snippet_maker()),
        (tuple(worth.weights), worth.side_by_side, max_chars, max_snippets),
    )


def _word_at(text: str, start: int) -> re.Match[str] | None:
    return WORD.match(text, start)


def _may_hide_words(text: str) -> bool:
    if text.isascii():
        return False
    from .needles import may_hide_words

    return may_hide_words(text)


@cache
def _sentence_rules() -> SentenceRules:
    from naidi._core import SentenceRules

    return SentenceRules(ruled_words())


@cache
def _snippet_maker() -> RecordMaker[Snippet]:
    from naidi._core import RecordMaker

    return RecordMaker(Snippet)
