"""Which letters give a form away?

A form is looked for by its beginning: the forms of a word mostly differ at their ends, so a word has one or two of them.
What is found that way may be another word and has to be examined.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from naidi.indexer.analysis.normalize import APOSTROPHES, INVISIBLE

# A beginning shorter than this hits too many other words, so a form that short is looked for as a whole word.
_BEGINNING = 4
_LONGEST_BEGINNING = 32
# A whole word this short stands inside too many others: it is looked for with the blank before it.
_SHORT = 2
# From this many beginnings on (a wildcard's forms) it is faster to look at every word once.
MANY_BEGINNINGS = 40
# From this length on a table is a faster way to small letters than `str.lower`, except for ASCII.
_TABLE_FROM = 1_200

_MARK_RANGES = ((0x0300, 0x036F), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF))
MARKS = "".join(f"{chr(first)}-{chr(last)}" for first, last in _MARK_RANGES) + INVISIBLE
MARK_CHARACTERS = frozenset(INVISIBLE).union(*(map(chr, range(first, last + 1)) for first, last in _MARK_RANGES))
# Where letters are that have capitals, in the first plane.
_CASED = (
    (0, 0x600),
    (0x10A0, 0x1400),
    (0x1C80, 0x2000),
    (0x2100, 0x2200),
    (0x2480, 0x2500),
    (0x2C00, 0x2E00),
    (0xA600, 0xAC00),
    (0xFF00, 0xFF60),
)
_COMMON_MARKS = f"{INVISIBLE}\u0300\u0301\u0306\u0308"
# Letters that fold to several («ß») or in another way than to their small letter («ς»), and few others.
_FOLDED = "µßŉſǰ\u0345ΐΰςϐ-ϖϰ-ϵև\u13a0-\u13fd\u1c80-\u1c88\u1e96-\u1e9e\u1f50-\u1fff\uab70-\uabbf\ufb00-\ufb17"
_ODD = re.compile(f"[{MARKS}{_FOLDED}]")
_LATIN = re.compile("[A-Za-z]")
_CYRILLIC = re.compile("[\u0400-\u04ff]")
# A Latin letter in a word that may have a Cyrillic one as well.
_MIXED = re.compile(f"[A-Za-z](?:(?=[{APOSTROPHES}0-9]*[\u0400-\u04ff])|(?<=[\u0400-\u04ff{APOSTROPHES}0-9][A-Za-z]))")

Needle = tuple[str, int, int]
"""What to look for, how much of it stands before the word, and, if it is the whole word, its length, else 0."""


class Scan(NamedTuple):
    """How to look for the forms of one query word."""

    beginnings: tuple[str, ...]  # lower case; a word that begins so may be one of the forms
    whole: tuple[str, ...]  # lower case; short forms

    def needles(self) -> list[Needle]:
        """What finds every word that may be one of the forms, in a text in small letters."""
        return [(begin, 0, 0) for begin in self.beginnings] + [(form, 0, len(form)) for form in self.whole]

    def quick_needles(self) -> list[Needle]:
        """What finds most of them sooner: very short words behind a blank only."""
        needles = [(begin, 0, 0) for begin in self.beginnings]
        for form in self.whole:
            if len(form) > _SHORT:
                needles.append((form, 0, len(form)))
            else:
                needles += [(" " + form, 1, len(form)), ("\n" + form, 1, len(form))]
        return needles


def scan_for(forms: Iterable[str], prefixes: Sequence[str] = ()) -> Scan:
    """The shortest list of beginnings that covers the forms, and all forms with one of the prefixes."""
    beginnings: dict[str, str] = {}
    whole: dict[str, None] = {}
    for form in forms:
        lower = form.lower()
        if len(lower) <= _BEGINNING:
            whole[lower] = None
            continue
        first = lower[:_BEGINNING]
        common = beginnings.get(first)
        if common is None:
            beginnings[first] = lower
        else:
            while not lower.startswith(common):
                common = common[:-1]
            beginnings[first] = common
    for prefix in prefixes:
        beginnings[prefix] = prefix.lower()
    return Scan(tuple([common[:_LONGEST_BEGINNING] for common in beginnings.values()]), tuple(whole))


def small_letters(text: str) -> str:
    """The text in small letters and with straight apostrophes, of the same length."""
    if text.isascii():
        return text.lower()
    if len(text) > _TABLE_FROM:
        units = np.frombuffer(text.encode("utf-16-le", "surrogatepass"), np.uint16)
        return _lower_table().take(units).tobytes().decode("utf-16-le", "surrogatepass")
    lowered = text.lower()
    if len(lowered) != len(text):
        lowered = text.replace("İ", "I").lower()
    for apostrophe in APOSTROPHES[1:]:
        lowered = lowered.replace(apostrophe, "'")
    return lowered


@cache
def _lower_table() -> npt.NDArray[np.uint16]:
    """The small letter of every UTF-16 unit; halves of a pair stay as they are."""
    table = np.arange(0x10000, dtype=np.uint16)
    for first, last in _CASED:
        # A blank after each, or a capital sigma would look like the last letter of a word.
        letters = " ".join(map(chr, range(first, last))).replace("İ", "I").lower()[::2]
        table[first:last] = np.frombuffer(letters.encode("utf-16-le"), np.uint16)
    for apostrophe in APOSTROPHES:
        table[ord(apostrophe)] = ord("'")
    return table


def has_marks(text: str) -> bool:
    """Whether the text has one of the marks that are common inside words."""
    if not text.isascii():
        for mark in _COMMON_MARKS:  # half the time of `any`
            if mark in text:
                return True
    return False


def may_hide_words(text: str) -> bool:
    """Whether a word of the text may be spelled in a way that a scan passes over."""
    return not text.isascii() and (
        _ODD.search(text) is not None
        or (_LATIN.search(text) is not None and _CYRILLIC.search(text) is not None and _MIXED.search(text) is not None)
    )


def odd_places(text: str) -> list[int]:
    """Where characters stand by which a word may be spelled in a way that a scan passes over, ascending."""
    units = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    kinds = _kinds().take(units, mode="clip")
    odd = kinds == _ODD_CHARACTER
    # Latin and Cyrillic letters side by side, or with one digit or apostrophe between them.
    either = kinds & (_LATIN_LETTER | _CYRILLIC_LETTER)
    odd[1:] |= (either[1:] | either[:-1]) == (_LATIN_LETTER | _CYRILLIC_LETTER)
    odd[2:] |= ((either[2:] | either[:-2]) == (_LATIN_LETTER | _CYRILLIC_LETTER)) & (kinds[1:-1] == _JOINT)
    return np.flatnonzero(odd).tolist()


_LATIN_LETTER, _CYRILLIC_LETTER, _JOINT, _ODD_CHARACTER = 1, 2, 4, 8


@cache
def _kinds() -> npt.NDArray[np.uint8]:
    """The kind of each character; the last one stands for all beyond the first plane."""
    kinds = np.zeros(0x10000, np.uint8)
    kinds[ord("A") : ord("Z") + 1] = kinds[ord("a") : ord("z") + 1] = _LATIN_LETTER
    kinds[0x400:0x500] = _CYRILLIC_LETTER
    kinds[[ord(joint) for joint in f"0123456789{APOSTROPHES}"]] = _JOINT
    every = "".join(map(chr, (*range(0x80, 0x2100), *range(0xAB00, 0xB000), *range(0xFB00, 0x10000))))
    kinds[[ord(odd) for odd in _ODD.findall(every)]] = _ODD_CHARACTER
    return kinds
