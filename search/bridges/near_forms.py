"""Which forms of a lexicon are within a few edits of a word?

A million forms are looked through in three steps, each over arrays: those of about the word's length (the forms are kept in
the order of their length), of them those that lack few of its letters and have few others (a bit a letter), of them those
whose distance is small. The distance is Damerau's, each pair of letters swapped once (optimal string alignment), computed
bit-parallel as in H. Hyyrö, "A Bit-Vector Algorithm for Computing Levenshtein and Damerau Edit Distances", 2003: a number holds
a whole column of the table, and an array of numbers that of all forms at once.

Only words all in Latin or all in Russian letters take part; an abbreviation counts as its small letters. е and ё are one letter.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from naidi.indexer.codec.segment import Segment

Letters = npt.NDArray[np.uint8]
Masks = npt.NDArray[np.uint32]
Integers = npt.NDArray[np.int64]

LATIN, RUSSIAN = 0, 1
LONGEST = 32  # letters of a word: the bits of a number
_LONGEST_FORM = LONGEST + 4
ALPHABETS = ("abcdefghijklmnopqrstuvwxyz'", "абвгдежзийклмнопрстуфхцчшщъыьэюя")
_WORDS = (re.compile("[a-z']+"), re.compile("[а-я]+"))
_FORMS_AT_ONCE = 1 << 16

_SWAPPED_YO = 0x91  # the second byte of ё, and of the capital Б
_FIRST_OF_YO = 0xD1
_LETTER_E = 6


def _letter_table() -> Letters:
    """Byte of UTF-8 -> letter, counted from 1: a Latin letter's only byte, a Russian letter's second one. 0: neither."""
    table = np.zeros(256, np.uint8)
    for alphabet in ALPHABETS:
        for number, letter in enumerate(alphabet, 1):
            for case in (letter, letter.upper()):
                table[case.encode()[-1]] = number
    return table


def _kind_table() -> Letters:
    """Byte -> bit 1 if it can be part of a Latin word, bit 2 of a Russian one; both for the line feed."""
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
    """LATIN or RUSSIAN for a word in small letters of that alphabet alone (fold ё before), else None."""
    for alphabet, pattern in enumerate(_WORDS):
        if pattern.fullmatch(word):
            return alphabet
    return None


def letters_of(word: str, alphabet: int) -> list[int]:
    """The numbers of the word's letters in the alphabet, from 1."""
    return [ALPHABETS[alphabet].index(letter) + 1 for letter in word]


class Shapes(NamedTuple):
    """The forms of a segment that can be compared, in the order of alphabet and length.

    numbers: of the forms. masks: a bit for each letter that occurs. bounds: where each length begins, of both alphabets.
    """

    numbers: npt.NDArray[np.uint32]
    masks: Masks
    bounds: npt.NDArray[np.int64]

    @property
    def size(self) -> int:
        """Bytes."""
        return self.numbers.nbytes + self.masks.nbytes + self.bounds.nbytes

    def span(self, alphabet: int, length: int) -> slice:
        """Where the forms of so many letters stand."""
        if not 1 <= length <= _LONGEST_FORM:
            return slice(0)
        first = alphabet * (_LONGEST_FORM + 1) + length
        return slice(int(self.bounds[first]), int(self.bounds[first + 1]))


def shapes_of(segment: Segment) -> Shapes:
    """The shapes of the segment's forms: 8 bytes a form, about .1 s a million."""
    data, ends = segment.container["forms.bytes"], segment.container["forms.ends"]
    count = len(ends)
    masks = np.zeros(count, np.uint32)
    groups = np.zeros(count, np.uint8)
    none = 2 * (_LONGEST_FORM + 1)
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
        groups[first:last] = np.where(fits, (kinds == 1 << RUSSIAN) * (_LONGEST_FORM + 1) + lengths, none)
    order = np.argsort(groups, kind="stable")
    bounds = np.searchsorted(groups[order], np.arange(none + 1))
    numbers = np.asarray(order[: bounds[-1]], np.uint32)
    return Shapes(numbers, masks[numbers], np.asarray(bounds, np.int64))


def _few_bits(masks: Masks, most: int) -> npt.NDArray[np.bool_]:
    """Whether at most so many bits are set; the masks are spent."""
    lowered = np.empty_like(masks)
    for _ in range(most):
        np.subtract(masks, np.uint32(1), out=lowered)
        np.bitwise_and(masks, lowered, out=masks)
    return np.equal(masks, 0)


def _with_similar_letters(
    shapes: Shapes, span: slice, mask: np.uint32, longer: int, max_edits: int
) -> npt.NDArray[np.uint32]:
    """Of forms of one length those that few enough edits can make of the word, as far as letters tell: an edit that makes a word
    longer or shorter changes no letter."""
    masks = shapes.masks[span]
    fits = np.flatnonzero(_few_bits(masks & ~mask, max_edits - max(-longer, 0)))
    fits = fits[_few_bits(~masks[fits] & mask, max_edits - max(longer, 0))]
    return shapes.numbers[span][fits]


class Near(NamedTuple):
    """Forms near a word. numbers: of the forms. lengths: in letters, ascending. letters: a row a place, a column a form; 0 behind
    the end. distances: edits."""

    numbers: Integers
    lengths: Integers
    letters: Letters
    distances: Letters


def near_forms(segment: Segment, shapes: Shapes, word: str, max_edits: int) -> Near:
    """The forms within so many edits of the word, among them the word itself.

    word: small letters of one alphabet, ё folded, at most LONGEST of them. A form with letters that only look like the
    alphabet's in UTF-8 (Ukrainian і) may be among them: who decodes the forms sees it.
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
    data, ends = segment.container["forms.bytes"], segment.container["forms.ends"]
    starts = np.where(numbers > 0, ends[np.maximum(numbers - 1, 0)], 0).astype(np.int64)
    width = 1 + alphabet
    lengths = (ends[numbers].astype(np.int64) - starts - 1) // width
    table = _letters_of_forms(data, starts, lengths, alphabet)
    distances = _distances(table, lengths, letters)
    keep = np.flatnonzero(distances <= max_edits)
    return Near(numbers[keep], lengths[keep], table[:, keep], distances[keep])


def _letters_of_forms(data: npt.NDArray[np.uint8], starts: Integers, lengths: Integers, alphabet: int) -> Letters:
    """The letters of forms of ascending length: a row a place, a column a form."""
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
    """The edit distance of the word to each form."""
    positions = np.zeros(64, np.uint32)
    for place, letter in enumerate(word):
        positions[letter] |= np.uint32(1 << place)
    last = np.uint32(1 << (len(word) - 1))
    one = np.uint32(1)
    count = len(lengths)
    distances = np.full(count, len(word), np.uint8)
    # Along a column the distance goes up (or down) by one where these bits are set.
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
