"""Compares Latin and Cyrillic spellings: the lower the cost, the likelier they are the same word.

`correspondences.txt` lists pieces of both alphabets that stand for each other (shch for щ, x for кс, a silent t at the
end), each with a cost. The cost of two spellings is that of the cheapest way to cut both into such pieces. It is a weighted
edit distance whose steps are several letters long. One spelling is compared with many at once.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from naidi.indexer import core

if TYPE_CHECKING:
    from naidi._core import Correspondences as CoreCorrespondences

_TABLE = Path(__file__).with_name("correspondences.txt")
# The costs of pairs that the table lacks: a letter for another one, a letter for nothing. Its own costs are lower.
_OTHER_LETTER = 9.0
_NO_LETTER = 6.0
_INFINITE = 1e6
# A letter with a mark may also be read without it, at this extra cost.
_WITHOUT_MARK = 0.3
LONGEST = 40  # letters; longer words are not compared

_UNKNOWN = "\0"
# No character, and beyond every letter of the table: stands for all letters from here on.
_LAST_POINT = 0xFFFF
_FOLDED = {"ß": "s", "ø": "o", "æ": "e", "œ": "e", "đ": "d", "ð": "d", "þ": "t", "ł": "l", "ı": "i", "ə": "a", "ŋ": "n", "ħ": "h",
           "’": "'", "ʼ": "'", "ʹ": "'", "ʻ": "'", "`": "'", "ʺ": "'",
           "ё": "е", "є": "е", "і": "и", "ї": "и", "ў": "у", "ґ": "г", "ј": "й"}  # fmt: skip


class Side(NamedTuple):
    """The pieces of one alphabet as an automaton. State 0 is no piece, 1 the empty piece. Others are pieces and prefixes."""

    letters: npt.NDArray[np.uint8]  # [code point, at most _LAST_POINT] -> number of the letter
    steps: npt.NDArray[np.int16]  # [state, letter] -> state
    states: dict[str, int]
    longest: int

    def encode(self, words: Sequence[str]) -> npt.NDArray[np.uint8]:
        """[place, word] -> number of the letter, with ^ and $ at the ends of words."""
        width = max(map(len, words)) + 2
        text = "".join([f"^{word}$".ljust(width, _UNKNOWN) for word in words])
        # UTF-32, since it has one unit a letter: UTF-16 has two where a letter lies beyond U+FFFF.
        points = np.minimum(np.frombuffer(text.encode("utf-32-le", "replace"), np.uint32), _LAST_POINT)
        return np.ascontiguousarray(self.letters[points].reshape(len(words), width).T)

    def reached(self, letters: npt.NDArray[np.uint8]) -> list[npt.NDArray[np.int16]]:
        """For each length, from 1: [place, word] -> state of the piece of that length that begins at the place."""
        found = [self.steps[1, letters]]
        for length in range(1, self.longest):
            found.append(self.steps[found[-1][:-1], letters[length:]])
        return found


class Correspondences:
    """The costs of pairs of pieces, as tables [Latin state, Cyrillic state]."""

    def __init__(self, costs: dict[tuple[str, str], float]) -> None:
        self.latin = _side({latin for latin, _ in costs})
        self.cyrillic = _side({cyrillic for _, cyrillic in costs})
        table = np.full((len(self.latin.states) + 1, len(self.cyrillic.states) + 1), _INFINITE, np.float32)
        one_latin = [state for piece, state in self.latin.states.items() if len(piece) == 1]
        one_cyrillic = [state for piece, state in self.cyrillic.states.items() if len(piece) == 1]
        table[np.ix_(one_latin, one_cyrillic)] = _OTHER_LETTER
        table[one_latin, 1] = _NO_LETTER
        table[1, one_cyrillic] = _NO_LETTER
        for (latin, cyrillic), cost in costs.items():
            table[self.latin.states[latin], self.cyrillic.states[cyrillic]] = cost
        self._of_latin = table
        self._latin_sizes = _sizes(table, self.latin, self.cyrillic)
        self._cyrillic_sizes = _sizes(table.T, self.cyrillic, self.latin)
        self._of_cyrillic = np.ascontiguousarray(table.T)

    @cached_property
    def in_core(self) -> CoreCorrespondences:
        """The tables for the compiled core."""
        from naidi._core import Correspondences as CoreCorrespondences

        latin_sizes, cyrillic_sizes = (tuple(map(bytes, sizes)) for sizes in (self._latin_sizes, self._cyrillic_sizes))
        return CoreCorrespondences(
            (self.latin.letters, self.latin.steps, self._of_latin, latin_sizes),
            (self.cyrillic.letters, self.cyrillic.steps, self._of_cyrillic, cyrillic_sizes),
        )

    def costs(self, word: str, others: Sequence[str], *, cyrillic: bool) -> npt.NDArray[np.float32]:
        """The cost of each of `others` as a spelling of `word`.

        word, others: case-folded words of at most LONGEST letters, with е for ё.
        cyrillic: True if `word` is Cyrillic and `others` are Latin, False for the reverse.
        """
        own, other = (self.cyrillic, self.latin) if cyrillic else (self.latin, self.cyrillic)
        if core.is_used:
            return np.array(self.in_core.costs(word, list(others), cyrillic), np.float32)
        table = self._of_cyrillic if cyrillic else self._of_latin
        sizes = self._cyrillic_sizes if cyrillic else self._latin_sizes
        letters = own.encode([word])[:, 0].tolist()
        reached = other.reached(other.encode(others))
        width, count = reached[0].shape
        added = np.concatenate((np.zeros((1, count), np.float32), table[1][reached[0]].cumsum(0, dtype=np.float32)))
        best = [np.full((width + 1, count), _INFINITE, np.float32) for _ in range(len(letters) + 1)]
        best[0][0] = 0
        for place, row in enumerate(best):
            # First, letters of the other word that stand for nothing here.
            np.minimum.accumulate(row - added, axis=0, out=row)
            row += added
            state = 1
            for length in range(1, min(own.longest, len(letters) - place) + 1):
                state = int(own.steps[state, letters[place + length - 1]])
                if not state:
                    break
                piece_costs = table[state]
                target = best[place + length]
                if piece_costs[1] < _INFINITE:
                    np.minimum(target, row + piece_costs[1], out=target)
                for size in sizes[state]:
                    if size > width:
                        break
                    step = piece_costs[reached[size - 1][: width + 1 - size]]
                    step += row[: width + 1 - size]
                    np.minimum(target[size:], step, out=target[size:])
        ends = np.array([len(each) + 2 for each in others])
        costs: npt.NDArray[np.float32] = best[-1][ends, np.arange(count)]
        return costs


def _sizes(table: npt.NDArray[np.float32], own: Side, other: Side) -> list[list[int]]:
    """[own state] -> the lengths of the pieces that stand for it in the table, ascending, without the empty piece."""
    lengths = np.zeros(table.shape[1], np.int64)
    for piece, state in other.states.items():
        lengths[state] = len(piece)
    return [sorted(set(lengths[row < _INFINITE].tolist()) - {0}) for row in table]


def _side(pieces: set[str]) -> Side:
    pieces = pieces | {_UNKNOWN, ""}
    alphabet = sorted({letter for piece in pieces for letter in piece})  # _UNKNOWN is the first
    numbers = {letter: number for number, letter in enumerate(alphabet)}
    letters = np.zeros(_LAST_POINT + 1, np.uint8)
    for point in (*range(0x20, 0x530), *range(0x1E00, 0x1F00), 0x2019):
        letter = chr(point)
        plain = letter if letter in numbers else _FOLDED.get(letter) or unicodedata.normalize("NFD", letter)[0]
        letters[point] = numbers.get(plain, 0)
    states = {"": 1}
    for piece in (*alphabet, *sorted(pieces)):
        for end in range(1, len(piece) + 1):
            states.setdefault(piece[:end], len(states) + 1)
    steps = np.zeros((len(states) + 1, len(numbers)), np.int16)
    for piece, state in states.items():
        if piece:
            steps[states[piece[:-1]], numbers[piece[-1]]] = state
    return Side(letters, steps, states, max(map(len, pieces)))


@lru_cache(maxsize=1)
def correspondences() -> Correspondences:
    """The correspondences in `correspondences.txt`."""
    costs: dict[tuple[str, str], float] = {}
    for line in _TABLE.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            pieces = line.split(" ")
            costs[pieces[0].strip("0"), pieces[1].strip("0")] = float(pieces[2])
    for letter in {latin for latin, _ in costs if len(latin) == 1 and not latin.isascii()}:
        plain = unicodedata.normalize("NFD", letter)[0]
        as_plain = {
            (letter, cyrillic): cost + _WITHOUT_MARK for (latin, cyrillic), cost in costs.items() if latin == plain
        }
        costs = as_plain | costs
    return Correspondences(costs)
