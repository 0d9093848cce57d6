"""Has the compiled core look for words as it has them, without their forms as Python strings. `finder` is the definition.

`finder` and what it needs is loaded if Python is asked after all: it is a tenth of what a search from the terminal would load.
"""

from __future__ import annotations

from naidi.indexer.analysis.tokenizer import word_form
from naidi.indexer.late import cached_property
from naidi.indexer.typed import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from naidi._core import Word

    from .finder import Finder, ForCore

    Base = Finder
else:
    Base = object


class FinderOfWords(Base):
    """The finder of words that the core can look for. The rest of it is made if Python is asked after all."""

    def __init__(self, make: Callable[[], Finder], words: tuple[Word, ...], weights: list[float]) -> None:
        """
        Parameters:
          make: makes a finder of the same words, with the same bits.
          words: which `Collection.are_plain` of the core.
          weights: of the words.
        """
        self._make = make
        self._of_core = words
        self.weights = weights
        self.bits = {number: 1 << number for number in range(len(words))}

    @cached_property
    def _plain(self) -> Finder:
        return self._make()

    def __bool__(self) -> bool:
        return bool(self.weights)

    def for_core(self) -> ForCore:
        return self._of_core, (), (word_form, _in_headline), self._phrase_at, 0, self._stand_in_for_core

    def marks(self, *place: Any) -> list[tuple[int, int]]:
        return self._plain.marks(*place)

    def _phrase_at(self, *place: Any) -> list[tuple[int, int]] | None:
        return self._plain._phrase_at(*place)

    def _stand_in_for_core(self, answer: int) -> Any:
        return self._plain._stand_in_for_core(answer)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            return getattr(self._plain, name)


def _in_headline(text: str, start: int) -> bool:
    from .token_match import in_headline

    return in_headline(text, start)
