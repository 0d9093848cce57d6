"""Has the compiled core look for words as it has them, without their forms as Python strings. `finder` is the definition.

`finder` and what it needs is loaded if Python is asked after all: it is a tenth of what a search from the terminal would load.
"""

from __future__ import annotations

from naidi.indexer.analysis.tokenizer import word_form
from naidi.indexer.late import cached_property
from naidi.indexer.typed import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from naidi._core import Word

    from .finder import Finder, ForCore

    Base = Finder
    PhrasesOfCore: TypeAlias = tuple[tuple[Word, ...], ...]
    WordsOfCore: TypeAlias = tuple[Word | tuple[Word, ...], ...]
else:
    Base = object


class FinderOfWords(Base):
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

    @cached_property
    def _plain(self) -> Finder:
        return self._make()

    def __bool__(self) -> bool:
        return bool(self.weights)

    def for_core(self) -> ForCore:
        functions = (word_form, _in_headline)
        return self._words_of_core, self._phrases_of_core, functions, self._phrase_at, 0, self._stand_in_for_core

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
