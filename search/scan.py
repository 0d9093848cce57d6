"""Which letters give a form away?

A form is looked for by its beginning: the forms of a word mostly differ at their ends, so a word has one or two of them.
What is found that way may be another word and has to be examined.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from indexer.analysis.normalize import APOSTROPHES, INVISIBLE

# A beginning shorter than this hits too many other words, so a form that short is looked for as a whole word.
_BEGINNING = 4
_LONGEST_BEGINNING = 32
# From this many beginnings on (a wildcard's forms) it is faster to look at every word once.
MANY_BEGINNINGS = 40
# How much of a word after its beginning a phrase's pattern passes over; a bound, or text without blanks would be slow.
_LONGEST_TAIL = 40

_MARK_RANGES = ((0x0300, 0x036F), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF))
MARKS = "".join(f"{chr(first)}-{chr(last)}" for first, last in _MARK_RANGES) + INVISIBLE
MARK_CHARACTERS = frozenset(INVISIBLE).union(*(map(chr, range(first, last + 1)) for first, last in _MARK_RANGES))
# A superset of what the tokenizer repairs would do: whatever the scan finds is examined.
_TWINS = dict(zip("aceopxybhkmtiасеорхувнкмті", "асеорхувнкмтіaceopxybhkmti", strict=True))


class Scan(NamedTuple):
    """How to look for the forms of one query word."""

    beginnings: tuple[str, ...]  # lower case; a word that begins so may be one of the forms
    whole: tuple[str, ...]  # lower case; short forms
    forms: frozenset[str]


def scan_for(forms: AbstractSet[str]) -> Scan:
    """The shortest list of beginnings that covers the forms."""
    groups: dict[str, list[str]] = {}
    whole = set()
    for form in forms:
        lower = small_letters(form)
        if len(lower) <= _BEGINNING:
            whole.add(lower)
        else:
            groups.setdefault(lower[:_BEGINNING], []).append(lower)
    beginnings = (_common_beginning(group)[:_LONGEST_BEGINNING] for group in groups.values())
    return Scan(tuple(sorted(beginnings)), tuple(sorted(whole)), frozenset(forms))


def _common_beginning(words: list[str]) -> str:
    first, last = min(words), max(words)
    for position, letter in enumerate(first):
        if letter != last[position]:
            return first[:position]
    return first


def phrase_scan(phrase: tuple[frozenset[str], ...]) -> tuple[Scan, int, re.Pattern[str] | None]:
    """Which word of the phrase to look for, its position, and a pattern for that word with the next one behind it.

    The word whose shortest form is longest: it is likely the rarest. Not the last one if there is a choice, so that the
    pattern can rule out most places. No pattern for a phrase of one word or of very many forms.
    """
    position = max(range(max(1, len(phrase) - 1)), key=lambda place: min(map(len, phrase[place])))
    scan = scan_for(phrase[position])
    if position + 1 == len(phrase):
        return scan, position, None
    following = scan_for(phrase[position + 1])
    if max(len(one.beginnings) + len(one.whole) for one in (scan, following)) > MANY_BEGINNINGS:
        return scan, position, None
    first = "|".join(
        [*(rf"{re.escape(begin)}\S{{0,{_LONGEST_TAIL}}}?" for begin in scan.beginnings), *map(re.escape, scan.whole)]
    )
    second = "|".join(
        [*map(re.escape, following.beginnings), *(rf"{re.escape(form)}(?![^\W_])" for form in following.whole)]
    )
    return scan, position, re.compile(rf"(?:{first})(?=[\W_]+(?:{second}))")


def small_letters(text: str) -> str:
    """The text in small letters and with straight apostrophes, of the same length."""
    lowered = text.lower()
    if len(lowered) != len(text):
        lowered = text.replace("İ", "I").lower()
    if lowered.isascii():
        return lowered
    for apostrophe in APOSTROPHES:
        lowered = lowered.replace(apostrophe, "'")
    return lowered


def tolerant(beginning: str) -> str:
    """A pattern for the beginning with look-alike letters, composed or not, and marks between its letters."""
    marks = f"[{MARKS}]*"
    letters = []
    for letter in beginning:
        base, *accents = list(unicodedata.normalize("NFD", letter))
        apart = marks.join([f"[{re.escape(base)}{_TWINS.get(base, '')}]", *map(re.escape, accents)])
        letters.append(f"(?:{apart}|{re.escape(letter)})" if accents else apart)
    return marks.join(letters) + marks
