"""Detects the languages of many texts at once, for indexing. The results are those of `language.detect_language`.

Counts of letters and of common words decide nearly every English or Russian text. Array operations take these counts of
many texts together, on their bytes in the code page. `detect_language` decides the other texts, one by one.
"""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from .. import language
from ..language import detect_language
from .code_page import CODE_PAGE, OutsideCodePage, encoded
from .word_table import UNSEEN, WORD_BYTES, Array, WordTable, as_pairs

_AT_ONCE = 100  # texts at once: their arrays stay in the processor's cache

# Kinds of characters. A word is a run of letters with only edges between it and white space.
_WHITE, _EDGE, _LETTER, _OTHER = range(4)
_NO_LETTER = "\0"  # stands for characters that are neither letter nor edge nor white space


def _kind(character: str) -> int:
    if character.isspace():
        return _WHITE
    return _LETTER if character.isalpha() else _EDGE if character in language.EDGES else _OTHER


_KINDS = bytes(map(_kind, CODE_PAGE))
_SMALL = encoded(CODE_PAGE.lower(), "strict")
_CYRILLIC = [code for code, character in enumerate(CODE_PAGE) if language.CYRILLIC.fullmatch(character)]
_FIRST_CYRILLIC, _CYRILLIC_LETTERS = np.uint8(_CYRILLIC[0]), len(_CYRILLIC)  # neighbours in the code page
_FIRST_ACCENTED = np.uint8(CODE_PAGE.index("á"))  # from here on all are accented letters
_STRANGE = [
    n for n, c in enumerate(CODE_PAGE) if c.isalpha() and n not in _CYRILLIC and not language.LATIN.fullmatch(c)
]
_ENGLISH, _OTHER_LATIN = 1, 2  # bits
_HARD_SIGN = CODE_PAGE.index("ъ")
_BEHIND_HARD_SIGN = {n for n, character in enumerate(CODE_PAGE) if not language.BULGARIAN.match("ъ" + character)}


def _no_letter(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)
    lacking = error.object[error.start : error.end]
    if any(character.isalpha() or character.isspace() for character in lacking):
        raise OutsideCodePage
    return _NO_LETTER * len(lacking), error.end


codecs.register_error("naidi_no_letter", _no_letter)


def _common_words() -> WordTable:
    """The bits of each common word that the code page can write."""
    bits: dict[bytes, int] = {}
    for bit, words in ((_ENGLISH, language.ENGLISH), (_OTHER_LATIN, language.OTHER_LATIN)):
        for word in words:
            try:
                code = encoded(word, "naidi_no_letter")
            except OutsideCodePage:
                continue
            bits[code] = bits.get(code, 0) | bit
    lengths = np.fromiter(map(len, bits), np.int64, len(bits))
    low, high = as_pairs(b"".join(bits) + b" " * WORD_BYTES, np.cumsum(lengths) - lengths, lengths)
    table = WordTable()
    table.add(low, high, list(bits.values()))
    return table


_COMMON_WORDS = _common_words()


def detect_languages(texts: Sequence[str]) -> list[str]:
    """`detect_language` of each text."""
    found: list[str] = []
    for start in range(0, len(texts), _AT_ONCE):
        some = texts[start : start + _AT_ONCE]
        settled = _settled(some)
        found += [code or detect_language(text) for text, code in zip(some, settled, strict=True)]
    return found


def _settled(texts: Sequence[str]) -> list[str]:
    """The language of each text, or "" if the counts do not decide."""
    codes: list[bytes] = []
    for text in texts:
        try:
            codes.append(encoded(language.prose_of(text), "naidi_no_letter"))
        except OutsideCodePage:
            codes.append(b"")
    counts = _count(codes)
    running = (
        (counts.english > counts.other)
        & (counts.english >= language.ENGLISH_WORDS)
        & (counts.english >= language.ENGLISH_SHARE * counts.words)
    )
    latin = counts.letters - counts.cyrillic
    is_cyrillic = (counts.cyrillic >= latin) | ((counts.cyrillic > language.NAMES_AND_CODE * latin) & ~running)
    foreign = (counts.other > counts.english) & (
        counts.other >= np.maximum(language.OTHER_WORDS, language.OTHER_SHARE * counts.words)
    )
    settled = (counts.letters > 0) & ~counts.unclear
    english = settled & ~is_cyrillic & (running | ~foreign & ~counts.accented)
    russian = settled & is_cyrillic
    return ["en" if en else "ru" if ru else "" for en, ru in zip(english.tolist(), russian.tolist(), strict=True)]


class _Counts(NamedTuple):
    """Counts, with a value for each text.

    words: how many words.
    letters: letters in words.
    cyrillic: Cyrillic letters among them; the others are Latin.
    english, other: common words of English, and of other languages.
    accented: whether there are accented letters.
    unclear: whether there are hints of yet another language.
    """

    words: Array
    letters: Array
    cyrillic: Array
    english: Array
    other: Array
    accented: Array
    unclear: Array


def _count(codes: list[bytes]) -> _Counts:
    data = b" %b%b" % (b" ".join(codes), b" " * (WORD_BYTES + 1))
    text_ends = np.cumsum(np.fromiter(map(len, codes), np.int64, len(codes)) + 1)
    kinds = _codes(data.translate(_KINDS))
    small = data.translate(_SMALL)
    is_letter = kinds == _LETTER
    edges = np.flatnonzero(is_letter[1:] != is_letter[:-1]) + 1
    starts, ends = edges[0::2], edges[1::2]
    is_word = _is_white_behind_edges(kinds, starts, ends)
    starts, ends = starts[is_word], ends[is_word]
    lengths = ends - starts
    low, high = as_pairs(small, starts, lengths)
    bits = _COMMON_WORDS.find(low, high)
    bits[(bits == UNSEEN) | (lengths > WORD_BYTES)] = 0
    cyrillic_before = np.zeros(len(data) + 1, np.int32)
    np.cumsum(_codes(data) - _FIRST_CYRILLIC < _CYRILLIC_LETTERS, out=cyrillic_before[1:])
    # The words of each text are a run of words.
    bounds = np.concatenate((np.zeros(1, np.int64), np.searchsorted(starts, text_ends)))

    def sums(values: Array) -> Array:
        before = np.concatenate((np.zeros(1, np.int64), np.cumsum(values)))
        return np.diff(before[bounds])

    accented, unclear = np.zeros(len(codes), bool), np.zeros(len(codes), bool)
    accented[np.searchsorted(text_ends, np.flatnonzero(_codes(data) >= _FIRST_ACCENTED))] = True
    unclear[np.searchsorted(text_ends, _hints(small))] = True
    return _Counts(
        words=np.diff(bounds),
        letters=sums(lengths),
        cyrillic=sums(cyrillic_before[ends] - cyrillic_before[starts]),
        english=sums(bits & _ENGLISH),
        other=sums(bits >> 1),
        accented=accented,
        unclear=unclear,
    )


def _hints(small: bytes) -> list[int]:
    """The offsets of hints of another language: strange letters, and ъ as a vowel of Bulgarian. small: lower case."""
    found = [place for code in _STRANGE if code in small for place in np.flatnonzero(_codes(small) == code).tolist()]
    if _HARD_SIGN in small:
        signs = np.flatnonzero(_codes(small) == _HARD_SIGN)
        found += [place for place in signs.tolist() if small[place + 1] not in _BEHIND_HARD_SIGN]
    return found


def _codes(data: bytes) -> Array:
    return np.frombuffer(data, np.uint8)


def _is_white_behind_edges(kinds: Array, starts: Array, ends: Array) -> Array:
    """For each run, whether only edges, if anything, stand between it and white space on both sides."""
    before, after = kinds[starts - 1], kinds[ends]
    beside = np.flatnonzero(after == _EDGE)
    after[beside] = kinds[ends[beside] + 1]  # nearly always a comma or a full stop, then white space
    beside = np.flatnonzero((before == _EDGE) | (after == _EDGE))
    no_edge = np.flatnonzero(kinds != _EDGE)
    before[beside] = kinds[no_edge[np.searchsorted(no_edge, starts[beside]) - 1]]
    after[beside] = kinds[no_edge[np.searchsorted(no_edge, ends[beside])]]
    is_word: Array = (before == _WHITE) & (after == _WHITE)
    return is_word
