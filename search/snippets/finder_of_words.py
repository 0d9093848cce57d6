"""Has the compiled core look for words as it has them, without their forms as Python strings. `finder` is the definition."""

from __future__ import annotations

from collections.abc import Callable

from naidi.indexer.analysis.tokenizer import word_form
from naidi.indexer.typed import TYPE_CHECKING, Any

from .finder import Finder, ForCore
from .token_match import in_headline

if TYPE_CHECKING:
    from naidi._core import Word

    PhrasesOfCore = tuple[tuple[Word, ...], ...]
    WordsOfCore = tuple[Word | tuple[Word, ...], ...]


class FinderOfWords(Finder):
    """The finder of words that the core may look for. The rest of it is made if Python is asked after all.

    The core may refuse them: `Highlighter` then raises NotImplementedError, and this finder must not be used.
    """

    def __init__(
        self,
        make: Callable[[], Finder],
        words: WordsOfCore,
        phrases: PhrasesOfCore,
        idfs: list[float],
        bits: dict[int, int],
    ) -> None:
        """
        Parameters:
          make: makes a finder of the same words and phrases.
          words: a word for each weight; several where any of them will do.
          phrases: the words of each phrase.
          idfs: of the words.
          bits: as in Finder.
        """
        self._make = make
        self._words_of_core = words
        self._phrases_of_core = phrases
        self.bits = bits
        heaviest = max(idfs, default=1.0)
        self.weights = [*idfs, *[heaviest * len(phrase) for phrase in phrases]]

    def for_core(self) -> ForCore:
        functions = (word_form, in_headline)
        return self._words_of_core, self._phrases_of_core, functions, self._phrase_at, 0, self._stand_in_for_core

    def __getattr__(self, name: str) -> Any:
        made = vars(self._make())
        if name not in made:
            raise AttributeError(name)
        vars(self).update(made)
        return made[name]
