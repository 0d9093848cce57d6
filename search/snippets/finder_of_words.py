"""Has the compiled core look for words as it has them, without their forms as Python strings. `finder` is the definition."""

from __future__ import annotations

from naidi.indexer.analysis.tokenizer import word_form
from naidi.indexer.typed import TYPE_CHECKING, Any

from .finder import Finder, ForCore
from .token_match import in_headline

if TYPE_CHECKING:
    from collections.abc import Callable

    from naidi._core import Word


class FinderOfWords(Finder):
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

    def for_core(self) -> ForCore:
        return self._of_core, (), (word_form, in_headline), self._phrase_at, 0, self._stand_in_for_core

    def __getattr__(self, name: str) -> Any:
        made = vars(self._make())
        if name not in made:
            raise AttributeError(name)
        vars(self).update(made)
        return made[name]
