"""Which completions are offered on the screen?

`suggest` also gives words that are near: the lemma of a finished word, a word one edit away. They help where nothing is found.
Where something is, they would stand in the way of Tab, which then goes to the list.
"""

from __future__ import annotations

from collections.abc import Iterable

from naidi.indexer.analysis.normalize import clean, fold_yo

from ..bridges.keyboard import turned
from ..suggest.suggest import Completion

_OPERATORS = frozenset(("AND", "OR", "NOT", "TO"))
_MARKS_BEFORE = tuple("+-=([{<>!")
_MARKS = frozenset(':"«»“”„‟()*?~^')


def may_be_completed(query: str) -> bool:
    """Whether the query ends in a word alone: no filter, field, quote or operator."""
    if not query or query[-1].isspace():
        return False
    if query.count('"') % 2 or query.count("«") > query.count("»"):
        return False
    word = query.split()[-1]
    if word in _OPERATORS or word.startswith(_MARKS_BEFORE):
        # A bracket is a letter on the other keyboard, and then no word of this one.
        return word[0] == "[" and turned(word) is not None
    return not _MARKS & set(word)


def offered(query: str, completions: Iterable[Completion], *, finds: bool) -> list[Completion]:
    """The completions that are worth a line.

    Parameters:
      query: as typed.
      completions: of `suggest`.
      finds: whether the query finds anything, or may do so. If not, words that are near are offered, too.
    """
    if not may_be_completed(query):
        return []
    beginnings = [_folded(query)]
    word = query.split()[-1]
    other = turned(word)
    if other is not None:
        beginnings.append(_folded(query[: len(query) - len(word)] + other))
    return [
        one
        for one in completions
        if one.text.casefold() != query.casefold() and (not finds or _folded(one.text).startswith(tuple(beginnings)))
    ]


def _folded(text: str) -> str:
    """As words are compared: without regard to case, ё, and letters of the other alphabet that look the same."""
    return " ".join(fold_yo(clean(word).casefold()) for word in text.split())
