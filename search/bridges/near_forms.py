"""Finds the forms of a lexicon within a few edits of a word, and its keys.

Three steps narrow a million forms down, each over arrays. The first takes forms of about the same length; forms are kept in
the order of length. The second takes forms that lack few letters of the word and have few others, by a bit for each letter.
The third computes edit distances: Damerau's, in the variant of optimal string alignment (letters that were swapped are not
edited again). It works bit-parallel after H. Hyyrö, "A Bit-Vector Algorithm for Computing Levenshtein and Damerau Edit
Distances", 2003. A number holds a column of the table for one form, an array the columns of all forms.

Only words all in Latin or all in Russian letters take part. An abbreviation counts as its small letters. е and ё are one
letter.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from naidi.indexer.codec.ragged import lengths_of, starts_of
from naidi.indexer.codec.segment import Segment

Letters = npt.NDArray[np.uint8]
Masks = npt.NDArray[np.uint32]
Integers = npt.NDArray[np.int64]

LATIN, RUSSIAN = 0, 1
LONGEST = 32  # letters of a word: as many as bits in a number
_LONGEST_FORM = LONGEST + 4
ALPHABETS = ("abcdefghijklmnopqrstuvwxyz'", "абвгдежзийклмнопрстуфхцчшщъыьэюя")
_WORDS = (re.compile("[a-z']+"), re.compile("[а-я]+"))
_FORMS_AT_ONCE = 1 << 16
_NO_GROUP = 2 * (_LONGEST_FORM + 1)
_TAIL = 4  # bytes at the end of a word, which tell its forms apart

_SWAPPED_YO = 0x91  # the second byte of ё, and of the capital Б
_FIRST_OF_YO = 0xD1
_LETTER_E = 6


def _letter_table() -> Letters:
    """UTF-8 byte -> number of the letter, from 1, or 0. A Latin letter has one byte; of a Russian one it is the second."""
    table = np.zeros(256, np.uint8)
    for alphabet in ALPHABETS:
        for number, letter in enumerate(alphabet, 1):
            for case in (letter, letter.upper()):
                table[case.encode()[-1]] = number
    return table


def _kind_table() -> Letters:
    """Byte -> 1 if it can be part of a Latin word, 2 of a Russian one, 3 for the line feed, else 0."""
    table = np.zeros(256, np.uint8)
    for letter in ALPHABETS[LATIN]:
        table[[ord(letter), ord(letter.upper())]] = 1 << LATIN
    table[[0xD0, 0xD1, *range(0x80, 0xC0)]] = 1 << RUSSIAN
    table[ord("\n")] = 3
    return table


_LETTER = _letter_table()
_KIND = _kind_table()
_BIT = np.where(_LETTER > 0, np.uint32(1) << (_LETTER.astype(np.uint32) - np.uint32(1) & np.uint32(31)), np.uint32(0))


def alphabet_of(word: str) -> int | None:
    """LATIN or RUSSIAN if all letters are small ones of that alphabet, with е for ё; else None."""
    for alphabet, pattern in enumerate(_WORDS):
        if pattern.fullmatch(word):
            return alphabet
    return None


def letters_of(word: str, alphabet: int) -> list[int]:
    """The numbers of the word's letters in the alphabet, from 1."""
    return [ALPHABETS[alphabet].index(letter) + 1 for letter in word]


class Shapes(NamedTuple):
    """The strings of a table that can be compared, in the order of alphabet and length.

    table: "forms" or "keys".
    numbers: their numbers in the table.
    masks: for each of them a bit for each letter in it.
    bounds: where each alphabet and length begins.
    """

    table: str
    numbers: npt.NDArray[np.uint32]
    masks: Masks
    bounds: npt.NDArray[np.int64]

    @property
    def size(self) -> int:
        """Bytes of the arrays."""
        return self.numbers.nbytes + self.masks.nbytes + self.bounds.nbytes

    def span(self, alphabet: int, length: int) -> slice:
        """The range of the strings with this many letters."""
        if not 1 <= length <= _LONGEST_FORM:
            return slice(0)
        first = alphabet * (_LONGEST_FORM + 1) + length
        return slice(int(self.bounds[first]), int(self.bounds[first + 1]))


class WordShapes(NamedTuple):
    """The shapes of the words of a segment.

    forms: of its forms.
    keys: of its keys that are no forms: of «дельфин» if only «дельфинов» is there.
    """

    forms: Shapes
    keys: Shapes

    @property
    def size(self) -> int:
        """Bytes of the arrays."""
        return self.forms.size + self.keys.size


def shapes_of(segment: Segment) -> WordShapes:
    """The shapes of the words of a segment: 8 bytes a word.

    Of the keys, those are left out that may be wrong guesses: no form has them as its only key, or as its best one by a
    dictionary. A key is taken for a form of its own that has the same end, the same letters, and as many of them.
    """
    forms, keys = _letters_of_table(segment, "forms"), _letters_of_table(segment, "keys")
    container = segment.container
    keys_there = lengths_of(container["form_keys.ends"])
    best = (starts_of(container["form_keys.ends"]) if len(keys_there) else keys_there)[keys_there > 0]
    sure = best[(keys_there[keys_there > 0] == 1) | (segment.are_common(best) > 0)]
    is_offered = np.zeros(len(keys.groups), bool)
    is_offered[container["form_keys"][sure]] = True
    its_key = np.repeat(np.arange(len(keys.groups)), lengths_of(container["key_forms.ends"]))
    its_form = container["key_forms"]
    same = keys.masks[its_key] == forms.masks[its_form]
    same &= keys.groups[its_key] == forms.groups[its_form]
    same &= keys.tails[its_key] == forms.tails[its_form]
    is_offered[its_key[same]] = False
    keys.groups[~is_offered] = _NO_GROUP
    return WordShapes(_shapes("forms", forms), _shapes("keys", keys))


class _TableLetters(NamedTuple):
    """For each string of a table: a bit for each letter; a number for alphabet and length, or _NO_GROUP; its last bytes."""

    masks: Masks
    groups: Letters
    tails: Masks


def _shapes(table: str, letters: _TableLetters) -> Shapes:
    order = np.argsort(letters.groups, kind="stable")
    bounds = np.searchsorted(letters.groups[order], np.arange(_NO_GROUP + 1))
    numbers = np.asarray(order[: bounds[-1]], np.uint32)
    return Shapes(table, numbers, letters.masks[numbers], np.asarray(bounds, np.int64))


def _letters_of_table(segment: Segment, table: str) -> _TableLetters:
    data, ends = segment.container[f"{table}.bytes"], segment.container[f"{table}.ends"]
    count = len(ends)
    masks = np.zeros(count, np.uint32)
    groups = np.zeros(count, np.uint8)
    tails = np.zeros(count, np.uint32)
    for first in range(0, count, _FORMS_AT_ONCE):
        last = min(first + _FORMS_AT_ONCE, count)
        start = int(ends[first - 1]) if first else 0
        part = np.array(data[start : int(ends[last - 1])])
        stops = ends[first:last].astype(np.int64) - start
        starts = np.concatenate([[0], stops[:-1]])
        yo = np.flatnonzero(part == _SWAPPED_YO)
        part[yo[part[yo - 1] == _FIRST_OF_YO]] = "е".encode()[-1]
        masks[first:last] = np.bitwise_or.reduceat(_BIT[part], starts)
        kinds = np.bitwise_and.reduceat(_KIND[part], starts)
        lengths = stops - starts - 1
        lengths = np.where(kinds == 1 << RUSSIAN, lengths // 2, lengths)
        fits = ((kinds == 1 << LATIN) | (kinds == 1 << RUSSIAN)) & (lengths <= _LONGEST_FORM)
        groups[first:last] = np.where(fits, (kinds == 1 << RUSSIAN) * (_LONGEST_FORM + 1) + lengths, _NO_GROUP)
        for back in range(2, 2 + _TAIL):
            tails[first:last] = tails[first:last] << np.uint32(8) | part[np.maximum(stops - back, starts)]
    return _TableLetters(masks, groups, tails)


def _few_bits(masks: Masks, most: int) -> npt.NDArray[np.bool_]:
    """For each mask whether at most `most` bits are set. The masks are overwritten."""
    lowered = np.empty_like(masks)
    for _ in range(most):
        np.subtract(masks, np.uint32(1), out=lowered)
        np.bitwise_and(masks, lowered, out=masks)
    return np.equal(masks, 0)


def _with_similar_letters(
    shapes: Shapes, span: slice, mask: np.uint32, longer: int, max_edits: int
) -> npt.NDArray[np.uint32]:
    """The forms of one length that may be within `max_edits`, by their sets of letters.

    An edit brings in at most one letter and takes out at most one. An added letter takes none out; a letter left out brings
    none in. longer: the length of the forms less that of the word.
    """
    masks = shapes.masks[span]
    fits = np.flatnonzero(_few_bits(masks & ~mask, max_edits - max(-longer, 0)))
    fits = fits[_few_bits(~masks[fits] & mask, max_edits - max(longer, 0))]
    return shapes.numbers[span][fits]


class Near(NamedTuple):
    """Forms near a word, or keys.

    numbers: their numbers.
    lengths: their letters, ascending.
    letters: numbers of letters: a row for each place, a column for each form, 0 behind the end.
    distances: edit distances.
    """

    numbers: Integers
    lengths: Integers
    letters: Letters
    distances: Letters


def near_forms(segment: Segment, shapes: Shapes, word: str, max_edits: int) -> Near:
    """The forms, or keys, within `max_edits` of the word, the word itself included.

    shapes: of the forms or of the keys.
    word: at most LONGEST small letters of one alphabet, with е for ё. Raises ValueError for other words.

    Some forms may have letters of other alphabets (Ukrainian і) whose second byte is that of a Russian letter. The caller
    has to check the decoded forms.
    """
    alphabet = alphabet_of(word)
    if alphabet is None or len(word) > LONGEST:
        raise ValueError(f"{word!r}: not a word of one alphabet with at most {LONGEST} letters")
    letters = letters_of(word, alphabet)
    mask = np.uint32(0)
    for letter in letters:
        mask |= np.uint32(1 << (letter - 1 & 31))
    found = [
        _with_similar_letters(shapes, shapes.span(alphabet, length), mask, length - len(word), max_edits)
        for length in range(len(word) - max_edits, len(word) + max_edits + 1)
    ]
    numbers = np.concatenate(found).astype(np.int64)
    lengths, table = _letters_of_numbers(segment, shapes.table, numbers, alphabet)
    distances = _distances(table, lengths, letters)
    keep = np.flatnonzero(distances <= max_edits)
    return Near(numbers[keep], lengths[keep], table[:, keep], distances[keep])


def letters_of_strings(
    segment: Segment, table: str, numbers: Integers, alphabet: int
) -> tuple[Integers, Integers, Letters]:
    """(numbers, lengths, letters) of some forms or keys of one alphabet, the shortest first, as in `Near`.

    table: "forms" or "keys".
    numbers: of any strings. Those with more than LONGEST + 4 letters are left out. The caller has to check the others, as for
      `near_forms`.
    """
    lengths, _ = bounds_of_strings(segment, table, numbers, alphabet)
    order = np.argsort(lengths, kind="stable")
    numbers = numbers[order[: np.searchsorted(lengths[order], _LONGEST_FORM, side="right")]]
    lengths, letters = _letters_of_numbers(segment, table, numbers, alphabet)
    fits = np.flatnonzero((letters <= len(ALPHABETS[alphabet])).all(axis=0))
    return numbers[fits], lengths[fits], letters[:, fits]


def bounds_of_strings(segment: Segment, table: str, numbers: Integers, alphabet: int) -> tuple[Integers, Integers]:
    """(lengths in letters, first bytes) of some strings of a table."""
    ends = segment.container[f"{table}.ends"]
    starts = np.where(numbers > 0, ends[np.maximum(numbers - 1, 0)], 0).astype(np.int64)
    return (ends[numbers].astype(np.int64) - starts - 1) // (1 + alphabet), starts


def _letters_of_numbers(segment: Segment, table: str, numbers: Integers, alphabet: int) -> tuple[Integers, Letters]:
    """(lengths, letters) of some strings of a table, the shortest first."""
    lengths, starts = bounds_of_strings(segment, table, numbers, alphabet)
    return lengths, _letters_of_forms(segment.container[f"{table}.bytes"], starts, lengths, alphabet)


def _letters_of_forms(data: npt.NDArray[np.uint8], starts: Integers, lengths: Integers, alphabet: int) -> Letters:
    """The letters of forms of ascending length: a row for each place, a column for each form."""
    longest = int(lengths[-1]) if len(lengths) else 0
    table = np.zeros((longest, len(starts)), np.uint8)
    firsts = np.searchsorted(lengths, np.arange(longest), side="right")
    for place, first in enumerate(firsts.tolist()):
        at = starts[first:] + place * (1 + alphabet) + alphabet
        byte = data[at]
        row = _LETTER[byte]
        if alphabet == RUSSIAN:
            yo = np.flatnonzero(byte == _SWAPPED_YO)
            row[yo[data[at[yo] - 1] == _FIRST_OF_YO]] = _LETTER_E
        table[place, first:] = row
    return table


def _distances(table: Letters, lengths: Integers, word: list[int]) -> Letters:
    """The edit distance between the word and each form."""
    positions = np.zeros(64, np.uint32)
    for place, letter in enumerate(word):
        positions[letter] |= np.uint32(1 << place)
    last = np.uint32(1 << (len(word) - 1))
    one = np.uint32(1)
    count = len(lengths)
    distances = np.full(count, len(word), np.uint8)
    # Set bits say where, along a column, the distance goes up (or down) by one.
    up, down = np.full(count, 0xFFFFFFFF, np.uint32), np.zeros(count, np.uint32)
    diagonal, met_before = np.zeros(count, np.uint32), np.zeros(count, np.uint32)
    before = 0
    firsts = np.searchsorted(lengths, np.arange(len(table)), side="right")
    for place, first in enumerate(firsts.tolist()):
        if first > before:  # shorter forms are done
            drop = first - before
            up, down, diagonal, met_before = up[drop:], down[drop:], diagonal[drop:], met_before[drop:]
            before = first
        met = positions[table[place, first:]]
        swapped = ((~diagonal & met) << one) & met_before
        diagonal = (((met & up) + up) ^ up) | met | down | swapped
        right_up = down | ~(diagonal | up)
        right_down = diagonal & up
        current = distances[first:]
        current += (right_up & last) != 0
        current -= (right_down & last) != 0
        right_up = (right_up << one) | one
        up = (right_down << one) | ~(diagonal | right_up)
        down = right_up & diagonal
        met_before = met
    return distances
