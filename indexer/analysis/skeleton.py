"""Skeletons of words: the consonants, each as a class that both alphabets share.

Ghebreyesus and Гебрейесус are both GBRSS. Vowels and й are left out. Doubled letters and digraphs count once. All sibilants
are one class. Most spellings of a word in the other alphabet have its skeleton or a near one (see
`naidi.search.bridges.near_skeletons`). So they can be looked up in a table of skeletons.

A class depends on a letter and its two neighbours. So the skeletons of a whole lexicon take a few array operations.
"""

from __future__ import annotations

import unicodedata

import numpy as np
import numpy.typing as npt

# A word that gets another skeleton makes stored hashes useless: raise RULES in `lemmatize/fingerprint` then.

# A class is the number of its letter here, from 1. Class 0 leaves no trace. "9" stands for any digit.
CLASSES = "BPVFDTSKGHLMNR9"

_LATIN = "abcdefghijklmnopqrstuvwxyz"
_CYRILLIC = "абвгдежзийклмнопрстуфхцчшщъыьэюя"
_LETTERS = f"\0{_LATIN}{_CYRILLIC}0"  # a symbol is an index into this; \0 stands for characters that are no letters
FIRST_CYRILLIC = _LETTERS.index("а")
_DIGIT = _LETTERS.index("0")
_SYMBOLS = 64
_LINE_FEED = _SYMBOLS - 1
_SKIPPED = 255  # marks that belong to the letter before
_AT_ONCE = 1 << 17  # bytes at once: their arrays stay in the processor's cache

# Letters whose canonical decomposition does not begin with the letter that they sound like.
_FOLDED = {
    "ß": "s", "ø": "o", "æ": "e", "œ": "e", "đ": "d", "ð": "d", "þ": "t", "ł": "l", "ı": "i", "ə": "e", "ŋ": "n", "ħ": "h",
    "č": "s", "ć": "s", "ç": "s", "ĉ": "s", "ț": "s", "ţ": "s",
    "ё": "е", "є": "е", "і": "и", "ї": "и", "ў": "у", "ґ": "г", "ј": "й", "љ": "л", "њ": "н", "ћ": "ч", "џ": "ж", "ђ": "ж",
    "қ": "к", "ғ": "г", "ң": "н", "ө": "о", "ү": "у", "ұ": "у", "һ": "х", "ә": "а",
}  # fmt: skip

_CONSONANTS = {
    "B": "bб", "P": "pп", "V": "vwв", "F": "fф", "D": "dд", "T": "tт", "S": "szxсзжцчшщ", "K": "ckqк", "G": "gг", "H": "hх",
    "L": "lл", "M": "mм", "N": "nн", "R": "rр", "9": "0",
}  # fmt: skip

_VOWELS = "aeiouy"
_NO_VOWELS = "".join(sorted(set(_LATIN) - set(_VOWELS))) + "\0"
# (letters before or "" for any, letters, letters after or "" for any, class or "" for none). Later rows win.
_IN_CONTEXT = [
    ("", "c", "eiyhszj", "S"),  # ce, ch, cs and cz
    ("", "k", "s", "S"),  # as x
    ("", "k", "h", "H"), ("k", "h", "", "H"),
    ("", "p", "h", "F"), ("p", "h", "", "F"),
    ("sczx", "h", "", "S"),  # sh, ch, zh
    ("t", "h", "", "T"), ("g", "h", "", "G"), ("r", "h", "", "R"), ("w", "h", "", "V"),
    ("bdjlmnvf", "h", "", ""),
    (_VOWELS, "h", _NO_VOWELS, ""),  # Kohl
    ("", "t", "szc", "S"), ("", "d", "szj", "S"), ("d", "j", "", "S"), ("", "d", "g", "G"),  # ts, tch, dz, dj, dge
    ("", "w", _NO_VOWELS.replace("h", ""), ""),  # Brown
    ("", "n", "bpm", "M"),
    ("", "т", "сзцчшщж", "S"), ("", "д", "сзцчшщж", "S"), ("", "к", "с", "S"), ("", "н", "бпм", "M"),
]  # fmt: skip


def _symbol_of(letter: str) -> int:
    """The symbol of a character; 0 for one that is no digit and no small letter of the two alphabets."""
    plain = _FOLDED.get(letter) or unicodedata.normalize("NFD", letter)[0]
    plain = _FOLDED.get(plain, plain)
    if plain in "0123456789":
        return _DIGIT
    return max(_LETTERS.find(plain), 0)


def _symbols() -> dict[int, int]:
    """Code point -> symbol, for all characters that have one. Combining marks have _SKIPPED."""
    letters = [
        *range(0x30, 0x3A),
        *range(0x61, 0x7B),
        *range(0xDF, 0x250),
        *range(0x430, 0x500),
        *range(0x1E00, 0x1F00),
    ]
    return {point: symbol for point in letters if (symbol := _symbol_of(chr(point)))} | dict.fromkeys(
        range(0x300, 0x340), _SKIPPED
    )


def _unit_symbols(of_points: dict[int, int]) -> npt.NDArray[np.uint8]:
    """UTF-16 code unit -> symbol."""
    table = np.zeros(1 << 16, np.uint8)
    table[0x0A] = _LINE_FEED
    table[list(of_points)] = list(of_points.values())
    return table


def _classes() -> npt.NDArray[np.uint8]:
    """[symbol before, symbol, symbol after] -> class."""
    table = np.zeros((_SYMBOLS,) * 3, np.uint8)

    def places(letters: str) -> list[int]:
        found = [_LETTERS.index(letter) for letter in letters]
        return found + [_LINE_FEED] * ("\0" in letters) if letters else list(range(_SYMBOLS))

    for name, letters in _CONSONANTS.items():
        table[:, places(letters)] = CLASSES.index(name) + 1
    for before, letters, after, name in _IN_CONTEXT:
        table[np.ix_(places(before), places(letters), places(after))] = CLASSES.index(name) + 1 if name else 0
    return table.ravel()


_OF_POINT = _symbols()
UNIT_SYMBOLS = _unit_symbols(_OF_POINT)  # UTF-16 code unit -> symbol
_CLASS = _classes()
CLASS_TABLE = _CLASS.tobytes()  # [symbol before, symbol, symbol after] -> class
_NAMES = ["", *CLASSES]
_NUMBERS = {name: number for number, name in enumerate(CLASSES, 1)}
# The factor of a class in the hash, by its place in the skeleton. From place 64 on the factors repeat.
_POWER = [pow(0x9E3779B1, place, 1 << 32) for place in range(1, 65)]
_POWERS = np.array(_POWER, np.uint32)


def classes(word: str) -> list[str]:
    """The class of each character of a case-folded word, "" for none. Equal neighbours are not joined yet."""
    of_point = _OF_POINT
    found = []
    before = 0
    symbols = [of_point.get(ord(letter), 0) for letter in word]
    if _SKIPPED in symbols:
        return _classes_without_marks(symbols)
    for symbol, after in zip(symbols, [*symbols[1:], 0], strict=False):
        found.append(_NAMES[CLASS_TABLE[before << 12 | symbol << 6 | after]])
        before = symbol
    return found


def _classes_without_marks(symbols: list[int]) -> list[str]:
    """As `classes`, for a word with marks. A mark has the class of its letter, so it adds nothing."""
    letters = [symbol for symbol in symbols if symbol != _SKIPPED]
    around = [0, *letters, 0]
    of_letters = [
        _NAMES[CLASS_TABLE[before << 12 | symbol << 6 | after]]
        for before, symbol, after in zip(around, letters, around[2:], strict=False)
    ]
    found: list[str] = []
    number = 0
    for symbol in symbols:
        if symbol == _SKIPPED:
            found.append(found[-1] if found else "")
        else:
            found.append(of_letters[number])
            number += 1
    return found


def skeleton(word: str) -> str:
    """The skeleton of a case-folded word, in letters of CLASSES; "" if it has no consonant.

    >>> skeleton("tokayev"), skeleton("токаев"), skeleton("churchill"), skeleton("черчилль")
    ('TKV', 'TKV', 'SRSL', 'SRSL')
    """
    found = before = ""
    for name in classes(word):
        if name != before:
            found += name
        before = name
    return found


def is_cyrillic(word: str) -> bool | None:
    """Whether a case-folded word begins with a Cyrillic letter rather than a Latin one; None if with neither."""
    symbol = next((found for letter in word if (found := _OF_POINT.get(ord(letter), 0)) != _SKIPPED), 0)
    return None if symbol in (0, _DIGIT) else symbol >= FIRST_CYRILLIC


def skeleton_hash(skeleton: str, *, cyrillic: bool) -> int:
    """The hash of a skeleton and an alphabet, as in `lexicon_hashes`. Its lowest bit is the alphabet. It is never 0."""
    hashed = 1
    for place, name in enumerate(skeleton):
        hashed += _NUMBERS[name] * _POWER[place & 63]
    return (hashed << 1 & 0xFFFFFFFF | cyrillic) or 2


def lexicon_hashes(lines: bytes) -> npt.NDArray[np.uint32]:
    """The hash of the skeleton and alphabet of each word (uint32). lines: UTF-8 words, each with a line feed behind it.

    0 for words that begin with no small letter of the two alphabets: digits, other scripts, abbreviations in capitals.
    (An abbreviation has a key in small letters too.)
    """
    found = []
    start = 0
    while start < len(lines):
        end = lines.find(b"\n", start + _AT_ONCE) + 1 or len(lines)
        found.append(_hashes(lines[start:end]))
        start = end
    return np.concatenate(found) if found else np.zeros(0, np.uint32)


def _hashes(lines: bytes) -> npt.NDArray[np.uint32]:
    """`lexicon_hashes` of a chunk."""
    units = np.frombuffer(lines.decode("utf-8", "replace").encode("utf-16-le"), np.uint16)
    symbols = UNIT_SYMBOLS[units]
    if symbols.max() == _SKIPPED:
        symbols = symbols[symbols != _SKIPPED]
    triples = symbols.astype(np.int32)
    context = triples << 6
    context[1:] |= triples[:-1] << 12
    context[:-1] |= triples[1:]
    classes = _CLASS[context]
    kept = classes != 0
    kept[1:] &= classes[1:] != classes[:-1]
    ends = np.flatnonzero(symbols == _LINE_FEED)
    counts = np.cumsum(kept, dtype=np.int32)[ends]
    numbers = classes[kept].astype(np.uint32)
    lengths = np.diff(counts, prepend=0)
    places = np.arange(len(numbers), dtype=np.int32) - np.repeat(counts - lengths, lengths)
    sums = np.concatenate((np.zeros(1, np.uint32), np.cumsum(numbers * _POWERS[places & 63], dtype=np.uint32)))
    found = (sums[counts] - sums[counts - lengths] + np.uint32(1)) << np.uint32(1)
    first = symbols[np.concatenate((np.zeros(1, np.int64), ends[:-1] + 1))]
    found |= first >= FIRST_CYRILLIC
    found[found == 0] = 2
    found[(first == 0) | (first == _DIGIT) | (first == _LINE_FEED)] = 0
    return found
