"""Which completions are offered on the screen, and which of them stands in the line?

`suggest` also gives words that are near: the lemma of a finished word, a word one edit away. They help where nothing is found.
Where something is, they would stand in the way of Tab, which then goes to the list.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from naidi.indexer.analysis.normalize import clean, fold_yo
from naidi.indexer.messages import message, told
from naidi.indexer.printable import printable

from ..bridges.keyboard import turned
from ..suggest.suggest import Completion
from .chosen_filters import Filters
from .marked_lines import Piece
from .palette import Palette

_OPERATORS = frozenset(("AND", "OR", "NOT", "TO"))
_MARKS_BEFORE = tuple("+-=([{<>!")
_MARKS = frozenset(':"«»“”„‟()*?~^')


class Offers:
    """The completions that are offered for the line.

    One that was put into the line is asked like any query. The others stay, so that the key can be pressed again.
    """

    def __init__(self) -> None:
        self.completions: Sequence[Completion] = ()
        self._query = ""
        self._suggested: Sequence[Completion] | None = None
        self._finds = True
        self._in_line: int | None = None

    @property
    def is_in_line(self) -> bool:
        """Whether one of them stands in the line."""
        return self._in_line is not None

    def typed(self) -> None:
        """A key has changed the line: what stands there is no completion any more."""
        self._in_line = None

    def asked(self, query: str) -> None:
        """A query is asked. What was offered stays until more is known, if the query can be completed at all."""
        self._query, self._suggested, self._finds = query, None, True
        if not self.is_in_line and not may_be_completed(query):
            self.completions = ()

    def answered(self, *, finds: bool) -> None:
        """The query has an answer. finds: whether anything was found."""
        self._finds = finds
        self._choose()

    def suggested(self, completions: Sequence[Completion]) -> bool:
        """Suggestions for the query have come. Returns whether they are wanted: not while one stands in the line."""
        if self.is_in_line:
            return False
        self._suggested = completions
        self._choose()
        return True

    def _choose(self) -> None:
        """Offer what is worth it, now that it is known whether anything is found, or not yet."""
        if self._suggested is not None and not self.is_in_line:
            self.completions = offered(self._query, self._suggested, finds=self._finds)

    def next(self) -> str | None:
        """The next completion, which is to stand in the line now; None if there is none."""
        if not self.completions:
            return None
        self._in_line = 0 if self._in_line is None else (self._in_line + 1) % len(self.completions)
        return self.completions[self._in_line].text

    def drop(self) -> None:
        """Offer nothing."""
        self.completions = ()

    def pieces(self, palette: Palette, filters: Filters, *, exact: bool) -> list[Piece]:
        """The line of what narrows the question and of what may be typed next.

        Parameters:
          palette: the styles.
          filters: the chosen values.
          exact: whether words are searched for as typed.
        """
        pieces: list[Piece] = []
        if exact:
            pieces += [(f"[{told(message('as typed'))}]", palette.chip), (" ", palette.text)]
        for choice in filters.chosen:
            pieces += [(printable(f"[{choice.text}]"), palette.chip), (" ", palette.text)]
        if self.completions:
            pieces.append(("Tab ", palette.key))
            for number, one in enumerate(self.completions):
                style = palette.chosen if number == self._in_line else palette.offered
                pieces += [(printable(one.text), style), ("  ", palette.text)]
        return pieces


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
