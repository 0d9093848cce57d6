"""Was a word typed with the keyboard switched to the other language?

`dfrwbyf` is «вакцина» typed on a keyboard left in English (QWERTY), `мфссшту` is "vaccine" on one left in Russian (ЙЦУКЕН).
Seven Russian letters, and their capitals, lie on keys that are punctuation in English: х ъ ж э б ю ё on [ ] ; ' , . `.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from naidi.indexer.analysis.tokenizer import tokenize

_LATIN = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`QWERTYUIOP{}ASDFGHJKL:\"ZXCVBNM<>~"
_RUSSIAN = "йцукенгшщзхъфывапролджэячсмитьбюёЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮЁ"
_TO_RUSSIAN = str.maketrans(_LATIN, _RUSSIAN)
_TO_LATIN = str.maketrans(_RUSSIAN, _LATIN)

_HAS_LATIN = re.compile("[A-Za-z]")
_HAS_RUSSIAN = re.compile("[А-Яа-яЁё]")
_STAYS = r"0-9\-–—_/&+"
_TYPED_IN_LATIN = re.compile(rf"[A-Za-z{re.escape(_LATIN)}{_STAYS}]+")
_TYPED_IN_RUSSIAN = re.compile(rf"[А-Яа-яЁё.,;:'’{_STAYS}]+")

# What belongs to the query language, not to a word.
_OPERATORS = frozenset(("AND", "OR", "NOT", "TO"))
_CHUNK = re.compile(r"\S+")
_BEFORE = re.compile(r"[+\-(«“„‟”»]*(?:(?:title|body):)?[=(«“„‟”»]*", re.IGNORECASE)
_BEHIND = re.compile(r'(?:[)"»“”*?!…]|[\^~][0-9.]*)*$')
_FILTER = re.compile(r"[+\-(]*(?:date|lang|language):", re.IGNORECASE)

_PUNCTUATION_KEYS = "[];',.`{}:\"<>~"
# Runs of letters up to so long say nothing inside a word that punctuation keys cut up, and behind one: `j,]trn` is «объект».
_INNER_FRAGMENT, _FRAGMENT = 3, 2
# What a word on the Russian layout may turn into: «эмс» is not "'vc", nor «глюкс» "uk.rc". Seven letters make room for `node.js`.
_ENGLISH = re.compile(
    r"""
    [A-Z]?[a-z]+ (?: ['’](?:s|t|d|m|re|ve|ll) )?
    | [A-Za-z0-9]+ (?: [\-_/&+][A-Za-z0-9]+ )*
    | (?= .{7} ) [A-Za-z]{2,} (?: \.[A-Za-z]{2,} )+
    """,
    re.VERBOSE,
)
_PUNCTUATION_BEHIND = re.compile("(?<=[A-Za-z]{3})[,;:.]$")

# Any two letters are a word or an abbreviation of some language.
_SHORT = 2

# Longer ones were not typed by hand.
_LONGEST_QUERY, _LONGEST_CHUNK = 10_000, 100


def turned(text: str) -> str | None:
    """The text as the same keys write it with the other layout, case kept; None where it can be no slip of this kind.

    A text with Russian letters turns to Latin, any other to Russian, punctuation keys included. None if it has letters of both
    alphabets, characters that are neither on a letter's key nor digits, hyphens and the like, or no letter to be turned.

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


def mend_layout(query: str, knows: Callable[[str], bool]) -> tuple[str, list[tuple[str, str]]]:
    """(the query with such words turned, what was turned into what, in order).

    query: as typed, in the query language; operators, fields, signs, date ranges and suffixes stay as they are. knows: whether
    the index has a word, in any case, as a form or one of its keys. A chunk between white space is turned only where the index
    knows no word of it as it stands, and every word of what it turns into; one or two letters only in the company of a longer
    word.
    """
    if len(query) > _LONGEST_QUERY:
        return query, []
    quotes_are_balanced = query.count('"') % 2 == 0
    mends = []
    for found in _CHUNK.finditer(query):
        chunk = found[0]
        if len(chunk) <= _LONGEST_CHUNK and chunk not in _OPERATORS and not _FILTER.match(chunk):
            mend = _mend(chunk, knows, quotes_are_balanced)
            if mend is not None:
                start, end, word = mend
                mends.append((found.start() + start, found.start() + end, word))
    if all(len(word) <= _SHORT for _, _, word in mends):
        return query, []
    parts, at = [], 0
    for start, end, word in mends:
        parts += [query[at:start], word]
        at = end
    return "".join((*parts, query[at:])), [(query[start:end], word) for start, end, word in mends]


def _mend(chunk: str, knows: Callable[[str], bool], quotes_are_balanced: bool) -> tuple[int, int, str] | None:
    """(start, end, what should stand there) of the part of the chunk that is to be turned."""
    russian = _HAS_RUSSIAN.search(chunk) is not None
    if russian == (_HAS_LATIN.search(chunk) is not None) and (russian or not _may_be_russian(chunk)):
        return None
    before, behind = _BEFORE.match(chunk), _BEHIND.search(chunk)
    assert before is not None and behind is not None  # both match nothing, too
    start, end = before.end(), max(behind.start(), before.end())
    if _knows_any(chunk[start:end], knows, russian):
        return None
    for low, high in _trimmed(chunk, start, end, quotes_are_balanced):
        word = turned(chunk[low:high])
        if word is None or (russian and not _ENGLISH.fullmatch(_PUNCTUATION_BEHIND.sub("", word))):
            continue
        words = [token.text for token in tokenize(word)]
        if words and all(map(knows, words)):
            return low, high, word
    return None


def _may_be_russian(chunk: str) -> bool:
    """Whether a chunk without letters may be a Russian word: `'` alone is none, `.,` is hardly «юб»."""
    return sum(character in _PUNCTUATION_KEYS for character in chunk) > _FRAGMENT


def _knows_any(word: str, knows: Callable[[str], bool], russian: bool) -> bool:
    """Whether some word is known of what was typed; fragments beside punctuation keys do not count."""
    says_nothing = 0
    if not russian:
        if any(key in _PUNCTUATION_KEYS for key in word.strip(_PUNCTUATION_KEYS + "!?")):
            says_nothing = _INNER_FRAGMENT
        elif word[:1] in _PUNCTUATION_KEYS:
            says_nothing = _FRAGMENT
    texts = (token.text for token in tokenize(word))
    return any(len(text) > says_nothing and not text.isdigit() and knows(text) for text in texts)


def _trimmed(chunk: str, start: int, end: int, quotes_are_balanced: bool) -> Iterator[tuple[int, int]]:
    """The part, then with fewer and fewer punctuation keys at its ends: such a key may be a letter or punctuation."""
    core = chunk[start:end]
    lead = len(core) - len(core.lstrip(_PUNCTUATION_KEYS))
    trail = len(core) - len(core.rstrip(_PUNCTUATION_KEYS + "!?"))
    for cut in range(lead + trail + 1):
        for left in range(max(cut - trail, 0), min(cut, lead) + 1):
            low, high = start + left, end - (cut - left)
            if low < high and not (quotes_are_balanced and '"' in chunk[low:high]):
                yield low, high
