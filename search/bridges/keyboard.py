"""Finds and mends words that were typed in the wrong keyboard layout.

`dfrwbyf` is «вакцина» typed in the English layout (QWERTY), `мфссшту` is "vaccine" typed in the Russian one (ЙЦУКЕН). Seven
Russian letters are on keys that are punctuation in English: х ъ ж э б ю ё on [ ] ; ' , . `. So are their capitals.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import islice

from naidi.indexer.analysis.tokenizer import tokenize

from ..budget import MAX_HELPED, check
from .function_words import is_function_word

_LATIN = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`QWERTYUIOP{}ASDFGHJKL:\"ZXCVBNM<>~"
_RUSSIAN = "йцукенгшщзхъфывапролджэячсмитьбюёЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮЁ"
_TO_RUSSIAN = str.maketrans(_LATIN, _RUSSIAN)
_TO_LATIN = str.maketrans(_RUSSIAN, _LATIN)

_HAS_LATIN = re.compile("[A-Za-z]")
_HAS_RUSSIAN = re.compile("[А-Яа-яЁё]")
_STAYS = r"0-9\-–—_/&+"
_TYPED_IN_LATIN = re.compile(rf"[A-Za-z{re.escape(_LATIN)}{_STAYS}]+")
_TYPED_IN_RUSSIAN = re.compile(rf"[А-Яа-яЁё.,;:'’{_STAYS}]+")

# Parts of the query language, not of words.
_OPERATORS = frozenset(("AND", "OR", "NOT", "TO"))
_CHUNK = re.compile(r"\S+")
_BEFORE = re.compile(r"[+\-(«“„‟”»]*(?:(?:title|body):)?[=(«“„‟”»]*", re.IGNORECASE)
_BEHIND = re.compile(r'(?:[)"»“”*?!…]|[\^~][0-9.]*)*$')
_FILTER = re.compile(r"[+\-(]*(?:date|lang|language):", re.IGNORECASE)

_PUNCTUATION_KEYS = "[];',.`{}:\"<>~"
# Longest run of letters that is no evidence of an English word: inside a word that punctuation keys cut up, and behind a
# punctuation key. `j,]trn` is «объект».
_INNER_FRAGMENT, _FRAGMENT = 3, 2
# The words that one typed in the Russian layout may turn into: «эмс» is not "'vc", nor «глюкс» "uk.rc". `node.js` has the
# seven characters that a name with a full stop needs.
_ENGLISH = re.compile(
    r"""
    [A-Z]?[a-z]+ (?: ['’](?:s|t|d|m|re|ve|ll) )?
    | [A-Za-z0-9]+ (?: [\-_/&+][A-Za-z0-9]+ )*
    | (?= .{7} ) [A-Za-z]{2,} (?: \.[A-Za-z]{2,} )+
    """,
    re.VERBOSE,
)
_PUNCTUATION_BEHIND = re.compile("(?<=[A-Za-z]{3})[,;:.]$")

# Words up to this length: any two letters are a word or an abbreviation of some language, and any three are often enough.
_SHORT, _RATHER_SHORT = 2, 3

_HAS_VOWEL = re.compile("[aeiouyаеёиоуыэюя]", re.IGNORECASE)

# Longer queries and chunks were not typed by hand.
_LONGEST_QUERY, _LONGEST_CHUNK = 10_000, 100


def turned(text: str) -> str | None:
    """The text that the same keys write in the other layout, case kept; None if the layout cannot be the mistake.

    A text with Russian letters turns to Latin, any other to Russian, punctuation keys included. The result is None for a
    text with letters of both alphabets, or without a letter to be turned. It is also None for a text with other characters
    than those on keys of letters, digits, hyphens and the like.

    >>> turned("dfrwbyf"), turned("Мфссшту"), turned("j,]trn"), turned("кофе break")
    ('вакцина', 'Vaccine', 'объект', None)
    """
    if _TYPED_IN_RUSSIAN.fullmatch(text):
        return text.translate(_TO_LATIN) if _HAS_RUSSIAN.search(text) else _letters_only(text)
    return _letters_only(text)


def _letters_only(text: str) -> str | None:
    if not _TYPED_IN_LATIN.fullmatch(text):
        return None
    russian = text.translate(_TO_RUSSIAN)
    return russian if russian != text else None


def mend_layout(
    query: str,
    knows: Callable[[str], bool],
    makes_sense: Callable[[str], bool] | None = None,
    is_right: Callable[[str], bool] = is_function_word,
) -> tuple[str, list[tuple[str, str]]]:
    """Mend words of a query that were typed in the wrong keyboard layout.

    A chunk between white space is turned if the index knows no word of it as typed, and every word that it turns into makes
    sense. One or two letters are turned only if a longer word of the query is. Three letters with a vowel, a function word as
    typed (`her`, «рук») and any other word that may be right as typed are turned only if all words of a query of several are, and
    one of these is longer and not right as typed. Operators, fields, signs, date ranges and suffixes stay. The first MAX_HELPED
    chunks are looked at.

    Parameters:
      query: as typed, in the query language.
      knows: whether the index has a word, in any case, as a form or by one of its keys.
      makes_sense: whether a word may have been meant; None for `knows`.
      is_right: whether a word that is no function word may be right as typed, though the index lacks it.

    Returns (the mended query, pairs of the typed part and the part in its place, in order).
    """
    if len(query) > _LONGEST_QUERY:
        return query, []
    quotes_are_balanced = query.count('"') % 2 == 0
    mends = []
    stays = False  # whether a word is not turned
    for found in islice(_CHUNK.finditer(query), MAX_HELPED):
        chunk = found[0]
        check()
        if len(chunk) <= _LONGEST_CHUNK and chunk not in _OPERATORS and not _FILTER.match(chunk):
            mend = _mend(chunk, knows, makes_sense or knows, quotes_are_balanced)
            if mend is not None:
                start, end, word = mend
                mends.append((found.start() + start, found.start() + end, word))
            else:
                stays = stays or any(map(str.isalpha, chunk))
    if mends:
        mends = _believable(query, mends, stays, is_right)
    if not mends:
        return query, []
    parts, at = [], 0
    for start, end, word in mends:
        parts += [query[at:start], word]
        at = end
    return "".join((*parts, query[at:])), [(query[start:end], word) for start, end, word in mends]


def _believable(
    query: str, mends: list[tuple[int, int, str]], stays: bool, is_right: Callable[[str], bool]
) -> list[tuple[int, int, str]]:
    """The mends without those of words that may be right. stays: whether a word of the query is not turned."""
    sure = []
    for mend in mends:
        typed = query[mend[0] : mend[1]]
        if not is_function_word(typed) and (_has_inner_key(typed) or not is_right(typed)):
            sure.append(mend)
    longer = [mend for mend in sure if _letters(mend[2]) > _SHORT]
    if stays or len(mends) == 1 or not longer:
        mends = [mend for mend in sure if _letters(mend[2]) != _RATHER_SHORT or _is_no_word(query[mend[0] : mend[1]])]
    return mends if any(_letters(mend[2]) > _SHORT for mend in mends) else []


def _letters(word: str) -> int:
    return sum(map(str.isalpha, word))


def _is_no_word(typed: str) -> bool:
    """Whether nobody can speak what was typed: it has no vowel (`ljv`, дом), or a punctuation key within."""
    return _has_inner_key(typed) or not _HAS_VOWEL.search(typed)


def _has_inner_key(typed: str) -> bool:
    """Whether a punctuation key stands before a letter: then no Latin word was typed, however short."""
    return any(key in _PUNCTUATION_KEYS for key in typed[:-1])


def _mend(
    chunk: str, knows: Callable[[str], bool], makes_sense: Callable[[str], bool], quotes_are_balanced: bool
) -> tuple[int, int, str] | None:
    """(start, end, the text in its place) of the part of the chunk that is to be turned, or None."""
    russian = _HAS_RUSSIAN.search(chunk) is not None
    if russian == (_HAS_LATIN.search(chunk) is not None) and (russian or not _may_be_russian(chunk)):
        return None
    before, behind = _BEFORE.match(chunk), _BEHIND.search(chunk)
    assert before is not None and behind is not None  # both also match the empty string
    start, end = before.end(), max(behind.start(), before.end())
    if _knows_any(chunk[start:end], knows, russian):
        return None
    for low, high in _trimmed(chunk, start, end, quotes_are_balanced):
        word = turned(chunk[low:high])
        if word is None or (russian and not _ENGLISH.fullmatch(_PUNCTUATION_BEHIND.sub("", word))):
            continue
        words = [token.text for token in tokenize(word)]
        if words and all(map(makes_sense, words)):
            return low, high, word
    return None


def _may_be_russian(chunk: str) -> bool:
    """Whether a chunk without letters may be a Russian word. `'` alone is none, and `.,` is hardly «юб»."""
    return sum(character in _PUNCTUATION_KEYS for character in chunk) > _FRAGMENT


def _knows_any(word: str, knows: Callable[[str], bool], russian: bool) -> bool:
    """Whether the index knows any word of the typed part. Fragments beside punctuation keys do not count."""
    says_nothing = 0
    if not russian:
        if any(key in _PUNCTUATION_KEYS for key in word.strip(_PUNCTUATION_KEYS + "!?")):
            says_nothing = _INNER_FRAGMENT
        elif word[:1] in _PUNCTUATION_KEYS:
            says_nothing = _FRAGMENT
    texts = (token.text for token in tokenize(word))
    return any(len(text) > says_nothing and not text.isdigit() and knows(text) for text in texts)


def _trimmed(chunk: str, start: int, end: int, quotes_are_balanced: bool) -> Iterator[tuple[int, int]]:
    """The part, then the part with fewer and fewer punctuation keys at its ends: each may be a letter or punctuation."""
    core = chunk[start:end]
    lead = len(core) - len(core.lstrip(_PUNCTUATION_KEYS))
    trail = len(core) - len(core.rstrip(_PUNCTUATION_KEYS + "!?"))
    for cut in range(lead + trail + 1):
        for left in range(max(cut - trail, 0), min(cut, lead) + 1):
            low, high = start + left, end - (cut - left)
            if low < high and not (quotes_are_balanced and '"' in chunk[low:high]):
                yield low, high
