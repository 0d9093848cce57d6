"""A weighted edit distance: how likely one word was typed for another. One word is compared with many at once.

A typo costs about 1, and frequent typos cost less. `edit_costs_ru.txt` and `edit_costs_en.txt` beside this module list
them in lines `cost: meant>typed meant>typed ...`, such as `0.55: нн>н тся>ться`. `^` and `$` are the beginning and the end
of the word. Nothing before or behind `>` means a letter that was added or left out. Other typos have the costs of the
lines with a name (see `NAMED`). Some costs depend on all typos of a word together (see `ON_TOP`).

After E. Brill and R. Moore, "An Improved Error Model for Noisy Channel Spelling Correction", 2000.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .near_forms import ALPHABETS, LATIN, RUSSIAN, Integers, Letters, letters_of

Costs = npt.NDArray[np.float32]

NAMED = {
    "replaced": "a letter for another one",
    "neighbour": "a letter for one beside it on the keyboard",
    "added": "a letter too many",
    "slipped": "a letter too many that lies beside the letter before or behind it on the keyboard",
    "omitted": "a letter too few",
    "doubled": "a letter typed twice",
    "halved": "one of two equal letters left out",
    "swapped": "two neighbouring letters in the wrong order",
    "first": "an addition if the typo concerns the first letter",
}

# Additions for all typos of a word together. 0, unless a line says otherwise.
ON_TOP = {
    "apart": "two typos with right letters between them",
    "cut": "letters missing or too many at one end and nowhere else, unless it is one ь, ъ or double letter: that is another word",
}
_CLOSE = 2  # letters that one typo changes at most, such as a syllable left out or a letter for two
_ONE_TYPO = 0.7  # a change of this cost or less is one typo, however many letters it changes: цца for ться
_SIGNS = [letters_of(sign, RUSSIAN)[0] for sign in "ьъ"]

_KEYBOARDS = (("qwertyuiop", "asdfghjkl'", "zxcvbnm"), ("йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю"))
_ROW_SHIFTS = (0.0, 0.25, 0.75)  # how far each row of keys is shifted, in widths of a key
_FAR = np.float32(1e6)


class Rule(NamedTuple):
    """A typo with a cost of its own.

    meant, typed: numbers of letters.
    start, end: whether it occurs only at the beginning, or at the end, of the word.
    """

    meant: tuple[int, ...]
    typed: tuple[int, ...]
    cost: float
    start: bool
    end: bool


class EditCosts:
    """The costs of one alphabet."""

    def __init__(
        self,
        alphabet: int,
        named: dict[str, float],
        rules: dict[tuple[str, str], float],
        on_top: dict[str, float] | None = None,
    ) -> None:
        """Costs for an alphabet.

        alphabet: LATIN or RUSSIAN.
        named: the costs by names of NAMED.
        rules: (meant, typed) -> cost.
        on_top: the costs by names of ON_TOP.

        Raises ValueError if a name of NAMED is missing or a letter is not in the alphabet.
        """
        if named.keys() != NAMED.keys():
            raise ValueError(f"costs missing or unknown: {', '.join(sorted(named.keys() ^ NAMED.keys()))}")
        self.alphabet = alphabet
        self.named = named
        self.rules = rules
        self.on_top = {**dict.fromkeys(ON_TOP, 0.0), **(on_top or {})}
        letters = ALPHABETS[alphabet]
        size = len(letters) + 1  # 0 is no letter
        # replaced[typed, meant]. A letter for itself costs nothing.
        self.replaced = np.full((size, size), named["replaced"], np.float32)
        np.fill_diagonal(self.replaced, 0)
        self.beside = np.zeros((size, size), bool)
        for one, other in _neighbours(alphabet):
            self.beside[one, other] = True
        self.replaced[self.beside] = named["neighbour"]
        self.added = np.full(size, named["added"], np.float32)
        self.omitted = np.full(size, named["omitted"], np.float32)
        self._rules: defaultdict[tuple[int, ...], list[Rule]] = defaultdict(list)
        for (meant, typed), cost in rules.items():
            start, end = meant[:1] == "^", meant[-1:] == "$"
            if (start, end) != (typed[:1] == "^", typed[-1:] == "$"):
                raise ValueError(f"{meant}>{typed}: ^ and $ belong on both sides")
            wanted, given = (tuple(letters_of(side.strip("^$"), alphabet)) for side in (meant, typed))
            if not (start or end) and len(wanted) <= 1 and len(given) <= 1:
                self._set_single(wanted, given, cost)
            else:
                if not given:
                    raise ValueError(f"{meant}>{typed}: only a single letter may be left out")
                self._rules[given].append(Rule(wanted, given, cost, start, end))
        self._longest = max(map(len, self._rules), default=0)

    def with_rules(self, rules: dict[tuple[str, str], float]) -> EditCosts:
        """These costs with more rules, or with other costs for some."""
        return EditCosts(self.alphabet, self.named, {**self.rules, **rules}, self.on_top)

    def _set_single(self, meant: tuple[int, ...], typed: tuple[int, ...], cost: float) -> None:
        if meant and typed:
            self.replaced[typed[0], meant[0]] = cost
        elif meant:
            self.omitted[meant[0]] = cost
        elif typed:
            self.added[typed[0]] = cost

    def added_to(self, word: list[int]) -> list[float]:
        """The cost of each letter of the word if it is one too many."""
        costs = []
        for place, letter in enumerate(word):
            cost = float(self.added[letter])
            around = word[max(place - 1, 0) : place] + word[place + 1 : place + 2]
            if any(self.beside[letter, other] for other in around):
                cost = min(cost, self.named["slipped"])
            if place and word[place - 1] == letter:
                cost = min(cost, self.named["doubled"])
            costs.append(cost)
        return costs

    def rules_ending(self, word: list[int], row: int) -> Iterator[Rule]:
        """The rules whose typed side ends behind the first `row` letters of the word."""
        for size in range(1, min(self._longest, row) + 1):
            for rule in self._rules.get(tuple(word[row - size : row]), ()):
                if (not rule.start or size == row) and (not rule.end or row == len(word)):
                    yield rule

    def distances(self, word: list[int], table: Letters, lengths: Integers) -> Costs:
        """The cost of having typed the word for each of some forms (float32).

        word: numbers of letters.
        table: the letters of the forms: a row for each place, a column for each form, 0 behind the end.
        lengths: the lengths of the forms.
        """
        longest, count = table.shape
        named = self.named
        first = np.float32(named["first"])
        omitted = self.omitted[table]
        if longest > 1:
            twins = table[1:] == table[:-1]
            omitted[1:][twins] = np.minimum(omitted[1:][twins], np.float32(named["halved"]))
        if longest:
            omitted[0] += first
        here: dict[int, npt.NDArray[np.bool_]] = {}

        def is_letter(letter: int) -> npt.NDArray[np.bool_]:
            if letter not in here:
                here[letter] = table == letter
            return here[letter]

        added = self.added_to(word)
        columns = np.arange(count)
        rows: list[Costs] = []
        for row in range(len(word) + 1):
            cells = np.full((longest + 1, count), _FAR, np.float32)
            if row == 0:
                cells[0] = 0
            else:
                letter, above = word[row - 1], rows[row - 1]
                np.add(above, np.float32(added[row - 1]), out=cells)
                if row == 1:
                    cells[0] += first
                    diagonal = self.replaced[letter][table]
                    diagonal[0] += first * (table[0] != letter) if longest else 0
                    np.minimum(cells[1:], above[:-1] + diagonal, out=cells[1:])
                else:
                    np.minimum(cells[1:], above[:-1] + self.replaced[letter][table], out=cells[1:])
                    if longest > 1 and letter != word[row - 2]:
                        swapped = is_letter(letter)[:-1] & is_letter(word[row - 2])[1:]
                        _lower(cells[2:], rows[row - 2][:-2] + np.float32(named["swapped"]), swapped)
            for rule in self.rules_ending(word, row):
                size = len(rule.meant)
                if size > longest:
                    continue
                source = rows[row - len(rule.typed)]
                fits = np.ones((longest + 1 - size, count), bool)
                for place, letter in enumerate(rule.meant):
                    fits &= is_letter(letter)[place : longest + 1 - size + place]
                if rule.start:
                    fits[1:] = False
                if rule.end:
                    fits &= lengths == np.arange(size, longest + 1)[:, None]
                if fits.any():
                    _lower(cells[size:], source[: longest + 1 - size] + np.float32(rule.cost), fits)
            for column in range(longest):
                np.minimum(cells[column + 1], cells[column] + omitted[column], out=cells[column + 1])
            rows.append(cells)
        return np.asarray(rows[-1][lengths, columns])

    def costs_on_top(self, word: list[int], table: Letters, lengths: Integers, distances: Costs) -> Costs:
        """The addition to each of `distances` for all typos of the word together. Other arguments as in `distances`."""
        costs = np.zeros(len(lengths), np.float32)
        if not any(self.on_top.values()):
            return costs
        size = len(word)
        front, back = _shared_ends(word, table, lengths)
        shorter = np.minimum(lengths, size)
        changed = np.maximum(lengths, size) - np.minimum(front + back, shorter)
        costs[(changed > _CLOSE) & (distances > _ONE_TYPO)] = self.on_top["apart"]
        columns = np.arange(len(lengths))
        for shared, end in ((front, True), (back, False)):
            cut = np.flatnonzero((shared == shorter) & (lengths != size))
            # The letter at that end of the longer word, and the letter beside it.
            outer, inner = (-1, -2) if end else (0, 1)
            own = (word[outer], word[inner] if size > 1 else 0)
            its = (
                table[lengths[cut] + outer if end else 0, columns[cut]],
                table[np.maximum(lengths[cut] + inner, 0) if end else min(inner, len(table) - 1), columns[cut]],
            )
            letter, beside = (
                np.where(lengths[cut] < size, mine, theirs) for mine, theirs in zip(own, its, strict=True)
            )
            usual = letter == beside
            if self.alphabet == RUSSIAN and end:
                usual |= np.isin(letter, _SIGNS)
            costs[cut[~usual | (changed[cut] > 1)]] += self.on_top["cut"]
        return costs


def _shared_ends(word: list[int], table: Letters, lengths: Integers) -> tuple[Integers, Integers]:
    """(letters that the word shares with each form at the beginning, letters that it shares at the end)."""
    rows = min(len(word), len(table))
    letters = np.array(word, np.uint8)
    columns = np.arange(len(lengths))
    front = np.logical_and.accumulate(table[:rows] == letters[:rows, None]).sum(axis=0)
    places = lengths - 1 - np.arange(rows)[:, None]
    same = (table[np.maximum(places, 0), columns] == letters[::-1][:rows, None]) & (places >= 0)
    return front, np.logical_and.accumulate(same).sum(axis=0)


def _lower(cells: Costs, offered: Costs, where: npt.NDArray[np.bool_]) -> None:
    np.minimum(cells, offered, out=cells, where=where)


def _neighbours(alphabet: int) -> Iterator[tuple[int, int]]:
    """The pairs of letters beside each other on the keyboard: QWERTY, ЙЦУКЕН."""
    places = {
        letter: (row, column + _ROW_SHIFTS[row])
        for row, letters in enumerate(_KEYBOARDS[alphabet])
        for column, letter in enumerate(letters)
    }
    for one, (row, column) in places.items():
        for other, (other_row, other_column) in places.items():
            if one != other and abs(row - other_row) <= 1 and abs(column - other_column) <= 1:
                yield letters_of(one, alphabet)[0], letters_of(other, alphabet)[0]


def read_costs(path: Path, alphabet: int) -> EditCosts:
    """The costs in a table. Raises ValueError, with file and line, for a line that cannot be read."""
    named, on_top, rules = _read(path)
    return EditCosts(alphabet, named, rules, on_top)


def _read(path: Path) -> tuple[dict[str, float], dict[str, float], dict[tuple[str, str], float]]:
    """(costs with a name, those of all typos together, those of rules) in a table."""
    named: dict[str, float] = {}
    on_top: dict[str, float] = {}
    rules: dict[tuple[str, str], float] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        head, colon, rest = line.partition("#")[0].strip().partition(":")
        if not head:
            continue
        try:
            if head in NAMED or head in ON_TOP:
                (named if head in NAMED else on_top)[head] = float(rest)
                continue
            for rule in rest.split():
                meant, typed = rule.split(">")
                rules[meant, typed] = float(head)
            if not colon:
                raise ValueError("no colon")
        except ValueError as error:
            raise ValueError(f"{path}, line {number}: expected `cost: meant>typed ...`, found {line!r}") from error
    return named, on_top, rules


@lru_cache(maxsize=2)
def edit_costs(alphabet: int) -> EditCosts:
    """The costs for an alphabet, read once."""
    language = "en" if alphabet == LATIN else "ru"
    return read_costs(Path(__file__).with_name(f"edit_costs_{language}.txt"), alphabet)


@lru_cache(maxsize=1)
def group_costs() -> EditCosts:
    """The costs for Latin letters with some thousand groups of letters more, read once.

    They take longer, so they are for words that were found to be near already.
    """
    return edit_costs(LATIN).with_rules(_read(Path(__file__).with_name("edit_costs_en_groups.txt"))[2])
