"""What is known of the words of a query before a text is read: which it lacks, and what each is worth in a passage."""

from __future__ import annotations

from naidi.indexer.typed import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

# The worth of a word that a picked passage shows already, and of two found words side by side, in weights of a word.
_SHOWN_BEFORE = 0.2
_SIDE_BY_SIDE = 0.1
_KEPT_VALUES = 256


class Absent(NamedTuple):
    """Words that a text is known to lack, as bits: `words` by their own forms, `stand_ins` by their stand-ins."""

    words: int
    stand_ins: int


NOTHING_ABSENT = Absent(0, 0)


class Worth:
    """The worth of query words in a passage. weights: those of the words and phrases, as in `Finder`."""

    def __init__(self, weights: Sequence[float]) -> None:
        self.weights = weights
        self._of: dict[int, _WorthOfWords] = {}
        self.side_by_side = _SIDE_BY_SIDE * max(weights, default=1.0)
        self.differs = len(weights) > 1  # with one word, the first passages are as good as any

    def of(self, shown: int) -> _WorthOfWords:
        """The words of a passage, as bits -> their worth, if the words `shown` (bits) are shown already."""
        values = self._of.get(shown)
        if values is None:
            if len(self._of) > _KEPT_VALUES:
                self._of.clear()
            values = self._of[shown] = _WorthOfWords(self.weights, shown)
        return values


class _WorthOfWords(dict[int, float]):
    """Words, as bits -> their worth together. Worked out at the first request."""

    def __init__(self, weights: Sequence[float], shown: int) -> None:
        self._weights = [
            weight * _SHOWN_BEFORE if shown >> answer & 1 else weight for answer, weight in enumerate(weights)
        ]

    def __missing__(self, mask: int) -> float:
        value = 0.0
        for answer, weight in enumerate(self._weights):  # `sum` rounds otherwise, from Python 3.12 on
            if mask >> answer & 1:
                value += weight
        self[mask] = value
        return value
